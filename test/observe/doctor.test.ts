// flowmetal doctor on real stores: whole ones, and each of the ways in which one can be broken.
import { copyFileSync, truncateSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import type { Check } from "../../src/observe/check.ts";
import { examine, neededNode, roomChecks } from "../../src/observe/doctor.ts";
import type { SqlDriver } from "../../src/store/sqlite/driver.ts";
import { defaultDriver, openDriver } from "../../src/store/sqlite/open-driver.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { backupFile } from "../../src/store/sqlite/upkeep.ts";
import { openPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { flowmetal } from "../support/cli.ts";
import { newSchema, postgresUrl, sql, withQuery } from "../support/postgres/shared.ts";
import { scratchFolder } from "../support/scratch.ts";
import { Bench, effect, TestHost } from "../store/support.ts";

const host = { clock: systemClock, random: systemRandom };

/** A store with nothing wrong, changed by `break_`; the path of its file. */
async function store(break_: (driver: SqlDriver) => Promise<unknown> = async () => undefined): Promise<string> {
  const path = `${scratchFolder()}/store.db`;
  await (await openSqliteStore({ path, host })).close();
  const driver = await openDriver(defaultDriver(), { path, host, patience: 1_000 });
  await break_(driver).finally(() => driver.close());
  return path;
}

const doctor = (url: string, more: { driver?: string; node?: string } = {}) =>
  examine({ url, host, node: process.versions.node, needed: neededNode(), ...more });

/** What is not in order, as `verdict name: text`. */
const wrong = (checks: readonly Check[]): string[] => {
  for (const { verdict, hint = "" } of checks) expect(hint !== "").toBe(verdict !== "ok");
  return checks
    .filter(({ verdict }) => verdict !== "ok")
    .map(({ verdict, name, text }) => `${verdict} ${name}: ${text}`);
};

/** Programs as another engine has left them: in a store whose clock stands in the past. */
async function withPrograms(work: (bench: Bench) => Promise<void>): Promise<string> {
  const path = `${scratchFolder()}/store.db`;
  const past = new TestHost();
  past.clock.time = Date.now() - 3_600_000;
  const bench = new Bench(await openSqliteStore({ path, host: past }), past);
  await bench.register();
  await work(bench);
  await bench.store.retireInterpreter({ interpreter: bench.interpreter });
  await bench.store.close();
  return path;
}

test("a whole store is in order, check by check", async () => {
  const checks = await doctor(`sqlite:${await store()}`);
  expect(wrong(checks)).toEqual([]);
  expect(checks.map(({ name }) => name)).toEqual([
    ..."node sqlite store adopted writable room wal schema clock interpreters queues programs effects".split(" "),
  ]);
});

test("a Node that is too old", async () => {
  const [node] = wrong(await doctor(`sqlite:${await store()}`, { node: "18.20.1" }));
  expect(node).toMatch(/^problem node: Flowmetal \S+ runs on Node 18\.20\.1, and needs >=20\.19\.$/);
  expect(wrong(await doctor(`sqlite:${await store()}`, { node: "20.19.0" }))).toEqual([]);
  expect(wrong(await doctor(`sqlite:${await store()}`, { node: "21.0.0" }))).toEqual([]);
});

test("a driver that is not there, where another one is", async () => {
  const checks = await doctor(`sqlite:${await store()}`, { driver: "node:sqlite" });
  // Node 20 has none; where there is one, it is in order.
  if (process.versions["sqlite"] !== undefined) return expect(checks[1].text).toMatch(/ by node:sqlite\.$/);
  expect(wrong(checks)[0]).toMatch(/^problem sqlite: The driver node:sqlite cannot be loaded: /);
  expect(checks[1].hint).toMatch(/^Set FLOWMETAL_SQLITE_DRIVER=sqlite3, which works here \(SQLite 3\./);
});

test("no store, no SQLite file, a damaged file, a newer store", async () => {
  const folder = scratchFolder();
  expect(wrong(await doctor(`sqlite:${folder}/none.db`))).toEqual([
    `problem store: there is no store at ${folder}/none.db [store/missing].`,
  ]);
  writeFileSync(`${folder}/text.db`, "not a database at all, but long enough to look like one");
  expect(wrong(await doctor(`sqlite:${folder}/text.db`))).toEqual([
    `problem store: ${folder}/text.db is not a Flowmetal store: it is no SQLite database [store/not-a-store].`,
  ]);
  copyFileSync(await store(), `${folder}/cut.db`);
  truncateSync(`${folder}/cut.db`, 8_192);
  expect(wrong(await doctor(`sqlite:${folder}/cut.db`))[0]).toMatch(/^problem store: .*\[store\/[a-z-]+\]\.$/);
  const newer = await store((driver) => driver.run("UPDATE meta SET schema = 99, min_reader = 99, min_writer = 99"));
  expect(wrong(await doctor(`sqlite:${newer}`))[0]).toContain("has schema 99, and this engine knows up to schema");
});

test("a schema that may only be read, and one that is behind", async () => {
  const ahead = await store((driver) => driver.run("UPDATE meta SET schema = 99, min_writer = 99"));
  expect(wrong(await doctor(`sqlite:${ahead}`))[0]).toContain("problem schema: The store has schema 99");
  const behind = await store((driver) => driver.run("UPDATE meta SET schema = 6"));
  expect(wrong(await doctor(`sqlite:${behind}`))[0]).toContain("warning schema: The store has schema 6");
});

test("a restored backup that nobody has adopted", async () => {
  const copy = `${scratchFolder()}/copy.db`;
  await backupFile({ path: await store(), host }, copy);
  const text = "The store is a restored backup that nobody has adopted: nothing in it goes on.";
  expect(wrong(await doctor(`sqlite:${copy}`))).toEqual([`problem adopted: ${text}`]);
});

test("a store whose lock somebody holds", { timeout: 30_000 }, async () => {
  const path = await store();
  const holder = await openDriver(defaultDriver(), { path, host, patience: 1_000 });
  await holder.exec("BEGIN IMMEDIATE");
  const checks = await doctor(`sqlite:${path}`);
  await holder.exec("ROLLBACK");
  await holder.close();
  expect(wrong(checks)[0]).toMatch(/^problem writable: .*\[store\/locked\]\.$/);
  expect(wrong(await doctor(`sqlite:${path}`))).toEqual([]);
});

test("little room, and a -wal file that is not folded back", async () => {
  const mb = 2 ** 20;
  const room = (free: number, wal = 0) => wrong(roomChecks({ size: mb, wal, free }));
  expect(room(2_000 * mb)).toEqual([]);
  expect(room(500 * mb)).toEqual(["warning room: Only 500 MB are free where the store lies (1 MB)."]);
  expect(room(99 * mb)).toEqual(["problem room: Only 99 MB are free where the store lies (1 MB)."]);
  expect(room(2_000 * mb, 300 * mb)).toEqual([
    "warning wal: The -wal file has grown to 300 MB: it is not folded back.",
  ]);
});

test("a clock that was set back, and interpreters that died", async () => {
  const path = await store(async (driver) => {
    const now = Date.now();
    await driver.run(
      "INSERT INTO interpreters (id, engine, started, expires) VALUES ('dead', '0.1.0', ?1, ?1 + 1500)",
      [now - 60_000],
    );
    await driver.run("UPDATE meta SET last_time = ?1", [now + 3_600_000]);
  });
  expect(wrong(await doctor(`sqlite:${path}`))).toEqual([
    "warning clock: The store's time is 60 min ahead of that of this machine.",
    "warning interpreters: 0 interpreters hold leases; of 1 the lease ran out in the last ten minutes: dead.",
  ]);
});

test("queues that nobody serves, programs that are stuck, effects that nobody carries out", async () => {
  const path = await withPrograms(async (bench) => {
    await bench.store.releaseProgram({
      program: (await bench.owned({ queue: "mail" })).id,
      interpreter: bench.interpreter,
      term: 1,
    });
    await bench.step(await bench.owned(), { after: { status: "faulted", release: true } });
    await bench.step(await bench.owned(), { after: { status: "paused", release: true } });
    const effects = [effect("a"), effect("b"), effect("c", { capability: "foreign:letters" })];
    await bench.step(await bench.owned(), { effects, after: { release: true } });
    const once = effect("d", { state: "sending", delivery: "at-most-once" });
    await bench.step(await bench.owned(), { effects: [once], after: { release: true } });
    await bench.store.claimEffects({ owner: bench.interpreter, limit: 0, queues: ["default"], capabilities: ["http"] });
  });
  const driver = await openDriver(defaultDriver(), { path, host, patience: 1_000 });
  await driver.run("UPDATE programs SET crashes = 2 WHERE queue = 'mail'");
  await driver.run("UPDATE effects SET due = due + ?1 WHERE state = 'pending'", [Date.now() - 3_600_000]);
  await driver.close();
  const text = wrong(await doctor(`sqlite:${path}`)).join("\n");
  expect(text).toMatch(
    /warning queues: In the queue mail 1 programs could be run, and one has been waiting for 60 min\./,
  );
  expect(text).toContain("warning programs: 1 programs stopped at an error.");
  expect(text).toContain("warning programs: 1 programs are paused.");
  expect(text).toContain("warning programs: The processes of 1 programs have died since they were last committed.");
  expect(text).toContain("warning effects: 2 effects wait for somebody who has the capability http, one since 60 min.");
  expect(text).toContain("warning effects: 1 effects wait for somebody who has the capability foreign:letters");
  expect(text).toContain("Of 1 effects (http) that may be sent once only nobody knows whether they were.");
});

test("a PostgreSQL store, and a server that is not there", { timeout: 120_000 }, async () => {
  const schema = newSchema();
  const url = withQuery(await postgresUrl(), { schema });
  expect(wrong(await doctor(url))[0]).toMatch(/^problem store: .*\[store\/[a-z-]+\]\.$/);
  await (await openPostgresStore({ url, host })).close();
  const checks = await doctor(url);
  expect(wrong(checks)).toEqual([]);
  expect(checks.map(({ name }) => name)).toContain("clock");
  await sql(url, `CREATE TABLE ${schema}.restored (one integer)`);
  expect(wrong(await doctor(url))[0]).toMatch(/^problem adopted: /);
  await sql(url, `DROP SCHEMA ${schema} CASCADE`);
  const gone = await doctor("postgres://nobody@127.0.0.1:1/nothing");
  expect(wrong(gone)[0]).toMatch(/^problem store: /);
});

test("as a command: lines, JSON, exit codes", { timeout: 120_000 }, async () => {
  const path = await store();
  const whole = await flowmetal(["doctor", "--store", path]);
  expect(whole).toMatchObject({ code: 0, stderr: "" });
  expect(whole.stdout).toMatch(/^ok {7}node {9}Flowmetal /);
  const driver = await openDriver(defaultDriver(), { path, host, patience: 1_000 });
  await driver.run("UPDATE meta SET last_time = ?1", [Date.now() + 3_600_000]);
  await driver.close();
  const warned = await flowmetal(["doctor", "--store", path, "--json"]);
  expect(warned.code).toBe(0);
  expect(JSON.parse(warned.stdout)).toMatchObject({ schema: 1, problems: 0, warnings: 1 });
  expect((await flowmetal(["doctor", "--store", path, "--strict"])).code).toBe(1);
  expect((await flowmetal(["doctor", "--store", `${path}.none`])).code).toBe(1);
  expect((await flowmetal(["doctor", "--store", "memory:"])).code).toBe(2);
});
