// One frame of a snapshot: checked against the block it waits in (E-24), and rebuilt with its links.
import { Block } from "../code/code.ts";
import { Cell, EventRef, Lazy, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
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

/** What the machine relies on in the slots of its own frames, and in what they stand on. */
const BUILTIN: ReadonlyMap<string, (slots: readonly Value[], next: Frame) => boolean> = new Map([
  [
    "machine/force@1",
    ([lazy, name, args]: readonly Value[]) =>
      lazy instanceof Lazy && (name === null || typeof name === "string") && (args === null || args instanceof Vector),
  ],
  ["machine/search@1", ([, asked]: readonly Value[]) => isAsked(asked)],
  ["machine/settle@1", ([event]: readonly Value[]) => event instanceof EventRef],
  ["machine/raise@1", ([, scope]: readonly Value[]) => isScope(scope)],
  [
    "machine/leave@1",
    ([completion, scope]: readonly Value[], next: Frame) =>
      completion instanceof Vector && isScope(scope) && (scope === null || isOn(next, "leave")),
  ],
  ["machine/bound@1", (_: readonly Value[], next: Frame) => isOn(next, "binding")],
]);

/** A catch marker that is asked: its number, or [task, marker id]. */
function isAsked(asked: Value): boolean {
  return isCount(asked) || (asked instanceof Vector && asked.count === 2);
}

function isOn(next: Frame, kind: MarkerKind): boolean {
  return isMarkerFrame(next) && markerOf(next).type === kind;
}

function isScope(scope: Value): boolean {
  return scope === null || (scope instanceof Cell && scope.type === "scope");
}

/** Reads what stands at `index` in the array at `path`. */
export interface ValueReader {
  value(json: unknown, path: string, index?: number): Value;
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
    if (BUILTIN.get(unit.hash)?.(slots, next) === false)
      return refuse("not what the machine keeps in this frame", path);
    const [a = null, b = null, c = null, d = null, e = null, f = null] = slots;
    const more = slots.length > 6 ? slots.slice(6) : null;
    return new Frame(unit, block as number, next, a, b, c, d, e, f, more);
  }

  private markerFrame(json: readonly unknown[], unit: Unit, next: Frame, below: Frame | null, path: string): Frame {
    const block = json[1] as number;
    const marker = this.marker(json[2] as readonly unknown[], below, `${path}[2]`);
    const live = this.clauseSlots(unit, block, MARKERS.get(marker.type)![1], `${path}[1]`);
    const held = live === null ? null : this.slots(json, 3, live, path);
    if (live === null && json.length > 3) return refuse("slots of no clause", path);
    return new Frame(unit, block, next, marker, null, null, null, null, null, held);
  }

  /** How many slots the clause of a marker has, or null without a clause. */
  private clauseSlots(unit: Unit, block: unknown, clause: boolean, path: string): number | null {
    if (!clause) return block === -1 ? null : refuse("a clause where there is none", path);
    const code = isCount(block) ? unit.code.blocks[block] : undefined;
    return code?.[0] === Block.CLAUSE ? code[1].length : refuse("not the clause of a marker", path);
  }

  private marker(json: readonly unknown[], below: Frame | null, path: string): Marker {
    const [, type, id, ...rest] = json;
    const count = MARKERS.get(type)?.[0];
    if (count === undefined || !isCount(id)) return refuse("not a marker", path);
    if (rest.length !== count) return refuse(`a marker of kind ${String(type)} with ${rest.length} parts`, path);
    const data = this.slots(json, 3, count, path);
    if (type === "binding" && !data.every((datum) => datum instanceof Vector)) return refuse("not bindings", path);
    if (type === "search" && !isAsked(data[1])) return refuse("not a search", path);
    return new Marker(type as MarkerKind, id, data, below);
  }

  private slots(json: readonly unknown[], from: number, count: number, path: string): Value[] {
    if (json.length - from !== count) return refuse(`${json.length - from} slots where the block has ${count}`, path);
    const slots: Value[] = [];
    for (let i = from; i < json.length; i++) slots.push(this.values.value(json[i], path, i));
    return slots;
  }
}
