// edn: text to data and back. Reading never runs code: tagged literals with a reader of the program's own stay tagged here.
import { Kind, Obj, Sym, Tagged, type Value } from "../data/value.ts";
import { PMap } from "../data/map.ts";
import { decline } from "../data/meter.ts";
import { partsOf } from "../data/parts.ts";
import { printShort, printValue } from "../data/printer.ts";
import { isSequential } from "../data/sequential.ts";
import { readNext } from "../reader/sexp.ts";
import type { TagReaders } from "../reader/tags.ts";
import { Vector } from "../data/vector.ts";
import { SourceError } from "../source/diagnostic.ts";
import { Source } from "../source/source.ts";
import { chargeText, needRoomForText } from "./charge.ts";
import { needString } from "./check.ts";
import { primitive } from "./define.ts";
import { describe } from "./describe.ts";
import { itemsOf } from "./items.ts";
import type { Primitive } from "./primitive.ts";
import { refuse, wrongType } from "./raise.ts";

/** A vector of the first form of a text, or nil if there is none. Literals with one of these tags (symbols) stay tagged values. */
function read(text: Value, kept: Value): Value {
  const source = new Source("text", needString("flow.edn/read-string", 1, text));
  chargeText(source.text.length * 8);
  const tags = keeping(itemsOf("flow.edn/read-string", 2, kept) ?? []);
  try {
    const next = readNext(source, 0, { edn: true, tags });
    return next === null ? null : Vector.of(next.form);
  } catch (problem) {
    if (problem instanceof SourceError) return refuseText(problem);
    throw problem;
  }
}

function keeping(tags: readonly Value[]): TagReaders {
  return new Map(
    tags.map((tag) => {
      const name =
        tag instanceof Sym ? tag : wrongType("flow.edn/read-string", "symbols as the keys of :readers", 1, tag);
      return [name.text, (value: Value) => new Tagged(name, value)];
    }),
  );
}

function refuseText({ code, message, place, hint }: SourceError): never {
  const { line = 1, column = 1 } = place ?? {};
  return refuse("read", "flow.edn/read-string", `line ${line} column ${column}: ${message}`, {
    code,
    line,
    column,
    hint: hint ?? null,
  });
}

/** The text of data; what edn cannot say is refused by its path. */
function write(value: Value): Value {
  const text = printValue(value, true);
  if (typeof text !== "string") return decline();
  needRoomForText("flow.edn/write-string", text.length);
  checkData(value);
  return text;
}

/** A value being looked into. */
interface Open {
  readonly parts: readonly Value[];
  readonly owner: Obj;
  next: number;
}

/** Raises `:edn/value` at the first part that no reader could make again. All is realised. */
function checkData(value: Value): void {
  const open: Open[] = [];
  let at: Value = value;
  for (;;) {
    if (at instanceof Obj) {
      const parts = isOpaque(at) ? refuseValue(at, open) : inside(at);
      if (parts.length > 0) open.push({ parts, owner: at, next: 0 });
    }
    while (open.length > 0 && open[open.length - 1].next === open[open.length - 1].parts.length) open.pop();
    const top = open[open.length - 1];
    if (top === undefined) return;
    at = top.parts[top.next++];
  }
}

function inside(value: Obj): readonly Value[] {
  const isCollection = isSequential(value) || value instanceof PMap || value.kind === Kind.PSet;
  return isCollection || value instanceof Tagged ? (partsOf(value) ?? []) : [];
}

const OPAQUE: ReadonlySet<Kind> = new Set<Kind>([
  Kind.Regex,
  Kind.ErrorValue,
  Kind.Closure,
  Kind.Var,
  Kind.Cell,
  Kind.EventRef,
  Kind.TaskRef,
  Kind.Continuation,
]);

function isOpaque(value: Obj): boolean {
  return OPAQUE.has(value.kind);
}

function refuseValue(value: Obj, open: readonly Open[]): never {
  const path = open.map(stepOf).join("");
  return refuse("edn/value", "edn", `cannot say ${describe(value)}, at $${path}`, { value });
}

/** The place of the part that is looked at, in its owner: `[0]`, `[:key]`. */
function stepOf({ parts, owner, next }: Open): string {
  if (owner instanceof PMap) return `[${printShort(parts[(next - 1) & ~1], 4)}]`;
  return owner instanceof Tagged ? "" : `[${next - 1}]`;
}

export const edn: readonly Primitive[] = [
  primitive("edn-read", 2, 2, read),
  primitive("edn-write", 1, 1, write, { guard: "flow.core/realise-and-edn-write" }),
];
