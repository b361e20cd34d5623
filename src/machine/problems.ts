// Error values that the machine itself raises.
import { makeError } from "../data/errors.ts";
import type { ErrorValue, Value } from "../data/value.ts";
import { dataMap } from "../primitive/raise.ts";

/** The error of one more of something than a program may have at once (S-18). */
export function tooMany(what: string, most: number): ErrorValue {
  return errorOf("limit", `a program has ${most} ${what} at most`, { limit: most });
}

/** An error value with its data given by name. */
export function errorOf(type: string, message: string, data: Readonly<Record<string, Value>> = {}): ErrorValue {
  return makeError(type, message, dataMap(data));
}
