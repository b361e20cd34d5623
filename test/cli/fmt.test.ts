// flowmetal fmt: files, folders, standard input, --check; what cannot be read or written changes nothing.
import { chmodSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommandLine } from "../../src/cli/main.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";
import { surroundings } from "../support/surroundings.ts";

async function fmt(cwd: string, argv: readonly string[], input = "") {
  const world = surroundings({ input, cwd });
  const code = await runCommandLine(["fmt", ...argv], world);
  return { code, stdout: world.stdout.text, stderr: world.stderr.text };
}

function folder(): string {
  const cwd = scratchFolder();
  mkdirSync(join(cwd, "lib/node_modules"), { recursive: true });
  writeIn(cwd, "good.fm", "(a b)\n");
  writeIn(cwd, "bad.fm", "( a\n b )");
  writeIn(cwd, "lib/c.fm", "[ 1 ]");
  writeIn(cwd, "lib/notes.txt", "[ 1 ]");
  writeIn(cwd, "lib/node_modules/d.fm", "[ 1 ]");
  return cwd;
}

const read = (cwd: string, name: string) => readFileSync(join(cwd, name), "utf8");

test("sets all scripts of the current folder, and lists those it changed", async () => {
  const cwd = folder();
  chmodSync(join(cwd, "bad.fm"), 0o755);
  expect(await fmt(cwd, [])).toEqual({ code: 0, stdout: `bad.fm\n${join("lib", "c.fm")}\n`, stderr: "" });
  expect(read(cwd, "bad.fm")).toBe("(a\n b)\n");
  expect(statSync(join(cwd, "bad.fm")).mode & 0o777).toBe(0o755);
  expect(read(cwd, "lib/c.fm")).toBe("[1]\n");
  expect(read(cwd, "lib/notes.txt") + read(cwd, "lib/node_modules/d.fm")).toBe("[ 1 ][ 1 ]");
  expect(await fmt(cwd, [])).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("--check changes nothing and exits 1", async () => {
  const cwd = folder();
  expect(await fmt(cwd, ["--check", "good.fm", "bad.fm", "bad.fm"])).toEqual({
    code: 1,
    stdout: "bad.fm\n",
    stderr: "",
  });
  expect(read(cwd, "bad.fm")).toBe("( a\n b )");
  expect(await fmt(cwd, ["--check", "good.fm"])).toEqual({ code: 0, stdout: "", stderr: "" });
  const { stdout } = await fmt(cwd, ["--check", "--json", "."]);
  expect(JSON.parse(stdout)).toEqual({ schema: 1, files: 3, changed: ["bad.fm", join("lib", "c.fm")] });
});

test("standard input goes to standard output", async () => {
  expect(await fmt(scratchFolder(), ["-"], "(a\nb)")).toEqual({ code: 0, stdout: "(a\n b)\n", stderr: "" });
  expect(await fmt(scratchFolder(), ["--check", "-"], "(a\nb)")).toEqual({ code: 1, stdout: "-\n", stderr: "" });
});

test("a script that does not read stops everything before anything is written", async () => {
  const cwd = folder();
  writeIn(cwd, "broken.fm", "(a]");
  const { code, stdout, stderr } = await fmt(cwd, ["bad.fm", "broken.fm"]);
  expect({ code, stdout }).toEqual({ code: 65, stdout: "" });
  expect(stderr).toMatch(/^broken\.fm:1:3: error .*\[read\/mismatched\]$/m);
  expect(read(cwd, "bad.fm")).toBe("( a\n b )");
});

test("a file that is not there is refused by name", async () => {
  const { code, stderr } = await fmt(scratchFolder(), ["gone.fm"]);
  expect(code).toBe(3);
  expect(stderr).toContain("there is no file gone.fm");
});
