// Bundles a file of the tests with everything it imports, as the release is bundled, so that it runs at the speed of the release.
import { copyFile, readFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { build, type Plugin } from "esbuild";
import { root } from "./tree.ts";

/** A change to the text of one file. */
export interface Patch {
  /** Path below the root. */
  readonly file: string;
  /** Must occur exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** Inside node_modules, so that what is not bundled is found from there. */
const FOLDER = join(root, "node_modules", ".cache", "flowmetal-tests");

/** Bundles `entry` (a path below the root), patched, and answers the path of the bundle, which ends in `name`. */
export async function bundled(entry: string, name: string, patch: Patch | null = null): Promise<string> {
  const outfile = join(FOLDER, String(process.pid), `${basename(entry, ".ts")}-${name}.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    external: ["sqlite3"],
    banner: {
      js: 'import { createRequire as testCreateRequire } from "node:module";\nconst require = testCreateRequire(import.meta.url);',
    },
    logLevel: "silent",
    plugins: patch === null ? [] : [patching(patch)],
  });
  await copyFile(join(root, "src/data/zones.txt"), join(dirname(outfile), "zones.txt"));
  await copyFile(join(root, "src/store/sqlite/node-worker.cjs"), join(dirname(outfile), "node-worker.cjs"));
  return outfile;
}

function patching(patch: Patch): Plugin {
  return {
    name: "patch",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (relative(root, path) !== patch.file) return undefined;
        return { contents: patched(await readFile(path, "utf8"), patch), loader: "ts" };
      });
    },
  };
}

function patched(text: string, { file, find, replace }: Patch): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${find}`);
  return parts.join(replace);
}
