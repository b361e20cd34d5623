// The parts of a unit while it is being emitted: blocks in the making, slots, temporaries, constants, the scope.
import { canonicalJson, type Json } from "../base/canonical-json.ts";
import { Block, type Debug, type End, type Op, type Operand, type Place } from "../code/code.ts";
import type { Local } from "./tree.ts";

/** A block in the making. Blocks name each other by `id`; the final numbers are given when the unit is assembled. */
export interface Draft {
  readonly id: number;
  kind: number;
  result: number;
  /** The slots of named locals in scope at its entry, in order. */
  scope: readonly number[];
  readonly ops: Op[];
  end: End | null;
  place: Place;
  /** How many ends lead here so far. */
  entered: number;
}

/** A nested unit as its outer one links to it. */
export interface NestedUnit {
  readonly hash: string;
  readonly codeHash: string;
}

/** Assignments to slots inside a marker's or prompt's body, and the block that would see the old values (S-8). */
export interface Region {
  readonly assigned: Set<Local>;
  readonly restored: Draft;
}

/** Builds one unit's blocks in order. `current` is null where control cannot come. */
export class Builder {
  readonly drafts: Draft[] = [];
  /** Placed blocks, in order. */
  readonly blocks: Draft[] = [];
  current: Draft | null = null;
  /** A name or null for each slot. */
  readonly names: Debug["slots"][number][] = [];
  readonly consts: Json[] = [];
  readonly globals: string[] = [];
  readonly units: NestedUnit[] = [];
  /** Slots of named locals in scope. */
  scope: readonly number[] = [];
  readonly slots = new Map<Local, number>();
  readonly regions: Region[] = [];
  /** All regions ever opened. */
  readonly closed: Region[] = [];
  /** How many block markers are open, for exits that jump past them. */
  blockMarkers = 0;
  private readonly free: number[] = [];
  private readonly temporaries = new Set<number>();
  /** Temporaries that are the slots of hidden locals now. */
  private readonly held = new Set<number>();
  private readonly constIndex = new Map<string, number>();
  private readonly globalIndex = new Map<string, number>();
  private readonly unitIndex = new Map<string, number>();

  // --- slots

  /** A new slot of its own for a local. */
  named(local: Local): number {
    const slot = this.names.push(local.name) - 1;
    this.slots.set(local, slot);
    return slot;
  }

  /** Puts a named local in scope. */
  enter(slot: number): void {
    if (this.names[slot] !== null) this.scope = [...this.scope, slot];
  }

  /** A slot for a local that is about to be initialised: its own, or a temporary for a hidden one. */
  declare(local: Local): number {
    if (local.name !== null) return this.named(local);
    const slot = this.temporary();
    this.slots.set(local, slot);
    this.held.add(slot);
    return slot;
  }

  /** Ends the life of a declared local. */
  forget(local: Local): void {
    if (local.name !== null) return;
    const slot = this.slots.get(local)!;
    this.held.delete(slot);
    this.release(slot);
  }

  temporary(): number {
    if (this.free.length > 0) return this.free.pop()!;
    const slot = this.names.push(null) - 1;
    this.temporaries.add(slot);
    return slot;
  }

  /** Gives a temporary back; any other operand (a local too, hidden or not) is left alone. */
  release(operand: Operand): void {
    if (typeof operand !== "number" || !this.temporaries.has(operand) || this.held.has(operand)) return;
    this.free.push(operand);
    this.free.sort((a, b) => b - a);
  }

  // --- tables

  /** The operand of a constant, given in tagged JSON. */
  constant(encoded: Json): Operand {
    return `k${intern(this.constIndex, this.consts, canonicalJson(encoded), encoded)}`;
  }

  global(name: string): number {
    return intern(this.globalIndex, this.globals, name, name);
  }

  unit(unit: NestedUnit): number {
    return intern(this.unitIndex, this.units, unit.hash, unit);
  }

  // --- blocks

  /** A block to be placed later. */
  draft(kind: number, result = -1): Draft {
    const draft: Draft = {
      id: this.drafts.length,
      kind,
      result,
      scope: [],
      ops: [],
      end: null,
      place: 0,
      entered: 0,
    };
    this.drafts.push(draft);
    return draft;
  }

  /** Goes on in `draft`; nowhere if no end leads to it. */
  begin(draft: Draft): void {
    const entered = draft.entered > 0 || draft.kind === Block.ENTRY;
    draft.scope = this.scope;
    if (entered) this.blocks.push(draft);
    this.current = entered ? draft : null;
  }

  op(op: Op): void {
    this.current?.ops.push(op);
  }

  /** Ends the current block; control is nowhere until the next `begin`. */
  finish(end: End, targets: readonly Draft[], place: Place): void {
    if (this.current === null) return;
    this.current.end = end;
    this.current.place = place;
    for (const target of targets) target.entered++;
    this.current = null;
  }

  jump(target: Draft, place: Place = 0): void {
    this.finish(["jump", target.id], [target], place);
  }

  move(slot: number, operand: Operand): void {
    if (slot !== operand) this.op(["move", slot, operand]);
  }

  // --- regions

  /** Opens the body of a marker or prompt; `restored` sees the slots as they are now. */
  openRegion(restored: Draft): void {
    this.regions.push({ assigned: new Set(), restored });
  }

  closeRegion(): void {
    this.closed.push(this.regions.pop()!);
  }

  /** A local's slot is assigned here. */
  noteAssignment(local: Local): void {
    for (const region of this.regions) region.assigned.add(local);
  }
}

function intern<T>(index: Map<string, number>, list: T[], key: string, value: T): number {
  let at = index.get(key);
  if (at === undefined) {
    at = list.push(value) - 1;
    index.set(key, at);
  }
  return at;
}
