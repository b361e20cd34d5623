// A commit whose reply was lost: what it wrote counts once, what it did not write is written (E-10).

import { expect, it } from "vitest";
import { type SqlDriver, SqlError } from "../../src/store/sqlite/driver.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { Bench, inFolder, TestHost, turnOf } from "./support.ts";

/** Says of the next batches that they failed: before they ran, or after. */
class Faults {
  readonly plan: ("before" | "after")[] = [];

  wrap = (driver: SqlDriver): SqlDriver => ({
    exec: (sql) => driver.exec(sql),
    run: (sql, params) => driver.run(sql, params),
    get: (sql, params) => driver.get(sql, params),
    transaction: (statements, work) => driver.transaction(statements, work),
    close: () => driver.close(),
    all: async (sql, params) => {
      const fault = sql.startsWith("INSERT INTO batch_") ? this.plan.shift() : undefined;
      if (fault === "before") throw new SqlError("SQLITE_IOERR", "disk I/O error");
      const rows = await driver.all(sql, params);
      if (fault === "after") throw new SqlError("SQLITE_IOERR", "disk I/O error");
      return rows;
    },
  });
}

async function withFaults(work: (bench: Bench, faults: Faults, store: Store) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const host = new TestHost();
    const faults = new Faults();
    const store = await openSqliteStore({ path: `${folder}/s.db`, host, wrapDriver: faults.wrap });
    const bench = new Bench(store, host);
    await bench.register();
    await work(bench, faults, store);
    await store.close();
  });
}

it.each(["before", "after"] as const)("commits once when the reply is lost %s the commit", (when) =>
  withFaults(async (bench, faults, store) => {
    const row = await bench.owned();
    faults.plan.push(when);
    const after = await bench.step(row, { output: [{ branch: 0, number: 0, text: "once" }] });
    expect(after).toMatchObject({ turn: 1, position: 2, output: 1 });
    expect(await store.readOutput({ program: row.id })).toHaveLength(1);
    expect(faults.plan).toEqual([]);
  }),
);

it("says that it does not know when the second reply is lost too, and can be asked again", () =>
  withFaults(async (bench, faults) => {
    const row = await bench.owned();
    const batch = { id: bench.host.newId() };
    faults.plan.push("before", "after");
    await expect(bench.commit([turnOf(row)], batch)).rejects.toMatchObject({ code: "store/unknown-outcome" });
    expect((await bench.commit([turnOf(row)], { ...batch, again: true })).committed).toEqual([row.id]);
    expect(await bench.row(row.id)).toMatchObject({ turn: 1, position: 2 });
  }));
