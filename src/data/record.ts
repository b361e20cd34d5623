// Records: maps with a type. The type is a qualified name, so a record means the same wherever its type is defined anew (S-9).
//
// A record is its type, a map of its entries, and how many of them, counted from the first, are its fields. Fields keep their
// places: what is added comes behind them, and without one of them it is no record any more but a plain map.
import { PMap } from "./map.ts";
import { type Keyword, Kind, type MapValue, setKind, type Value } from "./value.ts";

/** A map with a type. Works as a map in everything but equality, hash and printing, to which the type belongs. */
export class RecordValue extends PMap {
  constructor(
    /** The qualified name of the type, as a keyword: `:user/Point`. */
    readonly type: Keyword,
    /** How many entries are fields: the first ones of `entryMap`. */
    readonly fields: number,
    /** All entries, without metadata. */
    readonly entryMap: PMap,
    readonly meta: MapValue | null = null,
  ) {
    super();
  }

  get count(): number {
    return this.entryMap.count;
  }

  indexOf(key: Value): number {
    return this.entryMap.indexOf(key);
  }

  get(key: Value, otherwise: Value = null): Value {
    return this.entryMap.get(key, otherwise);
  }

  has(key: Value): boolean {
    return this.entryMap.has(key);
  }

  set(key: Value, value: Value, owner?: object): RecordValue {
    return new RecordValue(this.type, this.fields, this.entryMap.set(key, value, owner), this.meta);
  }

  delete(key: Value, owner?: object): PMap {
    // Fields stand first and are never taken out, so the index of a field is its place.
    const index = this.entryMap.indexOf(key);
    if (index < 0) return this;
    const left = this.entryMap.delete(key, owner);
    return index < this.fields ? left.withMeta(this.meta) : new RecordValue(this.type, this.fields, left, this.meta);
  }

  nextIndex(from: number): number {
    return this.entryMap.nextIndex(from);
  }

  keyAt(index: number): Value {
    return this.entryMap.keyAt(index);
  }

  valueAt(index: number): Value {
    return this.entryMap.valueAt(index);
  }

  override forEach(visit: (key: Value, value: Value) => void): void {
    this.entryMap.forEach(visit);
  }

  withMeta(meta: MapValue | null): RecordValue {
    return new RecordValue(this.type, this.fields, this.entryMap, meta);
  }
}
setKind(RecordValue, Kind.Record);

/** A record of these fields in order; further entries of `more` come behind them. Keys must be settled. */
export function makeRecord(
  type: Keyword,
  keys: readonly Value[],
  values: readonly Value[],
  more: PMap | null = null,
): RecordValue {
  const owner = {};
  let map = PMap.EMPTY;
  for (let i = 0; i < keys.length; i++) map = map.set(keys[i], values[i], owner);
  const fields = map.count;
  more?.forEach((key, value) => {
    if (!map.has(key)) map = map.set(key, value, owner);
  });
  return new RecordValue(type, fields, map);
}
