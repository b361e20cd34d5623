// Tasks: waiting, settling, spawning, ending, cancelling, and the scopes that hold them together.
//
// The rules, in the order in which a life runs into them:
//  1. A task belongs to the nearest scope around the place that spawned it, or else to that task's own scope.
//  2. The body of a scope ends with `flow.task/join-scope`, which waits for its tasks. Whoever leaves it otherwise (an error, an exit,
//     a timeout, a cancel, a continuation) cancels its tasks and waits until they are over, clean-ups included (`leaveScope`).
//     The end of a task waits for the tasks of its own scope (`finish`).
//  3. A task ends with a value, an error that somebody beyond it takes (throw.ts), or cancelled. Those who wait for it get
//     that. If it is an error and nobody does, it goes on into the owner of its scope, for handlers outside of the scope:
//     at once if the owner waits, else at its next await or at the end of the scope (`failScope`).
//     An exit to a block around the scope goes the same way.
//  4. A cancelled task leaves its frames. What waits is interrupted; a task that has faulted is given up; a clean-up is not
//     interrupted: the task leaves when it is over (6 in state.ts).
//  5. Timeouts, errors of a scope's tasks and cancels come through at an await outside of any clean-up (S-23).
import { TASKS_MAX } from "../base/limits.ts";
import { meter } from "../data/meter.ts";
import { Cell, ErrorValue, EventRef, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { BOTTOM, END, LEAVE, RAISE } from "./builtin.ts";
import { inherited } from "./inherit.ts";
import { isShelter, isSheltered, markerFrames } from "./markers.ts";
import { errorOf, tooMany } from "./problems.ts";
import { STOP } from "./registers.ts";
import {
  AWAY,
  close,
  emptyEvent,
  type FailureKind,
  failureOf,
  isExpired,
  newScope,
  ownerOf,
  type Scopes,
  scopeOf,
  setEmptyEvent,
  setFailure,
  timerOf,
  toldOf,
} from "./scopes.ts";
import { type Control, Frame, type Marker, markerOf, TaskRef } from "./state.ts";
import { mayBeTaken, outsideOf, raiseBeyond, retryValue, search, type Thrower } from "./throw.ts";
import type { Timers } from "./timers.ts";
import { CANCEL, exit, timeoutError, unwind } from "./unwind.ts";

/** What tasks need of the machine. */
export interface Tasker extends Thrower {
  readonly scopes: Scopes;
  readonly timers: Timers;
  /** The next ref number, also between two runs. */
  nextNumber(): number;
}

type Waiting = Extract<Control, { kind: "await" | "select" }>;

// ---- waiting

/** Waits for one event, or for the first of several, unless something has to come through first (5). */
export function wait(m: Tasker, control: Waiting): number {
  const interrupted = interruption(m, control);
  if (interrupted !== null) return interrupted;
  const events = control.kind === "await" ? [control.event] : control.events;
  const settled = firstSettled(events);
  if (settled >= 0) {
    if (control.kind === "select") return m.ret(settled);
    const { state, value } = control.event;
    return state === "fulfilled" ? m.ret(value) : m.raise(value, control);
  }
  m.save(control);
  for (const event of new Set(events)) {
    const waiting = m.state.waiters.get(event.id);
    if (waiting === undefined) m.state.waiters.set(event.id, [m.task]);
    else waiting.push(m.task);
    const task = m.state.tasks.get(event.id + 1);
    if (task?.event === event) stir(m, task);
  }
  return STOP;
}

/** The index of the event that was settled first, or -1. */
function firstSettled(events: readonly EventRef[]): number {
  let found = -1;
  events.forEach((event, i) => {
    if (event.state !== "pending" && (found < 0 || event.order < events[found].order)) found = i;
  });
  return found;
}

/** What comes through before a wait begins; null: nothing. */
function interruption(m: Tasker, control: Waiting): number | null {
  const { task } = m;
  if (m.marker === null && m.segment === null && task.own === null && !task.cancelled) return null;
  const frames = markerFrames(m);
  const shelter = frames.findIndex(isShelter);
  if (shelter < 0 && task.cancelled) return unwind(m, CANCEL);
  let expired: Marker | null = null;
  let failed: Cell | null = null;
  let isClosed = false;
  for (const frame of shelter < 0 ? frames : frames.slice(0, shelter)) {
    const marker = markerOf(frame);
    if (marker.type !== "scope") continue;
    const scope = scopeOf(marker);
    if (isExpired(marker)) expired = marker;
    if (scope !== null && hasNews(scope)) failed = scope;
    if (scope !== null && ownerOf(scope) === null) isClosed = true;
  }
  if (shelter < 0 && task.own !== null && hasNews(task.own)) failed = task.own;
  if (isClosed) return m.raise(closedError(), control);
  if (failed !== null) return raiseFailure(m, failed, retryValue(control));
  if (expired === null) return null;
  tell(expired);
  return m.raise(timeoutError(expired), control);
}

/** Whether an error came out of a task of the scope that the owner does not know of. */
function hasNews(scope: Cell): boolean {
  const failure = failureOf(scope);
  return failure !== null && failure.kind !== "told";
}

function tell(marker: Marker): void {
  const told = toldOf(marker);
  if (told !== null) told.value = true;
}

function closedError(): ErrorValue {
  return errorOf("scope/closed", "this is inside of a scope that is over: a continuation led back into it", {});
}

/** Raises what came out of a task of a scope, for handlers outside of the scope; or leaves the scope as the task did. */
function raiseFailure(m: Tasker, scope: Cell, retry: Value): number {
  const { error, kind } = failureOf(scope)!;
  setFailure(scope, error, "told");
  return kind === "away" ? goAway(m, error) : raiseBeyond(m, error, scope, retry);
}

/** Leaves for the block in [block, value]. */
function goAway(m: Tasker, target: Value): number {
  const [id, value] = target instanceof Vector ? target.toArray() : [null, null];
  return exit(m, id, value);
}

/** A frame machine/raise@1 is on top. */
export function raiseAgain(m: Tasker): number {
  const frame = m.stack;
  const [error, scope, retry] = [frame.a as Value, frame.b, frame.c];
  m.stack = frame.next;
  if (retry === AWAY) return goAway(m, error);
  return raiseBeyond(m, error, scope instanceof Cell ? scope : null, retry);
}

/** Puts a frame on top of a task that stands still: it raises the error, whatever it is given. */
export function raiseBehind(task: TaskRef, error: Value, scope: Cell | null, retry: Value): void {
  task.stack = new Frame(RAISE, 0, task.stack, error, scope, retry, null, null, null, null);
}

/** A task that stands still goes on by raising an error. */
function raiseIn(m: Tasker, task: TaskRef, error: Value, scope: Cell | null, retry: Value): void {
  raiseBehind(task, error, scope, retry);
  proceed(m, task, { kind: "return", value: null });
}

/** A task at a fault throws its error again if somebody beyond it takes it now. */
function stir(m: Tasker, task: TaskRef | undefined): void {
  if (task?.control.kind !== "fault") return;
  const { error, retry } = task.control;
  if (!isLimit(error) && mayBeTaken(m, task)) raiseIn(m, task, error, null, retryValue(retry));
}

/** Limits are no errors that a program can catch (S-18). */
function isLimit(error: Value): boolean {
  return error instanceof ErrorValue && error.type.ns === "limit";
}

/** Whether a task is among those that can run, or is running: also one that will begin to wait once it runs. */
function isReady(m: Tasker, task: TaskRef): boolean {
  const { control } = task;
  if (control.kind === "fault" || control.kind === "done") return false;
  if (control.kind !== "await" && control.kind !== "select") return true;
  const event = control.kind === "await" ? control.event : control.events[0];
  return m.state.waiters.get(event.id)?.includes(task) !== true;
}

/** A task that does not run now goes on with this, whatever it was about. */
function proceed(m: Tasker, task: TaskRef, control: Control): void {
  const ready = isReady(m, task);
  stopWaiting(m, task);
  task.control = control;
  if (!ready) m.state.ready.push(task);
}

export function stopWaiting(m: Tasker, task: TaskRef): void {
  const { control } = task;
  if (control.kind === "await") forgetWaiter(m, control.event, task);
  else if (control.kind === "select") for (const event of control.events) forgetWaiter(m, event, task);
}

function forgetWaiter(m: Tasker, event: EventRef, task: TaskRef): void {
  const waiting = m.state.waiters.get(event.id);
  const index = waiting?.indexOf(task) ?? -1;
  if (waiting === undefined || index < 0) return;
  if (waiting.length === 1) m.state.waiters.delete(event.id);
  else waiting.splice(index, 1);
}

// ---- settling

/** Fulfils or fails an event and makes the tasks that wait for it ready. False when it was settled before. */
export function settle(m: Tasker, event: EventRef, outcome: "fulfilled" | "failed", value: Value): boolean {
  if (event.state !== "pending") return false;
  event.state = outcome;
  event.value = value;
  event.order = m.nextNumber();
  if (event.key !== null) m.state.open.delete(event.key);
  m.timers.remove(event);
  const waiting = m.state.waiters.get(event.id) ?? [];
  m.state.waiters.delete(event.id);
  for (const task of waiting) {
    const { control } = task;
    stopWaiting(m, task);
    if (control.kind === "select") task.control = { kind: "return", value: control.events.indexOf(event) };
    else task.control = outcome === "fulfilled" ? { kind: "return", value } : { kind: "throw", error: value };
    m.state.ready.push(task);
  }
  return true;
}

/** A timer that is due: fulfils its event, and tells the task that waits inside of the scope it ends (S-23). */
export function ring(m: Tasker, event: EventRef): void {
  settle(m, event, "fulfilled", null);
  const task = m.scopes.insideOf(event);
  if (task === undefined) return;
  m.scopes.forget(event);
  const { control } = task;
  if (control.kind !== "await" && control.kind !== "select") return;
  const frames = markerFrames(task);
  const at = frames.findIndex((frame) => markerOf(frame).type === "scope" && timerOf(markerOf(frame)) === event);
  if (at < 0 || frames.slice(0, at).some(isShelter)) return;
  const marker = markerOf(frames[at]);
  tell(marker);
  proceed(m, task, { kind: "throw", error: timeoutError(marker) });
}

// ---- beginning and ending

/** A new task that calls `f`, in the nearest scope; a frame for the answer is on top. */
export function spawn(m: Tasker, f: Value): number {
  const scope = scopeAround(m);
  if (ownerOf(scope) === null) {
    const error = closedError();
    return m.raise(error, { kind: "throw", error });
  }
  if (m.state.tasks.size >= TASKS_MAX) {
    const error = tooMany("unfinished tasks", TASKS_MAX);
    return m.raise(error, { kind: "throw", error });
  }
  const event = new EventRef(meter.nextRef++);
  const task = new TaskRef(meter.nextRef++, BOTTOM, { kind: "call", f, args: [] }, event);
  Object.assign(task, inherited(m));
  m.state.tasks.set(task.id, task);
  m.state.ready.push(task);
  m.scopes.add(scope, task);
  return m.ret(task);
}

/** The nearest scope, or the task's own. */
function scopeAround(m: Tasker): Cell {
  for (const frame of markerFrames(m)) {
    const scope = scopeOf(markerOf(frame));
    if (scope !== null) return scope;
  }
  m.task.own ??= newScope(m.task, meter.nextRef++);
  return m.task.own;
}

/** The body of the task has answered: it is over once its scopes have no more tasks. */
export function finish(m: Tasker, value: Value): number {
  const { task } = m;
  if (task.cancelled) return end(m, CANCEL);
  if (task.own !== null && hasNews(task.own)) {
    m.push(END, 0, [value]);
    return raiseFailure(m, task.own, null);
  }
  const [scope] = m.scopes.ownedBy(task);
  if (scope === undefined) return endWith(m, "fulfilled", value, null);
  // Another scope than its own is held by a continuation that left this task: nobody can wait for the end of its body.
  if (scope !== task.own) cancelTasks(m, scope);
  m.push(END, 0, [value]);
  return wait(m, { kind: "await", event: emptyEventOf(scope) });
}

/** A frame machine/end@1 is on top: a scope of the task has no more tasks. */
export function finishAgain(m: Tasker): number {
  const frame = m.stack;
  m.stack = frame.next;
  return finish(m, frame.a as Value);
}

/** All frames have been left: the task is over once the tasks of its scopes are, which are cancelled. */
export function end(m: Tasker, completion: Vector): number {
  const { task } = m;
  const owned = m.scopes.ownedBy(task);
  for (const scope of owned) cancelTasks(m, scope);
  if (owned.length > 0) return waitLeaving(m, owned[0], completion);
  const { scope } = task;
  if (completion.get(0) === "fail") return endWith(m, "failed", completion.get(1), task.cancelled ? "cleanup" : "new");
  endWith(m, "failed", cancelledError(task), null);
  if (completion.get(0) === "away" && scope !== null) {
    failScope(m, scope, Vector.from([completion.get(1), completion.get(2)]), "away");
  }
  return STOP;
}

function cancelledError(task: TaskRef): ErrorValue {
  return errorOf("task/cancelled", "the task was cancelled", { task: task.id });
}

/** `failure`: what an error is to the scope when nobody waits for the task; null: nothing. */
function endWith(m: Tasker, outcome: "fulfilled" | "failed", value: Value, failure: FailureKind | null): number {
  const { state, task } = m;
  m.setSegment(BOTTOM, null, null);
  m.save({ kind: "done", value: outcome === "fulfilled" ? value : null });
  if (task !== state.main) state.tasks.delete(task.id);
  const awaited = state.waiters.has(task.event.id);
  settle(m, task.event, outcome, value);
  const { scope } = task;
  task.own = null;
  if (scope === null) return STOP;
  if (failure !== null && !awaited) failScope(m, scope, value, failure);
  m.scopes.remove(task);
  const empty = m.scopes.has(scope) ? null : emptyEvent(scope);
  if (empty !== null) settle(m, empty, "fulfilled", null);
  return STOP;
}

/**
 * An error came out of a task of this scope, and nobody waited for the task (3), or the task left for a block around the scope. The
 * first one counts.
 */
function failScope(m: Tasker, scope: Cell, error: Value, kind: FailureKind): void {
  const owner = ownerOf(scope);
  if (owner === null || (failureOf(scope) !== null && kind !== "cleanup")) return;
  setFailure(scope, error, kind);
  if (!canBeTold(owner, scope)) return;
  setFailure(scope, error, "told");
  raiseIn(m, owner, error, scope, kind === "away" ? AWAY : retryValue(owner.control));
}

/** Whether the owner of a scope stands at an await inside of it, and in no clean-up there. */
function canBeTold(owner: TaskRef, scope: Cell): boolean {
  const { kind } = owner.control;
  if (kind !== "await" && kind !== "select" && kind !== "return" && kind !== "throw") return false;
  for (const frame of markerFrames(owner)) {
    if (isShelter(frame)) return false;
    if (scopeOf(markerOf(frame)) === scope) return true;
  }
  return owner.own === scope;
}

/** Whether a block is around a scope that the running task belongs to, or around one its owner belongs to, and so on. */
export function isBlockBeyond(m: Tasker, id: Value): boolean {
  const seen = new Set<TaskRef>();
  for (let task = m.task; task.scope !== null; ) {
    const owner = ownerOf(task.scope);
    if (owner === null || seen.has(owner)) return false;
    seen.add(owner);
    for (const frame of outsideOf(m, owner, task.scope)) {
      const marker = markerOf(frame);
      if (marker.type === "block" && marker.id === id) return true;
    }
    task = owner;
  }
  return false;
}

// ---- scopes

/** The event that is fulfilled when a scope has no more tasks. */
function emptyEventOf(scope: Cell): EventRef {
  const known = emptyEvent(scope);
  if (known !== null) return known;
  const event = new EventRef(meter.nextRef++);
  setEmptyEvent(scope, event);
  return event;
}

/** The end of a scope's body: waits until its tasks are over. A frame for nil is on top. */
export function joinScope(m: Tasker): number {
  const scope = scopeAround(m);
  // The body came to its end once before, and a continuation led back into it.
  if (ownerOf(scope) === null) return m.ret(null);
  const event = emptyEventOf(scope);
  if (!m.scopes.has(scope)) settle(m, event, "fulfilled", null);
  return wait(m, { kind: "await", event });
}

/** The task that runs is inside of this marker now: it was pushed, or a continuation that holds it was resumed. */
export function enterMarker(m: Tasker, marker: Marker): void {
  m.scopes.enter(marker, m.task);
  const scope = scopeOf(marker);
  for (const task of scope === null ? [] : m.scopes.of(scope)) stir(m, task);
}

function forgetTimer(m: Tasker, marker: Marker): void {
  const timer = timerOf(marker);
  if (timer === null) return;
  m.timers.remove(timer);
  m.scopes.forget(timer);
}

/** The body of a scope has come to its end. Tasks it did not wait for belong to the scope around it. */
export function closeScope(m: Tasker, marker: Marker): void {
  forgetTimer(m, marker);
  const scope = scopeOf(marker);
  if (scope === null || ownerOf(scope) !== m.task) return;
  for (const task of m.scopes.of(scope)) {
    m.scopes.remove(task);
    m.scopes.add(scopeAround(m), task);
  }
  close(scope);
}

/** A scope is left on the way to where the completion says; its marker is gone. Null: its tasks are over. */
export function leaveScope(m: Tasker, marker: Marker, completion: Vector): number | null {
  forgetTimer(m, marker);
  const scope = scopeOf(marker);
  if (scope === null || ownerOf(scope) !== m.task) return null;
  if (!m.scopes.has(scope)) return afterLeaving(m, scope, completion);
  cancelTasks(m, scope);
  return waitLeaving(m, scope, completion);
}

/** Waits in a clean-up of its own until a scope has no more tasks. */
function waitLeaving(m: Tasker, scope: Cell, completion: Vector): number {
  m.pushMarker("leave", [scope], LEAVE, -1, []);
  m.push(LEAVE, 0, [completion, scope]);
  return wait(m, { kind: "await", event: emptyEventOf(scope) });
}

/** A frame machine/leave@1 is on top: the scope has no more tasks, or what came out of them was answered with a value. */
export function leaveAgain(m: Tasker): number {
  const frame = m.stack;
  const [completion, scope] = [frame.a as Vector, frame.b];
  m.stack = frame.next;
  if (!(scope instanceof Cell)) return goOn(m, completion);
  // The marker that sheltered the wait.
  m.marker = markerOf(m.marker!).below;
  m.stack = m.stack.next;
  return afterLeaving(m, scope, completion) ?? goOn(m, completion);
}

function goOn(m: Tasker, completion: Vector): number {
  const isFinal = completion.get(0) === "fail" || !m.task.cancelled || isSheltered(m);
  return unwind(m, isFinal ? completion : CANCEL);
}

/** The scope is closed. What came out of its tasks meanwhile is raised before anything else happens; null: nothing did. */
function afterLeaving(m: Tasker, scope: Cell, completion: Vector): number | null {
  const failure = failureOf(scope);
  close(scope);
  const isCancelled = m.task.cancelled && !isSheltered(m);
  if (failure === null || failure.kind === "told" || (failure.kind !== "cleanup" && isCancelled)) return null;
  if (failure.kind === "away") return goAway(m, failure.error);
  m.push(LEAVE, 0, [completion, null]);
  return search(m, failure.error, 0, retryValue({ kind: "throw", error: failure.error }));
}

// ---- cancelling

function cancelTasks(m: Tasker, scope: Cell): void {
  for (const task of m.scopes.of(scope)) cancelTask(m, task);
}

/**
 * Cancels a task that does not run now; false when it is over or was cancelled before. One that has faulted leaves its frames
 * from there, also out of a clean-up, and also when it had been cancelled before.
 */
export function cancelTask(m: Tasker, task: TaskRef): boolean {
  const { kind } = task.control;
  if (kind === "done" || (task.cancelled && kind !== "fault")) return false;
  task.cancelled = true;
  if (kind === "fault" || !isSheltered(task)) proceed(m, task, { kind: "cancel" });
  return true;
}

/** `cancel!`: also of the task that runs. A frame for the answer is on top. */
export function cancel(m: Tasker, task: TaskRef): number {
  if (task !== m.task) return m.ret(cancelTask(m, task));
  const isNew = !task.cancelled;
  task.cancelled = true;
  return isSheltered(m) ? m.ret(isNew) : unwind(m, CANCEL);
}

/** When the first of the limits around the task ends (epoch ms), also those around the scopes it belongs to; null: never. */
export function deadline(m: Tasker): number | null {
  const dues: number[] = [];
  const seen = new Set<TaskRef>();
  let task = m.task;
  for (let frames = markerFrames(m); ; ) {
    for (const frame of frames) {
      const timer = markerOf(frame).type === "scope" ? timerOf(markerOf(frame)) : null;
      const due = timer === null ? null : m.timers.due(timer);
      if (due !== null) dues.push(due);
    }
    const { scope } = task;
    const owner = scope === null ? null : ownerOf(scope);
    if (owner === null || seen.has(owner)) return dues.length === 0 ? null : Math.min(...dues);
    seen.add(owner);
    const all = markerFrames(owner);
    const at = all.findIndex((frame) => scopeOf(markerOf(frame)) === scope);
    frames = at < 0 ? [] : all.slice(at);
    task = owner;
  }
}
