// Random programs behave the same straight, cut by fuel, written down and read back, replayed, and on both evaluators.
import fc from "fast-check";
import { expect, test } from "vitest";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { checkProgram } from "./check.ts";
import { FEATURES, script, scriptOf } from "./programs.ts";

const SEED = 20261124;
const PROGRAMS = 80;

/** Programs that once behaved differently. */
const FIXED: readonly (readonly [string, string])[] = [
  ["a variadic call that is cut keeps its arguments", '(do (println "a" 1) 2)'],
  [
    "a primitive's result may share the slot of its argument",
    "(first (drop 2 (filter even? (map inc (iterate inc a)))))",
  ],
  ["a clause that is cut", "(block out (try (+ 1 ((fn [x] (exit out x)) 3)) (finally (swap! c inc))))"],
  [
    "a binding read in a handler",
    "(binding [*d* 88] (+ *d* (handle (perform get 1) [get (fn [[v] k] (k (+ v *d*)))])))",
  ],
];

test.each(FIXED)("%s", async (_, body) => {
  const image = await shippedImage();
  expect(checkProgram(image, scriptOf(body), 7, { dense: 300, most: 1000 }).difference).toBeNull();
});

test(`${PROGRAMS} random programs, seed ${SEED}`, async () => {
  const image = await shippedImage();
  const texts = fc.sample(script, { numRuns: PROGRAMS, seed: SEED });
  let awaited = 0;
  for (const text of texts) {
    const { outcome, difference } = checkProgram(image, text, 7, { dense: 60, most: 200 });
    expect(difference, text).toBeNull();
    if (outcome.answers > 0) awaited++;
  }
  expect(awaited).toBeGreaterThanOrEqual(PROGRAMS / 10);
  for (const [name, pattern] of Object.entries(FEATURES)) {
    expect(
      texts.some((text) => pattern.test(text)),
      name,
    ).toBe(true);
  }
});
