// What a checker knows of names: what the machine it evaluates on knows, and what it takes on trust, so that one mistake is told
// once: what a form with a mistake was to define, and the names of namespaces that could not be loaded.
import type { CheckedForm, Definition } from "../compiler/check.ts";
import type { CompileEnv, GlobalInfo } from "../compiler/compile.ts";
import { PassOver } from "../compiler/env.ts";
import { namespaceOf } from "../compiler/resolve.ts";
import { arityPairs } from "../compiler/tree.ts";
import { List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { Closure, type ErrorValue, Keyword, Obj, Sym, UNBOUND, type Value } from "../data/value.ts";
import type { CheckMachine } from "./check-machine.ts";
import { currentNamespace, environmentOf, MacroFailure, type Target } from "../module/environment.ts";
import type { Image } from "../module/image.ts";
import { Misfit, requirementOf } from "../primitive/requirement.ts";
import type { Source } from "../source/source.ts";
import type { Spans } from "../source/spans.ts";

/** What is checked for. */
export interface CheckTarget extends Target {
  readonly machine: CheckMachine;
}

/** One requirement of a form, as a form of its own; the first of a `ns` form has none. */
export interface Piece {
  readonly form: Value;
  readonly spec: Value;
}

const DEFMACRO = "defmacro";
const NS = new Sym(null, "ns");
const REQUIRE = Keyword.of("require");

/** What is known of the globals of a base image, and which names are none of its. */
const imageInfos = new WeakMap<Image, Map<string, GlobalInfo | undefined>>();

export class CheckScope {
  /** The globals that were defined in what was checked. */
  private readonly known = new Map<string, GlobalInfo>();
  /** Globals that may be macros and cannot be run. */
  private readonly broken = new Set<string>();
  /** Namespaces that could not be loaded; each name in them is taken to be there. */
  private readonly opaque = new Set<string>();
  private readonly aliases = new Map<string, string>();
  private readonly refers = new Map<string, string>();
  /** A namespace that could not be loaded, and all of whose names are referred. */
  private referredWhole: string | null = null;

  constructor(private readonly target: CheckTarget) {}

  /** The environment in which a form is checked. */
  environment(source: Source, spans: Spans): CompileEnv {
    const env = environmentOf(this.target, source, spans);
    const lookup = (name: string): GlobalInfo | undefined =>
      this.known.get(name) ?? this.lookup(env, name) ?? (this.opaque.has(namespaceOf(name)) ? {} : undefined);
    return {
      ...env,
      lookup,
      alias: (name) => env.alias(name) ?? this.aliases.get(name),
      refer: (name) => env.refer(name) ?? this.refers.get(name) ?? this.fromWhole(name, lookup),
      expandMacro: (name, ...call) => this.expanded(env, name, ...call),
      tolerance: { isBroken: (name) => this.broken.has(name) || this.opaque.has(namespaceOf(name)) },
    };
  }

  /** What the machine knows of a global. Of those of the base image that is always the same, and takes time to find out. */
  private lookup(env: CompileEnv, name: string): GlobalInfo | undefined {
    const { machine, library } = this.target;
    if (machine.state.vars.has(name)) return env.lookup(name);
    const infos = imageInfos.get(library.image) ?? new Map<string, GlobalInfo | undefined>();
    imageInfos.set(library.image, infos);
    if (!infos.has(name)) infos.set(name, env.lookup(name));
    return infos.get(name);
  }

  /** The namespace that could not be loaded for which an alias stands. */
  opaqueAlias(name: string): string | null {
    return this.aliases.get(name) ?? (this.opaque.has(name) ? name : null);
  }

  /** What is known of a function's arities. */
  aritiesOf(name: string): GlobalInfo["arities"] {
    return this.known.get(name)?.arities;
  }

  /** A macro that needs the value of what was not evaluated cannot be run here: that is no mistake of the script. */
  private expanded(env: CompileEnv, ...call: Parameters<CompileEnv["expandMacro"]>): Value {
    try {
      return env.expandMacro(...call);
    } catch (error) {
      if (error instanceof MacroFailure && this.isUnevaluated(error.error)) throw new PassOver();
      throw error;
    }
  }

  private isUnevaluated({ type, data }: ErrorValue): boolean {
    const name = type === Keyword.of("unbound") && data instanceof PMap ? data.get(Keyword.of("name"), null) : null;
    return name !== null && this.known.has(name instanceof Sym ? name.text : String(name));
  }

  private fromWhole(name: string, lookup: (name: string) => GlobalInfo | undefined): string | undefined {
    if (this.referredWhole === null || lookup(`flow.core/${name}`) !== undefined) return undefined;
    return `${this.referredWhole}/${name}`;
  }

  // ---- definitions

  /** Takes note of what a form defines, whether it will be evaluated or not. */
  define(form: Value, { defined, definitions, problems, passedOver }: CheckedForm): void {
    const { machine } = this.target;
    const fresh = [...defined.keys()].filter((name) => machine.findVariable(name) === undefined);
    for (const [name, { macro, meta, fn }] of defined) {
      const constant = constantsOf(meta);
      this.declare(name, constant);
      this.known.set(name, infoOf(constant, macro, fn === null ? undefined : arityPairs(fn)));
      if (macro && problems.length > 0) this.broken.add(name);
      else this.broken.delete(name);
    }
    for (const one of definitions) {
      if (fresh.includes(one.name)) machine.defineLater(one.name, () => this.give(one));
      else this.give(one);
    }
    if (problems.length > 0 || passedOver) this.declareLikely(form);
  }

  /** Gives a global its value: what its form would do if it was evaluated. */
  private give({ name, value, meta }: Definition): void {
    const { machine, library } = this.target;
    const variable = machine.variable(name);
    const about = meta ?? variable.meta;
    if ("constant" in value) return machine.define(variable, value.constant, about);
    const { hash, units } = value.code();
    library.add(units);
    machine.define(variable, new Closure(machine.findUnit(hash), []), about);
  }

  /** Declares what a form with a mistake was probably to define. */
  declareLikely(form: Value): void {
    const ns = currentNamespace(this.target.machine);
    for (const name of likelyNames(form)) {
      const qualified = `${ns}/${name}`;
      if (this.known.has(qualified)) continue;
      this.declare(qualified, null);
      this.known.set(qualified, {});
      if ((form as List).first instanceof Sym && ((form as List).first as Sym).name === DEFMACRO)
        this.broken.add(qualified);
    }
  }

  private declare(qualified: string, meta: PMap | null): void {
    const { machine } = this.target;
    machine.define(machine.variable(qualified), UNBOUND, meta);
  }

  // ---- namespaces that cannot be loaded

  /** The requirements of a `ns` form or a call of `require`, each by itself; none of any other form. */
  piecesOf(form: Value): Piece[] {
    if (!(form instanceof List) || !(form.first instanceof Sym)) return [];
    const [head, ...parts] = form.toArray() as [Sym, ...Value[]];
    if (head.name === "require") {
      const specs = parts.filter((part) => isQuoted(part));
      return specs.map((spec) => ({ form: List.of(head, spec), spec: (spec as List).rest.first }));
    }
    if (head.name !== "ns") return [];
    const clauses = parts.filter((part) => part instanceof List && part.first === REQUIRE) as List[];
    const specs = clauses.flatMap((clause) => clause.rest.toArray().filter((spec) => !(spec instanceof Keyword)));
    const pieces = specs.map((spec) => ({ form: List.of(NS, parts[0], List.of(REQUIRE, spec)), spec }));
    return [{ form: List.of(NS, parts[0] ?? null), spec: null }, ...pieces];
  }

  /** From now on every name of a namespace is taken to be there. */
  distrustNames(namespace: string): void {
    this.opaque.add(namespace);
  }

  /** From now on what a requirement names is taken on trust. */
  distrust({ spec }: Piece): void {
    const wanted = requirementOf(spec);
    if (wanted instanceof Misfit) return;
    this.opaque.add(wanted.name);
    if (wanted.alias !== null) this.aliases.set(wanted.alias, wanted.name);
    for (const name of wanted.names?.only ?? []) {
      this.refers.set(wanted.names?.rename.get(name) ?? name, `${wanted.name}/${name}`);
    }
    if (wanted.names !== null && wanted.names.only === null) this.referredWhole = wanted.name;
  }
}

function isQuoted(form: Value): boolean {
  return form instanceof List && form.count === 2 && form.first instanceof Sym && form.first.text === "quote";
}

function infoOf(meta: PMap | null, macro: boolean, arities: GlobalInfo["arities"]): GlobalInfo {
  const flag = (name: string): boolean => meta?.get(Keyword.of(name), null) === true;
  return { macro, dynamic: flag("dynamic"), private: flag("private"), internal: flag("internal"), arities };
}

/** The entries of metadata that need no evaluation. */
function constantsOf(meta: PMap | null): PMap | null {
  if (meta === null) return null;
  return PMap.from(meta.entries().filter(([, value]) => !(value instanceof Obj) || value instanceof Keyword));
}

/** The names that a form defines by the look of it. */
function likelyNames(form: Value): string[] {
  if (!(form instanceof List) || form.count < 2) return [];
  const [head, named, ...parts] = form.toArray();
  if (!(head instanceof Sym) || !/^(?:def|declare)/.test(head.name)) return [];
  const name = nameOf(named);
  if (name === null) return [];
  switch (head.name) {
    case "declare":
      return [name, ...parts.flatMap((part) => nameOf(part) ?? [])];
    case "defrecord":
      return [name, `->${name}`, `map->${name}`];
    case "defprotocol":
      return [name, ...parts.flatMap((part) => (part instanceof List ? (nameOf(part.first) ?? []) : []))];
    case "defmethod":
      return [];
    default:
      return [name];
  }
}

function nameOf(form: Value): string | null {
  return form instanceof Sym && form.ns === null ? form.name : null;
}
