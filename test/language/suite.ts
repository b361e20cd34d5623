// Runs a share of the language tests: straight, cut by fuel, restored as S-27 says, replayed, on both evaluators.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Image } from "../../src/module/image.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { checkProgram } from "../property/check.ts";
import { differenceText } from "../property/random.ts";
import { type Expected, readLanguageTest, type Stop } from "./program.ts";

const FOLDER = import.meta.dirname;
/** S-27. */
const EFFORT = { dense: 300, most: 1000 };

/** The files of the language tests, as `topic/behaviour.fm`, in order. */
export function languageFiles(): string[] {
  return readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".fm"))
    .map((entry) => relative(FOLDER, join(entry.parentPath, entry.name)))
    .sort();
}

/** The text of a language test. */
export function languageText(file: string): string {
  return readFileSync(join(FOLDER, file), "utf8");
}

/** Tests every file whose place in the list leaves `part` when divided by `parts`. */
export function testLanguage(part: number, parts: number): void {
  describe(`language tests, part ${part + 1} of ${parts}`, () => {
    let image: Image;
    beforeAll(async () => {
      image = await shippedImage();
    });

    const files = languageFiles().filter((_, i) => i % parts === part);
    test.each(files)("%s", (file) => {
      const { names, used, ...program } = readLanguageTest(languageText(file));
      for (const name of names) expect(used, `${name} is not used`).toContain(name.replace(/^.+?\/(?=.)/, ""));
      runExpected(image, program);
    });
  });
}

/** Runs a program in every way there is, and compares with what is expected beside its forms. */
export function runExpected(image: Image, { script, output, stop }: Expected): void {
  const { outcome, difference } = checkProgram(image, script, 1, EFFORT);
  expect(ending(outcome, stop)).toEqual({ output, status: stop === null ? "done" : "faulted", error: stop });
  if (difference !== null) expect.fail(differenceText(difference));
}

/** How a program ended, to be compared with what its test expects: of the message, what is asked for if it is there. */
function ending(
  { status, output, result }: { readonly status: string; readonly output: string; readonly result: string },
  stop: Stop | null,
) {
  if (status !== "faulted") return { output, status, error: null };
  const error: unknown = JSON.parse(result);
  if (!Array.isArray(error) || error[0] !== "e") return { output, status, error: { type: result, message: "" } };
  const [, type, message, data] = error as [string, ["k", string], string, unknown];
  const types = [type[1], ...codeIn(data)];
  return {
    output,
    status,
    error: {
      type: stop !== null && types.includes(stop.type) ? stop.type : types.join(" "),
      message: stop !== null && message.includes(stop.message) ? stop.message : message,
    },
  };
}

/** The code of an error of reading or compiling, from its data in tagged JSON, which may hold functions. */
function codeIn(data: unknown): string[] {
  if (!Array.isArray(data) || data[0] !== "m") return [];
  const at = data.findIndex((key) => JSON.stringify(key) === '["k","code"]');
  const code: unknown = data[at + 1];
  return at > 0 && typeof code === "string" ? [code] : [];
}
