// Ten thousand lines of scripts for the benchmark of `flowmetal check`: a module of shared functions and scripts that require it,
// made of many kinds of forms, the same at every run. They are in order: a checker has nothing to say about them.

const SHARED_BLOCKS = 12;

/** The files, by name: `lines` lines in all, those of a script about `perFile`. */
export function checkScripts({ lines, perFile }) {
  const shared = ["; What all scripts use.", "(ns shared", "  (:require [flow.string :as string]))", ""];
  for (let n = 0; n < SHARED_BLOCKS; n++) shared.push(...sharedBlock(n));
  const files = new Map([["shared.fm", shared]]);
  let left = lines - shared.length;
  for (let number = 0; left > 0; number++) {
    const text = header(number);
    for (let n = 0; ; n++) {
      const next = BLOCKS[n % BLOCKS.length](n);
      if (text.length + next.length > Math.min(perFile, left)) break;
      text.push(...next);
    }
    // What is left is less than any script: comments are lines like any other.
    if (left - text.length < header(0).length) while (text.length < left) text.push("; the end");
    left -= text.length;
    files.set(`script-${number}.fm`, text);
  }
  return new Map([...files].map(([name, text]) => [name, `${text.join("\n")}\n`]));
}

const block = (text) => [...text.trim().split("\n"), ""];

const header = (number) =>
  block(`
#!/usr/bin/env flowmetal
; Script number ${number}.
(ns script-${number}
  (:require [shared :refer [with-log]]
            [flow.http.request :as http]
            [flow.set :as set]
            [flow.string :as string]
            [flow.task :as task]
            [flow.time :as time]))
`);

const sharedBlock = (n) =>
  block(`
(def limit-${n} "The most of everything of kind ${n}." ${100 + n})

(defn within-${n}
  "Whether a count is allowed."
  ([count] (within-${n} count limit-${n}))
  ([count most] (and (int? count) (<= 0 count most))))

(defn title-${n} [{:keys [name code] :or {name "?"}}]
  (str (string/upper-case name) " (" code ")"))
${n > 0 ? "" : "\n(defmacro with-log [label & body]\n  `(let [result# (do ~@body)]\n     (println ~label result#)\n     result#))"}
`);

/** Kinds of forms, each with a number in its names. */
const BLOCKS = [
  (n) =>
    block(`
; What the shop knows of an item.
(def catalogue-${n}
  {:name "item ${n}"
   :prices [{:currency :eur, :amount ${n}.95} {:currency :usd, :amount ${n + 1}.05}]
   :tags #{:new :sale :k${n}}
   :weight ${n}/7
   :pattern #"item-(\\d+)"
   :sizes (range ${n} ${n + 10})})
`),
  (n) =>
    block(`
(defn total-${n}
  "The sum of the lines of an order, with what is taken off."
  [{:keys [lines discount] :or {discount 0}}]
  (let [sum (reduce (fn [sum {:keys [price count]}] (+ sum (* price (or count 1)))) 0 lines)
        reduced (- sum (* sum discount))]
    (if (neg? reduced)
      0
      reduced)))
`),
  (n) =>
    block(`
(defn- retry-${n} [request]
  (loop [n 1
         pause 100]
    (let [answer (try (http/send request) (catch :timeout _ nil))]
      (cond
        (and answer (http/ok? answer)) (:json answer)

        (< n ${3 + (n % 5)})
        (do (time/sleep pause)
            (recur (inc n) (* 2 pause)))

        :else (throw (ex-info "gave up" {:type :script/gave-up, :tries n}))))))
`),
  (n) =>
    block(`
(defn report-${n} [orders]
  (->> orders
       (filter (fn [{:keys [state]}] (contains? #{:paid :sent} state)))
       (group-by :customer)
       (map (fn [[customer own]] {:customer customer, :orders (count own), :newest (last (sort-by :at own))}))
       (sort-by :orders)
       (take ${5 + (n % 7)})
       (into [])))
`),
  (n) =>
    block(`
(defmacro unless-${n} [test & body]
  \`(if ~test
     nil
     (let [value# (do ~@body)]
       [:unless value#])))

(defn guarded-${n} [x]
  (unless-${n} (nil? x)
    (with-log "guarded" (shared/within-${n % SHARED_BLOCKS} x ${n + 1}))))
`),
  (n) =>
    block(`
(defmulti area-${n} "How large a shape is." :shape)
(defmethod area-${n} :square [{:keys [side]}] (* side side))
(defmethod area-${n} :circle [{:keys [radius]}] (* 355/113 radius radius))
(defmethod area-${n} :default [shape] (throw (ex-info (str "no shape: " (:shape shape)) {:type :script/shape})))
`),
  (n) =>
    block(`
(defprotocol Stock-${n}
  (on-hand [this sku] "How many there are.")
  (take-out [this sku count] "The stock without them."))

(defrecord Shelf-${n} [items]
  Stock-${n}
  (on-hand [_ sku] (get items sku 0))
  (take-out [this sku count]
    (let [left (- (on-hand this sku) count)]
      (assert (not (neg? left)) "there are not so many")
      (assoc-in this [:items sku] left))))
`),
  (n) =>
    block(`
(defn words-${n} [text]
  (for [line (string/split-lines text)
        word (string/split line #"\\s+")
        :let [plain (string/lower-case (string/trim word))]
        :when (and (not (string/blank? plain)) (> (count plain) ${1 + (n % 3)}))]
    plain))
`),
  (n) =>
    block(`
(defn all-prices-${n} [urls]
  (let [answers (task/map-concurrent ${2 + (n % 4)} (fn [url] (http/send {:url url, :timeout 10000})) urls)
        [good bad] ((juxt filter remove) http/ok? answers)]
    (doseq [{:keys [status url]} bad]
      (println "no price from" url "status" status))
    (set/union #{:eur} (set (mapcat (comp keys :json) good)))))
`),
  (n) =>
    block(`
(def state-${n} (atom {:seen #{}, :count 0}))

(defn note-${n}! [key]
  (when-not (contains? (:seen @state-${n}) key)
    (swap! state-${n}
           (fn [before]
             (-> before
                 (update :seen conj key)
                 (update :count inc)))))
  (if-let [most (get {:a 1, :b 2} key)]
    (case (int most)
      1 :few
      2 :some
      :many)
    #{}))
`),
  (n) =>
    block(`
(letfn [(even-steps-${n} [k] (if (zero? k) true (odd-steps-${n} (dec k))))
        (odd-steps-${n} [k] (if (zero? k) false (even-steps-${n} (dec k))))]
  (when (even-steps-${n} ${n})
    (println (shared/title-${n % SHARED_BLOCKS} {:name "even", :code ${n}}))))
`),
];
