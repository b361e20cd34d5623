// A share of the random trees of tasks of `npm test`. Seeds are fixed, so that everybody tests the same trees.
import { beforeAll, describe, expect, test } from "vitest";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { checkTrees, type TreeFinding } from "./task-trees.ts";

const SHARE = 60;
/** S-27, with fewer restores later on: the programs are long. */
const EFFORT = { dense: 100, most: 200 };

/** Tests the trees of one seed. */
export function testTrees(seed: number): void {
  describe(`${SHARE} random trees of tasks of seed ${seed}`, () => {
    let finding: TreeFinding;
    beforeAll(async () => {
      finding = checkTrees(await shippedImage(), seed, SHARE, EFFORT);
    }, 300_000);

    test("nothing outlives its scope, every clean-up runs once, and every way to run them does the same", () => {
      if (finding.failure !== null) expect.fail(finding.failure);
    });

    test.each(["begin", "clean", "cleaned", "left", "caught"])("they say %s often enough", (word) => {
      expect(finding.words.get(word) ?? 0).toBeGreaterThanOrEqual(SHARE / 5);
    });
  });
}
