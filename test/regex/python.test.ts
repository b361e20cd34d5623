// Python's dialect, which the flag p in front asks for: where it differs from Clojure's.
import { expect, test } from "vitest";
import { problem, texts } from "./support.ts";

test.each<[string, string, (string | null)[] | null]>([
  ["(?P<a>x)(?P=a)", "xx", ["xx", "x"]],
  ["(?P<b_1>x)\\1", "xx", ["xx", "x"]],
  ["(a)?b(?(1)c|d)", "abc", ["abc", "a"]],
  ["^(a)?b(?(1)c|d)", "bd", ["bd", null]],
  ['^(?P<q>")?\\w+(?(q)")$', '"ab"', ['"ab"', '"']],
  ["^(a)?(?(1)b)$", "", ["", null]],
  ["(?i)\u00e9", "\u00c9", ["\u00c9"]],
  ["(?ai)\u00e9", "\u00c9", null],
  ["\\w+", "1\u00e9\u03bb", ["1\u00e9\u03bb"]],
  ["(?a)\\w+", "\u00e91", ["1"]],
  ["\\d", "\u0663", ["\u0663"]],
  ["\\s", "\x1c", ["\x1c"]],
  ["\\v", "\v", ["\v"]],
  [".", "\r", ["\r"]],
  [".", "\n", null],
  ["a$", "a\n", ["a"]],
  ["a$", "a\r\n", null],
  ["a\\Z", "a\n", null],
  ["(?m)^$", "a\n", [""]],
  ["a{,2}", "aaa", ["aa"]],
  ["a{,}", "aaa", ["aaa"]],
  ["a{x}", "a{x}", ["a{x}"]],
  ["{", "{", ["{"]],
  ["[[a]", "[", ["["]],
  ["[a&&b]+", "a&&b", ["a&&b"]],
  ["[\\b]", "\b", ["\b"]],
  ["[\\101]", "A", ["A"]],
  ["\\101\\0", "A\0", ["A\0"]],
  ["\\U0001f600", "\u{1f600}", ["\u{1f600}"]],
  ["(?#a comment)b", "b", ["b"]],
  ["(?x) a [ #] ", "a#", ["a#"]],
  ["(?i:A)b", "ab", ["ab"]],
  ["(?-i:a)", "a", ["a"]],
  ["(?<=ab)c", "abc", ["c"]],
  ["(?>a+)a", "aa", null],
  ["a++a", "aa", null],
  ["\\Qa", "Qa", null],
])("%s on %j", (pattern, text, groups) => {
  if (pattern === "\\Qa") expect(problem(`(?p)${pattern}`)?.message).toContain("\\Q is not an escape");
  else expect(texts(`(?p)${pattern}`, text)).toEqual(groups);
});

test("its flags can follow the p", () => {
  expect(texts("(?pis)A.", "a\n")).toEqual(["a\n"]);
});

test.each([
  ["(?P<1a>x)", "0-6", "this is not the name of a group"],
  ["(?P<a>x)(?P<a>y)", "8-14", "two groups have the name a"],
  ["(?P=a)", "0-6", "there is no group a"],
  ["\\2(a)(b)", "0-2", "there is no group 2 before this"],
  ["(a\\1)", "2-4", "group 1 is still open here"],
  ["(?(2)a|b)", "0-5", "there is no group 2 in this regex"],
  ["(?(1)a|b|c)(x)", "0-11", "a condition has two branches at most"],
  ["(?(0)a)", "0-5", "a condition asks for a group from 1 on"],
  ["(?<=a+)b", "0-7", "what a lookbehind takes has no greatest length"],
  ["(?<=a|bc)d", "0-9", "a lookbehind takes text of one length"],
  ["a(?i)b", "1-5", "flags for the whole stand at its beginning"],
  ["\\p{L}", "0-2", "Python's dialect has no \\p"],
  ["^*", "0-2", "a place in the text cannot be repeated"],
  ["a{2}{3}", "4-7", "a quantifier stands behind another one"],
  ["(?<a>x)", "0-3", "a group cannot begin with (?<"],
])("%s is refused", (pattern, at, message) => {
  const found = problem(`(?p)${pattern}`);
  expect(found?.message).toContain(message);
  expect(found?.at).toBe(at);
});
