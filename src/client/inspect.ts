// A program at rest as data: its tasks, frames and locals, read from its state. Nothing is run.
import { BOTTOM } from "../machine/builtin.ts";
import { frameSlot } from "../machine/registers.ts";
import { type Frame, isMarkerFrame, markerOf, type TaskRef } from "../machine/state.ts";
import type { Value } from "../data/value.ts";
import type { Loaded } from "../interpreter/loading.ts";
import type { Wait } from "../journal/status.ts";
import type { FrameView, InspectOptions, TaskView } from "./client.ts";
import { type FindSource, isLoader, placeOfBlock, printed } from "./faults.ts";

/** The tasks of a program in memory. */
export function tasksOf(
  loaded: Loaded,
  waits: readonly Wait[],
  options: InspectOptions,
  findSource: FindSource,
): readonly TaskView[] {
  const { tasks, ready } = loaded.machine.state;
  return [...tasks.values()].map((task) => {
    const frames = framesOf(task);
    const shown = options.frames === null ? frames : frames.slice(0, options.frames);
    return {
      ref: task.id,
      state: stateOf(task, ready),
      wait: waits.find((wait) => wait.task === task.id) ?? null,
      depth: frames.length,
      frames: shown.map((frame, i) => viewOf(frame, callerIn(frames, i), options, findSource)),
    };
  });
}

function stateOf(task: TaskRef, ready: readonly TaskRef[]): TaskView["state"] {
  if (task.control.kind === "done") return "done";
  if (task.control.kind === "fault") return "faulted";
  return ready.includes(task) ? "ready" : "waiting";
}

/** Innermost first, over all segments; the machine's own frames are left out. */
function framesOf(task: TaskRef): Frame[] {
  const frames: Frame[] = [];
  let frame = task.stack;
  let segment = task.segment;
  for (;;) {
    for (; frame !== BOTTOM; frame = frame.next) if (!frame.unit.builtin) frames.push(frame);
    if (segment === null) return frames;
    frame = segment.stack;
    segment = segment.next;
  }
}

/** The frame that called the one at this index; null at the bottom. */
function callerIn(frames: readonly Frame[], index: number): Frame | null {
  return frames.slice(index + 1).find((frame) => !isMarkerFrame(frame)) ?? null;
}

function viewOf(frame: Frame, caller: Frame | null, options: InspectOptions, findSource: FindSource): FrameView {
  const { unit, block } = frame;
  const marker = isMarkerFrame(frame) ? markerOf(frame) : null;
  return {
    kind: marker === null ? "call" : marker.type,
    function: unit.name,
    topLevel: unit.name === null && (caller === null || isLoader(caller.unit.debug.file ?? "")),
    place: block < 0 ? null : placeOfBlock(unit, unit.origin(block), findSource),
    locals: block < 0 ? [] : localsOf(frame, options),
  };
}

/** Named locals in the order of their slots, then what the function captured. */
function localsOf(frame: Frame, options: InspectOptions): FrameView["locals"] {
  const { unit, block } = frame;
  const locals: { name: string; value: ReturnType<typeof printed> }[] = [];
  unit.code.blocks[block][1].forEach((entry, index) => {
    const slot = entry >= 0 ? entry : -1 - entry;
    const name = unit.debug.slots[slot];
    if (name === null || slot === unit.code.self) return;
    locals.push({ name, value: printed(frameSlot(frame, index), options.valueLength) });
  });
  return [...locals, ...capturesOf(frame, options)];
}

function capturesOf(frame: Frame, options: InspectOptions): FrameView["locals"] {
  const { unit, block } = frame;
  const index = unit.code.blocks[block][1].indexOf(unit.code.self);
  if (unit.code.self < 0 || index < 0) return [];
  const { captures } = frameSlot(frame, index) as { captures: readonly Value[] } & Value;
  return unit.debug.captures.flatMap((name, i) =>
    name === null ? [] : [{ name, value: printed(captures[i], options.valueLength) }],
  );
}
