// Numbers: exact and inexact ones side by side (S-15), integer division, limits, parsing, bits; time and durations.
import { test } from "vitest";
import { holds } from "./table.ts";

const raw = String.raw;

test("arithmetic: arities, exactness, contagion", () =>
  holds(raw`
  (+) => 0
  (+ 1) => 1
  (+ 1.5) => 1.5
  (+ 1 2 3 4) => 10
  (+ 1 1.0) => 2.0
  (+ 1/2 1/2) => 1
  (+ 1/2 0.5) => 1.0
  (+ 9007199254740992 1) => 9007199254740993
  (+ 9007199254740993 -1) => 9007199254740992
  (- 9007199254740993 9007199254740992) => 1
  (+ nil 1) => !:type
  (+ "a") => !:type
  (+ "a" 1) => !:type
  (+ 1 :a) => !:type
  (-) => !:arity
  (- 1) => -1
  (- 0) => 0
  (- 0.0) => -0.0
  (- 1/2) => -1/2
  (- 10 1 2) => 7
  (*) => 1
  (* 5) => 5
  (* "a") => !:type
  (* 2 3 4) => 24
  (* 1/2 2) => 1
  (* 99999999999 99999999999) => 9999999999800000000001
  (* 0 1.5) => 0.0
  (* 0 -1.0) => -0.0
  (* 2 0.5) => 1.0
  (/ 2) => 1/2
  (/ 1.0) => 1.0
  (/ 6 3) => 2
  (/ 6 4) => 3/2
  (/ -6 4) => -3/2
  (/ 6 -4) => -3/2
  (/ 12 2 3) => 2
  (/ 1 3.0) => 0.3333333333333333
  (/ 1 0) => !:arithmetic
  (/ 0) => !:arithmetic
  (/ 1.0 0) => ##Inf
  (/ 1 0.0) => ##Inf
  (/ 0.0 0.0) => ##NaN
  (/) => !:arity
  (inc 9007199254740991) => 9007199254740992
  (inc 9007199254740992) => 9007199254740993
  (dec -9007199254740992) => -9007199254740993
  (inc 1.5) => 2.5
  (inc 1/2) => 3/2
  (inc nil) => !:type
  (quot 7 2) => 3
  (quot -7 2) => -3
  (quot 7 -2) => -3
  (quot 7.5 2) => 3.0
  (quot 1 0) => !:arithmetic
  (rem 7 2) => 1
  (rem -7 2) => -1
  (rem 7 -2) => 1
  (rem 7.5 2) => 1.5
  (mod 7 2) => 1
  (mod -7 2) => 1
  (mod 7 -2) => -1
  (mod -7 -2) => -1
  (mod 0 5) => 0
  (mod -7.5 2) => 0.5
  (mod 7/2 1) => 1/2
  (mod 1 0) => !:arithmetic
  (mod -1 100000000000000000000) => 99999999999999999999
  (= 7 (+ (* 2 (quot 7 2)) (rem 7 2))) => true
  (abs -5) => 5
  (abs -1/2) => 1/2
  (abs -0.0) => 0.0
  (max 1 2.0) => 2.0
  (max 1 2 3) => 3
  (min 1) => 1
  (max "a") => !:type
  (max 1 ##NaN) => ##NaN
  (min ##NaN 1) => ##NaN
  (max) => !:arity
  (pow 2 10) => 1024
  (pow 2 -2) => 1/4
  (pow 2.0 3) => 8.0
  (pow 0 0) => 1
  (sqrt 16) => 4.0
  (sqrt -1) => ##NaN
  (reduce * (range 1 21)) => 2432902008176640000
  (reduce * (range 1 31)) => 265252859812191058636308480000000
  (pow 10 100000000) => !:limit
  (apply + (range 1000)) => 499500
  `));

test("comparison and tests", () =>
  holds(raw`
  (< 1) => true
  (< 1 2 3) => true
  (< 1 3 2) => false
  (< 1 1) => false
  (<= 1 1 2) => true
  (> 3 2 1) => true
  (>= 3 3 1) => true
  (< 1/3 0.34) => true
  (< 9007199254740992 9007199254740993) => true
  (< 9007199254740992.0 9007199254740993) => true
  (== 9007199254740992.0 9007199254740993) => false
  (< 1 nil) => !:type
  (< "a" "b") => !:type
  (< ##NaN 1) => false
  (> ##NaN 1) => false
  (== ##NaN ##NaN) => false
  (< ##-Inf -1e308 0 ##Inf) => true
  (== 1 1.0 1/1) => true
  (== 1 2) => false
  (== 1 "a") => !:type
  (= 1 1) => true
  (= 1 1.0) => false
  (= 100000000000000000000 100000000000000000000) => true
  (= 1 1N) => true
  (zero? 0) => true
  (zero? -0.0) => true
  (zero? 0.1) => false
  (pos? 1/2) => true
  (neg? -0.0) => false
  (pos? nil) => !:type
  (even? 0) => true
  (odd? -3) => true
  (even? 100000000000000000000) => true
  (even? 1.0) => !:type
  (odd? 1/2) => !:type
  (integer? 1) => true
  (integer? 1.0) => false
  (integer? 100000000000000000000) => true
  (int? 1/2) => false
  (float? 1.0) => true
  (float? ##NaN) => true
  (ratio? 1/2) => true
  (ratio? 4/2) => false
  (rational? 1.0) => false
  (number? nil) => false
  (number? "1") => false
  (pos-int? 0) => false
  (nat-int? 0) => true
  (neg-int? -1) => true
  (NaN? ##NaN) => true
  (NaN? 1) => false
  (infinite? ##-Inf) => true
  (boolean nil) => false
  (boolean 0) => true
  (boolean "") => true
  (not nil) => true
  (not 0) => false
  (true? 1) => false
  (some? nil) => false
  `));

test("conversions", () =>
  holds(raw`
  (int 3.7) => 3
  (int -3.7) => -3
  (int 7/2) => 3
  (int -7/2) => -3
  (int ##NaN) => !:arithmetic
  (int ##Inf) => !:arithmetic
  (int 1e20) => 100000000000000000000
  (int "1") => !:type
  (float 1/3) => 0.3333333333333333
  (double 5) => 5.0
  (rationalize 0.5) => 1/2
  (rationalize 1.0) => 1
  (rationalize 1/3) => 1/3
  (numerator 6/4) => 3
  (denominator 6/4) => 2
  (floor 1.5) => 1
  (floor -1.5) => -2
  (floor -7/2) => -4
  (floor 3) => 3
  (ceil 1.2) => 2
  (ceil -1.2) => -1
  (round 0.5) => 1
  (round -0.5) => 0
  (round -1.5) => -1
  (round 7/2) => 4
  (round ##NaN) => !:arithmetic
  [010 0x1F 2r101 36rz 1_000 +5] => [8 31 5 35 1000 5]
  [1e3 1.5e-3 -0.0] => [1000.0 0.0015 -0.0]
  [4/2 6/4] => [2 3/2]
  `));

test("bits of infinite two's complement", () =>
  holds(raw`
  (bit-and 12 10) => 8
  (bit-and -1 255) => 255
  (bit-and 7 6 4) => 4
  (bit-or 1 2 4) => 7
  (bit-xor 5 1 1) => 5
  (bit-not 0) => -1
  (bit-not -1) => 0
  (bit-and-not 15 5) => 10
  (bit-shift-left 1 100) => 1267650600228229401496703205376
  (bit-shift-right 1267650600228229401496703205376 100) => 1
  (bit-shift-right -1 10) => -1
  (bit-shift-left 1 -1) => !:range
  (bit-set 0 70) => 1180591620717411303424
  (bit-clear 7 1) => 5
  (bit-flip 5 0) => 4
  (bit-test -1 1000) => true
  (bit-test 4 1) => false
  (bit-and 1.0 1) => !:type
  (bit-and 1/2 1) => !:type
  (bit-and 18446744073709551615 -2) => 18446744073709551614
  `));

test("randomness stays within its bounds", () =>
  holds(raw`
  (every? (fn [x] (and (float? x) (<= 0 x) (< x 1))) (repeatedly 50 rand)) => true
  (every? (fn [x] (and (<= 0 x) (< x 10))) (repeatedly 50 (fn [] (rand 10)))) => true
  (sort (keys (frequencies (repeatedly 200 (fn [] (rand-int 3)))))) => (0 1 2)
  (rand-int 1) => 0
  (< (rand-int 100000000000000000000) 100000000000000000000) => true
  (rand-int 0) => 0
  (rand-int -1) => 0
  (sort (keys (frequencies (repeatedly 200 (fn [] (rand-int -3)))))) => (-2 -1 0)
  (rand-int 1.5) => !:type
  (rand-nth [5]) => 5
  (rand-nth []) => !:index
  (rand-nth nil) => nil
  (random-sample 1/2 nil) => ()
  (let [xs (range 50) a (shuffle xs) b (shuffle xs)] [(= (sort a) (sort b) xs) (= a b) (vector? a)]) => [true false true]
  (shuffle []) => []
  (= (random-uuid) (random-uuid)) => false
  `));

test("instants and durations", () =>
  holds(
    raw`
  (t/duration "1h30m") => #duration "1h30m"
  (t/duration "x") => nil
  (t/duration 1500) => #duration "1s500ms"
  (t/millis #duration "2d") => 172800000
  (t/millis #inst "1970-01-01T00:00:01Z") => 1000
  (t/instant "2026-11-24T12:00:00+01:00") => #inst "2026-11-24T11:00:00.000Z"
  (t/instant "no") => nil
  (t/instant 0) => #inst "1970-01-01T00:00:00.000Z"
  (t/plus (t/instant 0) 1000) => #inst "1970-01-01T00:00:01.000Z"
  (t/plus #duration "1m" #duration "30s") => #duration "1m30s"
  (t/plus 1000 #inst "1970-01-01T00:00:00Z") => #inst "1970-01-01T00:00:01.000Z"
  (t/minus #inst "2026-01-02T00:00:00Z" #inst "2026-01-01T00:00:00Z") => #duration "1d"
  (t/minus #inst "2026-01-02T00:00:00Z" #duration "1d") => #inst "2026-01-01T00:00:00.000Z"
  (t/minus #duration "1m" #duration "2m") => #duration "-1m"
  (t/before? (t/instant 0) (t/instant 1)) => true
  (t/after? (t/instant 0) (t/instant 0)) => false
  (t/seconds 1.5) => #duration "1s500ms"
  (t/seconds 1/3) => #duration "333ms"
  (t/minutes 1/2) => #duration "30s"
  (t/hours -1) => #duration "-1h"
  (t/days 1) => #duration "1d"
  (compare #duration "1m" #duration "61s") => -1
  (sort [#inst "2026-01-02T00:00:00Z" #inst "2026-01-01T00:00:00Z"]) => (#inst "2026-01-01T00:00:00.000Z" #inst "2026-01-02T00:00:00.000Z")
  (t/iso #inst "2024-02-29T23:59:59.999Z") => "2024-02-29T23:59:59.999Z"
  (t/instant "2023-02-29T00:00:00Z") => nil
  (inst? (t/now)) => true
  (t/duration :a) => !:type
  (t/plus (t/instant 0) (t/instant 0)) => !:type
  `,
    "(require '[flow.time :as t])",
  ));

test("the clock moves by waiting alone", () =>
  holds(
    raw`
  (let [a (t/now)] (t/sleep 1500) (t/minus (t/now) a)) => #duration "1s500ms"
  (let [a (t/now)] (t/sleep #duration "1h") (t/minus (t/now) a)) => #duration "1h"
  (let [a (t/now)] (t/sleep (t/plus a #duration "1d")) (t/minus (t/now) a)) => #duration "1d"
  (let [a (t/now)] (t/sleep -5) (t/sleep 0) (t/sleep (t/instant 0)) (t/minus (t/now) a)) => #duration "0s"
  (t/sleep 1) => nil
  (t/sleep :a) => !:type
  (t/with-timeout 100 :in-time) => :in-time
  (t/with-timeout 100 (t/sleep 50) :in-time) => :in-time
  (t/with-timeout 100 (t/sleep 200) :never) => !:timeout
  (let [a (t/now)] (try (t/with-timeout 100 (t/sleep 200)) (catch :timeout _ (t/minus (t/now) a)))) => #duration "100ms"
  (t/with-timeout (t/forever) (t/sleep 10) 1) => 1
  (t/with-timeout (t/at (t/plus (t/now) 100)) (t/sleep 200)) => !:timeout
  (t/with-timeout 100 (try (t/sleep 200) (catch :timeout _ :inside))) => :inside
  (t/with-timeout 100 (try (t/sleep 200) (catch :timeout _ (t/sleep 200) :goes-on))) => :goes-on
  (t/with-timeout 100 (t/with-timeout 50 (try (t/sleep 200) (catch :timeout _ :inner)))) => :inner
  (t/with-timeout 50 (t/with-timeout 100 (try (t/sleep 200) (catch :timeout _ (t/sleep 10) :swallowed)))) => !:timeout
  (let [log (atom [])] (try (t/with-timeout 50 (try (t/sleep 100) (finally (swap! log conj :cleaned)))) (catch :timeout _ @log))) => [:cleaned]
  (let [log (atom [])] (try (t/with-timeout 50 (try (t/sleep 100) (finally (t/sleep 500) (swap! log conj :cleaned)))) (catch :timeout _ @log))) => [:cleaned]
  `,
    "(require '[flow.time :as t])",
  ));
