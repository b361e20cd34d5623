// The driver over `node:sqlite` (see driver.ts). The module is synchronous, so it works in a thread of its own: a commit waits for
// the disk there while programs are evaluated here. A database is a thread.
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { type Bind, DriverMissing, type DriverOptions, type SqlDriver, SqlError, type SqlRow } from "./driver.ts";
import { type Connection, SerialDriver } from "./serial-driver.ts";

/** SQLite's names of its primary result codes, by number, as far as a call can fail with them. */
const NAMES: readonly string[] = [
  "OK,ERROR,INTERNAL,PERM,ABORT,BUSY,LOCKED,NOMEM,READONLY,INTERRUPT,IOERR,CORRUPT,NOTFOUND,FULL,CANTOPEN",
  "PROTOCOL,EMPTY,SCHEMA,TOOBIG,CONSTRAINT,MISMATCH,MISUSE,NOLFS,AUTH,FORMAT,RANGE,NOTADB",
].flatMap((names) => names.split(",").map((name) => `SQLITE_${name}`));

/** Opens a file (made if it is missing, unless read-only). */
export async function openNodeSqlite(options: DriverOptions): Promise<SqlDriver> {
  if (process.versions["sqlite"] === undefined) throw new DriverMissing("this Node has no `node:sqlite`");
  const connection = new ThreadConnection();
  try {
    await connection.open(options);
  } catch (error) {
    await connection.end();
    throw error;
  }
  return new SerialDriver(connection, options);
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: SqlError) => void;
}

interface Reply {
  readonly id: number;
  readonly answer?: unknown;
  readonly failure?: { readonly errcode?: number; readonly message: string };
}

/** A database in a thread; a statement is its number there. */
class ThreadConnection implements Connection<number> {
  readonly #thread: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  /** Why the thread is no more. */
  #over: SqlError | null = null;

  constructor() {
    this.#thread = new Worker(fileURLToPath(new URL("./node-worker.cjs", import.meta.url)), {
      // Node 22 calls the module experimental on stderr.
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    this.#thread.on("message", (reply: Reply) => this.#settle(reply));
    this.#thread.on("error", (error) => this.#end(`its thread failed: ${error.message}`, error));
    this.#thread.on("exit", () => this.#end("its thread has ended"));
    // An open store alone keeps no process alive.
    this.#thread.unref();
  }

  async open({ path, readOnly = false }: DriverOptions): Promise<void> {
    await this.#call("open", { path, readOnly });
  }

  async prepare(sql: string): Promise<number> {
    return (await this.#call("prepare", { sql })) as number;
  }

  async exec(sql: string): Promise<void> {
    await this.#call("exec", { sql });
  }

  async run(statement: number, params: readonly Bind[]): Promise<number> {
    return (await this.#call("run", { statement, params })) as number;
  }

  async all(statement: number, params: readonly Bind[]): Promise<readonly SqlRow[]> {
    const rows = (await this.#call("all", { statement, params })) as Record<
      string,
      string | number | Uint8Array | null
    >[];
    for (const row of rows) {
      for (const name in row) {
        const value = row[name];
        if (value instanceof Uint8Array) row[name] = Buffer.from(value.buffer, value.byteOffset, value.length);
      }
    }
    return rows as SqlRow[];
  }

  async close(): Promise<void> {
    await this.#call("close", {});
    await this.end();
  }

  /** Ends the thread. */
  async end(): Promise<void> {
    await this.#thread.terminate();
  }

  #call(call: string, what: object): Promise<unknown> {
    if (this.#over !== null) return Promise.reject(this.#over);
    const id = this.#calls++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#thread.ref();
      this.#thread.postMessage({ id, call, ...what });
    });
  }

  #settle({ id, answer, failure }: Reply): void {
    const waiting = this.#waiting.get(id)!;
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#thread.unref();
    if (failure === undefined) waiting.resolve(answer);
    else waiting.reject(sqlError(failure));
  }

  /** Nobody knows what became of the calls under way: to the store that is a disk that failed (E-10). */
  #end(why: string, cause?: unknown): void {
    this.#over ??= new SqlError("SQLITE_IOERR", why, cause);
    for (const { reject } of this.#waiting.values()) reject(this.#over);
    this.#waiting.clear();
  }
}

/** The name of the primary code, with SQLite's words, as the other driver has them. */
function sqlError({ errcode, message }: { readonly errcode?: number; readonly message: string }): SqlError {
  const name = errcode === undefined ? "SQLITE_ERROR" : (NAMES[errcode & 0xff] ?? "SQLITE_ERROR");
  return new SqlError(name, `${name}: ${message}`);
}
