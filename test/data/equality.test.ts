// Equality, hashing, identity and order of values: their laws, and a model that shares nothing with them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equals, identical, sameKey } from "../../src/data/equality.ts";
import { hashOf, isSettled } from "../../src/data/hashing.ts";
import { Cons, List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { SIGNAL } from "../../src/data/meter.ts";
import { float, integer, ratio } from "../../src/data/numbers.ts";
import { compareValues } from "../../src/data/order.ts";
import { makeRange } from "../../src/data/range.ts";
import { PSet } from "../../src/data/set.ts";
import {
  Bytes,
  Cell,
  Closure,
  Duration,
  ErrorValue,
  Float,
  Instant,
  Keyword,
  Lazy,
  Regex,
  Sym,
  Tagged,
  Uuid,
  type Value,
  Var,
} from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { vectorList } from "../../src/data/views.ts";
import { model, numbers, realised, strings, values, variant } from "../support/values.ts";

const k = (text: string) => Keyword.of(text);
/** Pairs that are often equal. */
const pairs = fc.oneof(
  fc.tuple(values, values),
  fc.tuple(values, fc.nat({ max: 20 })).map(([v, seed]): [Value, Value] => [v, variant(v, seed)]),
);

test("= is what the model says, and hash agrees", () => {
  fc.assert(
    fc.property(pairs, ([a, b]) => {
      const same = model(a) === model(b);
      const bothNaN = Number.isNaN(a) && Number.isNaN(b);
      expect(equals(a, b)).toBe(same && !bothNaN);
      expect(equals(b, a)).toBe(equals(a, b));
      expect(sameKey(a, b)).toBe(same);
      if (same) expect(hashOf(a)).toBe(hashOf(b));
      expect(hashOf(a)).toBe((hashOf(a) as number) | 0);
    }),
    { numRuns: 1500 },
  );
}, 30_000);

test("hashes tell small values apart", () => {
  const points = Array.from({ length: 10_000 }, (_, i) => Vector.pair(i % 100, Math.floor(i / 100)));
  expect(new Set(points.map(hashOf)).size).toBeGreaterThan(9_990);
  const words = Array.from({ length: 10_000 }, (_, i) => `key-${i}`);
  expect(new Set(words.map(hashOf)).size).toBeGreaterThan(9_990);
});

test("hashes never change", () => {
  const fixed: [Value, number][] = [
    [null, 0],
    [true, 1231],
    [-5, -5],
    ["abc", hashOf("abc") as number],
  ];
  for (const [v, hash] of fixed) expect(hashOf(v)).toBe(hash);
  expect([
    hashOf("flow"),
    hashOf(k("a/b")),
    hashOf(0.5),
    hashOf(2n ** 64n),
    hashOf(Vector.of(1, "a", k("b"))),
    hashOf(PMap.of(k("a"), 1, k("b"), List.of(2))),
    hashOf(PSet.of(1, ratio(1n, 2n))),
  ]).toMatchInlineSnapshot(`
    [
      -1110872827,
      1240107577,
      -1634149578,
      -1836668568,
      -1795540771,
      2098721005,
      675424870,
    ]
  `);
});

describe("by type", () => {
  const same: [string, Value, Value][] = [
    ["list and vector", List.of(1, 2), Vector.of(1, 2)],
    ["range and vector", makeRange(0, 3, 1), Vector.of(0, 1, 2)],
    ["view and cons", vectorList(Vector.of(1, 2)), new Cons(1, realised([2]))],
    ["empty lazy and empty list", realised([]), List.EMPTY],
    ["maps in another order", PMap.of(1, 2, 3, 4), PMap.of(3, 4, 1, 2)],
    ["sets in another order", PSet.of(1, 2), PSet.of(2, 1)],
    ["NaN inside", Vector.of(Number.NaN), List.of(Number.NaN)],
    ["zeros", new Float(0), new Float(-0)],
    ["metadata", Vector.of(1).withMeta(PMap.of(1, 1)), Vector.of(1)],
    ["vars of one name", new Var("a/b"), new Var("a/b")],
    ["one ref read twice", new Cell(7, 1), new Cell(7, 2)],
    [
      "errors, whatever their trace",
      new ErrorValue(k("a"), "m", null),
      new ErrorValue(k("a"), "m", null, null, Vector.of(1)),
    ],
    ["functions", new Closure({ hash: "aa", name: "f" }, [1]), new Closure({ hash: "aa", name: "f" }, [1])],
  ];
  test.each(same)("equal: %s", (_, a, b) => {
    expect([equals(a, b), equals(b, a), hashOf(a) === hashOf(b)]).toEqual([true, true, true]);
  });

  const different: [string, Value, Value][] = [
    ["exact and float", 1, new Float(1)],
    ["NaN", Number.NaN, Number.NaN],
    ["nil and empty", null, List.EMPTY],
    ["vector and set", Vector.of(1), PSet.of(1)],
    ["lengths", Vector.of(1), Vector.of(1, 2)],
    ["values of a key", PMap.of(1, 2), PMap.of(1, 3)],
    ["keys", PMap.of(1, 2), PMap.of(2, 2)],
    ["symbol and keyword", Sym.parse("a"), k("a")],
    ["instant and duration", new Instant(1), new Duration(1)],
    ["flags", new Regex("a", "i"), new Regex("a")],
    ["bytes", new Bytes(Uint8Array.of(1)), new Bytes(Uint8Array.of(2))],
    ["tags", new Tagged(Sym.parse("a"), 1), new Tagged(Sym.parse("b"), 1)],
    ["cells", new Cell(7, 1), new Cell(8, 1)],
    ["captures", new Closure({ hash: "aa", name: null }, [1]), new Closure({ hash: "aa", name: null }, [2])],
    ["units", new Closure({ hash: "aa", name: null }, []), new Closure({ hash: "bb", name: null }, [])],
    ["causes", new ErrorValue(k("a"), "m", null, 1), new ErrorValue(k("a"), "m", null, 2)],
  ];
  test.each(different)("not equal: %s", (_, a, b) => {
    expect([equals(a, b), equals(b, a)]).toEqual([false, false]);
  });
});

describe("unrealised lazy sequences", () => {
  const lazy = new Lazy(9, k("thunk"));
  test("decline, except where a difference is certain", () => {
    expect(equals(lazy, List.of(1))).toBe(SIGNAL);
    expect(equals(Vector.of(1, lazy), Vector.of(1, List.of(2)))).toBe(SIGNAL);
    expect(equals(Vector.of(lazy, 1), Vector.of(List.EMPTY, 2))).toBe(false);
    expect(equals(lazy, k("a"))).toBe(false);
    expect(equals(lazy, lazy)).toBe(true);
    expect(hashOf(Vector.of(1, new Cons(1, lazy)))).toBe(SIGNAL);
    expect(compareValues(Vector.of(lazy), Vector.of(List.EMPTY))).toBe(SIGNAL);
    expect(SIGNAL.cell).toBeNull();
  });

  test("are what isSettled looks for", () => {
    expect([lazy, Vector.of(lazy), PMap.of(1, List.of(lazy)), new Cons(1, lazy)].map(isSettled)).toEqual(
      Array(4).fill(false),
    );
    expect([realised([1]), 1, Vector.of(new Cell(1, lazy)), PMap.of(1, realised([]))].map(isSettled)).toEqual(
      Array(4).fill(true),
    );
  });
});

describe("identical?", () => {
  test("equal encodings are identical, and nothing else", () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        expect(identical(a, a)).toBe(true);
        if (identical(a, b)) expect(sameKey(a, b)).toBe(true);
        expect(identical(a, b)).toBe(identical(b, a));
      }),
      { numRuns: 500 },
    );
  });

  const apart: [string, Value, Value][] = [
    ["list and vector", List.of(1), Vector.of(1)],
    ["order", PMap.of(1, 2, 3, 4), PMap.of(3, 4, 1, 2)],
    ["zeros", new Float(0), new Float(-0)],
    ["metadata", Vector.of(1).withMeta(PMap.of(1, 1)), Vector.of(1)],
    ["metadata of symbols", new Sym(null, "a", PMap.of(1, 1)), new Sym(null, "a")],
    ["traces", new ErrorValue(k("a"), "m", null), new ErrorValue(k("a"), "m", null, null, Vector.of(1))],
    ["refs", new Lazy(1, 1), new Lazy(2, 1)],
  ];
  test.each(apart)("not identical: %s", (_, a, b) => {
    expect(identical(a, b)).toBe(false);
  });

  const together: [string, Value, Value][] = [
    ["NaN", Number.NaN, Number.NaN],
    ["list and view", List.of(1, 2), vectorList(Vector.of(1, 2))],
    ["one ref", new Lazy(1, 1), new Lazy(1, 1)],
    ["maps", PMap.of(1, Vector.of(2)), PMap.of(1, Vector.of(2))],
    ["large integers", 2n ** 64n, integer(2n ** 64n)],
  ];
  test.each(together)("identical: %s", (_, a, b) => {
    expect(identical(a, b)).toBe(true);
  });
});

describe("compare", () => {
  const ordered = fc.oneof(
    numbers,
    strings,
    fc.array(numbers, { maxLength: 3 }).map((items) => Vector.from(items)),
  );

  test("is an order that agrees with equality of values", () => {
    fc.assert(
      fc.property(ordered, ordered, ordered, (a, b, c) => {
        const [ab, ba, bc, ac] = [compareValues(a, b), compareValues(b, a), compareValues(b, c), compareValues(a, c)];
        if (typeof ab === "number" && typeof ba === "number") expect(ab + ba).toBe(0);
        if (typeof ab === "number" && typeof bc === "number" && ab <= 0 && bc <= 0)
          expect(ac as number).toBeLessThanOrEqual(0);
        if (sameKey(a, b)) expect(ab).toBe(0);
      }),
      { numRuns: 1500 },
    );
  });

  test("goes up through these", () => {
    const rows: Value[][] = [
      [null, -Infinity, -1, ratio(-1n, 3n), 0, 0.5, 1, float(2 ** 53), 2n ** 53n + 1n, Infinity, Number.NaN],
      [null, false, true],
      ["", "A", "a", "ab", "\uffff", "\u{10000}"],
      [k("a"), k("b"), k("a/a"), k("b/a")],
      [Vector.EMPTY, List.of(9), Vector.of(1, 1), Vector.of(1, 2)],
      [new Instant(-1), new Instant(5)],
      [new Duration(1), new Duration(2)],
      [new Uuid("0"), new Uuid("a")],
      [new Bytes(Uint8Array.of(9)), new Bytes(Uint8Array.of(1, 1)), new Bytes(Uint8Array.of(1, 2))],
    ];
    for (const row of rows) {
      row.forEach((a, i) => {
        row.forEach((b, j) => void expect(compareValues(a, b)).toBe(Math.sign(i - j)));
      });
    }
    expect(compareValues(1, new Float(1))).toBe(0);
  });

  test("declines what has no order", () => {
    for (const [a, b] of [
      [1, "a"],
      [k("a"), Sym.parse("a")],
      [PMap.EMPTY, PMap.of(1, 1)],
      [true, 1],
      [Vector.of(1), 1],
    ]) {
      expect(compareValues(a as Value, b as Value)).toBe(SIGNAL);
    }
  });
});

describe("size", () => {
  const wraps: ((v: Value) => Value)[] = [
    (v) => Vector.of(v),
    (v) => List.of(v),
    (v) => PMap.of(1, v),
    (v) => new Tagged(Sym.parse("t"), v),
    (v) => new ErrorValue(k("e"), "m", null, v),
    (v) => new Cons(v, realised([])),
  ];
  const deep = (bottom: Value, kinds = wraps): Value => {
    let v = bottom;
    for (let i = 0; i < 100_000; i++) v = kinds[i % kinds.length](v);
    return v;
  };

  test("values nested 100,000 deep", () => {
    const [a, b, c] = [deep(1), deep(1), deep(2)];
    expect([equals(a, b), equals(a, c), identical(a, a)]).toEqual([true, false, true]);
    expect(hashOf(a)).toBe(hashOf(b));
    expect(isSettled(a)).toBe(true);
    expect(compareValues(deep(1, wraps.slice(0, 2)), deep(2, wraps.slice(0, 2)))).toBe(-1);
  });

  test("parts shared 2^60 times over take no longer than their number", () => {
    const shared = (bottom: Value): Value => {
      let v = bottom;
      for (let i = 0; i < 60; i++) v = Vector.of(v, v);
      return v;
    };
    const wide = (bottom: Value): Value => Vector.from(Array.from({ length: 50 }, () => List.of(shared(bottom))));
    const [a, b] = [wide(1), wide(1)];
    expect([equals(a, b), identical(a, b), compareValues(a, b), isSettled(a)]).toEqual([true, true, 0, true]);
    expect(hashOf(a)).toBe(hashOf(b));
    expect(equals(shared(1), shared(2))).toBe(false);
  });
});
