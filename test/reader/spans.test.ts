// Spans: every form of a text knows its place, in a table beside the values.
import { expect, test } from "vitest";
import { List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { PSet } from "../../src/data/set.ts";
import { Sym, type Value } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { readForms, readNext } from "../../src/reader/sexp.ts";
import { Source } from "../../src/source/source.ts";
import type { Span } from "../../src/source/span.ts";
import type { Spans } from "../../src/source/spans.ts";

/** The items of a form in the order of their indices in the span table. */
function items(form: Value): Value[] {
  if (form instanceof List || form instanceof Vector) return form.toArray();
  if (form instanceof PMap) return form.entries().flat();
  return form instanceof PSet ? [...form.values()] : [];
}

/** The text of every form below `form`, found by its own span or by its parent's table, in order. */
function texts(text: string, spans: Spans, form: Value): string[] {
  const cut = (span: Span | undefined): string => (span === undefined ? "no span" : text.slice(span.from, span.to));
  return items(form).flatMap((item, index) => {
    const byParent = cut(spans.child(form as List, index));
    const own = item instanceof Sym || items(item).length > 0 ? cut(spans.get(item)) : byParent;
    expect(own).toBe(byParent);
    return [byParent, ...texts(text, spans, item)];
  });
}

/** The texts of all parts of the first form. */
function parts(text: string): string[] {
  const { forms, spans } = readForms(new Source("t.fm", text));
  return texts(text, spans, forms[0]);
}

test.each<[text: string, parts: string[]]>([
  ["(a 1 :k)", ["a", "1", ":k"]],
  ['  [ "x" , [2 3] ] ', ['"x"', "[2 3]", "2", "3"]],
  ["{:a 1 b {c 2}}", [":a", "1", "b", "{c 2}", "c", "2"]],
  ["#{1 x}", ["1", "x"]],
  ["(() [] {} #{} ())", ["()", "[]", "{}", "#{}", "()"]],
  ["(x x)", ["x", "x"]],
  ["'(a)", ["'", "(a)", "a"]],
  ["`~@x", ["`", "~@x", "~@", "x"]],
  ["[^:a x ^{:b 1} (c)]", ["x", "(c)", "c"]],
  ["[^:a () ^:b [1]]", ["()", "[1]", "1"]],
  ["[#_ skipped x]", ["x"]],
  ["#:n{a 1}", ["a", "1"]],
  ['[#tag 1 #inst "2024"]', ["#tag 1", '#inst "2024"']],
  ["(\u{1F600} y)", ["\u{1F600}", "y"]],
])("%s", (text, expected) => {
  expect(parts(text)).toEqual(expected);
});

test("a short function stands where its text stands; its parameters where they are mentioned", () => {
  const text = "(map #(f % 1) xs)";
  expect(parts(text)).toEqual([
    "map",
    "#(f % 1)",
    // fn, its parameters, the one parameter, its body: nobody wrote the first three.
    "#(f % 1)",
    "#(f % 1)",
    "#(f % 1)",
    "#(f % 1)",
    "f",
    "%",
    "1",
    "xs",
  ]);
});

test("two occurrences of a symbol are two objects", () => {
  const { forms } = readForms(new Source("t.fm", "x x"));
  expect(forms[0]).not.toBe(forms[1]);
});

test("top-level forms and comments are placed", () => {
  const text = "; one\n(a) ; two\n'b ^:m c 5";
  const { places, comments } = readForms(new Source("t.fm", text));
  expect(places.map(([from, to]) => text.slice(from, to))).toEqual(["(a)", "'b", "^:m c", "5"]);
  expect(comments.map(({ image, startOffset }) => [image, startOffset])).toEqual([
    ["; one", 0],
    ["; two", 10],
  ]);
});

test("readNext says where the form begins and ends", () => {
  const text = " #_x (a b) 7";
  const source = new Source("t.fm", text);
  const first = readNext(source, 0);
  expect(first).toMatchObject({ from: 5, end: 10 });
  expect(first!.spans.get(first!.form)).toMatchObject({ from: 5, to: 10 });
  expect(readNext(source, 10)).toMatchObject({ form: 7, from: 11, end: 12 });
});
