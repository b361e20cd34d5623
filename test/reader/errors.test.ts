// Texts that are refused: the code, the place and the words, one row for each way to go wrong.
import { describe, expect, test } from "vitest";
import { SourceError } from "../../src/source/diagnostic.ts";
import { readAll, readData, readForms, readNext } from "../../src/reader/sexp.ts";
import { Source } from "../../src/source/source.ts";
import { render } from "../../src/source/render.ts";
import { show } from "./show.ts";

/** Each problem of a text as "code line:column message". */
function problems(text: string): string[] {
  const source = new Source("t.fm", text);
  return readAll(source).errors.map(({ code, message, span }) => {
    const { line, column } = source.position(span!.from);
    return `${code} ${line}:${column} ${message}`;
  });
}

type Row = readonly [text: string, code: string, place: string, words: string];

const ROWS: readonly Row[] = [
  // Brackets
  ["(a", "read/unclosed", "1:1", "( is never closed: expected )"],
  ["a [b #{c", "read/unclosed", "1:6", "#{ is never closed: expected }"],
  [
    "(defn f [x]\n  (let [y 1\n    (+ x y)))",
    "read/mismatched",
    "3:12",
    ") cannot close the [ opened at 2:8: expected ]",
  ],
  [")", "read/unexpected-close", "1:1", "there is no open bracket for )"],
  ["(a ]", "read/mismatched", "1:4", "] cannot close the ("],
  ["#(a", "read/unclosed", "1:1", "#( is never closed: expected )"],
  // Strings
  ['(a "b', "read/unclosed-string", "1:4", "this string is never closed"],
  ['#"b', "read/unclosed-string", "1:1", "this regex is never closed"],
  ['#"a(b"', "read/regex", "1:4", "this group is never closed: expected )"],
  ['(a #"(?i)x{2,1}")', "read/regex", "1:11", "{2,1} asks for more than it allows"],
  ['#"\n [a"', "read/regex", "2:2", "this class is never closed: expected ]"],
  ['#"\\p{Alhpa}"', "read/regex", "1:3", "there is no property Alhpa"],
  ['"a\\qb"', "read/escape", "1:3", "\\q is not an escape"],
  ['"a\\u12"', "read/escape", "1:3", "the escape \\u is not complete"],
  ['"\\x4"', "read/escape", "1:2", "the escape \\x is not complete"],
  ['"\\u{110000}"', "read/escape", "1:2", "code points end at 10FFFF"],
  ['"a\\\n"', "read/escape", "1:3", "a backslash at the end of a line"],
  ['"ab\\uD800c"', "read/surrogate", "1:4", "half of a surrogate pair"],
  ['"\\uD83D\\uDE00\\u{DE00}"', "read/surrogate", "1:14", "half of a surrogate pair"],
  ["\\foo", "read/character", "1:1", "\\foo is not a character"],
  ["\\uD800", "read/surrogate", "1:1", "half of a surrogate pair"],
  ["\\u{110000}", "read/character", "1:1", "code points end at 10FFFF"],
  ["\\ a", "read/character", "1:1", "a character is missing after \\"],
  ["(a \u201cb\u201d)", "read/character", "1:4", "typographic quote"],
  ["a\u0007b", "read/character", "1:2", "invisible character U+0007"],
  ["a \u202eb", "read/character", "1:3", "invisible character U+202E"],
  ["a\0b", "read/binary", "1:2", "this is not a text"],
  ["\ufffdPK\u0003\u0004", "read/binary", "1:4", "this is not a text"],
  ["(a \ud800)", "read/surrogate", "1:4", "half of a surrogate pair"],
  // Numbers
  ["1a", "read/number", "1:1", "1a is not a number"],
  ["08", "read/number", "1:1", "08 is not a number"],
  ["1__0", "read/number", "1:1", "1__0 is not a number"],
  ["1_", "read/number", "1:1", "1_ is not a number"],
  ["1.5M", "read/number", "1:1", "1.5M is not a number"],
  ["1/0", "read/number", "1:1", "denominator of a ratio cannot be 0"],
  ["1/", "read/number", "1:1", "1/ is not a number"],
  ["2r12", "read/number", "1:1", "2 is not a digit in radix 2"],
  ["37r1", "read/number", "1:1", "radix of 37r1 must be from 2 to 36"],
  ["1r0", "read/number", "1:1", "radix of 1r0"],
  ["0xG", "read/number", "1:1", "0xG is not a number"],
  ["1e400", "read/number", "1:1", "too large for a float"],
  [".5", "read/number", "1:1", ".5 is not a number"],
  ["-.5", "read/number", "1:1", "-.5 is not a number"],
  ["30s", "read/number", "1:1", "30s is not a number"],
  ["##Infinity", "read/symbolic", "1:1", "no symbolic value ##Infinity"],
  // Names
  ["{a: 1}", "read/symbol", "1:2", "a name cannot end with a colon"],
  ["a/", "read/symbol", "1:1", "a/ is not a name"],
  ["/a", "read/symbol", "1:1", "/a is not a name"],
  ["a//b", "read/symbol", "1:1", "a//b is not a name"],
  [":a/", "read/symbol", "1:2", "a/ is not a name"],
  [":", "read/keyword", "1:1", "needs a name after the colon"],
  ["::", "read/keyword", "1:1", "needs a name after the colon"],
  ["::k", "read/namespace", "1:1", "there is none here"],
  ["::x/k", "read/namespace", "1:1", "there is no alias x"],
  // Collections
  ["{:a 1 :b}", "read/odd-map", "1:7", "this one has 3 forms"],
  ["{:a}", "read/odd-map", "1:2", "this one has 1 form"],
  ["{:a 1\n :a 2}", "read/duplicate-key", "2:2", ":a stands in this literal twice"],
  ["#{1 [2] (2)}", "read/duplicate-key", "1:9", "(2) stands in this literal twice"],
  ["#:n{:a 1 :n/a 2}", "read/duplicate-key", "1:10", ":n/a stands in this literal twice"],
  ["#:n [1]", "read/map", "1:1", "#:n needs a map"],
  ["#:n", "read/map", "1:1", "#:n needs a map"],
  ["#::{:a 1}", "read/namespace", "1:1", "needs a current namespace"],
  ["#::x{:a 1}", "read/namespace", "1:1", "there is no alias x"],
  ["#:{:a 1}", "read/keyword", "1:2", "needs a name"],
  // Reader macros
  ["'", "read/nothing-follows", "1:1", "' needs a form behind it, but the text ends"],
  ["(a ~@)", "read/nothing-follows", "1:4", "~@ needs a form behind it, but ) follows"],
  ["(a #_)", "read/nothing-follows", "1:4", "#_ needs a form"],
  ["[^:a]", "read/nothing-follows", "1:2", "^ needs a form"],
  ["[#tag]", "read/nothing-follows", "1:2", "#tag needs a form"],
  ["^1 x", "read/metadata", "1:2", "metadata is a map, a keyword, a symbol or a string"],
  ["^:a 1", "read/metadata", "1:1", "cannot carry metadata"],
  ["^:a :b", "read/metadata", "1:1", "cannot carry metadata"],
  ["#(a #(b))", "read/nested-function", "1:5", "cannot stand inside another"],
  ["#(a %21)", "read/parameter", "1:5", "%21 is not a parameter"],
  ["#(a %0)", "read/parameter", "1:5", "%0 is not a parameter"],
  ["#(a %x)", "read/parameter", "1:5", "%x is not a parameter"],
  ["#?(:clj 1)", "read/refused", "1:1", "no reader conditionals"],
  ["[#?@(:clj 1)]", "read/refused", "1:2", "no reader conditionals"],
  ["#=(+ 1 2)", "read/refused", "1:1", "reading never runs code"],
  ["#<Atom 3>", "read/refused", "1:1", "cannot be read back"],
  ["#^:a x", "read/refused", "1:1", "metadata is written with ^"],
  ["a\n#! b", "read/refused", "2:1", "#! may only begin the first line"],
  ["# a", "read/tag", "1:1", "# stands alone"],
  ["#1 a", "read/tag", "1:1", "#1 is not the beginning of a form"],
  ['#inst "yesterday"', "read/tag", "1:1", "#inst needs a moment"],
  ['#inst "2023-02-29"', "read/tag", "1:1", "#inst needs a moment"],
  ['#inst "2023-02-28T24:00"', "read/tag", "1:1", "#inst needs a moment"],
  ["#inst 5", "read/tag", "1:1", "#inst needs a moment"],
  ['#uuid "f81d4fae"', "read/tag", "1:1", "#uuid needs a text"],
  ['#duration "soon"', "read/tag", "1:1", "#duration needs a text"],
  ['#bytes "a"', "read/tag", "1:1", "#bytes needs base64"],
];

test.each(ROWS)("%s", (text, code, place, words) => {
  const found = problems(text);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(`${code} ${place} `);
  expect(found[0]).toContain(words);
});

test("an integer longer than the limit is refused before it is converted", () => {
  expect(problems("9".repeat(400_000))[0]).toContain("read/number 1:1 this number has more than 1048576 bits");
});

describe("several problems at once", () => {
  test("bad tokens and good forms side by side", () => {
    const { forms, errors } = readAll(new Source("t.fm", '(a 08 "\\q")\n(b)\n{1}\n] (c)'));
    expect(errors.map((error) => error.code)).toEqual([
      "read/number",
      "read/escape",
      "read/odd-map",
      "read/unexpected-close",
    ]);
    expect(forms.map(show)).toEqual(["(b)", "(c)"]);
  });

  test("reading goes on at the next line that begins a list", () => {
    const text = "(defn a []\n  (foo [1 2))\n\n(defn b []\n  (bar 1)\n\n(defn c [] 08)\n(d)\n";
    expect(problems(text).map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
      "read/mismatched 2:12",
      "read/unclosed 4:1",
      "read/number 7:12",
    ]);
    expect(readAll(new Source("t.fm", text)).forms.map(show)).toEqual(["(d)"]);
  });

  test("there are never more than twenty", () => {
    expect(problems("08 ".repeat(1000))).toHaveLength(20);
    expect(problems("(\n".repeat(100_000))).toHaveLength(20);
    expect(problems(`${"[".repeat(100_000)}${")".repeat(100_000)}`)).toHaveLength(20);
  });
});

describe("where a bracket is missing", () => {
  /** The advice of the first problem. */
  const advice = (text: string): string => String(readAll(new Source("t.fm", text)).errors[0].hint);

  test.each([
    ["(defn f [x]\n  (let [y 1\n    (+ x y)))", "] is missing at 2:12, after 1"],
    ["(defn f [x]\n  (g (h x)\n\n(defn k [] 1)", ") is missing at 2:11, after )"],
    ["(a {:b 1\n(c)", "} is missing at 1:9, after 1"],
  ])("%s", (text, words) => {
    expect(advice(text)).toContain(words);
  });

  test("without a hint in the indentation the innermost bracket is named", () => {
    expect(advice("(a [b (c")).toBe("add ) where the form ends");
  });
});

test("a quote missing further up is found by the string that swallowed a definition", () => {
  const [error] = readAll(new Source("t.fm", '(def a "one)\n\n(def b "two")\n')).errors;
  expect(error).toMatchObject({ code: "read/unclosed-string", span: { from: 25 }, notes: [{ span: { from: 7 } }] });
});

describe("what is thrown", () => {
  const caught = (run: () => unknown): SourceError => {
    try {
      run();
    } catch (error) {
      if (error instanceof SourceError) return error;
      throw error;
    }
    throw new Error("nothing was thrown");
  };

  test("readForms throws all problems", () => {
    expect(caught(() => readForms(new Source("t.fm", "08 09"))).diagnostics.map((d) => d.code)).toEqual([
      "read/number",
      "read/number",
    ]);
  });

  test("readNext throws for its own form alone", () => {
    const source = new Source("t.fm", "(a) 08 (b)");
    const first = readNext(source, 0)!;
    expect(show(first.form)).toBe("(a)");
    expect(caught(() => readNext(source, first.end)).diagnostics).toHaveLength(1);
    expect(show(readNext(source, 6)!.form)).toBe("(b)");
    expect(readNext(source, 10)).toBeNull();
  });

  test("readData refuses a text without a form", () => {
    expect(caught(() => readData(" ; nothing")).code).toBe("read/nothing");
  });

  test("the rendering shows the line, a caret and the advice", () => {
    const source = new Source("t.fm", "(ok)\n{:a 1 :a 2}");
    const text = render(readAll(source).errors[0]);
    expect(text).toContain("t.fm:2:7");
    expect(text).toContain("{:a 1 :a 2}");
    expect(text).toContain("^^");
    expect(text).toContain("take one of them out");
  });
});
