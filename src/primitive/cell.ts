// Cells and lazy cells: what has identity (S-7, S-16). Callbacks over them are written in the prelude.
import { identical } from "../data/equality.ts";
import { meter, nextRef } from "../data/meter.ts";
import { Cell, Lazy, type Value, Var } from "../data/value.ts";
import { needCell } from "./check.ts";
import { primitive } from "./define.ts";
import type { Primitive } from "./primitive.ts";
import { wrongType } from "./raise.ts";

/** Gives a cell a value; a macro's doing is noted, to be put back (S-2). */
function assign(target: Cell, value: Value): Value {
  if (meter.undo !== null) {
    const { value: old } = target;
    meter.undo.push(() => {
      target.value = old;
    });
  }
  target.value = value;
  return value;
}

/** Sets a cell to `value` if it holds what is identical to `old`; true if it did. */
function compareAndSet(cell: Value, old: Value, value: Value): Value {
  const target = needCell("compare-and-set!", 1, cell);
  if (target.value !== old && !identical(target.value, old)) return false;
  assign(target, value);
  return true;
}

export const cell: readonly Primitive[] = [
  primitive("cell-new", 1, 2, (value, type) => new Cell(nextRef(), value, typeof type === "string" ? type : "atom"), {
    once: true,
  }),
  primitive("cell-get", 1, 1, (c) => needCell("deref", 1, c).value),
  primitive("cell-set", 2, 2, (c, value) => assign(needCell("reset!", 1, c), value), { once: true }),
  primitive("compare-and-set", 3, 3, compareAndSet, { test: true, once: true }),
  // The machine realises it, in frames, when a primitive asks for that.
  primitive("lazy-new", 1, 1, (thunk) => new Lazy(nextRef(), thunk), { once: true }),
  primitive("var-get", 1, 1, (v) => (v instanceof Var ? v.value : wrongType("deref", "a var", 1, v))),
  primitive("var-name", 1, 1, (v) => (v instanceof Var ? v.name : wrongType("var-name", "a var", 1, v))),
];
