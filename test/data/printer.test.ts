// The printer: Clojure's forms, the reader's inverse, bounded for messages.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equals, sameKey } from "../../src/data/equality.ts";
import { Cons, List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { meter, Raise, SIGNAL } from "../../src/data/meter.ts";
import { ratio } from "../../src/data/numbers.ts";
import { printShort, printValue } from "../../src/data/printer.ts";
import { makeRange } from "../../src/data/range.ts";
import { PSet } from "../../src/data/set.ts";
import {
  Bytes,
  Cell,
  Closure,
  Duration,
  ErrorValue,
  EventRef,
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
import { readData } from "../../src/reader/sexp.ts";
import { realised, values } from "../support/values.ts";

const k = (text: string) => Keyword.of(text);

test.each<[string, Value]>([
  ["nil", null],
  ["true", true],
  ["12", 12],
  ["1.0", new Float(1)],
  ["1/3", ratio(1n, 3n)],
  ["##-Inf", -Infinity],
  ['"a\\"b\\\\\\n\\t\\r\\u0007é\\u202e"', 'a"b\\\n\t\r\u0007é\u202e'],
  [":a/b", k("a/b")],
  ["a.b/c", Sym.parse("a.b/c")],
  ["()", List.EMPTY],
  ["(1 2 3)", List.of(1, 2, 3)],
  ["[1 [2]]", Vector.of(1, Vector.of(2))],
  ["{:a 1, :b {}}", PMap.of(k("a"), 1, k("b"), PMap.EMPTY)],
  ["#{1 2}", PSet.of(1, 2)],
  ["(0 1 2)", makeRange(0, 3, 1)],
  ["(1 2)", new Cons(1, realised([2]))],
  ["()", realised([])],
  ['#inst "1970-01-01T00:00:00.005Z"', new Instant(5)],
  ['#duration "1h30m"', new Duration(5_400_000)],
  ['#uuid "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"', new Uuid("f81d4fae-7dec-11d0-a765-00a0c91e6bf6")],
  ['#bytes "AQI="', new Bytes(Uint8Array.of(1, 2))],
  ['#"a\\d\\"b\\""', new Regex('a\\d"b\\"')],
  ['#"(?i)a"', new Regex("a", "i")],
  ['#my/tag {:a "b"}', new Tagged(Sym.parse("my/tag"), PMap.of(k("a"), "b"))],
  ["#'user/f", new Var("user/f")],
  ["#<fn user/f>", new Closure({ hash: "00", name: "user/f" }, [])],
  ["#<fn>", new Closure({ hash: "00", name: null }, [])],
  ["#<atom 17>", new Cell(17, 1)],
  ["#<list 3>", new Cell(3, 1, "list")],
  ["#<event 4>", new EventRef(4)],
  ['[#<error :type "no\\n">]', Vector.of(new ErrorValue(k("type"), "no\n", null))],
])("%s", (text, v) => {
  expect(printValue(v, true)).toBe(text);
});

test("not readably: strings as they are, inside collections too", () => {
  expect(printValue("a\n", false)).toBe("a\n");
  expect(printValue(Vector.of("a b", PMap.of("c", "d")), false)).toBe("[a b {c d}]");
});

test("the reader reads back what was printed", () => {
  fc.assert(
    fc.property(values, (v) => {
      const back = readData(printValue(v, true) as string);
      expect(sameKey(back, v)).toBe(true);
      expect(printValue(back, true)).toBe(printValue(v, true));
    }),
    { numRuns: 800 },
  );
}, 30_000);

test("100,000 deep", () => {
  let v: Value = 1;
  for (let i = 0; i < 100_000; i++) v = i % 2 === 0 ? Vector.of(v) : PMap.of(k("a"), v);
  const text = printValue(v, true) as string;
  expect(text.startsWith("{:a [{:a [")).toBe(true);
  expect(equals(readData(text), v)).toBe(true);
});

test("an unrealised lazy sequence is declined, wherever it is", () => {
  const lazy = new Lazy(5, k("thunk"));
  for (const v of [lazy, Vector.of(1, lazy), new Cons(1, lazy), PMap.of(k("a"), List.of(lazy))]) {
    expect(printValue(v, true)).toBe(SIGNAL);
    expect(SIGNAL.cell).toBeNull();
  }
});

test("a text longer than a string may be is refused before it is made", () => {
  const before = meter.stringLengthMax;
  meter.stringLengthMax = 1000;
  let bomb: Value = "0123456789";
  for (let i = 0; i < 100; i++) bomb = Vector.of(bomb, bomb);
  try {
    expect(() => printValue(bomb, true)).toThrow(Raise);
    expect(printValue(Vector.of(bomb === null), true)).toBe("[false]");
  } finally {
    meter.stringLengthMax = before;
  }
});

describe("bounded", () => {
  test.each<[string, Value, number]>([
    ["[1 2 3]", Vector.of(1, 2, 3), 3],
    ["[1 2 ...]", Vector.of(1, 2, 3), 2],
    ["{:a 1 ...}", PMap.of(k("a"), 1, k("b"), 2), 2],
    ["[[1 ...] ...]", Vector.of(Vector.of(1, 2), 3), 2],
    ["(0 1 2 ...)", makeRange(0, 1e9, 1), 3],
    ["#<lazy 5>", new Lazy(5, 1), 3],
    ["[#<lazy 5>]", Vector.of(new Lazy(5, 1)), 3],
    ["()", realised([]), 3],
    [`"${"x".repeat(64)}..."`, "x".repeat(1000), 3],
  ])("%s", (text, v, most) => {
    expect(printShort(v, most)).toBe(text);
  });

  test("never much longer than asked for", () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 8 }), (v, most) => {
        const tokens = printShort(v, most).match(/[^\s()[\]{}#,"]+|"(?:[^"\\]|\\.)*"/g) ?? [];
        expect(tokens.length).toBeLessThanOrEqual(4 * most + 4);
      }),
      { numRuns: 300 },
    );
  });
});
