// Naming a value in a message: short, never walking a large collection, never realising anything.
import { localKind } from "../data/local-time.ts";
import { RecordValue } from "../data/record.ts";
import { Cell, Kind, Obj, type Value } from "../data/value.ts";
import { printValue } from "../data/printer.ts";
import { SIGNAL } from "../data/meter.ts";

const NAMES: Readonly<Record<Kind, string>> = {
  [Kind.Float]: "a float",
  [Kind.Ratio]: "a ratio",
  [Kind.Sym]: "a symbol",
  [Kind.Keyword]: "a keyword",
  [Kind.List]: "a list",
  [Kind.Cons]: "a sequence",
  [Kind.Range]: "a range",
  [Kind.Vector]: "a vector",
  [Kind.PMap]: "a map",
  [Kind.PSet]: "a set",
  [Kind.Bytes]: "bytes",
  [Kind.Instant]: "an instant",
  [Kind.Duration]: "a duration",
  [Kind.Uuid]: "a uuid",
  [Kind.Regex]: "a regex",
  [Kind.Tagged]: "a tagged value",
  [Kind.ErrorValue]: "an error",
  [Kind.Closure]: "a function",
  [Kind.Var]: "a var",
  [Kind.Cell]: "an atom",
  [Kind.Lazy]: "a lazy sequence",
  [Kind.EventRef]: "an event",
  [Kind.TaskRef]: "a task",
  [Kind.Continuation]: "a continuation",
  [Kind.Marker]: "a marker",
  [Kind.Record]: "a record",
};

/** The kinds whose printed form is short enough to quote. */
const QUOTED: ReadonlySet<Kind> = new Set<Kind>([
  Kind.Float,
  Kind.Ratio,
  Kind.Sym,
  Kind.Keyword,
  Kind.Instant,
  Kind.Duration,
  Kind.Uuid,
]);

function localName(value: Value): string | null {
  const kind = localKind(value);
  return kind === null ? null : `a ${kind}`;
}

/** What kind of value it is, with its article: `a string`. */
export function kindName(value: Value): string {
  if (value === null) return "nil";
  switch (typeof value) {
    case "boolean":
      return "a boolean";
    case "string":
      return "a string";
    case "bigint":
      return "an integer";
    case "number":
      return Number.isInteger(value) ? "an integer" : "a float";
    default:
      if (value instanceof Cell) return cellName(value);
      return localName(value) ?? NAMES[value.kind] ?? "a value";
  }
}

function cellName({ type }: Cell): string {
  return `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}

/** `"a", a string`; `nil`; `a vector of 3`. At most about 60 characters. */
export function describe(value: Value): string {
  if (value === null) return "nil";
  if (value instanceof Obj && !QUOTED.has(value.kind) && localKind(value) === null) return describeLarge(value);
  const printed = typeof value === "string" ? printValue(shorten(value), true) : printValue(value, true);
  if (typeof printed !== "string" || (printed as unknown) === SIGNAL) return kindName(value);
  return typeof value === "boolean" ? printed : `${shorten(printed)}, ${kindName(value)}`;
}

function describeLarge(value: Obj): string {
  if (value instanceof RecordValue) return `a record of type ${value.type.text}`;
  const name = kindName(value);
  const count = (value as { count?: unknown }).count;
  return typeof count === "number" ? `${name} of ${count}` : name;
}

function shorten(text: string): string {
  const points = Array.from(text.slice(0, 90));
  return points.length <= 40 ? text : `${points.slice(0, 37).join("")}...`;
}
