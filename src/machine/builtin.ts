// The machine's own units: frames that are not compiled from any text, named "machine/...@version" in a snapshot.
//
//   machine/bottom@1   under every segment; never written
//   machine/force@1    [lazy, primitive or nil, arguments]: given what a thunk answered, realises the lazy cell, then runs the
//                      primitive again (nil: answers the sequence)
//   machine/search@1   [error, index, retry]: given what a catch filter answered, unwinds to it or asks the next (S-22)
//   machine/raise@1    [error, scope or nil, retry]: raises the error here; with a scope, for handlers outside of it (throw.ts)
//   machine/leave@1    [completion, scope or nil]: given that the scope has no more tasks, goes on unwinding (tasks.ts)
//   machine/end@1      [value]: given that a scope of this task has no more tasks, ends the task with the value (tasks.ts)
//   machine/bound@1    []: pops the binding below it and passes the value on (inherit.ts)
//
// What they do is set by machine.ts; this file only names them, so that frames and snapshots can.
import type { Code } from "../code/code.ts";
import { Block } from "../code/code.ts";
import { Frame } from "./state.ts";
import { type Decoded, Unit } from "./unit.ts";

const noLinker = {
  decoded: () => refuse(),
  findUnit: () => refuse(),
  variable: () => refuse(),
};

function refuse(): never {
  throw new Error("bug: a unit of the machine has nothing to link");
}

function builtin(name: string, slots: readonly string[]): Unit {
  const code: Code = {
    v: 1,
    arities: [],
    captures: 0,
    slots: slots.length + 1,
    self: -1,
    consts: [],
    globals: [],
    units: [],
    blocks: [[Block.RESUME, slots.map((_, i) => i), slots.length, [], ["return", slots.length]]],
  };
  const decoded: Decoded = {
    hash: name,
    codeHash: name,
    code,
    debug: {
      name,
      params: [],
      file: "machine",
      hash: "",
      span: [0, 0],
      slots: [...slots, null],
      captures: [],
      blocks: [0],
      units: [],
    },
    consts: [],
    primitives: new Map(),
    warmth: { ticks: 0, generated: null },
  };
  return new Unit(decoded, noLinker, refuse, true);
}

const bottomUnit = builtin("machine/bottom@1", []);

/** Under every segment. Its `next` is itself and is never followed. */
export const BOTTOM: Frame = new Frame(
  bottomUnit,
  0,
  null as unknown as Frame,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
);

export const FORCE = builtin("machine/force@1", ["lazy", "primitive", "arguments"]);
export const SEARCH = builtin("machine/search@1", ["error", "index", "retry"]);
export const RAISE = builtin("machine/raise@1", ["error", "scope", "retry"]);
export const LEAVE = builtin("machine/leave@1", ["completion", "scope"]);
export const END = builtin("machine/end@1", ["value"]);
export const BOUND = builtin("machine/bound@1", []);

/** The units of the machine that can stand in a snapshot, by name. */
export const builtinUnits: ReadonlyMap<string, Unit> = new Map(
  [FORCE, SEARCH, RAISE, LEAVE, END, BOUND].map((unit) => [unit.hash, unit] as const),
);
