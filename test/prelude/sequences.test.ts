// Sequences: nil and empty ones everywhere, every arity, early ends, bounds. As in Clojure, unless S-16 says otherwise.
import { test } from "vitest";
import { holds } from "./table.ts";

const raw = String.raw;

test("nil is an empty sequence", () =>
  holds(raw`
  (seq nil) => nil
  (first nil) => nil
  (rest nil) => ()
  (next nil) => nil
  (second nil) => nil
  (ffirst nil) => nil
  (nfirst nil) => nil
  (fnext nil) => nil
  (nnext nil) => nil
  (last nil) => nil
  (butlast nil) => nil
  (count nil) => 0
  (empty? nil) => true
  (not-empty nil) => nil
  (nth nil 3) => nil
  (nth nil 3 :none) => :none
  (cons 1 nil) => (1)
  (conj nil 1 2) => (2 1)
  (concat nil nil) => ()
  (map inc nil) => ()
  (mapv inc nil) => []
  (filter odd? nil) => ()
  (remove odd? nil) => ()
  (keep inc nil) => ()
  (mapcat identity nil) => ()
  (map-indexed vector nil) => ()
  (keep-indexed vector nil) => ()
  (reduce + nil) => 0
  (reduce + 5 nil) => 5
  (reductions + nil) => (0)
  (take 2 nil) => ()
  (drop 2 nil) => ()
  (take-while odd? nil) => ()
  (drop-while odd? nil) => ()
  (take-last 2 nil) => nil
  (drop-last nil) => ()
  (take-nth 2 nil) => ()
  (split-at 1 nil) => [() ()]
  (split-with odd? nil) => [() ()]
  (partition 2 nil) => ()
  (partition-all 2 nil) => ()
  (partition-by odd? nil) => ()
  (interleave nil [1]) => ()
  (interpose 1 nil) => ()
  (distinct nil) => ()
  (dedupe nil) => ()
  (reverse nil) => ()
  (sort nil) => ()
  (sort-by inc nil) => ()
  (group-by odd? nil) => {}
  (frequencies nil) => {}
  (flatten nil) => ()
  (zipmap nil [1]) => {}
  (some odd? nil) => nil
  (every? odd? nil) => true
  (not-any? odd? nil) => true
  (not-every? odd? nil) => false
  (run! inc nil) => nil
  (doall nil) => nil
  (dorun nil) => nil
  (vec nil) => []
  (set nil) => #{}
  (into [1] nil) => [1]
  (into nil [1 2]) => (2 1)
  (into nil nil) => nil
  (apply + nil) => 0
  (apply + 1 nil) => 1
  (apply vector 1 2 3 4 nil) => [1 2 3 4]
  (cycle nil) => ()
  (list* nil) => nil
  (list* 1 nil) => (1)
  (shuffle nil) => []
  (nthrest nil 0) => nil
  (nthrest nil 2) => ()
  (nthnext nil 2) => nil
  (sequence nil) => ()
  (doseq [x nil] x) => nil
  (for [x nil] x) => ()
  (seq "") => nil
  (seq {}) => nil
  (seq #{}) => nil
  (seq ()) => nil
  `));

test("seq, first, rest, next over every kind of collection", () =>
  holds(raw`
  (seq "aé") => ("a" "é")
  (seq {:a 1}) => ([:a 1])
  (seq #{:a}) => (:a)
  (seq (range 2)) => (0 1)
  (first "é") => "é"
  (first {:a 1, :b 2}) => [:a 1]
  (rest [1]) => ()
  (rest "ab") => ("b")
  (next "ab") => ("b")
  (next [1]) => nil
  (next {:a 1}) => nil
  (rest {:a 1, :b 2}) => ([:b 2])
  (ffirst {:a 1}) => :a
  (first (first [[[1]]])) => [1]
  (seq 5) => !:type
  (first :a) => !:type
  (rest 1) => !:type
  (next 'a) => !:type
  (count 5) => !:type
  (map inc 5) => !:type
  (reduce + 5) => !:type
  (filter odd? :a) => !:type
  (cons 1 2) => !:type
  (concat [1] 2) => !:type
  (vec 1) => !:type
  (empty? 1) => !:type
  (last "abc") => "c"
  (last {:a 1, :b 2}) => [:b 2]
  (last #{3}) => 3
  (last (range 5)) => 4
  (last ()) => nil
  (butlast [1]) => nil
  (butlast "abc") => ("a" "b")
  (second [1]) => nil
  (second {:a 1, :b 2}) => [:b 2]
  (cons 1 "ab") => (1 "a" "b")
  (cons nil nil) => (nil)
  (list? (cons 1 [2])) => true
  (conj (cons 1 [2]) 0) => (0 1 2)
  (rest (rest (rest [1]))) => ()
  (seq? (seq [1])) => true
  (seq? [1]) => false
  (seq? nil) => false
  `));

test("count and nth: negative, out of range, with a default", () =>
  holds(raw`
  (count "a😀") => 2
  (count {:a 1}) => 1
  (count (range 0 10 3)) => 4
  (count (cons 1 (cons 2 nil))) => 2
  (nth [1 2] 0) => 1
  (nth [1 2] 2) => !:index
  (nth [1 2] -1) => !:index
  (nth [1 2] -1 :none) => :none
  (nth [1 2] 2 :none) => :none
  (nth [nil] 0 :none) => nil
  (nth '(1 2) 1) => 2
  (nth '(1 2) 2) => !:index
  (nth () 0) => !:index
  (nth () 0 nil) => nil
  (nth "a😀b" 1) => "😀"
  (nth "ab" 2) => !:index
  (nth "ab" 5 \x) => "x"
  (nth (range 10) 9) => 9
  (nth (range 10) 10) => !:index
  (nth [1] :a) => !:type
  (nth [1] 0.0) => !:type
  (nth [1] 1/2) => !:type
  (nth [1] nil) => !:type
  (nth [1] 100000000000000000000 :none) => :none
  (nthrest [1 2 3] 0) => [1 2 3]
  (nthrest [1 2 3] -1) => [1 2 3]
  (nthrest [1 2 3] 5) => ()
  (nthnext [1 2 3] 0) => (1 2 3)
  (nthnext [1 2 3] 5) => nil
  (nthnext [] 0) => nil
  (bounded-count 5 [1 2]) => 2
  (bounded-count 0 [1 2]) => 2
  (bounded-count 0 (iterate inc 1)) => 0
  `));

test("reduce: arities and early ends", () =>
  holds(raw`
  (reduce + []) => 0
  (reduce + [5]) => 5
  (reduce (fn [& xs] (throw :called)) [5]) => 5
  (reduce (fn [& xs] xs) []) => nil
  (reduce (fn [& xs] (throw :called)) 5 []) => 5
  (reduce (fn [a b] [a b]) [1 2 3]) => [[1 2] 3]
  (reduce (fn [a b] [a b]) 0 [1 2 3]) => [[[0 1] 2] 3]
  (reduce conj [] {:a 1, :b 2}) => [[:a 1] [:b 2]]
  (reduce str "" "abc") => "abc"
  (reduce + #{1 2 3}) => 6
  (reduce + (range 101)) => 5050
  (reduce (fn [a x] (if (= x 3) (reduced a) (+ a x))) [1 2 3 4]) => 3
  (reduce (fn [a x] (if (= x 3) (reduced a) (+ a x))) '(1 2 3 4)) => 3
  (reduce (fn [a x] (if (= x 3) (reduced a) (+ a x))) (range 10)) => 3
  (reduce (fn [a x] (reduced :now)) :start [1]) => :now
  (reduce (fn [a x] (reduced (reduced a))) 1 [2]) => #flow.core/reduced 1
  (reduce (fn [a x] (reduced nil)) 1 [2 3]) => nil
  (let [seen (atom [])] [(reduce (fn [a x] (swap! seen conj x) (if (= x 2) (reduced :end) a)) nil [1 2 3]) @seen]) => [:end [1 2]]
  (reduce-kv (fn [acc k v] (conj acc [k v])) [] {:a 1, :b 2}) => [[:a 1] [:b 2]]
  (reduce-kv (fn [acc k v] (conj acc [k v])) [] [:x :y]) => [[0 :x] [1 :y]]
  (reduce-kv (fn [acc k v] (if (= k :b) (reduced acc) (conj acc v))) [] {:a 1, :b 2, :c 3}) => [1]
  (reduce-kv (fn [acc i v] (if (= i 1) (reduced acc) (conj acc v))) [] [7 8 9]) => [7]
  (reduce-kv (fn [acc k v] :called) :start nil) => :start
  (reduce-kv (fn [acc k v] :called) :start {}) => :start
  (reductions + [1 2 3]) => (1 3 6)
  (reductions + 0 []) => (0)
  (reductions + []) => (0)
  (reductions conj [] [1 2]) => ([] [1] [1 2])
  (reductions (fn [a x] (if (> x 2) (reduced :end) (+ a x))) [1 2 3 4]) => (1 3 :end)
  (reductions (fn [a x] (reduced :end)) 0 [1 2]) => (0 :end)
  (take 4 (reductions (fn [a x] (if (> x 2) (reduced :end) (+ a x))) (range))) => (0 1 3 :end)
  (unreduced (reduced 1)) => 1
  (unreduced 1) => 1
  (reduced? (reduced nil)) => true
  (reduced? 1) => false
  (deref (reduced 7)) => 7
  (deref (ensure-reduced (reduced 7))) => 7
  (transduce (map inc) conj [1 2]) => [2 3]
  (transduce (map inc) + 10 [1 2]) => 15
  (transduce (take 1) conj [] [1 2]) => [1]
  (transduce (map inc) (completing conj count) [] [1 2]) => 2
  (transduce identity + []) => 0
  (every? (fn [x] (if (= x 3) (throw :called) false)) [1 3]) => false
  (some (fn [x] (if (= x 3) (throw :called) x)) [1 3]) => 1
  (some #{nil} [nil]) => nil
  (some #{false} [false]) => nil
  (some {:a 0} [:b :a]) => 0
  (some nil? [1 nil]) => true
  (some :a [{:b 1} {:a 2}]) => 2
  `));

test("map and filter: several collections, kinds of answer, kinds of callables", () =>
  holds(raw`
  (map + [1 2 3] [10 20]) => (11 22)
  (map + [1 2] [10 20] [100 200]) => (111 222)
  (map vector [1 2] "ab" #{:x :y} (range 5)) => ([1 "a" :x 0] [2 "b" :y 1])
  (map vector [1] []) => ()
  (map vector [1] nil [2]) => ()
  (map identity {:a 1}) => ([:a 1])
  (map key {:a 1, :b 2}) => (:a :b)
  (map (fn [[k v]] [v k]) {:a 1}) => ([1 :a])
  (map {:a 1} [:a :b]) => (1 nil)
  (map #{1 2} [1 3]) => (1 nil)
  (map [:x :y] [1 0]) => (:y :x)
  (map 'a [{'a 1}]) => (1)
  (map :a [{:a 1} nil]) => (1 nil)
  (map-indexed (fn [i x] [i x]) "ab") => ([0 "a"] [1 "b"])
  (mapv + [1 2] [10 20]) => [11 22]
  (mapv + [1 2] [10 20] [100]) => [111]
  (filterv odd? (range 6)) => [1 3 5]
  (filter identity [nil false 0 "" []]) => (0 "" [])
  (remove nil? [nil false]) => (false)
  (filter (fn [[k v]] (odd? v)) {:a 1, :b 2}) => ([:a 1])
  (keep (fn [x] (if (odd? x) false nil)) [1 2]) => (false)
  (keep-indexed (fn [i x] (if (even? i) x nil)) [:a :b :c]) => (:a :c)
  (mapcat (fn [x] nil) [1 2]) => ()
  (mapcat list [1 2] [:a :b]) => (1 :a 2 :b)
  (mapcat identity {:a 1}) => (:a 1)
  (mapcat range [1 2 3]) => (0 0 1 0 1 2)
  (mapcat identity 5) => !:type
  (mapcat inc [1]) => !:type
  [(list? (map inc [1])) (vector? (mapv inc [1])) (vector? (filterv odd? [1])) (list? (filter odd? [1]))] => [true true true true]
  (conj (map inc [1 2]) 0) => (0 2 3)
  (map (fn [x] (throw (error :app/bad "no"))) [1]) => !:app/bad
  (map inc [1 nil]) => !:type
  (let [seen (atom [])] (try (map (fn [x] (swap! seen conj x) (if (= x 2) (throw 1))) [1 2 3]) (catch number? _ nil)) @seen) => [1 2]
  `));

test("take, drop, split: counts below zero and beyond the end", () =>
  holds(raw`
  (take 0 [1 2]) => ()
  (take -1 [1 2]) => ()
  (take 5 [1 2]) => (1 2)
  (take 2 "abc") => ("a" "b")
  (take 1 {:a 1, :b 2}) => ([:a 1])
  (take 2 (range 10)) => (0 1)
  (take 1.5 [1 2]) => !:type
  (drop 0 [1 2]) => (1 2)
  (drop -1 [1 2]) => (1 2)
  (drop 5 [1 2]) => ()
  (drop 1 "abc") => ("b" "c")
  (drop 1 {:a 1, :b 2}) => ([:b 2])
  (drop 8 (range 10)) => (8 9)
  (list? (drop 0 [1])) => true
  (take-last 0 [1 2]) => nil
  (take-last -1 [1 2]) => nil
  (take-last 5 [1 2]) => (1 2)
  (take-last 1 "abc") => ("c")
  (drop-last 0 [1 2]) => (1 2)
  (drop-last -1 [1 2]) => (1 2)
  (drop-last 5 [1 2]) => ()
  (drop-last [1]) => ()
  (take-nth 1 [1 2 3]) => (1 2 3)
  (take-nth 3 [1 2 3 4]) => (1 4)
  (take-while odd? [1 3 2 5]) => (1 3)
  (take-while odd? [2]) => ()
  (take-while identity [1 nil 2]) => (1)
  (drop-while odd? [1 3 2 5]) => (2 5)
  (drop-while odd? [1]) => ()
  (drop-while odd? {}) => ()
  (split-at 0 [1 2]) => [() (1 2)]
  (split-at 9 [1 2]) => [(1 2) ()]
  (split-at -1 [1 2]) => [() (1 2)]
  (split-with even? [2 4 5 6]) => [(2 4) (5 6)]
  `));

test("grouping", () =>
  holds(raw`
  (partition 2 [1 2 3]) => ((1 2))
  (partition 3 [1 2]) => ()
  (partition 2 1 [1 2 3]) => ((1 2) (2 3))
  (partition 2 3 [1 2 3 4 5]) => ((1 2) (4 5))
  (partition 2 3 [1 2 3 4]) => ((1 2))
  (partition 3 3 [:x :y] [1 2 3 4]) => ((1 2 3) (4 :x :y))
  (partition 3 3 [:x] [1 2 3 4]) => ((1 2 3) (4 :x))
  (partition 3 3 nil [1 2 3 4]) => ((1 2 3) (4))
  (partition 3 3 [] [1 2 3]) => ((1 2 3))
  (partition 2 "abcd") => (("a" "b") ("c" "d"))
  (partition 1 {:a 1}) => (([:a 1]))
  (partition-all 2 [1 2 3]) => ((1 2) (3))
  (partition-all 2 1 [1 2 3]) => ((1 2) (2 3) (3))
  (partition-all 2 3 [1 2 3 4]) => ((1 2) (4))
  (partition-all 5 [1]) => ((1))
  (partition-by odd? [1 1 2 4 3]) => ((1 1) (2 4) (3))
  (partition-by identity [nil nil 1]) => ((nil nil) (1))
  (partition-by identity "aab") => (("a" "a") ("b"))
  (partition-by nil? [1]) => ((1))
  (group-by odd? [2 1 4 3]) => {false [2 4], true [1 3]}
  (group-by count ["bb" "a" "c" "dd"]) => {2 ["bb" "dd"], 1 ["a" "c"]}
  (group-by first {:a 1}) => {:a [[:a 1]]}
  (group-by identity [1 1.0 1]) => {1 [1 1], 1.0 [1.0]}
  (group-by identity [[1] '(1)]) => {[1] [[1] (1)]}
  (frequencies [nil nil false]) => {nil 2, false 1}
  (frequencies "abca") => {"a" 2, "b" 1, "c" 1}
  (frequencies [[1] '(1) 1 1.0]) => {[1] 2, 1 1, 1.0 1}
  (distinct [1 2 1.0 1 nil nil]) => (1 2 1.0 nil)
  (distinct [[1] '(1)]) => ([1])
  (dedupe [nil nil 1 1 nil]) => (nil 1 nil)
  (dedupe []) => ()
  (distinct? 1) => true
  (distinct? 1 1.0) => true
  (distinct? 1 2 1) => false
  (interleave) => ()
  (interleave [1 2]) => (1 2)
  (interleave [1 2] [:a]) => (1 :a)
  (interleave [1 2] [:a :b] "xy") => (1 :a "x" 2 :b "y")
  (interpose :x [1]) => (1)
  (interpose :x [1 2]) => (1 :x 2)
  (interpose nil "ab") => ("a" nil "b")
  (flatten [1 [2 [3 nil]] '(4) {:a [5]} #{6}]) => (1 2 3 nil 4 {:a [5]} #{6})
  (flatten {:a 1}) => ()
  (flatten 5) => ()
  (zipmap [:a :b] [1]) => {:a 1}
  (zipmap [:a :a] [1 2]) => {:a 2}
  (zipmap "ab" (range)) => {"a" 0, "b" 1}
  (max-key abs -3 2) => -3
  (max-key first [1 :a] [1 :b]) => [1 :b]
  (min-key first [1 :a] [1 :b]) => [1 :b]
  (max-key count "a") => "a"
  `));

test("sources", () =>
  holds(raw`
  (range 0) => ()
  (range -1) => ()
  (range 2 2) => ()
  (range 2 5) => (2 3 4)
  (range 5 2) => ()
  (range 5 2 -1) => (5 4 3)
  (range 0 1 1/4) => (0 1/4 1/2 3/4)
  (range 0 1.0 0.5) => (0.0 0.5)
  (range 3.0) => (0.0 1.0 2.0)
  (= (range 3) [0 1 2]) => true
  (= (hash (range 3)) (hash [0 1 2])) => true
  (repeat 0 :x) => ()
  (repeat -1 :x) => ()
  (repeat 2 nil) => (nil nil)
  (repeatedly 0 (fn [] (throw 1))) => ()
  (let [n (atom 0)] (repeatedly 3 (fn [] (swap! n inc)))) => (1 2 3)
  (take 3 (iterate inc 5)) => (5 6 7)
  (take 0 (iterate (fn [_] (throw 1)) 1)) => ()
  (take 1 (iterate (fn [_] (throw 1)) 1)) => (1)
  (take 3 (cycle [nil])) => (nil nil nil)
  (list) => ()
  (vector) => []
  (vec '(1 2)) => [1 2]
  (vec {:a 1}) => [[:a 1]]
  (vec "ab") => ["a" "b"]
  (list* [1 2]) => (1 2)
  (list* 1 2 3 [4 5]) => (1 2 3 4 5)
  (list* 1 "ab") => (1 "a" "b")
  (concat) => ()
  (concat [1]) => (1)
  (concat [1] nil {:a 2} "x") => (1 [:a 2] "x")
  (concat [] nil #{}) => ()
  (sequence [1 2]) => (1 2)
  (sequence (comp (filter odd?) (map inc)) [1 2 3]) => (2 4)
  (reverse "ab") => ("b" "a")
  (reverse {:a 1, :b 2}) => ([:b 2] [:a 1])
  (reverse (range 3)) => (2 1 0)
  `));

test("sorting", () =>
  holds(raw`
  (sort [3 1 2]) => (1 2 3)
  (sort []) => ()
  (sort > []) => ()
  (sort [1 2.5 1/2 -1]) => (-1 1/2 1 2.5)
  (sort ["b" "a" "" "ab"]) => ("" "a" "ab" "b")
  (sort ["é" "z" "😀" "\uFFFD"]) => ("z" "é" "�" "😀")
  (sort [:b :a :z/a]) => (:a :b :z/a)
  (sort ['b 'a]) => (a b)
  (sort [true false]) => (false true)
  (sort [nil 1 nil]) => (nil nil 1)
  (sort [[1 2] [1] [0 5]]) => ([1] [0 5] [1 2])
  (sort [2 "a"]) => !:type
  (sort [{} {}]) => !:type
  (sort [:a 1]) => !:type
  (sort {:b 1, :a 2}) => ([:a 2] [:b 1])
  (sort "hello") => ("e" "h" "l" "l" "o")
  (sort #{3 1 2}) => (1 2 3)
  (list? (sort [2 1])) => true
  (sort > [1 3 2]) => (3 2 1)
  (sort (fn [a b] (- b a)) [1 3 2]) => (3 2 1)
  (sort (fn [a b] (compare b a)) ["a" "c" "b"]) => ("c" "b" "a")
  (sort compare [2 1]) => (1 2)
  (sort #(< (first %1) (first %2)) [[1 :a] [0 :b] [1 :c] [0 :d]]) => ([0 :b] [0 :d] [1 :a] [1 :c])
  (sort (fn [a b] false) [3 1 2]) => (3 1 2)
  (sort (fn [a b] nil) [3 1 2]) => (3 1 2)
  (sort (fn [a b] 0) [3 1 2]) => (3 1 2)
  (sort (fn [a b] (throw (error :app/cmp "no"))) [2 1]) => !:app/cmp
  (sort (fn [a b] (throw 1)) [1]) => (1)
  (let [v [3 1 2]] (sort v) v) => [3 1 2]
  (sort-by count ["bb" "a" "cc" "d"]) => ("a" "d" "bb" "cc")
  (sort-by first [[1 :a] [0 :b] [1 :c] [0 :d]]) => ([0 :b] [0 :d] [1 :a] [1 :c])
  (sort-by first > [[1 :a] [2 :b] [1 :c]]) => ([2 :b] [1 :a] [1 :c])
  (sort-by val {:a 2, :b 1}) => ([:b 1] [:a 2])
  (sort-by :age (fn [a b] (compare b a)) [{:age 1} {:age 3}]) => ({:age 3} {:age 1})
  (sort-by (juxt :a :b) [{:a 2, :b 1} {:a 1, :b 2} {:a 1, :b 1}]) => ({:a 1, :b 1} {:a 1, :b 2} {:a 2, :b 1})
  (sort-by - [1 2 3]) => (3 2 1)
  (let [n (atom 0)] (sort-by (fn [x] (swap! n inc) x) [3 1 2]) @n) => 3
  (sort-by identity [1 :a]) => !:type
  (sort [##NaN 1 ##-Inf]) => (##-Inf 1 ##NaN)
  (let [xs (map (fn [i] (mod (* i 7919) 1009)) (range 1000))] (= (sort < xs) (sort xs) (sort-by identity xs))) => true
  (count (sort (fn [a b] true) (range 100))) => 100
  `));

test("transducers stop early, keep no state between runs, and finish", () =>
  holds(raw`
  (into [] (take 2) [1 2 3]) => [1 2]
  (into [] (take 0) [1 2 3]) => []
  (let [n (atom 0)] (into [] (comp (map (fn [x] (swap! n inc) x)) (take 2)) [1 2 3 4]) @n) => 2
  (into [] (drop 2) [1 2 3]) => [3]
  (into [] (take-while odd?) [1 3 2 5]) => [1 3]
  (into [] (drop-while odd?) [1 3 2 5]) => [2 5]
  (into [] (keep {:a 1}) [:a :b]) => [1]
  (into [] (remove odd?) (range 4)) => [0 2]
  (into [] (map-indexed vector) [:a :b]) => [[0 :a] [1 :b]]
  (into [] (mapcat range) [1 2 3]) => [0 0 1 0 1 2]
  (into [] (comp cat cat) [[[1 2]] [[3] [4]]]) => [1 2 3 4]
  (into [] (comp cat (take 3)) [[1 2] [3 4] [5]]) => [1 2 3]
  (into [] (distinct) [1 2 1 1.0]) => [1 2 1.0]
  (into [] (interpose 0) [1 2 3]) => [1 0 2 0 3]
  (into [] (interpose 0) [1]) => [1]
  (into [] (comp (interpose 0) (take 2)) [1 2 3]) => [1 0]
  (into {} (map (fn [[k v]] [v k])) {:a 1}) => {1 :a}
  (into #{} (map odd?) [1 2 3]) => #{true false}
  (into '() (map inc) [1 2]) => (3 2)
  (into [] (map inc) nil) => []
  (let [xf (comp (take 2) (map-indexed vector) (distinct))] [(into [] xf [5 6 7]) (into [] xf [8 9])]) => [[[0 5] [1 6]] [[0 8] [1 9]]]
  (let [xf (drop 1)] [(into [] xf [1 2]) (into [] xf [1 2])]) => [[2] [2]]
  (transduce (comp (filter odd?) (map inc)) + (range 6)) => 12
  (transduce (map inc) (fn ([] (throw 1)) ([r] [:finished r]) ([r x] (+ r x))) 0 [1 2]) => [:finished 5]
  (transduce (take 1) (fn ([r] [:finished r]) ([r x] (conj r x))) [] [1 2]) => [:finished [1]]
  (((map +) (fn [r x] (conj r x))) [] 1 2 3) => [6]
  ((completing conj)) => []
  ((completing conj) [1]) => [1]
  ((completing conj) [1] 2) => [1 2]
  (eduction 1) => !:type
  `));

test("walks", () =>
  holds(raw`
  (walk inc vec '(1 2)) => [2 3]
  (walk (fn [[k v]] [k (inc v)]) identity {:a 1}) => {:a 2}
  (walk inc identity #{1 2}) => #{2 3}
  (walk inc identity 5) => 5
  (postwalk (fn [x] (if (vector? x) (reverse x) x)) [1 [2 3]]) => ((3 2) 1)
  (let [seen (atom [])] (postwalk (fn [x] (swap! seen conj x) x) [1 [2]]) @seen) => [1 2 [2] [1 [2]]]
  (let [seen (atom [])] (prewalk (fn [x] (swap! seen conj x) x) [1 [2]]) @seen) => [[1 [2]] 1 [2] 2]
  (postwalk identity {:a [1 '(2) #{3}]}) => {:a [1 (2) #{3}]}
  (list? (postwalk identity '(1))) => true
  (meta (postwalk identity (with-meta [1] {:m 1}))) => {:m 1}
  (prewalk (fn [x] (if (= x :go) [:gone] x)) [:go]) => [[:gone]]
  (keywordize-keys {"a" [{"b c" 1, 2 3}]}) => {:a [{:b c 1, 2 3}]}
  (stringify-keys {:a {:b/c 1}, "d" 2}) => {"a" {"c" 1}, "d" 2}
  (tree-seq vector? seq [1 [2 []]]) => ([1 [2 []]] 1 [2 []] 2 [])
  (tree-seq map? vals {:a {:b 1}}) => ({:a {:b 1}} {:b 1} 1)
  (tree-seq (constantly false) identity 5) => (5)
  `));
