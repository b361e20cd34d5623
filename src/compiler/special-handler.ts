// Analysis of perform, handle and prompts: effects and delimited continuations.
import type { List } from "../data/list.ts";
import { Sym, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { qualify } from "./resolve.ts";
import { argumentsOf, type Context, findLocal, type Session } from "./session.ts";
import type { Node } from "./tree.ts";

/** An operation written as a name is resolved as one, so that two namespaces mean the same by it; else it is computed. */
function operation(session: Session, form: Value, ctx: Context): Node {
  if (form instanceof Sym && !(form.ns === null && findLocal(ctx, form.name) !== null)) {
    return { t: "const", value: qualify(session, form), place: ctx.place };
  }
  return session.value(form, ctx);
}

/** `(perform operation argument...)` */
export function analyzePerform(session: Session, form: List, ctx: Context): Node {
  const [op, ...args] = argumentsOf(form);
  if (op === undefined)
    session.fail("compile/bad-form", "perform needs an operation", ctx, "write (perform name value ...)");
  return { t: "perform", op: operation(session, op, ctx), args: session.values(args, ctx), place: ctx.place };
}

/** A body in a segment of its own: it ends in return, so what is in its tail position is called properly. */
function segment(ctx: Context, what: string): Context {
  return { ...ctx, recur: `recur cannot leave ${what}; exit a block instead`, depth: ctx.depth + 1, defining: null };
}

/** `(handle body... [operation (fn [args k] ...)]...)` */
export function analyzeHandle(session: Session, form: List, ctx: Context): Node {
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
  const fns = clauses.map((clause) => session.value(clause.get(1), ctx));
  return { t: "handle", ops, fns, body: session.body(forms.slice(0, first), segment(ctx, "handle")), place: ctx.place };
}

function isClause(form: Value): boolean {
  return form instanceof Vector && form.count === 2 && form.get(0) instanceof Sym;
}

/** `(prompt* tag body...)` */
export function analyzePrompt(session: Session, form: List, ctx: Context): Node {
  const [tag, ...body] = argumentsOf(form);
  if (tag === undefined) session.fail("compile/bad-form", "prompt* needs a tag", ctx);
  return {
    t: "prompt",
    tag: session.value(tag, ctx),
    body: session.body(body, segment(ctx, "a prompt")),
    place: ctx.place,
  };
}
