// Numbers: from the text of a token to an integer, ratio or float (S-15).
import { log2 } from "../data/math/logarithm.ts";
import { meter } from "../data/meter.ts";
import { float, integer as normal, ratio } from "../data/numbers.ts";
import type { Value } from "../data/value.ts";
import { Problem } from "./problem.ts";

const DECIMAL = /^([+-]?)(0|[1-9]\d*(?:_\d+)*)N?$/;
const HEX = /^([+-]?)0[xX]([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)N?$/;
const OCTAL = /^([+-]?)0([0-7]+(?:_[0-7]+)*)N?$/;
const RADIX = /^([+-]?)([1-9]\d?)[rR]([0-9a-zA-Z]+(?:_[0-9a-zA-Z]+)*)$/;
const RATIO = /^([+-]?)(\d+(?:_\d+)*)\/(\d+(?:_\d+)*)$/;
const FLOAT = /^[+-]?\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?(?:[eE][+-]?\d+)?|[eE][+-]?\d+)$/;

/** Reads a token that begins like a number: a digit, or a sign and a digit. */
export function readNumber(image: string): Value | Problem {
  const decimal = DECIMAL.exec(image);
  if (decimal !== null) return integer(decimal[1], decimal[2], 10);
  const hex = HEX.exec(image);
  if (hex !== null) return integer(hex[1], hex[2], 16);
  const octal = OCTAL.exec(image);
  if (octal !== null) return integer(octal[1], octal[2], 8);
  const radix = RADIX.exec(image);
  if (radix !== null) return inRadix(radix);
  const fraction = RATIO.exec(image);
  if (fraction !== null) return readRatio(fraction);
  return FLOAT.test(image) ? readFloat(image) : noNumber(image);
}

const clean = (digits: string): string => (digits.includes("_") ? digits.replaceAll("_", "") : digits);

function integer(sign: string, digits: string, radix: number): Value | Problem {
  const text = clean(digits);
  const small = Number.parseInt(text, radix);
  if (Number.isSafeInteger(small)) return sign === "-" && small !== 0 ? -small : small;
  const big = bigInteger(text, radix);
  if (big instanceof Problem) return big;
  return normal(sign === "-" ? -big : big);
}

/** The digits as a BigInt; judged by their number first, because conversion takes more than linear time. */
function bigInteger(digits: string, radix: number): bigint | Problem {
  if ((digits.length - 1) * log2(radix) > meter.integerBitsMax) {
    return new Problem(
      "read/number",
      `this number has more than ${meter.integerBitsMax} bits, the most an integer can have`,
    );
  }
  if (radix === 10) return BigInt(digits);
  if (radix === 16) return BigInt(`0x${digits}`);
  if (radix === 8) return BigInt(`0o${digits}`);
  return anyRadix(digits, radix);
}

/** Ten digits at a time: 36^10 is still an exact JavaScript number. */
function anyRadix(digits: string, radix: number): bigint {
  const step = BigInt(radix) ** 10n;
  const head = digits.length % 10;
  let sum = head === 0 ? 0n : BigInt(Number.parseInt(digits.slice(0, head), radix));
  for (let at = head; at < digits.length; at += 10) {
    sum = sum * step + BigInt(Number.parseInt(digits.slice(at, at + 10), radix));
  }
  return sum;
}

function inRadix([whole, sign, base, digits]: RegExpExecArray): Value | Problem {
  const radix = Number(base);
  if (radix < 2 || radix > 36) return new Problem("read/number", `the radix of ${whole} must be from 2 to 36`);
  const wrong = [...clean(digits)].find((digit) => Number.isNaN(Number.parseInt(digit, radix)));
  if (wrong !== undefined) return new Problem("read/number", `${wrong} is not a digit in radix ${radix}`);
  return integer(sign, digits, radix);
}

function readRatio([, sign, above, below]: RegExpExecArray): Value | Problem {
  const num = bigInteger(clean(above), 10);
  if (num instanceof Problem) return num;
  const den = bigInteger(clean(below), 10);
  if (den instanceof Problem) return den;
  if (den === 0n) return new Problem("read/number", "the denominator of a ratio cannot be 0");
  return ratio(sign === "-" ? -num : num, den);
}

function readFloat(image: string): Value | Problem {
  const value = Number(clean(image));
  if (Number.isFinite(value)) return float(value);
  return new Problem("read/number", `${image} is too large for a float`, "write ##Inf for infinity");
}

function noNumber(image: string): Problem {
  return new Problem("read/number", `${image} is not a number`, advice(image));
}

/** What is probably meant by something that only begins like a number. */
function advice(image: string): string {
  if (/^[+-]?0\d+$/.test(image)) return "a leading 0 makes a number octal, with digits 0 to 7; leave it out";
  if (/M$/.test(image)) return "there are no big decimals (suffix M): write an exact ratio such as 314/100, or a float";
  if (/_/.test(image) && !/[a-zA-Z]/.test(image)) return "an underscore in a number stands between two digits";
  if (/^[+-]?\d+(\.\d+)?%$/.test(image)) return "write a percentage as a ratio, such as 5/100";
  if (/^[+-]?\d+[smhd]$|^\d+ms$/.test(image)) return `for a length of time write #duration "${image}"`;
  return "a name cannot begin with a digit; numbers are written 1_000 0xF 010 2r101 1/2 1.5 1e3";
}
