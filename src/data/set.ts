// The persistent set (S-13): iterates in insertion order.
import { PMap } from "./map.ts";
import { Kind, type MapValue, Obj, setKind, type Value } from "./value.ts";

/**
 * An immutable set in insertion order; adding a member again keeps the one that is there. `owner` as for maps. Members must be
 * settled.
 */
export class PSet extends Obj {
  static readonly EMPTY: PSet = new PSet(PMap.EMPTY, null, null);

  private constructor(
    /** Each member as a key, with nil. */
    private map: PMap,
    readonly meta: MapValue | null,
    private readonly owner: object | null,
  ) {
    super();
  }

  /** A set of these members. */
  static from(members: Iterable<Value>): PSet {
    const owner = {};
    let map = PMap.EMPTY;
    for (const member of members) if (!map.has(member)) map = map.set(member, null, owner);
    return new PSet(map, null, owner);
  }

  /** A set of these members. */
  static of(...members: Value[]): PSet {
    return PSet.from(members);
  }

  get count(): number {
    return this.map.count;
  }

  has(member: Value): boolean {
    return this.map.has(member);
  }

  /** The member that equals this one, as it is stored; else `otherwise`. */
  get(member: Value, otherwise: Value = null): Value {
    return this.map.findKey(member, otherwise);
  }

  add(member: Value, owner?: object): PSet {
    return this.map.has(member) ? this : this.become(this.map.set(member, null, owner), owner);
  }

  delete(member: Value, owner?: object): PSet {
    return this.map.has(member) ? this.become(this.map.delete(member, owner), owner) : this;
  }

  private become(map: PMap, owner: object | undefined): PSet {
    if (owner === undefined || this.owner !== owner) return new PSet(map, this.meta, owner ?? null);
    this.map = map;
    return this;
  }

  /** As `PMap.nextIndex`. */
  nextIndex(from: number): number {
    return this.map.nextIndex(from);
  }

  /** The member at an index that `nextIndex` gave. */
  memberAt(index: number): Value {
    return this.map.keyAt(index);
  }

  /** Calls `visit` for each member in order. */
  forEach(visit: (member: Value) => void): void {
    this.map.forEach(visit);
  }

  /** The members in order, in a new array. */
  toArray(): Value[] {
    return this.map.keys();
  }

  /** The members in order, in a new array. */
  values(): Value[] {
    return this.map.keys();
  }

  withMeta(meta: MapValue | null): PSet {
    return new PSet(this.map, meta, null);
  }

  [Symbol.iterator](): IterableIterator<Value> {
    return this.toArray()[Symbol.iterator]();
  }
}
setKind(PSet, Kind.PSet);
