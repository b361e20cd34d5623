// The printer: the reader's inverse for all data; for what has no text (functions, refs, errors) a sign that is refused when
// read. Iterative. Metadata is not printed.
import { formatDuration } from "../base/duration.ts";
import { raise } from "./errors.ts";
import { decline, meter } from "./meter.ts";
import { numberText } from "./number-text.ts";
import { isCompound, partsOf, type RecordType } from "./parts.ts";
import { recordTag } from "./record-tag.ts";
import { firstElements, isSequential } from "./sequential.ts";
import {
  Bytes,
  type Cell,
  type Closure,
  Duration,
  type ErrorValue,
  Float,
  Instant,
  Keyword,
  Kind,
  Lazy,
  Obj,
  Ratio,
  type Ref,
  Regex,
  Sym,
  Tagged,
  Uuid,
  type Value,
  Var,
} from "./value.ts";
import { Way } from "./way.ts";

/** A collection being printed. */
interface Frame {
  readonly value: Obj;
  readonly parts: readonly Value[];
  readonly close: string;
  /** Of a map: a comma goes behind every second part. */
  readonly isMap: boolean;
  /** There are more parts than are shown. */
  readonly isCut: boolean;
  next: number;
}

/**
 * A value as text; strings are quoted and escaped if `readably`, also inside collections. SIGNAL (decline) where it meets
 * an unrealised lazy cell.
 */
export function printValue(v: Value, readably: boolean): Value {
  if (typeof v === "string") return readably ? quoteString(v) : v;
  const text = new Printer(readably, Number.POSITIVE_INFINITY).print(v);
  return text === null ? decline() : text;
}

/**
 * A value as text of bounded size, for messages and inspection: after `partsMax` parts, or a string of so many characters,
 * comes `...`, and an unrealised lazy sequence is shown as a ref.
 */
export function printShort(v: Value, partsMax = 32, readably = true): string {
  return new Printer(readably, partsMax).print(v) as string;
}

class Printer {
  private text = "";
  private readonly stack: Frame[] = [];
  /** Where the value is printed whole; else the number of parts is an end to it. */
  private readonly way: Way | null;

  constructor(
    private readonly readably: boolean,
    /** How many more parts may be shown. */
    private left: number,
  ) {
    this.way = Number.isFinite(left) ? null : new Way();
  }

  /** Null: an unrealised lazy cell. */
  print(v: Value): string | null {
    if (!this.put(v)) return null;
    while (this.stack.length > 0) {
      const frame = this.stack[this.stack.length - 1];
      const { parts, next } = frame;
      if (next === parts.length || this.left <= 0) {
        if (next < parts.length || frame.isCut) this.write(next > 0 ? " ..." : "...");
        this.write(frame.close);
        this.stack.pop();
        this.way?.leave(frame.value, this.stack.length);
        continue;
      }
      if (next > 0) this.write(frame.isMap && next % 2 === 0 ? ", " : " ");
      frame.next++;
      this.left--;
      if (!this.put(parts[next])) return null;
    }
    return this.text;
  }

  private write(piece: string): void {
    if (this.text.length + piece.length > meter.stringLengthMax) {
      raise(
        "limit",
        `a string may have at most ${meter.stringLengthMax} characters; this printed form would have more`,
      );
    }
    this.text += piece;
  }

  /** Writes an atom, or opens a collection. False: unrealised. */
  private put(v: Value): boolean {
    if (!(v instanceof Obj) || !this.isOpened(v)) {
      this.write(typeof v === "string" ? this.string(v) : atomText(v));
      return true;
    }
    if (v instanceof Tagged) {
      this.write(`#${v.tag.text} `);
      this.way?.enter(v, this.stack.length);
      this.stack.push({ value: v, parts: [v.value], close: "", isMap: false, isCut: false, next: 0 });
      return true;
    }
    const parts = this.partsOf(v);
    if (parts === null) return false;
    this.way?.enter(v, this.stack.length);
    const [opening, close] = BRACKETS[v.kind] ?? ["(", ")"];
    this.write(v.kind === Kind.Record ? `#${recordTag((v as RecordType).type)}${opening}` : opening);
    const isCut = Number.isFinite(this.left) && parts.length > this.left;
    this.stack.push({ value: v, parts, close, isMap: v.kind === Kind.PMap || v.kind === Kind.Record, isCut, next: 0 });
    return true;
  }

  private isOpened(v: Obj): boolean {
    if (v instanceof Lazy && v.thunk !== null) return !Number.isFinite(this.left);
    return isCompound(v) && v.kind !== Kind.Closure && v.kind !== Kind.ErrorValue;
  }

  private partsOf(v: Obj): readonly Value[] | null {
    if (!Number.isFinite(this.left) || !isSequential(v)) return partsOf(v);
    return firstElements(v, this.left + 1);
  }

  private string(text: string): string {
    const shown = Number.isFinite(this.left) ? clip(text, Math.max(64, 4 * this.left)) : text;
    return this.readably ? quoteString(shown) : shown;
  }
}

const BRACKETS: { readonly [kind: number]: readonly [open: string, close: string] } = {
  [Kind.Vector]: ["[", "]"],
  [Kind.PMap]: ["{", "}"],
  [Kind.Record]: ["{", "}"],
  [Kind.PSet]: ["#{", "}"],
};

function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = (text.charCodeAt(length - 1) & 0xfc00) === 0xd800 ? length - 1 : length;
  return `${text.slice(0, end)}...`;
}

/** What stands for itself in a string literal: all but quotes, backslashes, and what cannot be seen or turns the line around. */
const NEEDS_ESCAPE = /["\\\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\t": "\\t",
  "\r": "\\r",
};

/** A string literal. */
export function quoteString(text: string): string {
  const escaped = text.replace(
    NEEDS_ESCAPE,
    (char) => SHORT_ESCAPES[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${escaped}"`;
}

function atomText(v: Value): string {
  if (v === null) return "nil";
  if (!(v instanceof Obj)) return typeof v === "number" ? numberText(v) : String(v);
  if (v instanceof Keyword) return `:${v.text}`;
  if (v instanceof Sym) return v.text;
  if (v instanceof Float || v instanceof Ratio) return numberText(v);
  if (v instanceof Instant) return `#inst "${new Date(v.ms).toISOString()}"`;
  if (v instanceof Duration) return `#duration "${formatDuration(v.ms)}"`;
  if (v instanceof Uuid) return `#uuid "${v.text}"`;
  if (v instanceof Bytes) return `#bytes "${Buffer.from(v.data).toString("base64")}"`;
  if (v instanceof Regex) return regexText(v);
  if (v instanceof Var) return `#'${v.name}`;
  return signOf(v);
}

/** A regex literal; a quote that is not escaped in the source gets a backslash, which means the same to a matcher. */
function regexText({ source, flags }: Regex): string {
  const escaped = source.replace(/\\[\s\S]|"/g, (piece) => (piece === '"' ? '\\"' : piece));
  return `#"${flags === "" ? "" : `(?${flags})`}${escaped}"`;
}

/** The sign for what cannot be read back. */
function signOf(v: Obj): string {
  switch (v.kind) {
    case Kind.Closure: {
      const { name } = (v as Closure).unit;
      return name === null ? "#<fn>" : `#<fn ${name}>`;
    }
    case Kind.ErrorValue: {
      const { type, message } = v as ErrorValue;
      return `#<error :${type.text} ${quoteString(message)}>`;
    }
    case Kind.Cell:
      return `#<${(v as Cell).type} ${(v as Cell).id}>`;
    case Kind.Lazy:
      return `#<lazy ${(v as Lazy).id}>`;
    case Kind.EventRef:
      return `#<event ${(v as Ref).id}>`;
    case Kind.TaskRef:
      return `#<task ${(v as Ref).id}>`;
    case Kind.Continuation:
      return "#<continuation>";
    case Kind.Marker:
      return "#<marker>";
    default:
      return "#<unbound>";
  }
}
