// What is shared is written once; what changes a little changes little; and a small program is small.
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/hash.ts";
import { List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { PSet } from "../../src/data/set.ts";
import { Cell, Closure, EventRef, Keyword, type Value } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { vectorList } from "../../src/data/views.ts";
import { BOTTOM } from "../../src/machine/builtin.ts";
import type { Frame } from "../../src/machine/state.ts";
import { encodeSnapshot } from "../../src/snapshot/snapshot.ts";
import { capturing, frame, markerFrame, textOf, through, waiting } from "./support.ts";

/** The nodes in a snapshot's table, as texts. */
function nodesOf(text: string): string[] {
  const { n = [] } = JSON.parse(text) as { n?: unknown[] };
  return n.map((node) => JSON.stringify(node));
}

/** How many characters of nodes the second value needs beside the first. */
function newCharacters(before: Value, after: Value): number {
  const characters = (value: Value) => nodesOf(textOf(value)).join("").length;
  return characters(Vector.of(before, after)) - characters(Vector.of(before, before));
}

test("a small program that waits for one event is small", () => {
  const source = sha256("the text of the script");
  const stack = frame(frame(frame(BOTTOM, [source, 117, null]), ["https://example.org/", 1]), []);
  expect(encodeSnapshot(waiting(stack)).text.length).toBeLessThanOrEqual(600);
});

test("a value doubled fifty times is written in fifty nodes, and comes back shared", () => {
  let value: Value = Vector.of("the one part there is");
  for (let i = 0; i < 50; i++) value = Vector.of(value, value);
  expect(textOf(value).length).toBeLessThan(2500);
  const distinct = new Set<Value>([through(value)]);
  for (const vector of distinct) {
    if (vector instanceof Vector) for (const part of vector) distinct.add(part);
  }
  expect(distinct.size).toBeLessThan(150);
});

test("equal parts are one node, whichever host objects they were", () => {
  const part = () => PMap.of(Keyword.of("name"), "Ada", Keyword.of("title"), "Countess of Lovelace");
  expect(textOf(Vector.from(Array.from({ length: 100 }, part))).split("Lovelace").length).toBe(2);
  const again = through(Vector.of(part(), part())) as Vector;
  expect(again.get(0) === again.get(1)).toBe(true);
});

describe("lists that end alike", () => {
  const items = Array.from({ length: 10_000 }, (_, i) => i);
  const list = List.from(items);

  test("share their ends in the text", () => {
    expect(newCharacters(list, list.rest.rest.rest)).toBeLessThan(400);
    expect(newCharacters(list, List.cons("new", list))).toBeLessThan(400);
    expect(newCharacters(list, List.from(items.slice(20)))).toBeLessThan(400);
  });

  test("share them when they come back", () => {
    const [whole, rest] = (through(Vector.of(list, list.rest.rest)) as Vector).toArray() as List[];
    const drop = (from: List, count: number): List => (from.count > count ? drop(from.rest, count) : from);
    expect(drop(whole, 9984) === drop(rest, 9984)).toBe(true);
  });
});

test("a recursion down a list, or down the view of a vector, is linear", () => {
  const items = Array.from({ length: 20_000 }, (_, i) => i);
  for (const list of [List.from(items), vectorList(Vector.from(items))]) {
    let stack = BOTTOM;
    for (let at: List = list; at.count > 0; at = at.rest) stack = frame(stack, [at, at.first]);
    expect(encodeSnapshot(waiting(stack)).text.length).toBeLessThan(150 * items.length);
  }
});

describe("a change of one element writes kilobytes, not megabytes", () => {
  const count = 8_000;
  const keys = Array.from({ length: count }, (_, i) => Keyword.of(`key-${i}`));

  test("in a vector", () => {
    const vector = Vector.from(keys);
    expect(newCharacters(vector, vector.set(7_000, "new"))).toBeLessThan(4_000);
    expect(newCharacters(vector, vector.push("new"))).toBeLessThan(4_000);
  });

  test("in a map: changed, added, taken away near the front", () => {
    const map = PMap.from(keys.map((key, i) => [key, i]));
    expect(newCharacters(map, map.set(keys[7_000], "new"))).toBeLessThan(12_000);
    expect(newCharacters(map, map.set("new", 1))).toBeLessThan(12_000);
    expect(newCharacters(map, map.delete(keys[3]))).toBeLessThan(12_000);
  });

  test("in a set", () => {
    const set = PSet.from(keys);
    expect(newCharacters(set, set.delete(keys[5_000]))).toBeLessThan(12_000);
  });

  test("in a stack", () => {
    let stack = BOTTOM;
    for (let i = 0; i < count; i++) stack = frame(stack, [i, "slot"]);
    const nodes = new Set(nodesOf(encodeSnapshot(waiting(stack)).text));
    const grown = nodesOf(encodeSnapshot(waiting(frame(stack, ["top"]))).text);
    expect(grown.filter((node) => !nodes.has(node)).join("").length).toBeLessThan(2_000);
  });
});

describe("the hash of a state", () => {
  const base = () =>
    frame(BOTTOM, [Vector.of("a long enough text to be a node of its own, surely"), 1, new Cell(9, 5)]);
  const hashOf = (stack: Frame) => encodeSnapshot(waiting(stack)).hash;

  test("is that of equal states", () => {
    expect(hashOf(base())).toBe(hashOf(base()));
  });

  test("sees every difference", () => {
    const event = new EventRef(9, "k");
    const variants = [
      waiting(base()),
      waiting(frame(base(), [])),
      waiting(frame(BOTTOM, [1])),
      waiting(frame(BOTTOM, [1], 3)),
      waiting(frame(BOTTOM, ["1"])),
      waiting(frame(BOTTOM, [List.of(1)])),
      waiting(frame(BOTTOM, [Vector.of(1)])),
      waiting(frame(BOTTOM, [new Cell(9, 1)])),
      waiting(frame(BOTTOM, [new Cell(9, 2)])),
      waiting(frame(BOTTOM, [new Cell(9, 1, "list")])),
      waiting(frame(BOTTOM, [new Closure(capturing, [1, 2])])),
      waiting(frame(BOTTOM, [new Closure(capturing, [1, 3])])),
      waiting(markerFrame(BOTTOM, null, "finally", 1, [], [])),
      waiting(markerFrame(BOTTOM, null, "block", 1, [], [])),
      waiting(markerFrame(BOTTOM, null, "block", 2, [], [])),
      waiting(BOTTOM, { branch: 1 }),
      waiting(BOTTOM, { nextRef: 1001 }),
      waiting(BOTTOM, { nextMarker: 21 }),
      waiting(BOTTOM, { now: 1 }),
      waiting(BOTTOM, { output: 2 }),
      waiting(BOTTOM, { ticks: 1235 }),
      waiting(BOTTOM, { cancelled: true }),
      waiting(BOTTOM, { ticksMax: 5000 }),
      waiting(BOTTOM, { id: "other" }),
      waiting(BOTTOM, { timers: [{ due: 5, event }] }),
      waiting(BOTTOM, { timers: [{ due: 6, event }] }),
    ];
    const hashes = variants.map((state) => encodeSnapshot(state).hash);
    expect(new Set(hashes).size).toBe(variants.length);
  });
});
