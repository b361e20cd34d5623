// The registers that primitives share with the machine that is running: fuel, the ref counter, the owner token, limits.
//
// A machine loads its numbers before it runs and takes them back afterwards; in between everything is synchronous, so one
// object serves the process. Primitives read it instead of being passed a context, which keeps their calls cheap.
import { COLLECTION_COUNT_MAX, INTEGER_BITS_MAX, STRING_UNITS_MAX } from "../base/limits.ts";
import { Obj, type Value } from "./value.ts";

export const meter = {
  /** Ticks left in this slice (S-18). A primitive subtracts its charge before it allocates. May go below zero. */
  fuel: 0,
  /** The next ref of the program (S-7). */
  nextRef: 1,
  /** Collections made under this token may be changed in place (S-13); the machine replaces it when a continuation is captured. */
  owner: {} as object,
  /** While a macro runs (S-2): how to put back what it changes. Whatever changes a cell or a lazy sequence adds to it first. */
  undo: null as (() => void)[] | null,
  /** While a macro runs: counts the symbols made for the top-level form at hand (S-2). Else they take refs of the program. */
  gensyms: null as { count: number } | null,
  /** Integers have at most this many bits (S-15). */
  integerBitsMax: INTEGER_BITS_MAX,
  /** Strings and bytes have at most this many code units or bytes. */
  stringLengthMax: STRING_UNITS_MAX,
  /** Collections have at most this many entries. */
  countMax: COLLECTION_COUNT_MAX,
};

/** Takes the next ref number. */
export function nextRef(): number {
  return meter.nextRef++;
}

class Signal extends Obj {
  /** The lazy cell to realise (force), or null (decline). */
  cell: Value = null;
  /** The error to raise: set only by the machine's wrapper around a primitive that threw Raise; never null then. */
  error: Value = null;
}

/**
 * What a guarded primitive answers instead of a value (S-4): `decline()` or `force(cell)`. There is one such object;
 * compare with `=== SIGNAL`, then look at `SIGNAL.cell`.
 */
export const SIGNAL = new Signal();

/** The answer "not for me: call my guard with the same arguments". */
export function decline(): Obj {
  SIGNAL.cell = null;
  return SIGNAL;
}

/** The answer "realise this lazy cell and ask again"; only for an argument itself (S-4). */
export function force(cell: Value): Obj {
  SIGNAL.cell = cell;
  return SIGNAL;
}

/** Thrown by a primitive to raise an error value of the language at the place of the call. */
export class Raise {
  constructor(readonly error: Value) {}
}
