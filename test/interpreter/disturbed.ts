// Runs a program at a real SQLite file while its commits fail, and goes on with it as a person would, until it is over.
import { copyFileSync } from "node:fs";
import { systemClock } from "../../src/base/clock.ts";
import { seededRandom } from "../../src/base/random.ts";
import { findImage } from "../../src/client/find-image.ts";
import { Interpreter } from "../../src/interpreter/interpreter.ts";
import { loadProgram } from "../../src/interpreter/loading.ts";
import { verifyReplay } from "../../src/interpreter/replay.ts";
import { decodeBody } from "../../src/journal/codec.ts";
import type { Made } from "../../src/journal/entry.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { stateHash } from "../../src/snapshot/snapshot.ts";
import { Source } from "../../src/source/source.ts";
import type { ProgramRow } from "../../src/store/rows.ts";
import type { SqlDriver } from "../../src/store/sqlite/driver.ts";
import { openSqlite3 } from "../../src/store/sqlite/sqlite3-driver.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { inFolder } from "../store/support.ts";
import { FakeClock } from "../support/clock.ts";
import { until } from "./bench.ts";
import { CommitFaults, type CommitNotes, type Loss, type Plan, type Step } from "./commit-faults.ts";
import { codeOf, Draws, OneProcess } from "./one-process.ts";
import { Outside, type Server } from "./outside.ts";

const image = await shippedImage();
/** How long a busy file is tried: long, as the machine may be; short where it is kept busy on purpose. */
const PATIENCE_MS = 5_000;
const HASTE_MS = 20;
/** More runs of one program than ever end in a test. */
const MOST_ENDS = 20;
/** How a run ended whose program has faulted because the rows of its turn were refused. */
const REFUSED = "commit-refused";

/** Everything about a run that must not depend on what went wrong in it. */
export interface Told {
  readonly status: string;
  readonly result: string | null;
  readonly error: string | null;
  readonly output: string;
  /** Each effect in the order they were made: key, kind, topic. */
  readonly made: readonly string[];
  /** The body of each answer, in the order they were taken. */
  readonly answers: readonly string[];
  /** What reached the outside, each effect once, by key. */
  readonly reached: readonly string[];
  /** How each effect with a row ended: key, state, outcome. */
  readonly rows: readonly string[];
  /** What the readers saw, what they saw twice left out. */
  readonly read: string;
  /** Of the last state. */
  readonly hash: string;
}

/** A run that is over. */
export interface Ran {
  readonly told: Told;
  /** Codes of the errors by which a run of the program ended. */
  readonly ended: readonly string[];
  /** Turns whose commits did not fail as planned. */
  readonly left: readonly number[];
  /** How often anything reached the outside. */
  readonly arrivals: number;
  /** What must never be; empty: all is well. */
  readonly wrong: readonly string[];
}

/** Who goes on after a failure: the interpreter itself, as long as it has its lease, or another one. */
export type Successor = "same" | "new";

export interface Disturbance {
  readonly plan?: Plan;
  /** Instead of a plan: notes where commits could fail. */
  readonly notes?: CommitNotes;
  readonly successor?: Successor;
}

/** An empty store to start from, which knows the image, and the server that programs send their requests to. */
export interface Place {
  readonly template: string;
  readonly server: Server;
}

/** Makes an empty store; its clock is that of the runs. */
export async function emptyStore(path: string): Promise<void> {
  const host = { clock: { ...systemClock, now: () => new FakeClock().now() }, random: seededRandom("empty") };
  const store = await openSqliteStore({ path, host });
  await store.writeTexts({ images: [{ hash: image.hash, body: image.text }] });
  await store.close();
}

function madeText({ key, kind, topic }: Made): string {
  return `${key} ${kind} ${topic}`;
}

/** A program on its way to its end through whatever goes wrong. */
export class Disturbed {
  private readonly wrong: string[] = [];
  private readonly outside: Outside;
  private readonly faults: CommitFaults;
  private readonly processes: OneProcess[] = [];
  private readonly reads: string[] = [];
  private readonly ended: string[] = [];
  private readonly losers: Promise<void>[] = [];
  private current!: OneProcess;
  private id = "";

  private constructor(
    private readonly path: string,
    private readonly source: Source,
    private readonly clock: FakeClock,
    /** A connection of the test's own, and a store of its own. */
    private readonly eye: SqlDriver,
    private readonly seen: Store,
    private readonly disturbance: Disturbance,
  ) {
    this.outside = new Outside((key) => this.isMade(key));
    const lose = (loss: Loss) => (loss === "taken" ? this.takeOver() : this.loseLease());
    this.faults = new CommitFaults(disturbance.plan ?? new Map(), lose);
  }

  /** Runs a program at a store of its own. */
  static run(place: Place, text: string, disturbance: Disturbance = {}): Promise<Ran> {
    return inFolder(async (folder) => {
      const path = `${folder}/s.db`;
      copyFileSync(place.template, path);
      const clock = new FakeClock();
      const host = { clock: { ...systemClock, now: () => clock.now() }, random: seededRandom("eye") };
      const eye = await openSqlite3({ path, host, patience: PATIENCE_MS });
      await eye.exec("PRAGMA synchronous = OFF");
      const seen = await openSqliteStore({ path, host, synchronous: "NORMAL" });
      const run = new Disturbed(path, new Source("persist.fm", text), clock, eye, seen, disturbance);
      place.server.outside = run.outside;
      try {
        return await run.toItsEnd();
      } finally {
        await run.close();
      }
    });
  }

  private async toItsEnd(): Promise<Ran> {
    this.current = await this.process();
    this.current.start(this.source);
    this.id = this.current.running.id;
    while (!(await this.isOver())) {
      const { current } = this;
      if (current.outcome === null) await this.letOneThingHappen(current);
      else {
        this.ended.push(current.outcome);
        if (this.ended.length > MOST_ENDS) throw new Error(`it never comes to an end: ${this.ended.join(" ")}`);
        await this.checkNothingLeft();
        await this.goOn(current);
      }
    }
    await Promise.all(this.losers);
    const told = await this.tell();
    const { wrong, outside, faults } = this;
    const ended = [...new Set(this.ended)].sort();
    return { told, ended, left: faults.left, arrivals: outside.arrivals.length, wrong };
  }

  /** Waits until the program rests, or the run of it that goes on has ended; answers whether the program itself is at an end. */
  private async isOver(): Promise<boolean> {
    await until("it rests or has ended", () => this.current.outcome !== null || this.current.hasCome);
    this.current.hasCome = false;
    if (this.current.outcome === "faulted" && (await this.isRefused())) this.current.outcome = REFUSED;
    return this.current.outcome === "done" || this.current.outcome === "faulted";
  }

  /** Whether the program has faulted because the rows of its turn were refused (E-8). */
  private async isRefused(): Promise<boolean> {
    const row = await this.seen.readProgram({ program: this.id });
    return row?.error?.includes('["k","commit-refused"]') === true;
  }

  // ---- what happens outside, always in the same order

  private async letOneThingHappen({ waits }: OneProcess): Promise<void> {
    const of = (kind: string, what?: string) =>
      waits.find((wait) => wait.kind === kind && (what === undefined || wait.what === what));
    const next = of("http") ?? of("foreign", "ask");
    if (next?.key !== undefined) return this.outside.allow(next.key);
    const elsewhere = of("foreign", "other");
    if (elsewhere?.key !== undefined) return this.work(elsewhere.key);
    const sleep = of("sleep");
    if (sleep?.until === undefined) throw new Error(`it waits for nothing that comes: ${JSON.stringify(waits)}`);
    await this.clock.advance(sleep.until - this.clock.now());
  }

  /** Another process answers an effect. */
  private async work(key: string): Promise<void> {
    const worker = "01hzy3v7k0000000000000w0rk";
    await this.eye.run("INSERT OR IGNORE INTO interpreters VALUES (?, 'worker', 0, 9000000000000)", [worker]);
    const scope = { owner: worker, limit: 9, queues: [`local:${this.id}`], capabilities: ["foreign:other"] };
    for (const effect of await this.seen.claimEffects(scope)) {
      void this.outside.arrive(`other ${effect.payload}`, effect.key);
      const { term, payload } = effect;
      await this.seen.settleEffect({ key, owner: worker, term, outcome: "ok", body: payload });
    }
  }

  // ---- processes

  private async process(): Promise<OneProcess> {
    const { path, clock, outside } = this;
    const number = this.processes.length;
    const host = { clock: { ...systemClock, now: () => clock.now() }, random: seededRandom(`store ${number}`) };
    const { notes, plan = new Map<number, Step[]>() } = this.disturbance;
    const { wrap } = notes ?? this.faults;
    const locked = [...plan.values()].flat().some(({ when }) => when === "locked");
    const patience = locked ? HASTE_MS : PATIENCE_MS;
    // Nothing here is about power cuts, and a disk that others use makes each fsync long.
    const store = await openSqliteStore({ path, host, wrapDriver: wrap, patience, synchronous: "NORMAL" });
    const random = new Draws(`process ${number}`);
    const connectors = outside.connectors();
    const interpreter = new Interpreter({ store, image, findImage, connectors, clock, random });
    await interpreter.open();
    const process = new OneProcess(store, interpreter, random, (text) => this.read(text));
    this.processes.push(process);
    return process;
  }

  /** Goes on after a failure, with the same interpreter where it still has its lease. */
  private async goOn(failed: OneProcess): Promise<void> {
    const again = this.disturbance.successor === "same" && failed.outcome !== "program/lost";
    if (!again) await failed.interpreter.close();
    if (failed.outcome === REFUSED) await this.tryAgain();
    await this.take(again ? failed : await this.process());
  }

  /** The restart of a fault. */
  private async tryAgain(): Promise<void> {
    const { turn } = (await this.seen.readProgram({ program: this.id })) as ProgramRow;
    const how = { command: "restart", baseTurn: turn, author: "test", reason: "", body: '{"how":"retry"}' } as const;
    const id = `retry-${this.ended.length}`;
    await this.seen.putCommand({ program: this.id, command: { id, ...how } });
  }

  /** Takes the program over, as when its owner was stopped for longer than its lease. */
  private async takeOver(): Promise<void> {
    const loser = this.current;
    const past = this.clock.now() - 1;
    await this.eye.run("UPDATE interpreters SET expires = ? WHERE id = ?", [past, loser.interpreter.id]);
    this.losers.push(
      loser.running.ended.then(
        () => {},
        (error: unknown) => void this.ended.push(codeOf(error)),
      ),
    );
    await this.take(await this.process());
  }

  /** The interpreter's own row is gone. */
  private async loseLease(): Promise<void> {
    await this.seen.retireInterpreter({ interpreter: this.current.interpreter.id });
  }

  private async take(process: OneProcess): Promise<void> {
    const claim = await process.store.claimProgram({ program: this.id, interpreter: process.interpreter.id });
    if (claim.outcome === "claimed") process.resume(claim.row);
    // Its first turn was not committed: it was never there.
    else if (claim.outcome === "missing") process.start(this.source);
    else if (claim.outcome !== "over") throw new Error(`not claimed: ${claim.outcome}`);
    else {
      process.outcome = claim.status;
      await this.readTheRest();
    }
    this.current = process;
  }

  /** What a person does who hears that the program is over: asks for its output. */
  private async readTheRest(): Promise<void> {
    const { shown } = (await this.seen.readProgram({ program: this.id })) as ProgramRow;
    for (const { text } of await this.seen.readOutput({ program: this.id, after: shown })) this.reads.push(text);
  }

  // ---- what must hold at any time

  /** Whether a committed turn made an effect. */
  private async isMade(key: string): Promise<boolean> {
    return (await this.eye.get("SELECT 1 FROM journal WHERE kind = 'turn' AND instr(body, ?) > 0", [key])) !== null;
  }

  private async committedOutput(): Promise<string> {
    const rows = await this.eye.all("SELECT text FROM output ORDER BY serial");
    return rows.map((row) => row.text).join("");
  }

  private async read(text: string): Promise<void> {
    this.reads.push(text);
    if (!(await this.committedOutput()).includes(text)) this.wrong.push(`read before its commit: ${text}`);
  }

  /** After a failed turn: nobody outside has anything of it. */
  private async checkNothingLeft(): Promise<void> {
    await this.outside.checked();
    for (const { what, key } of this.outside.arrivals) {
      if (!(await this.isMade(key))) this.wrong.push(`reached the outside, and no committed turn made it: ${what}`);
    }
    const output = await this.committedOutput();
    for (const text of this.reads) if (!output.includes(text)) this.wrong.push(`read, and never committed: ${text}`);
  }

  // ---- how it ended

  private async tell(): Promise<Told> {
    await this.checkNothingLeft();
    for (const { what } of this.outside.early) this.wrong.push(`reached the outside before its commit: ${what}`);
    const { seen, id } = this;
    const row = (await seen.readProgram({ program: id })) as ProgramRow;
    const journal = await seen.readJournal({ program: id });
    const verified = await verifyReplay({ store: seen, image: findImage }, row);
    if (!verified.same) this.wrong.push(`its journal does not replay: ${verified.why}`);
    const { machine } = await loadProgram({ store: seen, image: findImage }, id, { fromStart: true });
    const { status, result, error } = row;
    return {
      status,
      result,
      error,
      output: await this.committedOutput(),
      made: journal.flatMap(({ kind, body }) => (kind === "turn" ? decodeBody(kind, body).made.map(madeText) : [])),
      answers: journal.flatMap(({ kind, body }) => (kind === "answer" ? [body] : [])),
      reached: [...this.outside.firsts].sort(),
      rows: (await seen.listEffects({ program: id })).map(({ key, state, outcome }) => `${key} ${state} ${outcome}`),
      read: [...new Set(this.reads.join("").split(/(?<=\n)/))].join(""),
      hash: stateHash(machine.state),
    };
  }

  private async close(): Promise<void> {
    for (const { interpreter, store } of this.processes) {
      await interpreter.close().catch(() => undefined);
      await store.close();
    }
    await this.seen.close();
    // The last to go folds the log back, here without waiting for the disk.
    await this.eye.close();
  }
}
