// What is done to a store as a whole (E-16, E-20): backup, adoption, migration. Only stores in files have something to do here.
import { resolve } from "node:path";
import { systemClock } from "../base/clock.ts";
import { systemRandom } from "../base/random.ts";
import { notAFile } from "../store/errors.ts";
import {
  type AdoptReport,
  adoptFile,
  backupFile,
  type BackupReport,
  fileProblems,
  type MigrationPlan,
  planMigration,
} from "../store/sqlite/upkeep.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import { isDriverName } from "../store/sqlite/driver.ts";

const host = { clock: systemClock, random: systemRandom };

/** The file of a store; refuses other kinds of stores by name. */
function fileOf(url: string, what: string) {
  if (!url.startsWith("sqlite:")) throw notAFile(url, what);
  const name = process.env["FLOWMETAL_SQLITE_DRIVER"] ?? "";
  return { path: url.slice("sqlite:".length), host, ...(isDriverName(name) ? { driver: name } : {}) };
}

/** Copies a store into a new file, while others write to it. */
export async function backupStore(url: string, file: string): Promise<BackupReport> {
  return backupFile(fileOf(url, "store backup"), resolve(file));
}

/** What the database itself finds wrong; nothing where it is not a file. */
export async function databaseProblems(url: string): Promise<readonly string[]> {
  return url.startsWith("sqlite:") ? fileProblems(fileOf(url, "store check")) : [];
}

/** Brings a store to the schema of this engine, or says what that would do. */
export async function migrateStore(url: string, { dryRun }: { readonly dryRun: boolean }): Promise<MigrationPlan> {
  const file = fileOf(url, "store migrate");
  const plan = await planMigration(file);
  if (!dryRun && plan.pending.length > 0) await (await openSqliteStore({ ...file, create: false })).close();
  return plan;
}

/** Lets the programs of a restored backup go on, or says what that would mean. */
export async function adoptStore(url: string, { dryRun }: { readonly dryRun: boolean }): Promise<AdoptReport> {
  return adoptFile(fileOf(url, "store adopt"), dryRun);
}
