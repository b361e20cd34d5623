// Programs of the language against their idiomatic Python twins, timed inside both processes, in turns.
import { Driver, here } from "./child.mjs";
import { digits, geometricMean, summary, table, written } from "./stats.mjs";

/** Each has a .fm and a .py file in programs/. */
export const PROGRAMS = ["fib", "tak", "nqueens", "loop", "strings", "map-reduce", "closures"];
/** The core library at work, judged by a mean of its own. */
export const LIBRARY = ["pipeline", "assoc-shared", "into-map", "sort", "join", "group-by"];
/** Judged against tak of the same run, not against Python, which has no continuations. */
export const AGAINST_TAK = "ctak";

const ROUNDS = 7;
const WARM_UP_MS = 1_000;
/** A round calls main until this much has passed: short programs are timed over many calls. */
const LEAST_MS = 150;
const WORST_RATIO = 2;
const WORST_MEAN = 1;
const WORST_CTAK = 20;
const WORST_LIBRARY_MEAN = 2;
const WORST_INTO = 4;

/** Runs the named programs. Answers the lines to print and the bars that were missed. */
export async function programs(names, { driver, image }) {
  const results = new Map();
  const wanted = new Set(names);
  if (wanted.has(AGAINST_TAK)) wanted.add("tak");
  for (const name of [...PROGRAMS, AGAINST_TAK].filter((name) => wanted.has(name)))
    results.set(name, await compare(name, driver, image));
  return report(results);
}

/** Runs the named programs of the library. */
export async function library(names, { driver, image }) {
  const results = new Map();
  for (const name of names) results.set(name, await compare(name, driver, image));
  const lines = [comparison(results)];
  const missed = [];
  const into = results.get("into-map");
  if (into !== undefined && into.ratio > WORST_INTO)
    missed.push(`into-map takes ${digits(into.ratio)} times as long as Python, at most ${WORST_INTO}`);
  if (results.size === LIBRARY.length) {
    const mean = geometricMean([...results.values()].map(({ ratio }) => ratio));
    lines.push(
      `geometric mean against Python: ${digits(mean)} (bar: ${WORST_LIBRARY_MEAN}; into-map alone: ${WORST_INTO})`,
    );
    if (mean > WORST_LIBRARY_MEAN)
      missed.push(`the library's geometric mean against Python is ${digits(mean)}, at most ${WORST_LIBRARY_MEAN}`);
  }
  return { lines, missed };
}

/** The rounds of one program in both languages, in turns. */
async function compare(name, driver, image) {
  const drivers = {
    flowmetal: new Driver(process.execPath, ["--expose-gc", driver, image, here(`programs/${name}.fm`)]),
    python: new Driver("python3", [here("py-driver.py"), here(`programs/${name}.py`)]),
  };
  const times = { flowmetal: [], python: [] };
  const values = new Set();
  try {
    for (const process of Object.values(drivers)) await process.ask({ least: WARM_UP_MS });
    for (let round = 0; round < ROUNDS; round++) {
      for (const [language, process] of Object.entries(drivers)) {
        const { calls, ms, value } = await process.ask({ least: LEAST_MS });
        times[language].push(ms / calls);
        values.add(value);
      }
    }
  } finally {
    for (const process of Object.values(drivers)) process.close();
  }
  if (values.size !== 1) throw new Error(`${name}: the two languages disagree: ${[...values].join(" and ")}`);
  const flowmetal = summary(times.flowmetal);
  const python = summary(times.python);
  return { flowmetal, python, ratio: flowmetal.median / python.median, value: [...values][0] };
}

function comparison(results) {
  const rows = [["program", "flowmetal ms", "python ms", "ratio"]];
  for (const [name, { flowmetal, python, ratio }] of results)
    rows.push([name, written(flowmetal, ""), written(python, ""), digits(ratio)]);
  return table(rows);
}

function report(results) {
  const lines = [comparison(results)];
  const missed = [];
  const judged = [...results].filter(([name]) => name !== AGAINST_TAK);
  for (const [name, { ratio }] of judged)
    if (ratio > WORST_RATIO)
      missed.push(`${name} takes ${digits(ratio)} times as long as Python, at most ${WORST_RATIO}`);
  if (judged.length === PROGRAMS.length) {
    const mean = geometricMean(judged.map(([, { ratio }]) => ratio));
    lines.push(`geometric mean against Python: ${digits(mean)} (bar: ${WORST_MEAN})`);
    if (mean > WORST_MEAN) missed.push(`the geometric mean against Python is ${digits(mean)}, at most ${WORST_MEAN}`);
  }
  const ctak = results.get(AGAINST_TAK);
  if (ctak !== undefined) {
    const times = ctak.flowmetal.median / results.get("tak").flowmetal.median;
    lines.push(`ctak against tak: ${digits(times)} (bar: ${WORST_CTAK})`);
    if (times > WORST_CTAK) missed.push(`ctak takes ${digits(times)} times as long as tak, at most ${WORST_CTAK}`);
  }
  return { lines, missed };
}
