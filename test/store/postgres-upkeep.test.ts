// A PostgreSQL store as a whole: its backup is a file, of one moment, which is looked at, adopted, or restored into another database.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openClient } from "../../src/client/open.ts";
import { adoptStore, backupStore, databaseProblems, migrateStore, restoreStore } from "../../src/client/upkeep.ts";
import type { ProgramRows } from "../../src/store/moving.ts";
import { migrate, SCHEMA } from "../../src/store/postgres/migrate.ts";
import { openPgDriver } from "../../src/store/postgres/pg-driver.ts";
import { openPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { MIGRATIONS } from "../../src/store/postgres/schema.ts";
import { parseUrl } from "../../src/store/postgres/url.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { newSchema, postgresUrl, sql, withQuery } from "../support/postgres/shared.ts";
import { scratchFolder } from "../support/scratch.ts";
import { Bench, effect, TestHost, turnOf } from "./support.ts";

const HELD = "a\u0000b\u0001c é\n";
const made: string[] = [];
let direct = "";

beforeAll(async () => {
  direct = await postgresUrl();
});

afterAll(async () => {
  await sql(direct, ...made.map((schema) => `DROP SCHEMA IF EXISTS ${schema} CASCADE`));
});

function fresh(): string {
  const schema = newSchema();
  made.push(schema);
  return withQuery(direct, { schema });
}

async function opened(url: string): Promise<Bench> {
  const host = new TestHost();
  const store = await openPostgresStore({ url, host });
  onTestFinished(() => store.close());
  return new Bench(store, host);
}

/** A program with something in each of its tables. */
async function filled(bench: Bench): Promise<string> {
  const { store } = bench;
  let row = await bench.owned({ labels: { größe: "1" }, priority: 3 });
  const message = (key: string) =>
    ({
      program: row.id,
      key,
      kind: "message",
      body: `{"key":"${key}","name":"n","from":null,"body":"\\u0000"}`,
    }) as const;
  await store.deliver(message("taken"));
  const [{ id }] = await store.readInbox({ program: row.id });
  row = await bench.step(row, {
    consumed: [{ id, position: row.position }],
    effects: [
      effect("again", { state: "sending" }),
      effect("once", { state: "sending", delivery: "at-most-once" }),
      effect("pending-once", { delivery: "at-most-once" }),
    ],
    output: [{ branch: 0, number: 0, text: HELD }],
    snapshot: { hash: "h", body: '{"s":"\\u0001"}' },
    chunks: [{ hash: "c", body: '["\\u0000"]' }],
    texts: {
      units: [{ hash: "u", code: "{}", debug: "{}" }],
      blobs: [{ hash: "b", body: HELD }],
      images: [{ hash: "i", body: HELD }],
    },
  });
  await store.deliver(message("open"));
  return row.id;
}

/** What stays the same in another store; of effects also owners and terms are others. */
const plain = ({ row, inbox, effects, ...rest }: ProgramRows) => ({
  ...rest,
  row: { ...row, owner: null, term: 0, commitId: null },
  inbox: inbox.map((one) => ({ ...one, id: 0 })),
  effects: effects.map((one) => ({ ...one, owner: null, term: 0 })),
});

test("a backup is of one moment, has everything, and comes back into another database, to be adopted there", {
  timeout: 60_000,
}, async () => {
  const url = fresh();
  const bench = await opened(url);
  const { store } = bench;
  await bench.register();
  const id = await filled(bench);
  const busy = await bench.owned();
  let turn = 0;
  let going = true;
  const commits = (async () => {
    while (going) {
      const row = { id: busy.id, term: 1, turn, position: turn + 1 };
      const output = [{ branch: 0, number: turn, text: "." }];
      const { committed } = await bench.commit([turnOf(row, { output })]);
      expect(committed).toEqual([busy.id]);
      turn++;
    }
  })();
  const file = join(scratchFolder(), "backup.db");
  const report = await backupStore(url, file).finally(() => {
    going = false;
  });
  await commits;
  expect(report).toMatchObject({ programs: 2, incarnation: 2 });
  expect(existsSync(`${file}.part`)).toBe(false);
  await expect(backupStore(url, file)).rejects.toMatchObject({ code: "store/file-exists" });
  const copy = await openSqliteStore({ path: file, host: bench.host });
  const before = (await store.readRows({ program: id }))!;
  const rows = (await copy.readRows({ program: id }))!;
  expect(plain(rows)).toEqual(plain(before));
  expect(rows.row).toMatchObject({ owner: null, term: before.row.term + 1 });
  const other = (await copy.readRows({ program: busy.id }))!;
  expect(other.journal).toHaveLength(other.row.position);
  expect([other.row.position, other.output.length]).toEqual([other.row.turn + 1, other.row.turn]);
  expect((await copy.readMeta()).clusterId).toBe((await store.readMeta()).clusterId);
  await copy.close();
  expect(await databaseProblems(`sqlite:${file}`)).toEqual([]);

  const there = fresh();
  expect(await restoreStore(there, file)).toEqual({ programs: 2, incarnation: 2 });
  await expect(restoreStore(there, file)).rejects.toMatchObject({ code: "store/not-empty" });
  const looking = await opened(there);
  const restored = (await looking.store.readRows({ program: id }))!;
  expect(plain(restored)).toEqual(plain(rows));
  expect(restored.row.term).toBe(rows.row.term);
  expect(await looking.store.readBlob({ hash: "b" })).toBe(HELD);
  expect(await looking.store.readImage({ hash: "i" })).toBe(HELD);
  const refused = { code: "store/restored" };
  await expect(looking.register()).rejects.toMatchObject(refused);
  await expect(looking.command({ id }, "pause")).rejects.toMatchObject(refused);
  const dry = await adoptStore(there, { dryRun: true });
  await expect(looking.register()).rejects.toMatchObject(refused);
  expect(await adoptStore(there, { dryRun: false })).toEqual(dry);
  expect(dry).toMatchObject({ incarnation: 2, programs: 2 });
  expect(dry.again.map(({ key }) => key)).toEqual(["again"]);
  expect(dry.unknown.map(({ key }) => key)).toEqual(["once", "pending-once"]);
  for (const one of [there, url]) {
    await expect(adoptStore(one, { dryRun: false })).rejects.toMatchObject({ code: "store/not-restored" });
  }
  // Who owned it is nobody here; what may be sent once only is not sent.
  const adopted = await opened(there);
  expect(await adopted.store.claimProgram({ program: id, interpreter: bench.interpreter })).toEqual({
    outcome: "lease-lost",
  });
  const owner = await adopted.register();
  const claim = { owner, limit: 9, queues: ["default"], capabilities: ["http"] };
  expect((await adopted.store.claimEffects(claim)).map(({ key }) => key)).toEqual(["again"]);
  expect((await adopted.store.listEffects({ program: id, states: ["unknown"] })).map(({ key }) => key)).toEqual([
    "once",
    "pending-once",
  ]);
  expect((await adopted.store.readInbox({ program: id })).map(({ key }) => key)).toContain("open");
});

test("a program that sleeps in PostgreSQL goes on from its backup, as a file and in another database", {
  timeout: 60_000,
}, async () => {
  const quiet = { maxSteps: null, onOutput: () => undefined, onWaiting: () => undefined };
  const url = fresh();
  const client = await openClient(url, { create: true });
  const text = "(def table (zipmap (range 3000) (map str (range 3000))))\n(flow.time/sleep 1500)\n(count table)\n";
  const run = await client.start(
    { name: "f.fm", text: `(require (quote flow.time))\n${text}` },
    { args: [], ...quiet, onWaiting: (waits) => void (waits.length > 0 && run.letGo()) },
  );
  await run.ended;
  await client.close();
  const folder = scratchFolder();
  const file = join(folder, "a.db");
  await backupStore(url, file);
  const there = fresh();
  await restoreStore(there, file);
  for (const store of [`sqlite:${file}`, there]) {
    const looking = await openClient(store, { create: false });
    expect((await looking.inspect(run.id, { frames: 1, valueLength: 9 })).program.status).toBe("waiting");
    await looking.close();
    await adoptStore(store, { dryRun: false });
    const going = await openClient(store, { create: false });
    const resumed = await going.resume(run.id, { ...quiet, onOwner: () => undefined });
    expect(await resumed.ended).toMatchObject({ status: "done", result: { text: "3000" } });
    expect(await going.replay(run.id)).toMatchObject({ same: true });
    await going.close();
  }
  // A file that somebody has adopted is a store in use.
  await expect(restoreStore(fresh(), file)).rejects.toMatchObject({ code: "store/not-restored" });
  await expect(restoreStore(`sqlite:${file}`, file)).rejects.toMatchObject({ code: "store/bad-url" });
});

test("what is damaged in a backup leaves nothing in the database", async () => {
  const url = fresh();
  const bench = await opened(url);
  await bench.register();
  await filled(bench);
  const file = join(scratchFolder(), "a.db");
  await backupStore(url, file);
  const { defaultDriver, openDriver } = await import("../../src/store/sqlite/open-driver.ts");
  const driver = await openDriver(defaultDriver(), { path: file, host: bench.host, patience: 1000 });
  await driver.exec("UPDATE effects SET key = 'x' || char(0) WHERE key = 'once'");
  await driver.close();
  const there = fresh();
  await expect(restoreStore(there, file)).rejects.toMatchObject({ code: "store/failed" });
  const looking = await opened(there);
  expect(await looking.store.listPrograms({})).toEqual([]);
  await looking.register();
});

test("a migration of a database is told before it is done; one that is older is not copied", async () => {
  const url = fresh();
  const parsed = parseUrl(url);
  const host = new TestHost();
  const driver = await openPgDriver({ url: parsed, host, patience: 1000 });
  const { shown, schema } = parsed;
  const first = { migrations: MIGRATIONS.slice(0, 1), newest: 1 };
  await migrate({ driver, host, shown, schema, create: true, readOnly: false, ...first });
  await driver.close();
  const plan = await migrateStore(url, { dryRun: true });
  const pending = MIGRATIONS.slice(1).map(({ number, name }) => ({ number, name }));
  expect(plan).toEqual({ schema: 1, pending });
  await expect(backupStore(url, join(scratchFolder(), "a.db"))).rejects.toMatchObject({ code: "store/older" });
  expect(await migrateStore(url, { dryRun: false })).toEqual(plan);
  expect(await migrateStore(url, { dryRun: true })).toEqual({ schema: SCHEMA, pending: [] });
  await expect(migrateStore(fresh(), { dryRun: true })).rejects.toMatchObject({ code: "store/missing" });
});
