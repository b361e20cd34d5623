// Records, the types of values, and what protocols look up by type. Types are keywords: of a record its own, else `:string` ...
import { PMap } from "../data/map.ts";
import { makeRecord, RecordValue } from "../data/record.ts";
import { type Cell, Keyword, Kind, Obj, Sym, Tagged, type Value } from "../data/value.ts";
import { needRoomForElements } from "./charge.ts";
import { needMap, needVector } from "./check.ts";
import { primitive, pureTest } from "./define.ts";
import type { Primitive } from "./primitive.ts";
import { refuse, wrongType } from "./raise.ts";

/** The types of objects by kind. Records have types of their own, cells that of what they are, reified values `:reified`. */
const NAMES: Readonly<Record<Kind, string>> = {
  [Kind.Float]: "float",
  [Kind.Ratio]: "ratio",
  [Kind.Sym]: "symbol",
  [Kind.Keyword]: "keyword",
  [Kind.List]: "list",
  [Kind.Range]: "list",
  [Kind.Cons]: "lazy-seq",
  [Kind.Lazy]: "lazy-seq",
  [Kind.Vector]: "vector",
  [Kind.PMap]: "map",
  [Kind.PSet]: "set",
  [Kind.Bytes]: "bytes",
  [Kind.Instant]: "instant",
  [Kind.Duration]: "duration",
  [Kind.Uuid]: "uuid",
  [Kind.Regex]: "regex",
  [Kind.Tagged]: "tagged",
  [Kind.ErrorValue]: "error",
  [Kind.Closure]: "function",
  [Kind.Var]: "var",
  [Kind.Cell]: "atom",
  [Kind.EventRef]: "event",
  [Kind.TaskRef]: "task",
  [Kind.Continuation]: "continuation",
  [Kind.Marker]: "marker",
  [Kind.Record]: "record",
};
const TYPES: readonly Keyword[] = Object.entries(NAMES).reduce<Keyword[]>((types, [kind, name]) => {
  types[Number(kind)] = Keyword.of(name);
  return types;
}, []);
const BOOLEAN = Keyword.of("boolean");
const STRING = Keyword.of("string");
const INTEGER = Keyword.of("integer");
const FLOAT = Keyword.of("float");
const REIFIED = Keyword.of("reified");

/** The tag of what `reify` makes: a map of protocol names to maps of methods. */
const REIFIED_TAG = new Sym("flow.core", "reified");

function isReified(value: Value): value is Tagged {
  return value instanceof Tagged && value.tag.name === REIFIED_TAG.name && value.tag.ns === REIFIED_TAG.ns;
}

/** The type of a value: a keyword, or nil for nil. */
export function typeOf(value: Value): Keyword | null {
  if (value === null) return null;
  if (!(value instanceof Obj)) return typeOfPlain(value);
  if (value instanceof RecordValue) return value.type;
  if (value.kind === Kind.Cell) return Keyword.of((value as Cell).type);
  return isReified(value) ? REIFIED : TYPES[value.kind];
}

function typeOfPlain(value: boolean | number | bigint | string): Keyword {
  switch (typeof value) {
    case "string":
      return STRING;
    case "boolean":
      return BOOLEAN;
    case "bigint":
      return INTEGER;
    default:
      return Number.isInteger(value) ? INTEGER : FLOAT;
  }
}

/** What each type of built-in values is a kind of; types of records are a kind of `:record`. */
const SUPERTYPES: ReadonlyMap<Keyword, Keyword> = new Map(
  (
    [
      ["integer", "number"],
      ["float", "number"],
      ["ratio", "number"],
      ["list", "sequential"],
      ["lazy-seq", "sequential"],
      ["vector", "sequential"],
      ["sequential", "coll"],
      ["map", "coll"],
      ["set", "coll"],
      ["record", "map"],
    ] as const
  ).map(([type, above]) => [Keyword.of(type), Keyword.of(above)]),
);

const IMPLS = Keyword.of("impls");
const NAME = Keyword.of("name");
const RECORD = Keyword.of("record");
const DEFAULT = Keyword.of("default");

/** The methods of a protocol, by name, that are for a value; nil when there are none. */
function implementations(protocol: Value, value: Value): Value {
  if (!(protocol instanceof PMap)) return null;
  const own = isReified(value) && value.value instanceof PMap ? value.value.get(protocol.get(NAME)) : null;
  const impls = protocol.get(IMPLS);
  if (own !== null || !(impls instanceof PMap)) return own;
  const type = typeOf(value);
  const exact = impls.get(type);
  if (exact !== null) return exact;
  let above = value instanceof RecordValue ? RECORD : type === null ? undefined : SUPERTYPES.get(type);
  for (; above !== undefined; above = SUPERTYPES.get(above)) {
    const found = impls.get(above);
    if (found !== null) return found;
  }
  return impls.get(DEFAULT);
}

/**
 * The function that does a method of a protocol for a value: that of its type, else of what the type is a kind of, else of
 * `:default`; nil when there is none, also where the nearest of these has other methods only, as in Clojure.
 */
function method(protocol: Value, name: Value, value: Value): Value {
  const table = implementations(protocol, value);
  return table instanceof PMap && name instanceof Keyword ? table.get(name) : null;
}

function needType(fn: string, type: Value): Keyword {
  return type instanceof Keyword ? type : wrongType(fn, "a keyword as the type", 1, type);
}

function needFields(fn: string, fields: Value): Value[] {
  const keys = needVector(fn, 2, fields).toArray();
  const strange = keys.find((key) => !(key instanceof Keyword));
  return strange === undefined ? keys : wrongType(fn, "keywords as fields", 2, strange);
}

/** A record of a type with these fields, from their values in order. */
function recordNew(type: Value, fields: Value, ...values: Value[]): Value {
  const keys = needFields("record-new", fields);
  if (keys.length !== values.length)
    return refuse("arity", "record-new", `${keys.length} fields, ${values.length} values`);
  return makeRecord(needType("record-new", type), keys, values);
}

/** A record of a type with these fields, from the entries of a map; a field it lacks is nil, further entries come behind. */
function recordFrom(type: Value, fields: Value, from: Value, caller: Value): Value {
  const keys = needFields("record-from", fields);
  const map = from === null ? PMap.EMPTY : needMap(typeof caller === "string" ? caller : "record-from", 1, from);
  needRoomForElements("record-from", keys.length + map.count);
  return makeRecord(
    needType("record-from", type),
    keys,
    keys.map((key) => map.get(key)),
    map,
  );
}

export const record: readonly Primitive[] = [
  primitive("type-of", 1, 1, typeOf, { pure: true }),
  primitive("method", 3, 3, method, { pure: true }),
  pureTest("record?", (value) => value instanceof RecordValue),
  primitive("record-new", 2, -1, recordNew),
  primitive("record-from", 4, 4, recordFrom),
  primitive("implementations", 2, 2, implementations, { pure: true }),
  primitive("supertype", 1, 1, (type) => (type instanceof Keyword ? (SUPERTYPES.get(type) ?? null) : null), {
    pure: true,
  }),
  primitive("supertypes", 0, 0, () => PMap.from(SUPERTYPES), { pure: true }),
  primitive("reified", 1, 1, (methods) => new Tagged(REIFIED_TAG, needMap("reify", 1, methods))),
];
