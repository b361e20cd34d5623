// What the loader of the prelude asks about names: specs as data, near names, what is compiled in place.
import { closest } from "../base/suggest.ts";
import { raise } from "../data/errors.ts";
import type { Value } from "../data/value.ts";
import { chargeElements } from "./charge.ts";
import { needString, needVector } from "./check.ts";
import { primitive } from "./define.ts";
import { inlineOf } from "./inline.ts";
import type { Primitive } from "./primitive.ts";
import { dataMap } from "./raise.ts";
import { Misfit, namesOf, namesValue, requirementOf, requirementValue } from "./requirement.ts";

function refuse({ message, hint }: Misfit, spec: Value): never {
  return raise("module/bad-spec", message, dataMap({ hint, spec }));
}

/** A spec of `require` as the map that the loader takes. */
function requirement(spec: Value, at: Value, reload: Value): Value {
  const wanted = requirementOf(spec);
  if (wanted instanceof Misfit) return refuse(wanted, spec);
  return requirementValue(wanted, typeof at === "string" ? at : null, reload === true);
}

/** The options of `refer`, a vector, as a map. */
function filter(options: Value): Value {
  const names = namesOf(needVector("refer", 2, options).toArray(), options);
  return names instanceof Misfit ? refuse(names, options) : namesValue(names);
}

/** The nearest of a vector of names, or nil. Charges as for touching each of them sixteen times. */
function nearest(name: Value, names: Value): Value {
  const known = needVector("closest", 2, names).toArray();
  chargeElements(known.length * 16);
  return closest(
    needString("closest", 1, name),
    known.filter((one) => typeof one === "string"),
  );
}

export const namespace: readonly Primitive[] = [
  primitive("requirement", 3, 3, requirement),
  primitive("refer-filter", 1, 1, filter),
  primitive("closest", 2, 2, nearest),
  primitive("inlined?", 1, 1, (name) => inlineOf(needString("inlined?", 1, name)) !== undefined, { test: true }),
];
