// Arithmetic: `+ - * /`, integer division, powers and roots, conversions between the kinds of number (S-15).
import { bitLength } from "../data/bit-length.ts";
import { SIGNAL } from "../data/meter.ts";
import {
  add,
  denominatorOf,
  divide,
  exactOf,
  float,
  integer,
  isExact,
  isFloat,
  isInteger,
  isNumber,
  mod,
  multiply,
  negate,
  numeratorOf,
  orderNumbers,
  quot,
  ratio,
  rem,
  subtract,
  times,
  toDouble,
} from "../data/numbers.ts";
import { Float, Ratio, type Value } from "../data/value.ts";
import { needRoomForBits } from "./charge.ts";
import { needInteger, needNumber } from "./check.ts";
import { areSafe, areSmall, primitive, type Traits } from "./define.ts";
import type { Primitive } from "./primitive.ts";
import { refuse, wrongType } from "./raise.ts";

/** Raises about the first of two arguments that is no number. */
export function notNumbers(fn: string, a: Value, b: Value): never {
  return isNumber(a) ? wrongType(fn, "numbers", 2, b) : wrongType(fn, "numbers", 1, a);
}

/** A primitive of two numbers over an operation that declines what is no number. */
function binary(name: string, shown: string, operation: (a: Value, b: Value) => Value, traits: Traits = {}): Primitive {
  return primitive(
    name,
    2,
    2,
    (a, b) => {
      const answer = operation(a, b);
      return answer === SIGNAL ? notNumbers(shown, a, b) : answer;
    },
    traits,
  );
}

/** A primitive of one number. */
function unary(name: string, shown: string, operation: (a: Value) => Value, traits: Traits = {}): Primitive {
  return primitive(name, 1, 1, (a) => operation(needNumber(shown, 1, a)), traits);
}

/** The larger of two numbers, the first of equals; NaN if one is. */
function larger(a: Value, b: Value): Value {
  const order = orderNumbers(a, b);
  return Number.isNaN(order) ? Number.NaN : order < 0 ? b : a;
}

/** The smaller of two numbers, the second of equals; NaN if one is. */
function smaller(a: Value, b: Value): Value {
  const order = orderNumbers(a, b);
  return Number.isNaN(order) ? Number.NaN : order < 0 ? a : b;
}

function bothNumbers(shown: string, operation: (a: Value, b: Value) => Value): (a: Value, b: Value) => Value {
  return (a, b) => (isNumber(a) && isNumber(b) ? operation(a, b) : notNumbers(shown, a, b));
}

function absolute(a: Value): Value {
  if (a instanceof Float) return new Float(Math.abs(a.value));
  return orderNumbers(a, 0) < 0 ? negate(a) : a;
}

/** The integer that `round` makes of the double, or of the fraction num/den. */
function toInteger(
  shown: string,
  ofDouble: (x: number) => number,
  ofFraction: (num: bigint, den: bigint) => bigint,
): (a: Value) => Value {
  return (a) => {
    if (isInteger(a)) return a;
    if (a instanceof Ratio) return integer(ofFraction(a.num, a.den));
    const x = toDouble(a);
    if (!Number.isFinite(x)) return refuse("arithmetic", shown, `${x} has no integer part`, { value: a });
    return integer(BigInt(ofDouble(x)));
  };
}

function floorDivide(num: bigint, den: bigint): bigint {
  const quotient = num / den;
  return num % den < 0n ? quotient - 1n : quotient;
}

/** The exact number a float is written as: 0.1 is 1/10. */
function rationalize(a: Value): Value {
  if (isExact(a)) return a;
  const x = toDouble(a);
  if (!Number.isFinite(x)) return refuse("arithmetic", "rationalize", `${x} is no fraction`, { value: a });
  const [, sign, whole, fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(x))!;
  const digits = BigInt(sign + whole + fraction);
  const scale = Number(exponent) - fraction.length;
  return scale >= 0 ? integer(digits * 10n ** BigInt(scale)) : ratio(digits, 10n ** BigInt(-scale));
}

/** base to an integer exponent: exact for exact bases, by repeated squaring (and so the same everywhere) for floats. */
function power(base: Value, exponent: Value): Value {
  needNumber("pow", 1, base);
  const n = needInteger("pow", 2, exponent);
  if (!isExact(base)) return float(floatPower(toDouble(base), n));
  if (n < 0) return divide(1, exactPower(base, -BigInt(n)));
  return exactPower(base, BigInt(n));
}

function exactPower(base: Value, n: bigint): Value {
  const num = numeratorOf(base as number);
  const den = denominatorOf(base as number);
  if ((num === 0n || num === 1n || num === -1n) && den === 1n)
    return n === 0n || (num === -1n && n % 2n === 0n) ? 1 : integer(num);
  const bits = Math.max(bitLength(num), bitLength(den));
  // b bits hold at least 2^(b-1), so the result has at least (b-1)n bits, and at most bn.
  needRoomForBits("pow", Math.max(bits - 1, 1) * Number(n));
  const raised = (x: bigint) => squareUp(x, n);
  return den === 1n ? integer(raised(num)) : new Ratio(raised(num), raised(den));
}

function squareUp(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let n = exponent; n > 0n; n >>= 1n) {
    if ((n & 1n) === 1n) result = multiply(result, square);
    if (n > 1n) square = multiply(square, square);
  }
  return result;
}

function floatPower(base: number, exponent: number | bigint): number {
  let result = 1;
  let square = base;
  for (let n = exponent < 0 ? -BigInt(exponent) : BigInt(exponent); n > 0n; n >>= 1n) {
    if ((n & 1n) === 1n) result *= square;
    square *= square;
  }
  return exponent < 0 ? 1 / result : result;
}

function part(shown: string, of: (v: number | bigint | Ratio) => bigint): (a: Value) => Value {
  return (a) => (isExact(a) ? integer(of(a)) : wrongType(shown, "integers and ratios", 1, a));
}

const halfUp = (num: bigint, den: bigint) => floorDivide(2n * num + den, 2n * den);

/**
 * JavaScript that is true when the sum or difference of two bare integers is one, and exact. That of two 32-bit integers
 * always is, and never -0; asking that first keeps loops over small numbers free of doubles.
 */
function sumFits(a: string, sign: "+" | "-", b: string): string {
  const sum = `${a}${sign}${b}`;
  return `(${areSmall(a, b)}||${areSafe(a, b)}&&${sum}<=9007199254740991&&${sum}>=-9007199254740991)`;
}

export const arithmetic: readonly Primitive[] = [
  binary("add", "+", add, { inline: (a, b) => ({ when: sumFits(a, "+", b), value: `${a}+${b}` }) }),
  binary("sub", "-", subtract, { inline: (a, b) => ({ when: sumFits(a, "-", b), value: `${a}-${b}` }) }),
  // The product of two 32-bit integers may pass 2^53, and may be -0, which adding 0 mends.
  binary("mul", "*", times, {
    inline: (a, b) => ({
      when: `${areSmall(a, b)}&&${a}*${b}<=9007199254740991&&${a}*${b}>=-9007199254740991`,
      value: `${a}*${b}+0`,
    }),
  }),
  binary("div", "/", divide),
  binary("quot", "quot", quot, {
    inline: (a, b) => ({ when: `${areSmall(a, b)}&&${b}>0&&${a}>=0`, value: `(${a}-${a}%${b})/${b}` }),
  }),
  binary("rem", "rem", rem, {
    inline: (a, b) => ({ when: `${areSmall(a, b)}&&${b}>0&&${a}>=0`, value: `${a}%${b}` }),
  }),
  binary("mod", "mod", mod, {
    inline: (a, b) => ({ when: `${areSmall(a, b)}&&${b}>0&&${a}>=0`, value: `${a}%${b}` }),
  }),
  unary("neg", "-", negate),
  primitive("inc", 1, 1, (a) => (isNumber(a) ? add(a, 1) : wrongType("inc", "a number", 1, a)), {
    inline: (a) => ({ when: areSmall(a), value: `${a}+1` }),
  }),
  primitive("dec", 1, 1, (a) => (isNumber(a) ? subtract(a, 1) : wrongType("dec", "a number", 1, a)), {
    inline: (a) => ({ when: areSmall(a), value: `${a}-1` }),
  }),
  unary("abs", "abs", absolute),
  primitive("max", 2, 2, bothNumbers("max", larger)),
  primitive("min", 2, 2, bothNumbers("min", smaller)),
  primitive("pow", 2, 2, power),
  unary("sqrt", "sqrt", (a) => float(Math.sqrt(toDouble(a)))),
  unary(
    "int",
    "int",
    toInteger("int", Math.trunc, (num, den) => num / den),
  ),
  unary("floor", "floor", toInteger("floor", Math.floor, floorDivide)),
  unary(
    "ceil",
    "ceil",
    toInteger("ceil", Math.ceil, (num, den) => -floorDivide(-num, den)),
  ),
  unary("round", "round", (a) => (isFloat(a) ? roundFloat(a) : toInteger("round", Math.round, halfUp)(a))),
  unary("num", "num", (a) => a),
  unary("float", "float", (a) => float(toDouble(a))),
  unary("rationalize", "rationalize", rationalize),
  primitive("numerator", 1, 1, part("numerator", numeratorOf)),
  primitive("denominator", 1, 1, part("denominator", denominatorOf)),
];

/** Halves go up, exactly: `Math.round` is wrong for none of them, but its argument must have a fraction to lose. */
function roundFloat(a: Value): Value {
  const x = toDouble(a);
  if (!Number.isFinite(x)) return refuse("arithmetic", "round", `${x} has no nearest integer`, { value: a });
  const exact = exactOf(x);
  return exact instanceof Ratio ? integer(halfUp(exact.num, exact.den)) : exact;
}
