// Golden files: what a process said, word for word, kept in test/golden/ and compared on every run.
//
// `FLOWMETAL_GOLDEN=rewrite npx vitest run test/cli/bad-input.test.ts` writes the files anew from what the processes say now. A test
// file that wrote one fails then, so that a run which only wrote cannot pass for one that compared. Read the diff before you commit.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, expect } from "vitest";
import type { CliResult } from "./cli.ts";
import { root } from "./tree.ts";

const rewriting = process.env["FLOWMETAL_GOLDEN"] === "rewrite";

if (rewriting) {
  afterAll(() => {
    throw new Error("golden files were written; run again without FLOWMETAL_GOLDEN to compare");
  });
}

/** What differs from run to run, and the word that stands for it. */
export type Changing = readonly (readonly [text: string | RegExp, word: string])[];

/** Ids of programs, hashes, and where in its own sources the engine stands, which every change to them moves. */
const ALWAYS: Changing = [
  [/\b[0-9a-f]{64}\b/g, "<hash>"],
  [/\b0[0-9a-hjkmnp-tv-z]{25}\b/g, "<id>"],
  [/\b((?:prelude|lib)\/\S+\.fm):\d+:\d+/g, "$1:<place>"],
];

/** A run as the text of a golden file: what was typed, what came of it. */
export function transcript(
  typed: string,
  { code, signal, stdout, stderr }: CliResult,
  changing: Changing = [],
): string {
  const all = [...changing, ...ALWAYS];
  const plain = (text: string): string => all.reduce((so, [what, word]) => so.replaceAll(what, word), text);
  const part = (name: string, text: string): string =>
    text === "" ? "" : `--- ${name}\n${plain(text)}${text.endsWith("\n") ? "" : "\n--- (no line break at the end)\n"}`;
  return `$ ${plain(typed)}\n${part("stdout", stdout)}${part("stderr", stderr)}--- exit ${signal ?? code}\n`;
}

/** Compares a text with the golden file `name` of `folder` (below test/golden), or writes the file. */
export function expectGolden(folder: string, name: string, text: string): void {
  const path = join(root, "test", "golden", folder, `${name}.txt`);
  if (!rewriting) {
    expect(text).toBe(existsSync(path) ? readFileSync(path, "utf8") : `(there is no ${path})`);
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** The names of the golden files of a folder. */
export function goldenNames(folder: string): string[] {
  return readdirSync(join(root, "test", "golden", folder)).map((file) => file.replace(/\.txt$/, ""));
}

/** Words of the host that no user should read: its types, its stack, its nothing. */
export const HOST_WORDS =
  /\bundefined\b|\bNaN\b|\[object |\b(?:Type|Range|Reference|Syntax)Error\b|^\s+at .+:\d+:\d+\)?$|node:internal|\.ts:\d|\bbug\b/m;
