// Code with its operands as numbers, which the direct evaluator reads: the same blocks, decoded once per unit.
//
//   n >= 0            slot n;  n >= GLOBAL: the value of global n - GLOBAL (head of a call)
//   n < 0, even       constant (-n - 2) / 2
//   n < 0, odd        capture (-n - 1) / 2
import type { Code, CodeBlock, End, MarkerKind, Op, Operand, PromptKind } from "../code/code.ts";
import type { Decoded } from "./unit.ts";

export const GLOBAL = 1_000_000;

type N = number;
export type ExecOp =
  | readonly ["move", N, N]
  | readonly ["closure", N, N, readonly N[]]
  | readonly ["group", readonly N[], readonly N[], readonly N[]]
  | readonly ["sibling", N, N]
  | readonly ["pure", N, string, readonly N[]];
type Ns = readonly number[];
export type ExecEnd =
  | readonly ["return", N]
  | readonly ["jump", N]
  | readonly ["if", N, N, N]
  | readonly ["prim", string, Ns, N]
  | readonly ["call", N, Ns, N]
  | readonly ["tail", N, Ns]
  | readonly ["apply", N, N, N]
  | readonly ["tailapply", N, N]
  | readonly ["global", N, N]
  | readonly ["var", N, N]
  | readonly ["def", N, N | null, N, N]
  | readonly ["perform", N, Ns, N]
  | readonly ["throw", N, N]
  | readonly ["push", MarkerKind, N, Ns, N, N]
  | readonly ["pop", N]
  | readonly ["prompt", PromptKind, Ns, N, N]
  | readonly ["exit", N, N]
  | readonly ["endfinally", N, N];

export interface ExecBlock {
  readonly kind: number;
  readonly live: readonly number[];
  readonly result: number;
  readonly ops: readonly ExecOp[];
  /** The same end, operands as numbers. */
  readonly end: ExecEnd;
}

const cache = new WeakMap<Decoded, readonly ExecBlock[]>();

export function execBlocks(decoded: Decoded): readonly ExecBlock[] {
  let blocks = cache.get(decoded);
  if (blocks === undefined) {
    blocks = exec(decoded.code);
    cache.set(decoded, blocks);
  }
  return blocks;
}

function exec(code: Code): readonly ExecBlock[] {
  return code.blocks.map(([kind, live, result, ops, end]: CodeBlock) => ({
    kind,
    live,
    result,
    ops: ops.map(execOp),
    end: execEnd(end),
  }));
}

export function operandNumber(x: Operand): number {
  if (typeof x === "number") return x;
  const index = Number(x.slice(1));
  if (x[0] === "k") return -2 - 2 * index;
  return x[0] === "c" ? -1 - 2 * index : GLOBAL + index;
}

const all = (xs: readonly Operand[]): readonly number[] => xs.map(operandNumber);

function execOp(op: Op): ExecOp {
  switch (op[0]) {
    case "move":
      return ["move", op[1], operandNumber(op[2])];
    case "closure":
      return ["closure", op[1], op[2], all(op[3])];
    case "group":
      return ["group", op[1], op[2], all(op[3])];
    case "sibling":
      return op;
    case "pure":
      return ["pure", op[1], op[2], all(op[3])];
  }
}

function execEnd(end: End): ExecEnd {
  switch (end[0]) {
    case "return":
      return ["return", operandNumber(end[1])];
    case "if":
      return ["if", operandNumber(end[1]), end[2], end[3]];
    case "prim":
      return ["prim", end[1], all(end[2]), end[3]];
    case "call":
      return ["call", operandNumber(end[1]), all(end[2]), end[3]];
    case "tail":
      return ["tail", operandNumber(end[1]), all(end[2])];
    case "apply":
      return ["apply", operandNumber(end[1]), operandNumber(end[2]), end[3]];
    case "tailapply":
      return ["tailapply", operandNumber(end[1]), operandNumber(end[2])];
    case "def":
      return ["def", end[1], end[2] === -1 ? null : operandNumber(end[2]), operandNumber(end[3]), end[4]];
    case "perform":
      return ["perform", operandNumber(end[1]), all(end[2]), end[3]];
    case "throw":
      return ["throw", operandNumber(end[1]), end[2]];
    case "push":
      return ["push", end[1], end[2], all(end[3]), end[4], end[5]];
    case "prompt":
      return ["prompt", end[1], all(end[2]), end[3], end[4]];
    case "exit":
      return ["exit", operandNumber(end[1]), operandNumber(end[2])];
    case "endfinally":
      return ["endfinally", operandNumber(end[1]), end[2]];
    default:
      return end;
  }
}
