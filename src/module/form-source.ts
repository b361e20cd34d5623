// A form that is a value as a source: its printed text, in which every part of the form has its place.
import { sha256 } from "../base/hash.ts";
import { List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { printValue } from "../data/printer.ts";
import { PSet } from "../data/set.ts";
import { Obj, Sym, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { FlowmetalError } from "../base/errors.ts";
import { readNext } from "../reader/sexp.ts";
import { Source } from "../source/source.ts";
import { Spans } from "../source/spans.ts";

/**
 * The source of a form that was made by a program. Its name says what it is for and begins with its hash, so that equal forms
 * have one source and different ones are told apart. Parts whose text reads back as something else have no place.
 */
export function sourceOfForm(form: Value, purpose: string): { readonly source: Source; readonly spans: Spans } {
  const printed = printValue(form, true);
  const text = typeof printed === "string" ? printed : "";
  const source = new Source(`<${purpose} ${sha256(text).slice(0, 8)}>`, text);
  const spans = new Spans();
  const read = readBack(source);
  if (read !== null) place(form, read.form, read.spans, spans);
  return { source, spans };
}

function readBack(source: Source): { readonly form: Value; readonly spans: Spans } | null {
  try {
    return readNext(source, 0);
  } catch (error) {
    // A symbol or keyword that no text can hold, for one.
    if (error instanceof FlowmetalError) return null;
    throw error;
  }
}

/** Gives the parts of a form the places of those of its copy, as far as the two have the same shape. */
function place(form: Value, copy: Value, from: Spans, to: Spans): void {
  const open: [Value, Value][] = [[form, copy]];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const [one, other] = pair;
    const span = from.get(other);
    if (!(one instanceof Obj) || !isSameKind(one, other)) continue;
    const [parts, copies] = [partsOf(one), partsOf(other)];
    // Empty collections are shared objects, which have no place.
    if (span !== undefined && (one instanceof Sym || parts.length > 0)) to.set(one, span.from, span.to);
    if (parts.length === copies.length) for (let i = 0; i < parts.length; i++) open.push([parts[i], copies[i]]);
  }
}

function isSameKind(one: Obj, other: Value): boolean {
  if (one instanceof Sym) return other instanceof Sym && one.text === other.text;
  return [List, Vector, PMap, PSet].some((type) => one instanceof type && other instanceof type);
}

function partsOf(form: Value): readonly Value[] {
  if (form instanceof List || form instanceof Vector || form instanceof PSet) return form.toArray();
  return form instanceof PMap ? form.entries().flat() : [];
}
