// Arithmetic primitives: exact integers against BigInt, conversions, what is refused.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { float, integer } from "../../src/data/numbers.ts";
import { numberText } from "../../src/data/number-text.ts";
import { Ratio, type Value } from "../../src/data/value.ts";
import { integers } from "../support/values.ts";
import { call, charged, limited, named } from "./support.ts";

const floorMod = (a: bigint, b: bigint) => ((a % b) + b) % b;

const MODELS: Record<string, (a: bigint, b: bigint) => bigint> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  "bit-and": (a, b) => a & b,
  "bit-or": (a, b) => a | b,
  "bit-xor": (a, b) => a ^ b,
};
const DIVISIONS: Record<string, (a: bigint, b: bigint) => bigint> = {
  quot: (a, b) => a / b,
  rem: (a, b) => a % b,
  mod: (a, b) => (b > 0n ? floorMod(a, b) : -floorMod(-a, -b)),
};

describe("on integers of any size", () => {
  test("max and min", () => {
    fc.assert(
      fc.property(integers, integers, (a, b) => {
        const [low, high] = BigInt(a) < BigInt(b) ? [a, b] : [b, a];
        expect([named("min").call(a, b), named("max").call(a, b)]).toEqual([low, high]);
      }),
    );
  });

  for (const [name, model] of Object.entries({ ...MODELS, ...DIVISIONS })) {
    test(name, () => {
      const primitive = named(name);
      fc.assert(
        fc.property(integers, integers, (a, b) => {
          fc.pre(!(name in DIVISIONS) || b !== 0);
          expect(Object.is(primitive.call(a, b), integer(model(BigInt(a), BigInt(b))))).toBe(true);
        }),
      );
    });
  }

  test("shifts", () => {
    fc.assert(
      fc.property(integers, fc.integer({ min: 0, max: 200 }), (x, n) => {
        expect(named("shift-left").call(x, n)).toBe(integer(BigInt(x) << BigInt(n)));
        expect(named("shift-right").call(x, n)).toBe(integer(BigInt(x) >> BigInt(n)));
      }),
    );
    expect(call("shift-right", -5, 2n ** 70n)).toBe("-1");
  });

  test("powers", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -30n, max: 30n }), fc.integer({ min: 0, max: 60 }), (base, n) => {
        expect(named("pow").call(integer(base), n)).toBe(integer(base ** BigInt(n)));
      }),
    );
  });

  test("unary ones", () => {
    fc.assert(
      fc.property(integers, (a) => {
        const n = BigInt(a);
        expect(named("neg").call(a)).toBe(integer(-n));
        expect(named("abs").call(a)).toBe(integer(n < 0n ? -n : n));
        expect(named("inc").call(a)).toBe(integer(n + 1n));
        expect(named("dec").call(a)).toBe(integer(n - 1n));
        expect(named("bit-not").call(a)).toBe(integer(~n));
        expect(named("even?").call(a)).toBe(n % 2n === 0n);
        expect(named("odd?").call(a)).toBe(n % 2n !== 0n);
        for (const same of ["int", "floor", "ceil", "round", "rationalize"]) expect(named(same).call(a)).toBe(a);
      }),
    );
  });
});

const half = new Ratio(1n, 2n);

test.each<[string, Value[], string]>([
  ["div", [6, 4], "3/2"],
  ["div", [6, 3], "2"],
  ["div", [0, -5], "0"],
  ["div", [1, float(2)], "0.5"],
  ["div", [float(1), 0], "##Inf"],
  ["add", [half, half], "1"],
  ["add", [half, 0.25], "0.75"],
  ["sub", [float(1), 1], "0.0"],
  ["mul", [0, -5], "0"],
  ["neg", [float(0)], "-0.0"],
  ["pow", [half, 3], "1/8"],
  ["pow", [2, -2], "1/4"],
  ["pow", [0.5, 2], "0.25"],
  ["pow", [float(2), -1], "0.5"],
  ["pow", [-1, 2n ** 80n + 1n], "-1"],
  ["sqrt", [9], "3.0"],
  ["sqrt", [-1], "##NaN"],
  ["int", [-3.7], "-3"],
  ["int", [new Ratio(-7n, 2n)], "-3"],
  ["int", [float(1e300)], numberText(BigInt(1e300))],
  ["floor", [-1.5], "-2"],
  ["ceil", [-1.5], "-1"],
  ["ceil", [half], "1"],
  ["round", [2.5], "3"],
  ["round", [-2.5], "-2"],
  ["round", [0.49999999999999994], "0"],
  ["round", [new Ratio(5n, 2n)], "3"],
  ["float", [new Ratio(1n, 3n)], "0.3333333333333333"],
  ["rationalize", [0.1], "1/10"],
  ["rationalize", [1e-7], "1/10000000"],
  ["rationalize", [float(1e21)], "1000000000000000000000"],
  ["numerator", [half], "1"],
  ["denominator", [5], "1"],
  ["max", [1, float(1)], "1"],
  ["max", [1, Number.NaN], "##NaN"],
  ["zero?", [float(-0)], "true"],
  ["nan?", [1], "false"],
  ["infinite?", [-Infinity], "true"],
])("%s", (name, args, expected) => {
  expect(call(name, ...args)).toBe(expected);
});

test.each<[string, Value[], string]>([
  ["add", [1, "a"], ':type + takes numbers, but argument 2 is "a", a string'],
  ["add", [null, 1], ":type + takes numbers, but argument 1 is nil"],
  ["lt", [1, true], ":type < takes numbers, but argument 2 is true"],
  ["inc", ["1"], ':type inc takes a number, but argument 1 is "1", a string'],
  ["bit-and", [1, 0.5], ":type bit-and takes integers, but argument 2 is 0.5, a float"],
  ["even?", [0.5], ":type even? takes an integer, but argument 1 is 0.5, a float"],
  ["pow", [2, 0.5], ":type pow takes integers, but argument 2 is 0.5, a float"],
  ["div", [1, 0], ":arithmetic Divide by zero"],
  ["mod", [1, 0], ":arithmetic Divide by zero"],
  ["int", [Number.NaN], ":arithmetic int: NaN has no integer part"],
  ["round", [Infinity], ":arithmetic round: Infinity has no nearest integer"],
  ["shift-left", [1, -1], ":range bit-shift-left: the number of places must not be negative"],
])("%s refuses", (name, args, expected) => {
  expect(call(name, ...args)).toBe(expected);
});

describe("what is too large is refused before it is made", () => {
  test("powers and shifts", () => {
    expect(call("pow", 10, 10_000_000)).toMatch(
      /^:limit pow would make an integer of 30,000,000 bits; the limit is 1,048,576$/,
    );
    expect(call("pow", 3, 2n ** 70n)).toMatch(/^:limit pow /);
    expect(call("pow", 0.5, 2n ** 70n)).toBe("0.0");
    expect(call("shift-left", 1, 2n ** 70n)).toMatch(/^:limit bit-shift-left /);
    expect(call("shift-left", 0, 2n ** 70n)).toBe("0");
  });

  test("products and sums at the limit", () => {
    limited({ integerBitsMax: 128 }, () => {
      expect(call("mul", 2n ** 60n, 2n ** 60n)).toBe(String(2n ** 120n));
      expect(call("mul", 2n ** 100n, 2n ** 60n)).toMatch(/^:limit an integer may have at most 128 bits/);
      expect(call("add", 2n ** 128n - 1n, 1)).toMatch(/^:limit /);
      expect(call("pow", 2, 127)).toBe(String(2n ** 127n));
      expect(call("pow", 2, 200)).toMatch(/^:limit /);
    });
  });

  test("large powers charge", () => {
    expect(charged("pow", 3, 100_000)).toBeGreaterThan(100);
    expect(charged("pow", 3, 3)).toBe(0);
  });
});
