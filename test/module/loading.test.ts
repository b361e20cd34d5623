// Modules in programs: each loaded once, by whichever task comes first; circles; loads that fail; and all of it the same when it is
// cut, restored and replayed.
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { begin } from "../../src/interpreter/delivery.ts";
import { LiveHost, ReplayHost } from "../../src/interpreter/host.ts";
import { Machine } from "../../src/machine/machine.ts";
import { ProgramLibrary } from "../../src/module/library.ts";
import { SearchPath } from "../../src/module/search-path.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { Source } from "../../src/source/source.ts";
import { restoring } from "../property/check.ts";
import { replayProgram, runProgram } from "../property/world.ts";
import { memoryFiles } from "../support/memory-files.ts";

const image = await shippedImage();

function pathOver(texts: Readonly<Record<string, string>>): SearchPath {
  const files = memoryFiles(Object.fromEntries(Object.entries(texts).map(([name, text]) => [`/w/${name}.fm`, text])));
  return new SearchPath(files, [{ label: "", folder: "/w" }], () => ["flow.core"]);
}

/** What a program prints, and how it ends; the same in every way to run it. */
function run(
  texts: Readonly<Record<string, string>>,
  script: string,
): { output: string; status: string; result: string } {
  const modules = pathOver(texts);
  const { outcome, record } = runProgram(image, script, { evaluator: "mixed", modules });
  for (const evaluator of ["direct", "generated"] as const) {
    const mode = { evaluator, modules, ...restoring(1, 300, 1_000) };
    expect(runProgram(image, script, mode).outcome).toEqual(outcome);
  }
  const replay = new ReplayHost(record.observations);
  expect(replayProgram(image, script, record, replay)).toEqual(outcome);
  expect(replay.left).toBe(0);
  return outcome;
}

const SLOW =
  '(ns slow (:require [flow.time :as time]))\n(println "begun")\n(time/sleep 10)\n(def x 5)\n(println "over")';

describe("loading", () => {
  test("a module is loaded once, in its own namespace, before who requires it goes on", () => {
    const { output, status } = run(
      {
        a: '(ns a (:require [b :as b] [c]))\n(println "a" *ns* (b/half 8) (c/name-of-b))',
        b: '(ns b)\n(println "b" *ns*)\n(defn half [x] (/ x 2))',
        c: "(ns c (:require [b :refer [half] :rename {half h}]))\n(defn name-of-b [] [(h 2) *ns*])",
      },
      "(ns main (:require [b] [a :as a]))\n(println *ns* (loaded-libs-here))".replace(
        "(loaded-libs-here)",
        "(filter #{'a 'b 'c 'main} (loaded-libs))",
      ),
    );
    expect(output).toBe("b b\na a 4 [1 a]\nmain (a b c main)\n");
    expect(status).toBe("done");
  });

  test("a module may wait while it is loaded; who else requires it waits with it", () => {
    const script = `
      (defn task [n] (perform 'flow.core/spawn (fn [] (require 'slow) [n @(resolve 'slow/x)])))
      (println (mapv await [(task 1) (task 2) (task 3)]))`;
    expect(run({ slow: SLOW }, script).output).toBe("begun\nover\n[[1 5] [2 5] [3 5]]\n");
  });

  test("eval in another task meanwhile is in the namespace of the script", () => {
    const script = `
      (ns main (:require [flow.time :as time]))
      (def other (perform 'flow.core/spawn (fn [] (time/sleep 5) (eval '*ns*))))
      (require 'slow)
      (println (await other) *ns*)`;
    expect(run({ slow: SLOW }, script).output).toBe("begun\nover\nmain main\n");
  });

  test("a load that fails leaves nothing behind, and is tried again", () => {
    const script = `
      (def ^:dynamic *limit* 1)
      (defn try-it [] (try (require 'a) (catch :index e (ex-message e))))
      (println (try-it) (find-ns 'a))
      (binding [*limit* 3] (println (try-it) (find-ns 'a)))
      (println @(resolve 'a/x))`;
    const texts = { a: '(ns a)\n(println "loading")\n(def x (nth [1 2] (- 2 (* 1 (dec (eval \'user/*limit*))))))' };
    expect(run(texts, script).output).toBe(
      "loading\nnth: index 2 is out of bounds, there are 2 elements nil\nloading\nnil a\n1\n",
    );
  });

  test("whoever waits for a load that fails is told, and may try again", () => {
    const script = `
      (def other (perform 'flow.core/spawn (fn [] (try (require 'a) (catch :module/failed e (ex-message e))))))
      (println (try (require 'a) (catch :user e (ex-message e))) (await other))`;
    const texts = { a: '(ns a (:require [flow.time :as time]))\n(time/sleep 10)\n(throw (ex-info "no" {}))' };
    expect(run(texts, script).output).toBe("no the module a could not be loaded\n");
  });

  test("modules that wait for each other in two tasks are a circle too", () => {
    const body = (name: string, other: string) =>
      `(ns ${name} (:require [flow.time :as time]))\n(time/sleep 10)\n(require '${other})\n(def x 1)`;
    const script = `
      (defn task [name] (perform 'flow.core/spawn (fn [] (try (require name) (catch :default e (ex-message e))))))
      (run! println (mapv await [(task 'a) (task 'b)]))`;
    expect(run({ a: body("a", "b"), b: body("b", "a") }, script).output).toBe(
      "the module b could not be loaded\nmodules require each other in a circle: a -> b -> a\n",
    );
  });

  test("a circle through the script names it", () => {
    const { output } = run(
      { a: "(ns a (:require [b]))", b: "(ns b (:require [main]))" },
      `(println (try (eval '(ns main (:require [a]))) (catch :module/cycle e [(ex-message e) (mapv :message (:notes (ex-data e)))])))`,
    );
    expect(output).toBe(
      "[modules require each other in a circle: main -> a -> b -> main [main requires a a requires b b requires main]]\n",
    );
  });

  test("a module that requires itself", () => {
    expect(run({ a: "(ns a (:require [a :as self]))" }, "(require 'a)").result).toContain(
      "modules require each other in a circle: a -> a",
    );
  });

  test(":reload loads again, and what defonce keeps stays", () => {
    const texts = {
      a: '(ns a (:require [flow.string :as s]))\n(println "loading")\n(defonce first-time (s/trim " 1 "))\n(def x 1)',
    };
    expect(
      run(texts, "(require 'a) (require 'a) (require '[a :as b] :reload) (println (ns-aliases 'a) b/first-time)")
        .output,
    ).toBe("loading\nloading\n{s flow.string} 1\n");
  });

  test("a text that is evaluated may require, and what it refers holds there", () => {
    const texts = { a: "(ns a)\n(defmacro twice [x] (list 'do x x))" };
    const script = `(load-string "(ns t (:require [a :refer [twice]])) (twice (println *ns*))") (println *ns* (resolve 'twice))`;
    expect(run(texts, script).output).toBe("t\nt\nuser nil\n");
  });
});

test("all that a ns form requires is found before any of it is loaded", () => {
  const asked: string[] = [];
  const texts: Record<string, string> = {
    "/w/a.fm": '(ns a (:require [b]))\n(println "a")',
    "/w/b.fm": '(ns b)\n(println "b")',
    "/w/c.fm": '(ns c)\n(println "c")',
  };
  const files = memoryFiles(texts);
  const watching = {
    ...files,
    read: (path: string) => {
      asked.push(path);
      return files.read(path);
    },
  };
  const modules = new SearchPath(watching, [{ label: "", folder: "/w" }], () => []);
  const script = "(ns main (:require [a] [c]))";
  expect(runProgram(image, script, { evaluator: "mixed", modules }).outcome.output).toBe("b\na\nc\n");
  expect(asked).toEqual(["/w/a.fm", "/w/b.fm", "/w/c.fm"]);
  texts["/w/c.fm"] = "(ns c (:require [nowhere]))";
  const failed = runProgram(image, script, { evaluator: "mixed", modules }).outcome;
  expect([failed.output, failed.status]).toEqual(["", "faulted"]);
});

test("the units of a module depend on its text alone, not on what the program did before (S-2)", () => {
  const text = `(ns a)
    (defn f [x] (cond-> x (pos? x) inc (neg? x) dec))
    (defn g [x] (case x 1 :one (2 3) :few :many))
    (defmacro m [x] (let [y (gensym "y")] \`(let [~y ~x z# 1] [~y z#])))
    (defn h [x] (m x))`;
  const unitsAfter = (before: string): string[] => {
    const source = new Source("main.fm", `${before} (require 'a)`);
    const library = new ProgramLibrary(image);
    const world = { now: () => 0, random: seededRandom("a"), modules: pathOver({ a: text }) };
    const host = new LiveHost(world, library, new Map([[source.hash, source]]));
    const machine = new Machine(library, host);
    begin(machine, "0".repeat(26), {
      source: source.hash,
      name: "main.fm",
      args: '["v"]',
      image: image.hash,
      versions: ["", "", ""],
    });
    machine.run(1_000_000);
    expect(machine.status()).toBe("done");
    return host
      .take()
      .units.filter(({ debug }) => (JSON.parse(debug) as { file: string }).file === "a.fm")
      .map(({ hash }) => hash);
  };
  const units = unitsAfter("");
  expect(units.length).toBeGreaterThan(5);
  expect(unitsAfter("(def atoms (mapv atom (range 100))) (gensym) (event)")).toEqual(units);
});

test("what a program compiles by itself costs ticks, so that a loop of it can be stopped", () => {
  const ticks = (script: string) => runProgram(image, script, { evaluator: "mixed" }).outcome.ticks;
  expect(ticks("(eval '(+ 1 2))") - ticks("(identity '(+ 1 2))")).toBeGreaterThan(2_000);
  expect(ticks(`(load-string "(+ 1 2) ${" ".repeat(1_000)}")`)).toBeGreaterThan(10_000);
  expect(ticks("(macroexpand-1 '(when a b))")).toBeGreaterThan(2_000);
});
