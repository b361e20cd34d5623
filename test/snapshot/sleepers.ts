// Real snapshots: programs that wait in every way there is, written down where they wait and at cuts between.
import { seededRandom } from "../../src/base/random.ts";
import { newEntry } from "../../src/journal/codec.ts";
import { LiveHost, SwitchedHost } from "../../src/interpreter/host.ts";
import { begin, deliver } from "../../src/interpreter/delivery.ts";
import { Machine } from "../../src/machine/machine.ts";
import type { Image } from "../../src/module/image.ts";
import { ProgramLibrary } from "../../src/module/library.ts";
import { encodeSnapshot } from "../../src/snapshot/snapshot.ts";
import { Source } from "../../src/source/source.ts";

/** Each line is a form of its own, so that what follows is compiled after the wait. Faults are answered with a value. */
const SCRIPTS: readonly string[] = [
  `(defforeign ask :topic "test/ask")
(def seen (atom []))
(println (map (fn [x] (let [y (ask x)] (swap! seen conj y) (+ x y))) [10 20]))
(println (mapv (fn [x] (* x (ask x))) [1 2 3]) @seen)`,
  `(defforeign ask :topic "test/ask")
(def kept (atom nil))
(defn outer [a & more] (let [b (prompt :p (+ a (control :p (fn [k] (reset! kept k) (k (ask a))))))] [a b more]))
(println (outer 1 2 3))
(println (@kept 10) (apply outer [4 (ask 5)]))
(println (let [v (call-with-continuation (fn [k] (reset! kept k) 0))] (if (< v 2) (@kept (+ 1 v)) [v (ask v)])))`,
  `(defforeign ask :topic "test/ask")
(println (handle (let [x (perform pick 1) y (perform pick 2)] (ask [x y]) (+ x y))
  [pick (fn [[v] k] (+ (k v) (k (* 10 v))))]))
(println (handle (mapv (fn [x] (perform emit x) (ask x)) [1 2]) [emit (fn [[x] k] (cons x (try (k nil) (catch :default e [:failed]))))]))`,
  `(ns time (:require [flow.time :as time]))
(defforeign ask :topic "test/ask")
(defn slow [n] (try (time/sleep (* n 1000)) (ask n) (catch :timeout e (ex-message e)) (finally (println "left" n))))
(println (try (time/with-timeout 1500 (slow 1) (slow 2)) (catch :timeout e :late)))
(println (block out (try (when (= 1 (count [(ask 1)])) (exit out 5)) (finally (time/sleep 10)))))`,
  `(defforeign ask :topic "test/ask")
(def ^:dynamic *depth* 1)
(defn spawn [f] (perform 'flow.core/spawn f))
(def tasks (mapv (fn [x] (spawn (fn [] (try (binding [*depth* x] (ask x) (+ x *depth* (ask *depth*))) (catch :test/failed e 0))))) [1 2 3]))
(println (mapv (fn [t] (try (await t) (catch :default e (ex-message e)))) tasks))
(println (try (letfn [(even [n] (if (= n 0) (ask 1) (+ 1 (odd (dec n))))) (odd [n] (if (= n 0) (ask 2) (+ 1 (even (dec n)))))] (even 3))
  (catch :test/failed e (ex-message e))))`,
  `(defforeign ask :topic "test/ask")
(def squares (map (fn [x] (* x (ask x))) (iterate inc 1)))
(println (first squares) (take 2 squares))
(def table (zipmap (range 40) (map str (range 40))))
(println (reduce + (take 3 (filter odd? squares))) (get table (count (set (vec (range 50))))) {(take 2 squares) 1})
(loop [i 0 total 0] (if (< i 3) (recur (inc i) (+ total (ask {:i i}))) (println total (get table i) 1/2 2.5 #{:a "b"})))`,
  `(defforeign ask :topic "test/ask")
(defn chosen [x] (try (throw (error :test/odd "odd" {:x x})) (catch (fn [e] (= x (ask x))) e [:one (ex-data e)]) (catch :test/odd e [:two (ask 7)])))
(defn cleaned [x] (block out (try (if (odd? x) (exit out [:left x]) (throw (error :test/even "even"))) (finally (println (ask x))))))
(println (chosen 1) (chosen 5))
(println (cleaned 1) (try (cleaned 2) (catch :test/even e (ex-trace e))))
(declare later)
(println (try (later 1) (catch (fn [e] (ask 1)) e (ex-message e))))
(def ^:dynamic *level* 0)
(println (binding [*level* 1] (let [k (prompt :p (+ *level* (control :p (fn [k] k))))] (binding [*level* 10] (+ (k 1) (ask 2) (k *level*))))))`,
  `(defforeign ask :topic "test/ask")
(defn down [n] (if (= n 0) (ask 0) (+ 1 (down (dec n)))))
(println (down 70))
(def big (vec (range 100)))
(def counts (atom (zipmap (map str big) big)))
(def lazily (map (fn [x] (swap! counts update (str x) inc) x) (filter even? (iterate inc 0))))
(println (apply + (concat (take 3 lazily) [(ask 1) (count (deref counts))])))
(defmacro twice [form] \`(do ~form ~form))
(println (twice (conj (subvec big 95) (ask 2))) (meta (with-meta [1] {:a (ask 3)})))
(println (reduce (fn [total x] (if (> total 5) (reduced total) (+ total (ask x)))) 0 (rest lazily)) (sort-by - (take 4 big)))
(println (mapv (fn [[k v]] [v k (ask k)]) {:a 1 "b" 2}))`,
  `(ns t (:require [flow.task :as task] [flow.time :as time]))
(defforeign ask :topic "test/ask")
(defn careful [x] (try (+ x (ask x)) (finally (println "cleaned" (ask :clean)))))
(println (try (task/scope (task/spawn careful 1) (task/spawn careful 2) (throw (error :test/left "left" {}))) (catch :test/left e (ex-message e))))
(println (block out (task/scope (task/spawn (fn [] (exit out (ask 3)))) (task/spawn careful 4) (time/sleep 100000))))
(println (try (task/scope (task/spawn (fn [] (ask 5) (throw (error :test/in "in" {})))) (careful 6)) (catch (fn [e] (ask 7)) e :taken)))
(println (task/race [(fn [] (careful 1)) (fn [] (time/sleep 50) :slept)]))
(println (task/map-concurrent 2 (fn [x] (* x (ask x))) [1 2 3]))
(println (let [t (task/spawn careful 8)] (task/cancel! t) (try (task/join t) (catch :task/cancelled e :cancelled))))
(println (task/select [(task/spawn ask 9) (time/timer 10)]) (time/with-timeout 5 (task/scope (task/spawn careful 10) (ask 11))))`,
  `(ns t (:require [flow.retry :as retry] [flow.saga :as saga] [flow.string :as string]))
(defforeign ask :topic "test/ask")
(println (retry/with-retry {:attempts 3 :delay 10} (ask 1)))
(println (try (saga/with-saga [s] (saga/compensate! s (fn [] (ask :undone))) (ask 2) (throw (error :test/broken "broken" {}))) (catch :default e (ex-message e))))
(println (handler-bind [:test/odd (fn [e] (invoke-restart :skip 2))] (with-restarts (+ 1 (throw (error :test/odd "odd" {}))) (restart :skip [x] (* x (ask x))))))
(println (handler-bind [:test/odd (fn [e] (invoke-restart :use-value (ask 3)))] (+ 1 (throw (error :test/odd "odd" {})))))
(defrecord Point [x y])
(defmulti area :kind)
(defmethod area :square [{:keys [side]}] (* side (ask side)))
(println (area {:kind :square :side 3}) (map->Point {:x (ask 4) :y 2}) (update (->Point 1 2) :x ask))
(println (string/replace "a1b22" #"[0-9]+" (fn [m] (str (ask m)))) (re-seq #"[a-z]" (str "abc" (ask 5))))
(println (let [t (transient [1 2])] (ask 6) (conj! t 3) (persistent! t)))
(println (force (delay (ask 7))) (let [v (volatile! 1)] (vswap! v + (ask 8)) @v) (transduce (map ask) + [1 2 3]))`,
];

const ID = "01h00000000000000000000000";
/** Ticks between two snapshots of a program that does not wait. */
const SLICE = 23;
const SNAPSHOTS_MAX = 400;

/** A snapshot, and what another machine needs to go on from it. */
export interface Taken {
  readonly text: string;
  readonly source: Source;
  readonly library: ProgramLibrary;
}

/** A machine whose program's source is at hand. */
export function machineOf(source: Source, library: ProgramLibrary, evaluator: "direct" | "generated"): Machine {
  let clock = 1_000_000;
  const world = { now: () => clock++, random: seededRandom("damage") };
  const host = new LiveHost(world, library, new Map([[source.hash, source]]));
  return new Machine(library, new SwitchedHost(host), { evaluator });
}

/** Hands the machine an answer to an open effect, every seventh a failure; else its first timer. False when it waits for neither. */
export function handNext(machine: Machine, count: number): boolean {
  const [key] = machine.state.open.keys();
  const [timer] = machine.state.timers;
  if (key !== undefined) {
    const ok = count % 7 !== 5;
    const body = ok ? String(count + 1) : '{"type":"test/failed","message":"no"}';
    deliver(machine, "answer", newEntry("answer", { key, outcome: ok ? "ok" : "error", body }).body);
  } else if (timer !== undefined) {
    const { due, event } = timer;
    deliver(machine, "timer", newEntry("timer", { ref: event.id, due, now: due }).body);
  } else return false;
  return true;
}

/** Restarts the first faulted task. False when there is none. */
export function restart(machine: Machine, how: "use-value" | "retry"): boolean {
  const task = [...machine.state.tasks.values()].find(({ control }) => control.kind === "fault");
  if (task === undefined) return false;
  machine.restart(task, how === "retry" ? { kind: how } : { kind: how, value: 3 });
  return true;
}

/** Snapshots of the programs where they wait, and at cuts between. */
export function takeSnapshots(image: Image): Taken[] {
  return SCRIPTS.flatMap((text) => {
    const source = new Source("damage.fm", text);
    const library = new ProgramLibrary(image);
    const machine = machineOf(source, library, "direct");
    begin(machine, ID, {
      source: source.hash,
      name: source.name,
      args: '["v"]',
      image: image.hash,
      versions: ["0", "0", "0"],
    });
    const taken: Taken[] = [];
    for (let count = 0; ; ) {
      const result = machine.run(SLICE);
      machine.outbox = [];
      if (machine.status() === "done") return taken;
      if (taken.length === SNAPSHOTS_MAX) throw new Error(`a program that does not end: ${text}`);
      taken.push({ text: encodeSnapshot(machine.state).text, source, library });
      if (result === "idle" && !handNext(machine, count++) && !restart(machine, "use-value")) return taken;
    }
  });
}
