// Continuations and tasks as data of the language, and edited continuations back.
//
//   flow.core/continuation-data K    a map of K as described at `dataOf`
//   flow.core/data-continuation D    the continuation of such a map, with its locals as D has them
//   flow.core/program-data           a map of this program: its tasks with their frames, and its globals
//
// What a frame holds beside named locals (temporaries, what a clause keeps for itself) is never taken from data: it comes from the
// continuation the data was made of. So no data, however it was changed, makes a frame that its code cannot go on with.
import { PMap } from "../data/map.ts";
import { meter } from "../data/meter.ts";
import { CLEARED, Instant, Keyword, Sym, UNBOUND, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { chargeElements } from "../primitive/charge.ts";
import { dataMap } from "../primitive/raise.ts";
import { BOTTOM } from "./builtin.ts";
import { type Operation, type Operator, wrong } from "./operator.ts";
import { errorOf } from "./problems.ts";
import { frameSlot } from "./registers.ts";
import { Continuation, Frame, isMarkerFrame, Marker, markerOf, type Part, type TaskRef } from "./state.ts";
import { placeOf } from "./trace.ts";
import { captureFull } from "./unwind.ts";

export const continuations: readonly (readonly [string, Operation])[] = [
  ["flow.core/continuation-data", (m, [k]) => (k instanceof Continuation ? m.ret(dataOf(k)) : notOne(m, k))],
  ["flow.core/data-continuation", dataContinuation],
  ["flow.core/program-data", (m) => m.ret(programData(m))],
];

function notOne(m: Operator, value: Value): number {
  return wrong(m, "continuation-data", "a continuation", value);
}

const FRAMES = Keyword.of("frames");
const CONTINUATION = Keyword.of("continuation");
const LOCALS = Keyword.of("locals");
const INDEX = Keyword.of("index");

/**
 * {:kind :full or :delimited, :frames [newest first], :continuation K}. A frame is {:index :function :file :line :column :locals},
 * with :marker (:catch, :finally, :binding, ...) for one that a special form keeps; between the frames stand prompts:
 * {:index :prompt :tag}. :index counts from the outermost. Locals are by symbol; of several of one name the outer ones have
 * primes.
 */
function dataOf(k: Continuation): PMap {
  const entries = entriesOf(k.parts);
  return dataMap({
    kind: Keyword.of(k.full ? "full" : "delimited"),
    frames: framesData(entries),
    continuation: k,
  });
}

/** A frame, or a prompt between two parts. */
type Entry = { readonly frame: Frame } | { readonly part: Part };

/** The frames of the parts and the prompts behind them, newest first. */
function entriesOf(parts: readonly Part[]): Entry[] {
  const entries: Entry[] = [];
  for (const part of parts) {
    for (let frame = part.stack; frame !== BOTTOM; frame = frame.next) entries.push({ frame });
    if (part.prompt !== null) entries.push({ part });
  }
  chargeElements(entries.length * 16);
  return entries;
}

function framesData(entries: readonly Entry[]): Vector {
  const last = entries.length - 1;
  return Vector.from(
    entries.map((entry, i) => ("frame" in entry ? frameData(entry.frame, last - i) : promptData(entry.part, last - i))),
  );
}

function frameData(frame: Frame, index: number): PMap {
  const { unit, block } = frame;
  const marker = isMarkerFrame(frame) ? markerOf(frame).type : null;
  const place = block < 0 ? null : placeOf(unit, unit.origin(block));
  const data: [Value, Value][] = [
    [INDEX, index],
    [Keyword.of("function"), unit.name === null ? null : Sym.parse(unit.name)],
  ];
  if (marker !== null) data.push([Keyword.of("marker"), Keyword.of(marker)]);
  if (place !== null && !unit.builtin) {
    for (const name of ["file", "line", "column"]) {
      data.push([Keyword.of(name), place.get(Keyword.of(name), null)]);
    }
  }
  data.push([LOCALS, PMap.from(localsOf(frame).map(({ name, value }) => [name, value]))]);
  return PMap.from(data);
}

function promptData({ prompt }: Part, index: number): PMap {
  const tag = prompt?.type === "prompt" ? { tag: prompt.data[0] } : {};
  return dataMap({ index, prompt: Keyword.of(prompt?.type ?? "join"), ...tag });
}

interface LocalIn {
  readonly name: Sym;
  /** Which of the values the frame holds. */
  readonly at: number;
  readonly value: Value;
}

/** The named locals of a frame that have a value, the innermost of a name without primes. */
function localsOf(frame: Frame): LocalIn[] {
  const { unit, block } = frame;
  if (block < 0 || unit.builtin) return [];
  const live = unit.code.blocks[block][1];
  const locals: LocalIn[] = [];
  const seen = new Map<string, number>();
  for (let at = live.length - 1; at >= 0; at--) {
    const slot = live[at] >= 0 ? live[at] : -1 - live[at];
    const name = unit.debug.slots[slot];
    const value = frameSlot(frame, at);
    if (name === null || slot === unit.code.self || value === CLEARED || value === UNBOUND) continue;
    const outer = seen.get(name) ?? 0;
    seen.set(name, outer + 1);
    locals.push({ name: new Sym(null, name + "'".repeat(outer)), at, value });
  }
  return locals.reverse();
}

// ---- back

/** Why data is no continuation. */
class Refusal {
  constructor(
    readonly message: string,
    readonly hint: string,
  ) {}
}

function dataContinuation(m: Operator, [data]: Value[]): number {
  const k = data instanceof PMap ? data.get(CONTINUATION, null) : null;
  const frames = data instanceof PMap ? data.get(FRAMES, null) : null;
  if (!(k instanceof Continuation) || !(frames instanceof Vector)) {
    return wrong(m, "data-continuation", "a map that continuation-data made", data ?? null);
  }
  const made = rebuilt(k, frames.toArray());
  if (made instanceof Continuation) return m.ret(made);
  const error = errorOf("continuation/data", made.message, { hint: made.hint });
  return m.raise(error, { kind: "throw", error });
}

/** The continuation with the locals that the data has; the newest frames may be missing. */
function rebuilt(k: Continuation, given: readonly Value[]): Continuation | Refusal {
  const entries = entriesOf(k.parts);
  const dropped = entries.length - given.length;
  const kept = entries.slice(Math.max(0, dropped));
  const hint = "change :locals, or leave out frames from the newest on";
  if (dropped < 0) return new Refusal("there are more frames than the continuation has", hint);
  const edits: PMap[] = [];
  for (const [i, data] of given.entries()) {
    const index = given.length - 1 - i;
    if (!(data instanceof PMap) || data.get(INDEX, null) !== index) {
      return new Refusal(`the frame with the :index ${index} does not stand at its place`, hint);
    }
    edits.push(data);
  }
  const [top] = kept;
  if (top !== undefined && "frame" in top && isMarkerFrame(top.frame)) {
    return new Refusal("a frame cannot be left out without what its special form keeps behind it", hint);
  }
  return rebuiltParts(k, kept, edits);
}

/** From the outermost frame on: each stands on the one before it. */
function rebuiltParts(k: Continuation, kept: readonly Entry[], edits: readonly PMap[]): Continuation | Refusal {
  const parts: Part[] = [];
  let stack: Frame = BOTTOM;
  let marker: Frame | null = null;
  const oldest = k.parts[k.parts.length - 1];
  let { prompt } = oldest;
  for (let i = kept.length - 1; i >= 0; i--) {
    const entry = kept[i];
    if ("part" in entry) {
      // What stands on a prompt is a part of its own; the oldest part is begun already.
      if (entry.part !== oldest) parts.unshift({ stack, marker, prompt });
      [stack, marker, prompt] = [BOTTOM, null, entry.part.prompt];
      continue;
    }
    const edited = withLocals(entry.frame, stack, marker, edits[i].get(LOCALS, null));
    if (edited instanceof Refusal) return edited;
    stack = edited;
    if (isMarkerFrame(edited)) marker = edited;
  }
  parts.unshift({ stack, marker, prompt });
  meter.owner = {};
  return new Continuation(k.full, parts, k.once);
}

/** A frame with other locals, on top of `next`. */
function withLocals(frame: Frame, next: Frame, marker: Frame | null, given: Value): Frame | Refusal {
  const locals = localsOf(frame);
  const name = frame.unit.name ?? "an anonymous function";
  if (!(given instanceof PMap))
    return new Refusal(`the frame of ${name} has no map under :locals`, "leave it as it was");
  const names = locals.map((local) => local.name.text);
  const strange = given.keys().find((key) => !(key instanceof Sym) || !names.includes(key.text));
  if (strange !== undefined || given.count !== locals.length) {
    return new Refusal(
      `the frame of ${name} has these locals, no more and no fewer: ${names.join(" ")}`,
      "change their values",
    );
  }
  const { unit, block } = frame;
  const count = block < 0 ? 0 : unit.code.blocks[block][1].length;
  const values = Array.from({ length: count }, (_, at) => frameSlot(frame, at));
  for (const local of locals) values[local.at] = given.get(local.name, null);
  if (isMarkerFrame(frame)) {
    const { type, id, data } = markerOf(frame);
    const held = block < 0 ? null : values;
    return new Frame(unit, block, next, new Marker(type, id, data, marker), null, null, null, null, null, held);
  }
  const [a = null, b = null, c = null, d = null, e = null, f = null] = values;
  return new Frame(unit, block, next, a, b, c, d, e, f, values.length > 6 ? values.slice(6) : null);
}

// ---- the program

/** {:id :now :tasks [{:task :state :frames :error?}] :globals {name value}}; the task that asks is :running. */
function programData(m: Operator): PMap {
  const { id, now, tasks, vars } = m.state;
  const globals = [...vars.values()].filter((variable) => variable.value !== UNBOUND);
  chargeElements(globals.length);
  return dataMap({
    id,
    now: new Instant(now),
    tasks: Vector.from([...tasks.values()].map((task) => taskData(m, task))),
    globals: PMap.from(globals.map((variable): [Value, Value] => [Sym.parse(variable.name), variable.value])),
  });
}

const STATES: Readonly<Record<TaskRef["control"]["kind"], string>> = {
  return: "ready",
  clause: "ready",
  call: "ready",
  primitive: "ready",
  global: "ready",
  throw: "ready",
  cancel: "ready",
  await: "waiting",
  select: "waiting",
  fault: "faulted",
  done: "done",
};

function taskData(m: Operator, task: TaskRef): PMap {
  const running = task === m.task;
  const parts = running ? captureFull(m).parts : partsOf(task);
  const { control } = task;
  return dataMap({
    task,
    state: Keyword.of(running ? "running" : STATES[control.kind]),
    frames: framesData(entriesOf(parts)),
    ...(!running && control.kind === "fault" ? { error: control.error } : {}),
  });
}

function partsOf(task: TaskRef): Part[] {
  const parts: Part[] = [];
  let { stack, marker, segment } = task;
  for (; segment !== null; { stack, marker } = segment, segment = segment.next) {
    parts.push({ stack, marker, prompt: segment.prompt });
  }
  return [...parts, { stack, marker, prompt: null }];
}
