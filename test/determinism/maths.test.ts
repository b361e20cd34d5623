// The functions of flow.math give the same bits on every host: those written down in test/golden/maths-bits.txt.
//
// `FLOWMETAL_GOLDEN=rewrite npx vitest run test/determinism/maths.test.ts` writes that file anew; a change of it is a change of what
// programs compute, so it needs new versions of the primitives (S-10).
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/hash.ts";
import {
  copySign,
  exponentOf,
  ieeeRemainder,
  nextAfter,
  nextDown,
  nextUp,
  rint,
  ulp,
} from "../../src/data/math/doubles.ts";
import * as exponential from "../../src/data/math/exponential.ts";
import * as inverse from "../../src/data/math/inverse.ts";
import * as logarithm from "../../src/data/math/logarithm.ts";
import { cbrt, hypot, pow } from "../../src/data/math/power.ts";
import * as trigonometric from "../../src/data/math/trigonometric.ts";
import { bitsOf, ofBits, scale } from "../../src/data/math/words.ts";
import { root } from "../support/tree.ts";

const { atan2, ...inverses } = inverse;
const UNARY: Readonly<Record<string, (x: number) => number>> = {
  ...exponential,
  ...logarithm,
  ...trigonometric,
  ...inverses,
  cbrt,
};
const BINARY: Readonly<Record<string, (x: number, y: number) => number>> = { atan2, pow, hypot };

const SPECIAL = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  3,
  10,
  100,
  1000,
  1e-10,
  1e-300,
  5e-324,
  1e22,
  1e300,
  1.7976931348623157e308,
  2.2250738585072014e-308,
  709.7,
  709.79,
  -745.1,
  -745.2,
  0.7853981633974483,
  1.5707963267948966,
  Math.PI,
  22,
  -22,
  0.1,
  Infinity,
  -Infinity,
  Number.NaN,
] as const;

/** Doubles by a generator of 64 bits (PCG's multiplier), in turn over all bit patterns and over ranges that matter. */
function* doubles(seed: bigint): Generator<number, never> {
  let state = seed;
  const next = () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return state >> 11n;
  };
  for (;;) {
    yield ofBits((next() << 11n) ^ next());
    for (const width of [2, 4, 2000, 1e7]) yield (Number(next()) / 9007199254740992 - 0.5) * width;
  }
}

function take(count: number, seed: bigint): number[] {
  const source = doubles(seed);
  return Array.from({ length: count }, () => source.next().value);
}

const hex = (x: number) => (Number.isNaN(x) ? "NaN" : bitsOf(x).toString(16).padStart(16, "0"));

/** How many doubles lie between, from the nearest to the nearest. */
function distance(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  const place = (x: number) => (x < 0 || Object.is(x, -0) ? -(bitsOf(x) & 0x7fffffffffffffffn) : bitsOf(x));
  return Number.isNaN(a) || Number.isNaN(b) ? Infinity : Math.abs(Number(place(a) - place(b)));
}

const LINES = [
  ...Object.entries(UNARY).flatMap(([name, f]) => [
    ...[...SPECIAL, ...take(20, 7n)].map((x) => `${name} ${hex(x)} ${hex(f(x))}`),
    `${name} 20000 ${sha256(
      take(20_000, 11n)
        .map((x) => hex(f(x)))
        .join(" "),
    )}`,
  ]),
  ...Object.entries(BINARY).flatMap(([name, f]) => {
    const pairs = (xs: readonly number[]) => xs.slice(1).map((y, i): [number, number] => [xs[i], y]);
    return [
      ...pairs([...SPECIAL, ...take(40, 7n)]).map(([x, y]) => `${name} ${hex(x)} ${hex(y)} ${hex(f(x, y))}`),
      `${name} 20000 ${sha256(
        pairs(take(20_001, 11n))
          .map(([x, y]) => hex(f(Math.abs(x), y)))
          .join(" "),
      )}`,
    ];
  }),
];

test("the bits of results are those of the golden table", () => {
  const path = join(root, "test/golden/maths-bits.txt");
  const text = `# Bits of results: function, arguments, result; or function, how many random arguments, SHA-256 of all results.\n${LINES.join("\n")}\n`;
  const rewriting = process.env["FLOWMETAL_GOLDEN"] === "rewrite";
  if (rewriting) writeFileSync(path, text);
  expect(existsSync(path) ? readFileSync(path, "utf8").split("\n") : []).toEqual(text.split("\n"));
  expect(rewriting, "the golden table was written; run again without FLOWMETAL_GOLDEN").toBe(false);
});

describe("the host is never further away than its own inexactness", () => {
  const host = Math as unknown as Readonly<Record<string, (...xs: number[]) => number>>;
  test.each(Object.keys(UNARY))("%s", (name) => {
    const far = [...SPECIAL, ...take(20_000, 13n)].filter((x) => distance(UNARY[name](x), host[name](x)) > 1);
    expect(far).toEqual([]);
  });

  // V8's hypot sums squares that it has scaled, which is off by up to two; ours by less than one.
  test.each([
    ["atan2", 1],
    ["pow", 1],
    ["hypot", 2],
  ])("%s", (name, most) => {
    const xs = [...SPECIAL, ...take(20_000, 17n)];
    const ys = take(xs.length, 19n);
    const far = xs
      .map((x, i): [number, number] => [i % 2 === 0 ? x : Math.abs(x), ys[i]])
      .filter(([x, y]) => distance(BINARY[name](x, y), host[name](x, y)) > most);
    expect(far).toEqual([]);
  });
});

test("hypot is the rounded root of the exact sum of squares, or its neighbour", () => {
  const xs = take(4000, 23n).filter((x) => Math.abs(x) > 1e-100 && Math.abs(x) < 1e100);
  for (let i = 1; i < xs.length; i++) {
    const found = hypot(xs[i - 1], xs[i]);
    // As exact integers over a common power of two: (found - ulp)^2 < x^2 + y^2 < (found + ulp)^2.
    const [x, y, low, high] = exactly([xs[i - 1], xs[i], nextDown(found), nextUp(found)]);
    const sum = x * x + y * y;
    if (low * low >= sum || high * high <= sum) expect.fail(`${xs[i - 1]} ${xs[i]}`);
  }
});

/** Doubles as integers, all times the same power of two. */
function exactly(xs: readonly number[]): bigint[] {
  const least = Math.min(...xs.map((x) => exponentOf(x)));
  return xs.map((x) => BigInt(scale(x, 52 - exponentOf(x))) << BigInt(exponentOf(x) - least));
}

test("what is exact is exact", () => {
  for (let n = -1074; n < 1024; n++) if (logarithm.log2(scale(1, n)) !== n) expect.fail(`log2 of 2^${n}`);
  for (let n = 0; n <= 22; n++) if (logarithm.log10(Number(`1e${n}`)) !== n) expect.fail(`log10 of 10^${n}`);
  for (let n = -200; n <= 200; n++) if (cbrt(n * n * n) !== n) expect.fail(`cbrt of ${n}^3`);
  for (let n = 0; n < 40; n++) if (pow(3, n) !== Number(3n ** BigInt(n))) expect.fail(`3^${n}`);
  expect([hypot(3, 4), hypot(1e200, 1e200), hypot(5e-324, 0)]).toEqual([5, 1.414213562373095e200, 5e-324]);
});

test("neighbours, remainders and scaling", () => {
  for (const x of [...SPECIAL, ...take(2000, 29n)]) {
    if (Number.isFinite(x) && x !== 0) {
      expect(nextDown(nextUp(x))).toBe(x);
      expect(nextAfter(x, Infinity)).toBe(nextUp(x));
      expect(ulp(x)).toBe(x === 1.7976931348623157e308 ? 1.99584030953472e292 : nextUp(Math.abs(x)) - Math.abs(x));
      expect(scale(x, 3)).toBe(x * 8);
      expect(Math.abs(ieeeRemainder(x, 3.7)) <= 1.85).toBe(true);
    }
  }
  expect([ieeeRemainder(5, 3), ieeeRemainder(4.5, 3), ieeeRemainder(1.5, 1), ieeeRemainder(2.5, 1)]).toEqual([
    -1, -1.5, -0.5, 0.5,
  ]);
  expect([ieeeRemainder(-6, 3), ieeeRemainder(1, 0), ieeeRemainder(1, Infinity), ieeeRemainder(Infinity, 1)]).toEqual([
    -0,
    Number.NaN,
    1,
    Number.NaN,
  ]);
  expect([rint(0.5), rint(1.5), rint(-0.5), rint(2.5), rint(-2.5), rint(2251799813685249.5)]).toEqual([
    0, 2, -0, 2, -2, 2251799813685250,
  ]);
  expect([copySign(3, -0), copySign(-3, 1), copySign(Number.NaN, -1)]).toEqual([-3, 3, Number.NaN]);
  expect([exponentOf(8), exponentOf(0), exponentOf(5e-324), exponentOf(Infinity)]).toEqual([3, -1023, -1023, 1024]);
  expect([scale(1, -1074), scale(1, -1075), scale(3, -1075), scale(1, 1024), scale(5e-324, 2097)]).toEqual([
    5e-324,
    0,
    1e-323,
    Infinity,
    8.98846567431158e307,
  ]);
});
