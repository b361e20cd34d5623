// The direct evaluator: runs blocks as they are written. The specification, the stepper, and the fallback (S-3).
import { type Arity, Block, type MarkerKind } from "../code/code.ts";
import { nextRef, SIGNAL } from "../data/meter.ts";
import { Cell, Closure, UNBOUND, type Value, type Var } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { execBlocks, type ExecBlock, type ExecOp, GLOBAL } from "./exec.ts";
import { scopeDatum } from "./scopes.ts";
import { type Frame, markerOf, Prompt, Segment } from "./state.ts";
import { describe } from "../primitive/describe.ts";
import { BOTTOM } from "./builtin.ts";
import { errorOf } from "./problems.ts";
import { frameSlot, type Registers, tick } from "./registers.ts";
import { isCompletion, isMarkerData, isPromptData } from "./sound.ts";
import type { Unit } from "./unit.ts";
import { endFinally, exit, popMarker, type Unwinder } from "./unwind.ts";

/** What the direct evaluator needs of the machine beside unwinding. */
export interface DirectMachine extends Unwinder {
  /** Gives a var its value and metadata (S-9); UNBOUND only declares it. */
  define(variable: Var, value: Value, meta: Value): void;
  /** Counts a tick of this unit; true when it has generated JavaScript by now (S-3). */
  warm(unit: Unit): boolean;
}

/** Runs `unit` from block `pc`, entered as registers.ts says. */
export function runDirect(m: DirectMachine, pc: number, unit: Unit): number {
  const block = execBlocks(unit.decoded)[pc];
  const slots: Value[] = new Array<Value>(unit.code.slots).fill(null);
  if (block.kind === Block.ENTRY) {
    const [params, rest] = arityAt(unit, pc);
    const count = params + rest;
    if (!tick()) return m.cutEntry(count, rest === 1);
    takeArguments(m, slots, count);
    if (unit.code.self >= 0) slots[unit.code.self] = m.self;
    m.warm(unit);
    return runBlock(m, unit, pc, slots);
  }
  const isClause = block.kind === Block.CLAUSE;
  const frame = isClause ? m.frame : m.stack;
  if (!tick()) return isClause ? m.cutClause() : m.cutResume(m.value);
  if (!isClause) m.stack = frame.next;
  m.warm(unit);
  takeSlots(frame, block, slots);
  if (block.result >= 0) slots[block.result] = m.value;
  return runBlock(m, unit, pc, slots);
}

/** The arity that begins at an ENTRY block. */
function arityAt(unit: Unit, pc: number): Arity {
  for (const arity of unit.code.arities) if (arity[2] === pc) return arity;
  throw new Error("bug: entered a block that is no arity's");
}

function takeArguments(m: Registers, slots: Value[], count: number): void {
  if (count > 4) {
    for (let i = 0; i < count; i++) slots[i] = m.args[i];
    return;
  }
  if (count > 0) slots[0] = m.a0;
  if (count > 1) slots[1] = m.a1;
  if (count > 2) slots[2] = m.a2;
  if (count > 3) slots[3] = m.a3;
}

function takeSlots(frame: Frame, block: ExecBlock, slots: Value[]): void {
  const live = block.live;
  for (let i = 0; i < live.length; i++) {
    const slot = live[i];
    slots[slot >= 0 ? slot : -1 - slot] = frameSlot(frame, i);
  }
}

/** Runs from block `pc` with all slots in place until control leaves the activation. */
export function runBlock(m: DirectMachine, unit: Unit, start: number, slots: Value[]): number {
  const blocks = execBlocks(unit.decoded);
  const self = unit.code.self;
  const consts = unit.consts;
  const get = (x: number): Value =>
    x >= 0 ? slots[x] : (x & 1) === 0 ? consts[(-x - 2) >> 1] : (slots[self] as Closure).captures[(-x - 1) >> 1];
  const callee = (x: number): Value => (x >= GLOBAL ? unit.vars[x - GLOBAL].value : get(x));
  let pc = start;
  for (;;) {
    const block = blocks[pc];
    for (const op of block.ops) runOp(unit, slots, op, get);
    const end = block.end;
    switch (end[0]) {
      case "return":
        return m.ret(get(end[1]));
      case "jump": {
        pc = end[1];
        const target = blocks[pc];
        if (target.kind !== Block.HEAD) break;
        if (m.warm(unit)) {
          m.push(unit, pc, slots);
          return m.ret(null);
        }
        if (!tick()) {
          m.push(unit, pc, slots);
          return m.cutHead();
        }
        break;
      }
      case "if": {
        const test = get(end[1]);
        pc = test === null || test === false ? end[3] : end[2];
        break;
      }
      case "prim": {
        const args = end[2].map(get);
        const primitive = unit.decoded.primitives.get(end[1])!;
        const value = primitive.call(...args);
        if (value === SIGNAL) {
          m.push(unit, end[3], slots);
          return m.signal(end[1], args);
        }
        pc = end[3];
        if (blocks[pc].result >= 0) slots[blocks[pc].result] = value;
        break;
      }
      case "call": {
        const f = callee(end[1]);
        const args = end[2].map(get);
        m.push(unit, end[3], slots);
        m.load(args);
        if (m.isTooDeep) return m.tooDeep(f, args.length);
        return m.enter(f, args.length);
      }
      case "tail": {
        const args = end[2].map(get);
        m.load(args);
        return m.enterTail(callee(end[1]), args.length, unit, pc);
      }
      case "apply": {
        const list = get(end[2]);
        m.push(unit, end[3], slots);
        if (!(list instanceof Vector)) return unsound(m, "apply", list);
        const args = list.toArray();
        m.load(args);
        if (m.isTooDeep) return m.tooDeep(callee(end[1]), args.length);
        return m.enter(callee(end[1]), args.length);
      }
      case "tailapply": {
        const list = get(end[2]);
        if (!(list instanceof Vector)) return unsound(m, "apply", list);
        const args = list.toArray();
        m.load(args);
        return m.enterTail(callee(end[1]), args.length, unit, pc);
      }
      case "global": {
        const variable = unit.vars[end[1]];
        if (variable.dynamic || variable.value === UNBOUND) {
          m.push(unit, end[2], slots);
          return m.readGlobal(unit, end[1]);
        }
        pc = end[2];
        slots[blocks[pc].result] = variable.value;
        break;
      }
      case "var":
        pc = end[2];
        slots[blocks[pc].result] = unit.vars[end[1]];
        break;
      case "def": {
        const variable = unit.vars[end[1]];
        m.define(variable, end[2] === null ? UNBOUND : get(end[2]), get(end[3]));
        pc = end[4];
        if (blocks[pc].result >= 0) slots[blocks[pc].result] = variable;
        break;
      }
      case "perform": {
        const args = end[2].map(get);
        const operation = get(end[1]);
        m.push(unit, end[3], slots);
        return m.perform(operation, args);
      }
      case "throw": {
        const error = get(end[1]);
        m.push(unit, end[2], slots);
        return m.raise(error, { kind: "throw", error });
      }
      case "push": {
        const given = end[3].map(get);
        const data = markerData(m, end[1], given);
        if (data === null || !isMarkerData(end[1], data)) return unsound(m, end[1], Vector.from(given));
        // The clause's frame may hold the id itself, so it goes into its slot first.
        if (end[2] >= 0) slots[end[2]] = m.nextMarker;
        m.pushMarker(end[1], data, unit, end[4], slots);
        if (end[1] === "scope") m.enterMarker(markerOf(m.stack));
        pc = end[5];
        break;
      }
      case "pop":
        popMarker(m);
        pc = end[1];
        break;
      case "prompt": {
        const data = end[2].map(get);
        m.push(unit, end[4], slots);
        if (!isPromptData(end[1], data)) return unsound(m, end[1], Vector.from(data));
        const prompt = new Prompt(end[1], m.nextMarker++, data);
        m.setSegment(BOTTOM, null, new Segment(prompt, m.stack, m.marker, m.segment));
        pc = end[3];
        break;
      }
      case "exit":
        return exit(m, get(end[1]), get(end[2]));
      case "endfinally": {
        const completion = get(end[1]);
        if (completion !== null && !isCompletion(completion)) return unsound(m, "finally", completion);
        const leaving = endFinally(m, completion);
        if (leaving !== null) return leaving;
        pc = end[2];
        break;
      }
    }
  }
}

/** Raises what a block's end was given and cannot use: by code of no compiler, or from a snapshot that somebody changed. */
function unsound(m: DirectMachine, what: string, value: Value): number {
  const error = errorOf("type", `${what} cannot use ${describe(value)}`, { value });
  return m.raise(error, { kind: "throw", error });
}

/** What a marker holds of the values that the code gives it; null: they are of no use. */
function markerData(m: DirectMachine, kind: MarkerKind, given: Value[]): Value[] | null {
  if (kind === "scope") return [scopeDatum(given[0], m.task, nextRef)];
  return kind === "binding" ? bindings(given) : given;
}

/** A binding is a cell, so that `set!` can change it; the cells go with the marker (S-21). Null for what cannot be bound. */
function bindings([vars, values]: readonly Value[]): Value[] | null {
  if (!(values instanceof Vector)) return null;
  const cells = values.toArray().map((value) => new Cell(nextRef(), value, "binding"));
  return [vars, Vector.from(cells)];
}

function runOp(unit: Unit, slots: Value[], op: ExecOp, get: (x: number) => Value): void {
  switch (op[0]) {
    case "move":
      slots[op[1]] = get(op[2]);
      return;
    case "closure":
      slots[op[1]] = new Closure(unit.unit(op[2]), op[3].map(get));
      return;
    case "group": {
      const units = op[2].map((index) => unit.unit(index));
      const captures = op[3].map(get);
      op[1].forEach((dst, i) => {
        slots[dst] = new Closure(units[i], captures, units);
      });
      return;
    }
    case "sibling": {
      const self = slots[unit.code.self] as Closure;
      slots[op[1]] = new Closure(self.group![op[2]], self.captures, self.group);
      return;
    }
    case "pure":
      slots[op[1]] = unit.decoded.primitives.get(op[2])!.call(...op[3].map(get));
      return;
  }
}
