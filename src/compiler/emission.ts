// What the parts of the emitter have in common: destinations of values, and the calls between the parts.
import { Block, type End, type Operand, type Place } from "../code/code.ts";
import type { Deep } from "./deep.ts";
import type { Builder, Draft, NestedUnit } from "./draft.ts";
import type { Primitive } from "../primitive/primitive.ts";
import type { Fn, Label, Local, Loop, Node } from "./tree.ts";
import { primitiveName } from "./vocabulary.ts";

/** Where the value of an expression goes: to the caller, nowhere, or into a slot (always its last act). */
export type Dest = "tail" | "none" | number;

/** Where `recur` goes. */
export interface LoopTarget {
  readonly head: Draft;
  readonly slots: readonly number[];
  /** Open block markers at the head. */
  readonly markers: number;
}

/** Where `exit` goes when it can jump. */
export interface LabelTarget {
  readonly join: Draft;
  readonly dest: Dest;
  /** Open block markers outside the block. */
  readonly markers: number;
}

/** The emitter of one function, as its parts see it. */
export interface Emission {
  readonly fn: Fn;
  readonly builder: Builder;
  readonly loops: Map<Loop, LoopTarget>;
  readonly labels: Map<Label, LabelTarget>;
  /** Emits code that computes the node and brings its value to the destination. */
  emit(node: Node, dest: Dest): Deep<void>;
  /** Emits code that computes the node; the answer is to be released when it has been used. */
  operand(node: Node): Deep<Operand>;
  /** Several in order; those before an assignment keep the value they had. */
  operands(nodes: readonly Node[]): Deep<Operand[]>;
  /** Goes to one of two PLAIN blocks. */
  test(node: Node, then: Draft, otherwise: Draft): Deep<void>;
  /** The place itself: the cell for a local that lives in one. */
  raw(local: Local): Operand;
  /** Brings a value that is at hand to the destination. */
  deliver(operand: Operand, dest: Dest, place: Place): void;
  /** A constant nil. */
  nil(): Operand;
  /** Compiles a nested function. */
  nested(fn: Fn): NestedUnit;
}

/**
 * Ends the block with an end that comes back with a value: `end` is told the next block's number. `kind` is RESUME or GUARD.
 */
export function comeBack(
  e: Emission,
  kind: number,
  dest: Dest,
  place: Place,
  end: (next: number) => End,
  used: readonly Operand[] = [],
): void {
  const { builder } = e;
  for (const operand of used) builder.release(operand);
  const result = dest === "none" ? -1 : dest === "tail" ? builder.temporary() : dest;
  const next = builder.draft(kind, result);
  builder.finish(end(next.id), [next], place);
  builder.begin(next);
  if (dest !== "tail") return;
  builder.finish(["return", result], [], place);
  builder.release(result);
}

/** Emits a primitive: an op if it is pure, else the end of a block. Releases the arguments. */
export function applyPrimitive(
  e: Emission,
  primitive: Primitive,
  args: readonly Operand[],
  dest: Dest,
  place: Place,
): void {
  const { builder } = e;
  const name = primitiveName(primitive);
  if (!primitive.pure) {
    comeBack(e, Block.GUARD, dest, place, (next) => ["prim", name, args, next], args);
    return;
  }
  for (const operand of args) builder.release(operand);
  const slot = typeof dest === "number" ? dest : builder.temporary();
  builder.op(["pure", slot, name, args]);
  e.deliver(slot, dest, place);
}

/** A destination that is no tail position: where a marker must be popped first. Give it back with `settle`. */
export function within(e: Emission, dest: Dest): Dest {
  return dest === "tail" ? e.builder.temporary() : dest;
}

/** Brings what was computed for `inner` (from `within`) to the destination. */
export function settle(e: Emission, inner: Dest, dest: Dest, place: Place): void {
  if (dest !== "tail" || typeof inner !== "number") return;
  e.builder.finish(["return", inner], [], place);
  e.builder.release(inner);
}

/** A PLAIN block to be placed later. */
export function plain(e: Emission): Draft {
  return e.builder.draft(Block.PLAIN);
}
