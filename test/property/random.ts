// Many random programs, checked and counted: what the tests, the long tier and the mutants run.
import fc from "fast-check";
import type { Image } from "../../src/module/image.ts";
import { checkProgram, type Difference, type Effort } from "./check.ts";
import { type Feature, featuresOf, script } from "./programs.ts";

/** What is said about programs that all behave the same, however they are run; or about one that does not. */
export interface Finding {
  /** Of each program. */
  readonly ticks: readonly number[];
  /** Programs that awaited the answer of an effect, and got it. */
  readonly answered: number;
  /** Programs that use each feature. */
  readonly features: ReadonlyMap<Feature, number>;
  /** What differs, with the shortest program found that shows it; null: nothing. */
  readonly failure: string | null;
}

/** Checks `count` programs that follow from `seed`; `shrink`: looks for a shorter one when one fails. */
export function checkRandom(image: Image, seed: number, count: number, effort: Effort, shrink = true): Finding {
  const ticks: number[] = [];
  const features = new Map<Feature, number>();
  let answered = 0;
  let last: Difference | null = null;
  const property = fc.property(script, (text) => {
    const { outcome, difference } = checkProgram(image, text, seed, effort);
    last = difference ?? last;
    ticks.push(outcome.ticks);
    if (outcome.answers > 0) answered++;
    for (const feature of featuresOf(text)) features.set(feature, (features.get(feature) ?? 0) + 1);
    return difference === null;
  });
  const { failed, counterexample, counterexamplePath, errorInstance } = fc.check(property, {
    seed,
    numRuns: count,
    endOnFailure: !shrink,
  });
  if (!failed) return { ticks, answered, features, failure: null };
  const [text] = counterexample as [string];
  const found = errorInstance instanceof Error ? String(errorInstance.stack) : differenceText(last);
  const failure = `${found}\n\nin this program, of seed ${seed}, path ${counterexamplePath}:\n\n${text}\nTo keep it: add it to test/property/cases.ts.`;
  return { ticks, answered, features, failure };
}

/** A difference between two runs, for people. */
export function differenceText(difference: Difference | null): string {
  if (difference === null) return "no difference";
  const { mode, field, straight, other } = difference;
  const shown = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return `Run straight and run ${mode}, a program has another ${field}.\n  straight: ${shown(straight)}\n  ${mode}: ${shown(other)}`;
}

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
