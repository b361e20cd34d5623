// Strings, counted in code points (S-14).
import { trimEnd, trimStart } from "../base/text.ts";
import { float, integer } from "../data/numbers.ts";
import { countPoints, nextUnit, searchPoints, searchPointsBack, slicePoints } from "../data/strings.ts";
import { lowerCase, upperCase } from "../data/unicode/case.ts";
import type { Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { chargeText, needRoomForBits, needRoomForElements, needRoomForText } from "./charge.ts";
import { needCount, needString } from "./check.ts";
import { primitive } from "./define.ts";
import type { Primitive } from "./primitive.ts";
import { outOfBounds, refuse } from "./raise.ts";

/** A primitive of one string. */
function ofString(name: string, shown: string, call: (s: string) => Value, version = 1): Primitive {
  const checked = (s: Value) => {
    const text = needString(shown, 1, s);
    chargeText(text.length);
    return call(text);
  };
  return primitive(name, 1, 1, checked, { version });
}

/** A test on two strings. */
function testOf(name: string, call: (s: string, part: string) => boolean): Primitive {
  return primitive(
    name,
    2,
    2,
    (s, part) => {
      const text = needString(name, 1, s);
      chargeText(text.length);
      return call(text, needString(name, 2, part));
    },
    { test: true },
  );
}

function subs(s: Value, start: Value, end?: Value): Value {
  const text = needString("subs", 1, s);
  const size = countPoints(text);
  const from = needCount("subs", 2, start);
  const to = end === undefined ? size : needCount("subs", 3, end);
  if (from < 0 || from > size) return outOfBounds("subs", start, size);
  if (to > size) return outOfBounds("subs", end ?? null, size);
  if (to < from)
    return refuse("index", "subs", `the end, ${to}, is before the beginning, ${from}`, { start, end: end ?? null });
  chargeText(to - from);
  return slicePoints(text, from, to);
}

/** Pieces between separators; with a limit at most so many, the last holding the rest. */
function split(s: Value, separator: Value, limit?: Value): Value {
  const text = needString("split", 1, s);
  const by = needString("split", 2, separator);
  const most = limit === undefined ? Infinity : needCount("split", 3, limit);
  chargeText(text.length * 2);
  const pieces: string[] = [];
  let from = 0;
  while (pieces.length + 1 < most) {
    const at = by === "" ? endOfPoint(text, from) : text.indexOf(by, from);
    if (at < 0) break;
    pieces.push(text.slice(from, at));
    from = at + by.length;
  }
  pieces.push(text.slice(from));
  needRoomForElements("split", pieces.length);
  return Vector.from(pieces);
}

/** Where the code point at a unit offset ends, if another one follows; else -1. */
function endOfPoint(text: string, from: number): number {
  const end = from < text.length ? nextUnit(text, from) : from;
  return end < text.length ? end : -1;
}

/** As `clojure.string/split-lines`: at \n and \r\n, without empty lines at the end. */
function linesOf(text: string): Value {
  const lines = text.split(/\r?\n/);
  if (lines.length > 1) while (lines.length > 0 && lines[lines.length - 1] === "") lines.pop();
  needRoomForElements("split-lines", lines.length);
  return Vector.from(lines);
}

/** What it was before: also at \r, and of the empty lines at the end only the last is left out. */
function splitLines(text: string): Value {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines[lines.length - 1] === "") lines.pop();
  needRoomForElements("split-lines", lines.length);
  return Vector.from(lines);
}

function indexOf(s: Value, part: Value, start?: Value): Value {
  const text = needString("index-of", 1, s);
  const from = start === undefined ? 0 : Math.max(0, needCount("index-of", 3, start));
  chargeText(text.length);
  if (from > countPoints(text)) return null;
  const at = searchPoints(text, needString("index-of", 2, part), from);
  return at < 0 ? null : at;
}

function lastIndexOf(s: Value, part: Value, start?: Value): Value {
  const text = needString("last-index-of", 1, s);
  chargeText(text.length);
  const from = start === undefined ? Infinity : needCount("last-index-of", 3, start);
  if (from < 0) return null;
  const at = searchPointsBack(text, needString("last-index-of", 2, part), from);
  return at < 0 ? null : at;
}

function occurrences(text: string, part: string): number {
  if (part === "") return countPoints(text) + 1;
  let found = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) found++;
  return found;
}

function replace(s: Value, part: Value, by: Value): Value {
  const text = needString("replace", 1, s);
  const old = needString("replace", 2, part);
  const now = needString("replace", 3, by);
  chargeText(text.length);
  needRoomForText("replace", text.length + occurrences(text, old) * Math.max(0, now.length - old.length));
  // A split at "" goes between code units: points are joined instead.
  return old === "" ? now + Array.from(text, (point) => point + now).join("") : text.split(old).join(now);
}

function replaceFirst(s: Value, part: Value, by: Value): Value {
  const text = needString("replace-first", 1, s);
  const old = needString("replace-first", 2, part);
  const now = needString("replace-first", 3, by);
  needRoomForText("replace-first", text.length + now.length);
  const at = text.indexOf(old);
  return at < 0 ? text : text.slice(0, at) + now + text.slice(at + old.length);
}

function repeatString(n: Value, s: Value): Value {
  const text = needString("repeat-string", 2, s);
  const times = needCount("repeat-string", 1, n);
  if (times < 0) return refuse("range", "repeat-string", "the number of times must not be negative", { times });
  if (text === "" || times === 0) return "";
  needRoomForText("repeat-string", text.length * times);
  return text.repeat(times);
}

/** `text` made at least `width` code points long with `fill` on one side. */
function pad(side: "left" | "right"): (s: Value, width: Value, fill?: Value) => Value {
  const fn = `pad-${side}`;
  return (s, width, fill = " ") => {
    const text = needString(fn, 1, s);
    const filling = needString(fn, 3, fill);
    const missing = needCount(fn, 2, width) - countPoints(text);
    if (missing <= 0 || filling === "") return text;
    const size = countPoints(filling);
    needRoomForText(fn, text.length + Math.ceil(missing / size) * filling.length);
    const padding = slicePoints(filling.repeat(Math.ceil(missing / size)), 0, missing);
    return side === "left" ? padding + text : text + padding;
  };
}

function capitalize(text: string): string {
  if (text === "") return text;
  const end = nextUnit(text, 0);
  return upperCase(text.slice(0, end)) + lowerCase(text.slice(end));
}

function upper(text: string): string {
  const capitals = upperCase(text);
  if (capitals.length > text.length) needRoomForText("upper-case", capitals.length);
  return capitals;
}

function codePoint(s: Value): Value {
  const text = needString("code-point", 1, s);
  return text === "" ? refuse("index", "code-point", "the string is empty") : text.codePointAt(0)!;
}

function fromCodePoint(n: Value): Value {
  const point = needCount("from-code-point", 1, n);
  const valid = point >= 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  return valid
    ? String.fromCodePoint(point)
    : refuse("range", "from-code-point", "there is no such code point", { point: n });
}

function readInteger(text: string): Value {
  if (!/^[+-]?\d+$/.test(text)) return null;
  needRoomForBits("parse-long", text.length * 3);
  const n = Number(text);
  return Number.isSafeInteger(n) ? n + 0 : integer(BigInt(text));
}

function readFloat(text: string): Value {
  const trimmed = trimEnd(trimStart(text));
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed)) return float(Number(trimmed));
  const named = /^([+-]?)(Infinity|NaN)$/.exec(trimmed);
  return named === null ? null : named[2] === "NaN" ? Number.NaN : named[1] === "-" ? -Infinity : Infinity;
}

export const string: readonly Primitive[] = [
  primitive("subs", 2, 3, subs),
  ofString("upper-case", "upper-case", upper),
  ofString("lower-case", "lower-case", lowerCase),
  ofString("capitalize", "capitalize", capitalize),
  ofString("trim", "trim", (s) => trimEnd(trimStart(s))),
  ofString("trim-left", "triml", trimStart),
  ofString("trim-right", "trimr", trimEnd),
  ofString("trim-newline", "trim-newline", (s) => s.replace(/[\r\n]+$/, "")),
  ofString("reverse-string", "reverse", (s) => Array.from(s).reverse().join("")),
  ofString("split-lines", "split-lines", splitLines),
  ofString("split-lines", "split-lines", linesOf, 2),
  ofString("parse-integer", "parse-long", readInteger),
  ofString("parse-boolean", "parse-boolean", (s) => (s === "true" ? true : s === "false" ? false : null)),
  ofString("parse-float", "parse-double", readFloat),
  testOf("starts-with?", (s, part) => s.startsWith(part)),
  testOf("ends-with?", (s, part) => s.endsWith(part)),
  testOf("includes?", (s, part) => s.includes(part)),
  primitive("split", 2, 3, split),
  primitive("index-of", 2, 3, indexOf),
  primitive("last-index-of", 2, 3, lastIndexOf),
  primitive("replace", 3, 3, replace),
  primitive("replace-first", 3, 3, replaceFirst),
  primitive("repeat-string", 2, 2, repeatString),
  primitive("pad-left", 2, 3, pad("left")),
  primitive("pad-right", 2, 3, pad("right")),
  primitive("code-point", 1, 1, codePoint),
  primitive("from-code-point", 1, 1, fromCodePoint),
];
