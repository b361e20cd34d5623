// The greatest common divisor against Euclid's algorithm, and at sizes for which Euclid's would take minutes.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gcd } from "../../src/data/gcd.ts";
import { meter } from "../../src/data/meter.ts";
import { bitLength } from "../../src/data/bit-length.ts";
import { ratio } from "../../src/data/numbers.ts";
import { Ratio } from "../../src/data/value.ts";

function euclid(m: bigint, n: bigint): bigint {
  let [a, b] = [m < 0n ? -m : m, n < 0n ? -n : n];
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** Two Fibonacci numbers in a row: every quotient is 1, which is the worst case. */
function fibonacci(n: number): readonly [bigint, bigint] {
  let [a, b] = [0n, 1n];
  for (let i = 0; i < n; i++) [a, b] = [b, a + b];
  return [a, b];
}

const sized = fc.integer({ min: 0, max: 4000 }).chain((bits) => {
  const limit = 1n << BigInt(bits);
  return fc.bigInt({ min: -limit, max: limit });
});

describe("the greatest common divisor", () => {
  test("is Euclid's, whatever the sizes and signs", () => {
    fc.assert(
      fc.property(sized, sized, sized, (a, b, common) => {
        expect(gcd(a * common, b * common)).toBe(euclid(a * common, b * common));
      }),
      { numRuns: 2000 },
    );
  });

  test("of numbers close to each other, far apart, equal, powers of two, zero", () => {
    const big = (1n << 3000n) - 1n;
    const rows: readonly (readonly [bigint, bigint])[] = [
      [big, big],
      [big, big + 1n],
      [big * big, big],
      [1n << 5000n, 1n << 2500n],
      [(1n << 5000n) + 1n, 3n],
      [big, 0n],
      [0n, 0n],
      [-big, 7n],
      fibonacci(5000),
    ];
    for (const [a, b] of rows) {
      expect(gcd(a, b)).toBe(euclid(a, b));
      expect(gcd(b, a)).toBe(euclid(a, b));
    }
  });

  test("of a million bits is found", () => {
    const [a, b] = fibonacci(100_000);
    const common = (1n << 900_000n) + 1n;
    expect(gcd(a * common, b * common)).toBe(common);
    expect(bitLength(a * common)).toBeGreaterThan(960_000);
  });
});

test("bringing a large fraction to lowest terms is charged before it is done, a small one is free", () => {
  const fuel = meter.fuel;
  try {
    meter.fuel = 1_000_000;
    expect(ratio(6n, 4n)).toEqual(new Ratio(3n, 2n));
    expect(meter.fuel).toBe(1_000_000);
    const [a, b] = fibonacci(200_000);
    expect(ratio(a, b)).toEqual(new Ratio(a, b));
    expect(1_000_000 - meter.fuel).toBe(Math.floor((bitLength(a) >> 6) * ((bitLength(b) >> 6) / 1024)));
  } finally {
    meter.fuel = fuel;
  }
});
