// Builds the base image (S-10) from prelude/ and lib/: `node build-image.mjs OUT` writes OUT/image.json, its hash and index.
//
// The prelude is loaded on a machine without an image, file after file in the order of their names, then the libraries in the
// order of their requirements. What the files print or await is a mistake: an image is a function of texts alone.
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { FlowmetalError } from "../base/errors.ts";
import { sha256 } from "../base/hash.ts";
import { Raise } from "../data/meter.ts";
import { encodeTagged } from "../data/tagged.ts";
import { ErrorValue, Keyword, Sym, UNBOUND, type Value } from "../data/value.ts";
import { List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { Vector } from "../data/vector.ts";
import { printValue } from "../data/printer.ts";
import { Machine } from "../machine/machine.ts";
import { errorOf } from "../machine/problems.ts";
import { Misfit, type Requirement, requirementOf } from "../primitive/requirement.ts";
import { readNext } from "../reader/sexp.ts";
import { LIBRARY_PREFIX, Source } from "../source/source.ts";
import { type Compiling, compileNext } from "./compiling.ts";
import { emptyImage, parseImage } from "./image.ts";
import { indexOfImage } from "./image-index.ts";
import { decodeLinked, ProgramLibrary } from "./library.ts";
import type { UnitText } from "./unit-text.ts";

const NS = "flow.core/*ns*";
const NAMESPACES = "flow.core/*namespaces*";
const MODULES = "flow.core/*modules*";

const NS_META = PMap.from([
  [Keyword.of("doc"), "The name of the current namespace, a symbol."],
  [Keyword.of("dynamic"), true],
]);
const INTERNAL_META = PMap.from([[Keyword.of("internal"), true]]);

/** The text of the image made of these sources, in this order. Throws FlowmetalError with the place of what is wrong. */
export function buildImage(sources: readonly Source[]): string {
  const library = new ProgramLibrary(emptyImage());
  const units = new Map<string, UnitText>();
  const host = {
    observe(kind: string): Value {
      throw new Raise(errorOf("image", `a file of the prelude performs ${kind} while it is loaded`));
    },
  };
  const machine = new Machine(library, host);
  machine.begin("image", library.image.hash, null, []);
  machine.state.ready.length = 0;
  machine.define(machine.variable(NAMESPACES), PMap.EMPTY, INTERNAL_META);
  machine.define(machine.variable(NS), new Sym(null, "user"), NS_META);
  const compiled = (texts: readonly UnitText[]) => {
    for (const text of texts) units.set(text.hash, text);
  };
  const texts = new Map(sources.map((source) => [source.hash, source]));
  for (const source of sources) loadSource(machine, { machine, library, sources: texts, compiled }, source);
  machine.define(machine.variable(MODULES), modulesOf(machine, sources), INTERNAL_META);
  machine.define(machine.variable(NS), new Sym(null, "user"), NS_META);
  machine.define(machine.variable(NAMESPACES), PMap.EMPTY, INTERNAL_META);
  return imageText(machine, units);
}

function loadSource(machine: Machine, context: Compiling, source: Source): void {
  let offset = enterNamespace(machine, source);
  for (;;) {
    const step = compileStep(context, source, offset);
    if (step === null) return;
    machine.callNext(step.get(0), []);
    machine.run(Number.MAX_SAFE_INTEGER);
    const { control } = machine.state.main;
    if (control.kind !== "done") throw failed(source, offset, control.kind === "fault" ? control.error : null);
    offset = step.get(1) as number;
  }
}

/** Does what the file's `ns` form says; answers the offset behind it. The function that `ns` calls is itself in the prelude. */
function enterNamespace(machine: Machine, source: Source): number {
  const header = headerOf(source);
  machine.define(machine.variable(NS), new Sym(null, header.name), NS_META);
  const aliased = header.requires.filter(({ alias }) => alias !== null);
  const aliases = PMap.from(aliased.map(({ name, alias }): [Value, Value] => [alias, name]));
  const refers = PMap.from(
    header.requires.flatMap(({ name, names }) =>
      (names?.only ?? []).map((one): [Value, Value] => [names?.rename.get(one) ?? one, `${name}/${one}`]),
    ),
  );
  const tables = PMap.from([
    [Keyword.of("aliases"), aliases],
    [Keyword.of("refers"), refers],
  ]);
  const namespaces = machine.variable(NAMESPACES);
  machine.define(namespaces, (namespaces.value as PMap).set(header.name, tables), INTERNAL_META);
  return header.end;
}

interface Header {
  readonly name: string;
  readonly doc: string | null;
  readonly requires: readonly Requirement[];
  readonly end: number;
}

/** The `ns` form a file of the image must begin with: (ns name doc? (:require [name :as alias :refer [names]] ...)). */
function headerOf(source: Source): Header {
  const first = readNext(source, 0);
  const [head, name, ...rest] = first === null ? [] : itemsOf(first.form);
  if (first === null || !(head instanceof Sym) || head.name !== "ns" || !(name instanceof Sym)) {
    throw new FlowmetalError("image/failed", `${source.name} does not begin with (ns ...)`);
  }
  const doc = typeof rest[0] === "string" ? rest[0] : null;
  const specs = rest.filter((clause) => typeof clause !== "string").flatMap((clause) => itemsOf(clause).slice(1));
  const requires = specs.map((spec) => {
    const requirement = requirementOf(spec);
    if (requirement instanceof Misfit) {
      throw new FlowmetalError("image/failed", `${source.name}: ${requirement.message}: ${requirement.hint}`);
    }
    return requirement;
  });
  return { name: name.text, doc, requires, end: first.end };
}

function itemsOf(form: Value): Value[] {
  return form instanceof Vector ? form.toArray() : form instanceof List ? [...form] : [];
}

function compileStep(context: Compiling, source: Source, offset: number): Vector | null {
  try {
    return compileNext(context, source, offset) as Vector | null;
  } catch (error) {
    throw error instanceof Raise ? failed(source, offset, error.error) : error;
  }
}

function failed(source: Source, offset: number, error: Value): FlowmetalError {
  const { line } = source.position(offset);
  const what = error instanceof ErrorValue ? `${error.message} ${describeData(error)}` : "it did not come to an end";
  return new FlowmetalError("image/failed", `${source.name}, behind line ${line}: ${what}`);
}

function describeData(error: ErrorValue): string {
  const text = printValue(Vector.from([error.data, error.trace]), true);
  return typeof text === "string" ? text : "";
}

/** The namespaces of the image, each with the docstring of its file or nil. */
function modulesOf(machine: Machine, sources: readonly Source[]): PMap {
  const names = [...new Set([...machine.state.vars.keys()].map((name) => Sym.parse(name).ns ?? ""))].sort();
  const docs = new Map<string, string>();
  for (const source of sources) {
    const { name, doc } = headerOf(source);
    if (!docs.has(name)) docs.set(name, doc ?? leadingComment(source.text));
  }
  return PMap.from(names.map((name): [Value, Value] => [name, docs.get(name) ?? null]));
}

/** The comment a file begins with: what the file is, and for a library what its namespace is. */
function leadingComment(text: string): string {
  const [comment] = /^(?:;[^\n]*\n)*/.exec(text) as RegExpExecArray;
  return comment.replace(/^; ?/gm, "").trim();
}

function imageText(machine: Machine, units: ReadonlyMap<string, UnitText>): string {
  const vars: Record<string, [string, string]> = {};
  const named = new Set<string>();
  for (const [name, variable] of machine.state.vars) {
    if (variable.value === UNBOUND) continue;
    vars[name] = [encodeTagged(variable.value), encodeTagged(variable.meta)];
    for (const text of vars[name]) for (const [, hash] of text.matchAll(/"([0-9a-f]{64})"/g)) named.add(hash);
  }
  return JSON.stringify({ v: 1, units: Object.fromEntries(reachable(units, named)), vars });
}

/** The units named, and those nested in them; top-level forms are left behind. */
function reachable(units: ReadonlyMap<string, UnitText>, named: ReadonlySet<string>): [string, [string, string]][] {
  const found = new Map<string, [string, string]>();
  const open = [...named];
  for (let hash = open.pop(); hash !== undefined; hash = open.pop()) {
    const unit = units.get(hash);
    if (unit === undefined || found.has(hash)) continue;
    found.set(hash, [unit.code, unit.debug]);
    open.push(...(JSON.parse(unit.debug) as { units: string[] }).units);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The sources of prelude/ and lib/ below `root`, in the order they are loaded. */
export function imageSources(root: string): Source[] {
  const read = (folder: string) =>
    filesBelow(join(root, folder)).map(
      (path) => new Source(LIBRARY_PREFIX + relative(root, path), readFileSync(path, "utf8")),
    );
  return [...read("prelude"), ...inOrder(read("lib"))];
}

/** Each library behind those it requires. */
function inOrder(sources: readonly Source[]): Source[] {
  const headers = new Map(sources.map((source) => [headerOf(source).name, { source, header: headerOf(source) }]));
  const done = new Set<Source>();
  const visit = (name: string): void => {
    const found = headers.get(name);
    if (found === undefined || done.has(found.source)) return;
    headers.delete(name);
    for (const { name: required } of found.header.requires) visit(required);
    done.add(found.source);
  };
  for (const name of [...headers.keys()]) visit(name);
  return [...done];
}

/** The files of the engine that an image depends on beside its sources. */
export function engineFiles(root: string): string[] {
  const folders = ["base", "data", "source", "reader", "code", "primitive", "machine", "compiler", "module"];
  return folders.flatMap((folder) => filesBelow(join(root, "src", folder), ".ts"));
}

function filesBelow(folder: string, ending = ".fm"): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path, ending);
    return entry.name.endsWith(ending) ? [path] : [];
  });
}

/** Validates every unit, which nobody does who opens the image of a build (image-index.ts). */
function validateUnits(text: string): void {
  for (const [hash, [code, debug]] of Object.entries(parseImage(text).units)) decodeLinked({ hash, code, debug });
}

/** Writes the image of the checkout at `root` into `folder`. */
export function writeImage(root: string, folder: string): void {
  const text = buildImage(imageSources(root));
  validateUnits(text);
  mkdirSync(folder, { recursive: true });
  for (const [name, body] of [
    ["image.json", text],
    ["image.hash", sha256(text)],
    ["image.index", indexOfImage(text)],
  ]) {
    writeFileSync(join(folder, `${name}.new`), body);
    renameSync(join(folder, `${name}.new`), join(folder, name));
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeImage(fileURLToPath(new URL("../../", import.meta.url)), process.argv[2]);
}
