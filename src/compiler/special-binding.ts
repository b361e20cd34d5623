// Analysis of what binds locals: let, loop and recur, locals and set-local!.
import type { List } from "../data/list.ts";
import { Sym, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { call, type Deep } from "./deep.ts";
import { Binder, bindable } from "./destructure.ts";
import { argumentsOf, type Context, findLocal, NOT_TAIL, type Session, useLocal, withLocal } from "./session.ts";
import { Local, Loop, type Node } from "./tree.ts";

/** The pairs of a binding vector. */
export function bindingPairs(session: Session, name: string, bindings: Value, ctx: Context): [Value, Value][] {
  if (!(bindings instanceof Vector)) {
    return session.fail(
      "compile/bad-binding",
      `${name} needs a vector of names and values`,
      ctx,
      `write (${name} [x 1] ...)`,
    );
  }
  const items = bindings.toArray();
  if (items.length % 2 !== 0) {
    const message = `${name} has a name without a value: its vector has ${items.length === 1 ? "1 form" : `${items.length} forms`}`;
    session.fail("compile/bad-binding", message, ctx, "names and values come in pairs", bindings);
  }
  const pairs: [Value, Value][] = [];
  for (let i = 0; i < items.length; i += 2) pairs.push([items[i], items[i + 1]]);
  return pairs;
}

/** `(let [pattern value ...] body...)` */
export function* analyzeLet(session: Session, form: List, ctx: Context): Deep<Node> {
  const [bindings, ...body] = argumentsOf(form);
  const binder = new Binder(session, ctx);
  for (const [pattern, value] of bindingPairs(session, "let", bindings, ctx)) {
    yield* call(binder.bind(pattern, yield* call(session.value(value, binder.ctx))));
  }
  return binder.wrap(yield* call(session.body(body, binder.ctx)));
}

/** `(loop [pattern value ...] body...)`; patterns are taken apart anew in each round. */
export function* analyzeLoop(session: Session, form: List, ctx: Context): Deep<Node> {
  const [bindings, ...body] = argumentsOf(form);
  const pairs = bindingPairs(session, "loop", bindings, ctx);
  if (pairs.every(([pattern]) => pattern instanceof Sym)) {
    return yield* call(plainLoop(session, pairs as [Sym, Value][], body, ctx));
  }
  const { place } = ctx;
  const read = (local: Local): Node => ({ t: "local", local, place });
  // The values see what the patterns before them bind, so these are bound outside the loop as well.
  const outside = new Binder(session, ctx);
  const inits: Node[] = [];
  for (const [pattern, value] of pairs) {
    const start = new Local(pattern instanceof Sym ? bindable(session, pattern, ctx) : null, ctx.fn);
    outside.inits.push(yield* call(session.value(value, outside.ctx)));
    outside.locals.push(start);
    if (pattern instanceof Sym) outside.ctx = withLocal(outside.ctx, start, pattern.name);
    else yield* call(outside.bind(pattern, read(start)));
    inits.push(read(start));
  }
  const locals = pairs.map(([pattern]) => new Local(pattern instanceof Sym ? pattern.name : null, ctx.fn));
  const loop = new Loop(locals);
  const inside = new Binder(session, { ...outside.ctx, recur: loop });
  for (let i = 0; i < pairs.length; i++) {
    const [pattern] = pairs[i];
    if (pattern instanceof Sym) inside.ctx = withLocal(inside.ctx, locals[i], pattern.name);
    else yield* call(inside.bind(pattern, read(locals[i])));
  }
  const whole = inside.wrap(yield* call(session.body(body, inside.ctx)));
  return outside.wrap({ t: "loop", locals, inits, body: whole, loop, place });
}

function* plainLoop(
  session: Session,
  pairs: readonly [Sym, Value][],
  body: readonly Value[],
  ctx: Context,
): Deep<Node> {
  let inside = ctx;
  const inits: Node[] = [];
  const locals: Local[] = [];
  for (const [symbol, value] of pairs) {
    inits.push(yield* call(session.value(value, inside)));
    const name = bindable(session, symbol, ctx);
    const local = new Local(name, ctx.fn);
    session.noteBinding(local, symbol, name);
    inside = withLocal(inside, local, name);
    locals.push(local);
  }
  const loop = new Loop(locals);
  const whole = yield* call(session.body(body, { ...inside, recur: loop }));
  return { t: "loop", locals, inits, body: whole, loop, place: ctx.place };
}

/** `(recur value...)` */
export function* analyzeRecur(session: Session, form: List, ctx: Context): Deep<Node> {
  const loop = ctx.recur;
  if (typeof loop === "string") {
    const help = loop === NOT_TAIL ? "where its value is still needed, call the function by its name" : null;
    return session.fail("compile/bad-recur", loop, ctx, help);
  }
  const args = argumentsOf(form);
  if (args.length !== loop.locals.length) {
    const message = `recur gives ${args.length} ${args.length === 1 ? "value" : "values"}, but its loop or function has ${loop.locals.length}`;
    return session.fail("compile/bad-recur", message, ctx, "give one value for each of its names");
  }
  loop.used = true;
  return { t: "recur", loop, args: yield* call(session.values(args, ctx)), place: ctx.place };
}

/** `(locals [name value ...] body...)`: locals that `set-local!` can assign (S-6). */
export function* analyzeLocals(session: Session, form: List, ctx: Context): Deep<Node> {
  const [bindings, ...body] = argumentsOf(form);
  let inside = ctx;
  const inits: Node[] = [];
  const locals: Local[] = [];
  for (const [symbol, value] of bindingPairs(session, "locals", bindings, ctx)) {
    if (!(symbol instanceof Sym)) {
      return session.fail("compile/bad-pattern", "locals binds plain names only", ctx, null, symbol);
    }
    inits.push(yield* call(session.value(value, inside)));
    const name = bindable(session, symbol, ctx);
    const local = new Local(name, ctx.fn, true);
    inside = withLocal(inside, local, name);
    locals.push(local);
  }
  return { t: "let", locals, inits, body: yield* call(session.body(body, inside)), place: ctx.place };
}

/** `(set-local! name value)` */
export function* analyzeSetLocal(session: Session, form: List, ctx: Context): Deep<Node> {
  const args = argumentsOf(form);
  const [symbol, value] = args;
  const local = symbol instanceof Sym && symbol.ns === null ? findLocal(ctx, symbol.name) : null;
  if (args.length !== 2 || local === null || !local.assignable) {
    const help = "only a name that an enclosing (locals [...] ...) introduces can be assigned";
    return session.fail("compile/bad-assignment", "set-local! takes a name of locals and a value", ctx, help, symbol);
  }
  local.assigned = true;
  useLocal(local, ctx.fn);
  return { t: "assign", local, value: yield* call(session.value(value, ctx)), place: ctx.place };
}
