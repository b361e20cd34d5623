// Plain JSON (S-12): what outsiders write and read. Keys keep their order, integers are exact.
import { needRoom, quote } from "../base/canonical-json.ts";
import { FlowmetalError } from "../base/errors.ts";
import { type JsonBuilder, readJson } from "../base/json-reader.ts";
import { VALUE_LENGTH_MAX } from "../base/limits.ts";
import { meter } from "./meter.ts";
import { PMap } from "./map.ts";
import { floatText } from "./number-text.ts";
import { float, integer } from "./numbers.ts";
import { elements, isSequential } from "./sequential.ts";
import { Float, Keyword, type Obj, type Value } from "./value.ts";
import { Vector } from "./vector.ts";
import { Way } from "./way.ts";

/** The binary logarithm of 10. */
export const BITS_PER_DIGIT = 3.321928094887362;

const VALUES: JsonBuilder<Value> = {
  constant: (value) => value,
  string: (text) => text,
  number(text, refuse) {
    const double = Number(text);
    if (/[.eE]/.test(text)) {
      return Number.isFinite(double) ? float(double) : refuse("json/number", "this number is too large for a float");
    }
    if (Number.isSafeInteger(double)) return double + 0;
    // Judged by the number of digits first: conversion takes more than linear time.
    if (text.length * BITS_PER_DIGIT > meter.integerBitsMax + 8) {
      return refuse("json/number", `this integer has more than ${meter.integerBitsMax} bits`);
    }
    return integer(BigInt(text));
  },
  array: (items) => Vector.from(items),
  object(keys, values) {
    const owner = {};
    let map = PMap.EMPTY;
    for (let i = 0; i < keys.length; i++) map = map.set(keys[i], values[i], owner);
    return map;
  },
};

/**
 * The value of a JSON text: objects are maps with string keys in the order of the text, arrays vectors; a number with a point or an
 * exponent is a float. Throws FlowmetalError `json/...`.
 */
export function jsonToValue(text: string): Value {
  return readJson(text, VALUES);
}

/** A container being written. */
interface Frame {
  /** The texts of the keys of an object, null for an array. */
  readonly value: Obj;
  readonly keys: readonly string[] | null;
  readonly items: readonly Value[];
  next: number;
}

/**
 * The canonical JSON text (E-9) of a value. Keywords become strings without the colon. What JSON cannot say is refused with
 * FlowmetalError `json/value`, which names the place as a path below `path`; a text of more than `most` characters with `value/too-large`.
 */
export function valueToJson(v: Value, path = "value", most = VALUE_LENGTH_MAX): string {
  return new Writer(path, most).write(v);
}

class Writer {
  private text = "";
  private readonly stack: Frame[] = [];
  private readonly way = new Way();

  constructor(
    private readonly path: string,
    private readonly most: number,
  ) {}

  write(v: Value): string {
    this.put(v);
    while (this.stack.length > 0) {
      const { value, keys, items, next } = this.stack[this.stack.length - 1];
      if (next === items.length) {
        this.text += keys === null ? "]" : "}";
        this.stack.pop();
        this.way.leave(value, this.stack.length);
        continue;
      }
      if (next > 0) this.text += ",";
      if (keys !== null) this.text += `${quote(keys[next])}:`;
      this.stack[this.stack.length - 1].next++;
      this.put(items[next]);
    }
    return this.text;
  }

  private put(v: Value): void {
    this.putPart(v);
    needRoom(this.text.length, this.most);
  }

  private putPart(v: Value): void {
    if (v === null || typeof v === "boolean" || typeof v === "bigint") this.text += String(v);
    else if (typeof v === "string") this.text += quote(v);
    else if (typeof v === "number") this.text += Number.isFinite(v) ? String(v) : this.refuse(`${v} is no JSON number`);
    else if (v instanceof Float) this.text += floatText(v.value);
    else if (v instanceof Keyword) this.text += quote(v.text);
    else if (v instanceof PMap) this.openObject(v);
    else if (isSequential(v)) this.openArray(v);
    else this.refuse("JSON has no such value: make it a string, number, vector or map with string keys");
  }

  private openArray(v: Obj): void {
    const items = elements(v) ?? this.refuse("this lazy sequence is not realised");
    this.text += "[";
    this.way.enter(v, this.stack.length);
    this.stack.push({ value: v, keys: null, items, next: 0 });
  }

  private openObject(map: PMap): void {
    const keys: string[] = [];
    const seen = new Set<string>();
    for (const key of map.keys()) {
      const name = typeof key === "string" ? key : key instanceof Keyword ? key.text : null;
      if (name === null) this.refuse("a key of this map is neither a string nor a keyword");
      if (seen.has(name)) this.refuse(`two keys of this map would both become ${quote(name)}`);
      seen.add(name);
      keys.push(name);
    }
    this.text += "{";
    this.way.enter(map, this.stack.length);
    this.stack.push({ value: map, keys, items: map.values(), next: 0 });
  }

  private refuse(why: string): never {
    const steps = this.stack.map(({ keys, next }) => (keys === null ? `[${next - 1}]` : `[${quote(keys[next - 1])}]`));
    const shown = steps.length > 12 ? [...steps.slice(0, 6), "...", ...steps.slice(-5)] : steps;
    throw new FlowmetalError("json/value", `${this.path}${shown.join("")} cannot be written as JSON: ${why}`);
  }
}
