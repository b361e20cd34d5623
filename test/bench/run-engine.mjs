// The engine under load: npm run bench:engine [-- --check]. Medians of five rounds, each taken in turns with its control; --check ends with 1
// if a bar is missed.
import { parseArgs } from "node:util";
import { builtImage, bundled } from "./bundle.mjs";
import { Driver, here } from "./child.mjs";
import { digits, summary, written } from "./stats.mjs";

const ROUNDS = 5;
const PROGRAMS = 1_000;
const STEPS = 10;
const LEAST_RATIO = 0.5;
/** Steps a second that are asked for where the raw database writes so many rows a second in batches of a thousand. */
const LEAST_RATE = 4_000;
const ROWS_RATE = 100_000;

const { values: flags } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const asked = new Driver(process.execPath, [
  await bundled("engine-driver.ts"),
  builtImage(),
  here("programs/some-steps.fm"),
]);
const figures = { rate: [], ratio: [], batches: [], cpu: [], rows: [] };
try {
  for (let round = -1; round < ROUNDS; round++) {
    const engine = await asked.ask({ way: "many", programs: PROGRAMS, steps: STEPS });
    const control = await asked.ask({ way: "rows" });
    const raw = await asked.ask({ way: "raw" });
    // The first round warms the code of all.
    if (round < 0) continue;
    figures.rate.push((engine.steps / engine.ms) * 1000);
    figures.ratio.push(control.ms / engine.ms);
    figures.batches.push(engine.commits);
    figures.cpu.push((engine.cpu / engine.steps) * 1000);
    figures.rows.push((raw.steps / raw.ms) * 1000);
  }
} finally {
  asked.close();
}
const { rate, ratio, batches, cpu, rows } = Object.fromEntries(
  Object.entries(figures).map(([name, values]) => [name, summary(values)]),
);
const wanted = (LEAST_RATE * rows.median) / ROWS_RATE;
console.log(`${PROGRAMS} programs of ${STEPS} steps in one process, SQLite at synchronous=FULL
  steps a second, from the first claim to the last end: ${written(rate, "")} (bar: ${digits(wanted)})
  of the same rows in the same batches by hand: ${written(ratio, "")} (bar: ${LEAST_RATIO})
  commits: ${written(batches, "")}; CPU a step, in us: ${written(cpu, "")}
  rows a second in batches of a thousand: ${written(rows, "")}`);
const missed = [
  ...(rate.median < wanted ? [`${digits(rate.median)} steps a second, at least ${digits(wanted)}`] : []),
  ...(ratio.median < LEAST_RATIO ? [`${digits(ratio.median)} of the control, at least ${LEAST_RATIO}`] : []),
];
for (const line of missed) console.log(`missed: ${line}`);
if (missed.length === 0) console.log("every bar is met");
process.exitCode = flags.check && missed.length > 0 ? 1 : 0;
