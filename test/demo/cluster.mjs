// `npm run demo:cluster -- [--programs N] [--store URL] [--within MS] [--without takeover]`: interpreters in three processes share the
// programs of one store; one is killed. The last line has the figures, as JSON; exits 1 if anything is not as promised.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { register } from "tsx/esm/api";

const { values } = parseArgs({
  options: {
    programs: { type: "string", default: "1000" },
    /** Left out: an SQLite file in a folder that is removed afterwards. */
    store: { type: "string" },
    /** Milliseconds after which programs of the process that was killed have gone on elsewhere. */
    within: { type: "string", default: "2000" },
    /** Switches off what protects: then the demonstration must fail. */
    without: { type: "string" },
  },
});
const root = fileURLToPath(new URL("../../", import.meta.url));
execFileSync(process.execPath, ["src/build.mjs"], { cwd: root, stdio: "inherit" });
register();
const { runCluster } = await import("./cluster.ts");
const { failures, figures } = await runCluster({
  programs: Number(values.programs),
  store: values.store ?? null,
  without: values.without ?? null,
  within: Number(values.within),
  say: (line) => console.log(line),
});
for (const failure of failures) console.log(`FAILED: ${failure}`);
console.log(JSON.stringify(figures));
process.exit(failures.length > 0 ? 1 : 0);
