// Every state comes back from its snapshot, and equal states have equal snapshots whatever the host did to make them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equals } from "../../src/data/equality.ts";
import { Cons, List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { makeRange, type Range, RangeView } from "../../src/data/range.ts";
import { PSet } from "../../src/data/set.ts";
import { Cell, CLEARED, Closure, Keyword, Lazy, type Obj, UNBOUND, type Value } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { entryList, keyList, memberList, pointList, valueList, vectorList } from "../../src/data/views.ts";
import { BOTTOM } from "../../src/machine/builtin.ts";
import { Continuation, type Frame, Marker, markerOf, Prompt, Segment } from "../../src/machine/state.ts";
import { decodeSnapshot, encodeSnapshot, stateHash, unitsNamed } from "../../src/snapshot/snapshot.ts";
import { anyValue, rebuilt } from "../data/tagged-arbitrary.ts";
import { anyState } from "./arbitrary.ts";
import { capturing, frame, holding, marked, siblings, TestLinker, textOf, through, units, waiting } from "./support.ts";

describe("any value", () => {
  test("comes back", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(Number.isNaN(value) || equals(through(value), value)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("has one text, however it was made", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(encodeSnapshot(holding(rebuilt(value)))).toEqual(encodeSnapshot(holding(value)));
        // The same host object three times, and three that are equal: one node either way.
        const thrice = Vector.of(value, value, Vector.of(value));
        expect(textOf(Vector.of(value, rebuilt(value), Vector.of(rebuilt(value))))).toBe(textOf(thrice));
      }),
      { numRuns: 300 },
    );
  });

  test("that differs has another hash", () => {
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        const [left, right] = [encodeSnapshot(holding(a)), encodeSnapshot(holding(b))];
        expect(left.hash === right.hash).toBe(left.text === right.text);
      }),
    );
  });
});

test("any state comes back", () => {
  fc.assert(
    fc.property(anyState, (state) => {
      const { text, hash } = encodeSnapshot(state);
      const again = decodeSnapshot(text, new TestLinker());
      const second = encodeSnapshot(again);
      expect(second.text).toBe(text);
      expect(second.hash).toBe(hash);
      expect(stateHash(again)).toBe(hash);
      expect(/^[ -~]*$/.test(text)).toBe(true);
      expect([...again.tasks.keys()]).toEqual([...state.tasks.keys()]);
      expect([...again.vars.keys()]).toEqual([...state.vars.keys()]);
    }),
    { numRuns: 100 },
  );
});

describe("what the host does is not seen", () => {
  const items = Array.from({ length: 100 }, (_, i) => Keyword.of(`item-${i % 7}`));

  test("in lists", () => {
    const consed = items.reduceRight<List>((rest, item) => List.cons(item, rest), List.EMPTY);
    const texts = [
      consed,
      List.from(items),
      vectorList(Vector.from(items)),
      vectorList(Vector.from(["first", ...items])).rest,
      List.prepend(items.slice(0, 50), vectorList(Vector.from(items.slice(50)))),
    ].map(textOf);
    expect(new Set(texts).size).toBe(1);
  });

  test("in views of maps, sets, strings and ranges", () => {
    const map = PMap.from(items.slice(0, 7).map((item, i) => [item, Vector.of(i, i)]));
    const set = PSet.from(items);
    const same: [Value, Value][] = [
      [entryList(map), List.from(map.entries().map(([key, value]) => Vector.of(key, value)))],
      [keyList(map), List.from(map.keys())],
      [valueList(map), List.from(map.values())],
      [memberList(set).rest, List.from(set.toArray().slice(1))],
      [pointList("a\u{1f600}b", 3), List.of("a", "\u{1f600}", "b")],
      [new RangeView(makeRange(0, 40, 1) as Range), List.from(Array.from({ length: 40 }, (_, i) => i))],
    ];
    for (const [view, list] of same) {
      expect(textOf(view)).toBe(textOf(list));
      expect(equals(through(view), list)).toBe(true);
    }
  });

  test("in views that show the same, and those that do not", () => {
    const map = PMap.from(items.slice(0, 7).map((item, i) => [item, i]));
    const twice = () => Vector.of(keyList(map), valueList(map), entryList(map), pointList("[6,1]", 5));
    const ranges = Vector.of(new RangeView(makeRange(1, 6, 1) as Range), new RangeView(makeRange(0, 10, 2) as Range));
    const again = through(Vector.of(twice(), twice(), ranges)) as Vector;
    expect(equals(again, Vector.of(twice(), twice(), ranges))).toBe(true);
  });

  test("in vectors whose tails are shared or owned", () => {
    const base = Vector.from(Array.from({ length: 40 }, (_, i) => `element ${i}`));
    const long = base.push("a").push("b");
    const owner = {};
    let built = Vector.EMPTY;
    for (const item of base.toArray()) built = built.push(item, owner);
    expect(textOf(Vector.of(long, base))).toBe(textOf(Vector.of(rebuilt(long), built)));
    const all = Vector.of(long, base, long);
    expect(equals(through(all), all)).toBe(true);
  });

  test("in ranges that end beyond their last element", () => {
    expect(textOf(makeRange(0, 5, 2))).toBe(textOf(makeRange(0, 6, 2)));
    expect(textOf((makeRange(0, 5, 2) as Range).rest)).toBe(textOf(makeRange(2, 6, 2)));
  });

  test("but the order of entries is seen", () => {
    expect(textOf(PMap.of(1, 2, 3, 4))).not.toBe(textOf(PMap.of(3, 4, 1, 2)));
    expect(textOf(PSet.of(1, 2))).not.toBe(textOf(PSet.of(2, 1)));
  });
});

describe("lists", () => {
  test("keep the metadata of their rests", () => {
    const meta = PMap.of(Keyword.of("line"), 3);
    const list = List.cons(0, List.from([1, 2]).withMeta(meta)).withMeta(PMap.of(1, 1));
    const again = through(list) as List;
    expect(again.meta?.get(1)).toBe(1);
    expect(again.rest.meta?.get(Keyword.of("line"))).toBe(3);
    expect(again.rest.rest.meta).toBe(null);
    expect((through(List.cons(1, List.EMPTY.withMeta(meta))) as List).rest.meta?.count).toBe(1);
  });

  test("on endless ranges come back as they are", () => {
    const endless = new RangeView(makeRange(5, Number.MAX_SAFE_INTEGER, 1) as Range);
    const list = List.prepend(["a", "b"], endless);
    const again = through(Vector.of(list, endless.rest)) as Vector;
    expect((again.get(0) as List).count).toBe(list.count);
    expect((again.get(0) as List).rest.rest.rest.first).toBe(6);
    expect((again.get(1) as List).first).toBe(6);
  });
});

describe("refs", () => {
  test("may hold each other", () => {
    const [a, b] = [new Cell(10, null), new Cell(20, null)];
    a.value = Vector.of(b, a);
    b.value = PMap.of(Keyword.of("a"), a);
    const again = through(a) as Cell;
    const [other, self] = (again.value as Vector).toArray();
    expect(self === again).toBe(true);
    expect(((other as Cell).value as PMap).get(Keyword.of("a")) === again).toBe(true);
  });

  test("out of reach are left out", () => {
    const cell = new Cell(10, new Cell(11, "inner"));
    expect(textOf(cell)).toContain('[10,"c",["ref",11]],[11,"c","inner"]');
    cell.value = null;
    expect(textOf(cell)).not.toContain("inner");
  });

  test("of the image are mentioned, and written only where the program wrote", () => {
    const image = new Cell(-3, "from the image");
    const state = waiting(frame(BOTTOM, [image, new Cell(-4, null)]), { cells: new Map([[-3, new Cell(-3, "own")]]) });
    const link = new TestLinker();
    const again = decodeSnapshot(encodeSnapshot(state).text, link);
    expect((again.main.stack.a as Cell).value).toBe("own");
    expect(again.cells.get(-3)).toBe(again.main.stack.a);
    expect(again.main.stack.b).toBe(link.image.get(-4));
  });

  test("that are lazy and endless in a circle come back", () => {
    const ones = new Lazy(10, null);
    ones.seq = new Cons(1, ones);
    const again = through(ones) as Lazy;
    expect(again.thunk).toBe(null);
    expect((again.seq as Cons).rest === again).toBe(true);
  });

  test("that are lazy can be keys, and are found again", () => {
    const inner = new Lazy(11, null);
    inner.seq = List.of(2, 3);
    const outer = new Lazy(10, null);
    outer.seq = new Cons(1, inner);
    const deep = new Lazy(12, null);
    deep.seq = List.of(PMap.of(outer, "in a key"));
    const key = Vector.of(outer, "x".repeat(60));
    const maps = Vector.of(PMap.of(outer, "a"), PMap.of(key, "b"), PSet.of(deep), PMap.of(PMap.of(1, deep), "c"));
    const [first, second, third, fourth] = (through(maps) as Vector).toArray();
    const list = List.of(1, 2, 3);
    expect((first as PMap).get(list)).toBe("a");
    expect((second as PMap).get(Vector.of(list, "x".repeat(60)))).toBe("b");
    expect((third as PSet).has(Vector.of(PMap.of(list, "in a key")))).toBe(true);
    expect((fourth as PMap).get(PMap.of(1, List.of(PMap.of(list, "in a key"))))).toBe("c");
  });

  test("that are lazy are not kept alive by a dead local", () => {
    const lazy = new Lazy(10, new Closure(capturing, [1, 2]));
    const { text } = encodeSnapshot(waiting(frame(BOTTOM, [lazy], 3)));
    expect(text).toContain('["cleared"]');
    expect(text).not.toContain('[10,"z"');
    expect(decodeSnapshot(text, new TestLinker()).main.stack.a).toBe(CLEARED);
  });
});

test("functions keep their captures, group and metadata", () => {
  const meta = PMap.of(1, 2);
  const again = through(new Closure(siblings[1], [1, "two"], siblings, meta)) as Closure;
  expect(again.unit).toBe(siblings[1]);
  expect(again.group?.map((unit) => unit.hash)).toEqual(siblings.map((unit) => unit.hash));
  expect(again.captures).toEqual([1, "two"]);
  expect(equals(again.meta as Obj, meta)).toBe(true);
});

test("names of any length are read where a task failed to find a value", () => {
  const name = `my-long-namespace.of-many-words/${"a-very-long-name".repeat(4)}`;
  const state = waiting(frame(BOTTOM, [1]));
  state.main.control = { kind: "fault", error: 1, retry: { kind: "global", name } };
  Object.assign(state, { waiters: new Map() });
  const again = decodeSnapshot(encodeSnapshot(state).text, new TestLinker());
  expect(again.main.control).toMatchObject({ retry: { kind: "global", name } });
});

describe("stacks", () => {
  test("get their marker links back, part by part", () => {
    let stack: Frame = BOTTOM;
    for (let i = 1; i <= 100; i++) {
      if (i % 33 > 0) stack = frame(stack, [i]);
      else stack = marked(stack, "block", i++, [], [i - 1], i);
    }
    const task = decodeSnapshot(encodeSnapshot(waiting(stack)).text, new TestLinker()).main;
    const ids: number[] = [];
    for (let at = task.marker; at !== null; at = markerOf(at).below) {
      const { id } = markerOf(at);
      ids.push(id);
      expect(at.depth).toBe(id);
      expect(at.more).toEqual([id]);
    }
    expect(ids).toEqual([99, 66, 33]);
    expect(task.stack.a).toBe(100);
    expect(task.stack.next.a instanceof Marker).toBe(true);
  });

  test("are shared between a task, its segments and continuations", () => {
    let stack = BOTTOM;
    for (let i = 0; i < 64; i++) stack = frame(stack, [i]);
    const prompt = new Prompt("prompt", 3, ["tag"]);
    const parts = [
      { stack, marker: null, prompt },
      { stack: BOTTOM, marker: null, prompt: null },
    ];
    const state = waiting(frame(stack, [new Continuation(true, parts, null)]));
    state.main.segment = new Segment(prompt, stack, null, null);
    const { text } = encodeSnapshot(state);
    expect(text.match(/\["F"/g)?.length).toBe(3);
    const task = decodeSnapshot(text, new TestLinker()).main;
    const again = task.stack.a as Continuation;
    expect(again.parts[0].stack === task.stack.next).toBe(true);
    expect(again.parts[0].prompt?.data).toEqual(["tag"]);
    expect(again.parts[1].stack === BOTTOM).toBe(true);
    expect(again.full).toBe(true);
    expect(task.segment?.stack === task.stack.next).toBe(true);
    expect(task.segment?.depth).toBe(64);
  });
});

test("vars of the program come back as its own, in order", () => {
  const source = new TestLinker();
  const names = ["user/b", "user/a", "user/c"];
  const vars = names.map((name, i) => {
    const variable = source.variable(name);
    variable.value = i === 2 ? UNBOUND : i;
    variable.meta = i === 1 ? PMap.of(Keyword.of("dynamic"), true) : null;
    return variable;
  });
  const state = waiting(BOTTOM, { vars: new Map(vars.map((variable) => [variable.name, variable])) });
  const link = new TestLinker();
  const again = decodeSnapshot(encodeSnapshot(state).text, link);
  expect([...again.vars.keys()]).toEqual(names);
  expect([...again.vars.values()].map((variable) => variable.value)).toEqual([0, 1, UNBOUND]);
  expect([...again.vars.values()].map((variable) => variable.dynamic)).toEqual([false, true, false]);
  expect(again.vars.get("user/a")).toBe(link.vars.get("user/a"));
  expect(link.vars.get("user/a")?.own).toBe(true);
});

test("the code a snapshot needs is known before it is decoded", () => {
  const stack = frame(frame(BOTTOM, [new Closure(capturing, [1, 2])]), [1, 2]);
  expect(unitsNamed(encodeSnapshot(waiting(stack)).text)).toEqual([capturing.hash, units[1].hash, units[2].hash]);
});
