// docs/benchmarks.md names the parts of `npm run bench:engine` that there are.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, text } from "../support/tree.ts";

const page = text("docs/benchmarks.md");

test("the page has a row for each part", () => {
  const args = [join(root, "test/bench/run-engine.mjs"), "--part", "nothing"];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(status).toBe(2);
  const [, listed] = /there are (.*)/.exec(stderr) as RegExpExecArray;
  const rows = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(rows).toEqual(listed.trim().split(", "));
});

test("the commands of the page are in package.json", () => {
  const { scripts } = JSON.parse(text("package.json")) as { scripts: Record<string, string> };
  const commands = [...page.matchAll(/^npm run ([\w:]+)/gm)].map(([, name]) => name);
  expect(commands.length).toBeGreaterThan(3);
  expect(commands.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});
