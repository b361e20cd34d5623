// The sources of modules: files found, read, and checked to begin with `(ns NAME ...)`, before anything of them runs.
//
// With a module come those that its ns form requires, and theirs: so a program has all its texts from the moment it asks for
// the first, and what happens to the files while it waits does not matter.
import { FlowmetalError } from "../base/errors.ts";
import { List } from "../data/list.ts";
import { Keyword, Sym, type Value } from "../data/value.ts";
import { Misfit, requirementOf } from "../primitive/requirement.ts";
import { readForms, UNLOADED } from "../reader/sexp.ts";
import { decodeText } from "../source/decode-text.ts";
import { type Diagnostic, SourceError } from "../source/diagnostic.ts";
import { Source } from "../source/source.ts";
import type { SourceSpan } from "../source/span.ts";
import type { Spans } from "../source/spans.ts";
import type { ModulePath } from "./search-path.ts";

/** A module that was found. */
export interface ModuleFound {
  readonly name: string;
  readonly source: Source;
}

/** A module that is wanted, and where another one says so. */
interface Wanted {
  readonly name: string;
  readonly at: SourceSpan | null;
}

/**
 * The module `name` and all that it requires by ns forms, each once, those first that are required first; what `isKnown` is left
 * out. Throws what SearchPath throws, `cli/not-text`, `read/...` with all that is wrong with a text, and `module/wrong-name`.
 */
export function moduleSources(path: ModulePath, name: string, isKnown: (name: string) => boolean): ModuleFound[] {
  return allSources(path, [{ name, at: null }], isKnown);
}

/**
 * The modules that the ns forms of a script require, and theirs, as far as they are not known. What it requires in other ways is
 * found when it runs. Throws as `moduleSources` does.
 */
export function scriptModules(path: ModulePath, script: Source, isKnown: (name: string) => boolean): ModuleFound[] {
  const { forms, spans } = readForms(script, UNLOADED);
  const namespaces = forms.filter(
    (form) => form instanceof List && form.first instanceof Sym && form.first.text === "ns",
  );
  const wanted = namespaces.flatMap((form) => requiresIn((form as List).toArray(), script, spans));
  return allSources(path, wanted, isKnown);
}

function allSources(
  path: ModulePath,
  wantedFirst: readonly Wanted[],
  isKnown: (name: string) => boolean,
): ModuleFound[] {
  const found = new Map<string, ModuleFound>();
  const open: Wanted[] = [...wantedFirst];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { name: wanted, at } = next;
    if (found.has(wanted) || (at !== null && isKnown(wanted))) continue;
    const { source, requires } = placed(at, () => moduleSource(path, wanted));
    found.set(wanted, { name: wanted, source });
    open.push(...requires);
  }
  return [...found.values()];
}

/** Does it; a refusal without a place of its own is given that of the spec that asked. */
function placed<T>(span: SourceSpan | null, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof FlowmetalError) || error.place !== undefined || span === null) throw error;
    const { code, message, hint = null } = error;
    throw new SourceError([{ code, message, span, hint, notes: [] }]);
  }
}

function moduleSource(
  path: ModulePath,
  name: string,
): { readonly source: Source; readonly requires: readonly Wanted[] } {
  const { file, bytes } = path.find(name);
  const source = new Source(file, decodeText(bytes, file));
  const { forms, places, spans } = readForms(source, { ...UNLOADED, ns: name });
  const [first] = forms;
  const parts = first instanceof List ? first.toArray() : [];
  const declared = parts[0] instanceof Sym && parts[0].text === "ns" ? parts[1] : null;
  if (!(declared instanceof Sym) || declared.text !== name) {
    const what = declared instanceof Sym ? `is the namespace ${declared.text}` : `does not begin with (ns ${name} ...)`;
    const [from, to] = places[0] ?? [0, 0];
    throw new SourceError([wrongName(name, `${file} was required as ${name}, but ${what}`, { source, from, to })]);
  }
  return { source, requires: requiresIn(parts, source, spans) };
}

/** What a ns form requires. */
function requiresIn(parts: readonly Value[], source: Source, spans: Spans): Wanted[] {
  return parts.flatMap(specsIn).flatMap((spec): Wanted[] => {
    const requirement = requirementOf(spec);
    const span = spans.get(spec);
    // What is no spec is refused, with its place, when the form is compiled.
    if (requirement instanceof Misfit || requirement.aliasOnly) return [];
    return [{ name: requirement.name, at: span === undefined ? null : { source, ...span } }];
  });
}

/** The specs of a `:require` clause. */
function specsIn(clause: Value): Value[] {
  if (!(clause instanceof List) || clause.first !== Keyword.of("require")) return [];
  return clause.rest.toArray().filter((spec) => !(spec instanceof Keyword));
}

function wrongName(name: string, message: string, span: SourceSpan): Diagnostic {
  const hint = `begin it with (ns ${name} ...), or require it by the name it has`;
  return { code: "module/wrong-name", message, span, hint, notes: [] };
}
