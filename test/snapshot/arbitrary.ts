// Random states of programs: stacks with markers and prompts, cells and lazy sequences that hold each other, several tasks.
import fc from "fast-check";
import { Cons, List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { makeRecord, type RecordValue } from "../../src/data/record.ts";
import { PSet } from "../../src/data/set.ts";
import {
  Cell,
  CLEARED,
  Closure,
  EventRef,
  Keyword,
  Lazy,
  UNBOUND,
  type Value,
  type Var,
} from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { vectorList } from "../../src/data/views.ts";
import { BOTTOM, END, FORCE, LEAVE, RAISE } from "../../src/machine/builtin.ts";
import {
  Continuation,
  type Control,
  Frame,
  type Part,
  type ProgramState,
  Prompt,
  type PromptKind,
  Segment,
  TaskRef,
} from "../../src/machine/state.ts";
import { anyValue } from "../data/tagged-arbitrary.ts";
import { capturing, frame, marked, markerFrame, nearestMarker, siblings, TestLinker, waiting } from "./support.ts";

/** Any state. */
export const anyState: fc.Arbitrary<ProgramState> = fc
  .tuple(fc.array(anyValue, { minLength: 1, maxLength: 8 }), fc.integer())
  .map(([values, seed]) => new Builder(values, seed).state());

function awaited({ control }: TaskRef): readonly EventRef[] {
  return control.kind === "select" ? control.events : control.kind === "await" ? [control.event] : [];
}

/** One whose event is over will find that when it runs. */
function isWaiting(task: TaskRef): boolean {
  const events = awaited(task);
  return events.length > 0 && events.every(({ state }) => state === "pending");
}

class Builder {
  private readonly link = new TestLinker();
  private readonly cells: Cell[] = [];
  private readonly lazies: Lazy[] = [];
  private readonly events: EventRef[] = [];
  private readonly tasks: TaskRef[] = [];
  private readonly scopes: Cell[] = [];
  private readonly made: Value[];

  constructor(
    values: readonly Value[],
    private seed: number,
  ) {
    this.made = [...values];
  }

  /** A number below `n`. */
  private below(n: number): number {
    this.seed = (Math.imul(this.seed, 1664525) + 1013904223) | 0;
    return (this.seed >>> 8) % n;
  }

  private pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }

  private many<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }

  state(): ProgramState {
    this.makeRefs();
    this.fillKeys();
    for (const cell of this.cells) {
      cell.value = this.value();
      if (this.below(4) === 0) cell.meta = this.map();
    }
    for (const lazy of this.lazies.slice(0, 3)) this.fillLazy(lazy);
    for (const event of this.events) this.fillEvent(event);
    for (const task of this.tasks) this.fillTask(task);
    const pending = this.events.filter((event) => event.state === "pending");
    const open = pending.filter((event) => event.key !== null);
    const tasks = this.tasks.filter((task) => task.control.kind !== "done");
    return {
      ...waiting(),
      branch: this.below(9),
      vars: new Map(this.many(5, () => this.ownVar()).map((variable) => [variable.name, variable])),
      cells: new Map(this.many(3, () => this.ownCell()).map((cell) => [cell.id, cell])),
      tasks: new Map(tasks.map((task) => [task.id, task])),
      main: this.tasks[0],
      ready: tasks.filter((task) => task.control.kind !== "fault" && !isWaiting(task)).reverse(),
      waiters: this.waiters(tasks.filter(isWaiting)),
      open: new Map(open.map((event) => [event.key as string, event])),
      timers: pending
        .map((event) => ({ due: 1000 + this.below(5), event }))
        .sort((a, b) => a.due - b.due || a.event.id - b.event.id),
      cancelled: this.below(3) === 0,
      ticksMax: this.below(3) === 0 ? this.below(1000) : null,
    };
  }

  private makeRefs(): void {
    let id = 1;
    for (let i = 0; i < 3; i++) {
      this.cells.push(new Cell(id++, null, this.pick(["atom", "atom", "list"])));
      this.lazies.push(new Lazy(id++, null));
      const event = new EventRef(id++, this.below(2) === 0 ? null : `key${id}`);
      this.events.push(event);
      this.tasks.push(new TaskRef(id++, BOTTOM, { kind: "done", value: null }, event));
      const scope = new Cell(id++, null, "scope");
      scope.value = Vector.of(
        this.pick([null, ...this.tasks]),
        this.pick([null, Vector.of(1, Keyword.of("new"))]),
        null,
      );
      this.scopes.push(scope);
      id += this.below(3);
    }
    for (let i = 0; i < 3; i++) this.lazies.push(new Lazy(id++, null));
  }

  /** The last three lazy sequences are realised before they are used, so that they can be keys. */
  private fillKeys(): void {
    this.lazies.slice(3).forEach((lazy, i) => {
      lazy.seq = i === 0 ? List.of(this.pick(this.made)) : new Cons(i, this.lazies[i + 2]);
    });
  }

  private fillLazy(lazy: Lazy): void {
    if (this.below(2) === 0) lazy.thunk = this.closure();
    else lazy.seq = this.below(3) === 0 ? null : new Cons(this.value(), this.pick(this.lazies));
  }

  private fillEvent(event: EventRef): void {
    event.state = this.pick(["pending", "fulfilled", "failed"]);
    if (event.state === "pending") return;
    event.value = this.value();
    event.order = this.below(3);
  }

  private fillTask(task: TaskRef): void {
    task.stack = this.stack();
    task.marker = nearestMarker(task.stack);
    for (let n = this.below(3); n > 0; n--) task.segment = this.segment(task.segment);
    task.control = this.control(task);
    task.effects = this.below(3);
    task.scope = this.pick([null, ...this.scopes]);
    task.own = this.pick([null, null, ...this.scopes]);
    task.cancelled = this.below(3) === 0;
  }

  private control(task: TaskRef): Control {
    const value = this.value();
    const args = this.many(5, () => this.value());
    return this.pick<() => Control>([
      () => ({ kind: "return", value }),
      () => ({ kind: "call", f: value, args }),
      () => ({ kind: "primitive", name: "add@1", args: [value, value] }),
      () => ({ kind: "global", name: "user/x" }),
      () => ({ kind: "throw", error: value }),
      () => ({ kind: "await", event: this.pick(this.events) }),
      () => ({ kind: "select", events: [this.pick(this.events), this.pick(this.events)] }),
      () => ({ kind: "cancel" }),
      () => ({ kind: "fault", error: value, retry: { kind: "call", f: value, args } }),
      () => ({ kind: "done", value }),
      () => {
        task.stack = markerFrame(task.stack, task.marker, "finally", this.below(20), [], [value]);
        task.marker = task.stack;
        return { kind: "clause", value: Vector.of("exit", 1, value) };
      },
    ])();
  }

  private waiters(tasks: readonly TaskRef[]): Map<number, TaskRef[]> {
    const waiters = new Map<number, TaskRef[]>();
    for (const task of tasks) {
      for (const { id } of new Set(awaited(task))) waiters.set(id, [...(waiters.get(id) ?? []), task]);
    }
    return waiters;
  }

  private stack(): Frame {
    let stack: Frame = BOTTOM;
    for (let n = this.pick([0, 1, 2, 3, 4, 32, 33]); n > 0; n--) {
      stack = this.below(6) === 0 ? this.markedOn(stack) : this.frameOn(stack);
    }
    return stack;
  }

  private frameOn(next: Frame): Frame {
    const builtin = (unit: typeof FORCE, a: Value, b: Value, c: Value): Frame =>
      new Frame(unit, 0, next, a, b, c, null, null, null, null);
    if (this.below(20) === 0) return builtin(FORCE, this.pick(this.lazies), "seq@1", Vector.of(1));
    if (this.below(20) === 0) return builtin(RAISE, this.value(), this.pick([null, ...this.scopes]), null);
    if (this.below(20) === 0) return builtin(LEAVE, Vector.of("cancel"), null, null);
    if (this.below(20) === 0) return builtin(END, this.value(), null, null);
    const block = this.pick([1, 1, 3]);
    return frame(
      next,
      this.many(8, () => (block === 3 && this.below(12) === 0 ? CLEARED : this.value())),
      block,
    );
  }

  private markedOn(next: Frame): Frame {
    const id = this.below(20);
    const slots = this.many(6, () => this.value());
    const [value, other] = [this.value(), this.value()];
    return this.pick([
      () => marked(next, "catch", id, [other], slots, value),
      () => marked(next, "finally", id, [], slots, value),
      () => marked(next, "block", id, [], slots, value),
      () => marked(next, "cleanup", id, [], null, value),
      () => marked(next, "binding", id, [Vector.of(1), Vector.of(this.pick(this.cells))], null, value),
      () => marked(next, "scope", id, [this.map()], null, value),
      () => marked(next, "scope", id, [Vector.of(null, this.pick(this.cells), this.pick(this.scopes))], null, value),
      () => marked(next, "search", id, [other, 3], null, value),
      () => marked(next, "search", id, [other, Vector.of(3, 1)], null, value),
      () => marked(next, "search", id, [other, Vector.of(this.pick(this.tasks), 3)], null, value),
      () => marked(next, "leave", id, [this.pick(this.scopes)], null, value),
    ])();
  }

  private prompt(): Prompt {
    const data: Record<PromptKind, () => Value[]> = {
      prompt: () => [this.value()],
      handle: () => [Vector.of(this.value()), Vector.of(this.closure())],
      join: () => [],
    };
    const type = this.pick<PromptKind>(["prompt", "handle", "join"]);
    return new Prompt(type, this.below(20), data[type]());
  }

  private segment(next: Segment | null): Segment {
    const stack = this.stack();
    return new Segment(this.prompt(), stack, nearestMarker(stack), next);
  }

  private value(): Value {
    const value = this.pick<() => Value>([
      () => this.pick(this.made),
      () => this.pick(this.made),
      () => this.pick(this.cells),
      () => this.pick(this.lazies),
      () => this.pick(this.events),
      () => this.pick(this.tasks),
      () => new Cell(-1 - this.below(4), null),
      () => this.link.variable(`user/v${this.below(5)}`),
      () => Vector.from(this.many(40, () => this.pick(this.made))),
      () => vectorList(Vector.from(this.many(80, () => this.pick(this.made)))),
      () => List.cons(this.pick(this.made), List.of(this.pick(this.made)).withMeta(this.map())),
      () => new Cons(this.pick(this.made), this.pick(this.lazies)),
      () => this.map(),
      () => this.record(),
      () => PSet.from([...this.many(50, () => this.below(1000)), this.key()]),
      () => this.closure(),
      () => this.continuation(),
    ])();
    this.made.push(value);
    return value;
  }

  private key(): Value {
    return this.pick<() => Value>([
      () => Keyword.of(`k${this.below(9)}`),
      () => this.lazies[3 + this.below(3)],
      () => Vector.of(this.lazies[3 + this.below(3)]),
      () => this.pick(this.cells),
    ])();
  }

  private map(): PMap {
    let map = PMap.of(this.key(), this.pick(this.made));
    if (this.below(3) === 0) map = map.set(this.key(), this.pick(this.made));
    for (let n = this.pick([0, 0, 0, 0, 0, 0, 0, 40]); n > 0; n--) map = map.set(this.below(500), this.pick(this.made));
    return map;
  }

  private record(): RecordValue {
    const keys = this.many(12, () => this.key());
    return makeRecord(Keyword.of(`user/R${this.below(3)}`), keys, keys, this.map());
  }

  private closure(): Closure {
    const captures = [this.value(), this.pick(this.made)];
    if (this.below(2) === 0) return new Closure(capturing, captures);
    return new Closure(this.pick(siblings), captures, siblings, this.below(2) === 0 ? this.map() : null);
  }

  private continuation(): Continuation {
    const part = (): Part => {
      const stack = frame(BOTTOM, [this.pick(this.made)]);
      return { stack, marker: nearestMarker(stack), prompt: this.below(2) === 0 ? null : this.prompt() };
    };
    const parts = [part(), ...this.many(2, part)];
    return new Continuation(this.below(2) === 0, parts, this.below(2) === 0 ? null : this.pick(this.cells));
  }

  private ownVar(): Var {
    const variable = this.link.variable(`user/v${this.below(9)}`);
    variable.own = true;
    variable.value = this.below(5) === 0 ? UNBOUND : this.value();
    variable.meta = this.below(3) === 0 ? PMap.of(Keyword.of("dynamic"), true) : null;
    return variable;
  }

  private ownCell(): Cell {
    const cell = new Cell(-1 - this.below(4), this.value());
    if (this.below(3) === 0) cell.meta = this.map();
    return cell;
  }
}
