// What all SQLite drivers do alike (see driver.ts) over a connection that only carries out single calls: the mutex, transactions,
// patience, and the check of what is bound.
import { randomBelow } from "../../base/random.ts";
import {
  type Bind,
  checkBinds,
  type DriverOptions,
  type SqlCalls,
  type SqlDriver,
  SqlError,
  type SqlRow,
} from "./driver.ts";

/** A bare connection. Its failures are SqlErrors; a statement that failed is reset when its error arrives. */
export interface Connection<Statement> {
  prepare(sql: string): Promise<Statement>;
  exec(sql: string): Promise<void>;
  run(statement: Statement, params: readonly Bind[]): Promise<number>;
  all(statement: Statement, params: readonly Bind[]): Promise<readonly SqlRow[]>;
  /** Finalizes all statements and closes the file. */
  close(): Promise<void>;
}

/** A driver over a connection. */
export class SerialDriver<Statement> implements SqlDriver {
  readonly #connection: Connection<Statement>;
  readonly #options: DriverOptions;
  readonly #statements = new Map<string, Statement>();
  /** Settles when the last call in line is through: the mutex. */
  #tail: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(connection: Connection<Statement>, options: DriverOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  exec(sql: string): Promise<void> {
    return this.#locked(() => this.#patiently(() => this.#connection.exec(sql)));
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
      this.#statements.clear();
      await this.#connection.close();
    });
  }

  /** The calls without the mutex, for use inside a transaction. */
  #bare(): SqlCalls {
    return {
      exec: (sql) => this.#connection.exec(sql),
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
        if (host.retries !== undefined) host.retries.busy++;
        await host.clock.sleep(1 + randomBelow(host.random, 5));
      }
    }
  }

  async #run(sql: string, params: readonly Bind[]): Promise<number> {
    checkBinds(params);
    return this.#connection.run(await this.#prepare(sql), params);
  }

  async #get(sql: string, params: readonly Bind[]): Promise<SqlRow | null> {
    const rows = await this.#all(sql, params);
    return rows[0] ?? null;
  }

  async #all(sql: string, params: readonly Bind[]): Promise<readonly SqlRow[]> {
    checkBinds(params);
    return this.#connection.all(await this.#prepare(sql), params);
  }

  async #prepare(sql: string): Promise<Statement> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = await this.#connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
