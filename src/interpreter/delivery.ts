// Hands the inputs of a journal to a machine, one at a time (E-1): the one translation between entries and values.
import { FlowmetalError } from "../base/errors.ts";
import { jsonToValue } from "../data/json.ts";
import { fromTagged } from "../data/tagged.ts";
import { ErrorValue, Keyword, type Value } from "../data/value.ts";
import { PMap } from "../data/map.ts";
import type { AnswerBody, Bodies, CommandBody, CommandName, EntryKind, NewEntry, StartBody } from "../journal/entry.ts";
import { decodeBody, newEntry } from "../journal/codec.ts";
import type { Machine } from "../machine/machine.ts";
import { errorOf } from "../machine/problems.ts";
import { offeredRestarts } from "../machine/restarts.ts";
import type { TaskRef } from "../machine/state.ts";
import { linkHooks } from "../module/image.ts";

/** What became of an input: taken by the machine, or of no use to it. */
export type Delivered = "taken" | "stray" | { readonly refused: string };

/** What a turn records of an input that was of no use; `turn`: the program's turn counter before that turn. */
export function recordOf(delivered: Delivered, { kind, body }: NewEntry, turn: number): NewEntry | null {
  if (delivered === "stray" && kind === "answer") return newEntry("stray", decodeBody("answer", body));
  if (typeof delivered !== "object" || kind !== "command") return null;
  const { id, baseTurn } = decodeBody("command", body);
  return newEntry("refused", { command: id, why: delivered.refused, baseTurn, turn });
}

/** Begins a program as its `start` entry says: the function that loads its source is called with the source's hash. */
export function begin(machine: Machine, id: string, start: StartBody): void {
  const main = machine.findVariable("flow.core/load-source");
  if (main === undefined) throw new Error("bug: the base image has no flow.core/load-source");
  machine.begin(id, start.image, main.value, [start.source]);
  const args = fromTagged(JSON.parse(start.args), linkHooks(machine));
  machine.define(machine.variable("flow.core/*args*"), args, null);
}

/** The ticks a program may run in all, from its `start` entry. */
export function ticksMaxOf(start: StartBody): number | undefined {
  const limits = start.limits === undefined ? {} : (JSON.parse(start.limits) as { steps?: number });
  return limits.steps;
}

/** Delivers one input entry. The machine then has to run until it is idle. */
export function deliver(machine: Machine, kind: EntryKind, body: string): Delivered {
  switch (kind) {
    case "answer":
      return deliverAnswer(machine, decodeBody("answer", body));
    case "timer": {
      const timer: Bodies["timer"] = decodeBody("timer", body);
      return machine.deliverTimer(timer.now) ? "taken" : "stray";
    }
    case "command":
      return deliverCommand(machine, decodeBody("command", body));
    case "stop":
      machine.stop(stopError(decodeBody("stop", body)));
      return "taken";
    case "message":
      return { refused: "this engine has no messages yet" };
    default:
      throw new FlowmetalError("journal/unknown-input", `this engine cannot deliver the entry "${kind}"`, {
        hint: "the program was last run by another version of Flowmetal: run it with that one",
      });
  }
}

function deliverAnswer(machine: Machine, answer: AnswerBody): Delivered {
  const ok = answer.outcome === "ok";
  const value = ok ? jsonToValue(answer.body) : failureValue(answer);
  return machine.deliverAnswer(answer.key, ok ? "fulfilled" : "failed", value) ? "taken" : "stray";
}

/** The error value for an effect that failed: {type, message, data} as plain JSON, or an outcome nobody knows (E-21). */
function failureValue(answer: AnswerBody): ErrorValue {
  if (answer.outcome === "unknown") {
    return errorOf(
      "effect/unknown",
      "nobody can tell whether this effect happened: it was sent once, then its sender died",
      {
        key: answer.key,
      },
    );
  }
  const failure = jsonToValue(answer.body);
  const field = (name: string): Value => (failure instanceof PMap ? failure.get(name, null) : null);
  const type = field("type");
  const message = field("message");
  return new ErrorValue(
    Keyword.of(typeof type === "string" ? type : "effect"),
    typeof message === "string" ? message : "the effect failed",
    field("data"),
  );
}

/** The error at which the host stops a program (S-18, E-8). */
function stopError({ limit, message }: Bodies["stop"]): ErrorValue {
  if (limit === "commit") {
    const hint =
      "change what the program does there: flowmetal resume tries the same again, and it would be refused again";
    return errorOf("commit-refused", message, { hint });
  }
  if (limit === "crash") {
    const hint =
      "flowmetal resume runs it in a process of its own: see there what it does, and how much memory it takes";
    return errorOf("crashed-interpreter", message, { hint });
  }
  if (limit === "memory") {
    const hint = "flowmetal resume runs it in a process of its own, without that limit; serve --memory allows more";
    return errorOf("limit/memory", message, { hint });
  }
  throw new FlowmetalError("journal/unknown-input", `this engine cannot deliver a stop at the limit "${limit}"`, {
    hint: "the program was last run by another version of Flowmetal: run it with that one",
  });
}

function deliverCommand(machine: Machine, command: CommandBody): Delivered {
  switch (command.command) {
    case "cancel":
      machine.cancel();
      return "taken";
    case "pause":
      return "taken";
    case "resume":
      allow(machine, JSON.parse(command.body) as StepsBody);
      return "taken";
    case "restart":
      return restart(machine, JSON.parse(command.body) as RestartBody);
    default:
      return { refused: `this engine cannot ${command.command} a program yet` };
  }
}

/** Whether a program is paused after a command. */
export function isPausedAfter(command: CommandName, before: boolean): boolean {
  if (command === "pause") return true;
  return command === "resume" || command === "cancel" || command === "restart" ? false : before;
}

/** Body of the command `resume`, and part of that of `restart`: the ticks the program may run in all from now on. */
export interface StepsBody {
  readonly steps?: number;
}

function allow(machine: Machine, { steps }: StepsBody): void {
  if (steps !== undefined) machine.state.ticksMax = steps;
}

/** Body of the command `restart`: every faulted task, or one of them, goes on as `how` says. */
export interface RestartBody extends StepsBody {
  /** `invoke`: a restart that the program offers itself. */
  readonly how: "retry" | "use-value" | "invoke";
  readonly task?: number;
  /** Tagged JSON, for `use-value`. */
  readonly value?: unknown;
  /** For `invoke`: its name without the colon, and its arguments as tagged JSON. */
  readonly name?: string;
  readonly args?: readonly unknown[];
}

function restart(machine: Machine, body: RestartBody): Delivered {
  const faulted = [...machine.state.tasks.values()].filter(
    (task) => task.control.kind === "fault" && (body.task === undefined || task.id === body.task),
  );
  if (faulted.length === 0) return { refused: "no task of the program stands at a fault" };
  if (body.how === "invoke") return invoke(machine, faulted, body);
  allow(machine, body);
  for (const task of faulted) {
    if (body.how === "retry") machine.restart(task, { kind: "retry" });
    else machine.restart(task, { kind: "use-value", value: fromTagged(body.value ?? null, linkHooks(machine)) });
  }
  return "taken";
}

const FUNCTION = Keyword.of("function");

/** Invokes a restart that the program offers in each of the tasks; refused unless all of them offer it. */
function invoke(machine: Machine, faulted: readonly TaskRef[], body: RestartBody): Delivered {
  const functions: Value[] = [];
  for (const task of faulted) {
    const offered = offeredRestarts(task);
    const found = offered.find(({ name }) => name === body.name);
    if (found === undefined) {
      const names = offered.map(({ name }) => `:${name}`).join(", ") || "none";
      return { refused: `the program offers no restart :${body.name ?? ""} here; it offers ${names}` };
    }
    functions.push(found.map.get(FUNCTION));
  }
  allow(machine, body);
  const args = (body.args ?? []).map((json) => fromTagged(json, linkHooks(machine)));
  faulted.forEach((task, i) => {
    machine.restart(task, { kind: "call", f: functions[i], args });
  });
  return "taken";
}
