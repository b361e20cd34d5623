// A trace context as one text: `traceparent` of W3C Trace Context, level 1 (https://www.w3.org/TR/trace-context/#traceparent-header).

/** The ids in a context. `flags` is two hexadecimal digits; its last bit says that the trace is recorded. */
export interface TraceIds {
  readonly trace: string;
  readonly span: string;
  readonly flags: number;
}

const FORM = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The ids in a text; null: it is no context, and then there is none. */
export function parseTraceparent(text: string | undefined): TraceIds | null {
  const match = text === undefined ? null : FORM.exec(text);
  if (match === null) return null;
  const [, trace, span, flags] = match as unknown as [string, string, string, string];
  return { trace, span, flags: Number.parseInt(flags, 16) };
}

/** The text with these ids. */
export function traceparentOf({ trace, span, flags }: TraceIds): string {
  return `00-${trace}-${span}-${flags.toString(16).padStart(2, "0")}`;
}
