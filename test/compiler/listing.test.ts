// The code of small functions, as listings that people have read: a change here is a change of code hashes (S-1).
// `npx vitest run test/compiler/listing.test.ts -u` writes them anew.
import { expect, test } from "vitest";
import { listing } from "./support.ts";

const FUNCTIONS: readonly (readonly [name: string, text: string])[] = [
  ["fib", "(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))"],
  ["loop", "(fn [xs] (loop [i 0 acc []] (if (< i 10) (recur (inc i) (conj acc i)) acc)))"],
  ["loop-swaps", "(fn [n] (loop [a 1 b 2 c n] (if (< c 0) [a b] (recur b a (dec c)))))"],
  ["recur-in-function", "(fn [n acc] (if (< n 1) acc (recur (dec n) (* n acc))))"],
  ["try-finally", "(fn [x] (try (f x) (finally (h x))))"],
  ["try-catch-finally", "(fn [x] (try (f x) (catch :http e (g e)) (catch nil? e e) (finally (h x))))"],
  ["catch-default", "(fn [x] [(try (f x) (catch :default {:keys [message]} message))])"],
  ["closures", "(fn [x] (fn [y] (fn self [z] (f x y z self))))"],
  [
    "letfn",
    "(fn [a] (letfn [(even [n] (if (= n 0) a (odd (dec n)))) (odd [n] (if (= n 0) false (even (dec n))))] (even a)))",
  ],
  ["exit-jumps", "(fn [xs] (block out (loop [i 0] (if (< i 10) (do (f i) (recur (inc i))) (exit out i)))))"],
  ["exit-by-marker", "(fn [xs] (block out (map (fn [x] (if x (exit out x) 1)) xs)))"],
  ["exit-through-finally", "(fn [x] (block out (try (if x (exit out 1) 2) (finally (f x)))))"],
  ["destructuring", "(fn [[a & more] {:keys [b] :or {b 1} :as m}] (f a more b m))"],
  ["arities", "(fn ([x] (f x)) ([x y] (f x y)) ([y z & more] (f y z more)))"],
  ["and-or", "(fn [p q] (if (and p (or q p)) 1 2))"],
  ["literals", '(fn [x] [1 [2 :a "s"] {:k x} #{x} {:a 1} ()])'],
  ["binding", "(fn [x] (binding [*level* x] (f x)))"],
  ["handle", "(fn [x] (handle (perform ask x) [ask (fn [[v] k] (k v))]))"],
  ["prompt-and-scope", "(fn [x] (with-scope* {:a x} (prompt* :p (f x))))"],
  ["dead-locals", "(fn [a b] (let [c (f a) d (g c)] (h d) (f b)))"],
  ["assigned-slot", "(fn [n] (locals [i 0] (loop [] (when (< i n) (set-local! i (inc i)) (recur))) i))"],
  ["assigned-cell", "(fn [n] (locals [i 0] (try (set-local! i (f n)) (catch :default e nil)) i))"],
  ["definition", '(def ^{:a 1} *limit* "how many" 10)'],
  ["namespace", '(ns my.script "what it does" (:require [flow.http :as http]))'],
];

test.each(FUNCTIONS)("%s", async (name, text) => {
  await expect(`${text}\n\n${listing(text)}`).toMatchFileSnapshot(`listings/${name}.txt`);
});
