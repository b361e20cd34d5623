// The registers of a machine and the moves every evaluator makes with them: push, return, enter.
//
// The protocol between evaluators (S-3): `unit.run(registers, pc, unit)` runs `unit` from block `pc` until control leaves it, and
// answers where to: an entry block of `self` (zero or more), RETURN, CLAUSE or STOP. On the way in:
//   ENTRY block          `self` is the closure; the arguments are in a0..a3, or in `args` when the arity has more than four
//                        values (fixed parameters and the rest list together)
//   CLAUSE block         `frame` is the marker frame, popped already; `value` what the clause gets
//   any other block      the frame to resume is on top of the stack, and is popped by the unit; `value` what it gets
// Few registers are written on the way: a store into this long-lived object costs more than anything else in a call.
// A tick (S-18) is taken by the evaluator on entering an ENTRY, RESUME, HEAD, CLAUSE or resumed GUARD block, after looking
// whether fuel is left; when it is not, one of the `cut` methods writes down where the task stands.
import { List } from "../data/list.ts";
import { meter } from "../data/meter.ts";
import { Closure, CLEARED, Lazy, UNBOUND, type Value } from "../data/value.ts";
import { DEPTH_MAX, STACK_BYTES_MAX } from "../base/limits.ts";
import { BOTTOM } from "./builtin.ts";
import { type Control, Frame, Marker, type MarkerKind, type Segment, type TaskRef } from "./state.ts";
import type { Unit } from "./unit.ts";

/** What an evaluator answers when the machine must stop running this task. */
export const STOP = -1;
/** `value` goes to the frame on top of the stack. */
export const RETURN = -2;
/** `value` goes to the clause of the marker frame in `frame`. */
export const CLAUSE = -3;

export abstract class Registers {
  self: Closure | null = null;
  frame: Frame = BOTTOM;
  value: Value = null;
  a0: Value = null;
  a1: Value = null;
  a2: Value = null;
  a3: Value = null;
  args: Value[] = [];

  stack: Frame = BOTTOM;
  /** The nearest marker frame of the current segment. */
  marker: Frame | null = null;
  segment: Segment | null = null;
  /** Frames the current segment may have, and their charged size (S-18): the limits less what lies below the segment. */
  depthMax = DEPTH_MAX;
  sizeMax = STACK_BYTES_MAX;
  /** True when a limit is passed by the frame on top. */
  get isTooDeep(): boolean {
    return this.stack.depth > this.depthMax || this.stack.size > this.sizeMax;
  }
  task!: TaskRef;
  nextMarker = 1;
  protected stackBytesMax = STACK_BYTES_MAX;

  /** Resumes the frame on top by the direct evaluator; what generated JavaScript does with blocks it has no label for. */
  abstract direct(unit: Unit, pc: number): number;
  /** Goes on in the direct evaluator from `block` with all slots in place. */
  abstract bail(unit: Unit, block: number, slots: Value[]): number;
  /** Calls what is no closure, or a closure with an argument count it has no exact arity for. */
  abstract enterOther(f: Value, argc: number): number;
  /** Deals with SIGNAL from a primitive; a frame for its answer is on top. */
  abstract signal(name: string, args: Value[]): number;
  /** Performs an operation (language.md): nearest handler, else the host. A frame for the answer is on top. */
  abstract perform(operation: Value, args: Value[]): number;
  /** Throws. A frame for a value to use instead is on top. `retry` is what to do again on the restart of that name. */
  abstract raise(error: Value, retry: Control): number;
  /** Reads a var that is dynamic or unbound; a frame for its value is on top. */
  abstract readGlobal(unit: Unit, index: number): number;
  /** A call in tail position failed: there is no frame to tell where. */
  abstract failedTail(f: Value, argc: number, unit: Unit, block: number): number;
  /** The stack is too deep; a frame is on top, the call was to be made. */
  abstract tooDeep(f: Value, argc: number): number;

  /** Gives a value to the frame on top of the stack. */
  ret(value: Value): number {
    this.value = value;
    return RETURN;
  }

  /** Calls `f` with `argc` arguments: up to four in a0..a3, more of them all in `args`. */
  enter(f: Value, argc: number): number {
    if (f instanceof Closure) {
      const { entries } = f.unit as Unit;
      if (argc < entries.length && entries[argc] >= 0) {
        this.self = f;
        return entries[argc];
      }
    }
    return this.enterOther(f, argc);
  }

  /** The same for a call in tail position; unit and block say where it stands, for the error. */
  enterTail(f: Value, argc: number, unit: Unit, block: number): number {
    if (f instanceof Closure) {
      const callee = f.unit as Unit;
      if ((argc < callee.entries.length && callee.entries[argc] >= 0) || callee.variadic !== null) {
        return this.enter(f, argc);
      }
      return this.failedTail(f, argc, unit, block);
    }
    const isObject = typeof f === "object" && f !== null && f !== UNBOUND;
    return isObject ? this.enterOther(f, argc) : this.failedTail(f, argc, unit, block);
  }

  /** Puts arguments where `enter` looks for them. */
  load(args: readonly Value[]): void {
    const count = args.length;
    if (count > 4) {
      this.args = args as Value[];
      return;
    }
    if (count > 0) this.a0 = args[0];
    if (count > 1) this.a1 = args[1];
    if (count > 2) this.a2 = args[2];
    if (count > 3) this.a3 = args[3];
  }

  /** The arguments of a call as an array of its own. */
  taken(argc: number): Value[] {
    if (argc > 4) return this.args;
    const all = [this.a0, this.a1, this.a2, this.a3];
    all.length = argc;
    return all;
  }

  /** Enters the variadic arity: the arguments beyond the fixed ones become a list. */
  enterVariadic(f: Closure, argc: number): number {
    const unit = f.unit as Unit;
    const [params, block] = unit.variadic!;
    const all = this.taken(argc);
    const rest = argc > params ? List.from(all.slice(params)) : null;
    const values = all.slice(0, params);
    values.push(rest);
    this.load(values);
    this.self = f;
    return block;
  }

  /** Pushes a frame for `block` of `unit`, taking its live slots from `slots`. */
  push(unit: Unit, block: number, slots: readonly Value[]): void {
    const live = unit.code.blocks[block][1];
    const count = live.length;
    this.stack = new Frame(
      unit,
      block,
      this.stack,
      count > 0 ? pick(slots, live[0]) : null,
      count > 1 ? pick(slots, live[1]) : null,
      count > 2 ? pick(slots, live[2]) : null,
      count > 3 ? pick(slots, live[3]) : null,
      count > 4 ? pick(slots, live[4]) : null,
      count > 5 ? pick(slots, live[5]) : null,
      count > 6 ? pickFrom(slots, live, 6) : null,
    );
  }

  /** Pushes a marker frame holding the live slots of its clause (block -1: none) and answers its id. */
  pushMarker(type: MarkerKind, data: readonly Value[], unit: Unit, clause: number, slots: readonly Value[]): number {
    const id = this.nextMarker++;
    const held = clause < 0 ? null : pickFrom(slots, unit.code.blocks[clause][1], 0);
    this.marker = this.stack = new Frame(
      unit,
      clause,
      this.stack,
      new Marker(type, id, data, this.marker),
      null,
      null,
      null,
      null,
      null,
      held,
    );
    return id;
  }

  /** Switches segments: the depth limit goes with them. */
  setSegment(stack: Frame, marker: Frame | null, segment: Segment | null): void {
    this.stack = stack;
    this.marker = marker;
    this.segment = segment;
    this.depthMax = DEPTH_MAX - (segment === null ? 0 : segment.depth);
    this.sizeMax = this.stackBytesMax - (segment === null ? 0 : segment.size);
  }

  /** Fuel is out at an ENTRY: the call is made again when the task runs, with the arguments as they were given. */
  cutEntry(count: number, gathered: boolean): number {
    const args = this.taken(count).slice();
    const rest = gathered ? (args.pop() as List | null) : null;
    if (rest !== null) args.push(...rest);
    return this.cut({ kind: "call", f: this.self, args });
  }

  /** Fuel is out where the frame on top was to be resumed. */
  cutResume(value: Value): number {
    return this.cut({ kind: "return", value });
  }

  /** Fuel is out where a clause was to be entered: its marker frame goes back on the stack. */
  cutClause(): number {
    this.stack = this.frame;
    this.marker = this.frame;
    return this.cut({ kind: "clause", value: this.value });
  }

  /** Fuel is out at a loop head for which a frame has just been pushed. */
  cutHead(): number {
    return this.cut({ kind: "return", value: null });
  }

  private cut(control: Control): number {
    this.save(control);
    this.cutShort = true;
    return STOP;
  }
  /** True when the last stop was for want of fuel. */
  cutShort = false;

  /** Writes the registers back into the task. */
  save(control: Control): void {
    const task = this.task;
    task.stack = this.stack;
    task.marker = this.marker;
    task.segment = this.segment;
    task.control = control;
  }
}

/** True when fuel is left; takes one tick then. */
export function tick(): boolean {
  if (meter.fuel <= 0) return false;
  meter.fuel--;
  return true;
}

/** The value of a live-list entry: a dead slot keeps no lazy sequence alive (S-16). */
export function pick(slots: readonly Value[], entry: number): Value {
  return entry >= 0 ? slots[entry] : keep(slots[-1 - entry]);
}

/** What a dead but named slot holds in a frame. */
export function keep(value: Value): Value {
  return value instanceof Lazy ? CLEARED : value;
}

function pickFrom(slots: readonly Value[], live: readonly number[], from: number): Value[] {
  const held: Value[] = [];
  for (let i = from; i < live.length; i++) held.push(pick(slots, live[i]));
  return held;
}

/** Slot `index` of those a frame holds; marker frames keep theirs in `more` from the first. */
export function frameSlot(frame: Frame, index: number): Value {
  if (frame.a instanceof Marker) return frame.more![index];
  switch (index) {
    case 0:
      return frame.a;
    case 1:
      return frame.b;
    case 2:
      return frame.c;
    case 3:
      return frame.d;
    case 4:
      return frame.e;
    case 5:
      return frame.f;
    default:
      return frame.more![index - 6];
  }
}
