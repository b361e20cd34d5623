// Strings count code points; what printing shows; JSON and back.
import { test } from "vitest";
import { holds } from "./table.ts";

const raw = String.raw;

test("str", () =>
  holds(raw`
  (str) => ""
  (str nil) => ""
  (str nil nil) => ""
  (str 1 nil "a" :b 'c) => "1a:bc"
  (str "a" [nil "b" \c]) => "a[nil \"b\" \"c\"]"
  (str 1.0) => "1.0"
  (str -0.0) => "-0.0"
  (str 1e21) => "1e+21"
  (str 1/2) => "1/2"
  (str 123456789012345678901234567890) => "123456789012345678901234567890"
  (str true false) => "truefalse"
  (str {:a "x"}) => "{:a \"x\"}"
  (str #{1}) => "#{1}"
  (str '(1 2)) => "(1 2)"
  (str ##Inf) => "##Inf"
  (str ##NaN) => "##NaN"
  (str #duration "90s") => "1m30s"
  (str #inst "2026-01-01T00:00:00Z") => "2026-01-01T00:00:00.000Z"
  (str #uuid "00000000-0000-0000-0000-000000000001") => "00000000-0000-0000-0000-000000000001"
  (str #"a+") => "a+"
  (apply str (interpose "," [1 2])) => "1,2"
  (print-str "a" nil [:b "c"]) => "a nil [:b c]"
  (pr-str "a" nil [:b "c"]) => "\"a\" nil [:b \"c\"]"
  (pr-str) => ""
  (print-str) => ""
  (println-str "a") => "a\n"
  (prn-str "a\n") => "\"a\\n\"\n"
  `));

test("code points, never halves of them", () =>
  holds(
    raw`
  (count "a😀é") => 3
  (seq "a😀") => ("a" "😀")
  (nth "a😀b" 2) => "b"
  (get "a😀b" 1) => "😀"
  (subs "a😀bc" 1 3) => "😀b"
  (subs "a😀b" 2) => "b"
  (subs "ab" 2) => ""
  (subs "ab" 0 0) => ""
  (subs "ab" 3) => !:index
  (subs "ab" -1) => !:index
  (subs "ab" 1 0) => !:index
  (subs "ab" 0 3) => !:index
  (subs nil 0) => !:type
  (reverse "a😀") => ("😀" "a")
  (s/reverse "a😀b") => "b😀a"
  (s/reverse "") => ""
  (s/index-of "a😀b" "b") => 2
  (s/index-of "a😀b😀" "😀" 2) => 3
  (s/index-of "ab" "") => 0
  (s/index-of "ab" "c") => nil
  (s/index-of "ab" "a" 5) => nil
  (s/last-index-of "a😀b😀" "😀") => 3
  (s/last-index-of "ab" "c") => nil
  (s/includes? "a😀" "😀") => true
  (s/includes? "ab" "") => true
  (s/code-point "😀") => 128512
  (s/from-code-point 128512) => "😀"
  (s/from-code-point 55296) => !:range
  (s/from-code-point -1) => !:range
  (s/code-point "") => !:index
  (s/pad-left "😀" 3 "*") => "**😀"
  (s/pad-right "ab" 1) => "ab"
  (s/pad-left "a" 4 "xy") => "xyxa"
  (s/split "a😀b" "") => ["a" "😀" "b"]
  (frequencies "a😀a") => {"a" 2, "😀" 1}
  (sort ["😀" "\uFFFD" "a"]) => ("a" "�" "😀")
  (compare "😀" "\uFFFD") => 1
  (map count ["" "é" "e\u0301" "👨‍👩‍👧"]) => (0 1 2 5)
  (apply str (reverse "héllo")) => "olléh"
  (= "\u00e9" "é") => true
  "\x41\u{1F600}\101" => "A😀A"
  `,
    "(require '[flow.string :as s])",
  ));

test("flow.string", () =>
  holds(
    raw`
  (s/blank? nil) => true
  (s/blank? "") => true
  (s/blank? " \n\t") => true
  (s/blank? "a") => false
  (s/upper-case "aß😀") => "ASS😀"
  (s/lower-case "ÀB") => "àb"
  (s/capitalize "hELLO wORLD") => "Hello world"
  (s/capitalize "") => ""
  (s/capitalize "é") => "É"
  (s/trim "  a b\n") => "a b"
  (s/trim "") => ""
  (s/triml "  a ") => "a "
  (s/trimr "  a ") => "  a"
  (s/trim-newline "a\r\n\n") => "a"
  (s/trim-newline "a \n ") => "a \n "
  (s/starts-with? "abc" "") => true
  (s/starts-with? "abc" "abcd") => false
  (s/ends-with? "abc" "c") => true
  (s/ends-with? "" "") => true
  (s/join ["a" nil "b"]) => "ab"
  (s/join ", " []) => ""
  (s/join ", " nil) => ""
  (s/join ", " [1 :a "b" nil]) => "1, :a, b, "
  (s/join "" (take 3 (range))) => "012"
  (s/split "a,b,,c" ",") => ["a" "b" "" "c"]
  (s/split "" ",") => [""]
  (s/split "abc" ",") => ["abc"]
  (s/split "a,b,c" "," 2) => ["a" "b,c"]
  (s/split "a,b,c" "," 1) => ["a,b,c"]
  (s/split "a--b" "--") => ["a" "b"]
  (s/split-lines "a\nb\r\nc") => ["a" "b" "c"]
  (s/split-lines "") => [""]
  (s/replace "a.b.c" "." "") => "abc"
  (s/replace "aaa" "aa" "b") => "ba"
  (s/replace "a$1" "$1" "$&") => "a$&"
  (s/replace "abc" "x" "y") => "abc"
  (s/replace-first "a.b.c" "." "$") => "a$b.c"
  (s/escape "<a>" {"<" "&lt;", ">" "&gt;"}) => "&lt;a&gt;"
  (s/upper-case nil) => !:type
  (s/trim 5) => !:type
  (s/join 5 [1]) => !:type
  (s/split nil ",") => !:type
  (repeat-string 0 "ab") => ""
  (repeat-string 2 "é") => "éé"
  (name :a/b) => "b"
  (name "x") => "x"
  (name 'a/b) => "b"
  (name nil) => !:type
  (namespace :a) => nil
  (namespace 'a/b) => "a"
  (keyword "a") => :a
  (keyword "a" "b") => :a/b
  (keyword :a) => :a
  (keyword 'a/b) => :a/b
  (symbol "a/b") => a/b
  (symbol :a) => a
  (keyword nil) => nil
  (= (gensym) (gensym)) => false
  (parse-long "007") => 7
  (parse-long "-5") => -5
  (parse-long "+5") => 5
  (parse-long "") => nil
  (parse-long "1.0") => nil
  (parse-long " 1") => nil
  (parse-long "123456789012345678901234567890") => 123456789012345678901234567890
  (parse-long nil) => !:type
  (parse-double "1") => 1.0
  (parse-double "1e400") => ##Inf
  (parse-double "x") => nil
  (parse-boolean "True") => nil
  (parse-boolean "false") => false
  (parse-uuid "00000000-0000-0000-0000-000000000001") => #uuid "00000000-0000-0000-0000-000000000001"
  (parse-uuid "1") => nil
  `,
    "(require '[flow.string :as s])",
  ));

test("printing of everything", () =>
  holds(raw`
  nil => nil
  [true false] => [true false]
  [1 -1 1.0 -0.0 1.5 1e100 1/2 -1/3] => [1 -1 1.0 -0.0 1.5 1e+100 1/2 -1/3]
  [##Inf ##-Inf ##NaN] => [##Inf ##-Inf ##NaN]
  "a\"\\\n\t\r" => "a\"\\\n\t\r"
  "\u0001\u007f" => "\u0001\u007f"
  [:a :a/b 'c 'd/e] => [:a :a/b c d/e]
  '(quote a) => (quote a)
  () => ()
  [] => []
  {} => {}
  #{} => #{}
  '(1 (2 [3 {4 #{5}}])) => (1 (2 [3 {4 #{5}}]))
  {:a 1, "b" [2], nil nil} => {:a 1, "b" [2], nil nil}
  #{1 :a} => #{1 :a}
  #inst "2026-01-01T00:00:00Z" => #inst "2026-01-01T00:00:00.000Z"
  #duration "90m" => #duration "1h30m"
  #uuid "00000000-0000-0000-0000-000000000001" => #uuid "00000000-0000-0000-0000-000000000001"
  #"a\d" => #"a\d"
  (fn named [] 1) => #<fn named>
  inc => #<fn flow.core/inc>
  #'inc => #'flow.core/inc
  (ex-info "no" {:a 1}) => #<error :user "no">
  (reduced 1) => #flow.core/reduced 1
  (range 3) => (0 1 2)
  (map inc [1]) => (2)
  (cons 1 (take 1 (range))) => (1 0)
  (seq {:a 1}) => ([:a 1])
  #my/tag [1] => #my/tag [1]
  (with-meta [1] {:a 1}) => [1]
  \a => "a"
  (count (pr-str (range 1000))) => 3891
  `));

test("JSON there and back", () =>
  holds(
    raw`
  (json/read "{\"a\": [1, -2.5, 1.0, null, true, \"x\"]}") => {:a [1 -2.5 1.0 nil true "x"]}
  (json/read "[]") => []
  (json/read "{}") => {}
  (json/read " 1 ") => 1
  (json/read "\"\\u00e9\\ud83d\\ude00\"") => "é😀"
  (json/read "{\"b\":1,\"a\":2,\"10\":3}" {:keys :string}) => {"b" 1, "a" 2, "10" 3}
  (json/read "{\"a\":{\"b\":1}}" {:keys :string}) => {"a" {"b" 1}}
  (json/read "12345678901234567890") => 12345678901234567890
  (json/read "1e3") => 1000.0
  (json/read "{\"a\":1,\"a\":2}") => {:a 2}
  (json/read "") => !:json/syntax
  (json/read "{") => !:json/syntax
  (json/read "[1,]") => !:json/syntax
  (json/read "01") => !:json/syntax
  (json/read "\"\\ud800\"") => !:json/surrogate
  (json/read "nul") => !:json/syntax
  (json/read "1 2") => !:json/syntax
  (json/read nil) => !:type
  (json/write nil) => "null"
  (json/write [1 1.0 1.5 "a" :b true nil]) => "[1,1.0,1.5,\"a\",\"b\",true,null]"
  (json/write {:b 1, "a" 2}) => "{\"b\":1,\"a\":2}"
  (json/write {:a/b 1}) => "{\"a/b\":1}"
  (json/write #{1}) => "[1]"
  (json/write '(1 2)) => "[1,2]"
  (json/write (take 2 (range))) => "[0,1]"
  (json/write (map inc (take 2 (range)))) => "[1,2]"
  (json/write {}) => "{}"
  (json/write "é😀\n\u0001") => "\"é😀\\n\\u0001\""
  (json/write {:a 1} {:indent 2}) => "{\n  \"a\": 1\n}"
  (json/write [] {:indent 2}) => "[]"
  (json/write 123456789012345678901) => "123456789012345678901"
  (json/write 1/2) => !:json/value
  (json/write ##NaN) => !:json/value
  (json/write inc) => !:json/value
  (json/write {1 2}) => !:json/value
  (json/write {:a [1 {:b inc}]}) => !:json/value
  (json/write (atom 1)) => !:json/value
  (let [v {:a [1 2.5 nil {:b "x", :c []}], :d {}}] (= v (json/read (json/write v)))) => true
  (let [v {"k" [1.0 -0.0 1e100 1e-7]}] (= v (json/read (json/write v) {:keys :string}))) => true
  (let [v (reduce (fn [v _] [v]) 1 (range 5000))] (= v (json/read (json/write v)))) => true
  `,
    "(require '[flow.json :as json])",
  ));

test("base64, hashes, URLs", () =>
  holds(
    raw`
  (b/encode "") => ""
  (b/encode "é😀") => "w6nwn5iA"
  (b/decode-string "w6nwn5iA") => "é😀"
  (b/decode-string (b/encode "a")) => "a"
  (b/decode-string "YQ") => "a"
  (b/decode "!") => !:range
  (b/decode-string "/w==") => !:range
  (b/count-bytes (b/decode "AAAA")) => 3
  (= (b/decode "-_8=") (b/decode "+/8=")) => true
  (h/sha256 "abc") => "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
  (= (h/sha256 "é") (h/sha256 (b/decode "w6k="))) => true
  (h/sha256 1) => !:type
  (u/encode "a b/é?&") => "a%20b%2F%C3%A9%3F%26"
  (u/decode "a%20b%2F%C3%A9") => "a b/é"
  (u/decode "a+b") => "a b"
  (u/decode "%") => !:range
  (u/decode (u/encode "100% +😀")) => "100% +😀"
  (u/query {:a 1, "b c" [1 nil :x], :d nil}) => "a=1&b%20c=1&b%20c=x"
  (u/query {}) => ""
  (u/query nil) => ""
  `,
    "(require '[flow.base64 :as b] '[flow.hash :as h] '[flow.url :as u])",
  ));
