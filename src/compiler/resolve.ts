// Names of globals: what a symbol means, and what to say when it means nothing.
import { closest } from "../base/suggest.ts";
import { Sym } from "../data/value.ts";
import { insteadOf } from "./absent.ts";
import type { GlobalInfo } from "./env.ts";
import { elsewhere } from "./elsewhere.ts";
import { type Context, localNames, type Session } from "./session.ts";
import { CORE } from "./vocabulary.ts";
import { SOFT_FORMS } from "./words.ts";

/** A global that exists. */
export interface Resolved {
  readonly name: string;
  readonly info: GlobalInfo;
}

const UNKNOWN_YET: GlobalInfo = {};

/** The global a symbol means, or null: current namespace, then referred names, then flow.core; or by alias or full namespace. */
export function findGlobal(session: Session, symbol: Sym): Resolved | null {
  const { env } = session;
  const { ns, name } = normal(symbol);
  if (ns !== null) return known(session, `${env.alias(ns) ?? ns}/${name}`);
  const own = known(session, `${env.ns}/${name}`);
  if (own !== null) return own;
  const referred = env.refer(name);
  return (referred === undefined ? null : known(session, referred)) ?? known(session, `${CORE}/${name}`);
}

/** The global a symbol means; refuses unknown and private ones. */
export function resolveGlobal(session: Session, symbol: Sym, ctx: Context): Resolved {
  const found = findGlobal(session, symbol);
  if (found === null) return refuseUnknown(session, symbol, ctx);
  const { name, info } = found;
  // Names a macro wrote are its author's; only what stands in this text is held to `^:private`.
  if (info.private === true && namespaceOf(name) !== session.env.ns && session.places.of(symbol) !== null) {
    const help = `it is defined with ^:private; use what ${namespaceOf(name)} offers to others`;
    session.fail("compile/private", `${name} is private to its namespace`, ctx, help, symbol);
  }
  return found;
}

/** A name that need not exist, qualified as if it did: unknown ones belong to the current namespace. */
export function qualify(session: Session, symbol: Sym): Sym {
  const found = findGlobal(session, symbol);
  if (found !== null) return Sym.parse(found.name);
  const { ns, name } = normal(symbol);
  if (ns === null && SOFT_FORMS.has(name)) return new Sym(CORE, name);
  return new Sym(ns === null ? session.env.ns : (session.env.alias(ns) ?? ns), name);
}

/** `a.b/c` gives `a.b`. */
export function namespaceOf(qualified: string): string {
  return qualified.slice(0, qualified.indexOf("/"));
}

function known(session: Session, qualified: string): Resolved | null {
  const info = session.env.lookup(qualified);
  const own = session.defined.get(qualified);
  if (own !== undefined) return { name: qualified, info: info ?? UNKNOWN_YET };
  return info === undefined ? null : { name: qualified, info };
}

/** Splits what is written as one name. */
function normal(symbol: Sym): Sym {
  return symbol.ns === null ? Sym.parse(symbol.name) : symbol;
}

function refuseUnknown(session: Session, symbol: Sym, ctx: Context): never {
  const { env } = session;
  const { ns, name } = normal(symbol);
  const instead = insteadOf(symbol.text);
  if (instead !== undefined) {
    return session.fail("compile/unknown-name", `there is no ${symbol.text} here`, ctx, instead, symbol);
  }
  const full = ns === null ? null : (env.alias(ns) ?? ns);
  const names =
    full === null
      ? [...localNames(ctx), ...env.namespaceNames(env.ns), ...env.namespaceNames(CORE)]
      : env.namespaceNames(full);
  const other = elsewhere(full, name);
  if (other !== null) return session.fail("compile/unknown-name", `unknown name ${symbol.text}`, ctx, other, symbol);
  const near = closest(name, [...names, ...ownNames(session, full ?? env.ns)]);
  if (full !== null && names.length === 0 && near === null) {
    const help = `require it: (:require [${ns}]) in ns, or (require '[${ns}])`;
    return session.fail("compile/unknown-namespace", `there is no namespace or alias ${ns} here`, ctx, help, symbol);
  }
  const shown = near === null ? null : `did you mean ${ns === null ? near : `${ns}/${near}`}?`;
  const help = shown ?? "define it before this place, or require the namespace that has it";
  return session.fail("compile/unknown-name", `unknown name ${symbol.text}`, ctx, help, symbol);
}

function ownNames(session: Session, ns: string): string[] {
  const own: string[] = [];
  for (const name of session.defined.keys()) if (namespaceOf(name) === ns) own.push(name.slice(ns.length + 1));
  return own;
}
