// Numbers as text, so that the reader gets the same number back.
import { Float, Ratio, type Value } from "./value.ts";

/**
 * A double in ECMAScript's shortest form, with `.0` where it would look like an integer: `1.0`, `-0.0`, `1e+300`. NaN and the
 * infinities under the names JavaScript gives them.
 */
export function floatText(x: number): string {
  if (Object.is(x, -0)) return "-0.0";
  const text = String(x);
  return Number.isInteger(x) && !text.includes("e") ? `${text}.0` : text;
}

/** A number as it is read: `12`, `1/3`, `2.0`, `##NaN`. The argument must be a number. */
export function numberText(v: Value): string {
  if (v instanceof Float) return floatText(v.value);
  if (v instanceof Ratio) return `${v.num}/${v.den}`;
  if (typeof v !== "number" || Number.isFinite(v)) return String(v);
  return Number.isNaN(v) ? "##NaN" : v > 0 ? "##Inf" : "##-Inf";
}
