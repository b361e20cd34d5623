// Raising errors of the language from primitives.
import { raise } from "../data/errors.ts";
import { PMap } from "../data/map.ts";
import { Keyword, type Value } from "../data/value.ts";
import { describe } from "./describe.ts";

/** A map with keyword keys, for the data of an error. */
export function dataMap(entries: Readonly<Record<string, Value>>): PMap {
  return PMap.from(Object.entries(entries).map(([key, value]): [Value, Value] => [Keyword.of(key), value]));
}

/** Raises a `:type` error: `+ takes numbers, but argument 2 is "a", a string`. `position` counts from 1. */
export function wrongType(fn: string, takes: string, position: number, value: Value): never {
  return raise(
    "type",
    `${fn} takes ${takes}, but argument ${position} is ${describe(value)}`,
    dataMap({ function: fn, argument: position, value }),
  );
}

/** Raises `:index`: a place that is not there. */
export function outOfBounds(fn: string, index: Value, count: number): never {
  return raise(
    "index",
    `${fn}: index ${describe(index).replace(/, .*/, "")} is out of bounds, there ${count === 1 ? "is 1 element" : `are ${count} elements`}`,
    dataMap({ function: fn, index, count }),
  );
}

/** Raises an error of another type with a message that begins with the function's name. */
export function refuse(type: string, fn: string, why: string, data: Readonly<Record<string, Value>> = {}): never {
  return raise(type, `${fn}: ${why}`, dataMap({ function: fn, ...data }));
}
