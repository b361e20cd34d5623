// Serves queues: claims programs that have something to do, many at a time, runs them, and lets go of them when they rest (E-2, E-12).
//
// How no wake-up is lost. Whatever gives a program something to do is in the store before anybody is told: an inbox row, a wake
// time, a released program. There is one loop: it clears the sign that something changed, then looks at the store (`readWork`),
// then waits for the sign. A change that comes after the look sets the sign again, so it is looked at; one that came before was
// seen. The sign is set by the store's watch (E-18), by an alarm at the next wake time that the look answered, by a place that
// becomes free while more could be claimed, and by a poll every 250 ms beneath, for watches that miss something. Where the watch names
// programs that were delivered something, and they are here, they are told first, and the loop looks a little later.
//
// A program is in memory while it is evaluated, while something in this process moves it (an effect under way), and a little
// longer if it is likely to be woken again: so memory does not grow with programs that wait. One that comes to rest is released in
// the commit of its turn. No more programs are claimed than `concurrency` says, so none wait here for evaluation or commits
// while another process could run them.
//
// A process that loses its lease, or whose store fails, throws away all it has in memory and begins again under a new id (E-12).
// What a failed commit came to is then read from the store, like all the rest (E-10).
import { FlowmetalError } from "../base/errors.ts";
import type { Status } from "../journal/status.ts";
import { isOver } from "../journal/status.ts";
import type { EffectRow, ProgramRow } from "../store/rows.ts";
import type { ClaimQueue, ProgramToRun, Work } from "../store/store.ts";
import { EffectServer } from "./effect-server.ts";
import { Gate } from "./gate.ts";
import {
  CRASHES_MAX,
  HEARTBEAT_MS,
  Interpreter,
  type InterpreterOptions,
  LEASE_MS,
  type RunOutcome,
} from "./interpreter.ts";
import { Meters, type Tally } from "./meters.ts";
import { Seat } from "./seat.ts";

/** The store is looked at so often at least. */
const POLL_MS = 250;
/** Between two looks while programs are run, at least: they need the store too. */
const BREATH_MS = 5;
/** Programs claimed in one go: the rest is for other processes, or for the next look. */
const CLAIM_MAX = 64;
/** A program that was woken stays in memory for so long at rest: it may be woken again soon. */
const LINGER_MS = 1_000;
/** One that will wake by itself so soon is not let go of. */
const SOON_MS = 500;
/** A program that could not be run is let go of after so long, for another try. */
const HELD_MS = 30_000;
/** How long effects that may be sent once only are waited for when the process is to end. */
export const GRACE_MS = 3_000;
/** A suspect may end the process: the others go on for so long first, as they may just have begun anew because of it. */
const SUSPECTS_AFTER_MS = 1_000;
/** To fault it, a program has to be loaded. One that ends processes by that alone is left where it is after so many. */
const CRASHES_HOPELESS = 2 * CRASHES_MAX;
/** Where nothing could be claimed for limits by the texts of a label, so long until the next try; a place that becomes free ends that. */
const FULL_MS = 100;
/** After a failure of the store the next session begins so much later, twice as much each time. */
export const PAUSE_MS = 100;
export const PAUSE_MAX_MS = 5_000;
/** What was counted is told so often at most. */
const TALLY_MS = 250;

/** A queue that is served. */
export interface QueueWish {
  readonly name: string;
  /** Programs of it in memory at once, at most; left out: as many as of all queues. */
  readonly concurrency?: number;
  /** Of its programs with the same text as this label, so many are in memory at once at most, in all processes together. */
  readonly per?: { readonly label: string; readonly limit: number };
}

export interface FleetOptions extends Omit<InterpreterOptions, "onLost" | "meters"> {
  readonly queues: readonly QueueWish[];
  /** Programs in memory at once, at most. */
  readonly concurrency: number;
  /** What the connectors of this process may do (E-14). */
  readonly capabilities: readonly string[];
  readonly tell?: (event: FleetEvent) => void;
}

/** What is worth telling people who look after a process. */
export type FleetEvent =
  | { readonly kind: "serving"; readonly interpreter: string; readonly queues: readonly string[] }
  /** A program of a process that died. */
  | { readonly kind: "taken-over"; readonly program: string; readonly crashes: number }
  /** It is evaluated alone. */
  | { readonly kind: "suspect"; readonly program: string; readonly crashes: number }
  | { readonly kind: "ended"; readonly program: string; readonly status: Status }
  /** Another process has it. */
  | { readonly kind: "lost"; readonly program: string }
  /** It cannot be run here; it is let go of later. */
  | { readonly kind: "trouble"; readonly program: string; readonly error: unknown }
  /** Time went by without this process, or the clock was set. */
  | { readonly kind: "paused"; readonly ms: number }
  /** The process that evaluates is gone, with all it had in memory; `program`: what it was evaluating. */
  | {
      readonly kind: "evaluation-ended";
      readonly program: string | null;
      readonly why: "memory" | "stuck" | "other";
      readonly detail: string;
    }
  /** Everything in memory was thrown away. */
  | { readonly kind: "restarting"; readonly error: unknown }
  | { readonly kind: "drained" }
  /** What was counted since the last such event. */
  | { readonly kind: "counted"; readonly tally: Tally };

export class Fleet {
  private readonly meters = new Meters();
  private session: Session | null = null;
  private draining = false;
  private wake: () => void = () => undefined;

  constructor(private readonly options: FleetOptions) {}

  /** Serves until `drain`. */
  async serve(): Promise<void> {
    const { clock, connectors, tell } = this.options;
    let pause = PAUSE_MS;
    while (!this.draining) {
      const began = clock.monotonic();
      this.session = new Session({ ...this.options, meters: this.meters });
      if (this.draining) break;
      const failure = await this.session.serve();
      if (failure === null) continue;
      this.meters.count("restarts");
      tell?.({ kind: "restarting", error: failure });
      pause = clock.monotonic() - began > PAUSE_MAX_MS ? PAUSE_MS : Math.min(pause * 2, PAUSE_MAX_MS);
      await this.wait(pause);
    }
    await connectors.close();
    const tally = this.meters.take();
    if (tally !== null) tell?.({ kind: "counted", tally });
    tell?.({ kind: "drained" });
  }

  /** Stops claiming, cuts and commits what is evaluated, and releases everything. `serve` settles when that is done. */
  drain(): void {
    this.draining = true;
    this.session?.drain();
    this.wake();
  }

  private async wait(ms: number): Promise<void> {
    if (this.draining) return;
    await new Promise<void>((resolve) => {
      const cancel = this.options.clock.after(ms, resolve);
      this.wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** What one lease's worth of serving goes through. */
class Session {
  private readonly interpreter: Interpreter;
  private readonly effects: EffectServer;
  private readonly gate = new Gate();
  private readonly seats = new Map<string, Seat>();
  /** Programs that could not be run, with the terms under which they are owned. */
  private readonly held = new Map<string, ProgramRow>();
  private changed = true;
  private draining = false;
  private failure: unknown = null;
  private wake: () => void = () => undefined;
  private work: Work | null = null;
  /** Elapsed time before which nothing is claimed. */
  private claimsFrom = 0;
  /** The same, where a limit by the texts of a label was in the way. */
  private fullUntil = 0;
  /** Elapsed time. */
  private readonly began: number;
  /** A suspect is claimed, or has not had its first commit. */
  private suspecting = false;
  /** Elapsed time from which on what was counted is told. */
  private tallyFrom = 0;

  constructor(private readonly options: FleetOptions & { readonly meters: Meters }) {
    this.began = options.clock.monotonic();
    this.interpreter = new Interpreter({ ...options, onLost: () => this.fail(leaseLost()) });
    this.effects = new EffectServer({
      ...options,
      owner: this.interpreter.id,
      queues: options.queues.map(({ name }) => name),
      limit: options.concurrency,
      assureLease: () => this.interpreter.assureLease(),
      failed: (error, effect) => this.effectFailed(error, effect),
    });
  }

  private get isEnding(): boolean {
    return this.draining || this.failure !== null;
  }

  /** Answers what made it end; null: it was drained. */
  async serve(): Promise<unknown> {
    const { store, queues, tell } = this.options;
    let stopWatching: (() => Promise<void>) | null = null;
    try {
      await this.interpreter.open();
      stopWatching = await store.watch((programs) => this.hear(programs));
      tell?.({ kind: "serving", interpreter: this.interpreter.id, queues: queues.map(({ name }) => name) });
      while (!this.isEnding) {
        this.changed = false;
        await this.look();
        this.tellTally();
        await this.rest();
      }
      if (this.failure === null) await this.letGoOfAll();
    } catch (error) {
      this.fail(error);
    }
    await stopWatching?.().catch(() => undefined);
    this.stopLateLook?.();
    await this.end();
    return this.failure;
  }

  drain(): void {
    this.draining = true;
    this.notice();
  }

  private fail(error: unknown): void {
    this.failure ??= error;
    this.notice();
  }

  private notice(): void {
    this.changed = true;
    this.wake();
  }

  /** Something may have changed in the store. Programs that were delivered something and are here take it in at once. */
  private hear(programs?: readonly string[]): void {
    const seats = programs?.map((program) => this.seats.get(program)) ?? [undefined];
    for (const seat of seats) seat?.run.lookAgain();
    if (seats.includes(undefined)) this.notice();
    // One that has just been let go of does not take it in: the store tells, a little later, so that the look is not in its way.
    else
      this.stopLateLook ??= this.options.clock.after(BREATH_MS, () => {
        this.stopLateLook = null;
        this.notice();
      });
  }
  private stopLateLook: (() => void) | null = null;

  /** Waits for a sign, the next wake time or the poll. */
  private async rest(): Promise<void> {
    const { clock } = this.options;
    if (this.seats.size > 0) await clock.sleep(BREATH_MS);
    if (this.changed || this.isEnding) return;
    const { next, time } = this.work ?? { next: null, time: 0 };
    const ms = next === null ? POLL_MS : Math.max(0, Math.min(POLL_MS, next - time));
    await new Promise<void>((resolve) => {
      const cancel = clock.after(ms, resolve);
      this.wake = () => {
        cancel();
        resolve();
      };
    });
  }

  private tellTally(): void {
    const { clock, meters, tell } = this.options;
    const now = clock.monotonic();
    if (tell === undefined || now < this.tallyFrom) return;
    meters.inMemory = this.seats.size;
    const tally = meters.take();
    if (tally === null) return;
    this.tallyFrom = now + TALLY_MS;
    tell({ kind: "counted", tally });
  }

  private async look(): Promise<void> {
    const { store, capabilities, queues, clock } = this.options;
    const names = queues.map(({ name }) => name);
    const work = await store.readWork({ interpreter: this.interpreter.id, queues: names, capabilities });
    this.judgeTime(work);
    this.work = work;
    for (const id of work.addressed) this.seats.get(id)?.run.lookAgain();
    await this.evict(work.claimable);
    if (clock.monotonic() < this.claimsFrom) return;
    if (work.claimable && !this.gate.isClosed && clock.monotonic() >= this.fullUntil) await this.claim();
    const maySuspect = !this.suspecting && clock.monotonic() - this.began >= SUSPECTS_AFTER_MS;
    if (work.suspects && maySuspect) void this.claimSuspect().catch((error: unknown) => this.fail(error));
    if (work.effects && (await this.effects.claim())) this.changed = true;
  }

  /**
   * A store's time that went on by more than a lease between two looks: this process was stopped, or a clock was set (E-13). Leases
   * of others may look expired then; who lives renews them within two heartbeats.
   */
  private judgeTime({ time }: Work): void {
    const passed = this.work === null ? 0 : time - this.work.time;
    if (passed <= LEASE_MS) return;
    this.claimsFrom = this.options.clock.monotonic() + 2 * HEARTBEAT_MS;
    this.options.meters.count("pauses");
    this.options.tell?.({ kind: "paused", ms: passed });
  }

  // ---- claiming

  private async claim(): Promise<void> {
    const { store, queues, concurrency } = this.options;
    const room = Math.min(concurrency - this.seats.size - this.held.size, CLAIM_MAX);
    if (room <= 0) return;
    const wishes = queues.map((queue) =>
      wishFor(queue, Math.max(0, (queue.concurrency ?? concurrency) - this.countOf(queue.name))),
    );
    const interpreter = this.interpreter.id;
    const { claimed, leaseLost: isLost } = await store.claimPrograms({ interpreter, queues: wishes, limit: room });
    if (isLost) this.fail(leaseLost());
    const toRun = await this.readToRun(claimed.map(({ row }) => row));
    // What has ended a process before is evaluated behind the others.
    const inOrder = [...claimed].sort((a, b) => a.row.crashes - b.row.crashes);
    for (const { row, takenOver } of inOrder) {
      this.options.meters.count("claims", 1, row.queue);
      if (takenOver) this.options.meters.count("takeovers", 1, row.queue);
      if (takenOver) this.options.tell?.({ kind: "taken-over", program: row.id, crashes: row.crashes });
      await this.run(row, { suspect: false, toRun: toRun.get(row.id) });
    }
    if (claimed.length === room) this.changed = true;
    const isLimited = queues.some(({ per }) => per !== undefined);
    if (claimed.length === 0 && isLimited) this.fullUntil = this.options.clock.monotonic() + FULL_MS;
  }

  private countOf(queue: string): number {
    let count = 0;
    for (const seat of this.seats.values()) if (seat.row.queue === queue) count++;
    for (const row of this.held.values()) if (row.queue === queue) count++;
    return count;
  }

  /**
   * Claims one suspect. Until its first commit it is evaluated alone: if that ends this process, nothing else was being evaluated,
   * and no other suspect was owned. While it waits for something, the others go on.
   */
  private async claimSuspect(): Promise<void> {
    const { store, queues } = this.options;
    this.suspecting = true;
    try {
      const wishes = queues.map((queue) => wishFor(queue, 1));
      const wish = { interpreter: this.interpreter.id, queues: wishes, limit: 1, suspects: true };
      const { claimed, leaseLost: isLost } = await store.claimPrograms(wish);
      if (isLost) this.fail(leaseLost());
      for (const { row } of claimed) {
        if (row.crashes >= CRASHES_HOPELESS) {
          this.options.tell?.({ kind: "trouble", program: row.id, error: cannotLoad(row) });
          this.hold(row);
          continue;
        }
        this.options.meters.count("suspects", 1, row.queue);
        this.options.tell?.({ kind: "suspect", program: row.id, crashes: row.crashes });
        const seat = await this.run(row, { suspect: true });
        await seat.provenOrOver;
      }
    } finally {
      this.suspecting = false;
      this.notice();
    }
  }

  /** What all of these need to go on, in one reading. */
  private async readToRun(rows: readonly ProgramRow[]): Promise<ReadonlyMap<string, ProgramToRun>> {
    if (rows.length === 0) return new Map();
    const read = await this.options.store.readToRun({ programs: rows.map(({ id }) => id) });
    return new Map(read.map((one) => [one.program, one]));
  }

  private async run(row: ProgramRow, how: { suspect: boolean; toRun?: ProgramToRun | undefined }): Promise<Seat> {
    const { suspect, toRun } = how;
    // Its last run here may just have let go of it, or has lost it and does not know: that one ends, whatever it waits for.
    const before = this.seats.get(row.id);
    before?.run.lose();
    await before?.over;
    const { clock } = this.options;
    const keeps = (ms: number | null, wasWoken: boolean): boolean => this.keeps(ms, wasWoken);
    const seat = new Seat(row, toRun, { gate: this.gate, suspect, clock, keeps });
    this.seats.set(row.id, seat);
    seat.begin(this.interpreter);
    void seat.run.ended.then(
      (outcome) => this.ended(seat, outcome),
      (error: unknown) => this.failed(seat, error),
    );
    return seat;
  }

  // ---- letting go

  private keeps(ms: number | null, wasWoken: boolean): boolean {
    if (this.isEnding) return false;
    if (ms !== null && ms <= SOON_MS) return true;
    return wasWoken && this.seats.size < this.options.concurrency;
  }

  private ended(seat: Seat, { status, term }: RunOutcome): void {
    // Evicted: it is given back with others, by who evicted it.
    if (term === undefined) this.leave(seat);
    if (!isOver(status) && status !== "faulted") return;
    this.options.meters.count("ended", 1, status);
    this.options.tell?.({ kind: "ended", program: seat.row.id, status });
  }

  private failed(seat: Seat, error: unknown): void {
    const { row } = seat;
    this.leave(seat);
    if (this.failure !== null) return;
    const code = error instanceof FlowmetalError ? error.code : "";
    if (code === "program/lost") {
      this.options.meters.count("lost_programs");
      this.options.tell?.({ kind: "lost", program: row.id });
      // Not to another process, if somebody answered first what this one had an answer to: then it is to be loaded anew (E-6).
      this.giveBackAll([row]).catch((cause: unknown) => this.fail(cause));
    } else if (code.startsWith("store/")) {
      this.fail(error);
    } else {
      this.options.meters.count("trouble");
      this.options.tell?.({ kind: "trouble", program: row.id, error });
      this.hold(row);
    }
  }

  /** One that somebody changed from outside stays as it is, and keeps nothing else from being done. */
  private effectFailed(error: unknown, { program }: EffectRow): void {
    if (error instanceof FlowmetalError && error.code === "seal/broken")
      this.options.tell?.({ kind: "trouble", program, error });
    else this.fail(error);
  }

  private leave(seat: Seat): void {
    if (this.seats.get(seat.row.id) === seat) this.seats.delete(seat.row.id);
    this.fullUntil = 0;
    // What the last look found may have come too late for this run.
    if (this.work?.claimable === true || this.work?.addressed.includes(seat.row.id) === true) this.notice();
  }

  /** Keeps a program that cannot be run from being claimed again and again. */
  private hold(row: ProgramRow): void {
    this.held.set(row.id, row);
    this.options.clock.after(HELD_MS, () => {
      if (this.isEnding || !this.held.delete(row.id)) return;
      this.giveBackAll([row]).catch((error: unknown) => this.fail(error));
    });
  }

  /** Lets go of programs that have rested long enough; if others need their places, of more, those first that rest longest. */
  private async evict(isPressed: boolean): Promise<void> {
    const now = this.options.clock.monotonic();
    const resting = [...this.seats.values()].filter((seat) => seat.restsSince !== null && !seat.run.isMoved);
    if (resting.length === 0) return;
    resting.sort((a, b) => a.restsSince! - b.restsSince!);
    const wanted = isPressed && this.seats.size >= this.options.concurrency ? CLAIM_MAX : 0;
    const chosen = resting.filter((seat, i) => i < wanted || (now - seat.restsSince! >= LINGER_MS && !seat.wakesSoon));
    await this.giveBack(chosen.filter((seat) => seat.run.evict()));
  }

  private async giveBack(evicted: readonly Seat[]): Promise<void> {
    if (evicted.length === 0) return;
    const outcomes = await Promise.all(evicted.map(({ run }) => run.ended.catch(() => null)));
    await this.giveBackAll(
      evicted.flatMap(({ row: { id } }, i) => (outcomes[i]?.term === undefined ? [] : { id, term: outcomes[i].term })),
    );
    this.options.meters.count("evictions", evicted.length);
    for (const seat of evicted) this.leave(seat);
  }

  /** Releases those that are still owned under these terms. */
  private async giveBackAll(rows: readonly Pick<ProgramRow, "id" | "term">[]): Promise<void> {
    if (rows.length === 0) return;
    const programs = rows.map(({ id, term }) => ({ program: id, term }));
    await this.options.store.releasePrograms({ interpreter: this.interpreter.id, programs });
  }

  /** Cuts and commits what is evaluated. What rests needs no commit: its ownership ends with the lease. */
  private async letGoOfAll(): Promise<void> {
    const { clock } = this.options;
    this.gate.open();
    const deadline = clock.monotonic() + GRACE_MS;
    const isSending = (): boolean => [...this.seats.values()].some(({ run }) => run.isSendingOnce);
    for (const { run } of this.seats.values()) if (!run.isSendingOnce) void letGo(run);
    while ((isSending() || this.effects.isSendingOnce) && clock.monotonic() < deadline) await clock.sleep(20);
    const runs = [...this.seats.values()].map(({ run }) => run);
    await Promise.all(runs.map(letGo));
  }

  private async end(): Promise<void> {
    await this.interpreter.abandon();
    await this.effects.stop();
    // If this fails, the lease runs out.
    await this.interpreter.retire().catch(() => undefined);
  }
}

function letGo(run: Seat["run"]): Promise<unknown> {
  return run.evict() ? run.ended.catch(() => undefined) : run.letGo();
}

/** A wish for so many programs of a queue. */
function wishFor({ name, per }: QueueWish, limit: number): ClaimQueue {
  return { name, limit, ...(per === undefined ? {} : { per }) };
}

function leaseLost(): FlowmetalError {
  return new FlowmetalError("program/lost", "this process was stopped for longer than its lease", {
    hint: "it goes on under a new one",
  });
}

function cannotLoad({ id, crashes }: ProgramRow): FlowmetalError {
  return new FlowmetalError(
    "program/cannot-load",
    `${crashes} processes in a row died while they loaded program ${id}`,
    {
      hint: `look at it with flowmetal inspect ${id}, give processes more memory (--memory), or cancel it`,
    },
  );
}
