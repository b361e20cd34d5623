// The elements of anything that is logically a list: list, view, cons, range, vector, realised lazy sequence.
import { raise } from "./errors.ts";
import { Cons, List } from "./list.ts";
import { meter } from "./meter.ts";
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

/**
 * Sees to it that a walk over realised lazy cells ends: a sequence may lead back to itself, as `(def ones (lazy-seq (cons 1 ones)))`
 * does. Finds that by Brent's method (BIT 20, 1980): it holds on to a cell for twice as long each time until it comes again.
 */
export class Walk {
  private kept: Lazy | null = null;
  private left = 1;
  private power = 1;

  /** Passes a realised cell; raises `:limit` in a sequence without end. */
  pass(cell: Lazy): void {
    if (cell === this.kept) endless();
    if (--this.left > 0) return;
    this.kept = cell;
    this.power *= 2;
    this.left = this.power;
  }
}

/** The walk over so many elements: null where it comes to an end soon, in a sequence without end too. */
export function walkFor(count: number): Walk | null {
  return count > meter.countMax ? new Walk() : null;
}

function endless(): never {
  raise("limit", "a sequence that leads back to itself has no end: take what is wanted of it first");
}

/**
 * All elements of a sequential value; null where the walk meets an unrealised lazy cell. The array is the caller's. Raises
 * `:limit` for more of them than a collection can have.
 */
export function elements(v: Obj): Value[] | null {
  if (v instanceof Vector || v instanceof List || v instanceof Range) {
    if (v.count > meter.countMax)
      raise("limit", `a range of ${v.count} numbers is too long to go through: the limit is ${meter.countMax}`);
    return v.toArray();
  }
  const array: Value[] = [];
  const walk = new Walk();
  let at: Value = v;
  for (;;) {
    if (at instanceof Cons) {
      array.push(at.first);
      at = at.rest;
    } else if (at instanceof Lazy) {
      if (at.thunk !== null) return null;
      if (at.seq === null) return array;
      walk.pass(at);
      at = at.seq;
    } else {
      const rest = elements(at as List | Range) as Value[];
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
