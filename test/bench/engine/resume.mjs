// Going on after kill -9: how long it takes, by the length of the history, and what is read for it.
import { bundled } from "../bundle.mjs";
import { Driver, here } from "../child.mjs";
import { figure } from "../figures.mjs";
import { digits } from "../stats.mjs";

const LENGTHS = [100, 1_000, 10_000, 100_000, 1_000_000];
const SMALL = [100, 1_000, 10_000];
const ROUNDS = 15;
/** Programs that are resumed first, and warm the code. */
const WARM = 3;
const MOST = { factor: 1.2, ms: 5 };
/** A dead process's lease is over after this. */
const LEASE_MS = 1_700;

export async function resume({ image, small, databases }) {
  const [lengths, rounds] = small ? [SMALL, 3] : [LENGTHS, ROUNDS];
  const url = databases.sqlite();
  const args = [await bundled("engine/resume-driver.ts"), image, here("programs/history.fm"), url];
  const samples = lengths.map(() => ({ ms: [], rows: [] }));
  let owner = new Driver(process.execPath, args);
  try {
    const { programs } = await owner.ask({ way: "build", lengths: [...Array(WARM).fill(lengths[0]), ...lengths] });
    for (let round = 0; round < rounds; round++) {
      owner.close("SIGKILL");
      await new Promise((resolve) => setTimeout(resolve, LEASE_MS));
      owner = new Driver(process.execPath, args);
      // Each round begins with another one: what is resumed first still pays for code that is cold.
      const order = lengths.map((_, i) => (i + round) % lengths.length);
      const ids = order.map((i) => programs[WARM + i]);
      const measured = await owner.ask({ way: "resume", programs: [...programs.slice(0, WARM), ...ids] });
      order.forEach((which, i) => {
        samples[which].ms.push(measured[WARM + i].ms);
        samples[which].rows.push(measured[WARM + i].rows);
      });
    }
  } finally {
    owner.close("SIGKILL");
    databases.drop(url);
  }
  return {
    title: "from the claim of a program whose process was killed to its next turn, SQLite",
    figures: figuresOf(lengths, samples),
  };
}

function figuresOf(lengths, samples) {
  const [shortest] = samples;
  const least = figure({ name: "", samples: shortest.ms }).value.median;
  const most = Math.max(least * MOST.factor, least + MOST.ms);
  return lengths.flatMap((length, i) => [
    figure({
      name: `after ${length} entries (control: ${lengths[0]})`,
      unit: "ms",
      samples: samples[i].ms,
      control: shortest.ms,
      bar: i === 0 ? null : { of: "value", most: Number(digits(most)) },
    }),
    figure({
      name: `rows read, after ${length}`,
      samples: samples[i].rows,
      control: shortest.rows,
      bar: i === 0 ? null : { most: 1, least: 1 },
    }),
  ]);
}
