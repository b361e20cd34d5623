// Records: a map in all that maps do, against a plain map; a value of its type in equality, hash, printing and storage.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equals, identical, sameKey } from "../../src/data/equality.ts";
import { hashOf } from "../../src/data/hashing.ts";
import { valueToJson } from "../../src/data/json.ts";
import { PMap } from "../../src/data/map.ts";
import { count, nth, seq } from "../../src/data/seq.ts";
import { printShort, printValue } from "../../src/data/printer.ts";
import { recordTag, recordTypeName } from "../../src/data/record-tag.ts";
import { makeRecord, RecordValue } from "../../src/data/record.ts";
import { PSet } from "../../src/data/set.ts";
import { encodeTagged, fromTagged } from "../../src/data/tagged.ts";
import { Keyword, type Value } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";

const k = (text: string) => Keyword.of(text);
const POINT = k("geo/Point");
const point = (x: Value, y: Value) => makeRecord(POINT, [k("x"), k("y")], [x, y]);

type Change = readonly [op: "set" | "delete", key: Value, value: number];
const keys = fc.oneof(
  fc.constantFrom<Value>(k("x"), k("y")),
  fc.integer({ min: 0, max: 30 }).map((n) => k(`k${n}`)),
);
const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.tuple(fc.constantFrom("set" as const, "set" as const, "delete" as const), keys, fc.nat({ max: 99 })),
  { maxLength: 120 },
);

test("a record is the map of its entries, and a record as long as it has its fields", () => {
  fc.assert(
    fc.property(changes, fc.boolean(), (all, owned) => {
      const owner = owned ? {} : undefined;
      const meta = PMap.of("meta", 1);
      let record: PMap = point(1, 2).withMeta(meta);
      let map = PMap.of(k("x"), 1, k("y"), 2);
      for (const [op, key, value] of all) {
        record = op === "set" ? record.set(key, value, owner) : record.delete(key, owner);
        map = op === "set" ? map.set(key, value) : map.delete(key);
        // Once a field is gone it is a map for good: a field that comes back makes no record of it.
        if (!map.has(k("x")) || !map.has(k("y"))) {
          expect(record).not.toBeInstanceOf(RecordValue);
          expect(equals(record, map)).toBe(true);
          expect(record.meta).toBe(meta);
          return;
        }
      }
      expect(record).toBeInstanceOf(RecordValue);
      expect(record.entries()).toEqual(map.entries());
      expect([...record]).toEqual([...map]);
      expect(record.keys().slice(0, 2)).toEqual([k("x"), k("y")]);
      expect(record.count).toBe(map.count);
      expect(record.get(k("k3"), "none")).toBe(map.get(k("k3"), "none"));
      expect(record.findKey(k("x"), null)).toBe(k("x"));
      expect(record.meta).toBe(meta);
      expect(fromTagged(JSON.parse(encodeTagged(record)))).toSatisfy((again: Value) => identical(again, record));
    }),
    { numRuns: 300 },
  );
});

test("a record that is changed stays as it was", () => {
  const record = point(1, 2);
  record.set(k("x"), 5, {});
  record.set(k("z"), 5).delete(k("z"));
  record.delete(k("y"));
  expect(record.entries()).toEqual([
    [k("x"), 1],
    [k("y"), 2],
  ]);
});

describe("the type belongs to the value", () => {
  const other = makeRecord(k("geo/Pair"), [k("x"), k("y")], [1, 2]);
  const map = PMap.of(k("x"), 1, k("y"), 2);

  test("in equality and hash", () => {
    expect(equals(point(1, 2), point(1, 2))).toBe(true);
    expect(hashOf(point(1, 2))).toBe(hashOf(point(1, 2)));
    // In another order, for keys that are no fields.
    const [a, b] = [k("a"), k("b")];
    const [ab, ba] = [point(1, 2).set(a, 1).set(b, 2), point(1, 2).set(b, 2).set(a, 1)];
    expect(equals(ab, ba)).toBe(true);
    expect(hashOf(ab)).toBe(hashOf(ba));
    for (const stranger of [other, map, point(1, 3), point(1, 2).set(a, 1)]) {
      expect(equals(point(1, 2), stranger)).toBe(false);
      expect(equals(stranger, point(1, 2))).toBe(false);
    }
    expect(new Set([point(1, 2), other, map].map(hashOf)).size).toBe(3);
  });

  test("as a key", () => {
    const table = PMap.of(point(1, 2), "point", map, "map", other, "pair");
    expect([table.get(point(1, 2)), table.get(map), table.get(other)]).toEqual(["point", "map", "pair"]);
    expect(PSet.of(point(1, 2), map, point(1, 2)).count).toBe(2);
    expect(sameKey(point(Number.NaN, 1), point(Number.NaN, 1))).toBe(true);
  });

  test("in identity, where it counts what is a field", () => {
    const third = makeRecord(POINT, [k("x"), k("y"), k("z")], [1, 2, 3]);
    expect(identical(point(1, 2), point(1, 2))).toBe(true);
    expect(identical(point(1, 2).set(k("z"), 3), third)).toBe(false);
    expect(equals(point(1, 2).set(k("z"), 3), third)).toBe(true);
    expect(identical(point(1, 2), map)).toBe(false);
  });

  test("in what is printed and stored", () => {
    expect(printValue(point(1, "a"), true)).toBe('#geo.Point{:x 1, :y "a"}');
    expect(printValue(Vector.of(point(1, "a")), false)).toBe("[#geo.Point{:x 1, :y a}]");
    expect(printValue(makeRecord(k("a.b/Unit"), [], []), true)).toBe("#a.b.Unit{}");
    expect(printShort(Vector.of(point(Vector.of(1, 2, 3), 2)), 4)).toBe("[#geo.Point{:x [1 ...] ...}]");
    expect(encodeTagged(point(1, 2).set(k("z"), 3).withMeta(PMap.of(1, 2)))).toBe(
      '["^",["m",1,2],["R","geo/Point",2,["m",["k","x"],1,["k","y"],2,["k","z"],3]]]',
    );
    expect(valueToJson(point(1, 2))).toBe('{"x":1,"y":2}');
  });
});

test("a record is a sequence of its entries", () => {
  expect(count(point(1, 2))).toBe(2);
  expect(printValue(seq(point(1, 2)), true)).toBe("([:x 1] [:y 2])");
  expect(printValue(nth(point(1, 2), 1, null), true)).toBe("[:y 2]");
  expect(seq(makeRecord(POINT, [], []))).toBe(null);
});

test("of entries given beside the fields those count that are no fields", () => {
  const more = PMap.of(k("y"), 9, k("z"), 3);
  expect(printValue(makeRecord(POINT, [k("x"), k("y")], [1, 2], more), true)).toBe("#geo.Point{:x 1, :y 2, :z 3}");
});

test.each([
  ["geo/Point", "geo.Point", "geo/Point"],
  ["a.b/Point", "a.b.Point", "a.b/Point"],
])("the tag of %s is %s", (type, tag, back) => {
  expect(recordTag(k(type))).toBe(tag);
  expect(recordTypeName(tag)).toBe(back);
});

test.each(["inst", ".Point", "geo.", "my/tag", "my.own/tag"])("no record has the tag %s", (tag) => {
  expect(recordTypeName(tag)).toBe(null);
});
