// Composite values as tagged JSON sees them (S-12): a tag, a head of plain JSON, and parts that are values.
import type { Json } from "../base/canonical-json.ts";
import { COLLECTION_COUNT_MAX } from "../base/limits.ts";
import type { Cons, List } from "./list.ts";
import type { PMap } from "./map.ts";
import { add, times } from "./numbers.ts";
import { type Range, RangeView } from "./range.ts";
import type { RecordValue } from "./record.ts";
import type { PSet } from "./set.ts";
import {
  Closure,
  type ErrorValue,
  Kind,
  type MapValue,
  type Obj,
  Sym,
  type Tagged,
  type UnitRef,
  type Value,
} from "./value.ts";
import type { Vector } from "./vector.ts";

/** `["tag", ...head, ...parts]`. */
export interface Shape {
  readonly tag: string;
  readonly head: readonly Json[];
  readonly parts: readonly Value[];
}

/** The metadata of a value, or null. */
export function metaOf(v: Obj): MapValue | null {
  switch (v.kind) {
    case Kind.List:
    case Kind.Cons:
    case Kind.Vector:
    case Kind.PMap:
    case Kind.Record:
    case Kind.PSet:
    case Kind.Sym:
    case Kind.Closure:
      return (v as Vector).meta;
    default:
      return null;
  }
}

/** The same value with other metadata, for kinds that have metadata; undefined for the others. */
export function withMeta(v: Value, meta: MapValue | null): Obj | undefined {
  if (typeof v !== "object" || v === null) return undefined;
  switch (v.kind) {
    case Kind.List:
    case Kind.Cons:
    case Kind.Vector:
    case Kind.PMap:
    case Kind.Record:
    case Kind.PSet:
      return (v as Vector).withMeta(meta);
    case Kind.Sym:
      return new Sym((v as Sym).ns, (v as Sym).name, meta);
    case Kind.Closure:
      return new Closure((v as Closure).unit, (v as Closure).captures, (v as Closure).group, meta);
    default:
      return undefined;
  }
}

/** The keys and values of a map in turn. */
export function flatEntries(map: MapValue): Value[] {
  const flat: Value[] = [];
  map.forEach((key, value) => {
    flat.push(key, value);
  });
  return flat;
}

/** Where a range written canonically ends: two ranges with the same elements are the same value. */
export function rangeEnd(range: Range): Value {
  return add(range.start, times(range.count, range.step));
}

/** The place of a closure's unit in its letfn group. */
export function groupIndex(closure: Closure, group: readonly UnitRef[]): number {
  return group.findIndex((unit) => unit.hash === closure.unit.hash);
}

/** True for a range seen as a list that is longer than any list made of cells: it is written as a range (E-27). */
export function isEndless(list: List): list is RangeView {
  return list.count > COLLECTION_COUNT_MAX && list instanceof RangeView;
}

/** The shape of a composite value, metadata first; undefined for leaves, vars, refs and continuations. */
export function shapeOf(v: Obj): Shape | undefined {
  const meta = metaOf(v);
  if (meta !== null) return { tag: "^", head: [], parts: [meta, withMeta(v, null)!] };
  switch (v.kind) {
    case Kind.List:
      return listShape(v as List);
    case Kind.Cons:
      return shape("c", [(v as Cons).first, (v as Cons).rest]);
    case Kind.Range:
      return shape("r", [(v as Range).start, rangeEnd(v as Range), (v as Range).step]);
    case Kind.Vector:
      return shape("v", (v as Vector).toArray());
    case Kind.PMap:
      return shape("m", flatEntries(v as PMap));
    case Kind.Record: {
      const { type, fields, entryMap } = v as RecordValue;
      return { tag: "R", head: [type.text, fields], parts: [entryMap] };
    }
    case Kind.PSet:
      return shape("S", [...(v as PSet).values()]);
    case Kind.Tagged:
      return shape("T", [(v as Tagged).tag, (v as Tagged).value]);
    case Kind.ErrorValue: {
      const { type, message, data, cause, trace } = v as ErrorValue;
      return shape("e", [type, message, data, cause, trace]);
    }
    case Kind.Closure:
      return closureShape(v as Closure);
    default:
      return undefined;
  }
}

function shape(tag: string, parts: readonly Value[]): Shape {
  return { tag, head: [], parts };
}

/** The rest of a list may have metadata of its own, which `rest` shows, or be endless: then the list is written onto it. */
function listShape(list: List): Shape {
  const items: Value[] = [];
  let at = list;
  for (; at.count > 0 && (at === list || at.meta === null); at = at.rest) {
    if (isEndless(at)) return shape("l*", [at.range, ...items]);
    items.push(at.first);
  }
  return at.count === 0 && (at === list || at.meta === null) ? shape("l", items) : shape("l*", [at, ...items]);
}

function closureShape(closure: Closure): Shape {
  const { unit, group, captures } = closure;
  if (group === null) return { tag: "fn", head: [unit.hash], parts: captures };
  return { tag: "fg", head: [groupIndex(closure, group), group.map((member) => member.hash)], parts: captures };
}
