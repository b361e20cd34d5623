// How a primitive is written down: name, argument counts, the function, and what sets it apart.
import type { Value } from "../data/value.ts";
import type { Primitive } from "./primitive.ts";

export interface Traits {
  /** Always answers a value, never raises (see Primitive). */
  readonly pure?: true;
  /** Answers only true or false, or SIGNAL. */
  readonly test?: true;
  /** Changes a cell, or takes a ref. */
  readonly once?: true;
  /** The language function that does it in frames when the primitive declines (S-4). */
  readonly guard?: string;
  /** 1 unless its meaning changed (S-10). */
  readonly version?: number;
  readonly inline?: NonNullable<Primitive["inline"]>;
}

/** A primitive called with `min` to `max` arguments; `max` = -1: no limit. */
export function primitive(
  name: string,
  min: number,
  max: number,
  call: (...args: Value[]) => Value,
  traits: Traits = {},
): Primitive {
  return {
    name,
    version: traits.version ?? 1,
    min,
    max,
    pure: traits.pure === true,
    guard: traits.guard ?? null,
    test: traits.test === true,
    once: traits.once === true,
    call,
    ...(traits.inline === undefined ? {} : { inline: traits.inline }),
  };
}

/** A test that can always answer: compiled as an op in place. */
export function pureTest(name: string, call: (value: Value) => boolean, inline?: Traits["inline"]): Primitive {
  return primitive(name, 1, 1, call, { pure: true, test: true, ...(inline === undefined ? {} : { inline }) });
}

/** JavaScript that is true when all these operands are integers below 2^53. */
export function areSafe(...operands: readonly string[]): string {
  const asked = operands.filter((operand) => !isLiteral(operand));
  return asked.length === 0 ? "true" : asked.map((a) => `typeof ${a}==="number"&&Math.floor(${a})===${a}`).join("&&");
}

function isLiteral(operand: string): boolean {
  return /^(?:-?\d{1,9}|\(-\d{1,9}\))$/.test(operand);
}

/**
 * JavaScript that is true when all these operands are integers of 32 bits; literals are known to be. The type is asked first:
 * `|` throws on a BigInt beside a number.
 */
export function areSmall(...operands: readonly string[]): string {
  const asked = operands.filter((operand) => !isLiteral(operand));
  return asked.length === 0 ? "true" : asked.map((a) => `typeof ${a}==="number"&&(${a}|0)===${a}`).join("&&");
}
