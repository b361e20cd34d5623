// Sequence access to everything that can be walked: nil, lists, conses, ranges, vectors, maps, sets, strings, lazy sequences.
//
// As guarded primitives: `force` for an argument that is an unrealised lazy cell, `decline` where a walk meets a further one,
// or where the argument cannot be walked (S-4).
import { Cons, List } from "./list.ts";
import { PMap } from "./map.ts";
import { decline, force } from "./meter.ts";
import { Range, RangeView } from "./range.ts";
import { elements, Walk, walkFor } from "./sequential.ts";
import { PSet } from "./set.ts";
import { countPoints, pointAt } from "./strings.ts";
import { Kind, Lazy, Obj, type Value } from "./value.ts";
import { entryList, memberList, pointList, vectorList } from "./views.ts";
import { Vector } from "./vector.ts";

/** nil if there are no elements, else something with `first` and `rest`: a List, Cons or Range. */
export function seq(v: Value): Value {
  if (v instanceof List) return v.count === 0 ? null : v;
  if (v === null || v instanceof Cons || v instanceof Range) return v;
  if (v instanceof Lazy) return v.thunk === null ? v.seq : force(v);
  const list = listOf(v);
  if (list === undefined) return decline();
  return list.count === 0 ? null : list;
}

/** What has a length, as a list; undefined for all else. Takes constant time, but for a string. */
export function listOf(v: Value): List | undefined {
  if (typeof v === "string") return pointList(v, countPoints(v));
  if (v === null) return List.EMPTY;
  if (!(v instanceof Obj)) return undefined;
  switch (v.kind) {
    case Kind.List:
      return v as List;
    case Kind.Vector:
      return vectorList(v as Vector);
    case Kind.PMap:
    case Kind.Record:
      return entryList(v as PMap);
    case Kind.PSet:
      return memberList(v as PSet);
    case Kind.Range:
      return new RangeView(v as Range);
    default:
      return undefined;
  }
}

/** The first element, or nil. */
export function first(v: Value): Value {
  if (v instanceof List || v instanceof Cons || v instanceof Range) return v.first;
  if (v instanceof Vector) return v.count === 0 ? null : v.get(0);
  const s = seq(v);
  return s instanceof List || s instanceof Cons || s instanceof Range ? s.first : s;
}

/** Without the first element: a List, Range, Cons or lazy sequence, perhaps empty; never nil. */
export function rest(v: Value): Value {
  if (v instanceof List || v instanceof Cons || v instanceof Range) return v.rest;
  const s = seq(v);
  if (s === null) return List.EMPTY;
  return s instanceof List || s instanceof Cons || s instanceof Range ? s.rest : s;
}

/** `seq` of `rest`. Declines where that is an unrealised lazy cell: it is not the argument (S-4). */
export function next(v: Value): Value {
  const after = rest(v);
  if (after instanceof Lazy) return after.thunk === null ? after.seq : decline();
  return after instanceof Obj && (after.kind === Kind.List || after.kind === Kind.Cons || after.kind === Kind.Range)
    ? seq(after)
    : after;
}

/** How many elements there are. */
export function count(v: Value): Value {
  if (v === null) return 0;
  if (typeof v === "string") return countPoints(v);
  if (v instanceof Vector || v instanceof List || v instanceof PMap || v instanceof PSet || v instanceof Range) {
    return v.count;
  }
  if (v instanceof Lazy && v.thunk !== null) return force(v);
  return v instanceof Cons || v instanceof Lazy ? countChain(v) : decline();
}

function countChain(v: Cons | Lazy): Value {
  let total = 0;
  const walk = new Walk();
  let at: Value = v;
  for (;;) {
    if (at instanceof Cons) {
      total++;
      at = at.rest;
    } else if (at instanceof Lazy) {
      if (at.thunk !== null) return decline();
      walk.pass(at);
      at = at.seq;
    } else return total + (at === null ? 0 : (at as List | Range).count);
  }
}

/** The element at `index`, a JS integer, of something sequential, a string, or a set or map in order; else `missing`. */
export function nth(v: Value, index: number, missing: Value): Value {
  if (index < 0) return missing;
  if (v instanceof Vector || v instanceof List || v instanceof Range) {
    if (index >= v.count) return missing;
    return v instanceof List ? v.nth(index) : v.get(index);
  }
  if (typeof v === "string") return index < countPoints(v) ? pointAt(v, index) : missing;
  if (v instanceof Lazy && v.thunk !== null) return force(v);
  if (v instanceof Cons || v instanceof Lazy) return nthOfChain(v, index, missing);
  const list = listOf(v);
  if (list === undefined) return decline();
  return index < list.count ? list.nth(index) : missing;
}

function nthOfChain(v: Cons | Lazy, index: number, missing: Value): Value {
  const walk = walkFor(index);
  let at: Value = v;
  for (let left = index; ; ) {
    if (at instanceof Lazy) {
      if (at.thunk !== null) return decline();
      walk?.pass(at);
      at = at.seq;
    } else if (at instanceof Cons) {
      if (left === 0) return at.first;
      left--;
      at = at.rest;
    } else return nth(at, left, missing);
  }
}

/** `x` in front of what `v` holds: a list, or a cons where the length is not known. */
export function cons(x: Value, v: Value): Value {
  if (v instanceof List) return List.cons(x, v);
  if (v instanceof Cons || v instanceof Lazy) return new Cons(x, v);
  const list = listOf(v);
  return list === undefined ? decline() : List.cons(x, list);
}

/** All elements in a new array; undefined if `v` cannot be walked, null where the walk meets an unrealised lazy cell. */
export function toArray(v: Value): Value[] | null | undefined {
  if (v instanceof Cons || v instanceof Lazy) return elements(v);
  return listOf(v)?.toArray();
}
