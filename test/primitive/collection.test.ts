// Collections and sequences: what each kind answers, what declines, what is refused.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Cons, List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { float } from "../../src/data/numbers.ts";
import { PSet } from "../../src/data/set.ts";
import { makeError } from "../../src/data/errors.ts";
import type { Value } from "../../src/data/value.ts";
import { call, charged, k, limited, named, unrealised, v } from "./support.ts";

const map = PMap.of(k("a"), 1, k("b"), 2);
const set = PSet.of(1, 2);
const list = List.of(1, 2, 3);

test.each<[string, Value[], string]>([
  ["get", [map, k("a")], "1"],
  ["get", [map, k("z"), 9], "9"],
  ["get", [v(7, 8), 1], "8"],
  ["get", [v(7, 8), 2], "nil"],
  ["get", [v(7, 8), float(1)], "nil"],
  ["get", [set, 2], "2"],
  ["get", ["añ\u{1f600}b", 2], '"\u{1f600}"'],
  ["get", [null, 1], "nil"],
  ["get", [5, 1, k("none")], ":none"],
  ["get", [makeError("user", "no", map), k("message")], '"no"'],
  ["contains?", [map, k("b")], "true"],
  ["contains?", [v(1), 1], "false"],
  ["find", [map, k("b")], "[:b 2]"],
  ["assoc", [null, 1, 2], "{1 2}"],
  ["assoc", [v(1), 1, 2], "[1 2]"],
  ["dissoc", [map, k("a")], "{:b 2}"],
  ["disj", [set, 1], "#{2}"],
  ["conj", [null, 1], "(1)"],
  ["conj", [list, 0], "(0 1 2 3)"],
  ["conj", [map, v(k("c"), 3)], "{:a 1, :b 2, :c 3}"],
  ["conj", [map, PMap.of(k("a"), 9)], "{:a 9, :b 2}"],
  ["conj", [set, 1], "#{1 2}"],
  ["into", [v(1), list], "[1 1 2 3]"],
  ["into", [List.EMPTY, v(1, 2)], "(2 1)"],
  ["into", [map, v(v(1, 2))], "{:a 1, :b 2, 1 2}"],
  ["into", [PSet.EMPTY, "aba"], '#{"a" "b"}'],
  ["vec", [map], "[[:a 1] [:b 2]]"],
  ["vec", [null], "[]"],
  ["map-of", [v(1, 2, 1, 3)], "{1 3}"],
  ["set-of", [v(1, 2, 1)], "#{1 2}"],
  ["subvec", [v(1, 2, 3), 1], "[2 3]"],
  ["subvec", [v(1, 2, 3), 1, 1], "[]"],
  ["peek", [v(1, 2)], "2"],
  ["peek", [list], "1"],
  ["pop", [list], "(2 3)"],
  ["empty", [map], "{}"],
  ["empty", ["s"], "nil"],
  ["keys", [map], "(:a :b)"],
  ["vals", [PMap.EMPTY], "nil"],
  ["seq", [""], "nil"],
  ["first", ["\u{1f600}x"], '"\u{1f600}"'],
  ["rest", [null], "()"],
  ["next", [v(1)], "nil"],
  ["count", ["a\u{1f600}"], "2"],
  ["nth", [list, 2], "3"],
  ["nth", [null, 2], "nil"],
  ["nth", [list, 3, k("no")], ":no"],
  ["nth", [list, -1, k("no")], ":no"],
  ["cons", [1, null], "(1)"],
  ["nthrest", [list, 0], "(1 2 3)"],
  ["nthrest", [list, 9], "()"],
  ["nthnext", [v(1, 2), 2], "nil"],
  ["take", [2, "abc"], '("a" "b")'],
  ["take", [-1, list], "()"],
  ["last", [list], "3"],
  ["reverse", ["abc"], '("c" "b" "a")'],
  ["concat", [v(1), null, "b", list], '(1 "b" 1 2 3)'],
  ["range", [0, 3, 1], "(0 1 2)"],
  ["range", [3, 0, 1], "()"],
  ["repeat", [2, k("x")], "(:x :x)"],
  ["repeat", [-3, 1], "()"],
  ["group-by-keys", [v(true, false, true), v(1, 2, 3)], "{true [1 3], false [2]}"],
  ["frequencies", [v(1, 2, 1)], "{1 2, 2 1}"],
  ["distinct", [v(1, 2, 1, v(1), List.of(1))], "(1 2 [1])"],
  ["sort", [v("b", "a", "\u{10000}", "\uffff")], '("a" "b" "\uffff" "\u{10000}")'],
  ["sort", [v(3, 0.5, float(2), Number.NaN, -1)], "(-1 0.5 2.0 3 ##NaN)"],
  ["sort", [v(null, v(2), v(1, 1))], "(nil [2] [1 1])"],
  ["sort-by-keys", [v(1, 0, 1), v("a", "b", "c")], '("b" "a" "c")'],
])("%s", (name, args, expected) => {
  expect(call(name, ...args)).toBe(expected);
});

test.each<[string, Value[], string]>([
  ["nth", [list, 3], ":index nth: index 3 is out of bounds, there are 3 elements"],
  ["nth", [5, 0], ":type nth takes a collection, but argument 1 is 5, an integer"],
  ["nth", [list, k("a")], ":type nth takes integers, but argument 2 is :a, a keyword"],
  ["count", [5], ":type count takes a collection, but argument 1 is 5, an integer"],
  ["first", [k("a")], ":type first takes a collection, but argument 1 is :a, a keyword"],
  ["conj", [5, 1], ":type conj takes a collection, but argument 1 is 5, an integer"],
  ["conj", [map, 1], ":type conj on a map takes entries [key value] or maps, but argument 2 is 1, an integer"],
  ["into", [map, v(1)], ":type into: a map takes entries [key value] or maps, but one is 1, an integer"],
  ["assoc", [v(1), 2, 0], ":index assoc: index 2 is out of bounds, there is 1 element"],
  ["assoc", [5, 2, 0], ":type assoc takes a map, vector or nil, but argument 1 is 5, an integer"],
  ["keys", [5], ":type keys takes a map, but argument 1 is 5, an integer"],
  ["pop", [v()], ":index pop: the vector is empty"],
  ["subvec", [v(1), 0, 2], ":index subvec: index 2 is out of bounds, there is 1 element"],
  ["hash-map", [1, 2, 1, 3], ":duplicate-key a map: the key 1, an integer comes twice"],
  ["hash-map", [1], ":arity a map: takes keys and values in turn, but key 1 of 1 has no value"],
  ["hash-set", [1, 1], ":duplicate-key a set: the member 1, an integer comes twice"],
  ["sort", [v(1, "a")], ':type compare: there is no order between "a", a string, and 1, an integer'],
  ["cons", [1, 5], ":type cons takes a collection to put it in front of, but argument 2 is 5, an integer"],
  ["unreduced", [5], ":type unreduced takes what reduced answers, but argument 1 is 5, an integer"],
])("%s refuses", (name, args, expected) => {
  expect(call(name, ...args)).toBe(expected);
});

describe("unrealised lazy sequences (S-4)", () => {
  test("as the argument itself are to be realised", () => {
    for (const name of ["seq", "first", "rest", "next", "count"]) expect(call(name, unrealised())).toBe("force");
    expect(call("nth", unrealised(), 0)).toBe("force");
  });

  test("further inside make it decline", () => {
    const cons = new Cons(1, unrealised());
    expect(call("first", cons)).toBe("1");
    for (const name of ["next", "count", "vec", "reverse", "last", "sort", "distinct", "frequencies"]) {
      expect(call(name, cons), name).toBe("decline");
    }
    expect(call("concat", v(1), cons)).toBe("decline");
    expect(call("into", v(), cons)).toBe("decline");
    expect(call("eq", cons, v(1, 2))).toBe("decline");
    expect(call("str", cons)).toBe("decline");
    expect(call("hash", v(cons))).toBe("decline");
    expect(call("json-write", v(cons))).toBe("decline");
  });

  test("inside a key make it decline, elsewhere not", () => {
    const key = v(unrealised());
    expect(call("get", map, key)).toBe("decline");
    expect(call("assoc", map, key, 1)).toBe("decline");
    expect(call("conj", set, key)).toBe("decline");
    expect(call("hash-set", key)).toBe("decline");
    expect(named("assoc").call(map, k("c"), key)).toBeInstanceOf(PMap);
    expect(call("count", v(unrealised()))).toBe("1");
  });
});

describe("nothing is changed in place that somebody holds (S-13)", () => {
  const operations: [string, (coll: Value, x: Value) => Value][] = [
    ["conj", (coll, x) => named("conj").call(coll, x)],
    ["into", (coll, x) => named("into").call(coll, v(x, x))],
    ["push", (coll, x) => named("push").call(coll, x)],
    ["pop", (coll) => named("pop").call(coll)],
  ];
  test("vectors under random operations equal arrays", () => {
    const step = fc.tuple(fc.nat(3), fc.nat(9), fc.nat(100));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const versions: [Value, Value[]][] = [[v(), []]];
        for (const [operation, x, which] of steps) {
          const [coll, model] = versions[which % versions.length];
          if (operation === 3 && model.length === 0) continue;
          const [name, apply] = operations[operation];
          const next = name === "pop" ? model.slice(0, -1) : [...model, ...(name === "into" ? [x, x] : [x])];
          versions.push([apply(coll, x), next]);
        }
        for (const [coll, model] of versions) expect(call("vec", coll)).toBe(`[${model.join(" ")}]`);
      }),
    );
  });
});

test("sorting is stable and total", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(1000))), (pairs) => {
      const expected = pairs.map(([key, item]) => [key, item]).sort(([a], [b]) => a - b);
      const [keys, items] = [v(...pairs.map(([key]) => key)), v(...pairs.map(([, item]) => item))];
      expect(call("sort-by-keys", keys, items)).toBe(`(${expected.map(([, item]) => item).join(" ")})`);
    }),
  );
});

test("work that grows is charged, and what is too large refused before it is made", () => {
  const long = named("vec").call(named("range").call(0, 16_000, 1));
  expect(charged("into", v(), long)).toBe(1000);
  expect(charged("reverse", long)).toBe(1000);
  expect(charged("sort", long)).toBeGreaterThan(10_000);
  expect(charged("conj", long, 1)).toBe(0);
  expect(call("repeat", 2 ** 52, 1)).toMatch(/^:limit repeat would make a collection of 4,503,599,627,370,496 entries/);
  expect(call("vec", named("range").call(0, 2 ** 52, 1))).toMatch(/^:limit vec would make a collection/);
  limited({ countMax: 10 }, () => {
    expect(call("concat", v(1, 2, 3, 4, 5, 6), v(1, 2, 3, 4, 5))).toMatch(
      /^:limit concat would make a collection of 11/,
    );
  });
});
