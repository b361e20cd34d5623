// Every public function of the prelude and the libraries has a docstring, and every example in one holds.
import { describe, expect, test } from "vitest";
import { Keyword, type Value } from "../../src/data/value.ts";
import { Machine } from "../../src/machine/machine.ts";
import { ProgramLibrary } from "../../src/module/library.ts";
import { Runner } from "./support.ts";

const runner = await Runner.make();

interface Documented {
  readonly name: string;
  readonly ns: string;
  readonly doc: string | null;
  readonly internal: boolean;
}

/** The public names of the image; earmuffed ones belong to the loader. */
function documented(): Documented[] {
  const library = new ProgramLibrary(runner.image);
  const machine = new Machine(library, { observe: () => null });
  return [...runner.image.names()].flatMap((name) => {
    const meta = machine.findVariable(name)?.meta ?? null;
    const flag = (key: string): Value => meta?.get(Keyword.of(key), null) ?? null;
    const doc = flag("doc");
    if (flag("private") === true || /\/\*.*\*$/.test(name)) return [];
    const ns = name.slice(0, name.indexOf("/"));
    return [{ name, ns, doc: typeof doc === "string" ? doc : null, internal: flag("internal") === true }];
  });
}

const all = documented();

/** The lines `expression => value` of a docstring. */
function examplesOf(doc: string | null): [string, string][] {
  return [...(doc ?? "").matchAll(/^ *([(@[].*) => (.*)$/gm)].map(([, code, value]) => [code, value]);
}

test("there is something to test", () => {
  expect(all.length).toBeGreaterThan(300);
  expect(all.flatMap(({ doc }) => examplesOf(doc)).length).toBeGreaterThan(350);
});

test("every public name has a docstring", () => {
  expect(all.filter(({ doc }) => doc === null).map(({ name }) => name)).toEqual([]);
});

/** What needs an outside or differs each time. */
const WITHOUT = new Set(["flow.core/await", "flow.core/event", "flow.core/control", "flow.core/program-id"]);

test("every public function of the core has an example", () => {
  const bare = all.filter(({ ns, doc, internal }) => ns === "flow.core" && !internal && examplesOf(doc).length === 0);
  expect(bare.map(({ name }) => name).filter((name) => !WITHOUT.has(name))).toEqual([]);
});

/**
 * The value of an example as it is written, behind whatever it prints; or the error it stops with. Those of the core are what a
 * script would say; those of a library see its names.
 */
function shownValue(ns: string, code: string): string {
  const home = ns === "flow.core" ? "user" : ns;
  const { output, text } = runner.run(
    `(ns ${home}) (perform 'flow.core/print (str "\\u{1}" (pr-str (realise (do ${code})))))`,
  );
  return text === "nil" ? output.slice(output.indexOf("\u0001") + 1) : text;
}

describe("examples", () => {
  for (const ns of new Set(all.map((one) => one.ns))) {
    test(ns, () => {
      const wrong: string[] = [];
      for (const { name, doc } of all.filter((one) => one.ns === ns)) {
        for (const [code, value] of examplesOf(doc)) {
          const is = shownValue(ns, code);
          // Most values are written as they are read; of the others the example shows what is written.
          const should = is === value ? value : shownValue(ns, `'${value}`);
          if (is !== should) wrong.push(`${name}: ${code} => ${is}, not ${should}`);
        }
      }
      expect(wrong).toEqual([]);
    });
  }
});
