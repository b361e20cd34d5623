// What is measured: the release as it is built, and drivers bundled the way the release is (the wrapping of functions that a
// loader of TypeScript does would be timed too).
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
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
    banner: {
      js: 'import { createRequire as benchCreateRequire } from "node:module";\nconst require = benchCreateRequire(import.meta.url);',
    },
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: "error",
  });
  return outfile;
}

/** Builds the release unless that is done, and answers the path of its base image. */
export function builtImage() {
  const root = here("../../");
  execFileSync(process.execPath, ["src/build.mjs"], { cwd: root, stdio: "inherit" });
  const [, hash] = /"\.\/(\w+)\/main\.cjs"/.exec(readFileSync(join(root, "dist/main.cjs"), "utf8"));
  return join(root, "dist", hash, "image.json");
}
