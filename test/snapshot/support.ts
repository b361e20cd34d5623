// Program states made by hand: units without code to run, frames, and a linker that finds them again.
import type { Code, CodeBlock, MarkerKind as CodeMarker } from "../../src/code/code.ts";
import { Block } from "../../src/code/code.ts";
import { Cell, EventRef, type Ref, type Value, Var } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { FlowmetalError } from "../../src/base/errors.ts";
import { sha256 } from "../../src/base/hash.ts";
import { BOTTOM, LEAVE, SEARCH } from "../../src/machine/builtin.ts";
import { Frame, Marker, type MarkerKind, type ProgramState, TaskRef } from "../../src/machine/state.ts";
import { Unit } from "../../src/machine/unit.ts";
import { decodeSnapshot, encodeSnapshot, type SnapshotLinker } from "../../src/snapshot/snapshot.ts";

/** The kinds of markers that code pushes, in the order of the blocks below. */
const MARKERS: readonly CodeMarker[] = ["catch", "finally", "block", "binding", "scope", "cleanup"];
const KINDS = MARKERS.length;

/**
 * The unit "f<slots>" has blocks 0 ENTRY, 1 RESUME with that many live slots, 2 CLAUSE with as many, 3 RESUME, all slots dead;
 * from 4 on, for each kind of marker: a choice, a push, a call inside of the marker, and the RESUME behind the call.
 */
export function unitOf(slots: number, captures = 0): Unit {
  const live = Array.from({ length: slots }, (_, i) => i);
  const dead = live.map((slot) => -1 - slot);
  const end = ["return", 0] as const;
  const blocks: CodeBlock[] = [
    [Block.ENTRY, [], -1, [], ["jump", 4]],
    [Block.RESUME, live, slots, [], end],
    [Block.CLAUSE, live, slots, [], end],
    [Block.RESUME, dead, slots, [], end],
  ];
  MARKERS.forEach((kind, i) => {
    const first = 4 + 4 * i;
    const other = i + 1 < KINDS ? first + 4 : first + 1;
    const clause = i < 3 ? 2 : -1;
    blocks.push(
      [Block.PLAIN, [], -1, [], ["if", 0, first + 1, other]],
      [Block.PLAIN, [], -1, [], ["push", kind, -1, [], clause, first + 2]],
      [Block.PLAIN, [], -1, [], ["call", 0, [], first + 3]],
      [Block.RESUME, live, slots, [], end],
    );
  });
  return unitOfBlocks(`f${slots}`, blocks, slots + 1, captures);
}

export function unitOfBlocks(name: string, blocks: readonly CodeBlock[], slots: number, captures = 0, self = -1): Unit {
  const hash = sha256(`${name}/${captures}`);
  const code: Code = {
    v: 1,
    arities: [[0, 0, 0]],
    captures,
    slots,
    self,
    consts: [],
    globals: [],
    units: [],
    blocks,
  };
  const debug = {
    name,
    params: [[]],
    file: "test",
    hash: "",
    span: [0, 0] as const,
    slots: [],
    captures: [],
    blocks: blocks.map(() => 0 as const),
    units: [],
  };
  const decoded = {
    hash,
    code,
    debug,
    codeHash: hash,
    consts: [],
    primitives: new Map(),
    warmth: { ticks: 0, generated: null },
  };
  const linker = { decoded: () => decoded, findUnit: () => units[0], variable: (at: string) => new Var(at) };
  return new Unit(decoded, linker, () => -1);
}

/** Units with 0 to 8 slots, and one with two captures. */
export const units: readonly Unit[] = Array.from({ length: 9 }, (_, slots) => unitOf(slots));
export const capturing = unitOf(1, 2);
export const siblings = [
  unitOfBlocks("even", capturing.code.blocks, 2, 2),
  unitOfBlocks("odd", capturing.code.blocks, 2, 2),
];
/** Keeps its closure in slot 0, in both of its frames; in that for block 3 it is not read again. */
export const selfish = unitOfBlocks("self", unitOf(1).code.blocks, 2, 0, 0);
const known = new Map([...units, capturing, ...siblings, selfish].map((unit) => [unit.hash, unit]));

/** Finds the units above; vars are remembered; image refs are cells. */
export class TestLinker implements SnapshotLinker {
  readonly vars = new Map<string, Var>();
  readonly image = new Map<number, Cell>();

  findUnit(hash: string): Unit {
    const unit = known.get(hash);
    if (unit === undefined) throw new FlowmetalError("code/missing", `no code ${hash}`);
    return unit;
  }

  variable(name: string): Var {
    let variable = this.vars.get(name);
    if (variable === undefined) {
      variable = new Var(name);
      this.vars.set(name, variable);
    }
    return variable;
  }

  imageRef(n: number): Ref {
    let cell = this.image.get(n);
    if (cell === undefined) {
      cell = new Cell(n, null);
      this.image.set(n, cell);
    }
    return cell;
  }
}

/** A frame on top of `next`. */
export function frame(next: Frame, slots: readonly Value[], block = 1): Frame {
  const [a = null, b = null, c = null, d = null, e = null, f = null] = slots;
  const more = slots.length > 6 ? slots.slice(6) : null;
  return new Frame(units[slots.length], block, next, a, b, c, d, e, f, more);
}

/** A marker frame on top of `next`. */
export function markerFrame(
  next: Frame,
  below: Frame | null,
  type: MarkerKind,
  id: number,
  data: readonly Value[],
  slots: readonly Value[] | null,
): Frame {
  const marker = new Marker(type, id, data, below);
  const unit = units[slots?.length ?? 0];
  return new Frame(unit, slots === null ? -1 : 2, next, marker, null, null, null, null, null, slots);
}

/** A marker frame on top of `next`, and on top of that a frame of one slot that waits inside of the marker. */
export function marked(
  next: Frame,
  type: MarkerKind,
  id: number,
  data: readonly Value[],
  slots: readonly Value[] | null,
  value: Value,
): Frame {
  const below = nearestMarker(next);
  if (type === "search" || type === "leave") {
    const unit = type === "search" ? SEARCH : LEAVE;
    const marker = new Frame(unit, -1, next, new Marker(type, id, data, below), null, null, null, null, null, null);
    const held: readonly [Value, Value] =
      type === "search" ? [value, data[1]] : [Vector.of("exit", id, value), data[0]];
    return new Frame(unit, 0, marker, ...held, null, null, null, null, null);
  }
  const marker = markerFrame(next, below, type, id, data, slots);
  const block = 7 + 4 * MARKERS.indexOf(type as CodeMarker);
  const held = [value, ...Array<Value>(8).fill(null)].slice(0, slots?.length ?? 0);
  return frame(marker, held, block);
}

export const IMAGE = sha256("image");

/** A program with one task that waits for an event, with this stack. */
export function waiting(stack: Frame = BOTTOM, changes: Partial<ProgramState> = {}): ProgramState {
  const event = new EventRef(4, "0123456789abcdefghjkmnpqrs");
  const task = new TaskRef(2, BOTTOM, { kind: "await", event }, new EventRef(1));
  task.stack = stack;
  task.marker = nearestMarker(stack);
  return {
    id: "01hq3v9ampj7",
    image: IMAGE,
    branch: 0,
    nextRef: 1000,
    nextMarker: 20,
    now: 1_700_000_000_000,
    output: 1,
    ticks: 1234,
    ticksMax: null,
    vars: new Map(),
    cells: new Map(),
    tasks: new Map([[2, task]]),
    main: task,
    ready: [],
    waiters: new Map([[4, [task]]]),
    open: new Map([["0123456789abcdefghjkmnpqrs", event]]),
    timers: [],
    cancelled: false,
    ...changes,
  };
}

/** The nearest marker frame of a stack. */
export function nearestMarker(stack: Frame): Frame | null {
  for (let at = stack; at.depth > 0; at = at.next) if (at.a instanceof Marker) return at;
  return null;
}

/** A waiting program whose only frame holds a value. */
export function holding(value: Value): ProgramState {
  return waiting(frame(BOTTOM, [value]));
}

/** The value that came back through a snapshot. */
export function through(value: Value): Value {
  const { text, hash } = encodeSnapshot(holding(value));
  const state = decodeSnapshot(text, new TestLinker());
  const again = encodeSnapshot(state);
  if (again.text !== text || again.hash !== hash) throw new Error(`not the same again:\n${text}\n${again.text}`);
  return state.main.stack.a;
}

/** The text of a snapshot that holds a value. */
export function textOf(value: Value): string {
  return encodeSnapshot(holding(value)).text;
}
