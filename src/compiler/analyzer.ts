// The analyzer: a form to a tree. Macros are expanded on the way, so a form is seen once and in its scope.
import { FlowmetalError } from "../base/errors.ts";
import { wrongArity } from "../code/arities.ts";
import { Cons, List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { RecordValue } from "../data/record.ts";
import { PSet } from "../data/set.ts";
import { Keyword, Lazy, type Obj, Sym, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { kindName } from "../primitive/describe.ts";
import type { Primitive } from "../primitive/primitive.ts";
import { findPrimitive } from "../primitive/registry.ts";
import { SourceError } from "../source/diagnostic.ts";
import { Constants, isAtom, notData } from "./constant.ts";
import { attempt, call, type Deep } from "./deep.ts";
import { type GlobalInfo, PassOver } from "./env.ts";
import { findGlobal, type Resolved, resolveGlobal } from "./resolve.ts";
import {
  ARGUMENTS_MAX,
  argumentsOf,
  type Context,
  findLocal,
  localNames,
  Session,
  type Special,
  useLocal,
} from "./session.ts";
import { analyzeLet, analyzeLocals, analyzeLoop, analyzeRecur, analyzeSetLocal } from "./special-binding.ts";
import {
  analyzeBinding,
  analyzeBlock,
  analyzeDo,
  analyzeExit,
  analyzeIf,
  analyzeQuote,
  analyzeScope,
  analyzeSet,
  analyzeThrow,
  analyzeTry,
} from "./special-control.ts";
import { analyzeDef, analyzeDefmacro, analyzeVar } from "./special-def.ts";
import { analyzeFn, analyzeLetfn } from "./special-fn.ts";
import { analyzeHandle, analyzePerform, analyzePrompt } from "./special-handler.ts";
import { analyzeNs } from "./special-ns.ts";
import { expandSyntaxQuote } from "./syntax-quote.ts";
import type { Node } from "./tree.ts";
import { CORE, requiredPrimitive, takes } from "./vocabulary.ts";
import { HARD_FORMS } from "./words.ts";

const SPECIALS: ReadonlyMap<string, Special> = new Map<string, Special>([
  ["def", analyzeDef],
  ["defmacro", analyzeDefmacro],
  ["fn", analyzeFn],
  ["let", analyzeLet],
  ["letfn", analyzeLetfn],
  ["if", analyzeIf],
  ["do", analyzeDo],
  ["quote", analyzeQuote],
  ["loop", analyzeLoop],
  ["recur", analyzeRecur],
  ["try", analyzeTry],
  ["throw", analyzeThrow],
  ["var", analyzeVar],
  ["binding", analyzeBinding],
  ["set!", analyzeSet],
  ["ns", analyzeNs],
  ["block", analyzeBlock],
  ["exit", analyzeExit],
  ["perform", analyzePerform],
  ["handle", analyzeHandle],
  ["prompt*", analyzePrompt],
  ["locals", analyzeLocals],
  ["set-local!", analyzeSetLocal],
  ["with-scope*", analyzeScope],
]);

/** Calls with more arguments than the primitive takes are folded from the left for these: it is what they mean. */
const FOLDED: ReadonlySet<string> = new Set([`${CORE}/+`, `${CORE}/*`, `${CORE}/-`]);

/** Namespaces whose code may name primitives: the language's own. */
const TRUSTED = /^(flow|py)(\.|$)/;

/** A macro call becomes something else within so many expansions. */
const EXPANSIONS_MAX = 1_000;

export class Analyzer extends Session {
  private readonly constants = new Constants();
  /** Some part of the form was not looked at. */
  passedOver = false;

  override analyze(form: Value, ctx: Context): Deep<Node> {
    const work = this.analyzeForm(form, ctx);
    if (this.env.tolerance === undefined) return work;
    const level = this.level;
    return attempt(work, (thrown) => {
      if (thrown instanceof SourceError) this.noteProblems(thrown.diagnostics);
      else if (!(thrown instanceof PassOver)) throw thrown;
      this.level = level;
      return this.passOver(form, ctx);
    });
  }

  /** A form that is not looked at, as one that answers nil. */
  private passOver(form: Value, ctx: Context): Node {
    this.mentionAll(form, ctx);
    this.passedOver = true;
    return { t: "const", value: null, place: ctx.place };
  }

  private *analyzeForm(given: Value, outer: Context): Deep<Node> {
    const form = given instanceof Lazy || given instanceof Cons ? this.env.realise(given) : given;
    const place = this.places.of(form);
    const ctx = place === null ? outer : { ...outer, place, written: null };
    if (isAtom(form)) return { t: "const", value: form, place: ctx.place };
    if (form instanceof Sym) return this.symbol(form, ctx);
    this.descend(ctx);
    const list = form instanceof List && form.count > 0;
    const node = yield* call(list ? this.list(form, ctx) : this.literal(form as Obj, ctx));
    this.ascend();
    return node;
  }

  private symbol(symbol: Sym, ctx: Context): Node {
    const { place } = ctx;
    const local = symbol.ns === null ? findLocal(ctx, symbol.name) : null;
    if (local !== null) {
      useLocal(local, ctx.fn);
      local.mentioned = true;
      return { t: "local", local, place };
    }
    if (this.specialOf(symbol, ctx) !== undefined) {
      const hint = "it can only stand at the head of a list";
      return this.fail("compile/special-as-value", `${symbol.name} is a special form, not a value`, ctx, hint);
    }
    const { name, info } = resolveGlobal(this, symbol, ctx);
    if (info.macro === true || this.defined.get(name)?.macro === true) {
      const hint = "wrap its call in a function: (fn [x] (...))";
      return this.fail("compile/macro-as-value", `${symbol.text} is a macro, not a value`, ctx, hint);
    }
    return { t: "global", name, place };
  }

  private *literal(form: Obj, ctx: Context): Deep<Node> {
    if (this.constants.has(form) || (form instanceof RecordValue && notData(form) === undefined))
      return { t: "const", value: form, place: ctx.place };
    const parts = computedParts(form);
    if (parts === null) {
      const hint = "code is made of lists, vectors, symbols and other data; a macro answers such";
      return this.fail("compile/not-a-form", `${kindName(notData(form) ?? form)} cannot stand in code`, ctx, hint);
    }
    const node = this.core(parts.maker, yield* call(this.elements(parts.items, ctx)), ctx.place);
    return yield* call(this.withMeta(node, form as Vector, ctx));
  }

  private elements(forms: readonly Value[], ctx: Context): Deep<Node[]> {
    if (forms.length > ARGUMENTS_MAX) {
      const hint = "make it of parts, or read it as data";
      this.fail("compile/too-large", `${forms.length} forms are more than one call or literal can hold`, ctx, hint);
    }
    return this.values(forms, ctx);
  }

  /** Metadata written on a literal or function is part of its value. */
  private *withMeta(node: Node, form: Vector | List, ctx: Context): Deep<Node> {
    if (form.meta === null) return node;
    return this.core("with-meta", [node, yield* call(this.value(form.meta, ctx))], ctx.place);
  }

  private *list(form: List, ctx: Context): Deep<Node> {
    const head = form.first;
    if (head instanceof Sym) {
      const special = this.specialOf(head, ctx);
      if (special === analyzeFn) {
        return yield* call(this.withMeta(yield* call(analyzeFn(this, form, ctx)), form, ctx));
      }
      if (special !== undefined) return yield* call(special(this, form, ctx));
      if (head.text === `${CORE}/syntax-quote`) {
        return yield* call(this.analyze(yield* call(expandSyntaxQuote(this, form, ctx)), ctx));
      }
      if (head.ns !== null || findLocal(ctx, head.name) === null) return yield* call(this.named(head, form, ctx));
    }
    if (head instanceof Keyword && (form.count === 2 || form.count === 3)) {
      const [target, ...otherwise] = yield* call(this.values(argumentsOf(form), ctx));
      const key: Node = { t: "const", value: head, place: ctx.place };
      return this.core("get", [target, key, ...otherwise], ctx.place);
    }
    if (isAtom(head) && !(head instanceof Keyword)) {
      const hint = "a list is a call; write '(...) or [...] for data";
      this.fail("compile/not-callable", "the head of this list is no function", ctx, hint);
    }
    return yield* call(this.call(yield* call(this.value(head, ctx)), form, ctx));
  }

  /** A call of something that has a name and is no local: a primitive, a macro or a global. */
  private named(head: Sym, form: List, ctx: Context): Deep<Node> {
    const primitive = head.ns === null && head.name.startsWith("%") && head.name.length > 1;
    return primitive ? this.primitive(head, form, ctx) : this.globalCall(head, form, ctx);
  }

  /** The special form a symbol means here, if any. */
  private specialOf(symbol: Sym, ctx: Context): Special | undefined {
    const name = this.specialName(symbol, ctx);
    return name === null ? undefined : SPECIALS.get(name);
  }

  /** The name of the special form a symbol means here, or null. */
  specialName(symbol: Sym, ctx: Context): string | null {
    const text = symbol.text;
    if (HARD_FORMS.has(text)) return text;
    const name = text.startsWith(`${CORE}/`) ? text.slice(CORE.length + 1) : text;
    if (!SPECIALS.has(name)) return null;
    if (name !== text) return name;
    return findLocal(ctx, text) !== null || findGlobal(this, symbol) !== null ? null : name;
  }

  private *call(head: Node, form: List, ctx: Context): Deep<Node> {
    const fn = head.t === "fn" ? head.fn : head.t === "local" ? head.local.fn : null;
    // A macro may write calls that are never come to, such as one for each number of arguments.
    if (fn !== null && this.places.of(form) !== null) {
      this.noteCall(head.t === "local" ? head.local.name! : "this function", fn, form.count - 1, ctx.place);
    }
    return { t: "call", head, args: yield* call(this.elements(argumentsOf(form), ctx)), place: ctx.place };
  }

  /** `(%name argument...)`: a primitive by name, for the language's own sources. */
  private *primitive(head: Sym, form: List, ctx: Context): Deep<Node> {
    const name = head.name.slice(1);
    const { place } = ctx;
    if (!TRUSTED.test(this.env.ns) && this.places.of(head) !== null) {
      this.fail("compile/primitive", `${head.name} is only for the language's own sources`, ctx, null, head);
    }
    const args = yield* call(this.elements(argumentsOf(form), ctx));
    if (name === "apply" && args.length === 2) return { t: "apply", head: args[0], args: args[1], place };
    if (name === "throw" && args.length === 1) return { t: "throw", value: args[0], place };
    const primitive = findPrimitive(name);
    if (primitive === undefined) return this.fail("compile/unknown-primitive", `there is no primitive ${name}`, ctx);
    if (!takes(primitive, args.length)) {
      this.fail("compile/primitive", `the primitive ${name} does not take ${args.length} arguments`, ctx);
    }
    return { t: "prim", primitive, args, place };
  }

  private *globalCall(head: Sym, form: List, ctx: Context): Deep<Node> {
    const resolved = resolveGlobal(this, head, ctx);
    const { name, info } = resolved;
    if (this.env.tolerance?.isBroken(name) === true) return this.passOver(form, ctx);
    if (info.macro === true) return yield* call(this.macro(name, form, ctx));
    if (this.defined.get(name)?.macro === true) {
      const hint = "a macro can be used from the next top-level form on";
      this.fail("compile/macro-too-early", `the macro ${head.text} is used in the form that defines it`, ctx, hint);
    }
    this.checkArity(resolved, form.count - 1, ctx);
    const primitive = this.inlined(resolved, form.count - 1);
    if (primitive === null) {
      const place = this.places.of(head) ?? ctx.place;
      return yield* call(this.call({ t: "global", name, place }, form, ctx));
    }
    const args = yield* call(this.elements(argumentsOf(form), ctx));
    const { place } = ctx;
    if (takes(primitive, args.length)) return { t: "prim", primitive, args, place };
    return args.reduce((left, right): Node => ({ t: "prim", primitive, args: [left, right], place }));
  }

  /** Expands until the form is no macro call, and goes on with what it became: that does not nest deeper. */
  private *macro(macro: string, form: List, ctx: Context): Deep<Node> {
    const locals = localNames(ctx);
    let name: string | null = macro;
    let expansion: Value = form;
    let inside = ctx;
    for (let count = 0; name !== null; count++) {
      if (count === EXPANSIONS_MAX) {
        const message = `the macro ${macro} expands into a macro call again and again, ${count} times`;
        this.failMacro(macro, "compile/endless-macro", message, ctx, "a recursive macro must come to an end", []);
      }
      expansion = this.expand(name, expansion as List, locals, inside);
      inside = { ...ctx, written: { by: name, outer: ctx.written } };
      name = this.macroName(expansion, ctx);
    }
    this.ascend();
    const node = yield* call(this.analyze(expansion, inside));
    this.descend(ctx);
    return node;
  }

  /** One expansion. A macro that takes another number of forms is not run, and one that fails does so at its call. */
  expand(name: string, form: List, locals: readonly string[], ctx: Context): Value {
    const wrong = wrongArity(macroArities(this.env.lookup(name)?.arities), form.count - 1, "form");
    if (wrong !== null) return this.failMacro(name, "compile/macro", `the macro ${name} ${wrong}`, ctx, null, []);
    try {
      return this.env.expandMacro(name, form, argumentsOf(form), locals, this.gensyms);
    } catch (error) {
      if (!(error instanceof FlowmetalError) || error.place !== undefined) throw error;
      const more = error instanceof SourceError ? error.diagnostics[0].notes : [];
      return this.failMacro(name, error.code, error.message, ctx, error.hint ?? null, more);
    }
  }

  /** The macro that a form calls, or null. */
  macroName(form: Value, ctx: Context): string | null {
    const head = form instanceof List && form.count > 0 ? form.first : null;
    if (!(head instanceof Sym) || this.specialOf(head, ctx) !== undefined) return null;
    if (head.ns === null && findLocal(ctx, head.name) !== null) return null;
    const found = findGlobal(this, head);
    return found?.info.macro === true ? found.name : null;
  }

  /** The primitive that calls with so many arguments are compiled to, if the global says so; perhaps folded from the left. */
  private inlined({ name, info }: Resolved, count: number): Primitive | null {
    const { inline } = info;
    if (inline === undefined) return null;
    if (Object.hasOwn(inline, count)) return requiredPrimitive(inline[count]);
    return count > 2 && FOLDED.has(name) && Object.hasOwn(inline, 2) ? requiredPrimitive(inline[2]) : null;
  }

  private checkArity({ name, info }: Resolved, count: number, ctx: Context): void {
    // Of what this form defines only the value it will not have any more is known.
    const known = this.defined.has(name) ? undefined : info.arities;
    if (known === undefined) return this.noteCall(name, null, count, ctx.place);
    const wrong = wrongArity(known, count);
    if (wrong !== null) this.warn("compile/arity", `${name} ${wrong}`, ctx.place);
  }
}

type Arities = NonNullable<GlobalInfo["arities"]>;

/** A macro's function is given the form and its environment before what stands in the form. */
function macroArities(arities: Arities | undefined): Arities | undefined {
  return arities?.map(([params, rest]) => [params - 2, rest] as const);
}

/** The parts of a literal, and the function that makes it of their values; null for what is no literal. */
function computedParts(form: Obj): { readonly maker: string; readonly items: readonly Value[] } | null {
  if (form instanceof Vector) return { maker: "vector", items: form.toArray() };
  if (form instanceof PMap) return { maker: "hash-map", items: [...form.entries()].flat() };
  if (form instanceof PSet) return { maker: "hash-set", items: [...form.values()] };
  return null;
}
