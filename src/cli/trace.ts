// The trace that a command belongs to, from its environment: TRACEPARENT, as OpenTelemetry carries contexts in environments.
import { parseTraceparent } from "../base/traceparent.ts";
import type { Surroundings } from "./context.ts";

/** The context as options of a start; nothing where there is none: what is no context is none, as W3C Trace Context has it. */
export function traceOf({ env }: Pick<Surroundings, "env">): { readonly trace?: string } {
  const text = env.TRACEPARENT;
  return parseTraceparent(text) === null ? {} : { trace: text as string };
}
