// What a base image says of its own names: special forms, namespaces, functions, macros and values, with their documentation.
import { CORE } from "../compiler/vocabulary.ts";
import { PMap } from "../data/map.ts";
import { printShort } from "../data/printer.ts";
import { Closure, Keyword, type Sym, UNBOUND, type Value, type Var } from "../data/value.ts";
import { List } from "../data/list.ts";
import { Machine } from "../machine/machine.ts";
import { parameterLists } from "../machine/reflection.ts";
import type { Unit } from "../machine/unit.ts";
import type { SourceSpan } from "../source/span.ts";
import { type Example, firstSentence, parseDoc } from "./docstring.ts";
import { type Image, modulesOf } from "./image.ts";
import { ProgramLibrary } from "./library.ts";
import { sourceSpanOf } from "./sources.ts";

export type EntryKind = "special form" | "macro" | "function" | "value" | "namespace";

export interface Entry {
  readonly kind: EntryKind;
  /** Qualified; of a special form or a namespace its name. */
  readonly name: string;
  /** The ways to write a call: `(map f coll)`; none of a value or a namespace. */
  readonly forms: readonly string[];
  /** Whether it can be given another value with `binding`. */
  readonly dynamic: boolean;
  /** "" where nothing is said. */
  readonly text: string;
  readonly examples: readonly Example[];
  /** The first sentence of the text. */
  readonly summary: string;
}

export class Reference {
  private readonly machine: Machine;

  constructor(private readonly image: Image) {
    this.machine = new Machine(new ProgramLibrary(image), { observe: () => null });
  }

  /** The special forms, in the order of their table. */
  specialForms(): Entry[] {
    const table = this.machine.findVariable(`${CORE}/special-forms`)?.value;
    if (!(table instanceof PMap)) return [];
    return table.entries().map(([name, doc]) => specialForm((name as Sym).text, doc as string));
  }

  /** The namespaces by name, flow.core first. */
  namespaces(): Entry[] {
    const docs = this.machine.findVariable(`${CORE}/*modules*`)?.value;
    const names = modulesOf(this.image).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
    return names.map((name) => {
      const doc = docs instanceof PMap ? docs.get(name, null) : null;
      return entry("namespace", name, [], false, typeof doc === "string" ? doc : "");
    });
  }

  /** The qualified names of what a namespace offers to others. */
  names(namespace: string): string[] {
    return this.publics(namespace).map(({ name }) => name);
  }

  /** What a namespace offers to others, by name: signs before letters. */
  publics(namespace: string): Entry[] {
    const names = [...this.image.names()].filter((name) => name.startsWith(`${namespace}/`));
    return names.sort().flatMap((name) => this.entry(name) ?? []);
  }

  /** The public global of a qualified name, or null. */
  entry(qualified: string): Entry | null {
    const variable = this.machine.findVariable(qualified);
    if (variable === undefined || !isPublic(variable)) return null;
    const { value, meta, dynamic } = variable;
    const doc = meta?.get(DOC, null);
    const text = typeof doc === "string" ? doc : "";
    const macro = meta?.get(MACRO, null) === true;
    if (!(value instanceof Closure)) return entry("value", qualified, [], dynamic, text);
    return entry(macro ? "macro" : "function", qualified, formsOf(qualified, value, meta), dynamic, text);
  }

  /** Where a public function or macro is written; null if it is none, or its text is not at hand. */
  source(qualified: string): SourceSpan | null {
    const value = this.machine.findVariable(qualified)?.value;
    return value instanceof Closure ? sourceSpanOf(value.unit as Unit, new Map()) : null;
  }
}

const DOC = Keyword.of("doc");
const MACRO = Keyword.of("macro");
const PRIVATE = Keyword.of("private");
const INTERNAL = Keyword.of("internal");
const ARGLISTS = Keyword.of("arglists");

function isPublic({ value, meta }: Var): boolean {
  return value !== UNBOUND && meta?.get(PRIVATE, null) !== true && meta?.get(INTERNAL, null) !== true;
}

function entry(kind: EntryKind, name: string, forms: readonly string[], dynamic: boolean, docstring: string): Entry {
  const { text, examples } = parseDoc(docstring);
  return { kind, name, forms, dynamic, text, examples, summary: firstSentence(text) };
}

/** The first line of a special form's documentation says how it is written, unless it is all there is. */
function specialForm(name: string, doc: string): Entry {
  const [first, ...rest] = doc.split("\n");
  if (rest.length === 0) return entry("special form", name, [], false, doc);
  return entry("special form", name, splitForms(first), false, rest.join("\n"));
}

/** `(def name) (def name value)` as its forms: split where no bracket is open. */
function splitForms(line: string): string[] {
  const forms: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < line.length; i++) {
    if ("([{".includes(line[i])) depth++;
    else if (")]}".includes(line[i])) depth--;
    else if (line[i] === " " && depth === 0) {
      forms.push(line.slice(from, i));
      from = i + 1;
    }
  }
  return [...forms, line.slice(from)];
}

/** The ways to call a function: by its metadata, as protocols write it, or its parameters. */
function formsOf(qualified: string, { unit }: Closure, meta: PMap | null): string[] {
  const given = meta?.get(ARGLISTS, null);
  const lists: Value[] = given instanceof List ? given.toArray() : parameterLists(unit as Unit);
  const name = qualified.slice(qualified.indexOf("/") + 1);
  return lists.map((params) => `(${[name, printShort(params).slice(1, -1)].filter((part) => part !== "").join(" ")})`);
}

function rank(namespace: string): number {
  return namespace === CORE ? 0 : 1;
}
