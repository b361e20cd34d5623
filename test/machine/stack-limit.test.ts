// The limits of the stack (S-18): judged by counting, so that every evaluator faults at the same call, and goes no further.
import { expect, test } from "vitest";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { frameSize } from "../../src/machine/state.ts";
import { type Mode, runProgram } from "../property/world.ts";

const image = await shippedImage();
const MEGABYTE = 2 ** 20;

const MODES: readonly (readonly [string, Mode])[] = [
  ["generated", { evaluator: "generated" }],
  ["in slices", { evaluator: "generated", fuel: () => 1009 }],
  ["written down and read back", { evaluator: "direct", fuel: () => 1009, restore: () => true }],
];

/** Recursion that keeps `locals` values for after the call. */
function recursion(locals: number): string {
  const names = Array.from({ length: locals }, (_, i) => `x${i}`);
  return `(defn down [n] (let [${names.map((name) => `${name} (inc n)`).join(" ")}] (+ (down (inc n)) ${names.join(" ")})))
(down 0)`;
}

test.each([1, 5, 6, 7, 20, 60])("recursion without end, %i locals in each frame, ends at a size", (locals) => {
  const limited = (mode: Mode): Mode => ({ ...mode, stackBytesMax: MEGABYTE });
  const expected = runProgram(image, recursion(locals), limited({ evaluator: "direct" })).outcome;
  expect(expected.status).toBe("faulted");
  expect(expected.result).toMatch(/limit\/depth.*takes more than the limit of 1 MB, at \d+ frames/);
  const frames = Number(/at (\d+) frames/.exec(expected.result)![1]);
  // `n` and the function itself may be kept beside the locals.
  expect(frames * frameSize(locals)).toBeLessThan(MEGABYTE * 1.01);
  expect(frames * frameSize(locals + 3)).toBeGreaterThan(MEGABYTE * 0.99);
  for (const [name, mode] of MODES) {
    expect(runProgram(image, recursion(locals), limited(mode)).outcome, name).toEqual(expected);
  }
});

test("what lies below prompts counts", () => {
  const text = "(defn down [n] (prompt :p (inc (down (inc n))))) (down 0)";
  const mode: Mode = { evaluator: "direct", stackBytesMax: MEGABYTE };
  const expected = runProgram(image, text, mode).outcome;
  expect(expected.result).toMatch(/limit\/depth.*limit of 1 MB/);
  expect(runProgram(image, text, { ...mode, evaluator: "generated" }).outcome).toEqual(expected);
});

test("a leaf function at the limit is not called without a frame that would pass it", () => {
  const text = "(defn leaf [x] (+ x 1)) (defn down [n] (let [m (leaf n)] (+ (down m) m))) (down 0)";
  for (let bytes = 20_000; bytes < 20_000 + 2 * frameSize(6); bytes += 24) {
    const expected = runProgram(image, text, { evaluator: "direct", stackBytesMax: bytes }).outcome;
    expect(expected.status).toBe("faulted");
    expect(runProgram(image, text, { evaluator: "generated", stackBytesMax: bytes }).outcome).toEqual(expected);
  }
});
