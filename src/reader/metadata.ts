// `^meta form`: what may stand behind the caret, and what can carry metadata.
import { List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { PSet } from "../data/set.ts";
import { Keyword, type MapValue, type Obj, Sym, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { Problem } from "./problem.ts";

const TAG = Keyword.of("tag");

/** The metadata map that a form behind `^` stands for. */
export function metadataOf(form: Value): MapValue | Problem {
  if (form instanceof PMap) return form;
  if (form instanceof Keyword) return PMap.EMPTY.set(form, true);
  if (form instanceof Sym || typeof form === "string") return PMap.EMPTY.set(TAG, form);
  return new Problem(
    "read/metadata",
    "metadata is a map, a keyword, a symbol or a string",
    "write ^{:key value} form, ^:key form or ^name form",
  );
}

/** The form with more metadata; entries of `meta` win over those it has. */
export function withMetadata(form: Value, meta: MapValue): Obj | Problem {
  if (form instanceof Sym) return new Sym(form.ns, form.name, merged(form.meta, meta));
  if (form instanceof List || form instanceof Vector || form instanceof PMap || form instanceof PSet) {
    return form.withMeta(merged(form.meta, meta));
  }
  return new Problem(
    "read/metadata",
    "this form cannot carry metadata",
    "only symbols, lists, vectors, maps and sets can",
  );
}

function merged(old: MapValue | null, more: MapValue): MapValue {
  if (old === null) return more;
  let meta = old;
  for (const [key, value] of more.entries()) meta = meta.set(key, value);
  return meta;
}
