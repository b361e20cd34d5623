// Programs of a process share what the forms of a script were compiled to, and each gets what it would have got alone.
import { describe, expect, test } from "vitest";
import { PMap } from "../../src/data/map.ts";
import { Cell } from "../../src/data/value.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { compileKey } from "../../src/module/compile-cache.ts";
import { Machine } from "../../src/machine/machine.ts";
import { ProgramLibrary } from "../../src/module/library.ts";
import { Source } from "../../src/source/source.ts";
import { ReplayHost } from "../../src/interpreter/host.ts";
import { begin } from "../../src/interpreter/delivery.ts";
import { runProgram } from "../property/world.ts";

const image = await shippedImage();
/** A text that no other test compiles. */
let serial = 0;
const script = (text: string): string => `; ${String(serial++)} of the cache\n${text}`;

describe("a script run twice in a process", () => {
  test("is compiled to the same, with the same observations and the same state at its end", () => {
    const text = script(
      '(ns a (:require [flow.string :as s]))\n(defn f [x] (s/upper-case x))\n(println (f "b"))\n(def y 3)\ny',
    );
    const first = runProgram(image, text, { evaluator: "mixed" });
    const second = runProgram(image, text, { evaluator: "mixed" });
    expect(first.outcome).toMatchObject({ status: "done", output: "B\n" });
    expect(second).toEqual(first);
  });

  test("is told of the same warnings and errors", () => {
    const text = script("(defn f [x] x)\n(f 1 2)");
    const first = runProgram(image, text, { evaluator: "mixed" }).outcome;
    expect(first.status).toBe("faulted");
    expect(runProgram(image, text, { evaluator: "mixed" }).outcome).toEqual(first);
  });
});

describe("the key of a form", () => {
  const machineOf = (change: (machine: Machine) => void): Machine => {
    const machine = new Machine(new ProgramLibrary(image), new ReplayHost([]));
    begin(machine, "0".repeat(26), {
      source: "",
      name: "t.fm",
      args: '["v"]',
      image: image.hash,
      versions: ["", "", ""],
    });
    change(machine);
    return machine;
  };
  const source = new Source("t.fm", "(f 1)");
  const key = (change: (machine: Machine) => void = () => undefined): string | null =>
    compileKey(machineOf(change), "user", source, 0);
  const define = (name: string, from: string) => (machine: Machine) => {
    const { value, meta } = machine.variable(from);
    machine.define(machine.variable(name), value, meta);
  };

  test("does not see the arguments of the script", () => {
    expect(key((machine) => machine.define(machine.variable("flow.core/*args*"), "x", null))).toBe(key());
  });

  test("sees what is defined, and as what", () => {
    const one = key((machine) => machine.define(machine.variable("user/f"), 1, null));
    expect(one).not.toBe(key());
    expect(key((machine) => machine.define(machine.variable("user/f"), 2, null))).toBe(one);
    const functions = ["flow.core/inc", "flow.core/get"].map((from) => key(define("user/f", from)));
    expect(new Set([one, ...functions]).size).toBe(3);
  });

  test("sees the namespace, the place and the text", () => {
    const machine = machineOf(() => undefined);
    const keys = [
      compileKey(machine, "user", source, 0),
      compileKey(machine, "other", source, 0),
      compileKey(machine, "user", source, 1),
      compileKey(machine, "user", new Source("t.fm", "(f 2)"), 0),
      compileKey(machine, "user", new Source("u.fm", "(f 1)"), 0),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("there is none where a var's metadata has no text, as it holds a ref", () => {
    const noted = PMap.from([["at", new Cell(1, null)]]);
    expect(key((machine) => machine.define(machine.variable("user/f"), 1, noted))).toBeNull();
  });

  test("there is none where macros may look at anything", () => {
    expect(key(define("user/m", "flow.core/when"))).toBeNull();
    expect(key(define("flow.core/first", "flow.core/rest"))).toBeNull();
  });
});

test("a macro of the program's own sees what the program has when it is expanded", () => {
  const text = script(
    "(def n (atom 0))\n(defmacro m [] (deref n))\n(reset! n 5)\n(println (m))\n(reset! n 6)\n(println (m))",
  );
  for (let i = 0; i < 2; i++) expect(runProgram(image, text, { evaluator: "mixed" }).outcome.output).toBe("5\n6\n");
});
