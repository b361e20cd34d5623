// Runs of many fleets at one store, disturbed as seeds say (more of them: npm run test:long -- --only simulation).
import { beforeAll, expect, test } from "vitest";
import { programNames } from "./programs.ts";
import { differences, Simulation, type Simulated } from "./simulate.ts";
import type { Kind } from "./world.ts";

const SEED = Number(process.env["FLOWMETAL_TEST_SEED"] ?? 1);
/** Of the long tier; 0: the first runs only. */
const MINUTES = Number(process.env["FLOWMETAL_TEST_MINUTES"] ?? 0);
const STEPS = 40;
/**
 * Seeds that failed once; 5: a call that may be sent once only was answered by somebody else while its process died. What others showed
 * has tests of its own, as they run otherwise since there are more disturbances.
 */
const FAILED = [5];
const RUNS = 5;
/** In a file; a run takes longer there. */
const FILE_RUNS = 1;
let calm: Simulated;

beforeAll(async () => {
  calm = await Simulation.planned(programNames, () => null);
});

test("undisturbed, every program is done", () => {
  expect(calm.wrong).toEqual([]);
  expect(calm.ends.map(({ status }) => status)).toEqual(programNames.map(() => "done"));
});

async function disturb(kind: Kind, runs: number): Promise<void> {
  const deadline = performance.now() + MINUTES * 30_000;
  const totals: Record<string, number> = {};
  let seed = SEED;
  for (; seed < SEED + runs || performance.now() < deadline; seed++) {
    const ran = await Simulation.disturbed(seed, STEPS, kind);
    expect(differences(ran, calm), `seed ${seed}`).toEqual([]);
    for (const [what, count] of Object.entries(ran.counts)) totals[what] = (totals[what] ?? 0) + count;
  }
  process.stdout.write(`simulation (${kind}) of seeds ${SEED} to ${seed - 1}: ${JSON.stringify(totals)}\n`);
}

const TIMEOUT = 120_000 + MINUTES * 120_000;
test("disturbed, every program comes to the same end", () => disturb("memory", RUNS), TIMEOUT);
test("disturbed in a file, every program comes to the same end", () => disturb("sqlite", FILE_RUNS), TIMEOUT);

test.each(FAILED)("seed %d, which failed once", async (seed) => {
  expect(differences(await Simulation.disturbed(seed, STEPS), calm)).toEqual([]);
});

test("a seed says all that happens", async () => {
  const [first, second] = [await Simulation.disturbed(SEED, 15), await Simulation.disturbed(SEED, 15)];
  const parted = first.trace.findIndex((line, i) => line !== second.trace[i]);
  expect([parted, first.trace[parted], second.trace[parted]]).toEqual([-1, undefined, undefined]);
  expect(second.trace).toHaveLength(first.trace.length);
  expect(first.trace.length).toBeGreaterThan(20);
});
