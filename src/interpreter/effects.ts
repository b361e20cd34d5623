// Carries out the effects of one program by the connectors of this process, and hands the answers back in memory (E-4).
//
// Nothing here is durable: what is under way when the process dies is found by the next interpreter in the store, as an effect
// `sending` or an open call, and carried out again under its key if its contract allows (E-21).
import { canonicalJson, type Json } from "../base/canonical-json.ts";
import { VALUE_LENGTH_MAX } from "../base/limits.ts";
import type { Clock } from "../base/clock.ts";
import type { Connectors, Failure, Performed } from "../connector/connector.ts";
import { decodeBody, newEntry } from "../journal/codec.ts";
import type { Made } from "../journal/entry.ts";
import type { Delivery, Outcome } from "../journal/effect.ts";
import type { JsonText } from "../journal/record.ts";
import type { EffectRequest } from "../machine/host.ts";
import type { EffectRow, NewEffect, OpenCall, ProgramRow } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { type EffectWatch, watchEffect } from "./effect-watch.ts";
import type { Meters } from "./meters.ts";
import { contractWith, traceOfContract, traceOfLabels, type Tracing } from "./tracing.ts";
import type { Input } from "./turn.ts";

/** Effects claimed in one go when a program is taken over. */
const CLAIM_MAX = 100;

interface Context {
  readonly store: Store;
  readonly connectors: Connectors;
  readonly clock: Clock;
  readonly meters?: Meters;
  readonly tracing?: Tracing;
}

/** An effect on its way out. `row`: it has a row in the store, which its answer settles. */
interface Outgoing extends EffectRequest {
  readonly attempt: number;
  readonly row: boolean;
  /** What it belongs to. */
  readonly parent: string | null;
}

export class EffectRunner {
  /** Effects under way in this process whose answers are wanted. */
  private readonly wanted = new Set<Outgoing>();
  /** Those under way that may be sent once only. */
  once = 0;
  private readonly abort = new AbortController();

  constructor(
    private readonly context: Context,
    private readonly program: string,
    private readonly interpreter: string,
    private readonly answered: (input: Input) => void,
  ) {}

  /** Begins an effect whose turn has just been committed, if a connector of this process can carry it out. */
  start(effect: EffectRequest, parent: string | null): void {
    this.send({ ...effect, attempt: 1, row: effect.kind !== "foreign", parent });
  }

  /** How many are under way in this process. */
  get open(): number {
    return this.wanted.size;
  }

  /** What is under way under this key was answered by somebody else: its own answer is of no use. A later attempt's is. */
  forget(key: string): void {
    for (const effect of this.wanted) if (effect.key === key) this.wanted.delete(effect);
  }

  /** Gives up what is under way; answers that come later are of no use to anybody. */
  stop(): void {
    this.abort.abort();
  }

  /**
   * Takes over what the last owner of the program left: open calls are made again, effects are claimed and sent again under
   * their keys. Answers the calls that nobody here can carry out, as effects for others (E-4). `mayHaveRows`: false if it certainly has
   * no effects that are not settled.
   */
  async takeOver(row: ProgramRow, mayHaveRows: boolean): Promise<readonly NewEffect[]> {
    const orphans: NewEffect[] = [];
    for (const call of row.calls) {
      const made = await this.madeBy(call);
      const outgoing = { ...made, attempt: 2, row: false, parent: traceOfLabels(row.labels) };
      if (made.contract === "at-most-once") this.hand(outgoing, "unknown", "null");
      else if (this.context.connectors.find(made.kind, made.topic) === null)
        orphans.push(rowOf(made, traceOfLabels(row.labels)));
      else this.send(outgoing);
    }
    if (mayHaveRows) await this.claim(row);
    return orphans;
  }

  private async madeBy(call: OpenCall): Promise<EffectRequest> {
    const [entry] = await this.context.store.readJournal({ program: this.program, from: call.position, limit: 1 });
    const made =
      entry === undefined ? undefined : decodeBody("turn", entry.body).made.find((one) => one.key === call.key);
    if (made === undefined) throw new Error(`bug: the journal does not tell of the open call ${call.key}`);
    return requestOf(made);
  }

  private async claim(row: ProgramRow): Promise<void> {
    const { store, connectors } = this.context;
    const waiting = await store.listEffects({ program: row.id, states: ["pending", "sending"] });
    const mine = waiting.filter((effect) => connectors.find(effect.kind, effect.topic) !== null);
    if (mine.length === 0) return;
    const capabilities = [...new Set(mine.map((effect) => effect.capability))];
    for (;;) {
      const claimed = await store.claimEffects({
        owner: this.interpreter,
        limit: CLAIM_MAX,
        queues: [row.queue],
        capabilities,
        program: row.id,
      });
      for (const effect of claimed) this.send(outgoingOf(effect));
      if (claimed.length < CLAIM_MAX) return;
    }
  }

  private send(effect: Outgoing): void {
    const connector = this.context.connectors.find(effect.kind, effect.topic);
    if (connector === null || this.abort.signal.aborted) return;
    this.wanted.add(effect);
    if (effect.contract === "at-most-once") this.once++;
    const watch = watchEffect(this.context, { ...effect, program: this.program }, effect.parent);
    const { key, kind, topic, payload, contract, attempt } = effect;
    const performed = connector.perform(
      { key, kind, topic, payload, delivery: contract, attempt, ...watch.sent },
      { signal: this.abort.signal, clock: this.context.clock },
    );
    if (performed instanceof Promise) void performed.then((answer) => this.finish(effect, answer, watch));
    else this.finish(effect, performed, watch);
  }

  private finish(effect: Outgoing, performed: Performed, watch: EffectWatch): void {
    const isWanted = this.wanted.delete(effect);
    if (effect.contract === "at-most-once") this.once--;
    if (this.abort.signal.aborted || !isWanted) return watch.end(null);
    const { outcome, body } = outcomeOf(effect.contract, performed);
    watch.end(outcome, performed);
    this.hand(effect, outcome, body);
  }

  private hand(effect: Outgoing, outcome: Outcome, body: string): void {
    const { key } = effect;
    this.answered({
      entry: newEntry("answer", { key, outcome, body }),
      answered: key,
      ...(effect.row ? { settled: { key, state: outcome === "unknown" ? "unknown" : "settled", outcome, body } } : {}),
    });
  }
}

/** What an attempt came to, for the program. */
export function outcomeOf(
  contract: Delivery,
  performed: Performed,
): { readonly outcome: Outcome; readonly body: JsonText } {
  if (performed.ok && performed.body.length <= VALUE_LENGTH_MAX) return { outcome: "ok", body: performed.body };
  // It is an answer all the same: nothing is sent again for it.
  if (performed.ok) return { outcome: "error", body: failureText(tooLarge(performed.body.length)) };
  const body = failureText(performed.error);
  // It left, and nobody can tell what became of it (E-21).
  const inDoubt = contract === "at-most-once" && performed.sent && !isAnswer(performed.error.type);
  return { outcome: inDoubt ? "unknown" : "error", body };
}

/** Failures that a handler itself answered: they are outcomes, not doubts. */
function isAnswer(type: string): boolean {
  return !type.startsWith("http/");
}

/** A failure as the plain JSON {type, message, data} that a program's error value is made of. */
function failureText({ type, message, data }: Failure): string {
  const text = canonicalJson({ type, message, data: data as Json });
  return text.length <= VALUE_LENGTH_MAX ? text : failureText(tooLarge(text.length, type));
}

function tooLarge(size: number, type = "limit"): Failure {
  const message = `the answer has ${size} characters of JSON; the limit is ${VALUE_LENGTH_MAX}`;
  return { type, message, data: { size } };
}

function requestOf(made: Made): EffectRequest {
  return {
    key: made.key,
    kind: made.kind,
    topic: made.topic,
    payload: made.payload ?? "null",
    contract: made.delivery ?? "at-least-once",
  };
}

function outgoingOf(effect: EffectRow): Outgoing {
  const { key, kind, topic, payload, delivery, attempts, contract } = effect;
  const parent = traceOfContract(contract);
  return { key, kind, topic, payload, contract: delivery, attempt: attempts, row: true, parent };
}

function rowOf(effect: EffectRequest, trace: string | null): NewEffect {
  return {
    key: effect.key,
    kind: effect.kind,
    topic: effect.topic,
    capability: `foreign:${effect.topic}`,
    payload: effect.payload,
    delivery: effect.contract,
    contract: contractWith(trace),
    state: "pending",
  };
}
