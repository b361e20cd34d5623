// Uncaught errors of programs, for people and as data: the message, the place with its excerpt, the trace, the causes.
import type { Fault, Place, TraceLine } from "../client/client.ts";
import { render } from "../source/render.ts";
import { Source } from "../source/source.ts";
import { type Channel, harmless } from "./streams.ts";
import { printedData } from "./json.ts";

const TRACE_LINES = 30;
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

function faultLines(
  { type, message, data, place, trace }: Fault,
  channel: Pick<Channel, "colours" | "style">,
): string[] {
  const diagnostic = { code: type, message: harmless(message), hint: null, notes: [] };
  const known = place !== null && place.text !== null;
  const span = known
    ? { source: new Source(place.source, place.text as string), from: place.from, to: place.to }
    : null;
  const where = place !== null && !known ? `${placeText(place)}: ` : "";
  return [
    where + render({ ...diagnostic, span }, { colour: channel.colours }),
    ...(data === null ? [] : [`  with ${harmless(data.text)}`]),
    ...traceLines(trace).map((line) => channel.style("dim", line)),
  ];
}

/** The innermost frames and the outermost ones; what lies between in a deep recursion tells nothing. */
function traceLines(trace: readonly TraceLine[]): string[] {
  const line = ({ function: name, place }: TraceLine) =>
    `  in ${harmless(name ?? "a top-level form")}${place === null ? "" : `  ${harmless(placeText(place))}`}`;
  if (trace.length <= TRACE_LINES) return trace.map(line);
  const half = TRACE_LINES / 2;
  const hidden = `  ... ${trace.length - TRACE_LINES} more frames`;
  return [...trace.slice(0, half).map(line), hidden, ...trace.slice(-half).map(line)];
}

/** A place as data; the text of the source is not repeated. */
export function placeData({ source, line, column }: Place): Record<string, unknown> {
  return { file: source, line, column };
}

/** A fault as data. */
export function faultData(fault: Fault): Record<string, unknown> {
  const causes: Fault[] = [];
  for (let cause = fault.cause; cause !== null && causes.length < CAUSES; cause = cause.cause) causes.push(cause);
  return { ...oneFaultData(fault), causes: causes.map(oneFaultData) };
}

function oneFaultData({ task, type, message, data, place, trace }: Fault): Record<string, unknown> {
  return {
    task,
    type,
    message,
    data: data === null ? null : printedData(data),
    place: place === null ? null : placeData(place),
    trace: trace.map((line) => ({
      function: line.function,
      place: line.place === null ? null : placeData(line.place),
    })),
  };
}
