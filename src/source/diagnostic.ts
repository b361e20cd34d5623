// A problem in a text: what, where, what else matters, and what to do.
import { FlowmetalError, type Place } from "../base/errors.ts";
import type { SourceSpan } from "./span.ts";

/** A further place that explains a problem. */
export interface Note {
  readonly message: string;
  /** Null if its place is not known. */
  readonly span: SourceSpan | null;
}

export interface Diagnostic {
  readonly code: string;
  readonly message: string;
  /** Null if the problem has no place. */
  readonly span: SourceSpan | null;
  /** What to do about it. */
  readonly hint: string | null;
  readonly notes: readonly Note[];
}

/** The place of a span: where it begins, and where it ends if that is on the same line. */
export function placeOf({ source, from, to }: SourceSpan): Place {
  const start = source.position(from);
  const end = source.position(to);
  const place = { file: source.name, ...start, excerpt: source.lineText(start.line) };
  return end.line === start.line ? { ...place, endColumn: end.column } : place;
}

/** Thrown for problems in a text; never empty. As an error it is the first of them. */
export class SourceError extends FlowmetalError {
  constructor(readonly diagnostics: readonly Diagnostic[]) {
    const [{ code, message, span, hint }] = diagnostics;
    super(code, message, { ...(span !== null && { place: placeOf(span) }), ...(hint !== null && { hint }) });
    this.name = "SourceError";
  }
}
