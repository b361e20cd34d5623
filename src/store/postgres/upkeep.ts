// What is done to a PostgreSQL store as a whole: backup into a file, restoring one, adoption, pending migrations (E-20).
//
// A backup is a SQLite store, made of what one transaction sees (repeatable read): the same file as that of a SQLite store, so it can be
// looked at, adopted, checked and restored by the same commands, on any machine. A restored database bears a mark until somebody
// adopts it: a table `restored`. See docs/decisions/0018.

import { notEmpty, notRestored, olderStore } from "../errors.ts";
import type { StoreHost } from "../host.ts";
import { inPieces } from "../pieces.ts";
import type { StoreMeta } from "../rows.ts";
import { WRITE_SEAL as SEAL_FILE } from "../sqlite/bodies.ts";
import { effectRow, metaRow } from "../sqlite/decode.ts";
import type { DriverName, SqlCalls } from "../sqlite/driver.ts";
import { SCHEMA as FILE_SCHEMA } from "../sqlite/schema.ts";
import {
  type AdoptReport,
  type BackupReport,
  fillFile,
  makeBackup,
  type MigrationPlan,
  readBackup,
} from "../sqlite/upkeep.ts";
import { IS_EMPTY, WRITE_SEAL as SEAL_DATABASE } from "./bodies.ts";
import type { PgCalls, PgDriver, SqlRow } from "./driver.ts";
import { plainText, storedText } from "./escape.ts";
import { isRestored, migrate, SCHEMA } from "./migrate.ts";
import { insertion, PROGRAM, TABLES } from "./moving.ts";
import { openPgDriver } from "./pg-driver.ts";
import { parseUrl, type PostgresUrl } from "./url.ts";

export interface DatabaseParams {
  readonly url: string;
  readonly host: StoreHost;
  /** Of the file that a backup is. */
  readonly driver?: DriverName | undefined;
}

interface Copied {
  readonly columns: Readonly<Record<string, string>>;
  /** The order of rows in the database; that in the file is `key`, by which it is read page by page. */
  readonly order: string;
  readonly key: readonly string[];
  /** Columns of texts that may hold a NUL (escape.ts). */
  readonly escaped?: readonly string[];
}

const program = { program: "text" } as const;
const used = { hash: "text", used_at: "bigint" } as const;
const OWN = { order: "program, position", key: ["program", "position"] } as const;
const ROWID = ["rowid"] as const;

// Everything but interpreters, which end with the store they are of, and `meta`.
const COPIED: Readonly<Record<string, Copied>> = {
  programs: { columns: PROGRAM, order: "n", key: ROWID },
  journal: { columns: { ...program, ...TABLES.journal }, ...OWN },
  snapshots: { columns: { ...program, ...TABLES.snapshots }, ...OWN, escaped: ["body"] },
  chunks: { columns: { ...program, ...TABLES.chunks }, order: "program, hash", key: ROWID, escaped: ["body"] },
  inbox: { columns: { ...program, ...TABLES.inbox }, order: "id", key: ["id"] },
  effects: { columns: { ...program, ...TABLES.effects }, order: "n", key: ROWID },
  output: {
    columns: { ...program, ...TABLES.output },
    order: "program, serial",
    key: ["program", "serial"],
    escaped: ["text"],
  },
  code: { columns: { ...used, code: "text", debug: "text" }, order: "hash", key: ROWID },
  images: { columns: { ...used, body: "text" }, order: "hash", key: ROWID, escaped: ["body"] },
  blobs: { columns: { ...used, body: "text" }, order: "hash", key: ROWID, escaped: ["body"] },
  collected: { columns: { id: "text", status: "text", time: "bigint" }, order: "id", key: ["id"] },
  callbacks: {
    columns: { token_hash: "text", ...program, effect: "text", mode: "text", expires: "bigint", settled: "bigint" },
    order: "token_hash",
    key: ["token_hash"],
  },
  schedules: {
    columns: { id: "text", generation: "bigint", body: "text", due: "bigint", updated: "bigint" },
    order: "id",
    key: ["id"],
  },
};

/** Rows read at once; of snapshots, which may be megabytes each, fewer. */
const pageOf = (table: string): number => (table === "snapshots" || table === "blobs" ? 8 : 200);

const ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY";
const META = "SELECT *, flowmetal.now_ms() AS now FROM flowmetal.meta";
const QUIET = "SELECT set_config('flowmetal.quiet', '1', true) AS quiet";
/** Longer than a store's own. */
const PATIENCE_MS = 30_000;

async function using<T>(params: DatabaseParams, work: (driver: PgDriver, url: PostgresUrl) => Promise<T>): Promise<T> {
  const url = parseUrl(params.url);
  const driver = await openPgDriver({ url, host: params.host, patience: PATIENCE_MS });
  return work(driver, url).finally(() => driver.close());
}

async function metaOf(driver: PgDriver, { host }: DatabaseParams, url: PostgresUrl): Promise<StoreMeta> {
  const { shown, schema } = url;
  return migrate({ driver, host, shown, schema, create: false, readOnly: true });
}

/** Copies the store into a new file, as one transaction sees it while others write; looks at the copy before it gets its name. */
export function backupDatabase(params: DatabaseParams, file: string): Promise<BackupReport> {
  return using(params, async (driver, url) => {
    const { schema } = await metaOf(driver, params, url);
    if (schema < SCHEMA) throw olderStore(url.shown, schema, SCHEMA);
    const { host } = params;
    return makeBackup({ path: file, host, driver: params.driver }, (path) =>
      fillFile({ path, host, driver: params.driver }, (to) => driver.transaction((from) => copyOut(from, to))),
    );
  });
}

async function copyOut(from: PgCalls, to: SqlCalls): Promise<void> {
  await from.all(ONE_MOMENT);
  const [row] = await from.all(META);
  const { incarnation, clusterId } = metaRow(row);
  const meta = [incarnation, clusterId, row.now] as const;
  await to.run("UPDATE meta SET incarnation = ?1, cluster_id = ?2, last_time = max(last_time, ?3)", meta);
  // Sealed texts stay as they are: they are bound to the cluster id, which stays, too.
  if (row.seal !== null) await to.run(SEAL_FILE, [row.seal as string, null]);
  for (const [table, { columns, order, escaped = [] }] of Object.entries(COPIED)) {
    const names = Object.keys(columns);
    const quoted = names.map((name) => `"${name}"`).join(", ");
    const values = names.map((_, i) => `j.value ->> ${i}`).join(", ");
    const insert = `INSERT INTO ${table} (${quoted}) SELECT ${values} FROM json_each(?1) AS j`;
    await from.all(`DECLARE rows NO SCROLL CURSOR FOR SELECT ${quoted} FROM flowmetal.${table} ORDER BY ${order}`);
    for (;;) {
      const rows = await from.all(`FETCH ${pageOf(table)} FROM rows`);
      if (rows.length === 0) break;
      const plain = rows.map((one) => names.map((name) => (escaped.includes(name) ? plainOf(one, name) : one[name])));
      for (const piece of inPieces(plain)) await to.run(insert, [piece]);
    }
    await from.all("CLOSE rows");
  }
}

const plainOf = (row: SqlRow, name: string): string => plainText(row[name] as string);

export interface RestoreReport {
  readonly programs: number;
  readonly incarnation: number;
}

/** Loads a backup into a database that has no programs yet. Nothing in it goes on until it is adopted. */
export function restoreDatabase(params: DatabaseParams, file: string): Promise<RestoreReport> {
  const { host } = params;
  return readBackup({ path: file, host, driver: params.driver }, async (from, meta) => {
    if (meta.schema < FILE_SCHEMA) throw olderStore(file, meta.schema, FILE_SCHEMA);
    return using(params, async (driver, url) => {
      const { shown, schema } = url;
      await migrate({ driver, host, shown, schema, create: true, readOnly: false });
      return driver.transaction((to) => copyIn(from, to, meta, shown));
    });
  });
}

const USED = `
SELECT (SELECT count(*) FROM flowmetal.programs) + (SELECT count(*) FROM flowmetal.collected)
  + (SELECT count(*) FROM flowmetal.interpreters WHERE expires > flowmetal.now_ms())
  + (SELECT count(*) FROM flowmetal.meta WHERE seal IS NOT NULL) AS used`;
const TEXTS = ["code", "images", "blobs"];

async function copyIn(from: SqlCalls, to: PgCalls, meta: StoreMeta, shown: string): Promise<RestoreReport> {
  await to.all("LOCK TABLE flowmetal.meta, flowmetal.programs, flowmetal.interpreters IN EXCLUSIVE MODE");
  const seal = (await from.get("SELECT seal FROM meta"))!.seal as string | null;
  const used = (await to.all(USED))[0].used !== 0 || (seal !== null && (await to.all(IS_EMPTY))[0].empty === 0);
  if (used) throw notEmpty(shown);
  await to.all("CREATE TABLE flowmetal.restored (since bigint NOT NULL)");
  await to.all(QUIET);
  const { incarnation, clusterId } = meta;
  await to.all("UPDATE flowmetal.meta SET incarnation = $1, cluster_id = $2", [incarnation, clusterId]);
  if (seal !== null) await to.all(SEAL_DATABASE, [seal, null]);
  let programs = 0;
  for (const [table, copied] of Object.entries(COPIED)) {
    // Texts that are there already are the same.
    const insert = insertion(table, copied.columns, "", "") + (TEXTS.includes(table) ? " ON CONFLICT DO NOTHING" : "");
    for await (const rows of pagesOf(from, table, copied)) {
      if (table === "programs") programs += rows.length;
      const stored = rows.map((row, nth) => ({ ...storedRow(row, copied), nth }));
      for (const piece of inPieces(stored)) await to.all(insert, [piece]);
    }
  }
  return { programs, incarnation };
}

function storedRow(row: Readonly<Record<string, unknown>>, { escaped = [] }: Copied): Record<string, unknown> {
  return { ...row, ...Object.fromEntries(escaped.map((name) => [name, storedText(row[name] as string)])) };
}

async function* pagesOf(from: SqlCalls, table: string, { columns, key }: Copied) {
  const names = Object.keys(columns).map((name) => `"${name}"`);
  const keys = key.join(", ");
  const select = `SELECT ${names.join(", ")}, ${key.map((one, i) => `${one} AS key${i}`).join(", ")} FROM ${table}`;
  const behind = `WHERE (${keys}) > (${key.map((_, i) => `?${i + 1}`).join(", ")})`;
  let last: readonly (string | number)[] | null = null;
  for (;;) {
    const where = last === null ? "" : behind;
    const rows = await from.all(`${select} ${where} ORDER BY ${keys} LIMIT ${pageOf(table)}`, last ?? []);
    if (rows.length === 0) return;
    const end = rows[rows.length - 1];
    last = key.map((_, i) => end[`key${i}`] as string | number);
    yield rows;
  }
}

const OPEN = "SELECT * FROM flowmetal.effects WHERE state IN ('pending', 'sending') ORDER BY program, n";
const GOING_ON = `
SELECT incarnation, (SELECT count(*) FROM flowmetal.programs WHERE status NOT IN ('done', 'cancelled', 'moved')) AS programs
FROM flowmetal.meta`;
// As in sqlite/upkeep.ts.
const ADOPT = [
  `UPDATE flowmetal.effects SET state = 'sending', owner = NULL
   WHERE state IN ('pending', 'sending') AND delivery = 'at-most-once'`,
  "UPDATE flowmetal.effects SET state = 'pending', owner = NULL WHERE state = 'sending' AND delivery = 'at-least-once'",
  "DROP TABLE flowmetal.restored",
];

/** Takes the mark of a restored database away, so that its programs go on. `dryRun`: only says what that would mean. */
export function adoptDatabase(params: DatabaseParams, dryRun: boolean): Promise<AdoptReport> {
  return using(params, async (driver, url) => {
    await metaOf(driver, params, url);
    return driver.transaction(async (tx) => {
      if (!(await isRestored(tx))) throw notRestored(url.shown);
      const open = (await tx.all(OPEN)).map(effectRow);
      const [row] = await tx.all(GOING_ON);
      if (!dryRun) for (const sql of ADOPT) await tx.all(sql);
      return {
        incarnation: row.incarnation as number,
        programs: row.programs as number,
        again: open.filter(({ delivery }) => delivery === "at-least-once"),
        unknown: open.filter(({ delivery }) => delivery === "at-most-once"),
      };
    });
  });
}

/** Whether a database is a restored backup that nobody has adopted. */
export function isMarkedRestored(params: DatabaseParams): Promise<boolean> {
  return using(params, isRestored);
}

/** Brings a database to the schema of this engine, or says what that would do. */
export function migrateDatabase(params: DatabaseParams, dryRun: boolean): Promise<MigrationPlan> {
  return using(params, async (driver, url) => {
    const before = await metaOf(driver, params, url);
    const { MIGRATIONS } = await import("./schema.ts");
    const pending = MIGRATIONS.filter(({ number }) => number > before.schema);
    const { shown, schema } = url;
    if (!dryRun) await migrate({ driver, host: params.host, shown, schema, create: false, readOnly: false });
    return { schema: before.schema, pending: pending.map(({ number, name }) => ({ number, name })) };
  });
}
