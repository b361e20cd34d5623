// The driver over npm `sqlite3` (see driver.ts). The package is loaded when the first file is opened, never before.
import type { Database, Statement } from "sqlite3";
import { randomBelow } from "../../base/random.ts";
import type { StoreHost } from "../host.ts";
import { type Bind, checkBinds, type SqlCalls, type SqlDriver, SqlError, type SqlRow } from "./driver.ts";

type Package = typeof import("sqlite3");

export interface DriverOptions {
  readonly path: string;
  readonly readOnly?: boolean;
  readonly host: StoreHost;
  /** How long a busy database is tried, in milliseconds. */
  readonly patience: number;
}

/** Thrown when the package's native part is not there. */
export class DriverMissing extends Error {
  override readonly name = "DriverMissing";
}

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
  return new Sqlite3Driver(database, options);
}

class Sqlite3Driver implements SqlDriver {
  readonly #database: Database;
  readonly #options: DriverOptions;
  readonly #statements = new Map<string, Statement>();
  /** Settles when the last call in line is through: the mutex. */
  #tail: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(database: Database, options: DriverOptions) {
    this.#database = database;
    this.#options = options;
  }

  exec(sql: string): Promise<void> {
    return this.#locked(() => this.#patiently(() => this.#exec(sql)));
  }

  run(sql: string, params: readonly Bind[] = []): Promise<number> {
    return this.#locked(() => this.#patiently(() => this.#run(sql, params)));
  }

  get(sql: string, params: readonly Bind[] = []): Promise<SqlRow | null> {
    return this.#locked(() => this.#patiently(() => this.#get(sql, params)));
  }

  all(sql: string, params: readonly Bind[] = []): Promise<readonly SqlRow[]> {
    return this.#locked(() => this.#patiently(() => this.#all(sql, params)));
  }

  transaction<T>(statements: readonly string[], work: (calls: SqlCalls) => Promise<T>): Promise<T> {
    return this.#locked(async () => {
      for (const sql of statements) await this.#prepare(sql);
      await this.#patiently(() => this.#run("BEGIN IMMEDIATE", []));
      try {
        const answer = await work(this.#bare());
        await this.#run("COMMIT", []);
        return answer;
      } catch (error) {
        // SQLite may have rolled back by itself (disk full); then this fails, and the first error is the one to tell.
        await this.#run("ROLLBACK", []).catch(() => undefined);
        throw error;
      }
    });
  }

  close(): Promise<void> {
    return this.#locked(async () => {
      this.#closed = true;
      for (const statement of this.#statements.values()) {
        await new Promise<void>((resolve) => statement.finalize(() => resolve()));
      }
      this.#statements.clear();
      await new Promise<void>((resolve, reject) =>
        this.#database.close((error) => (error ? reject(sqlError(error)) : resolve())),
      );
    });
  }

  /** The calls without the mutex, for use inside a transaction. */
  #bare(): SqlCalls {
    return {
      exec: (sql) => this.#exec(sql),
      run: (sql, params = []) => this.#run(sql, params),
      get: (sql, params = []) => this.#get(sql, params),
      all: (sql, params = []) => this.#all(sql, params),
    };
  }

  #locked<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#tail.then(() => {
      if (this.#closed) throw new SqlError("SQLITE_MISUSE", "the store is closed");
      return work();
    });
    this.#tail = mine.catch(() => undefined);
    return mine;
  }

  /** Tries again while another process writes (E-17). */
  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const { patience, host } = this.#options;
    const begun = host.clock.monotonic();
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const busy = error instanceof SqlError && error.sqlite === "SQLITE_BUSY";
        if (!busy || host.clock.monotonic() - begun > patience) throw error;
        await host.clock.sleep(1 + randomBelow(host.random, 5));
      }
    }
  }

  #exec(sql: string): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#database.exec(sql, (error) => (error ? reject(sqlError(error)) : resolve())),
    );
  }

  async #run(sql: string, params: readonly Bind[]): Promise<number> {
    checkBinds(params);
    const statement = await this.#prepare(sql);
    return new Promise((resolve, reject) =>
      statement.run(params, function (error) {
        if (error) failed(statement, error, reject);
        else resolve(this.changes);
      }),
    );
  }

  async #get(sql: string, params: readonly Bind[]): Promise<SqlRow | null> {
    const rows = await this.#all(sql, params);
    return rows[0] ?? null;
  }

  async #all(sql: string, params: readonly Bind[]): Promise<readonly SqlRow[]> {
    checkBinds(params);
    const statement = await this.#prepare(sql);
    return new Promise((resolve, reject) =>
      statement.all<SqlRow>(params, (error, rows) => (error ? failed(statement, error, reject) : resolve(rows))),
    );
  }

  #prepare(sql: string): Promise<Statement> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const statement = this.#database.prepare(sql, (error) => {
        if (error) return reject(sqlError(error));
        this.#statements.set(sql, statement);
        resolve(statement);
      });
    });
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
