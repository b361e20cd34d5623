// How the build changes the packages it bundles, mostly to leave out what every start would pay for: part of src/build.mjs.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Changes to files of packages. The versions are pinned; a text that is not there as often as it should be fails the build. */
const patches = [
  {
    // Only for subcommands that are programs of their own, which we have none of. It brings node:net and more with it.
    file: "commander/lib/command.js",
    find: "const childProcess = require('node:child_process');",
    replace: "const childProcess = { spawn: (...args) => require('node:child_process').spawn(...args) };",
  },
  {
    // A table of 65,536 numbers, filled for each process, in place of a division where a token begins beyond Latin-1.
    file: "chevrotain/lib/src/scan/lexer.js",
    find: "if (isEmpty(charCodeToOptimizedIdxMap)) {",
    replace: "if (false) {",
  },
  {
    file: "chevrotain/lib/src/scan/lexer.js",
    find: ": charCodeToOptimizedIdxMap[charCode];",
    replace: ": 255 + ~~(charCode / 255);",
  },
  {
    // The native part is found from where the package is, which the bundle is not. Not written as a plain call, which esbuild
    // would resolve itself.
    file: "sqlite3/lib/sqlite3-binding.js",
    find: "fileURLToPath(import.meta.url)",
    replace: '(0, require).resolve("sqlite3")',
  },
];

/** A plugin for esbuild that changes packages on their way into a bundle. */
const patching = {
  name: "patching",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]node_modules[\\/](commander|chevrotain|sqlite3)[\\/].*\.js$/ }, ({ path }) => {
      const mine = patches.filter(({ file }) => path.replaceAll("\\", "/").endsWith(`/node_modules/${file}`));
      if (mine.length === 0) return undefined;
      return { contents: mine.reduce(patched, readFileSync(path, "utf8")), loader: "js" };
    });
  },
};

function patched(text, { file, find, replace }) {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${find}`);
  return parts.join(replace);
}

/**
 * A plugin that bundles, in place of chevrotain, its lexer: the reader uses no more of it. It is bundled by itself first, as in a
 * bundle whose modules are evaluated when they are first needed esbuild keeps a package whole.
 */
function lexerOnly(root) {
  const folder = join(root, "node_modules", "chevrotain", "lib", "src", "scan");
  const contents = ["lexer_public", "tokens_public"].map((name) => `export * from "./${name}.js";`).join("\n");
  return {
    name: "lexer-only",
    setup({ onResolve, onLoad, esbuild }) {
      onResolve({ filter: /^chevrotain$/ }, ({ path }) => ({ path, namespace: "lexer-only" }));
      onLoad({ filter: /.*/, namespace: "lexer-only" }, async () => {
        const { outputFiles } = await esbuild.build({
          stdin: { contents, resolveDir: folder },
          bundle: true,
          format: "esm",
          platform: "node",
          write: false,
          logLevel: "silent",
          plugins: [patching],
        });
        return { contents: outputFiles[0].text, loader: "js" };
      });
    },
  };
}

/** The plugins for the bundle of the checkout at `root`. */
export const packagePlugins = (root) => [lexerOnly(root), patching];
