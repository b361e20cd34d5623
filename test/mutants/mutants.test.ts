// The property over random programs catches bugs: each planted one is found, and without one nothing is.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { bundled } from "../support/bundle.ts";
import { MUTANTS } from "./mutants.ts";

const SEED = 4242;
const PROGRAMS = 30;

let clean: string;
let imagePath: string;
beforeAll(async () => {
  clean = await bundled("test/mutants/driver.ts", "clean");
  imagePath = join(dirname(clean), "image.json");
  writeFileSync(imagePath, (await shippedImage()).text);
});
afterAll(() => rm(dirname(clean), { recursive: true }));

/** Runs the checks of a bundle; its exit code and what it printed. */
function check(bundle: string): Promise<{ readonly code: unknown; readonly said: string }> {
  return new Promise((resolve) => {
    const args = [bundle, imagePath, String(SEED), String(PROGRAMS)];
    execFile(process.execPath, args, { timeout: 100_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, said: stdout + stderr }),
    );
  });
}

describe.concurrent("planted bugs", { timeout: 120_000 }, () => {
  test("without one, nothing is found", async () => {
    expect(await check(clean)).toEqual({ code: 0, said: "" });
  });

  test.each(MUTANTS.map((mutant, i) => ({ ...mutant, i })))("$what", async (mutant) => {
    const { code, said } = await check(await bundled("test/mutants/driver.ts", String(mutant.i), mutant));
    expect({ code, said }).toEqual({ code: 1, said: expect.stringMatching(/\S/) });
  });
});
