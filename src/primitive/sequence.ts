// Sequences: walking, counting, and the parts of the library that call no function, over what is realised.
import { Cons, List } from "../data/list.ts";
import { decline, SIGNAL } from "../data/meter.ts";
import { add, times } from "../data/numbers.ts";
import { isCompound, partsOf } from "../data/parts.ts";
import { makeRange, Range } from "../data/range.ts";
import { count, cons, first, listOf, next, nth, rest, seq } from "../data/seq.ts";
import { elements, isSequential, walkFor } from "../data/sequential.ts";
import { Kind, Lazy, Obj, type Value } from "../data/value.ts";
import { VectorView, vectorList } from "../data/views.ts";
import { Vector } from "../data/vector.ts";
import { chargeElements, needRoomForElements } from "./charge.ts";
import { needCount, needNumber } from "./check.ts";
import { areSmall, primitive, pureTest } from "./define.ts";
import { itemsOf, notSeqable } from "./items.ts";
import type { Primitive } from "./primitive.ts";
import { outOfBounds, wrongType } from "./raise.ts";
import { contentOf, isTransient } from "./transient-cell.ts";

/** A walk of data/seq.ts, which declines for what is no sequence: then raise. */
function walk(fn: string, step: (v: Value) => Value): (v: Value) => Value {
  return (v) => {
    const answer = step(v);
    return answer === SIGNAL && SIGNAL.cell === null && !isSeqable(v) ? notSeqable(fn, 1, v) : answer;
  };
}

function isSeqable(v: Value): boolean {
  return v instanceof Cons || v instanceof Lazy || v === null || typeof v === "string" || listOf(v) !== undefined;
}

/** An array as a list, over a vector: a thirtieth of the objects a chain of cells would be. */
export function listFrom(items: readonly Value[]): List {
  return vectorList(Vector.from(items));
}

/**
 * Whether elements are found by their index, at no charge. A question of the logical type alone: a list that happens to be a view
 * of a vector is a list of cells once it has been stored, and a program must not go another way then (S-11).
 */
function isIndexed(coll: Value): coll is Vector | Range {
  return coll instanceof Vector || coll instanceof Range;
}

/** What it was before, also true of views: programs pinned to older images go on (S-10). */
function isIndexedOrView(coll: Value): boolean {
  return isIndexed(coll) || coll instanceof VectorView;
}

/** Stands for the element that is not there. */
const MISSING = new (class Missing extends Obj {})();

function elementAt(coll: Value, index: Value, otherwise?: Value): Value {
  if (typeof index === "number" && index >= 0 && Number.isInteger(index)) {
    if (isIndexed(coll) && index < coll.count) return coll.get(index);
  }
  if (isTransient(coll)) return elementAt(contentOf("nth", coll), index, otherwise);
  const at = needCount("nth", 2, index);
  if (coll === null) return otherwise ?? null;
  if (coll instanceof List) chargeElements(Math.min(at, coll.count));
  const found = nth(coll, at, MISSING);
  if (found === MISSING) return otherwise === undefined ? missing(coll, index) : otherwise;
  return found === SIGNAL && SIGNAL.cell === null && !isSeqable(coll) ? notSeqable("nth", 1, coll) : found;
}

function missing(coll: Value, index: Value): never {
  const size = count(coll);
  return outOfBounds("nth", index, typeof size === "number" ? size : 0);
}

function countOf(coll: Value): Value {
  return count(isTransient(coll) ? contentOf("count", coll) : coll);
}

/** The sequence behind the first n elements; declines where that is not realised. */
function behind(fn: string, coll: Value, n: Value): Value {
  let left = needCount(fn, 2, n);
  if (left <= 0) return coll;
  let at: Value = coll instanceof Cons || coll instanceof Lazy ? coll : (listOf(coll) ?? notSeqable(fn, 1, coll));
  if (at instanceof List && left >= at.count) return List.EMPTY;
  chargeElements(left);
  if (coll instanceof Range)
    return new Range(add(coll.start, times(left, coll.step)), coll.end, coll.step, coll.count - left);
  const walk = walkFor(left);
  for (; left > 0; left--) {
    if (at instanceof Lazy) {
      if (at.thunk !== null) return decline();
      walk?.pass(at);
      at = at.seq;
    }
    if (at === null) return List.EMPTY;
    at = (at as Cons | List | Range).rest;
  }
  return at;
}

function nthnext(coll: Value, n: Value): Value {
  const after = behind("nthnext", coll, n);
  if (after === SIGNAL) return after;
  return after instanceof Lazy && after.thunk !== null ? decline() : seq(after);
}

/** The first n elements of something realised. */
function take(n: Value, coll: Value): Value {
  const wanted = needCount("take", 1, n);
  if (wanted <= 0) return List.EMPTY;
  if (coll instanceof Cons || coll instanceof Lazy) return takeOfChain(wanted, coll);
  const list = listOf(coll) ?? notSeqable("take", 2, coll);
  if (wanted >= list.count) return list;
  needRoomForElements("take", wanted);
  const items: Value[] = [];
  for (let at = list; items.length < wanted; at = at.rest) items.push(at.first);
  return listFrom(items);
}

/** The first of a chain of cells, however long it is beyond them. */
function takeOfChain(wanted: number, chain: Cons | Lazy): Value {
  const items: Value[] = [];
  const walk = walkFor(wanted);
  for (let at: Value = chain; items.length < wanted; ) {
    if (at instanceof Lazy) {
      if (at.thunk !== null) return decline();
      walk?.pass(at);
      at = at.seq;
    } else if (at instanceof Cons) {
      items.push(at.first);
      at = at.rest;
    } else {
      chargeElements(items.length);
      for (const item of take(wanted - items.length, at) as List) items.push(item);
      return listFrom(items);
    }
  }
  chargeElements(items.length);
  return listFrom(items);
}

function last(coll: Value): Value {
  if (coll instanceof Vector || coll instanceof Range) return coll.count === 0 ? null : nth(coll, coll.count - 1, null);
  const items = itemsOf("last", 1, coll);
  if (items === null) return decline();
  return items.length === 0 ? null : items[items.length - 1];
}

function reverse(coll: Value): Value {
  const items = itemsOf("reverse", 1, coll);
  return items === null ? decline() : listFrom(items.reverse());
}

/** Any realised collection as a list. */
function toList(coll: Value): Value {
  const list = listOf(coll);
  if (list !== undefined) return list;
  const items = itemsOf("list", 1, coll);
  return items === null ? decline() : listFrom(items);
}

/** The elements of all; declines where one is lazy, so that nothing is realised before it is needed. */
function concat(...colls: Value[]): Value {
  if (colls.some((coll) => coll instanceof Lazy || coll instanceof Cons)) return decline();
  const lists = colls
    .map((coll, i) => listOf(coll) ?? notSeqable("concat", i + 1, coll))
    .filter((list) => list.count > 0);
  if (lists.length <= 1) return lists[0] ?? List.EMPTY;
  needRoomForElements(
    "concat",
    lists.reduce((sum, list) => sum + list.count, 0),
  );
  const items: Value[] = [];
  for (const list of lists) for (const item of list.toArray()) items.push(item);
  return listFrom(items);
}

function range(start: Value, end: Value, step: Value): Value {
  needNumber("range", 1, start);
  needNumber("range", 2, end);
  return makeRange(start, end, needNumber("range", 3, step));
}

function repeat(n: Value, x: Value): Value {
  const times = Math.max(0, needCount("repeat", 1, n));
  needRoomForElements("repeat", times);
  return listFrom(new Array<Value>(times).fill(x));
}

/**
 * What is to be looked at to realise all of a value: nil, or a sequence to walk in frames. Where everything below is plain,
 * that is known here. `opaque`: values that are not looked into.
 */
function parts(value: Value, opaque: (v: Obj) => boolean): Value {
  if (!(value instanceof Obj) || !isCompound(value) || opaque(value)) return null;
  if (value instanceof Lazy || value instanceof Cons) return seq(value);
  if (value instanceof Range) return null;
  const all = isSequential(value) ? elements(value) : partsOf(value);
  const compound = (all ?? []).filter(
    (part) => part instanceof Obj && (part instanceof Lazy || (isCompound(part) && !opaque(part))),
  );
  chargeElements(all?.length ?? 0);
  return compound.length === 0 ? null : listFrom(compound);
}

/** What is written without its parts (data/printer.ts): printing must not run the lazy sequences a function has captured. */
function isShownWithoutParts(v: Obj): boolean {
  return v.kind === Kind.Closure || v.kind === Kind.ErrorValue;
}

/** The fast path for lists. The operand may be the literal of a number, so it stands in brackets. */
function ofList(value: (list: string) => string): (list: string) => { readonly when: string; readonly value: string } {
  return (list) => ({ when: `${list} instanceof List`, value: value(`(${list})`) });
}

/** How many elements of a list are handed out at a time. */
const CHUNK = 64;

function needList(fn: string, list: Value): List {
  return list instanceof List ? list : wrongType(fn, "a list", 1, list);
}

/** The first elements of a list as a vector, at most so many as a chunk has. */
function chunk(value: Value): Value {
  const list = needList("chunk", value);
  const size = Math.min(CHUNK, list.count);
  chargeElements(size);
  const items: Value[] = [];
  if (list instanceof VectorView) for (let i = 0; i < size; i++) items.push(list.get(i));
  else for (let at = list; items.length < size; at = at.rest) items.push(at.first);
  return Vector.from(items);
}

/** The list behind its first chunk, or nil. */
function afterChunk(value: Value): Value {
  let list = needList("after-chunk", value);
  if (list.count <= CHUNK) return null;
  chargeElements(CHUNK);
  if (list instanceof VectorView) return list.drop(CHUNK);
  for (let i = 0; i < CHUNK; i++) list = list.rest;
  return list;
}

export const sequence: readonly Primitive[] = [
  primitive("seq", 1, 1, walk("seq", seq), { inline: ofList((s) => `(${s}.count===0?null:${s})`) }),
  primitive("first", 1, 1, walk("first", first), { inline: ofList((s) => `${s}.first`) }),
  primitive("rest", 1, 1, walk("rest", rest)),
  primitive("next", 1, 1, walk("next", next), {
    guard: "flow.core/next-lazily",
    inline: ofList((s) => `(${s}.count>1?${s}.rest:null)`),
  }),
  primitive("count", 1, 1, walk("count", countOf), {
    guard: "flow.core/count-lazily",
    inline: (coll) => ({ when: `${coll} instanceof Vector||${coll} instanceof List`, value: `(${coll}).count` }),
  }),
  primitive("nth", 2, 3, elementAt, {
    guard: "flow.core/nth-lazily",
    inline: (coll, index) => ({
      when: `(${coll} instanceof Vector||${coll} instanceof Range)&&${areSmall(index)}&&${index}>=0&&${index}<(${coll}).count`,
      value: `(${coll}).get(${index})`,
    }),
  }),
  primitive("cons", 2, 2, (x, coll) => {
    const list = cons(x, coll);
    return list === SIGNAL ? wrongType("cons", "a collection to put it in front of", 2, coll) : list;
  }),
  primitive("nthrest", 2, 2, (coll, n) => behind("nthrest", coll, n), { guard: "flow.core/nthrest-lazily" }),
  primitive("nthnext", 2, 2, nthnext, { guard: "flow.core/nthnext-lazily" }),
  primitive("take", 2, 2, take, { guard: "flow.core/take-lazily" }),
  primitive("last", 1, 1, last, { guard: "flow.core/last-lazily" }),
  primitive("reverse", 1, 1, reverse, { guard: "flow.core/realise-and-reverse" }),
  primitive("list", 0, -1, (...items) => List.from(items), { pure: true }),
  primitive("list-of", 1, 1, toList, { guard: "flow.core/realise-and-list-of" }),
  primitive("list-from", 1, 1, (v) => (v instanceof Vector ? vectorList(v) : wrongType("list-from", "a vector", 1, v))),
  primitive("concat", 0, -1, concat, { guard: "flow.core/concat-lazily" }),
  primitive("range", 3, 3, range),
  primitive("repeat", 2, 2, repeat),
  primitive("parts", 1, 1, (v) => parts(v, () => false)),
  primitive("shown-parts", 1, 1, (v) => parts(v, isShownWithoutParts)),
  primitive("chunk", 1, 1, chunk),
  primitive("after-chunk", 1, 1, afterChunk),
  pureTest("plain-list?", (v) => v instanceof List),
  pureTest("indexed?", isIndexedOrView),
  { ...pureTest("indexed?", isIndexed), version: 2 },
];
