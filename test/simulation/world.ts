// One process that plays many: fleets at one store in a time of its own, what goes wrong between them, and the outside they reach.
import { setImmediate as turnOfLoop } from "node:timers/promises";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { FlowmetalError } from "../../src/base/errors.ts";
import { newId } from "../../src/base/ids.ts";
import { type Random, seededRandom } from "../../src/base/random.ts";
import { findImage } from "../../src/client/find-image.ts";
import { type Connector, Connectors, type OutgoingEffect, type Performed } from "../../src/connector/connector.ts";
import { newProgram, textsOfRun } from "../../src/interpreter/birth.ts";
import { Fleet } from "../../src/interpreter/fleet.ts";
import { decodeBody, newEntry } from "../../src/journal/codec.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { Source } from "../../src/source/source.ts";
import { openMemoryStore } from "../../src/store/memory/memory-store.ts";
import type { InterpreterRow, ProgramRow } from "../../src/store/rows.ts";
import { batchColumns } from "../../src/store/sqlite/batch.ts";
import { type SqlDriver, SqlError } from "../../src/store/sqlite/driver.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { ClaimedPrograms, CommitBatch, CommitResult, Store } from "../../src/store/store.ts";
import { JumpingClock } from "../interpreter/bench.ts";
import { type ProgramName, programText } from "./programs.ts";

const image = await shippedImage();
const STEP_MS = 5;
/** A call takes so long, sometimes. */
const LATENCY_MS = 60;
/** Longer than a lease. */
const PAUSE_MS = 1_600;

/**
 * What goes wrong at a call: refused, done with its reply lost, or the process is killed before or after it, or stopped there for longer
 * than its lease. In a file a commit may also fail inside, after some of its rows were written, and the process may be killed there.
 */
export type Fault = `${"" | "killed " | "paused "}${"before" | "after"}` | "inside" | "killed inside";
/** Where the programs live: in the memory of the simulation, or in a file, to which each process has a connection of its own. */
export type Kind = "memory" | "sqlite";
/** Asked at each call that writes; `count`: how many commits there were in all. */
export type Faults = (method: string, count: number) => Fault | null;

const WRITES = new Set([
  "commitTurns",
  "claimPrograms",
  "releasePrograms",
  "settleEffect",
  "claimEffects",
  "renewLease",
]);
const never = (): Promise<never> => new Promise(() => undefined);

/** Something that reached the outside. */
export interface Arrival {
  readonly key: string;
  readonly once: boolean;
}

/** A store, the processes at it, their time. */
export class World {
  readonly clock = new JumpingClock();
  /** Of clients. */
  store!: Store;
  readonly processes: SimProcess[] = [];
  readonly arrivals: Arrival[] = [];
  /** What happened, in order: equal for equal seeds. */
  readonly trace: string[] = [];
  readonly wrong: string[] = [];
  readonly turns = new Map<string, { turn: number; term: number }>();
  /** Until when leases are good, at least, and who owns each program, as the processes were told. */
  private readonly leases = new Map<string, number>();
  private readonly owners = new Map<string, string>();
  private readonly terms = new Map<string, number>();
  /** Keys of effects that were answered by others than who carries them out. */
  readonly elsewhere = new Set<string>();
  /** Calls of the store take their time, and some processes cannot send requests: those of their programs are for others. */
  isMixed = false;
  /** What the store took for a program. */
  readonly delivered: { readonly id: string; readonly key: string }[] = [];
  /** Hashes of all code and texts that were written. */
  readonly texts = new Set<string>();
  /** Committed turns as texts. */
  readonly written: string[] = [];
  faults: Faults = () => null;
  commits = 0;
  /** Calls that the store works on: no time passes meanwhile, however slow the disk is. */
  busy = 0;
  private readonly opened: Store[] = [];
  private folder: string | null = null;

  private constructor(readonly random: Random) {}

  static async open(seed: string, kind: Kind): Promise<World> {
    const world = new World(seededRandom(seed));
    if (kind === "sqlite") world.folder = mkdtempSync(join(tmpdir(), "flowmetal-sim-"));
    world.store = await world.connect((driver) => driver);
    return world;
  }

  private async connect(wrapDriver: (driver: SqlDriver) => SqlDriver): Promise<Store> {
    if (this.folder === null) return this.opened[0] ?? this.keep(openMemoryStore(this));
    // How long a file is waited for is the host's time.
    const host = { clock: { ...systemClock, now: () => this.clock.now() }, random: this.random };
    const path = join(this.folder, "s.db");
    return this.keep(await openSqliteStore({ path, host, wrapDriver, synchronous: "NORMAL" }));
  }

  private keep(store: Store): Store {
    this.opened.push(store);
    return store;
  }

  /** A number from 0 to below `n`, from the seed. */
  draw(n: number): number {
    const [a, b] = this.random.bytes(2);
    return (a * 256 + b) % n;
  }

  /** As a client does it, under an id from the seed. */
  async enqueue(name: ProgramName): Promise<string> {
    const source = new Source(`${name}.fm`, programText(name));
    const run = { name: source.name, source, args: '["v"]', stepsMax: null, path: [], modules: [] };
    const id = newId(this.clock, this.random);
    const { program } = newProgram(run, image, id, { queue: "default", priority: 0, labels: {} });
    const images = [{ hash: image.hash, body: image.text }];
    const blobs = textsOfRun(run);
    for (const { hash } of blobs) this.texts.add(hash);
    await this.store.createProgram({ program, texts: { images, blobs } });
    return id;
  }

  async begin(): Promise<void> {
    const process = new SimProcess(this, this.processes.length);
    this.processes.push(process);
    process.serve(await this.connect(process.wrapDriver));
  }

  get living(): readonly SimProcess[] {
    return this.processes.filter(({ isDead }) => !isDead);
  }

  async row(id: string): Promise<ProgramRow> {
    return (await this.store.readProgram({ program: id }))!;
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      await this.clock.advance(STEP_MS);
      do for (let i = 0; i < 3; i++) await turnOfLoop();
      while (this.busy > 0);
    }
  }

  /** Something that goes on beside all else, until it is over. */
  beside(work: Promise<unknown>): void {
    this.busy++;
    work
      .catch((error: unknown) => this.wrong.push(String((error as Error).stack)))
      .finally(() => {
        this.busy--;
      });
  }

  /** Another process answers what a program asks it. */
  async answer(id: string, key: string, payload: string): Promise<void> {
    const { body } = newEntry("answer", { key, outcome: "ok", body: answerTo(payload) });
    const { outcome } = await this.store.deliver({ program: id, key, kind: "answer", body });
    this.trace.push(`deliver ${key} ${outcome}`);
    if (outcome === "delivered") this.delivered.push({ id, key });
  }

  /** Somebody answers a call or a request that a process has under way, as it would be answered. */
  async answerInstead(id: string): Promise<void> {
    const row = await this.row(id);
    const sending = await this.store.listEffects({ program: id, states: ["sending"] });
    const calls = [];
    for (const { key, position } of row.calls) {
      const [{ body }] = await this.store.readJournal({ program: id, from: position, limit: 1 });
      calls.push(...decodeBody("turn", body).made.filter((made) => made.key === key));
    }
    for (const { key, payload = "null" } of [...sending, ...calls]) {
      this.elsewhere.add(key);
      await this.answer(id, key, payload);
    }
  }

  /** Somebody else answers at about the same time as the process itself. */
  answerBeside(key: string, payload: string): void {
    const turn = this.written.find((text) => text.includes(key));
    if (turn === undefined) return;
    const { program } = JSON.parse(turn) as { readonly program: string };
    this.elsewhere.add(key);
    this.clock.after(this.draw(LATENCY_MS), () => this.beside(this.answer(program, key, payload)));
  }

  async rewind(id: string, to: number, baseTurn: number): Promise<void> {
    const command = { id: newId(this.clock, this.random), command: "rewind", baseTurn } as const;
    const why = { author: "sim", reason: "", body: `{"to":${to}}` };
    const { outcome } = await this.store.putCommand({ program: id, command: { ...command, ...why } });
    this.trace.push(`rewind ${id} ${to} ${outcome}`);
  }

  /** Nobody takes a program from an owner whose lease is good (E-12). */
  async noteClaims(interpreter: string, { claimed }: ClaimedPrograms): Promise<void> {
    const suspicious = claimed.flatMap(({ row: { id, term }, takenOver }) => {
      const owner = this.owners.get(id);
      this.owners.set(id, interpreter);
      this.terms.set(id, term);
      return takenOver && owner !== undefined && owner !== interpreter
        ? [{ id, until: this.leases.get(owner) ?? 0 }]
        : [];
    });
    if (suspicious.length === 0) return;
    // The store's time does not go back when the clock is set back (E-13).
    const times = await Promise.all(this.opened.map((store) => store.readTime()));
    for (const { id, until } of suspicious)
      if (until > Math.max(...times)) this.wrong.push(`${id} was taken from an owner who lives`);
  }

  noteLease(interpreter: string, until: number): void {
    this.leases.set(interpreter, until);
  }

  /** Of what a program's journal names, what was written once and is gone: the processes here might not need it, as they remember much. */
  async missing(bodies: readonly string[]): Promise<readonly string[]> {
    const named = new Set(bodies.flatMap((body) => [...body.matchAll(/[0-9a-f]{64}/g)].map(([hash]) => hash)));
    const gone: string[] = [];
    for (const hash of named) {
      if (!this.texts.has(hash)) continue;
      if ((await this.store.readUnit({ hash })) === null && (await this.store.readBlob({ hash })) === null)
        gone.push(hash);
    }
    return gone;
  }

  /** Each committed turn is the one after the last, under a term that never falls. */
  noteCommit({ turns, interpreter, lease }: CommitBatch, { committed, time }: CommitResult): void {
    // It renews a lease once an eighth of it is over.
    if (committed.length > 0) this.noteLease(interpreter, time + lease - lease / 8);
    const written = new Set(committed);
    for (const row of turns) {
      const { program, turn, term } = row;
      if (!written.has(program)) continue;
      this.written.push(JSON.stringify(row));
      for (const { hash } of [...(row.texts?.units ?? []), ...(row.texts?.blobs ?? [])]) this.texts.add(hash);
      const last = this.turns.get(program);
      if (term !== this.terms.get(program)) this.wrong.push(`turn ${turn} was committed under a term that is over`);
      if (last !== undefined && (turn !== last.turn + 1 || term < last.term))
        this.wrong.push(`turn ${turn} of term ${term} was committed after turn ${last.turn} of term ${last.term}`);
      this.turns.set(program, { turn, term });
    }
  }

  async close(): Promise<void> {
    for (const process of this.processes) process.kill();
    await this.pass(STEP_MS);
    for (const store of this.opened) await store.close();
    if (this.folder !== null) rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Of a call with a number; of a request its method and URL. */
function answerTo(payload: string): string {
  const asked = JSON.parse(payload) as number[] | { readonly method: string; readonly url: string };
  if (Array.isArray(asked)) return String(asked[0] * 10 + 1);
  return JSON.stringify({ status: 200, headers: [], body: `${asked.method} ${asked.url}` });
}

/** A connector of a process. */
class SimConnector implements Connector {
  constructor(
    readonly kind: string,
    private readonly process: SimProcess,
  ) {}

  accepts(topic: string): boolean {
    return topic !== "other";
  }

  perform(effect: OutgoingEffect): Promise<Performed> {
    return this.process.perform(effect);
  }

  async close(): Promise<void> {}
}

/** A fleet with connectors of its own; may be paused, or killed without a word. */
export class SimProcess {
  isDead = false;
  readonly sendsRequests: boolean;
  private paused: Promise<void> | null = null;
  /** The next batch of its connection fails. */
  private failsInside = false;

  constructor(
    private readonly world: World,
    readonly number: number,
  ) {
    this.sendsRequests = !world.isMixed || number % 3 !== 1;
  }

  serve(store: Store): void {
    const { world, number } = this;
    const fleet = new Fleet({
      store: this.wrap(store),
      image,
      findImage,
      connectors: new Connectors(
        (this.sendsRequests ? ["foreign", "http"] : ["foreign"]).map((kind) => new SimConnector(kind, this)),
      ),
      capabilities: ["foreign:ask", "foreign:once", ...(this.sendsRequests ? ["http"] : [])],
      clock: world.clock,
      random: world.random,
      queues: [{ name: "default" }],
      concurrency: 6,
      tell: (event) => {
        if (!this.isDead) world.trace.push(`${number} ${event.kind}`);
        if (event.kind === "trouble") world.wrong.push(`trouble: ${String(event.error)}`);
      },
    });
    void fleet.serve();
  }

  kill(): void {
    this.isDead = true;
  }

  pause(ms: number): void {
    this.paused = this.world.clock.sleep(ms).then(() => {
      this.paused = null;
    });
  }

  async perform({ key, payload, delivery }: OutgoingEffect): Promise<Performed> {
    const { world } = this;
    if (this.isDead) return never();
    world.arrivals.push({ key, once: delivery === "at-most-once" });
    world.trace.push(`${this.number} arrived ${key}`);
    // A call has no row of its own: its turn says it. A fork's effects are made with it.
    const isMade = world.written.some((text) => text.includes(key)) || (await world.store.readEffect({ key })) !== null;
    if (!isMade) world.wrong.push(`${key} left before its turn was committed`);
    await world.clock.sleep(world.draw(120));
    if (this.isDead) return never();
    if (world.isMixed && world.draw(8) === 0) world.answerBeside(key, payload);
    return { ok: true, body: answerTo(payload) };
  }

  private wrap(store: Store): Store {
    return new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        const call = (params: unknown) => (value as (given: unknown) => Promise<unknown>).call(target, params);
        if (name === "watch") return (callback: () => void) => this.watch(target, callback);
        return (params: unknown) => this.call(String(name), params, () => call(params));
      },
    });
  }

  /** A file is watched in the time of the host, which would be another one each time: there it is polled alone. */
  private async watch(store: Store, callback: () => void): Promise<() => Promise<void>> {
    if (store.url !== "memory:") return async () => undefined;
    return store.watch(() => (this.isDead ? undefined : callback()));
  }

  /** Lets a batch fail after it has written rows of the program, and before all are. */
  readonly wrapDriver = (driver: SqlDriver): SqlDriver => ({
    ...driver,
    exec: (sql) => driver.exec(sql),
    run: (sql, params) => driver.run(sql, params),
    get: (sql, params) => driver.get(sql, params),
    all: (sql, params) => {
      const fails = this.failsInside && batchColumns(sql) !== null;
      return fails ? this.failInside(driver, () => driver.all(sql, params)) : driver.all(sql, params);
    },
    transaction: (statements, work) => driver.transaction(statements, work),
    close: () => driver.close(),
  });

  private async failInside<T>(driver: SqlDriver, run: () => Promise<T>): Promise<T> {
    this.failsInside = false;
    const trigger = "AFTER INSERT ON main.journal BEGIN SELECT RAISE(ABORT, 'the simulation'); END";
    await driver.exec(`CREATE TEMP TRIGGER simulation ${trigger}`);
    try {
      return await run();
    } catch (error) {
      throw new SqlError("SQLITE_IOERR", "the simulation lets it fail", error);
    } finally {
      await driver.exec("DROP TRIGGER temp.simulation");
    }
  }

  private async call(method: string, params: unknown, call: () => Promise<unknown>): Promise<unknown> {
    const { world } = this;
    // So that something may happen between what a process decides and what it writes.
    if (world.isMixed && world.draw(3) === 0) await world.clock.sleep(world.draw(LATENCY_MS));
    await this.paused;
    if (this.isDead) return never();
    const fault = WRITES.has(method) ? world.faults(method, world.commits) : null;
    if (method === "commitTurns") world.commits++;
    if (fault !== null) world.trace.push(`${this.number} ${method} ${fault}`);
    if (fault === "before") throw new FlowmetalError("store/unreachable", "the simulation refuses it");
    if (fault === "killed before") this.kill();
    if (fault === "paused before") this.pause(PAUSE_MS + world.draw(PAUSE_MS));
    await this.paused;
    if (this.isDead) return never();
    this.failsInside = method === "commitTurns" && (fault === "inside" || fault === "killed inside");
    const result = await this.working(call, fault === "killed inside");
    await this.note(method, params, result);
    if (fault === "killed after") this.kill();
    if (fault === "paused after") this.pause(PAUSE_MS + world.draw(PAUSE_MS));
    await this.paused;
    if (this.isDead) return never();
    if (fault === "after") throw new FlowmetalError("store/unknown-outcome", "the simulation keeps its reply");
    return result;
  }

  private async note(method: string, params: unknown, result: unknown): Promise<void> {
    const { world } = this;
    const { id, interpreter = "", lease = 0 } = params as { id?: string; interpreter?: string; lease?: number };
    if (method === "commitTurns") world.noteCommit(params as CommitBatch, result as CommitResult);
    else if (method === "claimPrograms") await world.noteClaims(interpreter, result as ClaimedPrograms);
    else if (method === "registerInterpreter") world.noteLease(id!, (result as InterpreterRow).expires);
    else if (method === "renewLease" && result === true) world.noteLease(interpreter, world.clock.now() + lease);
  }

  private async working<T>(call: () => Promise<T>, isLast: boolean): Promise<T> {
    this.world.busy++;
    try {
      return await call();
    } finally {
      this.world.busy--;
      if (isLast) this.kill();
    }
  }
}
