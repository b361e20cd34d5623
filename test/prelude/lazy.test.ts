// Lazy sequences: what is realised and when (S-16), endless and self-referential ones, and lazy values inside others.
import { test } from "vitest";
import { holds } from "./table.ts";

const raw = String.raw;

test("lazy only where an input is", () =>
  holds(raw`
  (map lazy? [(map inc [1]) (map inc (range)) (filter odd? (range 3)) (take 2 (repeat 1)) (range 9) (range)]) => (false true false true false true)
  (map lazy? [(map + [1] (range)) (mapcat list (range)) (keep inc (range)) (remove odd? (range)) (map-indexed list (range))]) => (true true true true true)
  (map lazy? [(take-while odd? (iterate inc 0)) (drop 1 (range)) (partition 2 (range)) (distinct (range)) (dedupe (range))]) => (true true true true true)
  (map lazy? [(mapv inc (take 2 (range))) (sort (take 2 (range))) (reverse (take 2 (range))) (vec (take 2 (range)))]) => (false false false false)
  (list? (map inc (range 3))) => true
  (seq? (map inc (range))) => true
  (coll? (lazy-seq nil)) => true
  (sequential? (lazy-seq nil)) => true
  (counted? (lazy-seq nil)) => false
  (list? (lazy-seq nil)) => false
  (lazy? (lazy-seq nil)) => true
  (lazy? (seq (take 2 (range)))) => true
  (seq (take 0 (range))) => nil
  (empty (take 1 (range))) => ()
  `));

test("nothing is realised before it is needed, and nothing twice", () =>
  holds(
    raw`
  (let [s (counted (range))] @seen) => []
  (let [s (counted (range))] (first s) @seen) => [0]
  (let [s (counted (range))] (first s) (first s) @seen) => [0]
  (let [s (counted (range))] (rest s) @seen) => [0]
  (let [s (counted (range))] (next s) @seen) => [0 1]
  (let [s (counted (range))] (vec (take 2 s)) @seen) => [0 1]
  (let [s (counted (range))] (take 2 s) @seen) => []
  (let [s (counted (range))] (nth s 2) @seen) => [0 1 2]
  (let [s (counted (range))] (drop 2 s) @seen) => []
  (let [s (counted (range))] (first (drop 2 s)) @seen) => [0 1 2]
  (let [s (counted (range))] (second s) @seen) => [0 1]
  (let [s (counted (range))] (some #{1} s) @seen) => [0 1]
  (let [s (counted (range))] (every? zero? s) @seen) => [0 1]
  (let [s (counted (range))] (empty? s) @seen) => [0]
  (let [s (counted (range))] (first (filter odd? s)) @seen) => [0 1]
  (let [s (counted (range))] (first (map inc (map inc s))) @seen) => [0]
  (let [s (counted (range))] (first (map + s s)) @seen) => [0]
  (let [s (counted (range))] (first (keep identity s)) @seen) => [0]
  (let [s (counted (range))] (first (mapcat list s)) @seen) => [0]
  (let [s (counted (range))] (first (take-while zero? s)) @seen) => [0]
  (let [s (counted (range))] (vec (take-while zero? s)) @seen) => [0 1]
  (let [s (counted (range))] (first (drop-while zero? s)) @seen) => [0 1]
  (let [s (counted (range))] (drop-while zero? s) @seen) => []
  (let [s (counted (range))] (first (partition 2 s)) @seen) => [0 1]
  (let [s (counted (range))] (first (partition-all 2 s)) @seen) => [0 1]
  (let [s (counted (range))] (first (partition-by odd? s)) @seen) => [0 1]
  (let [s (counted (range))] (first (distinct s)) @seen) => [0]
  (let [s (counted (range))] (first (dedupe s)) @seen) => [0]
  (let [s (counted (range))] (first (interleave s s)) @seen) => [0]
  (let [s (counted (range))] (first (interpose :x s)) @seen) => [0]
  (let [s (counted (range))] (first (reductions + s)) @seen) => [0]
  (let [s (counted (range))] (first (take-nth 2 s)) @seen) => [0]
  (let [s (counted (range))] (concat [1] s) @seen) => []
  (let [s (counted (range))] (second (concat [:a] s)) @seen) => [0]
  (let [s (counted (range))] (first (concat s s)) @seen) => [0]
  (let [s (counted (range))] (cons :a s) @seen) => []
  (let [s (counted (range))] (conj s :a) @seen) => []
  (let [s (counted (range))] (first (conj s :a)) @seen) => []
  (let [s (counted (range))] (list* :a :b s) @seen) => []
  (let [s (counted (range))] [s {:s s} #(s)] @seen) => []
  (let [s (counted (range))] (for [x s] x) @seen) => []
  (let [s (counted (range))] (first (for [x s y [1 2]] [x y])) @seen) => [0]
  (let [s (counted (range))] (first (for [x s :when (odd? x)] x)) @seen) => [0 1]
  (let [s (counted (range))] (vec (for [x s :while (< x 2)] x)) @seen) => [0 1 2]
  (let [s (counted (range))] (reduce (fn [_ x] (if (= x 2) (reduced x) x)) nil s) @seen) => [0 1 2]
  (let [s (counted (range))] (into [] (take 2) s) @seen) => [0 1]
  (let [s (counted (range))] (let [[a b] s] [a b]) @seen) => [0 1]
  (let [s (counted (range))] (bounded-count 2 s) @seen) => [0 1 2]
  (let [s (counted (range))] (= s [0 7]) @seen) => [0 1]
  (let [s (counted (range))] (= [:other] s) @seen) => [0]
  (let [s (counted (take 3 (range)))] (doall s) (doall s) @seen) => [0 1 2]
  (let [s (counted (take 3 (range)))] [(count s) (vec s) (str s) @seen]) => [3 [0 1 2] "(0 1 2)" [0 1 2]]
  (let [s (counted (take 2 (range)))] (run! identity s) @seen) => [0 1]
  (let [s (counted (take 2 (range))) t (map inc s)] [(vec t) (vec t) @seen]) => [[1 2] [1 2] [0 1]]
  (let [s (counted (range))] (get {[9] 1} [9]) (contains? {:s s} :s) (assoc {} :s s) (identical? s s) @seen) => []
  (let [s (counted (range)) f (fn [] s)] (str f) (pr-str [f]) (str (take 1 (range)) f) @seen) => []
  `,
    `(def seen (atom []))
     (defn counted [coll]
       (reset! seen [])
       (map (fn [x] (swap! seen conj x) x) (if (lazy? coll) coll (lazy-seq coll))))`,
  ));

test("endless sequences", () =>
  holds(raw`
  (take 3 (map + (range) [10 20 30 40] (range))) => (10 22 34)
  (take 3 (map vector (range) (cycle [:a :b]))) => ([0 :a] [1 :b] [2 :a])
  (take 3 (remove odd? (range))) => (0 2 4)
  (take 2 (keep (fn [x] (if (> x 2) x nil)) (range))) => (3 4)
  (take 4 (mapcat (fn [x] [x x]) (range))) => (0 0 1 1)
  (take 4 (mapcat repeat [7 8])) => (7 7 7 7)
  (take 4 (for [x [1 2] y (range) :when (odd? y)] [x y])) => ([1 1] [1 3] [1 5] [1 7])
  (for [x (range) :while (< x 3)] x) => (0 1 2)
  (take 2 (drop-while (fn [x] (< x 5)) (range))) => (5 6)
  (take 3 (take-nth 3 (range))) => (0 3 6)
  (take 2 (partition 2 3 (range))) => ((0 1) (3 4))
  (take 2 (partition 2 1 (range))) => ((0 1) (1 2))
  (take 2 (partition-all 2 (range))) => ((0 1) (2 3))
  (take 2 (partition-by (fn [x] (quot x 2)) (range))) => ((0 1) (2 3))
  (take 3 (dedupe (mapcat (fn [x] [x x]) (range)))) => (0 1 2)
  (take 3 (distinct (cycle [1 2 3]))) => (1 2 3)
  (take 3 (reductions + (range))) => (0 1 3)
  (take 3 (interleave (range) (repeat :x))) => (0 :x 1)
  (take 3 (interpose :x (range))) => (0 :x 1)
  (take 3 (keep-indexed (fn [i x] (if (odd? i) x nil)) (range))) => (1 3 5)
  (drop-last 2 (take 5 (range))) => (0 1 2)
  (take 3 (drop-last 2 (range))) => (0 1 2)
  (butlast (take 3 (range))) => (0 1)
  (take-last 2 (take 5 (range))) => (3 4)
  (first (second (split-at 3 (range)))) => 3
  (take 2 (second (split-with (fn [x] (< x 4)) (range)))) => (4 5)
  (= (range) [0 1 2]) => false
  (= [0 1 2] (range)) => false
  (= [[0 1]] [(range)]) => false
  (= [(range)] [[0 1]]) => false
  (= [1 (range)] [2 (range)]) => false
  (not= (range) nil) => true
  (= nil (range)) => false
  (= (range) {}) => false
  (let [s (range)] (= s s)) => true
  (let [s (range)] (= [s] [s])) => true
  (zipmap [:a :b] (range)) => {:a 0, :b 1}
  (apply (fn [a b & more] (first more)) 1 2 [3]) => 3
  (apply + (take 4 (range))) => 6
  (let [[a b & more] (range)] [a b (first more)]) => [0 1 2]
  (loop [s (range) n 0] (if (< n 3000) (recur (next s) (inc n)) (first s))) => 3000
  (count (take 100000 (iterate inc 0))) => 100000
  (first (filter (fn [x] (> x 30000)) (range))) => 30001
  (first (loop [s (range) i 0] (if (< i 2000) (recur (lazy-seq s) (inc i)) s))) => 0
  (first (reduce (fn [s _] (map inc s)) (range) (range 300))) => 300
  (first (reduce (fn [s _] (filter identity s)) (iterate inc 1) (range 300))) => 1
  (first (reduce (fn [s x] (concat s [x])) (take 0 (range)) (range 300))) => 0
  `));

test("sequences that mention themselves", () =>
  holds(
    raw`
  (take 10 fibonacci) => (0 1 1 2 3 5 8 13 21 34)
  (take 5 powers) => (1 2 4 8 16)
  (take 6 (sieve (iterate inc 2))) => (2 3 5 7 11 13)
  (let [ones (atom nil)] (reset! ones (lazy-seq (cons 1 @ones))) (take 3 @ones)) => (1 1 1)
  `,
    `(declare fibonacci powers)
     (def fibonacci (cons 0 (cons 1 (lazy-seq (map + fibonacci (rest fibonacci))))))
     (def powers (cons 1 (lazy-seq (map (fn [x] (* 2 x)) powers))))
     (defn sieve [s] (lazy-seq (cons (first s) (sieve (remove (fn [x] (zero? (mod x (first s)))) (rest s))))))`,
  ));

test("finite lazy ones are like lists", () =>
  holds(raw`
  (= [0 1 2] (take 3 (range))) => true
  (= (take 3 (range)) '(0 1 3)) => false
  (= (take 3 (range)) (take 2 (range))) => false
  (= [(take 2 (range))] [[0 1]]) => true
  (= {:a (take 1 (range))} {:a [0]}) => true
  (= #{(take 1 (range))} #{[0]}) => true
  (= [(take 1 (range)) {:a (take 1 (range))}] [[0] {:a [0]}]) => true
  (= [[(take 1 (range))] 1] [[[0]] 2]) => false
  (= (hash (take 3 (range))) (hash [0 1 2])) => true
  (compare (vec (take 2 (range))) [0 1]) => 0
  (compare [(take 2 (range))] [[0 2]]) => -1
  (get {[0 1] :found} (take 2 (range))) => :found
  (contains? #{'(0 1)} (take 2 (range))) => true
  (disj #{[0] 1} (take 1 (range))) => #{1}
  (dissoc {[0] 1} (take 1 (range))) => {}
  (find {[0] 1} (take 1 (range))) => [[0] 1]
  ({[0] 1} (take 1 (range))) => 1
  (#{[0]} (take 1 (range))) => [0]
  (assoc {} (take 1 (range)) 1) => {(0) 1}
  #{(take 1 (range)) 2} => #{(0) 2}
  {(take 1 (range)) 2} => {(0) 2}
  #{(take 1 (range)) [0]} => !:duplicate-key
  {(take 1 (range)) 1, [0] 2} => !:duplicate-key
  (str (take 2 (range)) [(take 1 (range))]) => "(0 1)[(0)]"
  (pr-str {:a (take 1 (range))}) => "{:a (0)}"
  (str (lazy-seq nil)) => "()"
  (sort (take 3 (iterate dec 5))) => (3 4 5)
  (sort [(take 2 (range)) (take 1 (range))]) => ((0) (0 1))
  (sort-by first [(take 2 (iterate inc 3)) (take 2 (range))]) => ((0 1) (3 4))
  (into #{} (take 3 (cycle [1 2]))) => #{1 2}
  (into {} (map vector [:a :b] (range))) => {:a 0, :b 1}
  (frequencies (take 3 (cycle [1 2]))) => {1 2, 2 1}
  (group-by odd? (take 4 (range))) => {false [0 2], true [1 3]}
  (nth (take 2 (range)) 2 :none) => :none
  (nth (take 2 (range)) 2) => !:index
  (nth (take 2 (range)) -1) => !:index
  (nth (take 2 (range)) -1 :none) => :none
  (last (take 5 (range))) => 4
  (reverse (take 3 (range))) => (2 1 0)
  (partition 2 (take 5 (range))) => ((0 1) (2 3))
  (partition 3 3 [:x] (take 4 (range))) => ((0 1 2) (3 :x))
  (partition-all 2 (take 3 (range))) => ((0 1) (2))
  (partition-by odd? (take 3 (iterate (fn [x] (+ x 2)) 1))) => ((1 3 5))
  (flatten [1 (take 2 (range)) [(take 1 (range))]]) => (1 0 1 0)
  (meta (with-meta (cons 1 (range)) {:a 1})) => {:a 1}
  (vec (cons 9 (take 2 (range)))) => [9 0 1]
  (rest (take 1 (range))) => ()
  (next (take 1 (range))) => nil
  (nthnext (take 2 (range)) 2) => nil
  (nthrest (take 2 (range)) 1) => (1)
  (peek (cons 1 (range))) => 1
  (apply str (interpose ", " (take 3 (range)))) => "0, 1, 2"
  `));

test("values that hold endless sequences can be held, looked up and given on", () =>
  holds(raw`
  (first (get {[0] (range)} (take 1 (range)))) => 0
  (contains? {:s (range)} (take 1 (range))) => false
  (count (assoc {:s (range)} (take 1 (range)) (range))) => 2
  (count (conj {:s (range)} [(take 1 (range)) (range)])) => 2
  (count (into {} [[(take 1 (range)) (range)]])) => 1
  (count {(take 1 (range)) (range)}) => 1
  (count (dissoc {:s (range), [0] 1} (take 1 (range)))) => 1
  (count (hash-map (take 1 (range)) (range))) => 1
  (keys (group-by first [[(take 1 (range)) (range)]])) => ((0))
  (count (sort-by first [[(take 1 (range)) (range)] [() (range)]])) => 2
  (count (reverse (cons (range) (take 1 (range))))) => 2
  (count (concat (take 1 (range)) [(range)])) => 2
  (count (vec (cons (range) (take 1 (range))))) => 2
  (let [e (ex-info "held" {:s (range)})] (ex-message (try (throw e) (catch :user e e)))) => "held"
  (count (str (take 1 (range)) (ex-info "shown" {:s (range)}))) => 25
  `));

test("deep nests of lazy parts are compared, hashed and written in linear time", () =>
  holds(
    raw`
  (= (nest 30000 (take 1 (range))) (nest 30000 [0])) => true
  (= (nest 30000 (take 1 (range))) (nest 30000 [1])) => false
  (= (hash (nest 30000 (take 1 (range)))) (hash (nest 30000 [0]))) => true
  (count (pr-str (nest 30000 (take 1 (range))))) => 60003
  (compare (nest 3000 (take 1 (range))) (nest 3000 [1])) => -1
  (get {(nest 3000 (take 1 (range))) :found} (nest 3000 [0])) => :found
  (= (map (fn [x] [x (take 2 (range))]) (range 2000)) (map (fn [x] [x [0 1]]) (range 2000))) => true
  `,
    "(defn nest [n x] (loop [x x i 0] (if (< i n) (recur [x] (inc i)) x)))",
  ));

test("a sequence that leads back to itself has no end: to go through it is refused, to take of it is not", () =>
  holds(
    raw`
  (take 3 ones) => (1 1 1)
  (vec (take 40 ones)) => [1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1]
  (nth ones 1000) => 1
  (first (drop 100 ones)) => 1
  (count ones) => !:limit
  (vec ones) => !:limit
  (last ones) => !:limit
  (reverse ones) => !:limit
  (hash ones) => !:limit
  (str ones) => !:limit
  (apply + ones) => !:limit
  {ones 1} => !:limit
  (= ones (lazy-seq (cons 1 (rest ones)))) => !:limit
  (nth ones 900000000000) => !:limit
  (take 900000000000 ones) => !:limit
  (nthrest ones 900000000000) => !:limit
  (count (take 5 (cons 0 ones))) => 5
  `,
    "(def ones (lazy-seq (cons 1 (cons 1 ones)))) (dorun (take 5 ones))",
  ));

test("a value that holds itself has no end either", () =>
  holds(
    raw`
  (count xs) => 1
  (identical? xs (first xs)) => true
  (= xs (first xs)) => true
  (hash xs) => !:limit
  (pr-str [xs]) => !:limit
  {xs 1} => !:limit
  #{[{:a xs}]} => !:limit
  (assoc {:a 1} xs 1) => !:limit
  (hash-set xs) => !:limit
  (group-by identity [xs]) => !:limit
  `,
    "(def xs (lazy-seq (list xs))) (first xs)",
  ));

test("so long a sequence is not realised to be looked at whole", () =>
  holds(raw`
  (hash (iterate inc 1)) => !:limit
  `));

test("a range longer than any collection", () =>
  holds(raw`
  (hash (range 0 900000000000)) => !:limit
  (pr-str (range 0 900000000000)) => !:limit
  {(range 0 900000000000) 1} => !:limit
  (= (range 0 900000000000) (range 0 900000000000)) => !:limit
  (take 2 (range 0 900000000000)) => (0 1)
  `));

test("errors and waiting in the middle", () =>
  holds(
    raw`
  (let [s (map (fn [x] (if (= x 2) (throw (error :app/two "two")) x)) (range))] [(vec (take 2 s)) (try (vec (take 3 s)) (catch :app/two _ :caught))]) => [[0 1] :caught]
  (let [n (atom 0) s (lazy-seq (if (< (swap! n inc) 2) (throw 1) [:second]))] [(try (first s) (catch number? _ :failed)) (first s) @n]) => [:failed :second 2]
  (let [s (map slow (range))] [(first s) (vec (take 3 s))]) => [0 [0 1 2]]
  (= (map slow (take 2 (range))) [0 1]) => true
  (str (map slow (take 2 (range)))) => "(0 1)"
  (get {[0] 1} (map slow (take 1 (range)))) => 1
  (= (hash (map slow (take 1 (range)))) (hash [0])) => true
  (count (map slow (take 3 (range)))) => 3
  (let [[a b] (map slow (range))] [a b]) => [0 1]
  (sort (map slow (take 3 (iterate dec 3)))) => (1 2 3)
  (let [s (map slow (range)) t (perform 'flow.core/spawn (fn [] (nth s 2)))] [(nth s 2) (await t)]) => [2 2]
  (let [s (lazy-seq (slow nil) (throw (error :app/late "late")))] (try (first s) (catch :app/late _ :caught))) => :caught
  `,
    "(require '[flow.time :as time]) (defn slow [x] (time/sleep 10) x)",
  ));
