// A unit as a machine runs it: decoded code shared by all machines of the process, linked to one machine's vars.
//
// `Decoded` holds what depends on the code alone: constants, primitives, operands as numbers. `Unit` adds the vars and the
// nested units of one machine, and is what closures and frames point to. Neither is state: a snapshot names the unit hash.
import type { Code, CodeBlock, Debug, End, Op } from "../code/code.ts";
import { Block } from "../code/code.ts";
import { type Enclosing, enclosings } from "../code/enclosing.ts";
import type { UnitRef, Value, Var } from "../data/value.ts";
import type { Primitive } from "../primitive/primitive.ts";
import { checkNested, membersNeeded, type Use, usesOf } from "./nesting.ts";

/** A primitive as evaluators call it: answers SIGNAL with `SIGNAL.error` set where the primitive throws Raise. */
export interface LinkedPrimitive {
  readonly name: string;
  readonly primitive: Primitive;
  readonly call: (...args: Value[]) => Value;
}

/** Code that has been validated, with its constants decoded and its primitives found. One per unit hash and process. */
export interface Decoded {
  readonly hash: string;
  readonly code: Code;
  readonly debug: Debug;
  /** Names generated JavaScript in the cache (S-3). */
  readonly codeHash: string;
  readonly consts: readonly Value[];
  /** The primitives named in the code, by the text that names them. */
  readonly primitives: ReadonlyMap<string, LinkedPrimitive>;
  /** How often it was entered by the direct evaluator in this process, and what was generated then (S-3). Never state. */
  readonly warmth: { ticks: number; generated: Generated | null };
}

/** What was generated for a unit (generate.ts, leaf.ts). */
export interface Generated {
  readonly run: Evaluator;
  /** By argument count, none to four: the arity as a plain function, where it is one (leaf.ts). */
  readonly leaves: readonly (Leaf | null)[];
}

/** One arity of a unit as a host function of the closure and its arguments; SIGNAL: do it in frames. */
export type Leaf = (self: never, a?: Value, b?: Value, c?: Value, d?: Value) => Value;

/** Runs a unit from block `pc` until control leaves it (registers.ts). The machine's type is known to the evaluators alone. */
export type Evaluator = (machine: never, pc: number, unit: Unit) => number;

/** Finds what a unit is linked to. */
export interface Linker {
  decoded(hash: string): Decoded;
  findUnit(hash: string): Unit;
  variable(name: string): Var;
}

export class Unit implements UnitRef {
  readonly hash: string;
  readonly name: string | null;
  readonly code: Code;
  readonly debug: Debug;
  readonly consts: readonly Value[];
  /** The entry block for each argument count, -1 where there is no exact arity. */
  readonly entries: readonly number[];
  /** [fixed parameters, entry block] of the arity that gathers the rest, or null. */
  readonly variadic: readonly [number, number] | null;
  /** Entry blocks for no to four arguments, once more, for generated JavaScript. */
  readonly e0: number;
  readonly e1: number;
  readonly e2: number;
  readonly e3: number;
  readonly e4: number;
  /** The leaf functions of those arities, once they are generated. */
  l0: Leaf | null = null;
  l1: Leaf | null = null;
  l2: Leaf | null = null;
  l3: Leaf | null = null;
  l4: Leaf | null = null;
  /** What runs it now: the direct evaluator, or generated JavaScript. */
  run: Evaluator;
  /** Set for the few units that are part of the machine (frames of its own); their hash is "machine/...". */
  readonly builtin: boolean;
  private nested: (Unit | null)[];

  constructor(
    readonly decoded: Decoded,
    private readonly linker: Linker,
    run: Evaluator,
    builtin = false,
  ) {
    this.hash = decoded.hash;
    this.code = decoded.code;
    this.debug = decoded.debug;
    this.name = decoded.debug.name;
    this.consts = decoded.consts;
    this.nested = decoded.code.units.map(() => null);
    this.run = run;
    this.builtin = builtin;
    const entries: number[] = [];
    let variadic: readonly [number, number] | null = null;
    for (const [params, rest, block] of decoded.code.arities) {
      if (rest === 1) variadic = [params, block];
      else {
        while (entries.length < params) entries.push(-1);
        entries[params] = block;
      }
    }
    this.entries = entries;
    [this.e0, this.e1, this.e2, this.e3, this.e4] = [0, 1, 2, 3, 4].map((count) => entries[count] ?? -1);
    this.variadic = variadic;
  }

  /**
   * The vars it names, found when it first runs: of all that a program's code could reach in the base image, most is never called.
   */
  get vars(): readonly Var[] {
    this.linked ??= this.code.globals.map((name) => this.linker.variable(name));
    return this.linked;
  }
  /** The same, once they are found: what generated JavaScript reads first. */
  linked: readonly Var[] | null = null;

  /** Runs generated JavaScript from now on. */
  adopt(generated: Generated): void {
    this.run = generated.run;
    [this.l0, this.l1, this.l2, this.l3, this.l4] = generated.leaves;
  }

  /** Nested function `index`, linked to the same machine. */
  unit(index: number): Unit {
    let unit = this.nested[index];
    if (unit === null) {
      unit = this.linker.findUnit(this.debug.units[index]);
      this.uses ??= usesOf(this.code);
      checkNested(this, index, unit, this.uses.get(index) ?? []);
      this.nested[index] = unit;
    }
    return unit;
  }
  private uses: ReadonlyMap<number, readonly Use[]> | null = null;

  /** How many members the group of a closure of this unit has at least; 0: it needs none. */
  get membersNeeded(): number {
    this.needed ??= membersNeeded(this.code);
    return this.needed;
  }
  private needed: number | null = null;

  block(index: number): CodeBlock {
    return this.code.blocks[index];
  }

  /**
   * The block whose end leads to `block` (a RESUME or GUARD block has exactly one), or the block itself: where a frame
   * stands in the source.
   */
  origin(block: number): number {
    this.origins ??= originsOf(this.code);
    return this.origins[block];
  }
  private origins: readonly number[] | null = null;

  /** The innermost marker or prompt that is open in a block, within its activation; null: none. */
  enclosing(block: number): Enclosing | null {
    this.enclosed ??= enclosings(this.code);
    return this.enclosed[block];
  }
  private enclosed: readonly (Enclosing | null)[] | null = null;
}

function originsOf(code: Code): readonly number[] {
  const origins = code.blocks.map((_, index) => index);
  code.blocks.forEach((block, index) => {
    const next = continuationOf(block[4]);
    const kind = next < 0 ? -1 : code.blocks[next][0];
    if (kind === Block.RESUME || kind === Block.GUARD) origins[next] = index;
  });
  return origins;
}

/** The block an end pushes a frame for (or falls into after a guarded primitive), or -1. */
export function continuationOf(end: End): number {
  switch (end[0]) {
    case "prim":
    case "call":
    case "apply":
    case "perform":
      return end[3];
    case "global":
    case "var":
    case "throw":
      return end[2];
    case "def":
    case "prompt":
      return end[4];
    default:
      return -1;
  }
}

/** All blocks an end can go to. */
export function successorsOf(end: End): readonly number[] {
  switch (end[0]) {
    case "jump":
    case "pop":
      return [end[1]];
    case "if":
      return [end[2], end[3]];
    case "push":
      return end[4] < 0 ? [end[5]] : [end[4], end[5]];
    case "prompt":
      return [end[3], end[4]];
    case "endfinally":
      return [end[2]];
    default: {
      const next = continuationOf(end);
      return next < 0 ? [] : [next];
    }
  }
}

/** The primitives a code names, each once. */
export function primitivesNamed(code: Code): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [, , , ops, end] of code.blocks) {
    for (const op of ops as readonly Op[]) if (op[0] === "pure") names.add(op[2]);
    if (end[0] === "prim") names.add(end[1]);
  }
  return names;
}
