// Keywords, symbols, and metadata.
import { Cons, List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { force, meter, nextRef } from "../data/meter.ts";
import { Range, RangeView } from "../data/range.ts";
import { PSet } from "../data/set.ts";
import { Cell, Closure, Keyword, Lazy, type MapValue, Sym, Tagged, type Value, Var } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { needMapOrNil, needName, needString } from "./check.ts";
import { primitive } from "./define.ts";
import type { Primitive } from "./primitive.ts";
import { refuse, wrongType } from "./raise.ts";

function keyword(a: Value, b?: Value): Value {
  if (b !== undefined) {
    const ns = a === null ? null : needName("keyword", 1, a);
    return keywordOf(ns === null ? needName("keyword", 2, b) : `${ns}/${needName("keyword", 2, b)}`);
  }
  return a === null || a instanceof Keyword ? a : keywordOf(needName("keyword", 1, a));
}

function keywordOf(text: string): Keyword {
  return text === "" ? refuse("range", "keyword", "a keyword needs a name that is not empty") : Keyword.of(text);
}

function symbol(a: Value, b?: Value): Value {
  if (b !== undefined) return new Sym(a === null ? null : needString("symbol", 1, a), needString("symbol", 2, b));
  if (a instanceof Sym) return a;
  const text = a instanceof Var ? a.name : needName("symbol", 1, a);
  return text === "" ? refuse("range", "symbol", "a symbol needs a name that is not empty") : Sym.parse(text);
}

function name(value: Value): Value {
  if (value instanceof Keyword || value instanceof Sym) return value.name;
  return typeof value === "string" ? value : wrongType("name", "a keyword, symbol or string", 1, value);
}

function namespace(value: Value): Value {
  if (value instanceof Keyword || value instanceof Sym) return value.ns;
  return wrongType("namespace", "a keyword or symbol", 1, value);
}

/** What can carry metadata and be copied with other metadata. */
type Carrier = List | Cons | Vector | PMap | PSet;

function isCarrier(value: Value): value is Carrier {
  return (
    value instanceof List ||
    value instanceof Vector ||
    value instanceof PMap ||
    value instanceof PSet ||
    value instanceof Cons
  );
}

/** The metadata of a value: a map or nil. */
export function metaOf(value: Value): MapValue | null {
  if (isCarrier(value) || value instanceof Sym || value instanceof Closure) return value.meta;
  return value instanceof Cell || value instanceof Var ? value.meta : null;
}

function withMeta(value: Value, meta: Value): Value {
  const map = needMapOrNil("with-meta", 2, meta);
  if (isCarrier(value)) return value.withMeta(map);
  if (value instanceof Range) return new RangeView(value).withMeta(map);
  if (value instanceof Lazy) return withMetaOnLazy(value, map);
  if (value instanceof Sym) return new Sym(value.ns, value.name, map);
  if (value instanceof Closure) return new Closure(value.unit, value.captures, value.group, map);
  return wrongType("with-meta", "collections, symbols and functions", 1, value);
}

/** A lazy sequence is realised as far as its first element, which then carries it. */
function withMetaOnLazy(lazy: Lazy, meta: MapValue | null): Value {
  if (lazy.thunk !== null) return force(lazy);
  return withMeta(lazy.seq ?? List.EMPTY, meta);
}

/** A symbol nobody else has: its number is that of the program's counter, or of the top-level form a macro runs for (S-2). */
function gensym(prefix: Value): Value {
  const number = meter.gensyms === null ? nextRef() : ++meter.gensyms.count;
  return new Sym(null, `${needString("gensym", 1, prefix)}__${number}`);
}

export const names: readonly Primitive[] = [
  primitive("keyword", 1, 2, keyword),
  primitive("symbol", 1, 2, symbol),
  primitive("name", 1, 1, name),
  primitive("namespace", 1, 1, namespace),
  primitive("tagged-new", 2, 2, (tag, form) =>
    tag instanceof Sym ? new Tagged(tag, form) : wrongType("tagged-literal", "a symbol as the tag", 1, tag),
  ),
  primitive("gensym", 1, 1, gensym, { once: true }),
  primitive("meta", 1, 1, metaOf, { pure: true }),
  primitive("with-meta", 2, 2, withMeta),
];
