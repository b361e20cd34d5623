// Maps and sets against a JavaScript model: contents, insertion order, and every version unchanged by what is made from it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashKey } from "../../src/data/hashing.ts";
import { hashString } from "../../src/data/hash.ts";
import { List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { PSet } from "../../src/data/set.ts";
import { Float, Keyword, type Value } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { entryList, keyList, memberList, valueList } from "../../src/data/views.ts";
import { model, values } from "../support/values.ts";

/** Keys in groups whose members have one hash without being equal, and keys that are equal without being one object. */
const tricky: Value[] = [
  ...["a", "b", "c", "d"].flatMap((text) => [text, hashString(text)]),
  null,
  0,
  true,
  0x4cf,
  Number.NaN,
  new Float(1),
  1,
  new Float(-0),
  new Float(0),
  Keyword.of("a"),
  Vector.of(1, 2),
  List.of(1, 2),
  PMap.of(1, 2),
  PSet.of(Vector.of(1)),
];

const keys: fc.Arbitrary<Value> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...tricky) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 60 }) },
  // One hash trie path for many levels.
  fc.integer({ min: 0, max: 15 }).map((n) => n * 2 ** 28 - 2 ** 31),
  fc.integer({ min: 0, max: 15 }).map((n) => `key ${n}`),
);

type Change = readonly [op: "set" | "set" | "delete", key: Value, value: number];
const changes = (most: number): fc.Arbitrary<Change[]> =>
  fc.array(fc.tuple(fc.constantFrom("set" as const, "set" as const, "delete" as const), keys, fc.nat({ max: 99 })), {
    maxLength: most,
  });

/** Entries by the model of their keys, in insertion order. */
type Model = Map<string, readonly [Value, Value]>;

function change(before: Model, [op, key, value]: Change): Model {
  const after = new Map(before);
  const name = model(key);
  if (op === "delete") after.delete(name);
  else after.set(name, [before.get(name)?.[0] ?? key, value]);
  return after;
}

const applied = (map: PMap, [op, key, value]: Change, owner?: object): PMap =>
  op === "delete" ? map.delete(key, owner) : map.set(key, value, owner);

function check(map: PMap, expected: Model): void {
  const entries = [...expected.values()];
  expect(map.count).toBe(entries.length);
  expect(map.entries().map(([key, value]) => [model(key), value])).toEqual(
    entries.map(([key, value]) => [model(key), value]),
  );
  for (const [key, value] of entries) expect(map.get(key)).toBe(value);
  for (const key of tricky) expect(map.has(key)).toBe(expected.has(model(key)));
}

test("maps behave like the model", () => {
  fc.assert(
    fc.property(changes(120), (plan) => {
      let map = PMap.EMPTY;
      let expected: Model = new Map();
      const versions: [PMap, Model][] = [];
      for (const step of plan) {
        map = applied(map, step);
        expected = change(expected, step);
        versions.push([map, expected]);
      }
      for (const [version, contents] of versions.filter((_, i) => i % 7 === 0 || i === versions.length - 1)) {
        check(version, contents);
      }
    }),
    { numRuns: 250 },
  );
}, 30_000);

test("changes in place under a token are never seen by what was there before", () => {
  fc.assert(
    fc.property(changes(60), fc.array(changes(40), { maxLength: 4 }), (first, phases) => {
      let map = PMap.EMPTY;
      let expected: Model = new Map();
      for (const step of first) [map, expected] = [applied(map, step), change(expected, step)];
      const versions: [PMap, Model][] = [[map, expected]];
      for (const phase of phases) {
        const owner = {};
        let [building, contents] = versions[phase.length % versions.length];
        for (const step of phase) [building, contents] = [applied(building, step, owner), change(contents, step)];
        versions.push([building, contents]);
      }
      for (const [version, contents] of versions) check(version, contents);
    }),
    { numRuns: 150 },
  );
}, 30_000);

test("sets behave like the model", () => {
  fc.assert(
    fc.property(changes(80), fc.boolean(), (plan, inPlace) => {
      const owner = inPlace ? {} : undefined;
      let set = PSet.EMPTY;
      let expected: Model = new Map();
      for (const step of plan) {
        set = step[0] === "delete" ? set.delete(step[1], owner) : set.add(step[1], owner);
        expected = change(expected, step);
      }
      expect(set.count).toBe(expected.size);
      expect(set.toArray().map(model)).toEqual([...expected.keys()]);
      expect(memberList(set).toArray()).toEqual(set.toArray());
      for (const key of tricky) expect(set.has(key)).toBe(expected.has(model(key)));
    }),
    { numRuns: 200 },
  );
}, 30_000);

test("any settled value is found as a key", () => {
  fc.assert(
    fc.property(fc.array(values, { maxLength: 24 }), (items) => {
      const map = PMap.from(items.map((item, i) => [item, i]));
      const expected = new Map(items.map((item, i) => [model(item), i]));
      expect(map.count).toBe(expected.size);
      for (const item of items) expect(map.get(item, "none")).toBe(expected.get(model(item)));
    }),
    { numRuns: 200 },
  );
}, 30_000);

describe("order", () => {
  const letters = Array.from("abcdefghijklmnopqrstuvwxyz");
  const all = PMap.from(letters.map((letter, i) => [letter, i]));

  test("a key set again keeps its place; deleted and set again it goes to the end", () => {
    expect(all.set("c", 99).keys()).toEqual(letters);
    expect(all.delete("c").set("c", 1).keys()).toEqual([...letters.filter((letter) => letter !== "c"), "c"]);
  });

  test("deleting from the front, the back and the middle", () => {
    let [front, back, middle] = [all, all, all];
    const left = [...letters];
    for (let i = 0; i < 26; i++) {
      front = front.delete(letters[i]);
      back = back.delete(letters[25 - i]);
      expect(front.keys()).toEqual(letters.slice(i + 1));
      expect(back.keys()).toEqual(letters.slice(0, 25 - i));
      const [gone] = left.splice(left.length >> 1, 1);
      middle = middle.delete(gone);
      expect(middle.keys()).toEqual(left);
    }
    expect(all.keys()).toEqual(letters);
  });

  test("views show entries, keys and values in order, past holes", () => {
    const map = all.delete("a").delete("d").delete("z");
    expect(keyList(map).toArray()).toEqual(map.keys());
    expect(valueList(map).toArray()).toEqual(map.values());
    let list = entryList(map);
    for (const [key, value] of map.entries()) {
      expect((list.first as Vector).toArray()).toEqual([key, value]);
      list = list.rest;
    }
    expect(list).toBe(List.EMPTY);
    expect(keyList(map).rest.rest.toArray()).toEqual(map.keys().slice(2));
  });
});

test("a queue of keys: the front is found at once, however many were deleted before", () => {
  const owner = {};
  let map = PMap.EMPTY;
  for (let i = 0; i < 60_000; i++) map = map.set(i, i, owner);
  // With a scan over the deleted entries this would take 10^9 steps.
  for (let i = 0; i < 59_000; i++) {
    const front = map.keyAt(map.nextIndex(0));
    if (front !== i) expect(front).toBe(i);
    map = map.delete(front, owner);
  }
  expect(map.count).toBe(1000);
});

test("keys of equal hashes in great number stay correct", () => {
  // Vectors around one string and its hash have one hash each: all combinations collide.
  const pairs = ["a", "b", "c", "d", "e", "f"].map((text) => [text, hashString(text)] as const);
  const combinations = Array.from({ length: 64 }, (_, n) => Vector.from(pairs.map((pair, i) => pair[(n >> i) & 1])));
  expect(new Set(combinations.map(hashKey)).size).toBe(1);
  let map = PMap.from(combinations.map((key, i) => [key, i]));
  for (const [i, key] of combinations.entries()) expect(map.get(key)).toBe(i);
  for (const key of combinations.slice(0, 63)) map = map.delete(key);
  expect(map.entries()).toEqual([[combinations[63], 63]]);
});

test("metadata stays through changes", () => {
  const meta = PMap.of("m", 1);
  const small = PMap.of(1, 1).withMeta(meta);
  const large = PMap.from(Array.from({ length: 20 }, (_, i) => [i, i])).withMeta(meta);
  const grown = Array.from({ length: 20 }, (_, i) => i).reduce<PMap>((map, i) => map.set(i, i), small);
  const shrunk = Array.from({ length: 15 }, (_, i) => i).reduce<PMap>((map, i) => map.delete(i), large);
  expect([small.set(2, 2), grown, large.delete(3), shrunk, large.set(99, 1)].map((map) => map.meta)).toEqual(
    Array(5).fill(meta),
  );
  expect(PSet.of(1).withMeta(meta).add(2).delete(1).meta).toBe(meta);
});
