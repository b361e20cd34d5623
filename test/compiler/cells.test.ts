// Which assigned locals live in cells (S-8): those a closure shares, and those whose new value a marker's clause would miss.
import { expect, test } from "vitest";
import { listing } from "./support.ts";

const CASES: readonly (readonly [name: string, text: string, cell: boolean])[] = [
  ["assigned in a loop", "(locals [i 0] (loop [] (when (< i 3) (set-local! i (inc i)) (recur))) i)", false],
  ["captured but never assigned", "(locals [i 0] (f (fn [] i)))", false],
  ["captured and assigned outside", "(locals [i 0] (f (fn [] i)) (set-local! i 1))", true],
  ["assigned in a closure", "(locals [i 0] (f (fn [] (set-local! i 1))) i)", true],
  ["assigned in a closure two functions in", "(locals [i 0] (f (fn [] (fn [] (set-local! i 1)))) i)", true],
  ["assigned in try, read in catch", "(locals [i 0] (try (set-local! i (f 1)) (catch :default e i)))", true],
  ["assigned in try, read behind it", "(locals [i 0] (try (set-local! i (f 1)) (catch :default e 2)) i)", true],
  ["assigned in try, read in try only", "(locals [i 0] (try (set-local! i (f 1)) (f i) (catch :default e 2)))", false],
  [
    "assigned in try, assigned again before it is read",
    "(locals [i 0] (try (set-local! i (f 1)) (catch :default e 2)) (set-local! i 3) i)",
    false,
  ],
  ["assigned in try, read in finally", "(locals [i 0] (try (set-local! i (f 1)) (finally (f i))))", true],
  ["assigned in catch, read behind it", "(locals [i 0] (try (f 1) (catch :default e (set-local! i 2))) i)", false],
  [
    "assigned in catch, read in finally",
    "(locals [i 0] (try (f 1) (catch :x e (set-local! i 2)) (finally (f i))))",
    true,
  ],
  [
    "read on the next round of a loop",
    "(locals [i 0] (loop [n 0] (try (f i) (set-local! i (f 1)) (catch :default e 1)) (recur (inc n))))",
    true,
  ],
  ["assigned in a block left by jumps", "(locals [i 0] (block b (set-local! i 1) (if (f i) (exit b 1) 2)) i)", false],
  [
    "assigned in a block a closure can leave",
    "(locals [i 0] (block b (set-local! i 1) (f (fn [] (exit b 1)))) i)",
    true,
  ],
  ["assigned in binding", "(locals [i 0] (binding [*level* 1] (set-local! i (f 1))) i)", false],
  ["assigned in handle, read behind it", "(locals [i 0] (handle (set-local! i (f 1)) [ask (fn [a k] (k 1))]) i)", true],
  [
    "assigned in handle, read inside only",
    "(locals [i 0] (handle (do (set-local! i (f 1)) i) [ask (fn [a k] (k 1))]))",
    false,
  ],
  ["assigned in a prompt, read behind it", "(locals [i 0] (prompt* :p (set-local! i (f 1))) i)", true],
];

test.each(CASES)("%s", (_name, text, cell) => {
  const code = listing(`(fn [x] ${text})`);
  expect(code.includes("cell-new")).toBe(cell);
});

test("only the local that needs it becomes a cell", () => {
  const code = listing("(fn [] (locals [i 0 j 0] (set-local! j 1) (f (fn [] (set-local! i 1))) [i j]))");
  expect(code.match(/cell-new/g)).toHaveLength(1);
  expect(code).toMatch(/vector@1 t\d+ j/);
});
