// Analysis of what defines and names globals: def, defmacro, var.
import { List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { Keyword, Sym } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { call, type Deep, done } from "./deep.ts";
import { findGlobal, resolveGlobal } from "./resolve.ts";
import { argumentsOf, type Context, type Defined, inner, localNames, type Session } from "./session.ts";
import type { Node } from "./tree.ts";
import { CORE } from "./vocabulary.ts";

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
  reportConflict(session, symbol, name, ctx);
  let meta = symbol.meta as PMap | null;
  if (args.length === 3) meta = (meta ?? PMap.EMPTY).set(DOC, args[1]);
  const again = session.defined.has(name);
  const defined: Defined = { macro: meta?.get(MACRO, null) === true, meta, fn: null };
  session.defined.set(name, defined);
  const inside = { ...inner(ctx), defining: name };
  const value = args.length === 1 ? null : yield* call(session.analyze(args[args.length - 1], inside));
  describe(value, meta);
  if (value?.t === "fn" && !again) defined.fn = value.fn;
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

/** A definition may not take a name that is referred from elsewhere, and says so when it hides one of flow.core. */
function reportConflict(session: Session, symbol: Sym, name: string, ctx: Context): void {
  const { env } = session;
  const referred = env.refer(symbol.name);
  if (referred !== undefined && referred !== name && env.tolerance?.isBroken(referred) !== true) {
    const help = `name it otherwise, leave ${symbol.name} out of :refer, or :rename it there`;
    session.fail("compile/name-conflict", `${symbol.name} is ${referred} in this namespace`, ctx, help, symbol);
  }
  if (env.ns === CORE || !env.seesCore(symbol.name)) return;
  if (env.lookup(name) !== undefined || session.defined.has(name)) return;
  const hidden = env.lookup(`${CORE}/${symbol.name}`);
  if (hidden === undefined || hidden.private === true || hidden.internal === true) return;
  const message = `${name} hides ${CORE}/${symbol.name}; if it is meant to, say so in ns: (:refer-core :exclude [${symbol.name}])`;
  session.warn("compile/hides-core", message, session.places.of(symbol) ?? ctx.place);
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
  if (findGlobal(session, symbol) === null && symbol.ns === null && localNames(ctx).includes(symbol.name)) {
    const help = `only globals have vars; write ${symbol.name} for its value`;
    return session.fail("compile/unknown-name", `${symbol.name} is a local, which has no var`, ctx, help, symbol);
  }
  return done({ t: "var", name: resolveGlobal(session, symbol, ctx, true).name, place: ctx.place });
}
