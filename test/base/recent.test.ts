// The bounded cache.
import { expect, it } from "vitest";
import { Recent } from "../../src/base/recent.ts";

const LETTERS = ["a", "b", "c", "d", "e"];

it("keeps what was used lately and drops what was not", () => {
  const recent = new Recent<number>(4);
  for (const [i, key] of ["a", "b"].entries()) recent.set(key, i);
  recent.set("c", 2);
  expect(recent.get("a")).toBe(0);
  recent.set("d", 3);
  expect(LETTERS.map((key) => recent.get(key))).toEqual([0, undefined, 2, 3, undefined]);
});

it("gives the value set last, in whichever generation the key is", () => {
  const recent = new Recent<number>(4);
  for (const [i, key] of LETTERS.entries()) recent.set(key, i);
  recent.set("c", 9);
  recent.set("e", 7);
  expect(LETTERS.map((key) => recent.get(key))).toEqual([undefined, undefined, 9, 3, 7]);
});

it("never holds more than its bound, and always the last half of it", () => {
  const recent = new Recent<number>(6);
  for (let i = 0; i < 100; i++) {
    recent.set(String(i), i);
    expect(recent.size).toBeLessThanOrEqual(6);
    for (let j = Math.max(0, i - 2); j <= i; j++) expect(recent.get(String(j))).toBe(j);
  }
});
