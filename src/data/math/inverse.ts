// Arcsine, arccosine, arctangent. (fdlibm: e_asin.c, e_acos.c, s_atan.c, e_atan2.c)
import { highWord, upperPart } from "./words.ts";

const { PI } = Math;
const PI_LO = 1.2246467991473532e-16;
const PIO2_HI = 1.5707963267948966;
const PIO2_LO = 6.123233995736766e-17;
const PIO4_HI = 0.7853981633974483;

const P0 = 0.16666666666666666;
const P1 = -0.3255658186224009;
const P2 = 0.20121253213486293;
const P3 = -0.04005553450067941;
const P4 = 0.0007915349942898145;
const P5 = 0.00003479331075960212;
const Q1 = -2.403394911734414;
const Q2 = 2.0209457602335057;
const Q3 = -0.6882839716054533;
const Q4 = 0.07703815055590194;

/** (asin(x) - x) / x^3, of z = x^2. */
function quotient(z: number): number {
  const p = z * (P0 + z * (P1 + z * (P2 + z * (P3 + z * (P4 + z * P5)))));
  const q = 1 + z * (Q1 + z * (Q2 + z * (Q3 + z * Q4)));
  return p / q;
}

/** The angle in radians, from -pi/2 to pi/2, with this sine; NaN outside -1 to 1. (e_asin.c) */
export function asin(x: number): number {
  const ax = Math.abs(x);
  if (!(ax <= 1)) return Number.NaN;
  if (ax === 1) return x * PIO2_HI + x * PIO2_LO;
  const size = highWord(ax);
  if (size < 0x3e400000) return x;
  if (size < 0x3fe00000) return x + x * quotient(x * x);
  const t = (1 - ax) * 0.5;
  const s = Math.sqrt(t);
  const r = quotient(t);
  let y: number;
  if (size >= 0x3fef3333) y = PIO2_HI - (2 * (s + s * r) - PIO2_LO);
  else {
    const w = upperPart(s);
    const c = (t - w * w) / (s + w);
    const p = 2 * s * r - (PIO2_LO - 2 * c);
    y = PIO4_HI - (p - (PIO4_HI - 2 * w));
  }
  return x < 0 ? -y : y;
}

/** The angle in radians, from 0 to pi, with this cosine; NaN outside -1 to 1. (e_acos.c) */
export function acos(x: number): number {
  const ax = Math.abs(x);
  if (!(ax <= 1)) return Number.NaN;
  if (ax === 1) return x > 0 ? 0 : PI + 2 * PIO2_LO;
  const size = highWord(ax);
  if (size < 0x3fe00000) {
    if (size <= 0x3c600000) return PIO2_HI + PIO2_LO;
    return PIO2_HI - (x - (PIO2_LO - x * quotient(x * x)));
  }
  const z = (1 - ax) * 0.5;
  const s = Math.sqrt(z);
  const r = quotient(z);
  if (x < 0) return PI - 2 * (s + (r * s - PIO2_LO));
  const df = upperPart(s);
  const c = (z - df * df) / (s + df);
  return 2 * (df + (r * s + c));
}

/** The arctangents of 0.5, 1, 1.5 and infinity, as sums. */
const HIGH = [0.4636476090008061, PIO4_HI, 0.982793723247329, PIO2_HI] as const;
const LOW = [2.2698777452961687e-17, 3.061616997868383e-17, 1.3903311031230998e-17, PIO2_LO] as const;
const A = [
  0.3333333333333293, -0.19999999999876483, 0.14285714272503466, -0.11111110405462356, 0.09090887133436507,
  -0.0769187620504483, 0.06661073137387531, -0.058335701337905735, 0.049768779946159324, -0.036531572744216916,
  0.016285820115365782,
] as const;

/** The angle in radians, from -pi/2 to pi/2, with this tangent. (s_atan.c) */
export function atan(x: number): number {
  const size = highWord(x) & 0x7fffffff;
  if (size >= 0x44100000) return Number.isNaN(x) ? x : x > 0 ? HIGH[3] + LOW[3] : -HIGH[3] - LOW[3];
  if (size < 0x3fdc0000) return size < 0x3e400000 ? x : x - x * series(x);
  const ax = Math.abs(x);
  let id: 0 | 1 | 2 | 3;
  let t: number;
  if (size < 0x3fe60000) [id, t] = [0, (2 * ax - 1) / (2 + ax)];
  else if (size < 0x3ff30000) [id, t] = [1, (ax - 1) / (ax + 1)];
  else if (size < 0x40038000) [id, t] = [2, (ax - 1.5) / (1 + 1.5 * ax)];
  else [id, t] = [3, -1 / ax];
  const y = HIGH[id] - (t * series(t) - LOW[id] - t);
  return x < 0 ? -y : y;
}

/** 1 - atan(x) / x */
function series(x: number): number {
  const z = x * x;
  const w = z * z;
  const s1 = z * (A[0] + w * (A[2] + w * (A[4] + w * (A[6] + w * (A[8] + w * A[10])))));
  const s2 = w * (A[1] + w * (A[3] + w * (A[5] + w * (A[7] + w * A[9]))));
  return s1 + s2;
}

/** The angle in radians, from -pi to pi, of the point (x, y). (e_atan2.c) */
export function atan2(y: number, x: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x === 1) return atan(y);
  const left = x < 0 || Object.is(x, -0);
  const below = y < 0 || Object.is(y, -0);
  const signed = (angle: number) => (below ? -angle : angle);
  if (y === 0) return left ? signed(PI) : y;
  if (x === 0) return signed(PIO2_HI);
  if (Math.abs(x) === Infinity) {
    if (Math.abs(y) === Infinity) return signed(left ? 3 * PIO4_HI : PIO4_HI);
    return signed(left ? PI : 0);
  }
  if (Math.abs(y) === Infinity) return signed(PIO2_HI);
  const k = ((highWord(y) & 0x7fffffff) - (highWord(x) & 0x7fffffff)) >> 20;
  if (k > 60) return signed(PIO2_HI + 0.5 * PI_LO);
  const z = left && k < -60 ? 0 : atan(Math.abs(y / x));
  return signed(left ? PI - (z - PI_LO) : z);
}
