// The interpreter: holds a lease, claims programs and runs their turns until they are over, at rest, or let go.
//
// One Interpreter per process and lease; each program it runs is a Running. Their turns share commits (batcher.ts). A process that
// serves queues has many of them, claimed, let go of and told of what has come by fleet.ts. The loop of a Running is the protocol
// of E-1 to E-7:
//
//   gather inputs -> evaluate (slices of fuel, giving way in between) -> commit -> print and send -> wait -> ...
//
// 1. Nothing is printed or sent before the commit that records it; nothing is evaluated on top of a turn that is not durable.
// 2. A commit that is not ours any more (owner, term, turn) or a lost lease ends the run: memory is thrown away.
// 3. What this process was given in memory (an answer of its own connector) is first written in the next turn's commit (E-4).
import type { Clock } from "../base/clock.ts";
import { FlowmetalError } from "../base/errors.ts";
import { INBOX_LENGTH_MAX, INBOX_ROWS_MAX } from "../base/limits.ts";
import type { Files } from "../base/files.ts";
import { newId } from "../base/ids.ts";
import type { Random } from "../base/random.ts";
import { ENGINE_VERSION } from "../base/version.ts";
import type { Connectors } from "../connector/connector.ts";
import type { CancelledBody, CommandBody, StartBody } from "../journal/entry.ts";
import { decodeBody, encodeBody, newEntry } from "../journal/codec.ts";
import type { Status, Wait } from "../journal/status.ts";
import { isOver } from "../journal/status.ts";
import type { MachineOptions } from "../machine/machine.ts";
import { type Image, modulesOf } from "../module/image.ts";
import { rootsOf, SearchPath } from "../module/search-path.ts";
import type { Diagnostic } from "../source/diagnostic.ts";
import type { Source } from "../source/source.ts";
import type { NewProgram, ProgramRow, TurnCommit } from "../store/rows.ts";
import type { CommitResult, ProgramToRun, Store } from "../store/store.ts";
import { Batcher, type TurnOutcome } from "./batcher.ts";
import { type NewRun, newProgram } from "./birth.ts";
import { metered, traced } from "./commit-meter.ts";
import { isPausedAfter } from "./delivery.ts";
import { EffectRunner } from "./effects.ts";
import { LiveHost, type World } from "./host.ts";
import { type Attend, freshProgram, type ImageFinder, type Loaded, loadProgram } from "./loading.ts";
import type { Meters } from "./meters.ts";
import {
  answersSince,
  cancelBefore,
  type GivenAgain,
  isPending,
  readAgain,
  type RewindOrder,
  rewindOf,
  substituted,
} from "./rewind.ts";
import { Scales } from "./scales.ts";
import { StoredModules } from "./start-modules.ts";
import { type OpenSpan, TRACE_LABEL, traceOfLabels, type Tracing, type TurnContexts } from "./tracing.ts";
import {
  commitOf,
  describeEffect,
  faultsOf,
  type Input,
  newTurn,
  type Prepared,
  type Standing,
  take,
  type Turn,
  whereabouts,
} from "./turn.ts";

/** Length of a lease (E-12). */
export const LEASE_MS = 1_500;
/** A heartbeat is written when no commit has renewed the lease for so long (E-12). */
export const HEARTBEAT_MS = 300;
/** Nothing is sent when the lease was not renewed for so long (E-13): two thirds of it. */
export const SURE_MS = 1_000;
/** Fuel of one slice of evaluation (S-18): some ten milliseconds. */
const SLICE_TICKS = 200_000;
/** A long computation is committed so often (S-18). */
const COMMIT_EVERY_MS = 5_000;
/** A snapshot longer than this is not written in every turn. */
const LARGE_SNAPSHOT = 64 * 1024;
/** Entries deleted in one go: a transaction should be short (E-17). */
const TRIM_ROWS = 500;
/** Output of a computation is committed, and so shown, so often. */
const PRINT_EVERY_MS = 100;
/** Turns a large snapshot is skipped for, at most: journal replay covers the gap (design.md section 6, policy). */
const SNAPSHOT_GAP = 16;
/** So many owners in a row that died on a program fault it (E-15). */
export const CRASHES_MAX = 4;
const CRASHED = `${CRASHES_MAX} interpreters in a row died while they had this program`;

export interface InterpreterOptions {
  readonly store: Store;
  readonly image: Image;
  /** Finds images that are not this engine's own. */
  readonly findImage: ImageFinder;
  readonly connectors: Connectors;
  readonly clock: Clock;
  readonly random: Random;
  readonly machine?: MachineOptions;
  /** Where modules are read from; left out: programs have those of their base image only. */
  readonly files?: Files;
  /**
   * A journal longer than so many entries is compacted: it begins anew at the state of its last turn (E-19). Left out: never, as what is
   * gone cannot be replayed, gone back to or looked up any more.
   */
  readonly compactAfter?: number;
  /** Told of work that does not give way, before it is begun. */
  readonly attend?: Attend;
  /** A program that takes more of the memory is stopped, where it is. Left out: none is. */
  readonly memory?: MemoryLimit;
  /** What is done is counted there. */
  readonly meters?: Meters;
  /** Spans of turns, commits and effects are begun there. */
  readonly tracing?: Tracing;
  /** Told when the lease is gone, and with it everything in memory (E-12). */
  readonly onLost?: () => void;
}

export interface MemoryLimit {
  /** Bytes that one program may take. */
  readonly most: number;
  /** Bytes that all of this process's take, with what nobody needs any more. */
  readonly heapUsed: () => number;
}

export interface RunHooks {
  /** Output of a committed turn, in order; the next commit waits for it. */
  readonly onOutput: (text: string) => void | Promise<void>;
  /** What the compiler found strange in a form of a committed turn; before that turn's output. Told once per program. */
  readonly onWarning?: (warning: Diagnostic) => void | Promise<void>;
  /** What the program waits for, each time it comes to rest; [] when it goes on. */
  readonly onWaiting: (waits: readonly Wait[]) => void;
  /** Let go of it as soon as nothing but time or the outside moves it: for a command given from outside. Shows no output. */
  readonly letGoWhenWaiting?: true;
  /** Who keeps it in memory, where it is one of many. Shows no output, and records none as shown. */
  readonly keeper?: Keeper;
}

/** What a fleet is to each program it runs (fleet.ts): it looks at the store for all of them, and says which may stay in memory. */
export interface Keeper {
  /** Asks for leave to evaluate; null: it has it. */
  enter(): Promise<void> | null;
  leave(): void;
  /** Somebody waits until nothing is evaluated: a computation is to be cut. */
  readonly isYielding: boolean;
  /** Told after each commit. */
  committed(): void;
  /** Whether a program that nothing in this process moves may stay. `ms`: until it wakes by itself; null: it does not. */
  keeps(ms: number | null): boolean;
  /** Told each time it begins or ends to wait in memory. */
  rests(isResting: boolean): void;
}

/** How a run ended: the program's status in the store. */
export interface RunOutcome {
  readonly status: Status;
  /** It was evicted, and is still owned under this term. */
  readonly term?: number;
}

export class Interpreter {
  id: string;
  private stopHeartbeat: (() => void) | null = null;
  private renewedAt = 0;
  private lost = false;
  private readonly running = new Set<Running>();
  private readonly batcher: Batcher;
  readonly turnContexts: TurnContexts = new WeakMap();

  constructor(readonly options: InterpreterOptions) {
    this.id = newId(options.clock, options.random);
    this.batcher = new Batcher((turns) => this.sendBatch(turns), options.clock);
  }

  /** Registers and begins to renew the lease. */
  async open(): Promise<void> {
    const { store, clock } = this.options;
    this.renewedAt = clock.monotonic();
    const { started } = await store.registerInterpreter({ id: this.id, engine: ENGINE_VERSION, lease: LEASE_MS });
    this.noteTime(started);
    this.beat();
  }

  /** Lets go of everything and removes the lease. */
  async close(): Promise<void> {
    await Promise.all([...this.running].map((run) => run.letGo()));
    try {
      await this.retire();
    } finally {
      await this.options.connectors.close();
    }
  }

  /** Removes the lease, and with it all ownership; the runs have ended. */
  async retire(): Promise<void> {
    this.stopHeartbeat?.();
    this.stopHeartbeat = null;
    if (!this.lost) await this.options.store.retireInterpreter({ interpreter: this.id });
  }

  /** Throws away all programs in memory; nothing of them is written any more. Settles when all runs have ended. */
  async abandon(): Promise<void> {
    const runs = [...this.running];
    for (const run of runs) run.lose();
    await Promise.allSettled(runs.map(({ ended }) => ended));
  }

  /** Whether this process runs the program now. */
  isRunning(program: string): boolean {
    return [...this.running].some(({ id }) => id === program);
  }

  /** Has a program that this process runs look for commands: the store tells only of what others write. */
  lookAgain(program: string): void {
    for (const run of this.running) if (run.id === program) run.lookAgain();
  }

  private beat(): void {
    const { clock } = this.options;
    this.stopHeartbeat = clock.after(HEARTBEAT_MS, () => {
      const due = clock.monotonic() - this.renewedAt >= HEARTBEAT_MS;
      (due ? this.renew() : Promise.resolve()).then(
        () => {
          if (this.stopHeartbeat !== null && !this.lost) this.beat();
        },
        // The store may be back in time for the next one; if not, the lease tells.
        () => {
          if (this.stopHeartbeat !== null) this.beat();
        },
      );
    });
  }

  private loseLease(): void {
    this.lost = true;
    this.options.meters?.count("lease_losses");
    for (const run of this.running) run.lose();
    this.options.onLost?.();
  }

  /** What the store's clock said last, and what the host's elapsed time was then. */
  storeTime = { at: 0, elapsed: 0 };

  private noteTime(at: number): void {
    this.storeTime = { at, elapsed: this.options.clock.monotonic() };
  }

  /** Commits one turn, with those of other programs that are ready; renews the lease with it. */
  commit(turn: TurnCommit): Promise<TurnOutcome> {
    return this.batcher.commit(turn);
  }

  private async sendBatch(turns: readonly TurnCommit[]): Promise<CommitResult> {
    const { store, clock, random } = this.options;
    const id = newId(clock, random);
    // Not the time of the reply: this process may be stopped between the commit and that.
    const sent = clock.monotonic();
    const batch = { id, interpreter: this.id, lease: LEASE_MS, turns };
    const commit = store.commitTurns(batch);
    const { meters, tracing } = this.options;
    const watched = tracing === undefined ? commit : traced(commit, turns, tracing, this.turnContexts);
    const result = await (meters === undefined ? watched : metered(watched, turns, meters, clock));
    this.noteTime(result.time);
    if (result.leaseLost) this.loseLease();
    else this.renewedAt = sent;
    return result;
  }

  /**
   * Sees to it that the lease is good before anything is sent: a process that was stopped for long may have been taken for dead
   * (E-13). Null: it certainly is.
   */
  assureLease(): Promise<void> | null {
    if (this.options.clock.monotonic() - this.renewedAt < SURE_MS) return null;
    return this.renew();
  }

  private async renew(): Promise<void> {
    const { store, clock } = this.options;
    const asked = clock.monotonic();
    if (await store.renewLease({ interpreter: this.id, lease: LEASE_MS })) this.renewedAt = asked;
    else this.loseLease();
  }

  /** Starts a program: its creation and its first turn are one commit. */
  start(run: NewRun, hooks: RunHooks): Running {
    const { clock, random, image } = this.options;
    const id = newId(clock, random);
    const { trace } = run;
    const { start, program } = newProgram(
      run,
      image,
      id,
      trace === undefined ? {} : { labels: { [TRACE_LABEL]: trace } },
    );
    return this.track(new Running(this, id, hooks, { start, birth: program, source: run.source }));
  }

  /** Runs a program that was claimed. `toRun`: what was read of it since. */
  resume(row: ProgramRow, hooks: RunHooks, toRun?: ProgramToRun): Running {
    return this.track(new Running(this, row.id, hooks, { row, toRun }));
  }

  private track(run: Running): Running {
    this.running.add(run);
    const forget = () => this.running.delete(run);
    run.ended.then(forget, forget);
    return run;
  }
}

interface Birth {
  readonly start: StartBody;
  readonly birth: NewProgram;
  readonly source: Source;
}

interface Claimed {
  readonly row: ProgramRow;
  readonly toRun: ProgramToRun | undefined;
}

type Origin = Birth | Claimed;

/** One program being run by this process. */
export class Running {
  /** Settles once, when the run has ended. Rejects with what went wrong in the engine or the store. */
  readonly ended: Promise<RunOutcome>;
  private stopping = false;
  private lostOwnership = false;
  private wakeUp: (() => void) | null = null;
  private readonly answers: Input[] = [];
  private birth: NewProgram | null;
  /** What the program belongs to. */
  private readonly trace: string | null;
  private readonly effects: EffectRunner;
  private loaded!: Loaded;
  private live!: LiveHost;
  private standing!: Standing;
  private snapshotLength = 0;
  private snapshotGap = 0;
  private inboxMayHave: boolean;

  constructor(
    private readonly interpreter: Interpreter,
    readonly id: string,
    private readonly hooks: RunHooks,
    private readonly origin: Origin,
  ) {
    this.birth = "birth" in origin ? origin.birth : null;
    // What comes later is told by whoever watches the store.
    this.inboxMayHave = "birth" in origin || (origin.toRun?.addressed ?? true);
    this.trace = traceOfLabels("row" in origin ? origin.row.labels : origin.birth.labels);
    this.effects = new EffectRunner(interpreter.options, id, interpreter.id, (answer) => {
      this.answers.push(answer);
      this.wake();
    });
    const { memory, clock } = interpreter.options;
    this.scales = memory === undefined ? null : new Scales(memory.most, memory.heapUsed, clock);
    this.ended = this.run();
  }

  /** Stops at the next tick, commits, gives up ownership. Settles when that is done. Idempotent. */
  async letGo(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.ended.catch(() => undefined);
  }

  /** Ends the run of a program that waits in memory, without a commit: it stays owned. False: it does not wait. */
  evict(): boolean {
    if (this.wakeUp === null || this.answers.length > 0 || this.inboxMayHave) return false;
    this.evicted = true;
    this.wake();
    return true;
  }
  private evicted = false;
  private isTooLarge = false;
  private readonly scales: Scales | null;

  /** Whether something in this process moves it: an effect under way, or its answer. */
  get isMoved(): boolean {
    return this.effects.open + this.answers.length > 0;
  }

  /** Whether an effect is under way here that may be sent once only. */
  get isSendingOnce(): boolean {
    return this.effects.once > 0;
  }

  /** The lease is gone: nothing may be written any more. */
  lose(): void {
    this.lostOwnership = true;
    this.wake();
  }

  /** Something may have come for the program. */
  lookAgain(): void {
    this.inboxMayHave = true;
    this.wake();
  }

  private wake(): void {
    this.wakeUp?.();
  }

  private async run(): Promise<RunOutcome> {
    try {
      await this.load();
      return await (this.isCrasher ? this.stopAt("crash", CRASHED) : this.loop());
    } finally {
      this.effects.stop();
      await this.stopWatching?.();
      // What is not recorded is shown again at worst (S-24); that must not hide how the run ended.
      await this.recordShown().catch(() => undefined);
    }
  }

  /**
   * Begins to watch the store: when the program first rests or computes for long, as one that is over before that needs no
   * watch. What has come by then is looked for.
   */
  private async watch(): Promise<void> {
    if (this.hooks.keeper !== undefined) {
      this.stopWatching = () => Promise.resolve();
      return;
    }
    this.stopWatching = await this.interpreter.options.store.watch((programs) => {
      if (programs?.includes(this.id) ?? true) this.lookAgain();
    });
    this.inboxMayHave = true;
  }
  private stopWatching: (() => Promise<void>) | null = null;

  /** Milliseconds since 1970. */
  private turnBegun = 0;

  private async loop(): Promise<RunOutcome> {
    for (;;) {
      this.checkOwnership();
      const turn = newTurn(this.loaded);
      this.turnBegun = this.interpreter.options.clock.now();
      // A program that never ran, or whose last turn was cut, has something to run without any input.
      const ready = this.loaded.machine.state.ready.length > 0 || this.standing.turn === 0;
      const cut = await this.evaluateWithLeave(turn).catch(refusalIn);
      if (cut instanceof FlowmetalError) return this.stopRefused(cut);
      const acted = ready || turn.inputs.length > 0;
      const release = this.stopping || this.mustRelease() || (acted && !this.mayStay());
      if (acted || release) {
        const prepared = await this.commitTurn(turn, cut, release).catch(refusalIn);
        if (prepared instanceof FlowmetalError) return this.stopRefused(prepared);
        if (!isOver(prepared.status) && !release && this.isTooLarge) return this.stopTooLarge();
        if (isOver(prepared.status) || release) return { status: prepared.status };
      }
      if (!cut) await this.rest();
      if (this.evicted) return { status: this.standing.status, term: this.standing.term };
    }
  }

  private async evaluateWithLeave(turn: Turn): Promise<boolean> {
    const { keeper } = this.hooks;
    if (keeper === undefined) return this.evaluate(turn);
    const leave = keeper.enter();
    if (leave !== null) await leave;
    try {
      return await this.evaluate(turn);
    } finally {
      keeper.leave();
    }
  }

  /** Whether a program that has come to rest stays in memory: while something here moves it, and as long as its keeper likes. */
  private mayStay(): boolean {
    const { keeper } = this.hooks;
    const { machine } = this.loaded;
    if (keeper === undefined || machine.state.ready.length > 0) return true;
    if (this.effects.open + this.answers.length > 0 || this.inboxMayHave) return true;
    const { connectors } = this.interpreter.options;
    if (machine.outbox.some(({ kind, topic }) => connectors.find(kind, topic) !== null)) return true;
    const due = machine.wakeTime;
    return keeper.keeps(due === null ? null : due - this.now());
  }

  /** A program that nothing in this process can move is released, so that a person's command finds it free. */
  private mustRelease(): boolean {
    const { standing, loaded } = this;
    if (standing.paused) return true;
    const idle = loaded.machine.state.ready.length === 0 && this.answers.length === 0 && !this.inboxMayHave;
    if (this.hooks.letGoWhenWaiting === true && idle) return true;
    const { machine } = loaded;
    const moving = this.effects.open + machine.outbox.length + machine.state.timers.length + this.answers.length;
    return machine.status() === "faulted" && moving === 0;
  }

  private checkOwnership(): void {
    if (!this.lostOwnership) return;
    throw new FlowmetalError("program/lost", `program ${this.id} was taken over by another process`, {
      hint: "this process was stopped for longer than its lease: see who runs it with flowmetal ps",
    });
  }

  /**
   * The rows of a turn cannot be committed, and could not be next time (E-8): the program faults where it was before that turn, and
   * is let go of.
   */
  private async stopRefused(error: FlowmetalError): Promise<RunOutcome> {
    this.effects.stop();
    await this.reload();
    return this.stopAt("commit", error.message);
  }

  /** It takes more memory than one program may: it faults where it is. */
  private stopTooLarge(): Promise<RunOutcome> {
    const { most } = this.interpreter.options.memory as MemoryLimit;
    return this.stopAt("memory", `the program takes more than ${Math.round(most / 2 ** 20)} MB of memory`);
  }

  /** Faults the program where it is, its continuation intact, and lets go of it. */
  private async stopAt(limit: string, message: string): Promise<RunOutcome> {
    const { loaded, standing } = this;
    const { machine } = loaded;
    const turn = newTurn(loaded);
    take(loaded, standing, turn, { entry: newEntry("stop", { limit, at: machine.state.ticks, message }) });
    const { status } = await this.commitTurn(turn, machine.state.ready.length > 0, true);
    return { status };
  }

  /** Its owners have died on it so often that nobody evaluates it again unasked (E-15). */
  private get isCrasher(): boolean {
    const { origin, hooks } = this;
    return "row" in origin && hooks.keeper !== undefined && origin.row.crashes >= CRASHES_MAX;
  }

  // ---- loading

  private async load(): Promise<void> {
    const { origin } = this;
    if ("birth" in origin) this.makeFresh(origin);
    else await this.loadRow(origin);
    // A fork that never ran may have effects of its own.
    if ("birth" in origin || isNew(origin.row) || this.isCrasher) return;
    const assured = this.interpreter.assureLease();
    if (assured !== null) await assured;
    this.checkOwnership();
    // Who only carries out a command leaves what is under way to the next owner.
    if (this.hooks.letGoWhenWaiting !== true) {
      this.standing.orphans = await this.effects.takeOver(origin.row, origin.toRun?.open ?? true);
    }
    await this.showMissed(origin.row);
  }

  /** The program as the store has it, after a turn that came to nothing. */
  private async reload(): Promise<void> {
    if (this.birth !== null) return this.makeFresh(this.origin as Birth);
    const row = await this.interpreter.options.store.readProgram({ program: this.id });
    if (row === null) throw new FlowmetalError("program/not-found", `program ${this.id} is in the store no more`);
    await this.loadRow({ row, toRun: undefined });
  }

  private makeFresh({ start, source }: Birth): void {
    const { image, machine } = this.interpreter.options;
    this.loaded = freshProgram(image, this.id, start, source, machine ?? {}, nobody);
    this.loaded.position = 1;
    this.standing = freshStanding();
    this.goLive();
  }

  private async loadRow({ row, toRun }: Claimed): Promise<void> {
    const { store, findImage, machine } = this.interpreter.options;
    const { attend } = this.interpreter.options;
    const context = { store, image: findImage, options: machine ?? {}, attend };
    this.loaded = await loadProgram(context, this.id, { row, toRun });
    this.standing = await this.standingOf(row, toRun?.open ?? !isNew(row));
    await this.findAgain();
    this.goLive();
  }

  private goLive(): void {
    this.live = new LiveHost(this.world(), this.loaded.library, this.loaded.sources);
    this.loaded.host.current = this.live;
  }

  /** What the program looks at: its search path as it was when it was started, whoever runs it now. */
  private world(): World {
    const { files, random } = this.interpreter.options;
    const { start, library } = this.loaded;
    const world = { now: () => this.now(), random };
    if (files === undefined) return world;
    const path = new SearchPath(files, rootsOf(start.path), () => modulesOf(library.image));
    return { ...world, modules: new StoredModules(this.loaded.modules, path) };
  }

  private async standingOf(row: ProgramRow, mayHaveEffects: boolean): Promise<Standing> {
    const { store } = this.interpreter.options;
    const states = ["pending", "sending", "unknown"] as const;
    const effects = mayHaveEffects ? await store.listEffects({ program: row.id, states }) : [];
    const open = new Map(effects.map((effect) => [effect.key, describeEffect(effect)]));
    for (const call of row.calls) open.set(call.key, { kind: "foreign", what: call.topic });
    return {
      term: row.term,
      turn: row.turn,
      status: row.status,
      waits: row.waiting,
      calls: row.calls,
      paused: row.status === "paused",
      open,
      faults: new Set(faultsOf(this.loaded).map(({ stop }) => stop)),
      cancel: this.loaded.machine.state.cancelled ? await this.cancelBefore(row.position) : null,
      units: [],
      texts: [],
      orphans: [],
    };
  }

  /** The command that had cancelled the program at a position, where its clean-ups still run. */
  private async cancelBefore(position: number): Promise<CancelledBody | null> {
    return cancelBefore(this.interpreter.options.store, this.id, position);
  }

  /**
   * The store's clock as this process knows it (E-13); a store's time never goes back. It went on as elapsed time did: a host's
   * clock that was behind it and is put right has not passed the time that it lacked.
   */
  private now(): number {
    const { clock } = this.interpreter.options;
    const { at, elapsed } = this.interpreter.storeTime;
    const known = at + Math.floor(clock.monotonic() - elapsed);
    return Math.max(clock.now(), known, this.loaded?.machine.state?.now ?? 0);
  }

  // ---- evaluating

  /** Delivers what there is, one input at a time, running the machine after each; answers whether it ended at a fuel cut. */
  private async evaluate(turn: Turn): Promise<boolean> {
    const { standing } = this;
    if (!standing.paused && !(await this.runSlices(turn))) return true;
    let inputs = await this.gather();
    this.interpreter.options.attend?.(this.id, "engine");
    // While paused only commands are delivered (E-2); the rest follows the command that lets it go on, or waits for it.
    const held: Input[] = [];
    for (let input = this.next(inputs); input !== undefined; input = this.next(inputs)) {
      if (standing.paused && !this.isCommand(input)) held.push(input);
      else if (!isTaken(turn, input)) {
        const order = this.rewindIn(turn, input);
        if (order !== null) {
          this.putBack([...held.splice(0), input, ...inputs]);
          // It begins a turn: what there was is committed first.
          if (turn.inputs.length > 0 || this.loaded.machine.state.ticks !== turn.ticksBefore) return false;
          await this.goBack(turn, input, order);
          if (!standing.paused && !(await this.runSlices(turn))) return true;
          inputs = await this.gather();
          continue;
        }
        take(this.loaded, standing, turn, input);
        this.noteCommand(input);
        if (!standing.paused) inputs.unshift(...held.splice(0));
        if (!standing.paused && !(await this.runSlices(turn))) {
          this.putBack(inputs);
          return true;
        }
      }
    }
    this.putBack(held);
    // A program that is over needs no timers; one that was cancelled does, for its clean-ups.
    while (!standing.paused && this.loaded.machine.status() !== "done") {
      const timer = this.loaded.machine.state.timers[0];
      const now = this.now();
      if (timer === undefined || timer.due > now) break;
      take(this.loaded, standing, turn, { entry: newEntry("timer", { ref: timer.event.id, due: timer.due, now }) });
      if (!(await this.runSlices(turn))) return true;
    }
    return false;
  }

  /**
   * The next of some inputs. A timer that a rewind brings back rings as it did, between the answers; those that are due before it
   * ring first.
   */
  private next(inputs: Input[]): Input | undefined {
    const input = inputs.shift();
    if (input?.entry.kind !== "timer" || this.standing.paused) return input;
    const { timers } = this.loaded.machine.state;
    const { ref } = decodeBody("timer", input.entry.body);
    const now = this.now();
    if (!timers.some(({ event }) => event.id === ref) || timers[0].due > now) return this.next(inputs);
    const [{ event, due }] = timers;
    if (event.id !== ref) inputs.unshift(input);
    return { entry: newEntry("timer", { ref: event.id, due, now }), again: true };
  }

  /** What an input says to go back to, if it is a rewind that is carried out. */
  private rewindIn(turn: Turn, { entry }: Input): RewindOrder | null {
    if (entry.kind !== "command") return null;
    const command = decodeBody("command", entry.body);
    if (command.command !== "rewind") return null;
    const order = rewindOf(command, whereabouts(this.loaded, this.standing, turn));
    return "refused" in order ? null : order;
  }

  /** Goes back: the machine is what it was at a position, on a new branch that the journal is told of (E-3). */
  private async goBack(turn: Turn, input: Input, order: RewindOrder): Promise<void> {
    const { loaded, standing, interpreter } = this;
    const { store, findImage, attend, machine: options = {} } = interpreter.options;
    const { id: command } = decodeBody("command", input.entry.body);
    const there = await loadProgram({ store, image: findImage, options, attend }, this.id, { position: order.to });
    const { state } = there.machine;
    const { position } = loaded;
    const known = await answersSince(store, this.id, there.machine, order.to);
    const again = substituted(known, order, position);
    this.again = await readAgain(store, this.id, again, { ...input.entry, position });
    const body = { to: order.to, command, ...(again.length === 0 ? {} : { again }) };
    turn.inputs.push(input, { entry: newEntry("rewound", body) });
    turn.ticksBefore = state.ticks;
    state.branch = position + 1;
    this.loaded = { ...there, position, base: loaded.base, latest: loaded.latest };
    this.goLive();
    standing.cancel = state.cancelled ? await this.cancelBefore(order.to) : null;
  }

  /** What a rewind still has to give again, where its process ended before it had. */
  private async findAgain(): Promise<void> {
    const { branch } = this.loaded.machine.state;
    this.again = [];
    if (branch === 0 || branch <= this.loaded.base) return;
    const { store } = this.interpreter.options;
    const [command, entry] = await store.readJournal({ program: this.id, from: branch - 1, limit: 2 });
    if (entry?.kind !== "rewound") return;
    const { again } = decodeBody("rewound", entry.body);
    if (again !== undefined) this.again = await readAgain(store, this.id, again, command);
  }
  /** What the rewind that began this branch gives again, whether it was given or not. */
  private again: readonly GivenAgain[] = [];

  private isCommand(input: Input): boolean {
    return input.entry.kind === "command";
  }

  private noteCommand(input: Input): void {
    if (!this.isCommand(input)) return;
    const { id, command, reason } = decodeBody("command", input.entry.body);
    this.standing.paused = isPausedAfter(command, this.standing.paused);
    if (command === "cancel") this.standing.cancel ??= { command: id, reason };
  }

  /** Runs until idle; false when it must stop at a fuel cut: it was let go, or is a long computation due for a commit. */
  private async runSlices(turn: Turn): Promise<boolean> {
    const { machine } = this.loaded;
    const { clock } = this.interpreter.options;
    const began = clock.monotonic();
    while (this.runSlice() === "cut") {
      if (this.scales?.isHeavy(machine.state) === true) {
        this.isTooLarge = true;
        return false;
      }
      await clock.giveWay();
      if (this.stopWatching === null) await this.watch();
      this.checkOwnership();
      if (this.stopping || this.hooks.keeper?.isYielding === true) return false;
      const elapsed = clock.monotonic() - began;
      const told = machine.printed.length > 0 || this.live.warned;
      if (elapsed > (told ? PRINT_EVERY_MS : COMMIT_EVERY_MS)) return false;
      if ((await this.interrupted(turn)) && this.standing.paused) return false;
    }
    return true;
  }

  private runSlice(): "cut" | "idle" {
    this.interpreter.options.attend?.(this.id, "program");
    return this.loaded.machine.run(SLICE_TICKS);
  }

  /** Cancel, pause and a new limit are delivered at a fuel cut too (E-1), so that they reach an endless computation. */
  private async interrupted(turn: Turn): Promise<boolean> {
    if (!this.inboxMayHave || this.birth !== null) return false;
    this.inboxMayHave = false;
    const rows = await this.interpreter.options.store.readInbox({ program: this.id, limit: INBOX_ROWS_MAX });
    if (rows.length > 0) this.inboxMayHave = true;
    for (const row of rows) {
      if (row.kind !== "command" || row.body === null) continue;
      const at = this.loaded.machine.state.ticks;
      const input = { entry: { kind: "command" as const, body: withTicks(row.body, at) }, inbox: row.id };
      if (!isUrgent(decodeBody("command", row.body)) || isTaken(turn, input)) continue;
      take(this.loaded, this.standing, turn, input);
      this.noteCommand(input);
      return true;
    }
    return false;
  }

  /** Inputs to deliver: commands, then what came from outside, then answers from memory. */
  private async gather(): Promise<Input[]> {
    const inputs: Input[] = [];
    if (this.inboxMayHave && this.birth === null) {
      this.inboxMayHave = false;
      const rows = await this.interpreter.options.store.readInbox({ program: this.id, limit: INBOX_ROWS_MAX });
      for (const row of rows) {
        if (row.body === null) continue;
        inputs.push({ entry: { kind: row.kind, body: row.body }, inbox: row.id });
        if (row.kind === "answer") this.answeredElsewhere(row.key);
      }
      if (rows.length === INBOX_ROWS_MAX || lengthOf(inputs) >= INBOX_LENGTH_MAX) this.inboxMayHave = true;
    }
    const again = this.again.filter((one) => isPending(this.loaded.machine, one));
    return [...again.map(({ entry }): Input => ({ entry, again: true })), ...inputs, ...this.answersFor(inputs)];
  }

  /** Answers from memory, as long as there is room beside what came from outside; the rest is for the next turn. */
  private answersFor(inputs: readonly Input[]): Input[] {
    let length = lengthOf(inputs);
    let count = 0;
    while (count < this.answers.length && (count === 0 || length < INBOX_LENGTH_MAX))
      length += this.answers[count++].entry.body.length;
    return this.answers.splice(0, count);
  }

  /** An effect was answered through the inbox: the first answer wins (E-6), and a commit of both would be lost. */
  private answeredElsewhere(key: string): void {
    this.effects.forget(key);
    const at = this.answers.findIndex(({ answered }) => answered === key);
    if (at >= 0) this.answers.splice(at, 1);
  }

  /** Inputs that were gathered and not delivered, because the turn was cut: the next turn takes them. */
  private putBack(inputs: readonly Input[]): void {
    this.answers.unshift(...inputs.filter((input) => input.inbox === undefined && input.again === undefined));
    if (inputs.some((input) => input.inbox !== undefined)) this.inboxMayHave = true;
  }

  // ---- committing

  private async commitTurn(turn: Turn, cut: boolean, release: boolean): Promise<Prepared> {
    const { loaded, live, standing } = this;
    const { connectors } = this.interpreter.options;
    if (this.toldWaits.length > 0) this.tellWaits([]);
    const span = this.beginSpan();
    const trace = span?.traceparent ?? this.trace;
    const context = { loaded, live, connectors, standing, now: this.now(), trace };
    const base = this.wantsBase();
    const snapshot = base || this.wantsSnapshot(release, turn);
    this.interpreter.options.attend?.(this.id, "engine");
    const prepared = commitOf(context, turn, { cut, release, snapshot, base });
    const commit = this.birth === null ? prepared.commit : await this.withBirth(prepared);
    this.checkCommitted(await this.commitWatched(commit, span));
    this.hooks.keeper?.committed();
    this.birth = null;
    loaded.position += commit.entries.length;
    standing.turn += 1;
    standing.units = [];
    standing.texts = [];
    standing.orphans = [];
    standing.calls = commit.after.calls;
    standing.status = prepared.status;
    standing.waits = prepared.waits;
    if (prepared.size !== null) this.noteSnapshot(prepared.size);
    if (this.scales !== null && this.snapshotLength > this.scales.most) this.isTooLarge = true;
    if (commit.entries[commit.entries.length - 1].kind === "base") await this.trim();
    for (const warning of prepared.warnings) await this.hooks.onWarning?.(warning);
    if (prepared.output !== "") await this.show(prepared.output, commit.output?.length ?? 0);
    for (const input of turn.inputs) if (input.answered !== undefined) standing.open.delete(input.answered);
    if (release || isOver(prepared.status)) this.effects.stop();
    else if (prepared.started.length > 0) {
      const assured = this.interpreter.assureLease();
      if (assured !== null) await assured;
      this.checkOwnership();
      for (const effect of prepared.started) this.effects.start(effect, trace);
    }
    return prepared;
  }

  private beginSpan(): OpenSpan | null {
    const { tracing } = this.interpreter.options;
    if (tracing === undefined) return null;
    const { origin, standing, id, interpreter } = this;
    const { name, queue } = "row" in origin ? origin.row : origin.birth;
    const facts = { program: id, name, queue, interpreter: interpreter.id, turn: standing.turn + 1 };
    return tracing.turn({ ...facts, begun: this.turnBegun }, this.trace);
  }

  private async commitWatched(commit: TurnCommit, span: OpenSpan | null): Promise<TurnOutcome> {
    if (span === null) return this.interpreter.commit(commit);
    this.interpreter.turnContexts.set(commit, span.traceparent);
    try {
      const outcome = await this.interpreter.commit(commit);
      const { status } = commit.after;
      span.end({ status, entries: commit.entries.length }, outcome.kind === "committed" ? undefined : outcome.kind);
      return outcome;
    } catch (error) {
      span.end({}, error instanceof FlowmetalError ? error.code : "failed");
      throw error;
    }
  }

  /** The first commit, which makes the program. The image is large: it is sent only where the store needs it. */
  private async withBirth(prepared: Prepared): Promise<Prepared["commit"]> {
    const { image, store } = this.interpreter.options;
    const isThere = await store.hasImage({ hash: image.hash });
    const origin = this.origin as Birth;
    const texts = prepared.commit.texts ?? {};
    return {
      ...prepared.commit,
      birth: this.birth as NewProgram,
      term: 1,
      turn: 0,
      texts: {
        ...texts,
        ...(isThere ? {} : { images: [{ hash: image.hash, body: image.text }] }),
        blobs: [{ hash: origin.source.hash, body: origin.source.text }, ...(texts.blobs ?? [])],
      },
    };
  }

  private checkCommitted(outcome: TurnOutcome): void {
    if (outcome.kind === "refused") throw outcome.error;
    if (outcome.kind === "committed") return;
    this.lostOwnership = true;
    this.checkOwnership();
  }

  /** A program at rest always has a snapshot; a large one is not written in every turn (design.md section 6). */
  private wantsSnapshot(release: boolean, turn: Turn): boolean {
    if (turn.inputs.some(({ entry }) => entry.kind === "rewound")) return true;
    // It is stopped next, and written then.
    if (this.isTooLarge && !release) return false;
    if (release || this.snapshotLength < LARGE_SNAPSHOT || this.snapshotGap >= SNAPSHOT_GAP) return true;
    const { machine } = this.loaded;
    const busy = machine.state.ticks - turn.ticksBefore > SLICE_TICKS || this.effects.open > 0;
    if (!busy) return true;
    this.snapshotGap++;
    return false;
  }

  /** Whether the journal is long enough to begin anew. What a rewind still gives again has to stay in it. */
  private wantsBase(): boolean {
    const { compactAfter } = this.interpreter.options;
    const { position, base, machine } = this.loaded;
    if (compactAfter === undefined || position - base < compactAfter || this.standing.paused) return false;
    return !this.again.some((one) => isPending(machine, one));
  }

  /** Deletes what lies before the base: it is of no use to anybody, so it does not matter when. */
  private async trim(): Promise<void> {
    const { loaded, id, interpreter } = this;
    loaded.base = loaded.position;
    this.again = [];
    const trim = { program: id, limit: TRIM_ROWS };
    const { store, clock } = interpreter.options;
    try {
      while ((await store.trimJournal(trim)) === TRIM_ROWS) await clock.giveWay();
    } catch {
      // The next one deletes them too; a store that fails is heard of at the next commit.
    }
  }

  private noteSnapshot(length: number): void {
    this.snapshotLength = length;
    this.snapshotGap = 0;
  }

  private async show(text: string, chunks: number): Promise<void> {
    if (this.hooks.letGoWhenWaiting === true || this.hooks.keeper !== undefined) return;
    await this.hooks.onOutput(text);
    this.shown += chunks;
    this.shownRecorded = false;
  }
  /** Serial of the last output chunk that was handed to `onOutput`. */
  private shown = 0;
  private shownRecorded = true;

  /** Records what a terminal was given (S-24); not in every turn, since a chunk shown twice after a crash does no harm. */
  private async recordShown(): Promise<void> {
    if (this.shownRecorded || this.lostOwnership) return;
    this.shownRecorded = true;
    await this.interpreter.options.store.markShown({ program: this.id, serial: this.shown });
  }

  /** Output that an earlier process committed and did not show. */
  private async showMissed(row: ProgramRow): Promise<void> {
    if (this.hooks.keeper !== undefined) return;
    this.shown = row.shown;
    const rows = await this.interpreter.options.store.readOutput({ program: this.id, after: row.shown });
    const text = rows.map((chunk) => chunk.text).join("");
    if (text !== "") await this.show(text, rows.length);
  }

  // ---- resting

  private async rest(): Promise<void> {
    if (this.stopWatching === null) await this.watch();
    if (this.answers.length > 0 || this.stopping || this.lostOwnership) return;
    const { clock } = this.interpreter.options;
    const { standing, loaded } = this;
    const due = standing.paused ? null : loaded.machine.wakeTime;
    const ms = due === null ? null : due - this.now();
    if (ms !== null && ms <= 0) return;
    if (this.inboxMayHave) return;
    this.tellWaits(standing.waits);
    // Who is told may let go of it at once.
    if (this.stopping) return;
    // A rest is the time to record what was shown; if that fails, so will the next commit.
    void this.recordShown().catch(() => undefined);
    this.hooks.keeper?.rests(true);
    await new Promise<void>((resolve) => {
      const cancel = ms === null ? () => undefined : clock.after(ms, resolve);
      this.wakeUp = () => {
        cancel();
        resolve();
      };
    });
    this.wakeUp = null;
    this.hooks.keeper?.rests(false);
  }

  /** Tells what the program waits for when that changes; being woken for nothing is no news. */
  private tellWaits(waits: readonly Wait[]): void {
    if (waits === this.toldWaits) return;
    this.toldWaits = waits;
    this.hooks.onWaiting(waits);
  }
  private toldWaits: readonly Wait[] = [];
}

const nobody = {
  observe(): never {
    throw new Error("bug: a machine ran before its host was there");
  },
};

/** It never ran, and is no fork. */
function isNew({ turn, base }: ProgramRow): boolean {
  return turn === 0 && base === 0;
}

function freshStanding(): Standing {
  return {
    term: 1,
    turn: 0,
    status: "ready",
    waits: [],
    calls: [],
    paused: false,
    open: new Map(),
    faults: new Set(),
    cancel: null,
    units: [],
    texts: [],
    orphans: [],
  };
}

/** Why a turn cannot be written down: the store refuses its rows, or something is too large to become one; other errors are thrown. */
function refusalIn(error: unknown): FlowmetalError {
  if (error instanceof FlowmetalError && REFUSALS.includes(error.code)) return error;
  // A host's own limits of texts and tables; that of its stack is a mistake of the engine.
  if (
    error instanceof RangeError &&
    /^(?:Invalid string length|(?:Map|Set) maximum size|Invalid array length)/.test(error.message)
  )
    return new FlowmetalError("value/too-large", `a turn is too large to be written down: ${error.message}`);
  throw error;
}

const REFUSALS: readonly string[] = ["store/commit-refused", "snapshot/too-large", "value/too-large"];

function lengthOf(inputs: readonly Input[]): number {
  return inputs.reduce((sum, { entry }) => sum + entry.body.length, 0);
}

/** Whether the turn has delivered this inbox row: a cancel may have gone ahead of the others. */
function isTaken(turn: Turn, { inbox }: Input): boolean {
  return inbox !== undefined && turn.inputs.some((input) => input.inbox === inbox);
}

function isUrgent({ command, body }: CommandBody): boolean {
  return command === "cancel" || command === "pause" || (command === "resume" && body !== "{}");
}

function withTicks(body: string, at: number): string {
  const command = decodeBody("command", body);
  return encodeBody("command", { ...command, at });
}
