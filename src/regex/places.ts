// Places in a text, in UTF-16 units: stepping by code points, what holds at one without taking a character.
import { foldPoint } from "../data/unicode/properties.ts";
import { ASSERTIONS, LINES, type PointSet } from "./program.ts";

/** The place behind the code point at a place. */
export function after(text: string, at: number): number {
  return at + ((text.charCodeAt(at) & 0xfc00) === 0xd800 ? 2 : 1);
}

/** The place in front of the code point that ends at a place. */
export function before(text: string, at: number): number {
  return at - ((text.charCodeAt(at - 1) & 0xfc00) === 0xdc00 ? 2 : 1);
}

/** True if a code point of the set stands at a place. */
export function isAt(set: PointSet, text: string, at: number): boolean {
  if (at >= text.length) return false;
  const unit = text.charCodeAt(at);
  return unit < 256 ? set.latin[unit] === 1 : set.has(text.codePointAt(at)!);
}

const [START, END, LAST, LINE_START, LINE_END, ORIGIN, WORD] = ASSERTIONS.map((_, i) => i);
const ALL_LINES = LINES.indexOf("all");
const PYTHON_LINES = LINES.indexOf("python");

/** True if an assertion (its place in ASSERTIONS) holds at a place; `lines` is a place in LINES. */
export function holds(what: number, lines: number, words: PointSet, text: string, at: number, origin: number): boolean {
  switch (what) {
    case START:
      return at === 0;
    case END:
      return at === text.length;
    case LAST:
      return at === text.length || (lineEndsAt(text, at, lines) && afterLineEnd(text, at) === text.length);
    case LINE_START:
      return (lines === PYTHON_LINES || at < text.length) && (at === 0 || lineEndedAt(text, at, lines));
    case LINE_END:
      return at === text.length || lineEndsAt(text, at, lines);
    case ORIGIN:
      return at === origin;
    default:
      return isWordBoundary(words, text, at) === (what === WORD);
  }
}

function isWordBoundary(words: PointSet, text: string, at: number): boolean {
  return (at > 0 && isAt(words, text, before(text, at))) !== isAt(words, text, at);
}

/** A line terminator begins here; between \r and \n there is none. */
function lineEndsAt(text: string, at: number, lines: number): boolean {
  const unit = text.charCodeAt(at);
  if (lines !== ALL_LINES) return unit === 0x0a;
  if (unit === 0x0a) return at === 0 || text.charCodeAt(at - 1) !== 0x0d;
  return unit === 0x0d || unit === 0x85 || unit === 0x2028 || unit === 0x2029;
}

function afterLineEnd(text: string, at: number): number {
  return text.startsWith("\r\n", at) ? at + 2 : at + 1;
}

/** A line terminator ends here. */
function lineEndedAt(text: string, at: number, lines: number): boolean {
  const unit = text.charCodeAt(at - 1);
  if (lines !== ALL_LINES || unit === 0x0a) return unit === 0x0a;
  if (unit === 0x0d) return text.charCodeAt(at) !== 0x0a;
  return unit === 0x85 || unit === 0x2028 || unit === 0x2029;
}

/** Where the text between two places, found again at a third, ends; -1 if it is not there. `fold` is a place in FOLDS. */
export function sameText(text: string, from: number, to: number, at: number, fold: number): number {
  if (fold === 0) {
    const end = at + (to - from);
    return end <= text.length && text.startsWith(text.slice(from, to), at) ? end : -1;
  }
  let j = at;
  for (let i = from; i < to; i = after(text, i)) {
    if (j >= text.length) return -1;
    const [a, b] = [text.codePointAt(i)!, text.codePointAt(j)!];
    if (a !== b && (fold === 1 ? foldAscii(a) !== foldAscii(b) : foldPoint(a) !== foldPoint(b))) return -1;
    j = after(text, j);
  }
  return j;
}

function foldAscii(point: number): number {
  return point >= 0x61 && point <= 0x7a ? point - 32 : point;
}
