// Vectors, maps and sets: lookups that find nothing, order of insertion, nesting, metadata, changes that leave the old as it was.
import { test } from "vitest";
import { holds } from "./table.ts";

const raw = String.raw;

test("lookups that find nothing answer nil or what is given instead", () =>
  holds(raw`
  (get nil :a) => nil
  (get nil :a 1) => 1
  (get {:a nil} :a 1) => nil
  (get {} :a 1) => 1
  (get [7] 0) => 7
  (get [7] 1) => nil
  (get [7] -1 :none) => :none
  (get [7] 0.0 :none) => :none
  (get [7] "0") => nil
  (get #{1} 1) => 1
  (get #{1} 2 :none) => :none
  (get #{nil} nil :none) => nil
  (get "a😀" 1) => "😀"
  (get "a" 5 :none) => :none
  (get '(1 2) 0) => nil
  (get 5 0 :none) => :none
  ({:a 1} :a) => 1
  ({:a 1} :b) => nil
  ({:a 1} :b 2) => 2
  (#{1} 1) => 1
  (#{1} 2) => nil
  ([7 8] 1) => 8
  ([7 8] 2) => !:index
  (:a {:a 1}) => 1
  (:a nil) => nil
  (:a nil 5) => 5
  (:a [1]) => nil
  (:a #{:a}) => :a
  ('a {'a 1}) => 1
  ('a {} 2) => 2
  (find {:a nil} :a) => [:a nil]
  (find {} :a) => nil
  (find nil :a) => nil
  (find [5] 0) => [0 5]
  (contains? nil 1) => false
  (contains? {:a nil} :a) => true
  (contains? #{nil} nil) => true
  (contains? [5] 0) => true
  (contains? [5] 5) => false
  (contains? [5] -1) => false
  (contains? "ab" 1) => true
  (contains? '(1) 0) => !:type
  (get-in {:a [{:b 1}]} [:a 0 :b]) => 1
  (get-in {:a 1} []) => {:a 1}
  (get-in {:a 1} nil) => {:a 1}
  (get-in nil [:a :b]) => nil
  (get-in {:a nil} [:a :b] 7) => 7
  (get-in {:a {:b nil}} [:a :b] 7) => nil
  (get-in {:a {:b false}} [:a :b] 7) => false
  (get-in {:a 1} [:a :b]) => nil
  (get-in [[1 2]] [0 1]) => 2
  (keys nil) => nil
  (keys {}) => nil
  (vals {}) => nil
  (key (first {:a 1})) => :a
  (val (find {:a 1} :a)) => 1
  (map val {:a 1, :b 2}) => (1 2)
  (peek nil) => nil
  (peek []) => nil
  (peek ()) => nil
  (peek [1 2]) => 2
  (peek '(1 2)) => 1
  (pop nil) => nil
  (pop [1]) => []
  (pop '(1 2)) => (2)
  (pop []) => !:index
  (pop ()) => !:index
  (peek #{1}) => !:type
  (first (find {1 :a} 1.0)) => nil
  (get {1.0 :float, 1 :exact} 1) => :exact
  (get {1/2 :half} 0.5) => nil
  (get {[1 2] :v} '(1 2)) => :v
  (get {'(1 2) :l} (range 1 3)) => :l
  (get {{:a 1} :m} {:a 1}) => :m
  (get {#{1 2} :s} #{2 1}) => :s
  (get {nil :n} nil) => :n
  (get {##NaN :nan} ##NaN) => :nan
  `));

test("conj, assoc, dissoc, disj, into", () =>
  holds(raw`
  (conj) => []
  (conj [1]) => [1]
  (conj nil) => nil
  (conj nil 1) => (1)
  (conj [1] 2 3) => [1 2 3]
  (conj '(1) 2 3) => (3 2 1)
  (conj #{1} 1 2) => #{1 2}
  (conj {} [:a 1]) => {:a 1}
  (conj {:a 1} {:b 2, :a 3}) => {:a 3, :b 2}
  (conj {:a 1} nil) => {:a 1}
  (conj {} [1]) => !:type
  (conj {} 1) => !:type
  (conj {} '(1 2)) => !:type
  (conj 5 1) => !:type
  (conj (range 2) 9) => (9 0 1)
  (assoc nil :a 1) => {:a 1}
  (assoc {} :a 1 :b 2) => {:a 1, :b 2}
  (assoc [1] 1 2) => [1 2]
  (assoc [1] 2 2) => !:index
  (assoc [1] -1 2) => !:index
  (assoc [1] :a 2) => !:type
  (assoc {} :a 1 :b) => !:arity
  (assoc '(1) 0 1) => !:type
  (assoc #{} 1 1) => !:type
  (dissoc nil :a) => nil
  (dissoc {:a 1}) => {:a 1}
  (dissoc {:a 1, :b 2, :c 3} :a :c :d) => {:b 2}
  (dissoc [1] 0) => !:type
  (disj #{1 2 3} 1 3) => #{2}
  (disj #{1}) => #{1}
  (disj nil 1) => nil
  (disj #{1} 2) => #{1}
  (disj [1] 1) => !:type
  (into) => []
  (into [1]) => [1]
  (into nil) => nil
  (into {} [[:a 1] [:b 2]]) => {:a 1, :b 2}
  (into {} {:a 1}) => {:a 1}
  (into {} [[1 2 3]]) => !:type
  (into #{} "aba") => #{"a" "b"}
  (into [] {:a 1}) => [[:a 1]]
  (into '() [1 2 3]) => (3 2 1)
  (into (list 1) nil) => (1)
  (into {:a 1} [{:b 2} nil [:c 3]]) => {:a 1, :b 2, :c 3}
  (let [v [1 2] w (conj v 3) x (conj v 4)] [v w x]) => [[1 2] [1 2 3] [1 2 4]]
  (let [m {:a 1} n (assoc m :a 2)] [m n]) => [{:a 1} {:a 2}]
  (let [v (into [] (range 40)) w (assoc v 35 :x)] [(nth v 35) (nth w 35)]) => [35 :x]
  (let [m (into {} (map (fn [i] [i i]) (range 40))) n (dissoc m 35)] [(m 35) (n 35) (count m) (count n)]) => [35 nil 40 39]
  (subvec [1 2 3 4] 1 3) => [2 3]
  (subvec [1 2] 2) => []
  (subvec [1 2] 3) => !:index
  (subvec [1 2] 1 0) => !:index
  (subvec [1 2] 0 3) => !:index
  (subvec [1 2] -1) => !:index
  (subvec '(1 2) 0) => !:type
  (let [v (subvec [1 2 3] 1)] [(conj v 9) (nth v 0)]) => [[2 3 9] 2]
  (empty {:a 1}) => {}
  (empty '(1)) => ()
  (empty "abc") => nil
  (empty 5) => nil
  (meta (empty (with-meta [1] {:m 1}))) => {:m 1}
  (set [1 1.0 1]) => #{1 1.0}
  (set "aa") => #{"a"}
  (set {:a 1}) => #{[:a 1]}
  (vec (set [3 1 2])) => [3 1 2]
  (hash-map) => {}
  (hash-map :a 1 :a 2) => {:a 2}
  (hash-map :a) => !:arity
  (hash-set) => #{}
  (hash-set 1 1) => #{1}
  {:a 1 (keyword "a") 2} => !:duplicate-key
  #{1 (+ 0 1)} => !:duplicate-key
  `));

test("maps and sets keep the order of insertion", () =>
  holds(raw`
  (keys (assoc {:a 1, :b 2} :a 9)) => (:a :b)
  (keys (assoc (dissoc {:a 1, :b 2} :a) :a 1)) => (:b :a)
  (keys (merge {:a 1, :b 2} {:c 3, :a 4})) => (:a :b :c)
  (vals (merge {:a 1, :b 2} {:c 3, :a 4})) => (4 2 3)
  (seq (conj #{:b :a} :c :b)) => (:b :a :c)
  (seq (conj (disj #{:b :a} :b) :b)) => (:a :b)
  (keys (into {} (map (fn [i] [i i]) (range 20 0 -1)))) => (20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1)
  (keys (dissoc (into {} (map (fn [i] [i i]) (range 12))) 0 3 11)) => (1 2 4 5 6 7 8 9 10)
  (keys (assoc (dissoc (into {} (map (fn [i] [i i]) (range 12))) 3) 3 :again)) => (0 1 2 4 5 6 7 8 9 10 11 3)
  (seq (reduce disj (set (range 12)) [5 0])) => (1 2 3 4 6 7 8 9 10 11)
  (keys (zipmap [:z :y :x] [1 2 3])) => (:z :y :x)
  (keys (select-keys {:a 1, :b 2, :c 3} [:c :a])) => (:c :a)
  (keys (update-vals {:z 1, :a 2} inc)) => (:z :a)
  (keys (group-by identity [3 1 3 2])) => (3 1 2)
  (keys (frequencies "banana")) => ("b" "a" "n")
  (= {:a 1, :b 2} {:b 2, :a 1}) => true
  (= #{1 2} #{2 1}) => true
  (= (hash {:a 1, :b 2}) (hash {:b 2, :a 1})) => true
  (pr-str (hash-map :b 1 :a 2)) => "{:b 1, :a 2}"
  (first (conj {:a 1} [:b 2])) => [:a 1]
  (keys (merge-with + {:a 1} {:b 1, :a 1})) => (:a :b)
  (keys (rename-keys {:a 1, :b 2} {:a :z})) => (:z :b)
  (seq (union #{3} #{1 3} #{2})) => (3 1 2)
  (seq (intersection #{3 2 1} #{1 2 3})) => (3 2 1)
  (keys (assoc-in {:x 1} [:a :b] 2)) => (:x :a)
  (keys (update {:a 1, :b 2} :a inc)) => (:a :b)
  `));

test("nested changes", () =>
  holds(raw`
  (assoc-in nil [:a :b] 1) => {:a {:b 1}}
  (assoc-in {:a [1 2]} [:a 1] :x) => {:a [1 :x]}
  (assoc-in {:a [1]} [:a 5] :x) => !:index
  (assoc-in {:a 1} [:a :b] 2) => !:type
  (assoc-in {} [] 1) => {nil 1}
  (update nil :a inc) => !:type
  (update nil :a (fnil inc 0)) => {:a 1}
  (update {:a 1} :a + 1 2 3) => {:a 7}
  (update {:a 1} :b identity) => {:a 1, :b nil}
  (update [1 2] 0 inc) => [2 2]
  (update [1] 1 (fn [x] [x])) => [1 [nil]]
  (update-in {:a {:b 1}} [:a :b] + 10 100) => {:a {:b 111}}
  (update-in nil [:a :b] (fnil inc 0)) => {:a {:b 1}}
  (update-in [[1 2]] [0 1] inc) => [[1 3]]
  (merge) => nil
  (merge nil) => nil
  (merge nil nil) => nil
  (merge {} nil) => {}
  (merge nil {:a 1}) => {:a 1}
  (merge {:a 1} nil {:a 2}) => {:a 2}
  (merge {:a {:b 1}} {:a {:c 2}}) => {:a {:c 2}}
  (merge {:a 1} [:b 2]) => {:a 1, :b 2}
  (merge-with + {:a 1} {:a 2} {:a 3, :b 1}) => {:a 6, :b 1}
  (merge-with + nil {:a 1}) => {:a 1}
  (merge-with + {:a 1} nil) => {:a 1}
  (merge-with +) => nil
  (merge-with vector {:a nil} {:a 1}) => {:a [nil 1]}
  (merge-with - {:a 1} {:a 2}) => {:a -1}
  (select-keys nil [:a]) => {}
  (select-keys {:a nil} [:a :b]) => {:a nil}
  (select-keys {:a 1} nil) => {}
  (select-keys [5 6] [1]) => {1 6}
  (rename-keys {:a 1, :b 2} {:a :b}) => {:b 1}
  (rename-keys {:a 1} {:x :y}) => {:a 1}
  (rename-keys {:a 1, :b 2} {:a :b, :b :a}) => {:b 1, :a 2}
  (meta (rename-keys ^:m {:a 1} {:a :b})) => {:m true}
  (meta (update-vals ^:m {:a 1} inc)) => {:m true}
  (meta (update-keys ^:m {:a 1} name)) => {:m true}
  (update-vals {} inc) => {}
  (update-keys {:a 1, :b 2} (constantly :x)) => {:x 2}
  (invert-map {:a 1, :b 1}) => {1 :b}
  (meta (select-keys (with-meta {:a 1} {:m 1}) [:a])) => {:m 1}
  (reduce-kv assoc {} {:a 1}) => {:a 1}
  `));

test("sets", () =>
  holds(raw`
  (union) => #{}
  (union #{1}) => #{1}
  (union nil #{1}) => #{1}
  (union #{1} nil) => #{1}
  (intersection #{1 2}) => #{1 2}
  (intersection #{1 2} #{2} #{3}) => #{}
  (difference #{1 2 3} #{1} #{2}) => #{3}
  (difference #{1} nil) => #{1}
  (difference nil #{1}) => nil
  (intersection nil #{1}) => nil
  (subset? #{} #{}) => true
  (subset? #{1 2} #{1}) => false
  (subset? nil #{1}) => true
  (superset? #{1 2} #{1}) => true
  (superset? #{1} nil) => true
  (subset? #{[1]} #{'(1)}) => true
  (count #{1 1.0 1/2 "1" :1}) => 5
  `));

test("equality", () =>
  holds(raw`
  (= [1 2] '(1 2)) => true
  (= '(1 2) [1 2]) => true
  (= (range 1 3) [1 2]) => true
  (= [1 2] (map identity [1 2])) => true
  (= [] ()) => true
  (= [] nil) => false
  (= () nil) => false
  (= [] {}) => false
  (= #{} {}) => false
  (= [[1] [2]] '((1) (2))) => true
  (= {:a [1]} {:a '(1)}) => true
  (= #{[1]} #{'(1)}) => true
  (= [1 2] #{1 2}) => false
  (= "ab" ["a" "b"]) => false
  (= [1] [1.0]) => false
  (= 1 1.0) => false
  (== 1 1.0) => true
  (= 0.0 -0.0) => true
  (= 1/2 2/4) => true
  (= ##NaN ##NaN) => false
  (= [##NaN] [##NaN]) => true
  (= :a 'a) => false
  (= 'a/b 'b) => false
  (= "a" :a) => false
  (= nil false) => false
  (= 1) => true
  (= 1 1 1) => true
  (= 1 1 2) => false
  (= 1 2 1) => false
  (not= 1) => false
  (not= 1 1) => false
  (not= 1 1 2) => true
  (= (with-meta [1] {:a 1}) [1]) => true
  (= inc inc) => true
  (= (fn [x] x) (fn [x] x)) => false
  (let [f (fn [n] (fn [x] (+ x n)))] [(= (f 1) (f 1)) (= (f 1) (f 2))]) => [true false]
  (= (atom 1) (atom 1)) => false
  (let [a (atom 1)] (= a a)) => true
  (= (ex-info "a" {:b 1}) (ex-info "a" {:b 1})) => true
  (= (ex-info "a" {:b 1}) (ex-info "a" {:b 2})) => false
  (= #inst "2026-01-01T00:00:00Z" #inst "2026-01-01T01:00:00+01:00") => true
  (= #"a" #"a") => true
  (identical? [1] [1]) => true
  (identical? [1] '(1)) => false
  (identical? 1 1.0) => false
  (identical? "a" "a") => true
  (identical? {:a 1, :b 2} {:b 2, :a 1}) => false
  (identical? (atom 1) (atom 1)) => false
  (compare 1 2) => -1
  (compare nil 1) => -1
  (compare nil nil) => 0
  (compare [1 2] [1 3]) => -1
  (compare [2] [1 0]) => -1
  (compare 1 1.0) => 0
  (compare 1/3 0.33) => 1
  (compare :a :b) => -1
  (compare :b :a/a) => -1
  (compare "a" "B") => 1
  (compare false true) => -1
  (compare 1 "a") => !:type
  (compare {} {}) => !:type
  (compare [1] [:a]) => !:type
  `));

test("metadata", () =>
  holds(raw`
  (meta [1]) => nil
  (meta 5) => nil
  (meta nil) => nil
  (meta (with-meta [1] nil)) => nil
  (meta ^:a [1]) => {:a true}
  (meta ^{:a 1} {}) => {:a 1}
  (meta (with-meta (fn [] 1) {:a 1})) => {:a 1}
  ((with-meta (fn [] 1) {:a 1})) => 1
  (meta (conj ^:a [1] 2)) => {:a true}
  (meta (assoc ^:a {} :b 2)) => {:a true}
  (meta (dissoc ^:a {:b 1} :b)) => {:a true}
  (meta (conj ^:a #{1} 2)) => {:a true}
  (meta (disj ^:a #{1} 1)) => {:a true}
  (meta (into ^:a [1] [2])) => {:a true}
  (meta (pop ^:a [1])) => {:a true}
  (meta (assoc ^:a [1] 0 2)) => {:a true}
  (meta (merge ^:a {} {:b 1})) => {:a true}
  (meta (map inc ^:a [1])) => nil
  (meta (vec ^:a [1])) => nil
  (meta (rest (with-meta '(1 2) {:a 1}))) => nil
  (meta (vary-meta [1] assoc :a 1)) => {:a 1}
  (meta (vary-meta ^:a [1] dissoc :a)) => {}
  (with-meta 5 {:a 1}) => !:type
  (with-meta [1] 5) => !:type
  (meta 'a) => nil
  (meta (with-meta 'a {:b 1})) => {:b 1}
  (subs (:doc (meta #'inc)) 0 9) => "One more."
  (do (def ^:private hidden 1) (:private (meta #'hidden))) => true
  (do (defn documented "Says it." {:since 2} [] 1) (select-keys (meta #'documented) [:doc :since])) => {:doc "Says it.", :since 2}
  `));
