// Names of globals: what a symbol means, and what to say when it means nothing.
import { closest } from "../base/suggest.ts";
import { Sym } from "../data/value.ts";
import { insteadOf } from "./absent.ts";
import type { GlobalInfo } from "./env.ts";
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
  const found = referred === undefined ? null : known(session, referred);
  return found ?? (env.seesCore(name) ? known(session, `${CORE}/${name}`) : null);
}

/** The global a symbol means; refuses unknown and private ones. `asVar`: the var is wanted, which may be private (#'a/b). */
export function resolveGlobal(session: Session, symbol: Sym, ctx: Context, asVar = false): Resolved {
  const found = findGlobal(session, symbol);
  if (found === null) return refuseUnknown(session, symbol, ctx);
  const { name, info } = found;
  const ns = namespaceOf(name);
  // Names a macro wrote are its author's; only what stands in this text is held to `^:private`.
  if (info.private === true && !asVar && ns !== session.env.ns && session.places.of(symbol) !== null) {
    const offered = session.env.namespaceNames(ns).filter((one) => isOffered(session, `${ns}/${one}`));
    const near = closest(symbol.name, offered);
    const help = near === null ? `use what ${ns} offers to others` : `did you mean ${withName(symbol, near)}?`;
    const more = `${help}; a test may reach it as @#'${symbol.text}`;
    session.fail("compile/private", `${name} is private to its namespace`, ctx, more, symbol);
  }
  return found;
}

/** Whether a global is there for other namespaces. */
function isOffered(session: Session, qualified: string): boolean {
  const info = session.env.lookup(qualified);
  return info !== undefined && info.private !== true && info.internal !== true;
}

function withName({ ns }: Sym, name: string): string {
  return ns === null ? name : `${ns}/${name}`;
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
  const full = ns === null ? null : (env.alias(ns) ?? ns);
  const instead = insteadOf(full === null ? symbol.text : `${full}/${name}`);
  if (instead !== undefined) {
    return session.fail("compile/unknown-name", `there is no ${symbol.text} here`, ctx, instead, symbol);
  }
  if (ns !== null && full !== null && env.namespaceNames(full).length + ownNames(session, full).length === 0) {
    return refuseNamespace(session, symbol, ns, ctx);
  }
  const home = full ?? env.ns;
  const own = [...(full === null ? localNames(ctx) : []), ...ownNames(session, home)];
  const near = closestVisible(session, name, full === null ? [home, CORE] : [home], own);
  const help =
    (ns === null ? homeOf(session, name) : null) ??
    (near === null ? null : `did you mean ${ns === null ? near : `${ns}/${near}`}?`) ??
    "define it before this place, or require the namespace that has it";
  return session.fail("compile/unknown-name", `unknown name ${symbol.text}`, ctx, help, symbol);
}

/** The nearest of some names, and of those of the namespaces that can be used here; looks at a global only where it is near. */
function closestVisible(
  session: Session,
  name: string,
  spaces: readonly string[],
  own: readonly string[],
): string | null {
  const { env } = session;
  const hidden = new Set<string>();
  for (;;) {
    const near = closest(
      name,
      [...own, ...spaces.flatMap((ns) => env.namespaceNames(ns))].filter((one) => !hidden.has(one)),
    );
    if (near === null || own.includes(near) || spaces.some((ns) => isVisible(session, ns, near))) return near;
    hidden.add(near);
  }
}

/** Whether a name of a namespace can be used in the current one. */
function isVisible(session: Session, ns: string, name: string): boolean {
  const { env } = session;
  const info = env.lookup(`${ns}/${name}`);
  if (info === undefined || (info.private === true && ns !== env.ns)) return false;
  return ns !== CORE || env.seesCore(name);
}

/** Where a name is to be found that means nothing here: left out by ns, or in a namespace that is not referred. */
function homeOf(session: Session, name: string): string | null {
  const { env } = session;
  if (isOffered(session, `${CORE}/${name}`)) return `ns leaves it out of flow.core; write ${CORE}/${name}`;
  const homes = env.namespaces().filter((ns) => ns !== env.ns && isOffered(session, `${ns}/${name}`));
  if (homes.length < 2)
    return homes.length === 0 ? null : `${homes[0]} has it: (:require [${homes[0]} :refer [${name}]]) in ns`;
  const listed = `${homes.slice(0, -1).join(", ")} and ${homes.at(-1)}`;
  return `${listed} have it: choose one, as in (:require [${homes[0]} :refer [${name}]]) in ns`;
}

function refuseNamespace(session: Session, symbol: Sym, ns: string, ctx: Context): never {
  const near = closest(ns, session.env.namespaces());
  const help =
    near === null
      ? `require it: (:require [${ns}]) in ns, or (require '[${ns}])`
      : `did you mean ${near}? Else require it: (:require [${ns}]) in ns, or (require '[${ns}])`;
  return session.fail("compile/unknown-namespace", `there is no namespace or alias ${ns} here`, ctx, help, symbol);
}

function ownNames(session: Session, ns: string): string[] {
  const own: string[] = [];
  for (const name of session.defined.keys()) if (namespaceOf(name) === ns) own.push(name.slice(ns.length + 1));
  return own;
}
