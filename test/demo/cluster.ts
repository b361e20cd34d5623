// The demonstration of the fleet: three interpreters on one store, one is killed; the verdict is what the store says.
//
// While it runs, the programs' rows are looked at all the time: which owner had which program under which term. Afterwards every
// program is done with the right result, its journal without a gap and each turn in it once.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { openClient } from "../../src/client/open.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { openStore } from "../../src/store/open.ts";
import type { ProgramRow } from "../../src/store/rows.ts";
import type { Store } from "../../src/store/store.ts";
import { bundled, type Patch } from "../support/bundle.ts";
import { root } from "../support/tree.ts";

export interface ClusterOptions {
  readonly programs: number;
  /** Null: an SQLite file of its own. */
  readonly store: string | null;
  /** A program of the process that was killed goes on elsewhere within so many milliseconds. */
  readonly within: number;
  /** A protection that is switched off. */
  readonly without: string | null;
  readonly say: (line: string) => void;
}

export interface ClusterReport {
  readonly failures: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

const PROCESSES = 3;
const STEPS = 6;
/** Longer than anything should take. */
const PATIENCE_MS = 120_000;
/** Nothing has moved for so long: nothing will. */
const STILL_MS = 5_000;
const EVERY_MS = 20;

/** Steps and short sleeps; the result tells that each step was counted once. */
const PROGRAM = `(ns demo.steps (:require [flow.test :as test] [flow.time :refer [sleep]]))
(def n (parse-long (first *args*)))
(loop [i 1, sum 0]
  (if (<= i ${STEPS})
    (do (sleep 200) (recur (inc i) (+ sum (first (test/echo (* n i))))))
    sum))`;

/** What can be switched off, and how. */
const WITHOUT: Readonly<Record<string, Patch>> = {
  takeover: {
    file: "src/store/sqlite/claims.ts",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a template
    find: "(p.owner IS NULL OR p.owner NOT IN (SELECT id FROM interpreters WHERE expires > ${NOW}))",
    replace: "(p.owner IS NULL)",
  },
};

export async function runCluster(options: ClusterOptions): Promise<ClusterReport> {
  const folder = mkdtempSync(join(tmpdir(), "flowmetal-demo-"));
  const url = options.store ?? `sqlite:${join(folder, "store.db")}`;
  const client = await openClient(url, { create: true });
  const store = await openStore({ url, host: { clock: systemClock, random: systemRandom }, folder });
  const processes: Interpreter[] = [];
  try {
    const command = await commandOf(options.without, url, folder);
    for (let i = 0; i < PROCESSES; i++) processes.push(new Interpreter(command));
    await Promise.all(processes.map(({ serving }) => serving));
    options.say(`${PROCESSES} processes serve ${url}`);
    const ids: string[] = [];
    const placing = { maxSteps: null, queue: "default", priority: 0, labels: {} };
    for (let n = 0; n < options.programs; n++) {
      ids.push(await client.enqueue({ name: "steps.fm", text: PROGRAM }, { ...placing, args: [String(n)] }));
    }
    options.say(`${options.programs} programs are in the store`);
    return await new Watch(store, ids, processes, options).run();
  } finally {
    for (const { child } of processes) child.kill("SIGKILL");
    await store.close();
    await client.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function commandOf(without: string | null, url: string, folder: string): Promise<readonly string[]> {
  if (without === null) return [join(root, "bin", "flowmetal"), "interpreter", "--json", "--store", url];
  if (!Object.hasOwn(WITHOUT, without)) throw new Error(`there is no protection called ${without}`);
  const bundle = await bundled("test/demo/interpreter.ts", without, WITHOUT[without]);
  const image = join(dirname(bundle), "image.json");
  writeFileSync(image, (await shippedImage()).text);
  return [bundle, image, url, folder];
}

/** One process; its id as an interpreter, once it serves. */
class Interpreter {
  readonly child: ChildProcess;
  readonly serving: Promise<void>;
  id = "";
  takenOver = 0;

  constructor(command: readonly string[]) {
    this.child = spawn(process.execPath, command, { stdio: ["ignore", "ignore", "pipe"] });
    this.serving = new Promise((resolve, reject) => {
      this.child.on("exit", (code) => reject(new Error(`an interpreter ended with ${code}`)));
      this.child.stderr!.setEncoding("utf8").on("data", (text: string) => {
        const id = /"serving".*?([0-7][0-9a-z]{25})/.exec(text)?.[1];
        if (id !== undefined) this.id = id;
        if (this.id !== "") resolve();
        this.takenOver += text.split('"taken-over"').length - 1;
      });
    });
  }
}

class Watch {
  private readonly failures: string[] = [];
  /** Program and term to the owner that was seen with them. */
  private readonly owners = new Map<string, string>();
  private readonly turns = new Map<string, number>();
  private readonly began = performance.now();
  private movedAt = performance.now();
  private killedAt = 0;
  private orphans = new Set<string>();
  private lastTakenAt = 0;

  constructor(
    private readonly store: Store,
    private readonly ids: readonly string[],
    private readonly processes: readonly Interpreter[],
    private readonly options: Pick<ClusterOptions, "within" | "say">,
  ) {}

  async run(): Promise<ClusterReport> {
    let victim: Interpreter | null = null;
    for (;;) {
      const rows = await this.store.listPrograms({});
      const now = performance.now();
      this.see(rows, now);
      if (victim === null) victim = this.kill(rows);
      else this.seeOrphans(rows, victim.id, now);
      if (rows.every(({ status }) => status === "done")) break;
      if (now - this.movedAt > STILL_MS || now - this.began > PATIENCE_MS) break;
      await systemClock.sleep(EVERY_MS);
    }
    const seconds = (performance.now() - this.began) / 1_000;
    return this.verdict(seconds);
  }

  /** Who owns what under which term; terms and turns only grow. */
  private see(rows: readonly ProgramRow[], now: number): void {
    for (const { id, term, owner, turn } of rows) {
      const before = this.turns.get(id) ?? 0;
      if (turn < before) this.failures.push(`${id} went back from turn ${before} to ${turn}`);
      if (turn > before) this.movedAt = now;
      this.turns.set(id, turn);
      if (owner === null) continue;
      const key = `${id} term ${term}`;
      const other = this.owners.get(key);
      if (other !== undefined && other !== owner) this.failures.push(`${key} had two owners: ${other} and ${owner}`);
      this.owners.set(key, owner);
    }
  }

  /** Kills a process that has some programs, once each has begun. */
  private kill(rows: readonly ProgramRow[]): Interpreter | null {
    const ownedBy = ({ id }: Interpreter) => rows.filter(({ owner }) => owner === id).length;
    const [victim] = [...this.processes].sort((a, b) => ownedBy(b) - ownedBy(a));
    if (rows.some(({ turn }) => turn === 0) || ownedBy(victim) === 0) return null;
    victim.child.kill("SIGKILL");
    this.killedAt = performance.now();
    this.lastTakenAt = this.killedAt;
    return victim;
  }

  private seeOrphans(rows: readonly ProgramRow[], dead: string, now: number): void {
    const left = rows.filter(({ owner }) => owner === dead).map(({ id }) => id);
    for (const id of left) this.orphans.add(id);
    if (left.length > 0) this.lastTakenAt = now;
  }

  private async verdict(seconds: number): Promise<ClusterReport> {
    const { failures } = this;
    const takeover = Math.round(this.lastTakenAt - this.killedAt);
    if (this.killedAt === 0) failures.push("no process could be killed while it had programs");
    if (this.orphans.size === 0) failures.push("the process that was killed had no programs");
    if (takeover > this.options.within)
      failures.push(`a program of the killed process was still its own after ${takeover} ms`);
    let turns = 0;
    const rows = new Map((await this.store.listPrograms({})).map((row) => [row.id, row]));
    for (const [n, id] of this.ids.entries()) {
      const row = rows.get(id)!;
      const expected = String((n * STEPS * (STEPS + 1)) / 2);
      if (row.status !== "done") failures.push(`${id} is ${row.status}`);
      else if (row.result !== expected) failures.push(`${id} has the result ${row.result}, not ${expected}`);
      turns += row.turn;
      failures.push(...(await this.journalOf(row)));
    }
    this.options.say(`${this.orphans.size} programs of the process that was killed went on elsewhere`);
    const figures = {
      programs: this.ids.length,
      processes: this.processes.length,
      orphans: this.orphans.size,
      takeoverMs: takeover,
      takenOver: this.processes.reduce((sum, one) => sum + one.takenOver, 0),
      turns,
      seconds: Number(seconds.toFixed(1)),
      turnsPerSecond: Math.round(turns / seconds),
      failures: failures.length,
    };
    return { failures: failures.slice(0, 20), figures };
  }

  /** Positions without a gap, each turn once and in order, as many as the row says. */
  private async journalOf({ id, turn, position }: ProgramRow): Promise<string[]> {
    const entries = await this.store.readJournal({ program: id });
    const turns = entries
      .filter(({ kind }) => kind === "turn")
      .map(({ body }) => (JSON.parse(body) as { turn: number }).turn);
    const gap = entries.findIndex((entry, i) => entry.position !== i);
    const odd = turns.findIndex((one, i) => one !== i + 1);
    if (gap < 0 && odd < 0 && turns.length === turn && entries.length === position) return [];
    return [
      `the journal of ${id} is not whole: ${entries.length} entries of ${position}, ${turns.length} turns of ${turn}`,
    ];
  }
}
