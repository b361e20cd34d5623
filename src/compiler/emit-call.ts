// Emission of what a value comes back from: calls, primitives, globals, definitions, perform, throw.
import { Block, type Operand } from "../code/code.ts";
import { call, type Deep } from "./deep.ts";
import { applyPrimitive, comeBack, type Dest, type Emission } from "./emission.ts";
import type { Node } from "./tree.ts";

type Of<T extends Node["t"]> = Extract<Node, { t: T }>;

export function* emitGlobal(e: Emission, node: Of<"global">, dest: Dest): Deep<void> {
  const global = e.builder.global(node.name);
  comeBack(e, Block.GUARD, dest, node.place, (next) => ["global", global, next]);
}

export function* emitVar(e: Emission, node: Of<"var">, dest: Dest): Deep<void> {
  const global = e.builder.global(node.name);
  comeBack(e, Block.GUARD, dest, node.place, (next) => ["var", global, next]);
}

/** Calls of globals name them in the call, so that a redefinition is seen (S-9) and traces can tell (S-5). */
export function* emitCall(e: Emission, node: Of<"call">, dest: Dest): Deep<void> {
  const { builder } = e;
  const named = node.head.t === "global" ? node.head.name : null;
  const operands = yield* call(e.operands(named === null ? [node.head, ...node.args] : node.args));
  if (builder.current === null) {
    release(e, operands);
    return;
  }
  const head: Operand = named === null ? operands[0] : `g${builder.global(named)}`;
  const args = named === null ? operands.slice(1) : operands;
  if (isProperTail(e, dest)) {
    builder.finish(["tail", head, args], [], node.place);
    release(e, operands);
    return;
  }
  comeBack(e, Block.RESUME, dest, node.place, (next) => ["call", head, args, next], operands);
}

export function* emitApply(e: Emission, node: Of<"apply">, dest: Dest): Deep<void> {
  const [head, args] = yield* call(e.operands([node.head, node.args]));
  if (isProperTail(e, dest)) {
    e.builder.finish(["tailapply", head, args], [], node.place);
    release(e, [head, args]);
    return;
  }
  comeBack(e, Block.RESUME, dest, node.place, (next) => ["apply", head, args, next], [head, args]);
}

/**
 * A top-level form keeps its frame while what it calls last runs: there is one of it at a time, so nothing grows, and whatever
 * goes wrong below it has a place in the text of the user.
 */
function isProperTail(e: Emission, dest: Dest): boolean {
  return dest === "tail" && e.fn.outer !== null;
}

export function* emitPrimitive(e: Emission, node: Of<"prim">, dest: Dest): Deep<void> {
  applyPrimitive(e, node.primitive, yield* call(e.operands(node.args)), dest, node.place);
}

export function* emitDef(e: Emission, node: Of<"def">, dest: Dest): Deep<void> {
  const { builder } = e;
  const parts = [node.value, node.meta].filter((part) => part !== null);
  const operands = yield* call(e.operands(parts));
  const value: Operand = node.value === null ? -1 : operands[0];
  const meta: Operand = node.meta === null ? e.nil() : operands[operands.length - 1];
  const global = builder.global(node.name);
  comeBack(e, Block.GUARD, dest, node.place, (next) => ["def", global, value, meta, next], operands);
}

export function* emitPerform(e: Emission, node: Of<"perform">, dest: Dest): Deep<void> {
  const operands = yield* call(e.operands([node.op, ...node.args]));
  const [op, ...args] = operands;
  comeBack(e, Block.RESUME, dest, node.place, (next) => ["perform", op, args, next], operands);
}

/** `throw` comes back when somebody answers it with a value (the restart `use-value`). */
export function* emitThrow(e: Emission, node: Of<"throw">, dest: Dest): Deep<void> {
  const value = yield* call(e.operand(node.value));
  comeBack(e, Block.RESUME, dest, node.place, (next) => ["throw", value, next], [value]);
}

function release(e: Emission, operands: readonly Operand[]): void {
  for (const operand of operands) e.builder.release(operand);
}
