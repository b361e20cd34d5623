// Leaving frames: throw, exit, finally, continuations, segments. Every path that drops frames goes through `unwind`.
//
// A *completion* says where unwinding leads and is an ordinary vector, since a finally clause holds it in a slot while it runs:
//   ["catch" id index error]   to the catch marker `id`: its clause gets [index error]
//   ["exit" id value]          to the block marker `id`: its clause gets the value
//   ["resume" k value]         to the point where the full continuation k leaves the present stack, then on in k
//   ["use-value" id value]     to the search marker `id`: the error is forgotten, the place of its throw goes on with the value
//   ["cancel"]                 to the bottom: the task is over
// `unwind` drops frames marker by marker, innermost first; where it meets a finally marker it runs that clause with the
// completion and is called again by `endfinally`. Nothing is dropped before it is known who takes the error (S-22).
import { Vector } from "../data/vector.ts";
import { PMap } from "../data/map.ts";
import { meter } from "../data/meter.ts";
import { Cell, ErrorValue, type EventRef, Keyword, type Value } from "../data/value.ts";
import { errorOf } from "./problems.ts";
import { BOTTOM, SEARCH } from "./builtin.ts";
import { CLAUSE, type Registers } from "./registers.ts";
import { Continuation, type Control, type Frame, type Marker, markerOf, type Part, Prompt, Segment } from "./state.ts";
import { traced } from "./trace.ts";

/** What unwinding needs of the machine beside its registers. */
export interface Unwinder extends Registers {
  /** The task is over with this value: fulfils its event and stops. */
  finish(value: Value): number;
  /** Nobody takes the error: the task stops with its frames intact. */
  fault(error: Value, retry: Control): number;
  /** A scope marker was left: its timer is of no use any more. */
  closeScope(marker: Marker): void;
}

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
    if (segment === null) return null;
    m.setSegment(segment.stack, segment.marker, segment.next);
  }
  const frame = m.marker;
  popMarker(m);
  return frame;
}

function enterClause(m: Registers, frame: Frame, value: Value): number {
  m.frame = frame;
  m.value = value;
  return CLAUSE;
}

/** Goes on unwinding as the completion says. */
export function unwind(m: Unwinder, completion: Vector): number {
  const target = completion.get(1);
  const resumed = target instanceof Continuation ? target : null;
  const kept = resumed === null ? 0 : markersShared(m, resumed);
  for (;;) {
    if (resumed !== null && countMarkers(m) <= kept) return install(m, resumed, completion.get(2));
    const frame = dropToMarker(m);
    if (frame === null) return m.finish(null);
    const marker = markerOf(frame);
    if (marker.type === "finally") return enterClause(m, frame, completion);
    if (resumed === null && marker.id === target) return arrive(m, frame, completion);
  }
}

function arrive(m: Unwinder, frame: Frame, completion: Vector): number {
  if (completion.get(0) === "exit") return enterClause(m, frame, completion.get(2));
  if (completion.get(0) === "use-value") return m.ret(completion.get(2));
  const error = completion.get(3);
  if (error instanceof ErrorValue) rearmScope(m, error);
  return enterClause(m, frame, Vector.from([completion.get(2), error]));
}

/** `exit`: to the nearest block marker with this id. */
export function exit(m: Unwinder, id: Value, value: Value): number {
  for (const frame of markerFrames(m)) {
    const marker = markerOf(frame);
    if (marker.type === "block" && marker.id === id) return unwind(m, Vector.from(["exit", id, value]));
  }
  const error = errorOf("block/exited", "exit from a block that is over");
  return m.raise(error, { kind: "throw", error });
}

/** All marker frames of the task, innermost first, over all segments. */
export function markerFrames(m: Pick<Registers, "marker" | "segment">): Frame[] {
  const frames: Frame[] = [];
  let marker = m.marker;
  let segment = m.segment;
  for (;;) {
    for (; marker !== null; marker = markerOf(marker).below) frames.push(marker);
    if (segment === null) return frames;
    marker = segment.marker;
    segment = segment.next;
  }
}

function countMarkers(m: Registers): number {
  return markerFrames(m).length;
}

// ---- throw

/** Throws an error: asks catch markers from the innermost on, in frames on top of the throwing ones. */
export function raise(m: Unwinder, error: Value, retry: Control): number {
  return search(m, traced(m, error), 0, retryValue(retry));
}

/**
 * Asks the catch markers from number `from` on (counted from the innermost below the throw). A search that meets the marker of
 * an outer search goes on behind the catch marker being asked there: an error in a filter does not reach its own clause.
 */
export function search(m: Unwinder, error: Value, from: number, retry: Value): number {
  let index = -1;
  let skip = 0;
  for (const frame of markerFrames(m)) {
    const marker = markerOf(frame);
    if (marker.type === "search") skip = Math.max(skip, (marker.data[1] as number) + 1);
    if (marker.type !== "catch") continue;
    index++;
    if (skip > 0) {
      skip--;
      continue;
    }
    if (index < from) continue;
    const filter = marker.data[0];
    if (filter === null) return unwind(m, Vector.from(["catch", marker.id, 0, error]));
    m.pushMarker("search", [error, index], SEARCH, -1, []);
    m.push(SEARCH, 0, [error, index, retry]);
    m.a0 = error;
    return m.enter(filter, 1);
  }
  return m.fault(error, retryControl(retry));
}

/** A filter has answered: nil, or the number of its clause. The frame of the search is on top, its marker below. */
export function filterAnswered(m: Unwinder): number {
  const frame = m.stack;
  const error = frame.a as Value;
  const index = frame.b as number;
  const answer = m.value;
  const retry = frame.c;
  m.stack = frame.next;
  popMarker(m);
  if (answer === null || answer === false) return search(m, error, index + 1, retry);
  const taker = catchFrames(m)[index];
  return unwind(m, Vector.from(["catch", markerOf(taker).id, answer, error]));
}

/**
 * Ends the innermost search from within: the frames of the filter or handler on top of the throw are left, and the place of
 * the throw goes on with the value. The restart `use-value` of a fault does the same from outside.
 */
export function useValue(m: Unwinder, value: Value): number {
  const search = markerFrames(m)
    .map(markerOf)
    .find((marker) => marker.type === "search");
  if (search !== undefined) return unwind(m, Vector.from(["use-value", search.id, value]));
  const hint = "use-value is a restart inside of a handler (handler-bind), where an error is being thrown";
  const error = errorOf("restart/missing", "no error is being thrown here that a value could answer", { hint });
  return m.raise(error, { kind: "throw", error });
}

function catchFrames(m: Registers): Frame[] {
  return markerFrames(m).filter((frame) => markerOf(frame).type === "catch");
}

/** What `retry` needs, as a value a frame can hold. */
export function retryValue(control: Control): Value {
  switch (control.kind) {
    case "call":
      return Vector.from(["call", control.f, Vector.from([...control.args])]);
    case "primitive":
      return Vector.from(["primitive", control.name, Vector.from([...control.args])]);
    case "global":
      return Vector.from(["global", control.name]);
    case "throw":
      return Vector.from(["throw", control.error]);
    case "await":
      return Vector.from(["await", control.event]);
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
    default:
      return { kind: "throw", error: value.get(1) };
  }
}

// ---- scopes

const SCOPE = Keyword.of("scope");

/** The event whose fulfilment ends a scope's time. */
export function timerOf(marker: Marker): EventRef {
  return (marker.data[0] as Vector).get(0) as EventRef;
}

/** The cell that says whether the scope's body was told that its time is over. */
export function toldOf(marker: Marker): Cell {
  return (marker.data[0] as Vector).get(1) as Cell;
}

/** The timeout error of a scope (S-23); its data names the scope. */
export function timeoutError(marker: Marker): ErrorValue {
  return errorOf("timeout", "the time allowed is over", { scope: marker.id });
}

/**
 * A handler took a timeout. That of the scope the handler stands in is told once; that of a scope further out, which an inner
 * scope's handler cannot answer for, is raised again at the next await (S-23).
 */
function rearmScope(m: Registers, error: ErrorValue): void {
  if (error.type !== Keyword.of("timeout") || !(error.data instanceof PMap)) return;
  const id = error.data.get(SCOPE, null);
  const scopes = markerFrames(m)
    .map(markerOf)
    .filter((marker) => marker.type === "scope");
  for (const marker of scopes.slice(1)) if (marker.id === id) toldOf(marker).value = false;
}

/** The outermost scope around the task whose time is over and has not been told, or null. */
export function expiredScope(m: Registers): Marker | null {
  let found: Marker | null = null;
  for (const frame of markerFrames(m)) {
    const marker = markerOf(frame);
    if (marker.type !== "scope") continue;
    if (timerOf(marker).state === "fulfilled" && toldOf(marker).value === false) found = marker;
  }
  return found;
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
  return m.ret(value);
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

function install(m: Registers, k: Continuation, value: Value): number {
  const bottom = k.parts[k.parts.length - 1];
  m.setSegment(bottom.stack, bottom.marker, null);
  for (let i = k.parts.length - 2; i >= 0; i--) putBack(m, k.parts[i]);
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
