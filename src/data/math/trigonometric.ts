// Sine, cosine, tangent. (fdlibm: s_sin.c, s_cos.c, s_tan.c, k_sin.c, k_cos.c, k_tan.c)
import { reduce } from "./reduction.ts";
import { highWord, ofWords, upperPart } from "./words.ts";

const S1 = -0.16666666666666632;
const S2 = 0.00833333333332249;
const S3 = -0.0001984126982985795;
const S4 = 0.0000027557313707070068;
const S5 = -2.5050760253406863e-8;
const S6 = 1.58969099521155e-10;

/** The sine of x + y, |x| <= pi/4. (k_sin.c) */
function sineOf(x: number, y: number, reduced: boolean): number {
  if ((highWord(x) & 0x7fffffff) < 0x3e400000) return x;
  const z = x * x;
  const v = z * x;
  const r = S2 + z * (S3 + z * (S4 + z * (S5 + z * S6)));
  return reduced ? x - (z * (0.5 * y - v * r) - y - v * S1) : x + v * (S1 + z * r);
}

const C1 = 0.0416666666666666;
const C2 = -0.001388888888887411;
const C3 = 0.00002480158728947673;
const C4 = -2.7557314351390663e-7;
const C5 = 2.087572321298175e-9;
const C6 = -1.1359647557788195e-11;

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

const PIO4 = 0.7853981633974483;
const PIO4_LO = 3.061616997868383e-17;
const T = [
  0.3333333333333341, 0.13333333333320124, 0.05396825397622605, 0.021869488294859542, 0.0088632398235993,
  0.0035920791075913124, 0.0014562094543252903, 0.0005880412408202641, 0.0002464631348184699, 0.00007817944429395571,
  0.00007140724913826082, -0.000018558637485527546, 0.00002590730518636337,
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
