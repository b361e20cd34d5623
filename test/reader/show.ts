// An unambiguous text for values, written without the printer, so that the reader's tests do not lean on it.
import { List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { PSet } from "../../src/data/set.ts";
import {
  Bytes,
  Duration,
  Float,
  Instant,
  Keyword,
  Ratio,
  Regex,
  Sym,
  Tagged,
  Uuid,
  type Value,
} from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";

const all = (items: Iterable<Value>): string => [...items].map(show).join(" ");

/** `list[sym a, int 1]` and so on, without recursion guards: for small values. */
export function show(value: Value): string {
  if (value === null) return "nil";
  if (typeof value === "bigint") return `big ${value}`;
  if (typeof value === "number") return Number.isInteger(value) ? `${value}` : `float ${value}`;
  if (typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (value instanceof Float) return `float ${Object.is(value.value, -0) ? "-0" : value.value}`;
  if (value instanceof Ratio) return `ratio ${value.num}/${value.den}`;
  if (value instanceof Sym) return withMeta(value.ns === null ? value.name : `${value.ns}|${value.name}`, value.meta);
  if (value instanceof Keyword) return value.ns === null ? `:${value.name}` : `:${value.ns}|${value.name}`;
  if (value instanceof List) return withMeta(`(${all(value)})`, value.meta);
  if (value instanceof Vector) return withMeta(`[${all(value)}]`, value.meta);
  if (value instanceof PMap) return withMeta(`{${value.entries().map(all).join(", ")}}`, value.meta);
  if (value instanceof PSet) return withMeta(`#{${all(value)}}`, value.meta);
  return showScalar(value);
}

function showScalar(value: Value): string {
  if (value instanceof Instant) return `instant ${new Date(value.ms).toISOString()}`;
  if (value instanceof Duration) return `duration ${value.ms}`;
  if (value instanceof Uuid) return `uuid ${value.text}`;
  if (value instanceof Bytes) return `bytes ${[...value.data].join(",")}`;
  if (value instanceof Regex) return `regex ${value.source} ${value.flags}`.trim();
  if (value instanceof Tagged) return `tagged ${show(value.tag)} ${show(value.value)}`;
  throw new Error(`show does not know ${String(value)}`);
}

const withMeta = (text: string, meta: Value): string => (meta === null ? text : `^${show(meta)} ${text}`);
