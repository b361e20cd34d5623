// Transients: collections that are changed in place while they are built, as cells that only their builder looks into (S-13).
//
// The owner token of a transient is its own and lasts for one slice of one run: what a snapshot, a captured continuation or
// `persistent!` has seen is never changed again. So a transient is a cell like others to whoever stores it.
import { PMap } from "../data/map.ts";
import { decline, meter, nextRef, SIGNAL } from "../data/meter.ts";
import { PSet } from "../data/set.ts";
import { Cell, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { assignCell } from "./cell.ts";
import { assoc, conj, disj, dissoc, pop } from "./collection.ts";
import { primitive } from "./define.ts";
import type { Primitive } from "./primitive.ts";
import { wrongType } from "./raise.ts";
import { contentOf, isTransient, TRANSIENT } from "./transient-cell.ts";

interface Ownership {
  /** `meter.owner` when the token was made. */
  readonly slice: object;
  readonly token: object;
}

const ownerships = new WeakMap<Cell, Ownership>();

/** The token under which the content may be changed in place now; none while a macro runs, whose changes are undone (S-2). */
function ownerOf(transient: Cell): object | undefined {
  if (meter.undo !== null) return undefined;
  let owned = ownerships.get(transient);
  if (owned === undefined || owned.slice !== meter.owner) {
    owned = { slice: meter.owner, token: {} };
    ownerships.set(transient, owned);
  }
  return owned.token;
}

function transient(coll: Value): Value {
  if (!(coll instanceof Vector || coll instanceof PMap || coll instanceof PSet)) {
    return wrongType("transient", "a vector, map or set", 1, coll);
  }
  return new Cell(nextRef(), coll.meta === null ? coll : coll.withMeta(null), TRANSIENT);
}

/** Takes the collection out: the transient is of no use afterwards. */
function persistent(value: Value): Value {
  const cell = needTransient("persistent!", value);
  const content = contentOf("persistent!", cell);
  assignCell(cell, null);
  return content;
}

function needTransient(fn: string, value: Value): Cell {
  return isTransient(value) ? value : wrongType(fn, "what transient answers", 1, value);
}

/** A change of the content; answers the transient. */
function changing(
  name: string,
  count: number,
  change: (content: Value, args: Value[], owner: object | undefined) => Value,
): Primitive {
  const call = (...[value, ...args]: Value[]): Value => {
    const cell = needTransient(name, value);
    const content = change(contentOf(name, cell), args, ownerOf(cell));
    if (content === SIGNAL) return decline();
    if (content !== cell.value) assignCell(cell, content);
    return cell;
  };
  return primitive(name, count, count, call, { once: true, guard: `flow.core/realise-and-${name}` });
}

export const transients: readonly Primitive[] = [
  primitive("transient", 1, 1, transient, { once: true }),
  primitive("persistent!", 1, 1, persistent, { once: true }),
  changing("conj!", 2, (coll, [x], owner) => conj(coll, x, owner, "conj!")),
  changing("assoc!", 3, (coll, [key, value], owner) => assoc(coll, key, value, owner, "assoc!")),
  changing("dissoc!", 2, (coll, [key], owner) => dissoc(coll, key, owner, "dissoc!")),
  changing("disj!", 2, (coll, [x], owner) => disj(coll, x, owner, "disj!")),
  changing("pop!", 1, (coll, _, owner) =>
    coll instanceof Vector ? pop(coll, owner, "pop!") : wrongType("pop!", "a transient vector", 1, coll),
  ),
];
