// What went wrong with a command, as a message and an exit code. Users never see a stack trace of ours.
import { FlowmetalError, type Place } from "../base/errors.ts";
import { SourceError } from "../source/diagnostic.ts";
import { render, renderAll } from "../source/render.ts";
import { Source } from "../source/source.ts";
import type { Surroundings } from "./context.ts";
import { EXIT, exitCodeOf } from "./exit.ts";
import { toJson } from "./json.ts";
import { PipeClosed } from "./streams.ts";

/** Reports an error on standard error and answers the exit code that it means. */
export function reportFailure(error: unknown, surroundings: Pick<Surroundings, "err" | "env">, json: boolean): number {
  if (error instanceof PipeClosed) return EXIT.pipeClosed;
  const { err, env } = surroundings;
  if (error instanceof FlowmetalError) {
    err.line(json ? toJson({ schema: 1, error: errorData(error) }) : renderError(error, err.colours));
    if (env.FLOWMETAL_DEBUG === "1") err.line(String(error.stack));
    return exitCodeOf(error.code);
  }
  reportBug(error, surroundings, json);
  return EXIT.internal;
}

/** An error in several lines. */
export function renderError(error: FlowmetalError, colour: boolean): string {
  if (error instanceof SourceError) return renderAll(error.diagnostics, { colour });
  const { code, message, place, hint = null } = error;
  const diagnostic = { code, message, hint, notes: [] };
  if (place === undefined) return render({ ...diagnostic, span: null }, { colour });
  if (place.excerpt !== undefined) return render({ ...diagnostic, span: spanOf(place, place.excerpt) }, { colour });
  return `${place.file}:${place.line}:${place.column}: ${render({ ...diagnostic, span: null }, { colour })}`;
}

/** The span of a place of which only the line is known. */
function spanOf({ file, line, column, endColumn = column }: Place, excerpt: string) {
  const offset = (column: number) =>
    line -
    1 +
    Array.from(excerpt)
      .slice(0, column - 1)
      .join("").length;
  const source = new Source(file, "\n".repeat(line - 1) + excerpt);
  return { source, from: offset(column), to: offset(endColumn) };
}

/** An error as data, with all problems of a text. */
function errorData(error: FlowmetalError): Record<string, unknown> {
  const { code, message, place, hint, data } = error;
  const own = { code, message, place, hint, data };
  if (!(error instanceof SourceError)) return own;
  const problems = error.diagnostics.map(({ code, message, span, hint }) => {
    const position = span?.source.position(span.from);
    return { code, message, place: span === null ? null : { file: span.source.name, ...position }, hint };
  });
  return { ...own, problems };
}

function reportBug(error: unknown, { err, env }: Pick<Surroundings, "err" | "env">, json: boolean): void {
  const message = error instanceof Error ? error.message : String(error);
  const trace = error instanceof Error ? error.stack : undefined;
  const debug = env.FLOWMETAL_DEBUG === "1";
  if (json) {
    err.line(toJson({ schema: 1, error: { code: "cli/bug", message, trace: debug ? trace : undefined } }));
    return;
  }
  err.line(`bug: ${message.replace(/^bug: /, "")} [cli/bug]`);
  err.line("This is a mistake in flowmetal, not in your script. What was committed is safe.");
  err.line(debug ? String(trace) : "FLOWMETAL_DEBUG=1 shows where it happened; please report it with that.");
}
