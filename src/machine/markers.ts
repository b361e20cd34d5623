// The marker frames of a task, read from its registers or from a task that stands still.
import { type Frame, markerOf, type Segment } from "./state.ts";

/** A stack as far as its markers go: the registers of a machine, or a task. */
export interface Marked {
  readonly marker: Frame | null;
  readonly segment: Segment | null;
}

/** All marker frames of the task, innermost first, over all segments. */
export function markerFrames(m: Marked): Frame[] {
  const frames: Frame[] = [];
  let { marker, segment } = m;
  for (;;) {
    for (; marker !== null; marker = markerOf(marker).below) frames.push(marker);
    if (segment === null) return frames;
    marker = segment.marker;
    segment = segment.next;
  }
}

/** Whether a marker frame stands for a clean-up that nothing from outside interrupts: the body of a finally, the leaving of a scope. */
export function isShelter(frame: Frame): boolean {
  const { type } = markerOf(frame);
  return type === "cleanup" || type === "leave";
}

/** Whether a task is inside of a clean-up. */
export function isSheltered(m: Marked): boolean {
  return markerFrames(m).some(isShelter);
}
