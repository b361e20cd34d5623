// Making nodes of a pattern's tree: neighbours that are one thing become one.
import { type Ranges, union } from "../data/unicode/ranges.ts";
import type { Node } from "./syntax.ts";

/** One code point of a set. */
export function setNode(set: Ranges): Node {
  return { kind: "set", set };
}

/** True of a node that takes nothing, asks for nothing and so needs no instruction. */
export function isNothing(node: Node): boolean {
  return node.kind === "sequence" && node.items.length === 0;
}

/** Neighbouring texts are one text; what is nothing is left out. */
export function sequenceOf(items: readonly Node[]): Node {
  const merged: Node[] = [];
  for (const item of items) {
    const last = merged.at(-1);
    if (item.kind === "text" && last?.kind === "text")
      merged[merged.length - 1] = { kind: "text", text: last.text + item.text };
    else if (!isNothing(item)) merged.push(item);
  }
  return merged.length === 1 ? merged[0] : { kind: "sequence", items: merged };
}

/** Neighbouring options of one character each are one set. */
export function choiceOf(options: readonly Node[]): Node {
  const merged: Node[] = [];
  for (const option of options) {
    const last = merged.at(-1);
    const [a, b] = [last === undefined ? null : singleSet(last), singleSet(option)];
    if (a !== null && b !== null) merged[merged.length - 1] = setNode(union(a, b));
    else merged.push(option);
  }
  return merged.length === 1 ? merged[0] : { kind: "choice", options: merged };
}

/** The set of a node that takes one code point, or null. */
export function singleSet(node: Node): Ranges | null {
  if (node.kind === "set") return node.set;
  if (node.kind !== "text") return null;
  const point = node.text.codePointAt(0)!;
  return node.text.length === (point > 0xffff ? 2 : 1) ? [point, point] : null;
}
