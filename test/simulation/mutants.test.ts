// The simulation catches bugs of the engine: each planted one is found, and without one nothing is.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { indexOfImage } from "../../src/module/image-index.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { bundled, type Patch } from "../support/bundle.ts";
import { FIRST, MORE } from "./mutants.ts";

/** All of them in the long tier. */
const IS_LONG = Number(process.env["FLOWMETAL_TEST_MINUTES"] ?? 0) > 0;
const MUTANTS = IS_LONG ? [...FIRST, ...MORE] : FIRST;
/** Some bugs take many runs to be met. */
const RUNS = IS_LONG ? 60 : 12;
const STEPS = 40;
const ENTRY = "test/simulation/driver.ts";

let folder: string;
beforeAll(async () => {
  const bundle = await bundled(ENTRY, "clean");
  folder = dirname(bundle);
  const { hash, text } = await shippedImage();
  // An engine in a bundle finds its image beside it.
  writeFileSync(join(folder, "image.json"), text);
  writeFileSync(join(folder, "image.index"), indexOfImage(text));
  writeFileSync(join(folder, "image.hash"), hash);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Simulates with a bug; the exit code and what it printed. */
async function simulate(
  name: string,
  patch: Patch | null,
  runs: number,
  seed = 1,
): Promise<{ code: unknown; said: string }> {
  const bundle = await bundled(ENTRY, name, patch);
  return new Promise((resolve) => {
    const args = [bundle, String(seed), String(runs), String(STEPS)];
    execFile(process.execPath, args, { timeout: 200_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, said: stdout + stderr }),
    );
  });
}

describe("planted bugs", { timeout: 220_000 }, () => {
  test("without one, nothing is found", async () => {
    expect(await simulate("clean", null, IS_LONG ? 12 : 2)).toEqual({ code: 0, said: "" });
  });

  test.each(MUTANTS.map((mutant, i) => ({ ...mutant, i })))("$what", async ({ i, seed, ...mutant }) => {
    const { code, said } = await simulate(String(i), mutant, RUNS, seed);
    expect({ code, said }).toEqual({ code: 1, said: expect.stringMatching(/\S/) });
    if (IS_LONG) process.stdout.write(`${mutant.what}: ${said.slice(0, 300)}\n`);
  });
});
