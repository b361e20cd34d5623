// Emission of what leaves a marker or prompt on the stack: try, block and exit, binding, scopes, prompts, handlers.
//
// Bodies are blocks of the same unit (S-8): `push` and `pop` around them, and a clause the machine enters when it unwinds.
import { Block, type MarkerKind, type Operand } from "../code/code.ts";
import type { Draft } from "./draft.ts";
import { popBlocks, popMarker } from "./emit-binding.ts";
import { call, type Deep } from "./deep.ts";
import { applyPrimitive, type Dest, type Emission, plain, settle, within } from "./emission.ts";
import type { Node } from "./tree.ts";
import { encodeConstant, requiredPrimitive } from "./vocabulary.ts";

type Of<T extends Node["t"]> = Extract<Node, { t: T }>;

/** Pushes a marker. Assignments from here on are invisible to its clause. */
function push(
  e: Emission,
  kind: MarkerKind,
  id: number,
  data: readonly Operand[],
  clause: Draft | null,
  node: Node,
): void {
  const { builder } = e;
  const inside = plain(e);
  const targets = clause === null ? [inside] : [clause, inside];
  builder.finish(["push", kind, id, data, clause?.id ?? -1, inside.id], targets, node.place);
  builder.begin(inside);
  for (const operand of data) builder.release(operand);
  if (clause !== null) builder.openRegion(clause);
}

/** Emits try. `catch` and `finally` together are a finally around a try with catch. */
export function* emitTry(e: Emission, node: Of<"try">, dest: Dest): Deep<void> {
  if (node.cleanup === null) {
    yield* call(emitCatch(e, node, dest));
    return;
  }
  const { builder } = e;
  const value: Dest = dest === "none" ? "none" : builder.temporary();
  const completion = builder.temporary();
  const clause = builder.draft(Block.CLAUSE, completion);
  const cleanup = plain(e);
  const behind = plain(e);
  // The clause restores the value's slot too, so it must hold something when the marker is pushed.
  if (value !== "none") builder.move(value as number, e.nil());
  push(e, "finally", -1, [], clause, node);
  yield* call(emitCatch(e, node, value));
  builder.closeRegion();
  popMarker(e);
  builder.move(completion, e.nil());
  builder.jump(cleanup);
  builder.begin(clause);
  builder.jump(cleanup);
  builder.begin(cleanup);
  push(e, "cleanup", -1, [], null, node.cleanup);
  yield* call(e.emit(node.cleanup, "none"));
  popMarker(e);
  builder.finish(["endfinally", completion, behind.id], [behind], node.cleanup.place);
  builder.begin(behind);
  builder.release(completion);
  if (value !== "none") e.deliver(value as number, dest, node.place);
}

function* emitCatch(e: Emission, node: Of<"try">, dest: Dest): Deep<void> {
  const { builder } = e;
  const { handler } = node;
  if (handler === null) {
    yield* call(e.emit(node.body, dest));
    return;
  }
  const filter = yield* call(e.operand(handler.filter));
  const thrown = builder.declare(handler.thrown);
  const clause = builder.draft(Block.CLAUSE, thrown);
  const join = plain(e);
  push(e, "catch", -1, [filter], clause, node);
  const inner = within(e, dest);
  yield* call(e.emit(node.body, inner));
  builder.closeRegion();
  popMarker(e);
  settle(e, inner, dest, node.place);
  if (dest !== "tail") builder.jump(join);
  builder.begin(clause);
  yield* call(e.emit(handler.clause, dest));
  builder.forget(handler.thrown);
  if (dest === "tail") return;
  builder.jump(join);
  builder.begin(join);
}

export function* emitBlock(e: Emission, node: Of<"block">, dest: Dest): Deep<void> {
  const { label } = node;
  if (!label.used) {
    yield* call(e.emit(node.body, dest));
    return;
  }
  if (label.marker) {
    yield* call(emitMarkedBlock(e, node, dest));
    return;
  }
  const join = plain(e);
  e.labels.set(label, { join, dest, markers: e.builder.blockMarkers });
  yield* call(e.emit(node.body, dest));
  if (dest === "tail") return;
  e.builder.jump(join);
  e.builder.begin(join);
}

function* emitMarkedBlock(e: Emission, node: Of<"block">, dest: Dest): Deep<void> {
  const { builder } = e;
  const { label } = node;
  const inner = within(e, dest);
  const id = builder.declare(label.id);
  const clause = builder.draft(Block.CLAUSE, inner === "none" ? -1 : (inner as number));
  const join = plain(e);
  e.labels.set(label, { join, dest: inner, markers: builder.blockMarkers });
  push(e, "block", id, [], clause, node);
  builder.blockMarkers++;
  yield* call(e.emit(node.body, inner));
  builder.blockMarkers--;
  builder.closeRegion();
  popMarker(e);
  builder.jump(join);
  builder.begin(clause);
  builder.jump(join);
  builder.begin(join);
  builder.forget(label.id);
  settle(e, inner, dest, node.place);
}

/** A jump where nothing but blocks is left, else by the marker's id (S-6). */
export function* emitExit(e: Emission, node: Of<"exit">): Deep<void> {
  const { builder } = e;
  if (node.jump) {
    const { join, dest, markers } = e.labels.get(node.label)!;
    const crossed = builder.blockMarkers - markers;
    if (crossed === 0) yield* call(e.emit(node.value, dest));
    else if (dest !== "tail") {
      yield* call(e.emit(node.value, dest));
      popBlocks(e, crossed);
    } else {
      const value = yield* call(e.operand(node.value));
      popBlocks(e, crossed);
      e.deliver(value, "tail", node.place);
      return;
    }
    builder.jump(join);
    return;
  }
  const [id, value] = [e.raw(node.label.id), yield* call(e.operand(node.value))];
  builder.finish(["exit", id, value], [], node.place);
  builder.release(id);
  builder.release(value);
}

export function* emitBinding(e: Emission, node: Of<"binding">, dest: Dest): Deep<void> {
  const { builder } = e;
  const values = yield* call(e.operands(node.values));
  const vars = yield* call(e.operands(node.vars.map((name) => ({ t: "var", name, place: node.place }))));
  const [varVector, valueVector] = [vars, values].map((items) => {
    const slot = builder.temporary();
    applyPrimitive(e, requiredPrimitive("vector"), items, slot, node.place);
    return slot;
  });
  yield* call(emitMarked(e, "binding", [varVector, valueVector], node, dest));
}

export function* emitScope(e: Emission, node: Of<"scope">, dest: Dest): Deep<void> {
  yield* call(emitMarked(e, "scope", [yield* call(e.operand(node.data))], node, dest));
}

/** A marker without a clause around a body. */
function* emitMarked(
  e: Emission,
  kind: MarkerKind,
  data: readonly Operand[],
  node: Of<"binding"> | Of<"scope">,
  dest: Dest,
): Deep<void> {
  push(e, kind, -1, data, null, node);
  const inner = within(e, dest);
  yield* call(e.emit(node.body, inner));
  popMarker(e);
  settle(e, inner, dest, node.place);
}

export function* emitPrompt(e: Emission, node: Of<"prompt">, dest: Dest): Deep<void> {
  yield* call(emitSegment(e, "prompt", [yield* call(e.operand(node.tag))], node, dest));
}

export function* emitHandle(e: Emission, node: Of<"handle">, dest: Dest): Deep<void> {
  const { builder } = e;
  const fns = yield* call(e.operands(node.fns));
  const vector = builder.temporary();
  applyPrimitive(e, requiredPrimitive("vector"), fns, vector, node.place);
  const ops = builder.constant(["v", ...node.ops.map((op) => encodeConstant(op))]);
  yield* call(emitSegment(e, "handle", [ops, vector], node, dest));
}

/** A body that runs in a segment of its own and ends in return. */
function* emitSegment(
  e: Emission,
  kind: "prompt" | "handle",
  data: readonly Operand[],
  node: Of<"prompt"> | Of<"handle">,
  dest: Dest,
): Deep<void> {
  const { builder } = e;
  if (builder.current === null) return;
  for (const operand of data) builder.release(operand);
  const result = dest === "none" ? -1 : dest === "tail" ? builder.temporary() : dest;
  const body = plain(e);
  const behind = builder.draft(Block.RESUME, result);
  builder.finish(["prompt", kind, data, body.id, behind.id], [body, behind], node.place);
  builder.begin(body);
  builder.openRegion(behind);
  yield* call(e.emit(node.body, "tail"));
  builder.closeRegion();
  builder.begin(behind);
  if (dest !== "tail") return;
  builder.finish(["return", result], [], node.place);
  builder.release(result);
}
