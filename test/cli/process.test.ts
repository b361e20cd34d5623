// The command line as a process: real scripts on a real store, signals, pipes, exit codes, bad input.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { binary, build, type CliOptions, flowmetal, startFlowmetal, until } from "../support/cli.ts";
import { needPrograms } from "../support/programs.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";

/** A folder with a store of its own, which all commands in it mean. */
function place() {
  const folder = scratchFolder();
  const options: CliOptions = { cwd: folder, env: { FLOWMETAL_STORE: "store.db" } };
  return {
    folder,
    run: (args: string[], more: CliOptions = {}) => flowmetal(args, { ...options, ...more }),
    start: (args: string[]) => startFlowmetal(args, options),
    write: (name: string, content: string | Uint8Array) => writeIn(folder, name, content),
    json: async (args: string[]) => JSON.parse((await flowmetal([...args, "--json"], options)).stdout),
  };
}

const quiet = { signal: null, stderr: "" };

test("-e prints the value of the last form, readably", async () => {
  const { run } = place();
  expect(await run(["eval", "-e", '(println "a") (str "b" 1)'])).toEqual({ ...quiet, code: 0, stdout: 'a\n"b1"\n' });
  expect(await run(["-e", "nil"])).toEqual({ ...quiet, code: 0, stdout: "nil\n" });
});

test("a script prints what it prints; standard input is a script too", async () => {
  const { run, write } = place();
  write("a.fm", "(println 1)\n(+ 1 2)\n");
  expect(await run(["eval", "a.fm"])).toEqual({ ...quiet, code: 0, stdout: "1\n" });
  expect(await run(["eval", "-"], { input: "(println 2)" })).toEqual({ ...quiet, code: 0, stdout: "2\n" });
});

test("a script is run by its shebang line, with its arguments", () => {
  const { folder, write } = place();
  build();
  const script = write("a.fm", "#!/usr/bin/env flowmetal\n(println (vec *args*))\n");
  chmodSync(script, 0o755);
  const bin = join(folder, "bin");
  mkdirSync(bin);
  symlinkSync(binary, join(bin, "flowmetal"));
  const path = [bin, dirname(process.execPath), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH: path, FLOWMETAL_STORE: join(folder, "store.db") };
  const { stdout, stderr, status } = spawnSync(script, ["x", "--json"], { env, encoding: "utf8" });
  expect({ stdout, stderr, status }).toEqual({ stdout: "[x --json]\n", stderr: "", status: 0 });
});

const sleeper = '(ns a (:require [flow.time :as time]))\n(println "before")\n(time/sleep 600)\n(println "after")\n';

test("Ctrl-C leaves the program at rest, and resume goes on with it", async () => {
  const { run, start, write, json } = place();
  write("a.fm", sleeper);
  const process = start(["eval", "a.fm"]);
  await until("it waits", () => process.stdout() === "before\n");
  process.child.kill("SIGINT");
  const { code, stdout, stderr } = await process.ended;
  expect({ code, stdout }).toEqual({ code: 130, stdout: "before\n" });
  const id = /^at rest: (\S+) \(waiting for sleep/.exec(stderr)?.[1];
  expect(stderr).toContain(`go on with: flowmetal resume ${id}\n`);
  expect((await json(["ps"])).programs).toMatchObject([{ id, status: "waiting", running: false, name: "a.fm" }]);
  expect(await run(["resume", id as string])).toEqual({ ...quiet, code: 0, stdout: "after\n" });
  expect((await run(["output", "@last"])).stdout).toBe("before\nafter\n");
});

test("after kill -9 resume goes on too, once the lease is over", async () => {
  const { run, start, write } = place();
  write("a.fm", sleeper);
  const process = start(["eval", "a.fm"]);
  await until("it waits", () => process.stdout() === "before\n");
  process.child.kill("SIGKILL");
  await process.ended;
  const { code, stdout } = await run(["resume", "@last"]);
  expect(code).toBe(0);
  // That "before" was written had not been recorded yet, so it may come again; the store's record is exact (S-24).
  expect(stdout).toMatch(/^(before\n)?after\n$/);
  expect((await run(["output", "@last"])).stdout).toBe("before\nafter\n");
});

test("an endless loop answers Ctrl-C within a second, and goes on when resumed", async () => {
  const { start, json } = place();
  const process = start(["eval", "-e", '(println "go") (loop [n 0] (recur (inc n)))']);
  await until("it runs", () => process.stdout() === "go\n");
  const before = Date.now();
  process.child.kill("SIGINT");
  expect((await process.ended).code).toBe(130);
  expect(Date.now() - before).toBeLessThan(1000);
  expect((await json(["ps"])).programs).toMatchObject([{ status: "ready", running: false }]);
});

test("a program at rest can be looked at: status, frames, locals, journal, replay", async () => {
  const { run, start, write, json } = place();
  write(
    "a.fm",
    '(ns a (:require [flow.time :as time]))\n(defn wait-for [n]\n  (let [doubled (* 2 n)]\n    (time/sleep 60000)\n    doubled))\n(println "before")\n(println (wait-for 21))\n',
  );
  const process = start(["eval", "a.fm"]);
  await until("it waits", () => process.stdout() === "before\n");
  process.child.kill("SIGTERM");
  expect((await process.ended).code).toBe(143);
  const { stdout } = await run(["inspect", "@last"]);
  expect(stdout).toMatch(/waits for sleep/);
  expect(stdout).toMatch(/^ {2}a\/wait-for {2}a\.fm:4:5$/m);
  expect(stdout).toMatch(/^ {6}n +21$/m);
  expect(stdout).toMatch(/^ {6}doubled +42$/m);
  const { tasks } = await json(["inspect", "@last"]);
  const frame = tasks[0].frames.find((frame: { function: string }) => frame.function === "a/wait-for");
  expect(frame).toMatchObject({ place: { file: "a.fm", line: 4, column: 5 } });
  const entries = (await run(["journal", "@last", "--json"])).stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(entries.map(({ position }) => position)).toEqual(entries.map((_, i) => i));
  expect(entries[0]).toMatchObject({ schema: 1, kind: "start" });
  expect((await run(["replay", "@last", "--verify"])).code).toBe(0);
  expect(await json(["replay", "@last", "--verify"])).toMatchObject({ schema: 1, same: true });
});

test("cancel ends a program at rest; then it is over", async () => {
  const { run, start, write, json } = place();
  write("a.fm", sleeper);
  const process = start(["eval", "a.fm"]);
  await until("it waits", () => process.stdout() === "before\n");
  process.child.kill("SIGINT");
  await process.ended;
  const { code, stdout } = await run(["cancel", "@last", "--reason", "no more"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^cancelled \S+\n$/);
  expect((await json(["ps"])).programs).toMatchObject([{ status: "cancelled" }]);
  expect((await run(["cancel", "@last"])).code).toBe(0);
  expect((await run(["resume", "@last"])).code).toBe(7);
});

test("a running program is owned: resume is refused, cancel reaches it", async () => {
  const { run, start, write } = place();
  write("a.fm", sleeper.replace("600", "60000"));
  const process = start(["eval", "a.fm"]);
  await until("it waits", () => process.stdout() === "before\n");
  const refused = await run(["resume", "@last"]);
  expect(refused.code).toBe(6);
  expect(refused.stderr).toContain("program/owned");
  expect((await run(["cancel", "@last"])).code).toBe(0);
  expect((await process.ended).code).toBe(7);
});

test("a fault shows the place, keeps the continuation, and exits 1", async () => {
  const { run, write, json } = place();
  write("a.fm", "(defn f [x]\n  (+ x :a))\n(f 1)\n");
  const { code, stdout, stderr } = await run(["eval", "a.fm"]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("a.fm:2:3: error");
  expect(stderr).toContain("  (+ x :a))");
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(await json(["inspect", "@last"])).toMatchObject({
    program: { status: "faulted" },
    faults: [{ place: { line: 2 } }],
  });
});

test("a script that cannot be read is refused before anything is started", async () => {
  const { run, write, json } = place();
  await run(["eval", "-e", "1"]);
  write("a.fm", '(println "never")\n(defn f [x\n  (+ x 1))\n');
  const { code, stdout, stderr } = await run(["eval", "a.fm"]);
  expect({ code, stdout }).toEqual({ code: 65, stdout: "" });
  expect(stderr).toMatch(/^a\.fm:\d+:\d+: error .*\[read\//m);
  expect((await json(["ps"])).programs).toHaveLength(1);
});

test.each([
  [["eval", "nowhere.fm"], 3, "cli/no-such-file"],
  [["eval", "."], 2, "cli/not-a-file"],
  [["eval", "garbage.fm"], 65, "cli/not-text"],
  [["inspect", "zz"], 3, "program/"],
  [["explain", "store/lokced"], 3, "store/locked"],
  [["eval", "--store", "file.txt", "-e", "1"], 5, "store/not-a-store"],
  [["ps", "--store", "other.db"], 5, "store/missing"],
])("%j is refused with exit code %i", async (args, code, word) => {
  const { run, write } = place();
  write(
    "garbage.fm",
    Uint8Array.from({ length: 300 }, (_, i) => (i * 7) % 256),
  );
  write("file.txt", "some text that is no database, long enough to have a header of one hundred bytes or so".repeat(3));
  await run(["eval", "-e", "1"]);
  const result = await run(args);
  expect(result.code).toBe(code);
  expect(result.stdout).toBe("");
  expect(result.stderr).toContain(word);
  expect(result.stderr).not.toMatch(/^\s+at /m);
});

test("an id may be shortened to a unique beginning", async () => {
  const { run, json } = place();
  await run(["eval", "-e", "1"]);
  const [{ id }] = (await json(["ps"])).programs;
  expect((await json(["inspect", id.slice(0, 20)])).program.id).toBe(id);
  expect((await run(["inspect", id.slice(0, 20), "--store", "memory:"])).code).toBe(2);
});

test.each([
  ["--store", ["--store", "memory:"], {}],
  ["the environment", [], { FLOWMETAL_STORE: "memory:" }],
])("nobody is sent to look for a program in a store that was in memory, named by %s", async (_, flags, env) => {
  const { code, stderr } = await flowmetal(["eval", ...flags, "-e", "(nth [] 1)"], { env });
  expect(code).toBe(1);
  expect(stderr).toContain("the program stopped there; its store was in memory, and is gone\n");
  expect(stderr).not.toContain("flowmetal inspect");
});

test("output into a closed pipe leaves the program at rest", async () => {
  const { start, json } = place();
  const process = start(["eval", "-e", "(loop [n 0] (println n) (recur (inc n)))"]);
  await until("it prints", () => process.stdout() !== "");
  process.child.stdout.destroy();
  const { code, stderr } = await process.ended;
  expect({ code, stderr }).toEqual({ code: 141, stderr: "" });
  expect((await json(["ps"])).programs).toMatchObject([{ status: "ready", running: false }]);
});

test("on a terminal the wait is shown, and nothing of it stays", async (context) => {
  needPrograms(context, "tmux");
  const { folder, write } = place();
  build();
  write("a.fm", sleeper.replace("600", "2500"));
  const tmux = (...args: string[]) =>
    spawnSync("tmux", ["-L", `flowmetal-${process.pid}`, ...args], { encoding: "utf8" });
  const command = `cd ${folder} && FLOWMETAL_STORE=store.db ${process.execPath} ${binary} eval a.fm; echo over; sleep 60`;
  tmux("new-session", "-d", "-x", "100", "-y", "20", "-s", "t", command);
  const screen = () => tmux("capture-pane", "-p", "-t", "t").stdout;
  try {
    await until("the wait is shown", () => /^waiting for sleep \(since \d s/m.test(screen()));
    expect(screen()).toMatch(/^before\nwaiting/);
    await until("it is over", () => screen().includes("over"));
    expect(screen().trimEnd()).toBe("before\nafter\nover");
  } finally {
    tmux("kill-server");
  }
});
