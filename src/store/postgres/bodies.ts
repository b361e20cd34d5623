// The bodies of a PostgreSQL store as its rows hold them, and what the store says of its seal: for src/store/sealed and for gc.
import {
  BODY_TABLE_NAMES,
  type BodyChange,
  type BodyPage,
  type BodyRow,
  bodyRow,
  bodySql,
  replaceParameters,
} from "../bodies.ts";
import type { PgDriver } from "./driver.ts";

const SQL = Object.fromEntries(
  BODY_TABLE_NAMES.map((name) => {
    const sql = bodySql(name, `flowmetal.${name}`, (n) => `$${n}`);
    return [name, { ...sql, replace: `${sql.replace} RETURNING 1 AS done` }];
  }),
);
const QUIET = "SELECT set_config('flowmetal.quiet', '1', true) AS quiet";
/** The order of locks: rows of programs first (functions.ts). */
const LOCK = "SELECT 1 AS locked FROM flowmetal.programs WHERE id = ANY ($1) ORDER BY id FOR UPDATE";
const READ_SEAL = "SELECT seal FROM flowmetal.meta";
export const IS_EMPTY = `
SELECT (NOT EXISTS (SELECT 1 FROM flowmetal.programs) AND NOT EXISTS (SELECT 1 FROM flowmetal.code)
  AND NOT EXISTS (SELECT 1 FROM flowmetal.images) AND NOT EXISTS (SELECT 1 FROM flowmetal.blobs))::integer AS empty`;
/** Engines that know nothing of seals must not touch the store any more (E-16). */
export const WRITE_SEAL = `
UPDATE flowmetal.meta SET seal = $1, min_reader = greatest(min_reader, 4), min_writer = greatest(min_writer, 4)
  WHERE seal IS NOT DISTINCT FROM $2 RETURNING 1 AS done`;

/** The raw texts of one store. */
export class PostgresBodies {
  readonly #driver: PgDriver;

  constructor(driver: PgDriver) {
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
    const programs = [...new Set(rows.map(({ program }) => program).filter((id) => id !== ""))];
    return this.#driver.transaction(async (tx) => {
      await tx.all(QUIET);
      if (programs.length > 0) await tx.all(LOCK, [programs]);
      let count = 0;
      for (const row of rows) count += (await tx.all(sql.replace, replaceParameters(row, sql.columns))).length;
      return count;
    });
  }

  async readSeal(): Promise<string | null> {
    return (await this.#driver.all(READ_SEAL))[0].seal as string | null;
  }

  async writeSeal({ was, now }: { was: string | null; now: string }): Promise<boolean> {
    return this.#driver.transaction(async (tx) => {
      await tx.all("SELECT 1 AS locked FROM flowmetal.meta FOR UPDATE");
      if (was === null && (await tx.all(IS_EMPTY))[0].empty === 0) return false;
      return (await tx.all(WRITE_SEAL, [now, was])).length === 1;
    });
  }
}
