// What a match of a node can begin with, which lets the matcher choose without trying.
import { NOTHING, type Ranges, union } from "../data/unicode/ranges.ts";
import type { Node } from "./syntax.ts";

/** A set that the next code point must be in, or null: anything, or nothing more at all. */
export type First = Ranges | null;

/** What can come first where a node stands, if `follow` can come first behind it. Larger than the truth, never smaller. */
export function firstOf(node: Node, follow: First): First {
  switch (node.kind) {
    case "text": {
      const point = node.text.codePointAt(0)!;
      return [point, point];
    }
    case "set":
      return node.set;
    case "sequence":
      return node.items.reduceRight<First>((next, item) => firstOf(item, next), follow);
    case "choice":
      return anyOf(node.options.map((option) => firstOf(option, follow)));
    case "condition":
      return anyOf([firstOf(node.yes, follow), firstOf(node.no, follow)]);
    case "group":
    case "atomic":
      return firstOf(node.body, follow);
    case "repeat":
      if (node.max === 0) return follow;
      return node.min > 0 ? firstOf(node.body, follow) : anyOf([firstOf(node.body, follow), follow]);
    case "look":
    case "assertion":
      return follow;
    case "reference":
      return null;
  }
}

export function anyOf(sets: readonly First[]): First {
  let sum: Ranges = NOTHING;
  for (const set of sets) {
    if (set === null) return null;
    sum = union(sum, set);
  }
  return sum;
}

/** True if the node can match without taking anything. Larger than the truth, never smaller. */
export function mayBeEmpty(node: Node): boolean {
  switch (node.kind) {
    case "text":
    case "set":
      return false;
    case "sequence":
      return node.items.every(mayBeEmpty);
    case "choice":
      return node.options.some(mayBeEmpty);
    case "condition":
      return mayBeEmpty(node.yes) || mayBeEmpty(node.no);
    case "group":
    case "atomic":
      return mayBeEmpty(node.body);
    case "repeat":
      return node.min === 0 || mayBeEmpty(node.body);
    case "look":
    case "assertion":
    case "reference":
      return true;
  }
}
