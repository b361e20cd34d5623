// A share of the random programs of `npm test`. Seeds are fixed, so that everybody tests the same programs.
import { beforeAll, describe, expect, test } from "vitest";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { FEATURES, type Feature } from "./programs.ts";
import { checkRandom, type Finding, median } from "./random.ts";

/** Programs one file tests: as many as are done in a few seconds. There are ten files. */
const SHARE = 101;
/** Parts of the programs that must wait for an answer, and use each feature. */
const LEAST_ANSWERED = 0.1;
const LEAST_USING = 0.05;
/** S-27. */
const EFFORT = { dense: 300, most: 1000 };

/** Tests the programs of one seed. */
export function testPrograms(seed: number): void {
  describe(`${SHARE} random programs of seed ${seed}`, () => {
    let finding: Finding;
    beforeAll(async () => {
      finding = checkRandom(await shippedImage(), seed, SHARE, EFFORT);
    }, 180_000);

    test("behave the same however they are run", () => {
      if (finding.failure !== null) expect.fail(finding.failure);
      expect(finding.ticks).toHaveLength(SHARE);
    });

    test("run for about a hundred ticks", () => {
      expect(median(finding.ticks)).toBeGreaterThanOrEqual(70);
      expect(median(finding.ticks)).toBeLessThanOrEqual(200);
    });

    test("await answers", () => expect(finding.answered / SHARE).toBeGreaterThanOrEqual(LEAST_ANSWERED));

    test.each(Object.keys(FEATURES) as Feature[])("use %s", (feature) => {
      expect((finding.features.get(feature) ?? 0) / SHARE).toBeGreaterThanOrEqual(LEAST_USING);
    });
  });
}
