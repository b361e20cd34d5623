// Compiles for a running program: the live answers to its observations (S-2). A source form by form, a form that is a value,
// the expansions of one; what is wrong is raised as an error of the language (`:read`, `:compile`) that carries its place.
import { FlowmetalError, type Place } from "../base/errors.ts";
import { Closure, type ErrorValue, type Value } from "../data/value.ts";
import { Raise } from "../data/meter.ts";
import { Vector } from "../data/vector.ts";
import { compileForm, type Warning } from "../compiler/compile.ts";
import { type Expanding, expandForm } from "../compiler/expand.ts";
import { errorOfFailure } from "../primitive/failure.ts";
import { RECORD_TYPES, recordTags } from "../reader/record-tags.ts";
import { type NextForm, readNext, type ReadOptions } from "../reader/sexp.ts";
import type { Diagnostic } from "../source/diagnostic.ts";
import type { Source } from "../source/source.ts";
import { Spans } from "../source/spans.ts";
import { type CompiledForm, compileKey, recall, remember } from "./compile-cache.ts";
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
    const { machine } = context;
    const key = compileKey(machine, currentNamespace(machine), source, offset);
    const known = key === null ? undefined : recall(key);
    if (known !== undefined) return answerOf(context, known);
    const next = readNext(source, offset, readingOf(context));
    const form = next === null ? END : compileRead(context, source, next);
    if (key !== null) remember(key, form);
    return answerOf(context, form);
  });
}

const END: CompiledForm = { hash: null, units: [], warnings: [], end: 0 };

function compileRead(context: Compiling, source: Source, { form, spans, end }: NextForm): CompiledForm {
  const { hash, units, warnings } = compileForm(form, environmentOf(context, source, spans));
  return { hash, units, warnings: warnings.map((warning) => diagnosticOf(source, warning)), end };
}

function answerOf(context: Compiling, { hash, units, warnings, end }: CompiledForm): Value {
  if (hash === null) return null;
  return Vector.from([closureOf(context, hash, units, warnings), end]);
}

function closureOf(
  context: Compiling,
  hash: string,
  units: readonly UnitText[],
  warnings: readonly Diagnostic[],
): Closure {
  context.library.add(units);
  context.compiled(units, warnings);
  return new Closure(context.machine.findUnit(hash), []);
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
  const { hash, units, warnings } = compileForm(form, environmentOf(context, source, spans));
  const told = warnings.map((warning) => diagnosticOf(source, warning));
  return closureOf(context, hash, units, told);
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
