// What a task does next, as a snapshot has it.
import { isName } from "../data/tagged-read.ts";
import type { EventRef, Value } from "../data/value.ts";
import type { Control } from "../machine/state.ts";
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
  const error = values.value(row[1], path, 1);
  return { kind: "fault", error, retry: plainControl(row[2] as readonly unknown[], `${path}[2]`, values, event) };
}

function plainControl(
  row: readonly unknown[],
  path: string,
  values: ValueReader,
  event: (n: unknown, path: string) => EventRef,
): Control {
  const [tag, head] = row;
  const rest = (from: number): Value[] => row.slice(from).map((item, i) => values.value(item, path, from + i));
  const named = (): string => (isName(head) ? head : refuse("not a name", `${path}[1]`));
  if (tag === "c" && row.length > 1) return { kind: "call", f: values.value(head, path, 1), args: rest(2) };
  if (tag === "p" && row.length > 1) return { kind: "primitive", name: named(), args: rest(2) };
  if (tag === "s" && row.length > 1) {
    return { kind: "select", events: row.slice(1).map((n, i) => event(n, `${path}[${i + 1}]`)) };
  }
  if (tag === "k" && row.length === 1) return { kind: "cancel" };
  if (row.length !== 2) return refuse("not a control", path);
  switch (tag) {
    case "r":
      return { kind: "return", value: values.value(head, path, 1) };
    case "l":
      return { kind: "clause", value: values.value(head, path, 1) };
    case "g":
      return { kind: "global", name: named() };
    case "x":
      return { kind: "throw", error: values.value(head, path, 1) };
    case "a":
      return { kind: "await", event: event(head, `${path}[1]`) };
    case "d":
      return { kind: "done", value: values.value(head, path, 1) };
    default:
      return refuse("no such control", `${path}[0]`);
  }
}
