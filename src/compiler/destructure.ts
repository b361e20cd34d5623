// Destructuring: a pattern and a value to plain locals, as Clojure does it.
//
//   [a b & more :as all]                        by position; anything that `nth` or `seq` takes
//   {x :k, :keys [a n/b] :strs [c] :syms [d]    by key; also :ns/keys; `:or` gives what a missing key is,
//    :or {a 1} :as all}                         evaluated in the order of the pattern; a sequence is keys and values in turn
import { PMap } from "../data/map.ts";
import { Keyword, Sym, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { call, type Deep } from "./deep.ts";
import { type Context, type Session, withLocal } from "./session.ts";
import { Local, type Node } from "./tree.ts";

/** Collects the locals of a `let` in order; `ctx` has those bound so far in scope. */
export class Binder {
  readonly locals: Local[] = [];
  readonly inits: Node[] = [];
  constructor(
    readonly session: Session,
    public ctx: Context,
  ) {}

  /** Binds a pattern to the value of a node. */
  *bind(pattern: Value, init: Node): Deep<void> {
    this.session.descend(this.ctx);
    if (pattern instanceof Sym) this.named(pattern, init);
    else if (pattern instanceof Vector) yield* call(bindSequential(this, pattern, this.held(init)));
    else if (pattern instanceof PMap)
      yield* call(bindMap(this, pattern, this.held(this.session.core("as-map", [init], init.place))));
    else {
      const help = "bind a name, a [vector] of patterns or a {map} of patterns to keys";
      this.fail("this cannot be bound to a value", help, pattern);
    }
    this.session.ascend();
  }

  /** Binds the pattern behind `&` to a sequence: a map takes keyword arguments apart. */
  *bindRest(pattern: Value, sequence: Node): Deep<void> {
    if (!(pattern instanceof PMap)) return yield* call(this.bind(pattern, sequence));
    return yield* call(bindMap(this, pattern, this.held(keywordArguments(sequence))));
  }

  /** `source`: the form that names the local, where that is not the symbol itself; null: it need not be used. */
  named(symbol: Sym, init: Node, source: Value = symbol): void {
    const name = bindable(this.session, symbol, this.ctx);
    const local = new Local(name, this.ctx.fn);
    if (init.t === "fn") local.fn = init.fn;
    this.locals.push(local);
    this.inits.push(init);
    this.session.noteBinding(local, source, name);
    this.ctx = withLocal(this.ctx, local, name);
  }

  /** The body, analysed in the scope of all that was bound, inside its `let`. */
  wrap(body: Node): Node {
    if (this.locals.length === 0) return body;
    return { t: "let", locals: this.locals, inits: this.inits, body, place: body.place };
  }

  fail(message: string, help: string | null, at: Value): never {
    return this.session.fail("compile/bad-pattern", message, this.ctx, help, at);
  }

  /** A node that can be read again and again: a local, else a hidden one is bound to it. */
  private held(init: Node): Node {
    if (init.t === "local") return init;
    const local = new Local(null, this.ctx.fn);
    this.locals.push(local);
    this.inits.push(init);
    return { t: "local", local, place: init.place };
  }
}

/** The name a symbol binds; refuses qualified ones. */
export function bindable(session: Session, symbol: Sym, ctx: Context): string {
  if (symbol.ns === null && symbol.name !== "&") return symbol.name;
  const help =
    symbol.ns === null
      ? "& stands before the last name of a vector"
      : `write ${symbol.name}; in a syntax-quote, ${symbol.name}#`;
  return session.fail("compile/bad-pattern", `${symbol.text} cannot name a local`, ctx, help, symbol);
}

const AMPERSAND = (form: Value): boolean => form instanceof Sym && form.ns === null && form.name === "&";

function* bindSequential(b: Binder, pattern: Vector, value: Node): Deep<void> {
  const { session } = b;
  const { place } = value;
  const items = pattern.toArray();
  const nil: Node = { t: "const", value: null, place };
  const { patterns, rest, all } = parseSequential(b, items, pattern);
  if (all !== null) b.named(all, value);
  if (rest === undefined) {
    for (let i = 0; i < patterns.length; i++) {
      const index: Node = { t: "const", value: i, place };
      yield* call(b.bind(patterns[i], session.core("nth", [value, index, nil], place)));
    }
    return;
  }
  let sequence = hold(b, session.core("seq", [value], place));
  for (const item of patterns) {
    yield* call(b.bind(item, session.core("first", [sequence], place)));
    sequence = hold(b, session.core("next", [sequence], place));
  }
  yield* call(b.bindRest(rest, sequence));
}

interface Sequential {
  readonly patterns: readonly Value[];
  /** Undefined when there is no `&`. */
  readonly rest: Value | undefined;
  readonly all: Sym | null;
}

function parseSequential(b: Binder, items: readonly Value[], pattern: Vector): Sequential {
  const patterns: Value[] = [];
  let rest: Value | undefined;
  let all: Sym | null = null;
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (AMPERSAND(item)) {
      if (i + 1 >= items.length || rest !== undefined) b.fail("& needs one name or pattern behind it", null, pattern);
      rest = items[++i];
    } else if (item instanceof Keyword) {
      const name = items[++i];
      if (item.text !== "as" || !(name instanceof Sym)) b.fail("only :as and a name can stand here", null, pattern);
      all = name as Sym;
    } else if (rest !== undefined) b.fail("only :as may follow the pattern behind &", null, pattern);
    else patterns.push(item);
  }
  return { patterns, rest, all };
}

function hold(b: Binder, init: Node): Node {
  const local = new Local(null, b.ctx.fn);
  b.locals.push(local);
  b.inits.push(init);
  return { t: "local", local, place: init.place };
}

/** The map of trailing keyword arguments: `& {:keys [a]}` takes `:a 1` and a map alike. */
export function keywordArguments(sequence: Node): Node {
  const place = sequence.place;
  const head: Node = { t: "global", name: "flow.core/seq-to-map-for-destructuring", place };
  return { t: "call", head, args: [sequence], place };
}

const OPTIONS: Readonly<Record<string, (name: Sym | Keyword, ns: string | null) => Value>> = {
  keys: (name, ns) => Keyword.of(qualified(name, ns)),
  strs: (name) => name.name,
  syms: (name, ns) => Sym.parse(qualified(name, ns)),
};

function qualified(name: Sym | Keyword, ns: string | null): string {
  const space = name.ns ?? ns;
  return space === null ? name.name : `${space}/${name.name}`;
}

function* bindMap(b: Binder, pattern: PMap, value: Node): Deep<void> {
  const defaults = pattern.get(Keyword.of("or"), null);
  if (defaults !== null) checkDefaults(b, defaults, pattern);
  const all = pattern.get(Keyword.of("as"), null);
  if (all instanceof Sym) b.named(all, value);
  else if (all !== null) b.fail(":as takes a name", null, pattern);
  for (const [target, key] of pattern.entries()) {
    if (!(target instanceof Keyword)) {
      const name = target instanceof Sym ? target.name : null;
      const node = yield* call(b.session.value(key, b.ctx));
      yield* call(b.bind(target, yield* call(fetch(b, value, node, name, defaults))));
    } else if (target.text !== "or" && target.text !== "as") {
      yield* call(bindOption(b, target, key, value, defaults, pattern));
    }
  }
}

function checkDefaults(b: Binder, defaults: Value, pattern: PMap): void {
  if (!(defaults instanceof PMap))
    return b.fail(":or takes a map of names to values", "write :or {name value}", pattern);
  const strange = defaults.keys().find((name) => !(name instanceof Sym));
  if (strange === undefined) return;
  const help = strange instanceof Keyword ? `write :or {${strange.name} ...}` : null;
  b.fail(":or gives values for names that the pattern binds, without a colon", help, pattern);
}

function* bindOption(
  b: Binder,
  option: Keyword,
  names: Value,
  value: Node,
  defaults: Value,
  pattern: PMap,
): Deep<void> {
  const keyOf = Object.hasOwn(OPTIONS, option.name) ? OPTIONS[option.name] : undefined;
  if (keyOf === undefined) b.fail(`:${option.text} is no way to take a map apart`, optionHelp(option, names), pattern);
  if (!(names instanceof Vector)) b.fail(`:${option.text} takes a vector of names`, null, pattern);
  for (const name of (names as Vector).toArray()) {
    if (!(name instanceof Sym || name instanceof Keyword)) b.fail(`:${option.text} takes names`, null, pattern);
    const key: Node = { t: "const", value: keyOf!(name as Sym, option.ns), place: value.place };
    b.named(new Sym(null, (name as Sym).name), yield* call(fetch(b, value, key, (name as Sym).name, defaults)), name);
  }
}

/** `{:a a}` is `{a :a}` the wrong way round. */
function optionHelp(option: Keyword, target: Value): string {
  if (target instanceof Sym) return `the name comes first: {${target.text} :${option.text}}`;
  return "there are :keys :strs :syms :or :as";
}

/** The value at a key, or the default that `:or` gives for the name. */
function* fetch(b: Binder, value: Node, key: Node, name: string | null, defaults: Value): Deep<Node> {
  const { session } = b;
  const symbol = name === null ? null : new Sym(null, name);
  if (symbol === null || !(defaults instanceof PMap) || !defaults.has(symbol)) {
    return session.core("get", [value, key], value.place);
  }
  const otherwise = yield* call(session.value(defaults.get(symbol, null), b.ctx));
  return session.core("get", [value, key, otherwise], value.place);
}
