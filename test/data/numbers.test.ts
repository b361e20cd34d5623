// Numbers (S-15) against a model of plain fractions; representation, limits, text.
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { meter, Raise, SIGNAL } from "../../src/data/meter.ts";
import { floatText, numberText } from "../../src/data/number-text.ts";
import { bitLength } from "../../src/data/bit-length.ts";
import {
  add,
  denominatorOf,
  divide,
  exactOf,
  float,
  integer,
  isExact,
  isFloat,
  isInteger,
  less,
  lessOrEqual,
  mod,
  multiply,
  negate,
  numeratorOf,
  orderNumbers,
  quot,
  ratio,
  rem,
  sameNumber,
  subtract,
  times,
  toDouble,
} from "../../src/data/numbers.ts";
import { makeRange, type Range } from "../../src/data/range.ts";
import { type ErrorValue, Float, Ratio, type Value } from "../../src/data/value.ts";
import { readData } from "../../src/reader/sexp.ts";
import { exacts, floats, integers, numbers } from "../support/values.ts";

/** A fraction, not reduced; the denominator is positive. */
type Fraction = readonly [num: bigint, den: bigint];
type Exact = number | bigint | Ratio;

const fraction = (v: Exact): Fraction => [numeratorOf(v), denominatorOf(v)];

/** Is it the one representation of its value? */
function isNormal(v: Value): boolean {
  if (typeof v === "number") return !Object.is(v, -0) && (!Number.isInteger(v) || Number.isSafeInteger(v));
  if (typeof v === "bigint") return v > 9007199254740991n || v < -9007199254740991n;
  if (v instanceof Float) return Number.isInteger(v.value);
  if (!(v instanceof Ratio) || v.den <= 1n) return false;
  let [a, b] = [v.num < 0n ? -v.num : v.num, v.den];
  while (b > 0n) [a, b] = [b, a % b];
  return a === 1n;
}

function expectExact(v: Value, [num, den]: Fraction): void {
  expect(isExact(v) && isNormal(v)).toBe(true);
  const [n, d] = fraction(v as Exact);
  expect(n * den).toBe(num * d);
}

function raised(f: () => unknown): string {
  try {
    f();
  } catch (error) {
    if (error instanceof Raise) return (error.error as ErrorValue).type.text;
    throw error;
  }
  return "nothing";
}

const floorDiv = (a: bigint, b: bigint): bigint => a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n);

test("exact arithmetic is that of fractions", () => {
  fc.assert(
    fc.property(exacts, exacts, (x, y) => {
      const [[a, b], [c, d]] = [fraction(x), fraction(y)];
      expectExact(add(x, y), [a * d + c * b, b * d]);
      expectExact(subtract(x, y), [a * d - c * b, b * d]);
      expectExact(times(x, y), [a * c, b * d]);
      expectExact(negate(x), [-a, b]);
      if (c === 0n) {
        for (const operation of [divide, quot, rem, mod]) expect(raised(() => operation(x, y))).toBe("arithmetic");
        return;
      }
      expectExact(divide(x, y), c < 0n ? [-a * d, b * -c] : [a * d, b * c]);
      const truncated = (a * d) / (b * c);
      const floored = floorDiv(a * d, b * c);
      expectExact(quot(x, y), [truncated, 1n]);
      expectExact(rem(x, y), [a * d - truncated * b * c, b * d]);
      expectExact(mod(x, y), [a * d - floored * b * c, b * d]);
    }),
    { numRuns: 2000 },
  );
});

test("with a float it is that of doubles", () => {
  fc.assert(
    fc.property(numbers, floats, fc.boolean(), (x, y, swap) => {
      const [a, b] = swap ? [y, x] : [x, y];
      const [p, q] = [toDouble(a), toDouble(b)];
      const cases: [Value, number][] = [
        [add(a, b), p + q],
        [subtract(a, b), p - q],
        [times(a, b), p * q],
        [divide(a, b), p / q],
        [quot(a, b), Math.trunc(p / q)],
        [rem(a, b), p % q],
      ];
      for (const [actual, expected] of cases) {
        expect(isFloat(actual) && isNormal(actual)).toBe(true);
        expect(toDouble(actual)).toBe(expected);
      }
      const modulus = toDouble(mod(a, b));
      if (Number.isFinite(p) && Number.isFinite(q) && q !== 0) {
        expect(modulus === 0 || modulus < 0 === q < 0).toBe(true);
        expect(Math.abs(modulus)).toBeLessThanOrEqual(Math.abs(q));
      } else if (!Number.isFinite(p) || q === 0) expect(modulus).toBeNaN();
    }),
    { numRuns: 2000 },
  );
});

/** The exact value, or the double where there is none. */
function exactly(v: Value): Fraction | number {
  if (isExact(v)) return fraction(v);
  const x = toDouble(v);
  return Number.isFinite(x) ? fraction(exactOf(x)) : x;
}

function modelOrder(x: Value, y: Value): number {
  const [p, q] = [exactly(x), exactly(y)];
  if (typeof p === "number" || typeof q === "number") {
    const [a, b] = [typeof p === "number" ? p : 0, typeof q === "number" ? q : 0];
    return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN;
  }
  const [left, right] = [p[0] * q[1], q[0] * p[1]];
  return left < right ? -1 : left > right ? 1 : 0;
}

test("comparison is by exact value across all types", () => {
  const nearby = fc.tuple(exacts, fc.constantFrom(0, 1, -1)).map(([x, offset]): [Value, Value] => {
    const near = toDouble(x);
    return [x, Number.isFinite(near) ? float(near + offset * 2 ** -20) : float(near)];
  });
  fc.assert(
    fc.property(fc.oneof(fc.tuple(numbers, numbers), nearby), ([x, y]) => {
      const order = modelOrder(x, y);
      expect(orderNumbers(x, y)).toBe(order);
      expect(less(x, y)).toBe(order < 0);
      expect(lessOrEqual(x, y)).toBe(order <= 0);
      expect(sameNumber(x, y)).toBe(order === 0);
    }),
    { numRuns: 3000 },
  );
  expect(sameNumber(2 ** 53 + 2, float(2 ** 53 + 2))).toBe(true);
  expect(sameNumber(integer(2n ** 53n + 1n), float(2 ** 53))).toBe(false);
  expect(less(float(2 ** 53), integer(2n ** 53n + 1n))).toBe(true);
});

test("the double of a ratio is the nearest one", () => {
  const wide = fc.tuple(
    fc.bigInt({ min: 1n, max: 2n ** 80n }),
    fc.integer({ min: -1100, max: 1100 }),
    fc.bigInt({ min: 1n, max: 2n ** 90n }),
  );
  fc.assert(
    fc.property(wide, ([n, shift, d]) => {
      const value = shift >= 0 ? ratio(n << BigInt(shift), d) : ratio(n, d << BigInt(-shift));
      if (!(value instanceof Ratio)) return;
      const x = toDouble(value);
      if (x === Infinity) {
        expect(value.num > value.den * ((2n ** 54n - 1n) << 970n)).toBe(true);
        return;
      }
      const distance = (y: number): Fraction => {
        const [a, b] = fraction(subtract(value, exactOf(y)) as Exact);
        return [a < 0n ? -a : a, b];
      };
      const [a, b] = distance(x);
      for (const neighbour of [next(x, 1), next(x, -1)].filter(Number.isFinite)) {
        const [c, e] = distance(neighbour);
        expect(a * e <= c * b).toBe(true);
        // In the middle the even one is taken.
        if (a * e === c * b) expect(bitsOf(x) & 1n).toBe(0n);
      }
    }),
    { numRuns: 1000 },
  );
  expect(toDouble(ratio(1n, 3n))).toBe(1 / 3);
  expect(toDouble(ratio(-2n, 3n))).toBe(-2 / 3);
  expect(toDouble(ratio(1n, 2n ** 1075n))).toBe(0);
  expect(toDouble(ratio(3n, 2n ** 1076n))).toBe(5e-324);
});

function bitsOf(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  return view.getBigUint64(0);
}

/** The neighbour of a positive double. */
function next(x: number, by: 1 | -1): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, x === 0 && by < 0 ? 0n : bitsOf(x) + BigInt(by));
  return view.getFloat64(0);
}

test("the exact value of a double is exact", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
      const exact = exactOf(x);
      expect(isNormal(exact)).toBe(true);
      expect(toDouble(exact)).toBe(x + 0);
    }),
    { numRuns: 1000 },
  );
});

test("what is no number is declined", () => {
  for (const operation of [add, subtract, times, divide, quot, rem, mod, less, lessOrEqual, sameNumber]) {
    for (const [a, b] of [
      ["1", 1],
      [1, null],
      [true, false],
    ] as const) {
      expect(operation(a, b)).toBe(SIGNAL);
      expect(SIGNAL.cell).toBeNull();
    }
  }
  expect(negate("1")).toBe(SIGNAL);
});

test("types", () => {
  expect(
    [1, 2n ** 60n, 0.5, new Float(1), ratio(1n, 2n), "1"].map((v) => [isInteger(v), isFloat(v), isExact(v)]),
  ).toEqual([
    [true, false, true],
    [true, false, true],
    [false, true, false],
    [false, true, false],
    [false, false, true],
    [false, false, false],
  ]);
  fc.assert(fc.property(integers, (n) => bitLength(BigInt(n)) === BigInt(n).toString(2).replace(/^-?0?/, "").length));
});

describe("limits (S-18)", () => {
  let before: number;
  beforeEach(() => {
    before = meter.fuel;
  });
  afterEach(() => {
    meter.fuel = before;
  });

  test("an integer too large is refused before it is made", () => {
    const half = 1n << BigInt(meter.integerBitsMax / 2);
    const most = 1n << BigInt(meter.integerBitsMax - 1);
    expect(bitLength(multiply(half, half >> 1n))).toBe(meter.integerBitsMax);
    expect(raised(() => times(half, half))).toBe("limit");
    expect(raised(() => times(most, most))).toBe("limit");
    expect(raised(() => add(most, most))).toBe("limit");
    expect(raised(() => subtract(-most, most))).toBe("limit");
    expect(raised(() => add(ratio(1n, most), ratio(1n, most + 1n)))).toBe("limit");
  });

  test("the product of large integers charges fuel, that of small ones does not", () => {
    meter.fuel = 0;
    multiply(2n ** 1000n, 2n ** 1000n);
    expect(meter.fuel).toBe(0);
    multiply(1n << 400_000n, 1n << 400_000n);
    expect(meter.fuel).toBe(-Math.floor(6250 ** 2 / 4096));
  });
});

describe("text", () => {
  test.each<[Value, string]>([
    [0, "0"],
    [-7, "-7"],
    [2n ** 64n, "18446744073709551616"],
    [ratio(-1n, 3n), "-1/3"],
    [new Float(2), "2.0"],
    [new Float(-0), "-0.0"],
    [0.1, "0.1"],
    [new Float(1e21), "1e+21"],
    [new Float(1e20), "100000000000000000000.0"],
    [1e-7, "1e-7"],
    [Number.NaN, "##NaN"],
    [Infinity, "##Inf"],
    [-Infinity, "##-Inf"],
  ])("%o is %s", (v, text) => {
    expect(numberText(v)).toBe(text);
  });

  test("the reader reads back the same number", () => {
    fc.assert(
      fc.property(numbers, (v) => {
        const back = readData(numberText(v));
        expect(isFloat(back)).toBe(isFloat(v));
        expect(numberText(back)).toBe(numberText(v));
        if (isFloat(v)) expect(toDouble(back)).toBe(toDouble(v));
      }),
      { numRuns: 1000 },
    );
  });

  test("a float never looks like an integer", () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => /[.e]/.test(floatText(x))));
  });
});

describe("ranges", () => {
  test("are the numbers a loop would give", () => {
    const small = fc.oneof(
      fc.bigInt({ min: -20n, max: 20n }).map(integer),
      exacts.filter((v) => v instanceof Ratio),
    );
    fc.assert(
      fc.property(small, fc.integer({ min: 0, max: 30 }), exacts, (start, n, step) => {
        if (sameNumber(step, 0) === true) return;
        const expected: Value[] = [];
        let at: Value = start;
        for (let i = 0; i < n; i++) [expected[i], at] = [at, add(at, step)];
        const range = makeRange(start, at, step);
        expect(range.count).toBe(n);
        expect(range.toArray()).toEqual(expected);
        for (const [i, value] of expected.entries()) expect((range as Range).get(i)).toEqual(value);
        if (n > 1) expect((range.rest as Range).toArray()).toEqual(expected.slice(1));
      }),
      { numRuns: 300 },
    );
  });

  test("reach far without rounding", () => {
    const range = makeRange(-(2 ** 53) + 1, 2 ** 53 - 1, 3) as Range;
    expect(range.get(3_002_399_751_580_332)).toBe(integer(-(2n ** 53n) + 1n + 3n * 3_002_399_751_580_332n));
    expect(range.get(5_000_000_000_000_001)).toBe(integer(-(2n ** 53n) + 1n + 15_000_000_000_000_003n));
  });

  test("with a float they are a list of sums", () => {
    expect(makeRange(0, 1, 0.25).toArray()).toEqual([new Float(0), 0.25, 0.5, 0.75]);
    expect(makeRange(new Float(3), 0, -1).toArray()).toEqual([3, 2, 1].map((x) => new Float(x)));
  });

  test("what never ends or is too long is refused", () => {
    expect(raised(() => makeRange(0, 5, 0))).toBe("range");
    expect(raised(() => makeRange(0, Number.NaN, 1))).toBe("range");
    expect(raised(() => makeRange(0, Infinity, 1))).toBe("limit");
    expect(raised(() => makeRange(0, float(1e300), 1))).toBe("limit");
    expect(raised(() => makeRange(0, 1, float(1e-300)))).toBe("limit");
    expect(raised(() => makeRange(0, 2n ** 60n, 1))).toBe("limit");
    expect(makeRange(0, 0, 1).count + makeRange(0, -5, 1).count).toBe(0);
  });
});
