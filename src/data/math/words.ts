// Doubles as two words of 32 bits: what the functions of this folder are made of.
//
// The functions here are a port of fdlibm ("Freely Distributable LIBM", version 5.3) and of its later corrections in FreeBSD's
// msun, whose notice reads:
//
//   Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
//   Developed at SunSoft, a Sun Microsystems, Inc. business.
//   Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
//
// The host's own functions differ from one version to the next, as ECMAScript allows; these take from the host only what
// IEEE 754 fixes to the last bit: + - * / and the square root. docs/decisions/0008 has the reasons.

const view = new DataView(new ArrayBuffer(8));

/** Sign, exponent and the upper 20 bits of the fraction, as a signed integer. */
export function highWord(x: number): number {
  view.setFloat64(0, x);
  return view.getInt32(0);
}

/** The lower 32 bits of the fraction, as a signed integer. */
export function lowWord(x: number): number {
  view.setFloat64(0, x);
  return view.getInt32(4);
}

/** The double of two words. */
export function ofWords(high: number, low: number): number {
  view.setInt32(0, high);
  view.setInt32(4, low);
  return view.getFloat64(0);
}

/** The double with its lower word cleared: its product with another such one is exact. */
export function upperPart(x: number): number {
  view.setFloat64(0, x);
  view.setInt32(4, 0);
  return view.getFloat64(0);
}

/** The double with another high word. */
export function withHigh(x: number, high: number): number {
  view.setFloat64(0, x);
  view.setInt32(0, high);
  return view.getFloat64(0);
}

/** The 64 bits of a double, from 0 on. */
export function bitsOf(x: number): bigint {
  view.setFloat64(0, x);
  return view.getBigUint64(0);
}

/** The double of 64 bits. */
export function ofBits(bits: bigint): number {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

const TWO54 = 18014398509481984;
const TWO_M54 = 5.551115123125783e-17;
const HUGE = 1e300;
const TINY = 1e-300;

/** x times 2^n, rounded once; n is an integer. (s_scalbn.c) */
export function scale(x: number, n: number): number {
  let y = x;
  let exponent = (highWord(y) >> 20) & 0x7ff;
  if (exponent === 0) {
    if (y === 0) return x;
    y *= TWO54;
    exponent = ((highWord(y) >> 20) & 0x7ff) - 54;
    if (n < -50000) return TINY * y;
  }
  if (exponent === 0x7ff) return x + x;
  const k = exponent + n;
  if (k > 0x7fe) return y < 0 ? -HUGE * HUGE : HUGE * HUGE;
  if (k > 0) return withHigh(y, (highWord(y) & 0x800fffff) | (k << 20));
  if (k <= -54) return n > 50000 ? (y < 0 ? -HUGE * HUGE : HUGE * HUGE) : y < 0 ? -TINY * TINY : TINY * TINY;
  return withHigh(y, (highWord(y) & 0x800fffff) | ((k + 54) << 20)) * TWO_M54;
}
