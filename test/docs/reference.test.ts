// docs/reference.md and docs/reference/ are what the docstrings say now: `FLOWMETAL_DOCS=rewrite npx vitest run test/docs/reference.test.ts`
// writes them anew. (That the examples hold, test/prelude/examples.test.ts shows.)
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HARD_FORMS, SOFT_FORMS } from "../../src/compiler/words.ts";
import { Reference } from "../../src/module/reference.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { root } from "../support/tree.ts";
import { referencePages } from "./reference.ts";

const rewriting = process.env["FLOWMETAL_DOCS"] === "rewrite";
const docs = join(root, "docs");
const reference = new Reference(await shippedImage());
const pages = referencePages(reference);

const written = (): string[] => [
  "reference.md",
  ...(existsSync(join(docs, "reference"))
    ? readdirSync(join(docs, "reference")).map((file) => `reference/${file}`)
    : []),
];

test("the pages are those that there are", () => {
  if (rewriting) {
    rmSync(join(docs, "reference"), { recursive: true, force: true });
    mkdirSync(join(docs, "reference"));
    for (const [path, text] of pages) writeFileSync(join(docs, path), text);
    throw new Error("the reference was written; run again without FLOWMETAL_DOCS to compare");
  }
  expect(written().sort()).toEqual([...pages.keys()].sort());
});

test.each([...pages.keys()])("docs/%s says what the docstrings say", (path) => {
  const stale = "FLOWMETAL_DOCS=rewrite npx vitest run test/docs/reference.test.ts writes the reference anew";
  expect(readFileSync(join(docs, path), "utf8") === pages.get(path), stale).toBe(true);
});

test("every public name and special form is in it, once, and every link leads to one", () => {
  const index = pages.get("reference.md") as string;
  const links = [...index.matchAll(/\[`([^`]+)`\]\(([^)#]+)#([^)]+)\)/g)];
  const forms = [...HARD_FORMS, ...SOFT_FORMS, "catch", "finally"];
  const names = reference.namespaces().flatMap(({ name }) => reference.names(name));
  expect(links.length).toBe(forms.length + names.length);
  const lost = links.filter(([, , path, target]) => pages.get(path)?.includes(`<a id="${target}"></a>\n`) !== true);
  expect(lost).toEqual([]);
  expect(new Set(links.map(([, , path, target]) => `${path}#${target}`)).size).toBe(links.length);
});

test("each entry says how it is used and what it does", () => {
  const bare = reference
    .namespaces()
    .flatMap(({ name }) => reference.publics(name))
    .filter(({ kind, forms, text }) => text === "" || (kind !== "value" && forms.length === 0));
  expect(bare.map(({ name }) => name)).toEqual([]);
});
