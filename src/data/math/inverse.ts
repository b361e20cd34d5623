// Arcsine, arccosine, arctangent. (fdlibm: e_asin.c, e_acos.c, s_atan.c, e_atan2.c)
import { highWord, upperPart } from "./words.ts";

const PI = 3.141592653589793116;
const PI_LO = 1.2246467991473531772e-16;
const PIO2_HI = 1.570796326794896558;
const PIO2_LO = 6.12323399573676603587e-17;
const PIO4_HI = 7.85398163397448278999e-1;

const P0 = 1.66666666666666657415e-1;
const P1 = -3.25565818622400915405e-1;
const P2 = 2.01212532134862925881e-1;
const P3 = -4.00555345006794114027e-2;
const P4 = 7.91534994289814532176e-4;
const P5 = 3.4793310759602116757e-5;
const Q1 = -2.40339491173441421878;
const Q2 = 2.02094576023350569471;
const Q3 = -6.8828397160545329303e-1;
const Q4 = 7.70381505559019352791e-2;

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
const HIGH = [4.63647609000806093515e-1, PIO4_HI, 9.82793723247329054082e-1, PIO2_HI] as const;
const LOW = [2.26987774529616870924e-17, 3.06161699786838301793e-17, 1.39033110312309984516e-17, PIO2_LO] as const;
const A = [
  3.33333333333329318027e-1, -1.99999999998764832476e-1, 1.42857142725034663711e-1, -1.1111110405462355788e-1,
  9.09088713343650656196e-2, -7.69187620504482999495e-2, 6.66107313738753120669e-2, -5.83357013379057348645e-2,
  4.97687799461593236017e-2, -3.6531572744216915527e-2, 1.62858201153657823623e-2,
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
