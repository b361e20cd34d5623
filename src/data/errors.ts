// Errors as values, and how host functions raise them.
import { Raise } from "./meter.ts";
import { ErrorValue, Keyword, type Value } from "./value.ts";

/** An error value; `type` is without the colon. */
export function makeError(type: string, message: string, data: Value = null): ErrorValue {
  return new ErrorValue(Keyword.of(type), message, data);
}

/** Raises an error of the language at the place of the call. */
export function raise(type: string, message: string, data: Value = null): never {
  throw new Raise(makeError(type, message, data));
}
