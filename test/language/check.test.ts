// `flowmetal check` over all language tests: it refuses what cannot be compiled, and nothing that runs.
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { systemFiles } from "../../src/base/files.ts";
import { Checker } from "../../src/client/check.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { HOST_WORDS } from "../support/golden.ts";
import { readLanguageTest } from "./program.ts";
import { languageFiles, languageText } from "./suite.ts";

/** Programs that give a text or a form to the reader or compiler themselves: what is wrong shows only when they run. */
const AT_RUN_TIME = /\((?:eval|load-string|macroexpand|read|find-var|ns-|the-ns|find-ns|edn\/read|flow\.edn\/read)/;
/** Makes a namespace by evaluating a text. */
const OUT_OF_REACH = "macros/load-string-edge.fm";

let checker: Checker;
beforeAll(async () => {
  checker = new Checker({ image: await shippedImage(), files: systemFiles });
});

const programs = languageFiles().map((file) => {
  const text = languageText(file);
  return { file, text, stop: readLanguageTest(text).stop, raises: /;!> :(?!read)/.test(text) };
});

const errorsIn = (file: string, text: string): string[] =>
  checker
    .check({ name: file, text }, [])
    .filter(({ severity }) => severity === "error")
    .map(({ diagnostic }) => diagnostic.code);

test("no error is found in a program that runs to its end", () => {
  const wrong = programs.filter(({ file, text, stop }) => stop === null && errorsIn(file, text).length > 0);
  expect(wrong.map(({ file }) => file)).toEqual([OUT_OF_REACH]);
});

test("in a program that runs into an error only calls with a wrong number of arguments are found", () => {
  const running = programs.filter(({ raises }) => raises);
  const found = running.filter(({ file, text }) => errorsIn(file, text).length > 0);
  expect(found.flatMap(({ file, text }) => errorsIn(file, text)).filter((code) => code !== "compile/arity")).toEqual(
    [],
  );
  // The others call what they are given, which is seen only when they run.
  const arity = running.filter(({ stop }) => stop?.type === "arity");
  expect(found.filter(({ stop }) => stop?.type === "arity").length / arity.length).toBeGreaterThan(0.8);
  expect(found.filter(({ stop }) => stop?.type !== "arity").map(({ file }) => file)).toEqual([]);
});

describe("a program that cannot be compiled is refused for the same reason", () => {
  const refused = programs.filter(
    ({ text, stop }) => stop !== null && /^(?:compile|read|module)\//.test(stop.type) && !AT_RUN_TIME.test(text),
  );
  test("there are many", () => expect(refused.length).toBeGreaterThan(100));
  test.each(refused.map(({ file, text, stop }) => [file, text, stop?.type as string] as const))(
    "%s",
    (file, text, type) => {
      expect(errorsIn(file, text)).toContain(type);
    },
  );
});

test("whatever is done to a text, a check comes to its end and says what is wrong in words", () => {
  const words = programs.flatMap(({ text }) => text.split(/\s+/));
  const place = fc.nat({ max: 2_000 });
  const change = fc.record({ at: place, cut: fc.nat({ max: 12 }), word: fc.option(fc.nat({ max: words.length - 1 })) });
  fc.assert(
    fc.property(
      fc.nat({ max: programs.length - 1 }),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      (n, changes) => {
        let { text } = programs[n] as (typeof programs)[number];
        for (const { at, cut, word } of changes) {
          const from = at % (text.length + 1);
          text = `${text.slice(0, from)}${word === null ? "" : words[word]}${text.slice(from + cut)}`;
        }
        for (const { diagnostic } of checker.check({ name: "changed.fm", text }, [])) {
          // A message quotes what stands in the text, which may be a word of the host.
          const said = HOST_WORDS.exec(diagnostic.message)?.[0] ?? "";
          expect(text).toContain(said);
          expect(diagnostic.span?.source.name ?? "changed.fm").toBe("changed.fm");
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
