// Bit operations on integers as infinite two's complement (S-15).
import { bitLength } from "../data/bit-length.ts";
import { type Integer, integer, isInteger } from "../data/numbers.ts";
import type { Value } from "../data/value.ts";
import { chargeTicks, needRoomForBits } from "./charge.ts";
import { needInteger } from "./check.ts";
import { areSmall, primitive } from "./define.ts";
import { describe } from "./describe.ts";
import type { Primitive } from "./primitive.ts";
import { refuse, wrongType } from "./raise.ts";

const isSmall = (a: Value): a is number => typeof a === "number" && (a | 0) === a;

function bitwise(
  name: string,
  small: (a: number, b: number) => number,
  large: (a: bigint, b: bigint) => bigint,
  sign: string,
): Primitive {
  return primitive(
    name,
    2,
    2,
    (a, b) => {
      if (isSmall(a) && isSmall(b)) return small(a, b);
      if (!isInteger(a)) return wrongType(name, "integers", 1, a);
      if (!isInteger(b)) return wrongType(name, "integers", 2, b);
      return integer(large(BigInt(a), BigInt(b)));
    },
    { inline: (a, b) => ({ when: areSmall(a, b), value: `${a}${sign}${b}` }) },
  );
}

/** x times 2^n, rounded down; n may be negative. */
function shift(fn: string, x: Integer, n: Integer): Value {
  if (x === 0) return 0;
  if (n > 0) {
    needRoomForBits(fn, (isSmall(x) ? 32 - Math.clz32(Math.abs(x)) : bitLength(BigInt(x))) + Number(n));
    return integer(BigInt(x) << BigInt(n));
  }
  // Beyond 2^31 places nothing is left of any integer but its sign.
  return integer(BigInt(x) >> (n < -0x7fffffff ? 0x7fffffffn : -BigInt(n)));
}

function shifting(name: string, shown: string, direction: 1 | -1): Primitive {
  return primitive(name, 2, 2, (x, n) => {
    const value = needInteger(shown, 1, x);
    const places = needInteger(shown, 2, n);
    if (places < 0) return refuse("range", shown, "the number of places must not be negative", { places });
    return shift(shown, value, direction === 1 ? places : integer(-BigInt(places)));
  });
}

/** How many bits are set. Of a negative number that would be endlessly many. */
function countBits(value: Value): Value {
  const x = needInteger("bit-count", 1, value);
  if (x < 0)
    return refuse("range", "bit-count", `a negative integer has bits without end: ${describe(value)}`, { value });
  chargeTicks(bitLength(BigInt(x)) / 1024);
  let count = 0;
  for (const digit of BigInt(x).toString(16)) count += SET_BITS[Number.parseInt(digit, 16)];
  return count;
}

/** For each hexadecimal digit. */
const SET_BITS = [0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4];

export const bits: readonly Primitive[] = [
  bitwise(
    "bit-and",
    (a, b) => a & b,
    (a, b) => a & b,
    "&",
  ),
  bitwise(
    "bit-or",
    (a, b) => a | b,
    (a, b) => a | b,
    "|",
  ),
  bitwise(
    "bit-xor",
    (a, b) => a ^ b,
    (a, b) => a ^ b,
    "^",
  ),
  primitive("bit-not", 1, 1, (a) => (isSmall(a) ? ~a : integer(~BigInt(needInteger("bit-not", 1, a))))),
  primitive("bit-count", 1, 1, countBits),
  shifting("shift-left", "bit-shift-left", 1),
  shifting("shift-right", "bit-shift-right", -1),
];
