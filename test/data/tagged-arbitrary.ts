// Random values of every kind that tagged JSON writes in full, and the same value built in another way.
import { INSTANT_MAX } from "../../src/base/limits.ts";
import fc from "fast-check";
import { List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { add, float, ratio } from "../../src/data/numbers.ts";
import { makeRange } from "../../src/data/range.ts";
import { makeRecord, RecordValue } from "../../src/data/record.ts";
import { PSet } from "../../src/data/set.ts";
import { metaOf, withMeta } from "../../src/data/tagged-shape.ts";
import {
  Bytes,
  Duration,
  ErrorValue,
  Instant,
  Keyword,
  Kind,
  Obj,
  Regex,
  Sym,
  Tagged,
  Uuid,
  type Value,
} from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";

const text = fc.string({ unit: "binary", maxLength: 80 });
const name = fc.string({ unit: fc.constantFrom(..."abxyz/.-*+ λé\u{1f600}"), minLength: 1, maxLength: 12 });
const integer = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(0, 2 ** 53 - 1, 1 - 2 ** 53));
const wide = fc.bigInt({ min: 2n ** 53n, max: 2n ** 90n }).chain((n) => fc.constantFrom(n, -n));

/** Values without parts. */
export const leaf: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>(null, true, false),
  integer,
  wide,
  fc.double().map(float),
  fc.constantFrom(0, -0, 1e300, Number.NaN, Number.POSITIVE_INFINITY).map(float),
  fc.tuple(fc.bigInt({ min: -1000n, max: 1000n }), fc.bigInt({ min: 1n, max: 1000n })).map(([n, d]) => ratio(n, d)),
  text,
  name.map(Keyword.of),
  fc.tuple(fc.option(name), name).map(([ns, at]) => new Sym(ns, at)),
  fc.uint8Array({ maxLength: 80 }).map((data) => new Bytes(data)),
  fc.integer({ min: -INSTANT_MAX, max: INSTANT_MAX }).map((ms) => new Instant(ms)),
  fc.maxSafeInteger().map((ms) => new Duration(ms)),
  fc.uuid().map((uuid) => new Uuid(uuid)),
  fc.tuple(text, fc.constantFrom("", "i", "im")).map(([source, flags]) => new Regex(source, flags)),
  fc.tuple(fc.nat(100), fc.nat(100), fc.integer({ min: 1, max: 9 })).map(([a, n, s]) => makeRange(a, a + n, s)),
  fc.tuple(wide, fc.nat(9), fc.bigInt({ min: 1n, max: 9n })).map(([a, n, s]) => makeRange(a, add(a, n), ratio(s, 2n))),
);

const { value } = fc.letrec<{ value: Value; items: Value[] }>((tie) => ({
  items: fc.oneof(
    { weight: 9, arbitrary: fc.array(tie("value"), { maxLength: 6 }) },
    { weight: 1, arbitrary: fc.array(leaf, { minLength: 30, maxLength: 100 }) },
  ),
  value: fc.oneof(
    { maxDepth: 5, depthSize: "small", withCrossShrink: true },
    leaf,
    tie("items").map(List.from),
    fc.tuple(tie("items"), tie("value")).map(([items, last]) => List.prepend(items, onto(last))),
    tie("items").map(Vector.from),
    tie("items").map((items) => PMap.of(...items)),
    tie("items").map(PSet.from),
    fc
      .tuple(name, tie("items"), tie("items"))
      .map(([type, keys, more]) => makeRecord(Keyword.of(type), keys, keys, PMap.of(...more))),
    fc.tuple(name, tie("value")).map(([tag, of]) => new Tagged(new Sym(null, tag), of)),
    fc
      .tuple(name, text, tie("value"), tie("value"), tie("value"))
      .map(([type, message, data, cause, trace]) => new ErrorValue(Keyword.of(type), message, data, cause, trace)),
    fc.tuple(tie("value"), tie("items")).map(([of, items]) => described(of, PMap.of(...items))),
  ),
}));

/** Any value without refs, functions and continuations. */
export const anyValue: fc.Arbitrary<Value> = value;

function onto(last: Value): List {
  return last instanceof List ? last : List.of(last);
}

function described(of: Value, meta: PMap): Value {
  return withMeta(of, meta) ?? of;
}

/** The same value made in another way: no object is the same, and tries, tails and owners have another history. */
export function rebuilt(v: Value): Value {
  if (!(v instanceof Obj)) return v;
  const meta = metaOf(v);
  if (meta !== null) return withMeta(rebuilt(withMeta(v, null)!), rebuilt(meta) as PMap)!;
  switch (v.kind) {
    case Kind.List:
      return rebuiltList(v as List);
    case Kind.Vector:
      return rebuiltVector((v as Vector).toArray().map(rebuilt));
    case Kind.PMap:
      return rebuiltMap((v as PMap).entries());
    case Kind.Record: {
      const { type, fields, entryMap } = v as RecordValue;
      return new RecordValue(rebuilt(type) as Keyword, fields, rebuilt(entryMap) as PMap);
    }
    case Kind.PSet: {
      let set = PSet.from(["gone", ...(v as PSet).toArray().map(rebuilt)]);
      if ((v as PSet).has("gone")) set = PSet.from((v as PSet).toArray().map(rebuilt));
      return (v as PSet).has("gone") ? set : set.delete("gone");
    }
    case Kind.Tagged:
      return new Tagged(rebuilt((v as Tagged).tag) as Sym, rebuilt((v as Tagged).value));
    case Kind.ErrorValue: {
      const { type, message, data, cause, trace } = v as ErrorValue;
      return new ErrorValue(type, message, rebuilt(data), rebuilt(cause), rebuilt(trace));
    }
    case Kind.Sym:
      return new Sym((v as Sym).ns, (v as Sym).name);
    default:
      return v;
  }
}

function rebuiltList(list: List): List {
  const items: Value[] = [];
  let at = list;
  while (at.count > 0 && (at === list || at.meta === null)) {
    items.push(rebuilt(at.first));
    at = at.rest;
  }
  const rest = at === list || at.meta === null ? List.EMPTY : (rebuilt(at) as List);
  return items.reduceRight<List>((tail, item) => List.cons(item, tail), rest);
}

function rebuiltVector(items: readonly Value[]): Vector {
  const owner = {};
  let vector = Vector.EMPTY;
  for (const _ of items) vector = vector.push("other", owner);
  items.forEach((item, i) => {
    vector = vector.set(i, item);
  });
  return vector.push("gone").pop();
}

function rebuiltMap(entries: readonly [Value, Value][]): PMap {
  let map = PMap.EMPTY;
  for (const [key, value] of entries) map = map.set(rebuilt(key), null).set(rebuilt(key), rebuilt(value));
  const gone = Keyword.of("gone/gone");
  return map.has(gone) ? map : map.set(gone, 1).delete(gone);
}
