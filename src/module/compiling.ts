// Compiles the next top-level form of a source for a running program: the live answer to the observation `compile` (S-2).
import { FlowmetalError } from "../base/errors.ts";
import { Closure, type ErrorValue, Keyword, Sym, UNBOUND, type Value, type Var } from "../data/value.ts";
import { PMap } from "../data/map.ts";
import { Raise } from "../data/meter.ts";
import { Vector } from "../data/vector.ts";
import { type CompileEnv, compileForm, type GlobalInfo, type Warning } from "../compiler/compile.ts";
import type { Machine } from "../machine/machine.ts";
import { errorOf } from "../machine/problems.ts";
import { inlineOf } from "../primitive/inline.ts";
import { readNext } from "../reader/sexp.ts";
import type { Diagnostic } from "../source/diagnostic.ts";
import type { Source } from "../source/source.ts";
import type { Spans } from "../source/spans.ts";
import type { ProgramLibrary } from "./library.ts";
import type { UnitText } from "./unit-text.ts";
import { runMacro } from "./macro.ts";
import { recordTags } from "./record-tags.ts";

const MACRO = Keyword.of("macro");
const PRIVATE = Keyword.of("private");
/** The type of the errors by which a macro says that its forms are wrong. */
const SYNTAX = Keyword.of("syntax");
const HINT = Keyword.of("hint");

/** What compiling needs of the program. */
export interface Compiling {
  readonly machine: Machine;
  readonly library: ProgramLibrary;
  /** Called with the units of each compiled form: they go into the commit (S-10); and with what is probably not meant. */
  readonly compiled: (units: readonly UnitText[], warnings: readonly Diagnostic[]) => void;
}

/**
 * The function of the first top-level form at or behind `offset`, and the offset behind it; null at the end of the text.
 * What is wrong with the text is raised as an error of the language (`:read` or `:compile`) that carries its place.
 */
export function compileNext(context: Compiling, source: Source, offset: number): Value {
  try {
    const ns = currentNamespace(context.machine);
    const alias = (name: string) => aliasOf(context.machine, ns, name) ?? null;
    const next = readNext(source, offset, { ns, alias, tags: recordTags(context.machine) });
    if (next === null) return null;
    const env = environment(context, source, next.spans, ns);
    const compiled = compileForm(next.form, env);
    context.library.add(compiled.units);
    context.compiled(
      compiled.units,
      compiled.warnings.map((warning) => diagnosticOf(source, warning)),
    );
    return Vector.from([new Closure(context.machine.findUnit(compiled.hash), []), next.end]);
  } catch (error) {
    if (error instanceof FlowmetalError) throw new Raise(asErrorValue(error));
    throw error;
  }
}

function diagnosticOf(source: Source, { code, message, place }: Warning): Diagnostic {
  const span = place === 0 ? null : { source, from: place[0], to: place[1] };
  return { code, message, span, hint: null, notes: [] };
}

function asErrorValue(error: FlowmetalError) {
  const type = error.code.startsWith("read/") ? "read" : "compile";
  const { place } = error;
  return errorOf(type, error.message, {
    code: error.code,
    file: place?.file ?? null,
    line: place?.line ?? null,
    column: place?.column ?? null,
    hint: error.hint ?? null,
  });
}

function environment(context: Compiling, source: Source, spans: Spans, ns: string): CompileEnv {
  const { machine, library } = context;
  return {
    ns,
    source,
    spans,
    lookup: (name) => lookup(machine, name),
    namespaceNames: (namespace) => namesIn(machine, library, namespace),
    alias: (name) => aliasOf(machine, ns, name),
    refer: (name) => entryOf(machine, ns, "refers", name),
    expandMacro: (name, form, args, locals) => expand(machine, name, form, args, locals),
  };
}

function lookup(machine: Machine, name: string): GlobalInfo | undefined {
  const variable = machine.findVariable(name);
  if (variable === undefined) return undefined;
  const { value, meta } = variable;
  return {
    macro: meta?.get(MACRO, null) === true,
    dynamic: variable.dynamic,
    private: meta?.get(PRIVATE, null) === true,
    ...(value instanceof Closure ? { arities: aritiesOf(value) } : {}),
    ...(variable.own && !name.startsWith("flow.") ? {} : { inline: inlineOf(name) }),
  };
}

function aritiesOf(closure: Closure): readonly (readonly [number, 0 | 1])[] {
  const unit = closure.unit as { code?: { arities: readonly (readonly [number, 0 | 1, number])[] } };
  return (unit.code?.arities ?? []).map(([params, rest]) => [params, rest]);
}

function expand(machine: Machine, name: string, form: Value, args: readonly Value[], locals: readonly string[]): Value {
  const environmentMap = PMap.from(locals.map((local): [Value, Value] => [new Sym(null, local), true]));
  const expansion = runMacro(machine, machine.variable(name).value, [form, environmentMap, ...args]);
  if (expansion.ok) return expansion.form;
  const { error } = expansion;
  if (error.type === SYNTAX) throw new FlowmetalError("compile/syntax", error.message, hintOf(error));
  throw new FlowmetalError("compile/macro", `the macro ${name} failed: ${error.message}`, {
    hint: "the macro's arguments are not what it expects: see its docstring",
  });
}

function hintOf(error: ErrorValue): { readonly hint?: string } {
  const hint = error.data instanceof PMap ? error.data.get(HINT) : null;
  return typeof hint === "string" ? { hint } : {};
}

/** The namespace the program is loading into. */
export function currentNamespace(machine: Machine): string {
  const value = machine.findVariable("flow.core/*ns*")?.value ?? null;
  return value instanceof Sym ? value.text : "user";
}

function aliasOf(machine: Machine, ns: string, name: string): string | undefined {
  return entryOf(machine, ns, "aliases", name);
}

function entryOf(machine: Machine, ns: string, table: string, name: string): string | undefined {
  const namespaces = machine.findVariable("flow.core/*namespaces*")?.value ?? null;
  const entry = namespaces instanceof PMap ? namespaces.get(ns, null) : null;
  const names = entry instanceof PMap ? entry.get(Keyword.of(table), null) : null;
  const found = names instanceof PMap ? names.get(name, null) : null;
  return typeof found === "string" ? found : undefined;
}

function namesIn(machine: Machine, library: ProgramLibrary, namespace: string): string[] {
  const prefix = `${namespace}/`;
  const own = [...machine.state.vars.values()].filter(isDefined).map((variable) => variable.name);
  const names = [...library.image.names(), ...own].filter((name) => name.startsWith(prefix));
  return [...new Set(names.map((name) => name.slice(prefix.length)))];
}

function isDefined(variable: Var): boolean {
  return variable.value !== UNBOUND;
}
