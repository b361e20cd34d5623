// Record literals such as `#user.Point{:x 1}`: which tags a program's record types give a meaning to.
import { recordTypeName } from "../data/record-tag.ts";
import { makeRecord } from "../data/record.ts";
import { PMap } from "../data/map.ts";
import { Keyword, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { Problem } from "./problem.ts";
import type { TagReader, TagReaders } from "./tags.ts";

/** The var with a program's record types: a map from type to the vector of its fields (prelude/76-records.fm). */
export const RECORD_TYPES = "flow.core/record-types";

/**
 * Readers for the tags of the records that the program has defined by now: `find` answers the map of RECORD_TYPES. A type nobody
 * defined stays a tagged value, as all unknown tags do.
 */
export function recordTags(find: () => Value | undefined): TagReaders {
  return {
    get(tag) {
      const name = recordTypeName(tag);
      const types = name === null ? undefined : find();
      if (name === null || !(types instanceof PMap)) return undefined;
      const type = Keyword.of(name);
      const fields = types.get(type);
      return fields instanceof Vector ? recordReader(tag, type, fields.toArray()) : undefined;
    },
  };
}

/** Reads the map of a record's entries, where fields may be left out, or the vector of all its fields' values. */
function recordReader(tag: string, type: Keyword, fields: readonly Value[]): TagReader {
  return (value) => {
    if (value instanceof PMap) {
      const values = fields.map((field) => value.get(field));
      return makeRecord(type, fields, values, value).withMeta(value.meta);
    }
    if (value instanceof Vector && value.count === fields.length) return makeRecord(type, fields, value.toArray());
    const names = fields.map((field) => `:${(field as Keyword).text}`).join(" ");
    return new Problem("read/tag", `#${tag} needs a map of its entries`, `its fields are ${names || "none"}`);
  };
}
