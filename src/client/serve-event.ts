// What a fleet tells, in one line for people.
import { FlowmetalError } from "../base/errors.ts";
import type { FleetEvent } from "../interpreter/fleet.ts";
import type { ServeEvent } from "./client.ts";

/** What is told of a fleet to people: all but what was counted. */
export type ToldEvent = Exclude<FleetEvent, { readonly kind: "counted" }>;

/** An event of a fleet as clients see it. */
export function eventOf(event: ToldEvent): ServeEvent {
  const program = "program" in event ? event.program : null;
  return { kind: event.kind, level: levelOf(event), program, text: textOf(event), facts: factsOf(event) };
}

const WARNINGS: readonly string[] = ["taken-over", "suspect", "lost", "paused", "evaluation-ended"];
const ERRORS: readonly string[] = ["trouble", "restarting"];

function levelOf(event: ToldEvent): ServeEvent["level"] {
  if (ERRORS.includes(event.kind)) return "error";
  const isFault = event.kind === "ended" && event.status === "faulted";
  return isFault || WARNINGS.includes(event.kind) ? "warn" : "info";
}

/** All but kind, program and text, by the words of the design. */
function factsOf(event: ToldEvent): ServeEvent["facts"] {
  const {
    kind: _kind,
    program: _program,
    error,
    ...facts
  } = event as ToldEvent & { program?: string; error?: unknown };
  return error instanceof FlowmetalError ? { ...facts, code: error.code } : facts;
}

function textOf(event: ToldEvent): string {
  switch (event.kind) {
    case "serving":
      return `serving ${event.queues.join(", ")} as ${event.interpreter}`;
    case "taken-over":
      return `took over ${event.program}: its process died or was stopped`;
    case "suspect":
      return `${event.program} is evaluated alone: ${event.crashes} processes in a row died while they had it`;
    case "ended":
      return event.status === "faulted"
        ? `${event.program} stopped at an error`
        : `${event.program} is ${event.status}`;
    case "lost":
      return `${event.program} was taken over by another process`;
    case "trouble":
      return `${event.program} cannot be run here: ${messageOf(event.error)}`;
    case "paused":
      return `${(event.ms / 1000).toFixed(1)} s went by unseen: this process was stopped or busy, or the clock was set`;
    case "evaluation-ended":
      return `evaluation begins anew: ${whyEnded(event)}`;
    case "restarting":
      return `begins anew: ${messageOf(event.error)}`;
    case "drained":
      return "everything is let go of";
  }
}

function messageOf(error: unknown): string {
  if (error instanceof FlowmetalError) return `${error.message} (${error.code})`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function whyEnded({ program, why, detail }: Extract<FleetEvent, { kind: "evaluation-ended" }>): string {
  const whose = program === null ? "before any program was evaluated" : `while ${program} was evaluated`;
  if (why === "memory") return `it ran out of memory ${whose}`;
  if (why === "stuck") return `it did not come back ${whose}`;
  return `its process ended ${whose} (${detail})`;
}
