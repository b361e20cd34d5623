// Where a task stands: the frames of its stack as places in sources, for traces, faults and inspection.
import { PMap } from "../data/map.ts";
import { Vector } from "../data/vector.ts";
import { ErrorValue, Keyword, type Value } from "../data/value.ts";
import { BOTTOM } from "./builtin.ts";
import type { Registers } from "./registers.ts";
import { type Frame, isMarkerFrame, type Segment } from "./state.ts";
import type { Unit } from "./unit.ts";

/** Frames a trace holds at most; the rest is counted. */
const TRACE_FRAMES_MAX = 32;

const FUNCTION = Keyword.of("function");
const FILE = Keyword.of("file");
const LINE = Keyword.of("line");
const COLUMN = Keyword.of("column");
const OMITTED = Keyword.of("omitted");

/** The error with its trace, unless it has one already: rethrowing keeps the first (S-22). */
export function traced(m: Registers, error: Value): Value {
  if (!(error instanceof ErrorValue) || error.trace !== null) return error;
  return new ErrorValue(error.type, error.message, error.data, error.cause, traceOf(m.stack, m.segment));
}

/** A vector of frame maps, newest first: {:function :file :line :column}; the last may be {:omitted n}. */
export function traceOf(stack: Frame, segment: Segment | null, first: Value = null): Vector {
  const entries: Value[] = first === null ? [] : [first];
  let omitted = 0;
  let frame = stack;
  let below = segment;
  for (;;) {
    for (; frame !== BOTTOM; frame = frame.next) {
      if (frame.unit.builtin || isMarkerFrame(frame)) continue;
      if (entries.length < TRACE_FRAMES_MAX) entries.push(placeOf(frame.unit, frame.unit.origin(frame.block)));
      else {
        omitted = frame.depth;
        break;
      }
    }
    if (below === null || omitted > 0) break;
    frame = below.stack;
    below = below.next;
  }
  if (omitted > 0) entries.push(PMap.from([[OMITTED, omitted + (below === null ? 0 : below.depth)]]));
  return Vector.from(entries);
}

/** The place of a block's end as a frame map. */
export function placeOf(unit: Unit, block: number): PMap {
  const place = unit.debug.blocks[block];
  return PMap.from([
    [FUNCTION, unit.name],
    [FILE, unit.debug.file],
    [LINE, place === 0 ? null : place[2]],
    [COLUMN, place === 0 ? null : place[3]],
  ]);
}
