// docs/tools.md: the keys it lists are those that the commands print.
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { build, flowmetal } from "../support/cli.ts";
import { scratchFolder } from "../support/scratch.ts";
import { text } from "../support/tree.ts";

const page = text("docs/tools.md");

/** The names in backquotes of the first column of a table's rows that begin so. */
function keys(section: string, row: RegExp): string[] {
  return [...section.matchAll(row)].flatMap(([, names]) =>
    [...(names as string).matchAll(/`([^`]+)`/g)].map(([, name]) => name as string),
  );
}

async function json(...args: readonly string[]): Promise<Record<string, unknown>> {
  build();
  const { stdout } = await flowmetal([...args, "--json"]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

test("check prints the keys of its table", async () => {
  const script = `${scratchFolder()}/wrong.fm`;
  writeFileSync(script, "(defmacro one [x] x)\n(one 1 2)\n");
  const report = await json("check", script);
  const [problem] = report.problems as [Record<string, unknown>];
  const [note] = problem.notes as [Record<string, unknown>];
  const section = page.slice(page.indexOf("## flowmetal check"), page.indexOf("## flowmetal doc"));
  const told = keys(section, /^\| ((?:`\w+` ?)+) \|/gm);
  expect(told).toEqual([...Object.keys(report), ...Object.keys(problem)]);
  expect(Object.keys(note)).toEqual(["message", "file", "line", "column", "end"]);
});

test.each([
  ["doc", ["doc", "flow.saga"]],
  ["apropos", ["apropos", "saga"]],
  ["source", ["source", "mapv"]],
])("%s prints the keys of its row", async (command, args) => {
  const report = await json(...args);
  const [, key, told] = new RegExp(`^\\| \`${command}\` \\| \`(\\w+)\` \\| objects with (.*) \\|$`, "m").exec(
    page,
  ) as RegExpExecArray;
  expect(Object.keys(report)).toEqual(["schema", "query", key]);
  const [entry] = report[key as string] as Record<string, unknown>[];
  const names = [...(told as string).replace(/\([^)]*\)/g, "").matchAll(/`(\w+)`/g)].map(([, name]) => name as string);
  expect(Object.keys(entry as object).sort()).toEqual(names.filter((name) => name !== "apropos").sort());
});

test("doc of an error says what to ask explain for", async () => {
  expect(await json("doc", ":index")).toEqual({ schema: 1, query: ":index", entries: [], explain: ":index" });
});
