// Bringing a database to this engine's schema: numbered migrations, each in its own transaction, each written down with a checksum.
//
// A lock that ends with the transaction stands between processes: who gets it looks again, and finds done what another did
// meanwhile. A process that dies inside a migration leaves nothing of it; the next one goes on from the last that is whole.

import { FlowmetalError } from "../../base/errors.ts";
import { sha256 } from "../../base/hash.ts";
import { newId } from "../../base/ids.ts";
import { missingTables, newerStore, notAStore } from "../errors.ts";
import type { StoreHost } from "../host.ts";
import type { StoreMeta } from "../rows.ts";
import { metaRow } from "../sqlite/decode.ts";
import type { PgCalls, PgDriver } from "./driver.ts";
import { sqlState } from "./failures.ts";

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/** The schema this engine reads and writes: that of the last migration of schema.ts. */
export const SCHEMA = 6;

const META = "SELECT * FROM flowmetal.meta";
const RESTORED = "SELECT (to_regclass('flowmetal.restored') IS NOT NULL)::integer AS restored";
const SERVER = `
SELECT current_setting('server_version_num')::integer AS version, current_setting('server_encoding') AS encoding,
  (SELECT count(*) FROM pg_namespace WHERE nspname = $1) AS there`;
// Any number will do that others in the database do not use: "flow" in ASCII.
const LOCK = "SELECT 1 AS done FROM pg_advisory_xact_lock(1718382455, hashtext($1))";
const LOG = `CREATE TABLE IF NOT EXISTS flowmetal.migrations (
  number bigint PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, time timestamptz NOT NULL)`;
const APPLIED = "SELECT number, checksum FROM flowmetal.migrations ORDER BY number";
const LOGGED = "INSERT INTO flowmetal.migrations VALUES ($1, $2, $3, clock_timestamp())";
/** The oldest PostgreSQL whose SQL is enough. */
const VERSION_MIN = 140_000;

export interface MigrateParams {
  readonly driver: PgDriver;
  readonly host: StoreHost;
  /** The URL without its password. */
  readonly shown: string;
  readonly schema: string;
  /** Make the tables where there are none. */
  readonly create: boolean;
  readonly readOnly: boolean;
  /** For tests: other migrations than this engine's, and the number of the last. */
  readonly migrations?: readonly Migration[];
  readonly newest?: number;
}

/** Brings the store to the newest schema (unless read-only) and answers its `meta`. Refuses what is newer or is no store. */
export async function migrate(params: MigrateParams): Promise<StoreMeta> {
  const { driver, shown, readOnly, create, newest = SCHEMA } = params;
  const known = await readMeta(driver, shown);
  if (known !== null) {
    const needed = readOnly ? known.minReader : known.minWriter;
    if (needed > newest) throw newerStore(shown, known.schema, newest);
    if (readOnly || known.schema >= newest) return known;
  } else if (readOnly || !create) {
    throw missingTables(shown);
  }
  const migrations = params.migrations ?? (await import("./schema.ts")).MIGRATIONS;
  for (const migration of migrations) await driver.transaction((tx) => apply(tx, migration, params));
  return (await readMeta(driver, shown))!;
}

/** Whether this is a restored backup that nobody has adopted: the table is the mark (upkeep.ts), so that none of before needs a migration. */
export async function isRestored(calls: PgCalls): Promise<boolean> {
  return (await calls.all(RESTORED))[0].restored === 1;
}

/** Null where there are no tables. */
async function readMeta(driver: PgDriver, shown: string): Promise<StoreMeta | null> {
  try {
    const [row] = await driver.all(META);
    if (typeof row?.min_writer !== "number") throw notAStore(shown, "its table meta is one of something else");
    return metaRow(row);
  } catch (error) {
    const state = sqlState(error instanceof FlowmetalError ? error.cause : error);
    // There is no such table, or no such schema.
    if (state === "42P01" || state === "3F000") return null;
    throw error;
  }
}

async function apply(tx: PgCalls, migration: Migration, params: MigrateParams): Promise<void> {
  const { host, shown, schema } = params;
  await tx.all(LOCK, [schema]);
  await checkServer(tx, params);
  await tx.all(LOG);
  const applied = await tx.all(APPLIED);
  const checksum = sha256(migration.sql);
  const before = applied.find((row) => row.number === migration.number);
  if (before !== undefined) {
    if (before.checksum === checksum) return;
    throw notAStore(shown, `its migration ${migration.number} is not the one this engine knows`);
  }
  await tx.all(migration.sql);
  await tx.all(LOGGED, [migration.number, migration.name, checksum]);
  if (applied.length === 0) {
    const id = newId(host.clock, host.random);
    await tx.all("INSERT INTO flowmetal.meta VALUES (1, $1, $1, $1, 1, $2)", [migration.number, id]);
  } else {
    await tx.all("UPDATE flowmetal.meta SET schema = $1", [migration.number]);
  }
}

/** Whether the server can hold a store; makes the schema. Whoever may not make one can be given one. */
async function checkServer(tx: PgCalls, { shown, schema }: MigrateParams): Promise<void> {
  const [row] = await tx.all(SERVER, [schema]);
  if ((row.version as number) < VERSION_MIN) throw notAStore(shown, "its server is older than PostgreSQL 14");
  if (row.encoding !== "UTF8") throw notAStore(shown, `its encoding is ${row.encoding}, and must be UTF8`);
  if (row.there === 0) await tx.all(`CREATE SCHEMA ${schema}`);
}
