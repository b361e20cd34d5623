// Vectors, maps and sets: making and changing them. What meets a lazy sequence inside a key declines (S-4).
import { Cons, List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { decline, meter } from "../data/meter.ts";
import { Range, RangeView } from "../data/range.ts";
import { RecordValue } from "../data/record.ts";
import { PSet } from "../data/set.ts";
import { Lazy, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { VectorView } from "../data/views.ts";
import { needRoomForElements } from "./charge.ts";
import { needCount, needMap, needPairs, needSet, needVector } from "./check.ts";
import { primitive } from "./define.ts";
import { describe } from "./describe.ts";
import { areKeys, isKey, itemsOf } from "./items.ts";
import type { Primitive } from "./primitive.ts";
import { outOfBounds, refuse, wrongType } from "./raise.ts";

/** `owner`, here and below: what that token owns is changed in place (S-13). `fn`: the function to name in an error. */
export function assoc(coll: Value, key: Value, value: Value, owner?: object, fn = "assoc"): Value {
  if (coll instanceof PMap) return isKey(key) ? coll.set(key, value, owner) : decline();
  if (coll instanceof Vector) {
    if (typeof key !== "number" || !Number.isInteger(key)) return wrongType(fn, "integers as keys of a vector", 2, key);
    if (key < 0 || key > coll.count) return outOfBounds(fn, key, coll.count);
    return key === coll.count ? coll.push(value, owner) : coll.set(key, value, owner);
  }
  if (coll === null) return isKey(key) ? PMap.EMPTY.set(key, value) : decline();
  return wrongType("assoc", "a map, vector or nil", 1, coll);
}

export function dissoc(coll: Value, key: Value, owner?: object, fn = "dissoc"): Value {
  if (coll === null) return null;
  const map = needMap(fn, 1, coll);
  return isKey(key) ? map.delete(key, owner) : decline();
}

export function disj(coll: Value, key: Value, owner?: object, fn = "disj"): Value {
  if (coll === null) return null;
  const set = needSet(fn, 1, coll);
  return isKey(key) ? set.delete(key, owner) : decline();
}

/** x in front of a sequence; a list keeps its metadata. */
export function prepend(x: Value, coll: Value): Value | undefined {
  if (coll === null) return List.cons(x, List.EMPTY);
  if (coll instanceof List) return coll.meta === null ? List.cons(x, coll) : List.cons(x, coll).withMeta(coll.meta);
  if (coll instanceof Range) return List.cons(x, new RangeView(coll));
  if (coll instanceof Cons || coll instanceof Lazy) return new Cons(x, coll);
  return undefined;
}

/** The map with an entry given as a vector of two, or with all entries of a map. */
function conjEntry(map: PMap, x: Value, owner: object | undefined, fn: string): Value {
  if (x === null) return map;
  if (x instanceof Vector && x.count === 2) return isKey(x.get(0)) ? map.set(x.get(0), x.get(1), owner) : decline();
  if (x instanceof PMap) return addEntries(map, x.entries(), owner ?? {});
  return wrongType(`${fn} on a map`, "entries [key value] or maps", 2, x);
}

function addEntries(map: PMap, entries: readonly (readonly [Value, Value])[], owner: object): PMap {
  let result = map;
  for (const [key, value] of entries) result = result.set(key, value, owner);
  return result;
}

export function conj(coll: Value, x: Value, owner?: object, fn = "conj"): Value {
  if (coll instanceof Vector) return coll.push(x, owner);
  if (coll instanceof PMap) return conjEntry(coll, x, owner, fn);
  if (coll instanceof PSet) return isKey(x) ? coll.add(x, owner) : decline();
  return prepend(x, coll) ?? wrongType(fn, "a collection", 1, coll);
}

/** All elements of `from` conjoined to `to`, in place while nobody else has seen it (S-13). */
function into(to: Value, from: Value): Value {
  const items = itemsOf("into", 2, from);
  if (items === null) return decline();
  if (items.length === 0) return to;
  if (to instanceof Vector) {
    if (to.count === 0 && to.meta === null) return Vector.from(items);
    needRoomForElements("into", to.count + items.length);
    const owner = {};
    let vector = to;
    for (let i = 0; i < items.length; i++) vector = vector.push(items[i], owner);
    return vector;
  }
  if (to instanceof PMap) return intoMap(to, items);
  if (to instanceof PSet) {
    if (!areKeys(items)) return decline();
    const owner = {};
    let set = to;
    for (let i = 0; i < items.length; i++) set = set.add(items[i], owner);
    return set;
  }
  let list = to;
  for (const item of items) list = conj(list, item);
  return list;
}

function intoMap(to: PMap, items: readonly Value[]): Value {
  const owner = {};
  let map = to;
  for (const item of items) {
    if (item instanceof Vector && item.count === 2) {
      if (!isKey(item.get(0))) return decline();
      map = map.set(item.get(0), item.get(1), owner);
    } else if (item instanceof PMap) {
      for (const [key, value] of item.entries()) map = map.set(key, value, owner);
    } else if (item !== null) {
      return refuse("type", "into", `a map takes entries [key value] or maps, but one is ${describe(item)}`);
    }
  }
  return map;
}

/** A map from keys and values in turn; of equal keys the last value counts. */
function mapOf(keysAndValues: Value): Value {
  const items = itemsOf("hash-map", 1, keysAndValues);
  if (items === null) return decline();
  needPairs("hash-map", items);
  const owner = {};
  let map = PMap.EMPTY;
  for (let i = 0; i < items.length; i += 2) {
    if (!isKey(items[i])) return decline();
    map = map.set(items[i], items[i + 1], owner);
  }
  return map;
}

/** True for lists and lazy sequences. */
function isSequence(value: Value): boolean {
  return value instanceof List || value instanceof Lazy || value instanceof Cons || value instanceof Range;
}

/** What a map literal with computed keys becomes: a key that comes twice is refused. */
function literalMap(...items: Value[]): Value {
  needPairs("a map", items);
  const owner = {};
  let map = PMap.EMPTY;
  for (let i = 0; i < items.length; i += 2) {
    if (!isKey(items[i])) return decline();
    const next = map.set(items[i], items[i + 1], owner);
    if (next.count !== i / 2 + 1)
      return refuse("duplicate-key", "a map", `the key ${describe(items[i])} comes twice`, { key: items[i] });
    map = next;
  }
  return map;
}

function literalSet(...items: Value[]): Value {
  if (!areKeys(items)) return decline();
  const set = PSet.from(items);
  if (set.count === items.length) return set;
  const twice = items.find((item, i) => PSet.from(items.slice(0, i)).has(item)) ?? null;
  return refuse("duplicate-key", "a set", `the member ${describe(twice)} comes twice`, { key: twice });
}

function setOf(coll: Value): Value {
  if (coll instanceof PSet) return coll.meta === null ? coll : coll.withMeta(null);
  const items = itemsOf("set", 1, coll);
  return items !== null && areKeys(items) ? PSet.from(items) : decline();
}

function vec(coll: Value): Value {
  if (coll instanceof Vector) return coll.meta === null ? coll : coll.withMeta(null);
  if (coll instanceof VectorView) {
    needRoomForElements("vec", coll.count);
    return coll.toVector();
  }
  const items = itemsOf("vec", 1, coll);
  return items === null ? decline() : Vector.from(items);
}

function subvec(vector: Value, start: Value, end?: Value): Value {
  const v = needVector("subvec", 1, vector);
  const from = needCount("subvec", 2, start);
  const to = end === undefined ? v.count : needCount("subvec", 3, end);
  if (from < 0 || from > to) return outOfBounds("subvec", start, v.count);
  if (to > v.count) return outOfBounds("subvec", end ?? null, v.count);
  needRoomForElements("subvec", to - from);
  const items: Value[] = [];
  for (let i = from; i < to; i++) items.push(v.get(i));
  return Vector.from(items);
}

function peek(coll: Value): Value {
  if (coll === null) return null;
  if (coll instanceof Vector) return coll.count === 0 ? null : coll.get(coll.count - 1);
  if (coll instanceof List || coll instanceof Range || coll instanceof Cons) return coll.first;
  return wrongType("peek", "a vector or list", 1, coll);
}

export function pop(coll: Value, owner?: object, fn = "pop"): Value {
  if (coll === null) return null;
  if (coll instanceof Vector) return coll.count === 0 ? refuse("index", fn, "the vector is empty") : coll.pop(owner);
  if (coll instanceof List) return popList(coll, fn);
  if (coll instanceof Range || coll instanceof Cons) return coll.rest;
  return wrongType("pop", "a vector or list", 1, coll);
}

/** Without the first element; the list that is empty then has the metadata of the one before. */
function popList(list: List, fn: string): Value {
  if (list.count === 0) return refuse("index", fn, "the list is empty");
  return list.count === 1 && list.meta !== null ? List.EMPTY.withMeta(list.meta) : list.rest;
}

/** An empty collection of the same type, with the same metadata; nil for anything else. A record is never empty. */
function empty(coll: Value): Value {
  if (coll instanceof RecordValue) return wrongType("empty", "a collection that can be without its entries", 1, coll);
  if (coll instanceof Vector) return Vector.EMPTY.withMeta(coll.meta);
  if (coll instanceof PMap) return PMap.EMPTY.withMeta(coll.meta);
  if (coll instanceof PSet) return PSet.EMPTY.withMeta(coll.meta);
  if (coll instanceof List && coll.meta !== null) return List.EMPTY.withMeta(coll.meta);
  return coll instanceof List || coll instanceof Cons || coll instanceof Lazy || coll instanceof Range
    ? List.EMPTY
    : null;
}

const realising = (name: string) => ({ guard: `flow.core/realise-and-${name}` });

export const collection: readonly Primitive[] = [
  primitive("assoc", 3, 3, (coll, key, value) => assoc(coll, key, value), realising("assoc")),
  primitive("dissoc", 2, 2, (coll, key) => dissoc(coll, key), realising("dissoc")),
  primitive("disj", 2, 2, (coll, key) => disj(coll, key), realising("disj")),
  primitive("conj", 2, 2, (coll, x) => conj(coll, x), realising("conj")),
  // What images were built with before there was `push!`: programs pinned to them go on (S-10).
  primitive("push", 2, 2, (v, x) => (v instanceof Vector ? v.push(x) : wrongType("push", "a vector", 1, v))),
  // For a vector that only the caller knows (S-13). Once a continuation is captured, its frames' vectors are copied first.
  primitive(
    "push!",
    2,
    2,
    (v, x) => (v instanceof Vector ? v.push(x, meter.owner) : wrongType("push!", "a vector", 1, v)),
    { once: true, inline: (v, x) => ({ when: `${v} instanceof Vector`, value: `(${v}).push(${x},meter.owner)` }) },
  ),
  primitive("into", 2, 2, into, realising("into")),
  primitive("vector", 0, -1, (...items) => Vector.from(items), { pure: true }),
  primitive("vec", 1, 1, vec, { guard: "flow.core/vec-lazily" }),
  primitive("hash-map", 0, -1, literalMap, realising("hash-map")),
  primitive("map-of", 1, 1, mapOf, realising("map-of")),
  // What a map pattern takes apart: a sequence, which is keys and values in turn, is left to the guard.
  primitive("as-map", 1, 1, (value) => (isSequence(value) ? decline() : value), {
    guard: "flow.core/seq-to-map-for-destructuring",
  }),
  primitive("hash-set", 0, -1, literalSet, realising("hash-set")),
  primitive("set-of", 1, 1, setOf, realising("set-of")),
  primitive("subvec", 2, 3, subvec),
  primitive("peek", 1, 1, peek),
  primitive("pop", 1, 1, (coll) => pop(coll)),
  primitive("empty", 1, 1, empty),
];
