// Sequence access: every kind of sequence walks alike, and strings are sequences of code points.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Cons, List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { SIGNAL } from "../../src/data/meter.ts";
import { Range } from "../../src/data/range.ts";
import { cons, count, first, next, nth, rest, seq, toArray } from "../../src/data/seq.ts";
import { firstElements } from "../../src/data/sequential.ts";
import { PSet } from "../../src/data/set.ts";
import {
  compareStrings,
  countPoints,
  pointAt,
  pointOfUnit,
  searchPoints,
  searchPointsBack,
  slicePoints,
  unitOfPoint,
} from "../../src/data/strings.ts";
import { Keyword, Lazy, type Obj, type Value } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { model, realised, strings, values } from "../support/values.ts";

/** What can be walked, and its elements. */
const walks: fc.Arbitrary<readonly [Value, readonly Value[]]> = fc.oneof(
  fc
    .array(values, { maxLength: 5 })
    .chain((items) =>
      fc.constantFrom<readonly [Value, Value[]]>(
        [Vector.from(items), items],
        [List.from(items), items],
        [realised(items), items],
        [List.prepend(items, seq(Vector.of(1, 2)) as List), [...items, 1, 2]],
      ),
    ),
  fc.array(values, { maxLength: 40 }).map((items) => [Vector.from(items), items] as const),
  strings.map((text) => [text, Array.from(text)] as const),
  fc
    .array(fc.tuple(fc.integer(), values), { maxLength: 12 })
    .map((entries) => PMap.from(entries))
    .map((map) => [map, map.entries().map(([key, value]) => Vector.of(key, value))] as const),
  fc.array(fc.integer(), { maxLength: 12 }).map((items) => [PSet.from(items), [...new Set(items)]] as const),
  fc.nat({ max: 5 }).map((n) => {
    const items = Array.from({ length: n }, (_, i) => i * 2);
    return [n === 0 ? List.EMPTY : new Range(0, n * 2, 2, n), items] as const;
  }),
  fc.constant([null, []] as const),
);

const models = (items: readonly Value[]): string[] => items.map(model);

test("everything that can be walked walks alike", () => {
  fc.assert(
    fc.property(walks, ([v, items]) => {
      expect(count(v)).toBe(items.length);
      expect(models(toArray(v) as Value[])).toEqual(models(items));
      const seen: Value[] = [];
      for (let s = seq(v); s !== null; s = next(s)) seen.push(first(s));
      expect(models(seen)).toEqual(models(items));
      const rests: Value[] = [];
      for (let s: Value = v; first(s) !== null || seq(s) !== null; s = rest(s)) rests.push(first(s));
      expect(models(rests)).toEqual(models(items));
      for (const [i, item] of items.entries()) expect(model(nth(v, i, "missing"))).toBe(model(item));
      expect([nth(v, items.length, "missing"), nth(v, -1, "missing")]).toEqual(["missing", "missing"]);
      const longer = cons(Keyword.of("x"), v);
      expect(models(toArray(longer) as Value[])).toEqual([":x", ...models(items)]);
      if (v !== null && typeof v === "object" && !(v instanceof PMap) && !(v instanceof PSet)) {
        expect(models(firstElements(v as Obj, 2))).toEqual(models(items.slice(0, 2)));
      }
    }),
    { numRuns: 600 },
  );
});

test("views are lists with constant-time rest: a long walk stays linear", () => {
  const vector = Vector.from(Array.from({ length: 200_000 }, (_, i) => i));
  let sum = 0;
  for (let s = seq(vector); s !== null; s = next(s)) sum += first(s) as number;
  expect(sum).toBe((200_000 * 199_999) / 2);
  const view = rest(vector) as List;
  expect([view.count, view.nth(100), view.kind === List.EMPTY.kind]).toEqual([199_999, 101, true]);
});

describe("unrealised lazy sequences", () => {
  const lazy = new Lazy(3, Keyword.of("thunk"));
  test("as the argument: realise it", () => {
    for (const walk of [seq, first, rest, next, count, (v: Value) => nth(v, 0, null)]) {
      expect(walk(lazy)).toBe(SIGNAL);
      expect(SIGNAL.cell).toBe(lazy);
    }
  });

  test("further on: declined, the walk goes on in the language", () => {
    const chain = new Cons(1, lazy);
    for (const walk of [next, count, (v: Value) => nth(v, 1, null)]) {
      expect(walk(chain)).toBe(SIGNAL);
      expect(SIGNAL.cell).toBeNull();
    }
    expect([first(chain), rest(chain), nth(chain, 0, null), toArray(chain)]).toEqual([1, lazy, 1, null]);
  });
});

test("what cannot be walked is declined", () => {
  for (const v of [1, true, Keyword.of("a")]) {
    for (const walk of [seq, first, rest, next, count, (x: Value) => nth(x, 0, null), (x: Value) => cons(1, x)]) {
      expect(walk(v)).toBe(SIGNAL);
      expect(SIGNAL.cell).toBeNull();
    }
    expect(toArray(v)).toBeUndefined();
  }
});

test("lists keep their metadata and their length", () => {
  const meta = PMap.of(1, 2);
  const list = List.of(1, 2, 3).withMeta(meta);
  expect([list.meta, list.count, list.rest.meta, List.EMPTY.withMeta(meta).count]).toEqual([meta, 3, null, 0]);
  expect((seq(Vector.of(1, 2)) as List).withMeta(meta).toArray()).toEqual([1, 2]);
  expect(List.EMPTY.withMeta(null)).toBe(List.EMPTY);
  expect(List.EMPTY.rest).toBe(List.EMPTY);
});

describe("strings by code point (S-14)", () => {
  const long = fc
    .tuple(
      fc.array(fc.constantFrom("a", "é", "\u{1f600}", "中", "\u{10ffff}"), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 60 }),
    )
    .map(([points, times]) => points.join("").repeat(times));

  test("agree with an array of code points", () => {
    fc.assert(
      fc.property(fc.oneof(long, strings), fc.nat(), fc.nat(), (text, m, n) => {
        const points = Array.from(text);
        expect(countPoints(text)).toBe(points.length);
        const [a, b] = [m % (points.length + 1), n % (points.length + 1)].sort((x, y) => x - y);
        expect(slicePoints(text, a, b)).toBe(points.slice(a, b).join(""));
        expect(pointOfUnit(text, unitOfPoint(text, a))).toBe(a);
        if (a < points.length) expect(pointAt(text, a)).toBe(points[a]);
        const needle = points.slice(a, a + 2).join("");
        const found = searchPoints(text, needle, a);
        expect(found).toBe(a);
        expect(searchPointsBack(text, needle)).toBeGreaterThanOrEqual(a);
        expect(searchPoints(text, "not in there")).toBe(-1);
        expect(searchPointsBack(text, "not in there")).toBe(-1);
      }),
      { numRuns: 500 },
    );
  });

  test("compare by code point", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
        const [x, y] = [a, b].map((text) => Buffer.from(text, "utf8"));
        // UTF-8 sorts as its code points do.
        expect(Math.sign(compareStrings(a, b))).toBe(Buffer.compare(x, y));
      }),
      { numRuns: 1000 },
    );
  });

  test("a long string is walked once, not once for each access", () => {
    const text = "a\u{1f600}".repeat(200_000);
    let letters = 0;
    for (let i = 0; i < 20_000; i++) if (pointAt(text, i * 19 + 100) === "a") letters++;
    expect(letters).toBe(10_000);
    expect(pointOfUnit(text, 599_998)).toBe(399_999);
  });
});
