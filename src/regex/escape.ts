// Escapes: what a backslash and what follows it stand for.
import { complement, type Ranges } from "../data/unicode/ranges.ts";
import { closest } from "../base/suggest.ts";
import { type Cursor, shown } from "./cursor.ts";
import type { Dialect, Flags } from "./flags.ts";
import { escapedSet, knownNames, namedSet } from "./sets.ts";

/** What an escape is: one character, a set, or something that stands only outside of classes, told by its letter. */
export type Escape =
  | { readonly kind: "char"; readonly point: number }
  | { readonly kind: "set"; readonly set: Ranges }
  | { readonly kind: "other"; readonly letter: string };

const CONTROLS: Readonly<Record<Dialect, Readonly<Record<string, number>>>> = {
  clojure: { t: 0x09, n: 0x0a, r: 0x0d, f: 0x0c, a: 0x07, e: 0x1b },
  python: { t: 0x09, n: 0x0a, r: 0x0d, f: 0x0c, a: 0x07, v: 0x0b },
};

/** Letters that mean something outside of classes only. */
const OTHERS: Readonly<Record<Dialect, string>> = { clojure: "AbBGkRzZ", python: "AbBZ" };

/** Reads an escape whose backslash has been taken, at `from`. */
export function readEscape(cursor: Cursor, from: number, flags: Flags, dialect: Dialect, inClass: boolean): Escape {
  const char = cursor.next();
  if (char === "") {
    const hint = "for a backslash itself write \\\\";
    return cursor.fail("a backslash stands at the end, with nothing behind it", from, hint);
  }
  const control = Object.hasOwn(CONTROLS[dialect], char) ? CONTROLS[dialect][char] : undefined;
  if (control !== undefined) return { kind: "char", point: control };
  const set = escapedSet(char, flags, dialect);
  if (set !== null) return { kind: "set", set };
  if (char === "0") return { kind: "char", point: octal(cursor, from, dialect) };
  if (/[1-9]/.test(char) && !inClass) return { kind: "other", letter: char };
  if (/[1-7]/.test(char) && dialect === "python") return pythonOctal(cursor, from);
  if (char === "x" || char === "u" || (char === "U" && dialect === "python")) {
    return { kind: "char", point: hexadecimal(cursor, from, char, dialect) };
  }
  if (char === "c" && dialect === "clojure") return { kind: "char", point: control64(cursor, from) };
  if ((char === "p" || char === "P") && dialect === "clojure") {
    return { kind: "set", set: property(cursor, from, flags, char === "P") };
  }
  if (inClass && char === "b" && dialect === "python") return { kind: "char", point: 0x08 };
  if (OTHERS[dialect].includes(char)) return { kind: "other", letter: char };
  if (!/[A-Za-z0-9]/.test(char)) return { kind: "char", point: char.codePointAt(0)! };
  return unknown(cursor, from, char);
}

function unknown(cursor: Cursor, from: number, char: string): never {
  if (char === "X")
    cursor.refuse("there is no \\X (a whole grapheme)", from, "write what is meant, such as \\P{M}\\p{M}*");
  if (char === "N") cursor.refuse("characters have no names here", from, "write the code point: \\x{1F600}");
  if (char === "p" || char === "P") {
    cursor.refuse("Python's dialect has no \\p", from, "write the characters or \\w, or use Clojure's dialect");
  }
  const hint = "letters and digits behind a backslash must mean something; for a backslash itself write \\\\";
  return cursor.fail(`\\${shown(char)} is not an escape in a regex`, from, hint);
}

/** `\0` and one to three octal digits, up to 0377 (Clojure); up to two, and none needed (Python). */
function octal(cursor: Cursor, from: number, dialect: Dialect): number {
  const digits = cursor.takesMatch(dialect === "python" ? /[0-7]{0,2}/y : /[0-3][0-7]{2}|[0-7]{1,2}/y);
  if (digits === null)
    return cursor.fail("\\0 takes octal digits", from, "write \\00 for the character NUL, \\012 for a new line");
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}

/** One to three octal digits in a class. */
function pythonOctal(cursor: Cursor, from: number): Escape {
  cursor.at--;
  const point = Number.parseInt(cursor.takesMatch(/[0-7]{1,3}/y) as string, 8);
  if (point > 0xff) return cursor.fail("an octal escape goes up to \\377", from);
  return { kind: "char", point };
}

const HEX_FORMS: Readonly<Record<string, RegExp>> = {
  x: /[0-9a-fA-F]{2}/y,
  u: /[0-9a-fA-F]{4}/y,
  U: /[0-9a-fA-F]{8}/y,
};

const HEX_HINTS: Readonly<Record<string, string>> = {
  x: "\\x takes two hexadecimal digits, or in braces more: \\x41, \\x{1F600}",
  u: "\\u takes four hexadecimal digits: \\u03bb",
  U: "\\U takes eight hexadecimal digits: \\U0001f600",
};

function hexadecimal(cursor: Cursor, from: number, letter: string, dialect: Dialect): number {
  const braced = letter === "x" && dialect === "clojure" ? cursor.takesMatch(/\{[0-9a-fA-F]+\}/y) : null;
  const digits = braced === null ? cursor.takesMatch(HEX_FORMS[letter]) : braced.slice(1, -1);
  if (digits === null) return cursor.fail(`the escape \\${letter} is not complete`, from, HEX_HINTS[letter]);
  const point = Number.parseInt(digits, 16);
  if (point > 0x10ffff) return cursor.fail("code points end at 10FFFF", from);
  return isHigh(point) && letter === "u" ? wholePair(cursor, point) : point;
}

const isHigh = (point: number) => point >= 0xd800 && point <= 0xdbff;

/** A pair of escapes that stands for one character, as in \ud83d\ude00. */
function wholePair(cursor: Cursor, high: number): number {
  const low = cursor.takesMatch(/\\u[dD][c-fC-F][0-9a-fA-F]{2}/y);
  if (low === null) return high;
  return 0x10000 + ((high - 0xd800) << 10) + (Number.parseInt(low.slice(2), 16) - 0xdc00);
}

/** `\cX`: the character X with bit 6 the other way round. */
function control64(cursor: Cursor, from: number): number {
  const char = cursor.next();
  if (char === "") return cursor.fail("\\c takes a character: \\cM", from);
  return char.codePointAt(0)! ^ 64;
}

/** `\pL`, `\p{Name}`. */
function property(cursor: Cursor, from: number, flags: Flags, negative: boolean): Ranges {
  const braced = cursor.takes("{");
  const name = braced ? cursor.takesMatch(/[^}]*(?=\})/y) : cursor.next();
  if (name === null || name === "") {
    const hint = "write \\p{L}, \\p{Lu}, \\p{Alpha}, \\p{IsLatin}; \\pL is short for \\p{L}";
    return cursor.fail(braced && name === null ? "this \\p{ has no }" : "\\p takes the name of a property", from, hint);
  }
  if (braced) cursor.takes("}");
  const set = namedSet(name, flags);
  if (set === null) return unknownProperty(cursor, from, name);
  return negative ? complement(set) : set;
}

function unknownProperty(cursor: Cursor, from: number, name: string): never {
  if (/^(?:In[A-Z]|(?:blk|block)=)/i.test(name)) {
    const hint = "name the script: \\p{IsGreek}; or write the range: [\\x{370}-\\x{3FF}]";
    cursor.refuse(`there are no blocks of Unicode here: ${name}`, from, hint);
  }
  if (name.startsWith("java")) {
    const hint = "write the property itself: \\p{IsLowercase}, \\p{IsAlphabetic}, \\p{L}";
    cursor.refuse(`${name} is a method of Java's`, from, hint);
  }
  const near = closest(name, knownNames());
  const hint =
    near === null
      ? "there are \\p{L}, \\p{Lu}, \\p{Alpha}, \\p{Punct}, \\p{IsAlphabetic}, \\p{IsLatin} and their like"
      : `did you mean \\p{${near}}?`;
  return cursor.fail(`there is no property ${name}`, from, hint);
}
