// How a stack is cut into parts, and what a frame holds as a snapshot sees it.
import { CLEARED, Lazy, type Value } from "../data/value.ts";
import { frameSlot } from "../machine/registers.ts";
import { type Frame, Marker } from "../machine/state.ts";

/** Lists are cut into parts of this many: fewer, since a recursion down a list has a frame for each rest of it. */
export const LIST_CHUNK = 16;

/** Vectors and stacks are cut into parts of this many. */
export const CHUNK = 32;

/** Every value that the frames of a part hold, oldest frame first; a marker's data before its slots. */
export function valuesOf(frames: readonly Frame[]): Value[] {
  const values: Value[] = [];
  for (const frame of frames) {
    if (frame.a instanceof Marker) values.push(...frame.a.data);
    for (const slot of slotsOf(frame)) values.push(slot);
  }
  return values;
}

/** The frames of the part that `top` is the newest of, oldest first, and the top of the part below (depth 0: none). */
export function chunkOf(top: Frame): { readonly frames: readonly Frame[]; readonly below: Frame } {
  const frames: Frame[] = [];
  let at = top;
  do {
    frames.push(at);
    at = at.next;
  } while (at.depth % CHUNK !== 0);
  return { frames: frames.reverse(), below: at };
}

/** The live slots of a frame. A dead one that holds a lazy sequence keeps nothing (S-16). */
export function slotsOf(frame: Frame): Value[] {
  const { unit, block } = frame;
  if (block < 0) return [];
  const live = unit.code.blocks[block][1];
  const slots: Value[] = [];
  for (let i = 0; i < live.length; i++) {
    const value = frameSlot(frame, i);
    slots.push(live[i] < 0 && value instanceof Lazy ? CLEARED : value);
  }
  return slots;
}
