// The value that tells `reduce` to stop: plain data, a tagged value `#flow.core/reduced x`.
import { Sym, Tagged, type Value } from "../data/value.ts";
import { primitive } from "./define.ts";
import type { Primitive } from "./primitive.ts";
import { wrongType } from "./raise.ts";

const TAG = new Sym("flow.core", "reduced");

/** True for what `reduced` answers. */
export function isReduced(value: Value): value is Tagged {
  return value instanceof Tagged && value.tag.name === TAG.name && value.tag.ns === TAG.ns;
}

export const reduced: readonly Primitive[] = [
  primitive("reduced", 1, 1, (value) => new Tagged(TAG, value), { pure: true }),
  primitive("unreduced", 1, 1, (value) =>
    isReduced(value) ? value.value : wrongType("unreduced", "what reduced answers", 1, value),
  ),
];
