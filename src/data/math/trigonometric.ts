// Sine, cosine, tangent. (fdlibm: s_sin.c, s_cos.c, s_tan.c, k_sin.c, k_cos.c, k_tan.c)
import { reduce } from "./reduction.ts";
import { highWord, ofWords, upperPart } from "./words.ts";

const S1 = -1.66666666666666324348e-1;
const S2 = 8.33333333332248946124e-3;
const S3 = -1.98412698298579493134e-4;
const S4 = 2.75573137070700676789e-6;
const S5 = -2.50507602534068634195e-8;
const S6 = 1.58969099521155010221e-10;

/** The sine of x + y, |x| <= pi/4. (k_sin.c) */
function sineOf(x: number, y: number, reduced: boolean): number {
  if ((highWord(x) & 0x7fffffff) < 0x3e400000) return x;
  const z = x * x;
  const v = z * x;
  const r = S2 + z * (S3 + z * (S4 + z * (S5 + z * S6)));
  return reduced ? x - (z * (0.5 * y - v * r) - y - v * S1) : x + v * (S1 + z * r);
}

const C1 = 4.16666666666666019037e-2;
const C2 = -1.38888888888741095749e-3;
const C3 = 2.48015872894767294178e-5;
const C4 = -2.75573143513906633035e-7;
const C5 = 2.0875723212981748279e-9;
const C6 = -1.13596475577881948265e-11;

/** The cosine of x + y, |x| <= pi/4. (k_cos.c) */
function cosineOf(x: number, y: number): number {
  const size = highWord(x) & 0x7fffffff;
  if (size < 0x3e400000) return 1;
  const z = x * x;
  const r = z * (C1 + z * (C2 + z * (C3 + z * (C4 + z * (C5 + z * C6)))));
  if (size < 0x3fd33333) return 1 - (0.5 * z - (z * r - x * y));
  const qx = size > 0x3fe90000 ? 0.28125 : ofWords(size - 0x00200000, 0);
  const hz = 0.5 * z - qx;
  return 1 - qx - (hz - (z * r - x * y));
}

/** The sine of x radians; off by less than 1 ulp, for large x too. (s_sin.c) */
export function sin(x: number): number {
  const { quarters, y, tail } = reduce(x);
  if ((highWord(x) & 0x7fffffff) <= 0x3fe921fb) return sineOf(x, 0, false);
  switch (quarters & 3) {
    case 0:
      return sineOf(y, tail, true);
    case 1:
      return cosineOf(y, tail);
    case 2:
      return -sineOf(y, tail, true);
    default:
      return -cosineOf(y, tail);
  }
}

/** The cosine of x radians; off by less than 1 ulp, for large x too. (s_cos.c) */
export function cos(x: number): number {
  const { quarters, y, tail } = reduce(x);
  switch (quarters & 3) {
    case 0:
      return cosineOf(y, tail);
    case 1:
      return -sineOf(y, tail, true);
    case 2:
      return -cosineOf(y, tail);
    default:
      return sineOf(y, tail, true);
  }
}

const PIO4 = 7.85398163397448278999e-1;
const PIO4_LO = 3.06161699786838301793e-17;
const T = [
  3.33333333333334091986e-1, 1.33333333333201242699e-1, 5.39682539762260521377e-2, 2.18694882948595424599e-2,
  8.86323982359930005737e-3, 3.59207910759131235356e-3, 1.45620945432529025516e-3, 5.88041240820264096874e-4,
  2.46463134818469906812e-4, 7.817944429395570923e-5, 7.14072491382608190305e-5, -1.85586374855275456654e-5,
  2.59073051863633712884e-5,
] as const;

/** The tangent of x + y, |x| <= pi/4, or for odd quarters -1 over it. (k_tan.c) */
function tangentOf(x0: number, y0: number, odd: boolean): number {
  const high = highWord(x0);
  const size = high & 0x7fffffff;
  if (size < 0x3e300000) return odd ? reciprocal(x0 + y0, y0 - (upperPart(x0 + y0) - x0)) : x0;
  const large = size >= 0x3fe59428;
  let x = x0;
  let y = y0;
  if (large) {
    if (high < 0) [x, y] = [-x, -y];
    x = PIO4 - x + (PIO4_LO - y);
    y = 0;
  }
  const z = x * x;
  const w = z * z;
  let r = T[1] + w * (T[3] + w * (T[5] + w * (T[7] + w * (T[9] + w * T[11]))));
  const v = z * (T[2] + w * (T[4] + w * (T[6] + w * (T[8] + w * (T[10] + w * T[12])))));
  const s = z * x;
  r = y + z * (s * (r + v) + y) + T[0] * s;
  const sum = x + r;
  if (large) {
    const sign = 1 - ((high >> 30) & 2);
    const one = odd ? -1 : 1;
    return sign * (one - 2 * (x - ((sum * sum) / (sum + one) - r)));
  }
  return odd ? reciprocal(sum, r - (upperPart(sum) - x)) : sum;
}

/** -1 / (upper part of w + v), more exactly than one division. */
function reciprocal(w: number, v: number): number {
  const a = -1 / w;
  const t = upperPart(a);
  const s = 1 + t * upperPart(w);
  return t + a * (s + t * v);
}

/** The tangent of x radians; off by less than 1 ulp, for large x too. (s_tan.c) */
export function tan(x: number): number {
  const { quarters, y, tail } = reduce(x);
  return tangentOf(y, tail, (quarters & 1) === 1);
}
