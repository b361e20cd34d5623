// Canonical JSON text (E-9): no white space, keys in the order given, ASCII only, numbers in ECMAScript's shortest form.
// Iterative: depth is bounded by memory.

import { FlowmetalError } from "./errors.ts";
import { BODY_LENGTH_MAX } from "./limits.ts";

/** Plain JSON in memory. A bigint is an integer written out in full; a Map is an object whose keys keep their order. */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | ReadonlyMap<string, Json>
  | { readonly [key: string]: Json };

const PLAIN = /^[ !#-[\]-~]*$/;
/** Longer texts are written piece by piece: a host ends the process where one replacement has too many places. */
const PIECE = 2 ** 16;
/** Beyond this a text is refused. */
const TEXT_MAX = BODY_LENGTH_MAX;

/** A string as canonical JSON: everything outside printable ASCII as `\uXXXX` in lower case, with the short escapes. */
export function quote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return text.length > PIECE ? quoteLong(text) : quoteShort(text);
}

/** A pair that is cut apart becomes the same two escapes. */
function quoteLong(text: string): string {
  const pieces: string[] = [];
  let length = 2;
  for (let from = 0; from < text.length; from += PIECE) {
    const piece = quoteShort(text.slice(from, from + PIECE)).slice(1, -1);
    length += piece.length;
    needRoom(length, TEXT_MAX);
    pieces.push(piece);
  }
  return `"${pieces.join("")}"`;
}

/** Refuses a text of more than `most` characters of JSON. */
export function needRoom(length: number, most: number): void {
  if (length <= most) return;
  throw new FlowmetalError("value/too-large", `a value of more than ${most} characters of JSON is too large`);
}

function quoteShort(text: string): string {
  return JSON.stringify(text).replace(/[\x7f-\uffff]/g, escapeUnit);
}

/** Made once each: a text in another script has millions of the same few. */
const escapes: (string | undefined)[] = [];

function escapeUnit(unit: string): string {
  const code = unit.charCodeAt(0);
  escapes[code] ??= `\\u${code.toString(16).padStart(4, "0")}`;
  return escapes[code];
}

/** A container being written: what is left of it, in turn. */
interface Frame {
  readonly keys: readonly string[] | null;
  readonly items: readonly Json[];
  next: number;
}

/** The canonical text of a value. NaN and infinities have none: it throws. Texts of more than BODY_LENGTH_MAX characters are refused. */
export function canonicalJson(value: Json): string {
  const atom = atomText(value);
  if (atom !== null) return atom;
  const stack: Frame[] = [];
  let text = open(value as Container, stack);
  while (stack.length > 0) {
    const frame = stack[stack.length - 1];
    const { keys, items, next } = frame;
    if (next === items.length) {
      text += keys === null ? "]" : "}";
      stack.pop();
      continue;
    }
    frame.next++;
    if (next > 0) text += ",";
    if (keys !== null) text += `${quote(keys[next])}:`;
    const item = items[next];
    text += atomText(item) ?? open(item as Container, stack);
    needRoom(text.length, TEXT_MAX);
  }
  return text;
}

type Container = readonly Json[] | ReadonlyMap<string, Json> | { readonly [key: string]: Json };

function atomText(value: Json): string | null {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "number":
      if (!Number.isFinite(value)) throw new Error(`bug: ${value} in JSON`);
      return String(value);
    case "boolean":
    case "bigint":
      return String(value);
    case "object":
      return value === null ? "null" : null;
    default:
      throw new Error(`bug: ${typeof value} in JSON`);
  }
}

function open(value: Container, stack: Frame[]): string {
  if (Array.isArray(value)) {
    stack.push({ keys: null, items: value, next: 0 });
    return "[";
  }
  if (value instanceof Map) stack.push({ keys: [...value.keys()], items: [...value.values()], next: 0 });
  else stack.push({ keys: Object.keys(value), items: Object.values(value) as Json[], next: 0 });
  return "{";
}
