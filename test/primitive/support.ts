// Calls primitives as code would: an answer, the signal, or the error raised.
import { meter, Raise, SIGNAL } from "../../src/data/meter.ts";
import { printShort } from "../../src/data/printer.ts";
import { ErrorValue, Keyword, Lazy, type Value } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import type { Primitive } from "../../src/primitive/primitive.ts";
import { findPrimitive } from "../../src/primitive/registry.ts";

export function named(name: string): Primitive {
  const primitive = findPrimitive(name);
  if (primitive === undefined) throw new Error(`there is no primitive ${name}`);
  return primitive;
}

/** What a call comes to, comparable: the value written, `decline`, `force`, or `:type message`. */
export function outcome(primitive: Primitive, ...args: Value[]): string {
  try {
    const value = primitive.call(...args);
    if (value === SIGNAL) return SIGNAL.cell === null ? "decline" : "force";
    return printShort(value, 1000);
  } catch (thrown) {
    if (!(thrown instanceof Raise)) throw thrown;
    const { error } = thrown;
    return error instanceof ErrorValue ? `:${error.type.text} ${error.message}` : printShort(error);
  }
}

/** The same by name. */
export function call(name: string, ...args: Value[]): string {
  return outcome(named(name), ...args);
}

/** The ticks a call charges. */
export function charged(name: string, ...args: Value[]): number {
  const before = meter.fuel;
  meter.fuel = 1_000_000_000;
  try {
    named(name).call(...args);
    return 1_000_000_000 - meter.fuel;
  } finally {
    meter.fuel = before;
  }
}

/** Runs `body` under other limits. */
export function limited(limits: Partial<typeof meter>, body: () => void): void {
  const before = { ...meter };
  Object.assign(meter, limits);
  try {
    body();
  } finally {
    Object.assign(meter, before);
  }
}

let ref = 5_000_000;

/** A lazy sequence nobody has realised. */
export function unrealised(): Lazy {
  return new Lazy(ref++, Keyword.of("thunk"));
}

export const k = (text: string): Keyword => Keyword.of(text);
export const v = (...items: Value[]): Vector => Vector.from(items);
