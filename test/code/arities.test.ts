// How many arguments a function takes, in words.
import { expect, test } from "vitest";
import { argumentsTaken } from "../../src/code/arities.ts";

test.each([
  [[[0, 0]], "0 arguments"],
  [[[1, 0]], "1 argument"],
  [[[2, 0]], "2 arguments"],
  [
    [
      [1, 0],
      [3, 0],
    ],
    "1 or 3 arguments",
  ],
  [
    [
      [0, 0],
      [1, 0],
      [2, 0],
    ],
    "0, 1 or 2 arguments",
  ],
  [[[2, 1]], "2 or more arguments"],
  [
    [
      [1, 0],
      [2, 0],
      [2, 1],
    ],
    "1 or more arguments",
  ],
  [
    [
      [0, 0],
      [2, 0],
      [3, 1],
    ],
    "0 or 2 or more arguments",
  ],
] as [readonly [number, 0 | 1][], string][])("%j: %s", (arities, text) => {
  expect(argumentsTaken(arities)).toBe(text);
});

test("of forms", () => {
  expect(argumentsTaken([[1, 0]], "form")).toBe("1 form");
});
