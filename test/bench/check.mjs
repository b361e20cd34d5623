// What checking costs: the CPU time of `flowmetal check` over 10,000 lines of scripts, the start of node included.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpuOf, here } from "./child.mjs";
import { checkScripts } from "./check-scripts.mjs";
import { digits, summary, written } from "./stats.mjs";

const LINES = 10_000;
const LINES_PER_FILE = 1_000;
const ROUNDS = 5;
const MOST_MS = 2_000;

/** Answers the lines to print and the bars that were missed. */
export async function check() {
  const folder = await mkdtemp(join(tmpdir(), "flowmetal-bench-"));
  try {
    const files = checkScripts({ lines: LINES, perFile: LINES_PER_FILE });
    for (const [name, text] of files) await writeFile(join(folder, name), text);
    // --strict: a script that a checker finds fault with would end the benchmark.
    const once = () => cpuOf(process.execPath, [here("../../bin/flowmetal"), "check", "--strict", folder]);
    await once();
    const samples = [];
    for (let round = 0; round < ROUNDS; round++) samples.push(await once());
    return report(summary(samples));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function report(cpu) {
  return {
    lines: [`CPU of flowmetal check over ${LINES} lines: ${written(cpu, " ms")} (bar: ${MOST_MS})`],
    missed: cpu.median > MOST_MS ? [`checking takes ${digits(cpu.median)} ms of CPU, at most ${MOST_MS}`] : [],
  };
}
