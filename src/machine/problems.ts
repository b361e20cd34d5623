// Error values that the machine itself raises.
import { makeError } from "../data/errors.ts";
import type { ErrorValue, Value } from "../data/value.ts";
import { dataMap } from "../primitive/raise.ts";

/** An error value with its data given by name. */
export function errorOf(type: string, message: string, data: Readonly<Record<string, Value>> = {}): ErrorValue {
  return makeError(type, message, dataMap(data));
}
