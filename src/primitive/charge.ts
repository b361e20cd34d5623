// What primitives charge for work that grows with their arguments, and how they refuse what is too large (S-18).
//
// The documented prices, in ticks: one for 16 elements of a collection touched or made, one for 256 characters or bytes, and
// for integers one for 1,024 bits made (a product: as `multiply` in data/numbers.ts says). Each is charged before anything is
// allocated. What costs less than one tick is free: the call around it has been counted.
import { raise } from "../data/errors.ts";
import { meter } from "../data/meter.ts";
import { dataMap } from "./raise.ts";

/** Charges for touching or making `count` elements. */
export function chargeElements(count: number): void {
  if (count >= 16) meter.fuel -= count >>> 4;
}

/** Charges for reading or making `units` characters or bytes. */
export function chargeText(units: number): void {
  if (units >= 256) meter.fuel -= Math.floor(units / 256);
}

/** Charges for `ticks` of other work. */
export function chargeTicks(ticks: number): void {
  if (ticks >= 1) meter.fuel -= Math.floor(ticks);
}

/** Raises `:limit` unless a string or bytes of this many units may be made. */
export function needRoomForText(fn: string, units: number): void {
  if (units > meter.stringLengthMax) tooLarge(fn, "a string", units, "characters", meter.stringLengthMax);
  chargeText(units);
}

/** Raises `:limit` unless a collection of this many entries may be made. */
export function needRoomForElements(fn: string, count: number): void {
  if (count > meter.countMax) tooLarge(fn, "a collection", count, "entries", meter.countMax);
  chargeElements(count);
}

/** Raises `:limit` unless an integer of this many bits may be made. */
export function needRoomForBits(fn: string, bits: number): void {
  if (bits > meter.integerBitsMax) tooLarge(fn, "an integer", bits, "bits", meter.integerBitsMax);
  chargeTicks(bits / 1024);
}

function tooLarge(fn: string, what: string, size: number, unit: string, max: number): never {
  const asked = Number.isFinite(size) ? withCommas(size) : "endlessly many";
  return raise(
    "limit",
    `${fn} would make ${what} of ${asked} ${unit}; the limit is ${withCommas(max)}`,
    dataMap({ function: fn, limit: max }),
  );
}

function withCommas(n: number): string {
  const text = String(Math.ceil(n));
  return /^\d+$/.test(text) ? text.replace(/\B(?=(\d{3})+$)/g, ",") : text;
}
