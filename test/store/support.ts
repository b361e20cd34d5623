// Helpers of the store's tests: a clock that stands still until moved, ids with a seed, short ways to say a turn.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { newId } from "../../src/base/ids.ts";
import { type Random, seededRandom } from "../../src/base/random.ts";
import { newEntry } from "../../src/journal/codec.ts";
import type { NewEntry } from "../../src/journal/entry.ts";
import type { NewEffect, NewProgram, ProgramAfter, ProgramRow, TurnCommit } from "../../src/store/rows.ts";
import { type DriverName, SQLITE_DRIVERS } from "../../src/store/sqlite/driver.ts";
import type { CommitBatch, CommitResult, Store } from "../../src/store/store.ts";

export const LEASE = 1500;
export const VERSIONS = ["0.1.0", "p1", "u15"] as const;

/** Time that only moves when told; alarms are the host's. */
export class TestClock implements Clock {
  time = 1_764_000_000_000;
  now = (): number => this.time;
  monotonic = systemClock.monotonic;
  after = systemClock.after;
  sleep = systemClock.sleep;
  giveWay = systemClock.giveWay;
}

export class TestHost {
  readonly clock = new TestClock();
  readonly random: Random;

  constructor(seed = "store") {
    this.random = seededRandom(seed);
  }

  newId(): string {
    return newId(this.clock, this.random);
  }
}

/** The SQLite drivers that this Node has. Node 20 has no `node:sqlite`; the long tier runs these tests under Node 24, too. */
export const DRIVERS: readonly DriverName[] = SQLITE_DRIVERS.filter(
  (name) => name === "sqlite3" || process.versions["sqlite"] !== undefined,
);

/** A folder that is gone after `work`. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "flowmetal-store-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function program(id: string, change: Partial<NewProgram> = {}): NewProgram {
  const start = newEntry("start", { source: null, name: "t.fm", args: '["v"]', image: "img", versions: VERSIONS }).body;
  return { id, name: "t.fm", queue: "default", image: "img", start, ...change };
}

export const WAITING: ProgramAfter = {
  status: "waiting",
  waiting: [],
  wake: null,
  cut: false,
  branch: 0,
  calls: [],
  image: "img",
};

/** The `turn` entry that ends a turn. */
export function turnEntry(turn: number): NewEntry {
  const body = { turn, versions: VERSIONS, status: "waiting", ticks: 7, observations: [], made: [] } as const;
  return newEntry("turn", body);
}

type TurnExtras = Partial<Omit<TurnCommit, "after">> & { readonly after?: Partial<ProgramAfter> };

/** The next turn of a program as its row stands; `extras` say what is special. */
export function turnOf(
  row: Pick<ProgramRow, "id" | "term" | "turn" | "position">,
  extras: TurnExtras = {},
): TurnCommit {
  return {
    program: row.id,
    term: row.term,
    turn: row.turn,
    position: row.position,
    entries: [turnEntry(row.turn + 1)],
    ...extras,
    after: { ...WAITING, ...extras.after },
  };
}

export function effect(key: string, change: Partial<NewEffect> = {}): NewEffect {
  return {
    key,
    kind: "http",
    topic: "",
    capability: "http",
    payload: '{"url":"http://x"}',
    delivery: "at-least-once",
    contract: "{}",
    state: "pending",
    ...change,
  };
}

/** One interpreter at one store: the steps most tests begin with. */
export class Bench {
  readonly store: Store;
  readonly host: TestHost;
  interpreter = "";

  constructor(store: Store, host: TestHost) {
    this.store = store;
    this.host = host;
  }

  async register(): Promise<string> {
    this.interpreter = this.host.newId();
    await this.store.registerInterpreter({ id: this.interpreter, engine: "0.1.0", lease: LEASE });
    return this.interpreter;
  }

  /** A new program that the interpreter owns. */
  async owned(change: Partial<NewProgram> = {}): Promise<ProgramRow> {
    const id = this.host.newId();
    await this.store.createProgram({ program: program(id, change) });
    return this.claim(id);
  }

  async claim(id: string, interpreter = this.interpreter): Promise<ProgramRow> {
    const claim = await this.store.claimProgram({ program: id, interpreter });
    if (claim.outcome !== "claimed") throw new Error(`not claimed: ${claim.outcome}`);
    return claim.row;
  }

  commit(turns: readonly TurnCommit[], change: Partial<CommitBatch> = {}): Promise<CommitResult> {
    const { interpreter } = this;
    return this.store.commitTurns({ id: this.host.newId(), interpreter, lease: LEASE, turns, ...change });
  }

  /** Commits a turn that must succeed; answers the row after it. */
  async step(row: ProgramRow, extras: TurnExtras = {}): Promise<ProgramRow> {
    const result = await this.commit([turnOf(row, extras)]);
    if (result.refused.length > 0) throw result.refused[0].error;
    if (!result.committed.includes(row.id)) throw new Error("the turn was not committed");
    return this.row(row.id);
  }

  async row(id: string): Promise<ProgramRow> {
    const row = await this.store.readProgram({ program: id });
    if (row === null) throw new Error(`no program ${id}`);
    return row;
  }

  answer(row: Pick<ProgramRow, "id">, key: string, body = "1") {
    return this.store.deliver({
      program: row.id,
      key,
      kind: "answer",
      body: newEntry("answer", { key, outcome: "ok", body }).body,
    });
  }

  command(row: Pick<ProgramRow, "id">, command: "pause" | "cancel" | "resume", id = this.host.newId()) {
    const body = { id, command, baseTurn: null, author: "me", reason: "", body: "null" } as const;
    return this.store.putCommand({ program: row.id, command: body });
  }
}
