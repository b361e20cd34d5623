// The duties of each SQLite driver: what may be bound, transactions that nothing comes between, patience, the package when it is missing.

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { type Bind, checkBinds, type SqlDriver, SqlError } from "../../src/store/sqlite/driver.ts";
import { defaultDriver, openDriver } from "../../src/store/sqlite/open-driver.ts";
import { DRIVERS, inFolder, TestHost } from "./support.ts";

const host = new TestHost();

describe.each(DRIVERS)("%s", (name) => {
  const open = (path: string, patience = 2000, readOnly = false): Promise<SqlDriver> =>
    openDriver(name, { path, host, patience, readOnly });

  describe("binding", () => {
    let driver: SqlDriver;
    beforeEach(async () => {
      driver = await open(":memory:");
      await driver.exec("CREATE TABLE t (v)");
    });
    afterEach(() => driver.close());

    const REFUSED: readonly unknown[] = [
      undefined,
      1n,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      2 ** 53 + 2,
      -(2 ** 53) - 2,
    ];
    it.each([...REFUSED, true, {}, [], "\ud800", new Date(0), new Uint8Array(1)])("refuses %o", async (value) => {
      await expect(driver.run("INSERT INTO t VALUES (?)", [value as Bind])).rejects.toThrow(
        /parameter 1 cannot be stored/,
      );
      expect(await driver.get("SELECT count(*) AS n FROM t")).toEqual({ n: 0 });
    });

    it("gives back what it was given", async () => {
      const text = fc.string({ unit: "binary" });
      const number = fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, min: -(2 ** 53), max: 2 ** 53 }));
      const bytes = fc.uint8Array().map((array) => Buffer.from(array));
      await fc.assert(
        fc.asyncProperty(fc.oneof(text, number, bytes, fc.constant(null)), async (value) => {
          const row = await driver.get("SELECT ? AS v", [value]);
          // SQLite has one zero.
          expect(row?.v).toEqual(Object.is(value, -0) ? 0 : value);
        }),
        { numRuns: 300 },
      );
    });

    it("names the parameter", () => {
      expect(() => checkBinds(["a", 1, undefined as unknown as Bind])).toThrow("parameter 3");
    });
  });

  it("lets nothing come between the calls of a transaction", () =>
    inFolder(async (folder) => {
      const driver = await open(`${folder}/a.db`);
      await driver.exec("CREATE TABLE t (v)");
      const insert = "INSERT INTO t VALUES (?)";
      const first = driver.transaction([insert], async (tx) => {
        await tx.run(insert, ["first"]);
        await systemClock.sleep(20);
        throw new Error("no");
      });
      const between = driver.run(insert, ["between"]);
      const second = driver.transaction([insert], async (tx) => {
        await tx.run(insert, ["second"]);
        return (await tx.all("SELECT v FROM t ORDER BY rowid")).map((row) => row.v);
      });
      await expect(first).rejects.toThrow("no");
      expect(await between).toBe(1);
      expect(await second).toEqual(["between", "second"]);
      await driver.close();
    }));

  it("tries a busy file again until its patience ends, and says then that it is busy", () =>
    inFolder(async (folder) => {
      const path = `${folder}/a.db`;
      const [holder, patient, hasty] = [await open(path), await open(path), await open(path, 30)];
      await holder.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (v)");
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      let begun = (): void => undefined;
      const holds = new Promise<void>((resolve) => {
        begun = resolve;
      });
      const holding = holder.transaction([], async (tx) => {
        await tx.run("INSERT INTO t VALUES (1)");
        begun();
        await held;
      });
      await holds;
      await expect(hasty.run("INSERT INTO t VALUES (2)")).rejects.toMatchObject({ sqlite: "SQLITE_BUSY" });
      await expect(hasty.transaction([], async () => 1)).rejects.toBeInstanceOf(SqlError);
      await expect(hasty.all("INSERT INTO t VALUES (2) RETURNING v")).rejects.toMatchObject({ sqlite: "SQLITE_BUSY" });
      const waiting = patient.run("INSERT INTO t VALUES (3)");
      await systemClock.sleep(30);
      release();
      await holding;
      expect(await waiting).toBe(1);
      expect(await holder.all("SELECT v FROM t")).toEqual([{ v: 1 }, { v: 3 }]);
      // What gave up is not in the way of what comes after it.
      await hasty.transaction([], (tx) => tx.run("INSERT INTO t VALUES (4)"));
      expect(await holder.all("SELECT v FROM t")).toEqual([{ v: 1 }, { v: 3 }, { v: 4 }]);
      await Promise.all([holder, patient, hasty].map((driver) => driver.close()));
    }));

  it("refuses calls after it is closed", async () => {
    const driver = await open(":memory:");
    await driver.close();
    await expect(driver.get("SELECT 1")).rejects.toMatchObject({ sqlite: "SQLITE_MISUSE" });
  });

  it("gives failures SQLite's own names", () =>
    inFolder(async (folder) => {
      const driver = await open(`${folder}/a.db`);
      await driver.exec("CREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER NOT NULL) STRICT");
      const named = (work: Promise<unknown>, sqlite: string) =>
        expect(work).rejects.toMatchObject({ name: "SqlError", sqlite });
      await named(driver.run("INSERT INTO t VALUES (?, NULL)", ["x"]), "SQLITE_CONSTRAINT");
      await named(driver.run("INSERT INTO t VALUES ('x', 'y')"), "SQLITE_CONSTRAINT");
      await named(driver.get("SELECT no FROM t"), "SQLITE_ERROR");
      await named(
        driver.exec("PRAGMA max_page_count = 3; INSERT INTO t VALUES (hex(zeroblob(100000)), 1)"),
        "SQLITE_FULL",
      );
      await driver.close();
      const looking = await open(`${folder}/a.db`, 100, true);
      await named(looking.run("DELETE FROM t"), "SQLITE_READONLY");
      await looking.close();
      await named(open(`${folder}/none/a.db`), "SQLITE_CANTOPEN");
      await expect(open(`${folder}/b.db`, 100, true)).rejects.toMatchObject({ sqlite: "SQLITE_CANTOPEN" });
    }));

  it("binds whole numbers as integers, gives back bytes as buffers, and counts changed rows", async () => {
    const driver = await open(":memory:");
    await driver.exec("CREATE TABLE t (v)");
    expect(await driver.get("SELECT typeof(?1) AS a, ?1 || '' AS b, ?2 AS c", [2 ** 30, null])).toEqual({
      a: "integer",
      b: "1073741824",
      c: null,
    });
    expect((await driver.get("SELECT x'0102' AS v"))?.v).toEqual(Buffer.from([1, 2]));
    expect(await driver.run("INSERT INTO t VALUES (1), (2)")).toBe(2);
    expect(await driver.run("DELETE FROM t WHERE v > ?", [1])).toBe(1);
    expect(await driver.all("INSERT INTO t VALUES (3) RETURNING v")).toEqual([{ v: 3 }]);
    await driver.close();
  });

  it("evaluates while it waits for the file", () =>
    inFolder(async (folder) => {
      const driver = await open(`${folder}/a.db`);
      let turns = 0;
      const counting = setInterval(() => turns++, 0);
      await driver.get(
        "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000000) SELECT max(n) FROM c",
      );
      clearInterval(counting);
      expect(turns).toBeGreaterThan(10);
      await driver.close();
    }));
});

it("chooses `node:sqlite` by itself from Node 24 on, unless its SQLite is one that may damage a file", () => {
  const chosen = (node: string, sqlite?: string) => defaultDriver({ node, sqlite });
  expect(chosen("20.20.2")).toBe("sqlite3");
  expect(chosen("22.23.3", "3.51.3")).toBe("sqlite3");
  expect(chosen("24.21.0", "3.53.4")).toBe("node:sqlite");
  expect(chosen("24.21.0")).toBe("sqlite3");
  expect(chosen("24.0.0", "3.49.1")).toBe("sqlite3");
  expect(chosen("26.1.0", "3.51.2")).toBe("sqlite3");
  expect(chosen("26.1.0", "3.51.3")).toBe("node:sqlite");
});
