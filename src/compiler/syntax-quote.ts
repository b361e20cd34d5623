// Syntax-quote: a template to the form that builds it. Symbols mean what they mean where the macro is written.
import { List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { RecordValue } from "../data/record.ts";
import { PSet } from "../data/set.ts";
import { Obj, Sym, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { call, type Deep } from "./deep.ts";
import { qualify } from "./resolve.ts";
import { type Context, isForm, type Session } from "./session.ts";
import { HARD_FORMS, PLAIN_NAMES } from "./words.ts";

/** The template of one syntax-quote; `x#` is one fresh name throughout. */
class Template {
  private readonly fresh = new Map<string, Sym>();
  constructor(
    readonly session: Session,
    readonly ctx: Context,
  ) {}

  /** The form that builds `form`. */
  *build(form: Value): Deep<Value> {
    this.session.descend(this.ctx);
    const built = yield* call(this.buildForm(form));
    this.session.ascend();
    return built;
  }

  private *buildForm(form: Value): Deep<Value> {
    if (!(form instanceof Obj)) return form;
    if (form instanceof Sym) return quote(this.symbol(form));
    if (isForm(form, "unquote")) return this.only(form);
    if (isForm(form, "unquote-splicing")) {
      const message = "~@ needs a list or another collection around it";
      return this.session.fail("compile/bad-template", message, this.ctx, null, form);
    }
    if (isForm(form, "syntax-quote")) {
      const inside = new Template(this.session, this.ctx);
      return yield* call(this.build(yield* call(inside.build(this.only(form)))));
    }
    if (form instanceof List) return form.count === 0 ? form : yield* call(this.items(form.toArray(), "list"));
    if (form instanceof Vector) return yield* call(this.items(form.toArray(), "vector"));
    if (form instanceof RecordValue) return quote(form);
    if (form instanceof PMap) return yield* call(this.items([...form.entries()].flat(), "hash-map"));
    if (form instanceof PSet) return yield* call(this.items([...form.values()], "hash-set"));
    return form;
  }

  private only(form: List): Value {
    if (form.count === 2) return form.rest.first;
    return this.session.fail("compile/bad-template", "an unquote takes one form", this.ctx, null, form);
  }

  /** Calls the function that makes such a collection with what is built of the items. */
  private *items(items: readonly Value[], maker: string): Deep<Value> {
    const parts: Value[] = [];
    let run: Value[] = [];
    for (const item of items) {
      if (isForm(item, "unquote-splicing")) {
        if (run.length > 0) parts.push(List.from([core("list"), ...run]));
        run = [];
        parts.push(this.only(item));
      } else run.push(yield* call(this.build(item)));
    }
    if (parts.length === 0) return List.from([core(maker), ...run]);
    if (run.length > 0) parts.push(List.from([core("list"), ...run]));
    return List.of(core("apply"), core(maker), List.from([core("concat"), ...parts]));
  }

  private symbol(symbol: Sym): Sym {
    const { ns, name } = symbol;
    if (ns === null && name.endsWith("#") && name.length > 1) return this.freshName(name);
    if (ns === null && (HARD_FORMS.has(name) || PLAIN_NAMES.has(name) || name.startsWith("%"))) return symbol;
    return qualify(this.session, symbol);
  }

  private freshName(name: string): Sym {
    let fresh = this.fresh.get(name);
    if (fresh === undefined) {
      fresh = this.session.gensym(name.slice(0, -1));
      this.fresh.set(name, fresh);
    }
    return fresh;
  }
}

/** The form that a syntax-quoted form stands for. */
export function expandSyntaxQuote(session: Session, form: List, ctx: Context): Deep<Value> {
  if (form.count !== 2) session.fail("compile/bad-template", "syntax-quote takes one form", ctx);
  return new Template(session, ctx).build(form.rest.first);
}

function core(name: string): Sym {
  return new Sym("flow.core", name);
}

function quote(form: Value): List {
  return List.of(new Sym(null, "quote"), form);
}
