// From SQLite's failures to the store's: a driver whose errors are coded and name the file.

import * as errors from "../errors.ts";
import type { SqlCalls, SqlDriver } from "./driver.ts";
import { SqlError } from "./driver.ts";

/** The coded error for a failure of the database file `path`; anything else is answered as it is. */
export function storeFailure(path: string, error: unknown): unknown {
  if (!(error instanceof SqlError)) return error;
  switch (error.sqlite) {
    case "SQLITE_BUSY":
    case "SQLITE_LOCKED":
      return errors.lockedStore(path, error);
    case "SQLITE_FULL":
      return errors.fullStore(path, error);
    case "SQLITE_READONLY":
      return errors.readOnlyStore(path, error);
    case "SQLITE_CORRUPT":
      return errors.corruptStore(path, error);
    case "SQLITE_NOTADB":
      return errors.notAStore(path, "it is no SQLite database");
    case "SQLITE_CANTOPEN":
    case "SQLITE_PERM":
      return errors.unreachableStore(path, error);
    case "SQLITE_IOERR":
      return errors.failingDisk(path, error);
    default:
      return errors.failedStore(path, error);
  }
}

/** The same driver with coded errors. Inside a transaction errors are coded once, on its way out. */
export function codedDriver(driver: SqlDriver, path: string): SqlDriver {
  const coded = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw storeFailure(path, error);
    }
  };
  return {
    exec: (sql) => coded(driver.exec(sql)),
    run: (sql, params) => coded(driver.run(sql, params)),
    get: (sql, params) => coded(driver.get(sql, params)),
    all: (sql, params) => coded(driver.all(sql, params)),
    transaction: <T>(statements: readonly string[], work: (calls: SqlCalls) => Promise<T>) =>
      coded(driver.transaction(statements, work)),
    close: () => coded(driver.close()),
  };
}
