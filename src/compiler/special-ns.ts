// Analysis of ns: its references are checked here, where each has its place, and handed to the loader as data.
import { closest } from "../base/suggest.ts";
import { List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { Keyword, Sym, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import {
  Misfit,
  namesOf,
  namesValue,
  type Requirement,
  requirementOf,
  requirementValue,
  SPEC_OPTIONS,
} from "../primitive/requirement.ts";
import { type Deep, done } from "./deep.ts";
import { argumentsOf, type Context, type Session } from "./session.ts";
import type { Node } from "./tree.ts";
import { HARD_FORMS } from "./words.ts";

const DOC = Keyword.of("doc");
const RELOAD = Keyword.of("reload");

const CLAUSES = ["require", "refer-core"];

/** Clauses of other Lisps, and what to write here. */
const FOREIGN: ReadonlyMap<string, string> = new Map([
  ["use", "write (:require [a.b :refer [names]]), or :refer :all for everything in it"],
  ["import", "there are no host classes here; (:require [a.b]) loads namespaces"],
  ["gen-class", "there are no host classes here; leave it out"],
  ["load", "write (:require [a.b]) for a namespace in a file of its own"],
  ["require-macros", "macros come with their namespace: write (:require [a.b :refer [names]])"],
  ["use-macros", "macros come with their namespace: write (:require [a.b :refer [names]])"],
]);

/** What the clauses of a ns form say. */
interface References {
  readonly requirements: Value[];
  core: Value;
}

/** `(ns name "doc"? {attributes}? (:require ...)... (:refer-core ...)?)`: a call that makes it the current namespace. */
export function analyzeNs(session: Session, form: List, ctx: Context): Deep<Node> {
  const [symbol, ...rest] = argumentsOf(form);
  const example = "write (ns my.script (:require [flow.http :as http]))";
  if (!(symbol instanceof Sym) || symbol.ns !== null) {
    return session.fail("compile/bad-ns", "ns needs a name without a slash", ctx, example, symbol ?? null);
  }
  let meta = symbol.meta as PMap | null;
  if (typeof rest[0] === "string") meta = (meta ?? PMap.EMPTY).set(DOC, rest.shift()!);
  if (rest[0] instanceof PMap)
    for (const [key, value] of (rest.shift() as PMap).entries()) meta = (meta ?? PMap.EMPTY).set(key, value);
  const references: References = { requirements: [], core: null };
  for (const clause of rest) readClause(session, clause, references, ctx);
  const constant = (value: Value): Node => ({ t: "const", value, place: ctx.place });
  const args = [new Sym(null, symbol.name, meta), Vector.from(references.requirements), references.core];
  return done(session.core("in-ns*", args.map(constant), ctx.place));
}

function readClause(session: Session, clause: Value, references: References, ctx: Context): void {
  const head = clause instanceof List ? clause.first : null;
  if (!(head instanceof Keyword)) {
    session.fail("compile/bad-ns", "ns takes clauses such as (:require [flow.http :as http])", ctx, null, clause);
  }
  const parts = argumentsOf(clause as List);
  if (head.text === "require") readRequire(session, clause, parts, references, ctx);
  else if (head.text === "refer-core" || head.text === "refer-clojure") {
    if (head.text === "refer-clojure") {
      const place = session.places.of(clause) ?? ctx.place;
      session.warn("compile/refer-clojure", "this is understood; its name here is :refer-core", place);
    }
    if (references.core !== null) refuse(session, new Misfit("there are two such clauses", "join them", clause), ctx);
    references.core = coreNames(session, clause, parts, ctx);
  } else {
    const near = closest(head.text, CLAUSES);
    const help =
      FOREIGN.get(head.text) ?? (near === null ? "there are :require and :refer-core" : `did you mean :${near}?`);
    refuse(session, new Misfit(`ns has no clause :${head.text}`, help, clause), ctx);
  }
}

function readRequire(session: Session, clause: Value, parts: readonly Value[], to: References, ctx: Context): void {
  const flags = parts.filter((part) => part instanceof Keyword);
  const strange = flags.find((flag) => flag !== RELOAD);
  if (strange !== undefined) {
    const { text } = strange as Keyword;
    const help = SPEC_OPTIONS.includes(text)
      ? "put a name and its options into a vector: [a.b :as b]"
      : "there is :reload, which loads the files of these namespaces again";
    refuse(session, new Misfit(`:${text} is no flag of :require`, help, clause), ctx);
  }
  for (const spec of parts) {
    if (spec instanceof Keyword) continue;
    const requirement = requirementOf(spec);
    if (requirement instanceof Misfit) refuse(session, requirement, ctx, spec, clause);
    else to.requirements.push(requirementValue(requirement, placeText(session, spec, clause, ctx), flags.length > 0));
    refuseForms(session, requirement as Requirement, spec, ctx);
  }
}

/** A special form stays what it is whatever is referred. */
function refuseForms(session: Session, { names }: Requirement, spec: Value, ctx: Context): void {
  const own = (names?.only ?? []).map((name) => names?.rename.get(name) ?? name);
  const form = own.find((name) => HARD_FORMS.has(name));
  if (form !== undefined) refuse(session, new Misfit(`${form} is a special form`, ":rename it", spec), ctx);
}

function coreNames(session: Session, clause: Value, parts: readonly Value[], ctx: Context): Value {
  const names = namesOf(parts, clause);
  if (names instanceof Misfit) return refuse(session, names, ctx, clause);
  const form = [...names.exclude, ...names.rename.keys()].find((name) => HARD_FORMS.has(name));
  if (form === undefined) return namesValue(names);
  const help = `leave it out: ${form} means the same in every namespace`;
  return refuse(session, new Misfit(`${form} is a special form and no name of flow.core`, help, clause), ctx);
}

/** Refuses at the part that is wrong, or where that has no place at the nearest one around it that has. */
function refuse(session: Session, { message, hint, at }: Misfit, ctx: Context, ...around: readonly Value[]): never {
  const placed = [at, ...around].find((part) => session.places.of(part) !== null);
  return session.fail("compile/bad-ns", message, ctx, hint, placed ?? null);
}

/** Where a spec stands, as `file:line:column`. */
function placeText(session: Session, spec: Value, clause: Value, ctx: Context): string | null {
  const place = session.places.of(spec) ?? session.places.of(clause) ?? ctx.place;
  return place === 0 ? null : `${session.env.source.name}:${place[2]}:${place[3]}`;
}
