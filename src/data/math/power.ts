// Powers, cube roots, and the length of a vector. (fdlibm: e_pow.c, e_hypot.c; msun: s_cbrt.c)
import { bitsOf, highWord, lowWord, ofBits, ofWords, scale, upperPart, withHigh } from "./words.ts";

const TWO53 = 9007199254740992;
const BASES = [1, 1.5] as const;
const DP_H = [0, 0.5849624872207642] as const;
const DP_L = [0, 1.350039202129749e-8] as const;
const L1 = 0.5999999999999946;
const L2 = 0.4285714285785502;
const L3 = 0.33333332981837743;
const L4 = 0.272728123808534;
const L5 = 0.23066074577556175;
const L6 = 0.20697501780033842;
const P1 = 0.16666666666666602;
const P2 = -0.0027777777777015593;
const P3 = 0.00006613756321437934;
const P4 = -0.0000016533902205465252;
const P5 = 4.1381367970572385e-8;
const LG2 = Math.LN2;
const LG2_H = 0.6931471824645996;
const LG2_L = -1.904654299957768e-9;
const OVT = 8.008566259537294e-17;
const CP = 0.9617966939259756;
const CP_H = 0.9617967009544373;
const CP_L = -7.028461650952758e-9;
const INV_LN2 = Math.LOG2E;
const INV_LN2_H = 1.4426950216293335;
const INV_LN2_L = 1.9259629911266175e-8;

/** Whether y is an odd integer (1), an even one (2), or none (0). */
function parity(y: number): 0 | 1 | 2 {
  if (!Number.isInteger(y)) return 0;
  return Math.abs(y) >= TWO53 || y % 2 === 0 ? 2 : 1;
}

/** x to the power of y, as ECMAScript defines the special cases; off by less than 0.7 ulp. (e_pow.c) */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const ax = Math.abs(x);
  if (y === Infinity) return ax === 1 ? Number.NaN : ax > 1 ? Infinity : 0;
  if (y === -Infinity) return ax === 1 ? Number.NaN : ax > 1 ? 0 : Infinity;
  if (y === 1) return x;
  if (y === -1) return 1 / x;
  if (y === 2) return x * x;
  if (y === 0.5 && x >= 0 && !Object.is(x, -0)) return Math.sqrt(x);
  const kind = x < 0 || Object.is(x, -0) ? parity(y) : 2;
  if (ax === 0 || ax === 1 || ax === Infinity) {
    if (x === -1 && kind === 0) return Number.NaN;
    const z = y < 0 ? 1 / ax : ax;
    return kind === 1 ? -z : z;
  }
  if (kind === 0) return Number.NaN;
  return raise(ax, y, kind === 1 ? -1 : 1);
}

/** sign * ax^y, for a positive ax that is not 1. */
function raise(ax: number, y: number, sign: number): number {
  const size = highWord(ax);
  const exponentSize = highWord(y) & 0x7fffffff;
  const overflow = sign * Infinity;
  const underflow = sign * 0;
  let t1: number;
  let t2: number;
  if (exponentSize > 0x41e00000) {
    // |y| > 2^31
    if (exponentSize > 0x43f00000) return ax < 1 === y < 0 ? overflow : underflow;
    if (size < 0x3fefffff) return y < 0 ? overflow : underflow;
    if (size > 0x3ff00000) return y > 0 ? overflow : underflow;
    [t1, t2] = log2NearOne(ax);
  } else [t1, t2] = log2InParts(ax);
  const y1 = upperPart(y);
  const low = (y - y1) * t1 + y * t2;
  const high = y1 * t1;
  const z = low + high;
  const j = highWord(z);
  if (j >= 0x40900000) {
    if (((j - 0x40900000) | lowWord(z)) !== 0 || low + OVT > z - high) return overflow;
  } else if ((j & 0x7fffffff) >= 0x4090cc00) {
    if (((j - (0xc090cc00 | 0)) | lowWord(z)) !== 0 || low <= z - high) return underflow;
  }
  return sign * exp2(high, low, j);
}

/** The binary logarithm as a sum, for |ax - 1| <= 2^-20. */
function log2NearOne(ax: number): [number, number] {
  const t = ax - 1;
  const w = t * t * (0.5 - t * (0.3333333333333333 - t * 0.25));
  const u = INV_LN2_H * t;
  const v = t * INV_LN2_L - w * INV_LN2;
  const t1 = upperPart(u + v);
  return [t1, v - (t1 - u)];
}

/** The binary logarithm as a sum. */
function log2InParts(ax: number): [number, number] {
  let n = 0;
  let x = ax;
  if (highWord(x) < 0x00100000) {
    x *= TWO53;
    n -= 53;
  }
  const size = highWord(x);
  n += (size >> 20) - 0x3ff;
  const j = size & 0xfffff;
  let k: 0 | 1 = 0;
  let high = j | 0x3ff00000;
  // Below sqrt(3/2), below sqrt(3), above.
  if (j > 0x3988e) {
    if (j < 0xbb67a) k = 1;
    else {
      n += 1;
      high -= 0x00100000;
    }
  }
  x = withHigh(x, high);
  const u = x - BASES[k];
  const v = 1 / (x + BASES[k]);
  const ss = u * v;
  const sh = upperPart(ss);
  const th = ofWords(((high >> 1) | 0x20000000) + 0x00080000 + (k << 18), 0);
  const tl = x - (th - BASES[k]);
  const sl = v * (u - sh * th - sh * tl);
  let s2 = ss * ss;
  let r = s2 * s2 * (L1 + s2 * (L2 + s2 * (L3 + s2 * (L4 + s2 * (L5 + s2 * L6)))));
  r += sl * (sh + ss);
  s2 = sh * sh;
  const th3 = upperPart(3 + s2 + r);
  const tl3 = r - (th3 - 3 - s2);
  const a = sh * th3;
  const b = sl * th3 + tl3 * ss;
  const ph = upperPart(a + b);
  const pl = b - (ph - a);
  const zh = CP_H * ph;
  const zl = CP_L * ph + pl * CP + DP_L[k];
  const t1 = upperPart(zh + zl + DP_H[k] + n);
  return [t1, zl - (t1 - n - DP_H[k] - zh)];
}

/** 2 to the power of high + low; j is the high word of that sum. */
function exp2(high: number, low: number, j: number): number {
  const i = j & 0x7fffffff;
  let n = 0;
  let ph = high;
  if (i > 0x3fe00000) {
    let k = (i >> 20) - 0x3ff;
    n = j + (0x00100000 >> (k + 1));
    k = ((n & 0x7fffffff) >> 20) - 0x3ff;
    const t = ofWords(n & ~(0x000fffff >> k), 0);
    n = ((n & 0x000fffff) | 0x00100000) >> (20 - k);
    if (j < 0) n = -n;
    ph -= t;
  }
  const t = upperPart(low + ph);
  const u = t * LG2_H;
  const v = (low - (t - ph)) * LG2 + t * LG2_L;
  const z = u + v;
  const w = v - (z - u);
  const zz = z * z;
  const t1 = z - zz * (P1 + zz * (P2 + zz * (P3 + zz * (P4 + zz * P5))));
  const r = (z * t1) / (t1 - 2) - (w + z * w);
  const y = 1 - (r - z);
  const word = highWord(y) + (n << 20);
  return word >> 20 <= 0 ? scale(y, n) : withHigh(y, word);
}

const B1 = 715094163;
const B2 = 696219795;

/** The cube root; off by less than 0.7 ulp. (msun's s_cbrt.c) */
export function cbrt(x: number): number {
  const size = highWord(x) & 0x7fffffff;
  if (size >= 0x7ff00000 || x === 0) return x;
  const sign = highWord(x) & 0x80000000;
  const subnormal = size < 0x00100000;
  const word = subnormal ? highWord(x * 18014398509481984) & 0x7fffffff : size;
  let t = ofWords(sign | (Math.trunc(word / 3) + (subnormal ? B2 : B1)), 0);
  const r = t * t * (t / x);
  t =
    t *
    (1.87595182427177 +
      r * (-1.8849797954337717 + r * 1.6214297201053545) +
      r * r * r * (-0.758397934778766 + r * 0.14599619288661245));
  // Rounded to 23 bits, so that its square is exact.
  t = ofBits((bitsOf(t) + 0x80000000n) & 0xffffffffc0000000n);
  const s = t * t;
  const q = x / s;
  return t + t * ((q - t) / (t + t + q));
}

/** The length of the vector (x, y), without overflow on the way; off by less than 1 ulp. (e_hypot.c) */
export function hypot(x: number, y: number): number {
  const [p, q] = [Math.abs(x), Math.abs(y)];
  if (p === Infinity || q === Infinity) return Infinity;
  if (Number.isNaN(p) || Number.isNaN(q)) return Number.NaN;
  let [a, b] = highWord(p) >= highWord(q) ? [p, q] : [q, p];
  if (highWord(a) - highWord(b) > 0x3c00000) return a + b;
  let k = 0;
  if (highWord(a) > 0x5f300000) {
    k = 600;
    [a, b] = [scale(a, -600), scale(b, -600)];
  }
  if (highWord(b) < 0x20b00000) {
    if (b === 0) return a;
    const up = highWord(b) <= 0x000fffff ? 1022 : 600;
    k -= up;
    [a, b] = [scale(a, up), scale(b, up)];
  }
  const length = lengthOf(a, b);
  return k === 0 ? length : scale(length, k);
}

/** Of a >= b, in a range where nothing is lost. */
function lengthOf(a: number, b: number): number {
  const w = a - b;
  if (w > b) {
    const t1 = upperPart(a);
    const t2 = a - t1;
    return Math.sqrt(t1 * t1 - (b * -b - t2 * (a + t1)));
  }
  const a2 = a + a;
  const y1 = upperPart(b);
  const y2 = b - y1;
  const t1 = ofWords(highWord(a) + 0x00100000, 0);
  const t2 = a2 - t1;
  return Math.sqrt(t1 * y1 - (w * -w - (t1 * y2 + t2 * b)));
}
