// Random programs about control and scope, as nested arrays: everything that makes the compiler place slots, cells and blocks.
//
// All expressions are integers, so no program stops at an error it did not throw; loops and recursion are bounded. What is
// printed shows the order in which things happen.
import * as fc from "fast-check";

/** A form: a symbol, keyword or quoted string, an integer, a list, or a vector marked as such. */
export type Form = string | number | readonly Form[] | { readonly vector: readonly Form[] };

export const vector = (...items: readonly Form[]): Form => ({ vector: items });

/** The text of a form. */
export function textOf(form: Form): string {
  if (typeof form === "object" && "vector" in form) return `[${form.vector.map(textOf).join(" ")}]`;
  if (Array.isArray(form)) return `(${form.map(textOf).join(" ")})`;
  return String(form);
}

/** What an expression may refer to. */
interface Around {
  readonly depth: number;
  readonly names: readonly string[];
  readonly assignable: readonly string[];
  readonly labels: readonly string[];
  readonly functions: readonly { readonly name: string; readonly params: number }[];
  /** How to go round the loop this is in tail position of. */
  readonly again: ((value: Form) => Form) | null;
}

class Generator {
  private count = 0;
  constructor(private readonly pick: (below: number) => number) {}

  name(prefix: string): string {
    return `${prefix}${this.count++}`;
  }

  one<T>(items: readonly T[]): T {
    return items[this.pick(items.length)];
  }

  /** An expression in a position that is no tail. */
  value(around: Around): Form {
    return this.expression({ ...around, again: null, depth: around.depth - 1 });
  }

  /** An expression in the same position. */
  same(around: Around): Form {
    return this.expression({ ...around, depth: around.depth - 1 });
  }

  leaf(around: Around): Form {
    if (around.names.length > 0 && this.pick(4) > 0) return this.one(around.names);
    return this.pick(20) - 5;
  }

  expression(around: Around): Form {
    if (around.depth <= 0) return this.leaf(around);
    const kinds: ((at: Around) => Form)[] = [
      (at) => this.leaf(at),
      (at) => [this.one(["+", "-", "max"]), this.value(at), this.value(at)],
      (at) => ["+", this.value(at), this.value(at), this.value(at)],
      (at) => ["if", this.test(at), this.same(at), this.same(at)],
      (at) => ["do", ["print", `"${this.name("p")} "`], this.same(at)],
      (at) => ["do", this.value(at), this.same(at)],
      (at) => this.let(at),
      (at) => this.destructured(at),
      (at) => this.loop(at),
      (at) => this.locals(at),
      (at) => this.block(at),
      (at) => this.try(at),
      (at) => this.call(at),
      (at) => this.letfn(at),
      (at) => this.withFunction(at),
      (at) => this.bound(at),
    ];
    // What needs something around it is rarely possible: so it is likelier where it is.
    const often = (kind: (at: Around) => Form): number => kinds.push(kind, kind, kind, kind);
    const assign = (at: Around): Form => ["set-local!", this.one(at.assignable), this.value(at)];
    if (around.assignable.length > 0) often((at) => ["do", assign(at), this.same(at)]);
    if (around.assignable.length > 0) often(assign);
    if (around.labels.length > 0) often((at) => this.maybe(at, ["exit", this.one(at.labels), this.value(at)]));
    if (around.functions.length > 0) often((at) => this.useFunction(at));
    const { again } = around;
    if (again !== null) for (let i = 0; i < 3; i++) often((at) => again(this.value(at)));
    return this.one(kinds)(around);
  }

  test(around: Around): Form {
    const simple: Form = [this.one(["<", "="]), this.value(around), this.value(around)];
    switch (this.pick(5)) {
      case 0:
        return ["and", simple, [this.one(["<", "="]), this.value(around), this.value(around)]];
      case 1:
        return ["or", simple, ["nil?", this.value(around)]];
      case 2:
        return ["not", simple];
      default:
        return simple;
    }
  }

  /** The form only sometimes, so that what is behind it is not always dead. */
  maybe(around: Around, form: Form): Form {
    return ["if", this.test(around), form, this.value(around)];
  }

  /** Some names hide others, but no loop loses its counter. */
  let(around: Around): Form {
    const bindings: Form[] = [];
    let inside = around;
    for (let i = 0; i <= this.pick(3); i++) {
      const hidden = inside.names.filter((name) => !name.startsWith("i"));
      const name = this.pick(4) === 0 && hidden.length > 0 ? this.one(hidden) : this.name("v");
      bindings.push(name, this.value(inside));
      inside = shadowing(inside, name);
    }
    return ["let", vector(...bindings), this.same(inside)];
  }

  destructured(around: Around): Form {
    const [a, b, c] = [this.name("a"), this.name("b"), this.name("c")];
    const source = vector(this.value(around), this.value(around), this.value(around));
    const pattern = this.pick(2) === 0 ? vector(a, b, c) : vector(a, "&", vector(b, c));
    return ["let", vector(pattern, source), this.same({ ...around, names: [...around.names, a, b, c] })];
  }

  loop(around: Around): Form {
    const [i, x] = [this.name("i"), this.name("x")];
    const again = (value: Form): Form => ["recur", ["+", i, 1], value];
    const inside = { ...around, names: [...around.names, i, x], again, depth: around.depth - 1 };
    const body: Form = ["if", ["<", i, this.pick(4)], this.expression(inside), this.leaf(inside)];
    return ["loop", vector(i, 0, x, this.value(around)), body];
  }

  locals(around: Around): Form {
    const name = this.name("m");
    const inside = { ...around, names: [...around.names, name, name], assignable: [...around.assignable, name] };
    return ["locals", vector(name, this.value(around)), ["do", this.value(inside), this.same(inside)]];
  }

  block(around: Around): Form {
    const label = this.name("l");
    return ["block", label, this.same({ ...around, labels: [...around.labels, label] })];
  }

  try(around: Around): Form {
    const e = this.name("e");
    const thrown = this.maybe(around, ["throw", this.value(around)]);
    const body: Form = ["do", thrown, this.value(around)];
    const inside = { ...around, names: [...around.names, e] };
    const clause = (matcher: string): Form => ["catch", matcher, e, this.value(inside)];
    const cleanup: Form = ["finally", ["print", `"${this.name("f")} "`], this.value(around)];
    switch (this.pick(5)) {
      case 0:
        return ["try", body, clause("number?")];
      case 1:
        return ["try", body, clause(":never"), clause(":default")];
      case 2:
        return ["try", body, cleanup];
      case 3:
        return ["try", body, clause("string?"), clause("number?"), cleanup];
      default:
        return ["try", body, clause(":default"), cleanup];
    }
  }

  /** A function called on the spot. It captures what it mentions. */
  call(around: Around): Form {
    const params = [this.name("q"), this.name("q")];
    const inside = { ...around, names: [...around.names, ...params], again: null, depth: around.depth - 1 };
    return [["fn", vector(...params), this.expression(inside)], this.value(around), this.value(around)];
  }

  withFunction(around: Around): Form {
    const name = this.name("g");
    const params = Array.from({ length: this.pick(3) }, () => this.name("q"));
    const inside = { ...around, names: [...around.names, ...params], again: null, depth: around.depth - 1 };
    const fn: Form = ["fn", vector(...params), this.expression(inside)];
    const functions = [...around.functions, { name, params: params.length }];
    return ["let", vector(name, fn), this.same({ ...around, functions })];
  }

  useFunction(around: Around): Form {
    const { name, params } = this.one(around.functions);
    return [name, ...Array.from({ length: params }, () => this.value(around))];
  }

  /** Two functions that call each other, a bounded number of times. */
  letfn(around: Around): Form {
    const [f, g, n, a] = [this.name("f"), this.name("g"), this.name("n"), this.name("a")];
    const inside = { ...around, names: [...around.names, n, a], again: null, depth: around.depth - 2 };
    const body = (other: string): Form => {
      const rest: Form = [other, ["-", n, 1], this.expression(inside)];
      const deeper: Form = this.pick(2) === 0 ? rest : ["+", 1, rest];
      return ["if", ["<", n, 1], this.expression(inside), deeper];
    };
    const definitions = vector([f, vector(n, a), body(g)], [g, vector(n, a), body(f)]);
    return ["letfn", definitions, [f, this.pick(4), this.value(around)]];
  }

  bound(around: Around): Form {
    return ["binding", vector("*level*", this.value(around)), ["+", "*level*", this.value(around)]];
  }
}

/** A name bound again cannot be assigned any more: it is another local. */
function shadowing(around: Around, name: string): Around {
  const assignable = around.assignable.filter((other) => other !== name);
  return { ...around, names: [...around.names, name], assignable };
}

/** A random expression that is always an integer or throws one. */
export const randomForm: fc.Arbitrary<Form> = fc.gen().map((g) => {
  const generator = new Generator((below) => g(fc.nat, { max: below - 1 }));
  const depth = 2 + g(fc.nat, { max: 3 });
  return generator.expression({ depth, names: [], assignable: [], labels: [], functions: [], again: null });
});
