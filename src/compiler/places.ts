// Places of forms: the side table of the reader, with line and column. Forms a macro made have none of their own.
import type { Place } from "../code/code.ts";
import { Obj, type Value } from "../data/value.ts";
import type { Source } from "../source/source.ts";
import type { Spans } from "../source/spans.ts";

export class Places {
  constructor(
    private readonly source: Source,
    private readonly spans: Spans,
  ) {}

  /** Where the form stands in the source; null for atoms and for forms a macro made. */
  of(form: Value): Exclude<Place, 0> | null {
    if (!(form instanceof Obj)) return null;
    const span = this.spans.get(form);
    if (span === undefined) return null;
    const { line, column } = this.source.position(span.from);
    return [span.from, span.to, line, column];
  }
}
