// What the compiler says about forms that cannot be compiled: code, place, message and hint.
import { describe, expect, test } from "vitest";
import { FlowmetalError } from "../../src/base/errors.ts";
import { compile, type Options } from "./support.ts";

/** `line:column-endColumn [code] message / hint`. */
function problem(text: string, options: Options = {}): string {
  try {
    compile(text, options);
  } catch (error) {
    if (!(error instanceof FlowmetalError)) throw error;
    const { place, code, message, hint } = error;
    const end = place?.endColumn === undefined ? "" : `-${place.endColumn}`;
    return `${place?.line}:${place?.column}${end} [${code}] ${message}${hint === undefined ? "" : ` / ${hint}`}`;
  }
  return "compiled";
}

const CASES: readonly (readonly [text: string, problem: string])[] = [
  ["(prnt 1)", "1:2-6 [compile/unknown-name] unknown name prnt / did you mean print?"],
  ["(let [value 1]\n  valeu)", "2:3-8 [compile/unknown-name] unknown name valeu / did you mean value?"],
  ["(str/jion 1)", "1:2-10 [compile/unknown-name] unknown name str/jion / did you mean str/join?"],
  [
    "(zzzzzz)",
    "1:2-8 [compile/unknown-name] unknown name zzzzzz / define it before this place, or require the namespace that has it",
  ],
  [
    "(nope/x)",
    "1:2-8 [compile/unknown-namespace] there is no namespace or alias nope here / require it: (:require [nope]) in ns, or (require '[nope])",
  ],
  [
    "(str/secret)",
    "1:2-12 [compile/private] flow.string/secret is private to its namespace / use what flow.string offers to others; a test may reach it as @#'str/secret",
  ],
  [
    "(map when [1])",
    "1:6-10 [compile/macro-as-value] when is a macro, not a value / wrap its call in a function: (fn [x] (...))",
  ],
  [
    "(map if [1])",
    "1:6-8 [compile/special-as-value] if is a special form, not a value / it can only stand at the head of a list",
  ],
  [
    "(1 2)",
    "1:1-6 [compile/not-callable] the head of this list is no function / a list is a call; write '(...) or [...] for data",
  ],
  [
    "(let [x] x)",
    "1:6-9 [compile/bad-binding] let has a name without a value: its vector has 1 form / names and values come in pairs",
  ],
  ["(let x 1)", "1:1-10 [compile/bad-binding] let needs a vector of names and values / write (let [x 1] ...)"],
  [
    "(let [1 2] 3)",
    "1:1-14 [compile/bad-pattern] this cannot be bound to a value / bind a name, a [vector] of patterns or a {map} of patterns to keys",
  ],
  ["(let [a/b 2] 3)", "1:7-10 [compile/bad-pattern] a/b cannot name a local / write b; in a syntax-quote, b#"],
  ["(let [[a &] 2] 3)", "1:7-12 [compile/bad-pattern] & needs one name or pattern behind it"],
  [
    "(let [{:keyz [a]} 2] 3)",
    "1:7-18 [compile/bad-pattern] :keyz is no way to take a map apart / there are :keys :strs :syms :or :as",
  ],
  ["(fn x)", "1:1-7 [compile/bad-fn] a function needs a vector of parameters / write (fn [x y] ...)"],
  [
    "(fn [a a] a)",
    "1:8-9 [compile/duplicate-parameter] two parameters are named a / rename one; _ is for those you do not need",
  ],
  ["(fn [& a b] a)", "1:5-12 [compile/bad-fn] exactly one parameter must follow & / write [a b & more]"],
  ["(fn ([a] 1) ([b] 2))", "1:1-21 [compile/bad-fn] there are two arities with 1 parameters"],
  ["(fn ([a b c] 1) ([b & more] 2))", "1:1-32 [compile/bad-fn] an arity has more parameters than the one with &"],
  [
    "(if)",
    "1:1-5 [compile/bad-form] if takes a test, a form for true and perhaps one for false, but has 0 forms / put several forms into (do ...)",
  ],
  [
    "(if 1 2 3 4)",
    "1:1-13 [compile/bad-form] if takes a test, a form for true and perhaps one for false, but has 4 forms / put several forms into (do ...)",
  ],
  ["(quote 1 2)", "1:1-12 [compile/bad-form] quote takes 1 forms, but has 2 / write (quote form)"],
  ["(recur 1)", "1:1-10 [compile/bad-recur] recur is outside of any loop or function"],
  [
    "(loop [i 0] (+ 1 (recur 2)))",
    "1:18-27 [compile/bad-recur] recur must be the last thing its loop or function does / where its value is still needed, call the function by its name",
  ],
  [
    "(loop [i 0 j 1] (recur 2))",
    "1:17-26 [compile/bad-recur] recur gives 1 value, but its loop or function has 2 / give one value for each of its names",
  ],
  [
    "(loop [i 0] (try (recur 1) (catch :default e 1)))",
    "1:18-27 [compile/bad-recur] recur cannot leave a try; exit a block instead",
  ],
  ["(loop [i 0] (try 1 (finally (recur 1))))", "1:29-38 [compile/bad-recur] recur cannot leave finally"],
  [
    "(loop [i 0] (binding [*level* 1] (recur 1)))",
    "1:34-43 [compile/bad-recur] recur cannot leave binding; exit a block instead",
  ],
  [
    "(try 1 (catch :x))",
    "1:8-18 [compile/bad-try] catch needs what it takes and a name for the error / write (catch :type e ...), (catch :default e ...) or (catch predicate e ...)",
  ],
  ["(try 1 (finally 2) (catch :x e 1))", "1:8-19 [compile/bad-try] finally comes last, and once"],
  ["(try 1 (catch :x e 1) 2)", "1:1-25 [compile/bad-try] only catch and finally may follow a catch"],
  ["(throw)", "1:1-8 [compile/bad-form] throw takes 1 forms, but has 0 / write (throw error)"],
  [
    "(exit out 1)",
    "1:7-10 [compile/bad-exit] there is no block out around this exit / wrap what it leaves in (block out ...)",
  ],
  ["(block 1 2)", "1:1-12 [compile/bad-form] block needs a label / write (block label ...) and (exit label value)"],
  [
    "(def other/x 1)",
    "1:6-13 [compile/bad-def] other/x belongs to another namespace than user, where this is / write (def x ...)",
  ],
  [
    "(def x 1 2)",
    "1:1-12 [compile/bad-def] def takes a name, perhaps a docstring, and a value / write (def name value)",
  ],
  [
    "(binding [print-string 1] 2)",
    "1:11-23 [compile/not-dynamic] flow.core/print-string is not dynamic and cannot be bound / define it with (def ^:dynamic print-string ...), or use let for a local name",
  ],
  [
    "(let [x 1] (set-local! x 2))",
    "1:24-25 [compile/bad-assignment] set-local! takes a name of locals and a value / only a name that an enclosing (locals [...] ...) introduces can be assigned",
  ],
  [
    "(handle 1)",
    "1:1-11 [compile/bad-handle] handle needs clauses behind its body / write (handle body... [operation (fn [args k] ...)])",
  ],
  ["(handle 1 [a (fn [x k] 1)] [a (fn [x k] 2)])", "1:28-44 [compile/bad-handle] user/a has two clauses"],
  ["(letfn [f] 1)", "1:9-10 [compile/bad-letfn] each function is written (name [params] ...)"],
  [
    "(ns 1)",
    "1:1-7 [compile/bad-ns] ns needs a name without a slash / write (ns my.script (:require [flow.http :as http]))",
  ],
  ["(ns a [b])", "1:7-10 [compile/bad-ns] ns takes clauses such as (:require [flow.http :as http])"],
  [
    "(ns a/b)",
    "1:5-8 [compile/bad-ns] ns needs a name without a slash / write (ns my.script (:require [flow.http :as http]))",
  ],
  [
    "(ns a (:import x))",
    "1:7-18 [compile/bad-ns] ns has no clause :import / there are no host classes here; (:require [a.b]) loads namespaces",
  ],
  ["(ns a (:requier [b]))", "1:7-21 [compile/bad-ns] ns has no clause :requier / did you mean :require?"],
  ["(ns a (:zzz [b]))", "1:7-17 [compile/bad-ns] ns has no clause :zzz / there are :require and :refer-core"],
  [
    "(ns a\n  (:require [b :as b]\n            [c :as d/e]))",
    "3:20-23 [compile/bad-ns] an alias is a name without a namespace / write [a.b :as b]",
  ],
  [
    '(ns a (:require "b"))',
    "1:7-21 [compile/bad-ns] this is no spec of a namespace / write [name :as alias :refer [names]]",
  ],
  [
    "(ns a (:require b :as c))",
    "1:7-25 [compile/bad-ns] :as is no flag of :require / put a name and its options into a vector: [a.b :as b]",
  ],
  ["(ns a (:require [b :refer [x if]]))", "1:17-34 [compile/bad-ns] if is a special form / :rename it"],
  [
    "(ns a (:refer-core :exclude [let]))",
    "1:7-35 [compile/bad-ns] let is a special form and no name of flow.core / leave it out: let means the same in every namespace",
  ],
  [
    "(ns a (:refer-core :exclude [map]) (:refer-core :only [inc]))",
    "1:36-61 [compile/bad-ns] there are two such clauses / join them",
  ],
  [
    "(def join 1)",
    "1:6-10 [compile/name-conflict] join is flow.string/join in this namespace / name it otherwise, leave join out of :refer, or :rename it there",
  ],
  [
    "(strr/join 1)",
    "1:2-11 [compile/unknown-namespace] there is no namespace or alias strr here / did you mean str? Else require it: (:require [strr]) in ns, or (require '[strr])",
  ],
  [
    "(use 'b)",
    "1:2-5 [compile/unknown-name] there is no use here / write (require '[a.b :refer [names]]), or :refer :all for everything in it",
  ],
  ["(%add 1 2)", "1:2-6 [compile/primitive] %add is only for the language's own sources"],
  [
    "(do (defmacro m [] 1) (m))",
    "1:23-26 [compile/macro-too-early] the macro m is used in the form that defines it / a macro can be used from the next top-level form on",
  ],
  [
    "(for-ever 1)",
    "1:1-13 [compile/endless-macro] the macro flow.core/for-ever expands into a macro call again and again, 1000 times / a recursive macro must come to an end",
  ],
  [
    "`(a ~(f ~b))",
    "1:9-10 [compile/unknown-name] unknown name flow.core/unquote / define it before this place, or require the namespace that has it",
  ],
  ["`~@x", "1:2-5 [compile/bad-template] ~@ needs a list or another collection around it"],
];

describe("what cannot be compiled", () => {
  test.each(CASES)("%s", (text, expected) => expect(problem(text)).toBe(expected));
});

describe("primitives in the language's own sources", () => {
  test("an unknown one", () => {
    expect(problem("(%nope 1)", { ns: "flow.x" })).toBe(
      "1:1-10 [compile/unknown-primitive] there is no primitive nope",
    );
  });
  test("a wrong number of arguments", () => {
    const message = "1:1-9 [compile/primitive] the primitive add does not take 1 arguments";
    expect(problem("(%add 1)", { ns: "flow.x" })).toBe(message);
  });
});

describe("nesting", () => {
  const nested = (count: number, open: string, close: string) => `${open.repeat(count)}1${close.repeat(count)}`;
  test.each([
    ["calls", "(f ", ")"],
    ["functions", "((fn [y] y) ", ")"],
    ["lets", "(let [x 1] ", ")"],
    ["conditions", "(if 1 ", " 2)"],
    ["tries", "(try ", " (finally 2))"],
    ["macros", "(when 1 ", ")"],
    ["literals", "[f ", "]"],
    ["templates", "`(f ~", ")"],
    ["patterns", "(let [[a] ", "] a)"],
  ])("%s may nest deep, but not without end", (_name, open, close) => {
    expect(problem(nested(600, open, close))).toBe("compiled");
    expect(problem(nested(5_000, open, close))).toContain("[compile/too-deep] forms nest more than 2000 levels deep");
  });
  test("data may nest without end", () => {
    expect(problem(nested(100_000, "[", "]"))).toBe("compiled");
    expect(problem(`'${nested(100_000, "(", ")")}`)).toBe("compiled");
  });
});

describe("warnings", () => {
  test("a call with a wrong number of arguments", () => {
    const { warnings } = compile("(do (f 1 2) (print-string) (print-string 1))");
    expect(warnings).toEqual([
      { code: "compile/arity", message: "user/f takes 1 argument, but is called with 2", place: [4, 11, 1, 5] },
      {
        code: "compile/arity",
        message: "flow.core/print-string takes 1 or more arguments, but is called with 0",
        place: [12, 26, 1, 13],
      },
    ]);
  });
  test("a name of flow.core that is hidden, unless ns leaves it out", () => {
    const { warnings } = compile("(do (def map 1) (def map 2) (def f 1))");
    expect(warnings).toEqual([
      {
        code: "compile/hides-core",
        message: "user/map hides flow.core/map; if it is meant to, say so in ns: (:refer-core :exclude [map])",
        place: [9, 12, 1, 10],
      },
    ]);
    expect(compile("(def map 1)", { excluded: ["map"] }).warnings).toEqual([]);
    expect(compile("(def map 1)", { globals: { "user/map": {} } }).warnings).toEqual([]);
    expect(compile("(def in-ns* 1)", { globals: { "flow.core/in-ns*": { internal: true } } }).warnings).toEqual([]);
  });
  test("a clause of ns by its name in Clojure", () => {
    const { warnings } = compile("(ns a (:refer-clojure :exclude [map]))");
    expect(warnings.map(({ code }) => code)).toEqual(["compile/refer-clojure"]);
  });
  test("a catch behind :default", () => {
    const { warnings } = compile("(try (f 1) (catch :default e 1) (catch :x e 2))");
    expect(warnings.map(({ message }) => message)).toEqual([
      "this catch is never reached: :default before it takes everything",
    ]);
  });
});
