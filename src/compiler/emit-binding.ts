// Emission of what binds names: let, loop and recur, closures and letfn groups.
import { Block, type Operand } from "../code/code.ts";
import { call, type Deep } from "./deep.ts";
import { applyPrimitive, type Dest, type Emission } from "./emission.ts";
import type { Local, Loop, Node } from "./tree.ts";
import { requiredPrimitive } from "./vocabulary.ts";

/** Brings the value of `init` into the new local's place, and the local into scope. */
function* bind(e: Emission, local: Local, init: Node): Deep<void> {
  const { builder } = e;
  const slot = builder.declare(local);
  if (local.cell) {
    applyPrimitive(e, requiredPrimitive("cell-new"), [yield* call(e.operand(init))], slot, init.place);
  } else yield* call(e.emit(init, slot));
  builder.enter(slot);
}

/** `body` says what to do with the body when it is not simply emitted. */
export function* emitLet(
  e: Emission,
  node: Extract<Node, { t: "let" }>,
  dest: Dest,
  body: (body: Node) => Deep<void> = (inner) => e.emit(inner, dest),
): Deep<void> {
  const outside = e.builder.scope;
  for (let i = 0; i < node.locals.length; i++) yield* call(bind(e, node.locals[i], node.inits[i]));
  yield* call(body(node.body));
  leave(e, node.locals, outside);
}

function leave(e: Emission, locals: readonly Local[], outside: readonly number[]): void {
  e.builder.scope = outside;
  for (const local of locals) e.builder.forget(local);
}

export function* emitLoop(
  e: Emission,
  node: Extract<Node, { t: "loop" }>,
  dest: Dest,
  open: (loop: Loop, slots: readonly number[]) => void,
): Deep<void> {
  const outside = e.builder.scope;
  for (let i = 0; i < node.locals.length; i++) yield* call(bind(e, node.locals[i], node.inits[i]));
  if (node.loop.used)
    open(
      node.loop,
      node.locals.map((local) => e.builder.slots.get(local)!),
    );
  yield* call(e.emit(node.body, dest));
  leave(e, node.locals, outside);
}

/** Rebinds the loop's locals all at once and goes back to its head, popping the block markers between. */
export function* emitRecur(e: Emission, node: Extract<Node, { t: "recur" }>): Deep<void> {
  const { builder } = e;
  const { head, slots, markers } = e.loops.get(node.loop)!;
  const values = yield* call(e.operands(node.args));
  popBlocks(e, builder.blockMarkers - markers);
  moveAll(e, slots, values);
  values.forEach((value) => {
    builder.release(value);
  });
  builder.jump(head, node.place);
}

/** Pops so many block markers. */
export function popBlocks(e: Emission, count: number): void {
  for (let i = 0; i < count; i++) popMarker(e);
}

/** Pops the nearest marker. */
export function popMarker(e: Emission): void {
  const next = e.builder.draft(Block.PLAIN);
  e.builder.finish(["pop", next.id], [next], 0);
  e.builder.begin(next);
}

/** Parallel assignment: every source is read before it is overwritten; a cycle is broken with a temporary. */
function moveAll(e: Emission, slots: readonly number[], values: readonly Operand[]): void {
  const { builder } = e;
  let waiting = slots.map((slot, i): [number, Operand] => [slot, values[i]]).filter(([slot, value]) => slot !== value);
  const borrowed: number[] = [];
  while (waiting.length > 0) {
    const at = waiting.findIndex(([slot]) => !waiting.some(([, value]) => value === slot));
    if (at >= 0) {
      builder.move(...waiting[at]);
      waiting.splice(at, 1);
      continue;
    }
    const [slot] = waiting[0];
    const copy = builder.temporary();
    borrowed.push(copy);
    builder.move(copy, slot);
    waiting = waiting.map(([to, value]) => [to, value === slot ? copy : value]);
  }
  for (const copy of borrowed) builder.release(copy);
}

export function* emitFn(e: Emission, node: Extract<Node, { t: "fn" }>, dest: Dest): Deep<void> {
  if (dest === "none") return;
  const { builder } = e;
  const unit = builder.unit(e.nested(node.fn));
  const captures = node.fn.captures.locals.map((local) => e.raw(local));
  for (const capture of captures) builder.release(capture);
  const slot = dest === "tail" ? builder.temporary() : dest;
  builder.op(["closure", slot, unit, captures]);
  if (dest === "tail") e.deliver(slot, dest, node.place);
}

export function* emitLetfn(e: Emission, node: Extract<Node, { t: "letfn" }>, dest: Dest): Deep<void> {
  const { builder } = e;
  const outside = builder.scope;
  const units = node.fns.map((fn) => builder.unit(e.nested(fn)));
  const captures = node.fns[0].captures.locals.map((local) => e.raw(local));
  for (const capture of captures) builder.release(capture);
  const slots = node.locals.map((local) => builder.declare(local));
  builder.op(["group", slots, units, captures]);
  for (const slot of slots) builder.enter(slot);
  yield* call(e.emit(node.body, dest));
  leave(e, node.locals, outside);
}
