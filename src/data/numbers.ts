// Numbers (S-15): exact integers of any size, exact ratios, doubles that stay apart from integers.
//
// The operations here are guarded primitives: they answer `decline()` where an argument is no number. What cannot be
// computed (division of an exact number by exact zero, an integer too large) raises.
import { bitLength } from "./bit-length.ts";
import { raise } from "./errors.ts";
import { gcd } from "./gcd.ts";
import { decline, meter } from "./meter.ts";
import { Float, Ratio, type Value } from "./value.ts";

export type Integer = number | bigint;

/** True for every number. */
export function isNumber(v: Value): boolean {
  return typeof v === "number" || typeof v === "bigint" || v instanceof Float || v instanceof Ratio;
}

/** True for exact integers. */
export function isInteger(v: Value): v is Integer {
  return typeof v === "number" ? Number.isInteger(v) : typeof v === "bigint";
}

/** True for doubles, boxed or bare. */
export function isFloat(v: Value): v is number | Float {
  return typeof v === "number" ? !Number.isInteger(v) : v instanceof Float;
}

/** True for integers and ratios. */
export function isExact(v: Value): v is Integer | Ratio {
  return isInteger(v) || v instanceof Ratio;
}

/** The float with this double: boxed if it is integral. */
export function float(x: number): Value {
  return Number.isInteger(x) ? new Float(x) : x;
}

/** The integer with this value: a JS number if it is below 2^53. */
export function integer(n: bigint): Integer {
  return n >= -9007199254740991n && n <= 9007199254740991n ? Number(n) : n;
}

/** True for what is below 2^1024: cheap to know, and below any limit that makes sense. */
function isModest(n: bigint): boolean {
  return Number.isFinite(Number(n));
}

/** Raises: an integer would have more bits than allowed. Called before anything of that size is allocated (S-18). */
export function refuseBits(bits: number): never {
  return raise("limit", `an integer may have at most ${meter.integerBitsMax} bits; this one would have about ${bits}`);
}

/** The product; its size is checked first, and a large one charges a tick for each 4096 pairs of 64-bit digits. */
export function multiply(a: bigint, b: bigint): bigint {
  if (isModest(a) && isModest(b) && meter.integerBitsMax >= 2048) return a * b;
  const bitsA = bitLength(a);
  const bitsB = bitLength(b);
  if (bitsA + bitsB - 1 > meter.integerBitsMax) refuseBits(bitsA + bitsB - 1);
  meter.fuel -= Math.floor(((bitsA >> 6) * (bitsB >> 6)) / 4096);
  return checked(a * b);
}

/** `n`, if it is not too large; for results at most one bit longer than what they were made from. */
export function checked(n: bigint): bigint {
  if (!isModest(n) || meter.integerBitsMax < 1024) {
    const bits = bitLength(n);
    if (bits > meter.integerBitsMax) refuseBits(bits);
  }
  return n;
}

/**
 * The exact quotient of two integers: an integer if it divides, else a ratio in lowest terms. `den` is not zero. Bringing large
 * ones to lowest terms charges four times what their product does.
 */
export function ratio(num: bigint, den: bigint): Integer | Ratio {
  if (!isModest(num) && !isModest(den)) {
    meter.fuel -= Math.floor(((bitLength(num) >> 6) * (bitLength(den) >> 6)) / 1024);
  }
  const divisor = gcd(num, den) * (den < 0n ? -1n : 1n);
  const n = num / divisor;
  const d = den / divisor;
  return d === 1n ? integer(n) : new Ratio(n, d);
}

/** The numerator of an exact number. */
export function numeratorOf(v: Integer | Ratio): bigint {
  return v instanceof Ratio ? v.num : BigInt(v);
}

/** The denominator of an exact number. */
export function denominatorOf(v: Integer | Ratio): bigint {
  return v instanceof Ratio ? v.den : 1n;
}

/** The double nearest to num/den, ties to even; `den` is positive. */
function divideToDouble(num: bigint, den: bigint): number {
  const n = num < 0n ? -num : num;
  let exponent = bitLength(n) - bitLength(den);
  if (exponent >= 0 ? n < den << BigInt(exponent) : n << BigInt(-exponent) < den) exponent--;
  if (exponent > 1023) return num < 0n ? -Infinity : Infinity;
  const scale = Math.min(52 - exponent, 1074);
  const scaled = scale >= 0 ? n << BigInt(scale) : n;
  const divisor = scale >= 0 ? den : den << BigInt(-scale);
  let quotient = scaled / divisor;
  const twice = 2n * (scaled - quotient * divisor);
  if (twice > divisor || (twice === divisor && (quotient & 1n) === 1n)) quotient++;
  const first = Math.max(-1000, Math.min(scale, 1000));
  const magnitude = scaleDown(scaleDown(Number(quotient), first), scale - first);
  return num < 0n ? -magnitude : magnitude;
}

/** x / 2^k, exact within the range of doubles; |k| <= 1000. */
function scaleDown(x: number, k: number): number {
  return k >= 0 ? x / Number(1n << BigInt(k)) : x * Number(1n << BigInt(-k));
}

/** The double nearest to a number. The argument must be a number. */
export function toDouble(v: Value): number {
  if (typeof v === "number") return v;
  if (v instanceof Float) return v.value;
  if (v instanceof Ratio) return divideToDouble(v.num, v.den);
  return Number(v);
}

const bits = new DataView(new ArrayBuffer(8));

/** The exact value of a finite double. */
export function exactOf(x: number): Integer | Ratio {
  if (Number.isInteger(x)) return integer(BigInt(x));
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  const biased = (high >>> 20) & 0x7ff;
  const fraction = (BigInt(high & 0xfffff) << 32n) | BigInt(bits.getUint32(4));
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  return ratio(x < 0 ? -mantissa : mantissa, 1n << BigInt(1075 - Math.max(biased, 1)));
}

interface Operation {
  readonly double: (x: number, y: number) => number;
  readonly integer: (x: bigint, y: bigint) => Value;
  /** Of fractions a/b and c/d. */
  readonly ratio: (a: bigint, b: bigint, c: bigint, d: bigint) => Value;
}

/** The general case of a binary operation: a float if one of the two is (S-15). */
function operate(operation: Operation, a: Value, b: Value): Value {
  if (!isNumber(a) || !isNumber(b)) return decline();
  if (isExact(a) && isExact(b)) {
    if (a instanceof Ratio || b instanceof Ratio) {
      return operation.ratio(numeratorOf(a), denominatorOf(a), numeratorOf(b), denominatorOf(b));
    }
    return operation.integer(BigInt(a), BigInt(b));
  }
  return float(operation.double(toDouble(a), toDouble(b)));
}

const ADD: Operation = {
  double: (x, y) => x + y,
  integer: (x, y) => integer(checked(x + y)),
  ratio: (a, b, c, d) => ratio(checked(multiply(a, d) + multiply(c, b)), multiply(b, d)),
};
const SUBTRACT: Operation = {
  double: (x, y) => x - y,
  integer: (x, y) => integer(checked(x - y)),
  ratio: (a, b, c, d) => ratio(checked(multiply(a, d) - multiply(c, b)), multiply(b, d)),
};
const MULTIPLY: Operation = {
  double: (x, y) => x * y,
  integer: (x, y) => integer(multiply(x, y)),
  ratio: (a, b, c, d) => ratio(multiply(a, c), multiply(b, d)),
};
const DIVIDE: Operation = {
  double: (x, y) => x / y,
  integer: (x, y) => (y === 0n ? divideByZero() : ratio(x, y)),
  ratio: (a, b, c, d) => (c === 0n ? divideByZero() : ratio(multiply(a, d), multiply(b, c))),
};
const QUOTIENT: Operation = {
  double: (x, y) => Math.trunc(x / y),
  integer: (x, y) => (y === 0n ? divideByZero() : integer(x / y)),
  ratio: (a, b, c, d) => (c === 0n ? divideByZero() : integer(multiply(a, d) / multiply(b, c))),
};
const REMAINDER: Operation = {
  double: (x, y) => x % y,
  integer: (x, y) => (y === 0n ? divideByZero() : integer(x % y)),
  ratio: (a, b, c, d) => (c === 0n ? divideByZero() : ratio(multiply(a, d) % multiply(b, c), multiply(b, d))),
};
const MODULO: Operation = {
  double: (x, y) => towards(y, x % y),
  integer: (x, y) => (y === 0n ? divideByZero() : integer(floorMod(x, y))),
  ratio: (a, b, c, d) => (c === 0n ? divideByZero() : ratio(floorMod(multiply(a, d), multiply(b, c)), multiply(b, d))),
};

/** Raises: an exact number divided by exact zero. */
export function divideByZero(): never {
  return raise("arithmetic", "Divide by zero");
}

function floorMod(x: bigint, y: bigint): bigint {
  const remainder = x % y;
  return remainder !== 0n && remainder < 0n !== y < 0n ? remainder + y : remainder;
}

function towards(divisor: number, remainder: number): number {
  return remainder !== 0 && remainder < 0 !== divisor < 0 ? remainder + divisor : remainder;
}

/** a + b */
export function add(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (!Number.isInteger(a) || !Number.isInteger(b)) return float(sum);
    if (Number.isSafeInteger(sum)) return sum;
  }
  return operate(ADD, a, b);
}

/** a - b */
export function subtract(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    if (!Number.isInteger(a) || !Number.isInteger(b)) return float(difference);
    if (Number.isSafeInteger(difference)) return difference;
  }
  return operate(SUBTRACT, a, b);
}

/** a * b */
export function times(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    if (!Number.isInteger(a) || !Number.isInteger(b)) return float(product);
    if (Number.isSafeInteger(product)) return product + 0; // never -0
  }
  return operate(MULTIPLY, a, b);
}

/** a / b: of integers an exact integer or ratio. */
export function divide(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number" && Number.isInteger(a) && Number.isInteger(b) && b !== 0) {
    if (a % b === 0) return a / b + 0;
  }
  return operate(DIVIDE, a, b);
}

/** The quotient, truncated. */
export function quot(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number" && Number.isInteger(a) && Number.isInteger(b) && b !== 0) {
    return (a - (a % b)) / b + 0;
  }
  return operate(QUOTIENT, a, b);
}

/** The remainder of `quot`: has the sign of `a`. */
export function rem(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number" && Number.isInteger(a) && Number.isInteger(b) && b !== 0) {
    return (a % b) + 0;
  }
  return operate(REMAINDER, a, b);
}

/** The modulus: has the sign of `b`. */
export function mod(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number" && Number.isInteger(a) && Number.isInteger(b) && b !== 0) {
    return towards(b, a % b) + 0;
  }
  return operate(MODULO, a, b);
}

/** -a */
export function negate(a: Value): Value {
  if (typeof a === "number") return a === 0 ? 0 : -a;
  if (typeof a === "bigint") return integer(-a);
  if (a instanceof Float) return new Float(-a.value);
  if (a instanceof Ratio) return new Ratio(-a.num, a.den);
  return decline();
}

/** -1, 0 or 1 by exact value, whatever the types; NaN if one of them is NaN. Both must be numbers. */
export function orderNumbers(a: Value, b: Value): number {
  const x = a instanceof Float ? a.value : a;
  const y = b instanceof Float ? b.value : b;
  if (!(x instanceof Ratio) && !(y instanceof Ratio)) {
    const [m, n] = [x as Integer, y as Integer];
    // JavaScript compares a BigInt with a double by exact value.
    return m < n ? -1 : m > n ? 1 : Number.isNaN(m) || Number.isNaN(n) ? Number.NaN : 0;
  }
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x === Infinity || y === -Infinity) return 1;
  if (y === Infinity || x === -Infinity) return -1;
  const [m, n] = [asFraction(x as Integer | Ratio), asFraction(y as Integer | Ratio)];
  const left = numeratorOf(m) * denominatorOf(n);
  const right = numeratorOf(n) * denominatorOf(m);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Of a number without its box. */
function asFraction(x: Integer | Ratio): Integer | Ratio {
  return typeof x === "number" ? exactOf(x) : x;
}

/** a < b */
export function less(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number") return a < b;
  return isNumber(a) && isNumber(b) ? orderNumbers(a, b) < 0 : decline();
}

/** a <= b */
export function lessOrEqual(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number") return a <= b;
  return isNumber(a) && isNumber(b) ? orderNumbers(a, b) <= 0 : decline();
}

/** a == b, across exact and float. */
export function sameNumber(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number") return a === b;
  return isNumber(a) && isNumber(b) ? orderNumbers(a, b) === 0 : decline();
}
