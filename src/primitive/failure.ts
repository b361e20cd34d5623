// Refusals of the reader and the compiler as errors of the language.
import type { FlowmetalError, Place } from "../base/errors.ts";
import { makeError } from "../data/errors.ts";
import type { ErrorValue, Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { type Diagnostic, SourceError } from "../source/diagnostic.ts";
import { dataMap } from "./raise.ts";

/**
 * A refusal of the engine as an error value of the given type: with its code, its place (else `otherwise`), the way out, and what
 * else matters.
 */
export function errorOfFailure(type: string, failure: FlowmetalError, otherwise?: Place): ErrorValue {
  const { code, message, hint } = failure;
  const place = failure.place ?? otherwise;
  const notes = failure instanceof SourceError ? notesOf(failure.diagnostics) : [];
  return makeError(
    type,
    message,
    dataMap({
      code,
      file: place?.file ?? null,
      line: place?.line ?? null,
      column: place?.column ?? null,
      hint: hint ?? null,
      ...(isShort(place?.excerpt) ? { excerpt: place?.excerpt } : {}),
      ...(notes.length === 0 ? {} : { notes: Vector.from(notes) }),
    }),
  );
}

/** Whether a line may travel with its error: of a text that is refused nothing is kept elsewhere. */
function isShort(line: string | undefined): line is string {
  return line !== undefined && line.length <= 1_000;
}

/** The notes of the first problem, and the problems behind it. */
function notesOf([first, ...others]: readonly Diagnostic[]): Value[] {
  return [...first.notes, ...others].map(({ message, span }) => {
    const position = span?.source.position(span.from);
    const place = position === undefined ? {} : { file: span?.source.name ?? null, ...position };
    return dataMap({ message, ...place });
  });
}
