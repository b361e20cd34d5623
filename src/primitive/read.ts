// Reading texts as data: what `read-string` and `read-all-string` do. Reading never runs code.
import { FlowmetalError } from "../base/errors.ts";
import { List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { Raise } from "../data/meter.ts";
import type { Value } from "../data/value.ts";
import { recordTags } from "../reader/record-tags.ts";
import { readAll, readData, type ReadOptions } from "../reader/sexp.ts";
import { SourceError } from "../source/diagnostic.ts";
import { Source } from "../source/source.ts";
import { chargeText } from "./charge.ts";
import { needString } from "./check.ts";
import { primitive } from "./define.ts";
import { errorOfFailure } from "./failure.ts";
import type { Primitive } from "./primitive.ts";

/** Reading costs the host thirty times what going through a text does. */
const READING = 32;

/** The namespace and its aliases, a map of strings, that `::k` and `::alias/k` mean; the program's record types by type. */
function optionsOf(ns: Value, aliases: Value, types: Value): ReadOptions {
  return {
    ns: needString("read", 2, ns),
    alias: (name) => {
      const full = aliases instanceof PMap ? aliases.get(name, null) : null;
      return typeof full === "string" ? full : null;
    },
    tags: recordTags(() => types),
  };
}

/** Does it; what cannot be read is raised as `:read`, with its code, line, column, and the line itself. */
function reading(fn: string, text: Value, act: (text: string) => Value): Value {
  const given = needString(fn, 1, text);
  chargeText(given.length * READING);
  try {
    return act(given);
  } catch (failure) {
    if (failure instanceof FlowmetalError) throw new Raise(errorOfFailure("read", failure));
    throw failure;
  }
}

function readOne(text: Value, ns: Value, aliases: Value, types: Value): Value {
  return reading("read-string", text, (given) => readData(given, optionsOf(ns, aliases, types)));
}

function readEvery(text: Value, ns: Value, aliases: Value, types: Value): Value {
  return reading("read-all-string", text, (given) => {
    const { forms, errors } = readAll(new Source("<data>", given), optionsOf(ns, aliases, types));
    if (errors.length > 0) throw new SourceError(errors);
    return List.from(forms);
  });
}

export const read: readonly Primitive[] = [primitive("read", 4, 4, readOne), primitive("read-all", 4, 4, readEvery)];
