// What only a server of its own shows: restarted underneath, its disk full, a standby, other users, engines of other versions, views.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { newId } from "../../src/base/ids.ts";
import { seededRandom } from "../../src/base/random.ts";
import { openPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { freePort, type RunningServer, serverUrl, startServer } from "../support/postgres/server.ts";
import { newSchema, sql, withQuery } from "../support/postgres/shared.ts";
import { effect, program, turnOf } from "./support.ts";

const host = { clock: systemClock, random: seededRandom(`server ${systemClock.now()}`) };
const id = (): string => newId(host.clock, host.random);
let folder = "";
let port = 0;
let server: RunningServer;
let url = "";

const start = () => startServer({ folder, port, settings: ["fsync=on"] });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowmetal-server-"));
  port = await freePort();
  server = await start();
  url = serverUrl(port);
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const fresh = () => withQuery(url, { schema: newSchema() });

it("goes on when the server is restarted underneath: no turn is lost, none is done twice", async () => {
  const store = await openPostgresStore({ url: fresh(), host });
  const interpreter = id();
  await store.registerInterpreter({ id: interpreter, engine: "e", lease: 60_000 });
  const born = id();
  await store.createProgram({ program: program(born) });
  const claim = await store.claimProgram({ program: born, interpreter });
  expect(claim.outcome).toBe("claimed");
  let woken = 0;
  const stop = await store.watch(() => woken++);
  let turn = 0;
  let going = true;
  const commits = (async () => {
    while (going) {
      const row = { id: born, term: 1, turn, position: turn + 1 };
      const commit = turnOf(row, { output: [{ branch: 0, number: turn, text: `${turn};` }] });
      const result = await store.commitTurns({ id: id(), interpreter, lease: 60_000, turns: [commit] });
      expect(result).toMatchObject({ committed: [born] });
      turn++;
    }
  })();
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    const before = turn;
    while (turn < before + 5) await systemClock.sleep(5);
    await server.stop(signal);
    await systemClock.sleep(30);
    server = await start();
  }
  const before = turn;
  while (turn < before + 5) await systemClock.sleep(5);
  going = false;
  await commits;
  expect(await store.readProgram({ program: born })).toMatchObject({ turn, position: turn + 1, output: turn });
  const output = await store.readOutput({ program: born });
  expect(output.map((chunk) => chunk.text)).toEqual([...Array(turn).keys()].map((n) => `${n};`));
  // It is heard again as well.
  const other = await openPostgresStore({
    url: fresh().replace(/schema=\w+/, store.url.match(/schema=\w+/)![0]),
    host,
  });
  woken = 0;
  await other.deliver({ program: born, key: "k", kind: "message", body: "1" });
  for (let i = 0; i < 600 && woken === 0; i++) await systemClock.sleep(10);
  expect(woken).toBeGreaterThan(0);
  await stop();
  await other.close();
  await store.close();
});

it("says that the server is gone when it does not come back, and leaves nothing running", async () => {
  const store = await openPostgresStore({ url: fresh(), host, patience: 300 });
  await server.stop();
  await expect(store.listPrograms({})).rejects.toMatchObject({ code: "store/unreachable" });
  await expect(store.writeTexts({ blobs: [{ hash: "h", body: "x" }] })).rejects.toMatchObject({
    code: "store/unreachable",
  });
  await store.close();
  await expect(openPostgresStore({ url, host })).rejects.toMatchObject({ code: "store/unreachable" });
  server = await start();
});

it("hears at once of deliveries, starts and rows that somebody writes without this engine", async () => {
  const at = fresh();
  const [store, other] = [await openPostgresStore({ url: at, host }), await openPostgresStore({ url: at, host })];
  let calls = 0;
  let heard: readonly string[] | undefined;
  const stop = await store.watch((programs) => {
    calls++;
    heard = programs;
  });
  const wait = async (what: () => Promise<unknown>): Promise<number> => {
    await systemClock.sleep(300);
    calls = 0;
    const begun = systemClock.monotonic();
    await what();
    while (calls === 0 && systemClock.monotonic() - begun < 2000) await systemClock.sleep(1);
    return systemClock.monotonic() - begun;
  };
  const born = id();
  expect(await wait(() => other.createProgram({ program: program(born) }))).toBeLessThan(200);
  expect(heard).toBe(undefined);
  expect(await wait(() => other.deliver({ program: born, key: "k", kind: "message", body: "1" }))).toBeLessThan(200);
  // Who has it needs no look at the store.
  expect(heard).toEqual([born]);
  // What comes close behind a notice is told by the next one, all of it.
  await systemClock.sleep(300);
  const told = new Set<string | undefined>();
  const stopAll = await store.watch((programs) => (programs ?? [undefined]).forEach((one) => void told.add(one)));
  const many = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const one = id();
      await other.createProgram({ program: program(one) });
      return one;
    }),
  );
  await systemClock.sleep(300);
  told.clear();
  await Promise.all(many.map((one) => other.deliver({ program: one, key: "k", kind: "message", body: "1" })));
  for (let i = 0; i < 200 && told.size < many.length; i++) await systemClock.sleep(10);
  expect(told.has(undefined) || many.every((one) => told.has(one))).toBe(true);
  await stopAll();
  const schema = new URL(at).searchParams.get("schema")!;
  const insert = `INSERT INTO ${schema}.inbox (program, key, kind, rank, body, time) VALUES ('${born}', 'o', 'message', 1, '1', 0)`;
  expect(await wait(() => sql(url, insert))).toBeLessThan(200);
  expect(heard).toBe(undefined);
  await stop();
  await store.close();
  await other.close();
});

it("lets any number of processes make the same store at once", async () => {
  const at = fresh();
  const stores = await Promise.all(Array.from({ length: 8 }, () => openPostgresStore({ url: at, host })));
  const clusters = new Set(await Promise.all(stores.map(async (store) => (await store.readMeta()).clusterId)));
  expect(clusters.size).toBe(1);
  await Promise.all(stores.map((store) => store.close()));
});

it("refuses a newer schema by name, lets a reader look where it may, and knows another's tables", async () => {
  const at = fresh();
  const schema = new URL(at).searchParams.get("schema")!;
  await (await openPostgresStore({ url: at, host })).close();
  await sql(url, `UPDATE ${schema}.meta SET schema = 9, min_writer = 9`);
  await expect(openPostgresStore({ url: at, host })).rejects.toMatchObject({ code: "store/newer" });
  const reader = await openPostgresStore({ url: at, host, readOnly: true });
  expect(await reader.listPrograms({})).toEqual([]);
  const start = reader.createProgram({ program: program(id()) });
  await expect(start).rejects.toMatchObject({ code: "store/read-only" });
  await reader.close();
  await sql(url, `UPDATE ${schema}.meta SET min_reader = 9`);
  const looking = openPostgresStore({ url: at, host, readOnly: true });
  await expect(looking).rejects.toMatchObject({ code: "store/newer" });
  await sql(
    url,
    `UPDATE ${schema}.meta SET schema = 0, min_writer = 0`,
    `UPDATE ${schema}.migrations SET checksum = 'x'`,
  );
  await expect(openPostgresStore({ url: at, host })).rejects.toMatchObject({ code: "store/not-a-store" });
  await sql(url, `DROP TABLE ${schema}.meta`, `CREATE TABLE ${schema}.meta (a text)`);
  await expect(openPostgresStore({ url: at, host })).rejects.toMatchObject({ code: "store/not-a-store" });
});

it("refuses a database of another encoding, and one that cannot be written", async () => {
  await sql(url, "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'", "CREATE DATABASE frozen");
  await expect(openPostgresStore({ url: serverUrl(port, "latin"), host })).rejects.toMatchObject({
    code: "store/not-a-store",
  });
  const frozen = serverUrl(port, "frozen");
  await (await openPostgresStore({ url: frozen, host })).close();
  await sql(url, "ALTER DATABASE frozen SET default_transaction_read_only = on");
  const store = await openPostgresStore({ url: frozen, host });
  expect(await store.listPrograms({})).toEqual([]);
  const born = store.createProgram({ program: program(id()) });
  await expect(born).rejects.toMatchObject({ code: "store/read-only" });
  await store.close();
});

it("needs no more than a schema of its own, and says who is not let in", async () => {
  await sql(url, "CREATE ROLE small LOGIN PASSWORD 'pw'", "CREATE SCHEMA mine AUTHORIZATION small");
  const small = new URL(url);
  small.username = "small";
  small.password = "pw";
  const denied = openPostgresStore({ url: withQuery(small.href, { schema: "other" }), host });
  await expect(denied).rejects.toMatchObject({ code: "store/denied" });
  const store = await openPostgresStore({ url: withQuery(small.href, { schema: "mine" }), host });
  await store.createProgram({ program: program(id()) });
  expect(store.url).toBe(`postgres://small@127.0.0.1:${port}/postgres?schema=mine`);
  await store.close();
});

it("shows programs, journal, effects, inbox, snapshots and output in views that cannot be written", async () => {
  const at = fresh();
  const schema = new URL(at).searchParams.get("schema")!;
  const store = await openPostgresStore({ url: at, host });
  const interpreter = id();
  await store.registerInterpreter({ id: interpreter, engine: "e", lease: 60_000 });
  const born = id();
  const turn = turnOf(
    { id: born, term: 1, turn: 0, position: 1 },
    {
      birth: program(born, { labels: { team: "a" } }),
      effects: [effect("k")],
      output: [{ branch: 0, number: 0, text: "a\0b\u0001c" }],
      snapshot: { hash: "h", body: "{}" },
    },
  );
  await store.commitTurns({ id: id(), interpreter, lease: 60_000, turns: [turn] });
  await store.deliver({ program: born, key: "m", kind: "message", body: "1" });
  const rows = (view: string) => sql(url, `SELECT * FROM ${schema}.flowmetal_v1_${view}`);
  expect(await rows("programs")).toMatchObject([{ id: born, status: "waiting", labels: '{"team":"a"}', turn: "1" }]);
  expect(await rows("journal")).toHaveLength(2);
  expect(await rows("effects")).toMatchObject([{ key: "k", state: "pending" }]);
  expect(await rows("inbox")).toMatchObject([{ key: "m", kind: "message" }]);
  expect(await rows("snapshots")).toMatchObject([{ hash: "h", size: 2 }]);
  expect(await rows("output")).toMatchObject([{ text: "a\u2400b\u0001c" }]);
  for (const view of ["programs", "journal", "effects", "inbox", "snapshots", "output"]) {
    await expect(sql(url, `DELETE FROM ${schema}.flowmetal_v1_${view}`)).rejects.toThrow("cannot be written");
  }
  await store.close();
});
