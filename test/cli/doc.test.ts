// flowmetal doc, apropos, source: what there is in the language, found by name or by words, in real processes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommandLine } from "../../src/cli/main.ts";
import { Reference } from "../../src/module/reference.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { flowmetal } from "../support/cli.ts";
import { expectGolden, transcript } from "../support/golden.ts";
import { surroundings } from "../support/surroundings.ts";
import { root } from "../support/tree.ts";

async function run(...argv: string[]) {
  const world = surroundings({});
  const code = await runCommandLine(argv, world);
  return { code, stdout: world.stdout.text, stderr: world.stderr.text };
}

async function data(...argv: string[]) {
  const { code, stdout, stderr } = await run(...argv, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

test.each([
  ["doc-function", ["doc", "assoc"]],
  ["doc-macro", ["doc", "flow.core/when"]],
  ["doc-special-form", ["doc", "try"]],
  ["doc-value", ["doc", "*args*"]],
  ["doc-namespace", ["doc", "flow.base64"]],
  ["doc-several", ["doc", "join"]],
  ["doc-error-code", ["doc", "[store/locked]"]],
  ["doc-error-type", ["doc", ":index"]],
  ["doc-unknown", ["doc", "redcue"]],
  ["doc-absent", ["doc", "with-open"]],
  ["doc-nothing-near", ["doc", "qqqqqqqqq"]],
  ["apropos", ["apropos", "base64"]],
  ["apropos-several-words", ["apropos", "vector", "lazy"]],
  ["apropos-nothing", ["apropos", "xyzzy"]],
  ["source", ["source", "frequencies"]],
  ["source-special-form", ["source", "if"]],
  ["source-value", ["source", "*args*"]],
  ["source-unknown", ["source", "frequencie"]],
])("%s", async (name, args) => {
  const result = await flowmetal(args);
  expect([0, 3]).toContain(result.code);
  expectGolden("doc", name, transcript(`flowmetal ${args.join(" ")}`, result));
});

describe("as data", () => {
  test("a function, a special form, names in several namespaces", async () => {
    expect(await data("doc", "flow.string/trim")).toEqual({
      schema: 1,
      query: "flow.string/trim",
      entries: [
        {
          kind: "function",
          name: "flow.string/trim",
          forms: ["(trim s)"],
          dynamic: false,
          text: expect.any(String),
          examples: [{ code: expect.stringMatching(/^\(trim /), value: expect.any(String) }],
          summary: expect.stringMatching(/\.$/),
        },
      ],
    });
    expect((await data("doc", "quote")).entries[0]).toMatchObject({
      kind: "special form",
      forms: ["(quote form)", "'form"],
    });
    expect((await data("doc", "join")).entries.map((one: { name: string }) => one.name)).toEqual([
      "flow.set/join",
      "flow.string/join",
      "flow.task/join",
    ]);
  });

  test("a namespace with its names, an error with where it is explained", async () => {
    const { entries } = await data("doc", "flow.edn");
    expect(entries[0]).toMatchObject({ kind: "namespace", name: "flow.edn", forms: [] });
    expect(entries[0].names.map((one: { name: string }) => one.name)).toEqual([
      "flow.edn/read-string",
      "flow.edn/write-string",
    ]);
    expect(await data("doc", ":index")).toEqual({ schema: 1, query: ":index", entries: [], explain: ":index" });
  });

  test("apropos: the name itself, its beginning, parts of it, then what is said of it", async () => {
    const { entries } = await data("apropos", "map");
    const names: string[] = entries.map((one: { name: string }) => one.name);
    expect(names[0]).toBe("flow.core/map");
    const at = (name: string): number => names.indexOf(name);
    expect(at("flow.core/map-indexed")).toBeLessThan(at("flow.core/hash-map"));
    expect(at("flow.core/hash-map")).toBeLessThan(at("flow.core/zipmap"));
    expect(at("flow.core/zipmap")).toBeLessThan(at("flow.core/assoc"));
    expect(at("flow.core/assoc")).toBeGreaterThan(0);
    expect(new Set(names).size).toBe(names.length);
    expect((await data("apropos", "Split", "LINES")).entries[0].name).toBe("flow.string/split-lines");
  });

  test("source: where it stands, and the text that stands there", async () => {
    const { sources } = await data("source", "flow.string/capitalize");
    const [{ name, file, line, text }] = sources;
    expect([sources.length, name]).toEqual([1, "flow.string/capitalize"]);
    const lines = readFileSync(join(root, file), "utf8").split("\n");
    expect(
      lines
        .slice(line - 1)
        .join("\n")
        .startsWith(text),
    ).toBe(true);
    expect(text).toMatch(/^\(defn capitalize /);
  });
});

test("every name can be looked up, by its whole name and by itself", async () => {
  const reference = new Reference(await shippedImage());
  const names = reference.namespaces().flatMap(({ name }) => reference.names(name));
  expect(names.length).toBeGreaterThan(600);
  const { entriesNamed } = await import("../../src/cli/lookup.ts");
  const lost = names.filter((name) => {
    const [whole, ...others] = entriesNamed(reference, name);
    const short = entriesNamed(reference, name.slice(name.indexOf("/") + 1));
    return (
      whole?.name !== name ||
      others.length > 0 ||
      !short.some((one) => one.name === name || one.kind === "special form")
    );
  });
  expect(lost).toEqual([]);
});

test("a usage that is wrong is refused", async () => {
  expect((await run("doc")).code).toBe(2);
  expect((await run("doc", "a", "b")).code).toBe(2);
  expect((await run("apropos")).code).toBe(2);
  expect((await run("apropos", " ")).code).toBe(2);
  expect((await run("source")).code).toBe(2);
});
