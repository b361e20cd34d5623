// Looking things up in collections: get, contains?, find, keys, vals. What meets a lazy sequence inside a key declines (S-4).
import type { List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { decline } from "../data/meter.ts";
import { isSequential } from "../data/sequential.ts";
import { PSet } from "../data/set.ts";
import { countPoints, pointAt } from "../data/strings.ts";
import { ErrorValue, Keyword, Obj, Tagged, type Value } from "../data/value.ts";
import { keyList, valueList } from "../data/views.ts";
import { Vector } from "../data/vector.ts";
import { needMap } from "./check.ts";
import { primitive } from "./define.ts";
import { isKey } from "./items.ts";
import type { Primitive } from "./primitive.ts";
import { wrongType } from "./raise.ts";
import { contentOf, isTransient } from "./transient-cell.ts";

/** The part of an error value that a keyword names. */
function errorPart(error: ErrorValue, key: Value, otherwise: Value): Value {
  if (!(key instanceof Keyword)) return otherwise;
  switch (key.text) {
    case "type":
      return error.type;
    case "message":
      return error.message;
    case "data":
      return error.data;
    case "cause":
      return error.cause;
    case "trace":
      return error.trace;
    default:
      return otherwise;
  }
}

/** The part of a tagged literal that a keyword names. */
function taggedPart(tagged: Tagged, key: Value, otherwise: Value): Value {
  if (!(key instanceof Keyword)) return otherwise;
  return key.text === "tag" ? tagged.tag : key.text === "form" ? tagged.value : otherwise;
}

/** Code point `index` of a string, or `otherwise`. */
function pointOf(text: string, index: Value, otherwise: Value): Value {
  const found = typeof index === "number" && Number.isInteger(index) && index >= 0 && index < countPoints(text);
  return found ? pointAt(text, index) : otherwise;
}

/** What a collection holds at a key; `otherwise` if it has no such thing, or is no such collection. */
export function get(coll: Value, key: Value, otherwise: Value = null): Value {
  if (coll instanceof PMap) return isKey(key) ? coll.get(key, otherwise) : decline();
  if (coll instanceof Vector) {
    const found = typeof key === "number" && Number.isInteger(key) && key >= 0 && key < coll.count;
    return found ? coll.get(key) : otherwise;
  }
  if (coll instanceof PSet) return isKey(key) ? coll.get(key, otherwise) : decline();
  if (typeof coll === "string") return pointOf(coll, key, otherwise);
  if (coll instanceof ErrorValue) return errorPart(coll, key, otherwise);
  if (coll instanceof Tagged) return taggedPart(coll, key, otherwise);
  return isTransient(coll) ? get(contentOf("get", coll), key, otherwise) : otherwise;
}

function contains(coll: Value, key: Value): Value {
  if (coll === null) return false;
  if (coll instanceof PMap || coll instanceof PSet) return isKey(key) ? coll.has(key) : decline();
  if (coll instanceof Vector) return typeof key === "number" && Number.isInteger(key) && key >= 0 && key < coll.count;
  if (typeof coll === "string") return pointOf(coll, key, null) !== null;
  if (isTransient(coll)) return contains(contentOf("contains?", coll), key);
  return wrongType("contains?", "a map, set, vector or string", 1, coll);
}

/** The entry of a map at a key as a vector `[key value]`, or nil. */
function find(coll: Value, key: Value): Value {
  if (coll === null) return null;
  if (coll instanceof Vector) return contains(coll, key) === true ? Vector.pair(key, coll.get(key as number)) : null;
  const map = needMap("find", 1, coll);
  if (!isKey(key)) return decline();
  const index = map.indexOf(key);
  return index < 0 ? null : Vector.pair(map.keyAt(index), map.valueAt(index));
}

/** The keys or values of a map; of a sequence of entries its guard makes them. */
function mapPart(name: string, of: (map: PMap) => List): Primitive {
  return primitive(
    name,
    1,
    1,
    (coll) => {
      if (coll === null) return null;
      if (coll instanceof PMap) return coll.count === 0 ? null : of(coll);
      return coll instanceof Obj && isSequential(coll) ? decline() : wrongType(name, "a map", 1, coll);
    },
    { guard: `flow.core/${name}-of-entries` },
  );
}

const realising = (name: string) => ({ guard: `flow.core/realise-and-${name}` });

export const lookup: readonly Primitive[] = [
  primitive("get", 2, 3, get, realising("get")),
  primitive("contains?", 2, 2, contains, { ...realising("contains?"), test: true }),
  primitive("find", 2, 2, find, realising("find")),
  mapPart("keys", keyList),
  mapPart("vals", valueList),
];
