// The functions of flow.math: on doubles by src/data/math/ alone, so that they are the same on every Node, and on integers exactly.
import { bitLength } from "../data/bit-length.ts";
import { gcd } from "../data/gcd.ts";
import { acos, asin, atan, atan2 } from "../data/math/inverse.ts";
import { copySign, exponentOf, ieeeRemainder, nextAfter, nextDown, nextUp, rint, ulp } from "../data/math/doubles.ts";
import { cosh, exp, expm1, sinh, tanh } from "../data/math/exponential.ts";
import { acosh, asinh, atanh, log, log10, log1p, log2 } from "../data/math/logarithm.ts";
import { cbrt, hypot, pow } from "../data/math/power.ts";
import { cos, sin, tan } from "../data/math/trigonometric.ts";
import { scale } from "../data/math/words.ts";
import { divideByZero, float, type Integer, integer, multiply, toDouble } from "../data/numbers.ts";
import type { Value } from "../data/value.ts";
import { chargeTicks } from "./charge.ts";
import { needInteger, needNumber } from "./check.ts";
import { primitive } from "./define.ts";
import type { Primitive } from "./primitive.ts";
import { refuse } from "./raise.ts";

/** A primitive of one number, taken as a double. */
function ofDouble(name: string, call: (x: number) => number, shown = name): Primitive {
  return primitive(name, 1, 1, (a) => float(call(toDouble(needNumber(shown, 1, a)))));
}

/** A primitive of two numbers, taken as doubles. */
function ofDoubles(name: string, call: (x: number, y: number) => number, shown = name): Primitive {
  return primitive(name, 2, 2, (a, b) =>
    float(call(toDouble(needNumber(shown, 1, a)), toDouble(needNumber(shown, 2, b)))),
  );
}

/** A logarithm; of integers too large for a double by their leading bits. `perBit`: the logarithm of 2. */
function logarithm(name: string, call: (x: number) => number, perBit: number): Primitive {
  return primitive(name, 1, 1, (a) => {
    needNumber(name, 1, a);
    const x = toDouble(a);
    if (typeof a !== "bigint" || x !== Infinity) return float(call(x));
    const shift = bitLength(a) - 64;
    return float(call(Number(a >> BigInt(shift))) + shift * perBit);
  });
}

/** The quotient rounded down. */
function floorDiv(a: Value, b: Value): Value {
  const [x, y] = [needInteger("floor-div", 1, a), needInteger("floor-div", 2, b)];
  if (y === 0) return divideByZero();
  if (typeof x === "number" && typeof y === "number") {
    const rest = x % y;
    const quotient = (x - rest) / y;
    return (rest !== 0 && rest < 0 !== y < 0 ? quotient - 1 : quotient) + 0;
  }
  const [m, n] = [BigInt(x), BigInt(y)];
  const down = m % n !== 0n && m < 0n !== n < 0n;
  return integer(m / n - (down ? 1n : 0n));
}

function greatestDivisor(a: Integer, b: Integer): bigint {
  const [m, n] = [BigInt(a), BigInt(b)];
  chargeTicks(((bitLength(m) >> 6) * (bitLength(n) >> 6)) / 1024);
  return gcd(m, n);
}

function lcm(a: Value, b: Value): Value {
  const [x, y] = [needInteger("lcm", 1, a), needInteger("lcm", 2, b)];
  if (x === 0 || y === 0) return 0;
  const product = multiply(BigInt(x) / greatestDivisor(x, y), BigInt(y));
  return integer(product < 0n ? -product : product);
}

/** The largest integer whose square is not above n. Each round doubles the bits that are right (CPython's math.isqrt). */
function isqrt(value: Value): Value {
  const n = needInteger("isqrt", 1, value);
  if (n < 0) return refuse("range", "isqrt", "takes an integer that is not negative", { value: n });
  if (n === 0) return 0;
  const whole = BigInt(n);
  const bits = bitLength(whole);
  chargeTicks(((bits >> 6) * (bits >> 6)) / 1024);
  const c = (bits - 1) >> 1;
  let a = 1n;
  let d = 0;
  for (let s = 31 - Math.clz32(c); s >= 0; s--) {
    const e = d;
    d = c >> s;
    a = (a << BigInt(d - e - 1)) + (whole >> BigInt(2 * c - e - d + 1)) / a;
  }
  return integer(a * a > whole ? a - 1n : a);
}

/** x times 2^n, rounded once. */
function scalb(a: Value, n: Value): Value {
  const x = toDouble(needNumber("scalb", 1, a));
  const places = needInteger("scalb", 2, n);
  // Beyond these every double has become zero or infinite.
  const few = places < -5000 ? -5000 : places > 5000 ? 5000 : Number(places);
  return float(scale(x, few));
}

export const math: readonly Primitive[] = [
  ofDouble("exp", exp),
  ofDouble("expm1", expm1),
  logarithm("log", log, Math.LN2),
  logarithm("log2", log2, 1),
  logarithm("log10", log10, 0.3010299956639812),
  ofDouble("log1p", log1p),
  ofDouble("sin", sin),
  ofDouble("cos", cos),
  ofDouble("tan", tan),
  ofDouble("asin", asin),
  ofDouble("acos", acos),
  ofDouble("atan", atan),
  ofDoubles("atan2", atan2),
  ofDouble("sinh", sinh),
  ofDouble("cosh", cosh),
  ofDouble("tanh", tanh),
  ofDouble("asinh", asinh),
  ofDouble("acosh", acosh),
  ofDouble("atanh", atanh),
  ofDouble("cbrt", cbrt),
  ofDoubles("float-pow", pow, "pow"),
  ofDoubles("hypot", hypot),
  ofDouble("rint", rint),
  ofDouble("float-floor", Math.floor, "floor"),
  ofDouble("float-ceil", Math.ceil, "ceil"),
  ofDouble("signum", (x) => (x > 0 ? 1 : x < 0 ? -1 : x)),
  ofDouble("to-radians", (x) => x * 0.017453292519943295),
  ofDouble("to-degrees", (x) => x * 57.29577951308232),
  ofDouble("ulp", ulp),
  ofDouble("next-up", nextUp),
  ofDouble("next-down", nextDown),
  ofDoubles("next-after", nextAfter),
  ofDoubles("copy-sign", copySign),
  ofDoubles("ieee-remainder", ieeeRemainder, "IEEE-remainder"),
  primitive("get-exponent", 1, 1, (a) => exponentOf(toDouble(needNumber("get-exponent", 1, a)))),
  primitive("scalb", 2, 2, scalb),
  primitive("floor-div", 2, 2, floorDiv),
  primitive("gcd", 2, 2, (a, b) => integer(greatestDivisor(needInteger("gcd", 1, a), needInteger("gcd", 2, b)))),
  primitive("lcm", 2, 2, lcm),
  primitive("isqrt", 1, 1, isqrt),
];
