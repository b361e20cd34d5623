// The machine: runs a program until every task waits, fuel is out, it faults or it is over. Pure: no clock, no network, no promise.
//
// A machine is one program in memory. `run` loads the registers that primitives share (meter.ts), lets ready tasks run one
// after the other, and takes the registers back. What came of it is read from the fields: `outbox`, `printed`, `status()`.
// Which evaluator runs a unit is no state: a unit starts on the direct evaluator and is generated after WARM_TICKS (S-3).
import { FlowmetalError } from "../base/errors.ts";
import { STACK_BYTES_MAX } from "../base/limits.ts";
import { effectKey } from "../base/ids.ts";
import { argumentsTaken } from "../code/arities.ts";
import { List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { decline, meter, Raise, SIGNAL } from "../data/meter.ts";
import { seq } from "../data/seq.ts";
import { PSet } from "../data/set.ts";
import {
  type Cell,
  Closure,
  ErrorValue,
  EventRef,
  Keyword,
  Kind,
  Lazy,
  type Ref,
  Sym,
  UNBOUND,
  type Value,
  Var,
} from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { describe } from "../primitive/describe.ts";
import { errorOf } from "./problems.ts";
import { BOTTOM, BOUND, builtinUnits, END, FORCE, LEAVE, RAISE, SEARCH } from "./builtin.ts";
import { type DirectMachine, runBlock, runDirect } from "./direct.ts";
import { generate } from "./generate.ts";
import type { EffectRequest, Host, OutputChunk } from "./host.ts";
import { linkPrimitive } from "./link.ts";
import { operations } from "./operations.ts";
import type { Operation } from "./operator.ts";
import { CLAUSE, RETURN, Registers, STOP } from "./registers.ts";
import { markerFrames } from "./markers.ts";
import { Scopes } from "./scopes.ts";
import {
  type Control,
  Continuation,
  isMarkerFrame,
  type Marker,
  markerOf,
  type ProgramState,
  TaskRef,
} from "./state.ts";
import {
  cancelTask,
  closeScope,
  end,
  enterMarker,
  finish,
  finishAgain,
  isBlockBeyond,
  leaveAgain,
  leaveScope,
  raiseAgain,
  raiseBehind,
  ring,
  settle,
  stopWaiting,
  wait,
} from "./tasks.ts";
import { placeOf, traceOf } from "./trace.ts";
import { type Decoded, type Evaluator, type Generated, type Linker, Unit } from "./unit.ts";
import { filterAnswered, raise, retryValue } from "./throw.ts";
import { Timers } from "./timers.ts";
import { CANCEL, captureTo, leaveSegment, popMarker, resume, unwind } from "./unwind.ts";

/** Ticks after which a unit is turned into JavaScript (S-3). */
const WARM_TICKS = 60;

/** Where a machine finds code and the vars of its base image. */
export interface Library {
  /** The code of a unit by unit hash. Throws FlowmetalError `code/missing` when it is not there. */
  decoded(hash: string): Decoded;
  /** A var of the base image, decoded for this machine; undefined when the image has none of that name. */
  imageVar(name: string, machine: Linker): ImageVar | undefined;
  /** The qualified names of all vars of the base image, in its order. */
  imageNames(): Iterable<string>;
}

export interface ImageVar {
  readonly value: Value;
  readonly meta: PMap | null;
}

export interface MachineOptions {
  /** "mixed": as S-3 says; the others are for tests and for where `new Function` is forbidden. */
  readonly evaluator?: "mixed" | "direct" | "generated";
  /** A deterministic fault after this many ticks in all (`--max-steps`), for programs that begin on this machine. */
  readonly ticksMax?: number;
  /** Charged bytes of one task's frames (S-18). */
  readonly stackBytesMax?: number;
}

export type RunResult = "idle" | "cut";
export type MachineStatus = "ready" | "waiting" | "faulted" | "done";

export class Machine extends Registers implements DirectMachine, Linker {
  /** Effects requested since they were last taken. */
  outbox: EffectRequest[] = [];
  /** Output since it was last taken. */
  printed: OutputChunk[] = [];
  private readonly units = new Map<string, Unit>();
  private readonly vars = new Map<string, Var>();
  private readonly evaluator: "mixed" | "direct" | "generated";
  private readonly ticksMax: number | null;

  constructor(
    readonly library: Library,
    readonly host: Host,
    options: MachineOptions = {},
  ) {
    super();
    this.evaluator = options.evaluator ?? "mixed";
    this.stackBytesMax = options.stackBytesMax ?? STACK_BYTES_MAX;
    this.ticksMax = options.ticksMax ?? null;
  }

  state!: ProgramState;
  readonly scopes = new Scopes();
  timers = new Timers([]);
  private isRunning = false;

  /** Makes this the machine of a fresh program that calls `main` with `args`. */
  begin(id: string, image: string, main: Value, args: readonly Value[]): void {
    const event = new EventRef(1);
    const task = new TaskRef(2, BOTTOM, { kind: "call", f: main, args }, event);
    this.state = {
      id,
      image,
      branch: 0,
      nextRef: 3,
      nextMarker: 1,
      now: 0,
      output: 0,
      ticks: 0,
      ticksMax: this.ticksMax,
      vars: new Map(),
      cells: new Map(),
      tasks: new Map([[2, task]]),
      main: task,
      ready: [task],
      waiters: new Map(),
      open: new Map(),
      timers: [],
      cancelled: false,
    };
    this.timers = new Timers(this.state.timers);
    this.scopes.rebuild(this.state);
  }

  /** Lets the same program call another function as its main task: for building an image and for tests. */
  callNext(main: Value, args: readonly Value[]): void {
    const { state } = this;
    const event = new EventRef(state.nextRef++);
    const task = new TaskRef(state.nextRef++, BOTTOM, { kind: "call", f: main, args }, event);
    state.tasks.delete(state.main.id);
    state.tasks.set(task.id, task);
    state.main = task;
    state.ready.push(task);
  }

  /** Makes this the machine of a program read from a snapshot. Its units were linked to this machine. */
  adopt(state: ProgramState): void {
    this.state = state;
    this.timers = new Timers(state.timers);
    this.scopes.rebuild(state);
    for (const [name, variable] of state.vars) this.vars.set(name, variable);
  }

  // ---- linking

  decoded(hash: string): Decoded {
    return this.library.decoded(hash);
  }

  findUnit(hash: string): Unit {
    let unit = builtinUnits.get(hash) ?? this.units.get(hash);
    if (unit === undefined) {
      const decoded = this.library.decoded(hash);
      unit = new Unit(decoded, this, runDirect as Evaluator);
      const generated = this.generatedOf(decoded);
      if (generated !== null) unit.adopt(generated);
      this.units.set(hash, unit);
    }
    return unit;
  }

  /** What was generated for this code already; on a machine that only runs generated JavaScript, what is generated now. */
  private generatedOf(decoded: Decoded): Generated | null {
    if (this.evaluator === "direct") return null;
    if (this.evaluator === "generated") decoded.warmth.generated ??= generate(decoded);
    return decoded.warmth.generated;
  }

  /** The var of this name, made unbound when nobody has defined it. */
  variable(name: string): Var {
    let variable = this.vars.get(name);
    if (variable === undefined) {
      variable = new Var(name);
      this.vars.set(name, variable);
      const image = this.library.imageVar(name, this);
      if (image !== undefined) this.assign(variable, image.value, image.meta);
    }
    return variable;
  }

  /** The var of this name if it is defined or declared, without making one. */
  findVariable(name: string): Var | undefined {
    const variable = this.vars.get(name);
    if (variable !== undefined) return variable.own || variable.value !== UNBOUND ? variable : undefined;
    return this.library.imageVar(name, this) === undefined ? undefined : this.variable(name);
  }

  /** The names of the vars of a namespace that are defined or declared: those of the image first, in the order they were made. */
  names(ns: string): string[] {
    const prefix = `${ns}/`;
    const own = [...this.state.vars.keys()];
    const all = [...this.library.imageNames(), ...own].filter((name) => name.startsWith(prefix));
    return [...new Set(all.map((name) => name.slice(prefix.length)))];
  }

  /** The base image holds no refs yet, so nothing can mention one. */
  imageRef(n: number): Ref {
    throw new FlowmetalError("image/no-ref", `the base image has no ref ${n}`);
  }

  define(variable: Var, value: Value, meta: Value): void {
    if (value !== UNBOUND || variable.value === UNBOUND) {
      this.assign(variable, value, meta instanceof PMap ? meta : null);
    }
    variable.own = true;
    this.state.vars.set(variable.name, variable);
  }

  private assign(variable: Var, value: Value, meta: PMap | null): void {
    variable.value = value;
    variable.meta = meta;
    variable.dynamic = meta !== null && meta.get(DYNAMIC, null) === true;
  }

  warm(unit: Unit): boolean {
    const { warmth } = unit.decoded;
    if (unit.run !== (runDirect as Evaluator)) return true;
    if (this.evaluator === "direct" || ++warmth.ticks < WARM_TICKS) return false;
    if (warmth.generated === null && warmth.ticks === WARM_TICKS) {
      warmth.generated = generate(unit.decoded);
    }
    if (warmth.generated === null) return false;
    unit.adopt(warmth.generated);
    return true;
  }

  // ---- running

  /** Runs until every task waits ("idle"), or `fuel` ticks are spent ("cut"). */
  run(fuel: number): RunResult {
    const outer = { fuel: meter.fuel, nextRef: meter.nextRef, owner: meter.owner };
    const { state } = this;
    const { ticksMax } = state;
    const given = ticksMax === null ? fuel : Math.min(fuel, Math.max(0, ticksMax - state.ticks));
    meter.fuel = given;
    meter.nextRef = state.nextRef;
    meter.owner = {};
    this.nextMarker = state.nextMarker;
    this.isRunning = true;
    try {
      return this.runTasks();
    } finally {
      this.isRunning = false;
      state.ticks += given - meter.fuel;
      state.nextRef = meter.nextRef;
      state.nextMarker = this.nextMarker;
      Object.assign(meter, outer);
      if (ticksMax !== null && this.cutShort && state.ticks >= ticksMax) this.outOfTicks(ticksMax);
    }
  }

  private runTasks(): RunResult {
    const { state } = this;
    while (state.ready.length > 0) {
      const task = state.ready[0];
      this.cutShort = false;
      this.enterTask(task);
      this.runTask(this.goOn(task.control));
      if (this.cutShort) return "cut";
      state.ready.shift();
    }
    this.cutShort = false;
    return "idle";
  }

  /** The trampoline: no host frame stands between two language frames. */
  private runTask(begin: number): void {
    let pc = begin;
    for (;;) {
      if (pc >= 0) {
        const unit = (this.self as Closure).unit as Unit;
        pc = (unit.run as Run)(this, pc, unit);
      } else if (pc === RETURN) {
        const { unit, block } = this.stack;
        pc = (unit.run as Run)(this, block, unit);
      } else if (pc === CLAUSE) pc = runDirect(this, this.frame.block, this.frame.unit);
      else return;
    }
  }

  private enterTask(task: TaskRef): void {
    this.task = task;
    this.setSegment(task.stack, task.marker, task.segment);
  }

  /** Begins what a task's control says. */
  private goOn(control: Control): number {
    switch (control.kind) {
      case "return":
        return this.ret(control.value);
      case "clause":
        this.frame = this.stack;
        this.value = control.value;
        popMarker(this);
        return CLAUSE;
      case "call":
        this.load(control.args);
        return this.enter(control.f, control.args.length);
      case "primitive":
        return this.runPrimitive(control.name, [...control.args]);
      case "global":
        return this.readVariable(this.variable(control.name));
      case "throw":
        return this.raise(control.error, control);
      case "await":
      case "select":
        return wait(this, control);
      case "cancel":
        return unwind(this, CANCEL);
      case "fault":
      case "done":
        this.save(control);
        return STOP;
    }
  }

  direct(unit: Unit, pc: number): number {
    return runDirect(this, pc, unit);
  }

  bail(unit: Unit, block: number, slots: Value[]): number {
    return runBlock(this, unit, block, slots);
  }

  // ---- calls

  enterOther(f: Value, argc: number): number {
    if (f instanceof Closure) {
      const unit = f.unit as Unit;
      if (unit.variadic !== null && argc >= unit.variadic[0]) return this.enterVariadic(f, argc);
      return this.failCall(arityError(f, argc), f, argc);
    }
    if (f instanceof Keyword && (argc === 1 || argc === 2)) return this.lookUp(this.a0, f, argc === 2 ? this.a1 : null);
    if (((f instanceof PMap && f.kind === Kind.PMap) || f instanceof PSet) && (argc === 1 || argc === 2)) {
      return this.lookUp(f, this.a0, argc === 2 ? this.a1 : null);
    }
    if (f instanceof Vector && argc === 1) return this.runPrimitive("nth@1", [f, this.a0]);
    if (f instanceof Sym && (argc === 1 || argc === 2)) return this.lookUp(this.a0, f, argc === 2 ? this.a1 : null);
    if (f instanceof Var) {
      const bound = f.dynamic ? this.bindingOf(f) : null;
      if (bound !== null) return this.enter(bound.value, argc);
      return f.value === UNBOUND ? this.callUnbound(f, argc) : this.enter(f.value, argc);
    }
    if (f === UNBOUND) return this.callUnbound(this.headAbove(), argc);
    if (f instanceof Continuation && argc <= 1) return resume(this, f, argc === 0 ? null : this.a0);
    return this.failCall(callError(f, argc), f, argc);
  }

  /** The head of a call is a var that was declared only. Once it has a value, the call can be made again. */
  private callUnbound(variable: Var | null, argc: number): number {
    return this.failCall(unboundError(variable), variable, argc);
  }

  /** The head of the call that the frame on top waits for, if it is a var without a value. */
  private headAbove(): Var | null {
    const { unit, block } = this.stack;
    return unit.builtin || block < 0 ? null : unboundHead(unit, unit.origin(block));
  }

  private lookUp(collection: Value, key: Value, otherwise: Value): number {
    return this.runPrimitive("get@1", [collection, key, otherwise]);
  }

  private failCall(error: ErrorValue, f: Value, argc: number): number {
    return this.raise(error, { kind: "call", f, args: this.taken(argc).slice() });
  }

  failedTail(f: Value, argc: number, unit: Unit, block: number): number {
    const variable = f === UNBOUND ? unboundHead(unit, block) : null;
    const error =
      f instanceof Closure ? arityError(f, argc) : f === UNBOUND ? unboundError(variable) : callError(f, argc);
    const trace = traceOf(this.stack, this.segment, placeOf(unit, block));
    const traced = new ErrorValue(error.type, error.message, error.data, null, trace);
    return this.failCall(traced, f === UNBOUND ? variable : f, argc);
  }

  tooDeep(f: Value, argc: number): number {
    const error = errorOf("limit/depth", this.depthMessage(), {});
    const trace = traceOf(this.stack, this.segment);
    return this.fault(new ErrorValue(error.type, error.message, error.data, null, trace), {
      kind: "call",
      f,
      args: this.taken(argc).slice(),
    });
  }

  private depthMessage(): string {
    const below = this.segment === null ? 0 : this.segment.depth;
    if (this.stack.depth > this.depthMax) {
      return `the stack is deeper than the limit of ${this.depthMax + below} frames`;
    }
    const megabytes = Math.floor(this.stackBytesMax / 2 ** 20);
    return `the stack takes more than the limit of ${megabytes} MB, at ${this.stack.depth + below} frames`;
  }

  // ---- primitives

  private runPrimitive(name: string, args: Value[]): number {
    const value = linkPrimitive(name).call(...args);
    return value === SIGNAL ? this.signal(name, args) : this.ret(value);
  }

  signal(name: string, args: Value[]): number {
    const { error, cell } = SIGNAL;
    SIGNAL.error = null;
    SIGNAL.cell = null;
    if (error !== null) return this.raise(error, { kind: "primitive", name, args });
    if (cell instanceof Lazy) {
      if (cell.thunk === null) return this.runPrimitive(name, args);
      return this.force(cell, name, Vector.from([...args]));
    }
    const { primitive } = linkPrimitive(name);
    if (primitive.guard === null) {
      const text = args.map((arg) => describe(arg)).join(" and ");
      return this.raise(errorOf("type", `${primitive.name} cannot take ${text}`), { kind: "primitive", name, args });
    }
    this.load(args);
    return this.enter(this.variable(primitive.guard).value, args.length);
  }

  /** Realises a lazy cell in frames; then runs the primitive again, or (name nil) answers the sequence. */
  private force(cell: Lazy, name: Value, args: Value): number {
    this.push(FORCE, 0, [cell, name, args]);
    return this.enter(cell.thunk, 0);
  }

  /** The thunk of a lazy cell has answered. */
  private forced(): number {
    const frame = this.stack;
    const cell = frame.a as Lazy;
    const name = frame.b;
    const args = frame.c;
    const value = this.value;
    this.stack = frame.next;
    if (value instanceof Lazy && value.thunk !== null) {
      this.push(FORCE, 0, [cell, name, args]);
      return this.force(value, null, null);
    }
    const sequence = value instanceof Lazy ? value.seq : seqOrRaise(value);
    if (sequence === SIGNAL) {
      const error = errorOf("type", `a lazy sequence answered ${describe(value)}, which is no sequence`);
      return this.raise(error, { kind: "call", f: cell.thunk, args: [] });
    }
    this.settleLazy(cell, sequence);
    return name === null ? this.ret(sequence) : this.runPrimitive(name as string, (args as Vector).toArray());
  }

  /** Realises a lazy cell; a macro's doing is noted, to be put back (S-2). */
  private settleLazy(cell: Lazy, sequence: Value): void {
    const { thunk } = cell;
    meter.undo?.push(() => {
      cell.seq = null;
      cell.thunk = thunk;
    });
    cell.seq = sequence;
    cell.thunk = null;
  }

  // ---- globals

  readGlobal(unit: Unit, index: number): number {
    return this.readVariable(unit.vars[index]);
  }

  /** Gives the value of a var to the frame on top: of its innermost binding, else its own. */
  readVariable(variable: Var): number {
    const bound = variable.dynamic ? this.bindingOf(variable) : null;
    if (bound !== null) return this.ret(bound.value);
    if (variable.value !== UNBOUND) return this.ret(variable.value);
    return this.raise(unboundError(variable), { kind: "global", name: variable.name });
  }

  /** The cell of the innermost binding of a dynamic var, or null. */
  bindingOf(variable: Var): Cell | null {
    for (const frame of markerFrames(this)) {
      const marker = markerOf(frame);
      if (marker.type !== "binding") continue;
      const index = (marker.data[0] as Vector).toArray().indexOf(variable);
      if (index >= 0) return (marker.data[1] as Vector).get(index) as Cell;
    }
    return null;
  }

  // ---- operations, errors

  perform(operation: Value, args: Value[]): number {
    if (!(operation instanceof Sym)) {
      const error = errorOf("perform", `perform takes a symbol, but got ${describe(operation)}`);
      return this.raise(error, { kind: "throw", error });
    }
    for (let segment = this.segment; segment !== null; segment = segment.next) {
      if (segment.prompt.type !== "handle") continue;
      const handler = handlerFor(segment.prompt.data, operation);
      if (handler === null) continue;
      const k = captureTo(this, segment, "with-prompt");
      this.setSegment(segment.stack, segment.marker, segment.next);
      this.a0 = Vector.from(args);
      this.a1 = k;
      return this.enter(handler, 2);
    }
    const run = operation.ns === null ? undefined : operations.get(operation.ns)?.get(operation.name);
    if (run !== undefined) return this.operate(run, args);
    const error = errorOf("perform/unhandled", `nothing handles the operation ${operation.text}`);
    return this.raise(error, { kind: "throw", error });
  }

  /** An operation may look into values, as primitives do, and raise what those raise. */
  private operate(run: Operation, args: Value[]): number {
    try {
      return run(this, args);
    } catch (thrown) {
      if (!(thrown instanceof Raise)) throw thrown;
      return this.raise(thrown.error, { kind: "throw", error: thrown.error });
    }
  }

  raise(error: Value, retry: Control): number {
    return raise(this, error, retry);
  }

  fault(error: Value, retry: Control): number {
    this.save({ kind: "fault", error, retry });
    return STOP;
  }

  // ---- waiting

  wait(control: Extract<Control, { kind: "await" | "select" }>): number {
    return wait(this, control);
  }

  /** Fulfils or fails an event and makes the tasks that wait for it ready. False when it was settled before. */
  settle(event: EventRef, outcome: "fulfilled" | "failed", value: Value): boolean {
    return settle(this, event, outcome, value);
  }

  finish(value: Value): number {
    return finish(this, value);
  }

  end(completion: Vector): number {
    return end(this, completion);
  }

  // ---- timers and scopes

  addTimer(event: EventRef, due: number): void {
    this.timers.add(event, due);
  }

  closeScope(marker: Marker): void {
    closeScope(this, marker);
  }

  leaveScope(marker: Marker, completion: Vector): number | null {
    return leaveScope(this, marker, completion);
  }

  isBlockBeyond(id: Value): boolean {
    return isBlockBeyond(this, id);
  }

  enterMarker(marker: Marker): void {
    enterMarker(this, marker);
  }

  nextNumber(): number {
    return this.isRunning ? meter.nextRef++ : this.state.nextRef++;
  }

  /** When the next timer is due (epoch ms), or null. */
  get wakeTime(): number | null {
    return this.state.timers.length === 0 ? null : this.state.timers[0].due;
  }

  // ---- deliveries: only when all tasks wait (E-1)

  /** An effect's answer; false when no pending event has this key (a stray). */
  deliverAnswer(key: string, outcome: "fulfilled" | "failed", value: Value): boolean {
    const event = this.state.open.get(key);
    return event !== undefined && this.settle(event, outcome, value);
  }

  /** The first timer is due: fulfils its event, and tells a task that waits inside its scope (S-23). */
  deliverTimer(now: number): boolean {
    const { state } = this;
    const timer = state.timers[0];
    if (timer === undefined || timer.due > now) return false;
    state.now = Math.max(state.now, now);
    ring(this, timer.event);
    return true;
  }

  /**
   * Applies a restart to a faulted task: `retry`, `use-value`, or one the program offers, whose function is called where the
   * task stands and leaves the frames up to where it was offered. An exit that failed in its own clean-up has no place for a
   * value: it can only be retried.
   */
  restart(
    task: TaskRef,
    how:
      | { readonly kind: "retry" }
      | { readonly kind: "use-value"; readonly value: Value }
      | { readonly kind: "call"; readonly f: Value; readonly args: readonly Value[] },
  ): void {
    if (task.control.kind !== "fault") throw new Error("bug: only a faulted task can be restarted");
    const { error, retry } = task.control;
    const takesValue = !isMarkerFrame(task.stack);
    if (how.kind === "retry" || (how.kind === "use-value" && !takesValue)) task.control = retry;
    else if (how.kind === "use-value") task.control = { kind: "return", value: how.value };
    else {
      if (!takesValue) raiseBehind(task, error, null, retryValue({ kind: "throw", error }));
      task.control = how;
    }
    this.state.ready.push(task);
  }

  /**
   * Cancels the program: the main task leaves its frames, running their clean-ups, and with each scope it leaves the tasks of
   * the scope do. At a fuel cut it leaves there. Once more: if it has faulted meanwhile, it leaves its frames from there.
   */
  cancel(): void {
    const { state } = this;
    state.cancelled = true;
    for (const task of state.tasks.values()) if (task.scope === null) cancelTask(this, task);
  }

  /** `--max-steps` is reached: the task that was running faults at the tick. */
  private outOfTicks(ticksMax: number): void {
    const task = this.state.ready.shift();
    if (task === undefined || task.control.kind === "fault") return;
    const error = errorOf("limit/steps", `the program has run the ${ticksMax} steps it was given`, {
      hint: "if it is not caught in a loop, let it go on with more in all: flowmetal resume --max-steps N",
    });
    stopAt(task, error);
    this.cutShort = false;
  }

  /** The host stops the program here: the task that would run next faults, or the main task where it waits. */
  stop(error: ErrorValue): void {
    const { ready, main, tasks } = this.state;
    const waiting = [main, ...tasks.values()].find(
      ({ control }) => control.kind === "await" || control.kind === "select",
    );
    const task = ready.shift() ?? waiting ?? main;
    stopWaiting(this, task);
    stopAt(task, error);
  }

  // ---- results

  status(): MachineStatus {
    const { main, ready, tasks } = this.state;
    if (main.control.kind === "done") return "done";
    if (ready.length > 0) return "ready";
    for (const task of tasks.values()) if (task.control.kind === "fault") return "faulted";
    return "waiting";
  }

  /** Makes an effect: answers its event (E-3). */
  requestEffect(kind: string, topic: string, payload: string, contract: EffectRequest["contract"]): EventRef {
    const { task, state } = this;
    const key = effectKey(state.id, state.branch, task.id, task.effects++);
    const event = new EventRef(meter.nextRef++, key);
    state.open.set(key, event);
    this.outbox.push({ key, kind, topic, payload, contract });
    return event;
  }

  print(text: string): void {
    if (text === "") return;
    const last = this.printed[this.printed.length - 1];
    if (last !== undefined && last.text.length < 65_536) {
      this.printed[this.printed.length - 1] = { at: last.at, text: last.text + text };
    } else this.printed.push({ at: this.state.output, text });
    this.state.output += text.length;
  }

  static {
    BOTTOM.unit.run = ((m: Machine) => leaveSegment(m, m.value)) as unknown as Evaluator;
    FORCE.run = ((m: Machine) => m.forced()) as unknown as Evaluator;
    SEARCH.run = ((m: Machine) => filterAnswered(m)) as unknown as Evaluator;
    RAISE.run = ((m: Machine) => raiseAgain(m)) as unknown as Evaluator;
    LEAVE.run = ((m: Machine) => leaveAgain(m)) as unknown as Evaluator;
    END.run = ((m: Machine) => finishAgain(m)) as unknown as Evaluator;
    BOUND.run = ((m: Machine) => unbind(m)) as unknown as Evaluator;
  }
}

/** An evaluator as the machine calls it. */
type Run = (machine: Machine, pc: number, unit: Unit) => number;

/** The task faults where it stands; what it was about to do is what can be tried again. */
function stopAt(task: TaskRef, { type, message, data }: ErrorValue): void {
  const { control, stack, segment } = task;
  const error = new ErrorValue(type, message, data, null, traceOf(stack, segment));
  task.control = { kind: "fault", error, retry: control.kind === "fault" ? control.retry : control };
}

/** A task inherited a binding: its body passed through what holds it. */
function unbind(m: Machine): number {
  m.stack = m.stack.next;
  popMarker(m);
  return m.ret(m.value);
}

const DYNAMIC = Keyword.of("dynamic");

function seqOrRaise(value: Value): Value {
  try {
    return seq(value);
  } catch {
    return decline();
  }
}

function handlerFor(data: readonly Value[], operation: Sym): Value {
  const names = (data[0] as Vector).toArray();
  const index = names.findIndex((name) => name instanceof Sym && name.text === operation.text);
  return index < 0 ? null : (data[1] as Vector).get(index);
}

/** The head of the call that a block ends in, if it is a var without a value. */
function unboundHead(unit: Unit, block: number): Var | null {
  const head = unit.block(block)[4][1];
  const variable = typeof head === "string" && head.startsWith("g") ? unit.vars[Number(head.slice(1))] : null;
  return variable?.value === UNBOUND ? variable : null;
}

function unboundError(variable: Var | null): ErrorValue {
  const name = variable === null ? "the function" : variable.name;
  return errorOf("unbound", `${name} has no value yet`, { name });
}

function arityError(f: Closure, argc: number): ErrorValue {
  const unit = f.unit as Unit;
  const name = unit.name ?? "an anonymous function";
  const takes = argumentsTaken(unit.code.arities);
  return errorOf("arity", `${name} takes ${takes}, but got ${argc}`, { function: name, given: argc });
}

function callError(f: Value, argc: number): ErrorValue {
  const what = describe(f);
  const isData =
    f instanceof Keyword || f instanceof PMap || f instanceof Vector || f instanceof PSet || f instanceof List;
  const hint = isData ? `, with ${argc} argument${argc === 1 ? "" : "s"}` : "";
  return errorOf("call", `cannot call ${what}${hint}`, { value: f });
}
