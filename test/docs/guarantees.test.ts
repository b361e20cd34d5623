// docs/guarantees.md: each promise names a test, and the test is there.
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const text = readFileSync("docs/guarantees.md", "utf8");

/** The promises: what begins with "- ", up to the next one or an empty line. */
const promises = text
  .split(/\n\n|\n(?=- )/)
  .filter((part) => part.startsWith("- "))
  .map((promise) => promise.trim());

test("every promise names a test that exists", () => {
  expect(promises.length).toBeGreaterThan(10);
  for (const promise of promises) {
    const [, file, name] = /`(test\/[^`]+\.test\.ts)`: "([^\n]+)"$/.exec(promise) ?? [];
    expect(file, promise).toBeDefined();
    expect(existsSync(file), file).toBe(true);
    const tests = readFileSync(file, "utf8").matchAll(/\b(?:test|describe|it)(?:\.each\([\s\S]*?\))?\(\s*"([^"]+)"/g);
    const names = [...tests].map(([, found]) => found);
    expect(
      names.some((found) => found.startsWith(name)),
      `${file}: ${name}`,
    ).toBe(true);
  }
});
