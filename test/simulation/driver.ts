// Simulates seeds in a process of its own until one goes wrong: `node driver.mjs FIRST RUNS STEPS`; exits 1 then, and says why.
import { programNames } from "./programs.ts";
import { differences, Simulation } from "./simulate.ts";

const [first, runs, steps] = process.argv.slice(2).map(Number) as [number, number, number];

async function failureOf(): Promise<string | null> {
  const calm = await Simulation.planned(programNames, () => null);
  if (calm.wrong.length > 0) return `undisturbed: ${calm.wrong[0]}`;
  for (let seed = first; seed < first + runs; seed++) {
    const found = differences(await Simulation.disturbed(seed, steps), calm);
    if (found.length > 0) return `seed ${seed}: ${found.join("; ")}`;
  }
  return null;
}

process.on("unhandledRejection", (error) => {
  process.stdout.write(`unhandled: ${String(error)}\n`);
  process.exit(1);
});
const failure = await failureOf().catch((error: unknown) => String((error as Error).stack));
if (failure !== null) process.stdout.write(`${failure}\n`);
process.exit(failure === null ? 0 : 1);
