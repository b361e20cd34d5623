// Plain JSON (S-12): key order kept, integers exact, floats apart, refusals by path.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FlowmetalError } from "../../src/base/errors.ts";
import { sameKey } from "../../src/data/equality.ts";
import { jsonToValue, valueToJson } from "../../src/data/json.ts";
import { List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { ratio } from "../../src/data/numbers.ts";
import { makeRange } from "../../src/data/range.ts";
import { PSet } from "../../src/data/set.ts";
import { Float, Instant, Keyword, Lazy, Sym, type Value } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { integers, realised, strings } from "../support/values.ts";

const k = (text: string) => Keyword.of(text);

const plain: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    integers,
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (Number.isInteger(x) ? new Float(x) : x)),
    strings,
    fc.constantFrom<Value>(null, true, false),
    fc.array(tie("value"), { maxLength: 4 }).map((items) => Vector.from(items)),
    fc.array(fc.tuple(strings, tie("value")), { maxLength: 12 }).map((entries) => PMap.from(entries)),
  ),
})).value;

test("what JSON can say comes back the same, in the same order, and canonical", () => {
  fc.assert(
    fc.property(plain, (v) => {
      const text = valueToJson(v);
      expect(text).toMatch(/^[ -~]*$/);
      const back = jsonToValue(text);
      expect(sameKey(back, v)).toBe(true);
      expect(valueToJson(back)).toBe(text);
    }),
    { numRuns: 800 },
  );
}, 30_000);

test("any JSON text means what JSON.parse says", () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(undefined, 1, "\t"), (text, indent) => {
      const parsed: unknown = JSON.parse(text);
      const back = jsonToValue(JSON.stringify(parsed, null, indent));
      expect(JSON.parse(valueToJson(back))).toEqual(parsed);
    }),
    { numRuns: 500 },
  );
});

test("keys keep the order of the text, also those that look like integers", () => {
  expect((jsonToValue('{"b":1,"2":2,"1":3,"b":4}') as PMap).entries()).toEqual([
    ["b", 4],
    ["2", 2],
    ["1", 3],
  ]);
});

test.each<[string, Value]>([
  ["9007199254740993", 9007199254740993n],
  ["-0", 0],
  ["1.0", new Float(1)],
  ["-0.0", new Float(-0)],
  ["1e3", new Float(1000)],
  ["0.5", 0.5],
  ['"\\u00e9\\ud83d\\ude00\\/"', "é\u{1f600}/"],
  [" [ ] ", Vector.EMPTY],
])("%s reads as it should", (text, v) => {
  expect(jsonToValue(text)).toEqual(v);
});

test.each<[Value, string]>([
  [k("a/b"), '"a/b"'],
  [PMap.of(k("a"), List.of(1), "b", makeRange(0, 2, 1)), '{"a":[1],"b":[0,1]}'],
  [realised([1, 2]), "[1,2]"],
  [new Float(1e21), "1e+21"],
  [new Float(3), "3.0"],
  [2n ** 70n, "1180591620717411303424"],
  ["\u007f\u0001\né", '"\\u007f\\u0001\\n\\u00e9"'],
])("writes %o as it should", (v, text) => {
  expect(valueToJson(v)).toBe(text);
});

function refusal(f: () => unknown): FlowmetalError {
  try {
    f();
  } catch (error) {
    if (error instanceof FlowmetalError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("what JSON cannot say is refused by path", () => {
  test.each<[string, Value]>([
    ["result cannot", Number.NaN],
    ['result["a"][1] cannot', PMap.of(k("a"), Vector.of(1, Infinity))],
    ["result[0] cannot", Vector.of(ratio(1n, 2n))],
    ["result[0] cannot", Vector.of(Sym.parse("a"))],
    ["result[0] cannot", Vector.of(PSet.of(1))],
    ["result[0] cannot", Vector.of(new Instant(1))],
    ["result cannot be written as JSON: a key", PMap.of(1, 2)],
    ['result cannot be written as JSON: two keys of this map would both become "a"', PMap.of(k("a"), 1, "a", 2)],
    ["result[2] cannot be written as JSON: this lazy sequence is not realised", Vector.of(1, 2, new Lazy(1, 1))],
  ])("%s", (message, v) => {
    const error = refusal(() => valueToJson(v, "result"));
    expect(error.code).toBe("json/value");
    expect(error.message).toContain(message);
  });
});

describe("what is no JSON is refused with its place", () => {
  test.each<[string, string, string]>([
    ["", "json/syntax", "line 1 column 1: a value expected"],
    ["[1,\n 2", "json/syntax", "line 2 column 3: , or ] expected ([ opened at line 1 column 1)"],
    ['{"a" 1}', "json/syntax", "line 1 column 6: : expected"],
    ["{a:1}", "json/syntax", "line 1 column 2: a key in double quotes expected"],
    ["[1,]", "json/syntax", "line 1 column 4: this is no JSON value"],
    ["01", "json/syntax", "line 1 column 1: this is no JSON value"],
    ["1 2", "json/syntax", "line 1 column 3: the text should end here"],
    ["nul", "json/syntax", "line 1 column 1: null expected"],
    ["NaN", "json/syntax", "line 1 column 1: this is no JSON value"],
    ['"a\nb"', "json/syntax", "line 1 column 1: this string is not closed"],
    ['["\\x"]', "json/syntax", "line 1 column 2: this string is not closed, or"],
    ['"\\ud800"', "json/surrogate", "line 1 column 1: this string holds half of a surrogate pair"],
    ["1e400", "json/number", "line 1 column 1: this number is too large for a float"],
    ["9".repeat(400_000), "json/number", "line 1 column 1: this integer has more than"],
  ])("%j", (text, code, message) => {
    const error = refusal(() => jsonToValue(text));
    expect([error.code, error.message.startsWith(message)]).toEqual([code, true]);
  });
});

test("100,000 deep, both ways", () => {
  const text = `${'[{"a":'.repeat(100_000)}1${"}]".repeat(100_000)}`;
  expect(valueToJson(jsonToValue(text))).toBe(text);
});
