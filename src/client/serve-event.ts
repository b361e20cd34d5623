// What a fleet tells, in one line for people.
import { FlowmetalError } from "../base/errors.ts";
import type { FleetEvent } from "../interpreter/fleet.ts";
import type { ServeEvent } from "./client.ts";

/** An event of a fleet as clients see it. */
export function eventOf(event: FleetEvent): ServeEvent {
  const program = "program" in event ? event.program : null;
  return { kind: event.kind, program, text: textOf(event) };
}

function textOf(event: FleetEvent): string {
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
