// The operations of flow.task, which the machine answers when no handler takes them.
//
//   flow.task/current                    the task that runs
//   flow.task/cancel TASK                cancels it; true unless it is over or was cancelled before
//   flow.task/first EVENTS               waits for the first of them; answers its index. A task stands for its event; what is
//                                        neither is settled at once
//   flow.task/outcome EVENT              nil while it is pending, else [:fulfilled value] or [:failed error]
//   flow.task/join-scope                 the end of a scope's body: waits for the scope's tasks
//   flow.task/scope                      the number of the nearest scope in this task, or 0; those further out have smaller ones
//   flow.task/inside SCOPE               whether this is inside of a scope, given by the number that a timeout error tells
//   flow.task/deadline                   when the first of the limits around this ends: an instant, or nil
import { EventRef, Instant, Keyword, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { describe } from "../primitive/describe.ts";
import { markerFrames } from "./markers.ts";
import { errorOf } from "./problems.ts";
import { markerOf, TaskRef } from "./state.ts";
import { cancel, deadline, joinScope, type Tasker, wait } from "./tasks.ts";

type Operation = (m: Tasker, args: Value[]) => number;

export const taskOperations: readonly (readonly [string, Operation])[] = [
  ["flow.task/current", (m) => m.ret(m.task)],
  [
    "flow.task/cancel",
    (m, [task]) => (task instanceof TaskRef ? cancel(m, task) : wrong(m, "cancel!", "a task", task)),
  ],
  ["flow.task/first", first],
  ["flow.task/outcome", outcome],
  ["flow.task/join-scope", joinScope],
  ["flow.task/scope", (m) => m.ret(scopeNumber(m))],
  ["flow.task/inside", (m, [id]) => m.ret(markerFrames(m).some((frame) => markerOf(frame).id === id))],
  ["flow.task/deadline", (m) => m.ret(instantOf(deadline(m)))],
];

function instantOf(ms: number | null): Value {
  return ms === null ? null : new Instant(ms);
}

function wrong(m: Tasker, name: string, takes: string, value: Value): number {
  const error = errorOf("type", `${name} takes ${takes}, but got ${describe(value)}`, { value });
  return m.raise(error, { kind: "throw", error });
}

/** A task cannot wait for its own end. */
export function refuseSelf(m: Tasker): number {
  const error = errorOf("task/self", "a task cannot wait for itself", {});
  return m.raise(error, { kind: "throw", error });
}

function eventOf(value: Value): EventRef | null {
  if (value instanceof TaskRef) return value.event;
  return value instanceof EventRef ? value : null;
}

function first(m: Tasker, [list]: Value[]): number {
  const values = list instanceof Vector ? list.toArray() : [];
  if (values.length === 0) return wrong(m, "select", "at least one event", list);
  if (values.includes(m.task)) return refuseSelf(m);
  const events: EventRef[] = [];
  for (const [i, value] of values.entries()) {
    const event = eventOf(value);
    if (event === null) return m.ret(i);
    events.push(event);
  }
  return wait(m, { kind: "select", events });
}

function scopeNumber(m: Tasker): number {
  const nearest = markerFrames(m)
    .map(markerOf)
    .find((marker) => marker.type === "scope");
  return nearest?.id ?? 0;
}

function outcome(m: Tasker, [value]: Value[]): number {
  const event = eventOf(value);
  if (event === null) return wrong(m, "done?", "an event or a task", value);
  return m.ret(event.state === "pending" ? null : Vector.from([Keyword.of(event.state), event.value]));
}
