// Analysis of what deals with globals: def, defmacro, var, ns.
import { List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { Keyword, Sym, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { call, type Deep, done } from "./deep.ts";
import { resolveGlobal } from "./resolve.ts";
import { argumentsOf, type Context, inner, type Session } from "./session.ts";
import type { Node } from "./tree.ts";

const DOC = Keyword.of("doc");
const MACRO = Keyword.of("macro");
const TAG = Keyword.of("tag");
const QUOTE = new Sym(null, "quote");

/** `(def name)`, `(def name value)`, `(def name "doc" value)` */
export function* analyzeDef(session: Session, form: List, ctx: Context): Deep<Node> {
  const args = argumentsOf(form);
  const [symbol] = args;
  if (!(symbol instanceof Sym) || args.length > 3 || (args.length === 3 && typeof args[1] !== "string")) {
    return session.fail(
      "compile/bad-def",
      "def takes a name, perhaps a docstring, and a value",
      ctx,
      "write (def name value)",
    );
  }
  const name = ownName(session, symbol, ctx);
  let meta = symbol.meta as PMap | null;
  if (args.length === 3) meta = (meta ?? PMap.EMPTY).set(DOC, args[1]);
  session.defined.set(name, { macro: meta?.get(MACRO, null) === true });
  const inside = { ...inner(ctx), defining: name };
  const value = args.length === 1 ? null : yield* call(session.analyze(args[args.length - 1], inside));
  describe(value, meta);
  const described = meta === null ? null : yield* call(session.value(quotedTag(meta), ctx));
  return { t: "def", name, value, meta: described, place: ctx.place };
}

/** The qualified name being defined: always of the current namespace (S-9). */
function ownName(session: Session, symbol: Sym, ctx: Context): string {
  const { ns } = session.env;
  if (symbol.ns !== null && symbol.ns !== ns) {
    const message = `${symbol.text} belongs to another namespace than ${ns}, where this is`;
    session.fail("compile/bad-def", message, ctx, `write (def ${symbol.name} ...)`, symbol);
  }
  return `${ns}/${symbol.name}`;
}

/** A function that is a global's value carries the global's docstring and whether it is a macro. */
function describe(value: Node | null, meta: PMap | null): void {
  if (value?.t !== "fn" || meta === null) return;
  const doc = meta.get(DOC, null);
  if (typeof doc === "string") value.fn.doc = doc;
  value.fn.macro = meta.get(MACRO, null) === true;
}

/** Metadata is evaluated; a type hint such as `^String` is only a name. */
function quotedTag(meta: PMap): PMap {
  const tag = meta.get(TAG, null);
  return tag instanceof Sym ? meta.set(TAG, List.of(QUOTE, tag)) : meta;
}

/** `(defmacro name "doc"? {attributes}? [params] body...)`, or with several arities. */
export function analyzeDefmacro(session: Session, form: List, ctx: Context): Deep<Node> {
  const [symbol, ...rest] = argumentsOf(form);
  if (!(symbol instanceof Sym)) {
    return session.fail("compile/bad-def", "defmacro needs a name", ctx, "write (defmacro name [x] ...)");
  }
  let meta = ((symbol.meta as PMap | null) ?? PMap.EMPTY).set(MACRO, true);
  if (typeof rest[0] === "string" && rest.length > 1) meta = meta.set(DOC, rest.shift()!);
  if (rest[0] instanceof PMap) for (const [key, value] of (rest.shift() as PMap).entries()) meta = meta.set(key, value);
  const several = rest.length > 0 && rest.every((part) => part instanceof List && part.first instanceof Vector);
  const arities = several ? rest.map((part) => (part as List).toArray()) : [rest];
  const hidden = [new Sym(null, "&form"), new Sym(null, "&env")];
  const clauses = arities.map(([params, ...body]) => {
    if (params instanceof Vector) return List.from([Vector.from([...hidden, ...params.toArray()]), ...body]);
    return session.fail("compile/bad-fn", "a macro needs a vector of parameters", ctx, "write (defmacro name [x] ...)");
  });
  const fn = List.from([new Sym(null, "fn"), ...clauses]);
  const named = new Sym(symbol.ns, symbol.name, meta);
  return analyzeDef(session, List.of(new Sym(null, "def"), named, fn), ctx);
}

/** `(var name)` */
export function analyzeVar(session: Session, form: List, ctx: Context): Deep<Node> {
  const [symbol, ...more] = argumentsOf(form);
  if (!(symbol instanceof Sym) || more.length > 0) {
    return session.fail("compile/bad-form", "var takes one name", ctx, "write (var name) or #'name");
  }
  return done({ t: "var", name: resolveGlobal(session, symbol, ctx).name, place: ctx.place });
}

/** `(ns name "doc"? {attributes}? (:require ...)...)`: a call that makes it the current namespace. */
export function analyzeNs(session: Session, form: List, ctx: Context): Deep<Node> {
  const [symbol, ...rest] = argumentsOf(form);
  if (!(symbol instanceof Sym) || symbol.ns !== null) {
    return session.fail(
      "compile/bad-ns",
      "ns needs a name",
      ctx,
      "write (ns my.script (:require [flow.http :as http]))",
    );
  }
  let meta = symbol.meta as PMap | null;
  if (typeof rest[0] === "string") meta = (meta ?? PMap.EMPTY).set(DOC, rest.shift()!);
  if (rest[0] instanceof PMap)
    for (const [key, value] of (rest.shift() as PMap).entries()) meta = (meta ?? PMap.EMPTY).set(key, value);
  for (const reference of rest) {
    if (reference instanceof List && reference.first instanceof Keyword) continue;
    session.fail("compile/bad-ns", "ns takes clauses such as (:require [flow.http :as http])", ctx, null, reference);
  }
  const constant = (value: Value): Node => ({ t: "const", value, place: ctx.place });
  const name = new Sym(null, symbol.name, meta);
  return done(session.core("in-ns*", [constant(name), constant(List.from(rest))], ctx.place));
}
