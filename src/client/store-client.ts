// The client on a store: starts and resumes programs by an interpreter of this process, and answers questions about all others.
import { userInfo } from "node:os";
import { canonicalJson } from "../base/canonical-json.ts";
import { FlowmetalError } from "../base/errors.ts";
import { systemClock } from "../base/clock.ts";
import type { Files } from "../base/files.ts";
import { newId } from "../base/ids.ts";
import { systemRandom } from "../base/random.ts";
import { encodeTagged, fromTagged } from "../data/tagged.ts";
import { Vector } from "../data/vector.ts";
import { type NewRun, newProgram, textsOfRun } from "../interpreter/birth.ts";
import type { FleetEvent, FleetOptions } from "../interpreter/fleet.ts";
import type { Interpreter, RunHooks, Running } from "../interpreter/interpreter.ts";
import { forkProgram } from "../interpreter/fork.ts";
import { type LoadContext, type Loaded, loadProgram } from "../interpreter/loading.ts";
import { rewindBody } from "../interpreter/rewind.ts";
import { verifyReplay } from "../interpreter/replay.ts";
import type { CommandBody } from "../journal/entry.ts";
import { isOver } from "../journal/status.ts";
import { traceOf } from "../machine/trace.ts";
import { type Image, linkHooks, modulesOf } from "../module/image.ts";
import { type ModuleFound, scriptModules } from "../module/module-source.ts";
import { SearchPath } from "../module/search-path.ts";
import { sourceNamed } from "../module/sources.ts";
import { readForms, UNLOADED } from "../reader/sexp.ts";
import { stateHash } from "../snapshot/snapshot.ts";
import { Source } from "../source/source.ts";
import { noRetries, type Retries } from "../store/host.ts";
import type { ProgramRow } from "../store/rows.ts";
import type { KeyRing } from "../store/sealed/keys.ts";
import type { Store } from "../store/store.ts";
import type {
  CancelAnswer,
  Client,
  Damage,
  EnqueueOptions,
  ExportOptions,
  Fault,
  ForkOptions,
  GcOptions,
  GcReport,
  ImportedProgram,
  ImportOptions,
  Inspection,
  InspectOptions,
  JournalLine,
  ListOptions,
  MoveBytes,
  PathEntry,
  ProgramSummary,
  ReplayReport,
  RewindAnswer,
  RewindOptions,
  Run,
  RunEnd,
  RunOptions,
  Script,
  ServeOptions,
  Serving,
  StartOptions,
  StoreReport,
} from "./client.ts";
import type { Pausing } from "./depart.ts";
import { faultOf, type FindSource, printed, restartsOf, warningOf } from "./faults.ts";
import { tasksOf } from "./inspect.ts";
import { eventOf } from "./serve-event.ts";
import { answersGiven, carryOut, checkAnswers, collectGarbage, machineAt, pausedBy, rewindOutcome } from "./travel.ts";

/** Rows one read of a journal or an output asks for. */
const ROWS_PER_READ = 500;
/** How often a lease that must run out is looked at. */
const OWNER_POLL_MS = 100;
/** How long `cancel` waits for a live owner to carry it out before it answers "requested". */
const CANCEL_WAIT_MS = 2_000;

export interface StoreClientParts {
  readonly store: Store;
  /** Keys that it, and files out of it, are sealed with; left out: none. */
  readonly keys?: KeyRing;
  readonly image: () => Promise<Image>;
  readonly findImage: (hash: string, store: Store) => Promise<Image>;
  readonly startInterpreter: (store: Store) => Promise<Interpreter>;
  /** Where modules are read from; left out: programs have those of the base image only. */
  readonly files?: Files;
  /** Where the store counts what it had to send again. */
  readonly retries?: Retries;
  /** Left out by those who serve nothing. */
  readonly makeFleet?: (store: Store, wish: FleetWish) => Promise<Served>;
}

/** What a fleet is to do. */
export type FleetWish = Pick<FleetOptions, "queues" | "concurrency"> &
  Pick<ServeOptions, "connectors" | "memory"> & { readonly tell: (event: FleetEvent) => void };

/** What serves queues: a fleet, or a supervisor of one. */
export interface Served {
  serve(): Promise<void>;
  drain(): void;
}

export class StoreClient implements Client {
  private interpreter: Promise<Interpreter> | null = null;
  private closed = false;

  constructor(private readonly parts: StoreClientParts) {}

  private get store(): Store {
    return this.parts.store;
  }

  async start(script: Script, options: StartOptions): Promise<Run> {
    const source = new Source(script.name, script.text);
    readForms(source, UNLOADED);
    const interpreter = await this.openInterpreter();
    const args = encodeTagged(Vector.from([...options.args]));
    const { maxSteps: stepsMax, path = [], trace } = options;
    const context = trace === undefined ? {} : { trace };
    const run = interpreter.start({ name: script.name, source, args, stepsMax, path, ...context }, hooksOf(options));
    return this.runOf(run);
  }

  async resume(id: string, options: RunOptions & { readonly onOwner: (ms: number) => void }): Promise<Run> {
    const interpreter = await this.openInterpreter();
    const row = await this.claim(interpreter, id, options.onOwner);
    await this.revive(row, options.maxSteps);
    return this.runOf(interpreter.resume(row, hooksOf(options)));
  }

  async enqueue(script: Script, options: EnqueueOptions): Promise<string> {
    const { args, path = [], maxSteps, queue, priority, labels } = options;
    const source = new Source(script.name, script.text);
    const image = await this.parts.image();
    const run: NewRun = {
      name: script.name,
      source,
      args: encodeTagged(Vector.from([...args])),
      stepsMax: maxSteps,
      path,
      modules: this.modulesOf(source, path, image),
    };
    const id = newId(systemClock, systemRandom);
    const { program } = newProgram(run, image, id, { queue, priority, labels });
    const isThere = await this.store.hasImage({ hash: image.hash });
    const images = isThere ? {} : { images: [{ hash: image.hash, body: image.text }] };
    await this.store.createProgram({ program, texts: { ...images, blobs: textsOfRun(run) } });
    return id;
  }

  /** The modules that travel with a script. */
  private modulesOf(source: Source, path: readonly PathEntry[], image: Image): ModuleFound[] {
    const { files } = this.parts;
    const shipped = new Set(modulesOf(image));
    if (files === undefined) return [];
    return scriptModules(new SearchPath(files, path, () => shipped), source, (name) => shipped.has(name));
  }

  async wait(id: string): Promise<RunEnd> {
    let changed = (): void => undefined;
    const stopWatching = await this.store.watch(() => changed());
    try {
      for (;;) {
        // Asked for before the look: what changes after it is not missed.
        const change = new Promise<void>((resolve) => {
          changed = resolve;
        });
        const { status } = await this.read(id);
        if (isOver(status) || status === "faulted") return await this.endOf(id);
        await change;
      }
    } finally {
      await stopWatching();
    }
  }

  async serve(options: ServeOptions): Promise<Serving> {
    const { makeFleet } = this.parts;
    if (makeFleet === undefined) throw new Error("bug: this client serves nothing");
    const { onEvent, onTally, ...wish } = options;
    const tell = (event: FleetEvent): void => {
      if (event.kind === "counted") onTally?.(event.tally);
      else onEvent(eventOf(event));
    };
    const fleet = await makeFleet(this.store, { ...wish, tell });
    return { ended: fleet.serve(), drain: () => fleet.drain() };
  }

  async report(queues: readonly string[]): Promise<StoreReport> {
    const figures = await this.store.readFigures({ queues });
    return { ...figures, retries: { ...(this.parts.retries ?? noRetries()) } };
  }

  /** Going on with a faulted program is the restart `retry`; with a paused one, or under another limit, the command `resume`. */
  private async revive(row: ProgramRow, maxSteps: number | null): Promise<void> {
    const faulted = row.status === "faulted";
    if (!faulted && row.status !== "paused" && maxSteps === null) return;
    const waiting = await this.store.readInbox({ program: row.id });
    if (maxSteps === null && waiting.some((one) => one.kind === "command")) return;
    const steps = maxSteps === null ? {} : { steps: maxSteps };
    const command = faulted
      ? this.command("restart", row.turn, "", canonicalJson({ how: "retry", ...steps }))
      : this.command("resume", null, "", canonicalJson(steps));
    await this.store.putCommand({ program: row.id, command });
  }

  private command(command: CommandBody["command"], baseTurn: number | null, reason: string, body: string): CommandBody {
    const id = newId(systemClock, systemRandom);
    return { id, command, baseTurn, author: userName(), reason, body };
  }

  /** Claims a program; waits for the lease of a dead owner to run out (E-14). */
  private async claim(interpreter: Interpreter, id: string, onOwner: (ms: number) => void): Promise<ProgramRow> {
    let expires: number | null = null;
    for (;;) {
      if (interpreter.isRunning(id)) throw runAlready(id);
      const claim = await this.store.claimProgram({ program: id, interpreter: interpreter.id });
      switch (claim.outcome) {
        case "claimed":
          return claim.row;
        case "over":
          if (claim.status === "cancelled") throw cancelled(id);
          throw new FlowmetalError("program/over", `program ${id} is ${claim.status}: there is nothing to resume`, {
            hint: `see what it printed with: flowmetal output ${id}`,
          });
        case "missing":
          throw missing(id);
        case "lease-lost":
          throw new FlowmetalError("program/lost", "this process was stopped for longer than its lease", {
            hint: "run the command again",
          });
        case "owned":
          break;
      }
      // A live owner renews its lease; a dead one's does not move.
      if (expires !== null && claim.expires > expires) throw owned(id);
      if (expires === null) onOwner(Math.max(0, claim.expires - (await this.store.readTime())));
      expires = claim.expires;
      await systemClock.sleep(OWNER_POLL_MS);
    }
  }

  private runOf(run: Running): Run {
    return { id: run.id, letGo: () => run.letGo(), ended: run.ended.then(() => this.endOf(run.id)) };
  }

  private async endOf(id: string): Promise<RunEnd> {
    const row = await this.read(id);
    switch (row.status) {
      case "done":
        return { status: "done", result: await this.resultOf(row) };
      case "faulted":
        return { status: "faulted", faults: await this.faultsOf(row) };
      case "cancelled":
        return { status: "cancelled", reason: await this.cancelReason(row) };
      default:
        return { status: row.status, waits: row.waiting };
    }
  }

  private async cancelReason(row: ProgramRow): Promise<string> {
    const [last] = await this.store.readJournal({ program: row.id, from: row.position - 1, limit: 1 });
    return last?.kind === "cancelled" ? (JSON.parse(last.body) as { reason: string }).reason : "";
  }

  async cancel(id: string, reason: string): Promise<CancelAnswer> {
    const row = await this.read(id);
    if (isOver(row.status)) return { outcome: "already-over", status: row.status };
    await this.store.putCommand({ program: id, command: this.command("cancel", null, reason, "{}") });
    const answer = await this.carriedOut(id, async (): Promise<CancelAnswer | null> => {
      const { status } = await this.read(id);
      if (status === "cancelled") return { outcome: "cancelled" };
      return isOver(status) ? { outcome: "already-over", status } : null;
    });
    return answer ?? { outcome: "requested" };
  }

  /** Until a command has been carried out, by this process if nobody runs the program; null: it has not been in time. */
  private async carriedOut<T>(id: string, look: () => Promise<T | null>): Promise<T | null> {
    const interpreter = await this.openInterpreter();
    const deadline = systemClock.monotonic() + CANCEL_WAIT_MS;
    for (;;) {
      const mine = await carryOut(this.store, interpreter, id);
      const found = await look();
      if (found !== null || mine || systemClock.monotonic() >= deadline) return found;
      await systemClock.sleep(OWNER_POLL_MS);
    }
  }

  async rewind(id: string, options: RewindOptions): Promise<RewindAnswer> {
    const row = await this.read(id);
    if (isOver(row.status)) {
      throw new FlowmetalError("program/over", `program ${id} is ${row.status}: it cannot go back`, {
        hint: "a fork can go on from a state of its past",
      });
    }
    const answers = answersGiven(options.answers);
    await checkAnswers(this.loading, id, options.to, answers.keys());
    const { baseTurn = row.turn, to, reason } = options;
    const command = this.command("rewind", baseTurn, reason, rewindBody({ to, answers }));
    await this.store.putCommand({ program: id, command });
    const look = () => rewindOutcome(this.store, id, command.id, row.position);
    return (await this.carriedOut(id, look)) ?? { outcome: "requested" };
  }

  async fork(id: string, { at, answers, pending }: ForkOptions): Promise<string> {
    const row = await this.read(id);
    const context = { ...this.loading, clock: systemClock, random: systemRandom };
    return forkProgram(context, { row, at: at ?? row.position, answers: answersGiven(answers), pending });
  }

  gc(options: GcOptions): Promise<GcReport> {
    return collectGarbage(this.store, options);
  }

  // What is seldom asked for is loaded when it is: every start would pay for it.

  async *export(ids: readonly string[], { to, plain = false }: ExportOptions): AsyncIterable<string> {
    const { exportLines } = await import("./depart.ts");
    const departing = { store: this.store, image: this.parts.findImage, pause: (id: string) => this.pause(id) };
    const lines = exportLines(departing, ids, to);
    yield* plain ? lines : this.sealedAsStore(lines);
  }

  /** What leaves a sealed store is sealed, too. */
  private async *sealedAsStore(lines: AsyncIterable<string>): AsyncIterable<string> {
    if ((await this.store.readSeal()) === null) return yield* lines;
    const { sealedLines } = await import("./sealed-file.ts");
    yield* sealedLines(lines, this.parts.keys ?? [], { clock: systemClock, random: systemRandom });
  }

  /** Waits until nobody runs a program and it is paused. */
  private async pause(id: string): Promise<Pausing> {
    const { status, position } = await this.read(id);
    const pause = status === "paused" ? null : this.command("pause", null, "export", "{}");
    if (pause !== null) await this.store.putCommand({ program: id, command: pause });
    const look = async () => {
      const row = await this.read(id);
      return isOver(row.status) || (row.status === "paused" && row.owner === null) ? true : null;
    };
    const inTime = (await this.carriedOut(id, look)) ?? false;
    return { inTime, undo: () => this.undoPause(id, pause?.id ?? null, position) };
  }

  /** Behind the pause, so it holds whether that was taken in or not; unless somebody else wants it paused as well. */
  private async undoPause(id: string, pause: string | null, from: number): Promise<void> {
    if (pause === null || (await pausedBy(this.store, id, from)).some((one) => one !== pause)) return;
    const command = this.command("resume", null, "export refused", "{}");
    await this.store.putCommand({ program: id, command });
  }

  async import(bytes: MoveBytes, options: ImportOptions): Promise<readonly ImportedProgram[]> {
    const { arrive } = await import("./arrive.ts");
    const { openedFile } = await import("./sealed-file.ts");
    return arrive(
      { store: this.store, image: this.parts.findImage },
      openedFile(bytes, this.parts.keys ?? [], options.name),
      options,
    );
  }

  async find({ statuses, labels }: Parameters<Client["find"]>[0]): Promise<readonly string[]> {
    const rows = await this.store.listPrograms({ labels, ...(statuses === null ? {} : { statuses }) });
    return rows.map(({ id }) => id);
  }

  async *check(): AsyncIterable<Damage> {
    const { checkStore } = await import("./check-store.ts");
    yield* checkStore({ store: this.store, image: this.parts.findImage });
  }

  private get loading(): LoadContext {
    return { store: this.store, image: this.parts.findImage };
  }

  async resolve(typed: string): Promise<string> {
    const found = await this.store.resolveProgramId({ text: typed });
    switch (found.outcome) {
      case "found":
        return found.id;
      case "ambiguous":
        throw new FlowmetalError("program/ambiguous", `${typed} could mean several programs: ${found.ids.join(", ")}`, {
          hint: "give more characters of the id",
        });
      case "missing":
        throw missing(typed);
    }
  }

  async list({ statuses, limit }: ListOptions): Promise<readonly ProgramSummary[]> {
    const filter = { ...(statuses === null ? {} : { statuses }), ...(limit === null ? {} : { limit }) };
    const rows = await this.store.listPrograms(filter);
    return rows.map(summaryOf);
  }

  async inspect(id: string, options: InspectOptions): Promise<Inspection> {
    const row = await this.read(id);
    if (options.at !== undefined) return this.inspectAt(row, options.at, options);
    const base = { program: summaryOf(row), position: row.position, turn: row.turn };
    const snapshot = await this.store.readSnapshot({ program: id });
    if (isOver(row.status)) {
      return {
        ...base,
        stateHash: null,
        result: row.result === null ? null : await this.resultOf(row),
        faults: [],
        tasks: [],
      };
    }
    const loaded = await this.load(row);
    const findSource = await this.sourcesOf(loaded);
    return {
      ...base,
      stateHash: snapshot?.hash ?? null,
      result: null,
      faults: faults(loaded, findSource),
      tasks: tasksOf(loaded, row.waiting, options, findSource),
    };
  }

  private async inspectAt(row: ProgramRow, at: number, options: InspectOptions): Promise<Inspection> {
    const { loaded, waits } = await machineAt(this.loading, row, at);
    const findSource = await this.sourcesOf(loaded);
    return {
      program: { ...summaryOf(row), waits },
      position: at,
      turn: null,
      stateHash: stateHash(loaded.machine.state),
      result: null,
      faults: faults(loaded, findSource),
      tasks: tasksOf(loaded, waits, options, findSource),
    };
  }

  async *output(id: string): AsyncIterable<string> {
    await this.read(id);
    let after = 0;
    for (;;) {
      const rows = await this.store.readOutput({ program: id, after, limit: ROWS_PER_READ });
      for (const row of rows) yield row.text;
      if (rows.length < ROWS_PER_READ) return;
      after = rows[rows.length - 1].serial;
    }
  }

  async *journal(id: string, fromPosition: number): AsyncIterable<JournalLine> {
    await this.read(id);
    let from = fromPosition;
    for (;;) {
      const entries = await this.store.readJournal({ program: id, from, limit: ROWS_PER_READ });
      yield* entries;
      if (entries.length < ROWS_PER_READ) return;
      // Where a journal was compacted it has a gap.
      from = entries[entries.length - 1].position + 1;
    }
  }

  async replay(id: string): Promise<ReplayReport> {
    const row = await this.read(id);
    return verifyReplay({ store: this.store, image: this.parts.findImage }, row);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    try {
      if (this.interpreter !== null) await (await this.interpreter).close();
    } finally {
      await this.store.close();
    }
  }

  private openInterpreter(): Promise<Interpreter> {
    this.interpreter ??= this.parts.startInterpreter(this.store);
    return this.interpreter;
  }

  private async read(id: string): Promise<ProgramRow> {
    const row = await this.store.readProgram({ program: id });
    if (row === null) throw missing(id);
    return row;
  }

  private load(row: ProgramRow): Promise<Loaded> {
    return loadProgram({ store: this.store, image: this.parts.findImage }, row.id);
  }

  private async faultsOf(row: ProgramRow): Promise<readonly Fault[]> {
    const loaded = await this.load(row);
    return faults(loaded, await this.sourcesOf(loaded));
  }

  /** The program's own sources, and those of the base image where the package has them. */
  private async sourcesOf(loaded: Loaded): Promise<FindSource> {
    const { sources } = loaded;
    return (name, hash) => (hash === undefined ? undefined : sources.get(hash)) ?? sourceNamed(sources, name);
  }

  private async resultOf(row: ProgramRow) {
    const loaded = await loadResult(this.parts, row);
    return printed(loaded);
  }
}

function hooksOf(options: RunOptions): RunHooks {
  return { ...options, onWarning: (warning) => options.onWarning?.(warningOf(warning)) };
}

/** The value in a program's result column, its functions linked to a machine made for the purpose. */
async function loadResult(parts: StoreClientParts, row: ProgramRow) {
  if (row.result === null) return null;
  const json = JSON.parse(row.result) as unknown;
  try {
    return fromTagged(json);
  } catch {
    // It names functions or vars.
    const loaded = await loadProgram({ store: parts.store, image: parts.findImage }, row.id);
    return fromTagged(json, linkHooks(loaded.machine));
  }
}

function faults(loaded: Loaded, findSource: FindSource): readonly Fault[] {
  const found: Fault[] = [];
  for (const task of loaded.machine.state.tasks.values()) {
    if (task.control.kind !== "fault") continue;
    const stack = traceOf(task.stack, task.segment);
    found.push(faultOf(task.id, task.control.error, stack, findSource, restartsOf(task)));
  }
  return found;
}

function summaryOf(row: ProgramRow): ProgramSummary {
  const { id, name, status, created, updated, waiting, owner } = row;
  return { id, name, status, created, updated, waits: waiting, running: owner !== null };
}

/** Who gives a command: for people who read the journal later. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in the system's table.
    return "unknown";
  }
}

function missing(typed: string): FlowmetalError {
  return new FlowmetalError("program/not-found", `there is no program ${typed} in this store`, {
    hint: "flowmetal ps lists the programs of a store; --store names another one",
  });
}

function cancelled(id: string): FlowmetalError {
  return new FlowmetalError("program/cancelled", `program ${id} was cancelled: it cannot go on`, {
    hint: `see why with: flowmetal journal ${id}`,
  });
}

function runAlready(id: string): FlowmetalError {
  return new FlowmetalError("program/owned", `program ${id} is run by this process already`, {
    hint: "wait for that run to end, or let go of it first",
  });
}

function owned(id: string): FlowmetalError {
  return new FlowmetalError("program/owned", `program ${id} is run by another process`, {
    hint: "stop that process (it leaves the program at rest), or cancel the program",
  });
}
