// The bodies of an SQLite store as its rows hold them, and what the store says of its seal: for src/store/sealed and for gc.
import {
  BODY_TABLE_NAMES,
  type BodyChange,
  type BodyPage,
  type BodyRow,
  bodyRow,
  bodySql,
  replaceParameters,
} from "../bodies.ts";
import type { SqlDriver } from "./driver.ts";

// `IS` is how SQLite says IS NOT DISTINCT FROM before 3.39.
const SQL = Object.fromEntries(
  BODY_TABLE_NAMES.map((name) => {
    const sql = bodySql(name, name, (n) => `?${n}`);
    return [name, { ...sql, replace: sql.replace.replaceAll("IS NOT DISTINCT FROM", "IS") }];
  }),
);
const READ_SEAL = "SELECT seal FROM meta";
const IS_EMPTY = `
SELECT NOT EXISTS (SELECT 1 FROM programs) AND NOT EXISTS (SELECT 1 FROM code) AND NOT EXISTS (SELECT 1 FROM images)
  AND NOT EXISTS (SELECT 1 FROM blobs) AS empty`;
/** Engines that know nothing of seals must not touch the store any more (E-16). */
export const WRITE_SEAL =
  "UPDATE meta SET seal = ?1, min_reader = max(min_reader, 7), min_writer = max(min_writer, 7) WHERE seal IS ?2";

/** The raw texts of one store. */
export class SqliteBodies {
  readonly #driver: SqlDriver;

  constructor(driver: SqlDriver) {
    this.#driver = driver;
  }

  async readBodies({ table, after, limit }: BodyPage): Promise<readonly BodyRow[]> {
    const sql = SQL[table];
    const rows = await (after === null
      ? this.#driver.all(sql.first, [limit])
      : this.#driver.all(sql.read, [...after, limit]));
    return rows.map((row) => bodyRow(row, sql));
  }

  async replaceBodies({ table, rows }: { table: BodyPage["table"]; rows: readonly BodyChange[] }): Promise<number> {
    const sql = SQL[table];
    return this.#driver.transaction([sql.replace], async (tx) => {
      let count = 0;
      for (const row of rows) count += await tx.run(sql.replace, replaceParameters(row, sql.columns));
      return count;
    });
  }

  async readSeal(): Promise<string | null> {
    return (await this.#driver.get(READ_SEAL))!.seal as string | null;
  }

  async writeSeal({ was, now }: { was: string | null; now: string }): Promise<boolean> {
    return this.#driver.transaction([WRITE_SEAL], async (tx) => {
      if (was === null && (await tx.get(IS_EMPTY))!.empty === 0) return false;
      return (await tx.run(WRITE_SEAL, [now, was])) === 1;
    });
  }
}
