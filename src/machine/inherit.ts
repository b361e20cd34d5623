// What a new task takes along from the place that spawned it: the handlers of operations and the dynamic bindings around it.
//
// The task begins on frames and segments of its own that hold copies: a binding has a cell of its own, so `set!` in one task is not
// seen in the other; a handler that does not resume ends the task with its answer.
import { Cell, type Value } from "../data/value.ts";
import { meter } from "../data/meter.ts";
import { Vector } from "../data/vector.ts";
import { BOTTOM, BOUND } from "./builtin.ts";
import type { Registers } from "./registers.ts";
import { Frame, Marker, markerOf, Prompt, Segment, type TaskRef } from "./state.ts";

type Base = Pick<TaskRef, "stack" | "marker" | "segment">;

/** The stack a task begins on when it is spawned here. */
export function inherited(m: Registers): Base {
  let base: Base = { stack: BOTTOM, marker: null, segment: null };
  if (m.marker === null && m.segment === null) return base;
  for (const { marker, segment } of levels(m)) {
    for (const binding of bindings(marker)) base = bound(m, base, binding);
    if (segment?.prompt.type !== "handle") continue;
    const prompt = new Prompt("handle", m.nextMarker++, segment.prompt.data);
    base = { stack: BOTTOM, marker: null, segment: new Segment(prompt, base.stack, base.marker, base.segment) };
  }
  return base;
}

/** The segments of the stack, the lowest first: the markers of each, and the segment whose prompt stands on it (null: the top). */
function levels(m: Registers): { readonly marker: Frame | null; readonly segment: Segment | null }[] {
  const all: { marker: Frame | null; segment: Segment | null }[] = [{ marker: m.marker, segment: null }];
  for (let { segment } = m; segment !== null; segment = segment.next) all.push({ marker: segment.marker, segment });
  return all.reverse();
}

/** The binding markers from here down, the lowest first. */
function bindings(top: Frame | null): Marker[] {
  const found: Marker[] = [];
  for (let frame = top; frame !== null; frame = markerOf(frame).below) {
    if (markerOf(frame).type === "binding") found.push(markerOf(frame));
  }
  return found.reverse();
}

function bound(m: Registers, base: Base, { data: [vars, cells] }: Marker): Base {
  const copies = (cells as Vector).toArray().map((cell) => new Cell(meter.nextRef++, (cell as Cell).value, "binding"));
  const marker = new Marker("binding", m.nextMarker++, [vars, Vector.from(copies)], base.marker);
  const held = new Frame(BOUND, -1, base.stack, marker, null, null, null, null, null, null);
  const stack = new Frame(BOUND, 0, held, null as Value, null, null, null, null, null, null);
  return { stack, marker: held, segment: base.segment };
}
