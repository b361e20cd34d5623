// The nodes of a snapshot as values, runs, stacks and segments. Hostile input: see snapshot.ts and E-24.
//
// Nodes are read in order and mention only nodes before them, so that nothing recurses and nothing is cyclic. Sizes are checked
// before anything is allocated: a node can only grow by what it spells out, runs apart, and those are counted.
import { Flaw } from "../data/tagged-leaf.ts";
import { mapOf, readTagged, setOf, type TaggedHooks } from "../data/tagged-read.ts";
import { Cell, Closure, type Ref, type Value, type Var } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { BOTTOM, builtinUnits } from "../machine/builtin.ts";
import { Continuation, type Frame, type Part, Prompt, type PromptKind, Segment } from "../machine/state.ts";
import { closureMisfit } from "../machine/nesting.ts";
import { isPromptData } from "../machine/sound.ts";
import type { Unit } from "../machine/unit.ts";
import { isCount, refuse } from "./document.ts";
import { FrameReader, isHole, type ValueReader } from "./decode-frame.ts";
import { ELEMENTS_MAX } from "./nodes.ts";
import type { Settler } from "./settle.ts";

/** What a snapshot is linked to when it is decoded. A machine is most of one. */
export interface SnapshotLinker {
  /** The unit with this hash, linked. Throws FlowmetalError when its code is not there. */
  findUnit(hash: string): Unit;
  /** The var of this name, made when there is none. */
  variable(name: string): Var;
  /** The ref with this negative number, of the base image. */
  imageRef(n: number): Ref;
}

/** Elements of collections, in a node of its own: spelled out, or in runs. Spread out only when a collection is made of it. */
class Run {
  constructor(
    readonly count: number,
    private readonly parts: readonly Value[] | readonly Run[],
    private readonly isLeaf: boolean,
  ) {}

  elements(): Value[] {
    const all: Value[] = [];
    const open: Run[] = [this];
    for (let run = open.pop(); run !== undefined; run = open.pop()) {
      if (run.isLeaf) for (const item of run.parts as readonly Value[]) all.push(item);
      else for (let i = run.parts.length - 1; i >= 0; i--) open.push(run.parts[i] as Run);
    }
    return all;
  }
}

/** The frames of a stack down to its bottom, and the nearest marker frame. */
export class Stack {
  constructor(
    readonly top: Frame,
    readonly marker: Frame | null,
  ) {}
}

const EMPTY_STACK = new Stack(BOTTOM, null);

const PROMPTS: ReadonlyMap<unknown, number> = new Map([
  ["prompt", 1],
  ["handle", 2],
  ["join", 0],
]);

/** Finds the ref with a number in the snapshot, or in the image. */
export type FindRef = (n: number) => Ref | undefined;

export class ValueDecoder implements ValueReader {
  private readonly nodes: unknown[] = [];
  private readonly hooks: TaggedHooks;
  private readonly frames: FrameReader;
  private elements = 0;

  constructor(
    private readonly units: readonly Unit[],
    link: SnapshotLinker,
    findRef: FindRef,
    settler: Settler,
  ) {
    this.frames = new FrameReader(units, this);
    this.hooks = {
      fn: (hash, captures, group) => this.closure(hash, captures, group),
      unit: (json) => (isCount(json) ? units[json]?.hash : undefined),
      variable: (name) => link.variable(name),
      ref: (n) => findRef(n) ?? new Flaw("a ref that is nowhere"),
      extra: (json) => this.mention(json),
      settle: (key) => settler.settle(key),
      holes: true,
    };
  }

  /** Reads the next node of the table. */
  addNode(json: unknown): void {
    const path = `n[${this.nodes.length}]`;
    this.nodes.push(Array.isArray(json) ? this.node(json, path) : this.plain(json, path));
  }

  /** Reads a value anywhere in the snapshot: at `path`, or at `index` in what is there. */
  value(json: unknown, path: string, index = -1): Value {
    if (typeof json === "number" && Number.isSafeInteger(json) && !Object.is(json, -0)) return json;
    return readTagged(json, this.hooks, (problem, inner) => {
      const indices = index < 0 ? inner : [index, ...inner];
      refuse(problem, path + (indices.length > 16 ? " deep inside" : indices.map((at) => `[${at}]`).join("")));
    });
  }

  /** Reads where a stack is. */
  stack(json: unknown, path: string): Stack {
    if (json === 0) return EMPTY_STACK;
    const node = this.nodeAt(json);
    return node instanceof Stack ? node : refuse("not a stack", path);
  }

  /** Reads where a stack is that will get a value: a frame for it is on top. */
  private stackOfValue(json: unknown, path: string): Stack {
    const stack = this.stack(json, path);
    return stack.top === stack.marker ? refuse("a marker where a value goes", path) : stack;
  }

  /** Reads where a segment is. */
  segment(json: unknown, path: string): Segment | null {
    if (json === 0) return null;
    const node = this.nodeAt(json);
    return node instanceof Segment ? node : refuse("not a segment", path);
  }

  /** What `["n",i]` names; undefined when that is no node before this one. */
  private nodeAt(json: unknown): unknown {
    if (!Array.isArray(json) || json.length !== 2 || json[0] !== "n" || !isCount(json[1])) return undefined;
    return this.nodes[json[1]];
  }

  private mention(json: readonly unknown[]): Value | Flaw | undefined {
    if (json[0] !== "n") return undefined;
    const node = this.nodeAt(json);
    if (node === undefined) return new Flaw("no node before this one");
    if (node instanceof Run || node instanceof Stack || node instanceof Segment)
      return new Flaw("a node that is no value");
    return node as Value;
  }

  private closure(hash: string, captures: Value[], group: readonly string[] | null): Value | Flaw {
    const unit = this.unitNamed(hash);
    const members = group === null ? null : group.map((member) => this.unitNamed(member));
    if (captures.some(isHole)) return new Flaw("a capture without a value");
    const problem = closureMisfit(unit, captures.length, members);
    return problem === null ? new Closure(unit, captures, members) : new Flaw(problem);
  }

  private readonly byHash = new Map<string, Unit>();
  private unitNamed(hash: string): Unit {
    if (this.byHash.size === 0) for (const unit of this.units) this.byHash.set(unit.hash, unit);
    return this.byHash.get(hash)!;
  }

  // ---- nodes

  private node(json: readonly unknown[], path: string): unknown {
    switch (json[0]) {
      case "+":
        return this.leafRun(json, path);
      case "++":
        return this.runOfRuns(json, path);
      case "v*":
        return Vector.from(this.run(json, path));
      case "m*":
        return this.sound(mapOf(this.run(json, path), this.hooks), path);
      case "S*":
        return this.sound(setOf(this.run(json, path), this.hooks), path);
      case "F":
        return this.part(json, path);
      case "G":
        return this.segmentNode(json, path);
      case "K":
        return this.continuation(json, path);
      default:
        return this.plain(json, path);
    }
  }

  private plain(json: unknown, path: string): Value {
    const value = this.value(json, path);
    return isHole(value) ? refuse("a node that is no value", path) : value;
  }

  private sound(value: Value | Flaw, path: string): Value {
    return value instanceof Flaw ? refuse(value.problem, path) : value;
  }

  private values(json: readonly unknown[], from: number, path: string): Value[] {
    const values: Value[] = [];
    for (let i = from; i < json.length; i++) values.push(this.whole(json[i], path, i));
    return values;
  }

  /** A value that is no mark of a local or var without one. */
  whole(json: unknown, path: string, index: number): Value {
    const value = this.value(json, path, index);
    return isHole(value) ? refuse("a local without a value, where there must be one", `${path}[${index}]`) : value;
  }

  /** Neither kind of run may be trivial: then spreading one out takes time in proportion to its elements. */
  private leafRun(json: readonly unknown[], path: string): Run {
    if (json.length < 2) return refuse("an empty run", path);
    return new Run(json.length - 1, this.values(json, 1, path), true);
  }

  private runOfRuns(json: readonly unknown[], path: string): Run {
    if (json.length < 3) return refuse("a run of one run", path);
    const runs: Run[] = [];
    let count = 0;
    for (let i = 1; i < json.length; i++) {
      const run = this.nodeAt(json[i]);
      if (!(run instanceof Run)) return refuse("not a run", `${path}[${i}]`);
      runs.push(run);
      count += run.count;
    }
    return new Run(count, runs, false);
  }

  private run(json: readonly unknown[], path: string): Value[] {
    const run = json.length === 2 ? this.nodeAt(json[1]) : undefined;
    if (!(run instanceof Run)) return refuse("not a run", path);
    this.elements += run.count;
    if (this.elements > ELEMENTS_MAX) return refuse("more elements than a program can have", path);
    return run.elements();
  }

  private part(json: readonly unknown[], path: string): Stack {
    if (json.length < 3) return refuse("no frames", path);
    const below = this.stack(json[1], `${path}[1]`);
    let { top, marker } = below;
    for (let i = 2; i < json.length; i++) {
      top = this.frames.frame(json[i], top, marker, path, i);
      if (this.frames.madeMarker) marker = top;
    }
    return new Stack(top, marker);
  }

  private segmentNode(json: readonly unknown[], path: string): Segment {
    const next = this.segment(json[1], `${path}[1]`);
    const { top, marker } = this.stackOfValue(json[2], `${path}[2]`);
    return new Segment(this.prompt(json, 3, path), top, marker, next);
  }

  private prompt(json: readonly unknown[], from: number, path: string): Prompt {
    const [type, id] = [json[from], json[from + 1]];
    const count = PROMPTS.get(type);
    if (count === undefined || !isCount(id)) return refuse("not a prompt", path);
    const data = this.values(json, from + 2, path);
    if (data.length !== count) return refuse(`a prompt of kind ${String(type)} with ${data.length} parts`, path);
    if (!isPromptData(type as PromptKind, data)) return refuse("not a handler", path);
    return new Prompt(type as PromptKind, id, data);
  }

  private continuation(json: readonly unknown[], path: string): Continuation {
    const [, full, once, ...rows] = json;
    if (full !== 0 && full !== 1) return refuse("neither full nor delimited", `${path}[1]`);
    if (rows.length === 0) return refuse("a continuation of nothing", path);
    const parts = rows.map((row, index) => this.continuationPart(row, `${path}[${index + 3}]`));
    const used = this.value(once, `${path}[2]`);
    if (used !== null && !(used instanceof Cell)) return refuse("neither nil nor a cell", `${path}[2]`);
    return new Continuation(full === 1, parts, used);
  }

  private continuationPart(row: unknown, path: string): Part {
    if (!Array.isArray(row) || row.length === 0) return refuse("not a part of a continuation", path);
    const { top, marker } = this.stackOfValue(row[0], `${path}[0]`);
    return { stack: top, marker, prompt: row.length === 1 ? null : this.prompt(row, 1, path) };
  }
}

/** The units of a snapshot, in its order. */
export function linkUnits(names: readonly string[], link: SnapshotLinker): Unit[] {
  return names.map((name, index) => {
    if (!name.startsWith("machine/")) return link.findUnit(name);
    return builtinUnits.get(name) ?? refuse(`this engine has no frames of ${name}`, `u[${index}]`);
  });
}
