// Waking: telling other processes that something has changed, and noticing it of them (E-18).
//
// Behind a change, outside its transaction, a statement moves the sequence `changes` on and sends a NOTIFY: at once, and then one for
// all changes of 5 ms. It names the programs where nothing has changed but that they were delivered something. Who watches hears that on a connection of its own, where it can be had directly; behind a pooler it asks for the
// sequence: each 50 ms while this process writes, else each 250 ms. A change of somebody without this engine moves the
// sequence before it is committed, so the question that saw it move counts once more at the next. A process that dies
// between its commit and its notice has told nobody: so everybody looks every five seconds anyway.

import type { Clock } from "../../base/clock.ts";
import type { WatchCallback } from "../store.ts";
import type { PgDriver } from "./driver.ts";
import { Listener } from "./listener.ts";
import type { PostgresUrl } from "./url.ts";

const TOGETHER_MS = 5;
/** A notice names so many programs at most: it has 8,000 bytes. */
const NAMED_MAX = 100;
const BUSY_MS = 50;
const IDLE_MS = 250;
/** Without a write for so long, this process is idle. */
const BUSY_FOR_MS = 1000;
const ANYWAY_MS = 5000;
const LISTEN_AGAIN_MS = 5000;

const CHANGES = "SELECT last_value AS change FROM flowmetal.changes";
// The notice need not survive a power cut: its commit waits for no disk.
const NOTICE = `
SELECT nextval('flowmetal.changes') AS change, pg_notify('flowmetal', $1) AS told, set_config('synchronous_commit', 'off', true) AS how`;

export interface WatchParams {
  readonly url: PostgresUrl;
  readonly clock: Clock;
  readonly driver: PgDriver;
  /** Names this process in its notices. */
  readonly sender: string;
}

/** Watches one store for any number of callbacks. */
export class ChangeWatch {
  readonly #params: WatchParams;
  readonly #callbacks = new Set<WatchCallback>();
  readonly #listener: Listener;
  /** Where the sequence stood; null: not known yet. */
  #change: number | null = null;
  /** It moved at the last question: what moved it may be committed only now. */
  #moved = false;
  #wrote = Number.NEGATIVE_INFINITY;
  #looked = 0;
  #listened = Number.NEGATIVE_INFINITY;
  #stopPoll: () => void = () => undefined;
  /** A notice was sent just now: what comes meanwhile goes with the next. */
  #stopPause: (() => void) | null = null;
  /** What the next notice is to tell: deliveries to these programs, or anything; null: nothing. */
  #untold: ReadonlySet<string> | "anything" | null = null;
  /** Questions and notices, one after another: else a notice of ours might be taken for one of another's. */
  #under: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(params: WatchParams) {
    this.#params = params;
    this.#listener = new Listener({
      ...params,
      heard: (programs) => this.notify(programs),
      begun: () => void this.#next(() => this.#ask()),
    });
  }

  /** Calls back after changes until the answered function is called. */
  async add(callback: WatchCallback): Promise<() => Promise<void>> {
    this.#callbacks.add(callback);
    if (this.#callbacks.size === 1) {
      this.#looked = this.#params.clock.monotonic();
      this.#change = null;
      await this.#next(() => this.#ask());
      this.#poll();
    }
    return async () => {
      this.#callbacks.delete(callback);
      if (this.#callbacks.size === 0) this.#stopPoll();
    };
  }

  /** This process has changed something that others may wait for, or only delivered something to programs: they are told soon. */
  wrote(programs?: readonly string[]): void {
    this.#wrote = this.#params.clock.monotonic();
    if (this.#closed) return;
    this.#untold = together(this.#untold, programs);
    if (this.#stopPause === null) this.#sendNotice();
  }

  /** Sends what is untold, and then nothing for a while. */
  #sendNotice(): void {
    void this.#next(() => this.#tell());
    this.#stopPause = this.#params.clock.after(TOGETHER_MS, () => {
      this.#stopPause = null;
      if (this.#untold !== null) this.#sendNotice();
    });
  }

  /** There is something to see for those who watch here. */
  notify(programs?: readonly string[]): void {
    for (const callback of this.#callbacks) callback(programs);
  }

  /** Sends the notice that is due, and ends everything. */
  async stop(): Promise<void> {
    this.#callbacks.clear();
    this.#stopPoll();
    this.#stopPause?.();
    if (this.#untold !== null) void this.#next(() => this.#tell());
    this.#closed = true;
    await this.#under;
    await this.#listener.stop();
  }

  /** The store fails by itself at the next call; here it is only not heard of for a while. */
  #next(work: () => Promise<void>): Promise<void> {
    this.#under = this.#under.then(work).catch(() => undefined);
    return this.#under;
  }

  #poll(): void {
    this.#stopPoll();
    if (this.#callbacks.size === 0 || this.#closed) return;
    const { clock } = this.#params;
    const now = clock.monotonic();
    if (!this.#listener.hears && now - this.#listened > LISTEN_AGAIN_MS) {
      this.#listened = now;
      void this.#listener.start();
    }
    const busy = now - this.#wrote < BUSY_FOR_MS;
    const pause = this.#listener.hears ? ANYWAY_MS : busy ? BUSY_MS : IDLE_MS;
    this.#stopPoll = clock.after(pause, () => void this.#next(() => this.#ask()).then(() => this.#poll()));
  }

  async #ask(): Promise<void> {
    if (this.#callbacks.size === 0) return;
    const { driver, clock } = this.#params;
    const now = clock.monotonic();
    const [row] = await driver.all(CHANGES);
    const moved = this.#change !== null && row.change !== this.#change;
    const anyway = now - this.#looked >= ANYWAY_MS;
    if ((moved || this.#moved || anyway) && this.#change !== null) this.notify();
    if (anyway) this.#looked = now;
    this.#change = row.change as number;
    this.#moved = moved;
  }

  async #tell(): Promise<void> {
    const { driver, url, sender } = this.#params;
    const untold = this.#untold;
    // The notice before may have waited for its turn, and told this too.
    if (untold === null) return;
    this.#untold = null;
    const programs = untold === "anything" ? "" : `. ${[...untold].join(" ")}`;
    const [row] = await driver.all(NOTICE, [`${url.schema}. ${sender}${programs}`]);
    const change = row.change as number;
    if (this.#change !== null && change !== this.#change + 1 && !this.#listener.hears) {
      this.#moved = true;
      this.notify();
    }
    this.#change = change;
  }
}

/** What a notice tells that tells this too. */
function together(
  untold: ReadonlySet<string> | "anything" | null,
  programs: readonly string[] | undefined,
): ReadonlySet<string> | "anything" {
  if (programs === undefined || untold === "anything") return "anything";
  const all = new Set([...(untold ?? []), ...programs]);
  return all.size > NAMED_MAX ? "anything" : all;
}
