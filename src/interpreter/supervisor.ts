// Serves queues with programs evaluated in a process of their own (E-15, decision 19): starts that process, and another when it is gone.
//
// The store, the leases and what leaves the process are here. So a program that takes all memory, or does not come back, ends the evaluation
// process alone; its crash is counted, and everything else goes on in a new one, without waiting for a lease to run out.
import type { Clock } from "../base/clock.ts";
import type { Connectors } from "../connector/connector.ts";
import type { Store } from "../store/store.ts";
import { type FleetEvent, GRACE_MS, PAUSE_MAX_MS, PAUSE_MS } from "./fleet.ts";
import { Life, type StartEvaluation } from "./life.ts";
import type { EvaluationOrder } from "./messages.ts";

/** One that lived so long may be followed by another at once. */
const LONG_MS = 1_000;

export interface SupervisorOptions {
  readonly store: Store;
  readonly connectors: Connectors;
  readonly clock: Clock;
  readonly start: StartEvaluation;
  readonly order: EvaluationOrder;
  readonly tell?: (event: FleetEvent) => void;
}

export class Supervisor {
  private life: Life | null = null;
  private draining = false;
  private readonly wake = new AbortController();
  /** What earlier ones had sent and can be sent once only. */
  private readonly leftOver = new Map<Life, Promise<void>>();

  constructor(private readonly options: SupervisorOptions) {}

  /** Serves until `drain`. */
  async serve(): Promise<void> {
    const { clock, connectors } = this.options;
    let pause = 0;
    let wasInOrder = false;
    while (!this.draining) {
      const began = clock.monotonic();
      wasInOrder = await this.live();
      const isShort = clock.monotonic() - began < LONG_MS;
      pause = isShort ? Math.min(Math.max(pause * 2, PAUSE_MS), PAUSE_MAX_MS) : 0;
      if (pause > 0 && !this.draining) await clock.sleep(pause, this.wake.signal);
    }
    await this.awaitLeftOver();
    await connectors.close();
    // One that ended in order has said so itself.
    if (!wasInOrder) this.tell({ kind: "drained" });
  }

  /** Has everything let go of; what does not come back is ended. `serve` settles when that is done. */
  drain(): void {
    this.draining = true;
    this.wake.abort();
    this.life?.drain();
  }

  private tell(event: FleetEvent): void {
    this.options.tell?.(event);
  }

  /** One life of an evaluation process; answers whether it ended in order. */
  private async live(): Promise<boolean> {
    const { store, connectors, clock, start, order } = this.options;
    const tell = (event: FleetEvent): void => this.tell(event);
    const life = new Life({ store, connectors, clock, start, order, tell });
    this.life = life;
    const death = await life.over();
    this.life = null;
    if (death === null) {
      await life.close();
      return true;
    }
    this.tell(death);
    try {
      const { left } = await life.clearUp();
      this.leftOver.set(
        life,
        left.finally(() => this.leftOver.delete(life)),
      );
    } catch (error) {
      // The lease runs out, and then its programs are free.
      this.tell({ kind: "restarting", error });
    }
    return false;
  }

  /** What can be sent once only is waited for as long as a fleet does that is told to end. */
  private async awaitLeftOver(): Promise<void> {
    const { clock } = this.options;
    await Promise.race([Promise.all(this.leftOver.values()), clock.sleep(this.leftOver.size === 0 ? 0 : GRACE_MS)]);
    for (const life of this.leftOver.keys()) life.giveUp();
    await Promise.all(this.leftOver.values());
  }
}
