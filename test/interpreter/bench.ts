// What the interpreter's tests share: a clock moved by hand, a store that can be made to fail, connectors answered by hand.
import { systemClock } from "../../src/base/clock.ts";
import { seededRandom } from "../../src/base/random.ts";
import { setImmediate as turnOfLoop } from "node:timers/promises";
import { type Connector, Connectors, type OutgoingEffect, type Performed } from "../../src/connector/connector.ts";
import { findImage } from "../../src/client/find-image.ts";
import { Interpreter, type RunHooks, type RunOutcome, type Running } from "../../src/interpreter/interpreter.ts";
import { loadProgram } from "../../src/interpreter/loading.ts";
import { type Verification, verifyReplay } from "../../src/interpreter/replay.ts";
import { newId } from "../../src/base/ids.ts";
import { newEntry } from "../../src/journal/codec.ts";
import type { CommandName, Entry } from "../../src/journal/entry.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { Source } from "../../src/source/source.ts";
import { openMemoryStore } from "../../src/store/memory/memory-store.ts";
import type { ProgramRow } from "../../src/store/rows.ts";
import type { SqlDriver } from "../../src/store/sqlite/driver.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { DeliverResult, Store } from "../../src/store/store.ts";
import { FakeClock } from "../support/clock.ts";
import { inFolder } from "../store/support.ts";

const image = await shippedImage();

/** A clock moved by hand whose wall time can also jump by itself. */
export class JumpingClock extends FakeClock {
  /** Milliseconds the wall clock is off, as when somebody sets it. */
  off = 0;
  override now(): number {
    return super.now() + this.off;
  }
}

/** One attempt that a connector was asked to make. */
export interface Attempt extends OutgoingEffect {
  /** Its arguments, from the payload. */
  readonly args: unknown;
  readonly answer: (value: unknown) => void;
  readonly fail: (type: string, sent?: boolean) => void;
  readonly aborted: () => boolean;
}

/** A connector whose effects the test answers, when it likes. */
export class HandConnector implements Connector {
  readonly attempts: Attempt[] = [];

  constructor(
    readonly kind: string,
    /** Called when an effect arrives, before anybody can answer it. */
    private readonly arrived: (attempt: Attempt) => void = () => {},
  ) {}

  /** Topics that begin with "other" are carried out elsewhere. */
  accepts(topic: string): boolean {
    return !topic.startsWith("other");
  }

  perform(effect: OutgoingEffect, { signal }: { readonly signal: AbortSignal }): Promise<Performed> {
    return new Promise((resolve) => {
      const attempt: Attempt = {
        ...effect,
        args: JSON.parse(effect.payload),
        answer: (value) => resolve({ ok: true, body: JSON.stringify(value) }),
        fail: (type, sent = true) => resolve({ ok: false, error: { type, message: "it failed", data: {} }, sent }),
        aborted: () => signal.aborted,
      };
      this.attempts.push(attempt);
      this.arrived(attempt);
    });
  }

  async close(): Promise<void> {}
}

type Method = Exclude<keyof Store, "url">;

/** The store as its users see it, with a say of the test before each call. */
export class Tap {
  /** How often each method was called. */
  readonly counts = new Map<Method, number>();
  /** Asked before a call; it may wait, throw, or answer in place of the store. */
  before: (method: Method, params: unknown) => unknown = () => undefined;

  wrap(store: Store): Store {
    return new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        const method = name as Method;
        return async (params: unknown) => {
          this.counts.set(method, (this.counts.get(method) ?? 0) + 1);
          const instead = await this.before(method, params);
          return instead ?? (value as (given: unknown) => unknown).call(target, params);
        };
      },
    });
  }

  count(method: Method): number {
    return this.counts.get(method) ?? 0;
  }
}

/** A run in a process of its own making: an interpreter, its connectors, what it showed. */
export class Process {
  readonly calls: HandConnector;
  readonly requests: HandConnector;
  readonly tap = new Tap();
  readonly interpreter: Interpreter;
  output = "";
  waits = 0;
  running!: Running;
  /** How the run ended, once it has: a status, or the code of the error. */
  outcome: string | null = null;
  error: unknown = null;

  constructor(
    readonly bench: Bench,
    store: Store,
    arrived?: (attempt: Attempt) => void,
    compactAfter?: number,
  ) {
    this.calls = new HandConnector("foreign", arrived);
    this.requests = new HandConnector("http", arrived);
    this.interpreter = new Interpreter({
      store: this.tap.wrap(store),
      image,
      findImage,
      connectors: new Connectors([this.calls, this.requests]),
      clock: bench.clock,
      random: bench.random,
      ...(compactAfter === undefined ? {} : { compactAfter }),
    });
  }

  private readonly hooks: RunHooks = {
    onOutput: (text) => {
      this.output += text;
    },
    onWaiting: (waits) => {
      this.waits = waits.length;
    },
  };

  start(text: string, stepsMax: number | null = null): void {
    const source = new Source("test.fm", text);
    this.follow(this.interpreter.start({ name: "test.fm", source, args: '["v"]', stepsMax }, this.hooks));
  }

  /** Claims a program and goes on with it. */
  async resume(id: string): Promise<void> {
    const claim = await this.bench.store.claimProgram({ program: id, interpreter: this.interpreter.id });
    if (claim.outcome !== "claimed") throw new Error(`not claimed: ${claim.outcome}`);
    this.follow(this.interpreter.resume(claim.row, this.hooks));
  }

  private follow(running: Running): void {
    this.running = running;
    running.ended.then(
      ({ status }: RunOutcome) => {
        this.outcome = status;
      },
      (error: unknown) => {
        this.error = error;
        this.outcome = (error as { code?: string }).code ?? String(error);
      },
    );
  }

  get id(): string {
    return this.running.id;
  }

  /** Lets everything run that does not need the test. */
  async quiet(): Promise<void> {
    await quiet(() => this.outcome !== null);
  }

  /** Until it waits for so many things, or is over. */
  async waiting(count = 1): Promise<void> {
    await until(`it waits for ${count}`, () => this.outcome !== null || this.waits === count);
    if (this.outcome !== null) throw this.error ?? new Error(`it ended: ${this.outcome}`);
  }

  async ended(): Promise<string> {
    await until("it has ended", () => this.outcome !== null);
    return this.outcome as string;
  }

  /** The attempt number `n` of foreign calls, once it is there. */
  async call(n: number): Promise<Attempt> {
    await until(`call ${n} was made`, () => this.calls.attempts.length > n || this.outcome !== null);
    const attempt = this.calls.attempts[n];
    if (attempt === undefined) throw this.error ?? new Error(`it ended without the call: ${this.outcome}`);
    return attempt;
  }
}

/** Waits for a condition, letting the host's loop turn; fails with `what` after five seconds' worth of turns. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await turnOfLoop();
  }
}

async function quiet(over: () => boolean): Promise<void> {
  const until = performance.now() + 50;
  while (!over() && performance.now() < until) await turnOfLoop();
}

/** One store and the processes at it. */
export class Bench {
  readonly random = seededRandom("interpreter");
  private readonly processes: Process[] = [];

  constructor(
    readonly store: Store,
    readonly clock: JumpingClock,
    /** The store's file; null: in memory. */
    readonly file: string | null,
  ) {}

  async process(arrived?: (attempt: Attempt) => void, compactAfter?: number): Promise<Process> {
    const process = new Process(this, this.store, arrived, compactAfter);
    await process.interpreter.open();
    this.processes.push(process);
    return process;
  }

  /** A process that has started a program. */
  async started(text: string, stepsMax: number | null = null): Promise<Process> {
    const process = await this.process();
    process.start(text, stepsMax);
    return process;
  }

  async resumed(id: string): Promise<Process> {
    const process = await this.process();
    await process.resume(id);
    return process;
  }

  async row(id: string): Promise<ProgramRow> {
    const row = await this.store.readProgram({ program: id });
    if (row === null) throw new Error(`no program ${id}`);
    return row;
  }

  journal(id: string): Promise<readonly Entry[]> {
    return this.store.readJournal({ program: id });
  }

  async kinds(id: string): Promise<string> {
    return (await this.journal(id)).map((entry) => entry.kind).join(" ");
  }

  /** The bodies of the entries of a kind. */
  async bodies(id: string, kind: string): Promise<Record<string, unknown>[]> {
    const entries = await this.journal(id);
    return entries
      .filter((entry) => entry.kind === kind)
      .map((entry) => JSON.parse(entry.body) as Record<string, unknown>);
  }

  async output(id: string): Promise<string> {
    const rows = await this.store.readOutput({ program: id });
    return rows.map((row) => row.text).join("");
  }

  command(id: string, command: CommandName, body = "{}", baseTurn: number | null = null): Promise<DeliverResult> {
    return this.store.putCommand({
      program: id,
      command: { id: newId(this.clock, this.random), command, baseTurn, author: "test", reason: "because", body },
    });
  }

  answer(id: string, key: string, value: unknown): Promise<DeliverResult> {
    const { body } = newEntry("answer", { key, outcome: "ok", body: JSON.stringify(value) });
    return this.store.deliver({ program: id, key, kind: "answer", body });
  }

  async verify(id: string): Promise<Verification> {
    return verifyReplay({ store: this.store, image: findImage }, await this.row(id));
  }

  /** Loads a program as it stands, or at a position. */
  load(id: string, position?: number) {
    return loadProgram({ store: this.store, image: findImage }, id, position === undefined ? {} : { position });
  }

  /** Ends every process: what still runs is let go. */
  async close(): Promise<void> {
    for (const process of this.processes) {
      process.tap.before = () => undefined;
      await process.interpreter.close().catch(() => undefined);
    }
    await this.store.close();
  }
}

export type Kind = "memory" | "sqlite";

/** Runs a test at a store of its own. Its time is the bench's; how long it waits for a file, or with a notice, is the host's. */
export async function atStore(
  kind: Kind,
  work: (bench: Bench) => Promise<void>,
  wrapDriver: (driver: SqlDriver) => SqlDriver = (driver) => driver,
): Promise<void> {
  const run = async (bench: Bench) => {
    try {
      await work(bench);
    } finally {
      await bench.close();
    }
  };
  const clock = new JumpingClock();
  const random = seededRandom("store");
  const host = { clock: { ...systemClock, now: () => clock.now() }, random };
  if (kind === "memory") return run(new Bench(openMemoryStore(host), clock, null));
  return inFolder(async (folder) => {
    const path = `${folder}/s.db`;
    // Nothing here is about power cuts, and a disk that others use makes each fsync long.
    const store = await openSqliteStore({ path, host, wrapDriver, synchronous: "NORMAL" });
    await run(new Bench(store, clock, path));
  });
}
