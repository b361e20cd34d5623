// Equality, order and hash, and the tests on numbers.
import { equals, identical } from "../data/equality.ts";
import { hashOf, isSettled } from "../data/hashing.ts";
import { decline, SIGNAL } from "../data/meter.ts";
import { isInteger, less, lessOrEqual, orderNumbers, sameNumber, toDouble, isFloat } from "../data/numbers.ts";
import { compareValues } from "../data/order.ts";
import type { Value } from "../data/value.ts";
import { notNumbers } from "./arithmetic.ts";
import { needNumber } from "./check.ts";
import { areSmall, primitive } from "./define.ts";
import { describe } from "./describe.ts";
import type { Primitive } from "./primitive.ts";
import { refuse, wrongType } from "./raise.ts";

const bothBare = (a: string, b: string) => `typeof ${a}==="number"&&typeof ${b}==="number"`;

function ordering(name: string, shown: string, sign: string, operation: (a: Value, b: Value) => Value): Primitive {
  return primitive(
    name,
    2,
    2,
    (a, b) => {
      const answer = operation(a, b);
      return answer === SIGNAL ? notNumbers(shown, a, b) : answer;
    },
    { test: true, inline: (a, b) => ({ when: bothBare(a, b), value: `${a}${sign}${b}` }) },
  );
}

/** A test on one number by its order to zero. */
function againstZero(name: string, sign: string, holds: (order: number) => boolean): Primitive {
  return primitive(name, 1, 1, (a) => holds(orderNumbers(needNumber(name, 1, a), 0)), {
    test: true,
    inline: (a) => ({ when: `typeof ${a}==="number"`, value: `${a}${sign}0` }),
  });
}

function parity(name: string, odd: boolean): Primitive {
  return primitive(
    name,
    1,
    1,
    (a) => {
      if (!isInteger(a)) return wrongType(name, "an integer", 1, a);
      return (typeof a === "bigint" ? (a & 1n) !== 0n : a % 2 !== 0) === odd;
    },
    { test: true, inline: (a) => ({ when: areSmall(a), value: `(${a}&1)===${odd ? 1 : 0}` }) },
  );
}

/** A test on the double of a number; exact numbers never pass. */
function floatTest(name: string, holds: (x: number) => boolean): Primitive {
  return primitive(
    name,
    1,
    1,
    (a) => {
      needNumber(name, 1, a);
      return isFloat(a) && holds(toDouble(a));
    },
    { test: true },
  );
}

/** Raises: no order is defined between the two. */
export function notComparable(a: Value, b: Value): never {
  return refuse("type", "compare", `there is no order between ${describe(a)}, and ${describe(b)}`, { a, b });
}

function compareOrRaise(a: Value, b: Value): Value {
  const order = compareValues(a, b);
  if (order !== SIGNAL) return order;
  return isSettled(a) && isSettled(b) ? notComparable(a, b) : decline();
}

export const compare: readonly Primitive[] = [
  ordering("lt", "<", "<", less),
  ordering("le", "<=", "<=", lessOrEqual),
  ordering("gt", ">", ">", (a, b) => less(b, a)),
  ordering("ge", ">=", ">=", (a, b) => lessOrEqual(b, a)),
  ordering("num-eq", "==", "===", sameNumber),
  // Bare numbers, strings and booleans are equal exactly when JavaScript says so: -0.0 and integral floats are never bare.
  primitive("eq", 2, 2, equals, {
    test: true,
    guard: "flow.core/realise-and-eq",
    inline: (a, b) => ({ when: `typeof ${a}!=="object"&&typeof ${b}!=="object"`, value: `${a}===${b}` }),
  }),
  primitive("identical?", 2, 2, identical, { test: true, pure: true }),
  primitive("compare", 2, 2, compareOrRaise, { guard: "flow.core/realise-and-compare" }),
  primitive("hash", 1, 1, hashOf, { guard: "flow.core/realise-and-hash" }),
  againstZero("zero?", "===", (order) => order === 0),
  againstZero("pos?", ">", (order) => order > 0),
  againstZero("neg?", "<", (order) => order < 0),
  parity("even?", false),
  parity("odd?", true),
  floatTest("nan?", Number.isNaN),
  floatTest("infinite?", (x) => x === Infinity || x === -Infinity),
];
