// What a machine asks of the outside, and what it hands out: observations, effects, output. Interfaces only.
import type { Value } from "../data/value.ts";
import type { Linker } from "./unit.ts";

/**
 * Answers observations (S-17): at once, in the same turn. Live it looks and records; in replay it reads the record back.
 *   "now"           []               -> epoch milliseconds, an integer
 *   "entropy"       [count]          -> bytes
 *   "compile"       [source, offset] -> nil at the end, else [function of the next top-level form, offset behind it] (S-2)
 *   "compile-form"  [form]           -> the function the form is compiled to
 *   "expand"        [form, how]      -> the form with its macros expanded
 *   "modules"       [name, at]       -> [name, source, file name] of a module and of each that it requires
 *   "source"        [text]           -> the source made of a text
 *   "text"          [function]       -> the text it was compiled from, or nil
 * A source is its hash, or a function of no arguments whose unit names it. What is compiled is told in compiling.ts.
 * May throw Raise, which is raised in the program at the place that asked; that is recorded too.
 */
export interface Host {
  observe(kind: string, args: readonly Value[], machine: Linker): Value;
}

/** An effect a task has requested: to be recorded in the commit of the turn, then carried out by a connector. */
export interface EffectRequest {
  /** E-3. */
  readonly key: string;
  /** `http`, `foreign`, ... */
  readonly kind: string;
  /** For foreign functions the topic, else "". */
  readonly topic: string;
  /** Plain JSON (S-12): outsiders read it. */
  readonly payload: string;
  readonly contract: "at-least-once" | "at-most-once";
}

/** A piece of output: its first character is character number `at` of all this program has printed (S-24). */
export interface OutputChunk {
  readonly at: number;
  readonly text: string;
}
