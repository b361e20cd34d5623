// Values, frames, segments and continuations as pieces of a snapshot.
//
// Whatever has parts is written once for each host object, and the node table makes equal ones one. A ref is written as its
// number, whatever it holds.
import { canonicalJson, type Json, quote } from "../base/canonical-json.ts";
import type { List } from "../data/list.ts";
import type { PMap } from "../data/map.ts";
import type { RangeView } from "../data/range.ts";
import type { PSet } from "../data/set.ts";
import { leafJson } from "../data/tagged-leaf.ts";
import { metaOf, shapeOf } from "../data/tagged-shape.ts";
import { type Closure, Kind, Lazy, type MapValue, Obj, Ref, type Value, type Var } from "../data/value.ts";
import type { Vector } from "../data/vector.ts";
import { type Continuation, Frame, Marker, type Part, type Prompt, Segment } from "../machine/state.ts";
import { cutByContent, cutByIndex } from "./cut.ts";
import { CHUNK, chunkOf, slotsOf } from "./frames.ts";
import { INLINE_MAX, needRoomForPart, NodeTable, type Piece, Writer } from "./nodes.ts";
import { isWhole, ListPart, type Node, Walk } from "./walk.ts";

/** Parts of an encoder that is copied, at most. */
const COPY_MAX = 4_096;

export class ValueEncoder extends Walk {
  table = new NodeTable();
  /** Refs of the program that were met, in that order: their content is still to be written. */
  met: Ref[] = [];
  private known = new Set<Ref>();
  private strings = new Map<string, Piece>();
  private metLazy = false;

  /** Whether it would write the same for the same values ever after (a lazy sequence changes), and a copy of it costs little. */
  get isFixed(): boolean {
    return !this.metLazy && !this.hasViews && Math.max(this.pieces.size, this.known.size) <= COPY_MAX;
  }

  /** Another encoder that has written the same. Only of one that `isFixed`. */
  copy(): ValueEncoder {
    const copy = new ValueEncoder();
    copy.copyWalk(this);
    copy.table = this.table.copy();
    copy.met = this.met.slice();
    copy.known = new Set(this.known);
    copy.strings = new Map(this.strings);
    return copy;
  }

  /** Writes a value, and whatever it needs. */
  value(writer: Writer, value: Value): void {
    if (value instanceof Obj) this.walk(value);
    this.put(writer, value);
  }

  /** Writes where a stack is: its node, or 0 for an empty one. */
  stack(writer: Writer, stack: Frame): void {
    if (stack.depth > 0) this.walk(stack);
    this.putStack(writer, stack);
  }

  segment(writer: Writer, segment: Segment | null): void {
    if (segment !== null) this.walk(segment);
    this.putSegment(writer, segment);
  }

  /** Writes the number of a ref, and notes it. */
  ref(writer: Writer, ref: Ref): void {
    this.note(ref);
    writer.raw(String(ref.id));
  }

  // ---- nodes

  protected override write(node: Node): Piece {
    if (node instanceof Frame) return this.writeFrames(node);
    if (node instanceof Segment) return this.writeSegment(node);
    if (node instanceof ListPart) {
      const piece = this.writeListPart(node);
      this.pieces.set(node.list, piece);
      return piece;
    }
    const meta = metaOf(node);
    if (meta !== null) return this.writeParts('["^"', [meta, this.withoutMeta(node)]);
    switch (node.kind) {
      case Kind.List:
        return this.writeList(node as List);
      case Kind.Vector:
        return this.writeVector(node as Vector);
      case Kind.PMap:
        return this.writeMap(node as PMap);
      case Kind.PSet:
        return this.writeSet(node as PSet);
      case Kind.Closure:
        return this.writeClosure(node as Closure);
      case Kind.Continuation:
        return this.writeContinuation(node as Continuation);
      case Kind.Range:
        return this.table.add(new Writer(canonicalJson(["r", ...shapeOf(node)!.parts.map((part) => leafJson(part)!)])));
      case Kind.Var:
        return this.table.add(new Writer(canonicalJson(["var", (node as Var).name])));
      default:
        return this.writeOther(node);
    }
  }

  private writeOther(node: Obj): Piece {
    if (node instanceof Ref) {
      const writer = new Writer();
      this.put(writer, node);
      return this.table.add(writer);
    }
    const leaf = leafJson(node);
    if (leaf !== undefined) return this.table.add(new Writer(canonicalJson(leaf)));
    const shape = shapeOf(node);
    if (shape === undefined) throw new Error("bug: a host object in the state of a program");
    const head = shape.head.map((part) => `,${canonicalJson(part)}`).join("");
    return this.writeParts(`["${shape.tag}"${head}`, shape.parts);
  }

  private writeParts(opening: string, parts: readonly Value[], node = false): Piece {
    const writer = new Writer(opening);
    for (const part of parts) this.putNext(writer, part);
    writer.raw("]");
    return this.table.add(writer, node);
  }

  private writeListPart({ rest, items }: ListPart): Piece {
    return isWhole(rest) ? this.writeParts('["l"', items) : this.writeParts('["l*"', [rest, ...items], true);
  }

  /** A list that has no part of its own: empty, without end, or seen through another view already. */
  private writeList(list: List): Piece {
    if (list.count === 0) return this.writeParts('["l"', []);
    const same = this.pieces.get(this.sameList(list));
    return same ?? this.writeParts('["l*"', [(list as RangeView).range], true);
  }

  private writeVector(vector: Vector): Piece {
    if (vector.count <= CHUNK) return this.writeParts('["v"', vector.toArray());
    const runs: Piece[] = [];
    for (let i = 0; i < vector.count; i += CHUNK) runs.push(this.writeLeaf(vector, i));
    return this.writeRun(
      '["v*",',
      cutByIndex(runs, CHUNK, (group) => this.writeRuns(group)),
      vector.count,
    );
  }

  /** A run of 32 elements is known by the host array that vectors share; a shorter one may use a part of such an array. */
  private writeLeaf(vector: Vector, from: number): Piece {
    const items = vector.chunk(from);
    const count = Math.min(CHUNK, vector.count - from);
    if (count < CHUNK) return this.writeParts('["+"', items.slice(0, count), true);
    let piece = this.pieces.get(items);
    if (piece === undefined) {
      piece = this.writeParts('["+"', items, true);
      this.pieces.set(items, piece);
    }
    return piece;
  }

  private writeMap(map: MapValue): Piece {
    if (map.count > CHUNK) {
      const entries: Writer[] = [];
      const keys: string[] = [];
      map.forEach((key, value) => {
        const writer = new Writer();
        this.put(writer, key);
        keys.push(writer.digest);
        this.putNext(writer, value);
        entries.push(writer);
      });
      return this.writeCut('["m*",', entries, keys);
    }
    const writer = new Writer('["m"');
    let lazyKey = false;
    map.forEach((key, value) => {
      lazyKey ||= this.isLazyInside(key);
      this.putNext(writer, key);
      this.putNext(writer, value);
    });
    writer.raw("]");
    return this.table.add(writer, lazyKey);
  }

  private writeSet(set: PSet): Piece {
    const members = set.toArray();
    if (members.length <= CHUNK)
      return this.writeParts(
        '["S"',
        members,
        members.some((member) => this.isLazyInside(member)),
      );
    const entries = members.map((member) => {
      const writer = new Writer();
      this.put(writer, member);
      return writer;
    });
    const keys = entries.map((writer) => writer.digest);
    return this.writeCut('["S*",', entries, keys);
  }

  private isLazyInside(key: Value): boolean {
    return key instanceof Obj && (key instanceof Lazy || this.pieces.get(key)?.lazy === true);
  }

  private writeCut(opening: string, entries: readonly Writer[], keys: readonly string[]): Piece {
    const leaf = (from: number, to: number): Piece => {
      const writer = new Writer('["+"');
      for (let i = from; i < to; i++) writer.next(entries[i]);
      writer.raw("]");
      return this.table.add(writer, true);
    };
    return this.writeRun(
      opening,
      cutByContent(keys, leaf, (group) => this.writeRuns(group)),
      entries.length,
    );
  }

  private writeRuns(runs: readonly Piece[]): Piece {
    if (runs.length === 1) return runs[0];
    const writer = new Writer('["++"');
    for (const run of runs) writer.next(run);
    writer.raw("]");
    return this.table.add(writer, true);
  }

  private writeRun(opening: string, run: Piece, count: number): Piece {
    const writer = new Writer(opening);
    writer.piece(run);
    writer.raw("]");
    return this.table.addRuns(writer, count);
  }

  private writeClosure(closure: Closure): Piece {
    const { tag, head, parts } = shapeOf(closure)!;
    const writer = new Writer(`["${tag}",`);
    if (tag === "fn") this.putUnit(writer, head[0] as string);
    else {
      writer.raw(`${head[0] as number},[`);
      (head[1] as string[]).forEach((hash, i) => {
        if (i > 0) writer.raw(",");
        this.putUnit(writer, hash);
      });
      writer.raw("]");
    }
    for (const part of parts) this.putNext(writer, part);
    writer.raw("]");
    return this.table.add(writer);
  }

  private writeContinuation(k: Continuation): Piece {
    const writer = new Writer(`["K",${k.full ? 1 : 0},`);
    this.put(writer, k.once);
    for (const part of k.parts) this.putPart(writer, part);
    writer.raw("]");
    return this.table.add(writer, true);
  }

  private putPart(writer: Writer, part: Part): void {
    writer.raw(",[");
    this.putStack(writer, part.stack);
    if (part.prompt !== null) this.putPrompt(writer, part.prompt);
    writer.raw("]");
  }

  private writeFrames(top: Frame): Piece {
    const { frames, below } = chunkOf(top);
    const writer = new Writer('["F",');
    this.putStack(writer, below);
    for (const frame of frames) this.putFrame(writer, frame);
    writer.raw("]");
    return this.table.add(writer, true);
  }

  private putFrame(writer: Writer, frame: Frame): void {
    writer.raw(",[");
    this.putUnit(writer, frame.unit.hash);
    writer.raw(`,${frame.block}`);
    if (frame.a instanceof Marker) {
      writer.raw(`,["M","${frame.a.type}",${frame.a.id}`);
      for (const datum of frame.a.data) this.putNext(writer, datum);
      writer.raw("]");
    }
    for (const slot of slotsOf(frame)) this.putNext(writer, slot);
    writer.raw("]");
  }

  private writeSegment(segment: Segment): Piece {
    const writer = new Writer('["G",');
    this.putSegment(writer, segment.next);
    writer.raw(",");
    this.putStack(writer, segment.stack);
    this.putPrompt(writer, segment.prompt);
    writer.raw("]");
    return this.table.add(writer, true);
  }

  private putPrompt(writer: Writer, prompt: Prompt): void {
    writer.raw(`,"${prompt.type}",${prompt.id}`);
    for (const datum of prompt.data) this.putNext(writer, datum);
  }

  private putUnit(writer: Writer, hash: string): void {
    writer.both(String(this.table.unit(hash)), hash);
  }

  private putStack(writer: Writer, stack: Frame): void {
    if (stack.depth === 0) writer.raw("0");
    else writer.piece(this.pieces.get(stack)!);
  }

  private putSegment(writer: Writer, segment: Segment | null): void {
    if (segment === null) writer.raw("0");
    else writer.piece(this.pieces.get(segment)!);
  }

  private putNext(writer: Writer, value: Value): void {
    writer.raw(",");
    this.put(writer, value);
  }

  /** Writes a value whose parts are written. */
  private put(writer: Writer, value: Value): void {
    if (typeof value === "number" && Number.isFinite(value)) writer.raw(String(value));
    else if (value === null || typeof value === "boolean") writer.raw(String(value));
    else if (typeof value === "string") this.putString(writer, value);
    else if (!(value instanceof Obj)) writer.piece(this.table.add(new Writer(canonicalJson(leafJson(value) as Json))));
    else if (value instanceof Ref) {
      this.note(value);
      if (value instanceof Lazy) writer.lazy = this.metLazy = true;
      writer.raw(`["ref",${value.id}]`);
    } else writer.piece(this.pieces.get(value)!);
  }

  private putString(writer: Writer, text: string): void {
    if (text.length < INLINE_MAX) {
      const json = quote(text);
      if (json.length <= INLINE_MAX) return writer.raw(json);
    }
    let piece = this.strings.get(text);
    if (piece === undefined) {
      piece = this.table.add(new Writer(quote(text)));
      this.strings.set(text, piece);
    }
    writer.piece(piece);
  }

  private note(ref: Ref): void {
    if (ref.id < 0 || this.known.has(ref)) return;
    needRoomForPart(this.known.size);
    this.known.add(ref);
    this.met.push(ref);
  }
}
