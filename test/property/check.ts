// The master property: a program behaves the same however it is run. One function that says how two runs differ.
import type { Image } from "../../src/module/image.ts";
import { ReplayHost } from "../../src/interpreter/host.ts";
import { type Mode, type Outcome, replayProgram, runProgram } from "./world.ts";

/** A small generator of numbers below 2^32 (Lehmer, 48271 mod 2^31-1), so that cuts are the same for the same seed. */
export function numbers(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state;
  };
}

/** Restores after every tick for the first `dense`, then now and then, at most `most` times (S-27). */
export function restoring(seed: number, dense: number, most: number): Pick<Mode, "fuel" | "restore"> {
  const next = numbers(seed);
  let restores = 0;
  return {
    fuel: () => (restores < dense ? 1 : 1 + (next() % 50)),
    restore: () => restores++ < most,
  };
}

/** What a run in another mode does differently from the straight one; null: nothing. */
export interface Difference {
  readonly mode: string;
  readonly field: string;
  readonly straight: unknown;
  readonly other: unknown;
}

/** How much is tried for one program. */
export interface Effort {
  readonly dense: number;
  readonly most: number;
}

/** Runs a script in every mode and compares; also answers the straight outcome, for counting. */
export function checkProgram(
  image: Image,
  text: string,
  seed: number,
  effort: Effort,
): { readonly outcome: Outcome; readonly difference: Difference | null } {
  const straight = runProgram(image, text, { evaluator: "direct" });
  const twice = madeTwice(straight.outcome);
  if (twice !== null) return { outcome: straight.outcome, difference: twice };
  const { observations } = straight.record;
  const run = (mode: Mode) => runProgram(image, text, mode).outcome;
  // The straight run and one other compile; what the rest compile would only be the same again, and is most of the time they take.
  const modes: readonly (readonly [string, () => Outcome])[] = [
    ["generated", () => run({ evaluator: "generated", observed: observations })],
    ["cut by fuel", () => run({ evaluator: "mixed", observed: observations, ...cutting(seed) })],
    [
      "restored",
      () => run({ evaluator: "direct", observed: observations, ...restoring(seed, effort.dense, effort.most) }),
    ],
    ["restored, generated", () => run({ evaluator: "generated", ...restoring(seed + 1, 0, effort.most) })],
    ["replayed", () => replayProgram(image, text, straight.record, new ReplayHost(observations))],
  ];
  for (const [mode, run] of modes) {
    const difference = compare(mode, straight.outcome, run);
    if (difference !== null) return { outcome: straight.outcome, difference };
  }
  return { outcome: straight.outcome, difference: null };
}

/** An effect has a key of its own (E-3), whatever the program does. */
function madeTwice({ effects }: Outcome): Difference | null {
  const keys = effects.map((effect) => effect.split(" ")[0]);
  const twice = keys.filter((key, i) => keys.indexOf(key) !== i);
  return twice.length === 0 ? null : { mode: "once", field: "number of effects of a key", straight: 1, other: twice };
}

function cutting(seed: number): Pick<Mode, "fuel"> {
  const next = numbers(seed);
  return { fuel: () => 1 + (next() % 13) };
}

function compare(mode: string, straight: Outcome, run: () => Outcome): Difference | null {
  let other: Outcome;
  try {
    other = run();
  } catch (error) {
    return { mode, field: "error", straight: null, other: error instanceof Error ? error.stack : error };
  }
  for (const field of Object.keys(straight) as (keyof Outcome)[]) {
    const [a, b] = [straight[field], other[field]];
    if (JSON.stringify(a) !== JSON.stringify(b)) return { mode, field, straight: a, other: b };
  }
  return null;
}
