// Capital and small letters by tables of our own, so that they are the same on every Node (S-26).
//
// The mappings are those of the Unicode Standard, section 3.13: full ones, without regard to a language, and with its one
// condition that does not depend on one, the sigma at the end of a word. Tables are decoded when a text that is not ASCII comes.
import { CASE_IGNORABLE, CASED, LOWER, LOWER_SEVERAL, UPPER, UPPER_SEVERAL } from "./case-tables.ts";
import { numbersOf, pairsOfRuns } from "./runs.ts";

const BEYOND_ASCII = /[^\0-\x7f]/;
const SIGMA = 0x3a3;
const SMALL_SIGMA = "\u03c3";
const FINAL_SIGMA = "\u03c2";

type Mapping = ReadonlyMap<number, string>;

function decode(single: string, several: string): Mapping {
  const mapping = new Map<number, string>();
  for (const [point, to] of pairsOfRuns(single)) mapping.set(point, String.fromCodePoint(to));
  for (const one of several.split(",")) {
    const [point, ...to] = numbersOf(one);
    mapping.set(point, String.fromCodePoint(...to));
  }
  return mapping;
}

/** Where stretches with and without a property begin, in turn: the first has it. */
function starts(runs: string): readonly number[] {
  const found: number[] = [];
  let at = 0;
  for (const length of numbersOf(runs)) {
    at += length;
    found.push(at);
  }
  return found;
}

function isWithin(borders: readonly number[], point: number): boolean {
  let low = 0;
  let high = borders.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (borders[middle] <= point) low = middle + 1;
    else high = middle;
  }
  return low % 2 === 1;
}

interface Tables {
  readonly upper: Mapping;
  readonly lower: Mapping;
  readonly cased: readonly number[];
  readonly ignorable: readonly number[];
}

let tables: Tables | null = null;

function theTables(): Tables {
  tables ??= {
    upper: decode(UPPER, UPPER_SEVERAL),
    lower: decode(LOWER, LOWER_SEVERAL),
    cased: starts(CASED),
    ignorable: starts(CASE_IGNORABLE),
  };
  return tables;
}

const ASCII_CAPITALS = /[A-Z]/g;
const ASCII_SMALL = /[a-z]/g;
const moveBy = (distance: number) => (char: string) => String.fromCharCode(char.charCodeAt(0) + distance);
const toSmall = moveBy(32);
const toCapital = moveBy(-32);

/** The text in capitals: up to three times as long. */
export function upperCase(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text.toUpperCase();
  const { upper } = theTables();
  let out = "";
  for (const char of text) out += upper.get(char.codePointAt(0)!) ?? char;
  return out.replace(ASCII_SMALL, toCapital);
}

/** The text in small letters. */
export function lowerCase(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text.toLowerCase();
  const { lower } = theTables();
  let out = "";
  let at = 0;
  for (const char of text) {
    const point = char.codePointAt(0)!;
    out += point === SIGMA ? smallSigma(text, at) : (lower.get(point) ?? char);
    at += char.length;
  }
  return out.replace(ASCII_CAPITALS, toSmall);
}

/** A sigma is final behind a cased letter and before none; what is ignorable between does not count. (Final_Sigma) */
function smallSigma(text: string, at: number): string {
  return nextCased(text, at - 1, -1) && !nextCased(text, at + 1, 1) ? FINAL_SIGMA : SMALL_SIGMA;
}

/** Whether the next code point that is not ignorable, in this direction, is cased. */
function nextCased(text: string, from: number, direction: 1 | -1): boolean {
  const { cased, ignorable } = theTables();
  for (let at = from; at >= 0 && at < text.length; ) {
    const start = direction === -1 && isLow(text.charCodeAt(at)) ? at - 1 : at;
    const point = text.codePointAt(start)!;
    if (!isWithin(ignorable, point)) return isWithin(cased, point);
    at = direction === 1 ? start + (point > 0xffff ? 2 : 1) : start - 1;
  }
  return false;
}

const isLow = (unit: number) => (unit & 0xfc00) === 0xdc00;
