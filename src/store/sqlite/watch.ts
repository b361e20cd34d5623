// Waking: noticing that this or another process has changed the file (E-18).
//
// `fs.watch` on the -wal file says that something was written; then `data_version` of a connection of its own is asked until it
// changes or 20 ms pass, because the write is seen before the commit is. A poll every 250 ms catches what the watch misses: a
// -wal file that was made anew, a file system without notices.

import { type FSWatcher, watch as watchFile } from "node:fs";
import type { Clock } from "../../base/clock.ts";
import type { SqlDriver } from "./driver.ts";

const POLL_MS = 250;
const SETTLE_MS = 20;
const VERSION = "SELECT data_version AS version FROM pragma_data_version";

/** Watches one file for any number of callbacks. */
export class FileWatch {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #connect: () => Promise<SqlDriver>;
  readonly #callbacks = new Set<() => void>();
  #watcher: FSWatcher | null = null;
  #driver: SqlDriver | null = null;
  #version = -1;
  #stopPoll: () => void = () => undefined;
  /** The look under way, if any; notices that come meanwhile are seen by it. */
  #looking: Promise<void> | null = null;

  constructor(path: string, clock: Clock, connect: () => Promise<SqlDriver>) {
    this.#path = path;
    this.#clock = clock;
    this.#connect = connect;
  }

  /** Calls back after changes until the answered function is called. */
  async add(callback: () => void): Promise<() => Promise<void>> {
    this.#callbacks.add(callback);
    if (this.#driver === null) await this.#start();
    return async () => {
      this.#callbacks.delete(callback);
      if (this.#callbacks.size === 0) await this.stop();
    };
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    this.#callbacks.clear();
    this.#stopPoll();
    this.#watcher?.close();
    this.#watcher = null;
    await this.#looking;
    await this.#driver?.close();
    this.#driver = null;
  }

  async #start(): Promise<void> {
    this.#driver = await this.#connect();
    this.#version = await this.#readVersion();
    this.#watchFile();
    this.#poll();
  }

  #watchFile(): void {
    try {
      // Not persistent: watching alone keeps no process alive.
      this.#watcher = watchFile(`${this.#path}-wal`, { persistent: false }, () => this.#look(SETTLE_MS));
      this.#watcher.on("error", () => this.#unwatch());
    } catch {
      this.#unwatch();
    }
  }

  /** The -wal file is not there (yet, or any more): the poll looks for it. */
  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }

  #poll(): void {
    this.#stopPoll = this.#clock.after(POLL_MS, () => {
      if (this.#callbacks.size === 0) return;
      if (this.#watcher === null) this.#watchFile();
      this.#look(0);
      this.#poll();
    });
  }

  #look(patience: number): void {
    if (this.#looking !== null) return;
    this.#looking = this.#awaitChange(patience)
      .catch(() => undefined)
      .finally(() => {
        this.#looking = null;
      });
  }

  async #awaitChange(patience: number): Promise<void> {
    const begun = this.#clock.monotonic();
    for (;;) {
      const version = await this.#readVersion();
      if (version !== this.#version) {
        this.#version = version;
        for (const callback of this.#callbacks) callback();
        return;
      }
      if (this.#callbacks.size === 0 || this.#clock.monotonic() - begun >= patience) return;
      await this.#clock.sleep(1);
    }
  }

  async #readVersion(): Promise<number> {
    return (await this.#driver!.get(VERSION))!.version as number;
  }
}
