// The CPS transform: one function's tree to blocks. Only what can wait, throw or call cuts a block (design.md section 4).
import { Block, type Operand, type Place } from "../code/code.ts";
import { call, type Deep, done } from "./deep.ts";
import { Builder, type Draft, type NestedUnit } from "./draft.ts";
import {
  emitApply,
  emitCall,
  emitDef,
  emitGlobal,
  emitPerform,
  emitPrimitive,
  emitThrow,
  emitVar,
} from "./emit-call.ts";
import { emitFn, emitLet, emitLetfn, emitLoop, emitRecur } from "./emit-binding.ts";
import { emitBinding, emitBlock, emitExit, emitHandle, emitPrompt, emitScope, emitTry } from "./emit-marker.ts";
import { applyPrimitive, type Dest, type Emission, type LabelTarget, type LoopTarget, plain } from "./emission.ts";
import type { Fn, FnArity, Label, Local, Loop, Node } from "./tree.ts";
import { encodeConstant, requiredPrimitive } from "./vocabulary.ts";

/** Emits one function. `nested` compiles the functions inside it. */
export class Emitter implements Emission {
  readonly builder = new Builder();
  readonly loops = new Map<Loop, LoopTarget>();
  readonly labels = new Map<Label, LabelTarget>();
  /** The entry block of each arity. */
  readonly entries: Draft[] = [];
  /** The slot of the closure itself, or -1. */
  self = -1;

  constructor(
    readonly fn: Fn,
    readonly nested: (fn: Fn) => NestedUnit,
  ) {
    this.nameParameters();
    if (fn.captures.locals.length > 0 || fn.usesSelf) {
      this.self = this.builder.names.push(ownName(fn)) - 1;
    }
  }

  /** Emits everything; to be called once. */
  *run(): Deep<void> {
    for (const arity of this.fn.arities) yield* call(this.emitArity(arity));
  }

  /** Argument slots come first; one that two arities call differently has no name, and each moves it to its own slot. */
  private nameParameters(): void {
    const lists = this.fn.arities.map(parametersOf);
    const most = Math.max(...lists.map((list) => list.length));
    for (let slot = 0; slot < most; slot++) {
      const names = new Set(lists.filter((list) => slot < list.length).map((list) => list[slot].name));
      this.builder.names.push(names.size === 1 ? [...names][0] : null);
    }
  }

  private *emitArity(arity: FnArity): Deep<void> {
    const { builder } = this;
    const entry = builder.draft(Block.ENTRY);
    this.entries.push(entry);
    builder.scope = [];
    builder.begin(entry);
    const slots = parametersOf(arity).map((local, argument) => {
      const here = builder.names[argument] === local.name;
      const slot = here ? argument : builder.named(local);
      builder.slots.set(local, slot);
      builder.move(slot, argument);
      builder.enter(slot);
      return slot;
    });
    if (arity.loop.used) this.openLoop(arity.loop, slots);
    yield* call(this.emit(arity.body, "tail"));
  }

  /** Begins a loop head here. */
  openLoop(loop: Loop, slots: readonly number[]): void {
    const head = this.builder.draft(Block.HEAD);
    this.builder.jump(head);
    this.builder.begin(head);
    this.loops.set(loop, { head, slots, markers: this.builder.blockMarkers });
  }

  emit(node: Node, dest: Dest): Deep<void> {
    return this.builder.current === null ? done(undefined) : this.emitNode(node, dest);
  }

  private emitNode(node: Node, dest: Dest): Deep<void> {
    switch (node.t) {
      case "const":
      case "local":
        return this.emitSimple(node, dest);
      case "global":
        return emitGlobal(this, node, dest);
      case "var":
        return emitVar(this, node, dest);
      case "do":
        return this.emitDo(node.body, dest);
      case "if":
        return this.emitIf(node, dest);
      case "let":
        return emitLet(this, node, dest);
      case "loop":
        return emitLoop(this, node, dest, (loop, slots) => this.openLoop(loop, slots));
      case "recur":
        return emitRecur(this, node);
      case "fn":
        return emitFn(this, node, dest);
      case "letfn":
        return emitLetfn(this, node, dest);
      case "call":
        return emitCall(this, node, dest);
      case "apply":
        return emitApply(this, node, dest);
      case "prim":
        return emitPrimitive(this, node, dest);
      case "def":
        return emitDef(this, node, dest);
      case "assign":
        return this.emitAssign(node, dest);
      case "throw":
        return emitThrow(this, node, dest);
      case "try":
        return emitTry(this, node, dest);
      case "block":
        return emitBlock(this, node, dest);
      case "exit":
        return emitExit(this, node);
      case "binding":
        return emitBinding(this, node, dest);
      case "scope":
        return emitScope(this, node, dest);
      case "perform":
        return emitPerform(this, node, dest);
      case "prompt":
        return emitPrompt(this, node, dest);
      case "handle":
        return emitHandle(this, node, dest);
    }
  }

  private *emitSimple(node: Node, dest: Dest): Deep<void> {
    this.deliver(yield* call(this.operand(node)), dest, node.place);
  }

  *operand(node: Node): Deep<Operand> {
    if (node.t === "const") return this.builder.constant(encodeConstant(node.value));
    if (node.t === "local" && !node.local.cell) return this.raw(node.local);
    if (this.builder.current === null) return this.nil();
    const slot = this.builder.temporary();
    if (node.t === "local")
      applyPrimitive(this, requiredPrimitive("cell-get"), [this.raw(node.local)], slot, node.place);
    else yield* call(this.emit(node, slot));
    return slot;
  }

  *operands(nodes: readonly Node[]): Deep<Operand[]> {
    const settled = firstSettled(nodes);
    const operands: Operand[] = [];
    for (let i = 0; i < nodes.length; i++) {
      if (i >= settled || !readsAssigned(nodes[i])) operands.push(yield* call(this.operand(nodes[i])));
      else {
        const copy = this.builder.temporary();
        yield* call(this.emit(nodes[i], copy));
        operands.push(copy);
      }
    }
    return operands;
  }

  raw(local: Local): Operand {
    const slot = this.builder.slots.get(local);
    if (slot !== undefined) return slot;
    const { fn } = this;
    if (local === fn.self) return this.self;
    const member = fn.group?.indexOf(local) ?? -1;
    if (member < 0) return `c${fn.captures.indexOf(local)}`;
    if (member === fn.member) return this.self;
    const copy = this.builder.temporary();
    this.builder.op(["sibling", copy, member]);
    return copy;
  }

  deliver(operand: Operand, dest: Dest, place: Place): void {
    if (dest === "tail") this.builder.finish(["return", operand], [], place);
    else if (dest !== "none") this.builder.move(dest, operand);
    if (operand !== dest) this.builder.release(operand);
  }

  nil(): Operand {
    return this.builder.constant(null);
  }

  private *emitDo(body: readonly Node[], dest: Dest): Deep<void> {
    if (body.length === 0) {
      this.deliver(this.nil(), dest, 0);
      return;
    }
    const last = body.length - 1;
    for (let i = 0; i <= last; i++) yield* call(this.emit(body[i], i === last ? dest : "none"));
  }

  private *emitIf(node: Extract<Node, { t: "if" }>, dest: Dest): Deep<void> {
    const { builder } = this;
    const then = plain(this);
    const otherwise = plain(this);
    const join = plain(this);
    yield* call(this.test(node.test, then, otherwise));
    for (const [branch, target] of [
      [node.whenTrue, then],
      [node.whenFalse, otherwise],
    ] as const) {
      builder.begin(target);
      yield* call(this.emit(branch, dest));
      if (dest !== "tail") builder.jump(join);
    }
    if (dest !== "tail") builder.begin(join);
  }

  *test(node: Node, then: Draft, otherwise: Draft): Deep<void> {
    const { builder } = this;
    if (builder.current === null) return;
    switch (node.t) {
      case "const":
        builder.jump(node.value === null || node.value === false ? otherwise : then);
        return;
      case "do":
        if (node.body.length === 0) {
          builder.jump(otherwise);
          return;
        }
        for (const part of node.body.slice(0, -1)) yield* call(this.emit(part, "none"));
        yield* call(this.test(node.body[node.body.length - 1], then, otherwise));
        return;
      case "let":
        yield* call(emitLet(this, node, "none", (body) => this.test(body, then, otherwise)));
        return;
      case "if":
        yield* call(this.testIf(node, then, otherwise));
        return;
      default: {
        const operand = yield* call(this.operand(node));
        builder.finish(["if", operand, then.id, otherwise.id], [then, otherwise], node.place);
        builder.release(operand);
      }
    }
  }

  /** A test of `if` as `and` and `or` write it: a branch that repeats the test goes where that test must go. */
  private *testIf(node: Extract<Node, { t: "if" }>, then: Draft, otherwise: Draft): Deep<void> {
    const { builder } = this;
    const first = sameLocal(node.whenTrue, node.test) ? then : plain(this);
    const second = sameLocal(node.whenFalse, node.test) ? otherwise : plain(this);
    yield* call(this.test(node.test, first, second));
    if (first !== then) {
      builder.begin(first);
      yield* call(this.test(node.whenTrue, then, otherwise));
    }
    if (second !== otherwise) {
      builder.begin(second);
      yield* call(this.test(node.whenFalse, then, otherwise));
    }
  }

  private *emitAssign(node: Extract<Node, { t: "assign" }>, dest: Dest): Deep<void> {
    const { builder } = this;
    const { local } = node;
    if (local.cell) {
      const value = yield* call(this.operand(node.value));
      applyPrimitive(this, requiredPrimitive("cell-set"), [this.raw(local), value], dest, node.place);
      return;
    }
    const slot = builder.slots.get(local)!;
    if (isDirect(node.value)) yield* call(this.emit(node.value, slot));
    else {
      const value = yield* call(this.operand(node.value));
      builder.move(slot, value);
      builder.release(value);
    }
    builder.noteAssignment(local);
    this.deliver(slot, dest, node.place);
  }
}

/** What a function calls itself, alone or in its letfn. */
function ownName(fn: Fn): string | null {
  return fn.self?.name ?? fn.group?.[fn.member].name ?? null;
}

function parametersOf(arity: FnArity): readonly Local[] {
  return arity.rest === null ? arity.params : [...arity.params, arity.rest];
}

/** True for nodes that write their destination once, when everything else is done. */
function isDirect(node: Node): boolean {
  return node.t === "const" || node.t === "local" || node.t === "prim" || node.t === "call" || node.t === "global";
}

function readsAssigned(node: Node): boolean {
  return node.t === "local" && node.local.assigned && !node.local.cell;
}

/** The index from which on no node can assign a local. */
function firstSettled(nodes: readonly Node[]): number {
  for (let i = nodes.length - 1; i >= 0; i--) {
    const { t } = nodes[i];
    if (t !== "const" && t !== "local" && t !== "global" && t !== "fn") return i;
  }
  return 0;
}

function sameLocal(a: Node, b: Node): boolean {
  return a.t === "local" && b.t === "local" && a.local === b.local && !a.local.assigned;
}
