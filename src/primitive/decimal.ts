// Numbers as decimal digits with so many places, rounded half up, exactly: what `format` writes.
//
// A float counts as the decimal it is written with, its shortest text, as in Java's Formatter: 1.005 with two places is 1.01.
import { Float, Ratio, type Value } from "../data/value.ts";

/** A number without its sign: `num / den`, times 10 to the power of `exponent`. */
export interface Decimal {
  readonly negative: boolean;
  readonly num: bigint;
  readonly den: bigint;
  readonly exponent: number;
}

/** The decimal of any finite number. */
export function decimalOf(value: Value): Decimal {
  if (value instanceof Ratio) return exact(value.num < 0n, value.num < 0n ? -value.num : value.num, value.den);
  if (typeof value === "bigint") return exact(value < 0n, value < 0n ? -value : value, 1n);
  const x = value instanceof Float ? value.value : (value as number);
  const negative = x < 0 || Object.is(x, -0);
  const [mantissa, power = "0"] = String(Math.abs(x)).split("e") as [string, string?];
  const [whole, places = ""] = mantissa.split(".") as [string, string?];
  return { negative, num: BigInt(whole + places), den: 1n, exponent: Number(power) - places.length };
}

function exact(negative: boolean, num: bigint, den: bigint): Decimal {
  return { negative, num, den, exponent: 0 };
}

/** The number times 10 to the power of `places`, rounded to an integer; halves away from zero. */
function scaled({ num, den, exponent }: Decimal, places: number): bigint {
  const power = exponent + places;
  const top = power >= 0 ? num * 10n ** BigInt(power) : num;
  const bottom = power >= 0 ? den : den * 10n ** BigInt(-power);
  return (2n * top + bottom) / (2n * bottom);
}

/** The number with so many digits behind the point: `["12", "50"]`. */
export function fixed(decimal: Decimal, places: number): readonly [whole: string, places: string] {
  const digits = String(scaled(decimal, places)).padStart(places + 1, "0");
  return [digits.slice(0, digits.length - places), digits.slice(digits.length - places)];
}

/** The number as one digit, `places` digits behind the point, and a power of ten: `["1", "25", -3]`. */
export function scientific(
  decimal: Decimal,
  places: number,
): readonly [whole: string, places: string, exponent: number] {
  if (decimal.num === 0n) return ["0", "0".repeat(places), 0];
  let exponent = String(decimal.num).length - String(decimal.den).length + decimal.exponent;
  for (;;) {
    const digits = String(scaled(decimal, places - exponent));
    if (digits.length === places + 1 && digits !== "0") return [digits[0], digits.slice(1), exponent];
    exponent += digits.length > places + 1 ? 1 : -1;
  }
}
