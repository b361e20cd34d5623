// Keys of maps and members of sets while a snapshot is read: they are hashed, by content also where that is a lazy sequence.
//
// So the lazy sequences inside a key are read as soon as its map is, ahead of their turn. What is hostile about it is refused: a
// lazy sequence that holds itself, one not realised, or so many elements that hashing them would not end.
import type { Cons, List } from "../data/list.ts";
import type { PSet } from "../data/set.ts";
import { Flaw } from "../data/tagged-leaf.ts";
import { flatEntries } from "../data/tagged-shape.ts";
import {
  type Closure,
  type ErrorValue,
  Kind,
  Lazy,
  type MapValue,
  Obj,
  type Tagged,
  type Value,
} from "../data/value.ts";
import type { Vector } from "../data/vector.ts";

/** Elements of all keys that have parts. */
const STEPS_MAX = 1 << 27;

export class Settler {
  private readonly settled = new Set<Obj>();
  private steps = 0;

  /** `fill` reads the content of a lazy sequence unless that is done, or answers why it cannot. */
  constructor(private readonly fill: (lazy: Lazy) => Flaw | null) {}

  /** Sees to it that the key can be hashed. */
  settle(key: Value): Flaw | null {
    if (!(key instanceof Obj) || this.settled.has(key)) return null;
    const open: Obj[] = [key];
    const path = new Set<Obj>();
    while (open.length > 0) {
      const top = open[open.length - 1];
      if (path.has(top) || this.settled.has(top)) {
        path.delete(top);
        this.settled.add(top);
        open.pop();
        continue;
      }
      path.add(top);
      const flaw = this.enter(top, open, path);
      if (flaw !== null) return flaw;
    }
    return null;
  }

  /** Puts the parts of a value on the stack, above it. */
  private enter(value: Obj, open: Obj[], path: ReadonlySet<Obj>): Flaw | null {
    if (value instanceof Lazy) {
      const flaw = this.fill(value);
      if (flaw !== null) return flaw;
      if (value.thunk !== null) return new Flaw("a key that is not realised");
    }
    this.steps += sizeOf(value);
    if (this.steps > STEPS_MAX) return new Flaw("a key too large to be hashed");
    for (const part of partsOf(value)) {
      if (!(part instanceof Obj) || this.settled.has(part)) continue;
      if (path.has(part)) return new Flaw("a key that holds itself");
      open.push(part);
    }
    return null;
  }
}

/** How many elements hashing goes through, known before they are spelled out. */
function sizeOf(value: Obj): number {
  switch (value.kind) {
    case Kind.List:
    case Kind.Range:
    case Kind.Vector:
    case Kind.PMap:
    case Kind.Record:
    case Kind.PSet:
      return (value as Vector).count + 1;
    default:
      return 1;
  }
}

/** The parts that are hashed and may have parts in turn. */
function partsOf(value: Obj): readonly Value[] {
  switch (value.kind) {
    case Kind.List:
    case Kind.Vector:
    case Kind.PSet:
      return (value as List | Vector | PSet).toArray();
    case Kind.PMap:
    case Kind.Record:
      return flatEntries(value as Obj as MapValue);
    case Kind.Cons:
      return [(value as Cons).first, (value as Cons).rest];
    case Kind.Lazy:
      return [(value as Lazy).seq];
    case Kind.Tagged:
      return [(value as Tagged).value];
    case Kind.ErrorValue:
      return [(value as ErrorValue).data, (value as ErrorValue).cause];
    case Kind.Closure:
      return (value as Closure).captures;
    default:
      return [];
  }
}
