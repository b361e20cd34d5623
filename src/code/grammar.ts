// What each operation of code is made of: one table that validation, liveness, listings and statistics all read.
import type { End, MarkerKind, Op, Operand, PromptKind } from "./code.ts";

/** What stands in one place of an operation. The kinds that end in "block" name the block kind that may be entered there. */
export type Field =
  /** An operand: slot, constant or capture. */
  | "x"
  /** The head of a call: an operand or a global. */
  | "head"
  /** An operand, or -1 for none. */
  | "option"
  /** A list of operands. */
  | "xs"
  /** A slot that is written; a list of them; a slot that is written, or -1. */
  | "dst"
  | "dsts"
  | "id"
  /** Index of a nested unit; a list of them. */
  | "unit"
  | "units"
  /** Index of a global. */
  | "global"
  /** Member of a letfn group. */
  | "member"
  /** `name@version`. */
  | "prim"
  | "marker"
  | "prompt"
  /** A block: PLAIN or HEAD; PLAIN; RESUME; GUARD; CLAUSE or -1. */
  | "jump-block"
  | "plain-block"
  | "resume-block"
  | "guard-block"
  | "clause-block";

/** The fields behind the name of each op. */
export const OPS: ReadonlyMap<string, readonly Field[]> = new Map<Op[0], readonly Field[]>([
  ["move", ["dst", "x"]],
  ["closure", ["dst", "unit", "xs"]],
  ["group", ["dsts", "units", "xs"]],
  ["sibling", ["dst", "member"]],
  ["pure", ["dst", "prim", "xs"]],
]);

/** The fields behind the name of each end. */
export const ENDS: ReadonlyMap<string, readonly Field[]> = new Map<End[0], readonly Field[]>([
  ["return", ["x"]],
  ["jump", ["jump-block"]],
  ["if", ["x", "plain-block", "plain-block"]],
  ["prim", ["prim", "xs", "guard-block"]],
  ["call", ["head", "xs", "resume-block"]],
  ["tail", ["head", "xs"]],
  ["apply", ["x", "x", "resume-block"]],
  ["tailapply", ["x", "x"]],
  ["global", ["global", "guard-block"]],
  ["var", ["global", "guard-block"]],
  ["def", ["global", "option", "x", "guard-block"]],
  ["perform", ["x", "xs", "resume-block"]],
  ["throw", ["x", "resume-block"]],
  ["push", ["marker", "id", "xs", "clause-block", "plain-block"]],
  ["pop", ["plain-block"]],
  ["prompt", ["prompt", "xs", "plain-block", "resume-block"]],
  ["exit", ["x", "x"]],
  ["endfinally", ["x", "plain-block"]],
]);

/** How many operands a marker takes, and whether it has a clause. */
export const MARKERS: ReadonlyMap<string, { readonly data: number; readonly clause: boolean }> = new Map<
  MarkerKind,
  { readonly data: number; readonly clause: boolean }
>([
  ["catch", { data: 1, clause: true }],
  ["finally", { data: 0, clause: true }],
  ["block", { data: 0, clause: true }],
  ["binding", { data: 2, clause: false }],
  ["scope", { data: 1, clause: false }],
  ["cleanup", { data: 0, clause: false }],
]);

/** How many operands a prompt takes. */
export const PROMPTS: ReadonlyMap<string, number> = new Map<PromptKind, number>([
  ["prompt", 1],
  ["handle", 2],
]);

/** The fields of an op or end that is known to be one. */
export function fieldsOf(part: Op | End): readonly Field[] {
  return (OPS.get(part[0]) ?? ENDS.get(part[0]))!;
}

/** Calls `visit` with each operand that an op or end reads. */
export function eachRead(part: Op | End, visit: (operand: Operand) => void): void {
  const fields = fieldsOf(part);
  for (let i = 0; i < fields.length; i++) {
    const value = part[i + 1];
    switch (fields[i]) {
      case "x":
      case "head":
        visit(value as Operand);
        break;
      case "option":
        if (value !== -1) visit(value as Operand);
        break;
      case "xs":
        for (const operand of value as readonly Operand[]) visit(operand);
        break;
      default:
    }
  }
}

/** Calls `visit` with each slot that an op or end writes itself (the result of a block is written at its entry). */
export function eachWritten(part: Op | End, visit: (slot: number) => void): void {
  const fields = fieldsOf(part);
  for (let i = 0; i < fields.length; i++) {
    const value = part[i + 1];
    if (fields[i] === "dst") visit(value as number);
    else if (fields[i] === "dsts") for (const slot of value as readonly number[]) visit(slot);
    else if (fields[i] === "id" && value !== -1) visit(value as number);
  }
}

/** The blocks an end leads to, a marker's clause included. */
export function successors(end: End): number[] {
  const fields = fieldsOf(end);
  const blocks: number[] = [];
  for (let i = 0; i < fields.length; i++) {
    if (fields[i].endsWith("-block") && end[i + 1] !== -1) blocks.push(end[i + 1] as number);
  }
  return blocks;
}

/** The slot of an element of a live list, dead or not. */
export function slotOf(live: number): number {
  return live < 0 ? -1 - live : live;
}

/** True when the operand is read through the closure, and so needs `self`. */
export function isCapture(operand: Operand): boolean {
  return typeof operand === "string" && operand.charCodeAt(0) === 99;
}
