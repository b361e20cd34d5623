// Analysis of control: if, do, quote, try and throw, block and exit, dynamic binding, scopes.
import { List } from "../data/list.ts";
import { Keyword, Sym, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { notData } from "./constant.ts";
import { call, type Deep, done } from "./deep.ts";
import { Binder } from "./destructure.ts";
import { resolveGlobal } from "./resolve.ts";
import { argumentsOf, type Context, isForm, type Labels, newLabel, type Session, useLocal } from "./session.ts";
import { bindingPairs } from "./special-binding.ts";
import { Local, type Node } from "./tree.ts";
import { CORE } from "./vocabulary.ts";

/** `(if test then else?)` */
export function* analyzeIf(session: Session, form: List, ctx: Context): Deep<Node> {
  const args = argumentsOf(form);
  if (args.length < 2 || args.length > 3) {
    const message = `if takes a test, a form for true and perhaps one for false, but has ${args.length} forms`;
    session.fail("compile/bad-form", message, ctx, "put several forms into (do ...)");
  }
  const [test, then, otherwise = null] = args;
  const node = yield* call(session.value(test, ctx));
  if (node.t === "const") {
    const holds = node.value !== null && node.value !== false;
    session.remarkDead(holds ? otherwise : then, `the test before it ${holds ? "always" : "never"} holds`);
  }
  return {
    t: "if",
    test: node,
    whenTrue: yield* call(session.analyze(then, ctx)),
    whenFalse: yield* call(session.analyze(otherwise, ctx)),
    place: ctx.place,
  };
}

export function analyzeDo(session: Session, form: List, ctx: Context): Deep<Node> {
  return session.body(argumentsOf(form), ctx);
}

export function analyzeQuote(session: Session, form: List, ctx: Context): Deep<Node> {
  const [given] = exactly(session, form, 1, "(quote form)", ctx);
  const value = notData(given) === undefined ? given : session.env.realise(given);
  if (notData(value) !== undefined) {
    session.fail("compile/not-a-form", "a function, a cell or a lazy sequence cannot be a constant", ctx);
  }
  return done({ t: "const", value, place: ctx.place });
}

/** The arguments of a special form that takes a fixed number. */
function exactly(session: Session, form: List, count: number, shape: string, ctx: Context): Value[] {
  const args = argumentsOf(form);
  if (args.length === count) return args;
  const name = (form.first as Sym).name;
  return session.fail(
    "compile/bad-form",
    `${name} takes ${count} forms, but has ${args.length}`,
    ctx,
    `write ${shape}`,
  );
}

export function* analyzeThrow(session: Session, form: List, ctx: Context): Deep<Node> {
  const [value] = exactly(session, form, 1, "(throw error)", ctx);
  return { t: "throw", value: yield* call(session.value(value, ctx)), place: ctx.place };
}

/** A body behind a marker: nothing in it is in tail position of what is around. */
function enclosed(ctx: Context, what: string): Context {
  const recur = typeof ctx.recur === "string" ? ctx.recur : `recur cannot leave ${what}; exit a block instead`;
  return { ...ctx, recur, depth: ctx.depth + 1, defining: null };
}

/** `(try body... (catch matcher name body...)... (finally body...))` */
export function* analyzeTry(session: Session, form: List, ctx: Context): Deep<Node> {
  const forms = argumentsOf(form);
  const first = forms.findIndex((part) => isForm(part, "catch") || isForm(part, "finally"));
  if (first < 0) return yield* call(session.body(forms, ctx));
  const clauses = forms.slice(first);
  const last = clauses[clauses.length - 1];
  const cleanup = isForm(last, "finally") ? last : null;
  const catches = cleanup === null ? clauses : clauses.slice(0, -1);
  for (const clause of catches) {
    if (isForm(clause, "catch")) continue;
    const message = isForm(clause, "finally")
      ? "finally comes last, and once"
      : "only catch and finally may follow a catch";
    session.fail("compile/bad-try", message, ctx, null, clause);
  }
  const outside = cleanup === null ? ctx : enclosed(ctx, "a try with finally");
  const body = yield* call(
    session.body(forms.slice(0, first), catches.length > 0 ? enclosed(outside, "a try") : outside),
  );
  const handler = catches.length === 0 ? null : yield* call(analyzeCatches(session, catches as List[], outside));
  const rest =
    cleanup === null
      ? null
      : yield* call(
          session.body(argumentsOf(cleanup), enclosed({ ...ctx, recur: "recur cannot leave finally" }, "finally")),
        );
  return { t: "try", body, handler, cleanup: rest, place: ctx.place };
}

type Handler = NonNullable<Extract<Node, { t: "try" }>["handler"]>;

/** The clauses as one: a filter asked at the throw (S-22), and code that branches on the filter's answer. */
function* analyzeCatches(session: Session, clauses: readonly List[], ctx: Context): Deep<Handler> {
  const parsed = clauses.map((clause) => {
    const [matcher, name, ...body] = argumentsOf(clause);
    if (clause.count >= 3 && (name instanceof Sym || !isPlainData(name))) {
      if (!canMatch(matcher)) {
        const help = "catch by type, such as :type, by a predicate, or all by :default";
        session.fail("compile/bad-try", "what catch takes is no type and no predicate", ctx, help, clause);
      }
      return { matcher, name, body, place: session.places.of(clause) ?? ctx.place };
    }
    const help = "write (catch :type e ...), (catch :default e ...) or (catch predicate e ...)";
    return session.fail("compile/bad-try", "catch needs what it takes and a name for the error", ctx, help, clause);
  });
  const taken = parsed.findIndex(({ matcher }) => isDefault(matcher));
  const used = taken < 0 ? parsed : parsed.slice(0, taken + 1);
  if (used.length < parsed.length)
    session.warn(
      "compile/unreachable-catch",
      "this catch is never reached: :default before it takes everything",
      parsed[taken + 1].place,
    );
  const place = ctx.place;
  const thrown = new Local(null, ctx.fn);
  const vector: Node = { t: "local", local: thrown, place };
  const part = (index: number): Node => session.core("nth", [vector, { t: "const", value: index, place }], place);
  const bodies: Node[] = [];
  for (const { name, body, place: at } of used) {
    const binder = new Binder(session, { ...ctx, place: at });
    // A catch must name the error, so that nobody uses it is no news.
    if (name instanceof Sym) binder.named(name, part(1), null);
    else yield* call(binder.bind(name, part(1)));
    bodies.push(binder.wrap(yield* call(session.body(body, binder.ctx))));
  }
  // The last clause needs no test: the filter answers nil where none takes the error.
  const clause = bodies.reduceRight((otherwise, then, index): Node => {
    const test = session.core("identical?", [part(0), { t: "const", value: index, place }], place);
    return { t: "if", test, whenTrue: then, whenFalse: otherwise, place };
  });
  return { filter: yield* call(session.value(filterOf(session, used), ctx)), thrown, clause };
}

function isDefault(matcher: Value): boolean {
  return matcher instanceof Keyword && matcher.text === "default";
}

/** Can this be a type or give a predicate? */
function canMatch(matcher: Value): boolean {
  return matcher instanceof Keyword || matcher instanceof Sym || matcher instanceof List;
}

function isPlainData(form: Value): boolean {
  return (
    !(form instanceof Vector) &&
    (form === null || typeof form !== "object" || form instanceof Keyword || form instanceof List)
  );
}

/** The form `(fn [e] (if (catch-matches? m0 e) 0 ...))`, or nil when the first clause takes everything. */
function filterOf(session: Session, clauses: readonly { readonly matcher: Value }[]): Value {
  if (isDefault(clauses[0].matcher)) return null;
  const error = session.gensym("error");
  const [fn, test] = [new Sym(null, "fn"), new Sym(null, "if")];
  const matches = Sym.parse(`${CORE}/catch-matches?`);
  const choice = clauses.reduceRight<Value>(
    (otherwise, { matcher }, i) =>
      isDefault(matcher) ? i : List.of(test, List.of(matches, matcher, error), i, otherwise),
    null,
  );
  return List.of(fn, Vector.from([error]), choice);
}

/** `(block label body...)` */
export function* analyzeBlock(session: Session, form: List, ctx: Context): Deep<Node> {
  const [name, ...body] = argumentsOf(form);
  if (!(name instanceof Sym)) {
    return session.fail(
      "compile/bad-form",
      "block needs a label",
      ctx,
      "write (block label ...) and (exit label value)",
    );
  }
  const label = newLabel(name.text, ctx);
  const inside = { ...ctx, labels: { label, outer: ctx.labels } };
  return { t: "block", label, body: yield* call(session.body(body, inside)), place: ctx.place };
}

/** `(exit label value?)`: a jump if it stays in the function and crosses no marker (S-6). */
export function* analyzeExit(session: Session, form: List, ctx: Context): Deep<Node> {
  const [name, value = null] = argumentsOf(form);
  if (!(name instanceof Sym) || form.count > 3) {
    return session.fail("compile/bad-form", "exit takes a label and perhaps a value", ctx, "write (exit label value)");
  }
  let labels: Labels | null = ctx.labels;
  while (labels !== null && labels.label.name !== name.text) labels = labels.outer;
  if (labels === null) {
    const help = `wrap what it leaves in (block ${name.text} ...)`;
    return session.fail("compile/bad-exit", `there is no block ${name.text} around this exit`, ctx, help, name);
  }
  const { label } = labels;
  const jump = label.owner === ctx.fn && label.depth === ctx.depth;
  label.used = true;
  if (!jump) {
    label.marker = true;
    useLocal(label.id, ctx.fn);
  }
  return { t: "exit", label, jump, value: yield* call(session.value(value, ctx)), place: ctx.place };
}

/** `(binding [*name* value ...] body...)` */
export function* analyzeBinding(session: Session, form: List, ctx: Context): Deep<Node> {
  const [bindings, ...body] = argumentsOf(form);
  const pairs = bindingPairs(session, "binding", bindings, ctx);
  const vars = pairs.map(([symbol]) => dynamicVar(session, symbol, ctx));
  const values = yield* call(
    session.values(
      pairs.map(([, value]) => value),
      ctx,
    ),
  );
  const inside = enclosed(ctx, "binding");
  if (vars.length === 0) return yield* call(session.body(body, ctx));
  return { t: "binding", vars, values, body: yield* call(session.body(body, inside)), place: ctx.place };
}

function dynamicVar(session: Session, symbol: Value, ctx: Context): string {
  if (!(symbol instanceof Sym)) {
    return session.fail("compile/bad-binding", "binding takes names of dynamic vars", ctx, null, symbol);
  }
  const { name, info } = resolveGlobal(session, symbol, ctx);
  if (info.dynamic === false) {
    const help = `define it with (def ^:dynamic ${symbol.name} ...), or use let for a local name`;
    session.fail("compile/not-dynamic", `${name} is not dynamic and cannot be bound`, ctx, help, symbol);
  }
  return name;
}

/** `(set! *name* value)`: assigns the nearest dynamic binding. */
export function* analyzeSet(session: Session, form: List, ctx: Context): Deep<Node> {
  const [symbol, value] = exactly(session, form, 2, "(set! *name* value)", ctx);
  const { place } = ctx;
  const target: Node = { t: "var", name: dynamicVar(session, symbol, ctx), place };
  return session.core("set-binding!", [target, yield* call(session.value(value, ctx))], place);
}

/** `(with-scope* data body...)` */
export function* analyzeScope(session: Session, form: List, ctx: Context): Deep<Node> {
  const [data, ...body] = argumentsOf(form);
  if (data === undefined) session.fail("compile/bad-form", "with-scope* needs a map", ctx);
  const inside = enclosed(ctx, "a scope");
  const node = yield* call(session.value(data, ctx));
  return { t: "scope", data: node, body: yield* call(session.body(body, inside)), place: ctx.place };
}
