// How many steps a second the engine commits, against the same rows committed by hand, committed bare, and commits of one row.
import { Driver, here } from "./child.mjs";
import { digits, summary, written } from "./stats.mjs";

const ROUNDS = 7;
/** Rounds before, which are not counted: they warm the code of all, and the file system. */
const WARM_UP = 3;
const LEAST_RATIO = 0.7;
const WAYS = ["engine", "control", "floor", "single"];

/** Answers the lines to print and the bars that were missed. */
export async function steps({ driver, image }) {
  const rates = await stepRates([driver, image, here("programs/steps.fm")], ROUNDS);
  return report(Object.fromEntries(WAYS.map((way) => [way, summary(rates[way])])));
}

/** Samples of steps a second, by way; `args`: of the driver that is asked. */
export async function stepRates(args, rounds) {
  const asked = new Driver(process.execPath, args);
  const rates = { engine: [], control: [], floor: [], single: [] };
  try {
    for (let round = 0; round < WARM_UP; round++) for (const way of WAYS) await asked.ask({ way });
    for (let round = 0; round < rounds; round++) {
      for (const way of WAYS) {
        const { commits, ms } = await asked.ask({ way });
        rates[way].push((commits / ms) * 1000);
      }
    }
  } finally {
    asked.close();
  }
  return rates;
}

function report({ engine, control, floor, single }) {
  const ratio = engine.median / control.median;
  return {
    lines: [
      `steps a second at synchronous=FULL: ${written(engine, "")}`,
      `the same rows, a transaction of plain statements: ${written(control, "")}; ratio ${digits(ratio)} (bar: ${LEAST_RATIO})`,
      `the same rows, one bare statement a commit: ${written(floor, "")}; ratio ${digits(engine.median / floor.median)}`,
      `commits of one row: ${written(single, "")}; ratio ${digits(engine.median / single.median)}`,
    ],
    missed: ratio < LEAST_RATIO ? [`steps reach ${digits(ratio)} of the control, at least ${LEAST_RATIO}`] : [],
  };
}
