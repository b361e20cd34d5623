// What holds for every primitive: what it declares is true of what it does.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { meter, Raise, SIGNAL } from "../../src/data/meter.ts";
import { printValue } from "../../src/data/printer.ts";
import { makeRange, Range } from "../../src/data/range.ts";
import { List } from "../../src/data/list.ts";
import { Cell, Closure, Tagged, type Value } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { vectorList } from "../../src/data/views.ts";
import { Machine } from "../../src/machine/machine.ts";
import type { Unit } from "../../src/machine/unit.ts";
import { ProgramLibrary } from "../../src/module/library.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { inlinedFunctions, inlineOf } from "../../src/primitive/inline.ts";
import type { Primitive } from "../../src/primitive/primitive.ts";
import { findPrimitive, findPrimitiveVersion, primitives } from "../../src/primitive/registry.ts";
import { integers, numbers, values } from "../support/values.ts";
import { outcome, unrealised } from "./support.ts";

const image = await shippedImage();
const machine = new Machine(new ProgramLibrary(image), { observe: () => null });

/** True if a function of the image can be called with so many arguments. */
function accepts(qualified: string, count: number): boolean {
  const value = machine.findVariable(qualified)?.value;
  if (!(value instanceof Closure)) return false;
  const { entries, variadic } = value.unit as Unit;
  return (count < entries.length && entries[count] >= 0) || (variadic !== null && count >= variadic[0]);
}

/** The argument counts a primitive takes, up to 6. */
function countsOf({ min, max }: Primitive): number[] {
  const counts: number[] = [];
  for (let n = min; n <= (max < 0 ? 6 : max); n++) counts.push(n);
  return counts;
}

const some = fc.oneof(
  { weight: 3, arbitrary: values },
  { weight: 2, arbitrary: numbers },
  integers.map((n) => n),
);
const orLazy = fc.oneof({ weight: 9, arbitrary: some }, fc.constant(null).map(unrealised));

/** Calls with random arguments; what answers later or raises is passed on. */
function forArguments(primitive: Primitive, check: (args: Value[]) => void, runs = 40): void {
  for (const count of countsOf(primitive)) {
    fc.assert(
      fc.property(fc.array(orLazy, { minLength: count, maxLength: count }), (args) => void check(args)),
      { numRuns: runs },
    );
  }
}

test("names and versions name one primitive each", () => {
  for (const primitive of primitives) {
    expect(primitive.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*[?!]?$/);
    expect(findPrimitiveVersion(`${primitive.name}@${primitive.version}`)).toBe(primitive);
    expect(findPrimitive(primitive.name)!.version).toBeGreaterThanOrEqual(primitive.version);
    expect(primitive.max < 0 || primitive.max >= primitive.min).toBe(true);
  }
  expect(findPrimitive("no-such")).toBeUndefined();
  expect(findPrimitiveVersion("add@99")).toBeUndefined();
});

test("every guard is a function of the prelude that takes the same arguments", () => {
  const wrong = primitives.flatMap((primitive) =>
    primitive.guard === null
      ? []
      : countsOf(primitive)
          .filter((count) => !accepts(primitive.guard!, count))
          .map((count) => `${primitive.name}: ${primitive.guard} with ${count} arguments`),
  );
  expect(wrong).toEqual([]);
});

test("every inlined function exists, and takes what its primitive takes", () => {
  const wrong: string[] = [];
  for (const name of inlinedFunctions) {
    const qualified = `flow.core/${name}`;
    for (const [count, primitive] of Object.entries(inlineOf(qualified)!)) {
      const found = findPrimitive(primitive);
      if (found === undefined || !countsOf(found).includes(Number(count))) wrong.push(`${name}/${count}: ${primitive}`);
      if (!accepts(qualified, Number(count))) wrong.push(`${name} with ${count} arguments`);
    }
  }
  expect(wrong).toEqual([]);
  expect(inlineOf("user/+")).toBeUndefined();
});

describe("a pure primitive always answers", () => {
  for (const primitive of primitives.filter((one) => one.pure)) {
    test(primitive.name, () => forArguments(primitive, (args) => expect(primitive.call(...args)).not.toBe(SIGNAL)));
  }
});

describe("a test answers true or false", () => {
  for (const primitive of primitives.filter((one) => one.test)) {
    test(primitive.name, () =>
      forArguments(primitive, (args) =>
        expect(outcome(primitive, ...args)).toMatch(/^(true|false|decline|force|:\w.*)$/s),
      ),
    );
  }
});

describe("no primitive throws anything but errors of the language, and only guarded ones decline", () => {
  for (const primitive of primitives) {
    test(primitive.name, () =>
      forArguments(
        primitive,
        (args) => {
          const answer = outcome(primitive, ...args);
          if (answer === "decline") expect(primitive.guard).not.toBeNull();
        },
        25,
      ),
    );
  }
});

const shown = (value: Value) => String(printValue(value, true));

describe("a primitive that is not marked `once` takes no ref and changes no cell", () => {
  for (const primitive of primitives.filter((one) => !one.once)) {
    test(primitive.name, () =>
      forArguments(
        primitive,
        (args) => {
          const cell = new Cell(-1, 1, "atom");
          const { nextRef } = meter;
          outcome(primitive, ...args);
          if (args.length > 0) outcome(primitive, cell, ...args.slice(1));
          expect(meter.nextRef).toBe(nextRef);
          expect(cell.value).toBe(1);
        },
        25,
      ),
    );
  }
});

/** The JavaScript a generator would write for a call. */
function inlined(primitive: Primitive, args: readonly Value[]): { readonly value: Value } | null {
  const names = args.map((_, i) => `a${i}`);
  const { when, value } = primitive.inline!(...names);
  const known = { List, Vector, Range, Tagged, meter };
  const run = new Function(...Object.keys(known), ...names, `return (${when}) ? { value: ${value} } : null;`);
  return run(...Object.values(known), ...args) as { readonly value: Value } | null;
}

describe("the fast path answers what the primitive answers", () => {
  const edges: Value[] = [
    0,
    1,
    -1,
    2147483647,
    -2147483648,
    2147483648,
    94906267,
    -94906267,
    2 ** 53 - 1,
    0.5,
    -0.5,
    2 ** 52 + 0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  for (const primitive of primitives.filter((one) => one.inline !== undefined)) {
    test(primitive.name, () => {
      let taken = 0;
      const check = (args: Value[]) => {
        const fast = inlined(primitive, args);
        if (fast === null) return;
        taken++;
        let slow: Value | string;
        try {
          slow = primitive.call(...args);
        } catch (thrown) {
          if (!(thrown instanceof Raise)) throw thrown;
          slow = "raised";
        }
        const made = primitive.once || slow instanceof List;
        const same = made ? shown(fast.value) === shown(slow) : Object.is(fast.value, slow);
        expect(same, `${primitive.name} ${args.map(String)}`).toBe(true);
      };
      forArguments(primitive, check, 200);
      const vector = Vector.of(1, 2);
      const firsts = [...edges, vector, Vector.EMPTY, vectorList(vector), vectorList(vector).rest, makeRange(0, 2, 1)];
      for (const a of firsts) for (const b of edges) check(primitive.max === 1 ? [a] : [a, b]);
      expect(taken).toBeGreaterThan(0);
    });
  }
});

test("the fast path can be written for literals too", () => {
  for (const primitive of primitives.filter((one) => one.inline !== undefined)) {
    for (const literal of ["5", "(-5)"]) {
      const { when, value } = primitive.inline!(...Array.from({ length: primitive.max }, () => literal));
      expect(() => new Function(`return (${when}) ? (${value}) : null;`), primitive.name).not.toThrow();
    }
  }
});
