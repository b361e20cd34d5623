// What starting costs: the CPU time of `flowmetal eval -e 1` on an existing store above that of `node -e 0`.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpuOf, here } from "./child.mjs";
import { digits, summary, written } from "./stats.mjs";

const ROUNDS = 20;
const MOST_MS = 150;

/** Answers the lines to print and the bars that were missed. */
export async function startup() {
  const folder = await mkdtemp(join(tmpdir(), "flowmetal-bench-"));
  try {
    const environment = { FLOWMETAL_STORE: `sqlite:${join(folder, "store.db")}` };
    const evaluate = () => cpuOf(process.execPath, [here("../../bin/flowmetal"), "eval", "-e", "1"], environment);
    const nothing = () => cpuOf(process.execPath, ["-e", "0"]);
    // Makes the store, and fills the caches of the file system for both.
    await evaluate();
    await nothing();
    const samples = { evaluate: [], nothing: [] };
    for (let round = 0; round < ROUNDS; round++) {
      samples.evaluate.push(await evaluate());
      samples.nothing.push(await nothing());
    }
    return report(summary(samples.evaluate), summary(samples.nothing));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function report(evaluate, nothing) {
  const more = evaluate.median - nothing.median;
  return {
    lines: [
      `CPU of flowmetal eval -e 1: ${written(evaluate, " ms")}; of node -e 0: ${written(nothing, " ms")}; ` +
        `difference ${digits(more)} ms (bar: ${MOST_MS})`,
    ],
    missed: more > MOST_MS ? [`starting costs ${digits(more)} ms of CPU more than node, at most ${MOST_MS}`] : [],
  };
}
