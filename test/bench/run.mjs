// The benchmarks: npm run bench [-- --check] [-- --only NAME]. Prints figures with their bars; --check ends with 1 if one is missed.
//
// NAME is a program (fib, tak, nqueens, loop, strings, map-reduce, closures, ctak), one of the library (pipeline, assoc-shared,
// into-map, sort, join, group-by), startup, check, steps, snapshot or chunks; several may be given. Figures are medians, with the least and the greatest in brackets, of rounds taken in turns with what they are
// compared to: a machine that is busy for a while is then busy for both.
import { parseArgs } from "node:util";
import { builtImage, bundled } from "./bundle.mjs";
import { check } from "./check.mjs";
import { chunks } from "./chunks.mjs";
import { AGAINST_TAK, LIBRARY, library, PROGRAMS, programs } from "./programs.mjs";
import { snapshot } from "./snapshot.mjs";
import { startup } from "./startup.mjs";
import { steps } from "./steps.mjs";

const PARTS = {
  startup,
  check,
  steps: async () => steps({ driver: await bundled("steps-driver.ts"), image }),
  snapshot: async () => snapshot({ driver: await bundled("snapshot-driver.ts"), image }),
  chunks: async () => chunks({ driver: await bundled("chunks-driver.ts"), image }),
};
const NAMES = [...PROGRAMS, AGAINST_TAK, ...LIBRARY, ...Object.keys(PARTS)];

const { values: flags } = parseArgs({
  options: { check: { type: "boolean", default: false }, only: { type: "string", multiple: true, default: NAMES } },
});
const unknown = flags.only.filter((name) => !NAMES.includes(name));
if (unknown.length > 0) {
  console.error(`no benchmark is called ${unknown.join(", ")}; there are ${NAMES.join(", ")}`);
  process.exit(2);
}

const image = builtImage();
const missed = [];

async function run(title, measure) {
  console.log(title);
  const result = await measure();
  for (const line of result.lines) console.log(line.replace(/^/gm, "  "));
  missed.push(...result.missed);
}

const chosen = (names) => names.filter((name) => flags.only.includes(name));
for (const [title, names, measure] of [
  ["programs", chosen([...PROGRAMS, AGAINST_TAK]), programs],
  ["library", chosen(LIBRARY), library],
])
  if (names.length > 0) await run(title, async () => measure(names, { driver: await bundled("fm-driver.ts"), image }));
for (const [name, measure] of Object.entries(PARTS)) if (flags.only.includes(name)) await run(name, measure);

for (const line of missed) console.log(`missed: ${line}`);
if (missed.length === 0) console.log("every bar is met");
process.exitCode = flags.check && missed.length > 0 ? 1 : 0;
