// The driver over npm `sqlite3` (see driver.ts). The package is loaded when the first file is opened, never before.
import type { Database, Statement } from "sqlite3";
import { type Bind, DriverMissing, type DriverOptions, type SqlDriver, SqlError, type SqlRow } from "./driver.ts";
import { type Connection, SerialDriver } from "./serial-driver.ts";

type Package = typeof import("sqlite3");

// SQLite's numbers; the package declares them and does not export them.
const OPEN_READONLY = 0x1;
const OPEN_READWRITE = 0x2;
const OPEN_CREATE = 0x4;
const OPEN_URI = 0x40;
const OPEN_FULLMUTEX = 0x10000;

let loaded: Package | null = null;

async function loadPackage(): Promise<Package> {
  if (loaded !== null) return loaded;
  try {
    // The package exports everything as its default, which its declarations do not say.
    loaded = ((await import("sqlite3")) as unknown as { readonly default: Package }).default;
    return loaded;
  } catch (cause) {
    throw new DriverMissing("the native part of the package `sqlite3` cannot be loaded", { cause });
  }
}

/** Opens a file (made if it is missing, unless read-only). */
export async function openSqlite3(options: DriverOptions): Promise<SqlDriver> {
  const sqlite3 = await loadPackage();
  const mode = (options.readOnly ? OPEN_READONLY : OPEN_READWRITE | OPEN_CREATE) | OPEN_FULLMUTEX | OPEN_URI;
  const database = await new Promise<Database>((resolve, reject) => {
    const opened: Database = new sqlite3.Database(options.path, mode, (error) =>
      error ? reject(sqlError(error)) : resolve(opened),
    );
  });
  // The package waits a second in SQLite's own back-off unless told; ours is fairer (E-17).
  database.configure("busyTimeout", 0);
  return new SerialDriver(new Sqlite3Connection(database), options);
}

class Sqlite3Connection implements Connection<Statement> {
  readonly #database: Database;
  readonly #statements: Statement[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  prepare(sql: string): Promise<Statement> {
    return new Promise((resolve, reject) => {
      const statement = this.#database.prepare(sql, (error) => {
        if (error) return reject(sqlError(error));
        this.#statements.push(statement);
        resolve(statement);
      });
    });
  }

  exec(sql: string): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#database.exec(sql, (error) => (error ? reject(sqlError(error)) : resolve())),
    );
  }

  run(statement: Statement, params: readonly Bind[]): Promise<number> {
    return new Promise((resolve, reject) =>
      statement.run(params, function (error) {
        if (error) failed(statement, error, reject);
        else resolve(this.changes);
      }),
    );
  }

  all(statement: Statement, params: readonly Bind[]): Promise<readonly SqlRow[]> {
    return new Promise((resolve, reject) =>
      statement.all<SqlRow>(params, (error, rows) => (error ? failed(statement, error, reject) : resolve(rows))),
    );
  }

  async close(): Promise<void> {
    for (const statement of this.#statements) await new Promise<void>((resolve) => statement.finalize(() => resolve()));
    await new Promise<void>((resolve, reject) =>
      this.#database.close((error) => (error ? reject(sqlError(error)) : resolve())),
    );
  }
}

/** Rejects once the statement is reset: one that found the file busy is still in progress, and no transaction could commit. */
function failed(statement: Statement, error: Error, reject: (error: SqlError) => void): void {
  statement.reset(() => reject(sqlError(error)));
}

function sqlError(error: Error): SqlError {
  const code = (error as Error & { code?: unknown }).code;
  return new SqlError(typeof code === "string" ? code : "SQLITE_ERROR", error.message, error);
}
