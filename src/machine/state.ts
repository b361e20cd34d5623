// The state of a running program: frames, markers, segments, continuations, tasks. What may point to what.
//
//   task ── stack ─> frame ─> frame ─> ... ─> BOTTOM        the current segment, newest frame first
//     │                └ a marker frame carries a Marker; markers of a segment link to the next one below (S-20)
//     ├── marker ─> the nearest marker frame of the current segment, or null
//     └── segment ─> Segment ─> Segment ─> null             what lies below each prompt
//
// 1. A frame is never changed once it is pushed: resuming copies its slots out. So a continuation can be resumed any number
//    of times, and capturing one is taking the pointer. A vector that a slot alone knows may grow in place under the
//    owner token of the slice (S-13); capturing replaces the token, so what a captured frame holds is copied before it changes.
// 2. `frame.next` stays within a segment and ends at BOTTOM. `frame.depth` counts from the segment's bottom; a Segment knows the
//    depth of all that lies below it.
// 3. A marker frame is a frame whose first slot holds a Marker; its `more` holds the slots of its clause. A value is never
//    returned to it: the code that pushed it pops it.
// 4. No host object is reachable from here but these classes, values and units.
//
// Tasks form a tree, by way of scopes (scopes.ts says what a scope is, tasks.ts what they do):
//
//   task ── scope ─> scope cell ─> owner: the task whose stack holds the scope's marker, or whose `own` scope it is
//
// 5. A task belongs to the scope it was spawned in, as long as it is not over; whoever leaves a scope waits until it has no tasks.
//    Only the main task belongs to none. What tasks a scope has is read from the tasks.
// 6. `cancelled` is set once, for ever. A cancelled task is leaving its frames, or inside of a clean-up ("cleanup" and "leave"
//    markers), which nothing from outside interrupts and behind which the leaving goes on.
import type { Unit } from "./unit.ts";
import { type Cell, type EventRef, Kind, Obj, Ref, setKind, type Value, type Var } from "../data/value.ts";

/** One activation that waits for a value. Up to six slots are held in place, the rest in `more`. */
export class Frame {
  /** Frames of this segment from here down. */
  readonly depth: number;
  /** Their charged size in bytes (S-18): what they take in memory, near enough, and the same on every machine. */
  readonly size: number;

  constructor(
    readonly unit: Unit,
    readonly block: number,
    readonly next: Frame,
    readonly a: Value | Marker,
    readonly b: Value,
    readonly c: Value,
    readonly d: Value,
    readonly e: Value,
    readonly f: Value,
    readonly more: readonly Value[] | null,
  ) {
    // Only BOTTOM has nothing below it.
    this.depth = (next as Frame | null) === null ? 0 : next.depth + 1;
    this.size = (next as Frame | null) === null ? 0 : next.size + sizeOf(more);
  }
}

function sizeOf(more: readonly Value[] | null): number {
  return more === null ? frameSize(0) : frameSize(6 + more.length);
}

/** Bytes charged for a frame of so many slots: an object of twelve fields, and an array for those beyond six. */
export function frameSize(slots: number): number {
  return slots <= 6 ? 120 : 88 + 8 * slots;
}

export type MarkerKind = "catch" | "finally" | "block" | "binding" | "scope" | "cleanup" | "search" | "leave";

/** What makes a frame a marker frame (S-20). */
export class Marker extends Obj {
  constructor(
    readonly type: MarkerKind,
    readonly id: number,
    /**
     * As code.ts says for each kind; "search": [error, the catch marker being asked (throw.ts)]; "leave": [the cell of the scope
     * whose tasks are waited for].
     */
    readonly data: readonly Value[],
    /** The next marker frame below in the same segment. */
    readonly below: Frame | null,
  ) {
    super();
  }
}
setKind(Marker, Kind.Marker);

/** The marker of a marker frame; only to be asked of frames found through `marker` links. */
export function markerOf(frame: Frame): Marker {
  return frame.a as Marker;
}

/** True for a marker frame. */
export function isMarkerFrame(frame: Frame): boolean {
  return frame.a instanceof Marker;
}

/** What a segment stands on. "join": a boundary made by putting a captured segment onto a stack; it delimits nothing. */
export type PromptKind = "prompt" | "handle" | "join";

export class Prompt {
  constructor(
    readonly type: PromptKind,
    readonly id: number,
    /** "prompt": [tag]; "handle": [vector of operations, vector of functions]; "join": [] */
    readonly data: readonly Value[],
  ) {}
}

/** The part of a stack below one prompt. */
export class Segment {
  /** Frames below this prompt, over all segments, and their charged size. */
  readonly depth: number;
  readonly size: number;

  constructor(
    readonly prompt: Prompt,
    readonly stack: Frame,
    readonly marker: Frame | null,
    readonly next: Segment | null,
  ) {
    this.depth = stack.depth + (next === null ? 0 : next.depth);
    this.size = stack.size + (next === null ? 0 : next.size);
  }
}

/** One segment of a captured continuation, and the prompt it stood on (null: put its frames back behind a join). */
export interface Part {
  readonly stack: Frame;
  readonly marker: Frame | null;
  readonly prompt: Prompt | null;
}

/** A first-class continuation. Parts are newest first. A full one replaces the stack, a delimited one is put on top. */
export class Continuation extends Obj {
  constructor(
    readonly full: boolean,
    readonly parts: readonly Part[],
    /** A cell {value: used?} when it holds a scope marker and so is one-shot (S-21), else null. */
    readonly once: Value,
  ) {
    super();
  }
}
setKind(Continuation, Kind.Continuation);

/** What a task does next when it runs again; plain data, so that a stop at any tick can be written down. */
export type Control =
  /** Give a value to the frame on top. */
  | { readonly kind: "return"; readonly value: Value }
  /** Enter the clause of the marker frame on top. */
  | { readonly kind: "clause"; readonly value: Value }
  /** Call a function; its frame is on top already. */
  | { readonly kind: "call"; readonly f: Value; readonly args: readonly Value[] }
  /** Run a primitive (`name@version`) and give its answer to the frame on top. */
  | { readonly kind: "primitive"; readonly name: string; readonly args: readonly Value[] }
  /** Read a global and give it to the frame on top. */
  | { readonly kind: "global"; readonly name: string }
  /** Throw an error at the frame on top. */
  | { readonly kind: "throw"; readonly error: Value }
  /** Wait for an event; its value goes to the frame on top. */
  | { readonly kind: "await"; readonly event: EventRef }
  /** Wait for the first of several events; the index of the one that was settled first goes to the frame on top. */
  | { readonly kind: "select"; readonly events: readonly EventRef[] }
  /** Leave all frames, running what `finally` says, and be over (E-7). */
  | { readonly kind: "cancel" }
  /** Stopped at an error nobody takes. `retry` is what failed. */
  | { readonly kind: "fault"; readonly error: Value; readonly retry: Control }
  /** Over. */
  | { readonly kind: "done"; readonly value: Value };

/** One thread of control inside a program. Awaiting a task is awaiting its `event`. */
export class TaskRef extends Ref {
  stack: Frame;
  marker: Frame | null = null;
  segment: Segment | null = null;
  control: Control;
  /** Effects this task has made on this branch: the n of E-3. */
  effects = 0;
  /** The cell of the scope it belongs to; null for the main task and for one that is over. */
  scope: Cell | null = null;
  /** The cell of its own scope, for what it spawns outside of any other; made when first needed. */
  own: Cell | null = null;
  /** Somebody wants it to leave its frames. */
  cancelled = false;
  constructor(
    id: number,
    bottom: Frame,
    control: Control,
    /** Fulfilled with the task's value when it is over, or failed with its error. Its number is the task's less one. */
    readonly event: EventRef,
  ) {
    super(id);
    this.stack = bottom;
    this.control = control;
  }
}
setKind(TaskRef, Kind.TaskRef);

/** A pending timer: at `due` (epoch ms) its event is fulfilled with nil. */
export interface Timer {
  readonly due: number;
  readonly event: EventRef;
}

/** Everything a program is: the roots of its snapshot. Plain counters and the objects above; nothing of the host. */
export interface ProgramState {
  /** Program id (part of effect keys). */
  id: string;
  /** The base image it is pinned to (S-10), 64 hex characters. */
  image: string;
  /** The journal position that began this branch, 0 at start (E-3). */
  branch: number;
  /** Next ref number (S-7). */
  nextRef: number;
  /** Next marker and prompt id (S-20). */
  nextMarker: number;
  /** The last time observed; time never goes back (S-17). Epoch ms. */
  now: number;
  /** Next output chunk (S-24). */
  output: number;
  /** Ticks run so far, all turns. */
  ticks: number;
  /** Ticks it may run in all (`--max-steps`), or null. */
  ticksMax: number | null;
  /** The program's own vars by qualified name, in the order they were made: what it defined, and image vars it wrote over. */
  vars: Map<string, Var>;
  /** Image cells this program wrote (negative numbers): their values here. */
  cells: Map<number, Cell>;
  /** Unfinished tasks (also the faulted ones) by ref, in order of creation. The main task is `main`. */
  tasks: Map<number, TaskRef>;
  main: TaskRef;
  /** Tasks that can run, in the order they will. */
  ready: TaskRef[];
  /** Tasks waiting for each pending event, in the order they began to; keyed by event ref. */
  waiters: Map<number, TaskRef[]>;
  /** Pending events that an effect will answer, by effect key, in the order they were made. */
  open: Map<string, EventRef>;
  /** Pending timers, ordered by (due, event ref). */
  timers: Timer[];
  /** True once the program was cancelled: its clean-ups are running, or it is over. */
  cancelled: boolean;
}
