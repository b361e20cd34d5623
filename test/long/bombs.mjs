// Runs test/long/bombs.ts: `node test/long/bombs.mjs`. Prints what it found; exits 1 if anything failed.
import { fileURLToPath } from "node:url";
import { register } from "tsx/esm/api";

register();
const { runBombs } = await import("./bombs.ts");
const failures = await runBombs(fileURLToPath(new URL("../../", import.meta.url)), (line) => console.log(line));
for (const failure of failures) console.log(failure);
process.exit(failures.length > 0 ? 1 : 0);
