// Where modules are looked for, what is refused, and what is suggested when there is none.
import { describe, expect, test } from "vitest";
import { FlowmetalError } from "../../src/base/errors.ts";
import { moduleSources } from "../../src/module/module-source.ts";
import { pathText, type Root, rootsOf, SearchPath } from "../../src/module/search-path.ts";
import { memoryFiles } from "../support/memory-files.ts";

const SHIPPED = ["flow.core", "flow.string", "flow.time"];
const ROOTS: readonly Root[] = [
  { label: "", folder: "/w" },
  { label: "lib", folder: "/w/lib" },
  { label: "../shared", folder: "/shared" },
];

function pathOver(texts: Readonly<Record<string, string>>, links: Readonly<Record<string, string>> = {}): SearchPath {
  return new SearchPath(memoryFiles(texts, links), ROOTS, () => SHIPPED);
}

/** `[code] message / hint` of what is refused. */
function refused(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (!(error instanceof FlowmetalError)) throw error;
    const at = error.place === undefined ? "" : `${error.place.file}:${error.place.line}:${error.place.column} `;
    return `${at}[${error.code}] ${error.message} / ${error.hint}`;
  }
  return "found";
}

describe("finding a file", () => {
  test("dots are folders, hyphens stay, and the first folder that has it wins", () => {
    const path = pathOver({ "/w/a/b-c.fm": "one", "/w/lib/a/b-c.fm": "two", "/shared/d.fm": "three" });
    expect(path.find("a.b-c")).toEqual({ file: "a/b-c.fm", bytes: Buffer.from("one") });
    expect(path.find("d")).toEqual({ file: "../shared/d.fm", bytes: Buffer.from("three") });
  });

  test.each([
    ["A.b", "bad-name"],
    ["a..b", "bad-name"],
    [".a", "bad-name"],
    ["a/b", "bad-name"],
    ["../x", "bad-name"],
    ["a.b!", "bad-name"],
    ["", "bad-name"],
  ])("the name %j is refused, though a file may be there", (name, code) => {
    const path = pathOver({ "/w/A/b.fm": "", "/w/a//b.fm": "", "/x.fm": "", "/w/a/b.fm": "", "/w/.fm": "" });
    expect(refused(() => path.find(name))).toContain(`[module/${code}]`);
  });

  test("a file behind a link that leads out of its folder is refused", () => {
    const links = { "/w/a.fm": "/etc/a.fm", "/w/b.fm": "/w/real/b.fm", "/w/c.fm": "/wide/c.fm" };
    const path = pathOver({ "/w/a.fm": "", "/w/b.fm": "", "/w/c.fm": "" }, links);
    expect(refused(() => path.find("a"))).toMatch(/^\[module\/outside\] a\.fm leads out of the folder it is in/);
    expect(refused(() => path.find("c"))).toMatch(/^\[module\/outside\]/);
    expect(path.find("b").file).toBe("b.fm");
  });

  test("what is under flow. is the language's own, and never looked for in files", () => {
    const path = pathOver({ "/w/flow/extra.fm": "(ns flow.extra)" });
    expect(refused(() => path.find("flow.strng"))).toBe(
      "[module/missing] there is no module flow.strng / did you mean flow.string?",
    );
    expect(refused(() => path.find("flow.extra"))).toContain("the language's own are: flow.string, flow.time");
  });
});

describe("what is said when there is none", () => {
  const path = pathOver({
    "/w/tools/saw.fm": "",
    "/w/lib/my_own.fm": "",
    "/w/.git/sew.fm": "",
    "/w/node_modules/sow.fm": "",
  });
  const looked = (name: string) =>
    `looked for ${name}.fm, lib/${name}.fm, ../shared/${name}.fm (there is no such folder)`;

  test.each([
    ["tools.sew", `there is no module tools.sew: ${looked("tools/sew")}`, "did you mean tools.saw?"],
    [
      "my-own",
      `there is no module my-own: ${looked("my-own")}`,
      "lib/my_own.fm is there, but a hyphen in a name is one in its file: rename it to lib/my-own.fm",
    ],
    ["clojure.string", `there is no module clojure.string: ${looked("clojure/string")}`, "here it is flow.string"],
    [
      "clojure.set",
      `there is no module clojure.set: ${looked("clojure/set")}`,
      'put the file there, or name its folder with --path DIR or under "path" in flowmetal.json',
    ],
    [
      "sow",
      `there is no module sow: ${looked("sow")}`,
      'put the file there, or name its folder with --path DIR or under "path" in flowmetal.json',
    ],
  ])("%s", (name, message, hint) => {
    expect(refused(() => path.find(name))).toBe(`[module/missing] ${message} / ${hint}`);
  });
});

describe("a module with all that it requires", () => {
  const names = (path: SearchPath, name: string, known: readonly string[] = []) =>
    moduleSources(path, name, (one) => known.includes(one)).map((found) => `${found.name} ${found.source.name}`);

  test("each once, also in a circle; what is known or only an alias is left out", () => {
    const path = pathOver({
      "/w/a.fm": "(ns a (:require [b] c [flow.string :as s] [x :as-alias x]))",
      "/w/b.fm": "(ns b (:require [lib-one :as one :refer [f]]) (:refer-core :exclude [map]))",
      "/w/c.fm": "(ns c (:require [a] [b] :reload))",
      "/w/lib/lib-one.fm": '(ns ^{:author "me"} lib-one "What it is." {:a 1} (:require [b]))',
    });
    expect(names(path, "a", SHIPPED)).toEqual(["a a.fm", "b b.fm", "c c.fm", "lib-one lib/lib-one.fm"]);
    expect(names(path, "a", [...SHIPPED, "b"])).toEqual(["a a.fm", "c c.fm"]);
    // What is asked for is found though it is known: it is to be loaded again.
    expect(names(path, "b", [...SHIPPED, "b", "lib-one"])).toEqual(["b b.fm"]);
  });

  test("what is wrong further on is found before anything runs, with the place that asks for it", () => {
    const path = pathOver({
      "/w/a.fm": "(ns a\n  (:require [b]))",
      "/w/b.fm": "(ns b (:require [nowhere :as n]))",
      "/w/c.fm": "(ns other)",
      "/w/d.fm": "; nothing",
      "/w/e.fm": "(ns e)\n(f [1)",
      "/w/f.fm": "(ns f :require [B.c])",
      "/w/g.fm": "(ns g (:require [B.c]))",
    });
    expect(refused(() => names(path, "a"))).toMatch(/^b\.fm:1:17 \[module\/missing\] there is no module nowhere/);
    expect(refused(() => names(path, "c"))).toMatch(
      /^c\.fm:1:1 \[module\/wrong-name\] c\.fm was required as c, but is the namespace other/,
    );
    expect(refused(() => names(path, "d"))).toMatch(/d\.fm was required as d, but does not begin with \(ns d \.\.\.\)/);
    expect(refused(() => names(path, "e"))).toMatch(/^e\.fm:2:4 \[read\/mismatched\]|^e\.fm:2:6 \[read\/mismatched\]/);
    expect(names(path, "f")).toEqual(["f f.fm"]);
    expect(refused(() => names(path, "g"))).toMatch(/^g\.fm:1:17 \[module\/bad-name\]/);
  });

  test("a file that is no text is refused by its name", () => {
    const path = new SearchPath(
      { read: () => Uint8Array.from([0x28, 0xff, 0x29]), list: () => [], real: (one) => one },
      [{ label: "", folder: "/w" }],
      () => [],
    );
    expect(refused(() => names(path, "a"))).toBe(
      "a.fm:1:2 [cli/not-text] this is not UTF-8 / A script is text in UTF-8. Save it so, or name another file.",
    );
  });
});

test("a search path is kept as JSON, and none is none", () => {
  expect(rootsOf(pathText(ROOTS))).toEqual(ROOTS);
  expect(pathText(ROOTS)).toBe('[["","/w"],["lib","/w/lib"],["../shared","/shared"]]');
  expect(rootsOf(undefined)).toEqual([]);
});
