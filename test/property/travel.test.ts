// Random programs, taken back and forked: the journal leads to the state (more of them: npm run test:long -- --only travel).
import { expect, test } from "vitest";
import { travelRandom } from "./travel.ts";

const SEED = Number(process.env["FLOWMETAL_TEST_SEED"] ?? 4);
/** Of the long tier; 0: the first programs only. */
const MINUTES = Number(process.env["FLOWMETAL_TEST_MINUTES"] ?? 0);

test(
  "programs that are taken back and forked have the state that their journals lead to",
  async () => {
    const { rewinds, forks, compared, strays } = await travelRandom(SEED, 16, 3);
    expect(Math.min(rewinds, forks)).toBeGreaterThan(30);
    expect(compared).toBeGreaterThan(20);
    expect(strays).toBeGreaterThan(5);
    const deadline = performance.now() + MINUTES * 60_000;
    const all = { programs: 16, rewinds, forks, compared, strays };
    let seed = SEED;
    while (performance.now() < deadline) {
      const done = await travelRandom(++seed, 10, 5);
      all.programs += 10;
      for (const key of ["rewinds", "forks", "compared", "strays"] as const) all[key] += done[key];
    }
    const told = `${all.rewinds} rewinds, ${all.forks} forks, ${all.compared} ends compared with the first, ${all.strays} strays`;
    if (MINUTES > 0) process.stdout.write(`${all.programs} random programs of seeds ${SEED} to ${seed}: ${told}\n`);
  },
  60_000 + MINUTES * 120_000,
);
