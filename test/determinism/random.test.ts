// What is random is drawn from the program's own generator: seeded once, recorded, and from then on a function of its state.
import { expect, test } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { begin } from "../../src/interpreter/delivery.ts";
import { LiveHost, ReplayHost } from "../../src/interpreter/host.ts";
import { Machine } from "../../src/machine/machine.ts";
import { ProgramLibrary } from "../../src/module/library.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { Source } from "../../src/source/source.ts";
import { checkProgram } from "../property/check.ts";
import { runProgram } from "../property/world.ts";

const image = await shippedImage();
const DRAWS = `(println (rand) (rand-int 1000) (rand-int 100000000000000000000) (rand-nth [1 2 3]) (shuffle (range 10)) (random-uuid)
  (random-sample 0.5 (range 20)))`;

/** Runs a text as program `id` in a world whose entropy comes from `seed`; `branch` as a rewind would set it. */
function run(text: string, { id = "01h00000000000000000000000", seed = "a", branch = 0 } = {}): string {
  const source = new Source("random.fm", text);
  const library = new ProgramLibrary(image);
  const world = { now: () => 1, random: seededRandom(seed) };
  const machine = new Machine(library, new LiveHost(world, library, new Map([[source.hash, source]])));
  begin(machine, id, {
    source: source.hash,
    name: "random.fm",
    args: '["v"]',
    image: image.hash,
    versions: ["0", "0", "0"],
  });
  machine.state.branch = branch;
  machine.run(Number.MAX_SAFE_INTEGER);
  return machine.printed.map((chunk) => chunk.text).join("");
}

test("the draws of a seed are these", () => {
  expect(run(DRAWS)).toBe(
    "0.19618142137555927 950 8366048341652381162 1 [1 3 8 0 5 2 9 6 4 7] " +
      '#uuid "9c045b53-1761-4178-9cd7-3f956c15aec4" (0 3 4 5 6 7 8 9 10 11 12 15)\n',
  );
});

test("a program asks for entropy once, however much it draws", () => {
  const { record, outcome } = runProgram(image, "(dotimes [_ 500] (rand)) (println (rand-int 9)) (random-uuid)", {
    evaluator: "direct",
  });
  expect(outcome.status).toBe("done");
  expect(record.observations.filter(({ op }) => op === "entropy")).toHaveLength(1);
});

test("it draws the same when it is cut, written down, read back and replayed, on both evaluators", () => {
  const text = `(defn draws [n] (vec (repeatedly n (fn [] (rand-int 100))))) (println (draws 20)) ${DRAWS} (draws 5)`;
  expect(checkProgram(image, text, 5, { dense: 100, most: 100 }).difference).toBeNull();
});

test("a replay whose journal has no seed does not make one up", () => {
  const { record } = runProgram(image, DRAWS, { evaluator: "direct" });
  const without = record.observations.filter(({ op }) => op !== "entropy");
  const mode = { evaluator: "direct", observed: without } as const;
  expect(() => runProgram(image, DRAWS, mode)).toThrow(/asks for entropy, where the journal has/);
  expect(new ReplayHost(record.observations).left).toBe(record.observations.length);
});

test("another seed, another program and another branch draw anew", () => {
  const all = [
    run(DRAWS),
    run(DRAWS, { seed: "b" }),
    run(DRAWS, { id: "01h00000000000000000000001" }),
    run(DRAWS, { branch: 7 }),
  ];
  expect(new Set(all).size).toBe(all.length);
});

test("a handler answers in place of the generator, which then does not even ask for a seed", () => {
  const text = `(require '[flow.random :as r])
    (println (= (r/with-seed 1 [(rand) (random-uuid) (shuffle (range 9))]) (r/with-seed 1 [(rand) (random-uuid) (shuffle (range 9))])))
    (println (handle (rand-int 256) [flow.core/random (fn [[n] k] (k #bytes "Bw=="))]))`;
  const { record, outcome } = runProgram(image, text, { evaluator: "direct" });
  expect(outcome.output).toBe("true\n7\n");
  expect(record.observations.filter(({ op }) => op === "entropy")).toHaveLength(0);
});

test("a handler that answers nonsense is told so", () => {
  const nonsense = (form: string, answer: string) =>
    runProgram(image, `(handle ${form} [flow.core/random (fn [args k] (k ${answer}))])`, { evaluator: "direct" })
      .outcome;
  for (const form of ["(rand)", "(rand-int 1000)", "(random-uuid)"]) {
    expect(nonsense(form, '#bytes ""').result).toMatch(/:?range.*needs \d+ bytes, but was answered 0/);
    expect(nonsense(form, "1").result).toMatch(/random takes bytes, but argument 1 is 1/);
  }
});

test("numbers are drawn evenly", () => {
  const text = `(println (map second (sort (frequencies (repeatedly 6000 (fn [] (rand-int 6)))))))
    (println (reduce + (repeatedly 2000 rand)))
    (println (count (random-sample 1/4 (range 4000))))`;
  const [counts, sum, taken] = run(text).split("\n");
  for (const count of counts.replace(/[()]/g, "").split(" ")) expect(Math.abs(Number(count) - 1000)).toBeLessThan(150);
  expect(Math.abs(Number(sum) - 1000)).toBeLessThan(60);
  expect(Math.abs(Number(taken) - 1000)).toBeLessThan(150);
});
