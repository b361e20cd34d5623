// The programs of the simulation: small, each about one promise, with a result and output that depend on nothing that can go wrong.
const NS = `(ns sim (:require [flow.time :refer [sleep]] [flow.task :refer [scope spawn]] [flow.http.request :as http]))
(defforeign ask :topic "ask")
(defforeign once :topic "once" :contract :at-most-once)
(defforeign other :topic "other")
`;

const TEXTS = {
  steps: "(loop [i 0 sum 0] (if (< i 5) (recur (inc i) (+ sum (ask i))) (do (println :sum sum) sum)))",
  sleeps: "(loop [i 0] (when (< i 4) (sleep 400) (println :woke i) (recur (inc i)))) :slept",
  answers: "(let [a (other 1)] (println :a a) (let [b (other 2)] (println :b b) [a b]))",
  cells: `(def sum (atom 0))
    (scope (run! await (mapv (fn [n] (spawn (fn [] (sleep (* 50 n)) (swap! sum + (ask n))))) (range 5))))
    (println :sum @sum) @sum`,
  race: `(scope (let [a (spawn (fn [] (other 3))) b (spawn (fn [] (sleep 700) (ask 4)))] (println :both) [(await a) (await b)]))`,
  finally: `(def log (atom []))
    (try (swap! log conj (ask 1)) (nth [] 5) (catch :index _ (swap! log conj :caught))
      (finally (swap! log conj (ask 2)) (println :cleaned)))
    @log`,
  fetches: `(loop [i 0 got []] (if (< i 3) (do (sleep 100) (recur (inc i) (conj got (:body (http/get (str "http://x/" i))))))
    (do (println :got got) got)))`,
  pays: `(let [a (:body (http/post "http://x/pay" {:contract :at-most-once}))] (println :paid a) (sleep 300) [a (ask 2)])`,
  once: "(let [a (once 1)] (println :sent a) (sleep 300) [a (ask 2)])",
  mixed: `(defn leg [n] (let [a (ask n)] (sleep 150) (+ a (other n))))
    (println :begun) (let [all (scope (mapv await (mapv (fn [n] (spawn leg n)) (range 4))))] (println :all all) all)`,
} as const;

/** Those that send something which may be sent once only: they fault where nobody knows whether it was. */
export const onceNames: readonly string[] = ["once", "pays"];

export type ProgramName = keyof typeof TEXTS;
export const programNames = Object.keys(TEXTS) as readonly ProgramName[];

export function programText(name: ProgramName): string {
  return `${NS}${TEXTS[name]}`;
}
