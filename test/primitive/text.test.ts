// Strings, text, JSON, bytes, names, times: what each answers and refuses.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { float } from "../../src/data/numbers.ts";
import { PSet } from "../../src/data/set.ts";
import { Bytes, Duration, Instant, Ratio, Sym, type Value } from "../../src/data/value.ts";
import { strings, values } from "../support/values.ts";
import { call, charged, k, limited, named, v } from "./support.ts";

const smile = "\u{1f600}";
const bytes = (...data: number[]) => new Bytes(Uint8Array.from(data));

test.each<[string, Value[], string]>([
  ["str", [1, "a", null, k("b"), v("c")], '"1a:b[\\"c\\"]"'],
  ["str", [], '""'],
  ["str", [float(2), new Ratio(1n, 2n)], '"2.01/2"'],
  ["pr-str", ["a\n"], '"\\"a\\\\n\\""'],
  ["print-str", [v("a", k("b"))], '"[a :b]"'],
  ["pr-all", [v("a", 1)], '"\\"a\\" 1"'],
  ["print-all", [null], '""'],
  ["join", ["-", v(1, null, "x")], '"1--x"'],
  ["subs", [`a${smile}bc`, 1, 3], `"${smile}b"`],
  ["subs", ["abc", 3], '""'],
  ["split", ["a,b,,c,", ","], '["a" "b" "" "c" ""]'],
  ["split", ["a,b,c", ",", 2], '["a" "b,c"]'],
  ["split", [`a${smile}b`, ""], `["a" "${smile}" "b"]`],
  ["split", ["", ","], '[""]'],
  ["split-lines", ["a\r\nb\n"], '["a" "b"]'],
  ["index-of", [`${smile}b`, "b"], "1"],
  ["index-of", ["abab", "a", 1], "2"],
  ["index-of", ["ab", "x"], "nil"],
  ["last-index-of", [`${smile}b${smile}b`, "b"], "3"],
  ["replace", ["aaa", "a", "bb"], '"bbbbbb"'],
  ["replace", [smile, "", "-"], `"-${smile}-"`],
  ["replace", ["a$b", "$", "$&"], '"a$&b"'],
  ["replace-first", ["aaa", "a", "$&"], '"$&aa"'],
  ["repeat-string", [0, "ab"], '""'],
  ["pad-left", [smile, 3, "ab"], `"ab${smile}"`],
  ["pad-right", ["abc", 2], '"abc"'],
  ["capitalize", ["hELLO"], '"Hello"'],
  ["reverse-string", [`a${smile}`], `"${smile}a"`],
  ["code-point", [smile], "128512"],
  ["from-code-point", [128512], `"${smile}"`],
  ["parse-integer", ["-0042"], "-42"],
  ["parse-integer", ["9007199254740993"], "9007199254740993"],
  ["parse-integer", ["1.0"], "nil"],
  ["parse-float", [" 1e3 "], "1000.0"],
  ["parse-float", ["x"], "nil"],
  ["parse-float", ["-Infinity"], "##-Inf"],
  ["keyword", ["a/b"], ":a/b"],
  ["keyword", ["a", "b"], ":a/b"],
  ["keyword", [new Sym(null, "x")], ":x"],
  ["symbol", ["a", "b"], "a/b"],
  ["name", [k("a/b")], '"b"'],
  ["namespace", [k("b")], "nil"],
  ["base64-encode", ["hello"], '"aGVsbG8="'],
  ["base64-decode", ["-_8"], '#bytes "+/8="'],
  ["utf8-decode", [bytes(0xe2, 0x82, 0xac)], '"€"'],
  ["utf8-decode", [bytes(0xef, 0xbb, 0xbf)], '"\\ufeff"'],
  ["url-encode", ["a b&ü!"], '"a%20b%26%C3%BC%21"'],
  ["url-decode", ["a+b%20c"], '"a b c"'],
  ["parse-uuid", ["F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"], '#uuid "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"'],
  ["parse-uuid", ["x"], "nil"],
  ["entropy-fraction", [bytes(0, 0, 0, 0, 0, 0, 0)], "0.0"],
  ["entropy-fraction", [bytes(128, 0, 0, 0, 0, 0, 0)], "0.5"],
  ["entropy-bytes", [257], "2"],
  ["entropy-integer", [bytes(1, 255), 256], "255"],
  ["entropy-integer", [bytes(7), 5], "nil"],
  ["instant-text", [new Instant(0)], '"1970-01-01T00:00:00.000Z"'],
  ["parse-instant", ["2026-02-28T23:30:00.5-01:00"], '#inst "2026-03-01T00:30:00.500Z"'],
  ["parse-instant", ["2026-02-28"], '#inst "2026-02-28T00:00:00.000Z"'],
  ["parse-instant", ["2026-02-30"], "nil"],
  ["parse-duration", ["1h30m"], '#duration "1h30m"'],
  ["parse-duration", ["x"], "nil"],
  ["duration-ms", [1.2], "2"],
  ["time-plus", [new Instant(5), new Duration(10)], '#inst "1970-01-01T00:00:00.015Z"'],
  ["time-minus", [new Instant(5), new Instant(10)], '#duration "-5ms"'],
])("%s", (name, args, expected) => {
  expect(call(name, ...args)).toBe(expected);
});

test.each<[string, Value[], string]>([
  ["subs", ["abc", 4], ":index subs: index 4 is out of bounds, there are 3 elements"],
  ["subs", ["abc", 2, 1], ":index subs: the end, 1, is before the beginning, 2"],
  ["upper-case", [k("a")], ":type upper-case takes a string, but argument 1 is :a, a keyword"],
  ["starts-with?", ["a", 1], ":type starts-with? takes strings, but argument 2 is 1, an integer"],
  ["repeat-string", [-1, "a"], ":range repeat-string: the number of times must not be negative"],
  ["from-code-point", [0xd800], ":range from-code-point: there is no such code point"],
  ["keyword", [""], ":range keyword: a keyword needs a name that is not empty"],
  ["base64-decode", ["a"], ":range base64-decode: this is no base64 text"],
  ["utf8-decode", [bytes(0xff)], ":range utf8-decode: these bytes are no UTF-8 text"],
  ["url-decode", ["%ff"], ":range url-decode: this is no percent-encoded text"],
  ["instant", [9e15], ":range instant: the calendar does not reach that far"],
  ["error-new", ["x", "m", null, null], ':type an error takes a keyword as its type, but argument 1 is "x", a string'],
  ["json-write", [v(1), 17], ":range json/write: the indent is a number from 0 to 16"],
])("%s refuses", (name, args, expected) => {
  expect(call(name, ...args)).toBe(expected);
});

describe("sizes (S-18)", () => {
  test("a huge string is refused before it is made", () => {
    expect(call("repeat-string", 2 ** 40, "ab")).toMatch(
      /^:limit repeat-string would make a string of 2,199,023,255,552 characters/,
    );
    expect(call("repeat-string", 2n ** 90n, "ab")).toMatch(
      /^:limit repeat-string would make a string of endlessly many/,
    );
    expect(call("pad-left", "a", 2 ** 40)).toMatch(/^:limit pad-left /);
    limited({ stringLengthMax: 10 }, () => {
      expect(call("replace", "aaaa", "a", "bbb")).toMatch(/^:limit replace would make a string of 12 characters/);
      expect(call("str", "aaaaaa", "bbbbbb")).toMatch(/^:limit str /);
      expect(call("join", "--", v("aaa", "bbb", "ccc"))).toMatch(/^:limit join /);
      expect(call("json-write", v("aaaa", "bbbb"))).toMatch(/^:limit JSON /);
      expect(call("base64-encode", "aaaaaaaaa")).toMatch(/^:limit base64-encode /);
    });
  });
  test("long texts charge", () => {
    expect(charged("repeat-string", 256_000, "a")).toBe(1000);
    expect(charged("json-write", named("repeat-string").call(256_000, "a"))).toBe(1000);
  });
});

describe("JSON", () => {
  test("keys become keywords or stay strings, in order; numbers are exact", () => {
    const text = '{"b": 1, "2": [9007199254740993, 1.0, -0, 1e2], "": null}';
    expect(call("json-read", text, true)).toBe('{:b 1, :2 [9007199254740993 1.0 0 100.0], "" nil}');
    expect(call("json-read", text, false)).toBe('{"b" 1, "2" [9007199254740993 1.0 0 100.0], "" nil}');
  });
  test("what is wrong is told with its place", () => {
    expect(call("json-read", '{"a": [1,\n 2', true)).toMatch(/^:json\/syntax JSON: line 2 column 3: /);
    expect(call("json-read", '"\\ud800"', true)).toMatch(/^:json\/surrogate /);
    expect(call("json-read", "9".repeat(400_000), true)).toMatch(/^:json\/number /);
  });
  test("what JSON cannot say is refused by its path", () => {
    const deep = PMap.of(k("a"), v(1, PMap.of("b", new Ratio(1n, 2n))));
    expect(call("json-write", deep)).toBe(':json/value JSON: cannot say 1/2, a ratio, at $["a"][1]["b"]');
    expect(call("json-write", PMap.of(1, 2))).toBe(":json/value JSON: cannot say 1, an integer as a key, at $");
    expect(call("json-write", PMap.of("a", 1, k("a"), 2))).toMatch(/as a key beside another that is written the same/);
    expect(call("json-write", Number.NaN)).toMatch(/^:json\/value JSON: cannot say ##NaN, a float, at \$/);
  });
  test("with indent", () => {
    const value = PMap.of(k("a"), v(1, v(), PMap.EMPTY), "b", PSet.of(k("x")));
    expect(named("json-write").call(value, 2)).toBe(
      '{\n  "a": [\n    1,\n    [],\n    {}\n  ],\n  "b": [\n    "x"\n  ]\n}',
    );
  });
  test("what is written reads back", () => {
    const json = fc.letrec<{ value: Value }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom<Value>(null, true, false, 5, 2n ** 60n, float(2), float(-0), 0.1),
        strings,
        fc.array(tie("value"), { maxLength: 4 }).map((items) => v(...items)),
        fc.array(fc.tuple(strings, tie("value")), { maxLength: 4 }).map((entries) => PMap.from(entries)),
      ),
    })).value;
    fc.assert(
      fc.property(json, fc.nat(3), (value, indent) => {
        const text = named("json-write").call(value, indent);
        expect(call("pr-str", named("json-read").call(text, false))).toBe(call("pr-str", value));
        expect(() => JSON.parse(text as string)).not.toThrow();
      }),
    );
  });
  test("of any depth", () => {
    const text = "[".repeat(100_000) + "]".repeat(100_000);
    expect(named("json-write").call(named("json-read").call(text, true))).toBe(text);
  });
});

test("names and metadata", () => {
  const meta = PMap.of(k("doc"), "x");
  for (const carrier of [v(1), List.of(1), PMap.of(1, 2), PSet.of(1), new Sym(null, "s")]) {
    const marked = named("with-meta").call(carrier, meta);
    expect(named("meta").call(marked)).toBe(meta);
    expect(named("meta").call(carrier)).toBeNull();
    expect(named("eq").call(marked, carrier)).toBe(true);
  }
  expect(call("with-meta", 5, meta)).toMatch(/^:type with-meta takes collections, symbols and functions/);
  const [a, b] = [call("gensym", "g"), call("gensym", "g")];
  expect(a).not.toBe(b);
});

test("printing a value and its text agree", () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(named("str").call(v(value))).toBe(named("pr-str").call(v(value)));
      if (typeof value === "string") expect(named("str").call(value)).toBe(value);
    }),
  );
});
