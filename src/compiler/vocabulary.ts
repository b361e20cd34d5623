// The words the compiler takes for granted: primitives by name, functions of flow.core, constants as tagged JSON.
import type { Json } from "../base/canonical-json.ts";
import { toTagged } from "../data/tagged.ts";
import type { Value } from "../data/value.ts";
import type { Primitive } from "../primitive/primitive.ts";
import { findPrimitive } from "../primitive/registry.ts";

/** The namespace every other one sees without asking. */
export const CORE = "flow.core";

/** How code names a primitive (S-10). */
export function primitiveName(primitive: Primitive): string {
  return `${primitive.name}@${primitive.version}`;
}

/** A primitive that code cannot do without. */
export function requiredPrimitive(name: string): Primitive {
  const primitive = findPrimitive(name);
  if (primitive === undefined) throw new Error(`the compiler needs a primitive ${name}`);
  return primitive;
}

/** The primitive of this name if it takes so many arguments. */
export function primitiveFor(name: string, count: number): Primitive | undefined {
  const primitive = findPrimitive(name);
  return primitive !== undefined && takes(primitive, count) ? primitive : undefined;
}

/** True when the primitive can be called with so many arguments. */
export function takes(primitive: Primitive, count: number): boolean {
  return count >= primitive.min && (primitive.max < 0 || count <= primitive.max);
}

/** A constant as code holds it. */
export function encodeConstant(value: Value): Json {
  return toTagged(value);
}
