// What the compiler asks about a program: its namespaces, globals and macros, as they are when a form is compiled.
import { FlowmetalError } from "../base/errors.ts";
import { Cons, List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { elements } from "../data/sequential.ts";
import { Closure, type ErrorValue, Keyword, Lazy, Sym, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import type { CompileEnv, GlobalInfo } from "../compiler/compile.ts";
import type { Machine } from "../machine/machine.ts";
import type { Unit } from "../machine/unit.ts";
import { inlineOf } from "../primitive/inline.ts";
import { type Diagnostic, type Note, SourceError } from "../source/diagnostic.ts";
import { formAt } from "../source/place.ts";
import { isLibrary, type Source } from "../source/source.ts";
import type { Spans } from "../source/spans.ts";
import { type Expansion, runMacro } from "./macro.ts";
import type { ProgramLibrary } from "./library.ts";
import { type Sources, sourceNamed, spanOf } from "./sources.ts";

const MACRO = Keyword.of("macro");
const PRIVATE = Keyword.of("private");
const INTERNAL = Keyword.of("internal");
const CORE = Keyword.of("core");
/** The type of the errors by which a macro says that its forms are wrong. */
const SYNTAX = Keyword.of("syntax");
const HINT = Keyword.of("hint");

/** The program that is compiled for. */
export interface Target {
  readonly machine: Machine;
  readonly library: ProgramLibrary;
  readonly sources: Sources;
}

/** The environment in which a form of `source` is compiled. */
export function environmentOf(target: Target, source: Source, spans: Spans): CompileEnv {
  const { machine } = target;
  const ns = currentNamespace(machine);
  return {
    ns,
    source,
    spans,
    lookup: (name) => lookup(machine, name),
    namespaceNames: (namespace) => machine.names(namespace),
    alias: (name) => aliasOf(machine, ns, name),
    refer: (name) => entryOf(machine, ns, "refers", name),
    seesCore: (name) => seesCore(machine, ns, name),
    namespaces: () => [...keysOf(tableOf(machine, ns).get(Keyword.of("aliases"), null)), ...namespacesOf(machine)],
    macroNote: (name) => macroNote(target, name),
    expandMacro: (name, form, args, locals, gensyms) => {
      const expansion = runMacro(
        machine,
        machine.variable(name).value,
        [form, macroEnvironment(locals), ...args],
        gensyms,
      );
      return expansion.ok ? expansion.form : refuse(target, name, expansion.error);
    },
    realise: (form) => realised(machine, form),
  };
}

function lookup(machine: Machine, name: string): GlobalInfo | undefined {
  const variable = machine.findVariable(name);
  if (variable === undefined) return undefined;
  const { value, meta } = variable;
  const flag = (key: Keyword): boolean => meta?.get(key, null) === true;
  return {
    macro: flag(MACRO),
    dynamic: variable.dynamic,
    private: flag(PRIVATE),
    internal: flag(INTERNAL),
    ...(value instanceof Closure ? { arities: aritiesOf(value) } : {}),
    ...(variable.own && !name.startsWith("flow.") ? {} : { inline: inlineOf(name) }),
  };
}

function aritiesOf(closure: Closure): readonly (readonly [number, 0 | 1])[] {
  const unit = closure.unit as { code?: { arities: readonly (readonly [number, 0 | 1, number])[] } };
  return (unit.code?.arities ?? []).map(([params, rest]) => [params, rest]);
}

// ---- macros

const environments = new WeakMap<readonly string[], PMap>();

/** What `&env` is in a macro: a map with the local names as keys. */
function macroEnvironment(locals: readonly string[]): PMap {
  let environment = environments.get(locals);
  if (environment === undefined) {
    environment = PMap.from(locals.map((local): [Value, Value] => [new Sym(null, local), true]));
    environments.set(locals, environment);
  }
  return environment;
}

/** What is thrown for a macro that failed; `error` is what it failed with. */
export class MacroFailure extends SourceError {
  constructor(
    diagnostic: Diagnostic,
    readonly error: ErrorValue,
  ) {
    super([diagnostic]);
  }
}

/** A macro has failed: what it said, and where in it. The place of its call is known to the compiler. */
function refuse(target: Target, name: string, error: ErrorValue): never {
  if (error.type === SYNTAX) throw new FlowmetalError("compile/syntax", error.message, hintOf(error));
  const hint = error.type === Keyword.of("macro/perform") ? "do it where the macro's form is evaluated" : null;
  const where = failedAt(target, error);
  const message = `the macro ${name} failed: ${error.message}`;
  throw new MacroFailure({ code: "compile/macro", message, span: null, hint, notes: where }, error);
}

function hintOf(error: ErrorValue): { readonly hint?: string } {
  const hint = error.data instanceof PMap ? error.data.get(HINT) : null;
  return typeof hint === "string" ? { hint } : {};
}

/** The innermost frame of the error's trace that is in a text of the user's, as a note. */
function failedAt({ sources }: Target, { trace }: ErrorValue): Note[] {
  const frames = trace instanceof Vector ? trace.toArray() : [];
  for (const frame of frames) {
    if (!(frame instanceof PMap)) continue;
    const [file, line, column] = ["file", "line", "column"].map((key) => frame.get(Keyword.of(key), null));
    if (typeof file !== "string" || isLibrary(file) || typeof line !== "number" || typeof column !== "number") continue;
    const source = sourceNamed(sources, file);
    return source === null ? [] : [{ message: "it failed here", span: formAt(source, line, column) }];
  }
  return [];
}

function macroNote({ machine, sources }: Target, name: string): Note {
  const value = machine.findVariable(name)?.value ?? null;
  const unit = value instanceof Closure ? (value.unit as Unit) : null;
  const span = unit === null ? null : spanOf(unit, sources);
  const short = name.replace(/^flow\.core\//, "");
  const own = `the macro ${name} is the language's own: (doc ${short}) says how it is used`;
  return { message: span === null ? own : `the macro ${name} is defined here`, span };
}

/** A form with lists where it has lazy sequences: at its top, or (when it is data) anywhere. */
function realised(machine: Machine, form: Value): Value {
  const items = form instanceof Lazy || form instanceof Cons ? elements(form) : null;
  if (items !== null) return List.from(items);
  const f = machine.findVariable("flow.core/plain-form");
  if (f === undefined) return form;
  const expansion: Expansion = runMacro(machine, f.value, [form], null);
  if (expansion.ok) return expansion.form;
  throw new FlowmetalError("compile/macro", `a lazy sequence in what a macro answered: ${expansion.error.message}`, {
    hint: "answer a list: a form must come to an end",
  });
}

// ---- namespaces

/** The namespace the task that runs now is in. */
export function currentNamespace(machine: Machine): string {
  const variable = machine.findVariable("flow.core/*ns*");
  if (variable === undefined) return "user";
  const value = machine.bindingOf(variable)?.value ?? variable.value;
  return value instanceof Sym ? value.text : "user";
}

/** The namespace an alias of another one stands for. */
export function aliasOf(machine: Machine, ns: string, name: string): string | undefined {
  return entryOf(machine, ns, "aliases", name);
}

function entryOf(machine: Machine, ns: string, table: string, name: string): string | undefined {
  const names = tableOf(machine, ns).get(Keyword.of(table), null);
  const found = names instanceof PMap ? names.get(name, null) : null;
  return typeof found === "string" ? found : undefined;
}

/** What *namespaces* says of one. */
function tableOf(machine: Machine, ns: string): PMap {
  const namespaces = machine.findVariable("flow.core/*namespaces*")?.value ?? null;
  const entry = namespaces instanceof PMap ? namespaces.get(ns, null) : null;
  return entry instanceof PMap ? entry : PMap.EMPTY;
}

function seesCore(machine: Machine, ns: string, name: string): boolean {
  const names = tableOf(machine, ns).get(CORE, null);
  if (!(names instanceof PMap)) return true;
  const listed = (key: string): readonly Value[] | null => {
    const list = names.get(Keyword.of(key), null);
    return list instanceof Vector ? list.toArray() : null;
  };
  if (listed("exclude")?.includes(name) === true) return false;
  if (keysOf(names.get(Keyword.of("rename"), null)).includes(name)) return false;
  return listed("only")?.includes(name) ?? true;
}

function keysOf(table: Value): string[] {
  return table instanceof PMap ? table.keys().filter((key) => typeof key === "string") : [];
}

/** The names of all namespaces: those of the image, those the program has made, and those it has found and not yet loaded. */
export function namespacesOf(machine: Machine): string[] {
  const names = ["flow.core/*modules*", "flow.core/*namespaces*", "flow.core/*found*"];
  const tables = names.map((name) => machine.findVariable(name)?.value);
  return tables.flatMap((table) => keysOf(table ?? null));
}
