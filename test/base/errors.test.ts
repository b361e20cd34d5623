// Errors of the engine, and suggestions for misspelt names.
import { expect, test } from "vitest";
import { codes } from "../../src/base/codes.ts";
import { assert, FlowmetalError, unreachable } from "../../src/base/errors.ts";
import { closest, editDistance } from "../../src/base/suggest.ts";

test("an error carries what people and programs need", () => {
  const cause = new Error("below");
  const place = { file: "a.fm", line: 1, column: 2 };
  const error = new FlowmetalError("json/value", "no", { place, hint: "do", data: { a: 1 }, cause });
  expect(error).toBeInstanceOf(Error);
  expect({ ...error, message: error.message, cause: error.cause }).toEqual({
    name: "FlowmetalError",
    code: "json/value",
    message: "no",
    place,
    hint: "do",
    data: { a: 1 },
    cause,
  });
  expect("cause" in new FlowmetalError("json/value", "no")).toBe(false);
});

test("bugs are told from refusals", () => {
  expect(() => assert(false, "x")).toThrow(/^bug: x$/);
  expect(() => assert(true, "x")).not.toThrow();
  expect(() => unreachable("z" as never)).toThrow(/^bug: .*z/);
});

test("titles of codes are sentences, codes have an area", () => {
  for (const [code, title] of Object.entries(codes)) {
    expect(code).toMatch(/^[a-z]+\/[a-z0-9-]+$/);
    expect(title).toMatch(/^[A-Z`].*\.$/);
  }
});

test("edits between words", () => {
  const rows: [string, string, number][] = [
    ["", "", 0],
    ["a", "", 1],
    ["map", "amp", 1],
    ["redcue", "reduce", 1],
    ["kitten", "sitting", 3],
    ["abc", "abc", 0],
  ];
  for (const [a, b, distance] of rows) expect([editDistance(a, b), editDistance(b, a)]).toEqual([distance, distance]);
});

test("the nearest name is suggested, if it is near", () => {
  const names = ["map", "mapv", "reduce", "filter", "x", "first"];
  const rows: [string, string | null][] = [
    ["redcue", "reduce"],
    ["mpa", "map"],
    ["filtr", "filter"],
    ["frist", "first"],
    ["y", null],
    ["zzzzz", null],
    ["mapvv", "mapv"],
  ];
  for (const [word, expected] of rows) expect(closest(word, names), word).toBe(expected);
});
