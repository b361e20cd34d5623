// Runs macros while a form is compiled: ordinary code on a machine of its own, whose changes are thrown away (S-2).
//
// The macro sees the program's present globals and cells. It may not perform operations of the host, so that what it answers is
// a function of texts and state alone. Whatever it changes (vars, cells, lazy sequences it realises) is put back afterwards.
import { meter, Raise } from "../data/meter.ts";
import { type Cell, ErrorValue, type Value, type Var } from "../data/value.ts";
import type { Host } from "../machine/host.ts";
import { Machine } from "../machine/machine.ts";
import { errorOf } from "../machine/problems.ts";
import type { Unit } from "../machine/unit.ts";

/** Ticks one expansion may take. */
export const EXPANSION_TICKS_MAX = 20_000_000;

/** Operations a macro may use: they only move control, or look at the program. */
const ALLOWED = new Set([
  "flow.core/call-cc",
  "flow.core/control",
  "flow.core/resume",
  "flow.core/use-value",
  "flow.core/set-binding",
  "flow.core/find-var",
  "flow.core/names",
  "flow.core/get-var",
  "flow.core/get-root",
  "flow.core/is-bound",
  "flow.core/function-data",
]);

const noHost: Host = {
  observe(kind) {
    throw new Raise(refusal(kind));
  },
};

function refusal(operation: string): ErrorValue {
  return errorOf("macro/perform", `a macro cannot perform ${operation}: it runs while the program is compiled`);
}

class MacroMachine extends Machine {
  constructor(private readonly program: Machine) {
    super(program.library, noHost);
  }

  override findUnit(hash: string): Unit {
    return this.program.findUnit(hash);
  }

  override variable(name: string): Var {
    return this.program.variable(name);
  }

  override findVariable(name: string): Var | undefined {
    return this.program.findVariable(name);
  }

  /** Bindings of the program around the form count, as its globals do. */
  override bindingOf(variable: Var): Cell | null {
    return super.bindingOf(variable) ?? this.program.bindingOf(variable);
  }

  override names(ns: string): string[] {
    return this.program.names(ns);
  }

  override define(variable: Var, value: Value, meta: Value): void {
    const { value: oldValue, meta: oldMeta, dynamic, own } = variable;
    meter.undo?.push(() => Object.assign(variable, { value: oldValue, meta: oldMeta, dynamic, own }));
    super.define(variable, value, meta);
  }

  override perform(operation: Value, args: Value[]): number {
    const name = (operation as { text?: string }).text ?? "";
    if (this.segment !== null || ALLOWED.has(name)) return super.perform(operation, args);
    const error = refusal(name);
    return this.raise(error, { kind: "throw", error });
  }
}

/** What a macro answered, or the error it ended with. */
export type Expansion =
  | { readonly ok: true; readonly form: Value }
  | { readonly ok: false; readonly error: ErrorValue };

/**
 * Calls a macro's function with the arguments [form, environment, operands...]. `gensyms` counts the symbols made for the
 * top-level form at hand, so that their numbers depend on it alone (S-2).
 */
export function runMacro(
  program: Machine,
  macro: Value,
  args: readonly Value[],
  gensyms: { count: number } | null,
): Expansion {
  const machine = new MacroMachine(program);
  machine.begin(program.state.id, program.state.image, macro, args);
  machine.state.nextRef = meter.nextRef;
  const { undo: outer, gensyms: outerGensyms } = meter;
  const undo: (() => void)[] = [];
  meter.undo = undo;
  meter.gensyms = gensyms;
  try {
    const result = machine.run(EXPANSION_TICKS_MAX);
    const { control } = machine.state.main;
    if (control.kind === "done") return { ok: true, form: control.value };
    if (control.kind === "fault") return { ok: false, error: asError(control.error) };
    const why = result === "cut" ? `ran for more than ${EXPANSION_TICKS_MAX} steps` : "waits for something";
    return { ok: false, error: errorOf("macro/endless", `the macro ${why}`) };
  } finally {
    meter.undo = outer;
    meter.gensyms = outerGensyms;
    for (const putBack of undo.reverse()) putBack();
  }
}

function asError(value: Value): ErrorValue {
  return value instanceof ErrorValue
    ? value
    : errorOf("macro/thrown", "the macro threw a value that is no error", { value });
}
