// What a transient is: a cell of that type around a collection that only it knows; nil once `persistent!` has taken it out.
import { Cell, type Value } from "../data/value.ts";
import { refuse } from "./raise.ts";

/** The type of the cells. */
export const TRANSIENT = "transient";

export function isTransient(value: Value): value is Cell {
  return value instanceof Cell && value.type === TRANSIENT;
}

/** The collection inside. Raises `:transient/used` after `persistent!`. */
export function contentOf(fn: string, transient: Cell): Value {
  const { value } = transient;
  return value ?? refuse("transient/used", fn, "persistent! has made this transient a value already");
}
