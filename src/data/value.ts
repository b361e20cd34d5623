// The values of the language that are not collections: one class per type, and the union of them all.
//
// Representation in JavaScript:
//   nil null · booleans · strings (well-formed UTF-16) are themselves
//   integer  a JS number while |n| < 2^53, a BigInt beyond, always normalised (never -0)
//   float    a bare JS number when it is not integral (0.5, NaN, infinities); class Float when it is (2.0, -0.0, 1e300)
//   everything else is an instance of a subclass of Obj, told apart by `kind`
// So a bare JS number is an integer exactly when Number.isInteger says so.
//
// Values are immutable. Identity exists only in refs (Cell, Lazy, EventRef, TaskRef): numbered by the program's counter.

/** Type tags, one for each class of object values. Never written to a store: the codec has names of its own. */
export const Kind = {
  Float: 1,
  Ratio: 2,
  Sym: 3,
  Keyword: 4,
  List: 5,
  Cons: 6,
  Range: 7,
  Vector: 8,
  PMap: 9,
  PSet: 10,
  Bytes: 11,
  Instant: 12,
  Duration: 13,
  Uuid: 14,
  Regex: 15,
  Tagged: 16,
  ErrorValue: 17,
  Closure: 18,
  Var: 19,
  Cell: 20,
  Lazy: 21,
  EventRef: 22,
  TaskRef: 23,
  Continuation: 24,
  Marker: 25,
  Record: 26,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** The base of all values that are JavaScript objects. */
export abstract class Obj {
  declare readonly kind: Kind;
}

export type Value = null | boolean | number | bigint | string | Obj;

/**
 * What a map value offers: exactly the instance side of `PMap` (map.ts), so that the two types are interchangeable. It
 * stands here because metadata is a map, and because equality must walk maps, which are built on equality.
 */
export interface MapValue extends Obj {
  readonly count: number;
  readonly meta: MapValue | null;
  get(key: Value, otherwise?: Value): Value;
  has(key: Value): boolean;
  set(key: Value, value: Value, owner?: object): MapValue;
  delete(key: Value, owner?: object): MapValue;
  findKey(key: Value, otherwise: Value): Value;
  indexOf(key: Value): number;
  nextIndex(from: number): number;
  keyAt(index: number): Value;
  valueAt(index: number): Value;
  keys(): Value[];
  values(): Value[];
  entries(): [Value, Value][];
  forEach(visit: (key: Value, value: Value) => void): void;
  withMeta(meta: MapValue | null): MapValue;
  [Symbol.iterator](): IterableIterator<[Value, Value]>;
}

/** A float whose value is integral (S-15): `2.0`, `-0.0`, `1e300`. Never holds a non-integral number. */
export class Float extends Obj {
  constructor(readonly value: number) {
    super();
  }
}

/** An exact ratio in lowest terms with a denominator above 1. */
export class Ratio extends Obj {
  constructor(
    readonly num: bigint,
    readonly den: bigint,
  ) {
    super();
  }
}

/** A symbol. Not interned: two symbols are equal when namespace and name are. Each occurrence read is an object of its own. */
export class Sym extends Obj {
  constructor(
    readonly ns: string | null,
    readonly name: string,
    readonly meta: MapValue | null = null,
  ) {
    super();
  }
  /** Splits at the first `/` that is neither first nor last: `a.b/c`. */
  static parse(text: string): Sym {
    const slash = text.length > 1 ? text.indexOf("/", 1) : -1;
    return slash < 0 || slash === text.length - 1
      ? new Sym(null, text)
      : new Sym(text.slice(0, slash), text.slice(slash + 1));
  }
  /** `ns/name` or `name`. */
  get text(): string {
    return this.ns === null ? this.name : `${this.ns}/${this.name}`;
  }
}

const keywords = new Map<string, Keyword>();

/** A keyword. Interned: equal keywords are one object in a process. */
export class Keyword extends Obj {
  private constructor(
    readonly ns: string | null,
    readonly name: string,
    /** Without the colon: `ns/name` or `name`. */
    readonly text: string,
  ) {
    super();
  }
  /** The keyword `:text`; `text` is without the colon. */
  static of(text: string): Keyword {
    let keyword = keywords.get(text);
    if (keyword === undefined) {
      const symbol = Sym.parse(text);
      keyword = new Keyword(symbol.ns, symbol.name, text);
      keywords.set(text, keyword);
    }
    return keyword;
  }
}

/** Immutable bytes. */
export class Bytes extends Obj {
  constructor(readonly data: Uint8Array) {
    super();
  }
}

/** A moment: integral milliseconds since 1970-01-01T00:00Z. */
export class Instant extends Obj {
  constructor(readonly ms: number) {
    super();
  }
}

/** A length of time: integral milliseconds, may be negative. */
export class Duration extends Obj {
  constructor(readonly ms: number) {
    super();
  }
}

/** A UUID in lower-case canonical text. */
export class Uuid extends Obj {
  constructor(readonly text: string) {
    super();
  }
}

/** A regex literal: equal by source and flags. The matcher is no part of the value. */
export class Regex extends Obj {
  constructor(
    readonly source: string,
    readonly flags: string = "",
  ) {
    super();
  }
}

/** A tagged literal nobody has a reader for; prints back as it was read. */
export class Tagged extends Obj {
  constructor(
    readonly tag: Sym,
    readonly value: Value,
  ) {
    super();
  }
}

/** An error as data. `trace` is a vector of frame maps or nil, filled in once at the first throw. */
export class ErrorValue extends Obj {
  constructor(
    /** What kind of error, e.g. `:type`, `:arity`, `:user`. */
    readonly type: Keyword,
    readonly message: string,
    /** A map, or nil. */
    readonly data: Value,
    readonly cause: Value = null,
    readonly trace: Value = null,
  ) {
    super();
  }
}

/** What a closure needs of its code; the machine's Unit fulfils it. */
export interface UnitRef {
  /** Unit hash (S-1), 64 hex characters. */
  readonly hash: string;
  /** Qualified name such as `user/f`, or null for an anonymous function. */
  readonly name: string | null;
}

/** A function value: its unit and flat copies of what it captured. `group` is set for members of a `letfn` (S-1). */
export class Closure extends Obj {
  constructor(
    readonly unit: UnitRef,
    readonly captures: readonly Value[],
    readonly group: readonly UnitRef[] | null = null,
    readonly meta: MapValue | null = null,
  ) {
    super();
  }
}

/** What a var holds before it has a value. Never a value of the language. */
export const UNBOUND: Obj = new (class Unbound extends Obj {})();

/** A global, found by its qualified name (S-9). */
export class Var extends Obj {
  value: Value = UNBOUND;
  meta: MapValue | null = null;
  /** Declared ^:dynamic: reading it looks for a binding marker first. */
  dynamic = false;
  /** True once the program itself has written it: then it is state, laid over the base image (S-9). */
  own = false;
  constructor(
    /** Qualified: `user/f`. */
    readonly name: string,
  ) {
    super();
  }
}

/** The base of what has identity: numbered by the program's counter (S-7), negative in the base image. */
export abstract class Ref extends Obj {
  constructor(readonly id: number) {
    super();
  }
}

/** A mutable cell. `type` is "atom" on the Lisp surface; the Python surface has its own. */
export class Cell extends Ref {
  constructor(
    id: number,
    public value: Value,
    readonly type: string = "atom",
    public meta: MapValue | null = null,
  ) {
    super(id);
  }
}

/**
 * A lazy sequence (S-16): a thunk of no arguments, or, once realised, nil or something that has first and rest.
 * `thunk` is null exactly when it is realised; then `seq` is nil, a List, Cons, Range, or a seq view, never a Lazy.
 */
export class Lazy extends Ref {
  seq: Value = null;
  constructor(
    id: number,
    public thunk: Value,
  ) {
    super(id);
  }
}

/** A one-shot value a task can await (design.md section 2). */
export class EventRef extends Ref {
  state: "pending" | "fulfilled" | "failed" = "pending";
  /** The value, or the error value it failed with. */
  value: Value = null;
  /** Of two settled events the one with the smaller number was settled first. 0 while pending. */
  order = 0;
  constructor(
    id: number,
    /** The key of the effect that made it (E-3), null for an event of the program's own. */
    public key: string | null = null,
  ) {
    super(id);
  }
}

/** Stored in a frame for a local that is dead and held a lazy sequence (S-16), and for a Python local not yet assigned. */
export const CLEARED: Obj = new (class Cleared extends Obj {})();

for (const [name, type] of Object.entries({
  Float,
  Ratio,
  Sym,
  Keyword,
  Bytes,
  Instant,
  Duration,
  Uuid,
  Regex,
  Tagged,
  ErrorValue,
  Closure,
  Var,
  Cell,
  Lazy,
  EventRef,
})) {
  Object.defineProperty(type.prototype, "kind", { value: Kind[name as keyof typeof Kind] });
}

/** Gives a subclass declared elsewhere its tag. */
export function setKind(type: { readonly prototype: Obj }, kind: Kind): void {
  Object.defineProperty(type.prototype, "kind", { value: kind });
}
