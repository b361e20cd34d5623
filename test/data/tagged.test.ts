// Tagged JSON: what each kind of value looks like, that all of it comes back, and that nothing else is let in.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FlowmetalError } from "../../src/base/errors.ts";
import { equals } from "../../src/data/equality.ts";
import { Cons, List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { makeRange, type Range, RangeView } from "../../src/data/range.ts";
import { makeRecord } from "../../src/data/record.ts";
import { PSet } from "../../src/data/set.ts";
import { encodeTagged, fromTagged, type TaggedHooks, toTagged } from "../../src/data/tagged.ts";
import {
  Bytes,
  Cell,
  CLEARED,
  Closure,
  Duration,
  ErrorValue,
  Float,
  Instant,
  Keyword,
  Lazy,
  Obj,
  Ratio,
  type Ref,
  Regex,
  Sym,
  Tagged,
  UNBOUND,
  Uuid,
  type Value,
  Var,
} from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { anyValue, rebuilt } from "./tagged-arbitrary.ts";

const k = Keyword.of;
const HASH = "ab".repeat(32);
const lazy = new Lazy(7, null);

const spelled: [Value, string][] = [
  [null, "null"],
  [true, "true"],
  ['é\u0000\u007f"', '"\\u00e9\\u0000\\u007f\\""'],
  [-12, "-12"],
  [9007199254740991, "9007199254740991"],
  [9007199254740993n, '["i","9007199254740993"]'],
  [new Ratio(1n, 3n), '["q","1","3"]'],
  [0.5, "0.5"],
  [1e-7, "1e-7"],
  [new Float(2), '["f","2.0"]'],
  [new Float(-0), '["f","-0.0"]'],
  [new Float(1e300), '["f","1e+300"]'],
  [Number.NaN, '["f","NaN"]'],
  [Number.NEGATIVE_INFINITY, '["f","-Infinity"]'],
  [k("a/b"), '["k","a/b"]'],
  [new Sym("a", "b"), '["s","a/b"]'],
  [new Sym(null, "/"), '["s","/"]'],
  [new Sym(null, "a/b"), '["s",null,"a/b"]'],
  [new Bytes(new Uint8Array([1, 2, 255])), '["b","AQL/"]'],
  [new Instant(-1), '["t",-1]'],
  [new Duration(90_000), '["d",90000]'],
  [new Uuid("00000000-0000-0000-0000-000000000001"), '["u","00000000-0000-0000-0000-000000000001"]'],
  [new Regex("a+", "i"), '["x","a+","i"]'],
  [List.of(1, List.EMPTY), '["l",1,["l"]]'],
  [List.of(1, 2, 3).rest, '["l",2,3]'],
  [Vector.of(1, 2), '["v",1,2]'],
  [makeRange(0, 5, 2), '["r",0,6,2]'],
  [PMap.of(k("b"), 1, k("a"), 2), '["m",["k","b"],1,["k","a"],2]'],
  [PSet.of(3, 1), '["S",3,1]'],
  [makeRecord(k("a/B"), [k("x")], [1]).set(2, 3), '["R","a/B",1,["m",["k","x"],1,2,3]]'],
  [new Tagged(new Sym(null, "t"), 1), '["T",["s","t"],1]'],
  [new ErrorValue(k("user"), "no", null), '["e",["k","user"],"no",null,null,null]'],
  [Vector.of(1).withMeta(PMap.of(1, 2)), '["^",["m",1,2],["v",1]]'],
  [List.cons(0, List.of(1).withMeta(PMap.of(1, 2))), '["l*",["^",["m",1,2],["l",1]],0]'],
  [new Cons(1, lazy), '["c",1,["ref",7]]'],
  [new Var("user/f"), '["var","user/f"]'],
  [new Closure({ hash: HASH, name: null }, [1, CLEARED]), `["fn","${HASH}",1,["cleared"]]`],
  [
    new Closure(
      { hash: HASH, name: null },
      [UNBOUND],
      [
        { hash: "cd".repeat(32), name: null },
        { hash: HASH, name: null },
      ],
    ),
    `["fg",1,["${"cd".repeat(32)}","${HASH}"],["unbound"]]`,
  ],
];

const hooks: TaggedHooks = {
  fn: (hash, captures, group) =>
    new Closure({ hash, name: null }, captures, group === null ? null : group.map((of) => ({ hash: of, name: null }))),
  variable: (name) => new Var(name),
  ref: () => lazy,
  holes: true,
};

describe("each kind of value", () => {
  test.each(spelled)("%#: %s", (value, text) => {
    expect(encodeTagged(value)).toBe(text);
    const again = fromTagged(JSON.parse(text), hooks);
    expect(encodeTagged(again)).toBe(text);
    expect(Number.isNaN(value) || again === value || equals(again, value)).toBe(true);
  });
});

test("every value comes back as it was, whatever it is made of", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const text = encodeTagged(value);
      const again = fromTagged(JSON.parse(text));
      expect(encodeTagged(again)).toBe(text);
      expect(Number.isNaN(value) || equals(again, value)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("the text shows nothing of how a value was made", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      expect(encodeTagged(rebuilt(value))).toBe(encodeTagged(value));
    }),
    { numRuns: 300 },
  );
});

test("the text is printable ASCII", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      expect(encodeTagged(value)).toMatch(/^[ -~]*$/);
    }),
  );
});

test("depth is no matter", () => {
  let value: Value = null;
  for (let i = 0; i < 100_000; i++) value = Vector.of(value);
  const text = encodeTagged(value);
  expect(text).toBe(`${'["v",'.repeat(100_000)}null${"]".repeat(100_000)}`);
  expect(encodeTagged(fromTagged(JSON.parse(text)))).toBe(text);
});

test("shared parts are shared in the JSON; a text that would explode is refused", () => {
  let value: Value = Vector.of(1);
  for (let i = 0; i < 60; i++) value = Vector.of(value, value);
  expect(() => toTagged(value)).toThrow(expect.objectContaining({ code: "value/too-large" }));
  const half = Vector.of(1, 2);
  const json = toTagged(Vector.of(half, half)) as unknown[];
  expect(json[1]).toBe(json[2]);
});

test("a list on an endless range is not spelled out", () => {
  const range = makeRange(0, Number.MAX_SAFE_INTEGER, 1) as Range;
  const text = encodeTagged(List.cons("a", new RangeView(range)));
  expect(text).toBe('["l*",["r",0,9007199254740991,1],"a"]');
  const again = fromTagged(JSON.parse(text)) as List;
  expect(again.count).toBe(Number.MAX_SAFE_INTEGER + 1);
  expect(again.rest.rest.first).toBe(1);
  expect(encodeTagged(again)).toBe(text);
  expect(encodeTagged(List.cons("a", new RangeView(makeRange(0, 3, 1) as Range)))).toBe('["l","a",0,1,2]');
});

test("what is found by name needs somebody who finds it", () => {
  for (const json of [["var", "a/b"], ["ref", 1], ["fn", HASH], ["cleared"], ["unbound"]]) {
    expect(() => fromTagged(json)).toThrow(expect.objectContaining({ code: "value/invalid" }));
  }
  const found = new Cell(1, null) as Ref;
  expect(fromTagged(["v", ["ref", 1]], { ref: () => found })).toEqual(Vector.of(found));
});

describe("what is not a value is refused with its path", () => {
  const bad: [string, unknown][] = [
    ["a number too large", 1e300],
    ["negative zero", -0],
    ["an object", {}],
    ["an undefined", undefined],
    ["half a character", "\ud800"],
    ["no tag", []],
    ["an unknown tag", ["nope"]],
    ["a tag of the prototype", ["constructor"]],
    ["an integral float without its point", ["f", "2"]],
    ["a fraction as boxed float", ["f", "0.5"]],
    ["a float of junk", ["f", "x"]],
    ["a small wide integer", ["i", "5"]],
    ["a wide integer with a leading zero", ["i", "09007199254740993"]],
    ["a ratio not reduced", ["q", "2", "4"]],
    ["a ratio of one", ["q", "2", "1"]],
    ["bytes not canonical", ["b", "AQL_"]],
    ["a uuid in capitals", ["u", "00000000-0000-0000-0000-00000000000A"]],
    ["a symbol split for no reason", ["s", "a", "b"]],
    ["an odd map", ["m", 1]],
    ["a key twice", ["m", 1, 2, 1, 2]],
    ["a member twice", ["S", ["v"], ["l"]]],
    ["an empty range", ["r", 0, 0, 1]],
    ["a range of floats", ["r", 0, 1.5, 1]],
    ["a range without step", ["r", 0, 1, 0]],
    ["an endless range", ["r", 0, ["i", "99999999999999999999"], 1]],
    ["metadata on a number", ["^", ["m"], 1]],
    ["metadata that is no map", ["^", 1, ["v"]]],
    ["metadata twice", ["^", ["m"], ["^", ["m"], ["v"]]]],
    ["a tagged value without symbol", ["T", "t", 1]],
    ["an error without type", ["e", "user", "", null, null, null]],
    ["a record without the name of its type", ["R", "", 0, ["m"]]],
    ["a record of a vector", ["R", "a/B", 0, ["v"]]],
    ["a record of a record", ["R", "a/B", 0, ["R", "a/B", 0, ["m"]]]],
    ["a record of a map with metadata", ["R", "a/B", 0, ["^", ["m", 1, 2], ["m"]]]],
    ["a record with a field too few", ["R", "a/B", 2, ["m", 1, 2]]],
    ["a record of minus no fields", ["R", "a/B", -0, ["m", 1, 2]]],
    ["a record of half a field", ["R", "a/B", 0.5, ["m", 1, 2]]],
    ["a record whose fields are told by a text", ["R", "a/B", "1", ["m", 1, 2]]],
    ["too few parts", ["T", ["s", "t"]]],
    ["too many parts", ["k", "a", "b"]],
    ["a cons onto a list", ["c", 1, ["l"]]],
    ["a list onto a vector", ["l*", ["v"], 1]],
    ["a list onto a short range", ["l*", ["r", 0, 3, 1], 1]],
    ["a continuation", ["K", 1]],
  ];
  test.each(bad)("%s", (_, json) => {
    const refused = (at: unknown, path: RegExp) => {
      expect(() => fromTagged(at)).toThrow(
        expect.objectContaining({ code: "value/invalid", message: expect.stringMatching(path) }),
      );
    };
    refused(json, /not a stored value/);
    refused(["v", 1, ["l", json]], / at \[2\]\[1\]$/);
  });
});

test("any JSON at all is a value or is refused", () => {
  const tags = "i f q k s b t d u x l v c r m R S T e ^ fn fg var ref K n cleared l*".split(" ");
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue({ maxDepth: 1 }),
      fc.constantFrom("", "1", "a/b", "-3", 0, 1, 7),
      fc.tuple(fc.constantFrom(...tags), fc.array(tie("json"), { maxLength: 4 })).map(([tag, rest]) => [tag, ...rest]),
    ),
  }));
  fc.assert(
    fc.property(json, (at) => {
      let value: Value;
      try {
        value = fromTagged(at, hooks);
      } catch (error) {
        if (error instanceof FlowmetalError && error.code === "value/invalid") return;
        throw error;
      }
      const text = encodeTagged(value);
      expect(encodeTagged(fromTagged(JSON.parse(text), hooks))).toBe(text);
    }),
    { numRuns: 2000 },
  );
});

test("a continuation can be stored only in its program", () => {
  class Unknown extends Obj {}
  expect(() => encodeTagged(new Unknown())).toThrow(expect.objectContaining({ code: "value/not-storable" }));
});
