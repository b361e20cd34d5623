// One frame of a snapshot: checked against the block it waits in and the frames below it (E-24), and rebuilt with its links.
import { Block } from "../code/code.ts";
import type { Enclosing } from "../code/enclosing.ts";
import { Cell, CLEARED, Closure, Lazy, UNBOUND, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { BOTTOM, BOUND, LEAVE, RAISE, SEARCH } from "../machine/builtin.ts";
import { isAsked, isCompletion, isMarkerData, isPrimitiveCall, isRetry } from "../machine/sound.ts";
import { Frame, isMarkerFrame, Marker, type MarkerKind, markerOf } from "../machine/state.ts";
import type { Unit } from "../machine/unit.ts";
import { isCount, refuse } from "./document.ts";

/** How many data a marker has, and whether it has a clause. */
const MARKERS: ReadonlyMap<unknown, readonly [count: number, clause: boolean]> = new Map([
  ["catch", [1, true]],
  ["finally", [0, true]],
  ["block", [0, true]],
  ["binding", [2, false]],
  ["scope", [1, false]],
  ["cleanup", [0, false]],
  ["search", [2, false]],
  ["leave", [1, false]],
]);

/** What the machine relies on in the slots of its own frames. */
const BUILTIN: ReadonlyMap<string, (slots: readonly Value[]) => boolean> = new Map([
  [
    "machine/force@1",
    ([lazy, name, args]: readonly Value[]) =>
      lazy instanceof Lazy &&
      (args instanceof Vector ? isPrimitiveCall(name, args.count) : name === null && args === null),
  ],
  ["machine/search@1", ([, asked, retry]: readonly Value[]) => isAsked(asked) && isRetry(retry)],
  ["machine/raise@1", ([, scope, retry]: readonly Value[]) => isScope(scope) && isRetry(retry)],
  ["machine/leave@1", ([completion, scope]: readonly Value[]) => isCompletion(completion) && isScope(scope)],
  ["machine/end@1", () => true],
  ["machine/bound@1", () => true],
]);

function isScope(scope: Value): boolean {
  return scope === null || (scope instanceof Cell && scope.type === "scope");
}

/** Reads what stands at `index` in the array at `path`. */
export interface ValueReader {
  value(json: unknown, path: string, index?: number): Value;
  /** The same where there must be a value, and not the mark of a local or var without one. */
  whole(json: unknown, path: string, index: number): Value;
}

export class FrameReader {
  /** Whether the frame read last is a marker frame. */
  madeMarker = false;

  constructor(
    private readonly units: readonly Unit[],
    private readonly values: ValueReader,
  ) {}

  /** The frame on top of `next`, whose nearest marker frame is `marker`. */
  frame(json: unknown, next: Frame, marker: Frame | null, outer: string, index: number): Frame {
    const path = `${outer}[${index}]`;
    if (!Array.isArray(json)) return refuse("not a frame", path);
    const unit = isCount(json[0]) ? this.units[json[0]] : undefined;
    if (unit === undefined) return refuse("no such unit", `${path}[0]`);
    this.madeMarker = Array.isArray(json[2]) && json[2][0] === "M";
    return this.madeMarker ? this.markerFrame(json, unit, next, marker, path) : this.plainFrame(json, unit, next, path);
  }

  private plainFrame(json: readonly unknown[], unit: Unit, next: Frame, path: string): Frame {
    const block = json[1];
    const code = isCount(block) ? unit.code.blocks[block] : undefined;
    if (code === undefined) return refuse("no such block", `${path}[1]`);
    const [kind, live] = code;
    if (kind !== Block.RESUME && kind !== Block.HEAD && kind !== Block.GUARD) {
      return refuse("a block that no frame waits in", `${path}[1]`);
    }
    const slots = this.slots(json, 2, live.length, path);
    if (unit.builtin) checkBuiltin(unit, slots, next, path);
    else {
      checkSlots(unit, live, slots, path);
      checkBelow(unit, unit.enclosing(block as number), next, path);
    }
    const [a = null, b = null, c = null, d = null, e = null, f = null] = slots;
    const more = slots.length > 6 ? slots.slice(6) : null;
    return new Frame(unit, block as number, next, a, b, c, d, e, f, more);
  }

  private markerFrame(json: readonly unknown[], unit: Unit, next: Frame, below: Frame | null, path: string): Frame {
    const block = json[1] as number;
    const marker = this.marker(json[2] as readonly unknown[], below, `${path}[2]`);
    const live = this.clauseSlots(unit, block, MARKERS.get(marker.type)![1], `${path}[1]`);
    const held = live === null ? null : this.slots(json, 3, live.length, path);
    if (live === null) {
      if (json.length > 3) return refuse("slots of no clause", path);
    } else {
      checkSlots(unit, live, held!, path);
      checkBelow(unit, unit.enclosing(block), next, path);
    }
    return new Frame(unit, block, next, marker, null, null, null, null, null, held);
  }

  /** The live list of the clause of a marker, or null without a clause. */
  private clauseSlots(unit: Unit, block: unknown, clause: boolean, path: string): readonly number[] | null {
    if (!clause) return block === -1 ? null : refuse("a clause where there is none", path);
    const code = isCount(block) ? unit.code.blocks[block] : undefined;
    return code?.[0] === Block.CLAUSE ? code[1] : refuse("not the clause of a marker", path);
  }

  private marker(json: readonly unknown[], below: Frame | null, path: string): Marker {
    const [, type, id, ...rest] = json;
    const count = MARKERS.get(type)?.[0];
    if (count === undefined || !isCount(id)) return refuse("not a marker", path);
    if (rest.length !== count) return refuse(`a marker of kind ${String(type)} with ${rest.length} parts`, path);
    const data = this.slots(json, 3, count, path);
    if (data.some(isHole) || !isMarkerData(type as MarkerKind, data))
      return refuse(`not what a marker of kind ${String(type)} holds`, path);
    return new Marker(type as MarkerKind, id, data, below);
  }

  private slots(json: readonly unknown[], from: number, count: number, path: string): Value[] {
    if (json.length - from !== count) return refuse(`${json.length - from} slots where the block has ${count}`, path);
    const slots: Value[] = [];
    for (let i = from; i < json.length; i++) slots.push(this.values.value(json[i], path, i));
    return slots;
  }
}

/** True for the marks of a dead local and of a var without a value. */
export function isHole(value: Value): boolean {
  return value === CLEARED || value === UNBOUND;
}

/** What the machine keeps in a frame of its own, and what that stands on. */
function checkBuiltin(unit: Unit, slots: readonly Value[], next: Frame, path: string): void {
  if (slots.some(isHole) || BUILTIN.get(unit.hash)?.(slots) !== true)
    refuse("not what the machine keeps in this frame", path);
  const below = isMarkerFrame(next) ? markerOf(next).type : null;
  if (!mayStandOn(unit, slots, below)) refuse("not what this frame stands on", path);
}

/** Whether a frame of the machine's own may stand on a marker of this kind; null: on a frame that is none. */
function mayStandOn(unit: Unit, slots: readonly Value[], below: MarkerKind | null): boolean {
  switch (unit) {
    case SEARCH:
      return below === "search";
    case BOUND:
      return below === "binding";
    case LEAVE:
      return slots[1] === null || below === "leave";
    case RAISE:
      return true;
    default:
      return below === null;
  }
}

/** A local that is read later has a value, and the closure whose code this is is one of this code. */
function checkSlots(unit: Unit, live: readonly number[], slots: readonly Value[], path: string): void {
  const { self } = unit.code;
  for (let i = 0; i < live.length; i++) {
    const entry = live[i];
    const value = slots[i];
    if (value === CLEARED ? entry >= 0 : value === UNBOUND) refuse("a local without a value", path);
    if ((entry < 0 ? -1 - entry : entry) === self && !(value instanceof Closure && value.unit === unit))
      refuse("not a function with the code of this frame, where its own closure must be", path);
  }
}

/** Below a frame are the markers its activation has pushed, as the block says it waits in, and no others; in a prompt nothing else. */
function checkBelow(unit: Unit, innermost: Enclosing | null, next: Frame, path: string): void {
  let at = next;
  for (let open = innermost; open !== null; open = open.outer) {
    if (open.kind === "prompt") {
      if (at !== BOTTOM) refuse("a frame below, where a prompt begins", path);
      return;
    }
    const marker = at.unit === unit && at.block === open.clause ? at.a : null;
    if (!(marker instanceof Marker) || marker.type !== open.kind) {
      refuse(`no marker of kind ${open.kind} below, where this block is inside of one`, path);
    }
    at = at.next;
  }
  if (at.a instanceof Marker) refuse("a marker below that this block knows nothing of", path);
}
