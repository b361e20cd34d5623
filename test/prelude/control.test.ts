// Control: conditions and threading, comprehensions, errors and clean-up on every exit, blocks, continuations, atoms and tasks.
import { expect, test } from "vitest";
import { holds, outcomes } from "./table.ts";

const raw = String.raw;

test("conditions", () =>
  holds(raw`
  (if nil 1) => nil
  (if false 1 2) => 2
  (if 0 1 2) => 1
  (if "" 1 2) => 1
  (if () 1 2) => 1
  (when nil 1) => nil
  (when true) => nil
  (when true 1 2) => 2
  (when-not nil 1 2) => 2
  (if-not nil 1) => 1
  (if-not 1 2) => nil
  (cond) => nil
  (cond nil 1) => nil
  (cond false 1 nil 2 :else 3) => 3
  (and) => true
  (or) => nil
  (and 1 nil 2) => nil
  (and 1 2) => 2
  (and false nil) => false
  (or nil false) => false
  (or false nil) => nil
  (or nil 1 (throw 1)) => 1
  (and 1 false (throw 1)) => false
  (let [n (atom 0)] (or nil (swap! n inc)) (and (swap! n inc) 1) @n) => 2
  (if-let [x nil] x :none) => :none
  (if-let [x false] x :none) => :none
  (if-let [[a b] [1 2]] [a b]) => [1 2]
  (if-let [[a] nil] a :none) => :none
  (let [x :outer] (if-let [x nil] x x)) => :outer
  (when-let [{:keys [x]} {:x 1}] (inc x)) => 2
  (if-some [x false] [x] :none) => [false]
  (if-some [x nil] [x] :none) => :none
  (when-some [x false] [x]) => [false]
  (when-first [x nil] :called) => nil
  (when-first [x [nil]] [x]) => [nil]
  (case 2 1 :one 2 :two) => :two
  (case 3 1 :one :other) => :other
  (case 3 1 :one) => !:no-match
  (case 3 (1 2 3) :few) => :few
  (case 'a a :sym "a" :str) => :sym
  (case "a" a :sym "a" :str) => :str
  (case [1 2] [1 2] :vec :else) => :vec
  (case '(1 2) [1 2] :vec :else) => :vec
  (case {:a 1} {:a 1} :map :else) => :map
  (case nil nil :nil :other) => :nil
  (case true true :yes false :no) => :yes
  (case 1.0 1 :exact :other) => :other
  (case 1 1.0 :float :other) => :other
  (case :b (:a :b) 1 :c 2) => 1
  (case 1 :only) => :only
  (case 1) => !:no-match
  (let [n (atom 0)] (case (swap! n inc) 5 :five 1 @n)) => 1
  (case 1 1 :a 1 :b) => !:compile
  (condp = 2 1 :one 2 :two) => :two
  (condp = 9 1 :one) => !:no-match
  (condp = 9 1 :one :other) => :other
  (condp some [1 2] #{9} :>> inc #{2} :>> dec) => 1
  (condp < 5 10 :less 3 :more) => :more
  (-> 1) => 1
  (-> 1 inc) => 2
  (-> [1] (conj 2) count) => 2
  (-> {:a {:b 1}} :a :b) => 1
  (->> [1 2] (map inc) (reduce +)) => 5
  (->> 1 (- 10)) => 9
  (as-> 1 x (+ x 1) (* x x)) => 4
  (as-> 1 x) => 1
  (some-> nil inc) => nil
  (some-> 1 inc) => 2
  (some-> {:a nil} :a inc) => nil
  (some-> {:a false} :a not) => true
  (some->> [1 nil] (keep identity) first inc) => 2
  (some->> nil (map inc)) => nil
  (cond-> 1) => 1
  (cond-> 1 true inc false (* 10) 1 (+ 5)) => 7
  (cond->> [1 2] true (map inc) nil (filter odd?)) => (2 3)
  (doto 1) => 1
  @(doto (atom 0) (swap! inc) (reset! 5)) => 5
  (let [n (atom 0)] (dotimes [i 3] (swap! n + i)) @n) => 3
  (dotimes [i 0] (throw 1)) => nil
  (dotimes [i -1] (throw 1)) => nil
  (let [n (atom 3)] (while (pos? @n) (swap! n dec))) => nil
  (do) => nil
  (comment 1 (throw 2)) => nil
  (assert true) => nil
  (assert (= 1 2)) => !:assert
  (assert nil "why") => !:assert
  (trampoline (fn f [n] (if (> n 0) (fn [] (f (dec n))) :done)) 1000) => :done
  (cond 1) => !:compile
  (if) => !:compile
  (if 1 2 3 4) => !:compile
  `));

test("for and doseq", () =>
  holds(raw`
  (for [x [1 2] y [:a :b]] [x y]) => ([1 :a] [1 :b] [2 :a] [2 :b])
  (for [x [1 2 3] :when (odd? x)] x) => (1 3)
  (for [x [1 2 3] :while (odd? x)] x) => (1)
  (for [x [1 2 3] :let [y (* x x)] :when (> y 1)] y) => (4 9)
  (for [x [1 2] :let [y x] z [y (* 10 y)]] z) => (1 10 2 20)
  (for [x [1 2 3] y [1 2 3] :while (< y x)] [x y]) => ([2 1] [3 1] [3 2])
  (for [x [1 2 3 4] :while (< x 3) y [x (* 10 x)] :while (< y 20)] y) => (1 10 2)
  (for [x [1 2] y []] x) => ()
  (for [[k v] {:a 1, :b 2}] (str k v)) => (":a1" ":b2")
  (for [{:keys [a]} [{:a 1} {}]] a) => (1 nil)
  (for [x "ab"] x) => ("a" "b")
  (for [x [1 2]] nil) => (nil nil)
  (for [x [nil false]] [x]) => ([nil] [false])
  (list? (for [x [1]] x)) => true
  (let [seen (atom [])] (doseq [x [1 2] y [:a :b]] (swap! seen conj [x y])) @seen) => [[1 :a] [1 :b] [2 :a] [2 :b]]
  (let [seen (atom [])] (doseq [x (range) :while (< x 3) :when (not= x 1) :let [y (inc x)]] (swap! seen conj y)) @seen) => [1 3]
  (let [seen (atom [])] (doseq [x [1 2 3] y [1 2 3] :while (< y x)] (swap! seen conj [x y])) @seen) => [[2 1] [3 1] [3 2]]
  (doseq [x [1]] :value) => nil
  (let [seen (atom [])] (doseq [x [nil false]] (swap! seen conj x)) @seen) => [nil false]
  (for [x] x) => !:compile
  (for [:when true] 1) => !:compile
  (doseq x 1) => !:compile
  `));

test("errors: making, asking, catching by type, predicate and hierarchy", () =>
  holds(
    raw`
  (let [e (ex-info "no" {:a 1})] [(ex-message e) (ex-data e) (ex-cause e) (ex-type e) (error? e)]) => ["no" {:a 1} nil :user true]
  (let [e (ex-info "no" {:type :app/full})] [(ex-type e) (ex-data e)]) => [:app/full {:type :app/full}]
  (let [e (ex-info "no" {} (ex-info "why" {:b 2}))] (ex-data (ex-cause e))) => {:b 2}
  (let [e (error :app/x "m")] [(:type e) (:message e) (:data e) (:cause e) (:other e) (:other e 5)]) => [:app/x "m" nil nil nil 5]
  (map ex-data [nil 5 "a"]) => (nil nil nil)
  (map ex-message [nil 5]) => (nil nil)
  (ex-trace (ex-info "no" {})) => nil
  (try (throw (ex-info "no" {})) (catch :user e (vector? (ex-trace e)))) => true
  (try 1) => 1
  (try 1 2) => 2
  (try) => nil
  (try 1 (finally 2)) => 1
  (try (throw 1) (catch number? n (inc n))) => 2
  (try (throw nil) (catch nil? n :nil)) => :nil
  (try (throw :k) (catch :default e e)) => :k
  (try (throw (error :a "m")) (catch :b e :b) (catch :a e :a)) => :a
  (try (throw (error :a "m")) (catch :default e :first) (catch :a e :second)) => :first
  (try (throw (error :a "m")) (catch :b e :b)) => !:a
  (try (try (throw (error :a "m")) (catch :b e :b)) (catch :a e :outer)) => :outer
  (try (+ 1 nil) (catch :type e :type)) => :type
  (try (nth [] 1) (catch :index e (contains? (ex-data e) :index))) => true
  (try ((fn [x] x)) (catch :arity e :arity)) => :arity
  (try (throw (error :a "m")) (catch (fn [e] (= "m" (ex-message e))) e :by-message)) => :by-message
  (try (throw (error :app/late "m")) (catch :app/problem e (ex-type e))) => :app/late
  (try (throw (error :app/late "m")) (catch :app/trouble e (ex-type e))) => :app/late
  (try (throw (error :app/problem "m")) (catch :app/late e :wrong) (catch :default e :right)) => :right
  (try (throw 1) (catch :default e (throw 2))) => !thrown 2
  (try (throw 1) (catch :default e (throw e))) => !thrown 1
  (try (try (throw 1) (catch number? e (throw [e]))) (catch vector? e e)) => [1]
  (let [e (error :a "m")] (identical? e (try (throw e) (catch :a same same)))) => false
  (let [e (error :a "m")] (= e (try (throw e) (catch :a same same)))) => true
  (try (throw (error :a "m")) (catch :a e (let [e 1] e))) => 1
  (let [f (fn [] (throw (error :deep "d")))] (try (map (fn [_] (f)) [1]) (catch :deep e (ex-message e)))) => "d"
  (try (reduce (fn [a x] (if (= x 3) (throw (error :stop "s" {:at a})) (+ a x))) 0 (range 10)) (catch :stop e (:at (ex-data e)))) => 3
  (try (swap! (atom 1) (fn [_] (throw (error :in-swap "s")))) (catch :in-swap _ :caught)) => :caught
  (let [a (atom 1)] (try (swap! a (fn [_] (throw 1))) (catch number? _ @a))) => 1
  (try (sort (fn [a b] (throw (error :cmp "c"))) [1 2]) (catch :cmp _ :caught)) => :caught
  (try (undefined-thing) (catch :default e :caught)) => !:compile
  [(isa? :app/late :app/trouble) (isa? :app/trouble :app/late) (isa? :a :a) (isa? [:app/late 1] [:app/trouble 1])] => [true false true true]
  [(parents :app/late) (ancestors :app/late) (parents :none) (ancestors :none)] => [#{:app/problem} #{:app/problem :app/trouble} nil nil]
  (derive :app/trouble :app/late) => !:hierarchy/cycle
  (derive :app/late :app/late) => !:hierarchy/cycle
  (do (derive :u/x :u/y) (underive :u/x :u/y) (isa? :u/x :u/y)) => false
  `,
    "(derive :app/late :app/problem) (derive :app/problem :app/trouble)",
  ));

test("finally runs once, innermost first, on every way out", () =>
  holds(
    raw`
  (logged (fn [log] (try (log :body) (finally (log :f))))) => [:body :f]
  (logged (fn [log] (try (throw 1) (catch number? _ (log :c)) (finally (log :f))))) => [:c :f]
  (logged (fn [log] (try (try (throw 1) (finally (log :in))) (catch number? _ (log :c)) (finally (log :out))))) => [:in :c :out]
  (logged (fn [log] (try (try (throw 1) (catch number? _ (throw 2)) (finally (log :in))) (catch number? n (log n))))) => [:in 2]
  (logged (fn [log] (block out (try (exit out 1) (finally (log :f)))) (log :after))) => [:f :after]
  (logged (fn [log] (log (block out (try (try (exit out :v) (finally (log :in))) (finally (log :out))))))) => [:in :out :v]
  (logged (fn [log] (block a (try (block b (try (exit a 1) (finally (log :b)))) (finally (log :a)))))) => [:b :a]
  (logged (fn [log] (log (block out (try (exit out 1) (finally (exit out 2))))))) => [2]
  (logged (fn [log] (log (block out (try (throw 1) (finally (exit out :instead))))))) => [:instead]
  (logged (fn [log] (try (try (exit-nowhere) (finally (log :f))) (catch :default _ (log :c))))) => [:f :c]
  (logged (fn [log] (try (try (throw 1) (finally (throw 2))) (catch number? n (log n))))) => [2]
  (logged (fn [log] (log (try :value (finally :ignored))))) => [:value]
  (logged (fn [log] (loop [i 0] (when (< i 2) (try (log i) (finally (log :f))) (recur (inc i)))))) => [0 :f 1 :f]
  (logged (fn [log] (call-with-continuation (fn [k] (try (k 1) (finally (log :f))))) (log :after))) => [:f :after]
  (logged (fn [log] (prompt :p (try (control :p (fn [k] (log :captured))) (finally (log :never)))))) => [:captured]
  (logged (fn [log] (prompt :p (try (control :p (fn [k] (k 1))) (finally (log :f)))))) => [:f]
  (logged (fn [log] (prompt :p (try (control :p (fn [k] (k 1) (k 2))) (finally (log :f)))))) => [:f :f]
  (logged (fn [log] (try (sleep 5) (finally (sleep 5) (log :f))))) => [:f]
  (logged (fn [log] (try (with-timeout 5 (try (sleep 50) (finally (log :f)))) (catch :timeout _ (log :c))))) => [:f :c]
  (logged (fn [log] (try (binding [*b* 2] (try (throw 1) (finally (log *b*)))) (catch number? _ (log *b*))))) => [2 1]
  (logged (fn [log] ((fn go [n] (if (< n 3) (try (go (inc n)) (finally (log n))) (throw 1))) 0))) => [2 1 0 :thrown]
  `,
    `(require '[flow.time :refer [sleep with-timeout]])
      (def ^:dynamic *b* 1)
      (defn exit-nowhere [] (throw (error :app/none "none")))
      (defn logged [f]
        (let [entries (atom [])]
          (try (f (fn [x] (swap! entries conj x) nil)) (catch :default e (swap! entries conj :thrown)))
          @entries))`,
  ));

test("blocks", () =>
  holds(raw`
  (block a 1 2) => 2
  (block a) => nil
  (block a (exit a 1) 2) => 1
  (block a (exit a)) => nil
  (+ 1 (block a (+ 10 (exit a 1)))) => 2
  (block a (map (fn [x] (if (= x 2) (exit a [:found x]) x)) [1 2 3])) => [:found 2]
  (block a (block b (exit a 1)) 2) => 1
  (block a (block a (exit a 1)) 2) => 2
  (block a [(block b (exit b 1)) 2]) => [1 2]
  (let [f (block a (fn [] (exit a 1)))] (f)) => !:block/exited
  (loop [i 0] (if (< i 3) (do (block continue (when (= i 1) (exit continue)) i) (recur (inc i))) i)) => 3
  (block a (doseq [x (range)] (when (> x 5) (exit a x)))) => 6
  (block a (reduce (fn [s x] (if (> s 10) (exit a s) (+ s x))) (range))) => 15
  (exit nowhere 1) => !:compile
  `));

test("continuations: called once, again, later, not at all", () =>
  holds(raw`
  (+ 1 (call-with-continuation (fn [k] 1))) => 2
  (+ 1 (call-with-continuation (fn [k] (+ 10 (k 1))))) => 2
  (let [k (atom nil) n (atom 0) v (call-with-continuation (fn [c] (reset! k c) 0))] (swap! n inc) (if (< @n 3) (@k @n) [v @n])) => [2 3]
  (let [k (atom nil) runs (atom [])] (let [xs (map (fn [x] (if (= x 2) (call-with-continuation (fn [c] (when-not @k (reset! k c)) x)) x)) [1 2 3])] (swap! runs conj xs) (when (< (count @runs) 3) (@k (* 10 (count @runs))))) @runs) => [(1 2 3) (1 10 3) (1 20 3)]
  (let [k (atom nil) runs (atom [])] (let [m (reduce (fn [m x] (if (= x 2) (do (call-with-continuation (fn [c] (when-not @k (reset! k c)))) (assoc m x (count @runs))) (assoc m x x))) {} [1 2 3])] (swap! runs conj m) (when (< (count @runs) 3) (@k nil))) @runs) => [{1 1, 2 0, 3 3} {1 1, 2 1, 3 3} {1 1, 2 2, 3 3}]
  (let [k (atom nil) runs (atom [])] (let [s (sort (fn [a b] (when (= [a b] [2 3]) (call-with-continuation (fn [c] (when-not @k (reset! k c))))) (< a b)) [3 2 1])] (swap! runs conj s) (when (< (count @runs) 2) (@k nil))) @runs) => [(1 2 3) (1 2 3)]
  (prompt :p 1) => 1
  (prompt :p (+ 1 (control :p (fn [k] 5)))) => 5
  (prompt :p (+ 1 (control :p (fn [k] (+ (k 1) (k 10)))))) => 13
  (prompt :p (let [x (control :p (fn [k] (prompt :p (concat (k 1) (k 2)))))] [x])) => (1 2)
  (prompt :a (prompt :b (+ 1 (control :a (fn [k] :outer))))) => :outer
  (control :none (fn [k] 1)) => !:continuation/no-prompt
  `));

test("handlers answer what the body performs", () =>
  holds(
    raw`
  (handle (+ 1 (perform ask)) [ask (fn [args k] (k 41))]) => 42
  (handle (+ 1 (perform ask)) [ask (fn [args k] :abandoned)]) => :abandoned
  (handle [(perform ask 1 2)] [ask (fn [args k] (k args))]) => [[1 2]]
  (handle [(perform flip)] [flip (fn [args k] (concat (k true) (k false)))]) => (true false)
  (handle [(t/now)] [flow.time/now (fn [args k] (k (t/instant 0)))]) => [#inst "1970-01-01T00:00:00.000Z"]
  (handle (handle (perform ask) [other (fn [args k] (k 1))]) [ask (fn [args k] (k 2))]) => 2
  (handle (handle (perform ask) [ask (fn [args k] (k (perform ask)))]) [ask (fn [args k] (k :outer))]) => :outer
  (handle (map (fn [x] (perform double x)) [1 2]) [double (fn [[x] k] (k (* 2 x)))]) => (2 4)
  (handle [(perform a) (perform b)] [a (fn [args k] (k 1))] [b (fn [args k] (k 2))]) => [1 2]
  (handle (perform 'ask) [ask (fn [args k] (k 1))]) => !:perform/unhandled
  (perform nobody) => !:perform/unhandled
  `,
    "(require '[flow.time :as t])",
  ));

test("atoms", () =>
  holds(raw`
  (let [a (atom 1)] [(swap! a inc) (swap! a + 10) (swap! a + 1 1 1) @a]) => [2 12 15 15]
  (let [a (atom 1)] [(reset! a 2) (deref a)]) => [2 2]
  (let [a (atom 1)] [(compare-and-set! a 2 3) @a (compare-and-set! a 1 3) @a]) => [false 1 true 3]
  (let [a (atom [1])] [(compare-and-set! a [1] 2) @a]) => [true 2]
  (let [a (atom 1)] [(swap-vals! a inc) (reset-vals! a 5) @a]) => [[1 2] [2 5] 5]
  (let [a (atom 1) b a] (reset! b 2) @a) => 2
  (let [a (atom nil)] (reset! a a) (identical? a @a)) => true
  (atom? (atom 1)) => true
  (atom? 1) => false
  (deref 5) => !:type
  (reset! 5 1) => !:type
  (swap! nil inc) => !:type
  (let [n (atom 0) f (memoize (fn [x] (swap! n inc) x))] [(f 1) (f 1) (f nil) (f nil) (f 1 ) @n]) => [1 1 nil nil 1 2]
  (let [a (atom 0)] (swap! a (fn [x] (reset! a 10) (inc x))) @a) => 11
  `));

test("functions on functions", () =>
  holds(raw`
  ((comp) 1) => 1
  ((comp inc) 1) => 2
  ((comp inc inc +) 1 2 3) => 8
  ((comp str inc) 1) => "2"
  ((partial +)) => 0
  ((partial + 1) 2) => 3
  ((partial + 1 2 3) 4 5 6) => 21
  ((juxt inc dec) 1) => [2 0]
  ((juxt :a) {:a 1}) => [1]
  ((fnil inc 0) nil) => 1
  ((fnil + 1 2) nil nil 3) => 6
  ((fnil + 1 2) nil 5) => 6
  ((complement <) 1 2) => false
  ((complement nil?) nil) => false
  ((constantly 1)) => 1
  ((every-pred pos? even?) 2 4) => true
  ((every-pred pos?)) => true
  ((some-fn :a :b) {:b 1}) => 1
  ((some-fn pos?) -1) => false
  (apply + 1 2 [3 4]) => 10
  (apply max [1 3 2]) => 3
  (apply map vector [[1 2] [3 4]]) => ([1 3] [2 4])
  (apply str "ab") => "ab"
  (apply (fn [& xs] (count xs)) (range 100000)) => 100000
  (apply hash-map {:a 1}) => !:arity
  (apply :a [{:a 1}]) => 1
  (apply inc 5) => !:type
  (identity nil) => nil
  `));

const SLOW = "(require '[flow.time :as time]) (defn slow [x] (time/sleep 10) x)";

test("callbacks may wait anywhere", () =>
  holds(
    raw`
  (map slow [3 4]) => (3 4)
  (mapv slow [3 4]) => [3 4]
  (map (fn [a b] (slow (+ a b))) [1 2] [10 20]) => (11 22)
  (reduce (fn [a b] (+ a (slow b))) [1 2 3]) => 6
  (filter (fn [x] (odd? (slow x))) [1 2 3]) => (1 3)
  (take 2 (map slow (range))) => (0 1)
  (sort (fn [a b] (< (slow a) b)) [3 1 2 5 4]) => (1 2 3 4 5)
  (sort-by slow [3 1 2]) => (1 2 3)
  (group-by (fn [x] (odd? (slow x))) [1 2]) => {true [1], false [2]}
  (update-vals {:a 1} slow) => {:a 1}
  (update {:a 1} :a slow) => {:a 1}
  (update-in {:a {:b 1}} [:a :b] (fn [x] (slow (inc x)))) => {:a {:b 2}}
  (merge-with (fn [a b] (slow (+ a b))) {:a 1} {:a 2}) => {:a 3}
  (swap! (atom 1) (fn [x] (inc (slow x)))) => 2
  (into [] (comp (map slow) (take 2)) [1 2 3]) => [1 2]
  (some (fn [x] (slow (= x 2))) [1 2]) => true
  (every? slow [1 nil]) => false
  (partition-by slow [1 1 2]) => ((1 1) (2))
  (for [x [1 2] :when (slow true)] (slow x)) => (1 2)
  (let [seen (atom [])] (doseq [x [1 2] y [3 4]] (swap! seen conj (slow [x y]))) @seen) => [[1 3] [1 4] [2 3] [2 4]]
  (postwalk slow [1 [2]]) => [1 [2]]
  (case (slow 1) 1 :one) => :one
  (try (slow (throw 1)) (catch (fn [e] (slow true)) e e)) => 1
  (binding [*dyn* (slow 2)] (slow nil) *dyn*) => 2
  {(slow :a) (slow 1)} => {:a 1}
  (str (slow "a") (slow "b")) => "ab"
  ((memoize slow) 1) => 1
  (trampoline (fn [] (slow (fn [] (slow 1))))) => 1
  (loop [i 0] (if (< (slow i) 3) (recur (inc i)) i)) => 3
  (let [[a b] (slow [1 2])] (slow a) b) => 2
  `,
    `${SLOW} (def ^:dynamic *dyn* 1)`,
  ));

test("tasks", () =>
  holds(
    raw`
  (await (spawn (fn [] 1))) => 1
  @(spawn (fn [] (slow 1))) => 1
  (let [log (atom []) t (spawn (fn [] (swap! log conj :child)))] (swap! log conj :parent) (await t) @log) => [:parent :child]
  (let [log (atom []) ts (mapv (fn [i] (spawn (fn [] (swap! log conj i) (slow i) (swap! log conj i)))) [1 2])] (run! await ts) @log) => [1 2 1 2]
  (let [e (event)] (spawn (fn [] (slow nil) (fulfil! e :v))) [(await e) (await e)]) => [:v :v]
  (let [e (event)] [(fulfil! e 1) (fulfil! e 2) (await e)]) => [true false 1]
  (let [e (event)] (fail! e (error :app/no "n")) (try (await e) (catch :app/no _ :failed))) => :failed
  (let [total (atom 0) ts (mapv (fn [i] (spawn (fn [] (swap! total (fn [x] (slow x) (+ x i)))))) [1 10 100])] (run! await ts) @total) => 111
  (let [e (event) ts (mapv (fn [i] (spawn (fn [] [i (await e)]))) [1 2 3])] (fulfil! e :go) (mapv await ts)) => [[1 :go] [2 :go] [3 :go]]
  (await 5) => 5
  (event? (event)) => true
  (count (mapv await (mapv (fn [i] (spawn (fn [] (slow i)))) (range 200)))) => 200
  `,
    `${SLOW} (defn spawn [f] (perform 'flow.core/spawn f))`,
  ));

test("what macros say is wrong with their forms", () =>
  expect(
    outcomes([
      "(cond 1)",
      "(case 1 1 :a 1 :b)",
      "(for [x] x)",
      "(for [:when true] 1)",
      "(doseq x 1)",
      "(cond-> 1 true)",
    ]),
  ).toEqual([
    "!:compile cond needs an even number of forms: a test and an expression, each time",
    "!:compile case has the constant 1 twice",
    "!:compile for needs a vector of names and collections, in pairs, but got [x]",
    "!:compile for begins with a name and a collection",
    "!:compile doseq needs a vector of names and collections, in pairs, but got x",
    "!:compile cond-> needs an even number of forms after the expression: a test and a form, each time",
  ]));

test("foreign calls are answered one by one, also inside functions", () =>
  holds(
    raw`
  (map echo [1 2 3]) => (1 2 3)
  (reduce (fn [sum x] (+ sum (echo x))) 0 [1 2 3]) => 6
  (try (echo "fail") (catch :app/failed e (ex-message e))) => "it failed"
  (let [a (spawn (fn [] (echo 1))) b (spawn (fn [] (echo 2)))] [(await b) (await a)]) => [2 1]
  (sort-by echo [3 1 2]) => (1 2 3)
  (echo {:a [1.5 nil "x"]}) => {"a" [1.5 nil "x"]}
  (echo inc) => !:effect/payload
  (vec (take 2 (map echo (range)))) => [0 1]
  `,
    `(defforeign echo :topic "echo") (defn spawn [f] (perform 'flow.core/spawn f))`,
    ({ payload }) => {
      const [value] = JSON.parse(payload) as [unknown];
      return value === "fail" ? ["app/failed", "it failed"] : JSON.stringify(value);
    },
  ));
