// What a primitive is: a named, versioned host function over values that never calls back into the language.
//
// A primitive answers a value, or SIGNAL (`decline()`, `force(cell)`; S-4), or throws Raise (an error of the language).
// It charges `meter.fuel` for work that grows with its arguments, and refuses what is too large before allocating (S-18).
// Code names it `name@version`. When its meaning changes it gets a new version and the old one stays (S-10).
import type { Value } from "../data/value.ts";

export interface Primitive {
  readonly name: string;
  readonly version: number;
  /** Fewest and most arguments; most = -1: no limit (they come as JS arguments). */
  readonly min: number;
  readonly max: number;
  /** Always answers a value: never SIGNAL, never Raise, allocates little. Compiled as an op that cannot be interrupted. */
  readonly pure: boolean;
  /** Qualified name of the language function called with the same arguments on `decline`; null: a decline is a type error. */
  readonly guard: string | null;
  /** Answers only true or false (or SIGNAL): generated JavaScript then tests `=== true`. */
  readonly test: boolean;
  /** Changes a cell or takes a ref: to call it twice is not to call it once. */
  readonly once: boolean;
  readonly call: (...args: Value[]) => Value;
  /**
   * JavaScript for the fast path, of operands that are plain identifiers or small literals: an expression that is the
   * answer when `when` holds. Only numbers the generator passes in and these fixed texts: no user text (E-24).
   */
  readonly inline?: (...args: string[]) => { readonly when: string; readonly value: string };
}
