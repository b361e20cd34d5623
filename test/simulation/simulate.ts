// A simulated run: programs at several fleets, disturbed as a seed says, then left alone until all are over, then judged.
import { FlowmetalError } from "../../src/base/errors.ts";
import { findImage } from "../../src/client/find-image.ts";
import { collectGarbage } from "../../src/client/travel.ts";
import { forkProgram } from "../../src/interpreter/fork.ts";
import { verifyReplay } from "../../src/interpreter/replay.ts";
import { decodeBody } from "../../src/journal/codec.ts";
import { isOver } from "../../src/journal/status.ts";
import { onceNames, type ProgramName, programNames } from "./programs.ts";
import { type Fault, type Faults, type Kind, World } from "./world.ts";

/** Simulated time within which all must be over once nothing disturbs it any more. */
const CALM_MS = 60_000;
/** Beyond this, what nobody has used may be deleted (E-19). */
const DAYS_MS = 8 * 86_400_000;
/** What goes wrong at calls of each kind of store. */
export const FAULTS: Readonly<Record<Kind, readonly Fault[]>> = {
  memory: ["before", "after", "killed before", "killed after"],
  sqlite: ["before", "after", "killed before", "killed after", "inside", "killed inside"],
};
const PAUSES: readonly Fault[] = ["paused before", "paused after"];
/** An answer may be on its way for so long. */
const LATE_MS = 8_000;

/** What a program came to. */
export interface End {
  readonly name: ProgramName;
  readonly id: string;
  readonly status: string;
  readonly result: string | null;
  readonly output: string;
  readonly isRewound: boolean;
}

export interface Simulated {
  readonly ends: readonly End[];
  readonly wrong: readonly string[];
  readonly trace: readonly string[];
  readonly commits: number;
  readonly counts: Readonly<Record<string, number>>;
}

interface Subject {
  readonly name: ProgramName;
  readonly id: string;
  isRewound: boolean;
}

/** A run of a world. */
export class Simulation {
  private readonly subjects: Subject[] = [];
  private readonly counts: Record<string, number> = {};

  private constructor(readonly world: World) {}

  /** Disturbed for so many steps. */
  static async disturbed(seed: number, steps: number, kind: Kind = "memory"): Promise<Simulated> {
    const simulation = new Simulation(await World.open(`simulation ${seed}`, kind));
    const { world } = simulation;
    const faults = [...FAULTS[kind], ...PAUSES];
    world.isMixed = true;
    await simulation.enqueue([...programNames]);
    for (let i = 0; i < 3; i++) await world.begin();
    world.faults = () => (world.draw(25) === 0 ? faults[world.draw(faults.length)] : null);
    for (let i = 0; i < steps; i++) {
      await simulation.disturb();
      await world.pass(5 * (1 + world.draw(30)));
      while (world.living.length < 2) await world.begin();
    }
    // Whatever is named must still be there when all that is old and unnamed is gone.
    world.clock.off += DAYS_MS;
    world.beside(collectGarbage(world.store, { olderThan: null, dryRun: false }));
    return simulation.toItsEnd();
  }

  /** One fleet at a time, with these faults and no other. */
  static async planned(names: readonly ProgramName[], faults: Faults, kind: Kind = "memory"): Promise<Simulated> {
    const simulation = new Simulation(await World.open("planned", kind));
    simulation.world.faults = faults;
    await simulation.enqueue(names);
    return simulation.toItsEnd(faults);
  }

  private async enqueue(names: readonly ProgramName[]): Promise<void> {
    for (const name of names) this.subjects.push({ name, id: await this.world.enqueue(name), isRewound: false });
  }

  private count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  private async disturb(): Promise<void> {
    const { world, subjects } = this;
    const subject = subjects[world.draw(subjects.length)];
    const { living } = world;
    const process = living[world.draw(living.length)];
    const what = DISTURBANCES[world.draw(DISTURBANCES.length)];
    this.count(what);
    if (what === "kill") process.kill();
    else if (what === "pause") process.pause(500 + world.draw(6_000));
    else if (what === "forward") world.clock.off += world.draw(5) === 0 ? DAYS_MS : world.draw(5_000);
    else if (what === "back") world.clock.off -= world.draw(5_000);
    else if (what === "answer") await this.answer(world.draw(2) + 1);
    else if (what === "answer instead") await world.answerInstead(subject.id);
    else if (what === "rewind") await this.rewind(subject);
    else if (what === "fork") await this.fork(subject);
    // The processes go on meanwhile.
    else if (what === "gc") world.beside(collectGarbage(world.store, { olderThan: null, dryRun: false }));
  }

  /** Some of what is asked of other processes is answered, now and then twice; also what is settled. */
  private async answer(times: number): Promise<void> {
    const { world } = this;
    for (const { id } of this.subjects) {
      if (times === 3 && isOver((await world.row(id)).status)) continue;
      for (const { key, topic, payload } of await world.store.listEffects({ program: id })) {
        if (topic !== "other" || (times < 3 && world.draw(3) === 0)) continue;
        for (let i = 0; i < times; i++) await world.answer(id, key, payload);
        if (times < 3 && world.draw(4) === 0) this.answerLate(id, key, payload);
      }
    }
  }

  /** The same answer once more, when the program has gone on, or is over. */
  private answerLate(id: string, key: string, payload: string): void {
    const { world } = this;
    this.count("late answers");
    world.clock.after(world.draw(LATE_MS), () => world.beside(world.answer(id, key, payload)));
  }

  private async rewind(subject: Subject): Promise<void> {
    const { position, base, turn, status } = await this.world.row(subject.id);
    if (position < 2 || isOver(status)) return;
    subject.isRewound = true;
    await this.world.rewind(subject.id, Math.max(1, base, 1 + this.world.draw(position)), turn);
  }

  private async fork({ id, name }: Subject): Promise<void> {
    const { world, subjects } = this;
    const row = await world.row(id);
    if (row.position < 2 || subjects.length > 14 || onceNames.includes(name)) return;
    const at = Math.max(1, row.base, 1 + world.draw(row.position));
    const context = { store: world.store, image: findImage, clock: world.clock, random: world.random };
    const order = { row, at, answers: new Map<string, string>(), pending: "resend" } as const;
    const fork = await forkProgram(context, order).catch((error: unknown) => {
      // At the end of a program nothing is left to go on.
      if (error instanceof FlowmetalError && error.code === "program/over" && isOver(row.status)) return null;
      throw error;
    });
    if (fork === null) return;
    // Its output begins where it does.
    subjects.push({ name, id: fork, isRewound: true });
  }

  /** Nothing goes wrong any more, except as planned; all must be over in time. */
  private async toItsEnd(faults: Faults = () => null): Promise<Simulated> {
    const { world } = this;
    world.faults = faults;
    while (world.isMixed && !world.living.some(({ sendsRequests }) => sendsRequests)) await world.begin();
    const deadline = world.clock.monotonic() + CALM_MS;
    while (!(await this.areOver()) && world.clock.monotonic() < deadline) {
      if (world.living.length === 0) await world.begin();
      await this.answer(3);
      await world.pass(50);
    }
    const ends = [];
    for (const subject of this.subjects) ends.push(await this.judge(subject));
    this.judgeOutside();
    await world.close();
    const { wrong, trace, commits } = world;
    return { ends, wrong, trace, commits, counts: { ...this.counts, arrivals: world.arrivals.length } };
  }

  private async areOver(): Promise<boolean> {
    for (const { id } of this.subjects) {
      const { status } = await this.world.row(id);
      if (!isOver(status) && status !== "faulted") return false;
    }
    return true;
  }

  private async judge({ name, id, isRewound }: Subject): Promise<End> {
    const { store, wrong } = this.world;
    const row = await this.world.row(id);
    const journal = await store.readJournal({ program: id });
    journal.forEach(({ position }, i) => {
      if (position !== i && row.base === 0) wrong.push(`${name}: entry ${i} of the journal has position ${position}`);
    });
    for (const hash of await this.world.missing(journal.map(({ body }) => body)))
      wrong.push(`${name}: ${hash} is gone`);
    const verified = await verifyReplay({ store, image: findImage }, row);
    if (!verified.same) wrong.push(`${name}: its journal does not replay: ${verified.why}`);
    const doubted = onceNames.includes(name) && row.error?.includes("effect/unknown") === true;
    if (row.status !== "done" && !doubted) wrong.push(`${name} ${id}: ${row.status} ${row.error ?? ""}`);
    const arrived = new Set(this.world.arrivals.map(({ key }) => key));
    const made = journal.flatMap(({ kind, body }) => (kind === "turn" ? decodeBody(kind, body).made : []));
    const sent = new Set(made.flatMap(({ key, topic }) => (topic === "other" ? [] : [key])));
    const answered = new Set<string>();
    for (const { kind, body } of journal) {
      if (kind !== "answer") continue;
      const { key, outcome } = decodeBody(kind, body);
      // An answer that is given instead may be the second, and is written down as stray.
      const isOnly = !isRewound && outcome !== "unknown" && !this.world.elsewhere.has(key);
      if (isOnly && answered.has(key)) wrong.push(`${name}: ${key} was answered twice`);
      answered.add(key);
      if (!sent.has(key) || this.world.elsewhere.has(key)) continue;
      // A doubt is no answer: it may be that nothing was sent.
      if (outcome === "unknown" && onceNames.includes(name)) continue;
      this.count("answers of connectors");
      if (!arrived.has(key)) wrong.push(`${name}: ${key} was answered unsent`);
    }
    const open = new Set((await store.readInbox({ program: id })).map(({ key }) => key));
    for (const { key } of this.world.delivered.filter((one) => one.id === id))
      if (!open.has(key) && !answered.has(key)) wrong.push(`${name}: ${key} was consumed and not taken in`);
    const chunks = await store.readOutput({ program: id });
    const output = chunks.map(({ text }) => text).join("");
    return { name, id, status: row.status, result: row.result, output, isRewound };
  }

  private judgeOutside(): void {
    const { arrivals, wrong } = this.world;
    const sent = new Set<string>();
    for (const { key, once } of arrivals) {
      if (once && sent.has(key)) wrong.push(`${key} was sent twice, at most once allowed`);
      sent.add(key);
    }
  }
}

const DISTURBANCES = [
  "nothing",
  "nothing",
  "kill",
  "pause",
  "forward",
  "back",
  "answer",
  "answer",
  "answer instead",
  "rewind",
  "fork",
  "gc",
] as const;

/** What the ends of a disturbed run have that an undisturbed one has not. */
export function differences({ ends, wrong }: Simulated, calm: Simulated): readonly string[] {
  const found = [...wrong];
  for (const { name, id, status, result, output, isRewound } of ends) {
    const want = calm.ends.find((end) => end.name === name)!;
    if (status !== "done") continue;
    if (result !== want.result) found.push(`${name} ${id}: result ${result}, not ${want.result}`);
    if (!isRewound && output !== want.output) found.push(`${name} ${id}: output ${output}, not ${want.output}`);
  }
  return found;
}
