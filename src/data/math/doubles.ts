// Doubles as the numbers they are: neighbours, distances, rounding, remainders. All of it exact.
import { bitsOf, highWord, ofBits } from "./words.ts";

const MIN_VALUE = 5e-324;

/** The nearest integer, halves to the even one, as a double. */
export function rint(x: number): number {
  if (!(Math.abs(x) < 4503599627370496)) return x;
  const below = Math.floor(x);
  const rest = x - below;
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0);
  const rounded = up ? below + 1 : below;
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded;
}

/** The next double towards +Infinity. */
export function nextUp(x: number): number {
  if (Number.isNaN(x) || x === Infinity) return x;
  if (x === 0) return MIN_VALUE;
  return ofBits(bitsOf(x) + (x > 0 ? 1n : -1n));
}

/** The next double towards -Infinity. */
export function nextDown(x: number): number {
  return -nextUp(-x);
}

/** The next double from x towards y; y itself if they are equal. */
export function nextAfter(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x === y) return y;
  return y > x ? nextUp(x) : nextDown(x);
}

/** The distance from |x| to the next double of larger size. */
export function ulp(x: number): number {
  const size = Math.abs(x);
  if (!(size < Infinity)) return size;
  return size === Number.MAX_VALUE ? size - nextDown(size) : nextUp(size) - size;
}

/** The exponent of a double; 1024 for the infinities and NaN, -1023 for zero and subnormal ones. */
export function exponentOf(x: number): number {
  return ((highWord(x) >> 20) & 0x7ff) - 1023;
}

/** x with the sign of y; that of NaN is positive. */
export function copySign(x: number, y: number): number {
  const negative = y < 0 || Object.is(y, -0);
  return negative ? -Math.abs(x) : Math.abs(x);
}

/** x less the multiple of y nearest to it, the even multiple if two are as near: exact. */
export function ieeeRemainder(x: number, y: number): number {
  if (!(Math.abs(x) < Infinity) || Number.isNaN(y) || y === 0) return Number.NaN;
  const b = Math.abs(y);
  if (b === Infinity) return x;
  // Twice b may overflow; then |x| is below it anyway.
  let r = Math.abs(x) % (b > Number.MAX_VALUE / 2 ? Infinity : b + b);
  if (b < 4.450147717014403e-308) {
    if (r + r > b) {
      r -= b;
      if (r + r >= b) r -= b;
    }
  } else if (r > 0.5 * b) {
    r -= b;
    if (r >= 0.5 * b) r -= b;
  }
  return x < 0 || Object.is(x, -0) ? -r : r;
}
