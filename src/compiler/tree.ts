// The tree the analyzer builds and the emitter reads: macros gone, names resolved, scopes settled.
import type { Place } from "../code/code.ts";
import type { Sym, Value } from "../data/value.ts";
import type { Primitive } from "../primitive/primitive.ts";

/** A named value place of one function. Hidden ones (name null) are the compiler's own and not shown to people. */
export class Local {
  /** Assigned after initialisation (`set-local!`). */
  assigned = false;
  /** Read or assigned by a function inside the one that owns it. */
  captured = false;
  /** Assigned in a body whose clauses would not see it (S-8); found out when the function is emitted. */
  outlives = false;
  /** Some form says its name. */
  mentioned = false;
  /** The function it is bound to, where that can be seen: its calls are held to its arities. */
  fn: Fn | null = null;
  constructor(
    readonly name: string | null,
    /** The function whose activations have it; for a function's own name, that function. */
    readonly owner: Fn,
    /** Introduced by `locals`: the only kind that can be assigned. */
    readonly assignable = false,
  ) {}

  /** Lives in a cell; else in a slot (S-8). To be asked when the whole form has been analysed. */
  get cell(): boolean {
    return this.outlives || (this.assigned && this.captured);
  }
}

/** What a closure carries, in order. The members of a letfn group share one list. */
export class Captures {
  private readonly index = new Map<Local, number>();
  readonly locals: Local[] = [];

  add(local: Local): void {
    if (this.index.has(local)) return;
    this.index.set(local, this.locals.length);
    this.locals.push(local);
  }

  indexOf(local: Local): number {
    return this.index.get(local)!;
  }
}

/** One way to call a function. */
export interface FnArity {
  readonly params: readonly Local[];
  readonly rest: Local | null;
  readonly body: Node;
  readonly loop: Loop;
}

/** A function, or the top-level form itself (which has no outer function). */
export class Fn {
  /** Its own name inside itself, if it has one. */
  self: Local | null = null;
  /** True when its code mentions itself or a sibling, and so needs the closure. */
  usesSelf = false;
  /** The letfn it belongs to: the locals of all members, its own at `member`. */
  group: readonly Local[] | null = null;
  member = -1;
  arities: FnArity[] = [];
  doc: string | null = null;
  macro = false;
  constructor(
    readonly outer: Fn | null,
    /** Qualified name for traces, or null. */
    readonly name: string | null,
    readonly place: Place,
    readonly captures: Captures = new Captures(),
  ) {}
}

/** The parameters of each arity, with 1 where more are gathered. */
export function arityPairs(fn: Fn): (readonly [params: number, rest: 0 | 1])[] {
  return fn.arities.map(({ params, rest }) => [params.length, rest === null ? 0 : 1] as const);
}

/** What `recur` goes back to: a loop or a function's arity. */
export class Loop {
  used = false;
  constructor(readonly locals: readonly Local[]) {}
}

/** What `exit` goes to. */
export class Label {
  /** Some exit goes to it. */
  used = false;
  /** Some exit cannot be a jump: it crosses a marker or comes from another function (S-6). */
  marker = false;
  constructor(
    readonly name: string,
    readonly owner: Fn,
    /** How many markers and prompts enclose the block within its function. */
    readonly depth: number,
    /** Holds the marker's id. */
    readonly id: Local,
  ) {}
}

export type Node = { readonly place: Place } & (
  | { readonly t: "const"; readonly value: Value }
  | { readonly t: "local"; readonly local: Local }
  | { readonly t: "global"; readonly name: string }
  | { readonly t: "var"; readonly name: string }
  | { readonly t: "if"; readonly test: Node; readonly whenTrue: Node; readonly whenFalse: Node }
  | { readonly t: "do"; readonly body: readonly Node[] }
  | { readonly t: "let"; readonly locals: readonly Local[]; readonly inits: readonly Node[]; readonly body: Node }
  | {
      readonly t: "loop";
      readonly locals: readonly Local[];
      readonly inits: readonly Node[];
      readonly body: Node;
      readonly loop: Loop;
    }
  | { readonly t: "recur"; readonly loop: Loop; readonly args: readonly Node[] }
  | { readonly t: "fn"; readonly fn: Fn }
  | { readonly t: "letfn"; readonly locals: readonly Local[]; readonly fns: readonly Fn[]; readonly body: Node }
  | { readonly t: "call"; readonly head: Node; readonly args: readonly Node[] }
  | { readonly t: "apply"; readonly head: Node; readonly args: Node }
  | { readonly t: "prim"; readonly primitive: Primitive; readonly args: readonly Node[] }
  | { readonly t: "def"; readonly name: string; readonly value: Node | null; readonly meta: Node | null }
  | { readonly t: "assign"; readonly local: Local; readonly value: Node }
  | { readonly t: "throw"; readonly value: Node }
  | {
      readonly t: "try";
      readonly body: Node;
      /** `thrown` receives [index error]; `filter` is a function or nil (see code.ts, marker "catch"). */
      readonly handler: { readonly filter: Node; readonly thrown: Local; readonly clause: Node } | null;
      readonly cleanup: Node | null;
    }
  | { readonly t: "block"; readonly label: Label; readonly body: Node }
  | { readonly t: "exit"; readonly label: Label; readonly jump: boolean; readonly value: Node }
  | { readonly t: "binding"; readonly vars: readonly string[]; readonly values: readonly Node[]; readonly body: Node }
  | { readonly t: "scope"; readonly data: Node; readonly body: Node }
  | { readonly t: "perform"; readonly op: Node; readonly args: readonly Node[] }
  | { readonly t: "prompt"; readonly tag: Node; readonly body: Node }
  | { readonly t: "handle"; readonly ops: readonly Sym[]; readonly fns: readonly Node[]; readonly body: Node }
);
