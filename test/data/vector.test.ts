// The vector against a JavaScript array: every version keeps its contents, whatever is made from it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { PMap } from "../../src/data/map.ts";
import { Keyword, type Value } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";

/** Sizes around the borders of the tail and of the levels of the trie. */
const sizes = fc.oneof(
  fc.integer({ min: 0, max: 70 }),
  fc.constantFrom(31, 32, 33, 63, 64, 65, 1023, 1024, 1025, 1055, 1056, 1057, 1088, 1089),
);

type Step =
  | { readonly op: "push" | "set"; readonly on: number; readonly at: number; readonly value: number }
  | { readonly op: "pop"; readonly on: number; readonly times: number }
  | { readonly op: "build"; readonly on: number; readonly plan: readonly number[] };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      op: fc.constantFrom("push" as const, "set" as const),
      on: fc.nat(),
      at: fc.nat(),
      value: fc.nat({ max: 9 }),
    }),
    fc.record({ op: fc.constant("pop" as const), on: fc.nat(), times: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ op: fc.constant("build" as const), on: fc.nat(), plan: fc.array(fc.nat(), { maxLength: 60 }) }),
  ),
  { maxLength: 25 },
);

interface Version {
  readonly vector: Vector;
  readonly array: readonly Value[];
}

function apply(step: Step, { vector, array }: Version): Version {
  if (step.op === "push") return { vector: vector.push(step.value), array: [...array, step.value] };
  if (step.op === "build") return build(step.plan, vector, array);
  if (array.length === 0) return { vector, array };
  if (step.op === "pop") {
    const times = Math.min(step.times, array.length);
    let popped = vector;
    for (let i = 0; i < times; i++) popped = popped.pop();
    return { vector: popped, array: array.slice(0, array.length - times) };
  }
  const at = step.at % array.length;
  return { vector: vector.set(at, step.value), array: array.with(at, step.value) };
}

/** Many changes in place under a token of their own. */
function build(plan: readonly number[], vector: Vector, array: readonly Value[]): Version {
  const owner = {};
  const model = [...array];
  let built = vector;
  for (const n of plan) {
    if (n % 4 === 0 && model.length > 0) {
      model.pop();
      built = built.pop(owner);
    } else if (n % 4 === 1 && model.length > 0) {
      model[n % model.length] = n;
      built = built.set(n % model.length, n, owner);
    } else {
      model.push(n);
      built = built.push(n, owner);
    }
  }
  return { vector: built, array: model };
}

function check({ vector, array }: Version): void {
  expect(vector.count).toBe(array.length);
  expect(vector.toArray()).toEqual(array);
  expect(array.map((_, i) => vector.get(i))).toEqual(array);
}

test("all versions keep their elements", () => {
  fc.assert(
    fc.property(sizes, steps, (size, plan) => {
      const array = Array.from({ length: size }, (_, i) => i);
      const versions: Version[] = [{ vector: Vector.from(array), array }];
      for (const step of plan) versions.push(apply(step, versions[step.on % versions.length]));
      versions.forEach(check);
    }),
    { numRuns: 300 },
  );
}, 30_000);

test("pushed one by one, popped one by one", () => {
  const owner = {};
  let persistent = Vector.EMPTY;
  let inPlace = Vector.EMPTY;
  for (let i = 0; i < 2200; i++) {
    persistent = persistent.push(i);
    inPlace = inPlace.push(i, owner);
  }
  expect(persistent.toArray()).toEqual(inPlace.toArray());
  for (let i = 2199; i >= 0; i--) {
    expect([persistent.count, persistent.get(i), inPlace.get(i)]).toEqual([i + 1, i, i]);
    persistent = persistent.pop();
    inPlace = inPlace.pop(owner);
  }
  expect([persistent.count, inPlace.count]).toEqual([0, 0]);
});

test("under one token the vector itself changes; another token leaves it alone", () => {
  const owner = {};
  const vector = Vector.of(1, 2).push(3, owner);
  expect(vector.push(4, owner)).toBe(vector);
  expect(vector.set(0, 9, owner)).toBe(vector);
  const other = vector.push(5, {});
  expect(other).not.toBe(vector);
  expect(vector.toArray()).toEqual([9, 2, 3, 4]);
  expect(other.toArray()).toEqual([9, 2, 3, 4, 5]);
  expect(Vector.EMPTY.count).toBe(0);
});

test("a large vector: three levels, chunks, iteration", () => {
  const array = Array.from({ length: 40_000 }, (_, i) => i);
  const vector = Vector.from(array);
  expect([...vector]).toEqual(array);
  const visited: Value[] = [];
  vector.forEach((value, i) => void visited.push([value, i][i % 2]));
  expect(visited).toEqual(array);
  expect(vector.chunk(39_990)[39_990 & 31]).toBe(39_990);
  expect(vector.chunk(12_345)[12_345 & 31]).toBe(12_345);
});

test("metadata stays through changes", () => {
  const meta = PMap.of(Keyword.of("a"), 1);
  const vector = Vector.of(1, 2).withMeta(meta);
  const changed = [vector.push(3), vector.set(0, 5), vector.pop(), vector.pop().pop(), vector.push(1, {})];
  expect(changed.map((v) => v.meta)).toEqual(changed.map(() => meta));
  expect(Vector.of(1, 2).meta).toBeNull();
});
