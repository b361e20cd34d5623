// LISTEN on a connection of its own, where that reaches the server directly: behind a pooler it would hear nothing (E-18).

import type { Client } from "pg";
import { connectionOptions, loadPg } from "./pg-driver.ts";
import type { WatchCallback } from "../store.ts";
import type { PostgresUrl } from "./url.ts";

export interface ListenerParams {
  readonly url: PostgresUrl;
  /** Our own name: what we say ourselves is not heard. */
  readonly sender: string;
  /** `programs`: they were delivered something, and nothing else has changed. */
  readonly heard: WatchCallback;
  /** From now on it hears: what was said before is to be looked for. */
  readonly begun: () => void;
}

/** Hears what other processes say about one store. */
export class Listener {
  readonly #params: ListenerParams;
  #client: Client | null = null;
  #starting: Promise<void> | null = null;
  #stopped = false;
  /** A connection that is none of the server's own will not become one. */
  #hopeless = false;

  constructor(params: ListenerParams) {
    this.#params = params;
  }

  /** Whether what others say is heard now. */
  get hears(): boolean {
    return this.#client !== null;
  }

  /** Connects. Where that fails, nothing is heard; it can be tried again. */
  start(): Promise<void> {
    if (this.#hopeless || this.#stopped || this.hears) return Promise.resolve();
    this.#starting ??= this.#connect()
      .catch(() => undefined)
      .finally(() => {
        this.#starting = null;
      });
    return this.#starting;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#starting;
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const { url } = this.#params;
    const pg = await loadPg();
    const client = new pg.Client(connectionOptions(url.listen ?? url.connect, pg));
    const gone = (): void => {
      if (this.#client === client) this.#client = null;
    };
    client.on("error", gone);
    client.on("end", gone);
    client.on("notification", ({ payload = "" }) => this.#hear(payload));
    try {
      await client.connect();
      this.#hopeless = !(await isDirect(client));
      if (!this.#hopeless) await client.query("LISTEN flowmetal");
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    if (this.#hopeless || this.#stopped) return client.end();
    this.#client = client;
    this.#params.begun();
  }

  #hear(payload: string): void {
    const [schema, sender, programs = ""] = payload.split(". ");
    if (schema !== this.#params.url.schema || sender === this.#params.sender) return;
    this.#params.heard(programs === "" ? undefined : programs.split(" "));
  }
}

/** A pooler makes up the process number that a connection begins with; the server knows its own. */
async function isDirect(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0].pid === (client as unknown as { readonly processID: number | null }).processID;
}
