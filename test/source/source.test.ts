// Sources, spans and how problems are shown.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/hash.ts";
import { type Diagnostic, placeOf, SourceError } from "../../src/source/diagnostic.ts";
import { render, renderAll } from "../../src/source/render.ts";
import { Source } from "../../src/source/source.ts";
import { Spans } from "../../src/source/spans.ts";

describe("positions", () => {
  test("count lines, and columns in code points", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "\n", "\t", "é", "\u{1f600}", "\r\n")), (pieces) => {
        const text = pieces.join("");
        const source = new Source("t.fm", text);
        let [line, column, offset] = [1, 1, 0];
        for (const char of text) {
          expect(source.position(offset)).toEqual({ line, column });
          offset += char.length;
          [line, column] = char === "\n" ? [line + 1, 1] : [line, column + 1];
        }
        expect(source.position(offset)).toEqual({ line, column });
        expect(source.position(offset + 5)).toEqual({ line, column });
        const lines = text.split("\n").map((content) => content.replace(/\r$/, ""));
        expect(source.lineCount).toBe(lines.length);
        expect(lines.map((_, i) => source.lineText(i + 1))).toEqual(lines);
      }),
    );
  });

  test("the hash is that of the text", () => {
    expect(new Source("a", "(+ 1 2)").hash).toBe(sha256("(+ 1 2)"));
  });
});

describe("spans", () => {
  test("forms by identity, atoms by their place in a form", () => {
    const spans = new Spans();
    const [outer, inner, made, placed] = [{}, {}, {}, {}];
    spans.setItems(outer, 0, 20, [1, 2, 3, 9]);
    spans.set(inner, 3, 9);
    expect(spans.get(outer)).toMatchObject({ from: 0, to: 20 });
    expect([spans.child(outer, 0), spans.child(outer, 1), spans.child(outer, 2)]).toEqual([
      { from: 1, to: 2 },
      { from: 3, to: 9 },
      undefined,
    ]);
    spans.setChild(inner, 2, 5, 6);
    expect([spans.child(inner, 0), spans.child(inner, 2)]).toEqual([undefined, { from: 5, to: 6 }]);
    spans.set(placed, 100, 101);
    spans.inherit(made, inner);
    spans.inherit(placed, inner);
    expect([spans.get(made), spans.get(placed)]).toMatchObject([
      { from: 3, to: 9 },
      { from: 100, to: 101 },
    ]);
    expect(spans.child(made, 2)).toBeUndefined();
    expect([spans.get(42), spans.get(null), spans.get({}), spans.child({}, 0)]).toEqual(Array(4).fill(undefined));
  });
});

/** A problem with what stands between « and » in a text. */
function problem(marked: string, more: Partial<Diagnostic> = {}): Diagnostic {
  const [from, to] = [marked.indexOf("«"), marked.indexOf("»") - 1];
  const source = new Source("t.fm", marked.replace(/[«»]/g, ""));
  return { code: "read/x", message: "this is wrong", span: { source, from, to }, hint: null, notes: [], ...more };
}

describe("rendering", () => {
  test("place, line, caret, note and hint", () => {
    const main = problem("(defn f [x]\n  («foo» x))", { hint: "write fo" });
    const note = { message: "defined here", span: { ...main.span!, from: 6, to: 7 } };
    expect(render({ ...main, notes: [note] })).toBe(
      [
        "t.fm:2:4: error this is wrong [read/x]",
        " 2 |   (foo x))",
        "   |    ^^^",
        "t.fm:1:7: note defined here",
        " 1 | (defn f [x]",
        "   |       ^",
        "hint: write fo",
      ].join("\n"),
    );
  });

  test.each<[string, string, string]>([
    ["after a tab", "\t«ab»", "    ^^"],
    ["after two tabs and a letter", "a\tb\t«c»", "        ^"],
    ["after wide characters", "中文«é»", "    ^"],
    ["under wide characters", "«中文»x", "^^^^"],
    ["under an emoji", "a«\u{1f600}»b", " ^^"],
    ["after a combining mark", "e\u0301«x»", " ^"],
    ["under nothing", "ab«»", "  ^"],
    ["to the end of the line only", "x «(a\nb)»", "  ^^"],
  ])("the caret stands right %s", (_, marked, carets) => {
    expect(render(problem(marked)).split("\n")[2]).toBe(`   | ${carets}`);
  });

  test("what cannot be seen or turns the line around is shown as a sign", () => {
    expect(render(problem("a\u202e\u0007«b»")).split("\n")[1]).toBe(" 1 | a\ufffd\ufffdb");
  });

  test("a long line is cut around the place", () => {
    const lines = render(problem(`${"x".repeat(5000)}«here»${"y".repeat(5000)}`)).split("\n");
    expect(lines[1].length).toBeLessThan(120);
    expect(lines[1].slice(lines[2].indexOf("^"), lines[2].lastIndexOf("^") + 1)).toBe("here");
    const all = render(problem(`«${"z".repeat(5000)}»`)).split("\n");
    expect(all[2].length).toBeLessThan(130);
  });

  test("colours are added around, nothing else changes", () => {
    const one = problem("«a»", { hint: "h" });
    const coloured = render(one, { colour: true });
    expect(coloured).toContain("\u001b[");
    expect(coloured.replace(/\u001b\[[\d;]*m/g, "")).toBe(render(one));
  });

  test("a problem without a place; several problems", () => {
    const nowhere = problem("«»", { span: null });
    expect(render(nowhere)).toBe("error this is wrong [read/x]");
    expect(renderAll([nowhere, nowhere])).toBe(`${render(nowhere)}\n\n${render(nowhere)}`);
  });
});

test("as an error, problems are the first of them, with its place", () => {
  const first = problem("a\n«bc» d", { hint: "h" });
  const error = new SourceError([first, problem("«x»")]);
  expect(error.place).toEqual({ file: "t.fm", line: 2, column: 1, endColumn: 3, excerpt: "bc d" });
  expect([error.code, error.message, error.hint, error.diagnostics.length]).toEqual([
    "read/x",
    "this is wrong",
    "h",
    2,
  ]);
  expect(placeOf(problem("«a\nb»").span!).endColumn).toBeUndefined();
});
