// The elements of anything that is logically a list: list, view, cons, range, vector, realised lazy sequence.
import { Cons, List } from "./list.ts";
import { Range } from "./range.ts";
import { Kind, Lazy, type Obj, type Value } from "./value.ts";
import { Vector } from "./vector.ts";

/** True for what `=` compares element by element, in order. A lazy sequence counts whether realised or not. */
export function isSequential(v: Obj): v is List | Cons | Range | Vector | Lazy {
  switch (v.kind) {
    case Kind.List:
    case Kind.Vector:
    case Kind.Range:
    case Kind.Cons:
    case Kind.Lazy:
      return true;
    default:
      return false;
  }
}

/** The number of elements if it is known without walking, else -1. */
export function countIfKnown(v: Obj): number {
  return v instanceof Vector || v instanceof List || v instanceof Range ? v.count : -1;
}

/** All elements of a sequential value; null where the walk meets an unrealised lazy cell. The array is the caller's. */
export function elements(v: Obj): Value[] | null {
  if (v instanceof Vector || v instanceof List || v instanceof Range) return v.toArray();
  const array: Value[] = [];
  let at: Value = v;
  for (;;) {
    if (at instanceof Cons) {
      array.push(at.first);
      at = at.rest;
    } else if (at instanceof Lazy) {
      if (at.thunk !== null) return null;
      if (at.seq === null) return array;
      at = at.seq;
    } else {
      const rest = (at as List | Range).toArray();
      if (array.length === 0) return rest;
      for (let i = 0; i < rest.length; i++) array.push(rest[i]);
      return array;
    }
  }
}

/** At most `limit` elements from the front; the walk also ends at an unrealised lazy cell. */
export function firstElements(v: Obj, limit: number): Value[] {
  const array: Value[] = [];
  if (v instanceof Vector) {
    for (let i = 0; i < v.count && i < limit; i++) array.push(v.get(i));
    return array;
  }
  let at: Value = v;
  while (array.length < limit) {
    if (at instanceof Lazy) {
      if (at.thunk !== null || at.seq === null) break;
      at = at.seq;
    } else {
      const walk = at as List | Range | Cons;
      if (!(walk instanceof Cons) && walk.count === 0) break;
      array.push(walk.first);
      at = walk.rest;
    }
  }
  return array;
}
