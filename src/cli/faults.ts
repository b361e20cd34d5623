// Uncaught errors of programs, for people and as data: the message, the place with its excerpt, the trace, the causes.
import type { Fault, FaultNote, Place, TraceLine, Warning } from "../client/client.ts";
import { render } from "../source/render.ts";
import { Source } from "../source/source.ts";
import type { SourceSpan } from "../source/span.ts";
import { type Channel, harmless } from "./streams.ts";
import { printedData } from "./json.ts";

const TRACE_LINES = 30;
/** How many functions may call each other in a recursion that is shown as one. */
const CYCLE_MAX = 4;
const CAUSES = 10;

/** `file:line:column`. */
export function placeText({ source, line, column }: Place): string {
  return `${source}:${line}:${column}`;
}

/** A fault in several lines, with its causes behind it. */
export function renderFault(fault: Fault, channel: Pick<Channel, "colours" | "style">): string {
  const lines = faultLines(fault, channel);
  let cause = fault.cause;
  for (let i = 0; cause !== null && i < CAUSES; i++, cause = cause.cause) {
    lines.push("caused by", ...faultLines(cause, channel));
  }
  return `${lines.join("\n")}\n`;
}

/** A warning in several lines. */
export function renderWarning(warning: Warning, channel: Pick<Channel, "colours">): string {
  const { code, message, place } = warning;
  const diagnostic = { code, message: harmless(message), span: spanOf(place), hint: null, notes: [] };
  return render(diagnostic, { colour: channel.colours, severity: "warning" });
}

/** A warning as data. */
export function warningData({ code, message, place }: Warning): Record<string, unknown> {
  return { code, message, place: place === null ? null : placeData(place) };
}

function faultLines(
  { type, code, message, data, hint, place, notes, trace, omitted }: Fault,
  channel: Pick<Channel, "colours" | "style">,
): string[] {
  const span = spanOf(place);
  const diagnostic = {
    code: code ?? type,
    message: harmless(message),
    span,
    hint: null,
    notes: notes.map((note) => ({ message: noteText(note), span: spanOf(note.place) })),
  };
  const where = place !== null && span === null ? `${placeText(place)}: ` : "";
  return [
    where + render(diagnostic, { colour: channel.colours }),
    ...(data === null ? [] : [`  with ${harmless(data.text)}`]),
    ...traceLines(trace, omitted).map((line) => channel.style("dim", line)),
    ...(hint === null ? [] : [`hint: ${harmless(hint)}`]),
  ];
}

/** A place as a span, where its text is at hand. */
function spanOf(place: Place | null): SourceSpan | null {
  if (place === null || place.text === null) return null;
  return { source: new Source(place.source, place.text), from: place.from, to: place.to };
}

function noteText({ message, place }: FaultNote): string {
  return harmless(place === null || place.text !== null ? message : `${placeText(place)}: ${message}`);
}

/** The frames, innermost first: the rounds of a recursion as one, and of what is still long the beginning. */
function traceLines(trace: readonly TraceLine[], omitted: number): string[] {
  const lines = folded(
    trace.map(
      ({ function: name, topLevel, place }) =>
        `  in ${harmless(name ?? (topLevel ? "a top-level form" : "an anonymous function"))}${place === null ? "" : `  ${harmless(placeText(place))}`}`,
    ),
  );
  const shown = lines.slice(0, TRACE_LINES);
  const hidden = lines.length - shown.length + omitted;
  return hidden === 0 ? shown : [...shown, `  ... and ${hidden} frames further out`];
}

/** Lines that come again and again, in turns, are shown once. */
function folded(lines: readonly string[]): string[] {
  const shown: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const [length, rounds] = cycleAt(lines, at);
    shown.push(...lines.slice(at, at + length));
    if (rounds > 1) shown.push(`  ... and again, ${rounds - 1} times`);
    at += length * rounds;
  }
  return shown;
}

/** The cycle that begins at a line, as its length and how often it is there; one line, once, where there is none. */
function cycleAt(lines: readonly string[], at: number): readonly [length: number, rounds: number] {
  for (let length = 1; length <= CYCLE_MAX; length++) {
    let end = at + length;
    while (end < lines.length && lines[end] === lines[end - length]) end++;
    const rounds = Math.floor((end - at) / length);
    if (rounds > 2) return [length, rounds];
  }
  return [1, 1];
}

/** A place as data; the text of the source is not repeated. */
export function placeData({ source, line, column }: Place): Record<string, unknown> {
  return { file: source, line, column };
}

/** A fault as data. */
export function faultData(fault: Fault): Record<string, unknown> {
  const causes: Fault[] = [];
  for (let cause = fault.cause; cause !== null && causes.length < CAUSES; cause = cause.cause) causes.push(cause);
  return { ...oneFaultData(fault), restarts: fault.restarts, causes: causes.map(oneFaultData) };
}

function oneFaultData({
  task,
  type,
  code,
  message,
  data,
  hint,
  place,
  notes,
  trace,
  omitted,
}: Fault): Record<string, unknown> {
  return {
    task,
    type,
    code,
    message,
    hint,
    data: data === null ? null : printedData(data),
    place: place === null ? null : placeData(place),
    notes: notes.map((note) => ({
      message: note.message,
      place: note.place === null ? null : placeData(note.place),
    })),
    trace: trace.map((line) => ({
      function: line.function,
      place: line.place === null ? null : placeData(line.place),
    })),
    omitted,
  };
}
