// Throwing: who takes an error is searched for before anything is left (S-22), in the task and then in those beyond it.
//
// Beyond a task are the task that waits for it, or else the owner of its scope, from the scope outwards; beyond that one whoever
// waits for it or owns its scope; and so on. If a catch there takes the error, the task ends with it, and the next task raises
// it in turn. If none does, the task stops at the throw, its frames intact. A catch beyond may so be asked twice: whether
// it would take the error, and again when it arrives.
//
// While a filter is asked, a "search" marker and a frame machine/search@1 stand on top of the throwing frames. What they hold of
// the catch marker being asked is [its number among those of this task, from the innermost; its id], where older snapshots have the
// number alone; or [task, marker id] of one beyond.
import { Vector } from "../data/vector.ts";
import { type Cell, type EventRef, UNBOUND, type Value } from "../data/value.ts";
import { SEARCH } from "./builtin.ts";
import { errorOf } from "./problems.ts";
import { isShelter, type Marked, markerFrames } from "./markers.ts";
import { ownerOf, scopeOf } from "./scopes.ts";
import { type Control, type Frame, type Marker, markerOf, type ProgramState, type TaskRef } from "./state.ts";
import { traced } from "./trace.ts";
import { popMarker, unwind, type Unwinder } from "./unwind.ts";

/** What a search needs of the machine. */
export interface Thrower extends Unwinder {
  readonly state: ProgramState;
}

/** A catch marker that may be asked, and its number among those of its task. */
interface Taker {
  readonly task: TaskRef;
  readonly frame: Frame;
  readonly index: number;
}

/** Throws an error: asks catch markers from the innermost on, in frames on top of the throwing ones. */
export function raise(m: Thrower, error: Value, retry: Control): number {
  return search(m, traced(m, error), 0, retryValue(retry));
}

/** Raises an error that came out of a task of this scope, for catch markers outside of the scope; null: beyond this task. */
export function raiseBeyond(m: Thrower, error: Value, scope: Cell | null, retry: Value): number {
  const frames = markerFrames(m);
  const at = frames.findIndex((frame) => scopeOf(markerOf(frame)) === scope);
  const inside = at < 0 ? frames : frames.slice(0, at);
  return search(m, error, inside.filter((frame) => markerOf(frame).type === "catch").length, retry);
}

/** Asks the catch markers of this task from number `from` on, then those beyond it. */
export function search(m: Thrower, error: Value, from: number, retry: Value): number {
  const { takers, asked } = takersIn(m, m.task);
  const taker = takers.find(({ index }) => index >= from);
  if (taker === undefined) return searchBeyond(m, error, asked, retry);
  const marker = markerOf(taker.frame);
  const filter = marker.data[0];
  if (filter === null) return unwind(m, Vector.from(["catch", marker.id, 0, error]));
  return ask(m, filter, error, Vector.from([taker.index, marker.id]), retry);
}

/** The same beyond this task, behind the catch marker [task, marker id] if one is given. */
function searchBeyond(m: Thrower, error: Value, behind: Value, retry: Value): number {
  let passed = behind === null;
  for (const taker of takersBeyond(m, m.task)) {
    const { task, frame } = taker;
    const marker = markerOf(frame);
    if (!passed) {
      passed = isAskedBeyond(taker, behind);
      continue;
    }
    if (marker.data[0] === null) return unwind(m, Vector.from(["fail", error]));
    return ask(m, marker.data[0], error, Vector.from([task, marker.id]), retry);
  }
  return m.fault(error, retryControl(retry));
}

/** Calls the filter of a catch marker with the error. */
function ask(m: Thrower, filter: Value, error: Value, asked: Value, retry: Value): number {
  m.pushMarker("search", [error, asked], SEARCH, -1, []);
  m.push(SEARCH, 0, [error, asked, retry]);
  m.a0 = error;
  return m.enter(filter, 1);
}

/**
 * A filter has answered: nil, or the number of its clause. The frame of the search is on top, its marker below. Where a
 * continuation brought the filter to another stack, the catch it was asked for may be gone: then the search goes on there.
 */
export function filterAnswered(m: Thrower): number {
  const frame = m.stack;
  const [error, asked, retry] = [frame.a as Value, frame.b, frame.c];
  const taken = m.value !== null && m.value !== false;
  const clause = m.value;
  m.stack = frame.next;
  popMarker(m);
  const index = indexAsked(asked);
  if (index < 0) {
    const isThere = [...takersBeyond(m, m.task)].some((taker) => isAskedBeyond(taker, asked));
    if (!isThere) return search(m, error, 0, retry);
    return taken ? unwind(m, Vector.from(["fail", error])) : searchBeyond(m, error, asked, retry);
  }
  const catches = markerFrames(m)
    .map(markerOf)
    .filter(({ type }) => type === "catch");
  const taker = asked instanceof Vector ? catches.find(({ id }) => id === asked.get(1)) : catches[index];
  if (taker === undefined || !taken) return search(m, error, taker === undefined ? index : index + 1, retry);
  return unwind(m, Vector.from(["catch", taker.id, clause, error]));
}

/** The number of the catch marker being asked among those of this task; -1: it is one beyond. */
function indexAsked(asked: Value): number {
  const first = asked instanceof Vector ? asked.get(0) : asked;
  return typeof first === "number" ? first : -1;
}

function isAskedBeyond({ task, frame }: Taker, asked: Value): boolean {
  return asked instanceof Vector && task === asked.get(0) && markerOf(frame).id === asked.get(1);
}

/**
 * Ends the innermost search from within: the frames of the filter or handler on top of the throw are left, and the place of
 * the throw goes on with the value. The restart `use-value` of a fault does the same from outside.
 */
export function useValue(m: Unwinder, value: Value): number {
  const found = markerFrames(m)
    .map(markerOf)
    .find((marker) => marker.type === "search");
  if (found !== undefined) return unwind(m, Vector.from(["use-value", found.id, value]));
  const hint = "use-value is a restart inside of a handler (handler-bind), where an error is being thrown";
  const error = errorOf("restart/missing", "no error is being thrown here that a value could answer", { hint });
  return m.raise(error, { kind: "throw", error });
}

// ---- who may be asked

/**
 * The catch markers of a task that may be asked, innermost first. A search that meets the marker of an outer search goes on behind
 * the catch marker being asked there: an error in a filter does not reach its own clause. `asked`: where one beyond the
 * task is being asked, that one. Of a cancelled task only what stands inside of its outermost clean-up counts.
 */
function takersIn(m: Marked, task: TaskRef): { readonly takers: readonly Taker[]; readonly asked: Value } {
  const frames = markerFrames(m);
  const end = task.cancelled ? frames.findLastIndex(isShelter) : frames.length;
  const takers: Taker[] = [];
  let index = -1;
  let skip = 0;
  for (let i = 0; i < end; i++) {
    const { type, data } = markerOf(frames[i]);
    if (type === "search" && indexAsked(data[1]) < 0) return { takers, asked: data[1] };
    if (type === "search") skip = Math.max(skip, indexAsked(data[1]) + 1);
    if (type !== "catch") continue;
    index++;
    if (skip > 0) skip--;
    else takers.push({ task, frame: frames[i], index });
  }
  return { takers, asked: null };
}

/** The catch markers beyond a task, the nearest first. */
function* takersBeyond(m: Thrower, thrower: TaskRef): Generator<Taker> {
  const seen = new Set([thrower]);
  for (let at = thrower; at !== m.state.main; ) {
    const waiting = m.state.waiters.get(at.event.id);
    const scope = at.scope;
    const next = waiting?.[0] ?? (scope === null ? null : ownerOf(scope));
    if (next === null || seen.has(next)) return;
    seen.add(next);
    const outside = waiting === undefined ? outsideOf(m, next, scope!) : null;
    for (const taker of takersIn(next === m.task ? m : next, next).takers)
      if (outside === null || outside.has(taker.frame)) yield taker;
    at = next;
  }
}

/** The marker frames of a scope's owner outside of the scope. All of them where a continuation holds the scope meanwhile. */
export function outsideOf(m: Thrower, owner: TaskRef, scope: Cell): ReadonlySet<Frame> {
  if (owner.own === scope) return new Set();
  const frames = markerFrames(owner === m.task ? m : owner);
  return new Set(frames.slice(frames.findIndex((frame) => isMarkerOf(markerOf(frame), scope)) + 1));
}

function isMarkerOf(marker: Marker, scope: Cell): boolean {
  return scopeOf(marker) === scope || (marker.type === "leave" && marker.data[0] === scope);
}

/** Whether somebody beyond a task may take an error of it. */
export function mayBeTaken(m: Thrower, task: TaskRef): boolean {
  return takersBeyond(m, task).next().done === false;
}

// ---- restarts

/** What `retry` needs, as a value a frame can hold. */
export function retryValue(control: Control): Value {
  switch (control.kind) {
    case "call":
      return Vector.from(["call", control.f === UNBOUND ? null : control.f, Vector.from([...control.args])]);
    case "primitive":
      return Vector.from(["primitive", control.name, Vector.from([...control.args])]);
    case "global":
      return Vector.from(["global", control.name]);
    case "throw":
      return Vector.from(["throw", control.error]);
    case "await":
      return Vector.from(["await", control.event]);
    case "select":
      return Vector.from(["select", Vector.from([...control.events])]);
    default:
      return null;
  }
}

/** The inverse of `retryValue`. */
export function retryControl(value: Value): Control {
  if (!(value instanceof Vector)) return { kind: "return", value: null };
  switch (value.get(0)) {
    case "call":
      return { kind: "call", f: value.get(1), args: (value.get(2) as Vector).toArray() };
    case "primitive":
      return { kind: "primitive", name: value.get(1) as string, args: (value.get(2) as Vector).toArray() };
    case "global":
      return { kind: "global", name: value.get(1) as string };
    case "await":
      return { kind: "await", event: value.get(1) as EventRef };
    case "select":
      return { kind: "select", events: (value.get(1) as Vector).toArray() as EventRef[] };
    default:
      return { kind: "throw", error: value.get(1) };
  }
}
