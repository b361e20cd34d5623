// Scopes: what a scope marker holds, the cell that stands for a scope of tasks, and which tasks a scope has.
//
// A scope marker's datum is the vector [timer told cell]: an event whose fulfilment ends the scope's time, or nil; a cell that says
// whether its body was told of that (S-23); and the scope's cell. The value of a scope's cell is the vector [owner failure empty]:
//
//   owner    the task whose stack holds the marker, or whose own scope it is; nil once the scope is closed
//   failure  nil, or [error, what became of it]: an error that left a task of the scope and that somebody outside will take (S-22):
//              :new      the owner has to be told, at its next await outside of a clean-up or at the end of the scope
//              :told     it was raised in the owner
//              :cleanup  it comes from a clean-up of a cancelled task: raised when the scope is left, whatever it is left for
//              :away     it is no error but [block, value]: a task left for a block around the scope, as the owner has to
//   empty    nil, or the event that is fulfilled when the scope has no more tasks
//
// A program of an older engine may hold markers without a cell, or with something else altogether: they have no tasks.
import { Cell, EventRef, Keyword, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { markerFrames } from "./markers.ts";
import { type Marker, markerOf, type ProgramState, TaskRef } from "./state.ts";

function datum(marker: Marker, index: number): Value {
  const data = marker.data[0];
  return data instanceof Vector && data.count > index ? data.get(index) : null;
}

/** The event whose fulfilment ends the time of a scope, or null where it has no limit. */
export function timerOf(marker: Marker): EventRef | null {
  const timer = datum(marker, 0);
  return timer instanceof EventRef ? timer : null;
}

/** The cell that says whether the scope's body was told that its time is over. */
export function toldOf(marker: Marker): Cell | null {
  const told = datum(marker, 1);
  return told instanceof Cell ? told : null;
}

/** The cell of a marker's scope, or null where it has none. */
export function scopeOf(marker: Marker): Cell | null {
  if (marker.type !== "scope") return null;
  const cell = datum(marker, 2);
  return cell instanceof Cell && cell.type === "scope" ? cell : null;
}

/** Whether the time of a scope is over and its body was not told. */
export function isExpired(marker: Marker): boolean {
  return timerOf(marker)?.state === "fulfilled" && toldOf(marker)?.value === false;
}

/** The datum of a fresh scope marker: its timer is what the code gave. */
export function scopeDatum(given: Value, owner: TaskRef, newRef: () => number): Vector {
  const timer = given instanceof Vector && given.count > 0 ? given.get(0) : null;
  return Vector.from([timer, new Cell(newRef(), false, "told"), newScope(owner, newRef())]);
}

/** The cell of a fresh scope. */
export function newScope(owner: TaskRef, id: number): Cell {
  return new Cell(id, Vector.from([owner, null, null]), "scope");
}

// ---- the cell

/** In a frame machine/raise@1 in place of what to retry: what is raised is no error but [block, value], and the task leaves for it. */
export const AWAY = Keyword.of("away");

export type FailureKind = "new" | "told" | "cleanup" | "away";

export interface Failure {
  readonly error: Value;
  readonly kind: FailureKind;
}

function part(cell: Cell, index: number): Value {
  const { value } = cell;
  return value instanceof Vector && value.count === 3 ? value.get(index) : null;
}

function setPart(cell: Cell, index: number, value: Value): void {
  const parts = [part(cell, 0), part(cell, 1), part(cell, 2)];
  parts[index] = value;
  cell.value = Vector.from(parts);
}

/** The task that has to leave the scope, or null when it is closed. */
export function ownerOf(cell: Cell): TaskRef | null {
  const owner = part(cell, 0);
  return owner instanceof TaskRef ? owner : null;
}

export function failureOf(cell: Cell): Failure | null {
  const failure = part(cell, 1);
  if (!(failure instanceof Vector) || failure.count !== 2) return null;
  const kind = failure.get(1);
  return { error: failure.get(0), kind: (kind instanceof Keyword ? kind.text : "told") as FailureKind };
}

export function setFailure(cell: Cell, error: Value, kind: FailureKind): void {
  setPart(cell, 1, Vector.from([error, Keyword.of(kind)]));
}

/** The event that is fulfilled when the scope has no more tasks, if somebody waits for that. */
export function emptyEvent(cell: Cell): EventRef | null {
  const event = part(cell, 2);
  return event instanceof EventRef && event.state === "pending" ? event : null;
}

export function setEmptyEvent(cell: Cell, event: EventRef): void {
  setPart(cell, 2, event);
}

/** Nothing can enter the scope any more. */
export function close(cell: Cell): void {
  cell.value = Vector.from([null, null, null]);
}

// ---- which tasks a scope has, and where the timers of scopes lead

/** Follows from the tasks and their markers; kept so that nothing has to be looked for. Never state. */
export class Scopes {
  /** The unfinished tasks of each scope that has any. */
  private readonly tasks = new Map<Cell, Set<TaskRef>>();
  /** The scopes that have tasks, by the task that has to leave them. */
  private readonly owned = new Map<TaskRef, Set<Cell>>();
  /** The task inside of the scope that a pending timer ends. */
  private readonly timed = new Map<EventRef, TaskRef>();

  /** Reads all of it from a state. */
  rebuild(state: ProgramState): void {
    this.tasks.clear();
    this.owned.clear();
    this.timed.clear();
    for (const task of state.tasks.values()) {
      if (task.scope !== null) this.add(task.scope, task);
      for (const frame of markerFrames(task)) this.time(markerOf(frame), task);
    }
  }

  private time(marker: Marker, task: TaskRef): void {
    const timer = marker.type === "scope" ? timerOf(marker) : null;
    const cell = scopeOf(marker);
    if (timer?.state === "pending") this.timed.set(timer, (cell === null ? null : ownerOf(cell)) ?? task);
  }

  /** A task begins to belong to a scope. */
  add(cell: Cell, task: TaskRef): void {
    task.scope = cell;
    const tasks = this.tasks.get(cell);
    if (tasks !== undefined) {
      tasks.add(task);
      return;
    }
    this.tasks.set(cell, new Set([task]));
    this.own(cell, ownerOf(cell));
  }

  private own(cell: Cell, owner: TaskRef | null): void {
    if (owner === null) return;
    const owned = this.owned.get(owner);
    if (owned === undefined) this.owned.set(owner, new Set([cell]));
    else owned.add(cell);
  }

  private disown(cell: Cell): void {
    const owner = ownerOf(cell);
    const owned = owner === null ? undefined : this.owned.get(owner);
    owned?.delete(cell);
    if (owned?.size === 0) this.owned.delete(owner!);
  }

  /** A task is over: it belongs to its scope no more. */
  remove(task: TaskRef): void {
    const cell = task.scope;
    task.scope = null;
    const tasks = cell === null ? undefined : this.tasks.get(cell);
    if (cell === null || tasks === undefined) return;
    tasks.delete(task);
    if (tasks.size > 0) return;
    this.tasks.delete(cell);
    this.disown(cell);
  }

  /** Whether a scope has unfinished tasks. */
  has(cell: Cell): boolean {
    return this.tasks.has(cell);
  }

  /** The unfinished tasks of a scope in the order they were made. */
  of(cell: Cell): TaskRef[] {
    return [...(this.tasks.get(cell) ?? [])].sort((a, b) => a.id - b.id);
  }

  /** The scopes with unfinished tasks that a task has to leave, in the order they were made. */
  ownedBy(task: TaskRef): Cell[] {
    return [...(this.owned.get(task) ?? [])].sort((a, b) => a.id - b.id);
  }

  /** A task is inside of this marker now, also one that another task was inside of before. */
  enter(marker: Marker, task: TaskRef): void {
    const cell = scopeOf(marker);
    const owner = cell === null ? null : ownerOf(cell);
    if (cell !== null && owner !== null && owner !== task) {
      this.disown(cell);
      setPart(cell, 0, task);
      if (this.has(cell)) this.own(cell, task);
    }
    this.time(marker, task);
  }

  /** The timer of a scope is of no use any more. */
  forget(timer: EventRef): void {
    this.timed.delete(timer);
  }

  /** The task inside of the scope that this timer ends. */
  insideOf(timer: EventRef): TaskRef | undefined {
    return this.timed.get(timer);
  }
}
