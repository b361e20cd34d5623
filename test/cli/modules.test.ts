// Modules in real files and a real process: the search path, kill -9 in the middle of a load, files that change or go away.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type CliOptions, flowmetal, startFlowmetal, until } from "../support/cli.ts";
import { scratchFolder } from "../support/scratch.ts";

/** A folder with these files, and a store of its own. */
function place(files: Readonly<Record<string, string>>) {
  const folder = scratchFolder();
  const options: CliOptions = { cwd: folder, env: { FLOWMETAL_STORE: join(folder, "store.db") } };
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  return {
    folder,
    write,
    remove: (...names: string[]) => names.forEach((name) => rmSync(join(folder, name), { recursive: true })),
    run: (args: string[], more: CliOptions = {}) => flowmetal(args, { ...options, ...more }),
    start: (args: string[]) => startFlowmetal(args, options),
    json: async (args: string[]) => JSON.parse((await flowmetal([...args, "--json"], options)).stdout),
  };
}

const HELPERS = '(ns helpers)\n(defn hello [name] (str "hello " name))\n';
const MAIN = '(ns main (:require [helpers :as h]))\n(println (h/hello "you"))\n';

test("beside the script, wherever it is run from; with --path; by flowmetal.json", async () => {
  const { folder, run, write, remove } = place({ "src/main.fm": MAIN, "src/helpers.fm": HELPERS });
  const greeting = { code: 0, stdout: "hello you\n", stderr: "" };
  expect(await run(["src/main.fm"])).toMatchObject(greeting);
  expect(await run([join(folder, "src/main.fm")], { cwd: "/" })).toMatchObject(greeting);
  remove("src/helpers.fm");
  write("lib/helpers.fm", HELPERS);
  expect((await run(["src/main.fm"])).stderr).toContain("looked for src/helpers.fm [module/missing]");
  expect(await run(["eval", "--path", "other", "--path", "lib", "src/main.fm"])).toMatchObject(greeting);
  write("flowmetal.json", '{"path": ["lib"]}');
  expect(await run(["src/main.fm"])).toMatchObject(greeting);
  expect(await run(["eval", "-e", '(require \'helpers) (helpers/hello "me")'])).toMatchObject({
    stdout: '"hello me"\n',
  });
  // The first folder that has it wins.
  write("src/helpers.fm", '(ns helpers)\n(defn hello [_] "nearer")\n');
  expect((await run(["src/main.fm"])).stdout).toBe("nearer\n");
});

test("a module behind a link that leads elsewhere is refused", async () => {
  const { folder, run, remove } = place({ "src/main.fm": MAIN, "outside/helpers.fm": HELPERS });
  symlinkSync(join(folder, "outside/helpers.fm"), join(folder, "src/helpers.fm"));
  expect((await run(["src/main.fm"])).stderr).toContain(
    "src/helpers.fm leads out of the folder it is in [module/outside]",
  );
  remove("src/helpers.fm");
  symlinkSync(join(folder, "outside"), join(folder, "linked"));
  expect((await run(["eval", "--path", "linked", "src/main.fm"])).stdout).toBe("hello you\n");
});

const FIRST = '(ns first-one)\n(println "first")\n(defn one [] 1)\n';
const SECOND = `(ns second-one (:require [flow.time :as time] [third-one :refer [three]]))
(println "second begins")
(time/sleep 600)
(defmacro twice [x] (list '+ x x))
(defn two [] (twice 1))
(println "second ends")
`;
const THIRD = '(ns third-one)\n(println "third")\n(defn three [] 3)\n';
const ALL = `(ns main
  (:require [first-one :refer [one]]
            [second-one :as s]
            [last-one]))
(println (one) (s/two) last-one/four (source-fn 's/two))
`;
const LAST = '(ns last-one)\n(println "last")\n(def four 4)\n';
const FILES = {
  "main.fm": ALL,
  "first-one.fm": FIRST,
  "second-one.fm": SECOND,
  "third-one.fm": THIRD,
  "last-one.fm": LAST,
};
const BEFORE = "first\nthird\nsecond begins\n";
const AFTER = "second ends\nlast\n1 2 4 (defn two [] (twice 1))\n";

test("killed in the middle of a module, a program goes on without its files, and replays exactly", async () => {
  const { run, start, remove, json } = place(FILES);
  const process = start(["main.fm"]);
  await until("the second module waits", () => process.stdout() === BEFORE);
  process.child.kill("SIGKILL");
  await process.ended;
  remove(...Object.keys(FILES));
  const { stdout, stderr, code } = await run(["resume", "@last"]);
  expect({ code, stderr: stderr.replace(/^waiting for the lease.*\n/, "") }).toEqual({ code: 0, stderr: "" });
  expect(stdout.endsWith(AFTER)).toBe(true);
  expect((await run(["output", "@last"])).stdout).toBe(BEFORE + AFTER);
  expect(await json(["replay", "@last", "--verify"])).toMatchObject({ same: true });
});

test("files that change meanwhile change nothing for a program that has begun", async () => {
  const { run, start, write, json } = place(FILES);
  const process = start(["main.fm"]);
  await until("the second module waits", () => process.stdout() === BEFORE);
  process.child.kill("SIGINT");
  await process.ended;
  for (const name of Object.keys(FILES)) write(name, "(this is something else");
  expect((await run(["resume", "@last"])).stdout).toBe(AFTER);
  expect(await json(["replay", "@last", "--verify"])).toMatchObject({ same: true });
  expect((await run(["main.fm"])).code).toBe(65);
});

test("the journal has what was found and what was compiled, by hash, and never a text", async () => {
  const { run } = place(FILES);
  await run(["main.fm"]);
  const entries = (await run(["journal", "@last", "--json"])).stdout.trimEnd().split("\n");
  const bodies = entries.map((line) => JSON.parse(line).body);
  const observations: [string, unknown][] = bodies.flatMap((body) => body.observations ?? []);
  const found = observations.filter(([op]) => op === "modules").map(([, value]) => JSON.stringify(value));
  expect(found.map((value) => [...value.matchAll(/"([a-z-]+\.fm)"/g)].map(([, file]) => file))).toEqual([
    ["first-one.fm"],
    ["second-one.fm", "third-one.fm"],
    ["last-one.fm"],
  ]);
  expect(found.join("")).toMatch(/"[0-9a-f]{64}"/);
  expect(observations.filter(([op]) => op === "compile").length).toBeGreaterThan(12);
  expect(entries.join("")).not.toContain("second begins");
});

test("a module that is missing can be put in its place, and the program goes on", async () => {
  const { run, write } = place({ "main.fm": `(println "before")\n${MAIN}` });
  const failed = await run(["main.fm"]);
  expect(failed).toMatchObject({ code: 1, stdout: "before\n" });
  expect(failed.stderr).toContain("main.fm:2:20: error there is no module helpers");
  expect((await run(["resume", "@last"])).stderr).toContain("there is no module helpers");
  write("helpers.fm", "(ns helper)\n");
  expect((await run(["resume", "@last"])).stderr).toContain("helpers.fm:1:1: error helpers.fm was required as helpers");
  write("helpers.fm", HELPERS);
  expect(await run(["resume", "@last"])).toMatchObject({ code: 0, stdout: "hello you\n", stderr: "" });
  expect((await run(["replay", "@last", "--verify"])).code).toBe(0);
});

test(":reload reads the file again, and the old text still belongs to what came from it", async () => {
  const { run, start, write } = place({
    "main.fm": `(ns main (:require [flow.time :as time] [part :as p]))
(def old p/f)
(println (p/f) (source-fn p/f))
(time/sleep 700)
(require 'part :reload)
(println (p/f) (source-fn p/f) (old) (source-fn old))
`,
    "part.fm": "(ns part)\n(defn f [] :one)\n",
  });
  const process = start(["main.fm"]);
  await until("it waits", () => process.stdout() === ":one (defn f [] :one)\n");
  write("part.fm", "(ns part)\n\n(defn f [] :two)\n");
  const { stdout, code } = await process.ended;
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: ":one (defn f [] :one)\n:two (defn f [] :two) :one (defn f [] :one)\n",
  });
  expect((await run(["replay", "@last", "--verify"])).code).toBe(0);
});

test("a text that is evaluated is kept like a file: killed in it, a program goes on", async () => {
  const { start, run, json } = place({
    "main.fm": `(ns main (:require [flow.time :as time]))
(println "before")
(println (load-string "(defmacro twice [x] (list 'do x x)) (flow.time/sleep 600) (twice (println 1)) (+ 1 1)"))
(println (eval '(do (flow.time/sleep 1) (source-fn (fn [x] x)))))
`,
  });
  const process = start(["main.fm"]);
  await until("it waits", () => process.stdout() === "before\n");
  process.child.kill("SIGKILL");
  await process.ended;
  const { stdout } = await run(["resume", "@last"]);
  expect(stdout.replace(/^before\n/, "")).toBe("1\n1\n2\n(fn [x] x)\n");
  expect(await json(["replay", "@last", "--verify"])).toMatchObject({ same: true });
});

test("files of a folder called lib or prelude are the user's own, in traces and waits", async () => {
  const { run, start } = place({
    "lib/part.fm": "(ns part)\n(defn f [x] (+ 1 x))\n",
    "lib/main.fm": "(ns main (:require [part]))\n(part/f :a)\n",
    "prelude/wait.fm": "(println 1)\n(flow.time/sleep 60000)\n",
  });
  const { stderr } = await run(["lib/main.fm"]);
  expect(stderr).toContain("lib/part.fm:2:13: error + takes numbers");
  expect(stderr).toContain("  in a top-level form  lib/main.fm:2:1");
  const process = start(["prelude/wait.fm"]);
  await until("it waits", () => process.stdout() === "1\n");
  process.child.kill("SIGINT");
  await process.ended;
  expect((await run(["inspect", "@last"])).stdout).toMatch(/waits for sleep .* at prelude\/wait\.fm:2:1/);
});

test("flowmetal test finds modules as the script would", async () => {
  const { run } = place({
    "flowmetal.json": '{"path": ["src"]}',
    "src/part.fm": "(ns part)\n(defn half [x] (/ x 2))\n",
    "test/part-test.fm":
      "(ns part-test (:require [flow.test :refer [deftest is]] [part :as p]))\n(deftest halves (is (= 2 (p/half 4))))\n",
  });
  expect((await run(["test"])).stdout).toMatch(/^tests: 1, 0 failed; checks: 1, 0 failed/);
});
