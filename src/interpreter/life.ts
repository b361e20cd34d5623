// The life of one evaluation process, as the process that serves sees it: orders it, answers it, watches it, and clears up behind it.
//
// Fencing. The evaluation process writes by way of this process alone. When it is gone, what it had asked for is waited for first; then its
// programs are released under the lease that this process has kept: so they can be claimed at once, and nothing of the past can reach
// the store behind that (E-1). Only then may the next one begin.
import type { Clock } from "../base/clock.ts";
import type { Connectors } from "../connector/connector.ts";
import type { TurnCommit } from "../store/rows.ts";
import type { CommitResult, Store } from "../store/store.ts";
import { Errands, type Kept } from "./errands.ts";
import type { FleetEvent } from "./fleet.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import {
  type Down,
  type EvaluationOrder,
  type Note,
  readablePart,
  receivedEvent,
  sentError,
  type StoreMethod,
  type Up,
} from "./messages.ts";

/** It is looked after so often. */
const CHECK_MS = 250;
/** So many looks without a sign of it, and it does not come back (E-15): 5 s. Looks and not time, as this process may be stopped itself. */
const SILENT_MAX = 20;
/** It is to end: 3 s. */
const SILENT_AT_END = 12;
/** To read or write a large state takes longer, and until it is there: a minute. */
const SILENT_AT_WORK = 240;
/** What it had asked the store for is waited for so long. */
const OUTSTANDING_MS = 5_000;

/** How an evaluation process ended. */
export interface Gone {
  /** What it took with it, or what its system said. */
  readonly reason: "memory" | "other";
  readonly detail: string;
}

/** An evaluation process, however it is made. */
export interface EvaluationProcess {
  send(message: Down): void;
  /** Ends it at once, whatever it does. */
  kill(): void;
  readonly gone: Promise<Gone>;
}

/** Told by an evaluation process. */
export interface Listener {
  readonly message: (message: Up) => void;
  readonly note: (note: Note) => void;
}

export type StartEvaluation = (listener: Listener) => EvaluationProcess;

export interface LifeParts {
  readonly store: Store;
  readonly connectors: Connectors;
  readonly clock: Clock;
  readonly start: StartEvaluation;
  readonly order: EvaluationOrder;
  readonly tell: (event: FleetEvent) => void;
}

/** How its life ended; null: in order. */
export type Death = Extract<FleetEvent, { readonly kind: "evaluation-ended" }> | null;

export class Life {
  private readonly process: EvaluationProcess;
  private readonly lease: LeaseKeeper;
  private readonly errands: Errands;
  private readonly outstanding = new Set<Promise<void>>();
  private stopWatching: Promise<() => Promise<void>> | null = null;
  private note: Note = { program: null, work: "program" };
  private silent = 0;
  private isThere = false;
  private draining = false;
  private isStuck = false;
  private inOrder = false;

  constructor(private readonly parts: LifeParts) {
    const { store, clock, connectors, start } = parts;
    this.lease = new LeaseKeeper(store, clock);
    this.errands = new Errands({ store, connectors, clock, mayLeave: () => this.lease.isGood() });
    this.process = start({
      message: (message) => this.receive(message),
      note: (note) => {
        this.note = note;
        this.silent = 0;
      },
    });
  }

  drain(): void {
    this.draining = true;
    if (this.isThere) this.process.send({ kind: "drain" });
  }

  /** Looks after it until it is gone. */
  async over(): Promise<Death> {
    let gone: Gone | null = null;
    const ended = this.process.gone.then((how) => {
      gone = how;
    });
    while (gone === null) {
      await Promise.race([ended, this.parts.clock.sleep(CHECK_MS)]);
      if (++this.silent < this.patience || this.inOrder) continue;
      this.isStuck = true;
      this.process.kill();
      await ended;
    }
    return this.inOrder ? null : this.death(gone);
  }

  private get patience(): number {
    if (!this.isThere || this.note.work === "engine") return SILENT_AT_WORK;
    return this.draining ? SILENT_AT_END : SILENT_MAX;
  }

  private death({ reason, detail }: Gone): Death {
    const why = this.isStuck ? "stuck" : reason;
    return { kind: "evaluation-ended", program: this.note.program, why, detail };
  }

  /**
   * Clears up behind a process that died: releases its programs, and counts a crash for the one it was evaluating, unless it was given
   * less time than the others have. Answers what goes on longer: effects that may be sent once only.
   */
  async clearUp(): Promise<{ readonly left: Promise<void> }> {
    const { store, clock } = this.parts;
    await Promise.race([Promise.all(this.outstanding), clock.sleep(OUTSTANDING_MS)]);
    await (await this.stopWatching)?.();
    const { interpreter } = this.lease;
    if (interpreter === null) return { left: this.end(null, []) };
    const kept = await this.errands.leave(interpreter);
    const crashed = this.isStuck && this.draining ? null : this.note.program;
    await store.disownPrograms({ interpreter, crashed, except: kept.map(({ row }) => row.program) });
    return { left: this.end(interpreter, kept) };
  }

  /** Carries on what is to be carried on, then gives the lease up. */
  private async end(interpreter: string | null, kept: readonly Kept[]): Promise<void> {
    await Promise.allSettled(kept.map((one) => this.errands.carryOn(one)));
    this.lease.stop();
    // If this fails, the lease runs out.
    if (interpreter !== null) await this.parts.store.retireInterpreter({ interpreter }).catch(() => undefined);
  }

  /** Behind one that ended in order: it has given its lease up. */
  async close(): Promise<void> {
    await Promise.all(this.outstanding);
    await (await this.stopWatching)?.();
    this.lease.stop();
  }

  /** Gives up what it has sent. */
  giveUp(): void {
    this.errands.giveUp();
  }

  private receive(message: Up): void {
    switch (message.kind) {
      case "ready":
        this.isThere = true;
        this.silent = 0;
        this.process.send({ kind: "begin", order: this.parts.order });
        if (this.draining) this.process.send({ kind: "drain" });
        break;
      case "call":
        this.call(message.id, message.method, message.params);
        break;
      case "perform":
        void this.errands
          .perform(message.id, message.effect)
          .then((performed) => this.process.send({ kind: "performed", id: message.id, performed }));
        break;
      case "abort":
        this.errands.abort(message.id);
        break;
      case "tell":
        this.parts.tell(receivedEvent(message.event));
        break;
      case "ended":
        this.inOrder = true;
        this.process.kill();
        break;
    }
  }

  private call(id: number, method: StoreMethod, params: unknown): void {
    const work = this.answer(method, params).then(
      (value) => this.reply(id, value),
      (error: unknown) => this.process.send({ kind: "failure", id, error: sentError(error) }),
    );
    this.outstanding.add(work);
    void work.finally(() => this.outstanding.delete(work));
  }

  private reply(id: number, value: unknown): void {
    try {
      this.process.send({ kind: "answer", id, value });
    } catch {
      this.process.send({ kind: "answer", id, ...readablePart(value) });
    }
  }

  private async answer(method: StoreMethod, params: unknown): Promise<unknown> {
    if (method === "watch") return this.watch();
    const { store, clock } = this.parts;
    const asked = clock.monotonic();
    const value = await (store[method] as (params: unknown) => Promise<unknown>)(params);
    this.lease.note(method, params, value, asked);
    if (method === "settleEffect") this.errands.settled((params as { readonly key: string }).key);
    if (method !== "commitTurns") return value;
    const result = value as CommitResult;
    this.errands.committed((params as { readonly turns: readonly TurnCommit[] }).turns, result);
    return { ...result, refused: result.refused.map((one) => ({ ...one, error: sentError(one.error) })) };
  }

  /** One watch, whoever watches there. */
  private async watch(): Promise<null> {
    this.stopWatching ??= this.parts.store.watch((programs) => this.process.send({ kind: "changed", programs }));
    await this.stopWatching;
    return null;
  }
}
