// Values to JSON text (the plain encoding of S-12): keywords become strings, what JSON cannot say is refused by its path.
import { PMap } from "../data/map.ts";
import { decline, meter } from "../data/meter.ts";
import { elements, isSequential } from "../data/sequential.ts";
import { PSet } from "../data/set.ts";
import { compareStrings } from "../data/strings.ts";
import { Float, Keyword, type Obj, type Value } from "../data/value.ts";
import { Way } from "../data/way.ts";
import { chargeTicks, needRoomForText } from "./charge.ts";
import { describe } from "./describe.ts";
import { refuse } from "./raise.ts";

/** A collection being written. */
interface Open {
  readonly value: Obj;
  readonly keys: readonly string[] | null;
  readonly items: readonly Value[];
  next: number;
}

/**
 * The JSON text of a value, or SIGNAL where an unrealised lazy sequence is met. `indent` spaces a level, 0: one line. `sorted`:
 * the keys of each map by code point, not in the map's order.
 */
export function writeJson(value: Value, indent: number, sorted: boolean): Value {
  return new Writer(indent, sorted).write(value);
}

class Writer {
  private readonly pieces: string[] = [];
  private readonly open: Open[] = [];
  private readonly way = new Way();
  private size = 0;

  constructor(
    private readonly indent: number,
    private readonly sorted: boolean,
  ) {}

  write(value: Value): Value {
    let at: Value = value;
    for (;;) {
      if (!this.begin(at)) return decline();
      let top = this.open[this.open.length - 1];
      while (top !== undefined && top.next === top.items.length) {
        this.open.pop();
        this.way.leave(top.value, this.open.length);
        this.newLine();
        this.put(top.keys === null ? "]" : "}");
        top = this.open[this.open.length - 1];
      }
      if (top === undefined) return this.pieces.join("");
      at = this.element(top);
    }
  }

  /** Writes a scalar or the start of a collection; false for what is not realised. */
  private begin(value: Value): boolean {
    const scalar = this.scalar(value);
    if (scalar !== null) {
      this.put(scalar);
      return true;
    }
    const opened = this.collection(value as Obj);
    if (opened === null) return false;
    if (opened.items.length === 0) this.put(opened.keys === null ? "[]" : "{}");
    else {
      this.put(opened.keys === null ? "[" : "{");
      this.way.enter(opened.value, this.open.length);
      this.open.push(opened);
    }
    return true;
  }

  private element(top: Open): Value {
    if (top.next > 0) this.put(",");
    this.newLine();
    if (top.keys !== null) this.put(`${JSON.stringify(top.keys[top.next])}:${this.indent === 0 ? "" : " "}`);
    return top.items[top.next++];
  }

  private scalar(value: Value): string | null {
    if (value === null || typeof value === "boolean" || typeof value === "bigint") return String(value);
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value === "number") return Number.isFinite(value) ? String(value) : this.refuse(value);
    if (value instanceof Keyword) return JSON.stringify(value.text);
    if (value instanceof Float) return Number.isFinite(value.value) ? floatText(value.value) : this.refuse(value);
    return null;
  }

  private collection(value: Obj): Open | null {
    if (value instanceof PMap) {
      const keys = this.keysOf(value);
      return this.sorted ? inOrder(value, keys) : { value, keys, items: value.values(), next: 0 };
    }
    if (isSequential(value)) {
      const items = elements(value);
      return items === null ? null : { value, keys: null, items, next: 0 };
    }
    if (value instanceof PSet) return { value, keys: null, items: value.toArray(), next: 0 };
    return this.refuse(value);
  }

  private keysOf(map: PMap): string[] {
    const seen = new Set<string>();
    return map.keys().map((key) => {
      const text = typeof key === "string" ? key : key instanceof Keyword ? key.text : this.refuse(key, "as a key");
      if (seen.has(text)) return this.refuse(key, "as a key beside another that is written the same");
      seen.add(text);
      return text;
    });
  }

  /** Appends text: a tick for every 256 units, and never more than a string may have. */
  private put(text: string): void {
    const before = this.size >>> 8;
    this.size += text.length;
    chargeTicks((this.size >>> 8) - before);
    if (this.size > meter.stringLengthMax) needRoomForText("JSON", this.size);
    this.pieces.push(text);
  }

  private newLine(): void {
    if (this.indent > 0) this.put(`\n${" ".repeat(this.indent * this.open.length)}`);
  }

  private refuse(value: Value, how = ""): never {
    const path = this.open
      .map(({ keys, next }) => (keys === null ? `[${next - 1}]` : `[${JSON.stringify(keys[next - 1])}]`))
      .join("");
    return refuse("json/value", "JSON", `cannot say ${describe(value)}${how === "" ? "" : ` ${how}`}, at $${path}`, {
      value,
    });
  }
}

/** Keys with their values, by code point. */
function inOrder(value: PMap, keys: readonly string[]): Open {
  const values = value.values();
  const places = keys.map((_, i) => i).sort((i, j) => compareStrings(keys[i], keys[j]));
  return { value, keys: places.map((i) => keys[i]), items: places.map((i) => values[i]), next: 0 };
}

/** An integral double with its point, so that it reads back as a float. */
function floatText(x: number): string {
  if (Object.is(x, -0)) return "-0.0";
  const text = String(x);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
