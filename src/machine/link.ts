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

/** One wrapper for each argument count that is common, so that calls need no argument arrays. */
function guarded(primitive: Primitive): (...args: Value[]) => Value {
  const call = primitive.call;
  if (primitive.pure) return call;
  if (primitive.max === 1) {
    return (a: Value) => {
      try {
        return call(a);
      } catch (thrown) {
        return raised(thrown);
      }
    };
  }
  if (primitive.min === 2 && primitive.max === 2) {
    return (a: Value, b: Value) => {
      try {
        return call(a, b);
      } catch (thrown) {
        return raised(thrown);
      }
    };
  }
  return (...args: Value[]) => {
    try {
      return call(...args);
    } catch (thrown) {
      return raised(thrown);
    }
  };
}

function raised(thrown: unknown): Value {
  if (!(thrown instanceof Raise)) throw thrown;
  SIGNAL.cell = null;
  SIGNAL.error = thrown.error;
  return SIGNAL;
}
