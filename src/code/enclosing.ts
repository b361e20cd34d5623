// What is open around each block within its activation: the markers pushed and the prompts entered on the way to it.
//
// Validation (flow.ts) refuses code in which two ways to a block differ in that, so one way tells.
import type { Code, MarkerKind } from "./code.ts";
import { successors } from "./grammar.ts";

/** A marker or prompt that is open, and what is open around it. */
export interface Enclosing {
  readonly kind: MarkerKind | "prompt";
  /** The block of its clause; -1: none. */
  readonly clause: number;
  readonly outer: Enclosing | null;
}

/** For each block, the innermost of what is open when it is entered; null: nothing is. */
export function enclosings(code: Code): readonly (Enclosing | null)[] {
  const found: (Enclosing | null | undefined)[] = code.blocks.map(() => undefined);
  const queue: number[] = [];
  const enter = (block: number, around: Enclosing | null): void => {
    if (found[block] !== undefined) return;
    found[block] = around;
    queue.push(block);
  };
  for (const [, , entry] of code.arities) enter(entry, null);
  for (let index = queue.pop(); index !== undefined; index = queue.pop()) {
    const end = code.blocks[index][4];
    const here = found[index]!;
    if (end[0] === "push") enter(end[5], { kind: end[1], clause: end[4], outer: here });
    else if (end[0] === "prompt") enter(end[3], { kind: "prompt", clause: -1, outer: here });
    const after = end[0] === "pop" ? here!.outer : here;
    for (const block of successors(end)) enter(block, after);
  }
  return found.map((around) => around ?? null);
}
