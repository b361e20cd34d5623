// Regexes in the language: searching, replacing and splitting, with Clojure's answers; functions that wait in the middle.
import { expect, test } from "vitest";
import { Runner } from "./support.ts";
import { holds } from "./table.ts";

const raw = String.raw;

test("finding", () =>
  holds(raw`
  (re-find #"\d+" "a12b3") => "12"
  (re-find #"x" "abc") => nil
  (re-find #"(\w)(\d)?" "a") => ["a" "a" nil]
  (re-find #"" "abc") => ""
  (re-find #"(?i)B" "abc") => "b"
  (re-find (re-pattern "b.") "abc") => "bc"
  (re-find #"😀(.)" "a😀b") => ["😀b" "b"]
  (re-find #"a" nil) => !:type
  (re-find nil "a") => !:type
  (re-find "a" "a") => !:type
  (re-matches #"a+" "aaa") => "aaa"
  (re-matches #"a+" "aab") => nil
  (re-matches #"a|ab" "ab") => "ab"
  (re-matches #"(a)(b)?" "a") => ["a" "a" nil]
  (re-matches #"" "") => ""
  (re-matches #"a" :a) => !:type
  (re-seq #"\w+" "the quick fox") => ("the" "quick" "fox")
  (re-seq #"(\w)(\d)" "a1 b2") => (["a1" "a" "1"] ["b2" "b" "2"])
  (re-seq #"a*" "baac") => ("" "aa" "" "")
  (re-seq #"" "a😀") => ("" "" "")
  (re-seq #"\G\d" "12a3") => ("1" "2")
  (re-seq #"x" "abc") => nil
  (re-seq #"x" "") => nil
  (list? (re-seq #"a" "aa")) => true
  (re-seq #"a" 5) => !:type
  (map parse-long (re-seq #"\d+" "1 and 22")) => (1 22)
  (filter (partial re-find #"^a") ["ab" "ba" "a"]) => ("ab" "a")
  `));

test("patterns as values", () =>
  holds(raw`
  (re-pattern "a+") => #"a+"
  (re-pattern #"a+") => #"a+"
  (re-pattern "(?i)a") => #"(?i)a"
  (= #"a" #"a") => true
  (= #"a" (re-pattern "a")) => true
  (= #"(?i)a" (re-pattern "(?i)a")) => true
  (= #"(?i)a" #"a") => false
  (get {#"a" 1} #"a") => 1
  (str #"a+") => "a+"
  (str #"(?im)a") => "(?im)a"
  (re-pattern (str #"(?i)a" "b")) => #"(?i)ab"
  (regex? #"a") => true
  (regex? "a") => false
  (re-pattern "a(") => !:regex/syntax
  (re-pattern "\\p{Foo}") => !:regex/syntax
  (re-pattern nil) => !:type
  (re-pattern :a) => !:type
  (ex-data (try (re-pattern "ab(c") (catch :regex/syntax e e))) => {:function "re-pattern", :regex "ab(c", :at 2, :to 3, :hint "add ) where it ends; for a parenthesis itself write \\("}
  `));

test("matchers", () =>
  holds(raw`
  (let [m (re-matcher #"\d" "1a2")] [(re-find m) (re-find m) (re-find m)]) => ["1" "2" nil]
  (let [m (re-matcher #"(\d)(a)?" "1a2")] (re-find m) [(re-groups m) (re-find m) (re-groups m)]) => [["1a" "1" "a"] ["2" "2" nil] ["2" "2" nil]]
  (let [m (re-matcher #"a*" "ba")] [(re-find m) (re-find m) (re-find m) (re-find m)]) => ["" "a" "" nil]
  (let [m (re-matcher #"a" "b")] (re-find m) (re-groups m)) => !:regex/no-match
  (re-groups (re-matcher #"a" "a")) => !:regex/no-match
  (re-groups "a") => !:type
  (re-find (atom 1)) => !:type
  (re-matcher "a" "a") => !:type
  (re-matcher #"a" nil) => !:type
  (let [m (re-matcher #"b(c)?" "😀bc😀b")] (re-find m) [(re-span m) (re-span m 1) (do (re-find m) (re-span m)) (re-span m 1)]) => [[1 3] [2 3] [4 5] nil]
  (let [m (re-matcher #"(?<x>b)" "ab")] (re-find m) [(re-span m :x) (re-span m "x")]) => [[1 2] [1 2]]
  (let [m (re-matcher #"(b)" "ab")] (re-find m) (re-span m 2)) => !:index
  (let [m (re-matcher #"(b)" "ab")] (re-span m)) => !:regex/no-match
  (let [m (re-matcher #"(?<x>.)" "ab")] (re-find m) (re-find m) (re-named m)) => {:x "b"}
  (re-named #"(?<y>\d+)-(?<m>\d+)" "on 2026-11") => {:y "2026", :m "11"}
  (re-named #"(\d)" "1") => {}
  (re-named #"(?<x>a)" "b") => nil
  (keys (re-named #"(?<b>.)(?<a>.)" "12")) => (:b :a)
  `));

test("replacing", () =>
  holds(
    raw`
  (s/replace "a1b22" #"\d+" "#") => "a#b#"
  (s/replace "abc" #"x" "#") => "abc"
  (s/replace "abc" #"x*" "-") => "-a-b-c-"
  (s/replace "baaac" #"a*" "-") => "-b--c-"
  (s/replace "a😀" #"" "-") => "-a-😀-"
  (s/replace "John Smith" #"(\w+) (\w+)" "$2 $1") => "Smith John"
  (s/replace "ab" #"(?<x>a)" "<\${x}>") => "<a>b"
  (s/replace "ab" #"(a)" "$10") => "a0b"
  (s/replace "a" #"a" "\\$\\\\") => "$\\"
  (s/replace "a" #"a(b)?" "<$1>") => "<>"
  (s/replace "a" #"a" "$1") => !:regex/replacement
  (s/replace "a" #"a" "$") => !:regex/replacement
  (s/replace "b" #"a" "$1") => "b"
  (s/replace "a.b" #"." (s/re-quote-replacement "$0")) => "$0$0$0"
  (s/replace "a1b2" #"\d" (fn [d] (str "<" d ">"))) => "a<1>b<2>"
  (s/replace "a1" #"(\w)(\d)" (fn [[_ a b]] (str b a))) => "1a"
  (s/replace "a$" #"a" (fn [_] "$1")) => "$1$"
  (s/replace "abc" #"[ab]" {"a" "1", "b" "2"}) => "12c"
  (s/replace "a" #"a" (fn [_] 5)) => !:type
  (s/replace "a" #"a" {}) => !:type
  (s/replace "a" #"a" nil) => !:call
  (s/replace "b" #"a" nil) => "b"
  (s/replace nil #"a" "b") => !:type
  (s/replace "a" "a" (fn [x] x)) => !:type
  (s/replace "a.b" "." "$0") => "a$0b"
  (s/replace-first "a1b2" #"\d" "<$0>") => "a<1>b2"
  (s/replace-first "a1b2" #"\d" (fn [d] (str d d))) => "a11b2"
  (s/replace-first "ab" #"x" "y") => "ab"
  (s/replace-first "ab" #"" "-") => "-ab"
  (s/replace-first "ab" #"(b)" "[$1]") => "a[b]"
  (s/replace-first nil #"a" "b") => !:type
  (re-find (re-pattern (s/re-quote "a.b*[c]")) "a.b*[c]") => "a.b*[c]"
  (re-matches (re-pattern (str "(?x)" (s/re-quote "a # b"))) "a # b") => "a # b"
  (s/re-quote "a+b") => "a\\+b"
  (s/re-quote 5) => !:type
  (s/re-quote-replacement nil) => !:type
  `.replaceAll("\\${", "${"),
    "(require '[flow.string :as s])",
  ));

test("splitting", () =>
  holds(
    raw`
  (s/split "a,b;c" #"[,;]") => ["a" "b" "c"]
  (s/split "a1b22c" #"\d+") => ["a" "b" "c"]
  (s/split "a,b,," #",") => ["a" "b"]
  (s/split "a,b,," #"," -1) => ["a" "b" "" ""]
  (s/split "a,b,," #"," 0) => ["a" "b"]
  (s/split "a,b,c,d" #"," 2) => ["a" "b,c,d"]
  (s/split "a,b,c" #"," 1) => ["a,b,c"]
  (s/split "a,b" #"," 5) => ["a" "b"]
  (s/split ",a" #",") => ["" "a"]
  (s/split "," #",") => []
  (s/split "" #",") => [""]
  (s/split "abc" #",") => ["abc"]
  (s/split "a😀b" #"") => ["a" "😀" "b"]
  (s/split "abc" #"" 2) => ["a" "bc"]
  (s/split "abc" #"x*") => ["a" "b" "c"]
  (s/split "aXbXc" #"(?i)x") => ["a" "b" "c"]
  (s/split "camelCaseText" #"(?=[A-Z])") => ["camel" "Case" "Text"]
  (s/split nil #",") => !:type
  (s/split "a" #"," "x") => !:type
  (s/split "a,b,," ",") => ["a" "b" "" ""]
  `,
    "(require '[flow.string :as s])",
  ));

test("a function that replaces may wait, and what it answers arrives in its place", async () => {
  const runner = await Runner.make();
  const text = raw`
    (require '[flow.string :as s] '[flow.time :as time])
    (def seen (atom []))
    (s/replace "a1b2c3" #"\d"
      (fn [d]
        (time/sleep (* 1000 (parse-long d)))
        (swap! seen conj d)
        (str "<" d (count @seen) ">")))`;
  const { text: value, elapsed } = runner.run(text);
  expect(value).toBe('"a<11>b<22>c<33>"');
  expect(elapsed).toBe(6000);
});

test("an error in a function that replaces can be caught around it", () =>
  holds(
    raw`
  (try (s/replace "a1" #"\d" (fn [d] (throw (error :app/no "no" {:d d})))) (catch :app/no e (ex-data e))) => {:d "1"}
  (block out (s/replace "a1b2" #"\d" (fn [d] (exit out d)))) => "1"
  `,
    "(require '[flow.string :as s])",
  ));
