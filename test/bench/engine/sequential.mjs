// One program of a thousand steps, one after another: against the same rows by hand, on both databases.
import { bundled } from "../bundle.mjs";
import { here } from "../child.mjs";
import { figure } from "../figures.mjs";
import { stepRates } from "../steps.mjs";

const LEAST_RATIO = 0.7;

export async function sequential({ image, rounds, databases }) {
  const program = here("programs/steps.fm");
  const sqlite = await stepRates([await bundled("steps-driver.ts"), image, program], rounds);
  const server = await databases.postgres();
  const postgresDriver = await bundled("engine/postgres-driver.ts");
  const postgres = await stepRates([postgresDriver, image, program, here("programs/some-steps.fm"), server], rounds);
  return {
    title: "one program, a thousand sequential steps",
    figures: [...figuresOf("SQLite", sqlite), ...figuresOf("PostgreSQL", postgres)],
  };
}

function figuresOf(database, { engine, control, floor, single }) {
  const against = (what, samples, bar = null) =>
    figure({ name: `${database}, steps a second (control: ${what})`, samples: engine, control: samples, bar });
  return [
    against("a transaction of plain statements", control, { least: LEAST_RATIO }),
    against("one statement a commit", floor),
    against("commits of one row", single),
  ];
}
