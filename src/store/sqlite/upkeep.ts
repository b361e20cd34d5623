// What is done to the file of a store as a whole: backup, adoption of a restored one, SQLite's own checks, pending migrations.
//
// A backup bears a mark: `user_version` in the header of the file is 1, until somebody adopts it. Its `incarnation` is one higher than
// that of the store it was made of, nobody owns anything in it, and all terms are one higher (E-20, docs/decisions/0018).

import { dirname } from "node:path";
import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { corruptStore, fileExists, notABackup, notRestored } from "../errors.ts";
import type { StoreHost } from "../host.ts";
import type { EffectRow, StoreMeta } from "../rows.ts";
import { effectRow } from "./decode.ts";
import { defaultDriver, openDriver } from "./open-driver.ts";
import type { DriverName, SqlCalls, SqlDriver } from "./driver.ts";
import { codedDriver } from "./failures.ts";
import { checkFile, syncFile } from "./file.ts";
import { migrate, pendingMigrations } from "./migrate.ts";

export interface UpkeepParams {
  /** An absolute path. */
  readonly path: string;
  readonly host: StoreHost;
  readonly driver?: DriverName | undefined;
}

/** In the header of a file that was made by a backup and not adopted since. */
export const RESTORED_MARK = 1;
const MARK = "SELECT user_version AS mark FROM pragma_user_version";

/** Longer than a store's own: a backup waits for writers of any length. */
const PATIENCE_MS = 30_000;

async function open({ path, host, driver = defaultDriver() }: UpkeepParams, readOnly: boolean): Promise<SqlDriver> {
  checkFile({ path, create: false, readOnly });
  return codedDriver(await openDriver(driver, { path, host, readOnly, patience: PATIENCE_MS }), path);
}

async function using<T>(params: UpkeepParams, readOnly: boolean, work: (driver: SqlDriver) => Promise<T>): Promise<T> {
  const driver = await open(params, readOnly);
  return work(driver).finally(() => driver.close());
}

/** Whether the file on this connection is a restored backup that nobody has adopted. */
export async function isRestored(driver: Pick<SqlCalls, "get">): Promise<boolean> {
  return (await driver.get(MARK))!.mark === RESTORED_MARK;
}

/** The same of a file that is not open. */
export function isMarkedRestored(params: UpkeepParams): Promise<boolean> {
  return using(params, true, isRestored);
}

export interface BackupReport {
  readonly programs: number;
  readonly bytes: number;
  readonly incarnation: number;
}

/** Copies the store into a new file, as it is at one moment, while others write; looks at the copy before it gets its name. */
export function backupFile(params: UpkeepParams, file: string): Promise<BackupReport> {
  // Not read-only: then SQLite would write no -shm file where there is none.
  return makeBackup({ ...params, path: file }, (path) =>
    using(params, false, (driver) => driver.exec(`VACUUM INTO '${path.replaceAll("'", "''")}'`)),
  );
}

/** Makes a file that is a backup of what `fill` writes into the file whose path it is given. */
export async function makeBackup(
  params: UpkeepParams,
  fill: (path: string) => Promise<unknown>,
): Promise<BackupReport> {
  const { path: file } = params;
  if (existsSync(file)) throw fileExists(file);
  const path = `${file}.part`;
  rmSync(path, { force: true });
  try {
    await fill(path);
    const report = await using({ ...params, path }, false, markBackup);
    syncFile(path);
    renameSync(path, file);
    syncFile(dirname(file));
    return { ...report, bytes: statSync(file).size };
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

/** Makes a store without programs in a new file, and fills it in one transaction. */
export async function fillFile(params: UpkeepParams, work: (calls: SqlCalls) => Promise<void>): Promise<void> {
  const { path, host, driver = defaultDriver() } = params;
  checkFile({ path, create: true, readOnly: false });
  const file = codedDriver(await openDriver(driver, { path, host, patience: PATIENCE_MS }), path);
  try {
    await migrate({ driver: file, path, host, readOnly: false });
    await file.transaction([], work);
  } finally {
    await file.close();
  }
}

/** Reads a backup that nobody has adopted, as it is. */
export function readBackup<T>(
  params: UpkeepParams,
  work: (driver: SqlCalls, meta: StoreMeta) => Promise<T>,
): Promise<T> {
  return using(params, true, async (driver) => {
    const meta = await migrate({ driver, path: params.path, host: params.host, readOnly: true });
    if (!(await isRestored(driver))) throw notABackup(params.path);
    return work(driver, meta);
  });
}

const DISOWN = [
  "UPDATE meta SET incarnation = incarnation + 1",
  "DELETE FROM interpreters",
  "UPDATE programs SET owner = NULL, term = term + 1 WHERE status NOT IN ('done', 'cancelled', 'moved')",
  "UPDATE effects SET owner = NULL, term = term + 1 WHERE state <> 'settled'",
] as const;

async function markBackup(driver: SqlDriver): Promise<Omit<BackupReport, "bytes">> {
  await driver.transaction(DISOWN, async (tx) => {
    for (const sql of DISOWN) await tx.run(sql);
    await tx.exec(`PRAGMA user_version = ${RESTORED_MARK}`);
  });
  const problems = await problemsIn(driver);
  if (problems.length > 0) throw corruptStore("that the backup was made of", new Error(problems[0]));
  const counts = (await driver.get("SELECT (SELECT count(*) FROM programs) AS programs, incarnation FROM meta"))!;
  return { programs: counts.programs as number, incarnation: counts.incarnation as number };
}

/** What SQLite itself finds wrong with the file: pages, indices, rows that refer to no program. */
export function fileProblems(params: UpkeepParams): Promise<readonly string[]> {
  return using(params, true, problemsIn);
}

async function problemsIn(driver: SqlCalls): Promise<readonly string[]> {
  const integrity = (await driver.all("PRAGMA integrity_check")).map((row) => String(Object.values(row)[0]));
  const orphans = await driver.all(
    'SELECT DISTINCT "table" AS name, count(*) AS n FROM pragma_foreign_key_check GROUP BY 1',
  );
  return [
    ...integrity.filter((text) => text !== "ok"),
    ...orphans.map(({ name, n }) => `${n} rows of ${name} refer to programs that are not there`),
  ];
}

export interface MigrationPlan {
  /** Schema of the file. */
  readonly schema: number;
  readonly pending: readonly { readonly number: number; readonly name: string }[];
}

/** Brings a file to the schema of this engine, or says what that would do. Refuses a newer one by name. */
export function migrateFile(params: UpkeepParams, dryRun: boolean): Promise<MigrationPlan> {
  return using(params, dryRun, async (driver) => {
    const { path, host } = params;
    const { schema } = await migrate({ driver, path, host, readOnly: true });
    if (!dryRun) await migrate({ driver, path, host, readOnly: false });
    return { schema, pending: pendingMigrations(schema) };
  });
}

export interface AdoptReport {
  readonly incarnation: number;
  /** Programs that go on now. */
  readonly programs: number;
  /** Effects that were open when the backup was made. */
  readonly again: readonly EffectRow[];
  readonly unknown: readonly EffectRow[];
}

const OPEN = "SELECT * FROM effects WHERE state IN ('pending', 'sending') ORDER BY program, rowid";
// Nobody knows whether the store that the backup was made of has sent it: as if its sender had died (E-21).
const ONCE = `
UPDATE effects SET state = 'sending', owner = NULL WHERE state IN ('pending', 'sending') AND delivery = 'at-most-once'`;
const AGAIN = `
UPDATE effects SET state = 'pending', owner = NULL WHERE state = 'sending' AND delivery = 'at-least-once'`;

/** Takes the mark of a backup away, so that its programs go on. `dryRun`: only says what that would mean. */
export async function adoptFile(params: UpkeepParams, dryRun: boolean): Promise<AdoptReport> {
  return using(params, dryRun, async (driver) => {
    if (!(await isRestored(driver))) throw notRestored(params.path);
    if (!dryRun) await migrate({ driver, path: params.path, host: params.host, readOnly: false });
    const open = (await driver.all(OPEN)).map(effectRow);
    const meta = (await driver.get(
      "SELECT incarnation, (SELECT count(*) FROM programs WHERE status NOT IN ('done', 'cancelled', 'moved')) AS programs FROM meta",
    ))!;
    if (!dryRun) {
      await driver.transaction([ONCE, AGAIN], async (tx) => {
        await tx.run(ONCE);
        await tx.run(AGAIN);
        await tx.exec("PRAGMA user_version = 0");
      });
    }
    return {
      incarnation: meta.incarnation as number,
      programs: meta.programs as number,
      again: open.filter(({ delivery }) => delivery === "at-least-once"),
      unknown: open.filter(({ delivery }) => delivery === "at-most-once"),
    };
  });
}

/** A driver that only reads: of a store that nobody has adopted. */
export function readingOnly(driver: SqlDriver, refusal: () => Error): SqlDriver {
  const refuse = (): Promise<never> => Promise.reject(refusal());
  return { ...driver, get: driver.get, all: driver.all, exec: refuse, run: refuse, transaction: refuse };
}
