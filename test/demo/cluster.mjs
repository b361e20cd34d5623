// `npm run demo:cluster -- [--programs N] [--store URL] [--within MS] [--without takeover]`: interpreters in three processes share the
// programs of one store, first on PostgreSQL, then on SQLite; one is killed. The last line has the figures, as JSON; exits 1 if anything is
// not as promised.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { register } from "tsx/esm/api";

const { values } = parseArgs({
  options: {
    programs: { type: "string", default: "1000" },
    /** Left out: a PostgreSQL server of its own, then an SQLite file, in folders that are removed afterwards. */
    store: { type: "string" },
    /** Milliseconds after which programs of the process that was killed have gone on elsewhere. */
    within: { type: "string", default: "2000" },
    /** Switches off what protects, on SQLite: then the demonstration must fail. */
    without: { type: "string" },
  },
});
const root = fileURLToPath(new URL("../../", import.meta.url));
execFileSync(process.execPath, ["src/build.mjs"], { cwd: root, stdio: "inherit" });
register();
const { runCluster } = await import("./cluster.ts");
const { withDatabase } = await import("./database.ts");

/** The demonstration on one store; null: an SQLite file. */
async function on(store) {
  const { failures, figures } = await runCluster({
    programs: Number(values.programs),
    store,
    without: values.without ?? null,
    within: Number(values.within),
    say: (line) => console.log(line),
  });
  for (const failure of failures) console.log(`FAILED: ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
  return figures;
}

const isOne = values.store !== undefined || values.without !== undefined;
const figures = isOne ? await on(values.store ?? null) : { postgres: await withDatabase(on), sqlite: await on(null) };
console.log(JSON.stringify(figures));
