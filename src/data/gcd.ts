// The greatest common divisor of large integers, in far less than the square of their length.
//
// Euclid's algorithm takes a division of whole numbers for every one or two bits. Here the leading halves of both are divided
// first (themselves in the same way), the steps gathered in a matrix of four small numbers, and the matrix applied to the whole
// at once: the "half gcd" of Lehmer, Knuth and Schönhage. Every matrix has determinant 1 or -1, so the divisor is kept whatever
// the leading halves made of the steps; a step that was not quite right only reduces less.
import { bitLength } from "./bit-length.ts";

/** New numbers as combinations of the old: [a, b] becomes [pa + qb, ra + sb]. */
type Steps = readonly [p: bigint, q: bigint, r: bigint, s: bigint];

interface Reduced {
  readonly a: bigint;
  readonly b: bigint;
  readonly steps: Steps;
}

const NONE: Steps = [1n, 0n, 0n, 1n];

/** Bits below which single divisions are as fast. */
const SMALL = 384;

/** The greatest common divisor, not negative. */
export function gcd(m: bigint, n: bigint): bigint {
  let a = m < 0n ? -m : m;
  let b = n < 0n ? -n : n;
  while (b !== 0n) {
    if (a > b && b >> BigInt(SMALL) !== 0n) {
      const length = bitLength(a);
      if (bitLength(b) > length / 2) ({ a, b } = reduce(a, b, length, length >> 1));
      if (b === 0n) break;
    }
    [a, b] = [b, a % b];
  }
  return a;
}

/** Divides a pair (a >= b > 0, a of `length` bits) by each other until b has about `target` bits; `target` is at least half. */
function reduce(a: bigint, b: bigint, length: number, target: number): Reduced {
  const whole: Reduced = { a, b, steps: NONE };
  if (bitLength(b) <= target) return whole;
  if (length <= SMALL) return divide(whole, target);
  // The leading parts lose half of what is to be lost, then what is left does.
  const half = (length + target) >> 1;
  const first = divideOnce(lead(whole, length, half));
  const left = bitLength(first.a);
  return bitLength(first.b) <= target || left >= length ? first : lead(first, left, target);
}

/** Brings a pair of `length` bits to `target` by what its leading bits say: twice as many as it is to lose. */
function lead(pair: Reduced, length: number, target: number): Reduced {
  const { a, b, steps } = pair;
  const cut = Math.max(0, 2 * target - length);
  const shift = BigInt(cut);
  if (cut === 0) return divide(pair, target);
  const [top, below] = [a >> shift, b >> shift];
  if (below === 0n) return pair;
  const found = reduce(top, below, length - cut, target - cut).steps;
  return ordered(apply(found, a, b), product(found, steps));
}

/** Single divisions until b has at most `target` bits. */
function divide(pair: Reduced, target: number): Reduced {
  let { a, b } = pair;
  let [p, q, r, s] = pair.steps;
  const bound = 1n << BigInt(target);
  while (b >= bound) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [p, q, r, s] = [r, s, p - quotient * r, q - quotient * s];
  }
  return { a, b, steps: [p, q, r, s] };
}

function divideOnce(pair: Reduced): Reduced {
  const { a, b, steps } = pair;
  if (b === 0n) return pair;
  const [p, q, r, s] = steps;
  const quotient = a / b;
  return { a: b, b: a - quotient * b, steps: [r, s, p - quotient * r, q - quotient * s] };
}

function apply([p, q, r, s]: Steps, a: bigint, b: bigint): readonly [bigint, bigint] {
  return [p * a + q * b, r * a + s * b];
}

function product([p, q, r, s]: Steps, [t, u, v, w]: Steps): Steps {
  return [p * t + q * v, p * u + q * w, r * t + s * v, r * u + s * w];
}

/** The pair without signs, the larger first; the steps changed with it. */
function ordered([x, y]: readonly [bigint, bigint], [p, q, r, s]: Steps): Reduced {
  const first = x < 0n ? { n: -x, row: [-p, -q] } : { n: x, row: [p, q] };
  const second = y < 0n ? { n: -y, row: [-r, -s] } : { n: y, row: [r, s] };
  const [large, small] = first.n >= second.n ? [first, second] : [second, first];
  return { a: large.n, b: small.n, steps: [large.row[0], large.row[1], small.row[0], small.row[1]] as never };
}
