// Hashes of values, which agree with `=`: what is equal has one hash. Iterative, and linear also where parts are shared often.
import { fold, hashBytes, hashDouble, hashInteger, hashString, mix } from "./hash.ts";
import { decline } from "./meter.ts";
import { isCompound, partsOf, type RecordType } from "./parts.ts";
import { isSequential } from "./sequential.ts";
import {
  Bytes,
  Closure,
  Duration,
  ErrorValue,
  Float,
  Instant,
  Keyword,
  Kind,
  Obj,
  Ratio,
  Ref,
  Regex,
  Sym,
  Uuid,
  type Value,
  Var,
} from "./value.ts";
import { Vector } from "./vector.ts";
import { Way } from "./way.ts";

/** How many parts are hashed before hashes are remembered, so that a value sharing its parts exponentially often stays linear. */
const REMEMBER_AFTER = 4096;

/** The hash of a value, a signed 32-bit integer; SIGNAL where the walk meets an unrealised lazy cell. */
export function hashOf(v: Value): Value {
  const simple = hashAtom(v) ?? hashFlat(v as Obj);
  if (simple !== null) return simple;
  const hash = new Hashing().run(v as Obj);
  return hash === null ? decline() : hash;
}

/** The hash of a key, which must be settled. */
export function hashKey(v: Value): number {
  if (typeof v === "string") return hashString(v);
  if (typeof v === "number" && (v | 0) === v) return v;
  const simple = hashAtom(v) ?? hashFlat(v as Obj);
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

/** The hash of a short vector of atoms, the commonest compound key, without any bookkeeping; null for all else. */
function hashFlat(v: Obj): number | null {
  if (!(v instanceof Vector) || v.count > 32) return null;
  const items = v.chunk(0);
  let hash = SEQUENCE_SEED;
  for (let i = 0; i < v.count; i++) {
    const part = hashAtom(items[i]);
    if (part === null) return null;
    hash = fold(hash, part);
  }
  return mix(hash ^ v.count);
}

/** All sequential values begin alike, since they can be equal to each other. */
const SEQUENCE_SEED = 1;

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
  private readonly way = new Way();
  private steps = 0;
  private known: Map<Obj, number> | null = null;

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
      this.way.leave(frame.value, this.stack.length);
      const hash = mix(frame.hash ^ frame.parts.length);
      if (this.steps > REMEMBER_AFTER) this.remember(frame.value, hash);
      if (this.stack.length === 0) return hash;
      take(this.stack[this.stack.length - 1], hash);
    }
  }

  /** Folds in parts up to one that must be hashed first, which it answers. */
  private advance(frame: HashFrame): Obj | null {
    const { parts } = frame;
    while (frame.next < parts.length) {
      const part = parts[frame.next];
      const hash = hashAtom(part) ?? this.known?.get(part as Obj);
      if (hash === undefined) return part as Obj;
      take(frame, hash);
    }
    return null;
  }

  private remember(value: Obj, hash: number): void {
    this.known ??= new Map();
    this.known.set(value, hash);
  }

  private open(value: Obj): boolean {
    const parts = partsOf(value);
    if (parts === null) return false;
    this.steps += parts.length + 1;
    this.way.enter(value, this.stack.length);
    this.stack.push({ value, parts, next: 0, hash: seedOf(value), key: 0 });
    return true;
  }
}

/** Folds the hash of the next part into a frame: in order for sequences, as a sum for maps and sets. */
function take(frame: HashFrame, hash: number): void {
  const { kind } = frame.value;
  if (kind === Kind.PSet) frame.hash = (frame.hash + mix(hash)) | 0;
  else if (kind !== Kind.PMap && kind !== Kind.Record) frame.hash = fold(frame.hash, hash);
  else if (frame.next % 2 === 0) frame.key = hash;
  else frame.hash = (frame.hash + fold(frame.key, hash)) | 0;
  frame.next++;
}

function seedOf(v: Obj): number {
  if (isSequential(v)) return SEQUENCE_SEED;
  if (v instanceof Closure) return hashString(v.unit.hash);
  if (v instanceof ErrorValue) return hashString(v.message);
  if (v.kind === Kind.Record) return fold(v.kind, hashKeyword((v as RecordType).type));
  return v.kind;
}

/**
 * True if no unrealised lazy cell is inside: such a value can be hashed, and be a key. Primitives ask before they hand a key
 * to a map or set. Raises `:limit` for a value that holds itself, which has no hash.
 */
export function isSettled(v: Value): boolean {
  if (!(v instanceof Obj) || v instanceof Keyword || !isCompound(v)) return true;
  const open: Obj[] = [v];
  let steps = 0;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (++steps > REMEMBER_AFTER) return new Hashing().run(v) !== null;
    const parts = partsOf(at);
    if (parts === null) return false;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i];
      if (part instanceof Obj && isCompound(part)) open.push(part);
    }
  }
  return true;
}
