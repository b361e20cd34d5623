// A snapshot as the state of a program: refs first as empty objects, then the nodes, then what is in the refs, then the roots.
import { quote } from "../base/canonical-json.ts";
import { INSTANT_MAX } from "../base/limits.ts";
import { Cons, List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { Range } from "../data/range.ts";
import { Flaw } from "../data/tagged-leaf.ts";
import { isName } from "../data/tagged-read.ts";
import {
  Cell,
  CLEARED,
  EventRef,
  Keyword,
  Lazy,
  type MapValue,
  type Ref,
  type Value,
  type Var,
} from "../data/value.ts";
import { BOTTOM } from "../machine/builtin.ts";
import { type ProgramState, TaskRef, type Timer } from "../machine/state.ts";
import { misplaced, readControl } from "./decode-control.ts";
import { linkUnits, type SnapshotLinker, ValueDecoder } from "./decode-value.ts";
import { isCount, isCounter, refuse, type SnapshotDocument } from "./document.ts";
import { INLINE_MAX } from "./nodes.ts";
import { Settler } from "./settle.ts";

type Row = readonly unknown[];

/** A ref and the row that says what is in it. */
interface Entry {
  readonly ref: Ref;
  readonly row: Row;
  readonly path: string;
  filled: boolean;
}

const EVENT_STATES = { e: "pending", f: "fulfilled", x: "failed" } as const;
const DYNAMIC = Keyword.of("dynamic");

/** True for a name that the encoder leaves where it stands: a longer one would be a node, which refs are read before. */
function isShort(name: unknown): name is string {
  return isName(name) && quote(name).length <= INLINE_MAX;
}

export class StateDecoder {
  private readonly entries = new Map<number, Entry>();
  private readonly own = new Map<number, Cell>();
  private readonly values: ValueDecoder;
  private readonly nextRef: number;
  private filling = false;

  constructor(
    private readonly document: SnapshotDocument,
    private readonly link: SnapshotLinker,
  ) {
    this.nextRef = document.counters[1];
    const settler = new Settler((lazy) => this.fillAhead(lazy));
    this.values = new ValueDecoder(linkUnits(document.units, link), link, (n) => this.findRef(n), settler);
  }

  /** The state. Vars of the linker are written only when everything else is sound. */
  state(): ProgramState {
    const { document } = this;
    document.own.forEach((row, i) => this.makeOwnCell(row, `o[${i}]`));
    document.refs.forEach((row, i) => this.makeRef(row, `c[${i}]`));
    document.refs.forEach((row, i) => this.makeTask(row, `c[${i}]`));
    for (const node of document.nodes) this.values.addNode(node);
    for (const entry of this.entries.values()) this.fill(entry);
    document.own.forEach((row, i) => this.fillCell(this.own.get(row[0] as number)!, row, 1, `o[${i}]`));
    return this.roots();
  }

  // ---- refs

  private findRef(n: number): Ref | undefined {
    return n < 0 ? (this.own.get(n) ?? this.link.imageRef(n)) : this.entries.get(n)?.ref;
  }

  private lastOwn = Number.NEGATIVE_INFINITY;
  private makeOwnCell(row: Row, path: string): void {
    const [n, , , type] = row;
    if (!Number.isSafeInteger(n) || (n as number) >= 0) return refuse("not a cell of the image", path);
    if ((n as number) <= this.lastOwn) return refuse("not in order", path);
    this.lastOwn = n as number;
    this.own.set(n as number, new Cell(n as number, null, this.cellType(type, `${path}[3]`)));
  }

  private cellType(type: unknown, path: string): string {
    if (type === undefined) return "atom";
    return isShort(type) ? type : refuse("not a type of cells", path);
  }

  private lastRef = 0;
  private makeRef(row: Row, path: string): void {
    const n = row[0];
    if (!isCount(n) || n <= this.lastRef || n >= this.nextRef)
      return refuse("not the number of a ref, or not in order", path);
    this.lastRef = n;
    if (row[1] === "t") return;
    this.entries.set(n, { ref: this.emptyRef(n, row, path), row, path, filled: false });
  }

  private emptyRef(n: number, row: Row, path: string): Ref {
    switch (row[1]) {
      case "c":
        return new Cell(n, null, this.cellType(row[4], `${path}[4]`));
      case "z":
      case "Z":
        return new Lazy(n, CLEARED);
      case "e":
        return this.emptyEvent(n, row[2], `${path}[2]`);
      case "f":
      case "x":
        return this.emptyEvent(n, row[3], `${path}[3]`);
      default:
        return refuse("no such kind of ref", `${path}[1]`);
    }
  }

  private emptyEvent(n: number, key: unknown, path: string): EventRef {
    if (key === undefined || key === null) return new EventRef(n);
    return isShort(key) ? new EventRef(n, key) : refuse("not the key of an effect", path);
  }

  /** Tasks come after events, since each has one from the start. */
  private makeTask(row: Row, path: string): void {
    const [n, kind, event] = row;
    if (kind !== "t") return;
    const ref = new TaskRef(n as number, BOTTOM, { kind: "done", value: null }, this.event(event, `${path}[2]`));
    this.entries.set(n as number, { ref, row, path, filled: false });
  }

  private fill(entry: Entry): void {
    if (entry.filled) return;
    entry.filled = true;
    const { ref, row, path } = entry;
    if (ref instanceof Cell) this.fillCell(ref, row, 2, path);
    else if (ref instanceof Lazy) this.fillLazy(ref, row, path);
    else if (ref instanceof EventRef) this.fillEvent(ref, row, path);
    else this.fillTask(ref as TaskRef, row, path);
  }

  /**
   * Reads a lazy sequence inside a key before its turn. Its parts are nodes read already, so that another one is never needed
   * on the way: the encoder sees to that (snapshot.ts, 1 and 2).
   */
  private fillAhead(lazy: Lazy): Flaw | null {
    const entry = this.entries.get(lazy.id);
    if (entry === undefined || entry.ref !== lazy || entry.filled) return null;
    if (this.filling) return new Flaw("a key inside of a key");
    this.filling = true;
    this.fill(entry);
    this.filling = false;
    return null;
  }

  private fillCell(cell: Cell, row: Row, from: number, path: string): void {
    this.checkLength(row, from + 1, from + 3, path);
    cell.value = this.values.whole(row[from], path, from);
    cell.meta = this.meta(row[from + 1], path, from + 1);
  }

  private fillLazy(lazy: Lazy, row: Row, path: string): void {
    this.checkLength(row, 3, 3, path);
    const value = this.values.whole(row[2], path, 2);
    if (row[1] === "z") {
      if (value === null) refuse("a lazy sequence of nothing", `${path}[2]`);
      lazy.thunk = value;
      return;
    }
    const isSeq = value === null || value instanceof List || value instanceof Cons || value instanceof Range;
    if (!isSeq) refuse("not a sequence", `${path}[2]`);
    lazy.thunk = null;
    lazy.seq = value;
  }

  private fillEvent(event: EventRef, row: Row, path: string): void {
    const state = EVENT_STATES[row[1] as keyof typeof EVENT_STATES];
    const from = state === "pending" ? 2 : 3;
    this.checkLength(row, from, from + (state === "pending" ? 1 : 2), path);
    event.state = state;
    if (state === "pending") return;
    event.value = this.values.whole(row[2], path, 2);
    const order = row[4] ?? 0;
    event.order = isCount(order) ? order : refuse("not a number", `${path}[4]`);
  }

  private fillTask(task: TaskRef, row: Row, path: string): void {
    this.checkLength(row, 4, 10, path);
    const [, , , control, stack = 0, segment = 0, effects = 0, scope = 0, own = 0, cancelled = 0] = row;
    task.control = readControl(control, `${path}[3]`, this.values, (n, at) => this.event(n, at));
    const { top, marker } = this.values.stack(stack, `${path}[4]`);
    task.stack = top;
    task.marker = marker;
    const problem = misplaced(task.control, top);
    if (problem !== null) refuse(problem, `${path}[4]`);
    task.segment = this.values.segment(segment, `${path}[5]`);
    task.effects = isCounter(effects) ? effects : refuse("not a counter", `${path}[6]`);
    task.scope = this.scope(scope, `${path}[7]`);
    task.own = this.scope(own, `${path}[8]`);
    if (cancelled !== 0 && cancelled !== 1) refuse("neither 0 nor 1", `${path}[9]`);
    task.cancelled = cancelled === 1;
  }

  /** The cell of a scope, or 0. */
  private scope(n: unknown, path: string): Cell | null {
    if (n === 0) return null;
    const ref = isCount(n) ? this.entries.get(n)?.ref : undefined;
    return ref instanceof Cell && ref.type === "scope" ? ref : refuse("not the cell of a scope", path);
  }

  private meta(json: unknown, path: string, index: number): MapValue | null {
    if (json === undefined) return null;
    const value = this.values.value(json, path, index);
    return value === null || value instanceof PMap ? value : refuse("metadata must be a map", `${path}[${index}]`);
  }

  private checkLength(row: Row, least: number, most: number, path: string): void {
    if (row.length < least || row.length > most) refuse(`a row of ${row.length} parts`, path);
  }

  private event(n: unknown, path: string): EventRef {
    const ref = isCount(n) ? this.entries.get(n)?.ref : undefined;
    return ref instanceof EventRef ? ref : refuse("not the number of an event", path);
  }

  private pending(n: unknown, path: string): EventRef {
    const event = this.event(n, path);
    return event.state === "pending" ? event : refuse("an event that is over", path);
  }

  private task(n: unknown, path: string): TaskRef {
    const ref = isCount(n) ? this.entries.get(n)?.ref : undefined;
    return ref instanceof TaskRef ? ref : refuse("not the number of a task", path);
  }

  // ---- roots

  private roots(): ProgramState {
    const { document } = this;
    const [branch, nextRef, nextMarker, now, output, ticks] = document.counters;
    const tasks = new Map<number, TaskRef>();
    document.tasks.forEach((n, i) => this.addTask(tasks, n, `t[${i}]`));
    const state: ProgramState = {
      id: document.id,
      image: document.image,
      branch,
      nextRef,
      nextMarker,
      now,
      output,
      ticks,
      ticksMax: document.ticksMax,
      vars: new Map(),
      cells: this.own,
      tasks,
      main: this.task(document.main, "m"),
      ready: this.unfinished(document.ready, 0, tasks, "r"),
      waiters: this.waiters(tasks),
      open: this.open(),
      timers: this.timers(),
      cancelled: document.cancelled,
    };
    this.checkTasks(state);
    this.writeVars(state.vars);
    return state;
  }

  /** A task is among those that can run; or it has faulted; or it waits, and its events know of it. */
  private checkTasks({ tasks, ready, waiters }: ProgramState): void {
    const able = new Set(ready);
    this.document.tasks.forEach((n, i) => {
      const task = tasks.get(n as number)!;
      const { control } = task;
      const events = control.kind === "select" ? control.events : control.kind === "await" ? [control.event] : [];
      const waits = events.some((event) => waiters.get(event.id)?.includes(task));
      const isSound = able.has(task)
        ? control.kind !== "fault" && !waits
        : control.kind === "fault" || (waits && events.every((event) => waiters.get(event.id)?.includes(task)));
      if (!isSound) refuse("a task that neither runs nor waits, or both", `t[${i}]`);
    });
  }

  private addTask(tasks: Map<number, TaskRef>, n: unknown, path: string): void {
    const task = this.task(n, path);
    if (tasks.has(task.id)) refuse("a task twice", path);
    if (task.control.kind === "done") refuse("a task that is over", path);
    tasks.set(task.id, task);
  }

  /** Tasks by number, each once. */
  private unfinished(row: Row, from: number, tasks: ReadonlyMap<number, TaskRef>, path: string): TaskRef[] {
    const found = new Set<TaskRef>();
    for (let i = from; i < row.length; i++) {
      const task = isCount(row[i]) ? tasks.get(row[i] as number) : undefined;
      if (task === undefined || found.has(task))
        return refuse("not the number of an unfinished task, or twice", `${path}[${i}]`);
      found.add(task);
    }
    return [...found];
  }

  private waiters(tasks: ReadonlyMap<number, TaskRef>): Map<number, TaskRef[]> {
    const waiters = new Map<number, TaskRef[]>();
    this.document.waiters.forEach((row, i) => {
      const path = `w[${i}]`;
      const event = this.pending(row[0], `${path}[0]`);
      if (waiters.has(event.id)) refuse("an event twice", path);
      const waiting = this.unfinished(row, 1, tasks, path);
      for (const { control } of waiting) {
        const awaited = control.kind === "select" ? control.events : control.kind === "await" ? [control.event] : [];
        if (!awaited.includes(event)) refuse("a task that waits for something else", path);
      }
      waiters.set(event.id, waiting);
    });
    return waiters;
  }

  private open(): Map<string, EventRef> {
    const open = new Map<string, EventRef>();
    this.document.open.forEach((n, i) => {
      const event = this.pending(n, `e[${i}]`);
      if (event.key === null || open.has(event.key))
        return refuse("an event without a key, or with another's", `e[${i}]`);
      open.set(event.key, event);
    });
    return open;
  }

  private timers(): Timer[] {
    const seen = new Set<EventRef>();
    let [lastDue, lastId] = [Number.NEGATIVE_INFINITY, 0];
    return this.document.timers.map((row, i) => {
      this.checkLength(row, 2, 2, `d[${i}]`);
      const [due, event] = row;
      if (!Number.isSafeInteger(due) || Math.abs(due as number) > INSTANT_MAX)
        return refuse("not a time", `d[${i}][0]`);
      const pending = this.pending(event, `d[${i}][1]`);
      if (seen.has(pending)) return refuse("an event twice", `d[${i}][1]`);
      seen.add(pending);
      if ((due as number) < lastDue || (due === lastDue && pending.id < lastId)) refuse("not in order", `d[${i}]`);
      [lastDue, lastId] = [due as number, pending.id];
      return { due: due as number, event: pending };
    });
  }

  private writeVars(vars: Map<string, Var>): void {
    const rows = this.document.vars.map((row, i): readonly [string, Value, MapValue | null] => {
      const path = `g[${i}]`;
      this.checkLength(row, 2, 3, path);
      const name = isName(row[0]) ? row[0] : refuse("not the name of a var", `${path}[0]`);
      const value = this.values.value(row[1], path, 1);
      if (value === CLEARED) refuse("a var without a value", `${path}[1]`);
      return [name, value, this.meta(row[2], path, 2)];
    });
    const names = new Set(rows.map(([name]) => name));
    if (names.size < rows.length) refuse("a var twice", "g");
    for (const [name, value, meta] of rows) {
      const variable = this.link.variable(name);
      variable.value = value;
      variable.meta = meta;
      variable.dynamic = meta !== null && meta.get(DYNAMIC, null) === true;
      variable.own = true;
      vars.set(name, variable);
    }
  }
}
