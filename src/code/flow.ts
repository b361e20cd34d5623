// Validation, second part: whatever path is taken, slots are written before they are read, what a frame must restore is
// in its live list, and markers and prompts are left in the order they were entered. So an evaluator can trust all three.
import { Block, type Code, type CodeBlock, type Operand } from "./code.ts";
import { eachRead, eachWritten, isCapture, slotOf } from "./grammar.ts";
import { fail } from "./checks.ts";

// What is known of a slot: 0 nothing was written; 1 a frame may hold it, but perhaps as `cleared` (S-16); 2 it can be read.
const STORABLE = 1;
const READABLE = 2;

/** What encloses a block within its activation: the blocks that pushed the markers and prompts, innermost first. */
interface Nesting {
  readonly block: number;
  readonly prompt: boolean;
  readonly outer: Nesting | null;
}

/** What holds when a block is entered. */
interface State {
  readonly slots: Uint8Array;
  readonly nesting: Nesting | null;
}

/** Slots looked at, all in all: some tenths of a second. Code as compilers make it needs a thousandth of this. */
const WORK_MAX = 400_000_000;

/** Checks every reachable block; throws Malformed. Unreachable blocks are refused. */
export function checkFlow(code: Code): void {
  const states: (State | undefined)[] = new Array(code.blocks.length);
  const queue: number[] = [];
  for (const [params, rest, block] of code.arities) {
    const slots = new Uint8Array(code.slots);
    slots.fill(READABLE, 0, params + rest);
    if (code.self >= 0) slots[code.self] = READABLE;
    states[block] = { slots, nesting: null };
    queue.push(block);
  }
  let work = 0;
  while (queue.length > 0) {
    work += code.slots + 16;
    if (work > WORK_MAX || states.length * code.slots > WORK_MAX) fail("blocks", "and slots are too many to check");
    const index = queue.pop()!;
    for (const [target, state] of leave(code, index, states[index]!)) {
      const merged = merge(states[target], state, target);
      if (merged === states[target]) continue;
      states[target] = merged;
      queue.push(target);
    }
  }
  const unreached = code.blocks.findIndex((_, i) => states[i] === undefined);
  if (unreached >= 0) fail(`blocks[${unreached}]`, "is never reached");
}

/** Runs a block on what is known, and says what its successors can count on. */
function leave(code: Code, index: number, state: State): [number, State][] {
  const [, , result, ops, end] = code.blocks[index];
  const slots = state.slots.slice();
  const read = (operand: Operand): void => {
    if (
      typeof operand === "number" ? slots[operand] !== READABLE : isCapture(operand) && slots[code.self] !== READABLE
    ) {
      fail(
        `blocks[${index}]`,
        `reads ${typeof operand === "number" ? `slot ${operand}` : operand}, which may not have been written`,
      );
    }
  };
  const write = (slot: number): void => {
    if (slot === code.self) fail(`blocks[${index}]`, "writes over the closure itself");
    slots[slot] = READABLE;
  };
  if (result >= 0) write(result);
  for (const op of ops) {
    eachRead(op, read);
    if (op[0] === "sibling" && slots[code.self] !== READABLE) fail(`blocks[${index}]`, "reads a sibling without self");
    eachWritten(op, write);
  }
  eachRead(end, read);
  eachWritten(end, write);
  return successorStates(code, index, { slots, nesting: state.nesting });
}

function successorStates(code: Code, index: number, state: State): [number, State][] {
  const { blocks } = code;
  const end = blocks[index][4];
  const enter = (target: number, nesting: Nesting | null): [number, State] => [
    target,
    { slots: entered(blocks[target], target, state.slots), nesting },
  ];
  switch (end[0]) {
    case "return":
    case "tail":
    case "tailapply":
      if (state.nesting !== null && !state.nesting.prompt)
        fail(`blocks[${index}].end`, "leaves the function inside a marker");
      return [];
    case "exit":
      return [];
    case "jump":
      return [enter(end[1], state.nesting)];
    case "if":
      return [enter(end[2], state.nesting), enter(end[3], state.nesting)];
    case "push": {
      const inside = enter(end[5], { block: index, prompt: false, outer: state.nesting });
      return end[4] < 0 ? [inside] : [inside, enter(end[4], state.nesting)];
    }
    case "pop":
      if (state.nesting === null || state.nesting.prompt)
        fail(`blocks[${index}].end`, "pops a marker where there is none");
      return [enter(end[1], state.nesting.outer)];
    case "prompt": {
      const body = enter(end[3], { block: index, prompt: true, outer: state.nesting });
      return [body, enter(end[4], state.nesting)];
    }
    case "endfinally":
      return [enter(end[2], state.nesting)];
    case "prim":
    case "call":
    case "apply":
    case "perform":
      return [enter(end[3], state.nesting)];
    case "global":
    case "var":
    case "throw":
      return [enter(end[2], state.nesting)];
    case "def":
      return [enter(end[4], state.nesting)];
  }
}

/** The slots known behind the entrance of a block: all of them in place, or only what its frame restores. */
function entered(block: CodeBlock, index: number, slots: Uint8Array): Uint8Array {
  if (block[0] === Block.PLAIN) return slots;
  const restored = new Uint8Array(slots.length);
  for (const element of block[1]) {
    const slot = slotOf(element);
    const known = element < 0 ? STORABLE : READABLE;
    if (slots[slot] < known) fail(`blocks[${index}].live`, `holds slot ${slot}, which may not have been written`);
    restored[slot] = known;
  }
  return restored;
}

/** What holds on both paths; `before` itself when nothing became less known. */
function merge(before: State | undefined, after: State, block: number): State {
  if (before === undefined) return after;
  if (!sameNesting(before.nesting, after.nesting)) fail(`blocks[${block}]`, "is reached inside different markers");
  let merged: Uint8Array | null = null;
  for (let i = 0; i < after.slots.length; i++) {
    if (after.slots[i] >= before.slots[i]) continue;
    merged ??= before.slots.slice();
    merged[i] = after.slots[i];
  }
  return merged === null ? before : { slots: merged, nesting: before.nesting };
}

function sameNesting(a: Nesting | null, b: Nesting | null): boolean {
  let left = a;
  let right = b;
  while (left !== right) {
    if (left === null || right === null || left.block !== right.block) return false;
    left = left.outer;
    right = right.outer;
  }
  return true;
}
