// The engine under load: npm run bench:engine [-- --check] [-- --part NAME] [-- --rounds N] [-- --small]. docs/benchmarks.md says what is
// measured and which bars there are; --check ends with 1 if one is missed. The last line has all figures, as JSON.
//
// --small takes a hundredth of the programs: to see that everything runs. Its figures are no figures.
import { parseArgs } from "node:util";
import { builtImage } from "./bundle.mjs";
import { chunks } from "./engine/chunks.mjs";
import { Databases } from "./engine/databases.mjs";
import { latency } from "./engine/latency.mjs";
import { many } from "./engine/many.mjs";
import { sequential } from "./engine/sequential.mjs";
import { ps } from "./engine/ps.mjs";
import { resume } from "./engine/resume.mjs";
import { waiting } from "./engine/waiting.mjs";
import { figureLines, missedOf } from "./figures.mjs";

const PARTS = { sequential, many, waiting, resume, latency, chunks, ps };
const NAMES = Object.keys(PARTS);

const { values: flags } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    part: { type: "string", multiple: true, default: NAMES },
    rounds: { type: "string", default: "5" },
    small: { type: "boolean", default: false },
  },
});
const unknown = flags.part.filter((name) => !NAMES.includes(name));
const rounds = Number(flags.rounds);
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  console.error(
    unknown.length > 0
      ? `no part is called ${unknown.join(", ")}; there are ${NAMES.join(", ")}`
      : "--rounds is a whole number from 1 on",
  );
  process.exit(2);
}

const context = { image: builtImage(), rounds, small: flags.small, databases: new Databases() };
const all = {};
const missed = [];
try {
  for (const name of NAMES.filter((one) => flags.part.includes(one))) {
    const { title, figures } = await PARTS[name](context);
    console.log(`${name}: ${title}\n${figureLines(figures).replace(/^/gm, "  ")}\n`);
    all[name] = figures;
    missed.push(...missedOf(figures).map((line) => `${name}: ${line}`));
  }
} finally {
  await context.databases.close();
}
for (const line of missed) console.log(`missed: ${line}`);
if (missed.length === 0) console.log("every bar is met");
console.log(JSON.stringify(all));
process.exitCode = flags.check && missed.length > 0 ? 1 : 0;
