// Bad input to the real process: each case says what is wrong, where, and the way out, word for word as its golden file.
// `test/support/golden.ts` says how the files are written anew.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codes } from "../../src/base/codes.ts";
import { errorTypes } from "../../src/base/error-types.ts";
import { quoteForShell } from "../../src/cli/store-place.ts";
import {
  binary,
  type CliResult,
  flowmetal,
  spawnFlowmetal,
  spawnProcess,
  startFlowmetal,
  until,
} from "../support/cli.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";
import { expectGolden, goldenNames, HOST_WORDS, transcript } from "../support/golden.ts";
import { CASES, type Case } from "./bad-input-cases.ts";

/** Processes at a time; each keeps a core busy for most of its life. */
const AT_ONCE = 4;

const base = mkdtempSync(join(tmpdir(), "flowmetal-bad-"));
const results = new Map<string, CliResult>();

beforeAll(async () => {
  const waiting = Object.entries(CASES);
  const worker = async (number: number): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      results.set(next[0], await run(next[0], next[1], `store-${number}.db`));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, number) => worker(number)));
}, 300_000);

afterAll(() => rmSync(base, { recursive: true, force: true }));

/** Runs a case in a folder of its own; the store is one that other cases of the same worker use, one after another. */
function run(name: string, { args, files = {}, input = "" }: Case, store: string): Promise<CliResult> {
  const folder = join(base, name);
  mkdirSync(folder);
  for (const [file, content] of Object.entries(files)) {
    if (content === null) mkdirSync(join(folder, file));
    else writeFileSync(join(folder, file), content);
  }
  const env = name === "bad-config" ? {} : { FLOWMETAL_STORE: join(base, store) };
  return spawnFlowmetal(args, { cwd: folder, env, input }).ended;
}

const typed = ({ args, files = {}, input }: Case): string => {
  const shown = Object.entries(files).flatMap(([file, content]) =>
    typeof content === "string"
      ? [
          `${file}:`,
          ...content
            .trimEnd()
            .split("\n")
            .map((line) => `    ${line}`),
        ]
      : [],
  );
  const from =
    typeof input === "string" && input.length > 0 && input.length < 100 ? ` <<< ${quoteForShell(input)}` : "";
  return [`flowmetal ${args.map(quoteForShell).join(" ")}${from}`, ...shown].join("\n");
};

test.each(Object.entries(CASES))("%s", (name, one) => {
  const result = results.get(name) as CliResult;
  expect(result.stderr).not.toMatch(HOST_WORDS);
  expect({ ...result, stdout: "", stderr: "" }).toEqual({ code: one.exit, signal: null, stdout: "", stderr: "" });
  expectGolden("bad-input", name, transcript(typed(one), result, [[base, "<folder>"]]));
});

test("the codes in the messages are in the table, and there is a golden file for each case and no other", () => {
  for (const { stderr } of results.values()) {
    for (const [, code] of stderr.matchAll(
      /^(?:\S+:\d+:\d+: )?(?:error|warning) .* \[((?:cli|compile|module|read|program|store)\/[^\]]+)\]$/gm,
    )) {
      expect([...Object.keys(codes), ...Object.keys(errorTypes)]).toContain(code);
    }
  }
  const others = goldenNames("bad-input").filter((name) => !name.startsWith("store-"));
  expect(others.sort()).toEqual([...Object.keys(CASES), "ambiguous-id", "closed-standard-input"].sort());
});

test("a beginning that several ids have", async () => {
  const options = { cwd: scratchFolder(), env: { FLOWMETAL_STORE: "store.db" } };
  await flowmetal(["eval", "-e", "1"], options);
  await flowmetal(["eval", "-e", "2"], options);
  const result = await flowmetal(["inspect", "0"], options);
  expect(result.code).toBe(6);
  expectGolden("bad-input", "ambiguous-id", transcript("flowmetal inspect 0", result));
});

test("standard input that is closed is an empty script", async () => {
  const command = `exec "${process.execPath}" "${binary}" eval --store memory: - <&-`;
  const result = await spawnProcess("sh", ["-c", command]).ended;
  expect(result.code).toBe(0);
  expectGolden("bad-input", "closed-standard-input", transcript("flowmetal eval --store memory: - <&-", result));
});

test("a warning is given once per program: not again when it goes on", async () => {
  const folder = scratchFolder();
  const options = { cwd: folder, env: { FLOWMETAL_STORE: "store.db" } };
  writeIn(
    folder,
    "a.fm",
    '(ns a (:require [flow.time :as time]))\n(defn f [x] x)\n(defn never [] (f 1 2))\n(println "before")\n(time/sleep 300)\n(println "after")\n',
  );
  const started = startFlowmetal(["eval", "a.fm"], options);
  await until("it waits", () => started.stdout() === "before\n");
  started.child.kill("SIGINT");
  const first = await started.ended;
  const warnings = first.stderr.split("\n").slice(0, 3);
  expect(warnings).toEqual([
    "a.fm:3:16: warning a/f takes 1 argument, but is called with 2 [compile/arity]",
    " 3 | (defn never [] (f 1 2))",
    "   |                ^^^^^^^",
  ]);
  expect(first.stderr.match(/warning/g)).toHaveLength(1);
  expect(await flowmetal(["resume", "@last"], options)).toEqual({
    code: 0,
    signal: null,
    stdout: "after\n",
    stderr: "",
  });
  expect(await flowmetal(["replay", "@last", "--verify"], options)).toMatchObject({ code: 0, stderr: "" });
});

test("under --json a warning stands in the course of events", async () => {
  const { code, stdout, stderr } = await flowmetal([
    "eval",
    "--store",
    "memory:",
    "--json",
    "-e",
    "(defn f [] (get 1))",
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { schema: 1, event: "started" },
    {
      schema: 1,
      event: "warning",
      code: "compile/arity",
      message: "flow.core/get takes 2 or 3 arguments, but is called with 1",
      place: { file: "<forms>", line: 1, column: 12 },
    },
    { schema: 1, event: "ended", status: "done" },
  ]);
});

test("a program that has run its steps goes on with more of them, and its journal tells of it", async () => {
  const options = { cwd: scratchFolder(), env: { FLOWMETAL_STORE: "store.db" } };
  const forms = '(println "before") (loop [n 0] (when (< n 50000) (recur (inc n)))) (println "after")';
  const first = await flowmetal(["eval", "--max-steps", "10000", "-e", forms], options);
  expect(first).toMatchObject({ code: 1, stdout: "before\n" });
  expect(first.stderr).toContain("the program has run the 10000 steps it was given [limit/steps]");
  const again = await flowmetal(["resume", "@last"], options);
  expect(again.stderr).toContain("the program has run the 10000 steps it was given [limit/steps]");
  const little = await flowmetal(["resume", "--max-steps", "20000", "@last"], options);
  expect(little.stderr).toContain("the program has run the 20000 steps it was given [limit/steps]");
  expect(await flowmetal(["resume", "--max-steps", "1000000", "@last"], options)).toEqual({
    code: 0,
    signal: null,
    stdout: "after\n",
    stderr: "",
  });
  expect((await flowmetal(["replay", "@last", "--verify"], options)).code).toBe(0);
});

test("a limit given on the way reaches a computation that was only let go of", async () => {
  const options = { cwd: scratchFolder(), env: { FLOWMETAL_STORE: "store.db" } };
  const looping = startFlowmetal(["eval", "-e", '(println "before") (loop [] (recur))'], options);
  await until("it loops", () => looping.stdout() === "before\n");
  looping.child.kill("SIGINT");
  expect((await looping.ended).code).toBe(130);
  const limited = await flowmetal(["resume", "--max-steps", "10", "@last"], options);
  expect(limited.code).toBe(1);
  expect(limited.stderr).toContain("the program has run the 10 steps it was given [limit/steps]");
  expect((await flowmetal(["replay", "@last", "--verify"], options)).code).toBe(0);
});

test("Ctrl-C ends an endless loop within a second, and resume goes on with it from there", async () => {
  const folder = scratchFolder();
  const options = { cwd: folder, env: { FLOWMETAL_STORE: "store.db" } };
  writeIn(folder, "a.fm", '(println "before")\n(loop [n 0]\n  (recur (inc n)))\n');
  const counts: number[] = [];
  for (const args of [
    ["eval", "a.fm"],
    ["resume", "@last"],
  ]) {
    const looping = startFlowmetal(args, options);
    // The first says when it loops; the second has only its work to show, so it is given a while for it.
    if (args[0] === "eval") await until("it loops", () => looping.stdout() === "before\n");
    else await new Promise((resolve) => setTimeout(resolve, 1500));
    const asked = performance.now();
    looping.child.kill("SIGINT");
    const { code, stderr } = await looping.ended;
    expect(performance.now() - asked).toBeLessThan(1000);
    expect(code).toBe(130);
    expect(stderr).toMatch(/^at rest: (\w+)\ngo on with: flowmetal resume \1\n$/);
    const { tasks } = JSON.parse((await flowmetal(["inspect", "@last", "--json"], options)).stdout);
    counts.push(tasks[0].frames[0].locals.find((local: { name: string }) => local.name === "n").value.value);
  }
  expect(counts[0]).toBeGreaterThan(0);
  expect(counts[1]).toBeGreaterThan(counts[0] as number);
  expect((await flowmetal(["cancel", "@last"], options)).code).toBe(0);
});
