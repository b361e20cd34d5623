// A pattern as a tree: what both dialects are parsed into.
import type { Ranges } from "../data/unicode/ranges.ts";

/** What holds at a place without taking a character. */
export type Assertion =
  /** The beginning of the text. */
  | "start"
  /** The end of the text. */
  | "end"
  /** The end of the text, or before the line terminator it ends with. */
  | "last"
  | "line-start"
  | "line-end"
  /** Where the match before ended, or where the first search began. */
  | "origin"
  /** Between a word character and something else. */
  | "word"
  | "not-word";

/** Which ends of lines there are: \n alone; \n, \r, \r\n, \u0085, \u2028, \u2029; \n alone, and `^` also behind the last one (Python). */
export type Lines = "unix" | "all" | "python";

/** What differs by case alone: nothing; the letters a to z; all letters. */
export type Fold = "none" | "ascii" | "unicode";

export type Mode = "greedy" | "lazy" | "possessive";

export type Node =
  | { readonly kind: "text"; readonly text: string }
  /** One code point of a set. */
  | { readonly kind: "set"; readonly set: Ranges }
  | { readonly kind: "sequence"; readonly items: readonly Node[] }
  | { readonly kind: "choice"; readonly options: readonly Node[] }
  /** A capturing group; the first has index 1. */
  | { readonly kind: "group"; readonly index: number; readonly body: Node }
  | { readonly kind: "repeat"; readonly body: Node; readonly min: number; readonly max: number; readonly mode: Mode }
  | { readonly kind: "atomic"; readonly body: Node }
  /** Lookahead or lookbehind; `min` and `max` code points long, if it looks behind. */
  | {
      readonly kind: "look";
      readonly behind: boolean;
      readonly negative: boolean;
      readonly body: Node;
      readonly min: number;
      readonly max: number;
    }
  | { readonly kind: "assertion"; readonly what: Assertion; readonly lines: Lines; readonly word: Ranges }
  /** The text a group took. */
  | { readonly kind: "reference"; readonly group: number; readonly fold: Fold }
  /** One thing if a group took part, else another. */
  | { readonly kind: "condition"; readonly group: number; readonly yes: Node; readonly no: Node };

/** What matches the empty text and nothing else. */
export const EMPTY: Node = { kind: "sequence", items: [] };

/** A pattern that was parsed. */
export interface Pattern {
  readonly node: Node;
  /** How many groups there are. */
  readonly groups: number;
  /** The index of each named group, in their order. */
  readonly names: ReadonlyMap<string, number>;
}

/** How many code points a node takes: fewest and most. */
export function widthOf(node: Node): readonly [min: number, max: number] {
  switch (node.kind) {
    case "text":
      return [[...node.text].length, [...node.text].length];
    case "set":
      return [1, 1];
    case "sequence": {
      const widths = node.items.map(widthOf);
      return [sum(widths.map(([min]) => min)), sum(widths.map(([, max]) => max))];
    }
    case "choice":
      return either(node.options);
    case "condition":
      return either([node.yes, node.no]);
    case "group":
    case "atomic":
      return widthOf(node.body);
    case "repeat": {
      const [min, max] = widthOf(node.body);
      return [min * node.min, max === 0 ? 0 : max * node.max];
    }
    case "look":
    case "assertion":
      return [0, 0];
    case "reference":
      return [0, Infinity];
  }
}

function either(options: readonly Node[]): readonly [number, number] {
  const widths = options.map(widthOf);
  return [Math.min(...widths.map(([min]) => min)), Math.max(...widths.map(([, max]) => max))];
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
