// Control: what programs answer that throw, catch, leave blocks, capture continuations, handle operations, wait and time out.
// Each runs on both evaluators, straight and written down and read back at every tick.
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { begin } from "../../src/interpreter/delivery.ts";
import { LiveHost } from "../../src/interpreter/host.ts";
import { Machine } from "../../src/machine/machine.ts";
import { ProgramLibrary } from "../../src/module/library.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { decodeSnapshot, encodeSnapshot } from "../../src/snapshot/snapshot.ts";
import { Source } from "../../src/source/source.ts";
import { type Mode, runProgram } from "../property/world.ts";

const image = await shippedImage();

const MODES: readonly (readonly [string, Mode])[] = [
  ["direct", { evaluator: "direct" }],
  ["generated", { evaluator: "generated" }],
  ["restored at every tick", { evaluator: "direct", fuel: () => 1, restore: () => true }],
];

/** The program's status, and its result or the type and message of its error. */
function answer(text: string, mode: Mode): string {
  const { outcome } = runProgram(image, `(ns t (:require [flow.time :as time]))\n${text}`, mode);
  const result = JSON.parse(outcome.result) as unknown[];
  if (outcome.status === "faulted") return `faulted ${String((result[1] as unknown[])[1])}: ${String(result[2])}`;
  return `${outcome.output}${outcome.result}`;
}

/** [what, program, answer]: output, then tagged JSON. */
const PROGRAMS: readonly (readonly [string, string, string])[] = [
  ["a value", "(+ 1 2)", "3"],
  ["catch by type", '(try (throw (error :a/b "m")) (catch :a/b e (ex-type e)))', '["k","a/b"]'],
  ["the first clause that takes it", '(try (throw (error :x "")) (catch :y e 1) (catch :default e 2))', "2"],
  ["a predicate as matcher", "(try (throw 5) (catch number? n (inc n)))", "6"],
  [
    "an error in a predicate goes outside",
    "(try (try (throw 5) (catch inc-nothing n 1)) (catch :default e 2))",
    "faulted compile: unknown name inc-nothing",
  ],
  ["finally on the normal way", '(try 1 (finally (print "f")))', "f1"],
  [
    "finally when thrown through",
    '(try (try (throw (error :x "")) (finally (print "a"))) (catch :x e (print "b") 2))',
    "ab2",
  ],
  ["finally when left by exit", '(block b (try (exit b 1) (finally (print "f"))))', "f1"],
  ["finally may wait", '(try (try (throw (error :x "")) (finally (time/sleep 5) (print "a"))) (catch :x e 2))', "a2"],
  [
    "a throw in finally replaces the error",
    '(try (try (throw (error :x "")) (finally (throw (error :y "")))) (catch :default e (ex-type e)))',
    '["k","y"]',
  ],
  ["exit through a closure", "(block b (do (run! (fn [x] (when (= x 2) (exit b x))) [1 2 3]) :none))", "2"],
  [
    "exit from a block that is over",
    "(let [f (block b (fn [] (exit b 1)))] (f))",
    "faulted block/exited: exit from a block that is over",
  ],
  ["an uncaught error faults", '(throw (ex-info "no" {:type :t}))', "faulted t: no"],
  ["escape by continuation", "(+ 1 (call-with-continuation (fn [k] (+ 10 (k 1)))))", "2"],
  [
    "a continuation twice",
    "(let [k (atom nil) n (atom 0) v (call-with-continuation (fn [c] (reset! k c) 0))] (if (< v 3) (@k (inc v)) v))",
    "3",
  ],
  ["leaving by continuation runs finally", '(call-with-continuation (fn [k] (try (k 1) (finally (print "f")))))', "f1"],
  [
    "entering by continuation runs none",
    '(let [k (atom nil) n (atom 0)] (try (call-with-continuation (fn [c] (reset! k c))) (finally (print "f"))) (when (< (swap! n inc) 3) (@k 0)) @n)',
    "fff3",
  ],
  ["prompt and control", "(prompt :p (+ 1 (control :p (fn [k] (* 2 (k 3))))))", "8"],
  ["control resumed twice", "(prompt :p (+ 1 (control :p (fn [k] (k (k 5))))))", "7"],
  [
    "control without its prompt",
    "(control :p (fn [k] 1))",
    "faulted continuation/no-prompt: no prompt :p, a keyword is around this control",
  ],
  ["a handler", "(handle (+ 1 (perform get 2)) [get (fn [[x] k] (k (* 10 x)))])", "21"],
  ["a handler that does not resume", "(handle (+ 1 (perform get 2)) [get (fn [[x] k] x)])", "2"],
  ["a deep handler", "(handle (+ (perform get 1) (perform get 2)) [get (fn [[x] k] (k (inc x)))])", "5"],
  [
    "the innermost handler",
    "(handle (handle (perform get 1) [get (fn [[x] k] (k :inner))]) [get (fn [[x] k] (k :outer))])",
    '["k","inner"]',
  ],
  [
    "an operation nobody handles",
    "(perform nothing 1)",
    "faulted perform/unhandled: nothing handles the operation t/nothing",
  ],
  ["handlers answer host operations", "(handle (time/now) [flow.time/now (fn [args k] (k 42))])", "42"],
  ["binding", "(def ^:dynamic *x* 1) (defn f [] *x*) [(f) (binding [*x* 2] (f)) (f)]", '["v",1,2,1]'],
  ["set! of a binding", "(def ^:dynamic *x* 1) (binding [*x* 2] (set! *x* 3) *x*)", "3"],
  [
    "a timeout is raised where it waits",
    "(try (time/with-timeout 10 (time/sleep 20) :late) (catch :timeout e :timeout))",
    '["k","timeout"]',
  ],
  ["no timeout in time", "(time/with-timeout 20 (time/sleep 10) :done)", '["k","done"]'],
  [
    "an inner timeout first",
    "(try (time/with-timeout 50 (try (time/with-timeout 10 (time/sleep 99)) (catch :timeout e (time/sleep 5) :inner))) (catch :timeout e :outer))",
    '["k","inner"]',
  ],
  ["a task", "(await (perform 'flow.core/spawn (fn [] (time/sleep 5) 7)))", "7"],
  [
    "tasks in turn",
    "(let [f (fn [x] (perform 'flow.core/spawn (fn [] (time/sleep x) (print x) x)))] (mapv await (mapv f [30 10 20])))",
    '102030["v",30,10,20]',
  ],
  ["waiting inside map", "(map (fn [x] (time/sleep 1) (* x x)) [1 2 3])", '["l",1,4,9]'],
  ["waiting inside a comparator", "(sort (fn [a b] (time/sleep 1) (- b a)) [1 3 2])", '["l",3,2,1]'],
  ["waiting inside a lazy sequence", "(vec (take 3 (map (fn [x] (time/sleep 1) x) (iterate inc 1))))", '["v",1,2,3]'],
  [
    "mutual recursion",
    "(letfn [(e [n] (if (= n 0) true (o (dec n)))) (o [n] (if (= n 0) false (e (dec n))))] (e 100))",
    "true",
  ],
  [
    "a filter that a continuation brings where its catch is not: the error goes on there",
    '(def k (atom nil)) [(try (prompt :p (throw (error :x ""))) (catch (fn [e] (control :p (fn [c] (reset! k c) :kept))) e 1)) (try (@k true) (catch :x e :outside))]',
    '["v",["k","kept"],["k","outside"]]',
  ],
  [
    "the same where nobody takes it",
    '(def k (atom nil)) (try (prompt :p (throw (error :x "no"))) (catch (fn [e] (control :p (fn [c] (reset! k c) 1))) e 1)) (@k true)',
    "faulted x: no",
  ],
  [
    "the same inside of another catch",
    '(def k (atom nil)) (try (prompt :p (throw (error :x ""))) (catch (fn [e] (control :p (fn [c] (reset! k c) 1))) e 1)) (try (try (@k 0) (catch :y e :y) (catch :x e :x)) (catch :default e :outer))',
    '["k","x"]',
  ],
  [
    "a filter that waits, for a call of what has no value",
    "(declare later) (try (later 1) (catch (fn [e] (time/sleep 1) true) e (ex-message e)))",
    '"t/later has no value yet"',
  ],
  [
    "the same in tail position",
    "(declare later) (defn f [] (later 1)) (try (f) (catch (fn [e] (time/sleep 1) true) e [(ex-message e) (:function (first (ex-trace e)))]))",
    '["v","t/later has no value yet","t/f"]',
  ],
  [
    "a var without a value",
    "(declare later) (try [(deref (var later))] (catch :unbound e (time/sleep 1) (ex-message e)))",
    '"t/later has no value yet"',
  ],
  [
    "an exit that fails in its own clean-up",
    '(def leave (atom nil)) (block b (reset! leave (fn [] (try (exit b 1) (finally (print "f")))))) (try (@leave) (catch :block/exited e :over))',
    'f["k","over"]',
  ],
  [
    "a timer beyond the calendar rings at its end",
    "(let [far (perform 'flow.time/timer ##Inf)] (time/sleep 1) (event? far))",
    "true",
  ],
  [
    "an observation nobody can make",
    "(try (perform 'flow.core/compile (atom 1) 0) (catch :compile e (time/sleep 1) (ex-data e)))",
    '["m"]',
  ],
  [
    "a prompt whose tag has no end",
    "(def ones (lazy-seq (cons 1 ones))) (first ones) (try (prompt 1 (control (rest ones) (fn [k] 1))) (catch :default e (ex-type e)))",
    '["k","continuation/no-prompt"]',
  ],
  ["calling what is no function", "(let [f 1] (f 2))", "faulted call: cannot call 1, an integer"],
  ["wrong arity", "((fn [a] a) 1 2)", "faulted arity: an anonymous function takes 1 argument, but got 2"],
];

describe.each(MODES)("%s", (_, mode) => {
  test.each(PROGRAMS)("%s", (_what, program, expected) => {
    expect(answer(program, mode)).toBe(expected);
  });
});

test("an exit that failed in its own clean-up has no place for a value: it is tried again", () => {
  const text = `(def leave (atom nil))
(block b (reset! leave (fn [] (try (exit b 1) (finally (print "f"))))))
(@leave)`;
  const source = new Source("t.fm", text);
  const library = new ProgramLibrary(image);
  const world = { now: () => 1, random: seededRandom("t") };
  const machine = new Machine(library, new LiveHost(world, library, new Map([[source.hash, source]])));
  const start = {
    source: source.hash,
    name: "t.fm",
    args: '["v"]',
    image: image.hash,
    versions: ["0", "0", "0"],
  } as const;
  begin(machine, "01h00000000000000000000000", start);
  machine.run(10_000);
  const { main } = machine.state;
  expect(main.control).toMatchObject({ kind: "fault", retry: { kind: "throw" } });
  machine.restart(main, { kind: "use-value", value: 3 });
  machine.run(10_000);
  expect(main.control).toMatchObject({ kind: "fault", error: { message: "exit from a block that is over" } });
  expect(encodeSnapshot(decodeSnapshot(encodeSnapshot(machine.state).text, machine)).text).toBe(
    encodeSnapshot(machine.state).text,
  );
});
