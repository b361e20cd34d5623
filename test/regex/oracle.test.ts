// Random patterns are matched as Java's and Python's own matchers did (test/regex/oracle.ts wrote down what they answered).
import { expect, test } from "vitest";
import { text } from "../support/tree.ts";
import { all, compile, run, type Spans } from "./support.ts";

type Case = readonly [pattern: string, text: string, found: Spans[], whole: Spans | null, comparable: number[]];

for (const [name, prefix] of [
  ["java", ""],
  ["python", "(?p)"],
] as const) {
  test(`what ${name} answers`, () => {
    const lines = text(`test/golden/regex-${name}.jsonl`).trim().split("\n");
    const wrong = lines.filter((line) => {
      const [pattern, subject, found, whole, comparable] = JSON.parse(line) as Case;
      const pick = (spans: Spans) => comparable.map((group) => spans[group]);
      const program = compile(prefix + pattern);
      const all6 = all(program, subject, 6).map(pick);
      const entire = run(program, subject, { whole: true }).spans;
      const ours = JSON.stringify([all6, entire === null ? null : pick(entire)]);
      return ours !== JSON.stringify([found.map(pick), whole === null ? null : pick(whole)]);
    });
    expect(wrong).toEqual([]);
    expect(lines.length).toBeGreaterThan(500);
  });
}
