// JSON text to values and back: objects to maps in the text's order, integers exactly, any depth.
import { FlowmetalError } from "../base/errors.ts";
import { type JsonBuilder, readJson } from "../base/json-reader.ts";
import { BITS_PER_DIGIT } from "../data/json.ts";
import { PMap } from "../data/map.ts";
import { meter } from "../data/meter.ts";
import { float, integer } from "../data/numbers.ts";
import { Float, Keyword, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { chargeText } from "./charge.ts";
import { needCount, needString } from "./check.ts";
import { primitive, pureTest } from "./define.ts";
import { writeJson } from "./json-write.ts";
import type { Primitive } from "./primitive.ts";
import { refuse } from "./raise.ts";

/** Reads numbers without a point or exponent as integers of any size, others as floats. */
function builder(keyOf: (text: string) => Value): JsonBuilder<Value> {
  return {
    constant: (value) => value,
    string: (text) => text,
    number(text, refuseNumber) {
      const n = Number(text);
      if (/[.eE]/.test(text)) {
        return Number.isFinite(n) ? float(n) : refuseNumber("json/number", "this number is too large for a float");
      }
      if (Number.isSafeInteger(n)) return n + 0;
      // Judged by the digits first: conversion takes more than linear time.
      if (text.length * BITS_PER_DIGIT > meter.integerBitsMax + 8) {
        return refuseNumber("json/number", `this integer has more than ${meter.integerBitsMax} bits`);
      }
      return integer(BigInt(text));
    },
    array: (items) => Vector.from(items),
    object(keys, values) {
      const owner = {};
      let map = PMap.EMPTY;
      for (let i = 0; i < keys.length; i++) map = map.set(keyOf(keys[i]), values[i], owner);
      return map;
    },
  };
}

const withStrings = builder((text) => text);
/** No keyword is empty: that key stays a string. */
const withKeywords = builder((text) => (text === "" ? text : Keyword.of(text)));

/** The value of a JSON text; keys become keywords, or stay strings. Raises `:json/...` with line and column. */
export function jsonValue(text: string, keywords: boolean): Value {
  chargeText(text.length * 4);
  try {
    return readJson(text, keywords ? withKeywords : withStrings);
  } catch (problem) {
    if (!(problem instanceof FlowmetalError)) throw problem;
    return refuse(problem.code, "JSON", problem.message, problem.data as { line: number; column: number });
  }
}

/** Is it a value that JSON can say, and no collection? */
function isScalar(value: Value): boolean {
  if (value === null || typeof value === "boolean" || typeof value === "string") return true;
  if (value instanceof Keyword) return true;
  if (value instanceof Float) return Number.isFinite(value.value);
  return typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value));
}

/** Spaces a level, from 0 to 16. */
function needIndent(value: Value): number {
  const indent = needCount("json/write", 2, value);
  return indent >= 0 && indent <= 16
    ? indent
    : refuse("range", "json/write", "the indent is a number from 0 to 16", { indent: value });
}

export const json: readonly Primitive[] = [
  primitive("json-read", 2, 2, (text, keywords) => jsonValue(needString("json/read", 1, text), keywords === true)),
  primitive(
    "json-write",
    1,
    3,
    (value, indent = 0, sorted = false) => writeJson(value, needIndent(indent), sorted === true),
    { guard: "flow.core/realise-and-json-write" },
  ),
  pureTest("json-scalar?", isScalar),
];
