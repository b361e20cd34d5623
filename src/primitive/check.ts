// Checks of arguments: each answers the argument as what it must be, or raises `:type` naming function, position and value.
import { PMap } from "../data/map.ts";
import { type Integer, isInteger, isNumber } from "../data/numbers.ts";
import { PSet } from "../data/set.ts";
import { Cell, Duration, ErrorValue, Instant, Keyword, Sym, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { refuse, wrongType } from "./raise.ts";

/** A string. */
export function needString(fn: string, position: number, value: Value): string {
  return typeof value === "string" ? value : wrongType(fn, position === 1 ? "a string" : "strings", position, value);
}

/** Any number. */
export function needNumber(fn: string, position: number, value: Value): Value {
  return isNumber(value) ? value : wrongType(fn, "numbers", position, value);
}

/** An exact integer of any size. */
export function needInteger(fn: string, position: number, value: Value): Integer {
  return isInteger(value) ? value : wrongType(fn, "integers", position, value);
}

/** An integer below 2^53, for counts and places: larger ones are cut off at infinity, where no collection reaches. */
export function needCount(fn: string, position: number, value: Value): number {
  const n = needInteger(fn, position, value);
  return typeof n === "number" ? n : n < 0n ? -Infinity : Infinity;
}

/** A map. */
export function needMap(fn: string, position: number, value: Value): PMap {
  return value instanceof PMap ? value : wrongType(fn, "a map", position, value);
}

/** A set. */
export function needSet(fn: string, position: number, value: Value): PSet {
  return value instanceof PSet ? value : wrongType(fn, "a set", position, value);
}

/** A vector. */
export function needVector(fn: string, position: number, value: Value): Vector {
  return value instanceof Vector ? value : wrongType(fn, "a vector", position, value);
}

/** A map, or nil. */
export function needMapOrNil(fn: string, position: number, value: Value): PMap | null {
  return value === null || value instanceof PMap ? value : wrongType(fn, "a map or nil", position, value);
}

/** Cells whose content is the business of the functions that make them. */
const CLOSED: ReadonlySet<string> = new Set(["delay", "transient"]);

/** An atom, or another cell that holds what it was given. */
export function needCell(fn: string, position: number, value: Value): Cell {
  return value instanceof Cell && !CLOSED.has(value.type) ? value : wrongType(fn, "an atom", position, value);
}

/** An error value. */
export function needError(fn: string, position: number, value: Value): ErrorValue {
  return value instanceof ErrorValue ? value : wrongType(fn, "an error", position, value);
}

/** An instant. */
export function needInstant(fn: string, position: number, value: Value): Instant {
  return value instanceof Instant ? value : wrongType(fn, "an instant", position, value);
}

/** A duration. */
export function needDuration(fn: string, position: number, value: Value): Duration {
  return value instanceof Duration ? value : wrongType(fn, "a duration", position, value);
}

/** The text of a name given as a string, keyword or symbol. */
export function needName(fn: string, position: number, value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof Keyword || value instanceof Sym) return value.text;
  return wrongType(fn, "a string, keyword or symbol", position, value);
}

/** An even number of values, to be taken as keys and values. */
export function needPairs(fn: string, values: readonly Value[]): void {
  if (values.length % 2 !== 0) {
    refuse("arity", fn, `takes keys and values in turn, but key ${values.length} of ${values.length} has no value`);
  }
}
