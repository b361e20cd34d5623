// What is done to a store as a whole (E-16, E-20): backup, restoring, adoption, migration. Stores in files and in PostgreSQL have that.
import { resolve } from "node:path";
import { systemClock } from "../base/clock.ts";
import { systemRandom } from "../base/random.ts";
import { noKey, notAFile } from "../store/errors.ts";
import { openStore } from "../store/open.ts";
import type { RestoreReport } from "../store/postgres/upkeep.ts";
import type { KeyRing } from "../store/sealed/keys.ts";
import { rotate, type RotateReport } from "../store/sealed/rotate.ts";
import { SealState } from "../store/sealed/seal-state.ts";
import { isDriverName } from "../store/sqlite/driver.ts";
import {
  type AdoptReport,
  adoptFile,
  backupFile,
  type BackupReport,
  fileProblems,
  migrateFile,
  type MigrationPlan,
} from "../store/sqlite/upkeep.ts";

const host = { clock: systemClock, random: systemRandom };

/** The file, or null for PostgreSQL; refuses other kinds of stores by name. */
function fileOf(url: string, what: string) {
  if (/^postgres(ql)?:/.test(url)) return null;
  if (!url.startsWith("sqlite:")) throw notAFile(url, what);
  return { path: url.slice("sqlite:".length), host, driver: driverOf() };
}

function driverOf() {
  const name = process.env["FLOWMETAL_SQLITE_DRIVER"] ?? "";
  return isDriverName(name) ? name : undefined;
}

const database = (url: string) => ({ url, host, driver: driverOf() });
/** Loaded where it is needed, as the store itself. */
const upkeep = () => import("../store/postgres/upkeep.ts");

/** Copies a store into a new file, while others write to it. */
export async function backupStore(url: string, file: string): Promise<BackupReport> {
  const store = fileOf(url, "store backup");
  const path = resolve(file);
  return store === null ? (await upkeep()).backupDatabase(database(url), path) : backupFile(store, path);
}

/** Loads a backup into a PostgreSQL store that has no programs. */
export async function restoreStore(url: string, file: string): Promise<RestoreReport> {
  if (fileOf(url, "store restore") !== null) throw notAFile(url, "store restore");
  return (await upkeep()).restoreDatabase(database(url), resolve(file));
}

/** What the database itself finds wrong; nothing where it is not a file. */
export async function databaseProblems(url: string): Promise<readonly string[]> {
  const store = url === "memory:" ? null : fileOf(url, "store check");
  return store === null ? [] : fileProblems(store);
}

/** Brings a store to the schema of this engine, or says what that would do. */
export async function migrateStore(url: string, { dryRun }: { readonly dryRun: boolean }): Promise<MigrationPlan> {
  const store = fileOf(url, "store migrate");
  return store === null ? (await upkeep()).migrateDatabase(database(url), dryRun) : migrateFile(store, dryRun);
}

/** Seals everything in a store with the first key, while others use it. `told`: how many texts so far. */
export async function rotateStore(url: string, keys: KeyRing, told: (texts: number) => void): Promise<RotateReport> {
  if (keys.length === 0) throw noKey("there is no key to seal the store with");
  const driver = process.env["FLOWMETAL_SQLITE_DRIVER"];
  const store = await openStore({ url, host, folder: process.cwd(), create: false, driver, keys });
  try {
    return await rotate(store, await SealState.open(store, host, keys), { clock: systemClock, told });
  } finally {
    await store.close();
  }
}

/** Lets the programs of a restored backup go on, or says what that would mean. */
export async function adoptStore(url: string, { dryRun }: { readonly dryRun: boolean }): Promise<AdoptReport> {
  const store = fileOf(url, "store adopt");
  return store === null ? (await upkeep()).adoptDatabase(database(url), dryRun) : adoptFile(store, dryRun);
}
