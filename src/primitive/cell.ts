// Cells and lazy cells: what has identity (S-7, S-16). Callbacks over them are written in the prelude.
import { identical } from "../data/equality.ts";
import { raise } from "../data/errors.ts";
import { Cons, List } from "../data/list.ts";
import type { PMap } from "../data/map.ts";
import { decline, meter, nextRef } from "../data/meter.ts";
import { Range } from "../data/range.ts";
import { Cell, EventRef, Keyword, Lazy, UNBOUND, type Value, Var } from "../data/value.ts";
import { needCell, needMapOrNil } from "./check.ts";
import { primitive } from "./define.ts";
import type { Primitive } from "./primitive.ts";
import { dataMap, wrongType } from "./raise.ts";

/** Gives a cell a value; a macro's doing is noted, to be put back (S-2). */
export function assignCell(target: Cell, value: Value): Value {
  if (meter.undo !== null) {
    const { value: old } = target;
    meter.undo.push(() => {
      target.value = old;
    });
  }
  target.value = value;
  return value;
}

/** Gives a cell other metadata, as `assignCell`. */
function assignMeta(target: Cell, meta: PMap | null): Value {
  if (meter.undo !== null) {
    const { meta: old } = target;
    meter.undo.push(() => {
      target.meta = old;
    });
  }
  target.meta = meta;
  return meta;
}

const WATCHES = Keyword.of("flow.core/watches");
const VALIDATOR = Keyword.of("flow.core/validator");

/** Has it watches or a validator? They stand in its metadata, and are called in frames: the primitive's guard does that. */
function isWatched({ meta }: Cell): boolean {
  return meta !== null && (meta.has(WATCHES) || meta.has(VALIDATOR));
}

/** Sets a cell to `value` if it holds what is identical to `old`; true if it did. */
function compareAndSet(target: Cell, old: Value, value: Value): boolean {
  if (target.value !== old && !identical(target.value, old)) return false;
  assignCell(target, value);
  return true;
}

function delayed(fn: string, value: Value): Lazy {
  const held = value instanceof Cell && value.type === "delay" ? value.value : null;
  return held instanceof Lazy ? held : wrongType(fn, "a delay", 1, value);
}

/** Whether a delay, lazy sequence or event has its value; a list has it always. */
function isRealised(value: Value): Value {
  if (value instanceof Lazy) return value.thunk === null;
  if (value instanceof EventRef) return value.state !== "pending";
  if (value instanceof List || value instanceof Cons || value instanceof Range) return true;
  if (value instanceof Cell && value.type === "delay") return delayed("realized?", value).thunk === null;
  return wrongType("realized?", "a delay, a sequence or an event", 1, value);
}

/** What a var holds; without a value what is given instead, or raises: nothing else may hold the mark of that. */
function valueOfVar(v: Value, otherwise?: Value): Value {
  if (!(v instanceof Var)) return wrongType("deref", "an atom, volatile, var, delay, event or task", 1, v);
  if (v.value !== UNBOUND) return v.value;
  return otherwise !== undefined
    ? otherwise
    : raise("unbound", `${v.name} has no value yet`, dataMap({ name: v.name }));
}

export const cell: readonly Primitive[] = [
  primitive("cell-new", 1, 2, (value, type) => new Cell(nextRef(), value, typeof type === "string" ? type : "atom"), {
    once: true,
  }),
  // Whoever reads an atom for a function of another name says so, for the error.
  primitive("cell-get", 1, 2, (c, fn) => needCell(typeof fn === "string" ? fn : "deref", 1, c).value),
  primitive(
    "cell-set",
    2,
    2,
    (c, value) => (isWatched(needCell("reset!", 1, c)) ? decline() : assignCell(c as Cell, value)),
    { once: true, guard: "flow.core/reset-watched!" },
  ),
  primitive(
    "compare-and-set",
    3,
    3,
    (c, old, value) =>
      isWatched(needCell("compare-and-set!", 1, c)) ? decline() : compareAndSet(c as Cell, old, value),
    { test: true, once: true, guard: "flow.core/compare-and-set-watched!" },
  ),
  // The same without a look at watches and validator.
  primitive("cell-write", 2, 2, (c, value) => assignCell(needCell("reset!", 1, c), value), { once: true }),
  primitive(
    "compare-and-write",
    3,
    3,
    (c, old, value) => compareAndSet(needCell("compare-and-set!", 1, c), old, value),
    { test: true, once: true },
  ),
  primitive("cell-type", 1, 1, (c) => (c instanceof Cell ? c.type : null), { pure: true }),
  primitive(
    "cell-set-meta",
    2,
    2,
    (c, meta) => assignMeta(needCell("reset-meta!", 1, c), needMapOrNil("reset-meta!", 2, meta)),
    { once: true },
  ),
  // A delay is a cell around a lazy sequence of its one value: the machine sees to it that it is made once.
  primitive(
    "delay-new",
    1,
    1,
    (lazy) =>
      lazy instanceof Lazy ? new Cell(nextRef(), lazy, "delay") : wrongType("delay-new", "a lazy sequence", 1, lazy),
    { once: true },
  ),
  primitive("delay-lazy", 1, 1, (c) => delayed("force", c)),
  primitive("realised?", 1, 1, isRealised, { test: true }),
  // The machine realises it, in frames, when a primitive asks for that.
  primitive("lazy-new", 1, 1, (thunk) => new Lazy(nextRef(), thunk), { once: true }),
  primitive("var-get", 1, 2, valueOfVar),
  primitive("var-name", 1, 1, (v) => (v instanceof Var ? v.name : wrongType("var-name", "a var", 1, v))),
];
