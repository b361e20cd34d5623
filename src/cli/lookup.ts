// Finds the names of the language that a person asks for, as `flowmetal doc` and `flowmetal source` do.
import { FlowmetalError } from "../base/errors.ts";
import { closest } from "../base/suggest.ts";
import { insteadOf } from "../compiler/absent.ts";
import type { Entry, Reference } from "../module/reference.ts";

/**
 * What a name means: a special form, a namespace, a global by its whole name, or else what is called so in any namespace,
 * flow.core first. Empty if there is nothing.
 */
export function entriesNamed(reference: Reference, name: string): Entry[] {
  const special = reference.specialForms().find((one) => one.name === name.replace(/^flow\.core\//, ""));
  if (special !== undefined) return [special];
  const exact = reference.entry(name);
  if (exact !== null) return [exact];
  const namespaces = reference.namespaces();
  const namespace = namespaces.find((one) => one.name === name);
  if (namespace !== undefined) return [namespace];
  return namespaces.flatMap((one) => reference.entry(`${one.name}/${name}`) ?? []);
}

/** The refusal of a name that means nothing: what it is instead, or the nearest one. */
export function unknownName(reference: Reference, name: string): FlowmetalError {
  return new FlowmetalError("cli/unknown-name", `there is nothing called ${name}`, {
    hint: insteadOf(name) ?? nearest(reference, name) ?? `flowmetal apropos ${name} looks into the descriptions, too.`,
  });
}

function nearest(reference: Reference, name: string): string | null {
  const namespaces = reference.namespaces().map((one) => one.name);
  const qualified = namespaces.flatMap((ns) => reference.names(ns));
  const short = qualified.map((one) => one.slice(one.indexOf("/") + 1));
  const forms = reference.specialForms().map((one) => one.name);
  const near = closest(name, [...forms, ...short, ...namespaces, ...qualified]);
  return near === null ? null : `Did you mean ${near}?`;
}
