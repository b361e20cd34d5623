// Bringing a file to this engine's schema: numbered migrations, each in its own transaction, each written down with a checksum.
//
// The write lock of BEGIN IMMEDIATE is the lock between processes: who gets it looks again, and finds done what another did
// meanwhile. A process that dies inside a migration leaves nothing of it; the next one goes on from the last that is whole.

import { sha256 } from "../../base/hash.ts";
import { newId } from "../../base/ids.ts";
import { newerStore, notAStore } from "../errors.ts";
import type { StoreHost } from "../host.ts";
import type { StoreMeta } from "../rows.ts";
import { metaRow } from "./decode.ts";
import type { SqlCalls, SqlDriver } from "./driver.ts";
import { APPLICATION_ID, MIGRATIONS, type Migration, SCHEMA } from "./schema.ts";

const META = "SELECT * FROM meta";
const HEADER =
  "SELECT application_id AS id, (SELECT count(*) FROM sqlite_schema) AS objects FROM pragma_application_id";
const LOG = `CREATE TABLE IF NOT EXISTS migrations (
  number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, time INTEGER NOT NULL) STRICT`;
const APPLIED = "SELECT number, checksum FROM migrations ORDER BY number";

export interface MigrateParams {
  readonly driver: SqlDriver;
  readonly path: string;
  readonly host: StoreHost;
  readonly readOnly: boolean;
  /** For tests: other migrations than this engine's. */
  readonly migrations?: readonly Migration[];
}

/** Brings the file to the newest schema (unless read-only) and answers its `meta`. Refuses what is newer or is no store. */
export async function migrate(params: MigrateParams): Promise<StoreMeta> {
  const { driver, path, readOnly, migrations = MIGRATIONS } = params;
  const known = await readMeta(driver, path);
  if (known !== null) {
    const needed = readOnly ? known.minReader : known.minWriter;
    if (needed > SCHEMA) throw newerStore(path, known.schema, SCHEMA);
    if (readOnly || known.schema >= (migrations.at(-1)?.number ?? 0)) return known;
  } else if (readOnly) {
    throw notAStore(path, "it holds no tables");
  }
  for (const migration of migrations) await driver.transaction([], (tx) => apply(tx, migration, params));
  return metaRow((await driver.get(META))!);
}

/** The migrations that a store of this schema still lacks. */
export function pendingMigrations(schema: number): readonly { readonly number: number; readonly name: string }[] {
  return MIGRATIONS.filter(({ number }) => number > schema).map(({ number, name }) => ({ number, name }));
}

/** Null for a file without tables. */
async function readMeta(driver: SqlDriver, path: string): Promise<StoreMeta | null> {
  const header = (await driver.get(HEADER))!;
  if (header.objects === 0) return null;
  if (header.id !== APPLICATION_ID) throw notAStore(path, "it is an SQLite database of something else");
  return metaRow((await driver.get(META))!);
}

async function apply(tx: SqlCalls, migration: Migration, params: MigrateParams): Promise<void> {
  const { host, path } = params;
  await tx.exec(LOG);
  const applied = await tx.all(APPLIED);
  const checksum = sha256(migration.sql);
  const before = applied.find((row) => row.number === migration.number);
  if (before !== undefined) {
    if (before.checksum === checksum) return;
    throw notAStore(path, `its migration ${migration.number} is not the one this engine knows`);
  }
  await tx.exec(migration.sql);
  const now = Math.floor(host.clock.now());
  const { number, name } = migration;
  await tx.run("INSERT INTO migrations VALUES (?1, ?2, ?3, ?4)", [number, name, checksum, now]);
  if (applied.length === 0) {
    await tx.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    await tx.run("INSERT INTO meta VALUES (1, ?1, ?1, ?1, 1, ?2, ?3)", [number, now, newId(host.clock, host.random)]);
  } else {
    await tx.run("UPDATE meta SET schema = ?1", [number]);
  }
}
