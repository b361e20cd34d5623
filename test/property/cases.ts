// Programs with the result worked out by hand: what runs of the same program cannot say about each other, since all may be
// wrong alike. And expressions that were once found to behave differently.
import type { Image } from "../../src/module/image.ts";
import { checkProgram, type Effort } from "./check.ts";
import { differenceText } from "./random.ts";

export interface Case {
  readonly name: string;
  readonly text: string;
  /** The value of the last form, as tagged JSON. */
  readonly result: string;
  readonly output: string;
  /** Effects made. */
  readonly effects: number;
}

const ASK = '(defforeign ask :topic "test/ask")\n';

/** Answers count from 1; every fifth is a failure. */
export const CASES: readonly Case[] = [
  {
    name: "clean-ups run innermost first, however their body is left",
    text: `(def left (atom []))
(defn leave! [how] (swap! left conj how) nil)
(def k1 (atom nil))
(block out (try (try (exit out 1) (finally (leave! :in))) (finally (leave! :out))))
(try (try (throw (error :test/odd "odd" {})) (finally (leave! :thrown))) (catch :test/odd e nil))
(try 1 (finally (leave! :normal)))
(let [v (call-with-continuation (fn [k] (reset! k1 k) 0))]
  (when (< v 2) (try (@k1 (inc v)) (finally (leave! v)))))
@left`,
    result: '["v",["k","in"],["k","out"],["k","thrown"],["k","normal"],0,1]',
    output: "",
    effects: 0,
  },
  {
    name: "a continuation is resumed as often as one likes",
    text: `(let [a 10 b 200]
  [(prompt :p (+ a b (control :p (fn [k] [(k 1) (k 2) (k 3)]))))
   (handle (let [x (perform pick) y (perform pick)] (+ a (* b x) y))
     [pick (fn [_ k] (+ (k 1) (k 2)))])])`,
    result: '["v",["v",211,212,213],1246]',
    output: "",
    effects: 0,
  },
  {
    name: "an element of a lazy sequence is worked out once",
    text: `(def times (atom 0))
(let [squares (map (fn [x] (swap! times inc) (* x x)) (iterate inc 1))
      a (reduce + (take 4 squares))
      b (reduce + (take 4 squares))]
  [a b @times])`,
    result: '["v",30,30,4]',
    output: "",
    effects: 0,
  },
  {
    name: "an effect is made once and answered once",
    text: `${ASK}(defn both [a b] (println a b) (+ a b))
[(both (ask 10) (ask 20)) (map (fn [x] (+ x (ask x))) [100 200])]`,
    result: '["v",3,["l",103,204]]',
    output: "1 2\n",
    effects: 4,
  },
  {
    name: "tasks run in the order they were made, and again in the order they were answered",
    text: `${ASK}(let [note (fn [x] (print x "") x)
      task (fn [x] (perform 'flow.core/spawn (fn [] (note x) (note (+ x (ask x))))))
      tasks (mapv task [10 20 30])]
  (mapv (fn [t] (await t)) tasks))`,
    result: '["v",11,22,33]',
    output: "10 20 30 11 22 33 ",
    effects: 3,
  },
  {
    name: "timers ring by their due times, and a timeout ends its body alone",
    text: `(let [log (atom [])
      sleeper (fn [ms] (perform 'flow.core/spawn (fn [] (flow.time/sleep ms) (swap! log conj ms))))
      tasks (mapv sleeper [300 100 200])
      late (try (flow.time/with-timeout 150 (flow.time/sleep 1000)) (catch :timeout e :late))]
  (mapv (fn [t] (await t)) tasks)
  [late @log])`,
    result: '["v",["k","late"],["v",100,200,300]]',
    output: "",
    effects: 0,
  },
  {
    name: "dynamic bindings go with the frames that made them",
    text: `(def ^:dynamic *d* 1)
(defn d [] *d*)
(def kept (atom nil))
(let [a (prompt :p (binding [*d* 2] (+ (control :p (fn [k] (reset! kept k) (d))) (d))))]
  [a (binding [*d* 3] (@kept 10)) (d)])`,
    result: '["v",1,12,1]',
    output: "",
    effects: 0,
  },
  {
    name: "a loop with closures over each turn's values",
    text: `(let [fs (loop [i 0 fs []] (if (< i 4) (recur (inc i) (conj fs (fn [x] (+ x (* 10 i))))) fs))]
  (mapv (fn [f] (f 1)) fs))`,
    result: '["v",1,11,21,31]',
    output: "",
    effects: 0,
  },
  {
    name: "a namespace that requires another",
    text: '(ns random (:require [flow.time :as time] [flow.string :refer [join]]))\n(time/sleep 5)\n(join "-" [1 2 3])',
    result: '"1-2-3"',
    output: "",
    effects: 0,
  },
  {
    name: "a function that only computes is right beyond the numbers it is quick for",
    text: `(defn next-of [x] (+ x 1))
(defn doubled [x] (* 2 (next-of x)))
[(doubled 20) (doubled 1/2) (doubled 9007199254740991)
 (try (doubled "a") (catch :type e :type))]`,
    result: '["v",42,3,["i","18014398509481984"],["k","type"]]',
    output: "",
    effects: 0,
  },
  {
    name: "an error's trace begins with the function it was made in, however little that does",
    text: `(defn half [x] (quot x 2))
(defn twice [x] (* 2 (half x)))
(try (twice "a") (catch :type e (mapv (fn [f] [(:function f) (:line f)]) (take 2 (ex-trace e)))))`,
    result: '["v",["v","user/half",1],["v","user/twice",2]]',
    output: "",
    effects: 0,
  },
  {
    name: "what a function makes before it waits for a sequence is made once",
    text: `(defn held [xs] (let [s (lazy-seq [xs])] [(count xs) s]))
(let [[n s] (held (map inc (take 3 (iterate inc 0))))]
  [n (mapv count s)])`,
    result: '["v",3,["v",3]]',
    output: "",
    effects: 0,
  },
  {
    name: "a vector in the making, taken up again from the middle, grows from what it was there",
    text: `(def k (atom nil))
(def seen (atom []))
(let [v (mapv (fn [x] (if (= x 33) (call-with-continuation (fn [c] (reset! k c) x)) x)) (range 40))]
  (swap! seen conj [(count v) (nth v 33) (reduce + v)])
  (if (< (count @seen) 3) (@k (* 100 (count @seen))) @seen))`,
    result: '["v",["v",40,33,780],["v",40,100,847],["v",40,200,947]]',
    output: "",
    effects: 0,
  },
  {
    name: "a vector in the making, resumed twice at each of two places, is four vectors",
    text: `(handle (mapv (fn [x] (if (odd? x) (perform pick) x)) [1 2 3])
  [pick (fn [_ k] (into (k 10) (k 20)))])`,
    result: '["v",10,2,10,10,2,20,20,2,10,20,2,20]',
    output: "",
    effects: 0,
  },
  {
    name: "what was built does not change with what is built on it",
    text: `(let [v (mapv inc [1 2 3])
      a (conj v :a)
      b (conj v :b)
      m (conj {:x 1} {:y 2})
      n (conj m {:z 3})]
  [v a b m n])`,
    result:
      '["v",["v",2,3,4],["v",2,3,4,["k","a"]],["v",2,3,4,["k","b"]],["m",["k","x"],1,["k","y"],2],' +
      '["m",["k","x"],1,["k","y"],2,["k","z"],3]]',
    output: "",
    effects: 0,
  },
];

/** Expressions that once behaved differently in some way of running them. */
export const FOUND: readonly { readonly name: string; readonly body: string }[] = [
  { name: "a variadic call that is cut keeps its arguments", body: '(do (println "a" 1) 2)' },
  {
    name: "a primitive's result may share the slot of its argument",
    body: "(first (drop 2 (filter even? (map inc (iterate inc a)))))",
  },
  {
    name: "a clause that is cut",
    body: "(block out (try (+ 1 ((fn [x] (exit out x)) 3)) (finally (swap! c inc))))",
  },
  {
    name: "a binding read in a handler",
    body: "(binding [*d* 88] (+ *d* (handle (perform get 1) [get (fn [[v] k] (k (+ v *d*)))])))",
  },
];

/** What is wrong about a case: its result, or a difference between ways to run it; null: nothing. */
export function checkCase(image: Image, one: Case, effort: Effort): string | null {
  const { outcome, difference } = checkProgram(image, one.text, 1, effort);
  if (difference !== null) return `${one.name}:\n${differenceText(difference)}`;
  const { status, result, output, effects } = outcome;
  const got = JSON.stringify({ status, result, output, effects: effects.length });
  const wanted = JSON.stringify({ status: "done", result: one.result, output: one.output, effects: one.effects });
  return got === wanted ? null : `${one.name}:\n  wanted ${wanted}\n  got    ${got}`;
}
