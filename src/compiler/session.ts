// What the parts of the analyzer share: the lexical context of a form, and the session of one top-level form.
import type { Place } from "../code/code.ts";
import { wrongArity } from "../code/arities.ts";
import { List } from "../data/list.ts";
import type { PMap } from "../data/map.ts";
import { isCompound, partsOf } from "../data/parts.ts";
import { Kind, Obj, Sym, type Value } from "../data/value.ts";
import { call, type Deep } from "./deep.ts";
import type { CompileEnv } from "./env.ts";
import { Places } from "./places.ts";
import { compileError } from "./problem.ts";
import type { Diagnostic, Note } from "../source/diagnostic.ts";
import { arityPairs, type Fn, Label, Local, type Loop, type Node } from "./tree.ts";
import { CORE, primitiveFor } from "./vocabulary.ts";

/** The locals in scope, innermost first. */
export interface Scope {
  readonly local: Local;
  readonly name: string;
  readonly outer: Scope | null;
}

/** The labels of blocks in scope, innermost first. */
export interface Labels {
  readonly label: Label;
  readonly outer: Labels | null;
}

/** Where a form stands. */
export interface Context {
  readonly fn: Fn;
  readonly scope: Scope | null;
  readonly labels: Labels | null;
  /** What `recur` goes to from here, or why it cannot. */
  readonly recur: Loop | string;
  /** Markers and prompts around this form within its function. */
  readonly depth: number;
  /** The place of the nearest enclosing form that was read from the source. */
  readonly place: Place;
  /** The global being defined, if this form's value is to be its value. */
  readonly defining: string | null;
  /** The macro that wrote this form; null for one that stands in the source. */
  readonly written: Written | null;
}

/** A macro whose answer is being analysed, and the one that wrote its call. */
export interface Written {
  readonly by: string;
  readonly outer: Written | null;
}

/** Macros that one message names. */
const NOTES_MAX = 3;

/** A special form's analyzer. */
export type Special = (session: Session, form: List, ctx: Context) => Deep<Node>;

const NO_NAMES: readonly string[] = [];

export const NOT_TAIL = "recur must be the last thing its loop or function does";

/** Forms nest at most so deep. Not for want of stack: every level makes frames larger, so the cost grows with the square. */
export const NESTING_MAX = 2_000;

/** One call takes at most so many arguments, one literal at most so many elements that are computed. */
export const ARGUMENTS_MAX = 10_000;

/** Something found in a form that is probably not meant. */
export interface Found {
  readonly code: string;
  readonly message: string;
  readonly place: Place;
}

/** A global that a form defines. */
export interface Defined {
  readonly macro: boolean;
  /** As it is written: not evaluated. */
  readonly meta: PMap | null;
  /** The function that is its value, if that can be seen and is the only one. */
  fn: Fn | null;
}

/** A call of a function whose arities are not known yet: of a global, or of one in the form itself. */
export interface Call {
  readonly name: string;
  readonly fn: Fn | null;
  readonly count: number;
  readonly place: Place;
}

/** The compilation of one top-level form. */
export abstract class Session {
  /** What is wrong with the form, where somebody wants to know all of it. */
  readonly problems: Diagnostic[] = [];
  private readonly calls: Call[] = [];
  readonly warnings: Found[] = [];
  /** What only a checker is told: it is harmless, and perhaps work in progress. */
  readonly remarks: Found[] = [];
  private readonly bindings: { readonly local: Local; readonly name: string; readonly place: Place }[] = [];
  /** Globals this form defines, as far as it was read. */
  readonly defined = new Map<string, Defined>();
  readonly places: Places;
  /** The functions of the form, those inside a function before it. */
  readonly functions: Fn[] = [];
  /** Symbols made for this form, by syntax-quote and by macros (S-2). */
  readonly gensyms = { count: 0 };
  /** How deep the form at hand nests. */
  protected level = 0;

  constructor(readonly env: CompileEnv) {
    this.places = new Places(env.source, env.spans);
  }

  /** The tree of a form. */
  abstract analyze(form: Value, ctx: Context): Deep<Node>;

  /** Goes one level deeper; refuses what nests too deep. */
  descend(ctx: Context): void {
    if (++this.level <= NESTING_MAX) return;
    this.fail(
      "compile/too-deep",
      `forms nest more than ${NESTING_MAX} levels deep here`,
      ctx,
      "move the inner part into a function of its own",
    );
  }

  ascend(): void {
    this.level--;
  }

  /** A form whose value is used, but not as the value of the whole. */
  value(form: Value, ctx: Context): Deep<Node> {
    return this.analyze(form, inner(ctx));
  }

  *values(forms: readonly Value[], ctx: Context): Deep<Node[]> {
    const context = inner(ctx);
    const nodes: Node[] = [];
    for (const form of forms) nodes.push(yield* call(this.analyze(form, context)));
    return nodes;
  }

  /** Several forms in a row; the last is where the whole is. */
  *body(forms: readonly Value[], ctx: Context): Deep<Node> {
    const { place } = ctx;
    if (forms.length === 0) return { t: "const", value: null, place };
    const body = yield* call(this.values(forms.slice(0, -1), ctx));
    const leaves = body.findIndex(isLeft);
    if (leaves >= 0) this.remarkDead(forms[leaves + 1], "the form before it never comes back");
    body.push(yield* call(this.analyze(forms[forms.length - 1], ctx)));
    return body.length === 1 ? body[0] : { t: "do", body, place };
  }

  /** A symbol no text contains: numbered from 1 in each top-level form (S-2). */
  gensym(prefix: string): Sym {
    return new Sym(null, `${prefix}__${++this.gensyms.count}__auto`);
  }

  /** A call of a function of flow.core, or of the primitive of that name if it takes so many arguments. */
  core(name: string, args: readonly Node[], place: Place): Node {
    const primitive = primitiveFor(name, args.length);
    if (primitive !== undefined) return { t: "prim", primitive, args, place };
    return { t: "call", head: { t: "global", name: `${CORE}/${name}`, place }, args, place };
  }

  /** Notes what is probably not meant. */
  warn(code: string, message: string, place: Place): void {
    this.warnings.push({ code, message, place });
  }

  /** Notes a form of the source that is never evaluated; `why` follows a colon. */
  remarkDead(form: Value, why: string): void {
    const place = this.firstPlace(form);
    if (place === null) return;
    this.remarks.push({ code: "compile/unreachable", message: `this is never evaluated: ${why}`, place });
  }

  /** The place of a form or, where a macro made it, of the first part of it that was read. */
  private firstPlace(form: Value): Place | null {
    for (let at = form; ; ) {
      const place = this.places.of(at);
      if (place !== null || !(at instanceof List) || at.count < 2) return place;
      const rest: List = at.rest;
      at = this.places.of(rest.first) === null && rest.count > 1 ? rest.rest.first : rest.first;
    }
  }

  /** A name of the source is bound to a local. */
  noteBinding(local: Local, symbol: Value, name: string): void {
    const place = this.places.of(symbol);
    if (place !== null && !name.startsWith("_")) this.bindings.push({ local, name, place });
  }

  /** Remarks on the names that were bound and are said nowhere. A macro may bind one several times: then once is enough. */
  remarkUnused(): void {
    const used = new Set(this.bindings.filter(({ local }) => local.mentioned).map(({ place }) => String(place)));
    const told = new Set<string>();
    for (const { name, place } of this.bindings) {
      const key = String(place);
      if (used.has(key) || told.has(key)) continue;
      told.add(key);
      const message = `${name} is bound here and never used; a name that begins with _ says that it is not wanted`;
      this.remarks.push({ code: "compile/unused-binding", message, place });
    }
  }

  /** A call that can only be judged when the form, or more, has been read. */
  noteCall(name: string, fn: Fn | null, count: number, place: Place): void {
    this.calls.push({ name, fn, count, place });
  }

  /** Warns of the calls that no function of this form takes; answers those of other globals whose arities are not known. */
  judgeCalls(): Call[] {
    return this.calls.filter((one) => {
      const fn = one.fn ?? this.defined.get(one.name)?.fn ?? null;
      if (fn === null) return !this.defined.has(one.name);
      const wrong = wrongArity(arityPairs(fn), one.count);
      if (wrong !== null) this.warn("compile/arity", `${one.name} ${wrong}`, one.place);
      return false;
    });
  }

  /** Notes problems, each once: a macro may write a form of the source several times. */
  noteProblems(found: readonly Diagnostic[]): void {
    for (const one of found) {
      const same = (other: Diagnostic): boolean =>
        other.code === one.code && other.message === one.message && other.span?.from === one.span?.from;
      if (!this.problems.some(same)) this.problems.push(one);
    }
  }

  /** The locals whose names stand in a form that is not looked at count as used. */
  mentionAll(given: Value, ctx: Context): void {
    const open: Value[] = [given];
    for (let form = open.pop(); form !== undefined; form = open.pop()) {
      if (form instanceof Sym) {
        const local = form.ns === null ? findLocal(ctx, form.name) : null;
        if (local !== null) local.mentioned = true;
      } else if (form instanceof Obj && form.kind !== Kind.Range && isCompound(form))
        open.push(...(partsOf(form) ?? []));
    }
  }

  /** Refuses the form at hand, or a part of it. */
  fail(code: string, message: string, ctx: Context, hint: string | null = null, at: Value = null): never {
    const own = this.places.of(at);
    throw compileError(this.env.source, code, message, own ?? ctx.place, hint, own === null ? this.notes(ctx) : []);
  }

  /** Refuses the call of a macro: what is wrong is not in the forms here, so more is said about the macro. */
  failMacro(
    macro: string,
    code: string,
    message: string,
    ctx: Context,
    hint: string | null,
    more: readonly Note[],
  ): never {
    const notes = [this.env.macroNote(macro), ...more, ...this.notes(ctx)];
    throw compileError(this.env.source, code, message, ctx.place, hint, notes);
  }

  /** Who wrote a form that does not stand in the source. */
  private notes(ctx: Context): Note[] {
    const notes: Note[] = [];
    for (let at = ctx.written; at !== null && notes.length < NOTES_MAX; at = at.outer) {
      notes.push(this.env.macroNote(at.by));
    }
    return notes;
  }
}

/** The context of a top-level form: of the function it becomes. */
export function topContext(fn: Fn, place: Place): Context {
  return {
    fn,
    scope: null,
    labels: null,
    recur: "recur is outside of any loop or function",
    depth: 0,
    place,
    defining: null,
    written: null,
  };
}

/** Whether what stands behind a node is never reached. */
function isLeft(node: Node): boolean {
  return node.t === "throw" || node.t === "recur" || node.t === "exit";
}

/** The context of a part that is not in tail position. */
export function inner(ctx: Context): Context {
  if (ctx.recur === NOT_TAIL && ctx.defining === null) return ctx;
  return { ...ctx, recur: typeof ctx.recur === "string" ? ctx.recur : NOT_TAIL, defining: null };
}

/** The context with a local in scope. */
export function withLocal(ctx: Context, local: Local, name: string): Context {
  return { ...ctx, scope: { local, name, outer: ctx.scope } };
}

/** The local a name means, or null. */
export function findLocal(ctx: Context, name: string): Local | null {
  for (let scope = ctx.scope; scope !== null; scope = scope.outer) if (scope.name === name) return scope.local;
  return null;
}

const namesByScope = new WeakMap<Scope, readonly string[]>();

/** The names in scope, each once, innermost first; the same list for the same scope. */
export function localNames({ scope }: Context): readonly string[] {
  if (scope === null) return NO_NAMES;
  let names = namesByScope.get(scope);
  if (names === undefined) {
    const found = new Set<string>();
    for (let at: Scope | null = scope; at !== null; at = at.outer) found.add(at.name);
    names = [...found];
    namesByScope.set(scope, names);
  }
  return names;
}

/** Notes that `fn` uses a local: the functions between it and the owner capture it (flat copies). */
export function useLocal(local: Local, fn: Fn): void {
  for (let at: Fn | null = fn; at !== null; at = at.outer) {
    if (at === local.owner) {
      if (local === at.self) at.usesSelf = true;
      return;
    }
    local.captured = true;
    if (at.group?.includes(local) === true) {
      at.usesSelf = true;
      return;
    }
    at.captures.add(local);
  }
}

/** The elements of a list form behind its head. */
export function argumentsOf(form: List): Value[] {
  return form.rest.toArray();
}

/** True for a list whose head is this symbol, plain or of flow.core. */
export function isForm(form: Value, name: string): form is List {
  return form instanceof List && form.count > 0 && isNamed(form.first, name);
}

/** True for this symbol, plain or of flow.core. */
export function isNamed(form: Value, name: string): boolean {
  return form instanceof Sym && (form.text === name || form.text === `${CORE}/${name}`);
}

/** A label with the local that holds its marker's id. */
export function newLabel(name: string, ctx: Context): Label {
  return new Label(name, ctx.fn, ctx.depth, new Local(null, ctx.fn));
}
