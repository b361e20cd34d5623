// Group commit (E-5, E-8): turns of many programs share commits, at most one under way and one filling.
//
// A turn that is ready while nothing is under way goes at once and alone: no step of a single program waits for company. What
// becomes ready while a commit is under way joins the next one, which goes the moment the first has ended, before anybody is told
// how that ended: so the database writes one batch while the next is evaluated. When a batch has ended and none is filled, its
// programs are all evaluated now: the next goes when half of them are ready, to be written while the other half is evaluated, or
// when what was to be evaluated is.
//
// A failure of the store is told to every program of the batch (E-10): what it came to is then known by the store alone, and
// whoever goes on with one of these programs reads it from there.
import type { Clock } from "../base/clock.ts";
import { BATCH_LENGTH_MAX, BATCH_PROGRAMS_MAX } from "../base/limits.ts";
import type { TurnCommit } from "../store/rows.ts";
import type { CommitResult } from "../store/store.ts";

/** What became of a turn. */
export type TurnOutcome =
  | { readonly kind: "committed"; readonly time: number }
  /** Owner, term or turn is another, or somebody answered first. */
  | { readonly kind: "lost"; readonly time: number }
  /** Its rows cannot be committed, and would not be next time (E-8). */
  | { readonly kind: "refused"; readonly error: Error }
  /** The interpreter's row is gone (E-12). */
  | { readonly kind: "lease-lost"; readonly time: number };

interface Waiting {
  readonly turn: TurnCommit;
  readonly size: number;
  readonly tell: (outcome: TurnOutcome) => void;
  readonly fail: (error: unknown) => void;
}

/** Commits turns of different programs together; two turns of one program are never in it at the same time. */
export class Batcher {
  private readonly waiting: Waiting[] = [];
  private underWay = false;
  /** So many are waited for before a batch goes, while nothing is under way; 1: none. */
  private expected = 1;
  private willSend = false;

  constructor(
    private readonly send: (turns: readonly TurnCommit[]) => Promise<CommitResult>,
    private readonly clock: Pick<Clock, "giveWay">,
  ) {}

  /** Commits a turn. Rejects if the store fails: then nobody here knows what became of it. */
  commit(turn: TurnCommit): Promise<TurnOutcome> {
    if (!this.underWay && this.expected === 1) return this.commitAlone(turn);
    const outcome = new Promise<TurnOutcome>((tell, fail) =>
      this.waiting.push({ turn, size: sizeOf(turn), tell, fail }),
    );
    if (!this.underWay) {
      if (this.waiting.length >= this.expected) this.sendNext();
      else this.sendSoon();
    }
    return outcome;
  }

  /** Once all that can be evaluated now is. */
  private sendSoon(): void {
    if (this.willSend) return;
    this.willSend = true;
    void this.clock.giveWay().then(() => {
      this.willSend = false;
      if (!this.underWay) this.sendNext();
    });
  }

  private async commitAlone(turn: TurnCommit): Promise<TurnOutcome> {
    this.underWay = true;
    try {
      const result = await this.send([turn]);
      if (result.committed[0] === turn.program) return { kind: "committed", time: result.time };
      return outcomesOf(result)(turn.program);
    } finally {
      this.sendNext();
    }
  }

  private sendNext(): void {
    this.underWay = false;
    this.expected = 1;
    if (this.waiting.length === 0) return;
    this.underWay = true;
    void this.commitBatch(this.nextBatch());
  }

  private nextBatch(): Waiting[] {
    let count = 0;
    let size = 0;
    for (const one of this.waiting) {
      if (count > 0 && (count === BATCH_PROGRAMS_MAX || size + one.size > BATCH_LENGTH_MAX)) break;
      count++;
      size += one.size;
    }
    return this.waiting.splice(0, count);
  }

  private async commitBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const outcomeOf = outcomesOf(await this.send(batch.map(({ turn }) => turn)));
      this.sendNext();
      if (!this.underWay) this.expected = Math.ceil(batch.length / 2);
      for (const { turn, tell } of batch) tell(outcomeOf(turn.program));
    } catch (error) {
      this.sendNext();
      for (const { fail } of batch) fail(error);
    }
  }
}

/** What a commit came to for each of its programs. */
function outcomesOf({ time, committed, refused, leaseLost }: CommitResult): (program: string) => TurnOutcome {
  const there = new Set(committed);
  const errors = new Map(refused.map(({ program, error }) => [program, error]));
  return (program) => {
    if (there.has(program)) return { kind: "committed", time };
    const error = errors.get(program);
    if (error !== undefined) return { kind: "refused", error };
    return { kind: leaseLost ? "lease-lost" : "lost", time };
  };
}

/** Roughly how many characters a turn writes; the store counts for itself. */
function sizeOf({
  entries,
  effects = [],
  settled = [],
  output = [],
  snapshot,
  chunks = [],
  texts,
}: TurnCommit): number {
  let size = 256 + (snapshot?.body.length ?? 0);
  for (const { body } of entries) size += body.length;
  for (const { payload } of effects) size += payload.length;
  for (const { body } of settled) size += body.length;
  for (const { text } of output) size += text.length;
  for (const { body } of [...chunks, ...(texts?.images ?? []), ...(texts?.blobs ?? [])]) size += body.length;
  for (const { code, debug } of texts?.units ?? []) size += code.length + debug.length;
  return size;
}
