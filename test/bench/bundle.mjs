// Bundles a driver written in TypeScript, the way the release is bundled: a loader's own wrapping of functions would be timed too.
import { join } from "node:path";
import { build } from "esbuild";
import { here } from "./child.mjs";

// Inside node_modules, so that what is not bundled is found from there.
const FOLDER = here("../../node_modules/.cache/flowmetal-bench/");

/** Bundles a file of this folder and answers the path of the bundle. */
export async function bundled(name) {
  const outfile = join(FOLDER, "bundle", name.replace(/\.ts$/, ".mjs"));
  await build({
    entryPoints: [here(name)],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    external: ["sqlite3"],
    banner: { js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);' },
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: "error",
  });
  return outfile;
}
