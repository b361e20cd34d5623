// What each feature of a pattern means in Clojure's dialect: the first match and what its groups took.
import { describe, expect, test } from "vitest";
import { all, compile, texts } from "./support.ts";

type Row = readonly [pattern: string, text: string, groups: readonly (string | null)[] | null];

function table(name: string, rows: readonly Row[]): void {
  describe(name, () => {
    test.each(rows)("%s on %j", (pattern, text, groups) => {
      expect(texts(pattern, text)).toEqual(groups);
      expect(texts(pattern, text, { marking: true })).toEqual(groups);
    });
  });
}

table("characters and escapes", [
  ["abc", "xabcx", ["abc"]],
  ["", "abc", [""]],
  [".", "\n\r\u0085\u2028\u2029a", ["a"]],
  [".", "\u{1f600}", ["\u{1f600}"]],
  ["\u{1f600}+", "a\u{1f600}\u{1f600}", ["\u{1f600}\u{1f600}"]],
  ["\\t\\n\\r\\f\\a\\e", "\t\n\r\f\x07\x1b", ["\t\n\r\f\x07\x1b"]],
  ["\\x41\\u0042\\x{43}\\x{1f600}", "ABC\u{1f600}", ["ABC\u{1f600}"]],
  ["\\ud83d\\ude00", "\u{1f600}", ["\u{1f600}"]],
  ["\\0101\\07\\0377", "A\x07\xff", ["A\x07\xff"]],
  ["\\cA", "\x01", ["\x01"]],
  ['\\.\\*\\[\\]\\\\\\-\\"', '.*[]\\-"', ['.*[]\\-"']],
  ["]}", "]}", ["]}"]],
  ["\\Qa.b*\\E+", "a.b**", ["a.b**"]],
  ["\\Qa|b", "a|b", ["a|b"]],
  ["(\\Q)\\E)", ")", [")", ")"]],
]);

table("classes", [
  ["[abc]+", "xxbca", ["bca"]],
  ["[^abc]+", "abxyc", ["xy"]],
  ["[a-cx-z]+", "wbxz", ["bxz"]],
  ["[]a]+", "]a", ["]a"]],
  ["[^]a]+", "]ab", ["b"]],
  ["[a-]+", "-a", ["-a"]],
  ["[-a]+", "-a", ["-a"]],
  ["[\\d\\-x]+", "1-x", ["1-x"]],
  ["[\\w-z]+", "a-z", ["a-z"]],
  ["[a[bc]d]+", "xabcd", ["abcd"]],
  ["[a-z&&[^aeiou]]+", "aeixyz", ["xyz"]],
  ["[a-z&&[def]&&[^e]]+", "edfe", ["df"]],
  ["[^a-z&&[^x]]+", "ax1", ["x1"]],
  ["[a&b]+", "a&b", ["a&b"]],
  ["[\\Q^-]\\E]+", "^-]", ["^-]"]],
  ["[\\x{1f600}-\\x{1f610}]", "\u{1f605}", ["\u{1f605}"]],
  ["[\\n\\t]", "\t", ["\t"]],
  ["[[^a]b]+", "abc", ["bc"]],
]);

table("sets by a letter", [
  ["\\d+", "a12\u0663", ["12"]],
  ["\\D+", "1a\u06632", ["a\u0663"]],
  ["\\w+", "\u00e9a_1", ["a_1"]],
  ["\\W+", "a\u00e9 b", ["\u00e9 "]],
  ["\\s+", "a\u00a0 \t\n\v\f\r", [" \t\n\v\f\r"]],
  ["\\S+", " \u00a0a ", ["\u00a0a"]],
  ["\\h+", "\n \t\u00a0\u2003", [" \t\u00a0\u2003"]],
  ["\\H", " \n", ["\n"]],
  ["\\v+", " \n\v\f\r\u0085\u2028", ["\n\v\f\r\u0085\u2028"]],
  ["\\V", "\na", ["a"]],
  ["a\\Rb", "a\r\nb", ["a\r\nb"]],
  ["\\R\\n", "\r\n", ["\r\n"]],
  ["\\R", "\u2028", ["\u2028"]],
  ["\\r\\R", "\r\n", ["\r\n"]],
]);

table("properties", [
  ["\\p{Alpha}+", "1ab\u00e9", ["ab"]],
  ["\\p{Punct}+", "a+-.b", ["+-."]],
  ["\\P{Digit}+", "1ab2", ["ab"]],
  ["\\p{XDigit}+", "xfA0g", ["fA0"]],
  ["\\p{L}+", "1a\u00e9\u03bb\u{10400}1", ["a\u00e9\u03bb\u{10400}"]],
  ["\\pL+", "1\u00e9", ["\u00e9"]],
  ["\\p{Lu}", "a\u00c9", ["\u00c9"]],
  ["\\p{gc=Nd}+", "a\u0663", ["\u0663"]],
  ["\\p{IsGreek}+", "a\u03bb\u03bcb", ["\u03bb\u03bc"]],
  ["\\p{script=Han}+", "a\u6f22b", ["\u6f22"]],
  ["\\p{sc=latn}+", "\u03bbab", ["ab"]],
  ["\\p{IsAlphabetic}+", "1\u00e9\u03bb", ["\u00e9\u03bb"]],
  ["\\p{IsWhite_Space}", "a\u00a0", ["\u00a0"]],
  ["\\p{IsEmoji_Presentation}", "a1\u{1f600}", ["\u{1f600}"]],
  ["[^\\p{L}\\s]+", "a 1! b", ["1!"]],
  ["\\p{LC}", "\u01c5", ["\u01c5"]],
  ["\\p{Sc}", "5\u20ac", ["\u20ac"]],
]);

table("quantifiers", [
  ["a*", "aab", ["aa"]],
  ["a+", "baab", ["aa"]],
  ["a?b", "aab", ["ab"]],
  ["a{2}", "aaa", ["aa"]],
  ["a{2,}", "baaa", ["aaa"]],
  ["a{1,2}", "aaa", ["aa"]],
  ["a{0}b", "ab", ["b"]],
  ["a+?", "aa", ["a"]],
  ["a*?b", "aab", ["aab"]],
  ["a??b", "ab", ["ab"]],
  ["a{1,3}?", "aaa", ["a"]],
  ["<.+?>", "<a><b>", ["<a>"]],
  ["<.+>", "<a><b>", ["<a><b>"]],
  ["a*+a", "aaa", null],
  ["a++b", "aab", ["aab"]],
  ["a?+a", "a", null],
  ["(?:ab){2,3}+a", "abababa", ["abababa"]],
  ["(?:ab|a){2,3}", "abaab", ["abaab"]],
  ["(?:a|ab)(?:c|bcd)(d*)", "abcd", ["abcd", ""]],
  ["(a{1,2}){2}", "aaa", ["aaa", "a"]],
  ["(?:a?){3}a", "aaa", ["aaa"]],
  ["\\d{2,4}?x", "12345x", ["2345x"]],
]);

table("groups and references", [
  ["(a)(b)?", "a", ["a", "a", null]],
  ["(?:a|(b))*", "ba", ["ba", "b"]],
  ["(a|ab)(c|bcd)", "abcd", ["abcd", "a", "bcd"]],
  ["((a)|(b))+", "ab", ["ab", "b", "a", "b"]],
  ["(\\w+) \\1", "the the", ["the the", "the"]],
  ["(a)\\1*", "aaa", ["aaa", "a"]],
  ["(?<q>['\"]).*?\\k<q>", "say 'it' \"x\"", ["'it'", "'"]],
  ["(a)?\\1b", "b", null],
  ["(?:(a)|b)\\1", "ba", null],
  ["(a*)*", "b", ["", ""]],
  ["(a|b\\1)+", "aba", ["aba", "ba"]],
  ["\\2(a)(b)?", "a", null],
  ["(a)\\11", "aa1", ["aa1", "a"]],
  ["(1)(2)(3)(4)(5)(6)(7)(8)(9)(a)\\10", "123456789aa", ["123456789aa", ..."123456789a"]],
]);

table("atomic groups and lookaround", [
  ["(?>a+)ab", "aaab", null],
  ["(?>a|ab)c", "abc", null],
  ["(?>(a+))b", "aab", ["aab", "aa"]],
  ["a(?=b)", "acab", ["a"]],
  ["a(?!b)", "abac", ["a"]],
  ["(?=(\\w+)).", "ab", ["a", "ab"]],
  ["(?!(a)b)a", "ac", ["a", null]],
  ["(?<=a)b", "bab", ["b"]],
  ["(?<!a)b", "abb", ["b"]],
  ["(?<=a{1,3})b", "aab", ["b"]],
  ["(?<=ab|c)d", "abd", ["d"]],
  ["(?<=(a{1,2}))b", "aab", ["b", "a"]],
  ["(?<=\\b)b", "a b", ["b"]],
  ["(?<=\u{1f600})x", "\u{1f600}x", ["x"]],
  ["(?<!^)a", "aa", ["a"]],
  ["(?<=^|,)\\w", "a,b", ["a"]],
  ["(?=.*\\d)(?=.*[a-z])\\w{4,}", "ab 12c4", ["12c4"]],
  ["(?<=(?=ab)a)b", "ab", ["b"]],
  ["(?:(?=a)a)*b", "aab", ["aab"]],
]);

table("places", [
  ["^b", "ab\nb", null],
  ["(?m)^b", "ab\nb", ["b"]],
  ["a$", "a\nb", null],
  ["a$", "a\n", ["a"]],
  ["a$", "a\r\n", ["a"]],
  ["a\r$", "a\r\n", null],
  ["(?m)a$", "a\nb", ["a"]],
  ["(?m)^$", "a\n", null],
  ["(?m)^", "", null],
  ["a\\Z", "a\n", ["a"]],
  ["a\\z", "a\n", null],
  ["\\Aa", "ba", null],
  ["\\bfoo\\b", "afoo foo", ["foo"]],
  ["\\Bo", "oo", ["o"]],
  ["\\b", "", null],
  ["\\B", "", [""]],
  ["a\\b", "a\u00e9", ["a"]],
  ["(?d)a$", "a\u0085", null],
  ["(?d).", "\r", ["\r"]],
  ["(?md)^a", "\ra", null],
]);

table("flags", [
  ["(?i)abc", "xABc", ["ABc"]],
  ["(?i)[a-c]+", "xAbC", ["AbC"]],
  ["(?i)[^a]", "Ab", ["b"]],
  ["(?i)\u00e9", "\u00c9", null],
  ["(?iu)\u00e9", "\u00c9", ["\u00c9"]],
  ["(?iu)k", "\u212a", ["\u212a"]],
  ["(?iu)\u03c3", "\u03c2", ["\u03c2"]],
  ["(?iu)\u00df", "\u1e9e", ["\u1e9e"]],
  ["(?i)(a)\\1", "aA", ["aA", "a"]],
  ["(?iu)(\u00e9)\\1", "\u00e9\u00c9", ["\u00e9\u00c9", "\u00e9"]],
  ["(?i)\\p{Lu}+", "aB", ["aB"]],
  ["(?i)\\p{Lower}+", "aB", ["aB"]],
  ["(?s).+", "a\nb", ["a\nb"]],
  ["(?x) a b # both\n c", "abc", ["abc"]],
  ["(?x)[a b # x\n]+", "ba", ["ba"]],
  ["(?x)a\\ b", "a b", ["a b"]],
  ["(?U)\\w+", "1\u00e9\u03bb", ["1\u00e9\u03bb"]],
  ["(?U)\\d", "a\u0663", ["\u0663"]],
  ["(?U)\\s", "a\u00a0", ["\u00a0"]],
  ["(?U)\\b.", "\u00e9a", ["\u00e9"]],
  ["(?U)\\p{Alpha}", "1\u00e9", ["\u00e9"]],
  ["(?Ui)\u00e9", "\u00c9", ["\u00c9"]],
  ["a(?i)b", "aB", ["aB"]],
  ["a(?i)b", "AB", null],
  ["(?:a(?i)b)c", "aBC", null],
  ["a(?i)b|c", "C", ["C"]],
  ["(?i:a)b", "Ab", ["Ab"]],
  ["(?i:a)b", "AB", null],
  ["(?i)a(?-i)b", "Ab", ["Ab"]],
  ["(?i)a(?-i:b)C", "Abc", ["Abc"]],
  ["(?is-m:a.)", "A\n", ["A\n"]],
]);

const spans = (pattern: string, text: string) => all(compile(pattern), text).map((found) => found[0]!.join("-"));

test("matches one after the other, also of nothing", () => {
  expect(spans("a*", "baaac")).toEqual(["0-0", "1-4", "4-4", "5-5"]);
  expect(spans("", "a\u{1f600}b")).toEqual(["0-0", "1-1", "3-3", "4-4"]);
  expect(spans("x*", "")).toEqual(["0-0"]);
  expect(spans("\\b", "ab c")).toEqual(["0-0", "2-2", "3-3", "4-4"]);
  expect(spans("\\Ga", "aaba")).toEqual(["0-1", "1-2"]);
  expect(spans("\\G\\d", "12a3")).toEqual(["0-1", "1-2"]);
  expect(spans("^a", "aa")).toEqual(["0-1"]);
  expect(spans("(?m)^\\w", "a\nb\r\nc")).toEqual(["0-1", "2-3", "5-6"]);
});

test("a search begins where it is told to, and looks behind that", () => {
  expect(texts("\\w+", "ab cd", { from: 1 })).toEqual(["b"]);
  expect(texts("(?<=a)b", "ab", { from: 1 })).toEqual(["b"]);
  expect(texts("^b", "ab", { from: 1 })).toBeNull();
  expect(texts("a", "a", { from: 1 })).toBeNull();
  expect(texts("", "a", { from: 1 })).toEqual([""]);
});

test("a match of the whole text tries all ways to get there", () => {
  expect(texts("a|ab", "ab", { whole: true })).toEqual(["ab"]);
  expect(texts("a*?", "aaa", { whole: true })).toEqual(["aaa"]);
  expect(texts("a+", "aab", { whole: true })).toBeNull();
  expect(texts("(?>a|ab)", "ab", { whole: true })).toBeNull();
  expect(texts("", "", { whole: true })).toEqual([""]);
  expect(texts("a$", "a\n", { whole: true })).toBeNull();
});
