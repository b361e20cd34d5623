// Syntax-quote and macros: what templates build, what names in them mean, what a macro is given.
import { describe, expect, test } from "vitest";
import { fromTagged } from "../../src/data/tagged.ts";
import { printValue } from "../../src/data/printer.ts";
import { decodeUnit } from "../../src/code/decode.ts";
import { compile, listing } from "./support.ts";

/** The constant a form is, printed. */
function constant(text: string): string {
  const { units } = compile(text);
  const { code } = decodeUnit(units[0].hash, units[0].code, units[0].debug);
  expect(code.blocks).toHaveLength(1);
  const [, , , ops, end] = code.blocks[0];
  expect([ops.length, end[0]]).toEqual([0, "return"]);
  return String(printValue(fromTagged(code.consts[0]), true));
}

const code = (text: string): string => listing(text).split("\n").slice(2).join("\n").trim();

describe("names in a template", () => {
  test.each([
    ["`f", "user/f"],
    ["`map", "flow.core/map"],
    ["`join", "flow.string/join"],
    ["`str/join", "flow.string/join"],
    ["`unheard-of", "user/unheard-of"],
    ["`other.ns/x", "other.ns/x"],
    ["`if", "if"],
    ["`&", "&"],
    ["`catch", "catch"],
    ["`block", "flow.core/block"],
    ["`%add", "%add"],
    ["`x#", "x__1__auto"],
    ["`:k", ":k"],
    ["`()", "()"],
  ])("%s", (text, printed) => expect(constant(text)).toBe(printed));
});

describe("what a template builds", () => {
  test("a list", () =>
    expect(code("`(f ~g)")).toContain('global user/g -> 1\n1 guard t0\n  call flow.core/list ["s","user/f"] t0'));
  test("one fresh name throughout, another in the next template", () => {
    expect(code("(list `(x# x#) `x#)").match(/x__\d/g)).toEqual(["x__1", "x__1", "x__2"]);
  });
  test("a splice", () => {
    const text = code("`[a ~@g b]");
    expect(text).toContain('call flow.core/list ["s","user/a"]');
    expect(text).toContain("call flow.core/concat");
    expect(text).toContain("call flow.core/apply");
  });
  test("nested templates belong to their own unquotes", () => {
    const text = code("`(f `(g ~(h ~f)))");
    expect(text).toContain("global user/f");
    expect(text).toContain('["s","user/h"]');
  });
});

describe("macros", () => {
  test("get the form and the locals in scope", () => {
    expect(constant("(the-form 1 2)")).toBe("(the-form 1 2)");
    expect(code("(let [a 1 b 2] (let [a 3] (env-names)))")).toContain('return ["v","a","b"]');
  });
  test("forms they make stand where the call stands", () => {
    const { units } = compile("(do\n  (when (f 1)\n    (g 2)))");
    const { debug } = decodeUnit(units[0].hash, units[0].code, units[0].debug);
    expect(debug.blocks[0]).toEqual([12, 17, 2, 9]);
    expect(debug.blocks[2]).toEqual([22, 27, 3, 5]);
  });
  test("locals and definitions hide the special forms that live in flow.core, and no others", () => {
    expect(code("(let [exit f] (exit 1))")).toContain("call exit 1");
    expect(code("(do (def block 1) (block 1))")).toContain("call user/block 1");
    expect(code("(let [if f] (if 1 2 3))")).toContain("return 2");
    expect(code("(flow.core/block b (exit b 1))")).toContain("return 1");
  });
});
