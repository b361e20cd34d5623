// Content addressing (S-1): what gives the same hashes, and what does not.
import { expect, test } from "vitest";
import { decodeUnit } from "../../src/code/decode.ts";
import { compile, type Options } from "./support.ts";

const FUNCTION = "(defn area [w h] (let [total (* w h)] (map (fn [x] (+ x total)) [w h])))";

/** The unit of `area` itself: the second; the function inside it comes first. */
const area = (text: string, options: Options = {}) => compile(text, options).units[1];

test("the same text gives the same units, callee first", () => {
  const [first, second] = [compile(FUNCTION), compile(FUNCTION)];
  expect(second).toEqual(first);
  expect(first.units).toHaveLength(3);
  expect(first.units[2].hash).toBe(first.hash);
  const names = first.units.map(({ hash, code, debug }) => decodeUnit(hash, code, debug).debug.name);
  expect(names).toEqual([null, "user/area", null]);
});

test("names of locals, places and the name of the file are no part of the code hash, but of the unit hash", () => {
  const original = area(FUNCTION);
  const renamed = area(FUNCTION.replaceAll("total", "sum"));
  const moved = area(`\n\n  ${FUNCTION}`);
  const elsewhere = area(FUNCTION, { file: "other.fm" });
  for (const other of [renamed, moved, elsewhere]) {
    expect(other.codeHash).toBe(original.codeHash);
    expect(other.hash).not.toBe(original.hash);
  }
});

test("what a function does is part of both", () => {
  const original = area(FUNCTION);
  for (const changed of [FUNCTION.replace("(+ x total)", "(- x total)"), FUNCTION.replace("[w h])", "[h w])")]) {
    expect(area(changed).codeHash).not.toBe(original.codeHash);
  }
});

test("the order of entries and metadata of constants count", () => {
  const hashes = ["'{:a 1 :b 2}", "'{:b 2 :a 1}", "'^{:c 1} {:a 1 :b 2}", "'{:a 1 :b 2.0}"].map(
    (text) => compile(text).units[0].codeHash,
  );
  expect(new Set(hashes).size).toBe(hashes.length);
});

test("equal functions in one form are one unit", () => {
  const { units } = compile("(fn [x] [(f x) (f x)])");
  expect(units).toHaveLength(2);
  const parsed = JSON.parse(compile("[1 1 :a :a f f]").units[0].code) as { consts: unknown[]; globals: unknown[] };
  expect(parsed.consts).toHaveLength(2);
  expect(parsed.globals).toEqual(["user/f"]);
});

test("generated names are numbered within the top-level form, so that forms before it do not matter", () => {
  const text = "(try (f 1) (catch :a e `x#))";
  expect(compile(text)).toEqual(compile(text));
  expect(compile(text).units[0].debug).toContain("error__");
});

test("the debug table says where calls stand, and what slots and captures are called", () => {
  const [inner, outer] = compile("(fn outer [a]\n  (f a)\n  (fn [b] (g a b)))").units.map(({ hash, code, debug }) =>
    decodeUnit(hash, code, debug),
  );
  expect(inner.debug).toMatchObject({ name: null, params: [["b"]], captures: ["a"], file: "test.fm" });
  expect(inner.debug.blocks).toEqual([[32, 39, 3, 11]]);
  expect(outer.debug).toMatchObject({ name: "outer", params: [["a"]], span: [0, 41] });
  expect(outer.debug.slots[0]).toBe("a");
  expect(outer.debug.blocks[0]).toEqual([16, 21, 2, 3]);
});

test("docstrings and macros are marked", () => {
  const { units } = compile('(defmacro twice "Does it twice." [x] [x x])');
  const { debug } = decodeUnit(units[0].hash, units[0].code, units[0].debug);
  expect(debug).toMatchObject({ name: "user/twice", doc: "Does it twice.", macro: true });
  expect(debug.params).toEqual([["&form", "&env", "x"]]);
});
