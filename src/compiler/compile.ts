// The compiler's front door: one top-level form to content-addressed units.
import type { Value } from "../data/value.ts";
import { Analyzer } from "./analyzer.ts";
import { assembleUnits, type UnitText } from "./assemble.ts";
import { runDeep } from "./deep.ts";
import type { CompileEnv } from "./env.ts";
import { type Found, topContext } from "./session.ts";
import { Fn, Loop } from "./tree.ts";

export type { CompileEnv, GlobalInfo } from "./env.ts";
export type { UnitText } from "./assemble.ts";

/** Something that is probably not meant. */
export type Warning = Found;

export interface Compiled {
  /** The unit of the form itself: a function of no arguments. */
  readonly hash: string;
  /** All its units, callee first. */
  readonly units: readonly UnitText[];
  readonly warnings: readonly Warning[];
  /** What only a checker is told: names that are not used, forms that are never evaluated. */
  readonly remarks: readonly Warning[];
  /** The globals the form defines, qualified. */
  readonly defined: readonly string[];
}

/**
 * Compiles one top-level form. The same text in the same environment gives the same hashes (S-2). Throws SourceError
 * (`compile/...`) for what cannot be compiled, and what a macro throws.
 */
export function compileForm(form: Value, env: CompileEnv): Compiled {
  const session = new Analyzer(env);
  const place = session.places.of(form) ?? 0;
  const top = new Fn(null, null, place);
  const ctx = topContext(top, place);
  top.arities = [{ params: [], rest: null, body: runDeep(session.analyze(form, ctx)), loop: new Loop([]) }];
  session.remarkUnused();
  session.judgeCalls();
  const { hash, units } = assembleUnits([...session.functions, top], { file: env.source.name, hash: env.source.hash });
  const { warnings, remarks, defined } = session;
  return { hash, units, warnings, remarks, defined: [...defined.keys()] };
}
