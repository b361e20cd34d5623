// The driver over npm `pg`: a pool of connections, statements sent again where that is right, errors coded and without passwords.

import type { Pool, PoolClient } from "pg";
import { randomBelow } from "../../base/random.ts";
import type { Retries, StoreHost } from "../host.ts";
import { type Bind, checkBinds, type PgCalls, type PgDriver, type SqlRow } from "./driver.ts";
import { failureKind, LostReply, plainReason, storeFailure } from "./failures.ts";
import { type PostgresUrl, SCHEMA_NAME } from "./url.ts";

export interface PgDriverParams {
  readonly url: PostgresUrl;
  readonly host: StoreHost;
  /** How long the server may be away, once it was there, in milliseconds. */
  readonly patience: number;
}

const CONNECT_MS = 10_000;
const IDLE_MS = 30_000;
/** Beyond this a reply counts as lost: a network that swallows packets says nothing by itself. */
const REPLY_MS = 60_000;
const PAUSE_MS = 50;
const PAUSE_MAX_MS = 500;
/** The type number of `bigint`, whose values the package gives as text. */
const BIGINT = 20;

/** Loads the package and makes a pool; connects with the first statement. */
export async function openPgDriver(params: PgDriverParams): Promise<PgDriver> {
  const pg = await loadPg();
  const pool = new pg.Pool({
    ...connectionOptions(params.url.connect, pg),
    max: params.url.pool,
    idleTimeoutMillis: IDLE_MS,
    query_timeout: REPLY_MS,
  });
  // A connection that breaks while nobody uses it: the pool takes it out by itself.
  pool.on("error", () => undefined);
  // One that breaks under a statement tells the statement, and then everybody: without a listener the process would end.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return new PoolDriver(params, pool);
}

/** The package, loaded when a store of this kind is first opened. */
export async function loadPg() {
  return (await import("pg")).default;
}

type Pg = Awaited<ReturnType<typeof loadPg>>;

/** What every connection is made with. Nothing here that a pooler would refuse. */
export function connectionOptions(connectionString: string, pg: Pg) {
  return {
    connectionString,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    fallback_application_name: "flowmetal",
    types: {
      getTypeParser: ((oid: number, format?: "text" | "binary") =>
        oid === BIGINT ? Number : pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser,
    },
  };
}

class PoolDriver implements PgDriver {
  readonly #params: PgDriverParams;
  readonly #pool: Pool;
  /** Statements in the store's own schema, by their texts. */
  readonly #texts = new Map<string, string>();
  /** The server has answered once: from then on it is waited for. */
  #answered = false;
  #closed = false;

  constructor(params: PgDriverParams, pool: Pool) {
    this.#params = params;
    this.#pool = pool;
  }

  all(sql: string, params: readonly Bind[] = []): Promise<readonly SqlRow[]> {
    return this.write(sql, () => params);
  }

  async write(sql: string, params: (again: boolean) => readonly Bind[]): Promise<readonly SqlRow[]> {
    let again = false;
    let until = this.#now() + this.#params.patience;
    for (;;) {
      const values = params(again);
      checkBinds(values);
      const client = await this.#connect(until).catch((error: unknown) => {
        throw again ? this.#lost(error) : this.#coded(error);
      });
      try {
        const { rows } = await client.query<SqlRow>(this.#text(sql), values as Bind[]);
        client.release();
        this.#answered = true;
        return rows;
      } catch (error) {
        const kind = failureKind(error);
        client.release(kind !== "conflict" && kind !== "final");
        if (kind === "final") throw this.#coded(error);
        if (this.#closed || this.#now() >= until) throw kind === "lost" ? this.#lost(error) : this.#coded(error);
        if (kind === "lost") {
          if (!again) until = this.#now() + this.#params.patience;
          again = true;
        }
        this.#noteRetry(kind);
        await this.#pause(kind === "conflict" ? 5 : PAUSE_MS);
      }
    }
  }

  async transaction<T>(work: (calls: PgCalls) => Promise<T>): Promise<T> {
    const client = await this.#connect(this.#now() + this.#params.patience).catch((error: unknown) => {
      throw this.#coded(error);
    });
    const all = async (sql: string, params: readonly Bind[] = []): Promise<readonly SqlRow[]> => {
      checkBinds(params);
      // Without parameters the text may be several statements.
      const text = this.#text(sql);
      const result = params.length === 0 ? client.query(text) : client.query<SqlRow>(text, params as Bind[]);
      return (await result).rows as SqlRow[];
    };
    try {
      await client.query("BEGIN");
      const answer = await work({ all });
      await client.query("COMMIT");
      client.release();
      return answer;
    } catch (error) {
      // The server rolls back what a closed connection leaves open.
      client.release(true);
      throw this.#coded(error);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#pool.end();
  }

  /** A connection. Where there is none, tries again until a moment, but not before the server has been there once. */
  async #connect(until: number): Promise<PoolClient> {
    for (let pause = PAUSE_MS; ; pause = Math.min(2 * pause, PAUSE_MAX_MS)) {
      try {
        return await this.#pool.connect();
      } catch (error) {
        const kind = failureKind(error);
        const mayCome = kind === "unready" || (kind === "lost" && this.#answered);
        if (!mayCome || this.#closed || this.#now() >= until) throw error;
        this.#noteRetry(kind);
        await this.#pause(pause);
      }
    }
  }

  #noteRetry(kind: keyof Retries): void {
    const { retries } = this.#params.host;
    if (retries !== undefined) retries[kind]++;
  }

  #pause(ms: number): Promise<void> {
    return this.#params.host.clock.sleep(1 + randomBelow(this.#params.host.random, ms));
  }

  #now(): number {
    return this.#params.host.clock.monotonic();
  }

  #text(sql: string): string {
    let text = this.#texts.get(sql);
    if (text === undefined) {
      text = inSchema(sql, this.#params.url.schema);
      this.#texts.set(sql, text);
    }
    return text;
  }

  #coded(error: unknown): unknown {
    return storeFailure(this.#params.url.shown, error);
  }

  #lost(error: unknown): unknown {
    return storeFailure(this.#params.url.shown, new LostReply(plainReason(error), { cause: error }));
  }
}

/** A text about tables `flowmetal.x` as one about tables of another schema. */
export function inSchema(sql: string, schema: string): string {
  return schema === SCHEMA_NAME ? sql : sql.replaceAll(/\bflowmetal\./g, `${schema}.`);
}
