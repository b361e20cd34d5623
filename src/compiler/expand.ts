// Macro expansion as data: what the compiler would make of a form, without compiling it. Knows what special forms quote and
// bind, so that a local name is never taken for a macro, and data never for a call.
import { Cons, List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { PSet } from "../data/set.ts";
import { Keyword, Lazy, Obj, Sym, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { Analyzer } from "./analyzer.ts";
import { call, type Deep, runDeep } from "./deep.ts";
import type { CompileEnv } from "./env.ts";
import { type Context, isForm, localNames, topContext, withLocal } from "./session.ts";
import { expandSyntaxQuote } from "./syntax-quote.ts";
import { Fn, Local } from "./tree.ts";
import { CORE } from "./vocabulary.ts";

/** How far: one expansion of the whole form; until the whole form is no macro call; every part of it. */
export type Expanding = "once" | "head" | "all";

/** Expansions of one form, one after the other: what takes more is without end. */
const EXPANSIONS_MAX = 1_000;

/** The form expanded. Throws what compiling it would throw of its macros. */
export function expandForm(form: Value, env: CompileEnv, how: Expanding): Value {
  const session = new Analyzer(env);
  const ctx = topContext(new Fn(null, null, 0), session.places.of(form) ?? 0);
  const expander = new Expander(session);
  if (how === "all") return runDeep(expander.walk(form, ctx));
  return how === "once" ? expander.once(form, ctx) : expander.head(form, ctx);
}

class Expander {
  constructor(private readonly session: Analyzer) {}

  once(given: Value, ctx: Context): Value {
    const form = this.listed(given);
    const macro = this.session.macroName(form, ctx);
    return macro === null ? form : this.listed(this.session.expand(macro, form as List, localNames(ctx), ctx));
  }

  head(form: Value, ctx: Context): Value {
    let expansion = this.listed(form);
    for (let count = 0; count <= EXPANSIONS_MAX; count++) {
      const macro = this.session.macroName(expansion, ctx);
      if (macro === null) return expansion;
      expansion = this.listed(this.session.expand(macro, expansion as List, localNames(ctx), ctx));
    }
    const message = `this expands into a macro call again and again, ${EXPANSIONS_MAX} times`;
    return this.session.fail("compile/endless-macro", message, ctx, "a recursive macro must come to an end");
  }

  private listed(form: Value): Value {
    return form instanceof Lazy || form instanceof Cons ? this.session.env.realise(form) : form;
  }

  /** Every part of a form that is code, expanded. */
  *walk(given: Value, outer: Context): Deep<Value> {
    const place = this.session.places.of(given);
    const ctx = place === null ? outer : { ...outer, place };
    const form = this.head(given, ctx);
    if (!(form instanceof Obj)) return form;
    this.session.descend(ctx);
    const walked = yield* call(this.parts(form, ctx));
    this.session.ascend();
    return walked;
  }

  private *parts(form: Obj, ctx: Context): Deep<Value> {
    if (form instanceof Vector) return Vector.from(yield* call(this.all(form.toArray(), ctx))).withMeta(form.meta);
    if (form instanceof PSet) return PSet.from(yield* call(this.all(form.toArray(), ctx))).withMeta(form.meta);
    if (form instanceof PMap) return yield* call(this.map(form, ctx));
    if (!(form instanceof List) || form.count === 0) return form;
    const head = form.first;
    const name = head instanceof Sym ? this.session.specialName(head, ctx) : null;
    if (head instanceof Sym && head.text === `${CORE}/syntax-quote`) {
      return yield* call(this.walk(yield* call(expandSyntaxQuote(this.session, form, ctx)), ctx));
    }
    const items = form.toArray();
    const walked = name === null ? yield* call(this.all(items, ctx)) : yield* call(this.special(name, items, ctx));
    return List.from(walked).withMeta(form.meta);
  }

  private *all(forms: readonly Value[], ctx: Context): Deep<Value[]> {
    const walked: Value[] = [];
    for (const form of forms) walked.push(yield* call(this.walk(form, ctx)));
    return walked;
  }

  private *map(form: PMap, ctx: Context): Deep<Value> {
    const entries: [Value, Value][] = [];
    for (const [key, value] of form.entries()) {
      entries.push([yield* call(this.walk(key, ctx)), yield* call(this.walk(value, ctx))]);
    }
    return PMap.from(entries).withMeta(form.meta);
  }

  /** The first `kept` items as they are, the others expanded. */
  private *behind(items: readonly Value[], kept: number, ctx: Context): Deep<Value[]> {
    return [...items.slice(0, kept), ...(yield* call(this.all(items.slice(kept), ctx)))];
  }

  private *special(name: string, items: readonly Value[], ctx: Context): Deep<Value[]> {
    switch (name) {
      case "quote":
      case "var":
      case "ns":
        return [...items];
      case "def":
        return yield* call(this.behind(items, Math.max(2, items.length - 1), ctx));
      case "set!":
      case "set-local!":
      case "block":
      case "exit":
        return yield* call(this.behind(items, 2, ctx));
      case "perform":
        return yield* call(this.behind(items, items[1] instanceof Sym ? 2 : 1, ctx));
      case "fn":
        return yield* call(this.fn(items, 1, ctx));
      case "defmacro":
        return yield* call(this.macro(items, ctx));
      case "let":
      case "loop":
      case "locals":
        return yield* call(this.bindings(items, ctx));
      case "letfn":
        return yield* call(this.letfn(items, ctx));
      case "binding":
        return yield* call(this.binding(items, ctx));
      case "try":
        return yield* call(this.tryForm(items, ctx));
      default:
        return yield* call(this.behind(items, 1, ctx));
    }
  }

  /** A function from its name or parameters on, at `from`. */
  private *fn(items: readonly Value[], from: number, ctx: Context): Deep<Value[]> {
    const [name] = items.slice(from);
    const inside = name instanceof Sym ? bound(ctx, name) : ctx;
    const start = name instanceof Sym ? from + 1 : from;
    if (items[start] instanceof Vector) {
      return [...items.slice(0, start), ...(yield* call(this.arity(items.slice(start), inside)))];
    }
    const walked = items.slice(0, start);
    for (const arity of items.slice(start)) {
      const parts = arity instanceof List ? arity.toArray() : null;
      walked.push(parts === null ? arity : List.from(yield* call(this.arity(parts, inside))));
    }
    return walked;
  }

  private *arity([params, ...body]: readonly Value[], ctx: Context): Deep<Value[]> {
    if (!(params instanceof Vector)) return [params, ...body];
    const inside = yield* call(this.pattern(params, ctx));
    return [inside.form, ...(yield* call(this.all(body, inside.ctx)))];
  }

  private *macro(items: readonly Value[], ctx: Context): Deep<Value[]> {
    let from = 2;
    while (typeof items[from] === "string" || items[from] instanceof PMap) from++;
    const inside = bound(bound(ctx, new Sym(null, "&form")), new Sym(null, "&env"));
    const rest = yield* call(this.fn([null, ...items.slice(from)], 1, inside));
    return [...items.slice(0, from), ...rest.slice(1)];
  }

  private *bindings(items: readonly Value[], ctx: Context): Deep<Value[]> {
    const [head, bindings, ...body] = items;
    if (!(bindings instanceof Vector)) return [...items];
    const parts = bindings.toArray();
    const walked: Value[] = [];
    let inside = ctx;
    for (let i = 0; i < parts.length; i += 2) {
      const value = i + 1 < parts.length ? [yield* call(this.walk(parts[i + 1], inside))] : [];
      const pattern = yield* call(this.pattern(parts[i], inside));
      walked.push(pattern.form, ...value);
      inside = pattern.ctx;
    }
    return [head, Vector.from(walked).withMeta(bindings.meta), ...(yield* call(this.all(body, inside)))];
  }

  private *letfn(items: readonly Value[], ctx: Context): Deep<Value[]> {
    const [head, definitions, ...body] = items;
    if (!(definitions instanceof Vector)) return [...items];
    let inside = ctx;
    for (const one of definitions.toArray()) {
      if (one instanceof List && one.first instanceof Sym) inside = bound(inside, one.first);
    }
    const walked: Value[] = [];
    for (const one of definitions.toArray()) {
      const parts = one instanceof List ? one.toArray() : null;
      walked.push(parts === null ? one : List.from(yield* call(this.fn(parts, 0, inside))));
    }
    return [head, Vector.from(walked), ...(yield* call(this.all(body, inside)))];
  }

  private *binding(items: readonly Value[], ctx: Context): Deep<Value[]> {
    const [head, bindings, ...body] = items;
    if (!(bindings instanceof Vector)) return [...items];
    const walked: Value[] = [];
    for (const [i, part] of bindings.toArray().entries()) {
      walked.push(i % 2 === 0 ? part : yield* call(this.walk(part, ctx)));
    }
    return [head, Vector.from(walked), ...(yield* call(this.all(body, ctx)))];
  }

  private *tryForm(items: readonly Value[], ctx: Context): Deep<Value[]> {
    const walked: Value[] = [items[0]];
    for (const part of items.slice(1)) {
      if (isForm(part, "catch")) walked.push(List.from(yield* call(this.catchClause(part.toArray(), ctx))));
      else if (isForm(part, "finally")) walked.push(List.from(yield* call(this.behind(part.toArray(), 1, ctx))));
      else walked.push(yield* call(this.walk(part, ctx)));
    }
    return walked;
  }

  private *catchClause([head, matcher, name, ...body]: readonly Value[], ctx: Context): Deep<Value[]> {
    const test = yield* call(this.walk(matcher, ctx));
    const pattern = yield* call(this.pattern(name, ctx));
    return [head, test, pattern.form, ...(yield* call(this.all(body, pattern.ctx)))];
  }

  /** A pattern with what it computes expanded (keys, and what `:or` gives), and the context with its names in scope. */
  private *pattern(pattern: Value, ctx: Context): Deep<{ readonly form: Value; readonly ctx: Context }> {
    if (pattern instanceof Sym) return { form: pattern, ctx: bound(ctx, pattern) };
    if (!(pattern instanceof Vector) && !(pattern instanceof PMap)) return { form: pattern, ctx };
    this.session.descend(ctx);
    const walked = yield* call(pattern instanceof Vector ? this.inTurn(pattern, ctx) : this.byKey(pattern, ctx));
    this.session.ascend();
    return walked;
  }

  private *inTurn(pattern: Vector, ctx: Context): Deep<{ readonly form: Value; readonly ctx: Context }> {
    const walked: Value[] = [];
    let inside = ctx;
    for (const item of pattern.toArray()) {
      const part = yield* call(this.pattern(item, inside));
      walked.push(part.form);
      inside = part.ctx;
    }
    return { form: Vector.from(walked).withMeta(pattern.meta), ctx: inside };
  }

  private *byKey(pattern: PMap, ctx: Context): Deep<{ readonly form: Value; readonly ctx: Context }> {
    const walked: [Value, Value][] = [];
    let inside = ctx;
    for (const [target, key] of pattern.entries()) {
      if (!(target instanceof Keyword)) {
        const part = yield* call(this.pattern(target, inside));
        walked.push([part.form, yield* call(this.walk(key, ctx))]);
        inside = part.ctx;
        continue;
      }
      if (target.name === "or") walked.push([target, yield* call(this.walk(key, ctx))]);
      else walked.push([target, key]);
      for (const name of namesIn(key)) inside = target.name === "or" ? inside : bound(inside, name);
    }
    return { form: PMap.from(walked).withMeta(pattern.meta), ctx: inside };
  }
}

/** The names that `:keys [a n/b]` or `:as all` brings. */
function namesIn(value: Value): Sym[] {
  const items = value instanceof Vector ? value.toArray() : [value];
  return items.flatMap((item) => (item instanceof Sym || item instanceof Keyword ? [new Sym(null, item.name)] : []));
}

function bound(ctx: Context, name: Sym): Context {
  return withLocal(ctx, new Local(name.name, ctx.fn), name.name);
}
