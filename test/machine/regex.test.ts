// A search of any length is cut by fuel, stored in the middle, limited by --max-steps, and the same in every way it can be run (S-18, S-25).
import { expect, test } from "vitest";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { type Mode, runProgram } from "../property/world.ts";
import { Runner } from "../prelude/support.ts";

const image = await shippedImage();
const runner = await Runner.make();

/** Some hundred thousand steps, with lookarounds open and many marks. */
const LONG = `(println (re-find #"(?:(?=(a+)+)a)*b" (repeat-string 800 "a")) (count (re-seq #"(x+x+)+y" (repeat-string 3000 "x"))))`;

test("a long search ends the same straight, in slices, and stored again and again in the middle", () => {
  const expected = runProgram(image, LONG, { evaluator: "direct" }).outcome;
  expect(expected.status).toBe("done");
  expect(expected.output).toBe("nil 0\n");
  let restored = 0;
  const modes: Mode[] = [
    { evaluator: "generated" },
    { evaluator: "mixed", fuel: () => 1 },
    { evaluator: "mixed", fuel: () => 5_003 },
    {
      evaluator: "generated",
      fuel: () => 1,
      restore: () => {
        restored++;
        return true;
      },
    },
  ];
  for (const mode of modes) expect(runProgram(image, LONG, mode).outcome).toEqual(expected);
  expect(restored).toBeGreaterThan(10);
});

test("a search that would take minutes is stopped by --max-steps, with the continuation intact", () => {
  const { text, ticks } = runner.run('(re-find #"(?:(?=(a+)+)a)*b" (repeat-string 60000 "a"))', undefined, {
    ticksMax: 1_000_000,
  });
  expect(text).toMatch(/^:limit\/steps/);
  expect(ticks).toBeLessThan(1_100_000);
});
