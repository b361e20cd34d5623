// What the drivers of the engine's benchmarks share: stores (SQLite at synchronous=FULL, PostgreSQL), raw commits, bulk rows.
import { systemClock } from "../../../src/base/clock.ts";
import { newId } from "../../../src/base/ids.ts";
import { systemRandom } from "../../../src/base/random.ts";
import type { Bind, SqlDriver } from "../../../src/store/sqlite/driver.ts";
import { defaultDriver, openDriver } from "../../../src/store/sqlite/open-driver.ts";
import { openPgDriver } from "../../../src/store/postgres/pg-driver.ts";
import { parseUrl } from "../../../src/store/postgres/url.ts";
import { openStore } from "../../../src/store/open.ts";
import type { CommitBatch, CommitResult, Store } from "../../../src/store/store.ts";

export const host = { clock: systemClock, random: systemRandom };
const PATIENCE_MS = 10_000;

/** Milliseconds of a clock that all processes of this machine share. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export function openAt(url: string): Promise<Store> {
  return openStore({ url, host, folder: process.cwd(), synchronous: "FULL" });
}

const pathOf = (url: string): string => url.slice("sqlite:".length);

/** The same store; `committed` is told of each commit as soon as it is answered. */
export function tapped(store: Store, committed: (batch: CommitBatch, result: CommitResult) => void): Store {
  const commitTurns = async (batch: CommitBatch): Promise<CommitResult> => {
    const result = await store.commitTurns(batch);
    committed(batch, result);
    return result;
  };
  return new Proxy(store, {
    get: (target, name) => {
      if (name === "commitTurns") return commitTurns;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** A connection to the file of an SQLite store, or to another one, by the driver that stores have. */
export async function connect(path: string): Promise<SqlDriver> {
  const driver = await openDriver(defaultDriver(), { path, host, patience: PATIENCE_MS });
  await driver.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  return driver;
}

/** Commits of one row each, through the driver of the store at `url`: what nothing durable can be faster than. */
export class RawCommits {
  private constructor(
    readonly commit: () => Promise<unknown>,
    readonly close: () => Promise<void>,
  ) {}

  static async open(url: string): Promise<RawCommits> {
    const body = `{"padding":"${"x".repeat(400)}"}`;
    if (url.startsWith("sqlite:")) {
      const driver = await connect(`${pathOf(url)}-raw`);
      await driver.exec("CREATE TABLE IF NOT EXISTS raw (n INTEGER PRIMARY KEY, body TEXT NOT NULL)");
      return new RawCommits(
        () => driver.run("INSERT INTO raw (body) VALUES (?)", [body]),
        () => driver.close(),
      );
    }
    const driver = await openPgDriver({ url: parseUrl(url), host, patience: PATIENCE_MS });
    await driver.all(
      "CREATE TABLE IF NOT EXISTS flowmetal.raw (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL)",
    );
    return new RawCommits(
      () => driver.all("INSERT INTO flowmetal.raw (body) VALUES ($1)", [body]),
      () => driver.close(),
    );
  }
}

/** So many rows are written in one statement. */
const TOGETHER = 1_000;

/** Copies the rows of a program in an SQLite store under new ids, `count` times: those in `tables`, into another queue if that is given. */
export async function copyProgram(
  driver: SqlDriver,
  program: string,
  tables: readonly string[],
  count: number,
  { queue }: { readonly queue?: string } = {},
): Promise<void> {
  const statements: string[] = [];
  for (const table of tables) {
    const columns = (await driver.all(`PRAGMA table_info(${table})`)).map(({ name }) => name as string);
    const own = table === "programs" ? "id" : "program";
    const changed = new Map([[own, "j.value"], ...(queue === undefined ? [] : [["queue", `'${queue}'`] as const])]);
    const values = columns.map((column) => changed.get(column) ?? `t.${column}`);
    statements.push(
      `INSERT INTO ${table} (${columns.join(", ")}) SELECT ${values.join(", ")} FROM json_each(?2) AS j, ${table} AS t WHERE t.${own} = ?1`,
    );
  }
  for (let left = count; left > 0; left -= TOGETHER) {
    const ids = Array.from({ length: Math.min(left, TOGETHER) }, () => newId(host.clock, host.random));
    const binds: Bind[] = [program, JSON.stringify(ids)];
    await driver.transaction(statements, async (tx) => {
      for (const sql of statements) await tx.run(sql, binds);
    });
  }
}

/** Copies rows of an SQLite table: those that have the values of `where`, with those of `changes` in place of their own. */
export async function copyRows(
  driver: SqlDriver,
  table: string,
  where: Readonly<Record<string, Bind>>,
  changes: Readonly<Record<string, Bind>>,
): Promise<void> {
  const columns = (await driver.all(`PRAGMA table_info(${table})`)).map(({ name }) => name as string);
  const binds: Bind[] = [];
  const bound = (value: Bind): string => `?${binds.push(value)}`;
  const values = columns.map((column) => (Object.hasOwn(changes, column) ? bound(changes[column]) : column));
  const conditions = Object.entries(where).map(([column, value]) => `${column} = ${bound(value)}`);
  const sql = `INSERT INTO ${table} (${columns.join(", ")}) SELECT ${values.join(", ")} FROM ${table} WHERE ${conditions.join(" AND ")}`;
  await driver.run(sql, binds);
}
