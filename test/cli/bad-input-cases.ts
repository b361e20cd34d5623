// Everything a user can get wrong in a script or on the command line, one row each: what is typed, and the files it is typed among.
// What must come of a row stands in test/golden/bad-input/NAME.txt.

export interface Case {
  readonly args: readonly string[];
  /** Files made before, by name; a folder where the content is null. */
  readonly files?: Readonly<Record<string, string | Uint8Array | null>>;
  readonly input?: string | Uint8Array;
  readonly exit: number;
}

/** Forms given with -e that fault. */
const fault = (forms: string): Case => ({ args: ["eval", "-e", forms], exit: 1 });

/** Forms given with -e that cannot be read or compiled. */
const refused = (forms: string): Case => ({ args: ["eval", "-e", forms], exit: 65 });

/** A script in a file. */
const script = (exit: number, text: string | Uint8Array): Case => ({ args: ["a.fm"], files: { "a.fm": text }, exit });

const bytes = (...parts: (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

export const CASES: Readonly<Record<string, Case>> = {
  // ---- how many arguments
  "arity-of-user-function": script(1, "(defn area [width height]\n  (* width height))\n(println (area 3))\n"),
  "arity-of-prelude-function": fault("(get {:a 1})"),
  "arity-of-primitive": fault("(inc 1 2)"),
  "arity-of-anonymous-function": fault("(map (fn [a b] a) [1])"),
  "arity-of-shipped-macro": refused("(when)"),
  "arity-of-user-macro": script(65, "(defmacro twice [form]\n  `(do ~form ~form))\n(twice 1 2)\n"),
  "arity-in-a-function-never-called": script(0, '(defn f [x] x)\n(defn never []\n  (f 1 2))\n(println "runs on")\n'),
  "arity-of-keyword": fault("(:a)"),

  // ---- what kind of arguments
  "type-plus": script(1, '(defn total [price]\n  (+ price 1))\n(println "total:" (total "12"))\n'),
  "type-compare": fault('(< 1 "a")'),
  "type-count": fault("(count 5)"),
  "type-assoc": fault("(assoc 5 :a 1)"),
  "type-first": fault("(first :a)"),
  "type-reduce": fault("(reduce + 5)"),
  "type-sort": fault('(sort [1 "a"])'),
  "type-in-a-callback": script(1, '(defn half [n]\n  (/ n 2))\n(println (map half [4 "6"]))\n'),
  "nth-out-of-range": fault("(nth [1 2] 5)"),
  "subs-out-of-range": fault('(subs "abc" 5)'),
  "divide-by-zero": fault("(/ 1 0)"),

  // ---- calls of what is no function
  "call-number": fault("(let [x 5] (x 2))"),
  "call-number-literal": refused("(1 2)"),
  "call-nil": script(1, "(def handlers {:get inc})\n((handlers :put) 1)\n"),
  "call-string": fault('(map "a" [1])'),

  // ---- brackets and texts that cannot be read
  "unclosed-nested": script(65, "(defn f [x]\n  (let [y (* x 2)\n    (+ x y))\n\n(defn g [] 1)\n(f 1)\n"),
  "unclosed-at-end": script(65, "(defn f [x]\n  (when x\n    (println x))\n"),
  mismatched: script(65, "(defn f [x]\n  (println [x (inc x)))\n"),
  "stray-closer": script(65, "(println 1))\n(println 2)\n"),
  "several-problems": script(65, '(println 12ab)\n(println "\\q")\n(println {:a})\n'),
  "unterminated-string": script(65, '(println "one)\n(println "two")\n'),
  "bad-escape": refused('(println "C:\\qux")'),
  "bad-character": refused("\\spice"),
  "bad-number": refused("(+ 1 0x1G)"),
  "regex-literals": script(65, '(re-find #"(\\d+" s)\n(re-find #"(?i)a**" s)\n(re-find #"\\p{Alhpa}" s)\n'),
  "regex-of-a-text": script(
    1,
    '(defn lines [sign]\n  (re-seq (re-pattern (str ".*" sign)) "a+b"))\n(println (lines "+"))\n(println (lines "["))\n',
  ),
  "regex-of-python": refused('(re-find #"(?P<year>\\d+)" "2026")'),
  "regex-as-a-string": fault('(re-find "a+" "aaa")'),
  "regex-replacement": fault('(require \'[flow.string :as s])\n(s/replace "a1" #"\\d" "$1")'),
  "duplicate-key": refused("{:a 1 :b 2 :a 3}"),
  "reader-conditional": refused("#?(:clj 1)"),
  unprintable: refused("(println #<fn>)"),
  "curly-quote": refused("(println “hello”)"),

  // ---- bytes that are no script
  "invalid-utf8": script(65, bytes('(println "na', [0xef], 've")\n(println 2)\n')),
  "nul-byte": script(65, bytes("(println 1)\n(println ", [0], ")\n")),
  elf: script(65, bytes([0x7f], "ELF", [2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 62, 0])),
  "utf-16": script(65, bytes([0xff, 0xfe], Buffer.from("(println 1)", "utf16le").toString("latin1"))),
  "nul-in-forms-of-stdin": { args: ["eval", "-"], input: bytes("(+ 1 ", [0], ")"), exit: 65 },

  // ---- names
  "unknown-name": script(65, '(defn greet [name]\n  (prinltn "hello" name))\n(greet "you")\n'),
  "unknown-name-without-a-guess": refused("(frobnicate 1)"),
  "unknown-alias": refused("(tme/sleep 5)"),
  "unknown-name-of-alias": script(65, "(ns a (:require [flow.time :as time]))\n(time/slep 5)\n"),
  "unknown-namespace-required": script(1, "(ns a\n  (:require [flow.tme :as time]))\n(time/sleep 5)\n"),
  "unknown-clause-of-ns": script(65, "(ns a (:use flow.time))\n"),
  "mistyped-clause-of-ns": script(65, "(ns a\n  (:requires [flow.time :as time]))\n"),
  "mistyped-option-of-spec": script(65, "(ns a\n  (:require [flow.time :sa time]))\n"),
  "spec-without-brackets": script(65, "(ns a\n  (:require flow.time :as time))\n"),
  "clause-of-clojure": script(0, "(ns a\n  (:refer-clojure :exclude [map]))\n(def map 1)\n"),
  "private-name": script(
    65,
    "(ns a)\n(defn- half [x] (/ x 2))\n(defn halve [x] (half x))\n(ns b)\n(println (a/half 4))\n",
  ),
  "name-of-another-namespace": refused('(println (join ", " [1 2]))'),
  "mistyped-alias": script(65, "(ns a (:require [flow.string :as string]))\n(strng/trim 1)\n"),
  "name-left-out": script(65, "(ns a (:refer-core :exclude [map]))\n(map inc [1])\n"),
  "name-hidden": script(0, '(defn count [text]\n  (println "counting" text))\n(count "a")\n'),
  "name-referred-and-defined": script(65, "(ns a (:require [flow.string :refer [trim]]))\n(defn trim [x] x)\n"),
  "name-from-two-namespaces": script(
    1,
    "(ns x)\n(def size 1)\n(ns y)\n(def size 2)\n(ns a\n  (:require [x :refer [size]]\n            [y :refer [size]]))\n",
  ),
  "alias-of-two-namespaces": script(1, "(ns a\n  (:require [flow.string :as s]\n            [flow.time :as s]))\n"),
  "all-names-hide-some": script(1, "(ns a (:require [flow.string :refer :all]))\n"),
  "unknown-name-referred": script(1, "(ns a (:require [flow.string :refer [trimm]]))\n"),
  "namespace-of-clojure": script(1, "(ns a (:require [clojure.string :as str]))\n"),

  // ---- modules in files
  "module-missing": script(1, "(ns a\n  (:require [helpers :as h]))\n"),
  "module-mistyped": {
    args: ["a.fm"],
    files: { "a.fm": "(ns a (:require [helprs :as h]))\n", "helpers.fm": "(ns helpers)\n" },
    exit: 1,
  },
  "module-with-underscore": {
    args: ["a.fm"],
    files: { "a.fm": "(ns a (:require [my-helpers]))\n", "my_helpers.fm": "(ns my-helpers)\n" },
    exit: 1,
  },
  "module-of-another-name": {
    args: ["a.fm"],
    files: { "a.fm": "(ns a (:require [helpers]))\n", "helpers.fm": "(ns helper)\n" },
    exit: 1,
  },
  "module-without-ns": {
    args: ["a.fm"],
    files: { "a.fm": "(ns a (:require [helpers]))\n", "helpers.fm": "(def x 1)\n" },
    exit: 1,
  },
  "module-name-for-no-file": script(1, "(ns a (:require [My.Helpers]))\n"),
  "modules-in-a-circle": {
    args: ["a.fm"],
    files: {
      "a.fm": "(ns a\n  (:require [b]))\n",
      "b.fm": "(ns b\n  (:require [flow.string :as s]\n            [c :refer [x]]))\n",
      "c.fm": "(ns c (:require [b :as b]))\n(def x 1)\n",
    },
    exit: 1,
  },
  "module-that-does-not-read": {
    args: ["a.fm"],
    files: { "a.fm": "(ns a (:require [b]))\n", "b.fm": "(ns b)\n(defn f [x\n(defn g [] 12ab)\n" },
    exit: 65,
  },
  "module-that-does-not-compile": {
    args: ["a.fm"],
    files: { "a.fm": "(ns a (:require [b]))\n", "b.fm": "(ns b)\n(defn f [x] (incc x))\n" },
    exit: 65,
  },
  "module-that-faults": {
    args: ["a.fm"],
    files: { "a.fm": '(ns a (:require [b]))\n(println "never")\n', "b.fm": "(ns b)\n(def x (nth [1] 2))\n" },
    exit: 1,
  },
  "path-that-is-no-list": { args: ["eval", "-e", "1"], files: { "flowmetal.json": '{"path": "lib"}' }, exit: 2 },
  "mistyped-setting": { args: ["eval", "-e", "1"], files: { "flowmetal.json": '{"paths": ["lib"]}' }, exit: 2 },

  // ---- what a program evaluates and expands
  "evaluated-unknown-name": script(65, "(defn run [form]\n  (eval form))\n(run '(incc 1))\n"),
  "evaluated-that-faults": script(1, "(defn run [form]\n  (eval form))\n(run '(+ 1 :a))\n"),
  "data-that-does-not-read": script(65, '(defn parse [text]\n  (read-string text))\n(parse "{:a 1 :b}")\n'),
  "macro-that-prints": script(65, "(defmacro loud [x]\n  (println x)\n  x)\n(loud 1)\n"),
  "macro-that-answers-no-code": script(65, "(defmacro odd [x]\n  (list 'do (atom 1) x))\n(odd 1)\n"),
  "macro-without-end": script(65, "(defmacro spin []\n  (loop [] (recur)))\n(spin)\n"),
  "unknown-name-in-an-expansion": script(
    65,
    "(defmacro careless [x]\n  `(no-such-fn ~x))\n(when true\n  (careless 1))\n",
  ),
  "macro-as-value": refused("(map when [1 2])"),
  "special-form-as-value": refused("(map if [1 2])"),

  // ---- forms that are written wrongly
  "let-without-value": refused("(let [a 1 b] a)"),
  "if-without-parts": refused("(if)"),
  "recur-not-last": refused("(loop [n 3] (inc (recur (dec n))))"),
  "duplicate-parameter": refused("(fn [x x] x)"),
  "endless-macro": script(65, "(defmacro again [] '(again))\n(again)\n"),
  "failing-macro": script(65, '(defmacro next-of [x]\n  (inc x))\n(println "before")\n(next-of "a")\n'),
  "nested-too-deep": { args: ["eval", "-"], input: `${"(do ".repeat(3000)}1${")".repeat(3000)}`, exit: 65 },
  "catch-behind-default": script(0, "(try 1\n  (catch :default e 2)\n  (catch :type e 3))\n"),

  // ---- errors of the script's own
  "throw-error": fault('(throw (error :shop/sold-out "there are no more pears" {:fruit "pear"}))'),
  "throw-number": script(1, "(defn f [n]\n  (throw n))\n(println (f 5))\n"),
  "throw-nil": fault("(throw nil)"),
  "error-with-cause": script(
    1,
    '(try\n  (nth [] 3)\n  (catch :default e\n    (throw (error :report/failed "no report today" {} e))))\n',
  ),

  // ---- too deep, too long, too large
  "recursion-without-end": script(
    1,
    "(declare odd)\n(defn even [n] (not (odd (inc n))))\n(defn odd [n] (not (even (inc n))))\n(println (even 0))\n",
  ),
  "loop-without-end": { args: ["eval", "--max-steps", "100000", "-e", "(loop [] (recur))"], exit: 1 },
  "huge-repeat-string": fault('(repeat-string 1000000000000 "x")'),
  "huge-power": fault("(pow 10 100000000)"),
  "huge-power-of-ratio": fault("(pow 2/3 100000000)"),
  "huge-shift": fault("(bit-shift-left 1 100000000000)"),
  "huge-product": fault("(loop [n 3] (recur (* n n)))"),

  // ---- checked, not run
  "check-many": {
    args: ["check", "a.fm"],
    files: {
      "a.fm":
        '(ns orders (:require [flow.strnig :as string] [flow.time :as time]))\n(defn total [lines]\n  (let [tax 1/5\n        sum (redcue + lines)]\n    (* sum)))\n(println (total [1 2] 3))\n(time/sleep)\n(string/trim "a")\n(throw (error :order/late "too late")\n',
    },
    exit: 1,
  },
  "check-macro": {
    args: ["check", "--strict", "a.fm"],
    files: {
      "a.fm":
        "(defmacro twice [form]\n  `(do ~form ~form))\n(twice (oops))\n(twice)\n(cond 1)\n(let [n 1]\n  (twice 2))\n",
    },
    exit: 1,
  },
  "check-module": {
    args: ["check", "a.fm"],
    files: { "a.fm": "(ns a (:require [b]))\n(b/area 2)\n", "b.fm": "(ns b)\n(defn area [w h]\n  (* w hight))\n" },
    exit: 1,
  },
  "check-clean": { args: ["check", "a.fm"], files: { "a.fm": '(println "not printed")\n' }, exit: 0 },
  "check-unreadable": { args: ["check", "a.fm"], files: { "a.fm": bytes([0xff, 0xfe, 0x00]) }, exit: 65 },

  // ---- the command line
  "missing-file": { args: ["eval", "reprot.fm"], files: { "report.fm": "1" }, exit: 3 },
  "missing-file-without-neighbour": { args: ["eval", "nowhere/a.fm"], exit: 3 },
  directory: { args: ["eval", "scripts"], files: { scripts: null }, exit: 2 },
  "unknown-command": { args: ["evla", "-e", "1"], exit: 3 },
  "mistyped-command": { args: ["resum", "@last"], exit: 3 },
  "unknown-option": { args: ["eval", "--stroe", "x.db", "-e", "1"], exit: 2 },
  "option-without-value": { args: ["eval", "-e"], exit: 2 },
  "max-steps-no-number": { args: ["eval", "--max-steps", "many", "-e", "1"], exit: 2 },
  "nothing-to-run": { args: ["eval"], exit: 2 },
  "no-id": { args: ["resume"], exit: 2 },
  "unknown-program": { args: ["inspect", "01zzzz"], exit: 3 },
  "unknown-store-scheme": { args: ["eval", "--store", "mysql://me:secret@db/x", "-e", "1"], exit: 2 },
  "looking-into-memory": { args: ["ps", "--store", "memory:"], exit: 2 },
  "unknown-error-code": { args: ["explain", "store/lokced"], exit: 3 },
  "bad-config": { args: ["ps"], files: { "flowmetal.json": '{"stroe": "a.db"}' }, exit: 2 },

  // ---- bad only at first sight
  "empty-forms": { args: ["eval", "-e", ""], exit: 0 },
  "empty-standard-input": { args: ["eval", "-"], input: "", exit: 0 },
  "byte-order-mark": script(0, bytes([0xef, 0xbb, 0xbf], "(println 1)\n")),
};
