// The order in which a snapshot is written: one walk with a stack of its own, children first.
//
// What is on top of the stack puts there what it still needs; when it needs nothing more, it is written. Values are acyclic but
// for refs; of those the walk goes only into realised lazy sequences, once.
import { type List, SeqView } from "../data/list.ts";
import type { PMap } from "../data/map.ts";
import { type Range, RangeView } from "../data/range.ts";
import type { PSet } from "../data/set.ts";
import { leafJson } from "../data/tagged-leaf.ts";
import { flatEntries, isEndless, metaOf, rangeEnd, shapeOf, withMeta } from "../data/tagged-shape.ts";
import { Kind, Lazy, Obj, Ref, type Value } from "../data/value.ts";
import type { Vector } from "../data/vector.ts";
import { type Continuation, Frame, Segment } from "../machine/state.ts";
import { CHUNK, chunkOf, LIST_CHUNK, valuesOf } from "./frames.ts";
import { needRoomForPart, type Piece } from "./nodes.ts";

/** A part of a list: its elements up to `rest`, which is written first. */
export class ListPart {
  constructor(
    readonly list: List,
    readonly items: readonly Value[],
    readonly rest: List,
  ) {}
}

export type Node = Obj | Frame | Segment | ListPart;

export abstract class Walk {
  /** What has been written, by host object. */
  protected pieces = new Map<object, Piece>();
  private bare = new Map<Obj, Obj>();
  /** Realised lazy sequences whose content the walk has gone into. */
  private readonly entered = new Set<Lazy>();

  /** Whether views were met, which `copyWalk` leaves out. */
  protected get hasViews(): boolean {
    return this.views.size + this.ranges.size > 0;
  }

  protected copyWalk(from: Walk): void {
    this.pieces = new Map(from.pieces);
    this.bare = new Map(from.bare);
  }

  /** Writes a node whose parts are written. */
  protected abstract write(node: Node): Piece;

  /** Writes a node, and before it whatever it needs. */
  protected walk(root: Node): void {
    const stack: Node[] = [root];
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (this.pieces.has(top)) {
        stack.pop();
        continue;
      }
      const height = stack.length;
      this.need(top, stack);
      if (stack.length > height) continue;
      needRoomForPart(this.pieces.size);
      this.pieces.set(top, this.write(top));
      stack.pop();
    }
  }

  /** Puts on the stack what must be written before `node`, the first on top. */
  private need(node: Node, stack: Node[]): void {
    const from = stack.length;
    if (node instanceof Frame) {
      const { frames, below } = chunkOf(node);
      if (below.depth > 0) this.want(below, stack);
      this.wantAll(valuesOf(frames), stack);
    } else if (node instanceof Segment) {
      if (node.next !== null) this.want(node.next, stack);
      if (node.stack.depth > 0) this.want(node.stack, stack);
      this.wantAll(node.prompt.data, stack);
    } else if (node instanceof ListPart) this.wantAll(node.items, stack);
    else if (node instanceof Lazy) this.needContent(node, stack);
    else if (metaOf(node) !== null) this.wantAll([metaOf(node), this.withoutMeta(node)], stack);
    else this.needParts(node, stack);
    reverseFrom(stack, from);
  }

  private needParts(node: Obj, stack: Node[]): void {
    switch (node.kind) {
      case Kind.List:
        return this.needList(node as List, stack);
      case Kind.Vector:
        return this.needVector(node as Vector, stack);
      case Kind.PMap:
        return this.wantAll(flatEntries(node as PMap), stack);
      case Kind.PSet:
        return this.wantAll((node as PSet).toArray(), stack);
      case Kind.Range:
        return;
      case Kind.Continuation:
        return this.needContinuation(node as Continuation, stack);
      default:
        if (leafJson(node) === undefined) this.wantAll(shapeOf(node)?.parts ?? [], stack);
    }
  }

  private want(node: Node, stack: Node[]): void {
    if (!this.pieces.has(node)) stack.push(node);
  }

  private wantAll(values: readonly Value[], stack: Node[]): void {
    for (const value of values) {
      if (!(value instanceof Obj) || this.pieces.has(value)) continue;
      if (!(value instanceof Ref) || this.isContentWanted(value)) stack.push(value);
    }
  }

  /** Of refs only realised lazy sequences are gone into: they may be keys, and are hashed by content. */
  private isContentWanted(ref: Ref): boolean {
    return ref instanceof Lazy && ref.thunk === null && ref.id > 0 && !this.entered.has(ref);
  }

  private needContent(lazy: Lazy, stack: Node[]): void {
    if (!this.isContentWanted(lazy)) return;
    needRoomForPart(this.entered.size);
    this.entered.add(lazy);
    this.wantAll([lazy.seq], stack);
  }

  /** A list is written part by part from its end, up to a rest that is written already. */
  private needList(list: List, stack: Node[]): void {
    const same = this.sameList(list);
    if (same !== list) return this.want(same, stack);
    if (isEndless(list)) return this.want(list.range, stack);
    if (list.count === 0) return;
    const parts: ListPart[] = [];
    let at = list;
    do {
      const part = this.partOf(at);
      parts.push(part);
      at = part.rest;
    } while (at.count > 0 && at.meta === null && !isEndless(at) && !this.pieces.has(at));
    if (!isWhole(at)) this.want(at, stack);
    for (let i = parts.length - 1; i >= 0; i--) stack.push(parts[i]);
  }

  /** The elements of a list up to where it is cut: 16, counted from the end, or a rest with metadata or without end. */
  private partOf(list: List): ListPart {
    const items: Value[] = [];
    let at = list;
    do {
      items.push(at.first);
      at = at.rest;
    } while (at.count % LIST_CHUNK !== 0 && at.meta === null && !isEndless(at));
    return new ListPart(list, items, this.sameList(at));
  }

  /** Views are made anew by each `rest`: one of them stands for all that show the same. */
  protected sameList(list: List): List {
    if (!(list instanceof SeqView)) return list;
    const [all, source] = list instanceof RangeView ? [this.ranges, rangeText(list.range)] : [this.views, list.source];
    let views = all.get(source);
    if (views === undefined) {
      views = new Map();
      all.set(source, views);
    }
    const known = views.get(list.count);
    if (known === undefined) views.set(list.count, list);
    return known ?? list;
  }
  private readonly views = new Map<unknown, Map<number, List>>();
  private readonly ranges = new Map<unknown, Map<number, List>>();

  private needVector(vector: Vector, stack: Node[]): void {
    for (let i = 0; i < vector.count; i += CHUNK) {
      const items = vector.chunk(i);
      const count = Math.min(CHUNK, vector.count - i);
      if (count < CHUNK || !this.pieces.has(items)) this.wantAll(items.slice(0, count), stack);
    }
  }

  private needContinuation(k: Continuation, stack: Node[]): void {
    for (const part of k.parts) {
      if (part.stack.depth > 0) this.want(part.stack, stack);
      if (part.prompt !== null) this.wantAll(part.prompt.data, stack);
    }
  }

  /** The value without its metadata: one object for each, so that it is written once. */
  protected withoutMeta(node: Obj): Obj {
    let bare = this.bare.get(node);
    if (bare === undefined) {
      bare = withMeta(node, null)!;
      this.bare.set(node, bare);
    }
    return bare;
  }
}

function reverseFrom(stack: unknown[], from: number): void {
  for (let i = from, j = stack.length - 1; i < j; i++, j--) [stack[i], stack[j]] = [stack[j], stack[i]];
}

/** Tells apart ranges of equal length. */
function rangeText(range: Range): string {
  return JSON.stringify([leafJson(rangeEnd(range)), leafJson(range.step)]);
}

/** Nothing is left: the part before it is the whole list. */
export function isWhole(rest: List): boolean {
  return rest.count === 0 && rest.meta === null;
}
