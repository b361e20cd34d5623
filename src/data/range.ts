// Ranges: arithmetic progressions of exact numbers, never spelled out.
import { raise } from "./errors.ts";
import { List, SeqView } from "./list.ts";
import { meter } from "./meter.ts";
import {
  add,
  denominatorOf,
  divide,
  float,
  type Integer,
  isExact,
  numeratorOf,
  orderNumbers,
  subtract,
  times,
  toDouble,
} from "./numbers.ts";
import { Kind, Obj, type Ratio, setKind, type Value } from "./value.ts";

/** The exact numbers from `start` by `step` up to and without `end`; never empty. Made by `makeRange`. */
export class Range extends Obj {
  constructor(
    readonly start: Value,
    readonly end: Value,
    readonly step: Value,
    readonly count: number,
  ) {
    super();
  }
  get first(): Value {
    return this.start;
  }
  /** Without the first element: a range, or the empty list. */
  get rest(): Range | List {
    return this.count === 1 ? List.EMPTY : new Range(add(this.start, this.step), this.end, this.step, this.count - 1);
  }
  /** The element at `index` in 0..count-1. */
  get(index: number): Value {
    const { start, step } = this;
    if (typeof start === "number" && typeof step === "number") {
      const way = index * step;
      const value = start + way;
      // A product that was rounded could still lead to a sum that looks exact.
      if (Number.isSafeInteger(way) && Number.isSafeInteger(value)) return value;
    }
    return add(start, times(index, step));
  }
  /** All elements, in a new array. */
  toArray(): Value[] {
    const array: Value[] = [];
    let value = this.start;
    for (let i = this.count; i > 0; i--) {
      array.push(value);
      value = add(value, this.step);
    }
    return array;
  }
}
setKind(Range, Kind.Range);

/** A range as a list, for what must have a counted list as its rest. */
export class RangeView extends SeqView {
  constructor(readonly range: Range) {
    super(range.start, range.count);
  }
  override get source(): unknown {
    return null;
  }
  override get rest(): List {
    const { rest } = this.range;
    return rest instanceof Range ? new RangeView(rest) : rest;
  }
  override nth(index: number): Value {
    return this.range.get(index);
  }
}

/**
 * The numbers from `start` by `step` up to and without `end`. Exact ones are a range, or the empty list. As soon as one is a
 * float the sum is no longer exact, so the numbers are spelled out as a list, each the sum of the one before and the step.
 * All three must be numbers, `step` not zero and none NaN: else it raises.
 */
export function makeRange(start: Value, end: Value, step: Value): Range | List {
  const direction = orderNumbers(step, 0);
  if (direction === 0) return raise("range", "the step of a range must not be zero");
  const distance = orderNumbers(end, start) * direction;
  if (Number.isNaN(distance)) return raise("range", "a range needs numbers: NaN is not one");
  if (distance <= 0) return List.EMPTY;
  if (isExact(start) && isExact(end) && isExact(step)) {
    const steps = divide(subtract(end, start), step) as Integer | Ratio;
    const [num, den] = [numeratorOf(steps), denominatorOf(steps)];
    const count = (num + den - 1n) / den;
    if (count > BigInt(Number.MAX_SAFE_INTEGER)) return raise("limit", "a range may have at most 2^53 - 1 elements");
    return new Range(start, end, step, Number(count));
  }
  return floatRange(toDouble(start), toDouble(end), toDouble(step));
}

function floatRange(start: number, end: number, step: number): List {
  const estimate = (end - start) / step;
  if (!(estimate < meter.countMax)) return raise("limit", `a list may have at most ${meter.countMax} elements`);
  meter.fuel -= Math.floor(estimate / 8);
  const array: Value[] = [];
  for (let x = start; step > 0 ? x < end : x > end; x += step) {
    if (array.length >= meter.countMax) return raise("limit", `a list may have at most ${meter.countMax} elements`);
    array.push(float(x));
  }
  return List.from(array);
}
