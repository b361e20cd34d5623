// Reading tagged JSON (S-12). The input is hostile: whatever is wrong is refused with the path to it, and nothing recurses.
import { isWellFormed } from "../base/text.ts";
import { isSettled } from "./hashing.ts";
import { Cons, List } from "./list.ts";
import { PMap } from "./map.ts";
import { Raise } from "./meter.ts";
import { isExact } from "./numbers.ts";
import { makeRange, Range, RangeView } from "./range.ts";
import { RecordValue } from "./record.ts";
import { PSet } from "./set.ts";
import { Flaw, leafFrom, scalarFrom } from "./tagged-leaf.ts";
import { isEndless, metaOf, withMeta } from "./tagged-shape.ts";
import { CLEARED, ErrorValue, Keyword, Lazy, Obj, Sym, Tagged, UNBOUND, type Value } from "./value.ts";
import { Vector } from "./vector.ts";

/** How to find what a text only names. Without a hook, a text that needs it is refused. */
export interface TaggedHooks {
  /** The function with this unit hash; for a member of a letfn group also the unit hashes of all members. */
  readonly fn?: (hash: string, captures: Value[], group: readonly string[] | null) => Value | Flaw;
  /** The var with this qualified name. */
  readonly variable?: (name: string) => Value | Flaw;
  /** The cell, lazy sequence, event or task with this number. */
  readonly ref?: (n: number) => Value | Flaw;
  /** What stands for a unit hash, where that is not the hash itself. */
  readonly unit?: (json: unknown) => string | undefined;
  /** Tags of the caller's own; undefined: unknown. */
  readonly extra?: (json: readonly unknown[]) => Value | Flaw | undefined;
  /** Makes sure that a key can be hashed. */
  readonly settle?: (key: Value) => Flaw | null;
  /** Whether `cleared` and `unbound` may stand for a whole value and among captures. */
  readonly holes?: boolean;
}

/** What to do about a flaw; `path` leads to it through the indices of nested arrays. */
export type Refuse = (problem: string, path: readonly number[]) => never;

/** An array whose parts are being read: those from `next` on are still to come. */
interface Open {
  readonly json: readonly unknown[];
  readonly parts: Value[];
  next: number;
}

/** The value of a tagged JSON value. */
export function readTagged(json: unknown, hooks: TaggedHooks, refuse: Refuse): Value {
  const stack: Open[] = [];
  let at = json;
  for (;;) {
    let value = enter(at, hooks, stack);
    for (;;) {
      if (value instanceof Flaw) return refuse(value.problem, pathOf(stack));
      const open = stack[stack.length - 1];
      if (value !== undefined) {
        if (open === undefined) return value;
        open.parts.push(value);
      }
      if (open.next < open.json.length) {
        at = open.json[open.next++];
        break;
      }
      value = finish(open, hooks);
      stack.pop();
    }
  }
}

/** The value of a leaf, a flaw, or undefined after opening a composite one. */
function enter(json: unknown, hooks: TaggedHooks, stack: Open[]): Value | Flaw | undefined {
  if (!Array.isArray(json)) return scalarFrom(json);
  const array = json as readonly unknown[];
  const leaf = leafFrom(array) ?? nameFrom(array, hooks, stack) ?? hooks.extra?.(array);
  if (leaf !== undefined) return leaf;
  const composite = composites.get(array[0]);
  if (composite === undefined) return new Flaw(`an unknown tag ${JSON.stringify(array[0])?.slice(0, 40)}`);
  const [least, most, head] = composite;
  const count = array.length - 1;
  if (count < least || count > most) return new Flaw(`${String(array[0])} has ${count} parts`);
  stack.push({ json: array, parts: [], next: 1 + head });
  return undefined;
}

function pathOf(stack: readonly Open[]): number[] {
  return stack.map((open) => open.next - 1);
}

/** What names something outside: vars, refs; and the marks of locals without a value. */
function nameFrom(json: readonly unknown[], hooks: TaggedHooks, stack: readonly Open[]): Value | Flaw | undefined {
  const [tag, name] = json;
  if (tag === "var" && json.length === 2) {
    if (hooks.variable === undefined) return new Flaw("a var, where there are none");
    return isName(name) ? hooks.variable(name) : new Flaw("not the name of a var");
  }
  if (tag === "ref" && json.length === 2) {
    if (hooks.ref === undefined) return new Flaw("a ref, where there are none");
    return Number.isSafeInteger(name) ? hooks.ref(name as number) : new Flaw("not the number of a ref");
  }
  if ((tag !== "cleared" && tag !== "unbound") || json.length !== 1) return undefined;
  const around = stack[stack.length - 1]?.json[0];
  if (hooks.holes !== true || (around !== undefined && around !== "fn" && around !== "fg")) {
    return new Flaw(`${tag}, where there must be a value`);
  }
  return tag === "cleared" ? CLEARED : UNBOUND;
}

/** True for what can be a qualified name. */
export function isName(name: unknown): name is string {
  return typeof name === "string" && name.length > 0 && name.length <= 4096 && isWellFormed(name);
}

type Build = (parts: Value[], open: Open, hooks: TaggedHooks) => Value | Flaw;

const ANY = Number.MAX_SAFE_INTEGER;

/** tag -> [fewest parts, most parts, of which plain JSON, what makes the value] */
const composites: ReadonlyMap<unknown, readonly [number, number, number, Build]> = new Map<
  unknown,
  readonly [number, number, number, Build]
>([
  ["l", [0, ANY, 0, (parts) => List.from(parts)]],
  ["l*", [1, ANY, 0, listOnto]],
  ["v", [0, ANY, 0, (parts) => Vector.from(parts)]],
  ["m", [0, ANY, 0, (parts, _, hooks) => mapOf(parts, hooks)]],
  ["S", [0, ANY, 0, (parts, _, hooks) => setOf(parts, hooks)]],
  ["c", [2, 2, 0, consFrom]],
  ["r", [3, 3, 0, rangeFrom]],
  [
    "T",
    [2, 2, 0, ([tag, value]) => (tag instanceof Sym ? new Tagged(tag, value) : new Flaw("a tag must be a symbol"))],
  ],
  ["e", [5, 5, 0, errorFrom]],
  ["R", [3, 3, 2, ([map], { json }) => recordFrom(json[1], json[2], map)]],
  ["^", [2, 2, 0, ([meta, value]) => metaFrom(meta, value)]],
  ["fn", [1, ANY, 1, (parts, open, hooks) => functionFrom(parts, [open.json[1]], 0, false, hooks)]],
  ["fg", [2, ANY, 2, groupFrom]],
]);

function finish(open: Open, hooks: TaggedHooks): Value | Flaw {
  return composites.get(open.json[0])![3](open.parts, open, hooks);
}

/** A map of key, value, key, value..., or what is wrong with them. */
export function mapOf(flat: readonly Value[], hooks: TaggedHooks): Value | Flaw {
  if (flat.length % 2 !== 0) return new Flaw("a map with a key and no value");
  const entries: [Value, Value][] = [];
  for (let i = 0; i < flat.length; i += 2) {
    const flaw = settle(flat[i], hooks);
    if (flaw !== null) return flaw;
    entries.push([flat[i], flat[i + 1]]);
  }
  const map = PMap.from(entries);
  return map.count === entries.length ? map : new Flaw("a map with a key twice");
}

/** A set of these members, or what is wrong with them. */
export function setOf(members: readonly Value[], hooks: TaggedHooks): Value | Flaw {
  for (const member of members) {
    const flaw = settle(member, hooks);
    if (flaw !== null) return flaw;
  }
  const set = PSet.from(members);
  return set.count === members.length ? set : new Flaw("a set with a member twice");
}

function settle(key: Value, hooks: TaggedHooks): Flaw | null {
  if (!(key instanceof Obj)) return null;
  if (hooks.settle !== undefined) return hooks.settle(key);
  return isSettled(key) ? null : new Flaw("a key that is not realised");
}

function listOnto([rest, ...items]: readonly Value[]): Value | Flaw {
  if (rest instanceof List) return List.prepend(items, rest);
  const view = rest instanceof Range ? new RangeView(rest) : null;
  return view !== null && isEndless(view) ? List.prepend(items, view) : new Flaw("the rest of a list must be a list");
}

function consFrom([first, rest]: readonly Value[]): Value | Flaw {
  return rest instanceof Lazy || rest instanceof Cons
    ? new Cons(first, rest)
    : new Flaw("the rest of a cons must be lazy");
}

function rangeFrom([start, end, step]: readonly Value[]): Value | Flaw {
  if (!isExact(start) || !isExact(end) || !isExact(step)) return new Flaw("a range must be of exact numbers");
  try {
    const range = makeRange(start, end, step);
    return range instanceof Range ? range : new Flaw("a range must not be empty");
  } catch (thrown) {
    if (thrown instanceof Raise) return new Flaw("not a range");
    throw thrown;
  }
}

function errorFrom([type, message, data, cause, trace]: readonly Value[]): Value | Flaw {
  if (!(type instanceof Keyword)) return new Flaw("the type of an error must be a keyword");
  if (typeof message !== "string") return new Flaw("the message of an error must be a string");
  return new ErrorValue(type, message, data, cause, trace);
}

function recordFrom(type: unknown, fields: unknown, map: Value): Value | Flaw {
  if (!isName(type)) return new Flaw("not the name of a record's type");
  if (!(map instanceof PMap) || map instanceof RecordValue || map.meta !== null) return new Flaw("a record of no map");
  const isCount = Number.isInteger(fields) && (fields as number) >= 0 && (fields as number) <= map.count;
  return isCount && !Object.is(fields, -0)
    ? new RecordValue(Keyword.of(type), fields as number, map)
    : new Flaw("a record with fewer entries than fields");
}

function metaFrom(meta: Value, value: Value): Value | Flaw {
  if (!(meta instanceof PMap)) return new Flaw("metadata must be a map");
  if (value instanceof Obj && metaOf(value) !== null) return new Flaw("metadata on what has metadata");
  return withMeta(value, meta) ?? new Flaw("metadata on what can have none");
}

function groupFrom(parts: Value[], { json }: Open, hooks: TaggedHooks): Value | Flaw {
  const [, index, units] = json;
  if (!Array.isArray(units) || !Number.isInteger(index)) return new Flaw("not a group of functions");
  return functionFrom(parts, units, index as number, true, hooks);
}

function functionFrom(
  captures: Value[],
  units: readonly unknown[],
  index: number,
  inGroup: boolean,
  hooks: TaggedHooks,
): Value | Flaw {
  if (hooks.fn === undefined) return new Flaw("a function, where there are none");
  const hashes: string[] = [];
  for (const unit of units) {
    const hash = hooks.unit === undefined ? unit : hooks.unit(unit);
    if (typeof hash !== "string" || !isUnitName(hash)) return new Flaw("not the hash of a unit");
    hashes.push(hash);
  }
  if (index < 0 || index >= hashes.length) return new Flaw("no such function in the group");
  return hooks.fn(hashes[index], captures, inGroup ? hashes : null);
}

/** True for a unit hash, and for the name of one of the machine's own units. */
export function isUnitName(text: string): boolean {
  return /^([0-9a-f]{64}|machine\/[a-z-]+@[0-9]{1,6})$/.test(text);
}
