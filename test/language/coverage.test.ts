// Every public name and special form has an ordinary, an edge and a wrong-use program in the language tests.
import { expect, test } from "vitest";
import { HARD_FORMS, SOFT_FORMS } from "../../src/compiler/words.ts";
import { Keyword } from "../../src/data/value.ts";
import { Machine } from "../../src/machine/machine.ts";
import { ProgramLibrary } from "../../src/module/library.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { type Kind, readLanguageTest } from "./program.ts";
import { languageFiles, languageText } from "./suite.ts";

const KINDS: readonly Kind[] = ["ordinary", "edge", "wrong"];

/** Public names, those of flow.core without their namespace; the loader's own (internal, earmuffed) need no program. */
async function publicNames(): Promise<string[]> {
  const image = await shippedImage();
  const machine = new Machine(new ProgramLibrary(image), { observe: () => null });
  const names = [...image.names()].filter((name) => {
    const flag = (key: string) => machine.findVariable(name)?.meta?.get(Keyword.of(key), null) === true;
    return !flag("private") && !flag("internal") && !/\/\*.*\*$/.test(name);
  });
  const forms = [...HARD_FORMS, ...SOFT_FORMS].filter((name) => !name.endsWith("*"));
  return [...names.map((name) => name.replace(/^flow\.core\//, "")), ...forms];
}

/** What each kind of program is there for, as `kind name`; programs of one shape count once. */
function covered(): Set<string> {
  const shapes = new Set<string>();
  const found = new Set<string>();
  for (const file of languageFiles()) {
    const { names, kind, shape } = readLanguageTest(languageText(file));
    if (shapes.has(shape)) continue;
    shapes.add(shape);
    for (const name of names) found.add(`${kind} ${name}`);
  }
  return found;
}

test("every public name and special form has an ordinary, an edge and a wrong program", async () => {
  const names = await publicNames();
  const found = covered();
  const missing = names.flatMap((name) => KINDS.map((kind) => `${kind} ${name}`)).filter((one) => !found.has(one));
  expect(missing).toEqual([]);
});

test("language tests name only what there is", async () => {
  const names = new Set(await publicNames());
  const strange = [...covered()].map((one) => one.slice(one.indexOf(" ") + 1)).filter((name) => !names.has(name));
  expect(strange).toEqual([]);
});
