// A thousand programs of ten steps in one process: against the same rows in the same batches by hand, and against bare rows.
import { bundled } from "../bundle.mjs";
import { Driver, here } from "../child.mjs";
import { figure } from "../figures.mjs";
import { summary } from "../stats.mjs";

const PROGRAMS = 1_000;
const STEPS = 10;
const LEAST_RATIO = 0.5;
/** Steps a second that are asked for where the raw database writes so many rows a second in batches of a thousand. */
const LEAST_RATE = 4_000;
const ROWS_RATE = 100_000;

export async function many({ image, rounds, small, databases }) {
  const programs = small ? PROGRAMS / 100 : PROGRAMS;
  const someSteps = here("programs/some-steps.fm");
  const sqlite = [await bundled("engine-driver.ts"), image, someSteps];
  const server = await databases.postgres();
  const postgres = [await bundled("engine/postgres-driver.ts"), image, here("programs/steps.fm"), someSteps, server];
  const figures = [];
  for (const [database, args] of Object.entries({ SQLite: sqlite, PostgreSQL: postgres }))
    figures.push(...figuresOf(database, await samplesOf(args, rounds, programs)));
  return { title: `${programs} programs of ${STEPS} steps in one process`, figures };
}

async function samplesOf(args, rounds, programs) {
  const asked = new Driver(process.execPath, args);
  const samples = { rate: [], control: [], batches: [], cpu: [], rows: [] };
  try {
    // The first round warms the code of all.
    for (let round = -1; round < rounds; round++) {
      const engine = await asked.ask({ way: "many", programs, steps: STEPS });
      const control = await asked.ask({ way: "rows" });
      const raw = await asked.ask({ way: "raw" });
      if (round < 0) continue;
      samples.rate.push((engine.steps / engine.ms) * 1000);
      samples.control.push((engine.steps / control.ms) * 1000);
      samples.batches.push(engine.commits);
      samples.cpu.push((engine.cpu / engine.steps) * 1000);
      samples.rows.push((raw.steps / raw.ms) * 1000);
    }
  } finally {
    asked.close();
  }
  return samples;
}

function figuresOf(database, { rate, control, batches, cpu, rows }) {
  const wanted = (LEAST_RATE * summary(rows).median) / ROWS_RATE;
  return [
    figure({
      name: `${database}, steps a second (control: the same batches by hand)`,
      samples: rate,
      control,
      bar: { least: LEAST_RATIO },
    }),
    figure({
      name: `${database}, steps a second (control: rows a second in batches of a thousand)`,
      samples: rate,
      control: rows,
      bar: { of: "value", least: wanted },
    }),
    figure({ name: `${database}, CPU a step`, unit: "us", samples: cpu }),
    figure({ name: `${database}, commits`, samples: batches }),
  ];
}
