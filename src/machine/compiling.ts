// Operations that make code of a text or a form: compiling, loading, expanding. All are observations.
//
//   flow.core/compile SOURCE OFFSET      [function of the next top-level form, offset behind it], or nil at the end (S-2)
//   flow.core/compile-form FORM          the function of no arguments that a form is compiled to
//   flow.core/expand FORM HOW            the form with its macros expanded: "once", "head" or "all"
//   flow.core/modules NAME AT            [name, source, file name] of the module in a file, and of those its ns form requires that
//                                        the program has not come to; AT: where it is required, or nil
//   flow.core/source TEXT                the source made of a text
//   flow.core/text FUNCTION              the text a function was compiled from, or nil
//
// Compiling costs the host time that no tick counts, so what a program compiles by itself is charged here: ticks that say about
// how long it takes, and the same in a replay, which compiles nothing.
import { isCompound, partsOf } from "../data/parts.ts";
import { Closure, Kind, Obj, type Value } from "../data/value.ts";
import { chargeTicks } from "../primitive/charge.ts";
import { observe, type Operation, type Operator, wrong } from "./operator.ts";
import { errorOf } from "./problems.ts";

/** Ticks for a text or form that is compiled, for each part of it, and for each character of a text. */
const COMPILE_TICKS = 2_000;
const PART_TICKS = 100;
const CHARACTER_TICKS = 10;
/** Parts a form may have that a program compiles. */
const PARTS_MAX = 1_000_000;

export const compiling: readonly (readonly [string, Operation])[] = [
  ["flow.core/compile", compile],
  ["flow.core/compile-form", compileForm],
  ["flow.core/expand", expand],
  ["flow.core/modules", modules],
  ["flow.core/source", source],
  ["flow.core/text", text],
];

function compileForm(m: Operator, args: Value[]): number {
  return chargeForm(args[0]) === null ? refuseSize(m) : observe(m, "compile-form", args);
}

function compile(m: Operator, args: Value[]): number {
  const [, offset] = args;
  const isOffset = typeof offset === "number" && Number.isSafeInteger(offset) && offset >= 0;
  return isOffset ? observe(m, "compile", args) : wrong(m, "compile", "an offset in a text", offset);
}

function expand(m: Operator, args: Value[]): number {
  const [, how] = args;
  if (how !== "once" && how !== "head" && how !== "all") return wrong(m, "expand", "once, head or all", how);
  return chargeForm(args[0]) === null ? refuseSize(m) : observe(m, "expand", args);
}

/** Charges for a form by the number of its parts; null when they are more than any compiler is given. */
function chargeForm(form: Value): number | null {
  let parts = 0;
  const open: Value[] = [form];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (++parts > PARTS_MAX) return null;
    if (part instanceof Obj && part.kind !== Kind.Range && isCompound(part)) open.push(...(partsOf(part) ?? []));
  }
  chargeTicks(COMPILE_TICKS + PART_TICKS * parts);
  return parts;
}

function refuseSize(m: Operator): number {
  const error = errorOf("limit", `a form of more than ${PARTS_MAX} parts cannot be compiled`, {
    hint: "quote what is data, or give it to the form as an argument",
  });
  return m.raise(error, { kind: "throw", error });
}

/** Looked for once more when the program goes on after the error: the file may be there then. */
function modules(m: Operator, args: Value[]): number {
  if (typeof args[0] !== "string") return wrong(m, "require", "the name of a module", args[0]);
  const again = m.findVariable("flow.core/find-modules")?.value;
  chargeTicks(COMPILE_TICKS);
  return observe(m, "modules", args, again instanceof Closure ? { kind: "call", f: again, args } : null);
}

function source(m: Operator, args: Value[]): number {
  const [given] = args;
  if (typeof given !== "string") return wrong(m, "load-string", "a string", given);
  chargeTicks(COMPILE_TICKS + CHARACTER_TICKS * given.length);
  return observe(m, "source", args);
}

function text(m: Operator, args: Value[]): number {
  return args[0] instanceof Closure ? observe(m, "text", args) : m.ret(null);
}
