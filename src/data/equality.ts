// Equality of values. Iterative, and linear also where parts are shared many times over.
//
// `=` (S-13, S-15): sequential values are equal element by element whatever their type; maps and sets by content whatever the
// order; exact numbers and floats are never equal to each other; metadata does not count; refs are equal when they are the
// same ref; functions by unit and captures (S-1); errors by type, message, data and cause; records by type and entries.
// NaN is not `=` to NaN. Inside collections, and as a key, it is one value: else `(= v v)` could be false, and whether two
// parts are one host object would be observable, which S-11 forbids.
import { Classes } from "./classes.ts";
import { Cons } from "./list.ts";
import { decline, SIGNAL } from "./meter.ts";
import { isCompound, partsOf, type RecordType, type SetValue } from "./parts.ts";
import { Range } from "./range.ts";
import { countIfKnown, elements, isSequential } from "./sequential.ts";
import {
  Bytes,
  Closure,
  Duration,
  ErrorValue,
  Float,
  Instant,
  Keyword,
  Kind,
  type MapValue,
  Obj,
  Ratio,
  Ref,
  Regex,
  Sym,
  Tagged,
  Uuid,
  type Value,
  Var,
} from "./value.ts";
import { Vector } from "./vector.ts";

/** `(= a b)`: true, false, or SIGNAL where the walk meets an unrealised lazy cell. */
export function equals(a: Value, b: Value): Value {
  if (a === b) return true;
  if (!(a instanceof Obj) || !(b instanceof Obj)) return false;
  const answer = new Comparison().run(a, b);
  return answer === null ? decline() : answer;
}

/** Are they one key? As `=`, but NaN is itself. Keys are settled: this never meets an unrealised cell. */
export function sameKey(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (!(a instanceof Obj) || !(b instanceof Obj)) return Number.isNaN(a) && Number.isNaN(b);
  if (a instanceof Keyword || b instanceof Keyword) return false;
  return new Comparison().run(a, b) === true;
}

/** One comparison: pairs of parts that must be equal for the whole to be. */
class Comparison {
  private readonly pairs: Obj[] = [];
  private readonly classes = new Classes();
  private unrealised = false;

  /** Null: unrealised. What is certainly different is false even so. */
  run(a: Obj, b: Obj): boolean | null {
    if (!this.compare(a, b)) return false;
    while (this.pairs.length > 0) {
      const right = this.pairs.pop() as Obj;
      const left = this.pairs.pop() as Obj;
      if (!this.compare(left, right)) return false;
    }
    return this.unrealised ? null : true;
  }

  /** Compares two parts: atoms at once, compound ones later. */
  private part(a: Value, b: Value): boolean {
    if (a === b) return true;
    if (!(a instanceof Obj) || !(b instanceof Obj)) return Number.isNaN(a) && Number.isNaN(b);
    if (!isCompound(a) || !isCompound(b)) return this.compare(a, b);
    if (this.classes.join(a, b)) this.pairs.push(a, b);
    return true;
  }

  private compare(a: Obj, b: Obj): boolean {
    if (a === b) return true;
    if (isSequential(a)) return isSequential(b) && this.sequences(a, b);
    if (a.kind !== b.kind) return false;
    switch (a.kind) {
      case Kind.PMap:
        return this.maps(a as MapValue, b as MapValue);
      case Kind.Record:
        return (a as RecordType).type === (b as RecordType).type && this.maps(a as RecordType, b as RecordType);
      case Kind.PSet:
        return sets(a as SetValue, b as SetValue);
      case Kind.Tagged:
        return this.part((a as Tagged).tag, (b as Tagged).tag) && this.part((a as Tagged).value, (b as Tagged).value);
      case Kind.ErrorValue:
        return this.errors(a as ErrorValue, b as ErrorValue);
      case Kind.Closure:
        return this.closures(a as Closure, b as Closure);
      default:
        return sameAtom(a, b);
    }
  }

  private sequences(a: Obj, b: Obj): boolean {
    if (a instanceof Vector && b instanceof Vector) return this.vectors(a, b);
    const [m, n] = [countIfKnown(a), countIfKnown(b)];
    if (m >= 0 && n >= 0 && m !== n) return false;
    const [left, right] = [elements(a), elements(b)];
    if (left === null || right === null) {
      this.unrealised = true;
      return true;
    }
    return this.parts(left, right);
  }

  private vectors(a: Vector, b: Vector): boolean {
    if (a.count !== b.count) return false;
    for (let i = 0; i < a.count; i += 32) {
      const [left, right] = [a.chunk(i), b.chunk(i)];
      if (left === right) continue;
      const end = Math.min(32, a.count - i);
      for (let j = 0; j < end; j++) if (!this.part(left[j], right[j])) return false;
    }
    return true;
  }

  private parts(left: readonly Value[], right: readonly Value[]): boolean {
    if (left.length !== right.length) return false;
    for (let i = 0; i < left.length; i++) if (!this.part(left[i], right[i])) return false;
    return true;
  }

  private maps(a: MapValue, b: MapValue): boolean {
    if (a.count !== b.count) return false;
    for (let i = a.nextIndex(0); i >= 0; i = a.nextIndex(i + 1)) {
      const other = b.get(a.keyAt(i), SIGNAL);
      if (other === SIGNAL || !this.part(a.valueAt(i), other)) return false;
    }
    return true;
  }

  private errors(a: ErrorValue, b: ErrorValue): boolean {
    if (a.type !== b.type || a.message !== b.message) return false;
    return this.part(a.data, b.data) && this.part(a.cause, b.cause);
  }

  private closures(a: Closure, b: Closure): boolean {
    if (a.unit.hash !== b.unit.hash || (a.group?.length ?? 0) !== (b.group?.length ?? 0)) return false;
    if (a.group !== null && b.group !== null) {
      for (let i = 0; i < a.group.length; i++) if (a.group[i].hash !== b.group[i].hash) return false;
    }
    return this.parts(a.captures, b.captures);
  }
}

function sets(a: SetValue, b: SetValue): boolean {
  return a.count === b.count && a.toArray().every((member) => b.has(member));
}

/** Of two atoms of one kind that are different objects. Whatever is not named here is equal to itself only. */
function sameAtom(a: Obj, b: Obj): boolean {
  if (a instanceof Float) return a.value === (b as Float).value;
  if (a instanceof Ratio) return a.num === (b as Ratio).num && a.den === (b as Ratio).den;
  if (a instanceof Sym) return a.name === (b as Sym).name && a.ns === (b as Sym).ns;
  if (a instanceof Instant || a instanceof Duration) return a.ms === (b as Instant | Duration).ms;
  if (a instanceof Uuid) return a.text === (b as Uuid).text;
  if (a instanceof Regex) return a.source === (b as Regex).source && a.flags === (b as Regex).flags;
  if (a instanceof Bytes) return sameBytes(a.data, (b as Bytes).data);
  if (a instanceof Var) return a.name === (b as Var).name;
  if (a instanceof Ref) return a.id === (b as Ref).id;
  return false;
}

/** Are two arrays of bytes equal? */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * `identical?`: the same ref, or immutable values with equal encodings (S-11): of one type, in the same order, with the same
 * metadata. Never looks into a lazy sequence, which is a ref.
 */
export function identical(a: Value, b: Value): boolean {
  const open: Value[] = [a, b];
  const classes = new Classes();
  while (open.length > 0) {
    const right = open.pop() as Value;
    const left = open.pop() as Value;
    if (left === right || (Number.isNaN(left) && Number.isNaN(right))) continue;
    if (!(left instanceof Obj) || !(right instanceof Obj) || left.kind !== right.kind) return false;
    const [parts, others] = [encodedParts(left), encodedParts(right)];
    if (parts === null || others === null) {
      if (!sameEncodedAtom(left, right)) return false;
    } else {
      if (parts.length !== others.length) return false;
      if (classes.join(left, right)) for (let i = 0; i < parts.length; i++) open.push(parts[i], others[i]);
    }
  }
  return true;
}

/** All that the encoding of a compound value shows, metadata last; null for a value without parts. */
function encodedParts(v: Obj): readonly Value[] | null {
  if (v instanceof Ref || v instanceof Var) return null;
  if (v instanceof Cons) return [v.first, v.rest, v.meta];
  if (v instanceof Range) return [v.start, v.end, v.step];
  if (v instanceof Sym) return [v.ns, v.name, v.meta];
  if (!isCompound(v)) return null;
  const parts = [...(partsOf(v) as readonly Value[])];
  if (v instanceof ErrorValue) return [...parts, v.message, v.trace];
  if (v instanceof Tagged) return parts;
  if (v instanceof Closure) parts.push(v.unit.hash, ...(v.group ?? []).map((unit) => unit.hash));
  if (v.kind === Kind.Record) parts.push((v as RecordType).type, (v as RecordType).fields);
  return [...parts, (v as MapValue | Closure).meta];
}

function sameEncodedAtom(a: Obj, b: Obj): boolean {
  return a instanceof Float ? Object.is(a.value, (b as Float).value) : sameAtom(a, b);
}
