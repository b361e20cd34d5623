// Lists, conses, and the base of views: what is logically a list.
import { Kind, type Lazy, type MapValue, Obj, setKind, type Value } from "./value.ts";

/** An immutable list that knows its length. Views over other collections are subclasses: they are lists in every respect. */
export class List extends Obj {
  static readonly EMPTY: List = new List(null, null, 0, null);

  protected constructor(
    /** The first element; nil in the empty list. */
    readonly first: Value,
    /** The rest of a proper list cell; null in the empty list and in views. */
    private readonly tail: List | null,
    readonly count: number,
    readonly meta: MapValue | null,
  ) {
    super();
  }

  /** `first` in front of `rest`. */
  static cons(first: Value, rest: List): List {
    return new List(first, rest, rest.count + 1, null);
  }

  /** A list of the array's elements. */
  static from(array: readonly Value[]): List {
    return List.prepend(array, List.EMPTY);
  }

  /** A list of these values. */
  static of(...items: Value[]): List {
    return List.from(items);
  }

  /** The array's elements in front of `rest`. */
  static prepend(array: readonly Value[], rest: List): List {
    let list = rest;
    for (let i = array.length - 1; i >= 0; i--) list = new List(array[i], list, list.count + 1, null);
    return list;
  }

  /** Without the first element; the empty list's rest is itself. */
  get rest(): List {
    return this.tail ?? List.EMPTY;
  }

  /** The element at `index`, which must be an integer in 0..count-1. */
  nth(index: number): Value {
    let list: List = this;
    for (let i = index; i > 0; i--) list = list.rest;
    return list.first;
  }

  /** The same elements with other metadata. */
  withMeta(meta: MapValue | null): List {
    if (this.count === 0 && meta === null) return List.EMPTY;
    return new List(this.first, this.count === 0 ? null : this.rest, this.count, meta);
  }

  /** All elements, in a new array. */
  toArray(): Value[] {
    const array: Value[] = [];
    for (let list: List = this; list.count > 0; list = list.rest) array.push(list.first);
    return array;
  }

  [Symbol.iterator](): IterableIterator<Value> {
    return this.toArray()[Symbol.iterator]();
  }
}
setKind(List, Kind.List);

/** The base of lists that are views over another value; `rest` is computed, in constant time. */
export abstract class SeqView extends List {
  protected constructor(first: Value, count: number) {
    super(first, null, count, null);
  }
  abstract override get rest(): List;
  /** What it is a view of. Views with one source and equal counts are the same list; null: nothing is known. */
  abstract get source(): unknown;
}

/** An element in front of a lazy sequence, or of another cons: its length is not known. */
export class Cons extends Obj {
  constructor(
    readonly first: Value,
    readonly rest: Lazy | Cons,
    readonly meta: MapValue | null = null,
  ) {
    super();
  }
  /** The same elements with other metadata. */
  withMeta(meta: MapValue | null): Cons {
    return new Cons(this.first, this.rest, meta);
  }
}
setKind(Cons, Kind.Cons);
