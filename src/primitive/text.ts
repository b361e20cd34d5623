// Values as text: `str`, `pr-str` and what prints (S-24: printing itself is an operation, never a primitive).
import { formatDuration } from "../base/duration.ts";
import { localText } from "../data/local-time.ts";
import { decline, SIGNAL } from "../data/meter.ts";
import { printValue } from "../data/printer.ts";
import { Duration, Instant, Obj, Regex, Tagged, Uuid, type Value } from "../data/value.ts";
import { needRoomForText } from "./charge.ts";
import { needString } from "./check.ts";
import { primitive } from "./define.ts";
import { itemsOf } from "./items.ts";
import type { Primitive } from "./primitive.ts";

/** What `str` makes of a value: nothing of nil, a string as it is, what stands between a literal's quotes, else what is written. */
export function asText(value: Value): Value {
  if (value === null) return "";
  if (typeof value === "string") return value;
  if (typeof value === "number" && Number.isInteger(value)) return String(value);
  return (value instanceof Obj ? bareText(value) : null) ?? printValue(value, true);
}

/** The text of what is written as a literal with a tag: the moment, the length of time, the uuid, the pattern itself. */
function bareText(value: Obj): string | null {
  if (value instanceof Uuid) return value.text;
  if (value instanceof Instant) return new Date(value.ms).toISOString();
  if (value instanceof Duration) return formatDuration(value.ms);
  if (value instanceof Tagged) return localText(value);
  return value instanceof Regex ? patternText(value) : null;
}

/** A pattern with its flags, as `re-pattern` takes it. */
function patternText({ source, flags }: Regex): string {
  return flags === "" ? source : `(?${flags})${source}`;
}

/**
 * The texts of all values, one after the other; SIGNAL where one is not realised. The host keeps such a string as a tree of its
 * pieces, so a length that is refused has not been allocated.
 */
function concatenated(values: readonly Value[]): Value {
  let text = "";
  for (const value of values) {
    const piece = asText(value);
    if (piece === SIGNAL) return decline();
    text += piece as string;
  }
  needRoomForText("str", text.length);
  return text;
}

/** The texts of all values with a separator; SIGNAL where one is not realised. */
function joined(fn: string, values: readonly Value[], separator: string, text: (value: Value) => Value): Value {
  const pieces = new Array<string>(values.length);
  let size = Math.max(0, values.length - 1) * separator.length;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const piece = typeof value === "string" && text === asText ? value : text(value);
    if (piece === SIGNAL) return decline();
    pieces[i] = piece as string;
    size += (piece as string).length;
  }
  needRoomForText(fn, size);
  return strung(pieces, separator);
}

/** The pieces in one string. Appending is three times as fast as `Array.prototype.join`, which flattens as it goes. */
function strung(pieces: readonly string[], separator: string): string {
  if (pieces.length === 0) return "";
  let all = pieces[0];
  if (separator === "") for (let i = 1; i < pieces.length; i++) all += pieces[i];
  else for (let i = 1; i < pieces.length; i++) all = all + separator + pieces[i];
  return all;
}

function ofSequence(fn: string, separator: string, text: (value: Value) => Value): (values: Value) => Value {
  return (values) => {
    const items = itemsOf(fn, 1, values);
    return items === null ? decline() : joined(fn, items, separator, text);
  };
}

function join(separator: Value, values: Value): Value {
  const items = itemsOf("join", 2, values);
  return items === null ? decline() : joined("join", items, asText(separator) as string, asText);
}

const readably = (value: Value) => printValue(value, true);
const plainly = (value: Value) => printValue(value, false);

export const text: readonly Primitive[] = [
  primitive("str", 0, -1, (...values) => concatenated(values), { guard: "flow.core/realise-and-str" }),
  primitive("str-of", 1, 1, ofSequence("str", "", asText), { guard: "flow.core/realise-and-str-of" }),
  primitive("pr-str", 1, 1, (value) => joined("pr-str", [value], "", readably), {
    guard: "flow.core/realise-and-pr-str",
  }),
  primitive("print-str", 1, 1, (value) => joined("print-str", [value], "", plainly), {
    guard: "flow.core/realise-and-print-str",
  }),
  primitive("pr-all", 1, 1, ofSequence("pr-str", " ", readably), { guard: "flow.core/realise-and-pr-all" }),
  primitive("print-all", 1, 1, ofSequence("print-str", " ", plainly), { guard: "flow.core/realise-and-print-all" }),
  primitive("join", 2, 2, (separator, values) => join(needString("join", 1, separator), values), {
    guard: "flow.core/realise-and-join",
  }),
];
