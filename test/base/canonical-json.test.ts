// Canonical JSON (E-9) and the reader that keeps the order of keys.
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, type Json, quote } from "../../src/base/canonical-json.ts";
import { parseJson } from "../../src/base/json-reader.ts";
import { hasSurrogates, isWellFormed } from "../../src/base/text.ts";

test("it is ASCII, and JSON.parse reads the same value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value as Json);
      expect(text).toMatch(/^[ -~]*$/);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 500 },
  );
});

test("strings: JSON.stringify's escapes, and \\u in lower case for all that is not printable ASCII", () => {
  expect(quote('a"\\/\b\f\n\r\t\u0000\u001f\u007fé\u2028\u{1f600}')).toBe(
    '"a\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f\\u00e9\\u2028\\ud83d\\ude00"',
  );
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => JSON.parse(quote(text)) === text));
});

test("keys in the order given, large integers in full", () => {
  const value = new Map<string, Json>([
    ["b", 2n ** 64n],
    ["2", [-0, 1e21, 0.1]],
    ["1", { z: null, a: true }],
  ]);
  expect(canonicalJson(value)).toBe('{"b":18446744073709551616,"2":[0,1e+21,0.1],"1":{"z":null,"a":true}}');
  expect(canonicalJson([[], {}, new Map()])).toBe("[[],{},{}]");
});

test("what is no JSON is a bug of ours", () => {
  for (const value of [Number.NaN, Infinity, [undefined], { a: () => 1 }]) {
    expect(() => canonicalJson(value as Json)).toThrow(/^bug: /);
  }
});

test("the reader reads what the writer wrote, order and integers included", () => {
  const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(null, true, false),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (Number.isInteger(x) ? 0.5 : x)),
      fc.maxSafeInteger().map((n) => n + 0),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 70n }),
      fc.string({ unit: "binary" }),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.array(fc.tuple(fc.string(), tie("value")), { maxLength: 4 }).map((entries) => new Map(entries)),
    ),
  })).value;
  fc.assert(
    fc.property(json, (value) => {
      const back = parseJson(canonicalJson(value));
      expect(back).toEqual(value);
      expect(canonicalJson(back)).toBe(canonicalJson(value));
    }),
    { numRuns: 500 },
  );
});

test("white space, duplicates, refusals", () => {
  expect(parseJson(' {\n"a" : [ 1 ,\t2 ] , "a":3}\r\n')).toEqual(new Map([["a", 3]]));
  for (const text of ["", "{", '{"a"}', '{"a":1,}', "[1 2]", "+1", ".5", "1.", "0x1", "tru", "'a'", '"\\u12"', "[]]"]) {
    expect(() => parseJson(text), text).toThrow(/^line 1 column \d+: /);
  }
});

test("200,000 deep, both ways", () => {
  const text = `${'{"a":['.repeat(100_000)}${"]}".repeat(100_000)}`;
  expect(canonicalJson(parseJson(text))).toBe(text);
});

test("well-formed strings", () => {
  expect(["", "a", "é", "\u{1f600}", "\ud800", "a\udc00", "\udc00\ud800"].map(isWellFormed)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(["é", "\u{1f600}"].map(hasSurrogates)).toEqual([false, true]);
});
