// Leaving frames: exit, finally, scopes, continuations, segments. Every path that drops frames goes through `unwind`.
//
// A *completion* says where unwinding leads and is an ordinary vector, since a finally clause holds it in a slot while it runs:
//   ["catch" id index error]   to the catch marker `id`: its clause gets [index error]
//   ["exit" id value]          to the block marker `id`: its clause gets the value
//   ["resume" k value]         to the point where the full continuation k leaves the present stack, then on in k
//   ["use-value" id value]     to the search marker `id`: the error is forgotten, the place of its throw goes on with the value
//   ["fail" error]             to the bottom: the task ends with the error, which somebody beyond it takes (S-22)
//   ["away" id value]          to the bottom: the task ends, and leaves its scope for the block marker `id` around it
//   ["cancel"]                 to the bottom: the task is over
// `unwind` drops frames marker by marker, innermost first; where it meets a finally marker it runs that clause with the
// completion and is called again by `endfinally`; where it meets a scope that has tasks, it waits until they are over.
// Nothing is dropped before it is known who takes the error (S-22).
import { Vector } from "../data/vector.ts";
import { PMap } from "../data/map.ts";
import { meter } from "../data/meter.ts";
import { Cell, ErrorValue, Keyword, type Value } from "../data/value.ts";
import { errorOf } from "./problems.ts";
import { BOTTOM } from "./builtin.ts";
import { isShelter, isSheltered, markerFrames } from "./markers.ts";
import { CLAUSE, type Registers } from "./registers.ts";
import { toldOf } from "./scopes.ts";
import {
  Continuation,
  type Control,
  type Frame,
  isMarkerFrame,
  type Marker,
  type MarkerKind,
  markerOf,
  type Part,
  Prompt,
  Segment,
} from "./state.ts";

/** What unwinding needs of the machine beside its registers. */
export interface Unwinder extends Registers {
  /** The body of the task has answered this value. */
  finish(value: Value): number;
  /** All frames of the task have been left as the completion says. */
  end(completion: Vector): number;
  /** Nobody takes the error: the task stops with its frames intact. */
  fault(error: Value, retry: Control): number;
  /** The body of a scope has come to its end. */
  closeScope(marker: Marker): void;
  /** The marker of a scope was dropped on the way to where the completion says; null: nothing keeps it from going on. */
  leaveScope(marker: Marker, completion: Vector): number | null;
  /** Whether a block marker is around a scope that the task belongs to. */
  isBlockBeyond(id: Value): boolean;
  /** The task is inside of this marker, which another one may have been inside of before. */
  enterMarker(marker: Marker): void;
}

/** The completion of a task that was cancelled. */
export const CANCEL = Vector.from(["cancel"]);

/** A value has reached the bottom of the current segment: it goes to the frame below the prompt, or ends the task. */
export function leaveSegment(m: Unwinder, value: Value): number {
  const segment = m.segment;
  if (segment === null) return m.finish(value);
  m.setSegment(segment.stack, segment.marker, segment.next);
  return m.ret(value);
}

/** Pops the marker frame on top of the stack (normal exit of its body). */
export function popMarker(m: Unwinder): void {
  const frame = m.marker!;
  const marker = markerOf(frame);
  m.stack = frame.next;
  m.marker = marker.below;
  if (marker.type === "scope") m.closeScope(marker);
}

/** Drops frames down to and including the nearest marker frame; answers it, or null at the bottom of the task. */
function dropToMarker(m: Unwinder): Frame | null {
  while (m.marker === null) {
    const segment = m.segment;
    if (segment === null) {
      m.setSegment(BOTTOM, null, null);
      return null;
    }
    m.setSegment(segment.stack, segment.marker, segment.next);
  }
  const frame = m.marker;
  m.stack = frame.next;
  m.marker = markerOf(frame).below;
  return frame;
}

function enterClause(m: Registers, frame: Frame, value: Value): number {
  m.frame = frame;
  m.value = value;
  return CLAUSE;
}

/** Goes on unwinding as the completion says. */
export function unwind(m: Unwinder, completion: Vector): number {
  const target = completion.get(completion.count > 1 ? 1 : 0);
  const resumed = completion.get(0) === "resume" && target instanceof Continuation ? target : null;
  const kept = resumed === null ? 0 : markersShared(m, resumed);
  for (;;) {
    if (resumed !== null && countMarkers(m) <= kept) return install(m, resumed, completion.get(2));
    const frame = dropToMarker(m);
    if (frame === null) return m.end(completion);
    const marker = markerOf(frame);
    if (marker.type === "finally") return enterClause(m, frame, completion);
    if (marker.type === "scope") {
      const waiting = m.leaveScope(marker, completion);
      if (waiting !== null) return waiting;
    }
    if (isShelter(frame) && isCancelDue(m, completion)) return unwind(m, CANCEL);
    if (isArrived(marker, completion)) return arrive(m, frame, completion);
  }
}

/** Whether a task that left a clean-up was cancelled meanwhile, so that it goes elsewhere than the completion says. */
function isCancelDue(m: Registers, completion: Value): boolean {
  if (!m.task.cancelled || isSheltered(m)) return false;
  return !(completion instanceof Vector) || (completion.get(0) !== "fail" && completion.get(0) !== "cancel");
}

/** Which kind of marker each completion leads to. */
const TARGETS: ReadonlyMap<Value, MarkerKind> = new Map([
  ["catch", "catch"],
  ["exit", "block"],
  ["use-value", "search"],
]);

function isArrived(marker: Marker, completion: Vector): boolean {
  return marker.type === TARGETS.get(completion.get(0)) && marker.id === completion.get(1);
}

/** The clean-up of a finally is over: goes on as its completion says, or answers null: with what is behind it. */
export function endFinally(m: Unwinder, completion: Value): number | null {
  if (isCancelDue(m, completion)) return unwind(m, CANCEL);
  return completion instanceof Vector ? unwind(m, completion) : null;
}

function arrive(m: Unwinder, frame: Frame, completion: Vector): number {
  if (completion.get(0) === "exit") return enterClause(m, frame, completion.get(2));
  if (completion.get(0) === "use-value") return useHere(m, frame, completion.get(2));
  const error = completion.get(3);
  if (error instanceof ErrorValue) rearmScope(m, error);
  return enterClause(m, frame, Vector.from([completion.get(2), error]));
}

/** The place of a throw goes on with the value. An exit that failed in its own clean-up has no place for one: it fails again. */
function useHere(m: Unwinder, search: Frame, value: Value): number {
  if (!isMarkerFrame(m.stack)) return m.ret(value);
  const [error] = markerOf(search).data;
  return m.fault(error, { kind: "throw", error });
}

/** `exit`: to the nearest block marker with this id, in this task or around the scopes it belongs to. */
export function exit(m: Unwinder, id: Value, value: Value): number {
  for (const frame of markerFrames(m)) {
    const marker = markerOf(frame);
    if (marker.type === "block" && marker.id === id) return unwind(m, Vector.from(["exit", id, value]));
  }
  if (m.isBlockBeyond(id)) return unwind(m, Vector.from(["away", id, value]));
  const beyond = m.task.scope === null ? "" : ", or that is not around the scope of this task";
  const error = errorOf("block/exited", `exit from a block that is over${beyond}`);
  return m.raise(error, { kind: "throw", error });
}

function countMarkers(m: Registers): number {
  return markerFrames(m).length;
}

const SCOPE = Keyword.of("scope");
const TIMEOUT = Keyword.of("timeout");

/** The timeout error of a scope (S-23); its data names the scope. */
export function timeoutError(marker: Marker): ErrorValue {
  return errorOf("timeout", "the time allowed is over", { scope: marker.id });
}

/**
 * A handler took a timeout. That of the scope the handler stands in is told once; that of a scope further out, which an inner
 * scope's handler cannot answer for, is raised again at the next await (S-23).
 */
function rearmScope(m: Registers, error: ErrorValue): void {
  if (error.type !== TIMEOUT || !(error.data instanceof PMap)) return;
  const id = error.data.get(SCOPE, null);
  const scopes = markerFrames(m)
    .map(markerOf)
    .filter((marker) => marker.type === "scope");
  for (const marker of scopes.slice(1)) {
    const told = toldOf(marker);
    if (marker.id === id && told !== null) told.value = false;
  }
}

// ---- continuations

/** Captures everything down to the bottom of the task (call-with-continuation). A frame for its value is on top. */
export function captureFull(m: Registers): Continuation {
  const parts: Part[] = [];
  let { stack, marker, segment } = m;
  for (; segment !== null; { stack, marker } = segment, segment = segment.next) {
    parts.push({ stack, marker, prompt: segment.prompt });
  }
  parts.push({ stack, marker, prompt: null });
  return continuation(true, parts);
}

/** Captures the segments above `below`, which becomes the current one's foundation; `prompt`: whether k includes it. */
export function captureTo(m: Registers, below: Segment, prompt: "with-prompt" | "without-prompt"): Continuation {
  const parts: Part[] = [];
  let { stack, marker, segment } = m;
  for (; segment !== below; { stack, marker } = segment!, segment = segment!.next) {
    parts.push({ stack, marker, prompt: segment!.prompt });
  }
  parts.push({ stack, marker, prompt: prompt === "with-prompt" ? below.prompt : null });
  return continuation(false, parts);
}

function continuation(full: boolean, parts: readonly Part[]): Continuation {
  meter.owner = {};
  return new Continuation(full, parts, holdsScope(parts) ? new Cell(meter.nextRef++, false, "once") : null);
}

function holdsScope(parts: readonly Part[]): boolean {
  for (const part of parts) {
    for (let frame = part.marker; frame !== null; frame = markerOf(frame).below) {
      if (markerOf(frame).type === "scope") return true;
    }
  }
  return false;
}

/** Gives `value` to a continuation: a delimited one goes on top of the stack, a full one replaces it (S-21). */
export function resume(m: Unwinder, k: Continuation, value: Value): number {
  if (k.once instanceof Cell) {
    if (k.once.value === true) {
      const error = errorOf("continuation/used", "a continuation that holds a scope can be resumed once");
      return m.raise(error, { kind: "throw", error });
    }
    k.once.value = true;
  }
  // Without a marker there is no clean-up to run on the way.
  if (k.full && m.marker === null && m.segment === null) return install(m, k, value);
  if (k.full) return unwind(m, Vector.from(["resume", k, value]));
  for (let i = k.parts.length - 1; i >= 0; i--) putBack(m, k.parts[i]);
  enterMarkers(m, k);
  return m.ret(value);
}

/** The scopes in a continuation are this task's from now on. */
function enterMarkers(m: Unwinder, k: Continuation): void {
  if (k.once === null) return;
  for (const part of k.parts) {
    for (let frame = part.marker; frame !== null; frame = markerOf(frame).below) m.enterMarker(markerOf(frame));
  }
}

function putBack(m: Registers, part: Part): void {
  const replaces = part.prompt === null && m.stack === BOTTOM;
  if (replaces) {
    m.setSegment(part.stack, part.marker, m.segment);
    return;
  }
  const prompt = part.prompt ?? new Prompt("join", m.nextMarker++, []);
  m.setSegment(part.stack, part.marker, new Segment(prompt, m.stack, m.marker, m.segment));
}

function install(m: Unwinder, k: Continuation, value: Value): number {
  const bottom = k.parts[k.parts.length - 1];
  m.setSegment(bottom.stack, bottom.marker, null);
  for (let i = k.parts.length - 2; i >= 0; i--) putBack(m, k.parts[i]);
  enterMarkers(m, k);
  return m.ret(value);
}

/** How many markers, counted from the bottom, the present stack and a full continuation have in common. */
function markersShared(m: Registers, k: Continuation): number {
  const here = markerFrames(m).reverse();
  const there: Frame[] = [];
  for (const part of k.parts) {
    for (let frame = part.marker; frame !== null; frame = markerOf(frame).below) there.push(frame);
  }
  there.reverse();
  let count = 0;
  while (count < here.length && count < there.length && markerOf(here[count]).id === markerOf(there[count]).id) {
    count++;
  }
  return count;
}
