// What an SQLite store does with a file it should not, cannot, or can only partly use: refused by name, nothing lost.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FlowmetalError } from "../../src/base/errors.ts";
import { codes } from "../../src/base/codes.ts";
import { sha256 } from "../../src/base/hash.ts";
import { openStore } from "../../src/store/open.ts";
import type { SqlDriver } from "../../src/store/sqlite/driver.ts";
import { networkFileSystem } from "../../src/store/sqlite/file.ts";
import { migrate } from "../../src/store/sqlite/migrate.ts";
import { MIGRATIONS, SCHEMA } from "../../src/store/sqlite/schema.ts";
import { openSqliteStore, type SqliteOptions } from "../../src/store/sqlite/sqlite-store.ts";
import { defaultDriver, openDriver } from "../../src/store/sqlite/open-driver.ts";
import { Bench, DRIVERS, inFolder, program, TestHost, turnOf } from "./support.ts";

const host = new TestHost();

async function refusal(work: Promise<unknown>): Promise<FlowmetalError> {
  const error = await work.then(
    () => new Error("it was not refused"),
    (error: unknown) => error,
  );
  if (!(error instanceof FlowmetalError)) throw error;
  expect(codes).toHaveProperty([error.code]);
  return error;
}

const open = (path: string, change: Partial<SqliteOptions> = {}) => openSqliteStore({ path, host, ...change });

/** A store with one program that has committed one turn. */
async function filled(path: string): Promise<string> {
  const store = await open(path);
  const bench = new Bench(store, host);
  await bench.register();
  const row = await bench.step(await bench.owned(), { output: [{ branch: 0, number: 0, text: "kept" }] });
  await store.retireInterpreter({ interpreter: bench.interpreter });
  await store.close();
  return row.id;
}

async function stillThere(path: string, id: string): Promise<void> {
  const store = await open(path);
  expect(await store.readProgram({ program: id })).toMatchObject({ turn: 1, output: 1 });
  expect(await store.readOutput({ program: id })).toMatchObject([{ text: "kept" }]);
  await store.close();
}

async function raw(path: string, sql: string): Promise<void> {
  const driver = await openDriver(defaultDriver(), { path, host, patience: 100 });
  await driver.exec(sql);
  await driver.close();
}

describe("opening", () => {
  it("refuses a directory, a file of another kind, and a database of something else", () =>
    inFolder(async (folder) => {
      mkdirSync(`${folder}/dir`);
      writeFileSync(`${folder}/text`, "(print 1) ; not a database at all");
      writeFileSync(`${folder}/short`, "SQLite");
      writeFileSync(`${folder}/fake`, `SQLite format 3\0${"x".repeat(4096)}`);
      await raw(`${folder}/other.db`, "CREATE TABLE notes (a)");
      const expected = {
        dir: "it is a directory",
        text: "it is no SQLite database",
        short: "it is no SQLite database",
        fake: "it is no SQLite database",
        "other.db": "it is an SQLite database of something else",
      };
      for (const [name, why] of Object.entries(expected)) {
        const error = await refusal(open(`${folder}/${name}`));
        expect(error.message).toBe(`${folder}/${name} is not a Flowmetal store: ${why}`);
        expect(error).toMatchObject({ code: "store/not-a-store", hint: expect.stringContaining("--store") });
      }
      await raw(`${folder}/other.db`, "INSERT INTO notes VALUES (1)");
      expect(readFileSync(`${folder}/text`, "utf8")).toContain("not a database");
    }));

  it("makes a missing file with its folders, or refuses it when it should only look", () =>
    inFolder(async (folder) => {
      const path = `${folder}/a/b/store.db`;
      for (const change of [{ create: false }, { readOnly: true }]) {
        const error = await refusal(open(path, change));
        expect(error).toMatchObject({ code: "store/missing", message: `there is no store at ${path}` });
      }
      await stillThere(path, await filled(path));
      writeFileSync(`${folder}/file`, "");
      expect(await refusal(open(`${folder}/file/store.db`))).toMatchObject({ code: "store/unreachable" });
    }));

  it("refuses a store of a newer engine, and reads one it may still read", () =>
    inFolder(async (folder) => {
      const path = `${folder}/store.db`;
      const id = await filled(path);
      await raw(path, "UPDATE meta SET schema = 99, min_writer = 98");
      const error = await refusal(open(path));
      expect(error.message).toBe(`the store ${path} has schema 99, and this engine knows up to schema ${SCHEMA}`);
      expect(error).toMatchObject({ code: "store/newer", hint: expect.stringContaining("newer Flowmetal") });
      const reader = await open(path, { readOnly: true });
      expect(await reader.readProgram({ program: id })).toMatchObject({ turn: 1 });
      await reader.close();
      await raw(path, "UPDATE meta SET min_reader = 98");
      expect(await refusal(open(path, { readOnly: true }))).toMatchObject({ code: "store/newer" });
      await raw(path, "UPDATE meta SET schema = 99, min_writer = 1, min_reader = 1");
      await stillThere(path, id);
    }));

  it("refuses a damaged file", () =>
    inFolder(async (folder) => {
      const path = `${folder}/store.db`;
      await filled(path);
      const bytes = readFileSync(path);
      writeFileSync(path, bytes.fill(0xa5, 200));
      const error = await refusal(open(path));
      expect(error).toMatchObject({ code: "store/corrupt", hint: expect.stringContaining(".recover") });
      expect(error.message).toContain(`the store ${path} is damaged`);
    }));

  it("only looks at a store opened for looking", () =>
    inFolder(async (folder) => {
      const path = `${folder}/store.db`;
      const id = await filled(path);
      const store = await open(path, { readOnly: true });
      expect(await store.readProgram({ program: id })).toMatchObject({ turn: 1 });
      const error = await refusal(store.createProgram({ program: program(host.newId()) }));
      expect(error).toMatchObject({ code: "store/read-only", message: `the store ${path} cannot be written` });
      await store.close();
    }));

  it("says that a file is locked when another process holds it too long", () =>
    inFolder(async (folder) => {
      const path = `${folder}/store.db`;
      const id = await filled(path);
      const holder = await openDriver(defaultDriver(), { path, host, patience: 100 });
      await holder.exec("BEGIN EXCLUSIVE");
      const store = await open(path, { patience: 30 });
      const error = await refusal(store.createProgram({ program: program(host.newId()) }));
      expect(error.message).toBe(`the store ${path} is locked by another process`);
      await store.close();
      await holder.close();
      await stillThere(path, id);
    }));

  it("says that the disk is full, keeps what was committed, and goes on when there is room", () =>
    inFolder(async (folder) => {
      const path = `${folder}/store.db`;
      let driver: SqlDriver | null = null;
      const wrapDriver = (inner: SqlDriver): SqlDriver => {
        driver ??= inner;
        return inner;
      };
      const store = await open(path, { wrapDriver });
      const bench = new Bench(store, host);
      await bench.register();
      const row = await bench.step(await bench.owned());
      await driver!.exec("PRAGMA max_page_count = 60");
      const big = turnOf(row, { output: [{ branch: 0, number: 0, text: "x".repeat(1 << 20) }] });
      const error = await refusal(bench.commit([big]));
      expect(error.message).toBe(`there is no room left for the store ${path}`);
      expect(await bench.row(row.id)).toEqual(row);
      await driver!.exec("PRAGMA max_page_count = 100000");
      expect((await bench.commit([big])).committed).toEqual([row.id]);
      await store.close();
    }));

  it("knows network file systems by the number the system gives them", () => {
    expect(networkFileSystem(0x6969)).toBe("NFS");
    expect(networkFileSystem(-11317950)).toBe("CIFS");
    expect(networkFileSystem(0xef53)).toBeNull();
  });
});

describe("URLs", () => {
  it("opens memory, a path and an sqlite URL, and refuses other schemes", () =>
    inFolder(async (folder) => {
      for (const [url, expected] of [
        ["memory:", "memory:"],
        ["a.db", `sqlite:${folder}/a.db`],
        ["sqlite:b.db", `sqlite:${folder}/b.db`],
        [`sqlite:${folder}/c d?#%.db`, `sqlite:${folder}/c d?#%.db`],
      ]) {
        const store = await openStore({ url, host, folder });
        expect(store.url).toBe(expected);
        await store.close();
      }
      for (const url of ["postgres:x/y", "postgres://x:y:z", "http://x", "sqlite:", "", "a\0b"]) {
        expect(await refusal(openStore({ url, host, folder }))).toMatchObject({ code: "store/bad-url" });
      }
    }));
});

describe("drivers", () => {
  it("are chosen by name, and refused by name where they are not at hand", () =>
    inFolder(async (folder) => {
      const url = `${folder}/store.db`;
      const opened = (driver: string) => openStore({ url, host, folder, driver });
      for (const driver of ["", ...DRIVERS]) await (await opened(driver)).close();
      expect(await refusal(opened("bettersqlite"))).toMatchObject({
        code: "store/no-driver",
        message: 'there is no SQLite driver "bettersqlite"',
      });
      if (DRIVERS.length > 1) return;
      const error = await refusal(opened("node:sqlite"));
      expect(error.message).toBe("the SQLite driver node:sqlite cannot be used: this Node has no `node:sqlite`");
      expect(error).toMatchObject({
        code: "store/no-driver",
        hint: expect.stringContaining("FLOWMETAL_SQLITE_DRIVER=sqlite3"),
      });
    }));
});

describe("migrations", () => {
  const next = SCHEMA + 1;
  const second = { number: next, name: "a table", sql: "CREATE TABLE extra (a) STRICT" };
  const broken = { ...second, sql: "CREATE TABLE extra (a INTEGER) STRICT; CREATE TABLE programs (a)" };
  const fixed = { ...second, sql: "CREATE TABLE extra (a INTEGER) STRICT" };

  it("run in order, once, and leave nothing of one that fails", () =>
    inFolder(async (folder) => {
      const path = `${folder}/store.db`;
      const id = await filled(path);
      const driver = await openDriver(defaultDriver(), { path, host, patience: 1000 });
      const run = (migrations: typeof MIGRATIONS) => migrate({ driver, path, host, readOnly: false, migrations });
      await expect(run([...MIGRATIONS, broken])).rejects.toThrow(/already exists/);
      const schema = () => driver.get("SELECT schema, (SELECT count(*) FROM migrations) AS applied FROM meta");
      expect(await schema()).toEqual({ schema: SCHEMA, applied: SCHEMA });
      expect(await run([...MIGRATIONS, fixed])).toMatchObject({ schema: next });
      expect(await run([...MIGRATIONS, fixed])).toMatchObject({ schema: next });
      expect(await schema()).toEqual({ schema: next, applied: next });
      await driver.close();
      await stillThere(path, id);
    }));

  it("are what they were: stores hold their checksums", () => {
    expect(MIGRATIONS.map(({ sql }) => sha256(sql))).toEqual([
      "d1ca6b2e33358892027ba8fbec05903c6d007653609b2b06efef632d0d81fba8",
      "914bcde44876c857018f0e3f9b95ae47c58f6c0f43a537cc0262770c76ad367d",
      "2f14da376436fe9c91c12c0c6330c6e8183d12d262525316a04ae7b61482819c",
      "9cd2fe1373d800fa9e8894dd50dd5c72adb7302f7a575556a34de49417afad49",
      "027ae51aeca5ed0a24f4490260cf651536d14bbed7d5bf7edcefe2e32c546a75",
      "dc5127348b7b36df61766dec8b5b75f706486be9528933ee11d8222167073b1e",
      "b646cfb44446132034db7a9d6bc836ea0e7e70e48929441d9b908cbafd7cb7c6",
      "06ec22ed77b8a421f43f215d44ef251609f920efa5dbc86f9259bd363aae8f7d",
    ]);
  });

  it("bring a store of the first schema up to date, with all it holds", () =>
    inFolder(async (folder) => {
      const path = `${folder}/store.db`;
      const driver = await openDriver(defaultDriver(), { path, host, patience: 1000 });
      await migrate({ driver, path, host, readOnly: false, migrations: MIGRATIONS.slice(0, 1) });
      await driver.run("INSERT INTO code (hash, code, debug, used_at) VALUES ('u', '{}', '[]', 7)");
      await driver.run("INSERT INTO images (hash, body, used_at) VALUES ('i', '{\"v\":1}', 8)");
      await driver.run("INSERT INTO blobs (hash, body, used_at) VALUES ('b', 'text', 9)");
      await driver.close();
      const id = await filled(path);
      const store = await open(path);
      expect((await store.readMeta()).schema).toBe(SCHEMA);
      expect(await store.readUnit({ hash: "u" })).toEqual({ hash: "u", code: "{}", debug: "[]" });
      expect(await store.readImage({ hash: "i" })).toBe('{"v":1}');
      expect(await store.readBlob({ hash: "b" })).toBe("text");
      await store.close();
      await stillThere(path, id);
    }));

  it("refuse a store whose migration was another", () =>
    inFolder(async (folder) => {
      const path = `${folder}/store.db`;
      await filled(path);
      const driver = await openDriver(defaultDriver(), { path, host, patience: 1000 });
      const changed = [{ ...MIGRATIONS[0], sql: `${MIGRATIONS[0].sql} ` }, second].map((m) => m);
      const error = await refusal(migrate({ driver, path, host, readOnly: false, migrations: changed }));
      expect(error.message).toContain("its migration 1 is not the one this engine knows");
      await driver.close();
    }));

  it("run once when two processes open a new file together", () =>
    inFolder(async (folder) => {
      const path = `${folder}/store.db`;
      const stores = await Promise.all([open(path), open(path), open(path)]);
      const ids = await Promise.all(stores.map(async (store) => (await store.readMeta()).clusterId));
      expect(new Set(ids).size).toBe(1);
      for (const store of stores) await store.close();
    }));
});

describe("base images", () => {
  it("are asked for again a day after their use was noted, so that it is noted once more", () =>
    inFolder(async (folder) => {
      const own = new TestHost("images");
      const store = await openStore({ url: `${folder}/store.db`, host: own, folder });
      const images = [{ hash: "img", body: "{}" }];
      const isThere = () => store.hasImage({ hash: "img" });
      await store.writeTexts({ images });
      expect(await isThere()).toBe(true);
      own.clock.time += 86_400_001;
      expect(await isThere()).toBe(false);
      await store.writeTexts({ images });
      expect(await isThere()).toBe(true);
      await store.close();
    }));
});

describe("views", () => {
  it("show programs, journal, effects, inbox, snapshots and output, and cannot be written", () =>
    inFolder(async (folder) => {
      const path = `${folder}/store.db`;
      const store = await open(path);
      const bench = new Bench(store, host);
      await bench.register();
      const snapshot = { hash: "h", body: '{"v":1}' };
      const after = { waiting: [{ task: 1, kind: "sleep", what: "5 s", since: 3000 }] };
      const output = [{ branch: 0, number: 0, text: "hi" }];
      const row = await bench.step(await bench.owned(), { snapshot, output, after });
      await bench.answer(row, "k");
      await store.close();
      const driver = await openDriver(defaultDriver(), { path, host, patience: 100 });
      const count = async (view: string) => (await driver.get(`SELECT count(*) AS n FROM flowmetal_v1_${view}`))?.n;
      const counts = { programs: 1, journal: 2, effects: 0, inbox: 1, snapshots: 1, output: 1 };
      for (const [view, n] of Object.entries(counts)) expect([view, await count(view)]).toEqual([view, n]);
      expect(await driver.get("SELECT body ->> 'v' AS v, size FROM flowmetal_v1_snapshots")).toEqual({ v: 1, size: 7 });
      // All of the document's queries are run on a store with sleeping programs by test/cli/store-views.test.ts.
      const queries = [...readFileSync("docs/store.md", "utf8").matchAll(/```sql\n([\s\S]*?)```/g)]
        .map((match) => match[1])
        .slice(0, 3);
      const rows = await Promise.all(queries.map((sql) => driver.all(sql.replace("'ID'", `'${row.id}'`))));
      const [waiting, printed, history] = rows;
      expect(waiting).toMatchObject([{ id: row.id, kind: "sleep", what: "5 s", since: "1970-01-01 00:00:03" }]);
      expect(Object.values(printed[0])).toEqual(["hi"]);
      expect(history.map(({ kind }) => kind)).toEqual(["start", "turn"]);
      await expect(driver.run("DELETE FROM flowmetal_v1_programs")).rejects.toThrow(/view/);
      await driver.close();
    }));
});
