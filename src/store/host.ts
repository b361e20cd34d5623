// What a store is given from outside: time and chance. No store looks at the host by itself.

import type { Clock } from "../base/clock.ts";
import type { Random } from "../base/random.ts";

export interface StoreHost {
  readonly clock: Clock;
  readonly random: Random;
  /** Statements that were sent again are counted there. */
  readonly retries?: Retries;
}

/**
 * Statements that were sent again, by why: the file was busy; a serialization failure or deadlock; the reply was lost; the server was
 * not ready.
 */
export interface Retries {
  busy: number;
  conflict: number;
  lost: number;
  unready: number;
}

export function noRetries(): Retries {
  return { busy: 0, conflict: 0, lost: 0, unready: 0 };
}

/** The store's clock in one process: the host's time, never behind what was seen of the store (E-13). */
export class StoreTime {
  readonly #clock: Clock;
  #seen = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    this.#seen = Math.max(this.#seen, Math.floor(this.#clock.now()));
    return this.#seen;
  }

  /** The latest time the store is known to have written; 0: none yet. */
  get seen(): number {
    return this.#seen;
  }

  /** Takes notice of a time the store has written. */
  see(time: number): void {
    this.#seen = Math.max(this.#seen, time);
  }
}
