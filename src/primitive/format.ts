// `format`: %conversions as java.util.Formatter documents them, for the values there are here, always the same.
//
// What differs: %f, %e and %g take exact numbers too; %x and %o of a negative integer are written with a sign, since integers have
// no width; %s writes a value as `str` does, and nil as nil. There are no %h, %a and %t.
import { asciiLower } from "../base/text.ts";
import { decline, SIGNAL } from "../data/meter.ts";
import { isInteger, isNumber } from "../data/numbers.ts";
import { countPoints, slicePoints } from "../data/strings.ts";
import { upperCase } from "../data/unicode/case.ts";
import { Float, type Value } from "../data/value.ts";
import { needRoomForText } from "./charge.ts";
import { needString } from "./check.ts";
import { type Decimal, decimalOf, fixed, scientific } from "./decimal.ts";
import { primitive } from "./define.ts";
import { describe } from "./describe.ts";
import { itemsOf } from "./items.ts";
import type { Primitive } from "./primitive.ts";
import { refuse } from "./raise.ts";
import { asText } from "./text.ts";

/** One %conversion of a text. */
interface Conversion {
  /** As it stands in the text. */
  readonly text: string;
  /** From 1, in code points. */
  readonly column: number;
  readonly letter: string;
  readonly flags: ReadonlySet<string>;
  /** -1: none given. */
  readonly width: number;
  readonly precision: number;
}

const CONVERSION = /%(?:(\d+)\$|(<))?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([A-Za-z%])/y;

/** Which flags each letter takes. */
const FLAGS: Readonly<Record<string, string>> = {
  s: "-",
  b: "-",
  c: "-",
  d: "-+ 0,(",
  x: "-#+ 0(",
  o: "-#+ 0(",
  f: "-#+ 0,(",
  e: "-#+ 0(",
  g: "-+ 0,(",
  n: "",
  "%": "-",
};
/** Letters that can be written as capitals, for capitals in what they make. */
const CAPITALS = "sbcxeg";
/** Letters that take a precision. */
const PRECISE = "sbfeg";
/** The most places or columns that can be asked for: what is written has a size a person can read. */
const SIZE_MAX = 100_000;

/** The text with each conversion replaced by an argument; SIGNAL where one is not realised. */
function format(template: Value, args: Value): Value {
  const text = needString("format", 1, template);
  const values = itemsOf("format", 2, args);
  if (values === null) return decline();
  const pieces: string[] = [];
  let next = 0;
  let last = -1;
  let from = 0;
  for (let at = text.indexOf("%"); at >= 0; at = text.indexOf("%", from)) {
    pieces.push(text.slice(from, at));
    const match = conversionAt(text, at);
    const conversion = checked(text, at, match);
    from = at + match[0].length;
    if (conversion.letter === "n" || conversion.letter === "%") {
      pieces.push(conversion.letter === "n" ? "\n" : padded(conversion, "%"));
      continue;
    }
    last = match[1] !== undefined ? Number(match[1]) - 1 : match[2] !== undefined ? last : next++;
    const piece = written(conversion, argument(conversion, values, last), last + 1);
    if (piece === null) return decline();
    pieces.push(piece);
  }
  pieces.push(text.slice(from));
  needRoomForText(
    "format",
    pieces.reduce((sum, piece) => sum + piece.length, 0),
  );
  return pieces.join("");
}

function conversionAt(text: string, at: number): RegExpExecArray {
  CONVERSION.lastIndex = at;
  return (
    CONVERSION.exec(text) ??
    refuseAt(text, at, slicePoints(text.slice(at), 0, 2), "is no conversion: %% is a percent sign")
  );
}

function refuseAt(text: string, at: number, what: string, why: string): never {
  const column = countPoints(text.slice(0, at)) + 1;
  return refuse("format/syntax", "format", `${what} at column ${column} ${why}`, { column, conversion: what });
}

/** The conversion, if it makes sense. */
function checked(text: string, at: number, match: RegExpExecArray): Conversion {
  const [whole, , , flagText, widthText, precisionText, capitalOrNot] = match as unknown as string[];
  const letter = asciiLower(capitalOrNot);
  const known = FLAGS[letter];
  const no = (why: string) => refuseAt(text, at, whole, why);
  if (known === undefined || (capitalOrNot !== letter && !CAPITALS.includes(letter))) no(adviceFor(capitalOrNot));
  const flags = new Set(flagText);
  if (flags.size < flagText.length) no("has a flag twice");
  for (const flag of flags) if (!known.includes(flag)) no(`cannot have the flag ${flag === " " ? "space" : flag}`);
  if (flags.has("+") && flags.has(" ")) no("has both + and space: one of them says how positive numbers begin");
  if (flags.has("-") && flags.has("0")) no("has both - and 0: it is filled up on one side");
  if ((flags.has("-") || flags.has("0")) && widthText === undefined) no("is to be filled up, but has no width");
  if (precisionText !== undefined && !PRECISE.includes(letter)) no("cannot have a precision");
  if (letter === "n" && widthText !== undefined) no("cannot have a width");
  const size = (digits: string | undefined) => (digits === undefined ? -1 : Number(digits));
  if (Math.max(size(widthText), size(precisionText)) > SIZE_MAX) no(`asks for more than ${SIZE_MAX} characters`);
  return {
    text: whole,
    column: at,
    letter: capitalOrNot,
    flags,
    width: size(widthText),
    precision: size(precisionText),
  };
}

function adviceFor(letter: string): string {
  if (letter === "t" || letter === "T") return "is not there: flow.time writes instants and durations";
  if (letter === "i" || letter === "u") return "is no conversion: integers are written with %d";
  return "is no conversion: there are %s %d %x %X %o %f %e %E %g %G %c %b %n %%";
}

function argument({ text }: Conversion, values: readonly Value[], index: number): Value {
  if (index >= 0 && index < values.length) return values[index];
  if (index < 0)
    return refuse("format/argument", "format", `${text} takes the value of the one before, and there is none`);
  const there = values.length === 1 ? "is 1 value" : `are ${values.length} values`;
  return refuse("format/argument", "format", `${text} needs value ${index + 1}, but there ${there} behind the text`, {
    conversion: text,
    count: values.length,
  });
}

function wrongValue({ text }: Conversion, takes: string, value: Value, position: number): never {
  return refuse("type", "format", `${text} takes ${takes}, but value ${position} is ${describe(value)}`, {
    conversion: text,
    value,
  });
}

/** What stands for the conversion; null where the value is not realised. */
function written(conversion: Conversion, value: Value, position: number): string | null {
  const { letter } = conversion;
  const text = plain(conversion, value, position);
  if (text === null) return null;
  return padded(conversion, letter < "a" ? upperCase(text) : text);
}

function plain(conversion: Conversion, value: Value, position: number): string | null {
  switch (asciiLower(conversion.letter)) {
    case "s":
      return cut(conversion, value === null ? "nil" : asText(value));
    case "b":
      return cut(conversion, String(value !== null && value !== false));
    case "c":
      return character(conversion, value, position);
    case "d":
      return integerText(conversion, value, position, 10, "");
    case "x":
      return integerText(conversion, value, position, 16, "0x");
    case "o":
      return integerText(conversion, value, position, 8, "0");
    default:
      return numberText(conversion, value, position);
  }
}

/** At most `precision` characters. */
function cut({ precision }: Conversion, text: Value): string | null {
  if (text === SIGNAL) return null;
  return precision < 0
    ? (text as string)
    : slicePoints(text as string, 0, Math.min(precision, countPoints(text as string)));
}

function character(conversion: Conversion, value: Value, position: number): string {
  if (typeof value === "string" && countPoints(value) === 1) return value;
  const isPoint = typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0x10ffff;
  if (isPoint && (value < 0xd800 || value > 0xdfff)) return String.fromCodePoint(value);
  return wrongValue(conversion, "a character or the number of one", value, position);
}

function integerText(c: Conversion, value: Value, position: number, base: number, prefix: string): string {
  if (!isInteger(value)) return wrongValue(c, "an integer", value, position);
  const digits = (value < 0 ? -BigInt(value) : BigInt(value)).toString(base);
  const body = c.flags.has(",") ? grouped(digits) : digits;
  return signed(c, value < 0, (c.flags.has("#") ? prefix : "") + body, c.flags.has("#") ? prefix.length : 0);
}

function numberText(c: Conversion, value: Value, position: number): string {
  if (!isNumber(value)) return wrongValue(c, "a number", value, position);
  const double = value instanceof Float ? value.value : typeof value === "number" ? value : 0;
  if (!Number.isFinite(double)) return endless(c, double);
  const decimal = decimalOf(value);
  const { letter, precision } = c;
  const places = precision < 0 ? 6 : precision;
  const text =
    letter === "f"
      ? fixedText(c, decimal, places)
      : letter === "e" || letter === "E"
        ? powerText(c, decimal, places)
        : shorterText(c, decimal, places || 1);
  return signed(c, decimal.negative, text, 0);
}

/** NaN and the infinities: never filled up with zeros. */
function endless(c: Conversion, double: number): string {
  if (Number.isNaN(double)) return "NaN";
  const { flags } = c;
  if (double < 0) return flags.has("(") ? "(Infinity)" : "-Infinity";
  return `${positiveSign(flags)}Infinity`;
}

function fixedText(c: Conversion, decimal: Decimal, places: number): string {
  const [whole, behind] = fixed(decimal, places);
  return (c.flags.has(",") ? grouped(whole) : whole) + withPoint(c, behind);
}

function powerText(c: Conversion, decimal: Decimal, places: number): string {
  const [whole, behind, exponent] = scientific(decimal, places);
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return `${whole}${withPoint(c, behind)}e${exponent < 0 ? "-" : "+"}${power}`;
}

function withPoint({ flags }: Conversion, behind: string): string {
  return behind === "" && !flags.has("#") ? "" : `.${behind}`;
}

/** %g: as %f if, rounded to so many digits, it is at least 10^-4 and below 10^digits; else as %e. */
function shorterText(c: Conversion, decimal: Decimal, digits: number): string {
  if (decimal.num === 0n) return fixedText(c, decimal, digits - 1);
  const [, , exponent] = scientific(decimal, digits - 1);
  if (exponent < -4 || exponent >= digits) return powerText(c, decimal, digits - 1);
  return fixedText(c, decimal, digits - 1 - exponent);
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}

function positiveSign(flags: ReadonlySet<string>): string {
  return flags.has("+") ? "+" : flags.has(" ") ? " " : "";
}

/** The digits with their sign, filled up with zeros behind it and a prefix if that is asked for. */
function signed({ flags, width }: Conversion, negative: boolean, digits: string, prefix: number): string {
  const opening = negative ? (flags.has("(") ? "(" : "-") : positiveSign(flags);
  const closing = negative && flags.has("(") ? ")" : "";
  const missing = flags.has("0") ? width - opening.length - digits.length - closing.length : 0;
  const zeros = "0".repeat(Math.max(0, missing));
  return opening + digits.slice(0, prefix) + zeros + digits.slice(prefix) + closing;
}

function padded({ flags, width }: Conversion, text: string): string {
  const missing = width - countPoints(text);
  if (missing <= 0) return text;
  return flags.has("-") ? text + " ".repeat(missing) : " ".repeat(missing) + text;
}

export const formatting: readonly Primitive[] = [
  primitive("format", 2, 2, format, { guard: "flow.core/realise-and-format" }),
];
