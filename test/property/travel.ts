// Random programs that are taken back and forked at random places of their journals, at a store: what their journals say leads to the
// state they have, and what is given again leads to what it led to before.
import fc from "fast-check";
import { findImage } from "../../src/client/find-image.ts";
import { forkProgram } from "../../src/interpreter/fork.ts";
import { loadProgram } from "../../src/interpreter/loading.ts";
import { rewindBody } from "../../src/interpreter/rewind.ts";
import { decodeBody } from "../../src/journal/codec.ts";
import { isOver } from "../../src/journal/status.ts";
import { encodeSnapshot, stateHash } from "../../src/snapshot/snapshot.ts";
import { atStore, type Attempt, type Bench, type Process } from "../interpreter/bench.ts";
import { script } from "./programs.ts";

/** What was tried, for counting. */
export interface Travelled {
  readonly rewinds: number;
  readonly forks: number;
  /** Of these, the ones whose end was compared with the end before. */
  readonly compared: number;
  readonly strays: number;
}

/** It waits for ever at its end, so that it can be taken back; the topic is nobody's here. */
const NEVER = '\n(defforeign never :topic "other/never")\n(never)\n';
const WEEK_MS = 7 * 86_400_000;

/** Effects are answered by what they ask: an answer is the same whichever branch asks. */
const answer = (attempt: Attempt): void => {
  const text = JSON.stringify(attempt.args);
  if (text.length % 5 === 4) attempt.fail("test/failed");
  else attempt.answer(text.length * 7);
};

class Traveller {
  private process!: Process;
  readonly done = { rewinds: 0, forks: 0, compared: 0, strays: 0 };

  constructor(
    private readonly bench: Bench,
    /** Numbers from 0 to below 1. */
    private readonly chance: () => number,
  ) {}

  get id(): string {
    return this.process.id;
  }

  private get context() {
    const { store, clock, random } = this.bench;
    return { store, image: findImage, clock, random };
  }

  async run(text: string, moves: number): Promise<void> {
    this.process = await this.bench.process(answer);
    this.process.start(text + NEVER);
    await this.rest();
    const end = await this.end(this.id);
    for (let i = 0; i < moves; i++) {
      await this.back(end);
      // The answer that was a stray is one where its effect is open: then the program comes to its end.
      if (isOver((await this.bench.row(this.id)).status)) break;
      await this.stray();
      await this.fork(end);
    }
    await this.collect();
  }

  /** Until it waits for nothing but what never comes, or has stopped at an error. */
  private async rest(): Promise<void> {
    const { bench, process } = this;
    for (;;) {
      await this.still();
      if (process.error !== null) throw process.error;
      if (process.outcome !== null) return;
      const { wake, turn } = await bench.row(process.id);
      if (wake === null) return;
      await bench.clock.advance(Math.max(0, wake - bench.clock.now()));
      await this.after(turn);
    }
  }

  /** Until it waits for something or has ended, or stands at an error with a timer still to ring. */
  private async still(): Promise<void> {
    const { bench, process } = this;
    for (let left = 50_000; left > 0; left--) {
      if (process.outcome !== null || process.waits > 0) return;
      await bench.clock.giveWay();
      if (left % 10 !== 0) continue;
      const { status, wake, turn } = await bench.row(process.id).catch(() => ({ status: "", wake: null, turn: 0 }));
      if (status !== "faulted" || wake === null) continue;
      for (let turns = 0; turns < 20; turns++) await bench.clock.giveWay();
      if ((await bench.row(process.id)).turn === turn) return;
    }
    throw new Error("waited in vain until it rests");
  }

  private async after(turn: number): Promise<void> {
    for (let left = 100_000; left > 0; left--) {
      if ((await this.bench.row(this.id)).turn > turn) return;
      if (left % 10 === 0) await this.bench.clock.giveWay();
    }
    throw new Error("waited in vain for a turn");
  }

  /** Does something to the program, in a new process if it has ended in its last, and waits until it rests again. */
  private async moved(work: () => Promise<unknown>): Promise<void> {
    const { turn } = await this.bench.row(this.id);
    await work();
    if (this.process.outcome !== null) {
      const next = await this.bench.process(answer);
      await next.resume(this.id);
      this.process = next;
    }
    await this.after(turn);
    await this.rest();
  }

  private position(end: number): number {
    return 1 + Math.floor(this.chance() * end);
  }

  /** Back to any place, once or twice; its journal must lead to its state, and from there to where it was before. */
  private async back(end: End): Promise<void> {
    const { bench } = this;
    const row = await bench.row(this.id);
    const to = this.position(row.position);
    await this.moved(() => bench.command(this.id, "rewind", rewindBody({ to, answers: new Map() }), row.turn));
    this.done.rewinds++;
    const rewound = (await bench.bodies(this.id, "rewound")).at(-1);
    if (rewound?.to !== to) throw new Error(`it has not gone back to ${to}`);
    await this.verify(this.id);
    await this.compare(this.id, end, `rewound to ${to}`);
    await this.sameFromEverySnapshot();
  }

  /** An answer to what another branch has asked is of no use, and changes nothing. */
  private async stray(): Promise<void> {
    const { bench } = this;
    const before = await this.end(this.id);
    const { machine } = await bench.load(this.id);
    const journal = await bench.journal(this.id);
    const made = journal.flatMap(({ kind, body }) => (kind === "turn" ? decodeBody("turn", body).made : []));
    const taken = new Set(
      journal.flatMap(({ kind, body }) => (kind === "answer" ? [decodeBody("answer", body).key] : [])),
    );
    const useless = made.find(({ key }) => !machine.state.open.has(key) && !taken.has(key));
    if (useless === undefined) return;
    await this.moved(() => bench.answer(this.id, useless.key, "too late"));
    const strays = await bench.bodies(this.id, "stray");
    if (strays.at(-1)?.key !== useless.key) throw new Error(`the answer to ${useless.key} is no stray`);
    this.done.strays++;
    await this.verify(this.id);
    const after = await this.end(this.id);
    if (after.text !== before.text) throw new Error("a stray has changed the state");
  }

  private async fork(end: End): Promise<void> {
    const { bench } = this;
    const row = await bench.row(this.id);
    const at = this.position(row.position);
    const id = await forkProgram(this.context, { row, at, answers: new Map(), pending: "leave" });
    const original = this.process;
    const process = await bench.process(answer);
    await process.resume(id);
    this.process = process;
    await this.after(0);
    await this.rest();
    this.done.forks++;
    await this.verify(id);
    await this.compare(id, end, `forked at ${at}`);
    this.process = original;
    if ((await bench.row(this.id)).position !== row.position) throw new Error("a fork has changed its original");
  }

  /** A week later nothing is gone that anything needs. */
  private async collect(): Promise<void> {
    const { store, clock } = this.bench;
    clock.off += 2 * WEEK_MS;
    await store.collectTexts({ before: (await store.readTime()) - WEEK_MS });
    await this.verify(this.id);
  }

  private async verify(id: string): Promise<void> {
    const { same, why } = await this.bench.verify(id);
    if (!same) throw new Error(`its journal leads elsewhere: ${why}`);
  }

  /** Any position has one state, whether it is replayed from the beginning or from a snapshot. */
  private async sameFromEverySnapshot(): Promise<void> {
    const at = this.position((await this.bench.row(this.id)).position);
    const near = await loadProgram(this.context, this.id, { position: at });
    const far = await loadProgram(this.context, this.id, { position: at, fromStart: true });
    if (stateHash(near.machine.state) !== stateHash(far.machine.state)) throw new Error(`entry ${at} has two states`);
  }

  /** The state at the end, but for what must differ: id, branch, time, and the keys of what it waits for. */
  private async end(id: string): Promise<End> {
    const { machine } = await this.bench.load(id);
    const { state } = machine;
    const plain = state.timers.length === 0 && !(await this.bench.journal(id)).some(({ kind }) => kind === "timer");
    Object.assign(state, { id: "", branch: 0, now: 0 });
    const keys = new Map<string, number>();
    const text = encodeSnapshot(state).text.replace(/"[0-7][0-9a-hjkmnp-tv-z]{25}"/g, (key) => {
      if (!keys.has(key)) keys.set(key, keys.size);
      return `"key ${keys.get(key)}"`;
    });
    return { text, plain };
  }

  /** Time that has passed orders timers and answers in another way; without timers the end is the same. */
  private async compare(id: string, end: End, how: string): Promise<void> {
    const now = await this.end(id);
    if (isOver((await this.bench.row(id)).status)) return;
    if (!end.plain || !now.plain) return;
    this.done.compared++;
    if (now.text !== end.text) throw new Error(`${how}, it ends in another state`);
  }
}

interface End {
  readonly text: string;
  readonly plain: boolean;
}

/** Takes one program back and forth. */
export async function travel(text: string, seed: number, moves: number): Promise<Travelled> {
  const chance = fc.sample(fc.double({ min: 0, max: 0.999_999, noNaN: true }), { seed, numRuns: 8 * moves + 8 });
  let done: Travelled = { rewinds: 0, forks: 0, compared: 0, strays: 0 };
  await atStore("memory", async (bench) => {
    const traveller = new Traveller(bench, () => chance.shift() ?? 0);
    await traveller.run(text, moves);
    ({ done } = traveller);
  });
  return done;
}

/** Random programs that follow from `seed`; answers what was tried, or throws with the program that failed. */
export async function travelRandom(seed: number, count: number, moves: number): Promise<Travelled> {
  const all = { rewinds: 0, forks: 0, compared: 0, strays: 0 };
  for (const [i, text] of fc.sample(script, { seed, numRuns: count }).entries()) {
    try {
      const done = await travel(text, seed + i, moves);
      for (const key of Object.keys(all) as (keyof Travelled)[]) all[key] += done[key];
    } catch (error) {
      const what = error instanceof Error ? error.stack : String(error);
      throw new Error(`${what}\n\nin this program, number ${i} of seed ${seed}:\n\n${text}`);
    }
  }
  return all;
}
