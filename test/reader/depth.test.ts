// Depth and length: nesting is bounded by memory, and loading form by form stays linear.
import { expect, test } from "vitest";
import { List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import type { Value } from "../../src/data/value.ts";
import type { Vector } from "../../src/data/vector.ts";
import { readAll, readData, readForms, readNext } from "../../src/reader/sexp.ts";
import { Source } from "../../src/source/source.ts";

const DEEP = 100_000;

/** How often `inner` finds something inside. */
function depth(value: Value, inner: (value: Value) => Value | undefined): number {
  let count = 0;
  for (let at = inner(value); at !== undefined; at = inner(at)) count++;
  return count;
}

test("100,000 nested brackets of each kind", () => {
  const nest = (open: string, close: string) => readData(open.repeat(DEEP) + close.repeat(DEEP));
  expect(depth(nest("(", ")"), (v) => ((v as List).count > 0 ? (v as List).first : undefined))).toBe(DEEP - 1);
  expect(depth(nest("[", "]"), (v) => ((v as Vector).count > 0 ? (v as Vector).get(0) : undefined))).toBe(DEEP - 1);
  const maps = readData(`${"{1 ".repeat(DEEP)}2${"}".repeat(DEEP)}`);
  expect(depth(maps, (v) => (v instanceof PMap ? v.get(1, null) : undefined))).toBe(DEEP);
  const mixed = readData(`${"([{0 ".repeat(DEEP)}1${"}])".repeat(DEEP)}`);
  expect(mixed).toBeInstanceOf(List);
});

test("100,000 nested map keys and sets", () => {
  expect(readData(`${"{".repeat(DEEP)}1 1${"} 1".repeat(DEEP - 1)}}`)).toBeInstanceOf(PMap);
  expect(readData("#{".repeat(DEEP) + "}".repeat(DEEP))).not.toBeNull();
});

test("100,000 prefixes in a row", () => {
  for (const prefix of ["'", "#tag ", "^{:b [1]} "]) {
    expect(readData(`${prefix.repeat(DEEP)}x`), prefix).not.toBeNull();
  }
  expect(readData(`${"#_ ".repeat(DEEP)}${"a ".repeat(DEEP)}x`)).toMatchObject({ name: "x" });
  expect(readData(`${"^".repeat(DEEP)}${"{} ".repeat(DEEP)}x`)).toMatchObject({ name: "x" });
});

test("unclosed at depth: one problem, soon", () => {
  expect(readAll(new Source("t.fm", "[".repeat(DEEP))).errors).toHaveLength(1);
});

test("very long tokens", () => {
  const long = "a".repeat(5_000_000);
  expect(readData(`"${long}"`)).toBe(long);
  expect(readData(`"${"\\n".repeat(1_000_000)}"`)).toBe("\n".repeat(1_000_000));
  expect(readData(long)).toMatchObject({ name: long });
  expect(readData(`;${long}\n1`)).toBe(1);
});

test("form by form reads each token once", () => {
  const source = new Source("t.fm", "(defn f [x] (+ x 1))\n".repeat(20_000));
  let count = 0;
  for (let next = readNext(source, 0); next !== null; next = readNext(source, next.end)) count++;
  expect(count).toBe(20_000);
  expect(readForms(source).forms).toHaveLength(20_000);
});
