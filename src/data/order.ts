// `compare`: an order within each type, by value (S-15), iterative.
//
// nil comes first. Numbers by exact value, NaN last. false before true. Strings by code point. Keywords and symbols by
// namespace, none first, then name. Sequential values by length, then element by element. Bytes likewise. Instants and
// durations by time, uuids by text, texts with one tag (such as dates) by text. Nothing else has an order: the answer is decline.
import { Classes } from "./classes.ts";
import { decline } from "./meter.ts";
import { isNumber, orderNumbers } from "./numbers.ts";
import { elements, isSequential } from "./sequential.ts";
import { compareStrings } from "./strings.ts";
import { Bytes, Duration, Instant, Keyword, Obj, Sym, Tagged, Uuid, type Value } from "./value.ts";

interface Frame {
  readonly left: readonly Value[];
  readonly right: readonly Value[];
  next: number;
}

/** -1, 0 or 1; SIGNAL (decline) where there is no order, or the walk meets an unrealised lazy cell. */
export function compareValues(a: Value, b: Value): Value {
  const order = isPair(a, b) ? compareSequences(a, b) : compareAtoms(a, b);
  return order === null ? decline() : Math.sign(order);
}

function isPair(a: Value, b: Value): boolean {
  return a instanceof Obj && b instanceof Obj && isSequential(a) && isSequential(b);
}

/** Null: no order. */
function compareSequences(a: Value, b: Value): number | null {
  const stack: Frame[] = [];
  const classes = new Classes();
  let order = open(stack, a, b);
  while (order === 0 && stack.length > 0) {
    const frame = stack[stack.length - 1];
    if (frame.next === frame.left.length) {
      stack.pop();
      continue;
    }
    const [x, y] = [frame.left[frame.next], frame.right[frame.next]];
    frame.next++;
    if (!isPair(x, y)) order = compareAtoms(x, y);
    // Of a pair in one class it is known, or being found out, that its order is 0: else the walk would have ended.
    else if (x !== y && classes.join(x as Obj, y as Obj)) order = open(stack, x, y);
  }
  return order;
}

function open(stack: Frame[], a: Value, b: Value): number | null {
  const [left, right] = [elements(a as Obj), elements(b as Obj)];
  if (left === null || right === null) return null;
  if (left.length === right.length) stack.push({ left, right, next: 0 });
  return left.length - right.length;
}

function compareAtoms(a: Value, b: Value): number | null {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  if (typeof a === "string") return typeof b === "string" ? compareStrings(a, b) : null;
  if (isNumber(a)) return isNumber(b) ? compareNumbers(a, b) : null;
  if (typeof a === "boolean") return typeof b === "boolean" ? Number(a) - Number(b) : null;
  return b instanceof Obj ? compareObjects(a as Obj, b) : null;
}

/** -1, 0 or 1: NaN is behind all others. */
function compareNumbers(a: Value, b: Value): number {
  const order = orderNumbers(a, b);
  return Number.isNaN(order) ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : order;
}

function compareObjects(a: Obj, b: Obj): number | null {
  if (a instanceof Keyword) return b instanceof Keyword ? compareNames(a, b) : null;
  if (a instanceof Sym) return b instanceof Sym ? compareNames(a, b) : null;
  if (a instanceof Instant) return b instanceof Instant ? a.ms - b.ms : null;
  if (a instanceof Duration) return b instanceof Duration ? a.ms - b.ms : null;
  if (a instanceof Uuid) return b instanceof Uuid ? compareStrings(a.text, b.text) : null;
  if (a instanceof Bytes) return b instanceof Bytes ? compareBytes(a.data, b.data) : null;
  if (a instanceof Tagged) return b instanceof Tagged ? compareTagged(a, b) : null;
  return null;
}

function compareNames(a: Keyword | Sym, b: Keyword | Sym): number {
  if (a.ns !== b.ns) {
    if (a.ns === null) return -1;
    return b.ns === null ? 1 : compareStrings(a.ns, b.ns);
  }
  return compareStrings(a.name, b.name);
}

/** Texts with the same tag, such as dates, by code point. */
function compareTagged(a: Tagged, b: Tagged): number | null {
  if (typeof a.value !== "string" || typeof b.value !== "string") return null;
  return a.tag.text === b.tag.text ? compareStrings(a.value, b.value) : null;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}
