// The persistent map (S-13): iterates in insertion order. Up to 8 entries a flat array; above that a hash trie from key to
// sequence number, with the keys and the values in two vectors by sequence number.
//
// Deleting leaves a hole in the vectors. Holes are never observable: leading ones are skipped by `from`, and when they outnumber
// the entries the map is written anew. Keys must be settled (`isSettled`): they are hashed.
import { sameKey } from "./equality.ts";
import { hashKey } from "./hashing.ts";
import { candidates, EMPTY_TRIE, enter, type Keys, remove, type TrieNode, writable } from "./trie.ts";
import { Keyword, Kind, type MapValue, Obj, setKind, type Value } from "./value.ts";
import { Vector } from "./vector.ts";

/** The most entries a flat map has. */
const FLAT_MAX = 8;

/**
 * An immutable map in insertion order; setting a key again keeps its place. The optional last argument `owner` lets `set` and
 * `delete` change in place what that token owns, as for vectors: go on with the answer.
 */
export abstract class PMap extends Obj implements MapValue {
  /** The map without entries. */
  declare static readonly EMPTY: PMap; // defined below, once there is a subclass

  abstract readonly count: number;
  abstract readonly meta: MapValue | null;
  /** The value at a key, else `otherwise`. */
  abstract get(key: Value, otherwise?: Value): Value;
  abstract has(key: Value): boolean;
  /** The map with this entry: at the end if the key is new. */
  abstract set(key: Value, value: Value, owner?: object): PMap;
  /** The map without this key. */
  abstract delete(key: Value, owner?: object): PMap;
  /** The smallest index of an entry not below `from`, or -1. Indices ascend in order but may have gaps. */
  abstract nextIndex(from: number): number;
  /** The key of the entry at an index that `nextIndex` gave. */
  abstract keyAt(index: number): Value;
  abstract valueAt(index: number): Value;
  abstract withMeta(meta: MapValue | null): PMap;

  /** A map of these entries; of equal keys the last value counts, at the place of the first. */
  static from(entries: Iterable<readonly [Value, Value]>): PMap {
    const owner = {};
    let map = PMap.EMPTY;
    for (const [key, value] of entries) map = map.set(key, value, owner);
    return map;
  }

  /** A map of key, value, key, value... */
  static of(...items: Value[]): PMap {
    const owner = {};
    let map = PMap.EMPTY;
    for (let i = 0; i + 1 < items.length; i += 2) map = map.set(items[i], items[i + 1], owner);
    return map;
  }

  /** The key as it is stored, of the entry whose key equals this one; else `otherwise`. */
  findKey(key: Value, otherwise: Value): Value {
    const index = this.indexOf(key);
    return index < 0 ? otherwise : this.keyAt(index);
  }

  /** The index of the entry at a key, or -1. */
  abstract indexOf(key: Value): number;

  /** Calls `visit` for each entry in order. */
  forEach(visit: (key: Value, value: Value) => void): void {
    for (let i = this.nextIndex(0); i >= 0; i = this.nextIndex(i + 1)) visit(this.keyAt(i), this.valueAt(i));
  }

  /** The keys in order, in a new array. */
  keys(): Value[] {
    const keys: Value[] = [];
    this.forEach((key) => void keys.push(key));
    return keys;
  }

  /** The values in order, in a new array. */
  values(): Value[] {
    const values: Value[] = [];
    this.forEach((_, value) => void values.push(value));
    return values;
  }

  /** The entries in order, as new arrays. */
  entries(): [Value, Value][] {
    const entries: [Value, Value][] = [];
    this.forEach((key, value) => void entries.push([key, value]));
    return entries;
  }

  [Symbol.iterator](): IterableIterator<[Value, Value]> {
    return this.entries()[Symbol.iterator]();
  }
}
setKind(PMap, Kind.PMap);

/** Can the key only be equal to what is the same to `===`? */
function isPlainKey(key: Value): boolean {
  return key instanceof Keyword || (!(key instanceof Obj) && !Number.isNaN(key));
}

class FlatMap extends PMap {
  constructor(
    /** key, value, key, value... */
    private readonly items: Value[],
    readonly meta: MapValue | null,
    private readonly owner: object | null,
  ) {
    super();
  }

  get count(): number {
    return this.items.length >> 1;
  }

  indexOf(key: Value): number {
    const { items } = this;
    for (let i = 0; i < items.length; i += 2) if (items[i] === key) return i >> 1;
    if (isPlainKey(key)) return -1;
    for (let i = 0; i < items.length; i += 2) if (sameKey(items[i], key)) return i >> 1;
    return -1;
  }

  get(key: Value, otherwise: Value = null): Value {
    const { items } = this;
    for (let i = 0; i < items.length; i += 2) if (items[i] === key) return items[i + 1];
    if (isPlainKey(key)) return otherwise;
    const index = this.indexOf(key);
    return index < 0 ? otherwise : items[2 * index + 1];
  }

  has(key: Value): boolean {
    return this.indexOf(key) >= 0;
  }

  set(key: Value, value: Value, owner?: object): PMap {
    const index = this.indexOf(key);
    if (index < 0 && this.count === FLAT_MAX) return TrieMap.grow(this.items, this.meta, owner).set(key, value, owner);
    const target = this.editable(owner);
    if (index < 0) target.items.push(key, value);
    else target.items[2 * index + 1] = value;
    return target;
  }

  delete(key: Value, owner?: object): PMap {
    const index = this.indexOf(key);
    if (index < 0) return this;
    const target = this.editable(owner);
    target.items.splice(2 * index, 2);
    return target;
  }

  private editable(owner: object | undefined): FlatMap {
    return owner !== undefined && this.owner === owner
      ? this
      : new FlatMap(this.items.slice(), this.meta, owner ?? null);
  }

  nextIndex(from: number): number {
    return from < this.count ? from : -1;
  }

  keyAt(index: number): Value {
    return this.items[2 * index];
  }

  valueAt(index: number): Value {
    return this.items[2 * index + 1];
  }

  withMeta(meta: MapValue | null): PMap {
    return new FlatMap(this.items.slice(), meta, null);
  }
}

/** Stands in the vector of keys where an entry was deleted. */
const HOLE: Obj = new (class Hole extends Obj {})();

class TrieMap extends PMap implements Keys {
  constructor(
    public count: number,
    private trie: TrieNode,
    private keyList: Vector,
    private valueList: Vector,
    /** No entry has a smaller sequence number. */
    private from: number,
    readonly meta: MapValue | null,
    private readonly owner: object | null,
  ) {
    super();
  }

  /** A trie map of the items of a flat one. */
  static grow(items: readonly Value[], meta: MapValue | null, owner: object | undefined): TrieMap {
    const token = owner ?? {};
    const map = new TrieMap(0, EMPTY_TRIE, Vector.EMPTY, Vector.EMPTY, 0, meta, token);
    for (let i = 0; i < items.length; i += 2) map.put(items[i], items[i + 1], hashKey(items[i]), token);
    return map;
  }

  indexOf(key: Value): number {
    return this.find(key, hashKey(key));
  }

  private find(key: Value, hash: number): number {
    const found = candidates(this.trie, hash);
    if (typeof found === "number") return found >= 0 && this.isSame(found, key) ? found : -1;
    for (const sequence of found) if (this.isSame(sequence, key)) return sequence;
    return -1;
  }

  isSame(sequence: number, key: Value): boolean {
    const stored = this.keyList.get(sequence);
    return stored === key || (!isPlainKey(key) && sameKey(stored, key));
  }

  hashAt(sequence: number): number {
    return hashKey(this.keyList.get(sequence));
  }

  get(key: Value, otherwise: Value = null): Value {
    const index = this.find(key, hashKey(key));
    return index < 0 ? otherwise : this.valueList.get(index);
  }

  has(key: Value): boolean {
    return this.find(key, hashKey(key)) >= 0;
  }

  set(key: Value, value: Value, owner?: object): PMap {
    const hash = hashKey(key);
    if (owner !== undefined && this.owner === owner) return this.put(key, value, hash, owner);
    const index = this.find(key, hash);
    const target = this.editable(owner);
    if (index < 0) return target.put(key, value, hash, owner);
    target.valueList = target.valueList.set(index, value, owner);
    return target;
  }

  /** Sets an entry in this map, which nobody else has seen or which `owner` owns. */
  private put(key: Value, value: Value, hash: number, owner: object | undefined): TrieMap {
    const sequence = this.keyList.count;
    this.trie = writable(this.trie, owner);
    const index = enter(this.trie, hash, key, sequence, this, owner);
    if (index >= 0) {
      this.valueList = this.valueList.set(index, value, owner);
      return this;
    }
    this.keyList = this.keyList.push(key, owner);
    this.valueList = this.valueList.push(value, owner);
    this.count++;
    return this;
  }

  private editable(owner: object | undefined): TrieMap {
    if (owner !== undefined && this.owner === owner) return this;
    return new TrieMap(this.count, this.trie, this.keyList, this.valueList, this.from, this.meta, owner ?? null);
  }

  delete(key: Value, owner?: object): PMap {
    const hash = hashKey(key);
    const index = this.find(key, hash);
    if (index < 0) return this;
    if (this.count - 1 <= FLAT_MAX || 2 * (this.count - 1) < this.keyList.count - this.from) {
      return this.rewrite(index, owner);
    }
    const target = this.editable(owner);
    target.trie = remove(target.trie, hash, index, owner);
    if (index === target.keyList.count - 1) {
      target.keyList = target.keyList.pop(owner);
      target.valueList = target.valueList.pop(owner);
    } else {
      target.keyList = target.keyList.set(index, HOLE, owner);
      target.valueList = target.valueList.set(index, null, owner);
    }
    target.count--;
    if (index === target.from) target.from = target.nextIndex(index + 1);
    return target;
  }

  /** The map without the entry at an index, and without holes. */
  private rewrite(without: number, owner: object | undefined): PMap {
    const items: Value[] = [];
    for (let i = this.nextIndex(0); i >= 0; i = this.nextIndex(i + 1)) {
      if (i !== without) items.push(this.keyList.get(i), this.valueList.get(i));
    }
    if (items.length <= 2 * FLAT_MAX) return new FlatMap(items, this.meta, owner ?? null);
    return TrieMap.grow(items, this.meta, owner);
  }

  nextIndex(from: number): number {
    const keys = this.keyList;
    for (let i = Math.max(from, this.from); i < keys.count; i++) if (keys.get(i) !== HOLE) return i;
    return -1;
  }

  keyAt(index: number): Value {
    return this.keyList.get(index);
  }

  valueAt(index: number): Value {
    return this.valueList.get(index);
  }

  override forEach(visit: (key: Value, value: Value) => void): void {
    const [keys, values] = [this.keyList, this.valueList];
    for (let i = 0; i < keys.count; i += 32) {
      const [keyChunk, valueChunk] = [keys.chunk(i), values.chunk(i)];
      const end = Math.min(32, keys.count - i);
      for (let j = 0; j < end; j++) if (keyChunk[j] !== HOLE) visit(keyChunk[j], valueChunk[j]);
    }
  }

  withMeta(meta: MapValue | null): PMap {
    return new TrieMap(this.count, this.trie, this.keyList, this.valueList, this.from, meta, null);
  }
}

Object.defineProperty(PMap, "EMPTY", { value: new FlatMap([], null, null) });
