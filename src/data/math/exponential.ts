// The exponential functions, and the hyperbolic ones made of them. (fdlibm: e_exp.c, s_expm1.c, e_sinh.c, e_cosh.c, s_tanh.c)
import { highWord, lowWord, ofWords, withHigh } from "./words.ts";

const LN2_HI = 0.6931471803691238;
const LN2_LO = 1.9082149292705877e-10;
const INV_LN2 = Math.LOG2E;
/** Beyond these the answer is infinite, or zero. */
const OVERFLOW = 709.782712893384;
const UNDERFLOW = -745.1332191019411;
const TWO1023 = 8.98846567431158e307;
const TWO_M1000 = 9.332636185032189e-302;

const P1 = 0.16666666666666602;
const P2 = -0.0027777777777015593;
const P3 = 0.00006613756321437934;
const P4 = -0.0000016533902205465252;
const P5 = 4.1381367970572385e-8;

/** e to the power of x; off by less than 1 ulp. (e_exp.c) */
export function exp(x: number): number {
  const high = highWord(x);
  const size = high & 0x7fffffff;
  if (size >= 0x40862e42) {
    if (Number.isNaN(x)) return x;
    if (x > OVERFLOW) return Infinity;
    if (x < UNDERFLOW) return 0;
  }
  if (x === 1) return Math.E;
  let hi = 0;
  let lo = 0;
  let k = 0;
  let r = x;
  if (size > 0x3fd62e42) {
    // |x| > 0.5 ln 2: x = k ln 2 + r.
    k = size < 0x3ff0a2b2 ? (high < 0 ? -1 : 1) : Math.trunc(INV_LN2 * x + (high < 0 ? -0.5 : 0.5));
    hi = x - k * LN2_HI;
    lo = k * LN2_LO;
    r = hi - lo;
  } else if (size < 0x3e300000) return 1 + x;
  const t = r * r;
  const c = r - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))));
  if (k === 0) return 1 - ((r * c) / (c - 2) - r);
  const y = 1 - (lo - (r * c) / (2 - c) - hi);
  if (k === 1024) return y * 2 * TWO1023;
  if (k >= -1021) return y * ofWords(0x3ff00000 + (k << 20), 0);
  return y * ofWords(0x3ff00000 + ((k + 1000) << 20), 0) * TWO_M1000;
}

const Q1 = -0.03333333333333313;
const Q2 = 0.0015873015872548146;
const Q3 = -0.0000793650757867488;
const Q4 = 0.000004008217827329362;
const Q5 = -2.0109921818362437e-7;

/** exp(x) - 1, exact to the last places for small x too; off by less than 1 ulp. (s_expm1.c) */
export function expm1(x: number): number {
  const high = highWord(x);
  const size = high & 0x7fffffff;
  if (size >= 0x4043687a) {
    // |x| >= 56 ln 2
    if (Number.isNaN(x)) return x;
    if (x > OVERFLOW) return Infinity;
    if (high < 0) return -1;
  }
  if (size < 0x3c900000) return x;
  if (size <= 0x3fd62e42) return expm1Reduced(x, 0, 0);
  const k = size < 0x3ff0a2b2 ? (high < 0 ? -1 : 1) : Math.trunc(INV_LN2 * x + (high < 0 ? -0.5 : 0.5));
  const hi = x - k * LN2_HI;
  const lo = k * LN2_LO;
  const r = hi - lo;
  return expm1Reduced(r, hi - r - lo, k);
}

/** Of x = k ln 2 + r + c. */
function expm1Reduced(r: number, c: number, k: number): number {
  const half = 0.5 * r;
  const hxs = r * half;
  const r1 = 1 + hxs * (Q1 + hxs * (Q2 + hxs * (Q3 + hxs * (Q4 + hxs * Q5))));
  const t = 3 - r1 * half;
  let e = hxs * ((r1 - t) / (6 - r * t));
  if (k === 0) return r - (r * e - hxs);
  e = r * (e - c) - c;
  e -= hxs;
  if (k === -1) return 0.5 * (r - e) - 0.5;
  if (k === 1) return r < -0.25 ? -2 * (e - (r + 0.5)) : 1 + 2 * (r - e);
  const power = ofWords(0x3ff00000 + (k << 20), 0);
  if (k <= -2 || k > 56) {
    const y = 1 - (e - r);
    return (k === 1024 ? y * 2 * TWO1023 : y * power) - 1;
  }
  // 1 - 2^-k, or 2^-k
  if (k < 20) return (withHigh(1, 0x3ff00000 - (0x200000 >> k)) - (e - r)) * power;
  return (r - (e + withHigh(1, (0x3ff - k) << 20)) + 1) * power;
}

/** The exponential of half of |x|, twice: for |x| so large that exp(|x|) would be infinite. */
function halves(h: number, ax: number): number {
  const w = exp(0.5 * ax);
  return h * w * w;
}

function isBelowDoubleOverflow(x: number, size: number): boolean {
  return size < 0x408633ce || (size === 0x408633ce && lowWord(x) >>> 0 <= 0x8fb9f87d);
}

/** The hyperbolic sine. (e_sinh.c) */
export function sinh(x: number): number {
  const size = highWord(x) & 0x7fffffff;
  if (size >= 0x7ff00000) return x + x;
  const h = x < 0 ? -0.5 : 0.5;
  const ax = Math.abs(x);
  if (size < 0x40360000) {
    // |x| < 22
    if (size < 0x3e300000) return x;
    const t = expm1(ax);
    return size < 0x3ff00000 ? h * (2 * t - (t * t) / (t + 1)) : h * (t + t / (t + 1));
  }
  if (size < 0x40862e42) return h * exp(ax);
  return isBelowDoubleOverflow(x, size) ? halves(h, ax) : x * Infinity;
}

/** The hyperbolic cosine. (e_cosh.c) */
export function cosh(x: number): number {
  const size = highWord(x) & 0x7fffffff;
  if (size >= 0x7ff00000) return x * x;
  const ax = Math.abs(x);
  if (size < 0x3fd62e43) {
    const t = expm1(ax);
    const w = 1 + t;
    return size < 0x3c800000 ? w : 1 + (t * t) / (w + w);
  }
  if (size < 0x40360000) {
    const t = exp(ax);
    return 0.5 * t + 0.5 / t;
  }
  if (size < 0x40862e42) return 0.5 * exp(ax);
  return isBelowDoubleOverflow(x, size) ? halves(0.5, ax) : Infinity;
}

/** The hyperbolic tangent. (s_tanh.c) */
export function tanh(x: number): number {
  const size = highWord(x) & 0x7fffffff;
  if (Number.isNaN(x)) return x;
  const ax = Math.abs(x);
  let z = 1;
  if (size < 0x40360000) {
    if (size < 0x3e300000) return x;
    if (size >= 0x3ff00000) z = 1 - 2 / (expm1(2 * ax) + 2);
    else {
      const t = expm1(-2 * ax);
      z = -t / (t + 2);
    }
  }
  return x < 0 ? -z : z;
}
