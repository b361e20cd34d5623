// Error values: making them and asking them.
import { printShort } from "../data/printer.ts";
import { Keyword, ErrorValue, type Value } from "../data/value.ts";
import { needError, needMapOrNil } from "./check.ts";
import { primitive } from "./define.ts";
import { describe } from "./describe.ts";
import type { Primitive } from "./primitive.ts";
import { wrongType } from "./raise.ts";

function make(type: Value, message: Value, data: Value, cause: Value): Value {
  if (!(type instanceof Keyword)) return wrongType("an error", "a keyword as its type", 1, type);
  if (typeof message !== "string") return wrongType("an error", "a string as its message", 2, message);
  return new ErrorValue(type, message, needMapOrNil("an error", 3, data), cause);
}

/** A message shows so many parts of a value. */
const SHOWN_PARTS = 12;

/** What an error holds; nil for any other thrown value. */
function part(name: string, of: (error: ErrorValue) => Value): Primitive {
  return primitive(name, 1, 1, (error) => (error instanceof ErrorValue ? of(error) : null), { pure: true });
}

export const error: readonly Primitive[] = [
  primitive("error-new", 4, 4, make),
  primitive("describe", 1, 1, describe),
  part("error-type", (e) => e.type),
  part("error-message", (e) => e.message),
  part("error-data", (e) => e.data),
  part("error-cause", (e) => e.cause),
  part("error-trace", (e) => e.trace),
  // A value in a message: of bounded length, realising nothing.
  primitive("shown", 1, 1, (value) => printShort(value, SHOWN_PARTS), { pure: true }),
  primitive("error-with-data", 2, 2, (value, data) => {
    const e = needError("error-with-data", 1, value);
    return new ErrorValue(e.type, e.message, needMapOrNil("error-with-data", 2, data), e.cause, e.trace);
  }),
];
