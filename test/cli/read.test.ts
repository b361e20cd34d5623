// read and explain: commands that need no store.
import { expect, test } from "vitest";
import { codes } from "../../src/base/codes.ts";
import { errorTypes } from "../../src/base/error-types.ts";
import { readExplanations } from "../../src/cli/errors-doc.ts";
import { runCommandLine } from "../../src/cli/main.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";
import { surroundings } from "../support/surroundings.ts";

async function say(input: string, ...argv: string[]) {
  const world = surroundings({ input, cwd: scratchFolder() });
  const code = await runCommandLine(argv, world);
  return { code, stdout: world.stdout.text, stderr: world.stderr.text };
}

test("read --forms prints the forms as the reader sees them", async () => {
  expect(await say("'a ; comment\n#(+ 0x10 %)\n[1,\n 2]", "read", "--forms", "-")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\(quote a\)\n\(fn \[\S+\] \(\+ 16 \S+\)\)\n\[1 2\]\n$/),
    stderr: "",
  });
});

test("read without --forms only says whether a text can be read", async () => {
  expect(await say("(+ 1 2)", "read", "-")).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("read shows every problem with its place, the line and a caret", async () => {
  const { code, stdout, stderr } = await say("(a {:b})\n\n  (c 1x)\n", "read", "-");
  expect({ code, stdout }).toEqual({ code: 65, stdout: "" });
  expect(stderr).toMatch(/^<stdin>:1:5: error .*\[read\/odd-map\]$/m);
  expect(stderr).toMatch(/^<stdin>:3:6: error .*\[read\/number\]$/m);
  expect(stderr).toMatch(/^ 3 \| {3}\(c 1x\)\n {3}\| {6}\^\^$/m);
});

test("problems are data under --json", async () => {
  const { stderr } = await say("(a {:b})\n(c 1x)", "read", "--json", "-");
  const { error } = JSON.parse(stderr);
  expect(error.code).toBe("read/odd-map");
  expect(error.problems).toHaveLength(2);
  expect(error.problems[1]).toMatchObject({ code: "read/number", place: { file: "<stdin>", line: 2, column: 4 } });
});

test("read --json gives forms with their places", async () => {
  const cwd = scratchFolder();
  const world = surroundings({ cwd });
  writeIn(cwd, "a.fm", "1\n  (b c)");
  expect(await runCommandLine(["read", "--json", "a.fm"], world)).toBe(0);
  expect(JSON.parse(world.stdout.text)).toEqual({
    schema: 1,
    file: "a.fm",
    forms: [
      { text: "1", from: { line: 1, column: 1 }, to: { line: 1, column: 2 } },
      { text: "(b c)", from: { line: 2, column: 3 }, to: { line: 2, column: 8 } },
    ],
  });
});

test("every code can be explained", async () => {
  const explanations = readExplanations();
  for (const code of Object.keys(codes)) expect(explanations.get(code) ?? "", code).toMatch(/\w.*\.$/s);
  const { stdout } = await say("", "explain", "[store/locked]");
  expect(stdout).toBe(`store/locked\n\n${explanations.get("store/locked")}\n`);
  expect(explanations.get("store/unreachable")).not.toContain("## ");
});

test("every type of error can be explained, with its colon or without", async () => {
  const explanations = readExplanations();
  for (const type of Object.keys(errorTypes)) expect(explanations.get(`:${type}`) ?? "", type).toMatch(/\w.*\.$/s);
  const { stdout } = await say("", "explain", ":index");
  expect(stdout).toBe(`:index\n\n${explanations.get(":index")}\n`);
  expect((await say("", "explain", "index")).stdout).toBe(stdout);
});

test("an unknown code is refused with the one that may be meant", async () => {
  const { code, stderr } = await say("", "explain", "store/lokced");
  expect(code).toBe(3);
  expect(stderr).toContain("Did you mean store/locked?");
});
