// edn: what its specification calls valid is read and printed back; what it calls invalid is refused with a reason.
import { expect, test } from "vitest";
import { printValue } from "../../src/data/printer.ts";
import { readAll } from "../../src/reader/sexp.ts";
import { Source } from "../../src/source/source.ts";

const options = { ns: "here", alias: () => null };

function read(text: string) {
  return readAll(new Source("edn", text), options);
}

/** A text, and how its forms are printed, where that differs. */
const valid: readonly (readonly [text: string, printed?: string])[] = [
  ["nil"],
  ["true false", "true false"],
  ["nilable truefalse falsey", "nilable truefalse falsey"],
  ['"a string"'],
  ['"tab\\t return\\r line\\n \\\\ \\" \\u00e9"', '"tab\\t return\\r line\\n \\\\ \\" \u00e9"'],
  ['"over\ntwo lines"', '"over\\ntwo lines"'],
  ["[\\c \\newline \\return \\space \\tab \\u0041]", '["c" "\\n" "\\r" " " "\\t" "A"]'],
  ["[a a.b a/b a.b/c-d *x* x! _y ? $z %q <a> =b &c +d -e .f]"],
  ["[/ a1 a#b a:b -> ->>]"],
  ["[:a :a.b/c :a/b? :a->b :#tag :1 :a#]"],
  ["[:#/:a :#/# :%/#]"],
  ["[0 1 -1 +1 -0 42N 123456789012345678901234567890]", "[0 1 -1 1 0 42 123456789012345678901234567890]"],
  ["[1.5 -1.5 +1.5 1e3 1E-3 1.5e+3 -0.0]", "[1.5 -1.5 1.5 1000.0 0.001 1500.0 -0.0]"],
  ["()"],
  ["(a b 42)"],
  ["(nested (list [with] {a map} #{and a set}))"],
  ["[a, b,,, c]", "[a b c]"],
  ['{:a 1, "foo" :bar, [1 2 3] four}'],
  ["{nil nothing, {:a 1} (2), #{3} [4]}"],
  ["{}"],
  ["#{a b [1 2 3]}"],
  ["#{}"],
  ['#inst "1985-04-12T23:20:50.520Z"'],
  ['#inst "1985-04-12T23:20:50.52-00:00"', '#inst "1985-04-12T23:20:50.520Z"'],
  ['#uuid "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"'],
  ['#myapp/Person {:first "Fred", :last "Mertz"}'],
  ["#a/b #c/d [1]", "#a/b #c/d [1]"],
  ["[a b #_foo 42]", "[a b 42]"],
  ["[a #_ #_ b c d]", "[a d]"],
  ["(1 2 #_#_3 4 5)", "(1 2 5)"],
  ['[#_#inst "2000-01-01T00:00:00Z" 1]', "[1]"],
  ['[1 ; a comment, with ( and "\n 2]', "[1 2]"],
  ["; only a comment", ""],
  ["", ""],
  ["#_ everything", ""],
];

test.each(valid as readonly [string, string?][])("valid: %s", (text: string, printed: string = text) => {
  const { forms, errors } = read(text);
  expect(errors.map(({ message }) => message)).toEqual([]);
  const back = forms.map((form) => printValue(form, true)).join(" ");
  expect(back).toBe(printed);
  expect(
    read(back)
      .forms.map((form) => printValue(form, true))
      .join(" "),
  ).toBe(back);
});

const invalid: readonly (readonly [text: string, code: string])[] = [
  ["(", "read/unclosed"],
  ["[1 2", "read/unclosed"],
  ["{:a 1", "read/unclosed"],
  ["#{1", "read/unclosed"],
  [")", "read/unexpected-close"],
  ["(1 ]", "read/mismatched"],
  ["{:a}", "read/odd-map"],
  ["{:a 1 :a 2}", "read/duplicate-key"],
  ["#{1 2 1}", "read/duplicate-key"],
  ['"never closed', "read/unclosed-string"],
  ['"\\q"', "read/escape"],
  ['"\\u12"', "read/escape"],
  ["\\", "read/character"],
  ["\\nosuch", "read/character"],
  [":", "read/keyword"],
  ["::a/b", "read/namespace"],
  ["a/", "read/symbol"],
  ["/a", "read/symbol"],
  ["1a", "read/number"],
  ["08", "read/number"],
  ["1/0", "read/number"],
  ["3.14M", "read/number"],
  ['#inst "not a date"', "read/tag"],
  ['#inst "2023-02-29T00:00:00Z"', "read/tag"],
  ['#uuid "f81d4fae"', "read/tag"],
  ["#", "read/tag"],
  ["#_", "read/nothing-follows"],
  ["#tag", "read/nothing-follows"],
  ["[#tag]", "read/nothing-follows"],
  ["#=(+ 1 2)", "read/refused"],
  ["#<object>", "read/refused"],
];

test.each(invalid)("invalid: %s", (text, code) => {
  const { errors } = read(text);
  expect(errors.map((error) => error.code)).toContain(code);
  for (const { message } of errors) expect(message.length).toBeGreaterThan(8);
});
