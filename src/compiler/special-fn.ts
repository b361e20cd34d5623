// Analysis of functions: fn, letfn, defmacro's function; parameters, arities, pre- and postconditions.
import { List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { Keyword, Sym, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { call, type Deep } from "./deep.ts";
import { Binder, bindable } from "./destructure.ts";
import { argumentsOf, type Context, inner, NOT_TAIL, type Session, withLocal } from "./session.ts";
import { Captures, Fn, type FnArity, Local, Loop, type Node } from "./tree.ts";

/** `(fn name? [params] body...)` or `(fn name? ([params] body...)...)`. */
export function* analyzeFn(session: Session, form: List, ctx: Context): Deep<Node> {
  const parts = argumentsOf(form);
  const name = parts[0] instanceof Sym ? (parts.shift() as Sym) : null;
  const fn = new Fn(ctx.fn, functionName(ctx, name), ctx.place);
  let inside = enterFunction(ctx, fn);
  if (name !== null) {
    const own = bindable(session, name, ctx);
    fn.self = new Local(own, fn);
    fn.self.fn = fn;
    inside = withLocal(inside, fn.self, own);
  }
  fn.arities = yield* call(analyzeArities(session, parts, inside, fn));
  session.functions.push(fn);
  return { t: "fn", fn, place: ctx.place };
}

/** What traces call a function: the global it becomes, or its own name behind that of the function around it. */
function functionName(ctx: Context, name: Sym | null): string | null {
  if (ctx.defining !== null) return ctx.defining;
  if (name === null) return null;
  return ctx.fn.name === null ? name.name : `${ctx.fn.name}.${name.name}`;
}

/** The context at the top of a function's code. Labels stay: a closure can exit through its function (S-6). */
function enterFunction(ctx: Context, fn: Fn): Context {
  return { ...ctx, fn, recur: NOT_TAIL, depth: 0, defining: null };
}

/** The arities of a function, from what stands behind its name. */
function* analyzeArities(session: Session, parts: readonly Value[], ctx: Context, fn: Fn): Deep<FnArity[]> {
  const several = parts.length > 0 && parts.every((part) => part instanceof List && part.first instanceof Vector);
  const sources = several ? parts.map((part) => (part as List).toArray()) : [parts];
  const arities: FnArity[] = [];
  for (const source of sources) arities.push(yield* call(analyzeArity(session, source, ctx, fn)));
  const counts = new Set<number>();
  let variadic: FnArity | null = null;
  for (const arity of arities) {
    const count = arity.params.length;
    if (arity.rest !== null) {
      if (variadic !== null) session.fail("compile/bad-fn", "only one arity can have &", ctx);
      variadic = arity;
    } else if (counts.has(count)) session.fail("compile/bad-fn", `there are two arities with ${count} parameters`, ctx);
    else counts.add(count);
  }
  const most = variadic?.params.length ?? Number.POSITIVE_INFINITY;
  if ([...counts].some((count) => count > most)) {
    session.fail("compile/bad-fn", "an arity has more parameters than the one with &", ctx);
  }
  return arities;
}

function* analyzeArity(session: Session, source: readonly Value[], ctx: Context, fn: Fn): Deep<FnArity> {
  const [params, ...body] = source;
  if (!(params instanceof Vector)) {
    return session.fail("compile/bad-fn", "a function needs a vector of parameters", ctx, "write (fn [x y] ...)");
  }
  const { patterns, rest } = splitParameters(session, params, ctx);
  refuseDuplicates(session, [...patterns, ...(rest === undefined ? [] : [rest])], ctx);
  const binder = new Binder(session, ctx);
  const delayed: (() => Deep<void>)[] = [];
  const declare = (pattern: Value, gathered: boolean): Local => {
    if (pattern instanceof Sym) {
      const name = bindable(session, pattern, ctx);
      const local = new Local(name, fn);
      binder.ctx = withLocal(binder.ctx, local, name);
      return local;
    }
    const local = new Local(null, fn);
    const value: Node = { t: "local", local, place: ctx.place };
    delayed.push(() => (gathered ? binder.bindRest(pattern, value) : binder.bind(pattern, value)));
    return local;
  };
  const locals = patterns.map((pattern) => declare(pattern, false));
  const restLocal = rest === undefined ? null : declare(rest, true);
  const loop = new Loop(restLocal === null ? locals : [...locals, restLocal]);
  for (const bind of delayed) yield* call(bind());
  binder.ctx = { ...binder.ctx, recur: loop };
  const whole = yield* call(functionBody(session, params, body, binder.ctx));
  return { params: locals, rest: restLocal, loop, body: binder.wrap(whole) };
}

function splitParameters(
  session: Session,
  params: Vector,
  ctx: Context,
): { patterns: readonly Value[]; rest: Value | undefined } {
  const items = params.toArray();
  const at = items.findIndex((item) => item instanceof Sym && item.text === "&");
  if (at < 0) return { patterns: items, rest: undefined };
  if (at !== items.length - 2) {
    session.fail("compile/bad-fn", "exactly one parameter must follow &", ctx, "write [a b & more]", params);
  }
  return { patterns: items.slice(0, at), rest: items[at + 1] };
}

/** Two parameters of one name would hide one another; `_` says that a value is not wanted. */
function refuseDuplicates(session: Session, patterns: readonly Value[], ctx: Context): void {
  const seen = new Set<string>();
  for (const pattern of patterns) {
    if (!(pattern instanceof Sym) || pattern.name.startsWith("_")) continue;
    if (seen.has(pattern.text)) {
      const message = `two parameters are named ${pattern.text}`;
      session.fail("compile/duplicate-parameter", message, ctx, "rename one; _ is for those you do not need", pattern);
    }
    seen.add(pattern.text);
  }
}

/**
 * The body. A map in front of other forms, or the metadata of the parameters, holds conditions: `{:pre [...] :post [...]}`,
 * where `%` is the result.
 */
function functionBody(session: Session, params: Vector, body: readonly Value[], ctx: Context): Deep<Node> {
  const inFront = body[0] instanceof PMap && body.length > 1;
  const conditions = inFront ? body[0] : params.meta;
  if (!(conditions instanceof PMap)) return session.body(body, ctx);
  const pre = conditionForms(session, conditions, "pre", ctx);
  const post = conditionForms(session, conditions, "post", ctx);
  if (pre.length === 0 && post.length === 0) return session.body(body, ctx);
  const forms = inFront ? body.slice(1) : body;
  if (post.length === 0) return session.body([...pre, ...forms], ctx);
  const result = new Sym(null, "%");
  const whole = List.of(
    new Sym(null, "let"),
    Vector.from([result, List.from([new Sym(null, "do"), ...forms])]),
    ...post,
    result,
  );
  return session.body([...pre, whole], ctx);
}

function conditionForms(session: Session, conditions: PMap, name: string, ctx: Context): Value[] {
  const forms = conditions.get(Keyword.of(name), null);
  if (forms === null) return [];
  if (!(forms instanceof Vector)) {
    return session.fail("compile/bad-fn", `:${name} takes a vector of conditions`, ctx, null, conditions);
  }
  return forms.toArray().map((test) => List.of(Sym.parse("flow.core/assert"), test));
}

/** `(letfn [(name [params] body...)...] body...)`: functions that see each other. */
export function* analyzeLetfn(session: Session, form: List, ctx: Context): Deep<Node> {
  const [definitions, ...body] = argumentsOf(form);
  if (!(definitions instanceof Vector)) {
    return session.fail(
      "compile/bad-letfn",
      "letfn needs a vector of functions",
      ctx,
      "write (letfn [(f [x] ...)] ...)",
    );
  }
  const forms = definitions.toArray().map((definition) => {
    if (definition instanceof List && definition.count > 0 && definition.first instanceof Sym) return definition;
    return session.fail("compile/bad-letfn", "each function is written (name [params] ...)", ctx, null, definition);
  });
  if (forms.length === 0) return yield* call(session.body(body, ctx));
  let outside = ctx;
  const locals = forms.map((definition) => {
    const name = bindable(session, definition.first as Sym, ctx);
    const local = new Local(name, ctx.fn);
    outside = withLocal(outside, local, name);
    return local;
  });
  const captures = new Captures();
  const fns = forms.map((definition, member) => {
    const place = session.places.of(definition) ?? ctx.place;
    const fn = new Fn(ctx.fn, functionName(inner(ctx), definition.first as Sym), place, captures);
    fn.group = locals;
    fn.member = member;
    locals[member].fn = fn;
    return fn;
  });
  for (let i = 0; i < fns.length; i++) {
    const fn = fns[i];
    const inside = { ...enterFunction(outside, fn), place: fn.place };
    fn.arities = yield* call(analyzeArities(session, argumentsOf(forms[i]), inside, fn));
  }
  session.functions.push(...fns);
  return { t: "letfn", locals, fns, body: yield* call(session.body(body, outside)), place: ctx.place };
}
