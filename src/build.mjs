// Builds dist/: the command line as one bundle that starts fast, and the base image. Plain JavaScript, run by `npm install`.
//
// dist/main.mjs is a line that loads dist/<hash>/main.mjs, <hash> being that of everything that goes in. A build is made in
// a folder of its own, renamed to its hash, and main.mjs then replaced: whoever starts meanwhile gets the old build or the
// new one, never half of one, and builds running at the same time do not meet. If main.mjs names the hash of what is
// there now, nothing is done; that must stay cheap (no esbuild loaded), because npx asks at its first run in a checkout.
//
// A file of the bundle lies as deep as a source file does (dist/<hash>/x.mjs, src/base/x.ts), so
// `new URL("../../prelude/", import.meta.url)` finds the same folder from both.
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

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

const launcher = (hash) => `// The build in use; written by src/build.mjs.\nexport * from "./${hash}/main.mjs";\n`;

/** Whether dist/main.mjs already loads the build of that hash. */
function isCurrent(hash) {
  try {
    return readFileSync(join(dist, "main.mjs"), "utf8") === launcher(hash) && existsSync(join(dist, hash, "main.mjs"));
  } catch {
    return false;
  }
}

/** Bundles the command line, and the image builder where there is one, into `folder`. Splitting keeps rare parts apart. */
async function bundle(folder) {
  const { build } = await import("esbuild");
  const entries = { main: "src/cli/main.ts", "build-image": "src/module/build-image.ts" };
  const entryPoints = Object.fromEntries(Object.entries(entries).filter(([, path]) => existsSync(join(root, path))));
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    external: ["sqlite3"],
    // What is inside CommonJS packages asks for `require` of Node's own modules.
    banner: {
      js: 'import { createRequire as flowmetalCreateRequire } from "node:module";\nconst require = flowmetalCreateRequire(import.meta.url);',
    },
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: false,
    legalComments: "none",
    sourcemap: "linked",
    sourcesContent: false,
    logLevel: "silent",
  });
}

/** Lets the bundled image builder write the base image beside itself. */
async function buildImage(folder) {
  const builder = join(folder, "build-image.mjs");
  if (!existsSync(builder)) return;
  const { writeImage } = await import(pathToFileURL(builder).href);
  writeImage(root, folder);
}

/** Renames a finished build into place; a build of the same inputs that was faster stands. */
function moveIntoPlace(folder, hash, force) {
  const target = join(dist, hash);
  if (existsSync(join(target, "main.mjs")) && !force) return rmSync(folder, { recursive: true });
  if (existsSync(target)) renameSync(target, `${folder}.old`);
  try {
    renameSync(folder, target);
  } catch (error) {
    if (!existsSync(join(target, "main.mjs"))) throw error;
    rmSync(folder, { recursive: true });
  }
}

/** Makes `hash` the build in use. */
function pointAt(hash) {
  const temporary = join(dist, `main.mjs.${randomBytes(6).toString("hex")}.new`);
  writeFileSync(temporary, launcher(hash));
  renameSync(temporary, join(dist, "main.mjs"));
}

/** Removes builds that nobody can be running any more; when a package is made, all but the one in use. */
function removeOld(hash) {
  const packing = ["pack", "publish"].includes(process.env.npm_command ?? "");
  for (const name of readdirSync(dist)) {
    if (name === hash || name === "main.mjs") continue;
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
