// Tasks and scopes: what outlives what, who gets which error, what a cancel, a timeout and an exit leave behind.
// Each program runs on both evaluators, cut by fuel, replayed, and written down and read back at every tick.
import { describe, expect, test } from "vitest";
import { fromTagged } from "../../src/data/tagged.ts";
import { printShort } from "../../src/data/printer.ts";
import { ErrorValue } from "../../src/data/value.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { checkProgram } from "../property/check.ts";
import { differenceText } from "../property/random.ts";

const image = await shippedImage();

const HEAD = `(ns t (:require [flow.time :as time] [flow.task :refer :all-of-them]))
(defn cleaning [ms what] (try (time/sleep ms) (finally (print what ""))))
(defn slowly [what ms] (time/sleep ms) (print what "") what)
`.replace(
  ":all-of-them",
  "[spawn task? join scope cancel! done? current-task deadline select race any all map-concurrent]",
);

/** What a program prints, and its result or the type and message of the error it stops at. */
function answer(text: string): string {
  const { outcome, difference } = checkProgram(image, HEAD + text, 1, { dense: 300, most: 1000 });
  if (difference !== null) throw new Error(differenceText(difference));
  const value = fromTagged(JSON.parse(outcome.result));
  if (outcome.status === "done") return `${outcome.output}=> ${printShort(value)}`;
  const error = value instanceof ErrorValue ? `${value.type.text}: ${value.message}` : printShort(value);
  return `${outcome.output}${outcome.status} ${error}`;
}

type Case = readonly [what: string, program: string, answer: string];

/** Answers worked out by hand. */
const STRUCTURE: readonly Case[] = [
  ["a task answers its value", "(join (spawn (fn [] (time/sleep 5) 7)))", "=> 7"],
  ["it begins when the others wait", '(let [t (spawn print "b")] (print "a") (join t))', "ab=> nil"],
  ["a scope waits for its tasks", '(scope (spawn slowly "child" 5) (print "body "))', "body child => nil"],
  ["and answers the value of its body", "(scope (spawn time/sleep 5) :value)", "=> :value"],
  [
    "a task that a task spawned is awaited too",
    '(scope (spawn (fn [] (spawn (fn [] (spawn slowly "c" 5) (slowly "b" 5))) (print "a ")))) (print "end ")',
    "a b c end => nil",
  ],
  ["a program waits for the tasks of its top level", '(spawn slowly "child" 5) (print "main ")', "main child => nil"],
  [
    "an error leaves the scope and cancels its tasks",
    '(try (scope (spawn cleaning 100 "clean") (time/sleep 1) (throw (error :no "no"))) (catch :no e (print "caught ")))',
    "clean caught => nil",
  ],
  [
    "a task that never began is not called",
    '(try (scope (spawn print "never") (throw (error :no "no"))) (catch :no e :caught))',
    "=> :caught",
  ],
  ["an exit too", '(block out (scope (spawn cleaning 100 "clean") (time/sleep 1) (exit out :left)))', "clean => :left"],
  [
    "a timeout too",
    '(try (time/with-timeout 5 (spawn cleaning 100 "clean") (time/sleep 50)) (catch :timeout e :late))',
    "clean => :late",
  ],
  [
    "a timeout ends the wait for a scope's tasks",
    '(try (time/with-timeout 5 (scope (spawn cleaning 100 "clean"))) (catch :timeout e :late))',
    "clean => :late",
  ],
  ["with-timeout waits for what it started", '(time/with-timeout 50 (spawn slowly "child" 5) :body)', "child => :body"],
  [
    "a continuation that leads out too",
    '(call-with-continuation (fn [k] (scope (spawn cleaning 100 "clean") (time/sleep 1) (k :out))))',
    "clean => :out",
  ],
  [
    "the inner scope first, each with its clean-ups",
    '(block out (scope (spawn cleaning 100 "outer") (scope (spawn cleaning 100 "inner") (time/sleep 1) (try (exit out 1) (finally (print "own "))))))',
    "own inner outer => 1",
  ],
  [
    "leaving waits for clean-ups that wait",
    '(block out (scope (spawn (fn [] (try (time/sleep 100) (finally (slowly "slow clean" 20))))) (time/sleep 1) (exit out 1))) (print "after ")',
    "slow clean after => nil",
  ],
  [
    "a task of a task is cancelled inside out",
    '(let [t (spawn (fn [] (try (scope (spawn cleaning 100 "child") (time/sleep 100)) (finally (print "parent ")))))] (time/sleep 1) (cancel! t) (try (join t) (catch :task/cancelled e :cancelled)))',
    "child parent => :cancelled",
  ],
  [
    "what a task spawned outside of any scope is cancelled with it",
    '(let [t (spawn (fn [] (spawn cleaning 100 "child") (cleaning 100 "parent")))] (time/sleep 1) (cancel! t) (try (join t) (catch :task/cancelled e :cancelled)))',
    "parent child => :cancelled",
  ],
  [
    "a task in a clean-up is awaited like any other",
    '(scope (try 1 (finally (spawn slowly "child" 5)))) (print "end ")',
    "child end => nil",
  ],
];

const BARE: readonly Case[] = [
  [
    "a marker whose body does not wait for its tasks hands them to the scope around it",
    '(scope (with-scope* [nil] (spawn slowly "child" 5)) (print "after ")) (print "end ")',
    "after child end => nil",
  ],
];

const CANCELLING: readonly Case[] = [
  [
    "waiting for a cancelled task",
    "(let [t (spawn time/sleep 9)] (cancel! t) (join t))",
    "faulted task/cancelled: the task was cancelled",
  ],
  [
    "cancel! says whether it did",
    "(let [t (spawn time/sleep 9) u (spawn + 1)] (join u) [(cancel! t) (cancel! t) (cancel! u)])",
    "=> [true false false]",
  ],
  [
    "is no error that the task could catch",
    '(let [t (spawn (fn [] (try (time/sleep 9) (catch :default e (print "caught")))))] (time/sleep 1) (cancel! t) (try (join t) (catch :task/cancelled e :cancelled)))',
    "=> :cancelled",
  ],
  [
    "a clean-up that waits is not interrupted",
    '(let [t (spawn (fn [] (try (time/sleep 5) (finally (slowly "clean" 20))) (print "never")))] (time/sleep 10) (cancel! t) (try (join t) (catch :task/cancelled e :cancelled)))',
    "clean => :cancelled",
  ],
  [
    "nor one that runs because of the cancel",
    '(let [t (spawn (fn [] (try (time/sleep 50) (finally (slowly "clean" 20)))))] (time/sleep 1) (cancel! t) (time/sleep 5) (cancel! t) (try (join t) (catch :task/cancelled e :cancelled)))',
    "clean => :cancelled",
  ],
  [
    "a clean-up within a clean-up comes to its end, then the outer one",
    '(let [t (spawn (fn [] (try 1 (finally (try 1 (finally (slowly "inner" 20))) (slowly "outer" 5)))))] (time/sleep 1) (cancel! t) (try (join t) (catch :task/cancelled e :cancelled)))',
    "inner outer => :cancelled",
  ],
  [
    "an exit out of a clean-up does not keep the task",
    '(let [t (spawn (fn [] (block b (try (time/sleep 50) (finally (exit b 1)))) (print "never")))] (time/sleep 1) (cancel! t) (try (join t) (catch :task/cancelled e :cancelled)))',
    "=> :cancelled",
  ],
  [
    "nor does a continuation that leads out of one",
    '(let [t (spawn (fn [] (call-with-continuation (fn [k] (try (time/sleep 50) (finally (k 1))))) (print "never")))] (time/sleep 1) (cancel! t) (try (join t) (catch :task/cancelled e :cancelled)))',
    "=> :cancelled",
  ],
  [
    "nor a handler that does not come back to one",
    '(let [t (spawn (fn [] (handle (try (time/sleep 50) (finally (perform give-up))) [give-up (fn [args k] 1)]) (time/sleep 1) (print "never")))] (time/sleep 1) (cancel! t) (try (join t) (catch :task/cancelled e :cancelled)))',
    "=> :cancelled",
  ],
  [
    "a catch inside of a clean-up works",
    '(let [t (spawn (fn [] (try (time/sleep 50) (finally (try (throw 1) (catch :default e (print "caught ")))))))] (time/sleep 1) (cancel! t) (try (join t) (catch :task/cancelled e :cancelled)))',
    "caught => :cancelled",
  ],
  [
    "a scope inside of a clean-up works",
    "(let [t (spawn (fn [] (try (time/sleep 50) (finally (print (all [(fn [] (time/sleep 3) 1) (fn [] 2)]))))))] (time/sleep 1) (cancel! t) (try (join t) (catch :task/cancelled e :cancelled)))",
    "[1 2]=> :cancelled",
  ],
  [
    "a timeout inside of a clean-up works",
    '(let [t (spawn (fn [] (try (time/sleep 50) (finally (try (time/with-timeout 3 (time/sleep 50)) (catch :timeout e (print "late ")))))))] (time/sleep 1) (cancel! t) (try (join t) (catch :task/cancelled e :cancelled)))',
    "late => :cancelled",
  ],
  [
    "the limits around a clean-up do not interrupt it",
    '(try (time/with-timeout 5 (try (time/sleep 50) (finally (slowly "clean" 20)))) (catch :timeout e :late))',
    "clean => :late",
  ],
  [
    "nor do they where it was reached in time; they come through at the next wait",
    '(try (time/with-timeout 5 (try 1 (finally (slowly "clean" 20))) (print "next ") (time/sleep 1) (print "never")) (catch :timeout e :late))',
    "clean next => :late",
  ],
  [
    "the task itself",
    '(let [t (spawn (fn [] (try (cancel! (current-task)) (print "never") (finally (print "clean ")))))] (try (join t) (catch :task/cancelled e :cancelled)))',
    "clean => :cancelled",
  ],
  [
    "the task itself, in a clean-up",
    '(let [t (spawn (fn [] (try 1 (finally (print (cancel! (current-task)) "") (slowly "clean" 5))) (print "never")))] (try (join t) (catch :task/cancelled e :cancelled)))',
    "true clean => :cancelled",
  ],
  [
    "a task that has faulted",
    '(let [t (spawn (fn [] (try (throw (error :no "no")) (finally (print "clean ")))))] (time/sleep 1) (cancel! t) (done? t))',
    "clean => false",
  ],
  ["the main task", '(try (cancel! (current-task)) (finally (slowly "clean" 5)))', "clean => nil"],
  [
    "while it waits for the end of its scope",
    '(let [t (spawn (fn [] (scope (spawn cleaning 50 "child"))))] (time/sleep 1) (cancel! t) (try (join t) (catch :task/cancelled e :cancelled)))',
    "child => :cancelled",
  ],
  [
    "while it leaves a scope",
    '(let [t (spawn (fn [] (block b (scope (spawn (fn [] (try (time/sleep 50) (finally (slowly "child" 20))))) (time/sleep 1) (exit b 1))) (print "never")))] (time/sleep 5) (cancel! t) (try (join t) (catch :task/cancelled e :cancelled)))',
    "child => :cancelled",
  ],
  [
    "while it waits for the first of several",
    "(let [e (event) t (spawn (fn [] (select [e (time/timer 50)])))] (time/sleep 1) (cancel! t) (fulfil! e 1) (try (join t) (catch :task/cancelled e :cancelled)))",
    "=> :cancelled",
  ],
];

const ERRORS: readonly Case[] = [
  [
    "of a task go to who waits for it",
    '(let [t (spawn (fn [] (time/sleep 1) (throw (error :no "no"))))] (try (join t) (catch :no e (ex-type e))))',
    "=> :no",
  ],
  [
    "also afterwards",
    '(let [t (try (scope (let [t (spawn (fn [] (throw (error :no "no"))))] (try (join t) (catch :no e t)))))] (try (join t) (catch :no e :again)))',
    "=> :again",
  ],
  [
    "go on into the owner of the scope, to a catch around it",
    '(try (scope (spawn cleaning 50 "other") (spawn (fn [] (time/sleep 1) (throw (error :no "no")))) (time/sleep 50) (print "never")) (catch :no e (print "caught ")))',
    "other caught => nil",
  ],
  [
    "not to a catch inside of it",
    '(try (scope (spawn (fn [] (time/sleep 1) (throw (error :no "no")))) (try (time/sleep 50) (catch :no e (print "wrong")) (finally (print "clean ")))) (catch :no e :right))',
    "clean => :right",
  ],
  [
    "also from tasks of tasks",
    '(try (scope (spawn (fn [] (try (scope (spawn (fn [] (time/sleep 1) (throw (error :no "no")))) (cleaning 50 "middle")) (finally (print "end "))))) (cleaning 50 "owner")) (catch :no e :caught))',
    "middle end owner => :caught",
  ],
  [
    "stop a task that nobody would catch it for; the others go on",
    '(scope (spawn slowly "other" 5) (spawn (fn [] (throw (error :no "no")))) (time/sleep 1) (print "owner "))',
    "owner other faulted no: no",
  ],
  [
    "are caught by who waits for a task that has stopped",
    '(scope (let [t (spawn (fn [] (try (throw (error :no "no")) (finally (print "clean ")))))] (time/sleep 5) (try (join t) (catch :no e :caught))))',
    "clean => :caught",
  ],
  [
    "stay where they are if who waits would not catch them",
    '(scope (let [t (spawn (fn [] (try (throw (error :no "no")) (finally (print "clean ")))))] (time/sleep 5) (try (join t) (catch :other e :caught))))',
    "faulted no: no",
  ],
  [
    "the first one counts",
    "(try (scope (spawn (fn [] (time/sleep 20) (throw 2))) (spawn (fn [] (time/sleep 10) (throw 1))) (time/sleep 50)) (catch :default e [:caught e]))",
    "=> [:caught 1]",
  ],
  [
    "come through when the owner is in a clean-up, at its next wait",
    '(try (scope (spawn (fn [] (throw 1))) (try 1 (finally (slowly "clean" 5))) (print "next ") (time/sleep 1) (print "never")) (catch :default e [:caught e]))',
    "clean next => [:caught 1]",
  ],
  [
    "come through at the end of the scope",
    '(try (scope (spawn (fn [] (throw 1))) (try 1 (finally (slowly "clean" 5))) (print "next ")) (catch :default e [:caught e]))',
    "clean next => [:caught 1]",
  ],
  [
    "come through when the scope is left otherwise",
    '(try (block b (scope (spawn (fn [] (throw 1))) (try 1 (finally (slowly "clean" 5))) (exit b :left))) (catch :default e [:caught e]))',
    "clean => [:caught 1]",
  ],
  [
    "of a clean-up of a cancelled task go on into the owner",
    "(try (scope (spawn (fn [] (try (time/sleep 50) (finally (throw 2))))) (time/sleep 1) (throw 1)) (catch :default e [:caught e]))",
    "=> [:caught 2]",
  ],
  [
    "of such a clean-up stop the task if nobody would catch them",
    '(block b (scope (spawn (fn [] (try (time/sleep 50) (finally (throw (error :no "no")))))) (time/sleep 1) (exit b 1))) (print "never")',
    "faulted no: no",
  ],
  [
    "of such a clean-up are not caught by the cancelled task itself",
    '(let [t (spawn (fn [] (try (try (time/sleep 50) (finally (throw 2))) (catch :default e (print "wrong")))))] (time/sleep 1) (cancel! t) (try (join t) (catch :default e [:caught e])))',
    "=> [:caught 2]",
  ],
  [
    "of what a task spawned outside of any scope go on to who would catch them for the task",
    '(let [t (spawn (fn [] (spawn (fn [] (throw 1))) (cleaning 50 "parent")))] (try (join t) (catch :default e [:caught e])))',
    "parent => [:caught 1]",
  ],
  [
    "of what the main task spawned so stop the task",
    '(spawn (fn [] (throw (error :no "no")))) (slowly "main" 5)',
    "main faulted no: no",
  ],
  [
    "a filter is asked where the error is thrown, and again when it arrives",
    "(def asked (atom [])) (def main (current-task)) (defn asking [e] (swap! asked conj (= (current-task) main)) (= e 1)) (try (scope (spawn (fn [] (throw 1))) (time/sleep 5)) (catch asking e [:caught @asked]))",
    "=> [:caught [false true]]",
  ],
  [
    "a filter that fails passes its error on outwards",
    "(try (try (scope (spawn (fn [] (throw 1))) (time/sleep 5)) (catch (fn [e] (throw 2)) e :wrong)) (catch number? e [:caught e]))",
    "=> [:caught 2]",
  ],
  [
    "a filter may wait",
    '(try (scope (spawn (fn [] (throw 1))) (cleaning 50 "body")) (catch (fn [e] (time/sleep 3) (= e 1)) e [:caught e]))',
    "body => [:caught 1]",
  ],
  [
    "two tasks that wait for each other would not catch anything",
    "(let [a (atom nil) t (spawn (fn [] (time/sleep 1) (join @a))) u (spawn (fn [] (join t)))] (reset! a u) (time/sleep 5) (done? t))",
    "waiting nil",
  ],
  [
    "a task cannot wait for itself",
    "(let [t (spawn (fn [] (join (current-task))))] (try (join t) (catch :task/self e :self)))",
    "=> :self",
  ],
];

const LIMITS: readonly Case[] = [
  [
    "a task is inside of the limit around its scope",
    '(try (time/with-timeout 5 (scope (spawn cleaning 50 "a") (spawn (fn [] (scope (spawn cleaning 50 "b")))))) (catch :timeout e :late))',
    "a b => :late",
  ],
  [
    "its deadline is that of the limits around its scope",
    "(let [at (fn [] (some-> (deadline) (time/minus (time/instant 0)) (time/millis) (> 0)))] [(at) (time/with-timeout 50 (scope (join (spawn at)))) (scope (join (spawn at)))])",
    "=> [nil true nil]",
  ],
  [
    "the nearest of several",
    "(let [before (fn [a b] (time/before? a b)) outer (atom nil)] (time/with-timeout 100 (reset! outer (deadline)) (time/with-timeout 10 (before (deadline) @outer))))",
    "=> true",
  ],
  [
    "also where the outer one ends first",
    "(time/with-timeout 10 (let [outer (deadline)] (time/with-timeout 100 (= (deadline) outer))))",
    "=> true",
  ],
  [
    "an inner limit that a task has of its own ends the task's wait only",
    '(time/with-timeout 50 (scope (spawn slowly "other" 10) (join (spawn (fn [] (try (time/with-timeout 5 (time/sleep 20)) (catch :timeout e :late)))))))',
    "other => :late",
  ],
  [
    "a handler that swallows the limit of an outer scope gets it again",
    '(try (time/with-timeout 5 (scope (try (time/sleep 20) (catch :timeout e (print "swallowed "))) (time/sleep 1) (print "never"))) (catch :timeout e :late))',
    "swallowed => :late",
  ],
  [
    "many limits at once",
    "(map-concurrent 50 (fn [i] (try (time/with-timeout (* 1000 (+ 5 (rem i 7))) (time/sleep 8500)) :ok (catch :timeout e :late))) (range 14))",
    "=> (:late :late :late :late :ok :ok :ok :late :late :late :late :ok :ok :ok)",
  ],
];

const SEVERAL: readonly Case[] = [
  ["select says which came first", "(select {:slow (time/timer 20) :fast (time/timer 10)})", "=> [:fast nil]"],
  ["by index", "(select [(time/timer 20) (fn [] (time/sleep 5) :v)])", "=> [1 :v]"],
  [
    "of several that are settled the one that was settled first",
    "(let [a (event) b (event)] (fulfil! b :b) (fulfil! a :a) (select {:a a :b b}))",
    "=> [:b :b]",
  ],
  [
    "timers due at the same moment come in the order they were made",
    "(let [a (time/timer 5) b (time/timer 5)] (time/sleep 9) (select {:b b :a a}))",
    "=> [:a nil]",
  ],
  [
    "it raises the error of the first",
    '(try (select [(time/timer 5) (fn [] (throw (error :no "no")))]) (catch :no e :caught))',
    "=> :caught",
  ],
  [
    "and cancels what it started",
    '(select [(fn [] (cleaning 50 "slow")) (fn [] (time/sleep 1) :fast)])',
    "slow => [1 :fast]",
  ],
  [
    "not what it was given",
    '(let [t (spawn slowly "task" 10)] [(select [t (time/timer 5)]) (join t)])',
    'task => [[1 nil] "task"]',
  ],
  ["the same event twice", "(let [e (time/timer 5)] [(select [e e]) (select {:a e})])", "=> [[0 nil] [:a nil]]"],
  ["nothing to wait for", "(select [])", "faulted range: select needs something to wait for"],
  ["what cannot be waited for", "(select [1])", "faulted type: select takes functions, tasks and events, but got 1"],
  ["race: a value", "(race [(fn [] (time/sleep 9) 1) (fn [] (time/sleep 3) 2)])", "=> 2"],
  [
    "race: an error",
    "(try (race [(fn [] (time/sleep 9) 1) (fn [] (time/sleep 3) (throw 2))]) (catch number? e [:caught e]))",
    "=> [:caught 2]",
  ],
  [
    "race: an error that nobody would catch stops its task, and the other wins",
    "(race [(fn [] (time/sleep 9) 1) (fn [] (time/sleep 3) (throw 2))])",
    "=> 1",
  ],
  [
    "any: the first that succeeds",
    "(any [(fn [] (throw 1)) (fn [] (time/sleep 9) :slow) (fn [] (time/sleep 3) :fast)])",
    "=> :fast",
  ],
  [
    "any: all fail",
    "(try (any [(fn [] (time/sleep 5) (throw 1)) (fn [] (throw 2))]) (catch :task/all-failed e (:errors (ex-data e))))",
    "=> [2 1]",
  ],
  ["any: nobody catches", "(any [(fn [] (throw 1))])", "faulted task/all-failed: all of the 1 failed"],
  [
    "any: a limit around it is no failure",
    "(try (time/with-timeout 5 (any [(fn [] (time/sleep 50))])) (catch :timeout e :late))",
    "=> :late",
  ],
  [
    "any: a limit inside is one",
    "(try (any [(fn [] (time/with-timeout 5 (time/sleep 50)))]) (catch :task/all-failed e (map ex-type (:errors (ex-data e)))))",
    "=> (:timeout)",
  ],
  ["all", "(all [(fn [] (time/sleep 9) 1) (fn [] 2) (time/timer 3)])", "=> [1 2 nil]"],
  ["all of a map", "(all {:a (fn [] (time/sleep 9) 1) :b (fn [] 2)})", "=> {:a 1, :b 2}"],
  ["all of nothing", "[(all []) (all {}) (all nil)]", "=> [[] {} []]"],
  [
    "all: the first error cancels the others",
    '(try (all [(fn [] (cleaning 50 "a")) (fn [] (time/sleep 3) (throw 1)) (fn [] (cleaning 50 "c"))]) (catch number? e [:caught e]))',
    "a c => [:caught 1]",
  ],
  [
    "map-concurrent: at most so many at once, results in order",
    "(def at-once (atom 0)) (def most (atom 0)) [(map-concurrent 3 (fn [x] (swap! at-once inc) (swap! most max @at-once) (time/sleep (- 20 x)) (swap! at-once dec) (* x x)) (range 7)) @most]",
    "=> [(0 1 4 9 16 25 36) 3]",
  ],
  ["map-concurrent: nothing", "(map-concurrent 3 inc [])", "=> ()"],
  [
    "map-concurrent: takes no more elements than it has room for",
    "(let [seen (atom 0)] (take 0 (map-concurrent 2 identity (take 3 (map (fn [x] (swap! seen inc) x) (iterate inc 0))))) @seen)",
    "=> 3",
  ],
  [
    "map-concurrent: the first error cancels the others",
    '(try (map-concurrent 2 (fn [x] (if (= x 1) (throw (error :no "no")) (cleaning 50 x))) (range 5)) (catch :no e :caught))',
    "0 => :caught",
  ],
  [
    "map-concurrent: not so many",
    "(map-concurrent 0 inc [1])",
    "faulted range: map-concurrent takes how many may run at once, an integer above 0, but got 0",
  ],
];

const EXITS: readonly Case[] = [
  [
    "from a task leave its scope for a block around it",
    '(block found (scope (spawn (fn [] (time/sleep 10) (exit found :task))) (cleaning 50 "body") (print "never")))',
    "body => :task",
  ],
  [
    "from tasks of tasks, and past clean-ups",
    '(block found (scope (spawn (fn [] (try (scope (spawn (fn [] (try (exit found :deep) (finally (print "a "))))) (cleaning 50 "b")) (finally (print "c "))))) (cleaning 50 "d")))',
    "a b c d => :deep",
  ],
  [
    "what a task spawned outside of any scope too",
    '(block found (scope (spawn (fn [] (spawn (fn [] (time/sleep 1) (exit found :deep))) (cleaning 50 "parent"))) (cleaning 50 "body")))',
    "parent body => :deep",
  ],
  [
    "who waits for the task is left as well",
    "(block found (scope (let [t (spawn (fn [] (time/sleep 1) (exit found :task)))] [:joined (join t)])))",
    "=> :task",
  ],
  [
    "another task that waits for it is told that it was cancelled",
    '(block found (scope (let [t (spawn (fn [] (time/sleep 1) (exit found :task)))] (spawn (fn [] (try (join t) (catch :task/cancelled e (print "told "))))) (cleaning 50 "body"))))',
    "told body => :task",
  ],
  [
    "wait for a clean-up of the owner",
    '(block found (scope (spawn (fn [] (exit found :task))) (try 1 (finally (slowly "clean" 5))) (print "next ") (time/sleep 1) (print "never")))',
    "clean next => :task",
  ],
  [
    "not for a block inside of the scope",
    "(scope (block b (spawn (fn [] (try (exit b 1) (catch :block/exited e (print :no))))) (time/sleep 5)))",
    ":no=> nil",
  ],
  [
    "a restart that is offered around the scope",
    '(with-restarts (scope (spawn (fn [] (time/sleep 1) (invoke-restart :skip))) (cleaning 50 "body")) (restart :skip [] :skipped))',
    "body => :skipped",
  ],
  [
    "a handler around the scope that chooses one",
    "(handler-bind [:type (fn [e] (invoke-restart :skip))] (with-restarts (scope (spawn (fn [] (inc nil))) (time/sleep 50)) (restart :skip [] :skipped)))",
    "=> :skipped",
  ],
  [
    "or that says what to use where the error was thrown",
    "(handler-bind [:type (fn [e] (invoke-restart :use-value 5))] (scope (join (spawn (fn [] (* 2 (inc nil)))))))",
    "=> 10",
  ],
];

const CONTINUATIONS: readonly Case[] = [
  [
    "one that holds a scope can be used once",
    "(def k (atom nil)) (def n (atom 0)) (prompt :p (scope (control :p (fn [c] (reset! k c) 0)))) (@k 1) (try (@k 2) (catch :continuation/used e :used))",
    "=> :used",
  ],
  [
    "entering a scope that is over raises at the next wait",
    '(def k (atom nil)) (def n (atom 0)) (scope (call-with-continuation (fn [c] (reset! k c))) (print "in ") (when (= 1 @n) (try (time/sleep 1) (catch :scope/closed e (print "closed "))))) (if (= 1 (swap! n inc)) (@k nil) @n)',
    "in in closed => 2",
  ],
  [
    "and when a task is spawned",
    "(def k (atom nil)) (def n (atom 0)) (def result (try (scope (call-with-continuation (fn [c] (reset! k c))) (spawn + 1)) (catch :scope/closed e :closed))) (if (= 1 (swap! n inc)) (@k nil) result)",
    "=> :closed",
  ],
  [
    "a scope that a continuation holds goes on where it is resumed",
    '(def k (atom nil)) (prompt :p (scope (spawn slowly "child" 10) (control :p (fn [c] (reset! k c) nil)) (print "back "))) (print "between ") (@k nil) (print "after ")',
    "between back child after => nil",
  ],
  [
    "also in another task",
    '(def k (atom nil)) (prompt :p (scope (spawn slowly "child" 10) (control :p (fn [c] (reset! k c) nil)) (print "back "))) (join (spawn (fn [] (@k nil) (print "after ")))) (print "end ")',
    "back child after end => nil",
  ],
  [
    "one that is never resumed does not keep its tasks",
    '(prompt :p (scope (spawn cleaning 50 "child") (time/sleep 1) (control :p (fn [c] nil)))) (print "end ")',
    "end child => nil",
  ],
  [
    "errors of its tasks wait until it is resumed",
    '(def k (atom nil)) (try (prompt :p (try (scope (spawn (fn [] (time/sleep 3) (throw 1))) (control :p (fn [c] (reset! k c) nil)) (print "back ") (time/sleep 1) (print "never")) (catch :default e [:caught e]))) (time/sleep 5) (print "later ") (@k nil) (catch :other e 1))',
    "later back => [:caught 1]",
  ],
  [
    "a handler that is performed in a scope comes back into it",
    '(handle (scope (spawn slowly "child" 5) (perform ask 1)) [ask (fn [[x] k] (k (inc x)))])',
    "child => 2",
  ],
];

const INHERITED: readonly Case[] = [
  ["dynamic bindings", "(def ^:dynamic *x* 1) (binding [*x* 2] (join (spawn (fn [] (time/sleep 1) *x*))))", "=> 2"],
  [
    "copies of them",
    "(def ^:dynamic *x* 1) (binding [*x* 2] (let [t (spawn (fn [] (set! *x* 3) (time/sleep 5) *x*))] (time/sleep 1) (set! *x* 4) [*x* (join t)]))",
    "=> [4 3]",
  ],
  [
    "the innermost first",
    "(def ^:dynamic *x* 1) (binding [*x* 2] (binding [*x* 3] (join (spawn (fn [] *x*)))))",
    "=> 3",
  ],
  [
    "also by tasks of tasks",
    "(def ^:dynamic *x* 1) (binding [*x* 2] (join (spawn (fn [] (join (spawn (fn [] *x*)))))))",
    "=> 2",
  ],
  [
    "handlers",
    "(handle (join (spawn (fn [] (+ (perform ask 1) (perform ask 2))))) [ask (fn [[x] k] (k (* 10 x)))])",
    "=> 30",
  ],
  [
    "one that does not resume ends the task",
    "(handle [(join (spawn (fn [] (+ 1 (perform ask 1)))))] [ask (fn [[x] k] :instead)])",
    "=> [:instead]",
  ],
  [
    "between bindings and handlers the order stays",
    "(def ^:dynamic *x* 1) (binding [*x* 2] (handle (binding [*x* 3] (join (spawn (fn [] [*x* (perform ask)])))) [ask (fn [args k] (k *x*))]))",
    "=> [3 2]",
  ],
  ["a task of a race", "(def ^:dynamic *x* 1) (binding [*x* 2] (race [(fn [] *x*) (time/timer 5)]))", "=> 2"],
];

describe.each([
  ["scopes", STRUCTURE],
  ["scope markers", BARE],
  ["cancelling", CANCELLING],
  ["errors", ERRORS],
  ["limits", LIMITS],
  ["waiting for several", SEVERAL],
  ["exits", EXITS],
  ["continuations", CONTINUATIONS],
  ["what a task inherits", INHERITED],
] as const)("%s", (_, cases) => {
  test.each(cases)("%s", (_what, program, expected) => {
    expect(answer(program)).toBe(expected);
  });
});
