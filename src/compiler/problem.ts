// Errors of the compiler: a code, what is wrong, where, and what to do.
import type { Place } from "../code/code.ts";
import { type Note, SourceError } from "../source/diagnostic.ts";
import type { Source } from "../source/source.ts";

/** The error for a form of the source. */
export function compileError(
  source: Source,
  code: string,
  message: string,
  place: Place,
  hint: string | null,
  notes: readonly Note[] = [],
): SourceError {
  const span = place === 0 ? null : { source, from: place[0], to: place[1] };
  return new SourceError([{ code, message, span, hint, notes }]);
}
