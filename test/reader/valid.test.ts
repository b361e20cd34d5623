// Texts that are read, and what they mean: a table for each kind of form.
import { describe, expect, test } from "vitest";
import { readData } from "../../src/reader/sexp.ts";
import { show } from "./show.ts";

const options = { ns: "here", alias: (alias: string) => (alias === "s" ? "some.where" : null) };

function table(name: string, rows: readonly (readonly [text: string, meaning: string])[]): void {
  describe(name, () => {
    test.each(rows)("%s", (text, meaning) => {
      expect(show(readData(text, options))).toBe(meaning);
    });
  });
}

table("integers", [
  ["0", "0"],
  ["-0", "0"],
  ["+1", "1"],
  ["-17", "-17"],
  ["1_000_000", "1000000"],
  ["1N", "1"],
  ["0xF", "15"],
  ["-0Xff_ff", "-65535"],
  ["010", "8"],
  ["00", "0"],
  ["-017N", "-15"],
  ["2r101", "5"],
  ["36rZZ", "1295"],
  ["36rzN", "1283"],
  ["9007199254740991", "9007199254740991"],
  ["9007199254740992", "big 9007199254740992"],
  ["-9007199254740993", "big -9007199254740993"],
  ["0x20000000000001", "big 9007199254740993"],
  [
    "3r1121202011211211122211100012101112",
    `big ${[..."1121202011211211122211100012101112"].reduce((n, d) => n * 3n + BigInt(d), 0n)}`,
  ],
  ["123456789012345678901234567890", "big 123456789012345678901234567890"],
]);

table("ratios and floats", [
  ["1/2", "ratio 1/2"],
  ["-3/6", "ratio -1/2"],
  ["+4/2", "2"],
  ["1_000/3_000", "ratio 1/3"],
  ["1.0", "float 1"],
  ["-0.0", "float -0"],
  ["1.", "float 1"],
  ["1.5", "float 1.5"],
  ["08.5", "float 8.5"],
  ["1e3", "float 1000"],
  ["1_000e0", "float 1000"],
  ["1_0.2_5E-1", "float 1.025"],
  ["1e300", "float 1e+300"],
  ["##Inf", "float Infinity"],
  ["##-Inf", "float -Infinity"],
  ["##NaN", "float NaN"],
]);

table("strings, characters, regexes", [
  ['""', '""'],
  ['"a b"', '"a b"'],
  ['"two\nlines"', '"two\\nlines"'],
  ['"\\n\\t\\r\\b\\f\\\\\\""', '"\\n\\t\\r\\b\\f\\\\\\""'],
  ['"\\u03bb\\u{1F600}\\x41\\101\\0"', '"\u03bb\u{1F600}AA\\u0000"'],
  ['"\\uD83D\\uDE00"', '"\u{1F600}"'],
  ['"\\u{41}\\u{0000041}"', '"AA"'],
  ['"\\377\\47\\400"', `"\u00ff'\u00200"`],
  ["\\a", '"a"'],
  ["\\(", '"("'],
  ['\\"', '"\\""'],
  ["\\\\", '"\\\\"'],
  ["\\,", '","'],
  ["\\;", '";"'],
  ["\\u", '"u"'],
  ["\\\u{1F600}", '"\u{1F600}"'],
  ["\\newline", '"\\n"'],
  ["\\space", '" "'],
  ["\\tab", '"\\t"'],
  ["\\return", '"\\r"'],
  ["\\backspace", '"\\b"'],
  ["\\formfeed", '"\\f"'],
  ["\\u03bb", '"\u03bb"'],
  ["\\u{1F600}", '"\u{1F600}"'],
  ["\\o101", '"A"'],
  ["[\\(\\)]", '["(" ")"]'],
  ['#"a\\d+"', "regex a\\d+"],
  ['#"(?im)a"', "regex a im"],
  ['#"\\"\\\\"', 'regex \\"\\\\'],
]);

table("symbols and keywords", [
  ["nil", "nil"],
  ["true", "true"],
  ["false", "false"],
  ["nil?", "nil?"],
  ["/", "/"],
  ["a/b", "a|b"],
  ["flow.core//", "flow.core|/"],
  ["a.b.c/d->e", "a.b.c|d->e"],
  ["*earmuffs*", "*earmuffs*"],
  ["+1+", "+1+"],
  ["+1e", "+1e"],
  ["+", "+"],
  ["-", "-"],
  ["...", "..."],
  ["->>", "->>"],
  ["-a", "-a"],
  ["a'", "a'"],
  ["a#", "a#"],
  ["a%b", "a%b"],
  ["%", "%"],
  ["%1", "%1"],
  ["&", "&"],
  ["\u03bb\u00e9\u{1F600}", "\u03bb\u00e9\u{1F600}"],
  [":a", ":a"],
  [":a.b/c", ":a.b|c"],
  [":1", ":1"],
  [":a:b", ":a:b"],
  [":/", ":/"],
  ["::k", ":here|k"],
  ["::s/k", ":some.where|k"],
  ["constructor", "constructor"],
  ["__proto__", "__proto__"],
]);

table("collections", [
  ["()", "()"],
  ["[]", "[]"],
  ["{}", "{}"],
  ["#{}", "#{}"],
  ["(a (b) [c {d e} #{f}])", "(a (b) [c {d e} #{f}])"],
  ["{:b 1, :a 2,,}", "{:b 1, :a 2}"],
  ["#{3 1 2}", "#{3 1 2}"],
  ['#:n{:a 1 b 2 :x/c 3 :_/d 4 _/e 5 "f" 6}', '{:n|a 1, n|b 2, :x|c 3, :d 4, e 5, "f" 6}'],
  ["#::{:a 1}", "{:here|a 1}"],
  ["#::s{:a 1}", "{:some.where|a 1}"],
  ["#:n {:a 1}", "{:n|a 1}"],
  ['{1 :int 1.0 :float 1/2 :ratio "1" :string}', '{1 :int, float 1 :float, ratio 1/2 :ratio, "1" :string}'],
]);

table("reader macros", [
  ["'x", "(quote x)"],
  ["''x", "(quote (quote x))"],
  ["`(a ~b ~@c)", "(flow.core|syntax-quote (a (flow.core|unquote b) (flow.core|unquote-splicing c)))"],
  ["@x", "(flow.core|deref x)"],
  ["~ @x", "(flow.core|unquote (flow.core|deref x))"],
  ["#'a/b", "(var a|b)"],
  ["^:a x", "^{:a true} x"],
  ["^String x", "^{:tag String} x"],
  ['^"S" x', '^{:tag "S"} x'],
  ["^{:a 1} [x]", "^{:a 1} [x]"],
  ["^:a ^{:a 2 :b 3} x", "^{:a true, :b 3} x"],
  ["^:a ()", "^{:a true} ()"],
  ["^^:m {:k 1} x", "^^{:m true} {:k 1} x"],
  ["'^:a x", "(quote ^{:a true} x)"],
  ["^:a 'x", "^{:a true} (quote x)"],
  ["#_ a b", "b"],
  ["#_ #_ a b c", "c"],
  ["[a #_ b #_[c d] #_'e]", "[a]"],
  ["[#_#_ a b #_ #tag c]", "[]"],
  ["(a ; comment )\n b)", "(a b)"],
  ["#!/usr/bin/env flowmetal\n(a)", "(a)"],
  ["\ufeff#! x\r\na", "a"],
  ["\u00a0\u2028\u3000a", "a"],
]);

table("short functions", [
  ["#()", "(fn [] ())"],
  ["#(f)", "(fn [] (f))"],
  ["#(f %)", "(fn [p1__1#] (f p1__1#))"],
  ["#(f %3 %1)", "(fn [p1__1# p2__1# p3__1#] (f p3__1# p1__1#))"],
  ["#(f % %1 [%2 {:a %&}])", "(fn [p1__1# p2__1# & rest__1#] (f p1__1# p1__1# [p2__1# {:a rest__1#}]))"],
  ["[#(%) #(%&)]", "[(fn [p1__1#] (p1__1#)) (fn [& rest__2#] (rest__2#))]"],
  ["[% #(a)]", "[% (fn [] (a))]"],
]);

table("tagged literals", [
  ['#inst "2024-02-29T12:30:15.123Z"', "instant 2024-02-29T12:30:15.123Z"],
  ['#inst "2024"', "instant 2024-01-01T00:00:00.000Z"],
  ['#inst "2024-06"', "instant 2024-06-01T00:00:00.000Z"],
  ['#inst "2024-06-05T10:00:00.5+02:00"', "instant 2024-06-05T08:00:00.500Z"],
  ['#inst "0001-01-01T00:00:00Z"', "instant 0001-01-01T00:00:00.000Z"],
  ['#inst "-000001-01-01T00:00:00Z"', "instant -000001-01-01T00:00:00.000Z"],
  ['#uuid "F81D4FAE-7dec-11d0-a765-00a0c91e6bf6"', "uuid f81d4fae-7dec-11d0-a765-00a0c91e6bf6"],
  ['#duration "1h30m"', "duration 5400000"],
  ['#bytes "aGk="', "bytes 104,105"],
  ["#my/tag [1 2]", "tagged my|tag [1 2]"],
  ["#a #b c", "tagged a tagged b c"],
  ["#point{:x 1}", "tagged point {:x 1}"],
]);

test("a registry reads tags of one's own", () => {
  const tags = new Map([["twice", (value: unknown) => (value as number) * 2]]);
  expect(readData("[#twice 21 #other 1]", { tags }) && show(readData("[#twice 21 #other 1]", { tags }))).toBe(
    "[42 tagged other 1]",
  );
});

test("read-string takes the first form and ignores what follows", () => {
  expect(show(readData("1 2 )"))).toBe("1");
});
