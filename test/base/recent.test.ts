// The bounded cache.
import { expect, it } from "vitest";
import { Recent } from "../../src/base/recent.ts";

it("drops what was used least recently, and never holds more than its bound", () => {
  const recent = new Recent<number>(3);
  for (const [i, key] of ["a", "b", "c"].entries()) recent.set(key, i);
  expect(recent.get("a")).toBe(0);
  recent.set("d", 3);
  expect(["a", "b", "c", "d"].map((key) => recent.get(key))).toEqual([0, undefined, 2, 3]);
  recent.set("c", 9);
  recent.set("e", 4);
  expect(["a", "c", "d", "e"].map((key) => recent.get(key))).toEqual([undefined, 9, 3, 4]);
  for (let i = 0; i < 100; i++) recent.set(String(i), i);
  expect(recent.size).toBe(3);
});
