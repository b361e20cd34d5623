// What the compiler has to be told about the program it compiles for. The module floor answers; the compiler only asks.
import type { Value } from "../data/value.ts";
import type { Note } from "../source/diagnostic.ts";
import type { Source } from "../source/source.ts";
import type { Spans } from "../source/spans.ts";

/** What is known of a global when code that names it is compiled. */
export interface GlobalInfo {
  readonly macro?: boolean | undefined;
  readonly dynamic?: boolean | undefined;
  readonly private?: boolean | undefined;
  /** It belongs to the language's own workings, and nobody is told of it. */
  readonly internal?: boolean | undefined;
  /** [fixed parameters, 1 if more are gathered] of each arity, if it is a function; of a macro with the form and environment. */
  readonly arities?: readonly (readonly [params: number, rest: 0 | 1])[] | undefined;
  /** The primitive a call with so many arguments is compiled to: `{2: "add"}`. */
  readonly inline?: Readonly<Record<number, string>> | undefined;
}

/** How a checker has a form compiled: what is wrong is noted, and the rest looked at as if it were not there. */
export interface Tolerance {
  /** A global that may be a macro and cannot be run, since its definition is wrong or not at hand: its calls are passed over. */
  isBroken(qualified: string): boolean;
}

/** Thrown by `expandMacro` for a call that cannot be expanded and of which nobody need be told: only where there is a tolerance. */
export class PassOver extends Error {}

export interface CompileEnv {
  /** Only a checker has one: others stop at the first problem. */
  readonly tolerance?: Tolerance;
  /** The current namespace. */
  readonly ns: string;
  readonly source: Source;
  /** Where the forms of the source stand. */
  readonly spans: Spans;
  /** What is known of `ns/name`; undefined: there is no such global. */
  lookup(qualified: string): GlobalInfo | undefined;
  /** The names of the globals of a namespace, for suggestions. */
  namespaceNames(ns: string): readonly string[];
  /** The namespace an alias of the current one stands for. */
  alias(name: string): string | undefined;
  /** The qualified name that a name referred into the current namespace stands for. */
  refer(name: string): string | undefined;
  /** Whether a name of flow.core can be used without its namespace here: `(:refer-core :exclude [name])` says no. */
  seesCore(name: string): boolean;
  /** All namespaces there are, and the aliases of the current one, for suggestions. */
  namespaces(): readonly string[];
  /** Says of a macro where it is defined. */
  macroNote(qualified: string): Note;
  /**
   * Runs a macro: `form` is the whole call, `args` its arguments, `locals` the names in scope; `gensyms` counts the symbols
   * made for this top-level form. The answer holds no lazy sequence.
   */
  expandMacro(
    qualified: string,
    form: Value,
    args: readonly Value[],
    locals: readonly string[],
    gensyms: { count: number },
  ): Value;
  /** A form that a macro answered, as lists where it has lazy sequences. */
  realise(form: Value): Value;
}
