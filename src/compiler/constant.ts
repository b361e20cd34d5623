// Which forms stand for themselves. Data decides how deep it nests, so both walks keep a stack of their own.
import { Kind, Obj, Sym, type Tagged, type Value } from "../data/value.ts";
import { List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { PSet } from "../data/set.ts";
import { Vector } from "../data/vector.ts";

/** Kinds of objects that are data without parts. */
const ATOMS: ReadonlySet<Kind> = new Set([
  Kind.Float,
  Kind.Ratio,
  Kind.Keyword,
  Kind.Bytes,
  Kind.Instant,
  Kind.Duration,
  Kind.Uuid,
  Kind.Regex,
]);

/** True for what is data and has no parts: numbers, strings, keywords, instants and so on. */
export function isAtom(form: Value): boolean {
  return !(form instanceof Obj) || ATOMS.has(form.kind);
}

/** True when evaluating the form gives the form: no symbol, and no list but the empty one, anywhere in it. */
export function isConstant(form: Value): boolean {
  const stack: Value[] = [form];
  while (stack.length > 0) {
    const part = stack.pop()!;
    if (isAtom(part)) continue;
    if (part instanceof Sym || (part instanceof List && part.count > 0)) return false;
    if (!pushParts(part as Obj, stack)) return false;
  }
  return true;
}

/** A part of quoted data that is no data (a function, a cell, a lazy sequence), or undefined. */
export function notData(form: Value): Value | undefined {
  const stack: Value[] = [form];
  while (stack.length > 0) {
    const part = stack.pop()!;
    if (isAtom(part)) continue;
    if (part instanceof Sym) {
      if (part.meta !== null) stack.push(part.meta);
    } else if (!pushParts(part as Obj, stack)) return part;
  }
  return undefined;
}

/** Pushes the parts of a collection, its metadata too; false when it is none. */
function pushParts(part: Obj, stack: Value[]): boolean {
  if (part instanceof List || part instanceof Vector) {
    for (const item of part.toArray()) stack.push(item);
  } else if (part instanceof PMap) {
    for (const [key, value] of part.entries()) stack.push(key, value);
  } else if (part instanceof PSet) {
    for (const item of part.values()) stack.push(item);
  } else if (part.kind === Kind.Tagged) {
    stack.push((part as Tagged).value);
    return true;
  } else return part.kind === Kind.Range;
  if (part.meta !== null) stack.push(part.meta);
  return true;
}
