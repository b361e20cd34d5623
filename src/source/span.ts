// A stretch of a text.
import type { Source } from "./source.ts";

/** From an offset up to, without, another one; in UTF-16 code units. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A span that says of which text. */
export interface SourceSpan extends Span {
  readonly source: Source;
}
