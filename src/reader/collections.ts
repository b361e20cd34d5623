// Literal collections: values from the forms between brackets; duplicates are refused, not overwritten.
import { PMap } from "../data/map.ts";
import { PSet } from "../data/set.ts";
import { Keyword, Sym, type Value } from "../data/value.ts";

/** Two equal keys of a literal: the indices of the forms in it. */
export class Duplicate {
  constructor(
    readonly first: number,
    readonly second: number,
  ) {}
}

/** The map of alternating keys and values (their number is even), or where a key comes twice. */
export function mapOf(items: readonly Value[]): PMap | Duplicate {
  const owner = {};
  let map = PMap.EMPTY;
  for (let i = 0; i < items.length; i += 2) map = map.set(items[i], items[i + 1], owner);
  return map.count * 2 === items.length ? map : duplicate(items, 2);
}

/** The set of the items, or where one comes twice. */
export function setOf(items: readonly Value[]): PSet | Duplicate {
  const owner = {};
  let set = PSet.EMPTY;
  for (const item of items) set = set.add(item, owner);
  return set.count === items.length ? set : duplicate(items, 1);
}

function duplicate(items: readonly Value[], step: number): Duplicate {
  let seen = PMap.EMPTY;
  for (let i = 0; i < items.length; i += step) {
    const first = seen.get(items[i], null);
    if (typeof first === "number") return new Duplicate(first, i);
    seen = seen.set(items[i], i);
  }
  throw new Error("a literal lost an entry that has no duplicate");
}

/** A key of `#:ns{...}`: keywords and symbols without a namespace get this one, those in the namespace `_` lose theirs. */
export function qualifyKey(key: Value, ns: string): Value {
  if (key instanceof Keyword) return Keyword.of(qualified(key.ns, key.name, ns));
  if (!(key instanceof Sym)) return key;
  if (key.ns === null) return new Sym(ns, key.name, key.meta);
  return key.ns === "_" ? new Sym(null, key.name, key.meta) : key;
}

function qualified(own: string | null, name: string, ns: string): string {
  if (own === null) return `${ns}/${name}`;
  return own === "_" ? name : `${own}/${name}`;
}
