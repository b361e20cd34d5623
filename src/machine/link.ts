// Primitives as evaluators call them: whatever one throws as Raise becomes SIGNAL, so that no host exception crosses frames.
import { Raise, SIGNAL } from "../data/meter.ts";
import type { Value } from "../data/value.ts";
import type { Primitive } from "../primitive/primitive.ts";
import { findPrimitiveVersion } from "../primitive/registry.ts";
import { FlowmetalError } from "../base/errors.ts";
import type { LinkedPrimitive } from "./unit.ts";

const linked = new Map<string, LinkedPrimitive>();

/** The primitive that code names `name@version`. Throws `code/unknown-primitive` when this engine has none such (S-10). */
export function linkPrimitive(name: string): LinkedPrimitive {
  let found = linked.get(name);
  if (found === undefined) {
    const primitive = findPrimitiveVersion(name);
    if (primitive === undefined) {
      throw new FlowmetalError("code/unknown-primitive", `this engine has no primitive ${name}`, {
        hint: "the code was compiled by another version of Flowmetal: run it with that one",
      });
    }
    found = { name, primitive, call: guarded(primitive) };
    linked.set(name, found);
  }
  return found;
}

/** Wrappers without argument arrays where a primitive takes few: an argument left out is `undefined`, as in a call. */
function guarded(primitive: Primitive): (...args: Value[]) => Value {
  const call = primitive.call as (a?: Value, b?: Value, c?: Value, d?: Value) => Value;
  if (primitive.pure) return primitive.call;
  switch (primitive.max) {
    case 1:
      return (a: Value) => {
        try {
          return call(a);
        } catch (thrown) {
          return raised(thrown);
        }
      };
    case 2:
      return (a: Value, b: Value) => {
        try {
          return call(a, b);
        } catch (thrown) {
          return raised(thrown);
        }
      };
    case 3:
      return (a: Value, b: Value, c: Value) => {
        try {
          return call(a, b, c);
        } catch (thrown) {
          return raised(thrown);
        }
      };
    default:
      return (...args: Value[]) => {
        try {
          return primitive.call(...args);
        } catch (thrown) {
          return raised(thrown);
        }
      };
  }
}

function raised(thrown: unknown): Value {
  if (!(thrown instanceof Raise)) throw thrown;
  SIGNAL.cell = null;
  SIGNAL.error = thrown.error;
  return SIGNAL;
}
