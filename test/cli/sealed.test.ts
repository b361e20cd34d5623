// Sealed stores as people use them: with real files and processes, the keys in a file.
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { openClient } from "../../src/client/open.ts";
import { sha256 } from "../../src/base/hash.ts";
import { BODY_TABLE_NAMES, type BodyPage } from "../../src/store/bodies.ts";
import { openStore } from "../../src/store/open.ts";
import { openPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import type { Run } from "../../src/client/client.ts";
import type { Wait } from "../../src/journal/status.ts";
import type { Store } from "../../src/store/store.ts";
import { sealedWith } from "../../src/store/sealed/form.ts";
import { readKeys } from "../../src/store/sealed/keys.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { defaultDriver, openDriver } from "../../src/store/sqlite/open-driver.ts";
import { newSchema, postgresUrl, sql, withQuery } from "../support/postgres/shared.ts";
import { flowmetal, startFlowmetal, until } from "../support/cli.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";
import { root } from "../support/tree.ts";

const SECRET = "kaffeesatz-7719";
const host = { clock: systemClock, random: systemRandom };

/** It has the secret in its text, variables, output and a message that never comes; then it sleeps, and ends with a fault. */
const SCRIPT = `(ns secretive (:require [flow.time :as time]))
(def password (atom ["${SECRET}"]))
(println "using" (first (deref password)))
(defn use-it [secret] (time/sleep 400) (str secret "!"))
(def used (use-it (first (deref password))))
(println "used" used)
(throw (error :odd (str "wrong: " used)))
`;

interface Place {
  readonly folder: string;
  readonly keys: string;
  run(args: readonly string[], env?: Readonly<Record<string, string | undefined>>): ReturnType<typeof flowmetal>;
}

/** A folder with a key and a store of its own, which the environment names. */
async function place(): Promise<Place> {
  const folder = scratchFolder();
  const env = { FLOWMETAL_STORE: "s.db", FLOWMETAL_KEY_FILE: "keys.txt" };
  const run: Place["run"] = (args, added = {}) => flowmetal(args, { cwd: folder, env: { ...env, ...added } });
  const made = await run(["store", "key", "keys.txt"]);
  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^keys\.txt: key [0-9a-f]{12}\n$/) });
  return { folder, keys: join(folder, "keys.txt"), run };
}

/** All that lies in the files of a store. */
function bytesOf(folder: string, name = "s.db"): string {
  const files = readdirSync(folder).filter((file) => file.startsWith(name));
  return files.map((file) => readFileSync(join(folder, file), "latin1")).join("\n");
}

test("what a program knows is in no file of the store, in no backup and no export; with the key everything works", {
  timeout: 90_000,
}, async () => {
  const { folder, keys, run } = await place();
  expect(statSync(keys).mode & 0o777).toBe(0o600);
  writeIn(folder, "secretive.fm", SCRIPT);
  // It is killed while it sleeps: the -wal file is as it was.
  const first = startFlowmetal(["eval", "secretive.fm"], {
    cwd: folder,
    env: { FLOWMETAL_STORE: "s.db", FLOWMETAL_KEY_FILE: "keys.txt" },
  });
  await until("it sleeps", () => first.stdout().includes("using"));
  first.child.kill("SIGKILL");
  await first.ended;
  expect(readdirSync(folder)).toContain("s.db-wal");
  expect(bytesOf(folder)).not.toContain(SECRET);
  expect((await run(["resume", "@last"])).stderr).toContain(`wrong: ${SECRET}!`);
  expect(bytesOf(folder)).not.toContain(SECRET);

  // Nothing can be read or written without the key, or with another.
  await run(["store", "key", "other.txt"]);
  for (const env of [{ FLOWMETAL_KEY_FILE: undefined }, { FLOWMETAL_KEY_FILE: "other.txt" }]) {
    for (const args of [
      ["ps"],
      ["inspect", "@last"],
      ["eval", "secretive.fm"],
      ["resume", "@last"],
      ["store", "check"],
    ]) {
      const refused = await run(args, env);
      expect(refused).toMatchObject({ code: 5, stdout: "" });
      expect(refused.stderr).toContain("[store/sealed]");
      expect(refused.stderr).toContain("FLOWMETAL_KEY_FILE");
    }
  }

  // Everything works with it.
  expect((await run(["ps"])).stdout).toContain("faulted");
  expect((await run(["inspect", "@last"])).stdout).toContain(SECRET);
  expect((await run(["journal", "@last", "--json"])).stdout).toContain(SECRET);
  expect((await run(["output", "@last"])).stdout).toBe(`using ${SECRET}\nused ${SECRET}!\n`);
  expect(await run(["replay", "@last", "--verify"])).toMatchObject({ code: 0 });
  expect(await run(["store", "check"])).toMatchObject({ code: 0, stdout: "no damage\n" });
  expect(await run(["gc"])).toMatchObject({ code: 0 });

  // A backup is a copy of what is sealed.
  expect(await run(["store", "backup", "monday.db"])).toMatchObject({ code: 0 });
  expect(bytesOf(folder, "monday.db")).not.toContain(SECRET);
  expect((await run(["ps", "--store", "monday.db"], { FLOWMETAL_KEY_FILE: undefined })).stderr).toContain(
    "[store/sealed]",
  );
  expect(await run(["store", "adopt", "--store", "monday.db"])).toMatchObject({ code: 0 });
  expect((await run(["inspect", "@last", "--store", "monday.db"])).stdout).toContain(SECRET);
  expect(await run(["store", "check", "--store", "monday.db"])).toMatchObject({ code: 0 });

  // So is a file that programs leave in; unless that is asked for.
  expect(await run(["export", "--copy", "@last", "-o", "plain.jsonl", "--plain"])).toMatchObject({ code: 0 });
  expect(readFileSync(join(folder, "plain.jsonl"), "utf8")).toContain(SECRET);
  expect(await run(["export", "@last", "-o", "trip.jsonl"])).toMatchObject({ code: 0 });
  expect(readFileSync(join(folder, "trip.jsonl"), "utf8")).not.toContain(SECRET);
  const without = await run(["import", "trip.jsonl", "--store", "b.db"], { FLOWMETAL_KEY_FILE: undefined });
  expect(without).toMatchObject({ code: 5, stderr: expect.stringContaining("[store/sealed]") });
  expect(await run(["import", "trip.jsonl", "--store", "b.db"])).toMatchObject({ code: 0 });
  expect((await run(["inspect", "@last", "--store", "b.db"])).stdout).toContain(SECRET);
  expect(await run(["replay", "@last", "--verify", "--store", "b.db"])).toMatchObject({ code: 0 });
  expect(bytesOf(folder, "b.db")).not.toContain(SECRET);

  // A plain store takes it from the plain file, and is not opened with the key.
  expect(await run(["import", "plain.jsonl", "--store", "c.db"], { FLOWMETAL_KEY_FILE: undefined })).toMatchObject({
    code: 0,
  });
  expect(bytesOf(folder, "c.db")).toContain(SECRET);
  const plain = await run(["ps", "--store", "c.db"]);
  expect(plain).toMatchObject({ code: 5, stderr: expect.stringContaining("[store/not-sealed]") });
});

test("a sealed export that was changed, cut short or put together anew is refused", { timeout: 60_000 }, async () => {
  const { folder, run } = await place();
  await run(["eval", "-e", "(def secret 7) (throw (error :odd secret))"]);
  await run(["export", "--copy", "@last", "-o", "a.jsonl"]);
  const lines = readFileSync(join(folder, "a.jsonl"), "utf8").trimEnd().split("\n");
  const swapped = [lines[0], lines[2], lines[1], ...lines.slice(3)];
  const wrong = [
    lines.slice(0, -1),
    lines.slice(0, 3),
    [lines[0]],
    swapped,
    [lines[0], ...lines.slice(2)],
    [...lines, lines[1]],
    lines.map((line, i) => (i === 4 ? line.replace(/...."$/, 'AAAA"') : line)),
    [lines[0].replace(/"salt":"./, '"salt":"z'), ...lines.slice(1)],
    ['{"flowmetal":"sealed-export",', ...lines.slice(1)],
    [lines[0].replace('"format":1', '"format":"1"'), ...lines.slice(1)],
  ];
  for (const [i, text] of wrong.entries()) {
    writeFileSync(join(folder, "b.jsonl"), `${text.join("\n")}\n`);
    const refused = await run(["import", "b.jsonl", "--store", "b.db"]);
    expect(refused, String(i)).toMatchObject({ code: 65, stderr: expect.stringContaining("[move/bad-file]") });
  }
  writeFileSync(join(folder, "b.jsonl"), [lines[0].replace('"format":1', '"format":2'), ...lines.slice(1)].join("\n"));
  expect((await run(["import", "b.jsonl", "--store", "b.db"])).stderr).toContain("[move/newer-file]");
  expect(await run(["import", "a.jsonl", "--store", "b.db"])).toMatchObject({ code: 0 });
});

test("keys come from the environment, a file or flowmetal.json, and are refused by name if they are none", {
  timeout: 60_000,
}, async () => {
  const { folder, keys, run } = await place();
  const key = readFileSync(keys, "utf8").trim();
  const none = { FLOWMETAL_KEY_FILE: undefined };
  expect(await run(["eval", "-e", "1"], { ...none, FLOWMETAL_KEY: key })).toMatchObject({ code: 0 });
  expect(await run(["ps"])).toMatchObject({ code: 0 });
  writeIn(folder, "flowmetal.json", '{ "encryption": "keys.txt" }');
  expect(await run(["ps"], none)).toMatchObject({ code: 0 });
  const refused = async (env: Record<string, string | undefined>) => {
    const { code, stderr } = await run(["ps"], env);
    expect(stderr).not.toContain("hunter2");
    return [code, /\[(.*?)\]/.exec(stderr)?.[1]];
  };
  expect(await refused({ FLOWMETAL_KEY_FILE: "missing.txt" })).toEqual([2, "seal/bad-key"]);
  expect(await refused({ ...none, FLOWMETAL_KEY: "hunter2" })).toEqual([2, "seal/bad-key"]);
  writeIn(folder, "flowmetal.json", `{ "encryption": "${key}" }`);
  expect(await refused(none)).toEqual([2, "cli/config"]);
  const wrongly = await run(["store", "key"]);
  expect(wrongly).toMatchObject({ code: 2 });
  expect(await run(["store", "rotate", "file"])).toMatchObject({ code: 2 });
  writeIn(folder, "notes.txt", "hunter2\n");
  const other = await run(["store", "key", "notes.txt"]);
  expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining("[seal/bad-key]") });
  expect(readFileSync(join(folder, "notes.txt"), "utf8")).toBe("hunter2\n");
});

test("every view can be asked of a sealed store: what is sealed is not there, the rest is", {
  timeout: 60_000,
}, async () => {
  const { folder, run } = await place();
  writeIn(folder, "secretive.fm", SCRIPT);
  await run(["eval", "secretive.fm"]);
  const driver = await openDriver(defaultDriver(), {
    path: join(folder, "s.db"),
    readOnly: true,
    host,
    patience: 1000,
  });
  onTestFinished(() => driver.close());
  const views = await driver.all("SELECT name FROM sqlite_schema WHERE type = 'view' AND name LIKE 'flowmetal_v1_%'");
  expect(views.length).toBeGreaterThanOrEqual(11);
  const counts = new Map<string, number>();
  for (const { name } of views) {
    const rows = await driver.all(`SELECT * FROM ${String(name)}`);
    expect(JSON.stringify(rows)).not.toContain(SECRET);
    counts.set(String(name).replace("flowmetal_v1_", ""), rows.length);
  }
  for (const name of ["programs", "journal", "snapshots", "output"]) expect(counts.get(name), name).toBeGreaterThan(0);
  for (const name of ["frames", "locals", "tasks", "refs", "nodes"]) expect(counts.get(name), name).toBe(0);
  expect(await driver.all("SELECT status, name FROM flowmetal_v1_programs")).toEqual([
    { status: "faulted", name: "secretive.fm" },
  ]);
  const [{ body }] = await driver.all("SELECT body ->> '$.turn' AS body FROM flowmetal_v1_journal LIMIT 1");
  expect(body).toBeNull();
});

test("what somebody changed stops its own program, by name, and no other", { timeout: 60_000 }, async () => {
  const { folder, run } = await place();
  writeIn(folder, "nap.fm", `(require '[flow.time :as time]) (time/sleep 1) (println "awake") :done`);
  const start = async () => (await run(["start", "nap.fm"])).stdout.trim();
  const [broken, whole] = [await start(), await start()];
  const store = await openSqliteStore({ path: join(folder, "s.db"), host });
  const rows = await store.readBodies({ table: "journal", after: null, limit: 99 });
  const one = rows.find(({ program }) => program === broken)!;
  const now = { body: one.texts.body!.replace(/.{8}"$/, 'AAAAAAAA"') };
  await store.replaceBodies({ table: "journal", rows: [{ at: one.at, program: broken, was: one.texts, now }] });
  await store.close();
  const serving = startFlowmetal(["serve", "--json"], {
    cwd: folder,
    env: { FLOWMETAL_STORE: "s.db", FLOWMETAL_KEY_FILE: "keys.txt" },
  });
  await until(
    "the sound one is over",
    () => serving.stderr().includes(`"kind":"ended","program":"${whole}"`) || serving.stderr().includes("done"),
  );
  await until("the other is told of", () => serving.stderr().includes("seal"));
  expect(serving.stderr()).toContain(broken);
  serving.child.kill("SIGTERM");
  expect(await serving.ended).toMatchObject({ code: 0 });
  expect((await run(["output", whole])).stdout).toBe("awake\n");
  for (const args of [
    ["inspect", broken],
    ["journal", broken],
    ["replay", broken, "--verify"],
    ["resume", broken],
  ]) {
    const refused = await run(args);
    expect(refused.code, args[0]).not.toBe(0);
    expect(refused.stderr).toContain("[seal/broken]");
    expect(refused.stderr).toContain(broken);
  }
  const check = await run(["store", "check"]);
  expect(check.code).toBe(1);
  expect(check.stdout).toMatch(new RegExp(`^${broken}:0: .*does not open`));
  expect(check.stdout.trim().split("\n")).toHaveLength(1);
});

/** Programs that go on for as long as the rotation may take, each with output in every turn. */
const BUSY = `(require '[flow.time :as time])
(loop [i 0]
  (println "line" i "${SECRET}")
  (time/sleep 20)
  (if (< i 2000) (recur (inc i)) i))
`;

/** The key that the blob with this number in the table is sealed with. */
async function sealedBy(raw: Store, number: number): Promise<string | null> {
  let after: BodyPage["after"] = null;
  for (let left = number; left > 0; left -= 2_000)
    after = (await raw.readBodies({ table: "blobs", after, limit: Math.min(left, 2_000) })).at(-1)!.at;
  const [row] = await raw.readBodies({ table: "blobs", after, limit: 1 });
  return sealedWith(row.texts.body!);
}

/** Waits until something holds that has to be asked for. */
async function untilIt(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await systemClock.sleep(10);
  }
}

const STORES: Readonly<Record<string, (folder: string) => Promise<{ url: string; drop: () => Promise<unknown> }>>> = {
  SQLite: async (folder) => ({ url: join(folder, "s.db"), drop: async () => undefined }),
  PostgreSQL: async () => {
    const [server, schema] = [await postgresUrl(), newSchema()];
    return { url: withQuery(server, { schema }), drop: () => sql(server, `DROP SCHEMA ${schema} CASCADE`) };
  },
};

describe.each(Object.entries(STORES))("on %s", (name, make) => {
  test("keys rotate while programs run, whenever who rotates them is killed; afterwards the old key is not needed", {
    timeout: 120_000,
  }, async () => {
    const { folder, keys, run } = await place();
    const { url, drop } = await make(folder);
    onTestFinished(async () => void (await drop()));
    const env = { FLOWMETAL_STORE: url, FLOWMETAL_KEY_FILE: "keys.txt" };
    const [before] = readKeys(readFileSync(keys, "utf8"), "keys");
    writeIn(folder, "busy.fm", BUSY);
    writeIn(folder, "secretive.fm", SCRIPT);
    expect((await run(["eval", "secretive.fm"], env)).code).toBe(1);
    const id = (await run(["start", "busy.fm"], env)).stdout.trim();
    // So many texts that sealing them anew takes seconds.
    const filling = await openStore({ url, host, folder, keys: readKeys(readFileSync(keys, "utf8"), "keys") });
    const hashes = Array.from({ length: name === "SQLite" ? 10_000 : 4_000 }, (_, i) => sha256(`${i}`));
    for (let i = 0; i < hashes.length; i += 2_000)
      await filling.writeTexts({ blobs: hashes.slice(i, i + 2_000).map((hash) => ({ hash, body: hash })) });
    await filling.close();
    const raw = name === "SQLite" ? await openSqliteStore({ path: url, host }) : await openPostgresStore({ url, host });
    onTestFinished(() => raw.close());
    // A second key, before the first: who is started from now on has both.
    expect((await run(["store", "key", "keys.txt"])).stdout).toContain("before 1 that were there");
    const [after] = readKeys(readFileSync(keys, "utf8"), "keys");
    const serving = startFlowmetal(["serve"], { cwd: folder, env });
    const lines = async () => (await run(["output", id], env)).stdout.split("\n").length;
    await until("it serves", () => serving.stderr() !== "");
    const rotating = () => startFlowmetal(["store", "rotate"], { cwd: folder, env });
    // Killed while it waits, when it has begun, and when it is half done.
    const waiting = rotating();
    await systemClock.sleep(1_500);
    waiting.child.kill("SIGKILL");
    await waiting.ended;
    for (const blob of [0, hashes.length >> 1]) {
      const one = rotating();
      await untilIt("the blob is sealed anew", async () => (await sealedBy(raw, blob)) === after.id);
      one.child.kill("SIGKILL");
      await one.ended;
      expect(await sealedBy(raw, hashes.length - 1)).toBe(before.id);
      expect(serving.child.exitCode).toBeNull();
    }
    const seen = await lines();
    const done = await rotating().ended;
    expect(done.stderr).toBe("");
    expect(done.code).toBe(0);
    expect(done.stdout).toContain(`sealed anew with key ${after.id}\n`);
    expect(done.stdout).toContain(`key ${before.id} is not needed any more`);
    // The program went on all the while, and needs the new key only.
    expect(await lines()).toBeGreaterThan(seen);
    serving.child.kill("SIGTERM");
    expect((await serving.ended).code).toBe(0);
    expect(serving.stderr()).not.toContain("seal");
    writeFileSync(keys, readFileSync(keys, "utf8").split("\n")[0]);
    expect((await run(["replay", id, "--verify"], env)).code).toBe(0);
    expect(await run(["store", "check"], env)).toMatchObject({ code: 0, stdout: "no damage\n" });
    if (name === "SQLite") expect(await keysUsed(join(folder, "s.db"))).toEqual([after.id]);
    // Who has the old key only is refused.
    appendFileSync(join(folder, "old.txt"), `fmk1-${Buffer.from(before.bytes).toString("base64url")}\n`);
    expect((await run(["ps"], { ...env, FLOWMETAL_KEY_FILE: "old.txt" })).stderr).toContain("[store/sealed]");
  });
});

async function keysUsed(path: string): Promise<string[]> {
  const store = await openSqliteStore({ path, host });
  const ids = new Set<string | null>();
  for (const table of BODY_TABLE_NAMES) {
    for (const { texts } of await store.readBodies({ table, after: null, limit: 100_000 })) {
      for (const [column, text] of Object.entries(texts)) {
        const waits = column === "waiting" ? (JSON.parse(text!) as { what: string }[]) : null;
        ids.add(sealedWith((waits === null ? text : waits[0]?.what) ?? ""));
      }
    }
  }
  await store.close();
  ids.delete(null);
  return [...ids] as string[];
}

test("a sealed program is gone back in and forked; all of it replays", { timeout: 60_000 }, async () => {
  const { folder, keys } = await place();
  const ring = readKeys(readFileSync(keys, "utf8"), "keys");
  const client = await openClient(`sqlite:${join(folder, "s.db")}`, { create: true, keys: ring });
  onTestFinished(() => client.close());
  const text = `(require '[flow.time :as time])
(defn step [i] (println "${SECRET}" i) (time/sleep 1) (if (< i 5) (step (inc i)) i))
(step 0)
(time/sleep 100000)`;
  const quiet = { maxSteps: null, onOutput: () => undefined };
  const isLong = (waits: readonly Wait[]) => waits.some(({ until: end = 0, since }) => end - since > 10_000);
  const run = await client.start(
    { name: "steps.fm", text },
    { args: [], ...quiet, onWaiting: (waits) => void (isLong(waits) && run.letGo()) },
  );
  await run.ended;
  expect(await client.replay(run.id)).toMatchObject({ same: true });
  const inspected = await client.inspect(run.id, { frames: null, valueLength: null });
  const back = await client.rewind(run.id, { to: 6, answers: {}, reason: "again", baseTurn: inspected.turn! });
  expect(back).toMatchObject({ outcome: "rewound" });
  expect(await client.replay(run.id)).toMatchObject({ same: true });
  const id = await client.fork(run.id, { at: 6, answers: {}, pending: "leave" });
  const forked: Run = await client.resume(id, {
    ...quiet,
    onWaiting: (waits) => void (isLong(waits) && systemClock.after(0, () => void forked.letGo())),
    onOwner: () => undefined,
  });
  await forked.ended;
  expect(await client.replay(id)).toMatchObject({ same: true });
  expect(bytesOf(folder)).not.toContain(SECRET);
});

test("the commands of docs/sealing.md do what it says", { timeout: 90_000 }, async () => {
  const folder = scratchFolder();
  const env = { FLOWMETAL_STORE: "s.db" };
  const text = "(require '[flow.time :as time]) (println :here) (time/sleep 700) (println :there)";
  writeIn(folder, "app.fm", text);
  const client = await openClient(`sqlite:${join(folder, "old.db")}`, { create: true });
  const run = await client.start(
    { name: "app.fm", text },
    {
      args: [],
      maxSteps: null,
      onOutput: () => undefined,
      onWaiting: (waits) => void (waits.length > 0 && run.letGo()),
    },
  );
  await run.ended;
  await client.close();
  const document = readFileSync(join(root, "docs", "sealing.md"), "utf8");
  const blocks = [...document.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text]) => text.trim().split("\n"));
  expect(blocks.length).toBeGreaterThanOrEqual(3);
  let set: Record<string, string | undefined> = {};
  for (const line of blocks.flat()) {
    const [name, ...args] = line.replace(/ +#.*/, "").split(" ");
    if (name === "export") set = { ...set, ...Object.fromEntries([args[0].split("=")]) };
    else if (name === "unset") set = { ...set, [args[0]]: undefined };
    else {
      expect(name).toBe("flowmetal");
      const { code, stderr } = await flowmetal(args, { cwd: folder, env: { ...env, ...set } });
      expect([line, code, stderr.includes("error")]).toEqual([line, 0, false]);
    }
  }
  expect(existsSync(join(folder, "keys.txt"))).toBe(true);
});
