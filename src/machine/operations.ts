// The operations the machine itself answers when no handler takes them: what `perform` can ask of the host.
//
//   flow.core/print TEXT                 append to the program's output
//   flow.core/await EVENT                wait; a task is awaited by its event; any other value is its own answer
//   flow.core/event                      a new pending event
//   flow.core/fulfil EVENT VALUE         true if it was pending;  flow.core/fail EVENT ERROR  the same
//   flow.core/set-var VAR VALUE          give a global its value;  flow.core/set-binding VAR VALUE   change its innermost binding
//   flow.core/set-current VAR VALUE      change its innermost binding, or where there is none the global
//   flow.core/spawn FN                   a new task calling FN with no arguments, in the nearest scope; the rest of flow.task is
//                                        in task-operations.ts
//   flow.core/effect KIND TOPIC PAYLOAD CONTRACT   request an effect; answers its event
//   flow.core/call-cc FN                 call FN with the full continuation
//   flow.core/control TAG FN             capture up to the nearest prompt with TAG, call FN with it there
//   flow.core/resume K VALUE             give VALUE to a continuation
//   flow.core/use-value VALUE            inside of a handler: the place of the throw goes on with VALUE
//   flow.core/compile HASH OFFSET        observation (S-2)
//   flow.core/entropy COUNT              observation: bytes
//   flow.core/random COUNT               bytes of the program's own generator (random.ts)
//   flow.core/program-id                 the id of this program
//   flow.time/now                        observation: an instant
//   flow.time/timer MS                   an event fulfilled MS milliseconds from now
// Those that compile and look at the program are in compiling.ts, reflection.ts and continuation-data.ts.
import { meter } from "../data/meter.ts";
import { FlowmetalError } from "../base/errors.ts";
import { EFFECTS_MAX, INSTANT_MAX } from "../base/limits.ts";
import { valueToJson } from "../data/json.ts";
import { equals } from "../data/equality.ts";
import { Bytes, type Cell, Duration, EventRef, Instant, Keyword, type Value, Var } from "../data/value.ts";
import { describe } from "../primitive/describe.ts";
import { errorOf, tooMany } from "./problems.ts";
import { BOTTOM } from "./builtin.ts";
import type { EffectRequest } from "./host.ts";
import { continuations } from "./continuation-data.ts";
import { answered, observe, type Operation, type Operator, wrong } from "./operator.ts";
import { compiling } from "./compiling.ts";
import { reflection } from "./reflection.ts";
import { Continuation, TaskRef } from "./state.ts";
import { drawBytes } from "./random.ts";
import { refuseSelf, taskOperations } from "./task-operations.ts";
import { spawn, wait } from "./tasks.ts";
import { useValue } from "./throw.ts";
import { captureFull, captureTo, resume } from "./unwind.ts";

/** Bytes one draw may ask for. */
const RANDOM_MAX = 65_536;

const all: readonly (readonly [string, Operation])[] = [
  ["flow.core/print", print],
  ["flow.core/await", (m, [event]) => awaitValue(m, event)],
  ["flow.core/event", (m) => m.ret(new EventRef(meter.nextRef++))],
  ["flow.core/fulfil", (m, [event, value]) => settle(m, event, "fulfilled", value)],
  ["flow.core/fail", (m, [event, error]) => settle(m, event, "failed", error)],
  ["flow.core/set-var", setVar],
  ["flow.core/set-binding", setBinding],
  ["flow.core/set-current", setCurrent],
  ["flow.core/spawn", (m, [f]) => spawn(m, f)],
  ["flow.core/effect", effect],
  ["flow.core/call-cc", callWithContinuation],
  ["flow.core/control", control],
  ["flow.core/resume", resumeValue],
  ["flow.core/use-value", (m, [value]) => useValue(m, value ?? null)],
  ["flow.core/entropy", (m, args) => observe(m, "entropy", args)],
  ["flow.core/random", (m, [count]) => random(m, count ?? null)],
  ["flow.core/program-id", (m) => m.ret(m.state.id)],
  ["flow.time/now", (m) => withNow(m, (now) => m.ret(new Instant(now)))],
  ["flow.time/timer", timer],
  ...compiling,
  ...reflection,
  ...continuations,
  ...taskOperations,
];

/** By namespace, then name. A frame for the answer is on top of the stack. */
export const operations: ReadonlyMap<string, ReadonlyMap<string, Operation>> = byNamespace();

function byNamespace(): Map<string, Map<string, Operation>> {
  const tables = new Map<string, Map<string, Operation>>();
  for (const [name, operation] of all) {
    const [namespace, short] = name.split("/");
    const table = tables.get(namespace) ?? new Map<string, Operation>();
    tables.set(namespace, table.set(short, operation));
  }
  return tables;
}

function print(m: Operator, [text]: Value[]): number {
  if (typeof text !== "string") return wrong(m, "print", "a string", text);
  m.print(text);
  return m.ret(null);
}

function awaitValue(m: Operator, event: Value): number {
  if (event === m.task) return refuseSelf(m);
  if (event instanceof TaskRef) return wait(m, { kind: "await", event: event.event });
  return event instanceof EventRef ? wait(m, { kind: "await", event }) : m.ret(event);
}

function settle(m: Operator, event: Value, outcome: "fulfilled" | "failed", value: Value): number {
  if (!(event instanceof EventRef)) return wrong(m, "fulfil", "an event", event);
  return m.ret(m.settle(event, outcome, value));
}

function setVar(m: Operator, [variable, value]: Value[]): number {
  if (!(variable instanceof Var)) return wrong(m, "set-var", "a var", variable);
  m.define(variable, value, variable.meta);
  return m.ret(value);
}

function setBinding(m: Operator, [variable, value]: Value[]): number {
  if (!(variable instanceof Var)) return wrong(m, "set!", "a var", variable);
  const cell = m.bindingOf(variable);
  if (cell === null) {
    const error = errorOf("binding", `${variable.name} is not bound here: set! changes a binding, not the global`, {});
    return m.raise(error, { kind: "throw", error });
  }
  return m.ret(assign(cell, value));
}

/** Gives a cell a value; a macro's doing is noted, to be put back (S-2). */
function assign(cell: Cell, value: Value): Value {
  const { value: old } = cell;
  meter.undo?.push(() => {
    cell.value = old;
  });
  cell.value = value;
  return value;
}

function setCurrent(m: Operator, [variable, value]: Value[]): number {
  if (!(variable instanceof Var)) return wrong(m, "set-current", "a var", variable);
  const cell = m.bindingOf(variable);
  if (cell === null) m.define(variable, value, variable.meta);
  else assign(cell, value);
  return m.ret(value);
}

function effect(m: Operator, [kind, topic, payload, contract]: Value[]): number {
  if (typeof kind !== "string") return wrong(m, "effect", "a kind (a string)", kind);
  const chosen = CONTRACTS.get(contract ?? null);
  if (chosen === undefined) return wrong(m, "effect", "the contract :at-least-once or :at-most-once", contract);
  const name = typeof topic === "string" ? topic : "";
  if (m.state.open.size >= EFFECTS_MAX) {
    const error = tooMany("effects that are not answered", EFFECTS_MAX);
    return m.raise(error, { kind: "throw", error });
  }
  let text: string;
  try {
    text = valueToJson(payload ?? null);
  } catch (thrown) {
    if (!(thrown instanceof FlowmetalError)) throw thrown;
    const error = errorOf(thrown.code === "value/too-large" ? "limit" : "effect/payload", thrown.message, { kind });
    return m.raise(error, { kind: "throw", error });
  }
  return m.ret(m.requestEffect(kind, name, text, chosen));
}

const CONTRACTS: ReadonlyMap<Value, EffectRequest["contract"]> = new Map<Value, EffectRequest["contract"]>([
  [null, "at-least-once"],
  [Keyword.of("at-least-once"), "at-least-once"],
  [Keyword.of("at-most-once"), "at-most-once"],
]);

function callWithContinuation(m: Operator, [f]: Value[]): number {
  m.a0 = captureFull(m);
  return m.enter(f, 1);
}

function control(m: Operator, [tag, f]: Value[]): number {
  for (let segment = m.segment; segment !== null; segment = segment.next) {
    if (segment.prompt.type !== "prompt" || equals(segment.prompt.data[0], tag) !== true) continue;
    m.a0 = captureTo(m, segment, "without-prompt");
    m.setSegment(BOTTOM, null, segment);
    return m.enter(f, 1);
  }
  const error = errorOf("continuation/no-prompt", `no prompt ${describe(tag)} is around this control`, { tag });
  return m.raise(error, { kind: "throw", error });
}

function resumeValue(m: Operator, [k, value]: Value[]): number {
  return k instanceof Continuation ? resume(m, k, value ?? null) : wrong(m, "resume", "a continuation", k);
}

function random(m: Operator, count: Value): number {
  if (typeof count !== "number" || !Number.isInteger(count) || count < 0 || count > RANDOM_MAX) {
    return wrong(m, "random", `a count of bytes from 0 to ${RANDOM_MAX}`, count);
  }
  return answered(m, () => new Bytes(drawBytes(m, count)));
}

function withNow(m: Operator, go: (now: number) => number): number {
  const seen = m.host.observe("now", [], m) as number;
  m.state.now = Math.max(m.state.now, seen);
  return go(m.state.now);
}

function timer(m: Operator, [length]: Value[]): number {
  const ms = length instanceof Duration ? length.ms : length;
  if (typeof ms !== "number" || Number.isNaN(ms)) return wrong(m, "timer", "a duration or milliseconds", length);
  return withNow(m, (now) => {
    const event = new EventRef(meter.nextRef++);
    m.addTimer(event, Math.min(now + Math.max(0, Math.ceil(ms)), INSTANT_MAX));
    return m.ret(event);
  });
}
