// Builds dist/: the command line as one bundle that starts fast, and the base image. Plain JavaScript, run by `npm install`.
//
// dist/main.cjs is a line that loads dist/<hash>/main.cjs, <hash> being that of everything that goes in. A build is made in
// a folder of its own, renamed to its hash, and main.cjs then replaced: whoever starts meanwhile gets the old build or the
// new one, never half of one, and builds running at the same time do not meet. If main.cjs names the hash of what is
// there now, nothing is done; that must stay cheap (no esbuild loaded), because npx asks at its first run in a checkout.
//
// A file of the bundle lies as deep as a source file does (dist/<hash>/x, src/base/x.ts), so
// `new URL("../../prelude/", import.meta.url)` finds the same folder from both.
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const dist = join(root, "dist");
const staleAfterMs = 86_400_000;

/** What goes into a build: files, and folders with all files below them. */
const inputs = ["src", "prelude", "lib", "package.json", "package-lock.json", "tsconfig.json"];

/** All files at or below `path` (relative to the root), in an order that is the same everywhere. */
function filesBelow(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  const names = readdirSync(full).filter((name) => !name.startsWith("."));
  return names.sort().flatMap((name) => filesBelow(`${path}/${name}`));
}

/** The hash of everything that goes into a build. */
function hashOfInputs() {
  const hash = createHash("sha256");
  for (const path of inputs.flatMap(filesBelow)) {
    const body = readFileSync(join(root, path));
    hash.update(`${path}\0${body.length}\0`).update(body);
  }
  return hash.digest("hex").slice(0, 16);
}

const launcher = (hash) =>
  `// The build in use; written by src/build.mjs.\nmodule.exports = require("./${hash}/main.cjs");\n`;

/** Whether dist/main.cjs already loads the build of that hash. */
function isCurrent(hash) {
  try {
    return readFileSync(join(dist, "main.cjs"), "utf8") === launcher(hash) && existsSync(join(dist, hash, "main.cjs"));
  } catch {
    return false;
  }
}

const common = {
  absWorkingDir: root,
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node20.19",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  supported: { "dynamic-import": false },
  logLevel: "silent",
  // CommonJS has no import.meta; a function around the bundle gives it __filename.
  define: { "import.meta.url": "flowmetalUrl" },
  banner: { js: 'const flowmetalUrl=require("node:url").pathToFileURL(__filename).href;' },
};

/**
 * Bundles the command line into `folder`: as the text of a function, for src/load.cjs. The HTTP client, which is as large as all
 * the rest and which most programs do not need, is a bundle of its own, loaded at the first request; so is what calendars and time
 * zones need, the driver of PostgreSQL, loaded when such a store is opened, and the texts that make its tables; and what `serve` is watched
 * by (pino, the API of OpenTelemetry). Imports at run time
 * become calls of `require`: Node's loader of ES modules costs much at its first use.
 */
async function bundle(folder) {
  const { build } = await import("esbuild");
  const { packagePlugins } = await import("./build-packages.mjs");
  const apart = {
    name: "apart",
    setup(steps) {
      steps.onResolve({ filter: /^(undici|pg|pino|@opentelemetry[/]api)$/ }, ({ path }) => ({
        path: `./${fileOf(path)}.cjs`,
        external: true,
      }));
      steps.onResolve({ filter: /^[.]\/schema[.]ts$/ }, ({ importer }) =>
        /postgres.migrate[.]ts$/.test(importer) ? { path: "./postgres-schema.cjs", external: true } : undefined,
      );
    },
  };
  const file = join(folder, "flowmetal.bundle");
  await build({
    ...common,
    entryPoints: ["src/cli/main.ts"],
    outfile: file,
    plugins: [apart, ...packagePlugins(root)],
    banner: { js: `(function(exports,require,module,__filename,__dirname){${common.banner.js}` },
    footer: { js: "})" },
  });
  holdAscii(file);
  await bundleApart(folder, "undici", "undici");
  await bundleApart(folder, "pg", "pg");
  await bundleFile(folder, "postgres-schema", "src/store/postgres/schema.ts");
  await bundleApart(folder, "pino", "pino");
  await bundleApart(folder, "@opentelemetry/api", "@opentelemetry/api");
  await bundleApart(folder, "temporal-polyfill", "temporal-polyfill/implementation");
  copyFileSync(join(root, "src", "data", "zones.txt"), join(folder, "zones.txt"));
  copyFileSync(join(root, "src", "store", "sqlite", "node-worker.cjs"), join(folder, "node-worker.cjs"));
  copyFileSync(join(root, "src", "evaluation.cjs"), join(folder, "evaluation.cjs"));
  copyFileSync(join(root, "src", "load.cjs"), join(folder, "main.cjs"));
}

/** Bundles a package as a file of its own, `name`.cjs; nothing where it is not installed. `entry`: what is imported of it. */
async function bundleApart(folder, name, entry) {
  if (!existsSync(join(root, "node_modules", name))) return;
  const { build } = await import("esbuild");
  const stdin = { contents: `module.exports=require("${entry}");`, resolveDir: root };
  await build({ ...common, stdin, outfile: join(folder, `${fileOf(name)}.cjs`) });
}

/** What the bundle of a package is called. */
function fileOf(name) {
  return name.replace("@", "").replace("/", "-");
}

/** Bundles one of our own files, where it is there, as a file of its own. */
async function bundleFile(folder, name, entry) {
  if (!existsSync(join(root, entry))) return;
  const { build } = await import("esbuild");
  await build({ ...common, entryPoints: [entry], outfile: join(folder, `${name}.cjs`) });
}

/** What is read at every start is read as Latin-1, without decoding: so it must be plain ASCII. */
function holdAscii(file) {
  if (/[^\0-\x7f]/.test(readFileSync(file, "latin1"))) throw new Error(`${file} is not plain ASCII`);
}

/** Bundles the image builder, where there is one, and lets it write the base image into `folder`. */
async function buildImage(folder) {
  const entry = "src/module/build-image.ts";
  if (!existsSync(join(root, entry))) return;
  const { build } = await import("esbuild");
  const file = join(folder, "build-image.cjs");
  await build({ ...common, entryPoints: [entry], outfile: file });
  createRequire(file)(file).writeImage(root, folder);
  rmSync(file);
}

/**
 * Runs a small script once, and keeps the code V8 compiled for it. Only speed depends on it, so a run that fails is no failure of the
 * build.
 */
function warmUp(folder) {
  const store = mkdtempSync(join(tmpdir(), "flowmetal-build-"));
  const script = `const { main, writeCache } = require(${JSON.stringify(join(folder, "main.cjs"))});
    process.on("exit", writeCache);
    main(["eval", "--store", ${JSON.stringify(join(store, "store.db"))}, "-e", "(println 1)"]);`;
  spawnSync(process.execPath, ["-e", script], { cwd: store, stdio: "ignore", timeout: 60_000 });
  rmSync(store, { recursive: true, force: true });
}

/** Renames a finished build into place; a build of the same inputs that was faster stands. */
function moveIntoPlace(folder, hash, force) {
  const target = join(dist, hash);
  if (existsSync(join(target, "main.cjs")) && !force) return rmSync(folder, { recursive: true });
  if (existsSync(target)) renameSync(target, `${folder}.old`);
  try {
    renameSync(folder, target);
  } catch (error) {
    if (!existsSync(join(target, "main.cjs"))) throw error;
    rmSync(folder, { recursive: true });
  }
}

/** Makes `hash` the build in use. */
function pointAt(hash) {
  const temporary = join(dist, `main.cjs.${randomBytes(6).toString("hex")}.new`);
  writeFileSync(temporary, launcher(hash));
  renameSync(temporary, join(dist, "main.cjs"));
}

/** Removes builds that nobody can be running any more; when a package is made, all but the one in use. */
function removeOld(hash) {
  const packing = ["pack", "publish"].includes(process.env.npm_command ?? "");
  for (const name of readdirSync(dist)) {
    if (name === hash || name === "main.cjs") continue;
    const path = join(dist, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (packing || age > staleAfterMs) rmSync(path, { recursive: true, force: true });
  }
}

/** esbuild's own rendering of its errors, or the message of another error. */
async function explain(error) {
  if (error?.code === "ERR_MODULE_NOT_FOUND" && String(error.message).includes("esbuild")) {
    return "esbuild is not installed; run `npm install` with development dependencies first";
  }
  if (!Array.isArray(error?.errors)) return error?.message ?? String(error);
  const { formatMessages } = await import("esbuild");
  return (await formatMessages(error.errors, { kind: "error", terminalWidth: 120 })).join("");
}

/** Builds unless the build in use is that of the present inputs. */
async function main() {
  const force = process.argv.includes("--force");
  const hash = hashOfInputs();
  if (!force && isCurrent(hash)) return removeOld(hash);
  const folder = join(dist, `${hash}.${randomBytes(6).toString("hex")}.new`);
  mkdirSync(folder, { recursive: true });
  try {
    await bundle(folder);
    await buildImage(folder);
    warmUp(folder);
    moveIntoPlace(folder, hash, force);
    pointAt(hash);
    removeOld(hash);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    process.stderr.write(`flowmetal could not be built.\n${await explain(error)}\n`);
    process.exitCode = 1;
  }
}

await main();
