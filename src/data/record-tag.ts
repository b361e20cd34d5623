// How the type of a record is written as a tag: `:user/Point` is `#user.Point`, as in Clojure.
import type { Keyword } from "./value.ts";

/** How a record's type is written in front of its entries: `user.Point` for `:user/Point`. */
export function recordTag(type: Keyword): string {
  return type.ns === null ? type.name : `${type.ns}.${type.name}`;
}

/** The name of the type that a tag means, the inverse of `recordTag`; null for a tag that can mean none. */
export function recordTypeName(tag: string): string | null {
  const dot = tag.lastIndexOf(".");
  return dot <= 0 || dot === tag.length - 1 || tag.includes("/") ? null : `${tag.slice(0, dot)}/${tag.slice(dot + 1)}`;
}
