// Names: let, loop, fn, destructuring, arities, shadowing, globals, dynamic binding.
import { test } from "vitest";
import { holds } from "./table.ts";

const raw = String.raw;

test("sequential destructuring", () =>
  holds(raw`
  (let [[a b] [1 2]] [a b]) => [1 2]
  (let [[a b] [1]] [a b]) => [1 nil]
  (let [[a] nil] a) => nil
  (let [[a] []] a) => nil
  (let [[a _ c] [1 2 3]] [a c]) => [1 3]
  (let [[a & more] [1 2 3]] [a more]) => [1 (2 3)]
  (let [[a & more] [1]] [a more]) => [1 nil]
  (let [[& all] []] all) => nil
  (let [[& all] nil] all) => nil
  (let [[a :as all] [1 2]] [a all]) => [1 [1 2]]
  (let [[a & more :as all] [1 2]] [a more all]) => [1 (2) [1 2]]
  (let [[a [b [c]]] [1 [2 [3]]]] [a b c]) => [1 2 3]
  (let [[a b] "é😀"] [a b]) => ["é" "😀"]
  (let [[a b] '(1 2)] [a b]) => [1 2]
  (let [[a b] (range)] [a b]) => [0 1]
  (let [[a b & more] (range)] [a b (first more)]) => [0 1 2]
  (let [[[k v]] {:a 1}] [k v]) => [:a 1]
  (let [[a & [b & c]] [1 2 3 4]] [a b c]) => [1 2 (3 4)]
  (let [[a a] [1 2]] a) => 2
  (let [[x & {:keys [k]}] [1 :k 2]] [x k]) => [1 2]
  (let [[a] 5] a) => !:type
  (let [[] [1]] :nothing) => :nothing
  `));

test("maps are taken apart", () =>
  holds(raw`
  (let [{a :a} {:a 1}] a) => 1
  (let [{a :a} nil] a) => nil
  (let [{:keys [a b]} {:a 1}] [a b]) => [1 nil]
  (let [{:keys [a]} nil] a) => nil
  (let [{:keys [:a]} {:a 1}] a) => 1
  (let [{:keys [x/a]} {:x/a 1}] a) => 1
  (let [{:x/keys [a b]} {:x/a 1, :x/b 2}] [a b]) => [1 2]
  (let [{:strs [a]} {"a" 1}] a) => 1
  (let [{:syms [a]} {'a 1}] a) => 1
  (let [{:keys [a b] :or {b 2}} {:a 1}] [a b]) => [1 2]
  (let [{:keys [a] :or {a 2}} {:a nil}] a) => nil
  (let [{:keys [a] :or {a 2}} {:a false}] a) => false
  (let [{a :a :or {a 5}} {}] a) => 5
  (let [{:strs [a] :or {a 5}} {}] a) => 5
  (let [{:keys [a b] :or {b (inc a)}} {:a 1}] b) => 2
  (let [n (atom 0) {:keys [a] :or {a (swap! n inc)}} {:a 1}] [a @n]) => [1 1]
  (let [{:keys [a] :as m} {:a 1, :b 2}] [a m]) => [1 {:a 1, :b 2}]
  (let [{{b :b} :a} {:a {:b 1}}] b) => 1
  (let [{[x y] :pos} {:pos [1 2]}] [x y]) => [1 2]
  (let [{a 0 b 1} [7 8]] [a b]) => [7 8]
  (let [[{:keys [a]} {b :b}] [{:a 1} {:b 2}]] [a b]) => [1 2]
  (let [{a "key", b 'sym, c 1} {"key" 1, 'sym 2, 1 3}] [a b c]) => [1 2 3]
  `));

test("functions: arities, rest, names, keyword arguments", () =>
  holds(raw`
  ((fn [] 1)) => 1
  ((fn [])) => nil
  ((fn ([] 0) ([a] 1) ([a b & more] (count more))) 1 2 3 4) => 2
  ((fn ([] 0) ([a] 1)) 1 2) => !:arity
  ((fn [a]) ) => !:arity
  ((fn [a & more] more) 1) => nil
  ((fn [& more] more)) => nil
  ((fn [& [a b]] [a b]) 1 2) => [1 2]
  ((fn [[a b] {:keys [c]}] [a b c]) [1 2] {:c 3}) => [1 2 3]
  ((fn [a & {:keys [b c] :or {c 9}}] [a b c]) 1 :b 2) => [1 2 9]
  ((fn [a & {:keys [b]}] [a b]) 1 {:b 2}) => [1 2]
  ((fn [& {:keys [b] :as all}] [b all]) :b 2) => [2 {:b 2}]
  ((fn [& {:keys [b]}] b)) => nil
  ((fn [& {:keys [b]}] b) :b) => !:arity
  ((fn fact [n] (if (< n 2) 1 (* n (fact (dec n))))) 20) => 2432902008176640000
  (#(+ %1 %2) 1 2) => 3
  (#(apply + %&) 1 2 3) => 6
  (#(vector %2) 1 2) => [2]
  (#(do %) 5) => 5
  (#()) => ()
  (let [f (fn [x] (fn [y] [x y]))] ((f 1) 2)) => [1 2]
  ((fn [a a] a) 1 2) => !:compile
  ((fn [x] {:pre [(pos? x)]} x) -1) => !:assert
  ((fn [x] {:post [(pos? %)]} x) -1) => !:assert
  ((fn [x] {:pre [(pos? x)] :post [(= % 2)]} (inc x)) 1) => 2
  ((fn [x] {:a x}) 1) => {:a 1}
  (letfn [(ev? [n] (if (= n 0) true (od? (dec n)))) (od? [n] (if (= n 0) false (ev? (dec n))))] [(ev? 10) (od? 10)]) => [true false]
  (do (defn two ([] (two 1)) ([x] [x])) (two)) => [1]
  (5 1) => !:compile
  ("a" 0) => !:compile
  (nil) => !:compile
  (let [five 5] (five 1)) => !:call
  (:a) => !:call
  ({:a 1}) => !:call
  (inc) => !:arity
  (inc 1 2) => !:arity
  `));

test("let and loop: order, shadowing, captured names", () =>
  holds(raw`
  (let [] 1) => 1
  (let [a 1]) => nil
  (let [a 1 b (inc a) a (+ a b)] [a b]) => [3 2]
  (let [a 1] [(let [a 2] a) a]) => [2 1]
  (let [inc dec] (inc 1)) => 0
  (let [if 5] if) => 5
  (loop [i 0 acc []] (if (< i 3) (recur (inc i) (conj acc i)) acc)) => [0 1 2]
  (loop [] 1) => 1
  (loop [[a & more] [1 2 3] sum 0] (if a (recur more (+ sum a)) sum)) => 6
  (loop [a 1 b 2 n 0] (if (< n 3) (recur b a (inc n)) [a b])) => [2 1]
  (loop [i 0 b (* i 2)] (if (< i 3) (recur (inc i) (+ b 1)) b)) => 3
  (map (fn [f] (f)) (loop [i 0 fs []] (if (< i 3) (recur (inc i) (conj fs (fn [] i))) fs))) => (0 1 2)
  (map (fn [f] (f)) (for [i [1 2]] (fn [] i))) => (1 2)
  ((fn [n acc] (if (= n 0) acc (recur (dec n) (+ acc n)))) 100 0) => 5050
  ((fn [x & more] (if more (recur (first more) (next more)) x)) 1 2 3) => 3
  (loop [i 0] (if (< i 5) (recur (inc i)) (loop [j 0] (if (< j i) (recur (inc j)) [i j])))) => [5 5]
  (loop [i 0 out []] (let [f (fn [] (loop [j 0] (if (< j 2) (recur (inc j)) j)))] (if (< i 2) (recur (inc i) (conj out (f))) out))) => [2 2]
  (loop [i 0] (case i 3 :three (recur (inc i)))) => :three
  (loop [i 0] (cond (> i 3) i :else (recur (inc i)))) => 4
  (loop [i 0] (when-not (> i 3) (recur (inc i)))) => nil
  (loop [i 0] (or (> i 3) (recur (inc i)))) => true
  (loop [i 0] (and (< i 3) (recur (inc i)))) => false
  (do (recur 1) 2) => !:compile
  (loop [i 0] (inc (recur 1))) => !:compile
  (loop [i 0] (recur)) => !:compile
  (loop [i 0] (try (recur 1) (catch :default e e))) => !:compile
  (let [a] a) => !:compile
  (undefined-name 1) => !:compile
  `));

test("loops go across try, also when it throws", () =>
  holds(raw`
  (loop [i 0 seen []] (if (< i 3) (recur (inc i) (conj seen (try (if (odd? i) (throw i) i) (catch number? n [n])))) seen)) => [0 [1] 2]
  (loop [i 0] (if (< i 3) (let [i (try (inc i) (finally nil))] (recur i)) i)) => 3
  (try (loop [i 0] (if (< i 3) (recur (inc i)) (throw i))) (catch number? n [n])) => [3]
  (loop [i 0 log []] (let [log (try (conj log i) (finally (conj log :dropped)))] (if (< i 2) (recur (inc i) log) log))) => [0 1 2]
  (let [log (atom [])] (loop [i 0] (when (< i 2) (try (swap! log conj i) (finally (swap! log conj :f))) (recur (inc i)))) @log) => [0 :f 1 :f]
  `));

test("globals and macros", () =>
  holds(
    raw`
  (do (def one 1) one) => 1
  (do (def one 1) (def one 2) one) => 2
  (do (def later) (def f (fn [] later)) (def later 5) (f)) => 5
  (do (declare unset) unset) => !:unbound
  (do (defn callee [] 1) (defn caller [] (callee)) (defn callee [] 2) (caller)) => 2
  (do (def x 1) (let [x 2] [x @#'x])) => [2 1]
  (do (def x 1) (alter-var-root #'x + 1 1) x) => 3
  (var? (def x 1)) => true
  (do (def counter 0) (defn bump [] (alter-var-root #'counter inc)) (bump) (bump) counter) => 2
  (do (defn- secret [] 1) (secret)) => 1
  (do (def with-doc "Says." 1) (:doc (meta #'with-doc))) => "Says."
  (let [n (atom 0)] (twice (swap! n inc))) => 2
  [(unless false 1 2) (unless true 1)] => [2 nil]
  (let [inc 5] (bumped 1)) => 2
  (#'inc 1) => 2
  (@#'inc 1) => 2
  `,
    `(defmacro twice [x] (list 'do x x))
     (defmacro unless [t & body] (list 'if t nil (cons 'do body)))
     (defmacro bumped [x] \`(inc ~x))`,
  ));

test("dynamic binding reaches calls and ends with its body on every path", () =>
  holds(
    raw`
  *depth* => 0
  (binding [*depth* 1] *depth*) => 1
  (binding [*depth* 1] (depth)) => 1
  (do (binding [*depth* 1] (depth)) (depth)) => 0
  (binding [*depth* 1] (binding [*depth* (inc *depth*)] (depth))) => 2
  (binding [*depth* 1 *name* :b] [*depth* *name*]) => [1 :b]
  (binding [*depth* 5 *name* *depth*] *name*) => 0
  (binding []) => nil
  (binding [*depth* 1] 7 8) => 8
  [(try (binding [*depth* 1] (throw 1)) (catch :default _ (depth))) (depth)] => [0 0]
  (binding [*depth* 1] (try (throw 1) (catch :default _ (depth)))) => 1
  [(block out (binding [*depth* 1] (exit out (depth)))) (depth)] => [1 0]
  (binding [*depth* 1] (set! *depth* 2) (depth)) => 2
  (do (binding [*depth* 1] (set! *depth* 2)) (depth)) => 0
  (binding [*depth* 1] (binding [*depth* 2] (set! *depth* 3)) (depth)) => 1
  (set! *depth* 2) => !:binding
  ((binding [*depth* 1] (fn [] (depth)))) => 0
  (binding [*depth* 1] (map (fn [_] (depth)) [1 2])) => (1 1)
  (let [s (binding [*depth* 1] (take 2 (map (fn [_] (depth)) (range))))] (vec s)) => [0 0]
  (let [s (binding [*depth* 1] (doall (take 2 (map (fn [_] (depth)) (range)))))] (vec s)) => [1 1]
  (loop [i 0 seen []] (if (< i 2) (recur (inc i) (conj seen (binding [*depth* i] (depth)))) seen)) => [0 1]
  (let [k (atom nil) n (atom 0)] [(binding [*depth* 7] (call-with-continuation (fn [c] (reset! k c))) (depth)) (if (< (swap! n inc) 2) (@k nil) (depth))]) => [7 0]
  (binding [inc dec] (inc 1)) => !:compile
  `,
    "(def ^:dynamic *depth* 0) (def ^:dynamic *name* :a) (defn depth [] *depth*)",
  ));
