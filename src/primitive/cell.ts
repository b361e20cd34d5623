// Cells and lazy cells: what has identity (S-7, S-16). Callbacks over them are written in the prelude.
import { identical } from "../data/equality.ts";
import { Cons, List } from "../data/list.ts";
import { force, meter, nextRef } from "../data/meter.ts";
import { Range } from "../data/range.ts";
import { seq } from "../data/seq.ts";
import { Cell, Lazy, type Value, Var } from "../data/value.ts";
import { needCell, needLazy } from "./check.ts";
import { primitive, pureTest } from "./define.ts";
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

/** Realises a lazy cell with what its thunk answered: nil or anything seqable. Answers the sequence, or nil. */
function lazySet(cell: Value, value: Value): Value {
  const lazy = needLazy("lazy-seq", 1, cell);
  if (lazy.thunk === null) return lazy.seq;
  if (value instanceof Lazy && value.thunk !== null) {
    return value === lazy ? wrongType("lazy-seq", "a sequence that is not itself", 1, value) : force(value);
  }
  const sequence = sequenceOf(value);
  if (meter.undo !== null) {
    const { thunk } = lazy;
    meter.undo.push(() => Object.assign(lazy, { thunk, seq: null }));
  }
  lazy.seq = sequence;
  lazy.thunk = null;
  return sequence;
}

/** nil, or a list, range, cons or view with at least one element. */
function sequenceOf(value: Value): Value {
  if (value instanceof Cons || value instanceof Range || value === null) return value;
  if (value instanceof List) return value.count === 0 ? null : value;
  return seq(value);
}

export const cell: readonly Primitive[] = [
  primitive("cell-new", 1, 2, (value, type) => new Cell(nextRef(), value, typeof type === "string" ? type : "atom")),
  primitive("cell-get", 1, 1, (c) => needCell("deref", 1, c).value),
  primitive("cell-set", 2, 2, (c, value) => assign(needCell("reset!", 1, c), value)),
  primitive("compare-and-set", 3, 3, compareAndSet, { test: true }),
  primitive("lazy-new", 1, 1, (thunk) => new Lazy(nextRef(), thunk)),
  primitive("lazy-set", 2, 2, lazySet),
  primitive("lazy-thunk", 1, 1, (c) => needLazy("lazy-seq", 1, c).thunk),
  pureTest("lazy-realised?", (c) => !(c instanceof Lazy) || c.thunk === null),
  primitive("var-get", 1, 1, (v) => (v instanceof Var ? v.value : wrongType("deref", "a var", 1, v))),
  primitive("var-name", 1, 1, (v) => (v instanceof Var ? v.name : wrongType("var-name", "a var", 1, v))),
];
