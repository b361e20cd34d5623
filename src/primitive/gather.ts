// Sorting, grouping and counting realised elements by keys that were computed before: the parts that call no function.
import type { List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { decline, SIGNAL } from "../data/meter.ts";
import { compareValues } from "../data/order.ts";
import { PSet } from "../data/set.ts";
import type { Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { chargeTicks } from "./charge.ts";
import { notComparable } from "./compare.ts";
import { primitive } from "./define.ts";
import { areKeys, itemsOf } from "./items.ts";
import type { Primitive } from "./primitive.ts";
import { refuse } from "./raise.ts";
import { metaOf } from "./names.ts";
import { listFrom } from "./sequence.ts";

/** Thrown out of the host's sort when two keys cannot be compared. */
class Incomparable {
  constructor(
    readonly a: Value,
    readonly b: Value,
  ) {}
}

function order(a: Value, b: Value): number {
  if (typeof a === "number" && typeof b === "number") {
    if (a < b) return -1;
    if (a > b) return 1;
    if (a === b) return 0;
  }
  const answer = compareValues(a, b);
  if (answer === SIGNAL) throw new Incomparable(a, b);
  return answer as number;
}

/** The items in the order of their keys, stable; null where an unrealised lazy sequence is met. n log2 n comparisons are charged. */
function sorted(keys: readonly Value[], items: readonly Value[]): Value[] | null {
  chargeTicks((keys.length * (32 - Math.clz32(keys.length))) / 16);
  try {
    if (keys === items) return items.slice().sort(order);
    const places = keys.map((_, i) => i).sort((i, j) => order(keys[i], keys[j]));
    return places.map((i) => items[i]);
  } catch (problem) {
    if (!(problem instanceof Incomparable)) throw problem;
    return areKeys([problem.a, problem.b]) ? notComparable(problem.a, problem.b) : null;
  }
}

function sort(coll: Value): Value {
  const items = itemsOf("sort", 1, coll);
  const result = items === null ? null : sorted(items, items);
  return result === null ? decline() : withMetaOf(coll, listFrom(result));
}

function withMetaOf(coll: Value, list: List): List {
  const meta = metaOf(coll);
  return meta === null || list.count === 0 ? list : list.withMeta(meta);
}

/** The prelude gives a key for each item; a program that somebody changed may not. */
function needOneEach(fn: string, keys: readonly Value[], items: readonly Value[]): void {
  if (keys.length !== items.length) refuse("type", fn, "there must be as many keys as items");
}

function sortByKeys(keys: Value, items: Value): Value {
  const [k, v] = [itemsOf("sort-by", 1, keys), itemsOf("sort-by", 2, items)];
  if (k !== null && v !== null) needOneEach("sort-by", k, v);
  const result = k === null || v === null ? null : sorted(k, v);
  return result === null ? decline() : listFrom(result);
}

/** A map from each key to a vector of the items that have it, in the order of their first ones. */
function groupByKeys(keys: Value, items: Value): Value {
  const [k, v] = [itemsOf("group-by", 1, keys), itemsOf("group-by", 2, items)];
  if (k === null || v === null || !areKeys(k)) return decline();
  needOneEach("group-by", k, v);
  const owner = {};
  let places = PMap.EMPTY;
  const groups: Value[][] = [];
  for (let i = 0; i < k.length; i++) {
    const place = places.get(k[i], -1) as number;
    if (place >= 0) groups[place].push(v[i]);
    else {
      places = places.set(k[i], groups.length, owner);
      groups.push([v[i]]);
    }
  }
  return PMap.from(places.keys().map((key, i): [Value, Value] => [key, Vector.from(groups[i])]));
}

function frequencies(coll: Value): Value {
  const items = itemsOf("frequencies", 1, coll);
  if (items === null || !areKeys(items)) return decline();
  const owner = {};
  let counts = PMap.EMPTY;
  for (const item of items) counts = counts.set(item, (counts.get(item, 0) as number) + 1, owner);
  return counts;
}

function distinct(coll: Value): Value {
  const items = itemsOf("distinct", 1, coll);
  return items === null || !areKeys(items) ? decline() : listFrom(PSet.from(items).toArray());
}

export const gather: readonly Primitive[] = [
  primitive("sort", 1, 1, sort, { guard: "flow.core/realise-and-sort" }),
  primitive("sort-by-keys", 2, 2, sortByKeys, { guard: "flow.core/realise-and-sort-by-keys" }),
  primitive("group-by-keys", 2, 2, groupByKeys, { guard: "flow.core/realise-and-group-by-keys" }),
  primitive("frequencies", 1, 1, frequencies, { guard: "flow.core/realise-and-frequencies" }),
  primitive("distinct", 1, 1, distinct, { guard: "flow.core/realise-and-distinct" }),
];
