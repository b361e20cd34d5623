// Real snapshots with one place changed, and what becomes of a program that wakes up with it.
import fc from "fast-check";
import { FlowmetalError } from "../../src/base/errors.ts";
import { Machine } from "../../src/machine/machine.ts";
import { decodeSnapshot, encodeSnapshot } from "../../src/snapshot/snapshot.ts";
import { handNext, machineOf, restart, type Taken } from "./sleepers.ts";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** One place of a JSON text: what holds it, and under which key. */
interface Place {
  readonly holder: Json[] | { [name: string]: Json };
  readonly key: string | number;
}

function placesOf(root: Json): Place[] {
  const places: Place[] = [];
  const open: Json[] = [root];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (typeof at !== "object" || at === null) continue;
    const keys = Array.isArray(at) ? at.keys() : Object.keys(at);
    for (const key of keys) {
      places.push({ holder: at, key });
      open.push((at as Json[])[key as number]);
    }
  }
  return places;
}

const at = ({ holder, key }: Place): Json => (holder as Json[])[key as number];
function put({ holder, key }: Place, value: Json): void {
  (holder as Json[])[key as number] = value;
}

/** What may stand anywhere instead of what is there. */
const STRANGE: readonly Json[] = [
  null,
  true,
  0,
  -1,
  7,
  1e300,
  2 ** 53 - 1,
  "",
  "x",
  [],
  ["v"],
  ["v", 1],
  ["l", 1, 2],
  ["k", "a"],
  ["cleared"],
  ["unbound"],
  ["ref", 1],
  ["ref", 3],
  ["n", 0],
  ["n", 5],
  ["fn", 0],
  ["r", 0, 9007199254740991, 1],
  ["e", ["k", "a"], "m", null, null, null],
  ["f", "NaN"] as Json[],
  ["v", "exit", 1],
  ["v", "call", 1, 2],
  {},
];

export const HOW = ["replace", "delete", "swap", "copy", "renumber", "repeat"] as const;

/** A change of a snapshot: which place (taken modulo their number), how, and a second number for it. */
export interface Damage {
  readonly place: number;
  readonly how: (typeof HOW)[number];
  readonly other: number;
}

/** The text with one place changed. */
export function damaged(text: string, { place, how, other }: Damage): string {
  const root = JSON.parse(text) as Json;
  const places = placesOf(root);
  const here = places[place % places.length];
  const there = places[other % places.length];
  const value = at(here);
  switch (how) {
    case "replace":
      put(here, STRANGE[other % STRANGE.length]);
      break;
    case "delete":
      if (Array.isArray(here.holder)) here.holder.splice(here.key as number, 1);
      else delete here.holder[here.key];
      break;
    case "swap":
      if (isInside(value, there.holder as Json) || isInside(at(there), here.holder as Json)) break;
      put(here, at(there));
      put(there, value);
      break;
    case "copy":
      put(here, structuredClone(at(there)));
      break;
    case "renumber": {
      const numbers = places.filter((one) => typeof at(one) === "number");
      const number = numbers[place % numbers.length];
      put(number, (at(number) as number) + (other % 2 === 0 ? 1 : -1) * (1 + ((other >> 1) % 4)));
      break;
    }
    case "repeat":
      if (Array.isArray(here.holder)) here.holder.splice(here.key as number, 0, structuredClone(value));
      break;
  }
  return JSON.stringify(root);
}

/** Whether a collection is in `whole` or is it: swapped, the two would be in each other. */
function isInside(whole: Json, part: Json): boolean {
  const open: Json[] = [whole];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (one === part) return true;
    if (typeof one === "object" && one !== null) open.push(...Object.values(one));
  }
  return false;
}

/** Errors that say what is wrong with a snapshot, or with the code it names. */
const REFUSALS = /^(snapshot|code|image)\//;

/** Decodes, and lets the program run on for a while. Answers whether it was refused; throws what no program may meet. */
function wakes({ source, library }: Taken, text: string, evaluator: "direct" | "generated"): "refused" | "ran" {
  const machine = machineOf(source, library, evaluator);
  try {
    machine.adopt(decodeSnapshot(text, machine));
  } catch (error) {
    if (error instanceof FlowmetalError && REFUSALS.test(error.code)) return "refused";
    throw error;
  }
  goOn(machine);
  return "ran";
}

/** Runs on with answers and restarts, and writes the state down again and again; it must be read as what was written. */
function goOn(machine: Machine): void {
  try {
    for (let count = 0; count < 12; count++) {
      checkWritten(machine);
      const result = machine.run(count < 6 ? 17 : 1_000);
      machine.outbox = [];
      if (machine.status() === "done") return;
      if (result === "idle" && !handNext(machine, count)) restart(machine, count % 2 === 0 ? "use-value" : "retry");
    }
    checkWritten(machine);
  } catch (error) {
    if (!(error instanceof FlowmetalError && REFUSALS.test(error.code))) throw error;
    if (error.code.startsWith("snapshot/") && error.code !== "snapshot/too-large") throw error;
  }
}

function checkWritten(machine: Machine): void {
  const { text, hash } = encodeSnapshot(machine.state);
  const fresh = new Machine(machine.library, machine.host);
  const again = encodeSnapshot(decodeSnapshot(text, fresh));
  if (again.text !== text || again.hash !== hash) throw new Error("a snapshot read and written again is another one");
}

/** What came of many changes. */
export interface Finding {
  readonly refused: number;
  readonly ran: number;
  /** What no program may meet, with the change that led to it; null: nothing. */
  readonly failure: string | null;
}

/** Tries changes that follow from `seed`: so many, or as many as there is time for. */
export function tryDamage(taken: readonly Taken[], seed: number, count: number, milliseconds = 60_000): Finding {
  const found = { refused: 0, ran: 0 };
  const change = fc.record({
    which: fc.nat(taken.length - 1),
    place: fc.nat(),
    how: fc.constantFrom(...HOW),
    other: fc.nat(),
    evaluator: fc.constantFrom("direct" as const, "generated" as const),
  });
  const property = fc.property(change, ({ which, evaluator, ...damage }) => {
    found[wakes(taken[which], damaged(taken[which].text, damage), evaluator)]++;
  });
  const { failed, counterexample, errorInstance } = fc.check(property, {
    seed,
    numRuns: count,
    interruptAfterTimeLimit: milliseconds,
    endOnFailure: true,
  });
  if (!failed) return { ...found, failure: null };
  const [{ which, ...damage }] = counterexample as [{ which: number } & Damage];
  const stack = errorInstance instanceof Error ? String(errorInstance.stack) : String(errorInstance);
  const text = damaged(taken[which].text, damage);
  return {
    ...found,
    failure: `${stack}\n\nwith ${JSON.stringify(damage)} on snapshot ${which}, seed ${seed}:\n${text}`,
  };
}
