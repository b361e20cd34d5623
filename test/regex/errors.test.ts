// Patterns that are none: what is wrong, where, and what to do.
import { expect, test } from "vitest";
import { CODE_MAX } from "../../src/regex/compile.ts";
import { DEPTH_MAX, SOURCE_MAX } from "../../src/regex/parse.ts";
import { problem } from "./support.ts";

test.each([
  ["a(b", "1-2", "this group is never closed: expected )", "add ) where it ends"],
  ["(?:a|(b)", "0-1", "this group is never closed", "for a parenthesis itself write \\("],
  ["a)b", "1-2", "this ) closes nothing", "for a parenthesis itself write \\)"],
  ["x[ab", "1-2", "this class is never closed: expected ]", "for a bracket itself write \\["],
  ["[a[b]", "0-1", "this class is never closed", ""],
  ["[a-", "0-1", "this class is never closed", ""],
  ["[]", "0-1", "this class is never closed", ""],
  ["[z-a]", "1-4", "the range z-a runs backwards", "exchange its ends"],
  ["[a-\\d]", "1-5", "the range a-\\d does not end in a character", "put the hyphen last"],
  ["[&&a]", "1-3", "there is nothing in front of &&", "[a-z&&[^aeiou]]"],
  ["[\\b]", "1-3", "\\b means nothing inside a class", "take it out of the brackets"],
  ["*a", "0-1", "* has nothing to repeat", "for the sign itself write \\*"],
  ["a|+", "2-3", "+ has nothing to repeat", ""],
  ["(?)", "0-3", "", ""],
  ["{2}", "0-3", "{2} has nothing to repeat", ""],
  ["a**", "2-3", "a quantifier stands behind another one", "(?:...)"],
  ["a{2}{3}", "4-7", "a quantifier stands behind another one", ""],
  ["a{x}", "1-4", "this is not a number of times", "for a brace itself write \\{"],
  ["a{", "1-2", "this is not a number of times", ""],
  ["a{3,2}", "1-6", "{3,2} asks for more than it allows", ""],
  ["a{70000}", "1-8", "a quantifier counts to 65535 at most", ""],
  ["a\\", "1-2", "a backslash stands at the end", "write \\\\"],
  ["\\y", "0-2", "\\y is not an escape in a regex", ""],
  ["\\x4", "0-2", "the escape \\x is not complete", "two hexadecimal digits"],
  ["\\u12", "0-2", "the escape \\u is not complete", "four hexadecimal digits"],
  ["\\x{110000}", "0-10", "code points end at 10FFFF", ""],
  ["\\ud800", "0-6", "half of a surrogate pair is not a character", "\\x{1F600}"],
  ["\\08", "0-2", "\\0 takes octal digits", ""],
  ["\\c", "0-2", "\\c takes a character", ""],
  ["\\p", "0-2", "\\p takes the name of a property", "\\p{Lu}"],
  ["\\p{L", "0-3", "this \\p{ has no }", ""],
  ["\\p{Alhpa}", "0-9", "there is no property Alhpa", "did you mean \\p{Alpha}?"],
  ["\\p{IsKlingon}", "0-13", "there is no property IsKlingon", ""],
  ["\\p{x=y}", "0-7", "there is no property x=y", ""],
  ["\\p{InGreek}", "0-11", "there are no blocks of Unicode", "\\p{IsGreek}"],
  ["\\p{javaLowerCase}", "0-17", "javaLowerCase is a method of Java's", "\\p{IsLowercase}"],
  ["\\X", "0-2", "there is no \\X", "\\P{M}\\p{M}*"],
  ["\\N{DIGIT ONE}", "0-2", "characters have no names here", "\\x{1F600}"],
  ["\\b{g}", "0-5", "there are no boundaries of graphemes", ""],
  ["a\\1", "1-3", "there is no group 1 in this regex", "it has no groups"],
  ["(a)\\2", "3-5", "there is no group 2 in this regex", "its groups are 1 to 1"],
  ["\\k<a>(?<a>x)", "0-5", "there is no group a", "no group before it has a name"],
  ["(?<a>x)\\k<b>", "7-12", "there is no group b", "the named groups before it are a"],
  ["\\k", "0-2", "this reference has no name", "\\k<name>"],
  ["(?<1>x)", "0-4", "this is not the name of a group", "begin with a letter"],
  ["(?<a_b>x)", "0-6", "this is not the name of a group", "letters and digits"],
  ["(?<a>x)(?<a>y)", "7-12", "two groups have the name a", ""],
  ["(?P<a>x)", "0-3", "(?P is Python's way", "(?<name>...)"],
  ["(?z)a", "0-3", "there is no flag z", "d i m s u x U"],
  ["(?*a)", "0-3", "a group cannot begin with (?*", "(?:"],
  ["(?<=a+)b", "0-7", "what a lookbehind takes has no greatest length", "{0,n}"],
  ["(a)(?<!\\1)b", "3-10", "what a lookbehind takes has no greatest length", ""],
  ["(?i)(", "0-1", "this group is never closed", ""],
])("%s", (pattern, at, message, hint) => {
  const found = problem(pattern);
  if (message === "") {
    expect(found).toBeNull();
    return;
  }
  expect(found?.message).toContain(message);
  expect(found?.hint ?? "").toContain(hint);
  expect(found?.at).toBe(at);
});

test("limits have clear words, and what is just within them compiles", () => {
  const nested = (depth: number) => `${"(?:".repeat(depth)}a${")".repeat(depth)}`;
  expect(problem(nested(DEPTH_MAX))).toBeNull();
  expect(problem(nested(DEPTH_MAX + 1))?.message).toContain("more than 200 deep");
  expect(problem("[".repeat(200))?.message).toContain("classes stand in one another more than 100 deep");
  expect(problem("(".repeat(60_000))?.message).toContain("deep");
  expect(problem("a".repeat(SOURCE_MAX))).toBeNull();
  expect(problem("a".repeat(SOURCE_MAX + 1))?.message).toContain("longer than 65536 characters");
  expect(problem("[ab]{60000}")).toBeNull();
  expect(problem("(?:ab){60000}")?.message).toBe("this regex is too large");
  expect(problem("((a{100}){100}){50}")).toBeNull();
  expect(problem("(((a|bc){100}){100}){100}")?.message).toBe("this regex is too large");
  expect(CODE_MAX).toBeLessThan(100_000);
});
