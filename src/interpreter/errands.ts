// The effects that a process that serves carries out for its evaluation process, and what becomes of them when that is gone (E-21).
//
// One that may be sent again is given up then, and sent again by whoever goes on with its program. One that may be sent once only is carried
// on here, and its answer settled under the lease it was sent under: nobody else has it meanwhile, and no doubt comes up that need not.
import type { Clock } from "../base/clock.ts";
import { type Connectors, failure, type OutgoingEffect, type Performed } from "../connector/connector.ts";
import type { EffectRow, TurnCommit } from "../store/rows.ts";
import type { CommitResult, Store } from "../store/store.ts";
import { outcomeOf } from "./effects.ts";

/** Answers of effects that may be sent once only are kept until a commit has them; of those that none will have, so many. */
const KEPT_MAX = 1_000;

export interface ErrandParts {
  readonly store: Store;
  readonly connectors: Connectors;
  readonly clock: Clock;
  /** Whether something may be sent. */
  readonly mayLeave: () => Promise<boolean>;
}

/** An effect that may be sent once only, on its way or answered. */
export interface Kept {
  readonly row: EffectRow;
  readonly performing: Promise<Performed>;
}

export class Errands {
  private readonly underWay = new Map<number, { readonly key: string; readonly abort: AbortController }>();
  private readonly once = new Map<string, Promise<Performed>>();

  constructor(private readonly parts: ErrandParts) {}

  /** Carries out an effect. Never rejects. */
  async perform(id: number, effect: OutgoingEffect): Promise<Performed> {
    const abort = new AbortController();
    this.underWay.set(id, { key: effect.key, abort });
    const performing = this.send(effect, abort.signal).finally(() => this.underWay.delete(id));
    if (effect.delivery === "at-most-once") this.keep(effect.key, performing);
    return performing;
  }

  private async send(effect: OutgoingEffect, signal: AbortSignal): Promise<Performed> {
    const { connectors, clock, mayLeave } = this.parts;
    const mayGo = await mayLeave().catch(() => false);
    const connector = connectors.find(effect.kind, effect.topic);
    if (mayGo && connector !== null && !signal.aborted) return connector.perform(effect, { signal, clock });
    return failure("http/aborted", "the request was given up before it was sent", {}, false);
  }

  private keep(key: string, performing: Promise<Performed>): void {
    this.once.set(key, performing);
    if (this.once.size <= KEPT_MAX) return;
    const [oldest] = this.once.keys();
    this.once.delete(oldest);
  }

  /** Nobody wants the answer any more. */
  abort(id: number): void {
    const found = this.underWay.get(id);
    if (found === undefined) return;
    this.once.delete(found.key);
    found.abort.abort();
  }

  /** The store has the answers that these turns took in. */
  committed(turns: readonly TurnCommit[], { committed }: CommitResult): void {
    if (this.once.size === 0) return;
    const there = new Set(committed);
    for (const { program, settled = [] } of turns)
      if (there.has(program)) for (const { key } of settled) this.settled(key);
  }

  settled(key: string): void {
    this.once.delete(key);
  }

  /** Gives up what may be sent again; answers what is to be carried on: what the store still calls `sending` by this interpreter. */
  async leave(interpreter: string): Promise<readonly Kept[]> {
    for (const { key, abort } of this.underWay.values()) if (!this.once.has(key)) abort.abort();
    const found = [...this.once].map(async ([key, performing]) => {
      const row = await this.parts.store.readEffect({ key });
      return row?.state === "sending" && row.owner === interpreter ? [{ row, performing }] : [];
    });
    return (await Promise.all(found)).flat();
  }

  /** Gives up all that is under way. */
  giveUp(): void {
    for (const { abort } of this.underWay.values()) abort.abort();
  }

  /** Waits for an answer and settles it. */
  async carryOn({ row, performing }: Kept): Promise<void> {
    const { key, owner, term, delivery } = row;
    const outcome = outcomeOf(delivery, await performing);
    await this.parts.store.settleEffect({ key, owner: owner!, term, ...outcome });
  }
}
