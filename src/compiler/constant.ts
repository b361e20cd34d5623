// Which forms stand for themselves. Data decides how deep it nests, so both walks keep a stack of their own.
import { List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { PSet } from "../data/set.ts";
import { Kind, Obj, Sym, type Tagged, type Value } from "../data/value.ts";
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

/** A collection being looked at: constant as far as its parts before `next` say. */
interface Open {
  readonly form: Obj;
  readonly parts: readonly Value[];
  next: number;
  constant: boolean;
}

/** Knows which collections are constant. Each is looked at once, so that nested literals cost what they hold. */
export class Constants {
  private readonly known = new WeakMap<Obj, boolean>();

  /** True when evaluating the form gives the form: no symbol, and no list but the empty one, anywhere in it. */
  has(form: Value): boolean {
    const stack: Open[] = [];
    let answer = this.look(form, stack);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (answer !== undefined) {
        top.constant &&= answer;
        answer = undefined;
      } else if (top.next < top.parts.length) answer = this.look(top.parts[top.next++], stack);
      else {
        stack.pop();
        this.known.set(top.form, top.constant);
        answer = top.constant;
      }
    }
    return answer === true;
  }

  /** What is known at once; else undefined, and the form is on the stack. */
  private look(form: Value, stack: Open[]): boolean | undefined {
    if (isAtom(form)) return true;
    const known = this.known.get(form as Obj);
    if (known !== undefined) return known;
    if (form instanceof Sym) return false;
    const parts = partsOf(form as Obj);
    if (parts === null) return false;
    // The parts of a call are looked at when it is compiled.
    if (form instanceof List && form.count > 0) return false;
    stack.push({ form: form as Obj, parts, next: 0, constant: true });
    return undefined;
  }
}

/** A part of quoted data that is no data (a function, a cell, a lazy sequence), or undefined. */
export function notData(form: Value): Value | undefined {
  const stack: Value[] = [form];
  while (stack.length > 0) {
    const part = stack.pop()!;
    if (isAtom(part)) continue;
    const parts = part instanceof Sym ? [part.meta] : partsOf(part as Obj);
    if (parts === null) return part;
    for (const item of parts) stack.push(item);
  }
  return undefined;
}

/** The parts of data, its metadata too; null for what is no data. */
function partsOf(form: Obj): Value[] | null {
  if (form.kind === Kind.Tagged) return [(form as Tagged).value];
  if (form.kind === Kind.Range) return [];
  if (form instanceof List || form instanceof Vector) return [...form.toArray(), form.meta];
  if (form instanceof PMap) return [...[...form.entries()].flat(), form.meta];
  if (form instanceof PSet) return [...form.values(), form.meta];
  return null;
}
