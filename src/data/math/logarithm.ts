// Logarithms, and the inverse hyperbolic functions made of them. (fdlibm: e_log.c, s_log1p.c, e_log10.c; msun: e_log2.c, k_log.h)
import { highWord, lowWord, ofWords, upperPart, withHigh } from "./words.ts";

const LN2_HI = 0.6931471803691238;
const LN2_LO = 1.9082149292705877e-10;
const { LN2 } = Math;
const TWO54 = 18014398509481984;

const L1 = 0.6666666666666735;
const L2 = 0.3999999999940942;
const L3 = 0.2857142874366239;
const L4 = 0.22222198432149784;
const L5 = 0.1818357216161805;
const L6 = 0.15313837699209373;
const L7 = 0.14798198605116586;

/** What all logarithms say of what is not above zero, infinite or no number; null for the rest. */
function special(x: number): number | null {
  if (x === 0) return -Infinity;
  if (x < 0) return Number.NaN;
  return Number.isFinite(x) ? null : x;
}

/** The natural logarithm; off by less than 1 ulp. (e_log.c) */
export function log(x: number): number {
  const known = special(x);
  if (known !== null) return known;
  const subnormal = x < 2.2250738585072014e-308;
  const normal = subnormal ? x * TWO54 : x;
  const word = highWord(normal);
  const fraction = word & 0xfffff;
  const i = (fraction + 0x95f64) & 0x100000;
  const k = (subnormal ? -54 : 0) + (word >> 20) - 1023 + (i >> 20);
  // x = 2^k (1 + f)
  const f = withHigh(normal, fraction | (i ^ 0x3ff00000)) - 1;
  if ((0xfffff & (2 + fraction)) < 3) return logNearOne(f, k);
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const t1 = w * (L2 + w * (L4 + w * L6));
  const t2 = z * (L1 + w * (L3 + w * (L5 + w * L7)));
  const r = t2 + t1;
  if (((fraction - 0x6147a) | (0x6b851 - fraction)) > 0) {
    const hfsq = 0.5 * f * f;
    if (k === 0) return f - (hfsq - s * (hfsq + r));
    return k * LN2_HI - (hfsq - (s * (hfsq + r) + k * LN2_LO) - f);
  }
  if (k === 0) return f - s * (f - r);
  return k * LN2_HI - (s * (f - r) - k * LN2_LO - f);
}

/** For |f| < 2^-20. */
function logNearOne(f: number, k: number): number {
  if (f === 0) return k === 0 ? 0 : k * LN2_HI + k * LN2_LO;
  const r = f * f * (0.5 - 0.3333333333333333 * f);
  return k === 0 ? f - r : k * LN2_HI - (r - k * LN2_LO - f);
}

/** log(1 + x), exact to the last places for small x too; off by less than 1 ulp. (s_log1p.c) */
export function log1p(x: number): number {
  if (x < -1) return Number.NaN;
  if (x === -1) return -Infinity;
  const high = highWord(x);
  const size = high & 0x7fffffff;
  if (size >= 0x7ff00000) return x;
  if (size < 0x3e200000) return size < 0x3c900000 ? x : x - x * x * 0.5;
  // -0.2929 < x < 0.41422: no reduction
  if (high < 0x3fda827a && (high > 0 || high <= (0xbfd2bec4 | 0))) return log1pReduced(x, 0, 0, 1);
  const large = high >= 0x43400000;
  const u = large ? x : 1 + x;
  const word = highWord(u);
  let k = (word >> 20) - 1023;
  // What rounding 1 + x lost.
  const c = large ? 0 : (k > 0 ? 1 - (u - x) : x - (u - 1)) / u;
  let fraction = word & 0xfffff;
  let normal: number;
  if (fraction < 0x6a09e) normal = withHigh(u, fraction | 0x3ff00000);
  else {
    k += 1;
    normal = withHigh(u, fraction | 0x3fe00000);
    fraction = (0x100000 - fraction) >> 2;
  }
  return log1pReduced(normal - 1, c, k, fraction);
}

function log1pReduced(f: number, c: number, k: number, fraction: number): number {
  const hfsq = 0.5 * f * f;
  const low = k * LN2_LO + c;
  if (fraction === 0) {
    if (f === 0) return k === 0 ? 0 : k * LN2_HI + low;
    const r = hfsq * (1 - 0.6666666666666666 * f);
    return k === 0 ? f - r : k * LN2_HI - (r - low - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const r = z * (L1 + z * (L2 + z * (L3 + z * (L4 + z * (L5 + z * (L6 + z * L7))))));
  return k === 0 ? f - (hfsq - s * (hfsq + r)) : k * LN2_HI - (hfsq - (s * (hfsq + r) + low) - f);
}

const INV_LN2_HI = 1.4426950407214463;
const INV_LN2_LO = 1.6751713164886512e-10;

/** The logarithm to base 2, exact for powers of 2; off by less than 1 ulp. (msun's e_log2.c) */
export function log2(x: number): number {
  const known = special(x);
  if (known !== null) return known;
  if (x === 1) return 0;
  const subnormal = x < 2.2250738585072014e-308;
  const normal = subnormal ? x * TWO54 : x;
  const word = highWord(normal);
  const fraction = word & 0xfffff;
  const i = (fraction + 0x95f64) & 0x100000;
  const k = (subnormal ? -54 : 0) + (word >> 20) - 1023 + (i >> 20);
  const f = withHigh(normal, fraction | (i ^ 0x3ff00000)) - 1;
  const hfsq = 0.5 * f * f;
  const hi = upperPart(f - hfsq);
  const lo = f - hi - hfsq + logTail(f);
  const high = hi * INV_LN2_HI;
  const low = (lo + hi) * INV_LN2_LO + lo * INV_LN2_HI;
  const w = k + high;
  return low + (k - w + high) + w;
}

/** log(1 + f) - f + f^2/2 (k_log.h) */
function logTail(f: number): number {
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const t1 = w * (L2 + w * (L4 + w * L6));
  const t2 = z * (L1 + w * (L3 + w * (L5 + w * L7)));
  return s * (0.5 * f * f + (t2 + t1));
}

const INV_LN10 = Math.LOG10E;
const LOG10_2HI = 0.30102999566361177;
const LOG10_2LO = 3.694239077158931e-13;

/** The logarithm to base 10, exact for powers of 10 up to 10^22. (e_log10.c) */
export function log10(x: number): number {
  const known = special(x);
  if (known !== null) return known;
  const subnormal = x < 2.2250738585072014e-308;
  const normal = subnormal ? x * TWO54 : x;
  const word = highWord(normal);
  const k = (subnormal ? -54 : 0) + (word >> 20) - 1023;
  const i = k < 0 ? 1 : 0;
  const y = k + i;
  const z = y * LOG10_2LO + INV_LN10 * log(ofWords((word & 0xfffff) | ((0x3ff - i) << 20), lowWord(normal)));
  return z + y * LOG10_2HI;
}

/** The inverse of the hyperbolic sine. (s_asinh.c) */
export function asinh(x: number): number {
  const size = highWord(x) & 0x7fffffff;
  if (size >= 0x7ff00000 || size < 0x3e300000) return x;
  const ax = Math.abs(x);
  let w: number;
  if (size > 0x41b00000) w = log(ax) + LN2;
  else if (size > 0x40000000) w = log(2 * ax + 1 / (Math.sqrt(x * x + 1) + ax));
  else w = log1p(ax + (x * x) / (1 + Math.sqrt(1 + x * x)));
  return x < 0 ? -w : w;
}

/** The inverse of the hyperbolic cosine; NaN below 1. (e_acosh.c) */
export function acosh(x: number): number {
  if (x < 1) return Number.NaN;
  const size = highWord(x);
  if (size >= 0x41b00000) return Number.isFinite(x) ? log(x) + LN2 : x;
  if (x === 1) return 0;
  if (size > 0x40000000) return log(2 * x - 1 / (x + Math.sqrt(x * x - 1)));
  const t = x - 1;
  return log1p(t + Math.sqrt(2 * t + t * t));
}

/** The inverse of the hyperbolic tangent; NaN outside -1 to 1. (e_atanh.c) */
export function atanh(x: number): number {
  const ax = Math.abs(x);
  if (!(ax <= 1)) return Number.NaN;
  const size = highWord(ax);
  if (size < 0x3e300000) return x;
  const t = ax + ax;
  const w = 0.5 * log1p(size < 0x3fe00000 ? t + (t * ax) / (1 - ax) : t / (1 - ax));
  return x < 0 ? -w : w;
}
