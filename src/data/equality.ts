// Equality and hashing of values. Iterative, and linear also where parts are shared many times over.
//
// `=` (S-13, S-15): sequential values are equal element by element whatever their type; maps and sets by content whatever the
// order; exact numbers and floats are never equal to each other; metadata does not count; refs are equal when they are the
// same ref; functions by unit and captures (S-1); errors by type, message, data and cause.
// NaN is not `=` to NaN. Inside collections, and as a key, it is one value: else `(= v v)` could be false, and whether two
// parts are one host object would be observable, which S-11 forbids.
import { fold, hashBytes, hashDouble, hashInteger, hashString, mix } from "./hash.ts";
import { SIGNAL, decline } from "./meter.ts";
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
  Lazy,
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

/** What equality must know of a set; `PSet` fulfils it. */
interface SetValue extends Obj {
  readonly count: number;
  has(key: Value): boolean;
  toArray(): Value[];
}

/** How much is compared before parts are remembered, so that a value sharing its parts exponentially often stays linear. */
const REMEMBER_AFTER = 4096;

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
  if (!(a instanceof Obj) || !(b instanceof Obj)) return a !== a && b !== b;
  if (a instanceof Keyword || b instanceof Keyword) return false;
  return new Comparison().run(a, b) === true;
}

/** One comparison: pairs of parts that must be equal for the whole to be. */
class Comparison {
  private readonly pairs: Obj[] = [];
  private steps = 0;
  private readonly seen = new Map<Obj, Set<Obj>>();
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
    if (!(a instanceof Obj) || !(b instanceof Obj)) return a !== a && b !== b;
    if (isCompound(a) && isCompound(b)) {
      this.later(a, b);
      return true;
    }
    return this.compare(a, b);
  }

  private later(a: Obj, b: Obj): void {
    if (++this.steps > REMEMBER_AFTER) {
      let partners = this.seen.get(a);
      if (partners === undefined) {
        partners = new Set();
        this.seen.set(a, partners);
      }
      if (partners.has(b)) return;
      partners.add(b);
    }
    this.pairs.push(a, b);
  }

  private compare(a: Obj, b: Obj): boolean {
    if (a === b) return true;
    if (isSequential(a)) return isSequential(b) && this.sequences(a, b);
    if (a.kind !== b.kind) return false;
    switch (a.kind) {
      case Kind.PMap:
        return this.maps(a as MapValue, b as MapValue);
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
    const [m, n] = [countIfKnown(a), countIfKnown(b)];
    if (m >= 0 && n >= 0 && m !== n) return false;
    const [left, right] = [elements(a), elements(b)];
    if (left === null || right === null) {
      this.unrealised = true;
      return true;
    }
    return this.parts(left, right);
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

function isCompound(v: Obj): boolean {
  if (isSequential(v)) return true;
  const { kind } = v;
  return (
    kind === Kind.PMap ||
    kind === Kind.PSet ||
    kind === Kind.Tagged ||
    kind === Kind.ErrorValue ||
    kind === Kind.Closure
  );
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

/** The hash of a value, a signed 32-bit integer; SIGNAL where the walk meets an unrealised lazy cell. */
export function hashOf(v: Value): Value {
  const simple = hashAtom(v);
  if (simple !== null) return simple;
  const hash = new Hashing().run(v as Obj);
  return hash === null ? decline() : hash;
}

/** The hash of a key, which must be settled. */
export function hashKey(v: Value): number {
  if (typeof v === "string") return hashString(v);
  if (typeof v === "number" && (v | 0) === v) return v;
  const simple = hashAtom(v);
  if (simple !== null) return simple;
  const hash = new Hashing().run(v as Obj);
  if (hash === null) throw new Error("bug: an unrealised lazy sequence reached a map as a key");
  return hash;
}

/** The hash of a value without parts; null for one with parts. */
function hashAtom(v: Value): number | null {
  if (typeof v === "string") return hashString(v);
  if (typeof v === "number") return Number.isInteger(v) ? hashInteger(v) : hashDouble(v);
  if (v === null) return 0;
  if (typeof v === "boolean") return v ? 0x4cf : 0x4d5;
  if (typeof v === "bigint") return hashInteger(v);
  return hashObject(v);
}

const keywordHashes = new WeakMap<Keyword, number>();

function hashKeyword(keyword: Keyword): number {
  let hash = keywordHashes.get(keyword);
  if (hash === undefined) {
    hash = mix(hashString(keyword.text) ^ 0x3a3a3a3a);
    keywordHashes.set(keyword, hash);
  }
  return hash;
}

function hashObject(v: Obj): number | null {
  if (v instanceof Keyword) return hashKeyword(v);
  if (isCompound(v)) return null;
  if (v instanceof Float) return hashDouble(v.value);
  if (v instanceof Ratio) return fold(hashInteger(v.num), hashInteger(v.den));
  if (v instanceof Sym) return fold(v.ns === null ? 0 : hashString(v.ns), hashString(v.name));
  if (v instanceof Bytes) return hashBytes(v.data);
  if (v instanceof Instant || v instanceof Duration) return fold(v.kind, hashInteger(v.ms));
  if (v instanceof Uuid) return fold(v.kind, hashString(v.text));
  if (v instanceof Regex) return fold(hashString(v.source), hashString(v.flags));
  if (v instanceof Var) return fold(v.kind, hashString(v.name));
  if (v instanceof Ref) return fold(v.kind, v.id);
  return v.kind;
}

/** A compound value whose parts are being hashed. */
interface HashFrame {
  readonly value: Obj;
  /** In a map: key, value, key, value... */
  readonly parts: readonly Value[];
  next: number;
  hash: number;
  /** Of a map: the hash of the key whose value comes next. */
  key: number;
}

/** One computation of a hash. */
class Hashing {
  private readonly stack: HashFrame[] = [];
  private steps = 0;
  private readonly known = new Map<Obj, number>();

  /** Null: unrealised. */
  run(root: Obj): number | null {
    if (!this.open(root)) return null;
    for (;;) {
      const frame = this.stack[this.stack.length - 1];
      const below = this.advance(frame);
      if (below !== null) {
        if (!this.open(below)) return null;
        continue;
      }
      this.stack.pop();
      const hash = mix(frame.hash ^ frame.parts.length);
      if (this.steps > REMEMBER_AFTER) this.known.set(frame.value, hash);
      if (this.stack.length === 0) return hash;
      take(this.stack[this.stack.length - 1], hash);
    }
  }

  /** Folds in parts up to one that must be hashed first, which it answers. */
  private advance(frame: HashFrame): Obj | null {
    const { parts } = frame;
    while (frame.next < parts.length) {
      const part = parts[frame.next];
      const hash = hashAtom(part) ?? this.known.get(part as Obj);
      if (hash === undefined) return part as Obj;
      take(frame, hash);
    }
    return null;
  }

  private open(value: Obj): boolean {
    const parts = partsOf(value);
    if (parts === null) return false;
    this.steps += parts.length + 1;
    this.stack.push({ value, parts, next: 0, hash: seedOf(value), key: 0 });
    return true;
  }
}

/** Folds the hash of the next part into a frame: in order for sequences, as a sum for maps and sets. */
function take(frame: HashFrame, hash: number): void {
  const { kind } = frame.value;
  if (kind === Kind.PSet) frame.hash = (frame.hash + mix(hash)) | 0;
  else if (kind !== Kind.PMap) frame.hash = fold(frame.hash, hash);
  else if (frame.next % 2 === 0) frame.key = hash;
  else frame.hash = (frame.hash + fold(frame.key, hash)) | 0;
  frame.next++;
}

/** All sequential values begin alike, since they can be equal to each other. */
function seedOf(v: Obj): number {
  if (isSequential(v)) return 1;
  if (v instanceof Closure) return hashString(v.unit.hash);
  if (v instanceof ErrorValue) return hashString(v.message);
  return v.kind;
}

function partsOf(v: Obj): readonly Value[] | null {
  if (isSequential(v)) return elements(v);
  switch (v.kind) {
    case Kind.PMap: {
      const parts: Value[] = [];
      (v as MapValue).forEach((key, value) => parts.push(key, value));
      return parts;
    }
    case Kind.PSet:
      return (v as SetValue).toArray();
    case Kind.Tagged:
      return [(v as Tagged).tag, (v as Tagged).value];
    case Kind.ErrorValue:
      return [(v as ErrorValue).type, (v as ErrorValue).data, (v as ErrorValue).cause];
    default:
      return (v as Closure).captures;
  }
}

/**
 * True if no unrealised lazy cell is inside: such a value can be hashed, and be a key. Primitives ask before they hand a key
 * to a map or set.
 */
export function isSettled(v: Value): boolean {
  if (!(v instanceof Obj) || v instanceof Keyword || !isCompound(v)) return true;
  const open: Obj[] = [v];
  const seen = new Set<Obj>();
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue;
    const parts = partsOf(at);
    if (parts === null) return false;
    if (at !== v) seen.add(at);
    for (const part of parts) if (part instanceof Obj && isCompound(part)) open.push(part);
  }
  return true;
}

/** True for the lazy sequence that is not yet realised. */
export function isUnrealised(v: Value): v is Lazy {
  return v instanceof Lazy && v.thunk !== null;
}
