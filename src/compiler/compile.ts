// The compiler's front door: one top-level form to content-addressed units.
import type { Place } from "../code/code.ts";
import type { Value } from "../data/value.ts";
import { Analyzer } from "./analyzer.ts";
import { assembleUnits, type UnitText } from "./assemble.ts";
import { runDeep } from "./deep.ts";
import type { CompileEnv } from "./env.ts";
import type { Context } from "./session.ts";
import { Fn, Loop } from "./tree.ts";

export type { CompileEnv, GlobalInfo } from "./env.ts";
export type { UnitText } from "./assemble.ts";

/** Something that is probably not meant. */
export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly place: Place;
}

export interface Compiled {
  /** The unit of the form itself: a function of no arguments. */
  readonly hash: string;
  /** All its units, callee first. */
  readonly units: readonly UnitText[];
  readonly warnings: readonly Warning[];
}

/**
 * Compiles one top-level form. The same text in the same environment gives the same hashes (S-2). Throws SourceError
 * (`compile/...`) for what cannot be compiled, and what a macro throws.
 */
export function compileForm(form: Value, env: CompileEnv): Compiled {
  const session = new Analyzer(env);
  const place = session.places.of(form) ?? 0;
  const top = new Fn(null, null, place);
  const ctx: Context = {
    fn: top,
    scope: null,
    labels: null,
    recur: "recur is outside of any loop or function",
    depth: 0,
    place,
    defining: null,
  };
  top.arities = [{ params: [], rest: null, body: runDeep(session.analyze(form, ctx)), loop: new Loop([]) }];
  const { hash, units } = assembleUnits([...session.functions, top], { file: env.source.name, hash: env.source.hash });
  return { hash, units, warnings: session.warnings };
}
