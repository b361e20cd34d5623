// The states whose snapshots are kept for ever in test/golden: every kind of value, ref, marker, prompt and control.
import { Cons, List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { makeRange, type Range, RangeView } from "../../src/data/range.ts";
import { makeRecord } from "../../src/data/record.ts";
import { PSet } from "../../src/data/set.ts";
import {
  Bytes,
  Cell,
  CLEARED,
  Closure,
  Duration,
  ErrorValue,
  EventRef,
  Float,
  Instant,
  Keyword,
  Lazy,
  Ratio,
  Regex,
  Sym,
  Tagged,
  UNBOUND,
  Uuid,
  type Value,
  Var,
} from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { BOTTOM, BOUND, END, LEAVE, RAISE, SEARCH } from "../../src/machine/builtin.ts";
import {
  Continuation,
  type Control,
  Frame,
  type ProgramState,
  Prompt,
  Segment,
  TaskRef,
} from "../../src/machine/state.ts";
import type { Unit } from "../../src/machine/unit.ts";
import { capturing, frame, marked, markerFrame, nearestMarker, siblings, waiting } from "./support.ts";

const k = Keyword.of;

/** A script that waits for the first time. */
export function small(): ProgramState {
  return waiting(frame(frame(BOTTOM, ["orders.fm", 117, null]), ["https://example.org/", 1]));
}

/** A script whose snapshot is packed: a large map, vector, set and list that share parts, on a deep stack. */
export function large(): ProgramState {
  const numbers = Array.from({ length: 900 }, (_, i) => i);
  const note = "a text that two parts mention, too long to stand in place";
  const table = PMap.from(numbers.map((i) => [k(`order-${i}`), Vector.of(i, `customer ${i % 40}`, note)] as const));
  const set = PSet.of(...numbers.map((i) => new Sym(null, `s${i}`)));
  let stack = frame(BOTTOM, [table, Vector.from(numbers), set, List.from(numbers)]);
  for (const i of numbers.slice(0, 200)) stack = frame(stack, [i, Vector.of(table, note)]);
  return waiting(stack);
}

/** A script that holds records: small, with further keys and metadata, of many entries, as a key, none of its fields there. */
export function records(): ProgramState {
  const point = makeRecord(k("geo/Point"), [k("x"), k("y")], [1, new Float(2)]);
  const numbers = Array.from({ length: 100 }, (_, i) => i);
  const large = numbers.reduce<PMap>((record, i) => record.set(i, k(`value-${i}`)), point);
  const held = Vector.of(
    point,
    point.set("more", point).withMeta(PMap.of(k("doc"), "where")),
    large,
    large.delete(50),
    PMap.of(point, "as a key"),
    PSet.of(point),
    makeRecord(k("geo/Nothing"), [], []),
  );
  return waiting(frame(BOTTOM, [held]));
}

function leaves(): Value {
  return Vector.of(
    null,
    true,
    false,
    "text \u00e9\n\u{1f600}",
    "a text that is too long to stand in its place, so it is a node",
    0,
    -5,
    9007199254740991,
    9007199254740993n,
    new Ratio(-1n, 3n),
    0.5,
    new Float(2),
    new Float(-0),
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    k("a"),
    k("a/b"),
    new Sym(null, "x"),
    new Sym(null, "a/b"),
    new Sym("n", "y", PMap.of(k("line"), 3)),
    new Bytes(new Uint8Array([0, 128, 255])),
    new Instant(1_700_000_000_123),
    new Duration(-90_000),
    new Uuid("01234567-89ab-cdef-0123-456789abcdef"),
    new Regex("a+", "i"),
    new Tagged(new Sym("my", "tag"), Vector.of(1)),
    new ErrorValue(k("user"), "no", PMap.of(k("why"), 1), new ErrorValue(k("type"), "inner", null), Vector.of("frame")),
  );
}

function collections(): Value {
  const numbers = Array.from({ length: 100 }, (_, i) => i);
  const keys = numbers.map((i) => k(`k${i}`));
  const map = PMap.from(keys.map((key, i) => [key, i]));
  return Vector.of(
    List.EMPTY,
    List.of(1, 2),
    List.from(numbers),
    List.cons(0, List.of(1).withMeta(PMap.of(1, 2))),
    List.cons("a", new RangeView(makeRange(0, Number.MAX_SAFE_INTEGER, 1) as Range)),
    Vector.from(numbers).withMeta(PMap.of(k("tag"), "v")),
    Vector.from(Array.from({ length: 1100 }, (_, i) => i % 3)),
    makeRange(0, 10, 3),
    makeRange(new Ratio(1n, 2n), 10, 1),
    PMap.of(k("a"), 1, "b", Vector.of(2)),
    map.set(keys[7], "changed").delete(keys[3]),
    PSet.of(3, 1, 2),
    PSet.from(keys),
  );
}

function stack(value: Value): Frame {
  let top = BOTTOM;
  for (let i = 0; i < 40; i++) {
    const dead = i % 2 === 1;
    top = frame(top, [i, value, dead ? CLEARED : 3, 4, 5, 6, 7].slice(0, i % 8), dead ? 3 : 1);
  }
  top = marked(top, "catch", 1, [null], [1, 2], "caught");
  top = marked(top, "finally", 2, [], [], null);
  top = marked(top, "block", 3, [], [1, 2, 3, 4, 5, 6, 7], "in it");
  top = marked(top, "binding", 4, [Vector.of(new Var("user/x")), Vector.of(new Cell(26, 1, "binding"))], null, null);
  top = marked(top, "scope", 5, [Vector.of(new EventRef(27), new Cell(28, false))], null, null);
  top = marked(top, "search", 6, [new ErrorValue(k("user"), "e", null), Vector.of(0, 1)], null, "searched");
  return frame(top, [value]);
}

function task(id: number, event: EventRef, control: Control, top: Frame = BOTTOM): TaskRef {
  const made = new TaskRef(id, BOTTOM, control, event);
  made.stack = top;
  made.marker = nearestMarker(top);
  return made;
}

/** Everything a state can hold. */
export function everything(): ProgramState {
  const [cell, other] = [new Cell(20, 7), new Cell(21, null, "list", PMap.of(k("doc"), "d"))];
  const [thunk, pair, end] = [new Lazy(22, new Closure(capturing, [1, cell])), new Lazy(23, null), new Lazy(24, null)];
  pair.seq = new Cons(1, end);
  other.value = Vector.of(cell, other, pair);
  const events = [1, 3, 5, 7, 9, 11].map((id) => new EventRef(id, id > 6 ? `key-${id}` : null));
  Object.assign(events[1], { state: "fulfilled", value: 42 });
  Object.assign(events[3], { state: "failed", value: new ErrorValue(k("http"), "404", null) });
  const held = Vector.of(
    leaves(),
    collections(),
    cell,
    other,
    thunk,
    pair,
    PMap.of(pair, "by content"),
    new Cell(-2, 0),
  );
  const top = stack(held);
  const functions = Vector.of(
    new Closure(capturing, [1, other]),
    new Closure(siblings[1], [1, 2], siblings, PMap.of(1, 2)),
    new Continuation(true, [{ stack: top, marker: nearestMarker(top), prompt: null }], new Cell(25, false, "once")),
    new Continuation(false, [{ stack: BOTTOM, marker: null, prompt: new Prompt("prompt", 8, [k("tag")]) }], null),
  );
  const main = task(2, events[0], { kind: "await", event: events[4] }, frame(top, [functions]));
  main.effects = 3;
  const handler = new Prompt("handle", 7, [Vector.of(new Sym(null, "ask")), Vector.of(new Closure(capturing, [1, 2]))]);
  main.segment = new Segment(handler, top, nearestMarker(top), null);
  main.segment = new Segment(new Prompt("join", 9, []), frame(BOTTOM, [1]), null, main.segment);
  const call: Control = { kind: "call", f: functions.get(0), args: [1, "two"] };
  const clause = markerFrame(BOTTOM, null, "finally", 11, [], [1]);
  const tasks = [
    main,
    task(4, events[1], { kind: "return", value: 1 }, frame(BOTTOM, [1])),
    task(6, events[2], { kind: "fault", error: new ErrorValue(k("arity"), "two", null), retry: call }),
    task(8, events[3], { kind: "primitive", name: "add@1", args: [1, 2] }),
    task(10, events[5], { kind: "global", name: "user/x" }),
    task(12, new EventRef(13), { kind: "throw", error: 5 }),
    task(14, new EventRef(15), { kind: "cancel" }),
    task(16, new EventRef(17), { kind: "clause", value: Vector.of("exit", 3, "left") }, clause),
    task(18, new EventRef(19), { kind: "await", event: events[4] }),
  ];
  const over = task(30, events[1], { kind: "done", value: 42 });
  return {
    ...waiting(),
    branch: 5,
    vars: new Map([
      own("user/x", 1, PMap.of(k("dynamic"), true)),
      own("user/f", over, null),
      own("user/u", UNBOUND, null),
    ]),
    cells: new Map([[-2, new Cell(-2, Vector.of("own"), "atom", PMap.of(1, 2))]]),
    tasks: new Map(tasks.map((made) => [made.id, made])),
    main,
    ready: [tasks[3], tasks[1], ...tasks.slice(4, 8)],
    waiters: new Map([[9, [main, tasks[8]]]]),
    open: new Map([
      ["key-9", events[4]],
      ["key-11", events[5]],
    ]),
    timers: [{ due: 1_700_000_001_000, event: events[2] }],
    cancelled: true,
    ticksMax: null,
  };
}

/** Tasks in scopes: one that leaves a scope, one of its tasks in a clean-up, others that wait for several events and for a handler. */
export function tasks(): ProgramState {
  const [first, second] = [new EventRef(7, "key-7"), new EventRef(9)];
  const empty = new EventRef(11);
  const settled = new EventRef(13);
  Object.assign(settled, { state: "fulfilled", value: 1, order: 14 });
  const failed = new EventRef(15, "key-15");
  Object.assign(failed, { state: "failed", value: new ErrorValue(k("http"), "no", null), order: 16 });
  const scope = new Cell(20, null, "scope");
  const outer = new Cell(21, null, "scope");
  const told = new Cell(22, false, "told");
  const main = task(2, new EventRef(1), { kind: "await", event: empty });
  scope.value = Vector.of(main, Vector.of(new ErrorValue(k("user"), "e", null), k("cleanup")), empty);
  outer.value = Vector.of(main, null, null);
  let top = marked(frame(BOTTOM, [settled, failed]), "scope", 5, [Vector.of(second, told, outer)], null, null);
  top = markerFrame(top, nearestMarker(top), "leave", 6, [scope], null);
  main.stack = builtinFrame(LEAVE, top, [Vector.of("exit", 3, "value"), scope]);
  main.marker = nearestMarker(main.stack);
  const cleaning = task(4, new EventRef(3), { kind: "await", event: first });
  cleaning.stack = marked(frame(BOTTOM, [1]), "cleanup", 7, [], null, null);
  cleaning.marker = nearestMarker(cleaning.stack);
  Object.assign(cleaning, { scope, cancelled: true, effects: 1 });
  const selecting = task(6, new EventRef(5), { kind: "select", events: [first, second] });
  Object.assign(selecting, { scope: outer, own: new Cell(23, Vector.of(selecting, null, null), "scope") });
  const asking = task(18, new EventRef(17), { kind: "await", event: second });
  const asked = Vector.of(main, 5);
  asking.stack = builtinFrame(SEARCH, markerFrame(BOTTOM, null, "search", 8, ["e", asked], null), ["e", asked, null]);
  asking.stack = frame(asking.stack, [3]);
  asking.marker = nearestMarker(asking.stack);
  const over = task(25, new EventRef(24), { kind: "await", event: second });
  const held = markerFrame(
    BOTTOM,
    null,
    "binding",
    9,
    [Vector.of(new Var("user/x")), Vector.of(new Cell(26, 1, "binding"))],
    null,
  );
  over.stack = builtinFrame(RAISE, builtinFrame(END, builtinFrame(BOUND, held, []), ["value"]), ["e", outer, null]);
  over.marker = nearestMarker(over.stack);
  over.control = { kind: "return", value: null };
  const all = [main, cleaning, selecting, asking, over];
  for (const one of [asking, over]) one.scope = outer;
  return {
    ...waiting(),
    tasks: new Map(all.map((one) => [one.id, one])),
    main,
    ready: [over],
    waiters: new Map([
      [11, [main]],
      [7, [cleaning, selecting]],
      [9, [selecting, asking]],
    ]),
    open: new Map([["key-7", first]]),
    timers: [{ due: 1_700_000_001_000, event: second }],
  };
}

function builtinFrame(unit: Unit, next: Frame, [a = null, b = null, c = null]: readonly Value[]): Frame {
  return new Frame(unit, 0, next, a, b, c, null, null, null, null);
}

function own(name: string, value: Value, meta: PMap | null): [string, Var] {
  const variable = new Var(name);
  Object.assign(variable, { value, meta, own: true });
  return [name, variable];
}
