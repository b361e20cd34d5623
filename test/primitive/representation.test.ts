// What a primitive answers and charges depends on what its arguments are, never on how the host holds them: a list that is a view
// of a vector has become cells once it was stored, and the program must not notice (S-11).
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { makeRange } from "../../src/data/range.ts";
import { meter } from "../../src/data/meter.ts";
import { PSet } from "../../src/data/set.ts";
import type { Value } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { entryList, keyList, memberList, pointList, vectorList } from "../../src/data/views.ts";
import type { Primitive } from "../../src/primitive/primitive.ts";
import { findPrimitive, primitives } from "../../src/primitive/registry.ts";
import { through } from "../snapshot/support.ts";
import { atoms } from "../support/values.ts";
import { outcome } from "./support.ts";

const items = fc.array(fc.nat(99), { maxLength: 80 });

function dropped(list: List, n: number): List {
  let at = list;
  for (let i = 0; i < n && at.count > 0; i++) at = at.rest;
  return at;
}

/** Collections as the host may hold them, most of them lists. */
const held: fc.Arbitrary<Value> = fc.oneof(
  fc.tuple(items, fc.nat(40)).map(([array, n]): Value => dropped(vectorList(Vector.from(array)), n)),
  items.map((array): Value => List.from(array)),
  items.map((array): Value => Vector.from(array)),
  items.map((array): Value => memberList(PSet.from(array))),
  items.map((array): Value => keyList(PMap.from(array.map((n): [Value, Value] => [n, n])))),
  items.map((array): Value => entryList(PMap.from(array.map((n): [Value, Value] => [n, n])))),
  fc.nat(60).map((n): Value => pointList("a".repeat(n), n)),
  fc.nat(60).map((n): Value => makeRange(0, n, 1)),
  fc.nat(60).map((n): Value => List.cons("x", vectorList(Vector.from(Array.from({ length: n }, (_, i) => i))))),
);
const argument = fc.oneof(
  { weight: 4, arbitrary: held },
  { weight: 2, arbitrary: fc.nat(90) },
  { weight: 1, arbitrary: atoms },
);

function answerOf(primitive: Primitive, args: readonly Value[]): string {
  meter.fuel = 1_000_000_000;
  const answer = outcome(primitive, ...args);
  return `${answer} for ${1_000_000_000 - meter.fuel}`;
}

describe("a primitive answers and charges the same for what came back from a snapshot", () => {
  // The first version of indexed? could tell; programs pinned to its image go on with it.
  const all = primitives.filter((one) => !one.once && findPrimitive(one.name) === one);
  for (const primitive of all.filter((one) => one.max !== 0)) {
    test(primitive.name, () => {
      const most = primitive.max < 0 ? 3 : primitive.max;
      const args = fc.array(argument, { minLength: primitive.min, maxLength: most });
      fc.assert(
        fc.property(args, (values) => {
          const stored = (through(Vector.from(values)) as Vector).toArray();
          expect(answerOf(primitive, stored)).toBe(answerOf(primitive, values));
        }),
        { numRuns: 60 },
      );
    });
  }
});
