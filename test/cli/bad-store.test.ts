// Stores that cannot be used, with real files and real processes: what is said, and that nothing is lost: once the fault is gone,
// the program that rested in the store goes on and comes to the same end.
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { seededRandom } from "../../src/base/random.ts";
import { SCHEMA } from "../../src/store/sqlite/schema.ts";
import { openSqlite3 } from "../../src/store/sqlite/sqlite3-driver.ts";
import { binary, build, type CliResult, spawnFlowmetal, spawnProcess, until } from "../support/cli.ts";
import { type Changing, expectGolden, goldenNames, HOST_WORDS, transcript } from "../support/golden.ts";
import { root } from "../support/tree.ts";

const base = mkdtempSync(join(tmpdir(), "flowmetal-store-faults-"));
const host = { clock: systemClock, random: seededRandom("bad stores") };
const named = new Set<string>();

/** Waits once; what it prints behind that is the proof that it went on. */
const SCRIPT = `(ns a (:require [flow.time :as time]))
(println "before")
(time/sleep 300)
(println "after")
`;

beforeAll(async () => {
  // Other users must come through, for the test in which one does.
  chmodSync(base, 0o755);
  const folder = join(base, "rested");
  mkdirSync(folder);
  writeFileSync(join(folder, "a.fm"), SCRIPT);
  const run = spawnFlowmetal(["eval", "a.fm"], { cwd: folder, env: { FLOWMETAL_STORE: "store.db" } });
  await until("the program waits", () => run.stdout() === "before\n");
  run.child.kill("SIGINT");
  expect((await run.ended).code).toBe(130);
});

afterAll(() => rmSync(base, { recursive: true, force: true }));

/** A folder of its own with a store in which a program rests; and what to do there. */
function rested(name: string) {
  const folder = join(base, name);
  cpSync(join(base, "rested"), folder, { recursive: true });
  const path = join(folder, "store.db");
  const run = (args: readonly string[], uid?: number): Promise<CliResult> =>
    spawnFlowmetal(args, { cwd: folder, env: { FLOWMETAL_STORE: "store.db" }, ...(uid === undefined ? {} : { uid }) })
      .ended;
  return { folder, path, run };
}

type Place = ReturnType<typeof rested>;

/** Runs a command that must be refused as the golden file `store-NAME` says. */
/** Where the stores of this run lie, and the schema of this engine, which each migration moves. */
const CHANGING: Changing = [
  [base, "<folder>"],
  [`up to schema ${SCHEMA}`, "up to schema <schema>"],
];

async function refused(
  { run }: Pick<Place, "run">,
  name: string,
  args: readonly string[],
  exit = 5,
  uid?: number,
): Promise<void> {
  tell(name, args, await run(args, uid), exit);
}

function tell(name: string, args: readonly string[], result: CliResult, exit: number): void {
  named.add(`store-${name}`);
  expect(result.stderr).not.toMatch(HOST_WORDS);
  expect({ ...result, stderr: "" }).toEqual({ code: exit, signal: null, stdout: result.stdout, stderr: "" });
  expectGolden("bad-input", `store-${name}`, transcript(`flowmetal ${args.join(" ")}`, result, CHANGING));
}

/** The program goes on and comes to its end. */
async function goesOn({ run }: Pick<Place, "run">): Promise<void> {
  expect(await run(["resume", "@last"])).toEqual({ code: 0, signal: null, stdout: "after\n", stderr: "" });
  expect((await run(["output", "@last"])).stdout).toBe("before\nafter\n");
}

/** Runs SQL on a file, as another process would. */
async function sql(path: string, ...statements: readonly string[]): Promise<void> {
  const driver = await openSqlite3({ path, host, patience: 1000 });
  for (const statement of statements) await driver.exec(statement);
  await driver.close();
}

describe.concurrent("a store that", () => {
  test("is a directory, a text, a database of something else, or below a file", async () => {
    const place = rested("not-a-store");
    const { folder } = place;
    const text = "Shopping: pears, apples.\n".repeat(50);
    writeFileSync(join(folder, "notes.txt"), text);
    await sql(join(folder, "other.db"), "CREATE TABLE notes (a)");
    await refused(place, "directory", ["eval", "--store", ".", "-e", "1"]);
    await refused(place, "text", ["eval", "--store", "notes.txt", "-e", "1"]);
    await refused(place, "other-database", ["eval", "--store", "other.db", "-e", "1"]);
    await refused(place, "below-a-file", ["eval", "--store", "notes.txt/store.db", "-e", "1"]);
    await refused(place, "missing", ["ps", "--store", "nowhere.db"]);
    expect(readFileSync(join(folder, "notes.txt"), "utf8")).toBe(text);
    await goesOn(place);
  });

  test("is cut short or overwritten", async () => {
    const place = rested("damaged");
    const { path } = place;
    const whole = readFileSync(path);
    truncateSync(path, Math.floor(whole.length / 3));
    const cut = readFileSync(path);
    await refused(place, "truncated", ["resume", "@last"]);
    expect(readFileSync(path).equals(cut)).toBe(true);
    writeFileSync(path, Buffer.from(whole).fill(0xa5, 200));
    await refused(place, "overwritten", ["resume", "@last"]);
    writeFileSync(path, whole);
    await goesOn(place);
  });

  test("holds a snapshot that somebody changed", async () => {
    const place = rested("tampered");
    const { path } = place;
    const whole = readFileSync(path);
    await sql(path, "UPDATE snapshots SET body = replace(body, '\"k\":[', '\"k\":[9')");
    await refused(place, "tampered", ["resume", "@last"]);
    rmSync(`${path}-wal`, { force: true });
    rmSync(`${path}-shm`, { force: true });
    writeFileSync(path, whole);
    await goesOn(place);
  });

  test("is newer than the engine", async () => {
    const place = rested("newer");
    await sql(place.path, "UPDATE meta SET schema = 99, min_writer = 99, min_reader = 99");
    await refused(place, "newer", ["resume", "@last"]);
    await sql(place.path, `UPDATE meta SET schema = ${SCHEMA}, min_writer = 1, min_reader = 1`);
    await goesOn(place);
  });

  test("may not be written by this user", async () => {
    const place = rested("read-only");
    const { folder, path } = place;
    chmodSync(path, 0o444);
    chmodSync(folder, 0o555);
    // Root may write whatever the bits say: there another user tries.
    const other = process.getuid?.() === 0 ? 65534 : undefined;
    await refused(place, "read-only", ["resume", "@last"], 5, other);
    await refused(place, "read-only-eval", ["eval", "-e", "1"], 5, other);
    chmodSync(folder, 0o755);
    chmodSync(path, 0o644);
    if (other !== undefined) for (const one of [folder, path]) chownSync(one, other, other);
    await goesOn({ run: (args) => place.run(args, other) });
  });

  test("is locked by another process", async () => {
    const place = rested("locked");
    const hold = `const { Database } = require("sqlite3"); const db = new Database(process.argv[1]);
      db.exec("BEGIN EXCLUSIVE", (error) => { console.log(error ? String(error) : "held"); setInterval(() => {}, 1000); });`;
    const holder = spawn(process.execPath, ["-e", hold, place.path], {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const said = await new Promise<string>((resolve) => holder.stdout.on("data", (text) => resolve(String(text))));
      expect(said).toBe("held\n");
      await refused(place, "locked", ["resume", "@last"]);
      // To look is possible meanwhile.
      expect((await place.run(["output", "@last"])).stdout).toBe("before\n");
    } finally {
      holder.kill("SIGKILL");
    }
    await goesOn(place);
  });

  test("hits the limit this user has for files", async () => {
    const { folder, run } = rested("limited");
    writeFileSync(join(folder, "a.fm"), LARGE);
    build();
    const command = `ulimit -f 2600; exec "${process.execPath}" "${binary}" eval a.fm`;
    const options = { cwd: folder, env: { FLOWMETAL_STORE: "store.db" } };
    const result = await spawnProcess("sh", ["-c", command], options).ended;
    tell("file-limit", ["eval", "a.fm"], result, 5);
    const again = await run(["resume", "@last"]);
    expect({ ...again, stdout: again.stdout.length }).toEqual({ code: 0, signal: null, stdout: LENGTH, stderr: "" });
    expect((await run(["output", "@last"])).stdout).toBe(`before\n${again.stdout}`);
  });

  test("lies on a disk that is full", async (context) => {
    const folder = join(base, "full");
    const disk = join(folder, "disk");
    mkdirSync(disk, { recursive: true });
    needMounts(context, disk);
    writeFileSync(join(folder, "a.fm"), LARGE);
    build();
    const flowmetal = `"${process.execPath}" "${binary}"`;
    const command = `mount -t tmpfs -o size=3m none disk || exit 99
      ${flowmetal} eval a.fm >full.out 2>full.err; echo $? >full.code
      mount -o remount,size=64m disk || exit 99
      ${flowmetal} resume @last >more.out 2>more.err; echo $? >more.code
      ${flowmetal} output @last >whole.out`;
    const options = { cwd: folder, env: { FLOWMETAL_STORE: "disk/store.db" } };
    const all = await spawnProcess("unshare", ["-rm", "sh", "-c", command], options).ended;
    expect(all).toEqual({ code: 0, signal: null, stdout: "", stderr: "" });
    const read = (name: string): string => readFileSync(join(folder, name), "utf8");
    const result = {
      code: Number(read("full.code")),
      signal: null,
      stdout: read("full.out"),
      stderr: read("full.err"),
    };
    tell("full", ["eval", "a.fm"], result, 5);
    expect({ code: read("more.code"), stderr: read("more.err"), length: read("more.out").length }).toEqual({
      code: "0\n",
      stderr: "",
      length: LENGTH,
    });
    expect(read("whole.out")).toBe(`before\n${read("more.out")}`);
  });
});

/** Its second turn does not fit where little room is left. */
const LARGE = SCRIPT.replace('(println "after")', '(println (repeat-string 4000000 "x"))\n(println "after")');
const LENGTH = 4_000_000 + "\nafter\n".length;

/** Skips the test, with a note, where the system lets nobody mount a small disk. */
function needMounts(context: TestContext, disk: string): void {
  const { status } = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "-o", "size=64k", "none", disk]);
  if (status === 0) return;
  const note = "for want of the right to mount a tmpfs (unshare -rm)";
  if (process.env.FLOWMETAL_TEST_ALL === "1") throw new Error(`${note}, and FLOWMETAL_TEST_ALL is set`);
  context.skip(note);
}

test("each golden file of a store belongs to a test", () => {
  const files = goldenNames("bad-input").filter((name) => name.startsWith("store-"));
  expect(files.filter((name) => !named.has(name) && name !== "store-full")).toEqual([]);
});
