// Strings as sequences of code points (S-14), though JavaScript counts code units.
//
// Where a string has no surrogates the two agree, and a regex finds that out in constant time for one-byte strings. For long
// strings with surrogates a few indexes are kept, one entry for every 64 code points; they are no part of any state.
import { hasSurrogates } from "../base/text.ts";

const STRIDE = 64;
const INDEX_FROM = 512;
const INDEXES_MAX = 8;

interface PointIndex {
  readonly text: string;
  readonly count: number;
  /** The unit offset of code point 64 i. */
  readonly units: readonly number[];
}

/** The ones used last, most recent first. */
const indexes: PointIndex[] = [];

function indexOf(text: string): PointIndex {
  const at = indexes.findIndex((index) => index.text === text);
  const found = at < 0 ? buildIndex(text) : indexes[at];
  if (at !== 0) {
    if (at > 0) indexes.splice(at, 1);
    indexes.unshift(found);
    if (indexes.length > INDEXES_MAX) indexes.pop();
  }
  return found;
}

function buildIndex(text: string): PointIndex {
  const units: number[] = [];
  let count = 0;
  for (let unit = 0; unit < text.length; unit = nextUnit(text, unit)) {
    if (count % STRIDE === 0) units.push(unit);
    count++;
  }
  return { text, count, units };
}

/** The offset behind the code point at an offset. */
export function nextUnit(text: string, unit: number): number {
  return unit + ((text.charCodeAt(unit) & 0xfc00) === 0xd800 ? 2 : 1);
}

/** How many code points a string has. */
export function countPoints(text: string): number {
  if (!hasSurrogates(text)) return text.length;
  return text.length >= INDEX_FROM ? indexOf(text).count : pointsBetween(text, 0, text.length);
}

function pointsBetween(text: string, from: number, to: number): number {
  let count = 0;
  for (let unit = from; unit < to; unit = nextUnit(text, unit)) count++;
  return count;
}

/** The unit offset of a code point by its index in 0..count. */
export function unitOfPoint(text: string, point: number): number {
  if (!hasSurrogates(text)) return point;
  let unit = 0;
  let left = point;
  if (text.length >= INDEX_FROM) {
    const { units } = indexOf(text);
    const entry = Math.min(Math.floor(point / STRIDE), units.length - 1);
    unit = units[entry];
    left = point - entry * STRIDE;
  }
  for (; left > 0; left--) unit = nextUnit(text, unit);
  return unit;
}

/** The index of the code point at a unit offset. */
export function pointOfUnit(text: string, unit: number): number {
  if (!hasSurrogates(text)) return unit;
  if (text.length < INDEX_FROM) return pointsBetween(text, 0, unit);
  const { units } = indexOf(text);
  let low = 0;
  let high = units.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (units[middle] <= unit) low = middle;
    else high = middle - 1;
  }
  return low * STRIDE + pointsBetween(text, units[low], unit);
}

/** The code point at an index in 0..count-1, as a string. */
export function pointAt(text: string, point: number): string {
  const unit = unitOfPoint(text, point);
  return text.slice(unit, nextUnit(text, unit));
}

/** The part between two indexes of code points, 0 <= from <= to <= count. */
export function slicePoints(text: string, from: number, to: number): string {
  return text.slice(unitOfPoint(text, from), unitOfPoint(text, to));
}

/** Where `needle` begins at or behind an index of code points, as such an index; -1 if nowhere. */
export function searchPoints(text: string, needle: string, from = 0): number {
  const unit = text.indexOf(needle, unitOfPoint(text, from));
  return unit < 0 ? -1 : pointOfUnit(text, unit);
}

/** Where `needle` begins last, at or before an index of code points, as such an index; -1 if nowhere. */
export function searchPointsBack(text: string, needle: string, from = Infinity): number {
  const unit = text.lastIndexOf(needle, from < text.length ? unitOfPoint(text, from) : Infinity);
  return unit < 0 ? -1 : pointOfUnit(text, unit);
}

/** Negative, 0 or positive, by code points. JavaScript's `<` goes by units and puts U+10000 before U+FFFF. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return inOrder(x) - inOrder(y);
  }
  return a.length - b.length;
}

/** Moves surrogates behind all other units. */
function inOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}
