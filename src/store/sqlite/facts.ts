// What can be told of the file of a store from outside: sizes, room, which SQLite reads it, whether it can be written now.
import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { StoreHost } from "../host.ts";
import { defaultDriver, openDriver } from "./open-driver.ts";
import { type DriverName, SQLITE_DRIVERS } from "./driver.ts";
import { codedDriver } from "./failures.ts";

export interface DriverFacts {
  readonly name: DriverName;
  /** Version of the SQLite inside; null: it cannot be loaded. */
  readonly version: string | null;
  /** Why it cannot be loaded. */
  readonly problem: string | null;
}

/** Each driver, tried on a database in memory; the first is the one that is used. */
export async function driverFacts(host: StoreHost, chosen?: DriverName): Promise<readonly DriverFacts[]> {
  const first = chosen ?? defaultDriver();
  const names = [first, ...SQLITE_DRIVERS.filter((name) => name !== first)];
  return Promise.all(names.map((name) => tried(name, host)));
}

async function tried(name: DriverName, host: StoreHost): Promise<DriverFacts> {
  try {
    const driver = await openDriver(name, { path: ":memory:", host, patience: 0 });
    const row = await driver.get("SELECT sqlite_version() AS version").finally(() => driver.close());
    return { name, version: row!.version as string, problem: null };
  } catch (error) {
    return { name, version: null, problem: error instanceof Error ? error.message : String(error) };
  }
}

export interface FileFacts {
  /** Bytes of the database, and of its -wal file. */
  readonly size: number;
  readonly wal: number;
  /** Bytes that are left for its owner on the file system. */
  readonly free: number;
}

export function fileFacts(path: string): FileFacts {
  const { bavail, bsize } = statfsSync(dirname(path));
  return { size: sizeOf(path), wal: sizeOf(`${path}-wal`), free: bavail * bsize };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Takes the lock of writers, `patience` milliseconds at most, and gives it back. Throws the coded error if that fails. */
export async function tryToWrite(path: string, host: StoreHost, patience: number, name?: DriverName): Promise<void> {
  const driver = codedDriver(await openDriver(name ?? defaultDriver(), { path, host, patience }), path);
  try {
    await driver.transaction([], async () => undefined);
  } finally {
    await driver.close();
  }
}
