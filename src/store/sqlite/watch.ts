// Waking: noticing that another process has changed the file, or that this one has put something into it (E-18).
//
// `fs.watch` on the -wal file says that something was written; then `data_version` is asked until it changes or 20 ms pass,
// because the write is seen before the commit is. It is asked of the connection that writes, where it moves only for what others
// commit: an interpreter is not woken by its own turns. While this process writes itself, it is asked every 20 ms at most, so
// that its own commits do not wait behind questions. A poll every 250 ms catches what the watch misses: a -wal file that was
// made anew, a file system without notices.

import { type FSWatcher, watch as watchFile } from "node:fs";
import type { Clock } from "../../base/clock.ts";
import type { WatchCallback } from "../store.ts";
import type { SqlDriver } from "./driver.ts";

const POLL_MS = 250;
const SETTLE_MS = 20;
const BUSY_MS = 20;
/** A commit follows its write within a fraction of a millisecond: so many questions follow each other at once. */
const QUICK_LOOKS = 4;
const VERSION = "SELECT data_version AS version FROM pragma_data_version";

/** Watches one file for any number of callbacks. */
export class FileWatch {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #driver: SqlDriver;
  readonly #callbacks = new Set<WatchCallback>();
  #watcher: FSWatcher | null = null;
  #version: number | null = null;
  /** When this process last wrote. */
  #wrote = Number.NEGATIVE_INFINITY;
  #stopPoll: () => void = () => undefined;
  /** Calls off the look that is to come, if any. */
  #stopLook: (() => void) | null = null;
  /** The look under way, if any; notices that come meanwhile are seen by it. */
  #looking: Promise<void> | null = null;

  constructor(path: string, clock: Clock, driver: SqlDriver) {
    this.#path = path;
    this.#clock = clock;
    this.#driver = driver;
  }

  /** Calls back after changes until the answered function is called. */
  async add(callback: WatchCallback): Promise<() => Promise<void>> {
    this.#callbacks.add(callback);
    if (this.#callbacks.size === 1) await this.#start();
    return async () => {
      this.#callbacks.delete(callback);
      if (this.#callbacks.size === 0) await this.stop();
    };
  }

  /** This process has written: what `fs.watch` says next is probably that. */
  wrote(): void {
    this.#wrote = this.#clock.monotonic();
  }

  /** This process has put something into the store that others here may wait for: deliveries to these programs, or anything. */
  notify(programs?: readonly string[]): void {
    for (const callback of this.#callbacks) callback(programs);
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    this.#callbacks.clear();
    this.#stopPoll();
    this.#stopLook?.();
    this.#stopLook = null;
    this.#unwatch();
    await this.#looking;
  }

  async #start(): Promise<void> {
    this.#version = await this.#readVersion();
    if (this.#callbacks.size === 0) return;
    this.#watchFile();
    this.#poll();
  }

  #watchFile(): void {
    try {
      // Not persistent: watching alone keeps no process alive.
      this.#watcher = watchFile(`${this.#path}-wal`, { persistent: false }, () => this.#noticed());
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
      if (this.#watcher === null) this.#watchFile();
      this.#look();
      this.#poll();
    });
  }

  #noticed(): void {
    if (this.#stopLook !== null) return;
    if (this.#sinceWrite() >= SETTLE_MS) {
      this.#look();
      return;
    }
    this.#stopLook = this.#clock.after(BUSY_MS, () => {
      this.#stopLook = null;
      this.#look();
    });
  }

  #sinceWrite(): number {
    return this.#clock.monotonic() - this.#wrote;
  }

  #look(): void {
    this.#looking ??= this.#awaitChange()
      // The store fails by itself at the next call; the poll goes on asking.
      .catch(() => undefined)
      .finally(() => {
        this.#looking = null;
      });
  }

  async #awaitChange(): Promise<void> {
    const begun = this.#clock.monotonic();
    for (let looks = 1; ; looks++) {
      const version = await this.#readVersion();
      if (version !== this.#version) {
        this.#version = version;
        return this.notify();
      }
      const waited = this.#clock.monotonic() - begun;
      if (this.#callbacks.size === 0 || waited >= SETTLE_MS || this.#sinceWrite() < SETTLE_MS) return;
      await (looks < QUICK_LOOKS ? this.#clock.giveWay() : this.#clock.sleep(1));
    }
  }

  async #readVersion(): Promise<number> {
    return (await this.#driver.get(VERSION))!.version as number;
  }
}
