// All elements of anything seqable as an array: how primitives walk collections.
import { isSettled } from "../data/hashing.ts";
import { PMap } from "../data/map.ts";
import { countIfKnown, elements, isSequential } from "../data/sequential.ts";
import { PSet } from "../data/set.ts";
import { Keyword, Obj, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { chargeElements, chargeText, needRoomForElements } from "./charge.ts";
import { wrongType } from "./raise.ts";

/**
 * The elements of a collection, string or nil, in a new array; null where the walk meets an unrealised lazy sequence.
 * Charges for them. Raises `:type` for anything else.
 */
export function itemsOf(fn: string, position: number, coll: Value): Value[] | null {
  if (coll === null) return [];
  if (typeof coll === "string") {
    chargeText(coll.length * 16);
    return Array.from(coll);
  }
  if (!(coll instanceof Obj)) return notSeqable(fn, position, coll);
  if (isSequential(coll)) {
    const count = countIfKnown(coll);
    if (count >= 0) needRoomForElements(fn, count);
    const items = elements(coll);
    if (items !== null && count < 0) chargeElements(items.length);
    return items;
  }
  if (coll instanceof PMap) {
    chargeElements(coll.count);
    return coll.entries().map(([key, value]) => Vector.pair(key, value));
  }
  if (coll instanceof PSet) {
    chargeElements(coll.count);
    return coll.toArray();
  }
  return notSeqable(fn, position, coll);
}

/** Raises: a sequence was wanted. */
export function notSeqable(fn: string, position: number, value: Value): never {
  return wrongType(fn, "a collection", position, value);
}

/** True for a value that can be a key as it is: the common kinds are known at a glance. */
export function isKey(value: Value): boolean {
  return !(value instanceof Obj) || value instanceof Keyword || isSettled(value);
}

/** True if all of them can be keys. */
export function areKeys(values: readonly Value[]): boolean {
  for (let i = 0; i < values.length; i++) if (!isKey(values[i])) return false;
  return true;
}
