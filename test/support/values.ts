// Random values of the language, and a model of equality that shares nothing with the real one.
import fc from "fast-check";
import { Cons, List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { float, integer, ratio } from "../../src/data/numbers.ts";
import { makeRange, Range } from "../../src/data/range.ts";
import { PSet } from "../../src/data/set.ts";
import {
  Bytes,
  Duration,
  Float,
  Instant,
  Keyword,
  Lazy,
  Obj,
  Ratio,
  Regex,
  Sym,
  Tagged,
  Uuid,
  type Value,
} from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { entryList, vectorList } from "../../src/data/views.ts";

/** Integers of all sizes, often at the borders of 2^31, 2^32 and 2^53. */
export const integers: fc.Arbitrary<number | bigint> = fc
  .oneof(
    fc.bigInt({ min: -40n, max: 40n }),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
    fc
      .tuple(fc.constantFrom(31n, 32n, 53n, 64n), fc.bigInt({ min: -3n, max: 3n }), fc.boolean())
      .map(([bits, offset, negative]) => (negative ? -1n : 1n) * (2n ** bits + offset)),
  )
  .map(integer);

/** Doubles as values. */
export const floats: fc.Arbitrary<Value> = fc
  .oneof(fc.double(), fc.integer({ min: -5, max: 5 }), fc.constantFrom(-0, Number.NaN, 2 ** 53, 5e-324))
  .map(float);

/** Integers and ratios. */
export const exacts: fc.Arbitrary<number | bigint | Ratio> = fc.oneof(
  integers,
  fc
    .tuple(integers, fc.bigInt({ min: 1n, max: 2n ** 60n }), fc.bigInt({ min: 1n, max: 9n }))
    .map(([n, large, small]) => ratio(BigInt(n), BigInt(n) % 2n === 0n ? large : small)),
);

export const numbers: fc.Arbitrary<Value> = fc.oneof(exacts, floats);

/** Well-formed strings with all kinds of characters. */
export const strings: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.constantFrom("", "a", "b", '"\\\n\t', "\u{10000}\uffff"),
);

const names = fc.constantFrom("a", "b", "c-d", "e?", "ns/f", "x.y/z", "*g*", "->h");

/** Values without parts. */
export const atoms: fc.Arbitrary<Value> = fc.oneof(
  { weight: 3, arbitrary: numbers },
  { weight: 2, arbitrary: strings },
  { weight: 2, arbitrary: names.map((name) => Keyword.of(name)) },
  names.map((name) => Sym.parse(name)),
  fc.constantFrom<Value>(null, true, false),
  fc.integer({ min: -4_000_000_000_000, max: 4_000_000_000_000 }).map((ms) => new Instant(ms)),
  fc.integer({ min: -100_000, max: 1_000_000_000 }).map((ms) => new Duration(ms)),
  fc.uuid().map((text) => new Uuid(text)),
  fc.uint8Array({ maxLength: 4 }).map((data) => new Bytes(data)),
  fc.constantFrom("a+", '\\d\\"', "[a-z]").map((source) => new Regex(source)),
);

let lastRef = 1_000_000;

/** The values in a realised lazy sequence, of refs that are used nowhere else. */
export function realised(items: readonly Value[]): Lazy {
  let at = new Lazy(++lastRef, null);
  for (let i = items.length - 1; i >= 0; i--) {
    const lazy = new Lazy(++lastRef, null);
    lazy.seq = new Cons(items[i], at);
    at = lazy;
  }
  return at;
}

/** The same elements in each kind of sequence. */
const SEQUENCES: ((items: readonly Value[]) => Value)[] = [
  (items) => Vector.from(items),
  (items) => List.from(items),
  (items) => vectorList(Vector.from(items)),
  (items) => List.prepend(items.slice(0, 1), vectorList(Vector.from(items.slice(1)))),
  realised,
  (items) => (items.length === 0 ? List.EMPTY : new Cons(items[0], realised(items.slice(1)))),
];

/** Values of every type that is data, nested. */
export const values: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    atoms,
    fc
      .tuple(fc.constantFrom(...SEQUENCES), fc.array(tie("value"), { maxLength: 4 }))
      .map(([make, items]) => make(items)),
    fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 4 }).map((entries) => PMap.from(entries)),
    fc.array(tie("value"), { maxLength: 4 }).map((members) => PSet.from(members)),
    fc.tuple(names, tie("value")).map(([tag, value]) => new Tagged(Sym.parse(tag), value)),
    fc.tuple(integers, fc.integer({ min: 0, max: 4 })).map(([start, n]) => range(start, n)),
  ),
})).value;

function range(start: number | bigint, count: number): Value {
  return makeRange(start, integer(BigInt(start) + BigInt(count)), 1);
}

/** A text that two values share exactly when they are one key. Of collections with parts that are `=` or NaN alike. */
export function model(v: Value): string {
  if (typeof v === "string") return JSON.stringify(v);
  if (typeof v === "bigint") return String(v);
  if (typeof v === "number") return Number.isInteger(v) ? String(v) : `f${v}`;
  if (!(v instanceof Obj)) return String(v);
  if (v instanceof Float) return `f${v.value}`;
  if (v instanceof Ratio) return `${v.num}/${v.den}`;
  if (v instanceof Keyword) return `:${v.text}`;
  if (v instanceof Sym) return `'${v.ns}|${v.name}`;
  if (v instanceof Bytes) return `b${[...v.data]}`;
  if (v instanceof Instant) return `t${v.ms}`;
  if (v instanceof Duration) return `d${v.ms}`;
  if (v instanceof Uuid) return `u${v.text}`;
  if (v instanceof Regex) return `r${JSON.stringify([v.source, v.flags])}`;
  if (v instanceof Tagged) return `#${model(v.tag)} ${model(v.value)}`;
  if (v instanceof PMap)
    return `{${v
      .entries()
      .map(([key, value]) => `${model(key)} ${model(value)}`)
      .sort()
      .join()}}`;
  if (v instanceof PSet) return `#{${v.toArray().map(model).sort().join()}}`;
  return `(${listed(v).map(model).join(" ")})`;
}

function listed(v: Obj): Value[] {
  if (v instanceof Vector || v instanceof List || v instanceof Range) return v.toArray();
  if (v instanceof Cons) return [v.first, ...listed(v.rest)];
  return v instanceof Lazy && v.seq instanceof Obj ? listed(v.seq) : [];
}

/** An equal value of other types and in another order, as `seed` says. */
export function variant(v: Value, seed: number): Value {
  if (v instanceof PMap) {
    const entries = v
      .entries()
      .map(([key, value]): [Value, Value] => [variant(key, seed + 1), variant(value, seed + 2)]);
    return PMap.from(seed % 2 === 0 ? entries.reverse() : entries);
  }
  if (v instanceof PSet)
    return PSet.from(
      v
        .toArray()
        .reverse()
        .map((member) => variant(member, seed + 1)),
    );
  if (v instanceof Tagged) return new Tagged(v.tag, variant(v.value, seed));
  if (v instanceof Vector || v instanceof List || v instanceof Range || v instanceof Cons || v instanceof Lazy) {
    return SEQUENCES[seed % SEQUENCES.length](listed(v).map((item, i) => variant(item, seed + i + 1)));
  }
  return v;
}

/** The entries of a map as a list, for tests of views. */
export const entriesOf = (map: PMap): Value[] => entryList(map).toArray();
