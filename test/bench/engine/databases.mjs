// Databases for the engine's benchmarks: files of SQLite in folders that go again, and a PostgreSQL server that waits for its disk.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { register } from "tsx/esm/api";

/** What makes a commit of the tests' server durable, and its memory that of a small server. */
const SETTINGS = ["fsync=on", "full_page_writes=on", "synchronous_commit=on", "shared_buffers=256MB"];

/** Makes stores, and takes them away again. */
export class Databases {
  #folders = [];
  #server = null;
  #poolers = [];
  #schemas = 0;

  /** The URL of a new SQLite store. */
  sqlite() {
    return `sqlite:${join(this.folder(), "store.db")}`;
  }

  folder() {
    const folder = mkdtempSync(join(tmpdir(), "flowmetal-bench-"));
    this.#folders.push(folder);
    return folder;
  }

  /** Takes a store made by `sqlite` away: some are large. */
  drop(url) {
    const folder = this.#folders.find((one) => url.startsWith(`sqlite:${one}`));
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }

  /** The URL of the server, which is started when it is first asked for. */
  async postgres() {
    if (this.#server === null) {
      // The server is that of the tests, in TypeScript.
      register();
      const { startServer, freePort, serverUrl } = await import("../../support/postgres/server.ts");
      const { chmodSync } = await import("node:fs");
      const folder = this.folder();
      chmodSync(folder, 0o755);
      const server = await startServer({ folder, port: await freePort(), settings: SETTINGS });
      this.#server = { server, url: serverUrl(server.port) };
    }
    return this.#server.url;
  }

  /** The URL of a new store on the server. */
  async postgresStore() {
    const url = new URL(await this.postgres());
    url.searchParams.set("schema", `bench_${++this.#schemas}`);
    return url.href;
  }

  /** The same store behind a pooler, as a transaction pooler behaves: nothing of a session is kept. */
  async throughPooler(url) {
    const { Pooler } = await import("../../support/postgres/pooler.ts");
    const plain = await this.postgres();
    const pooler = await Pooler.start(plain);
    this.#poolers.push(pooler);
    return pooler.through(url);
  }

  async close() {
    for (const pooler of this.#poolers) await pooler.stop();
    await this.#server?.server.stop();
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }
}
