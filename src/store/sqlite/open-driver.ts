// Which SQLite driver opens a file: npm `sqlite3`, or `node:sqlite` where Node has one that is good for us (Node 24 and newer).
import { DriverMissing, type DriverName, type DriverOptions, type SqlDriver } from "./driver.ts";
import { openSqlite3 } from "./sqlite3-driver.ts";

/** `node:sqlite` no longer warns that it is an experiment. */
const SETTLED_NODE = 24;

/** The driver to use where nobody chose one. `versions`: those of the process. */
export function defaultDriver(versions: Readonly<Record<string, string | undefined>> = process.versions): DriverName {
  const { node = "0", sqlite } = versions;
  return Number.parseInt(node, 10) >= SETTLED_NODE && sqlite !== undefined && isSafe(sqlite)
    ? "node:sqlite"
    : "sqlite3";
}

/** Before SQLite 3.51.3 two connections that write and fold back the -wal file at once can damage it (the WAL-reset bug). */
function isSafe(version: string): boolean {
  const [major, minor, patch] = version.split(".").map(Number);
  return major > 3 || (major === 3 && (minor > 51 || (minor === 51 && patch >= 3)));
}

/** Opens a file with a driver. Throws DriverMissing where it is not at hand. */
export async function openDriver(name: DriverName, options: DriverOptions): Promise<SqlDriver> {
  if (name === "sqlite3") return openSqlite3(options);
  const { sqlite } = process.versions as Readonly<Record<string, string | undefined>>;
  if (sqlite !== undefined && !isSafe(sqlite)) {
    throw new DriverMissing(`SQLite ${sqlite} in this Node may damage a file that several connections write`);
  }
  return (await import("./node-driver.ts")).openNodeSqlite(options);
}
