// Compiles for a running program: the live answers to its observations (S-2). A source form by form, a form that is a value,
// the expansions of one; what is wrong is raised as an error of the language (`:read`, `:compile`) that carries its place.
import { FlowmetalError, type Place } from "../base/errors.ts";
import { Closure, type ErrorValue, type Value } from "../data/value.ts";
import { Raise } from "../data/meter.ts";
import { Vector } from "../data/vector.ts";
import { type Compiled, compileForm, type Warning } from "../compiler/compile.ts";
import { type Expanding, expandForm } from "../compiler/expand.ts";
import { errorOfFailure } from "../primitive/failure.ts";
import { RECORD_TYPES, recordTags } from "../reader/record-tags.ts";
import { readNext, type ReadOptions } from "../reader/sexp.ts";
import type { Diagnostic } from "../source/diagnostic.ts";
import type { Source } from "../source/source.ts";
import { Spans } from "../source/spans.ts";
import { aliasOf, currentNamespace, environmentOf, namespacesOf, type Target } from "./environment.ts";
import { sourceOfForm } from "./form-source.ts";
import type { UnitText } from "./unit-text.ts";

/** What compiling needs of the program. */
export interface Compiling extends Target {
  /** Called with the units of each compiled form: they go into the commit (S-10); and with what is probably not meant. */
  readonly compiled: (units: readonly UnitText[], warnings: readonly Diagnostic[]) => void;
}

/** The function of the first top-level form at or behind `offset`, and the offset behind it; null at the end of the text. */
export function compileNext(context: Compiling, source: Source, offset: number): Value {
  return refusing(() => {
    const next = readNext(source, offset, readingOf(context));
    if (next === null) return null;
    return Vector.from([compiled(context, next.form, source, next.spans), next.end]);
  });
}

/** The function of a form that is a value; and the text it was compiled from, for spans and for people. */
export function compileValue(context: Compiling, form: Value): { readonly closure: Closure; readonly source: Source } {
  return refusing(() => {
    const { source, spans } = sourceOfForm(form, "eval");
    return { closure: compiled(context, form, source, spans), source };
  });
}

/** A form that is a value, expanded: once, until its head is no macro, or everywhere. */
export function expandValue(context: Compiling, form: Value, how: Expanding): Value {
  return refusing(() => {
    const { source, spans } = sourceOfForm(form, "macroexpand");
    return expandForm(form, environmentOf(context, source, spans), how);
  });
}

/**
 * What stands for a source in the state of its program: a function of no arguments that answers the source's hash. Whoever
 * reads the state finds the unit, and the source by the unit's debug table.
 */
export function closureOfSource(context: Compiling, source: Source): Closure {
  return refusing(() => compiled(context, source.hash, source, new Spans()));
}

/** How names with `::` and records are read in the current namespace. */
export function readingOf({ machine }: Pick<Target, "machine">): ReadOptions {
  const ns = currentNamespace(machine);
  const alias = (name: string) => aliasOf(machine, ns, name) ?? (namespacesOf(machine).includes(name) ? name : null);
  return { ns, alias, tags: recordTags(() => machine.findVariable(RECORD_TYPES)?.value) };
}

function compiled(context: Compiling, form: Value, source: Source, spans: Spans): Closure {
  const result: Compiled = compileForm(form, environmentOf(context, source, spans));
  context.library.add(result.units);
  const warnings = result.warnings.map((warning) => diagnosticOf(source, warning));
  context.compiled(result.units, warnings);
  return new Closure(context.machine.findUnit(result.hash), []);
}

function diagnosticOf(source: Source, { code, message, place }: Warning): Diagnostic {
  const span = place === 0 ? null : { source, from: place[0], to: place[1] };
  return { code, message, span, hint: null, notes: [] };
}

/** Does it; what it refuses is raised in the program, at `place` where the refusal knows no place of its own. */
export function refusing<T>(act: () => T, place?: Place): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof FlowmetalError) throw new Raise(asErrorValue(error, place));
    throw error;
  }
}

/** Errors of reading and compiling have one type each; those about modules are told apart by type. */
function asErrorValue(error: FlowmetalError, place: Place | undefined): ErrorValue {
  const family = error.code.split("/", 1)[0];
  const type = family === "read" || family === "cli" ? "read" : family === "module" ? error.code : "compile";
  return errorOfFailure(type, error, place);
}
