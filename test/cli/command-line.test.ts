// The table of commands through commander: help, help as data, wrong command lines, the shebang form.
import { expect, test } from "vitest";
import { commandNames } from "../../src/cli/command-names.ts";
import { parse } from "../../src/cli/commander.ts";
import { commands } from "../../src/cli/commands.ts";
import { EXIT_MEANINGS } from "../../src/cli/exit.ts";
import { runCommandLine } from "../../src/cli/main.ts";
import { surroundings } from "../support/surroundings.ts";

async function say(...argv: string[]) {
  const world = surroundings({});
  const code = await runCommandLine(argv, world);
  return { code, stdout: world.stdout.text, stderr: world.stderr.text };
}

const parsed = (...argv: string[]) => {
  const request = parse(argv, "1.2.3");
  if (request.kind !== "run") throw new Error(`${request.kind} instead of run: ${JSON.stringify(request)}`);
  return { name: request.row.name, args: request.args, options: request.options };
};

test("the table has exactly the commands there are, with examples and exit codes that have a meaning", () => {
  expect(commands.map(({ name }) => name)).toEqual([...commandNames]);
  for (const { name, examples, exits } of commands) {
    expect(examples.length, name).toBeGreaterThan(0);
    for (const [command] of examples) expect(command).toContain(`flowmetal ${name}`);
    for (const code of exits) expect(EXIT_MEANINGS[code], `${name} ${code}`).toBeDefined();
  }
});

test.each(commands.map(({ name }) => name))("the module of %s has a run function", async (name) => {
  const row = commands.find((row) => row.name === name);
  expect(typeof (await row?.load())?.run).toBe("function");
});

test("flowmetal FILE is flowmetal eval FILE", () => {
  expect(parsed("report.fm", "a", "--json")).toEqual(parsed("eval", "report.fm", "a", "--json"));
  expect(parsed("report.fm", "a", "--json")).toEqual({ name: "eval", args: ["report.fm", "a", "--json"], options: {} });
  expect(parsed("-e", "1")).toEqual({ name: "eval", args: [], options: { eval: "1" } });
});

test("--store and --json may stand before the command or behind it", () => {
  const expected = { name: "ps", args: [], options: { store: "x.db", json: true } };
  expect(parsed("--store", "x.db", "--json", "ps")).toEqual(expected);
  expect(parsed("ps", "--store", "x.db", "--json")).toEqual(expected);
  expect(parsed("--store", "x.db", "report.fm").options).toEqual({ store: "x.db" });
});

test("numbers are whole numbers", () => {
  expect(parsed("eval", "--max-steps", "1_000", "x").options).toEqual({ maxSteps: 1000 });
  expect(parse(["eval", "--max-steps", "many", "x"], "")).toMatchObject({ kind: "wrong" });
  expect(parse(["eval", "--max-steps", "-1", "x"], "")).toMatchObject({ kind: "wrong" });
});

test("help goes to standard output, with examples and exit codes", async () => {
  const { code, stdout, stderr } = await say("resume", "--help");
  expect(code).toBe(0);
  expect(stderr).toBe("");
  expect(stdout).toContain("flowmetal resume @last");
  expect(stdout).toMatch(/^ {2}130 {2}stopped by Ctrl-C/m);
  expect((await say("--help")).stdout).toMatch(/^ {2}ps .*list programs/m);
  expect((await say("help", "ps")).stdout).toContain("flowmetal ps");
});

test("help as data is the table", async () => {
  const { code, stdout } = await say("--help", "--json");
  expect(code).toBe(0);
  const { schema, commands: described } = JSON.parse(stdout);
  expect(schema).toBe(1);
  expect(described.map((row: { name: string }) => row.name)).toEqual([...commandNames]);
  const one = JSON.parse((await say("eval", "--json", "--help")).stdout);
  expect(one.commands).toHaveLength(1);
  expect(one.commands[0].exits).toContainEqual({ code: 65, meaning: EXIT_MEANINGS[65] });
});

test("the version is that of the package", async () => {
  expect((await say("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("without arguments the help goes to standard error", async () => {
  const { code, stdout, stderr } = await say();
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain("Usage: flowmetal");
});

test.each([
  [["ps", "--limt", "3"], "--limit"],
  [["inspect"], "id"],
  [["ps", "x"], "argument"],
  [["eval"], "nothing to run"],
  [["ps", "--status", "wating"], "waiting"],
])("%j is refused as wrong usage, with a way out", async (argv, word) => {
  const { code, stdout, stderr } = await say(...argv);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain("cli/usage");
  expect(stderr).toContain(word);
  expect(stderr).not.toMatch(/\n\s+at /);
});

test("a mistyped command is taken for a file, and the message knows", async () => {
  const { code, stderr } = await say("isnpect", "x");
  expect(code).toBe(3);
  expect(stderr).toContain("there is no file isnpect");
  expect(stderr).toContain("inspect");
});

test("errors are data under --json", async () => {
  const { code, stdout, stderr } = await say("eval", "--json", "/nowhere/x.fm");
  expect(code).toBe(3);
  expect(stdout).toBe("");
  expect(JSON.parse(stderr)).toMatchObject({ schema: 1, error: { code: "cli/no-such-file" } });
});
