// What the operations of the machine are made of: what they need of it, and how they raise and observe.
import { Raise } from "../data/meter.ts";
import type { Cell, EventRef, Value, Var } from "../data/value.ts";
import { describe } from "../primitive/describe.ts";
import type { EffectRequest, Host } from "./host.ts";
import { errorOf } from "./problems.ts";
import type { Control } from "./state.ts";
import type { Tasker } from "./tasks.ts";
import type { Linker } from "./unit.ts";
import type { Unwinder } from "./unwind.ts";

/** What operations need of the machine. */
export interface Operator extends Tasker, Linker {
  readonly host: Host;
  define(variable: Var, value: Value, meta: Value): void;
  findVariable(name: string): Var | undefined;
  names(ns: string): string[];
  readVariable(variable: Var): number;
  bindingOf(variable: Var): Cell | null;
  print(text: string): void;
  settle(event: EventRef, outcome: "fulfilled" | "failed", value: Value): boolean;
  addTimer(event: EventRef, due: number): void;
  requestEffect(kind: string, topic: string, payload: string, contract: EffectRequest["contract"]): EventRef;
}

/** Does it, with a frame for the answer on top of the stack; answers what evaluators answer. */
export type Operation = (m: Operator, args: Value[]) => number;

/** Raises a type error: `print takes a string, but got 5, an integer`. */
export function wrong(m: Unwinder, operation: string, takes: string, value: Value): number {
  const error = errorOf("type", `${operation} takes ${takes}, but got ${describe(value)}`, { value });
  return m.raise(error, { kind: "throw", error });
}

/** Asks the host; what it raises is raised in the program. `retry`: what to do when the error stops it and it is let try again. */
export function observe(m: Operator, kind: string, args: Value[], retry: Control | null = null): number {
  return answered(m, () => m.host.observe(kind, args, m), retry);
}

/** Answers what is asked for, or raises what that raises. */
export function answered(m: Operator, ask: () => Value, retry: Control | null = null): number {
  let value: Value;
  try {
    value = ask();
  } catch (thrown) {
    if (!(thrown instanceof Raise)) throw thrown;
    return m.raise(thrown.error, retry ?? { kind: "throw", error: thrown.error });
  }
  return m.ret(value);
}
