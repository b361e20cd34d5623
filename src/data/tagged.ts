// Tagged JSON (S-12): lossless JSON for values, in constants, journal bodies, the image and messages between programs.
//
// docs/architecture.md has the table of tags. Snapshots use the same tags and add their own (src/snapshot/snapshot.ts). Both
// directions walk with a stack of their own, so that depth is no matter. Parts that a value shares are shared in the JSON too,
// but a text spells them out each time: what would grow without measure is refused.
import { canonicalJson, type Json } from "../base/canonical-json.ts";
import { FlowmetalError } from "../base/errors.ts";
import { printShort } from "./printer.ts";
import { elements } from "./sequential.ts";
import { Flaw, leafJson } from "./tagged-leaf.ts";
import { readTagged, type TaggedHooks } from "./tagged-read.ts";
import { metaOf, type Shape, shapeOf } from "./tagged-shape.ts";
import { type Closure, Kind, Obj, type Ref, type Value, type Var } from "./value.ts";
import { Way } from "./way.ts";

export { Flaw, type TaggedHooks };

/** A text spells out at most this many parts. */
const PARTS_MAX = 1 << 24;

/** The canonical text of a value in tagged JSON. */
export function encodeTagged(v: Value): string {
  return canonicalJson(toTagged(v));
}

/**
 * The canonical text of a value for those who do not have its program: lazy sequences are spelled out as far as they are
 * realised to their end; what is a place in the program (an atom, an event, a task, a continuation, a sequence with no end yet, a
 * function that captured one) is told by the text it prints as.
 */
export function encodeOutside(v: Value): string {
  return canonicalJson(toTagged(v, OUTSIDE));
}

/** How a value is written: by a name, else by its shape. */
interface View {
  readonly name: (v: Obj) => Json | undefined;
  readonly shape: (v: Obj) => Shape | undefined;
}

/** A composite value being written. */
interface Open {
  readonly value: Obj;
  readonly json: Json[];
  readonly parts: readonly Value[];
  next: number;
  /** Parts it spells out, with those of its parts. */
  size: number;
}

/** The tagged JSON of a value: null, booleans, strings, numbers and arrays. Frozen by convention: parts may be shared. */
export function toTagged(v: Value, view: View = INSIDE): Json {
  const done = new Map<Obj, { readonly json: Json[]; readonly size: number }>();
  const stack: Open[] = [];
  const way = new Way();
  let at: Value = v;
  for (;;) {
    let json = leafJson(at);
    if (json === undefined) json = view.name(at as Obj);
    let size = 1;
    if (json === undefined) {
      const known = done.get(at as Obj);
      if (known === undefined) {
        way.enter(at as Obj, stack.length);
        stack.push(open(at as Obj, view));
      } else ({ json, size } = known);
    }
    let top = stack[stack.length - 1];
    for (;;) {
      if (json !== undefined) {
        if (top === undefined) return json;
        add(top, json, size);
      }
      if (top.next < top.parts.length) break;
      ({ json, size } = top);
      done.set(top.value, { json: top.json, size });
      stack.pop();
      way.leave(top.value, stack.length);
      top = stack[stack.length - 1];
    }
    at = top.parts[top.next++];
  }
}

function open(value: Obj, view: View): Open {
  const shape = view.shape(value);
  if (shape === undefined) {
    throw new FlowmetalError("value/not-storable", "a continuation can be stored only as part of its program");
  }
  return { value, json: [shape.tag, ...shape.head], parts: shape.parts, next: 0, size: 1 };
}

function add(top: Open, json: Json, size: number): void {
  top.json.push(json);
  top.size += size;
  if (top.size > PARTS_MAX) {
    throw new FlowmetalError(
      "value/too-large",
      `a value of more than ${PARTS_MAX} parts is too large to be written out`,
    );
  }
}

/** What is written by its name: vars and refs. */
function nameJson(v: Obj): Json | undefined {
  switch (v.kind) {
    case Kind.Var:
      return ["var", (v as Var).name];
    case Kind.Cell:
    case Kind.Lazy:
    case Kind.EventRef:
    case Kind.TaskRef:
      return ["ref", (v as Ref).id];
    default:
      return undefined;
  }
}

const INSIDE: View = { name: nameJson, shape: shapeOf };

const OUTSIDE: View = {
  name: (v) => (v.kind === Kind.Var ? nameJson(v) : isPlace(v) ? printShort(v) : undefined),
  shape: (v) => {
    const plain = metaOf(v) === null && (v.kind === Kind.Lazy || v.kind === Kind.Cons);
    return plain ? { tag: "l", head: [], parts: elements(v) as Value[] } : shapeOf(v);
  },
};

/** Whether a value means something only where its program is. */
function isPlace(v: Obj): boolean {
  switch (v.kind) {
    case Kind.Cell:
    case Kind.EventRef:
    case Kind.TaskRef:
    case Kind.Continuation:
      return true;
    case Kind.Lazy:
    case Kind.Cons:
      return elements(v) === null;
    case Kind.Closure:
      return holdsPlace(v as Closure);
    default:
      return false;
  }
}

/** Whether a place is among what a function captured, however deep. */
function holdsPlace(closure: Closure): boolean {
  const seen = new Set<Obj>();
  const open: Value[] = [...closure.captures];
  for (let v = open.pop(); v !== undefined; v = open.pop()) {
    if (!(v instanceof Obj) || seen.has(v)) continue;
    seen.add(v);
    if (v.kind !== Kind.Closure && isPlace(v)) return true;
    for (const part of (v.kind === Kind.Lazy ? elements(v) : shapeOf(v)?.parts) ?? []) open.push(part);
  }
  return false;
}

/** The value of tagged JSON from outside. Throws `value/invalid` with the path to what is wrong. */
export function fromTagged(json: unknown, hooks: TaggedHooks = {}): Value {
  return readTagged(json, hooks, (problem, path) => {
    const at = path.length > 64 ? `depth ${path.length}` : `[${path.join("][")}]`;
    throw new FlowmetalError("value/invalid", `not a stored value: ${problem}${path.length === 0 ? "" : ` at ${at}`}`);
  });
}
