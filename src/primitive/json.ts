// JSON text to values and back: objects to maps in the text's order, integers exactly, any depth.
import { FlowmetalError } from "../base/errors.ts";
import { type JsonBuilder, readJson } from "../base/json-reader.ts";
import { PMap } from "../data/map.ts";
import { float, integer } from "../data/numbers.ts";
import { Keyword, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { chargeText } from "./charge.ts";
import { needCount, needString } from "./check.ts";
import { primitive } from "./define.ts";
import { writeJson } from "./json-write.ts";
import type { Primitive } from "./primitive.ts";
import { refuse } from "./raise.ts";

/** Reads numbers without a point or exponent as integers of any size, others as floats. */
function builder(keyOf: (text: string) => Value): JsonBuilder<Value> {
  return {
    constant: (value) => value,
    string: (text) => text,
    number(text) {
      if (/[.eE]/.test(text)) return float(Number(text));
      const n = Number(text);
      return Number.isSafeInteger(n) ? n + 0 : integer(BigInt(text));
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
    return refuse(problem.code, "JSON", problem.message);
  }
}

export const json: readonly Primitive[] = [
  primitive("json-read", 2, 2, (text, keywords) => jsonValue(needString("json/read", 1, text), keywords === true)),
  primitive("json-write", 1, 2, (value, indent) => writeJson(value, needCount("json/write", 2, indent ?? 0)), {
    guard: "flow.core/realise-and-json-write",
  }),
];
