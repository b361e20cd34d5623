// Leaf functions and vectors built in place: whatever shortcut generated JavaScript takes, a program's ticks, errors and state are
// those of the direct evaluator, wherever fuel runs out.
import { describe, expect, test } from "vitest";
import { shippedImage } from "../../src/module/shipped-image.ts";
import type { Closure } from "../../src/data/value.ts";
import { Machine } from "../../src/machine/machine.ts";
import type { Unit } from "../../src/machine/unit.ts";
import { ProgramLibrary } from "../../src/module/library.ts";
import { runProgram } from "../property/world.ts";

const image = await shippedImage();

/** Small slices of every size, so that each tick of a call is the last of some slice. */
const FUELS = [1, 2, 3, 5, 7, 11, 1_000_000];

const PROGRAMS: readonly (readonly [string, string, string])[] = [
  [
    "calls in the middle and at the end of a function",
    "(defn f [x] (+ (* 3 x) 1)) (defn g [x] (f (f x))) (loop [i 0 sum 0] (if (< i 20) (recur (inc i) (+ sum (g i))) sum))",
    "1790",
  ],
  [
    "branches, constants, and numbers beyond 32 bits and 53 bits",
    "(defn f [x] (if (> x 1000000000000) (* x x) (+ x 999999999999))) (reduce + (map f [1 2 1000000000001 9007199254740991]))",
    `["i","${999999999999n * 2n + 3n + 1000000000001n ** 2n + 9007199254740991n ** 2n}"]`,
  ],
  [
    "an error in one is the error of the call",
    '(defn f [x] (+ x 1)) (try (reduce + (map f [1 2 "three"])) (catch :type e (ex-message e)))',
    '"+ takes numbers, but argument 1 is \\"three\\", a string"',
  ],
  [
    "what a primitive declines is done in frames",
    "(defn f [s] (count s)) [(f [1 2]) (f (map inc (take 3 (iterate inc 0))))]",
    '["v",2,3]',
  ],
  [
    "a dynamic var is read where it is bound",
    "(def ^:dynamic *d* 1) (defn f [x] (+ x *d*)) [(f 1) (binding [*d* 10] (f 1)) (map f [1 2])]",
    '["v",2,11,["l",2,3]]',
  ],
  [
    "a var that is defined later, and again",
    "(declare later) (defn f [x] (+ x later)) (def later 5) (def a (map f [1 2])) (def later 7) [a (map f [1 2])]",
    '["v",["l",6,7],["l",8,9]]',
  ],
  [
    "work that is charged is charged once",
    '(defn f [s] (str s s)) (loop [i 0 s "abcdefgh"] (if (< i 10) (recur (inc i) (f s)) (count s)))',
    "8192",
  ],
  [
    "closures made inside one",
    "(defn adder [n] (fn [x] (+ x n))) (reduce + (map (fn [i] ((adder i) i)) (range 10)))",
    "90",
  ],
  [
    "a cell is changed once",
    "(def n (atom 0)) (defn f [x] (reset! n (+ @n x))) [(mapv f [1 2 3]) @n]",
    '["v",["v",1,3,6],6]',
  ],
  [
    "a vector that is being built when a continuation is captured",
    `(def k (atom nil)) (def seen (atom []))
(let [v (mapv (fn [x] (if (= x 3) (call-with-continuation (fn [c] (reset! k c) x)) x)) [1 2 3 4 5])]
  (swap! seen conj v)
  (if (< (count @seen) 3) (@k (* 100 (count @seen))) @seen))`,
    '["v",["v",1,2,3,4,5],["v",1,2,100,4,5],["v",1,2,200,4,5]]',
  ],
  [
    "a vector that is being built when a handler resumes it twice",
    "(handle (mapv (fn [x] (if (odd? x) (perform pick) x)) [1 2 3]) [pick (fn [_ k] [(k :a) (k :b)])])",
    '["v",["v",["v",["k","a"],2,["k","a"]],["v",["k","a"],2,["k","b"]]],["v",["v",["k","b"],2,["k","a"]],["v",["k","b"],2,["k","b"]]]]',
  ],
  [
    "a list over a vector that was built in place does not change with what is built on it",
    "(let [v (mapv inc (range 40)) a (conj v :a) b (conj v :b) c (mapv inc (range 32))] [(count v) (last a) (last b) (count (conj c 1)) (count c)])",
    '["v",40,["k","a"],["k","b"],33,32]',
  ],
];

describe.each(PROGRAMS)("%s", (_, text, result) => {
  const expected = runProgram(image, text, { evaluator: "direct" }).outcome;
  test("has its result", () => expect(expected.result).toBe(result));
  test.each(FUELS)("in slices of %i ticks", (fuel) => {
    expect(runProgram(image, text, { evaluator: "generated", fuel: () => fuel }).outcome).toEqual(expected);
  });
  test("written down and read back now and then", () => {
    const mode = { evaluator: "generated", fuel: () => 9, restore: () => true } as const;
    expect(runProgram(image, text, mode).outcome).toEqual(expected);
  });
});

test("a function that only computes has a leaf function, one that calls, loops or changes a cell has none", () => {
  const machine = new Machine(new ProgramLibrary(image), { observe: () => null }, { evaluator: "generated" });
  const unit = (name: string) => (machine.findVariable(`flow.core/${name}`)!.value as Closure).unit as Unit;
  expect(unit("inc").l1).toBeTypeOf("function");
  expect(unit("+").l2).toBeTypeOf("function");
  expect(unit("reset!").l2).toBeNull();
  expect(unit("reduce").l2).toBeNull();
  expect(unit("print").l1).toBeNull();
});
