// What the language means, as a plain recursive walk over forms with boxes for variables: no blocks, slots, cells or markers.
// The compiler is held to agree with it.
import type { Form } from "./random-forms.ts";

interface Box {
  value: Result;
}

type Fn = (args: readonly Result[]) => Result;
type Result = number | boolean | null | Fn | readonly Result[];

class Thrown {
  constructor(readonly value: Result) {}
}
class Exited {
  constructor(
    readonly label: Box,
    readonly value: Result,
  ) {}
}
class Again {
  constructor(readonly values: readonly Result[]) {}
}

class Scope {
  private readonly boxes = new Map<string, Box>();
  constructor(private readonly outer: Scope | null) {}

  bind(name: string, value: Result): Scope {
    const inner = new Scope(this);
    inner.boxes.set(name, { value });
    return inner;
  }

  box(name: string): Box {
    return this.boxes.get(name) ?? this.outer!.box(name);
  }
}

const PRIMITIVES: Readonly<Record<string, (...args: number[]) => Result>> = {
  "+": (...args) => args.reduce((a, b) => a + b),
  "-": (a, b) => a - b,
  max: (a, b) => Math.max(a, b),
  "<": (a, b) => a < b,
  "=": (a, b) => a === b,
  "nil?": (a) => (a as Result) === null,
  not: (a) => !truth(a),
};

const truth = (value: Result): boolean => value !== null && value !== false;

/** Thrown when a form takes longer than a test should. */
export class TooLong {}

const STEPS_MAX = 30_000;

/** What a form came to, and what it printed. */
export interface Meaning {
  readonly result: string;
  readonly output: string;
}

/** Runs a form; what it throws is its result. */
export function interpret(form: Form): Meaning {
  const run = new Run();
  try {
    return { result: String(run.eval(form, new Scope(null))), output: run.output };
  } catch (error) {
    if (!(error instanceof Thrown)) throw error;
    return { result: `thrown ${String(error.value)}`, output: run.output };
  }
}

class Run {
  output = "";
  private level: Result = 0;
  private steps = 0;

  eval(form: Form, scope: Scope): Result {
    if (++this.steps > STEPS_MAX) throw new TooLong();
    if (typeof form === "number") return form;
    if (typeof form === "string") return form === "*level*" ? this.level : scope.box(form).value;
    if ("vector" in form) return form.vector.map((item) => this.eval(item, scope));
    const [head, ...args] = form as readonly Form[];
    const special = typeof head === "string" ? this.special(head, args, scope) : undefined;
    if (special !== undefined) return special;
    const f = this.eval(head, scope) as Fn;
    return f(args.map((arg) => this.eval(arg, scope)));
  }

  private body(forms: readonly Form[], scope: Scope): Result {
    let value: Result = null;
    for (const form of forms) value = this.eval(form, scope);
    return value;
  }

  private special(head: string, args: readonly Form[], scope: Scope): Result | undefined {
    if (Object.hasOwn(PRIMITIVES, head)) {
      return PRIMITIVES[head](...args.map((arg) => this.eval(arg, scope) as number));
    }
    const [first, second, third] = args;
    switch (head) {
      case "print":
        this.output += (first as string).slice(1, -1);
        return null;
      case "do":
        return this.body(args, scope);
      case "if":
        return this.eval(truth(this.eval(first, scope)) ? second : third, scope);
      case "and": {
        const value = this.eval(first, scope);
        return truth(value) ? this.eval(second, scope) : value;
      }
      case "or": {
        const value = this.eval(first, scope);
        return truth(value) ? value : this.eval(second, scope);
      }
      case "let":
      case "locals":
        return this.body(args.slice(1), this.bind(items(first), scope));
      case "set-local!": {
        const value = this.eval(second, scope);
        scope.box(first as string).value = value;
        return value;
      }
      case "loop":
        return this.loop(items(first), args.slice(1), scope);
      case "recur":
        throw new Again(args.map((arg) => this.eval(arg, scope)));
      case "fn":
        return this.fn(items(first) as string[], args.slice(1), () => scope);
      case "letfn":
        return this.letfn(items(first) as readonly (readonly Form[])[], args.slice(1), scope);
      case "block":
        return this.block(first as string, args.slice(1), scope);
      case "exit":
        throw new Exited(scope.box(`label ${first as string}`), this.eval(second, scope));
      case "throw":
        throw new Thrown(this.eval(first, scope));
      case "try":
        return this.try(args, scope);
      case "binding":
        return this.binding(items(first), args.slice(1), scope);
      default:
        return undefined;
    }
  }

  private bind(bindings: readonly Form[], scope: Scope): Scope {
    let inner = scope;
    for (let i = 0; i < bindings.length; i += 2) {
      inner = this.destructure(bindings[i], this.eval(bindings[i + 1], inner), inner);
    }
    return inner;
  }

  private destructure(pattern: Form, value: Result, scope: Scope): Scope {
    if (typeof pattern === "string") return scope.bind(pattern, value);
    const patterns = items(pattern);
    const values = value as readonly Result[];
    let inner = scope;
    for (let i = 0; i < patterns.length; i++) {
      if (patterns[i] === "&") return this.destructure(patterns[i + 1], values.slice(i), inner);
      inner = this.destructure(patterns[i], values[i] ?? null, inner);
    }
    return inner;
  }

  private loop(bindings: readonly Form[], body: readonly Form[], scope: Scope): Result {
    const names = bindings.filter((_, i) => i % 2 === 0) as string[];
    let inner = this.bind(bindings, scope);
    for (;;) {
      try {
        return this.body(body, inner);
      } catch (error) {
        if (!(error instanceof Again)) throw error;
        inner = names.reduce((at, name, i) => at.bind(name, error.values[i]), scope);
      }
    }
  }

  private fn(params: readonly string[], body: readonly Form[], scope: () => Scope): Fn {
    return (args) =>
      this.body(
        body,
        params.reduce((at, name, i) => at.bind(name, args[i]), scope()),
      );
  }

  private letfn(definitions: readonly (readonly Form[])[], body: readonly Form[], scope: Scope): Result {
    let inner: Scope = scope;
    for (const [name, params, ...code] of definitions) {
      inner = inner.bind(
        name as string,
        this.fn(items(params) as string[], code, () => inner),
      );
    }
    return this.body(body, inner);
  }

  private block(name: string, body: readonly Form[], scope: Scope): Result {
    const inner = scope.bind(`label ${name}`, null);
    try {
      return this.body(body, inner);
    } catch (error) {
      if (error instanceof Exited && error.label === inner.box(`label ${name}`)) return error.value;
      throw error;
    }
  }

  private try(forms: readonly Form[], scope: Scope): Result {
    const headed = (form: Form, name: string): form is readonly Form[] => Array.isArray(form) && form[0] === name;
    const clauses = forms.filter((form): form is readonly Form[] => headed(form, "catch"));
    const cleanups = forms.filter((form): form is readonly Form[] => headed(form, "finally"));
    const body = forms.filter((form) => !headed(form, "catch") && !headed(form, "finally"));
    const level = this.level;
    try {
      return this.catching(body, clauses, scope);
    } finally {
      this.level = level;
      for (const [, ...cleanup] of cleanups) this.body(cleanup, scope);
    }
  }

  private catching(body: readonly Form[], clauses: readonly (readonly Form[])[], scope: Scope): Result {
    const level = this.level;
    try {
      return this.body(body, scope);
    } catch (error) {
      if (!(error instanceof Thrown)) throw error;
      const clause = clauses.find(([, matcher]) => matcher === ":default" || matcher === "number?");
      if (clause === undefined) throw error;
      this.level = level;
      return this.body(clause.slice(3), scope.bind(clause[2] as string, error.value));
    }
  }

  private binding([, value]: readonly Form[], body: readonly Form[], scope: Scope): Result {
    const outside = this.level;
    const inside = this.eval(value, scope);
    try {
      this.level = inside;
      return this.body(body, scope);
    } finally {
      this.level = outside;
    }
  }
}

function items(form: Form): readonly Form[] {
  return (form as { readonly vector: readonly Form[] }).vector;
}
