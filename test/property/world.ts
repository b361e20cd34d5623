// Runs a program on a machine without store or clock: everything outside answers by a fixed rule, so that runs can be compared.
import { newEntry } from "../../src/journal/codec.ts";
import type { NewEntry, Observation } from "../../src/journal/entry.ts";
import { seededRandom } from "../../src/base/random.ts";
import { encodeTagged } from "../../src/data/tagged.ts";
import { LiveHost, ReplayHost, SwitchedHost } from "../../src/interpreter/host.ts";
import { begin, deliver } from "../../src/interpreter/delivery.ts";
import type { Host } from "../../src/machine/host.ts";
import { Machine } from "../../src/machine/machine.ts";
import type { Image } from "../../src/module/image.ts";
import { ProgramLibrary } from "../../src/module/library.ts";
import type { SearchPath } from "../../src/module/search-path.ts";
import { decodeSnapshot, encodeSnapshot, stateHash } from "../../src/snapshot/snapshot.ts";
import { Source } from "../../src/source/source.ts";

const ID = "01h00000000000000000000000";
/** A program that runs longer than this is taken to be endless: the generator makes none. */
const TICKS_MAX = 200_000;
/** Every how manieth snapshot is written again once it was read: what differs shows in the last state otherwise. */
const TWICE = 8;

/** Everything about a run that two runs of the same program must have in common. */
export interface Outcome {
  readonly status: string;
  readonly result: string;
  readonly output: string;
  /** Key, kind and payload of each effect, in the order they were made. */
  readonly effects: readonly string[];
  readonly answers: number;
  readonly ticks: number;
  /** Of the last state. */
  readonly hash: string;
}

export interface Mode {
  readonly evaluator: "direct" | "generated" | "mixed";
  readonly stackBytesMax?: number;
  /** Fuel of the next slice; default: no cuts. */
  readonly fuel?: () => number;
  /** Whether to write the machine down and read it back after this slice; `slice` counts from 0. */
  readonly restore?: (slice: number) => boolean;
  /** Where the program finds modules in files. */
  readonly modules?: SearchPath;
  /** What an earlier run observed: given instead of looking again, which must be in the same order. */
  readonly observed?: readonly Observation[];
}

/** What a run leaves to be replayed: the inputs as entries, and everything observed. */
export interface Record {
  readonly inputs: readonly NewEntry[];
  readonly observations: readonly Observation[];
}

/** A program that ran, its outcome and its journal. */
export interface Ran {
  readonly outcome: Outcome;
  readonly record: Record;
}

/** The `start` entry of a source. */
function startOf(image: Image, source: Source) {
  return {
    source: source.hash,
    name: source.name,
    args: '["v"]',
    image: image.hash,
    versions: ["0", "0", "0"] as const,
  };
}

/** Runs a program to its end. */
export function runProgram(image: Image, text: string, mode: Mode): Ran {
  const source = new Source("random.fm", text);
  const library = new ProgramLibrary(image);
  let clock = 1_000_000;
  const { modules } = mode;
  const world = { now: () => clock++, random: seededRandom("world"), ...(modules === undefined ? {} : { modules }) };
  const live = new LiveHost(world, library, new Map([[source.hash, source]]));
  const host = mode.observed === undefined ? live : new ReplayHost(mode.observed);
  let machine = newMachine(library, host, mode);
  begin(machine, ID, startOf(image, source));
  const inputs: NewEntry[] = [];
  const effects: string[] = [];
  const waiting: string[] = [];
  let output = "";
  let answers = 0;
  let slices = 0;
  for (;;) {
    const result = machine.run(mode.fuel?.() ?? TICKS_MAX);
    for (const { key, kind, payload } of machine.outbox.splice(0)) {
      effects.push(`${key} ${kind} ${payload}`);
      waiting.push(key);
    }
    output += machine.printed
      .splice(0)
      .map((chunk) => chunk.text)
      .join("");
    if (machine.state.ticks > TICKS_MAX) throw new Error("the program does not come to an end");
    if (machine.status() === "done") break;
    if (mode.restore?.(slices) === true) machine = restored(machine, library, host, mode, slices % TWICE === 0);
    slices++;
    if (result === "cut") continue;
    const input = nextInput(machine, waiting, answers);
    if (input === null) break;
    if (input.kind === "answer") answers++;
    else clock = Math.max(clock, machine.state.timers[0].due);
    inputs.push(input);
    deliver(machine, input.kind, input.body);
  }
  const { observations } = live.take();
  return { outcome: outcomeOf(machine, output, effects, answers), record: { inputs, observations } };
}

function newMachine(library: ProgramLibrary, host: Host, mode: Mode): Machine {
  return new Machine(library, new SwitchedHost(host), {
    evaluator: mode.evaluator,
    ...(mode.stackBytesMax === undefined ? {} : { stackBytesMax: mode.stackBytesMax }),
  });
}

/** The program on another machine, by way of its snapshot; `twice`: what was read must also be written the same. */
function restored(machine: Machine, library: ProgramLibrary, host: Host, mode: Mode, twice: boolean): Machine {
  const { text, hash } = encodeSnapshot(machine.state);
  const fresh = newMachine(library, host, mode);
  fresh.adopt(decodeSnapshot(text, fresh));
  if (!twice) return fresh;
  const again = encodeSnapshot(fresh.state);
  if (again.text !== text || again.hash !== hash) throw new Error("a snapshot read and written again is another one");
  return fresh;
}

/** Effects are answered in the order they were made, every fifth with a failure; then timers. */
function nextInput(machine: Machine, waiting: string[], answers: number): NewEntry | null {
  const key = waiting.shift();
  if (key !== undefined) {
    const failed = answers % 5 === 4;
    const body = failed ? '{"type":"test/failed","message":"no","data":null}' : String(answers + 1);
    return newEntry("answer", { key, outcome: failed ? "error" : "ok", body });
  }
  const timer = machine.state.timers[0];
  return timer === undefined ? null : newEntry("timer", { ref: timer.event.id, due: timer.due, now: timer.due });
}

function outcomeOf(machine: Machine, output: string, effects: readonly string[], answers: number): Outcome {
  const { control } = machine.state.main;
  const stopped = [...machine.state.tasks.values()].find((task) => task.control.kind === "fault")?.control;
  const value = control.kind === "done" ? control.value : stopped?.kind === "fault" ? stopped.error : null;
  return {
    status: machine.status(),
    result: encodeTagged(value),
    output,
    effects,
    answers,
    ticks: machine.state.ticks,
    hash: stateHash(machine.state),
  };
}

/** Runs a program again from what an earlier run recorded, and nothing else. */
export function replayProgram(image: Image, text: string, record: Record, host: Host): Outcome {
  const source = new Source("random.fm", text);
  const library = new ProgramLibrary(image);
  const machine = new Machine(library, host, { evaluator: "mixed" });
  begin(machine, ID, startOf(image, source));
  // Replay never compiles (S-2): the units are those the first run left, which decoding finds by hash in the process.
  const effects: string[] = [];
  let output = "";
  const take = () => {
    machine.run(TICKS_MAX);
    effects.push(...machine.outbox.splice(0).map(({ key, kind, payload }) => `${key} ${kind} ${payload}`));
    output += machine.printed
      .splice(0)
      .map((chunk) => chunk.text)
      .join("");
  };
  take();
  for (const { kind, body } of record.inputs) {
    deliver(machine, kind, body);
    take();
  }
  const answers = record.inputs.filter((input) => input.kind === "answer").length;
  return outcomeOf(machine, output, effects, answers);
}
