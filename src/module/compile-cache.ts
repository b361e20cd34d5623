// What top-level forms of scripts came to when they were compiled, shared by the programs of a process: many run the same script.
//
// What is compiled is a function of the image, the text, and what the compiler asks of the program (src/module/environment.ts): its
// namespaces, and of each var of its own whether it is there, its flags and the arities of its function. These make the key. A
// program with macros of its own, or that wrote over a var of the image, has no key: its macros may look at anything.
import { quote } from "../base/canonical-json.ts";
import { sha256 } from "../base/hash.ts";
import { Recent } from "../base/recent.ts";
import { encodeTagged } from "../data/tagged.ts";
import { Closure, Keyword, Obj, type Value, type Var } from "../data/value.ts";
import type { Machine } from "../machine/machine.ts";
import type { Unit } from "../machine/unit.ts";
import type { Diagnostic } from "../source/diagnostic.ts";
import type { Source } from "../source/source.ts";
import type { UnitText } from "./unit-text.ts";

/** What compiling the form at an offset came to. `hash`: of its unit; null: there is no form any more. */
export interface CompiledForm {
  readonly hash: string | null;
  readonly units: readonly UnitText[];
  readonly warnings: readonly Diagnostic[];
  /** The offset behind the form. */
  readonly end: number;
}

/** Forms remembered, at most. */
const FORMS_MAX = 2_000;
/** Forms with longer code are not remembered. */
const CODE_MAX = 65_536;

const compiledForms = new Recent<CompiledForm>(FORMS_MAX);

export function recall(key: string): CompiledForm | undefined {
  return compiledForms.get(key);
}

export function remember(key: string, form: CompiledForm): void {
  let size = 0;
  for (const { code, debug } of form.units) size += code.length + debug.length;
  if (size <= CODE_MAX) compiledForms.set(key, form);
}

const MACRO = Keyword.of("macro");
/** No macro of the image looks at it, and it tells programs apart that run the same script. */
const ARGUMENTS = "flow.core/*args*";

/** The key of the form of `source` at `offset`, compiled in `ns` for this program; null: it is compiled anew each time. */
export function compileKey(machine: Machine, ns: string, source: Source, offset: number): string | null {
  let key = `${machine.state.image} ${source.hash} ${offset} ${quote(source.name)} ${quote(ns)}`;
  for (const variable of machine.state.vars.values()) {
    const text = variable.name === ARGUMENTS ? "" : varText(variable);
    if (text === null) return null;
    key += ` ${quote(variable.name)}${text}`;
  }
  return sha256(key);
}

/** What of a var the compiler asks for; of the language's own tables all. */
function varText({ name, value, meta, dynamic }: Var): string | null {
  if (meta?.get(MACRO, null) === true) return null;
  const about = textOf(meta);
  if (about === null) return null;
  const flags = `${dynamic ? 1 : 0}${about}`;
  if (name.startsWith("flow.")) {
    // Whoever wrote over a function of the language may have changed what its macros do.
    if (value instanceof Closure) return null;
    const text = textOf(value);
    return text === null ? null : flags + text;
  }
  return value instanceof Closure ? `${flags}#${(value.unit as Unit).hash}` : flags;
}

const texts = new WeakMap<Obj, string>();

/** A value as text; null for one that has none, as it holds a ref. */
function textOf(value: Value): string | null {
  if (!(value instanceof Obj)) return encodeTagged(value);
  const known = texts.get(value);
  if (known !== undefined) return known;
  try {
    const text = encodeTagged(value);
    if (text.includes('["ref",')) return null;
    texts.set(value, text);
    return text;
  } catch {
    return null;
  }
}
