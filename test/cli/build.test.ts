// src/build.mjs and bin/flowmetal on a small checkout of their own: what builds, what does not, several at once.
import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratchFolder, writeIn } from "../support/scratch.ts";
import { root } from "../support/tree.ts";

/** A checkout with the real build script and launcher, and a command line of one line. */
function checkout(): string {
  const folder = scratchFolder();
  for (const name of ["src", "src/cli", "src/data", "src/store/sqlite", "prelude"])
    mkdirSync(join(folder, name), { recursive: true });
  cpSync(join(root, "bin"), join(folder, "bin"), { recursive: true });
  const scripts = ["build.mjs", "build-packages.mjs", "load.cjs", "evaluation.cjs", "store/sqlite/node-worker.cjs"];
  for (const name of scripts.map((script) => `src/${script}`)) cpSync(join(root, name), join(folder, name));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  writeIn(folder, "package.json", '{ "type": "module" }');
  writeIn(folder, "prelude/core.fm", "; nothing");
  writeIn(folder, "src/data/zones.txt", "");
  say(folder, "one");
  return folder;
}

function say(folder: string, word: string): void {
  writeIn(
    folder,
    "src/cli/main.ts",
    `export const main = (argv: string[]): void => console.log("${word}", ...argv);\n`,
  );
}

function node(folder: string, ...args: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
}

const build = (folder: string) => node(folder, "src/build.mjs");
const flowmetal = (folder: string, ...args: string[]) => node(folder, "bin/flowmetal", ...args);
const builds = (folder: string) => readdirSync(join(folder, "dist")).filter((name) => name !== "main.cjs");

test("a build makes bin/flowmetal work, silently", () => {
  const folder = checkout();
  expect(build(folder)).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect(flowmetal(folder, "a", "b").stdout).toBe("one a b\n");
  expect(builds(folder)).toHaveLength(1);
});

test("nothing is done, and esbuild is not needed, while the inputs are the same", () => {
  const folder = checkout();
  build(folder);
  const launcher = join(folder, "dist", "main.cjs");
  const before = statSync(launcher).mtimeMs;
  rmSync(join(folder, "node_modules"));
  expect(build(folder)).toMatchObject({ status: 0, stderr: "" });
  expect(statSync(launcher).mtimeMs).toBe(before);
});

test.each([
  ["a source", "src/cli/main.ts", 'export const main = (): void => console.log("two");\n'],
  ["the prelude", "prelude/core.fm", "; something"],
  ["package.json", "package.json", '{ "type": "module", "version": "2.0.0" }'],
])("a change of %s makes another build, beside the old one that may be running", (_, path, content) => {
  const folder = checkout();
  build(folder);
  writeIn(folder, path, content);
  expect(build(folder).status).toBe(0);
  expect(builds(folder)).toHaveLength(2);
});

test("builds older than a day are removed by the next one", () => {
  const folder = checkout();
  build(folder);
  const old = join(folder, "dist", builds(folder)[0]);
  const twoDaysAgo = Date.now() / 1000 - 2 * 86_400;
  utimesSync(old, twoDaysAgo, twoDaysAgo);
  say(folder, "two");
  build(folder);
  expect(builds(folder)).toHaveLength(1);
  expect(flowmetal(folder).stdout).toBe("two\n");
});

test("several builds at once all succeed and leave one", async () => {
  const folder = checkout();
  const codes = await Promise.all(
    Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, ["src/build.mjs"], { cwd: folder, stdio: "ignore" });
      return new Promise((resolve) => child.on("close", resolve));
    }),
  );
  expect(codes).toEqual([0, 0, 0, 0]);
  expect(builds(folder)).toHaveLength(1);
  expect(flowmetal(folder).stdout).toBe("one\n");
});

test("a source that cannot be built is named, and the old build stands", () => {
  const folder = checkout();
  build(folder);
  writeIn(folder, "src/cli/main.ts", "export const main = (;\n");
  const { status, stderr } = build(folder);
  expect(status).toBe(1);
  expect(stderr).toContain("flowmetal could not be built");
  expect(stderr).toContain("src/cli/main.ts:1:");
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(flowmetal(folder).stdout).toBe("one\n");
  expect(builds(folder)).toHaveLength(1);
});

test("the image builder runs on the build it belongs to, and its failure fails the build", () => {
  const folder = checkout();
  mkdirSync(join(folder, "src/module"));
  const builder = (body: string) =>
    `import { writeFileSync } from "node:fs";\nexport const writeImage = (root: string, folder: string) => ${body};\n`;
  writeIn(folder, "src/module/build-image.ts", builder('writeFileSync(folder + "/image.json", "{}")'));
  expect(build(folder).status).toBe(0);
  expect(readFileSync(join(folder, "dist", builds(folder)[0], "image.json"), "utf8")).toBe("{}");
  writeIn(folder, "src/module/build-image.ts", builder('{ throw new Error("core.fm is wrong"); }'));
  const { status, stderr } = build(folder);
  expect(status).toBe(1);
  expect(stderr).toBe("flowmetal could not be built.\ncore.fm is wrong\n");
  expect(builds(folder)).toHaveLength(1);
});

test("without a build, the launcher says what to do", () => {
  const { status, stdout, stderr } = flowmetal(checkout(), "ps");
  expect(status).toBe(70);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^flowmetal: is not built yet \(dist\/ is missing\)\. Run `npm install` in \S+ once\.\n$/);
});

test("the launcher is executable, and refuses an old Node by name", () => {
  expect(statSync(join(root, "bin/flowmetal")).mode & 0o111).toBe(0o111);
  const folder = checkout();
  build(folder);
  const old = 'Object.defineProperty(process.versions, "node", { value: "18.20.4" });\n';
  writeIn(folder, "old.cjs", old);
  const { status, stderr } = node(folder, "--require", "./old.cjs", "bin/flowmetal", "ps");
  expect(status).toBe(70);
  expect(stderr).toBe("flowmetal: needs Node 20.19 or newer; this is Node 18.20.4.\n");
});
