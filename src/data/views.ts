// Lists that are views over vectors, maps, sets and strings: nothing is copied, and `rest` takes constant time.
import { List, SeqView } from "./list.ts";
import { nextUnit } from "./strings.ts";
import type { PMap } from "./map.ts";
import type { PSet } from "./set.ts";
import type { Value } from "./value.ts";
import { Vector } from "./vector.ts";

/** A vector from an index on. */
export class VectorView extends SeqView {
  constructor(
    private readonly vector: Vector,
    private readonly index: number,
    /** The array that holds this and the next elements. */
    private readonly chunk: readonly Value[],
  ) {
    super(chunk[index & 31], vector.count - index);
  }
  override get source(): unknown {
    return this.vector;
  }
  override get rest(): List {
    const next = this.index + 1;
    if (this.count === 1) return List.EMPTY;
    return new VectorView(this.vector, next, (next & 31) === 0 ? this.vector.chunk(next) : this.chunk);
  }
  /** The element at `index` in 0..count-1, in constant time. */
  get(index: number): Value {
    return this.vector.get(this.index + index);
  }
  override nth(index: number): Value {
    return this.get(index);
  }
  override toArray(): Value[] {
    return this.vector.toArrayFrom(this.index);
  }
  /** The elements as a vector; the vector itself where all of it is seen. */
  toVector(): Vector {
    return this.index === 0 && this.vector.meta === null ? this.vector : Vector.from(this.toArray());
  }
  /** Without the first n elements, 0 <= n <= count, in constant time. */
  drop(n: number): List {
    if (n === this.count) return List.EMPTY;
    return new VectorView(this.vector, this.index + n, this.vector.chunk(this.index + n));
  }
}

/** The elements of a vector as a list. */
export function vectorList(vector: Vector): List {
  return vector.count === 0 ? List.EMPTY : new VectorView(vector, 0, vector.chunk(0));
}

/** What of an entry a view shows. */
type Pick = (map: PMap, index: number) => Value;

const entryAt: Pick = (map, index) => Vector.pair(map.keyAt(index), map.valueAt(index));
const keyAt: Pick = (map, index) => map.keyAt(index);
const valueAt: Pick = (map, index) => map.valueAt(index);

/** For each aspect of a map, an object that stands for the view of it. */
const sources: ReadonlyMap<Pick, WeakMap<PMap, object>> = new Map(
  [entryAt, keyAt, valueAt].map((pick) => [pick, new WeakMap()]),
);

/** A map from an entry on. */
class MapView extends SeqView {
  constructor(
    private readonly map: PMap,
    private readonly index: number,
    count: number,
    private readonly pick: Pick,
  ) {
    super(pick(map, index), count);
  }
  override get source(): unknown {
    const { map, pick } = this;
    let source = sources.get(pick)!.get(map);
    if (source === undefined) {
      source = {};
      sources.get(pick)!.set(map, source);
    }
    return source;
  }
  override get rest(): List {
    if (this.count === 1) return List.EMPTY;
    return new MapView(this.map, this.map.nextIndex(this.index + 1), this.count - 1, this.pick);
  }
  override toArray(): Value[] {
    const array: Value[] = [];
    for (let i = this.index; i >= 0; i = this.map.nextIndex(i + 1)) array.push(this.pick(this.map, i));
    return array;
  }
}

function mapList(map: PMap, pick: Pick): List {
  return map.count === 0 ? List.EMPTY : new MapView(map, map.nextIndex(0), map.count, pick);
}

/** The entries of a map as a list of vectors `[key value]`. */
export function entryList(map: PMap): List {
  return mapList(map, entryAt);
}

/** The keys of a map as a list. */
export function keyList(map: PMap): List {
  return mapList(map, keyAt);
}

/** The values of a map as a list. */
export function valueList(map: PMap): List {
  return mapList(map, valueAt);
}

/** A set from a member on. */
class SetView extends SeqView {
  constructor(
    private readonly members: PSet,
    private readonly index: number,
    count: number,
  ) {
    super(members.memberAt(index), count);
  }
  override get source(): unknown {
    return this.members;
  }
  override get rest(): List {
    if (this.count === 1) return List.EMPTY;
    return new SetView(this.members, this.members.nextIndex(this.index + 1), this.count - 1);
  }
  override toArray(): Value[] {
    const array: Value[] = [];
    for (let i = this.index; i >= 0; i = this.members.nextIndex(i + 1)) array.push(this.members.memberAt(i));
    return array;
  }
}

/** The members of a set as a list. */
export function memberList(set: PSet): List {
  return set.count === 0 ? List.EMPTY : new SetView(set, set.nextIndex(0), set.count);
}

/** The code points of a string from an offset on; each is a string. */
class StringView extends SeqView {
  constructor(
    private readonly text: string,
    private readonly unit: number,
    count: number,
  ) {
    super(text.slice(unit, nextUnit(text, unit)), count);
  }
  override get source(): unknown {
    return this.text;
  }
  override get rest(): List {
    if (this.count === 1) return List.EMPTY;
    return new StringView(this.text, nextUnit(this.text, this.unit), this.count - 1);
  }
  override toArray(): Value[] {
    return Array.from(this.text.slice(this.unit));
  }
}

/** The code points of a string as a list; `count` is how many it has. */
export function pointList(text: string, count: number): List {
  return count === 0 ? List.EMPTY : new StringView(text, 0, count);
}
