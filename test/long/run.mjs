// The long tier: `npm run test:long -- [--seed N] [--minutes M] [--only kills|examples|programs|travel|nodes|drivers|snapshots|fleet|bombs|simulation|model|boundaries|decoders]`. Prints its seed, so that what fails can be
// run again; exits 1 if anything failed.
import { execFileSync } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { register } from "tsx/esm/api";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Math.floor(Math.random() * 1_000_000)) },
    minutes: { type: "string", default: "5" },
    only: { type: "string" },
  },
});
const root = fileURLToPath(new URL("../../", import.meta.url));

/** A number given as a flag, from `least` on. */
function number(flag, least) {
  const value = Number(values[flag]);
  if (Number.isFinite(value) && value >= least) return value;
  console.error(`--${flag} takes a number from ${least} on, not ${values[flag]}`);
  process.exit(2);
}

execFileSync(process.execPath, ["src/build.mjs"], { cwd: root, stdio: "inherit" });
register();
const { bundled } = await import("../support/bundle.ts");
const { shippedImage } = await import("../../src/module/shipped-image.ts");
const { parts } = await import(pathToFileURL(await bundled("test/long/tier.ts", "long")).href);
const names = values.only === undefined ? Object.keys(parts) : [values.only];
const unknown = names.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) {
  console.error(`the long tier has ${Object.keys(parts).join(" and ")}, but no ${unknown}`);
  process.exit(2);
}

const options = {
  root,
  image: (await shippedImage()).text,
  seed: number("seed", 0),
  minutes: number("minutes", 0),
  say: (line) => console.log(line),
};
console.log(`seed ${options.seed}`);
const failed = [];
for (const name of names) {
  const began = Date.now();
  const failures = await parts[name](options).catch((error) => [String(error.stack)]);
  for (const failure of failures) console.error(`${name}: ${failure}`);
  if (failures.length > 0) failed.push(name);
  console.log(
    `${name}: ${failures.length === 0 ? "passed" : "FAILED"} in ${Math.round((Date.now() - began) / 1000)} s`,
  );
}
if (failed.length > 0) console.log(`failed: ${failed.join(", ")}; run again with --seed ${options.seed}`);
process.exitCode = failed.length > 0 ? 1 : 0;
