// x modulo pi/2, as a sum of two doubles and the number of the quadrant. (fdlibm: e_rem_pio2.c, k_rem_pio2.c)
import { highWord, lowWord, ofWords, scale } from "./words.ts";

/** An angle from -pi/4 to pi/4, as a sum, and how many quarter turns were taken away (only its last two bits count). */
export interface Reduced {
  readonly quarters: number;
  readonly y: number;
  readonly tail: number;
}

const INV_PIO2 = 0.6366197723675814;
/** Three parts of pi/2 of 33 bits each, and what each leaves. */
const PIO2 = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21] as const;
const PIO2_LEFT = [6.077100506506192e-11, 2.0222662487959506e-21, 8.4784276603689e-32] as const;

/** The upper words of multiples of pi/2, from 1 to 32: only near these the first step may cancel too much. */
// prettier-ignore
const MULTIPLES = [
  0x3ff921fb, 0x400921fb, 0x4012d97c, 0x401921fb, 0x401f6a7a, 0x4022d97c, 0x4025fdbb, 0x402921fb, 0x402c463a,
  0x402f6a7a, 0x4031475c, 0x4032d97c, 0x40346b9c, 0x4035fdbb, 0x40378fdb, 0x403921fb, 0x403ab41b, 0x403c463a,
  0x403dd85a, 0x403f6a7a, 0x40407e4c, 0x4041475c, 0x4042106c, 0x4042d97c, 0x4043a28c, 0x40446b9c, 0x404534ac,
  0x4045fdbb, 0x4046c6cb, 0x40478fdb, 0x404858eb, 0x404921fb,
];

/** Reduces any double; NaN and the infinities to NaN. (e_rem_pio2.c) */
export function reduce(x: number): Reduced {
  const size = highWord(x) & 0x7fffffff;
  if (size <= 0x3fe921fb) return { quarters: 0, y: x, tail: 0 };
  if (size >= 0x7ff00000) return { quarters: 0, y: Number.NaN, tail: Number.NaN };
  const { quarters, y, tail } = reducePositive(Math.abs(x), size);
  return x < 0 ? { quarters: -quarters, y: -y, tail: -tail } : { quarters, y, tail };
}

function reducePositive(x: number, size: number): Reduced {
  if (size < 0x4002d97c) {
    // Below 3 pi/4: one quarter turn.
    const near = size === 0x3ff921fb;
    const z = near ? x - PIO2[0] - PIO2[1] : x - PIO2[0];
    const left = near ? PIO2_LEFT[1] : PIO2_LEFT[0];
    const y = z - left;
    return { quarters: 1, y, tail: z - y - left };
  }
  return size <= 0x413921fb ? reduceMedium(x, size) : reduceLarge(x, size);
}

/** Up to 2^19 pi/2: a multiple of pi/2 is taken away in up to three steps, as far as they cancel. */
function reduceMedium(x: number, size: number): Reduced {
  const n = Math.trunc(x * INV_PIO2 + 0.5);
  let r = x - n * PIO2[0];
  let w = n * PIO2_LEFT[0];
  let y = r - w;
  if (n >= 32 || size === MULTIPLES[n - 1]) {
    const exponent = size >> 20;
    const lost = () => exponent - ((highWord(y) >> 20) & 0x7ff);
    for (let step = 1; step <= 2 && lost() > (step === 1 ? 16 : 49); step++) {
      const t = r;
      w = n * PIO2[step];
      r = t - w;
      w = n * PIO2_LEFT[step] - (t - r - w);
      y = r - w;
    }
  }
  return { quarters: n, y, tail: r - y - w };
}

/** 2/pi after the point, in groups of 24 bits. */
// prettier-ignore
const TWO_OVER_PI = [
  0xa2f983, 0x6e4e44, 0x1529fc, 0x2757d1, 0xf534dd, 0xc0db62, 0x95993c, 0x439041, 0xfe5163, 0xabdebb, 0xc561b7,
  0x246e3a, 0x424dd2, 0xe00649, 0x2eea09, 0xd1921c, 0xfe1deb, 0x1cb129, 0xa73ee8, 0x8235f5, 0x2ebb44, 0x84e99c,
  0x7026b4, 0x5f7e41, 0x3991d6, 0x398353, 0x39f49c, 0x845f8b, 0xbdf928, 0x3b1ff8, 0x97ffde, 0x05980f, 0xef2f11,
  0x8b5a0a, 0x6d1f6d, 0x367ecf, 0x27cb09, 0xb74f46, 0x3f669e, 0x5fea2d, 0x7527ba, 0xc7ebe5, 0xf17b3d, 0x0739f7,
  0x8a5292, 0xea6bfb, 0x5fb11f, 0x8d5d08, 0x560330, 0x46fc7b, 0x6babf0, 0xcfbc20, 0x9af436, 0x1da9e3, 0x91615e,
  0xe61b08, 0x659985, 0x5f14a0, 0x68408d, 0xffd880, 0x4d7327, 0x310606, 0x1556ca, 0x73a8c9, 0x60e27b, 0xc08c6b,
];

/** pi/2 in parts of 24 bits. */
// prettier-ignore
const PARTS = [
  ofWords(0x3ff921fb, 0x40000000),
  ofWords(0x3e74442d, 0),
  ofWords(0x3cf84698, 0x80000000 | 0),
  ofWords(0x3b78cc51, 0x60000000),
  ofWords(0x39f01b83, 0x80000000 | 0),
  ofWords(0x387a2520, 0x40000000),
  ofWords(0x36e38222, 0x80000000 | 0),
  ofWords(0x3569f31d, 0),
];

const TWO24 = 16777216;
const TWO_M24 = 1 / TWO24;
/** Terms of the first attempt, enough for doubles. */
const TERMS = 4;

/** Above that: Payne's and Hanek's way, x times the part of 2/pi that matters. (k_rem_pio2.c) */
function reduceLarge(x: number, size: number): Reduced {
  const e0 = (size >> 20) - 1046;
  const digits: number[] = [];
  let z = ofWords(size - (e0 << 20), lowWord(x));
  for (let i = 0; i < 2; i++) {
    digits[i] = Math.trunc(z);
    z = (z - digits[i]) * TWO24;
  }
  digits[2] = z;
  while (digits[digits.length - 1] === 0) digits.pop();
  return new LargeReduction(digits, e0).run();
}

/** One reduction of a large number, given in groups of 24 bits with the exponent of the first. */
class LargeReduction {
  /** Groups of 2/pi before these only add whole turns. */
  private readonly first: number;
  private exponent: number;
  private readonly products: number[] = [];
  /** The fraction of x times 2/pi, in groups of 24 bits, the first most significant. */
  private groups: number[] = [];
  private last = TERMS;

  constructor(
    private readonly digits: readonly number[],
    e0: number,
  ) {
    this.first = Math.max(0, Math.trunc((e0 - 3) / 24));
    this.exponent = e0 - 24 * (this.first + 1);
    for (let i = 0; i <= TERMS; i++) this.products[i] = this.product(i);
  }

  run(): Reduced {
    for (;;) {
      const attempt = this.distil();
      if (attempt.z !== 0 || this.groups.slice(TERMS, this.last).some((group) => group !== 0))
        return this.result(attempt);
      // Nothing but zeros: more groups of 2/pi are needed.
      let more = 1;
      while (this.groups[TERMS - more] === 0) more++;
      for (let i = this.last + 1; i <= this.last + more; i++) this.products[i] = this.product(i);
      this.last += more;
    }
  }

  /** The i-th digit of the product with 2/pi. */
  private product(i: number): number {
    let sum = 0;
    this.digits.forEach((digit, j) => {
      const at = this.first + i - j;
      sum += digit * (at < 0 ? 0 : TWO_OVER_PI[at]);
    });
    return sum;
  }

  /** Carries the products into groups; takes whole quarters away, rounding to the nearest. */
  private distil(): { z: number; quarters: number; negated: boolean } {
    const { products, last, exponent } = this;
    const groups: number[] = [];
    let z = products[last];
    for (let i = 0, j = last; j > 0; i++, j--) {
      const carry = Math.trunc(TWO_M24 * z);
      groups[i] = Math.trunc(z - TWO24 * carry);
      z = products[j - 1] + carry;
    }
    z = scale(z, exponent);
    z -= 8 * Math.floor(z * 0.125);
    let quarters = Math.trunc(z);
    z -= quarters;
    let half = 0;
    if (exponent > 0) {
      const whole = groups[last - 1] >> (24 - exponent);
      quarters += whole;
      groups[last - 1] -= whole << (24 - exponent);
      half = groups[last - 1] >> (23 - exponent);
    } else if (exponent === 0) half = groups[last - 1] >> 23;
    else if (z >= 0.5) half = 2;
    this.groups = groups;
    if (half <= 0) return { z, quarters, negated: false };
    const carried = this.complement();
    if (half === 2) {
      z = 1 - z;
      if (carried) z -= scale(1, exponent);
    }
    return { z, quarters: quarters + 1, negated: true };
  }

  /** One minus the fraction; whether it was not zero. */
  private complement(): boolean {
    const { groups, last, exponent } = this;
    let carried = false;
    for (let i = 0; i < last; i++) {
      if (carried) groups[i] = 0xffffff - groups[i];
      else if (groups[i] !== 0) {
        carried = true;
        groups[i] = 0x1000000 - groups[i];
      }
    }
    if (exponent === 1) groups[last - 1] &= 0x7fffff;
    else if (exponent === 2) groups[last - 1] &= 0x3fffff;
    return carried;
  }

  /** The fraction times pi/2, as a sum. */
  private result({ z, quarters, negated }: { z: number; quarters: number; negated: boolean }): Reduced {
    const { groups } = this;
    let top = this.last;
    let exponent = this.exponent;
    if (z === 0) {
      top--;
      exponent -= 24;
      while (groups[top] === 0) {
        top--;
        exponent -= 24;
      }
    } else {
      const rest = scale(z, -exponent);
      if (rest >= TWO24) {
        const carry = Math.trunc(TWO_M24 * rest);
        groups[top] = Math.trunc(rest - TWO24 * carry);
        top++;
        exponent += 24;
        groups[top] = carry;
      } else groups[top] = Math.trunc(rest);
    }
    let weight = scale(1, exponent);
    const parts: number[] = [];
    for (let i = top; i >= 0; i--) {
      parts[i] = weight * groups[i];
      weight *= TWO_M24;
    }
    const sums: number[] = [];
    for (let i = top; i >= 0; i--) {
      let sum = 0;
      for (let k = 0; k <= TERMS && k <= top - i; k++) sum += PARTS[k] * parts[i + k];
      sums[top - i] = sum;
    }
    let y = 0;
    for (let i = top; i >= 0; i--) y += sums[i];
    let tail = sums[0] - y;
    for (let i = 1; i <= top; i++) tail += sums[i];
    return { quarters: quarters & 7, y: negated ? -y : y, tail: negated ? -tail : tail };
  }
}
