// Every public function of the prelude and the libraries has a docstring, and every example in one holds.
import { describe, expect, test } from "vitest";
import { Keyword, type Value } from "../../src/data/value.ts";
import { Machine } from "../../src/machine/machine.ts";
import { ProgramLibrary } from "../../src/module/library.ts";
import { HARD_FORMS, SOFT_FORMS } from "../../src/compiler/words.ts";
import { parseDoc } from "../../src/module/docstring.ts";
import { Reference } from "../../src/module/reference.ts";
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
  return parseDoc(doc ?? "").examples.map(({ code, value }) => [code, value]);
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

/** What is wrong with an example; null if it holds. */
function differs(ns: string, code: string, value: string): string | null {
  const is = shownValue(ns, code);
  // Most values are written as they are read; of the others the example shows what is written.
  const should = is === value ? value : shownValue(ns, `'${value}`);
  return is === should ? null : `${code} => ${is}, not ${should}`;
}

describe("examples", () => {
  for (const ns of new Set(all.map((one) => one.ns))) {
    test(ns, () => {
      const wrong = all
        .filter((one) => one.ns === ns)
        .flatMap(({ name, doc }) =>
          examplesOf(doc).map(([code, value]) => ({ name, difference: differs(ns, code, value) })),
        )
        .filter(({ difference }) => difference !== null);
      expect(wrong).toEqual([]);
    });
  }

  const forms = new Reference(runner.image).specialForms();

  test("there is one for each special form that users write", () => {
    const known = [...HARD_FORMS, ...SOFT_FORMS, "catch", "finally"].sort();
    expect(forms.map(({ name }) => name).sort()).toEqual(known);
    const bare = forms.filter(({ examples }) => examples.length === 0).map(({ name }) => name);
    expect(bare).toEqual(["prompt*", "with-scope*", "catch", "finally"]);
    expect(forms.filter((one) => one.forms.length === 0 || one.text === "")).toEqual([]);
  });

  test.each(forms.flatMap(({ examples }) => examples.map(({ code, value }) => [code, value] as const)))(
    "%s => %s",
    (code, value) => {
      expect(differs("flow.core", code, value)).toBeNull();
    },
  );
});
