// Checks the cases, some random programs and some random trees of tasks in a process of its own: `node driver.mjs IMAGE SEED PROGRAMS`; exits 1 on a failure.
import { readFileSync } from "node:fs";
import { type Image, imageOfText } from "../../src/module/image.ts";
import { CASES, checkCase } from "../property/cases.ts";
import { checkRandom } from "../property/random.ts";
import { checkTrees } from "../property/task-trees.ts";

/** Less than the tests do with a program: a bug that needs a restore at one tick of hundreds is not planted. */
const EFFORT = { dense: 100, most: 200 };

function failureOf(image: Image, seed: number, programs: number): string | null {
  for (const one of CASES) {
    const wrong = checkCase(image, one, EFFORT);
    if (wrong !== null) return wrong;
  }
  const trees = checkTrees(image, seed, programs / 2, EFFORT, false).failure;
  return trees ?? checkRandom(image, seed, programs, EFFORT, false).failure;
}

const [, , imagePath, seed, programs] = process.argv;
let failure: string | null;
try {
  failure = failureOf(imageOfText(readFileSync(imagePath, "utf8")), Number(seed), Number(programs));
} catch (error) {
  failure = error instanceof Error ? String(error.stack) : String(error);
}
if (failure !== null) process.stdout.write(`${failure}\n`);
process.exitCode = failure === null ? 0 : 1;
