// What a pattern is compiled to: instructions of the matcher (match.ts), in one array of numbers.
import { includes, type Ranges } from "../data/unicode/ranges.ts";
import type { Assertion, Lines } from "./syntax.ts";

/** The operations, each with what stands behind it. */
export const Op = {
  /** The whole pattern is matched. */
  Match: 0,
  /** text: this text comes next. */
  Text: 1,
  /** set: a code point of the set comes next. */
  Set: 2,
  /** set, n: n code points of the set come next. */
  Times: 3,
  /** set, most (-1: no limit), mode, memo (-1: none), follow: as many code points of the set as the mode says, down to none. */
  Star: 4,
  /** first, second, set of first, set of second: goes on at first, or failing that at second. */
  Split: 5,
  /** target */
  Jump: 6,
  /** register: keeps the place. */
  Keep: 7,
  /** group, register: the group took what stands between the place kept and here. */
  Close: 8,
  /** register, target: goes to the target if nothing was taken since the place was kept. */
  Progress: 9,
  /** memo: fails if it has come by here before. */
  Memo: 10,
  /** what, lines, set of words */
  Assert: 11,
  /** group, fold */
  Reference: 12,
  /** group, target: goes to the target unless the group took part. */
  Condition: 13,
  /** kind, target behind End, fewest and most code points (lookbehind), memo of where it matches (-1: none): begins a body of its own. */
  Begin: 14,
  /** The body is matched. */
  End: 15,
  /** unit: this UTF-16 unit comes next, and is a whole character. */
  Char: 16,
} as const;

/** How many numbers an instruction has, by operation. */
export const LENGTHS: readonly number[] = [1, 2, 2, 3, 6, 5, 2, 2, 3, 3, 2, 4, 3, 3, 6, 1, 2];

/** Modes of Star. */
export const Greedy = 0;
export const Lazy = 1;
export const Possessive = 2;

/** Kinds of Begin. */
export const Body = { Atomic: 0, Ahead: 1, NotAhead: 2, Behind: 3, NotBehind: 4 } as const;

export const ASSERTIONS: readonly Assertion[] = [
  "start",
  "end",
  "last",
  "line-start",
  "line-end",
  "origin",
  "word",
  "not-word",
];
export const LINES: readonly Lines[] = ["unix", "all", "python"];

/** A set of code points, quick to ask. */
export class PointSet {
  /** One byte for each code point below 256. */
  readonly latin = new Uint8Array(256);

  constructor(readonly ranges: Ranges) {
    for (let point = 0; point < 256; point++) if (includes(ranges, point)) this.latin[point] = 1;
  }

  has(point: number): boolean {
    return point < 256 ? this.latin[point] === 1 : includes(this.ranges, point);
  }
}

/** A place the matcher remembers having come by, so as not to go the same way twice. */
export interface MemoPlace {
  /** Its first number; it has one more for each of the registers. */
  readonly base: number;
  /** Where the current round of each loop around it that may take nothing began, outermost first. */
  readonly registers: readonly number[];
}

export interface Program {
  readonly code: Int32Array;
  readonly texts: readonly string[];
  readonly sets: readonly PointSet[];
  /** How many groups there are, the whole match not counted. */
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
  /** Places of groups (two each, the whole match first), then places kept. */
  readonly registers: number;
  readonly memos: readonly MemoPlace[];
  /** How many numbers memo places have together. */
  readonly memoCount: number;
  /** The registers that what comes next depends on: of groups that references and conditions ask for, also while they are open. */
  readonly depends: readonly number[];
  /** It can only begin at the start of the text. */
  readonly anchored: boolean;
  /** Every match begins with this text; or "". */
  readonly prefix: string;
  /** Every match begins with a code point of this set; or null. */
  readonly first: PointSet | null;
}
