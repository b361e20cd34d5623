// Loads the bundle beside it as a build has it (main.cjs), with the code that V8 compiled when the build ran it once.
//
// Reading compiled code instead of compiling is what makes a start cheap. V8 itself refuses the cache where it is of another
// Node or other flags; then, and where there is none, the bundle is compiled as usual.
"use strict";
const { readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const vm = require("node:vm");

const file = join(__dirname, "flowmetal.bundle");
const cache = join(__dirname, "flowmetal.cache");

function readCache() {
  try {
    return readFileSync(cache);
  } catch {
    return undefined;
  }
}

// The bundle is plain ASCII (the build holds it): as such it takes half the memory and no decoding.
const script = new vm.Script(readFileSync(file, "latin1"), {
  filename: file,
  cachedData: readCache(),
});
const bundle = { exports: {} };
// What the bundle requires at run time lies beside it, or is of Node: the same from here.
script.runInThisContext()(bundle.exports, require, bundle, file, __dirname);

module.exports = {
  main: bundle.exports.main,
  evaluation: bundle.exports.evaluation,
  /** Keeps what has been compiled so far; the build calls it behind a run. */
  writeCache: () => writeFileSync(cache, script.createCachedData()),
};
