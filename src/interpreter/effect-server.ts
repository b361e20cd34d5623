// The connectors of a process that serves queues: carries out effects due there, whoever runs their programs (E-21).
//
// An effect is claimed, which makes it `sending` with this process as its owner, before its first byte; its answer goes into the
// program's inbox, in the transaction that settles it. What was under way when the process ends is claimed by others: sent again
// under its key, or `unknown` if it may be sent once only.
import type { Clock } from "../base/clock.ts";
import type { Connectors } from "../connector/connector.ts";
import type { EffectRow } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { watchEffect } from "./effect-watch.ts";
import { outcomeOf } from "./effects.ts";
import type { Meters } from "./meters.ts";
import { traceOfContract, type Tracing } from "./tracing.ts";

/** Effects claimed in one go. */
const CLAIM_MAX = 64;
/** An effect that this process cannot carry out after all is for others, and for this one again after so long. */
const POSTPONED_MS = 5_000;
/** How long what was given up is waited for. */
const STOPPED_MS = 500;

export interface EffectService {
  readonly store: Store;
  readonly connectors: Connectors;
  readonly clock: Clock;
  /** The interpreter of this process. */
  readonly owner: string;
  readonly queues: readonly string[];
  readonly capabilities: readonly string[];
  /** So many at the same time, at most. */
  readonly limit: number;
  /** Sees to it that the lease is good; null: it certainly is. */
  readonly assureLease: () => Promise<void> | null;
  readonly meters?: Meters;
  readonly tracing?: Tracing;
  /** Told when the store fails, or an effect cannot be read. */
  readonly failed: (error: unknown, effect: EffectRow) => void;
}

export class EffectServer {
  private readonly underWay = new Set<Promise<void>>();
  private readonly abort = new AbortController();
  /** Those under way that may be sent once only. */
  private once = 0;

  constructor(private readonly service: EffectService) {}

  /** Begins effects that are due; answers whether there may be more. */
  async claim(): Promise<boolean> {
    const { store, owner, queues, capabilities, limit } = this.service;
    const room = Math.min(limit - this.underWay.size, CLAIM_MAX);
    if (room <= 0 || this.abort.signal.aborted) return false;
    const effects = await store.claimEffects({ owner, limit: room, queues, capabilities });
    for (const effect of effects) {
      const work = this.carryOut(effect).catch((error: unknown) => this.service.failed(error, effect));
      this.underWay.add(work);
      void work.finally(() => this.underWay.delete(work));
    }
    return effects.length === room;
  }

  private async carryOut(effect: EffectRow): Promise<void> {
    const { store, connectors, clock, owner } = this.service;
    const { key, term, delivery } = effect;
    await this.service.assureLease();
    const connector = connectors.find(effect.kind, effect.topic);
    if (connector === null || this.abort.signal.aborted) {
      const due = effect.updated + (connector === null ? POSTPONED_MS : 0);
      await store.postponeEffect({ key, owner, term, due });
      return;
    }
    const outgoing = { ...effect, attempt: effect.attempts };
    if (delivery === "at-most-once") this.once++;
    const { signal } = this.abort;
    const watch = watchEffect(this.service, outgoing, traceOfContract(effect.contract));
    const sent = { ...outgoing, ...watch.sent };
    const performed = await connector.perform(sent, { signal, clock });
    if (delivery === "at-most-once") this.once--;
    // Given up: what becomes of it is for who claims it next.
    if (signal.aborted && delivery !== "at-most-once") return watch.end(null);
    const result = outcomeOf(delivery, performed);
    watch.end(result.outcome, performed);
    await store.settleEffect({ key, owner, term, ...result });
  }

  /** Whether an effect is under way that may be sent once only. */
  get isSendingOnce(): boolean {
    return this.once > 0;
  }

  /** Gives up what is under way; settles when nothing is, or soon: a connector that does not mind is not waited for. */
  async stop(): Promise<void> {
    this.abort.abort();
    await Promise.race([Promise.all(this.underWay), this.service.clock.sleep(STOPPED_MS)]);
  }
}
