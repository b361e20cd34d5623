// What a task does next, as a snapshot has it.
import { isName } from "../data/tagged-read.ts";
import { UNBOUND, type EventRef, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { isCompletion, isPrimitiveCall } from "../machine/sound.ts";
import { type Control, type Frame, Marker } from "../machine/state.ts";
import type { ValueReader } from "./decode-frame.ts";
import { refuse } from "./document.ts";

/** Reads a control; `event` finds an event by number. */
export function readControl(
  json: unknown,
  path: string,
  values: ValueReader,
  event: (n: unknown, path: string) => EventRef,
): Control {
  if (!Array.isArray(json)) return refuse("not a control", path);
  const row = json as readonly unknown[];
  if (row[0] !== "f") return plainControl(row, path, values, event);
  if (row.length !== 3 || !Array.isArray(row[2])) return refuse("not a control", path);
  const error = values.whole(row[1], path, 1);
  return { kind: "fault", error, retry: plainControl(row[2] as readonly unknown[], `${path}[2]`, values, event) };
}

function plainControl(
  row: readonly unknown[],
  path: string,
  values: ValueReader,
  event: (n: unknown, path: string) => EventRef,
): Control {
  const [tag, head] = row;
  const rest = (from: number): Value[] => row.slice(from).map((item, i) => values.whole(item, path, from + i));
  const named = (): string => {
    const name = values.whole(head, path, 1);
    return isName(name) ? name : refuse("not a name", `${path}[1]`);
  };
  if (tag === "c" && row.length > 1) return { kind: "call", f: callee(head, path, values), args: rest(2) };
  if (tag === "p" && row.length > 1) return primitiveCall(named(), rest(2), path);
  if (tag === "s" && row.length > 1) {
    return { kind: "select", events: row.slice(1).map((n, i) => event(n, `${path}[${i + 1}]`)) };
  }
  if (tag === "k" && row.length === 1) return { kind: "cancel" };
  if (row.length !== 2) return refuse("not a control", path);
  switch (tag) {
    case "r":
      return { kind: "return", value: values.whole(head, path, 1) };
    case "l":
      return { kind: "clause", value: values.whole(head, path, 1) };
    case "g":
      return { kind: "global", name: named() };
    case "x":
      return { kind: "throw", error: values.whole(head, path, 1) };
    case "a":
      return { kind: "await", event: event(head, `${path}[1]`) };
    case "d":
      return { kind: "done", value: values.whole(head, path, 1) };
    default:
      return refuse("no such control", `${path}[0]`);
  }
}

/** What is called: a value, or the mark of a var without one, which earlier snapshots have where later ones have the var. */
function callee(json: unknown, path: string, values: ValueReader): Value {
  const f = values.value(json, path, 1);
  return f === UNBOUND ? f : values.whole(json, path, 1);
}

function primitiveCall(name: string, args: readonly Value[], path: string): Control {
  if (!isPrimitiveCall(name, args.length)) refuse(`this engine has no primitive ${name} of so many arguments`, path);
  return { kind: "primitive", name, args };
}

/** What is wrong with a control on this stack, if anything: a marker frame takes no value, and a clause takes what fits it. */
export function misplaced(control: Control, top: Frame): string | null {
  if (control.kind === "fault") return misplaced(control.retry, top);
  const marker = top.a instanceof Marker ? top.a : null;
  if (control.kind === "clause") {
    if (marker === null || top.block < 0) return "no marker frame with a clause";
    return isClauseValue(marker, control.value) ? null : "not what the clause of this marker takes";
  }
  const { kind } = control;
  return marker === null || kind === "throw" || kind === "cancel" ? null : "a marker where a value goes";
}

function isClauseValue(marker: Marker, value: Value): boolean {
  if (marker.type === "catch") return value instanceof Vector && value.count === 2;
  return marker.type === "block" || isCompletion(value);
}
