// flowmetal check: all problems at once, each where it is and once; nothing of the script runs; modules as for eval.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommandLine } from "../../src/cli/main.ts";
import { codes } from "../../src/base/codes.ts";
import { errorTypes } from "../../src/base/error-types.ts";
import { flowmetal } from "../support/cli.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";
import { surroundings } from "../support/surroundings.ts";
import { root } from "../support/tree.ts";

async function check(cwd: string, argv: readonly string[], input = "") {
  const world = surroundings({ cwd, input });
  const code = await runCommandLine(["check", ...argv], world);
  return { code, stdout: world.stdout.text, stderr: world.stderr.text };
}

interface ProblemData {
  readonly code: string;
  readonly severity: string;
  readonly file: string | null;
  readonly line: number;
  readonly column: number;
  readonly end: { readonly line: number; readonly column: number };
  readonly message: string;
}

/** `[file:]line:column code` of every problem of a script (`a.fm`) among other files. */
async function problems(text: string, others: Readonly<Record<string, string>> = {}, ...argv: string[]) {
  const cwd = scratchFolder();
  mkdirSync(join(cwd, "lib"));
  for (const [name, other] of Object.entries({ "a.fm": text, ...others })) writeIn(cwd, name, other);
  const { stdout, stderr } = await check(cwd, ["--json", ...argv, "a.fm"]);
  expect(stderr).toBe("");
  return (JSON.parse(stdout).problems as ProblemData[]).map(({ file, line, column, code }) => {
    expect([...Object.keys(codes), ...Object.keys(errorTypes)]).toContain(code);
    return `${file === "a.fm" ? "" : `${file}:`}${line}:${column} ${code.replace("compile/", "")}`;
  });
}

describe("every problem is told, each once", () => {
  test.each([
    [
      "unknown names, wherever they stand",
      "(foo 1)\n(defn f [x] [(bar x) {:k baz}])",
      ["1:2", "2:15", "2:26"],
      "unknown-name",
    ],
    ["functions of the core", "(get 1)\n(map)\n(assoc {} :a)", ["1:1", "2:1", "3:1"], "arity"],
    [
      "functions of a library",
      '(ns a (:require [flow.string :as s]))\n(s/trim)\n(s/join "a" [] 3)',
      ["2:1", "3:1"],
      "arity",
    ],
    [
      "functions of the script, before and behind their definition",
      "(declare g)\n(defn f [] (g 1))\n(defn g [] 1)\n(f 2)",
      ["2:12", "4:1"],
      "arity",
    ],
    ["a function in itself", "(defn f [x] (f))\n(defn ok ([] (ok 1)) ([_x] 1))", ["1:13"], "arity"],
    [
      "functions in locals",
      "(let [f (fn [x] x)] (f) (f 1))\n(letfn [(g [] (g 1))] (g))\n((fn [x] x))\n((fn h [] (h 1)))",
      ["1:21", "2:15", "3:1", "4:11"],
      "arity",
    ],
    ["what makes records", "(defrecord Point [x y])\n(->Point 1)\n(->Point 1 2)", ["2:1"], "arity"],
    ["macros", "(defmacro twice [form] `(do ~form ~form))\n(twice)\n(when)\n(twice 1)", ["2:1", "3:1"], "macro"],
    ["heads that are no functions", '(1 2)\n("a")\n(nil)', ["1:1", "2:1", "3:1"], "not-callable"],
    ["special forms", "(if)\n(if 1 2 3 4)\n(block)", ["1:1", "2:1", "3:1"], "bad-form"],
    ["recur", "(loop [i 0] (recur i 1))\n(recur)\n(defn f [x] (inc (recur x)))", ["1:13", "2:1", "3:18"], "bad-recur"],
    [
      "names that are not used",
      "(let [a 1 [b c] [2]] b)\n(defn f [x] (let [{:keys [k]} x] 1))\n(loop [i 0] 1)",
      ["1:7", "1:14", "2:27", "3:8"],
      "unused-binding",
    ],
    [
      "what is never evaluated",
      '(defn f [] (throw (error :a "b")) (println 1))\n(if true 1 (println 2))',
      ["1:35", "2:12"],
      "unreachable",
    ],
  ])("%s", async (_, text, places, code) => {
    expect(await problems(text)).toEqual(places.map((place) => `${place} ${code}`));
  });

  test("what the reader refuses, and what the compiler says of the rest", async () => {
    const text = "(def a 01x)\n(foo)\n{:a 1 :a 2}\n(defn f []\n  (println a)\n(defn g [] (f) (h))\n\\nowhere";
    expect(await problems(text)).toEqual([
      "1:8 read/number",
      "2:2 unknown-name",
      "3:7 read/duplicate-key",
      "4:1 read/unclosed",
      "6:17 unknown-name",
      "7:1 read/character",
    ]);
  });

  test("several in one form", async () => {
    expect(await problems("(defn f [x]\n  (let [y (foo x)\n        z 1]\n    (if)\n    (bar y)\n    (get)))")).toEqual([
      "2:12 unknown-name",
      "3:9 unused-binding",
      "4:5 bad-form",
      "5:6 unknown-name",
      "6:5 arity",
    ]);
  });
});

describe("a mistake has no echo", () => {
  test.each([
    [
      "a definition with a mistake defines its name",
      "(defn f [x] (oops x))\n(f 1)\n(f)",
      ["1:14 unknown-name", "3:1 arity"],
    ],
    [
      "also where nothing of it can be read",
      "(defn f x)\n(defrecord P [x x])\n(f (->P 1))",
      ["1:1 bad-fn", "2:1 syntax"],
    ],
    ["and where a bracket is missing", "(defn f [x]\n  (inc x)\n\n(defn g [] (f 1))", ["1:1 read/unclosed"]],
    [
      "a macro with a mistake is not run",
      "(defmacro m [x] (oops x))\n(let [a 1] (m [b a]))\n(m)",
      ["1:18 unknown-name"],
    ],
    [
      "names in a form with a mistake count as used",
      "(let [a 1 b 2] (if a b 3 4))\n(let [c 1] (when))",
      ["1:16 bad-form", "2:7 unused-binding", "2:12 macro"],
    ],
    [
      "a part that a macro writes twice",
      "(dotimes [i 2] (oops i))\n(doseq [x [1]] (oops x))",
      ["1:17 unknown-name", "2:17 unknown-name"],
    ],
    ["what a catch is called, and _", "(try 1 (catch :default e 2))\n(let [_ 1 _x 2] 3)", []],
    ["what a macro binds", "(defmacro m [] `(let [x# 1] 2))\n(m)\n(with-redefs [] 1)\n(for [_ [1]] 2)", []],
  ])("%s", async (_, text, expected) => {
    expect(await problems(text)).toEqual(expected);
  });

  test("of a ns form with a mistake the rest holds", async () => {
    const text =
      "(ns a (:require flow.string :as s) (:require [flow.set :as set]))\n(s/trim 1)\n(set/difference)\n(set/unoin)\n(def y 1) a/x ::a/y ::set/z";
    expect(await problems(text)).toEqual(["1:7 bad-ns", "3:1 arity", "4:2 unknown-name", "5:11 unknown-name"]);
    expect(await problems("(ns a (:use flow.string))\n(trim 1)\n(def x 1)\na/x")).toEqual([
      "1:7 bad-ns",
      "2:2 unknown-name",
    ]);
  });

  test("what a namespace has that cannot be loaded is taken on trust", async () => {
    const text =
      "(ns a (:require [nope :as n :refer [x]] [flow.string :as s] [gone :refer :all]))\n(n/f x ::n/k)\n(n/m [b] b)\n(y (s/trm 1))\n(defn g [] (n/z))\n(g 1)";
    expect(await problems(text)).toEqual(["1:17 module/missing", "1:61 module/missing", "6:1 arity"]);
  });
});

describe("nothing of the script runs", () => {
  test.each([
    ["top-level forms", '(println "x")\n(loop [] (recur))\n(throw (error :a "b"))\n(flow.task/spawn (fn [] 1))'],
    [
      "what definitions compute",
      '(def a (do (println "x") (throw (error :a "b"))))\n(def b (atom a))\n(inc a)\n(swap! b inc)',
    ],
    [
      "other definers",
      "(defonce c (loop [] (recur)))\n(defmulti m :k)\n(defmethod m 1 [_] c)\n(m 1 2)\n(defprotocol P (p [x]))\n(extend-type :string P (p [x] x))\n(p 1)",
    ],
    ["what macros would look at", "(def calls (atom 0))\n(defmacro counted [x] (swap! calls inc) x)\n(counted 1)"],
    [
      "ways to say what names mean",
      "(require '[flow.string :as s :refer [trim]])\n(s/trim (trim \"a\"))\n(alias 't 'flow.set)\n(t/union)\n(in-ns 'other)\n(def z 1)\n(in-ns 'a)\nother/z",
    ],
    ["records and what reads them", "(ns a)\n(defrecord Point [x y])\n#a/Point{:x 1, :y 2}\n(:x #a/Point[1 2])"],
    ["dynamic vars", "(def ^:dynamic *a* (println 1))\n(def ^:dynamic *b* 1)\n(binding [*a* 1 *b* 2] (set! *a* *b*))"],
  ])("%s", async (_, text) => {
    expect(await problems(text)).toEqual([]);
  });

  test("but functions and constants are there for macros", async () => {
    const text =
      '(def names [:a :b])\n(defn- helper [x] (if (some #{x} names) x (throw (error :syntax (str "no " x)))))\n(defmacro named [x] (helper x))\n(named :a)\n(named :c)';
    expect(await problems(text)).toEqual(["5:1 syntax"]);
  });

  test("a macro has no effects, and comes to an end", async () => {
    expect(await problems("(defmacro m [] (println 1))\n(m)\n(defmacro e [] (loop [] (recur)))\n(e)")).toEqual([
      "2:1 macro",
      "4:1 macro",
    ]);
  });
});

describe("modules", () => {
  const util =
    '(ns util)\n(defn twice [x] (* 2 x))\n(defmacro m [x] `(twice ~x))\n(println "never")\n(def ^:private p 1)';

  test("are found as eval finds them, and nothing of them runs", async () => {
    const text = "(ns a (:require [util :as u :refer [twice]] [b.c :as c]))\n(twice)\n(u/m 1)\n(u/m)\nu/p\n(c/f (c/g))";
    const others = { "util.fm": util, "lib/b.fm": "", "flowmetal.json": '{"path": ["lib"]}' };
    mkdirSync(join(scratchFolder(), "lib"));
    expect(
      await problems(text.replaceAll("b.c", "b"), { ...others, "lib/b.fm": "(ns b)\n(defn f [x] x)\n(def g (f f))" }),
    ).toEqual(["2:1 arity", "4:1 macro", "5:1 private"]);
    expect(
      await problems(
        "(ns a (:require [other]))\n(other/f)",
        { "lib/other.fm": "(ns other)\n(defn f [] 1)" },
        "--path",
        "lib",
      ),
    ).toEqual([]);
  });

  test("that are wrong say so in their own files, once", async () => {
    const cwd = scratchFolder();
    writeIn(cwd, "a.fm", "(ns a (:require [c]))\n(c/f 1)");
    writeIn(cwd, "b.fm", "(ns b (:require [c]))\n(c/f)");
    writeIn(cwd, "c.fm", "(ns c)\n(defn f [x] (let [y 1] (oops x)))");
    const { code, stdout } = await check(cwd, ["--json", "a.fm", "b.fm"]);
    expect(code).toBe(1);
    const found = (JSON.parse(stdout).problems as ProblemData[]).map(
      ({ file, line, code }) => `${file}:${line} ${code}`,
    );
    expect(found).toEqual(["c.fm:2 compile/unknown-name", "b.fm:2 compile/arity"]);
  });

  test.each([
    ["a circle", { "b.fm": "(ns b (:require [a]))" }, "(ns a (:require [b]))", ["b.fm:1:17 module/cycle"]],
    ["another name", { "b.fm": "(ns c)" }, "(ns a (:require [b]))", ["b.fm:1:1 module/wrong-name"]],
    ["a name it has not", { "util.fm": util }, "(ns a (:require [util :refer [twise]]))", ["1:17 module/no-such-name"]],
    [
      "a text that does not read",
      { "b.fm": "(ns b)\n(f" },
      "(ns a (:require [b :as b]))\n(b/x)",
      ["b.fm:2:1 read/unclosed"],
    ],
    [
      "a conflict",
      { "util.fm": util },
      "(ns a (:require [util :refer [twice]] [flow.string :refer [trim] :rename {trim twice}]))",
      ["1:39 module/conflict"],
    ],
    ["what is no spec", {}, "(ns a (:require flow.string :as s))", ["1:7 bad-ns"]],
  ])("%s", async (_, others, text, expected) => {
    expect(await problems(text, others as Record<string, string>)).toEqual(expected);
  });

  test("files know nothing of each other", async () => {
    const cwd = scratchFolder();
    writeIn(cwd, "a.fm", "(def x 1)\n(defn map [] 1)\n(alias 's 'flow.string)\n(in-ns 'other)");
    writeIn(cwd, "b.fm", "x\n(map inc [1])\ns/trim\n(map)");
    const { stdout } = await check(cwd, ["--json", "a.fm", "b.fm"]);
    const found = (JSON.parse(stdout).problems as ProblemData[]).map(
      ({ file, line, code }) => `${file}:${line} ${code}`,
    );
    expect(found).toEqual([
      "a.fm:2 compile/hides-core",
      "b.fm:1 compile/unknown-name",
      "b.fm:3 compile/unknown-namespace",
      "b.fm:4 compile/arity",
    ]);
  });
});

test("the shape of --json", async () => {
  const cwd = scratchFolder();
  writeIn(cwd, "a.fm", "(defmacro m [x] x)\n(let [a 1]\n  (m\n    2 3))\n");
  const { code, stdout } = await check(cwd, ["--json", "a.fm"]);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    schema: 1,
    files: 1,
    errors: 1,
    warnings: 1,
    problems: [
      {
        code: "compile/unused-binding",
        severity: "warning",
        file: "a.fm",
        line: 2,
        column: 7,
        end: { line: 2, column: 8 },
        message: "a is bound here and never used; a name that begins with _ says that it is not wanted",
        hint: null,
        notes: [],
      },
      {
        code: "compile/macro",
        severity: "error",
        file: "a.fm",
        line: 3,
        column: 3,
        end: { line: 4, column: 9 },
        message: "the macro user/m takes 1 form, but is called with 2",
        hint: null,
        notes: [
          {
            message: "the macro user/m is defined here",
            file: "a.fm",
            line: 1,
            column: 1,
            end: { line: 1, column: 19 },
          },
        ],
      },
    ],
  });
});

test("exit codes: errors are 1, warnings with --strict, usage 2, no such file 3", async () => {
  const cwd = scratchFolder();
  writeIn(cwd, "clean.fm", "(println 1)\n");
  writeIn(cwd, "warns.fm", "(let [a 1] 2)\n");
  writeIn(cwd, "wrong.fm", "(oops)\n");
  expect((await check(cwd, ["clean.fm"])).code).toBe(0);
  expect((await check(cwd, ["--strict", "clean.fm"])).code).toBe(0);
  expect((await check(cwd, ["warns.fm"])).code).toBe(0);
  expect((await check(cwd, ["--strict", "warns.fm"])).code).toBe(1);
  expect((await check(cwd, ["wrong.fm"])).code).toBe(1);
  expect((await check(cwd, [])).stdout).toMatch(/\nchecked 3 files: 1 error, 1 warning\n$/);
  expect((await check(cwd, ["--stirct"])).code).toBe(2);
  expect((await check(cwd, ["nowhere.fm"])).code).toBe(3);
  expect(await check(cwd, ["-"], "(oops)")).toMatchObject({
    code: 1,
    stdout: expect.stringContaining("<stdin>:1:2: error"),
  });
});

test("what comes with the language is in order, in a real process", async () => {
  const result = await flowmetal(
    ["check", "--strict", "docs", "lib", "prelude", "test/bench", "test/long", "test/kill"],
    {
      cwd: root,
    },
  );
  expect(result).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringMatching(/^checked \d\d files: 0 errors, 0 warnings\n$/),
  });
});
