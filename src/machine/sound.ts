// What the machine relies on in values it keeps for itself: in markers, in prompts, in frames of its own, in a finally's slot.
//
// Such values are ordinary ones, so that a snapshot can hold them, and code puts most of them together. So each is looked at
// where it comes in: by the decoder of snapshots, and by the evaluator at the rare ends of blocks that use them (E-24).
import { Cell, EventRef, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { findPrimitiveVersion } from "../primitive/registry.ts";
import { AWAY } from "./scopes.ts";
import { Continuation, type MarkerKind, type PromptKind, TaskRef } from "./state.ts";

/** Whether a marker of this kind can have these data, of which there are as many as there must be. */
export function isMarkerData(kind: MarkerKind, data: readonly Value[]): boolean {
  const [first, second] = data;
  switch (kind) {
    case "binding":
      return arePairs(first, second, (cell) => cell instanceof Cell);
    case "search":
      return isAsked(second);
    case "leave":
      return first instanceof Cell && first.type === "scope";
    default:
      return true;
  }
}

/** Whether a prompt of this kind can have these data, of which there are as many as there must be. */
export function isPromptData(kind: PromptKind, [first, second]: readonly Value[]): boolean {
  return kind !== "handle" || arePairs(first, second, () => true);
}

/** Whether a value says where unwinding leads (unwind.ts). */
export function isCompletion(value: Value): value is Vector {
  if (!(value instanceof Vector)) return false;
  switch (value.get(0)) {
    case "catch":
      return value.count === 4;
    case "exit":
      return value.count === 3;
    case "resume":
      return value.count === 3 && value.get(1) instanceof Continuation;
    case "use-value":
    case "away":
      return value.count === 3;
    case "fail":
      return value.count === 2;
    case "cancel":
      return value.count === 1;
    default:
      return false;
  }
}

/** Whether a value says which catch marker is asked (throw.ts): its number, the same with its id, or a task and the id of one of its. */
export function isAsked(value: Value): boolean {
  if (!(value instanceof Vector)) return isIndex(value);
  return value.count === 2 && (isIndex(value.get(0)) || value.get(0) instanceof TaskRef) && isIndex(value.get(1));
}

/** Whether a value says what failed, in the frame of a search or of an error on its way (throw.ts, tasks.ts). */
export function isRetry(value: Value): boolean {
  if (value === null || value === AWAY) return true;
  if (!(value instanceof Vector)) return false;
  const [kind, head, args] = value.toArray();
  switch (kind) {
    case "call":
      return value.count === 3 && args instanceof Vector;
    case "primitive":
      return value.count === 3 && args instanceof Vector && isPrimitiveCall(head, args.count);
    case "global":
      return value.count === 2 && typeof head === "string";
    case "throw":
      return value.count === 2;
    case "await":
      return value.count === 2 && head instanceof EventRef;
    case "select":
      return value.count === 2 && isSelection(head);
    default:
      return false;
  }
}

/** Whether this engine has the primitive `name@version`, and it takes so many arguments. */
export function isPrimitiveCall(name: Value, count: number): boolean {
  const primitive = typeof name === "string" ? findPrimitiveVersion(name) : undefined;
  return primitive !== undefined && count >= primitive.min && (primitive.max < 0 || count <= primitive.max);
}

function arePairs(names: Value, values: Value, isValue: (value: Value) => boolean): boolean {
  if (!(names instanceof Vector) || !(values instanceof Vector) || names.count !== values.count) return false;
  return values.toArray().every(isValue);
}

function isSelection(events: Value): boolean {
  return events instanceof Vector && events.count > 0 && events.toArray().every((event) => event instanceof EventRef);
}

function isIndex(value: Value): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
