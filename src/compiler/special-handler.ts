// Analysis of perform, handle and prompts: effects and delimited continuations.
import type { List } from "../data/list.ts";
import { Sym, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { call, type Deep } from "./deep.ts";
import { qualify } from "./resolve.ts";
import { argumentsOf, type Context, findLocal, type Session } from "./session.ts";
import type { Node } from "./tree.ts";

/** An operation written as a name is resolved as one, so that two namespaces mean the same by it; else it is computed. */
function* operation(session: Session, form: Value, ctx: Context): Deep<Node> {
  if (form instanceof Sym && !(form.ns === null && findLocal(ctx, form.name) !== null)) {
    return { t: "const", value: qualify(session, form), place: ctx.place };
  }
  return yield* call(session.value(form, ctx));
}

/** `(perform operation argument...)` */
export function* analyzePerform(session: Session, form: List, ctx: Context): Deep<Node> {
  const [op, ...args] = argumentsOf(form);
  if (op === undefined)
    session.fail("compile/bad-form", "perform needs an operation", ctx, "write (perform name value ...)");
  const node = yield* call(operation(session, op, ctx));
  return { t: "perform", op: node, args: yield* call(session.values(args, ctx)), place: ctx.place };
}

/** A body in a segment of its own: it ends in return, so what is in its tail position is called properly. */
function segment(ctx: Context, what: string): Context {
  return { ...ctx, recur: `recur cannot leave ${what}; exit a block instead`, depth: ctx.depth + 1, defining: null };
}

/** `(handle body... [operation (fn [args k] ...)]...)` */
export function* analyzeHandle(session: Session, form: List, ctx: Context): Deep<Node> {
  const forms = argumentsOf(form);
  let first = forms.length;
  while (first > 0 && isClause(forms[first - 1])) first--;
  const clauses = forms.slice(first) as Vector[];
  if (clauses.length === 0) {
    const help = "write (handle body... [operation (fn [args k] ...)])";
    session.fail("compile/bad-handle", "handle needs clauses behind its body", ctx, help);
  }
  const ops = clauses.map((clause) => qualify(session, clause.get(0) as Sym));
  const seen = new Set<string>();
  clauses.forEach((clause, i) => {
    if (seen.has(ops[i].text)) session.fail("compile/bad-handle", `${ops[i].text} has two clauses`, ctx, null, clause);
    seen.add(ops[i].text);
  });
  const fns = yield* call(
    session.values(
      clauses.map((clause) => clause.get(1)),
      ctx,
    ),
  );
  const body = yield* call(session.body(forms.slice(0, first), segment(ctx, "handle")));
  return { t: "handle", ops, fns, body, place: ctx.place };
}

function isClause(form: Value): boolean {
  return form instanceof Vector && form.count === 2 && form.get(0) instanceof Sym;
}

/** `(prompt* tag body...)` */
export function* analyzePrompt(session: Session, form: List, ctx: Context): Deep<Node> {
  const [tag, ...body] = argumentsOf(form);
  if (tag === undefined) session.fail("compile/bad-form", "prompt* needs a tag", ctx);
  return {
    t: "prompt",
    tag: yield* call(session.value(tag, ctx)),
    body: yield* call(session.body(body, segment(ctx, "a prompt"))),
    place: ctx.place,
  };
}
