// Rules about the repository itself: floors, cycles, words, codes, dependencies. Each test reports all its findings at once.
import semver from "semver";
import ts from "typescript";
import { expect, test } from "vitest";
import { codes } from "../src/base/codes.ts";
import { errorTypes } from "../src/base/error-types.ts";
import { cycles, files, imports, matches, place, text, visitNodes } from "./support/tree.ts";

const sources = files("src", ".ts");
const own = [...files("src"), ...files("test"), ...files("prelude"), ...files("lib"), ...files("bin"), ...files(".ci")];
const prose = ["README.md", "CHANGELOG.md", ...files("docs", ".md")];
const thisFile = "test/tidy.test.ts";

/** A rule: a name and everything found that breaks it. */
function rule(name: string, find: () => string[]): void {
  test(name, () => expect(find().sort()).toEqual([]));
}

const folderOf = (path: string) => path.split("/")[1] as string;

/** Folder to floor, from the table in docs/architecture.md. */
function floors(): Map<string, number> {
  const rows = text("docs/architecture.md").matchAll(/^\| (\d+) \| ((?:`\w+` ?)+) \|/gm);
  const named = (cell: string) => [...cell.matchAll(/`(\w+)`/g)].map((match) => match[1] as string);
  return new Map([...rows].flatMap(([, floor, cell]) => named(cell as string).map((name) => [name, Number(floor)])));
}

rule("a folder imports only from lower floors", () => {
  const floor = floors();
  const inFolders = sources.filter((path) => path.split("/").length > 2);
  const unknown = [...new Set(inFolders.map(folderOf))]
    .filter((folder) => !floor.has(folder))
    .map((folder) => `src/${folder} has no floor in docs/architecture.md`);
  const upward = inFolders.flatMap((path) =>
    imports(path)
      .filter(({ file }) => file?.startsWith("src/") && folderOf(file) !== folderOf(path))
      .filter(({ file }) => !((floor.get(folderOf(file as string)) ?? 99) < (floor.get(folderOf(path)) ?? 0)))
      .map(({ at, file }) => `${at} imports ${file}`),
  );
  return [...unknown, ...upward];
});

rule("src imports nothing from outside src", () =>
  sources.flatMap((path) =>
    imports(path)
      .filter(({ file }) => file !== null && !file.startsWith("src/"))
      .map(({ at, specifier }) => `${at} imports ${specifier}`),
  ),
);

rule("no file takes part in an import cycle, types included", () => {
  const edges = new Map(sources.map((path) => [path, imports(path).flatMap(({ file }) => file ?? [])]));
  return cycles(edges).map((members) => members.join(" <-> "));
});

rule("no folder takes part in an import cycle", () => {
  const edges = new Map<string, Set<string>>();
  for (const path of sources) {
    const to = edges.get(folderOf(path)) ?? new Set();
    for (const { file } of imports(path)) {
      if (file?.startsWith("src/") && folderOf(file) !== folderOf(path)) to.add(folderOf(file));
    }
    edges.set(folderOf(path), to);
  }
  return cycles(edges).map((members) => members.join(" <-> "));
});

rule("the first line of every file says what it is", () => {
  const opening: Record<string, RegExp> = {
    ts: /^\/\/ \S/,
    mjs: /^\/\/ \S/,
    js: /^\/\/ \S/,
    fm: /^;+ \S/,
    py: /^# \S/,
    sh: /^# \S/,
    md: /^# \S/,
    sql: /^-- \S/,
  };
  return [...own, ...prose, "vitest.config.ts", "eslint.config.js"].flatMap((path) => {
    const lines = text(path).split("\n");
    const first = (lines[0] as string).startsWith("#!") ? (lines[1] as string) : (lines[0] as string);
    const expected = opening[path.match(/\.(\w+)$/)?.[1] ?? ""];
    const fits = expected === undefined || expected.test(first);
    return fits ? [] : [`${path}:1 begins with ${JSON.stringify(first.slice(0, 40))}`];
  });
});

// Names of primitives share the family json, types of errors in programs the family module.
const families = new Set(Object.keys(codes).map((code) => code.split("/")[0]));
families.delete("json");
families.delete("module");
const raisers = ["FlowmetalError", "Problem"];

/**
 * The error codes src names, and where: what is given to the constructors of errors, and every literal that has the form of
 * a code of a known family.
 */
function codesUsed(): Map<string, string> {
  const used = new Map<string, string>();
  const use = (path: string, node: ts.Node, text: string) => void used.set(text, place(path, node.pos));
  for (const path of sources.filter((path) => path !== "src/base/codes.ts")) {
    visitNodes(path, (node) => {
      if (ts.isStringLiteralLike(node)) {
        const family = /^([a-z]+)\/[a-z-]+$/.exec(node.text)?.[1];
        if ((family !== undefined && families.has(family)) || node.text in codes) use(path, node, node.text);
      }
      if (ts.isNewExpression(node) && raisers.includes(calledName(node.expression))) {
        const code = node.arguments?.[0];
        if (code !== undefined && ts.isStringLiteralLike(code)) use(path, code, code.text);
      }
    });
  }
  return used;
}

rule("every error code used has a row in the table of codes, and every row is used", () => {
  const used = codesUsed();
  const known = new Set<string>(Object.keys(codes));
  return [
    ...[...used].filter(([code]) => !known.has(code)).map(([code, at]) => `${at}: ${code} is not in src/base/codes.ts`),
    ...[...known].filter((code) => !used.has(code)).map((code) => `${code} is in src/base/codes.ts and used nowhere`),
  ];
});

/** Functions whose first argument is the type of an error that programs see. In `src/snapshot` `refuse` is another one. */
const typeRaisers = ["raise", "refuse", "errorOf", "makeError"];
/** Caught where it is raised: it only looks at the frames. */
const UNSEEN = new Set(["test/here"]);

/** The types of errors that src, prelude and lib raise in programs, and where. */
function typesUsed(): Map<string, string> {
  const used = new Map<string, string>();
  for (const path of sources.filter((path) => !/^src\/(snapshot|base|cli)\//.test(path))) {
    visitNodes(path, (node) => {
      if (ts.isCallExpression(node) && typeRaisers.includes(calledName(node.expression))) {
        const type = node.arguments[0];
        if (type !== undefined && ts.isStringLiteralLike(type) && /^[a-z/-]+$/.test(type.text)) {
          used.set(type.text, place(path, node.pos));
        }
      }
      const reported = path.startsWith("src/connector/") && ts.isStringLiteralLike(node) ? node.text : "";
      if (/^(?:http|foreign)\/[a-z-]+$/.test(reported)) used.set(reported, place(path, node.pos));
    });
  }
  for (const path of [...files("prelude", ".fm"), ...files("lib", ".fm")]) {
    // Examples in docstrings raise errors of their own, in the namespace app.
    for (const [, type] of text(path).matchAll(/\((?:error|%error-new) :([\w./-]+)/g))
      if (!type.startsWith("app/")) used.set(type, path);
  }
  for (const type of UNSEEN) used.delete(type);
  return used;
}

rule("every type of error raised in programs has a row in the table of types", () => {
  const used = typesUsed();
  return [...used]
    .filter(([type]) => !(type in errorTypes))
    .map(([type, at]) => `${at}: :${type} is not in src/base/error-types.ts`);
});

rule("every type of error in the table is one that something raises", () => {
  const everything = [
    ...sources.filter((path) => path !== "src/base/error-types.ts"),
    ...files("prelude"),
    ...files("lib"),
  ];
  const texts = everything.map(text);
  const raised = (type: string) =>
    texts.some((one) => one.includes(`"${type}"`) || one.includes(`:${type} `) || one.includes(`:${type}\n`));
  return Object.keys(errorTypes).filter((type) => !raised(type));
});

rule("docs/errors.md explains exactly the codes and types there are", () => {
  const explained = [...text("docs/errors.md").matchAll(/^### `([^`]+)`$/gm)].map((match) => match[1]);
  const known: string[] = [...Object.keys(codes), ...Object.keys(errorTypes).map((type) => `:${type}`)];
  return [
    ...known.filter((code) => !explained.includes(code)).map((code) => `${code} is missing in docs/errors.md`),
    ...explained.filter((code) => !known.includes(code)).map((code) => `${code} in docs/errors.md does not exist`),
    ...explained.filter((code, i) => explained.indexOf(code) !== i).map((code) => `${code} is explained twice`),
  ];
});

const manifest = JSON.parse(text("package.json")) as {
  dependencies: Record<string, string>;
  engines: { node: string };
};

/** The package in what is imported: with its scope, where it has one. */
const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

rule("src imports only declared dependencies and modules of Node by their full names", () =>
  sources.flatMap((path) =>
    imports(path)
      .filter(({ file, specifier }) => file === null && !specifier.startsWith("node:"))
      .filter(({ specifier }) => manifest.dependencies[packageOf(specifier)] === undefined)
      .map(({ at, specifier }) => `${at} imports ${specifier}`),
  ),
);

interface Locked {
  readonly engines?: { node?: string };
  readonly resolved?: string;
}
const locked = JSON.parse(text("package-lock.json")) as { packages: Record<string, Locked> };

rule("every installed package runs on Node 20.19 and 20.20", () =>
  Object.entries(locked.packages).flatMap(([name, { engines }]) =>
    ["20.19.0", "20.20.0"]
      .filter((version) => engines?.node !== undefined && !semver.satisfies(version, engines.node))
      .map((version) => `${name || "flowmetal"} (${engines?.node}) refuses Node ${version}`),
  ),
);

rule("all dependencies are pinned to exact versions", () => {
  const all = {
    ...manifest.dependencies,
    ...(JSON.parse(text("package.json")) as { devDependencies: object }).devDependencies,
  };
  return Object.entries(all)
    .filter(([, version]) => !/^(npm:@?[\w/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version as string))
    .map(([name, version]) => `${name}: ${version}`);
});

rule("the README opens with one block of the two lines that matter", () => {
  const block = text("README.md").match(/```\w*\n([\s\S]*?)```/)?.[1];
  const expected = "npm install && npx flowmetal eval docs/examples/hello.fm\nnpm install && npm test\n";
  return block === expected ? [] : [`README.md: the first block is ${JSON.stringify(block)}`];
});

rule("nothing is left undone, skipped or forced past the checkers", () => {
  const undone = [
    /\b(?:FIXME|TODO|XXX|HACK)\b/,
    /\b(?:it|test|describe)\.(?:only|skip|todo|fails)\b/,
    /\bas any\b/,
    /@ts-(?:ignore|nocheck|expect-error)/,
    /biome-ignore (?!lint\/\S+: \S)/,
    /eslint-disable/,
  ];
  return own
    .filter((path) => path !== thisFile)
    .flatMap((path) => undone.flatMap((pattern) => matches(path, pattern)))
    .map(({ at, found }) => `${at}: ${found}`);
});

const clockOf = ["Date.now", "Math.random", "performance.now", "process.hrtime", "process.hrtime.bigint"];
const timers = ["setTimeout", "setInterval", "setImmediate"];

rule("time, chance and timers come from src/base alone", () =>
  sources
    .filter((path) => !path.startsWith("src/base/"))
    .flatMap((path) => {
      const found: string[] = [];
      const report = (node: ts.Node, what: string) => void found.push(`${place(path, node.pos)}: ${what}`);
      visitNodes(path, (node) => {
        if (ts.isCallExpression(node)) {
          const called = calledName(node.expression);
          if ([...clockOf, ...timers].includes(called)) report(node, called);
        }
        if (ts.isNewExpression(node) && calledName(node.expression) === "Date" && !node.arguments?.length) {
          report(node, "new Date()");
        }
      });
      const imported = imports(path).filter(({ specifier }) => specifier.startsWith("node:timers"));
      return [...found, ...imported.map(({ at, specifier }) => `${at}: ${specifier}`)];
    }),
);

/** `a.b.c` of a chain of names, else "". */
function calledName(node: ts.Expression): string {
  if (ts.isIdentifier(node)) return node.text;
  if (!ts.isPropertyAccessExpression(node)) return "";
  const base = calledName(node.expression);
  return base === "" || base === "globalThis" ? node.name.text : `${base}.${node.name.text}`;
}

rule("no file names the host of a package registry or a path of one machine", () =>
  [...own, ...prose, "package.json", "package-lock.json", ".npmrc", "biome.json"]
    .filter((path) => path !== thisFile)
    .flatMap((path) => matches(path, /\bregistry\.[a-z][a-z0-9.-]*\.[a-z]+|"resolved":|\/(?:root|work)\/\w/))
    .map(({ at, found }) => `${at}: ${found}`),
);

rule("every public name of the prelude and the libraries has a docstring", () =>
  [...files("prelude", ".fm"), ...files("lib", ".fm")].flatMap((path) =>
    [
      ...text(path).matchAll(
        /^\((defn|defmacro|def|defmulti|defprotocol)\s+((?:\^\S+\s+)*)(\S+?)([\s)][\s\S]{0,200})/gm,
      ),
    ]
      .filter(([, , meta, , after]) => !/:private/.test(meta as string) && !/^\s+"/.test(after as string))
      .map((match) => `${place(path, match.index)}: ${match[3]} has no docstring`),
  ),
);

/** Words that design.md section 2 has another word for. */
const words: [pattern: RegExp, instead: string][] = [
  [/\b(?:cell|event|task|heap) handles?\b/i, "ref"],
  [/\bjournal (?:event|line|record)s?\b/i, "entry"],
  [/\bevent log\b/i, "journal"],
  [/\bworkflows?\b/i, "program"],
  [/\bbyte-?code\b/i, "code"],
  [/\b(?:fiber|coroutine|green thread)s?\b/i, "task"],
  [/\b(?:program|machine) checkpoints?\b/i, "snapshot"],
  [/\bfencing tokens?\b/i, "term"],
];

rule("one thing has one word", () =>
  [...own, ...prose]
    .filter((path) => path !== thisFile)
    .flatMap((path) =>
      words.flatMap(([pattern, instead]) => matches(path, pattern).map((match) => ({ ...match, instead }))),
    )
    .map(({ at, found, instead }) => `${at}: "${found}", say "${instead}"`),
);
