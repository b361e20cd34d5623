// The formatter: how forms are set, and that nothing but white space changes, whatever the text.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { format } from "../../src/format/format.ts";
import { printValue } from "../../src/data/printer.ts";
import { readAll } from "../../src/reader/sexp.ts";
import { Source } from "../../src/source/source.ts";
import { files, text } from "../support/tree.ts";

const formatted = (script: string) => format(new Source("a.fm", script));

const CASES: readonly (readonly [what: string, script: string, result: string])[] = [
  ["nothing stays nothing", " \n\n", ""],
  ["a call broken behind its first argument is aligned with it", "(foo a\nb\n      c)", "(foo a\n     b\n     c)\n"],
  ["a call broken behind its head is indented by one", "(foo\n      a\n  b)", "(foo\n a\n b)\n"],
  ["a definition is indented by two", '(defn f\n"doc"\n    [x]\n(inc x))', '(defn f\n  "doc"\n  [x]\n  (inc x))\n'],
  ["so is what looks like a definition of one's own", "(my/defthing x\n     y)", "(my/defthing x\n  y)\n"],
  ["the body of a let", "(let [a 1\nb 2]\n   (+ a\nb))", "(let [a 1\n      b 2]\n  (+ a\n     b))\n"],
  ["a block whose body begins on its first line is a call", "(when a (f)\n(g))", "(when a (f)\n      (g))\n"],
  ["if, with its branches on lines of their own", "(if a\nb\nc)", "(if a\n  b\n  c)\n"],
  ["the first argument of a block on a line of its own", "(when\na\nb)", "(when\n a\n  b)\n"],
  ["cond", "(cond\na 1\n:else 2)", "(cond\n  a 1\n  :else 2)\n"],
  ["catch", "(try\n(f)\n(catch :default e\n(g)))", "(try\n  (f)\n  (catch :default e\n    (g)))\n"],
  ["arities", "(fn\n([a]\na)\n([a b]\nb))", "(fn\n  ([a]\n   a)\n  ([a b]\n   b))\n"],
  [
    "functions of letfn",
    "(letfn [(f [x]\nx)\n(g [y]\ny)]\n(f 1))",
    "(letfn [(f [x]\n          x)\n        (g [y]\n          y)]\n  (f 1))\n",
  ],
  ["methods of a record", "(defrecord R [a]\nP\n(size [this]\na))", "(defrecord R [a]\n  P\n  (size [this]\n    a))\n"],
  ["requirements", "(ns a\n(:require [b]\n[c :as d]))", "(ns a\n  (:require [b]\n            [c :as d]))\n"],
  ["collections are aligned", "{:a [1\n2]\n:b #{3\n4}}", "{:a [1\n     2]\n :b #{3\n      4}}\n"],
  ["data in lists", "(1\n2)", "(1\n 2)\n"],
  ["short functions", "#(foo %\nbar)", "#(foo %\n      bar)\n"],
  ["brackets stand close", "( a [ 1 2 ]\n)", "(a [1 2])\n"],
  ["what touches is set apart", '(a"b"[c](d))', '(a "b" [c] (d))\n'],
  [
    "what belongs to the next form touches it",
    "' a @ b #' c ^ :d e #_ f `(~ g ~@ h)",
    "'a @b #'c ^:d e #_f `(~g ~@h)\n",
  ],
  ["tags are followed by a space", '#inst"2026-01-01" #my/tag   \n[1]', '#inst "2026-01-01" #my/tag [1]\n'],
  [
    "but records are written close",
    "#my.Tag  {:a 1} #a.b.Tag [1] #my.Tag\n{}",
    "#my.Tag{:a 1} #a.b.Tag[1] #my.Tag{}\n",
  ],
  ["keywords of namespaces that the text alone does not tell", "[::a\n::b/c]", "[::a\n ::b/c]\n"],
  [
    "handlers and restarts",
    "(handler-bind [:a f]\n(with-restarts\n(g)\n(restart :skip []\nnil)))",
    "(handler-bind [:a f]\n  (with-restarts\n    (g)\n    (restart :skip []\n      nil)))\n",
  ],
  ["what is discarded is no argument", "(when #_x a\n#_y\nb)", "(when #_x a\n  #_y\n  b)\n"],
  ["quotes and metadata before a head", "('a\nb)\n(^:x f\ny)", "('a\n b)\n(^:x f\n y)\n"],
  ["commas stay with what they follow", "{:a 1 , :b 2,\n:c 3 ,}", "{:a 1, :b 2,\n :c 3}\n"],
  ["space between forms of a line is the author's", "[a   b\t c]", "[a   b c]\n"],
  ["empty lines", "\n\na\n\n\n\nb\n(c\n\n\nd)", "a\n\nb\n(c\n\n d)\n"],
  ["strings stay as they are", '(a "x  \n  y" b\nc)', '(a "x  \n  y" b\n   c)\n'],
  ["line ends of other systems", "(a\r\nb) ; c\r\n", "(a\n b) ; c\n"],
  [
    "a comment on its own line stands where a form would",
    "(do\n; one\na\n    ;; two\n)",
    "(do\n  ; one\n  a\n  ;; two\n  )\n",
  ],
  ["a comment behind a form", "(a ; one  \nb)   ;two", "(a ; one\n b)   ;two\n"],
  ["a comment behind a bracket", "(; one\na)\n[;two\n\n]", "( ; one\n a)\n[ ;two\n ]\n"],
  ["a comment between a quote and its form", "'; one\na", "' ; one\na\n"],
  ["the first line of a script", "#!/usr/bin/env flowmetal  \n\n\n\n(a)", "#!/usr/bin/env flowmetal\n\n(a)\n"],
];

test.each(CASES)("%s", (_, script, result) => {
  expect(formatted(script)).toBe(result);
  expect(formatted(result)).toBe(result);
});

test("a text that does not read is refused", () => {
  expect(() => formatted("(a")).toThrow(/never closed/);
});

test("a deep text takes no host stack", () => {
  const deep = `${"(".repeat(100_000)}${")".repeat(100_000)}`;
  expect(formatted(deep)).toBe(`${deep}\n`);
  const calls = `${"(a ".repeat(50_000)}b${")".repeat(50_000)}`;
  expect(formatted(calls)).toBe(`${calls}\n`);
});

/** Pieces of text that may follow each other in any order, most of which read. */
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("(", ")", "[", "]", "{", "}", "#{", "#(") },
  { weight: 6, arbitrary: fc.constantFrom(" ", "  ", "\n", "\n\n\n", ", ", "\t", "\r\n", " ; c \n", ";;d\n") },
  {
    weight: 8,
    arbitrary: fc.constantFrom("a", "defn", "let", "letfn", "when", "try", "reify", ":k", "1", '"s\n t"', "\\a"),
  },
  { weight: 2, arbitrary: fc.constantFrom("'", "`", "~", "~@", "@", "#'", "^:m", "#_", "#t ", "#:n", '#"r"', "##NaN") },
);

/** The same pieces with their brackets made to fit. */
function balanced(pieces: readonly string[]): string {
  const closing: string[] = [];
  const closers: Record<string, string> = { "(": ")", "[": "]", "{": "}", "#{": "}", "#(": ")" };
  const out = pieces.map((text) => {
    const closer = closers[text];
    if (closer !== undefined) closing.push(closer);
    return /^[)\]}]$/.test(text) ? (closing.pop() ?? "") : text;
  });
  return [...out, "\n", ...closing.reverse()].join("");
}

describe("for texts of any shape", () => {
  const script = fc
    .array(piece, { maxLength: 40 })
    .map(balanced)
    .filter((text) => readAll(new Source("a.fm", text)).errors.length === 0);
  const meaning = (text: string) => {
    const { forms, comments } = readAll(new Source("a.fm", text));
    return {
      // Names that short functions give to their parameters come from their places in the text.
      forms: forms.map((form) => (printValue(form, true) as string).replace(/\b(p\d+|rest)__\S+?(?=[\s\])])/g, "$1")),
      comments: comments.map((comment) => comment.image.trimEnd()),
    };
  };

  test("forms and comments stay, and formatting again changes nothing", () => {
    let read = 0;
    fc.assert(
      fc.property(script, (text) => {
        const once = formatted(text);
        expect(meaning(once)).toEqual(meaning(text));
        expect(formatted(once)).toBe(once);
        expect(once).not.toMatch(/[ \t\r]\n(?! t")|\n\n\n/);
        read++;
      }),
      { numRuns: 2_000, seed: 20_261_124 },
    );
    expect(read).toBeGreaterThanOrEqual(2_000);
  });
});

test("the scripts of this repository are formatted", () => {
  const scripts = ["prelude", "lib", "docs", "test/language", "test/bench"].flatMap((folder) => files(folder, ".fm"));
  const sources = scripts.map((file) => new Source(file, text(file)));
  // Some language tests show what does not read.
  const readable = sources.filter((source) => readAll(source, { ns: "user" }).errors.length === 0);
  expect(readable.length).toBeGreaterThan(0.9 * sources.length);
  expect(readable.filter((source) => format(source) !== source.text).map(({ name }) => name)).toEqual([]);
});
