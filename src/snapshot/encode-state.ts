// The state of a program as a snapshot: its roots in order, then the content of every ref in reach.
import { sha256 } from "../base/hash.ts";
import { quote } from "../base/canonical-json.ts";
import { Cell, EventRef, Lazy, type MapValue, type Ref, type Value, type Var } from "../data/value.ts";
import { type Control, type ProgramState, TaskRef } from "../machine/state.ts";
import { ValueEncoder } from "./encode-value.ts";
import { type Piece, Writer, Written } from "./nodes.ts";

/** The snapshot of a state and its hash. */
export function encodeState(state: ProgramState): Written {
  return new StateEncoder(state).encode();
}

/** The vars of a program as they were written last. */
interface VarsWritten {
  readonly vars: readonly Var[];
  readonly values: readonly Value[];
  readonly metas: readonly (MapValue | null)[];
  /** The section, and the encoder as it was behind it: once they were found twice to be the same. */
  readonly section: { readonly piece: Piece; readonly encoder: ValueEncoder } | null;
}

/** The vars come first in a snapshot and are mostly what they were in the turn before: they are written once for all those turns. */
const lastVars = new WeakMap<ProgramState, VarsWritten>();

function isAsWritten({ vars, values, metas }: VarsWritten, now: ProgramState["vars"]): boolean {
  if (vars.length !== now.size) return false;
  let i = 0;
  for (const variable of now.values()) {
    if (vars[i] !== variable || values[i] !== variable.value || metas[i] !== variable.meta) return false;
    i++;
  }
  return true;
}

class StateEncoder {
  private values = new ValueEncoder();

  constructor(private readonly state: ProgramState) {}

  encode(): Written {
    const { state } = this;
    const body = new Writer();
    body.piece(this.vars());
    const own = state.cells.size === 0 ? [] : [...state.cells.values()].sort(byId).map((cell) => this.cellRow(cell));
    const tasks = [...state.tasks.values()];
    for (const task of [...tasks, state.main]) this.values.ref(new Writer(), task);
    for (const event of [...state.open.values(), ...state.timers.map((timer) => timer.event)]) {
      this.values.ref(new Writer(), event);
    }
    const refs = this.refRows();
    section(body, "o", own);
    section(body, "c", refs);
    section(body, "t", tasks.map(number));
    if (state.main !== tasks[0]) body.raw(`,"m":${state.main.id}`);
    section(body, "r", state.ready.map(number));
    section(body, "w", this.waiters());
    section(body, "e", [...state.open.values()].map(number));
    section(
      body,
      "d",
      state.timers.map(({ due, event }) => new Writer(`[${due},${event.id}]`)),
    );
    if (state.cancelled) body.raw(',"x":1');
    if (state.ticksMax !== null) body.raw(`,"l":${state.ticksMax}`);
    return this.assemble(body);
  }

  private assemble(body: Writer): Written {
    const { id, image, branch, nextRef, nextMarker, now, output, ticks } = this.state;
    const head = `"i":${quote(image)},"p":${quote(id)},"k":[${[branch, nextRef, nextMarker, now, output, ticks].join(",")}]`;
    const { units, nodes, digests } = this.values.table;
    const hash = sha256(`{${head}${body.digest}}`);
    return new Written(head, units, nodes, digests, body.text, hash, this.state.vars.has("n"));
  }

  private waiters(): Piece[] {
    return [...this.state.waiters]
      .filter(([, tasks]) => tasks.length > 0)
      .sort(([a], [b]) => a - b)
      .map(([event, tasks]) => new Writer(`[${[event, ...tasks.map((task) => task.id)].join(",")}]`));
  }

  // ---- rows

  /** The section of the vars. Leaves in `values` the encoder that has written them. */
  private vars(): Piece {
    const { vars } = this.state;
    const last = lastVars.get(this.state);
    const known = last !== undefined && isAsWritten(last, vars);
    if (known && last.section !== null) {
      this.values = last.section.encoder.copy();
      return last.section.piece;
    }
    const all = [...vars.values()];
    const piece = new Writer();
    section(
      piece,
      "g",
      all.map((variable) => this.varRow(variable)),
    );
    lastVars.set(this.state, {
      vars: all,
      values: all.map(({ value }) => value),
      metas: all.map(({ meta }) => meta),
      section: known && this.values.isFixed ? { piece, encoder: this.values.copy() } : null,
    });
    return piece;
  }

  private varRow(variable: Var): Piece {
    const writer = new Writer(`[${quote(variable.name)},`);
    this.values.value(writer, variable.value);
    this.optional(writer, [[variable.meta, variable.meta === null]]);
    return writer;
  }

  /** The content of every ref that was met, in number order. Writing one may meet more. */
  private refRows(): Piece[] {
    const { met } = this.values;
    const rows: { readonly id: number; readonly piece: Piece }[] = [];
    for (let i = 0; i < met.length; i++) rows.push({ id: met[i].id, piece: this.refRow(met[i]) });
    return rows.sort(byId).map(({ piece }) => piece);
  }

  private refRow(ref: Ref): Piece {
    if (ref instanceof Cell) return this.cellRow(ref, ',"c",');
    if (ref instanceof Lazy) return this.lazyRow(ref);
    if (ref instanceof EventRef) return this.eventRow(ref);
    if (ref instanceof TaskRef) return this.taskRow(ref);
    throw new Error("bug: a ref of no known kind");
  }

  private cellRow({ id, value, type, meta }: Cell, kind = ","): Piece {
    const writer = new Writer(`[${id}${kind}`);
    this.values.value(writer, value);
    const plain = type === "atom";
    this.optional(writer, [
      [meta, meta === null && plain],
      [type, plain],
    ]);
    return writer;
  }

  private lazyRow(lazy: Lazy): Piece {
    const writer = new Writer(`[${lazy.id},"${lazy.thunk === null ? "Z" : "z"}",`);
    this.values.value(writer, lazy.thunk === null ? lazy.seq : lazy.thunk);
    writer.raw("]");
    return writer;
  }

  private eventRow({ id, state, value, key, order }: EventRef): Piece {
    const writer = new Writer(`[${id},"${{ pending: "e", fulfilled: "f", failed: "x" }[state]}"`);
    if (state !== "pending") {
      writer.raw(",");
      this.values.value(writer, value);
    }
    this.optional(writer, [
      [key, key === null && order === 0],
      [order, order === 0],
    ]);
    return writer;
  }

  private taskRow(task: TaskRef): Piece {
    const writer = new Writer(`[${task.id},"t",`);
    this.values.ref(writer, task.event);
    writer.raw(",");
    this.control(writer, task.control);
    const { stack, segment, effects, scope, own, cancelled } = task;
    this.whileAny(writer, [
      [stack.depth > 0, () => this.values.stack(writer, stack)],
      [segment !== null, () => this.values.segment(writer, segment)],
      [effects > 0, () => writer.raw(String(effects))],
      [scope !== null, () => this.refOrZero(writer, scope)],
      [own !== null, () => this.refOrZero(writer, own)],
      [cancelled, () => writer.raw(cancelled ? "1" : "0")],
    ]);
    writer.raw("]");
    return writer;
  }

  private refOrZero(writer: Writer, ref: Ref | null): void {
    if (ref === null) writer.raw("0");
    else this.values.ref(writer, ref);
  }

  /** The parts of a row up to the last that is there. */
  private whileAny(writer: Writer, parts: readonly (readonly [there: boolean, write: () => void])[]): void {
    const last = parts.findLastIndex(([there]) => there);
    for (const [, write] of parts.slice(0, last + 1)) {
      writer.raw(",");
      write();
    }
  }

  private control(writer: Writer, control: Control): void {
    switch (control.kind) {
      case "return":
        return this.tuple(writer, "r", [control.value]);
      case "clause":
        return this.tuple(writer, "l", [control.value]);
      case "call":
        return this.tuple(writer, "c", [control.f, ...control.args]);
      case "primitive":
        return this.tuple(writer, "p", [control.name, ...control.args]);
      case "global":
        return this.tuple(writer, "g", [control.name]);
      case "throw":
        return this.tuple(writer, "x", [control.error]);
      case "await":
        writer.raw('["a",');
        this.values.ref(writer, control.event);
        return writer.raw("]");
      case "select":
        writer.raw('["s"');
        for (const event of control.events) {
          writer.raw(",");
          this.values.ref(writer, event);
        }
        return writer.raw("]");
      case "cancel":
        return writer.raw('["k"]');
      case "fault":
        if (control.retry.kind === "fault") throw new Error("bug: a fault that would fault again");
        writer.raw('["f",');
        this.values.value(writer, control.error);
        writer.raw(",");
        this.control(writer, control.retry);
        return writer.raw("]");
      case "done":
        return this.tuple(writer, "d", [control.value]);
    }
  }

  private tuple(writer: Writer, tag: string, values: readonly Value[]): void {
    writer.raw(`["${tag}"`);
    for (const value of values) {
      writer.raw(",");
      this.values.value(writer, value);
    }
    writer.raw("]");
  }

  /** The end of a row: values that are left out from the first on that is absent, and the bracket. */
  private optional(writer: Writer, values: readonly (readonly [Value | MapValue, boolean])[]): void {
    for (const [value, absent] of values) {
      if (absent) break;
      writer.raw(",");
      this.values.value(writer, value);
    }
    writer.raw("]");
  }
}

function section(body: Writer, name: string, rows: readonly Piece[]): void {
  if (rows.length === 0) return;
  body.raw(`,"${name}":[`);
  rows.forEach((row, i) => {
    if (i > 0) body.raw(",");
    body.piece(row);
  });
  body.raw("]");
}

function number(ref: Ref): Piece {
  return new Writer(String(ref.id));
}

function byId(a: { readonly id: number }, b: { readonly id: number }): number {
  return a.id - b.id;
}
