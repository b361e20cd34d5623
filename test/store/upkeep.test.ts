// The file of a store as a whole: backups while others write, adoption of a restored one, migrations, and finding planted damage.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { newId } from "../../src/base/ids.ts";
import { openClient } from "../../src/client/open.ts";
import { adoptStore, backupStore, databaseProblems, migrateStore } from "../../src/client/upkeep.ts";
import { defaultDriver, openDriver } from "../../src/store/sqlite/open-driver.ts";
import { MIGRATIONS, SCHEMA } from "../../src/store/sqlite/schema.ts";
import { migrate } from "../../src/store/sqlite/migrate.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { scratchFolder } from "../support/scratch.ts";
import { Bench, DRIVERS, effect, program, TestHost } from "./support.ts";

const host = { clock: systemClock, random: systemRandom };
const CHILD = fileURLToPath(new URL("./processes/child.ts", import.meta.url));

/** Changes a file behind the store's back. */
async function plant(path: string, sql: string): Promise<void> {
  const driver = await openDriver(defaultDriver(), { path, host, patience: 5_000 });
  await driver.exec(sql);
  await driver.close();
}

async function rowsOf(path: string, sql: string) {
  const driver = await openDriver(defaultDriver(), { path, host, patience: 5_000 });
  return driver.all(sql).finally(() => driver.close());
}

test("a backup is of one moment, while three processes commit", { timeout: 60_000 }, async () => {
  const folder = scratchFolder();
  const path = join(folder, "a.db");
  const store = await openSqliteStore({ path, host });
  const ids = [1, 2, 3].map(() => newId(host.clock, host.random));
  for (const id of ids) await store.createProgram({ program: program(id) });
  await store.close();
  const children = ids.map((id) =>
    spawn(process.execPath, ["--import", "tsx", CHILD, "commit", path, id, "1000000", "60000"], {
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  onTestFinished(() => void children.map((child) => child.kill("SIGKILL")));
  const counts = children.map(() => 0);
  children.forEach((child, i) =>
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      counts[i] += text.split('"committed"').length - 1;
    }),
  );
  while (counts.some((count) => count < 20)) await systemClock.sleep(20);
  const before = [...counts];
  const copy = join(folder, "b.db");
  const report = await backupStore(`sqlite:${path}`, copy);
  while (counts.some((count, i) => count < before[i] + 20)) await systemClock.sleep(20);
  const ended = children.map((child) => once(child, "exit"));
  for (const child of children) child.kill("SIGKILL");
  await Promise.all(ended);
  expect(report).toMatchObject({ programs: 3, incarnation: 2 });
  expect(existsSync(`${copy}.part`)).toBe(false);
  const programs = await rowsOf(
    copy,
    `SELECT id, turn, position, output, owner, (SELECT count(*) FROM journal WHERE program = id) AS entries,
       (SELECT count(*) FROM output WHERE program = id) AS chunks FROM programs`,
  );
  for (const row of programs) {
    expect(row).toMatchObject({
      position: (row.turn as number) + 1,
      entries: row.position,
      chunks: row.turn,
      owner: null,
    });
    expect(row.turn).toBeGreaterThanOrEqual(before[ids.indexOf(row.id as string)]);
  }
  await expect(backupStore(`sqlite:${path}`, copy)).rejects.toMatchObject({ code: "store/file-exists" });
  await expect(backupStore("memory:", join(folder, "c.db"))).rejects.toMatchObject({ code: "store/bad-url" });
});

for (const driver of DRIVERS) {
  test(`a restored backup is looked at only, until it is adopted (${driver})`, async () => {
    const folder = scratchFolder();
    const path = join(folder, "a.db");
    const testHost = new TestHost(driver);
    const store = await openSqliteStore({ path, host: testHost, driver });
    const bench = new Bench(store, testHost);
    await bench.register();
    const effects = [
      effect("again", { state: "sending" }),
      effect("once", { state: "sending", delivery: "at-most-once" }),
      effect("pending-once", { delivery: "at-most-once" }),
    ];
    const row = await bench.step(await bench.owned(), { effects });
    const copy = join(folder, "b.db");
    await backupStore(`sqlite:${path}`, copy);
    await store.close();
    const restored = await openSqliteStore({ path: copy, host: testHost, driver });
    expect(await restored.readProgram({ program: row.id })).toMatchObject({ owner: null, term: row.term + 1 });
    expect((await restored.readMeta()).incarnation).toBe(2);
    expect((await restored.readRows({ program: row.id }))!.effects).toHaveLength(3);
    const wish = { id: testHost.newId(), engine: "0.1.0", lease: 1 };
    await expect(restored.registerInterpreter(wish)).rejects.toMatchObject({ code: "store/restored" });
    const message = {
      program: row.id,
      key: "k",
      kind: "message",
      body: '{"key":"k","name":"n","from":null,"body":1}',
    } as const;
    await expect(restored.deliver(message)).rejects.toMatchObject({ code: "store/restored" });
    await restored.close();
    const dry = await adoptStore(`sqlite:${copy}`, { dryRun: true });
    const report = await adoptStore(`sqlite:${copy}`, { dryRun: false });
    expect(report).toEqual(dry);
    expect(report).toMatchObject({ incarnation: 2, programs: 1 });
    expect(report.again.map(({ key }) => key)).toEqual(["again"]);
    expect(report.unknown.map(({ key }) => key)).toEqual(["once", "pending-once"]);
    await expect(adoptStore(`sqlite:${copy}`, { dryRun: false })).rejects.toMatchObject({ code: "store/not-restored" });
    // Who owned it in the store it was made of is nobody here; what may be sent once only is not sent.
    const adopted = await openSqliteStore({ path: copy, host: testHost, driver });
    onTestFinished(() => adopted.close());
    const there = new Bench(adopted, testHost);
    there.interpreter = bench.interpreter;
    expect(await adopted.claimProgram({ program: row.id, interpreter: bench.interpreter })).toEqual({
      outcome: "lease-lost",
    });
    const sent = { key: "again", owner: bench.interpreter, term: 1, outcome: "ok", body: "1" } as const;
    expect(await adopted.settleEffect(sent)).toEqual({ outcome: "lost" });
    const owner = await there.register();
    const claim = { owner, limit: 9, queues: ["default"], capabilities: ["http"] };
    expect((await adopted.claimEffects(claim)).map(({ key }) => key)).toEqual(["again"]);
    expect((await adopted.listEffects({ program: row.id, states: ["unknown"] })).map(({ key }) => key)).toEqual([
      "once",
      "pending-once",
    ]);
  });
}

test("a migration is told before it is done; a newer store is refused by name", async () => {
  const path = join(scratchFolder(), "a.db");
  const driver = await openDriver(defaultDriver(), { path, host, patience: 1_000 });
  await migrate({ driver, path, host, readOnly: false, migrations: MIGRATIONS.slice(0, 2) });
  await driver.close();
  const url = `sqlite:${path}`;
  const plan = await migrateStore(url, { dryRun: true });
  expect(plan).toMatchObject({ schema: 2, pending: MIGRATIONS.slice(2).map(({ number, name }) => ({ number, name })) });
  expect(await migrateStore(url, { dryRun: false })).toEqual(plan);
  expect(await migrateStore(url, { dryRun: true })).toEqual({ schema: SCHEMA, pending: [] });
  await plant(path, "UPDATE meta SET schema = 999, min_reader = 999, min_writer = 999");
  await expect(migrateStore(url, { dryRun: true })).rejects.toMatchObject({ code: "store/newer" });
});

const DAMAGES: readonly (readonly [what: string, sql: string, found: RegExp])[] = [
  ["an entry is gone", "DELETE FROM journal WHERE position = 1", /^1: the journal has a gap$/],
  ["an entry is no entry", "UPDATE journal SET body = '[]' WHERE position = 1", /^1: a journal body/],
  [
    "a snapshot was changed",
    "UPDATE snapshots SET hash = substr(hash, 2) || 'z'",
    /^\d+: the snapshot does not load: .*not what its hash/,
  ],
  ["a snapshot is gone", "DELETE FROM snapshots", /^\d+: the newest snapshot is missing$/],
  ["code is gone", "DELETE FROM code", /: unit [0-9a-f]{64} is missing$/],
  ["a source is gone", "DELETE FROM blobs", /: source [0-9a-f]{64} is missing$/],
  ["code was changed", "UPDATE code SET debug = replace(debug, '1', '2')", /not what its hash says/],
  ["a source was changed", "UPDATE blobs SET body = body || ' '", /: the text [0-9a-f]{64} is not what its hash says$/],
  ["output is gone", "DELETE FROM output", /: output is missing$/],
  [
    "a delivery was taken in nowhere",
    "INSERT INTO inbox (program, key, kind, rank, time, position) SELECT id, 'k', 'message', 1, 1, 99 FROM programs",
    /^99: delivery k was taken in nowhere$/,
  ],
  [
    "an effect was made nowhere",
    `INSERT INTO effects SELECT 'k', id, 99, 'q', 'http', '', 'http', 'at-least-once', 'settled', 1, 0, NULL, 1, 'ok', 1, 1, '{}', '{}', '1'
     FROM programs`,
    /^99: effect k was made nowhere$/,
  ],
  [
    "a delivery belongs to no program",
    "PRAGMA foreign_keys = OFF; INSERT INTO inbox (program, key, kind, rank, time) VALUES ('gone', 'k', 'message', 1, 1)",
    /^database: 1 rows of inbox refer to programs that are not there$/,
  ],
];

test("the check names each kind of planted damage, with program and position", { timeout: 30_000 }, async () => {
  const folder = scratchFolder();
  const whole = join(folder, "whole.db");
  const client = await openClient(`sqlite:${whole}`, { create: true });
  const text = '(println "one")\n(defn f [x] (inc x))\n(foreign "nobody" {:n (f 1)})\n';
  const options = { args: [], maxSteps: null, onOutput: () => undefined };
  const run = await client.start(
    { name: "f.fm", text },
    { ...options, onWaiting: (waits) => void (waits.length > 0 && run.letGo()) },
  );
  await run.ended;
  await client.close();
  const damages = async (path: string): Promise<string[]> => {
    const found = (await databaseProblems(`sqlite:${path}`)).map((problem) => `database: ${problem}`);
    const looking = await openClient(`sqlite:${path}`, { create: false });
    for await (const { program, position, problem } of looking.check()) {
      expect(program).toBe(run.id);
      found.push(`${position ?? ""}: ${problem}`);
    }
    await looking.close();
    return found;
  };
  expect(await damages(whole)).toEqual([]);
  for (const [i, [what, sql, expected]] of DAMAGES.entries()) {
    const path = join(folder, `${i}.db`);
    await plant(whole, `VACUUM INTO '${path}'`);
    await plant(path, sql);
    const found = await damages(path);
    expect(
      found.some((one) => expected.test(one)),
      `${what}: ${found.join("; ")}`,
    ).toBe(true);
  }
});
