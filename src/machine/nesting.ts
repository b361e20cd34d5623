// What one unit asks of another (E-24): validation sees a single unit, so how many captures a function is given, and which
// members of a group it looks for, is checked where the two are linked, before there is a closure.
import { FlowmetalError } from "../base/errors.ts";
import type { Code } from "../code/code.ts";

/** What is asked about a linked unit here; a Unit of the machine has it. */
interface Linked {
  readonly hash: string;
  readonly builtin: boolean;
  readonly code: Code;
  readonly decoded: { readonly codeHash: string };
  readonly membersNeeded: number;
}

/** How many members a group must have for the code of one of them: it may name any of them as a sibling. 0: no group. */
export function membersNeeded(code: Code): number {
  let needed = 0;
  for (const [, , , ops] of code.blocks)
    for (const op of ops) if (op[0] === "sibling") needed = Math.max(needed, op[2] + 1);
  return needed;
}

/** Why a closure of this unit cannot have so many captures and be in a group of so many members (0: in none); null if it can. */
export function misfit(unit: Linked, captures: number, members: number): string | null {
  if (unit.builtin) return `${unit.hash} is a part of the machine and no function`;
  if (unit.code.captures !== captures) {
    return `the function ${unit.hash} takes ${unit.code.captures} captures and not ${captures}`;
  }
  const needed = unit.membersNeeded;
  return needed > members ? `the function ${unit.hash} belongs to a group of ${needed} members, not ${members}` : null;
}

/** The same for a closure and all members of its group, which share their captures. */
export function closureMisfit(unit: Linked, captures: number, group: readonly Linked[] | null): string | null {
  const members = group?.length ?? 0;
  for (const member of group ?? [unit]) {
    const problem = misfit(member, captures, members);
    if (problem !== null) return problem;
  }
  return null;
}

/** What a unit does with one of its nested units: how many captures it gives it, in a group of how many members. */
export type Use = readonly [captures: number, members: number];

/** All uses of nested units, by their index. */
export function usesOf(code: Code): ReadonlyMap<number, readonly Use[]> {
  const uses = new Map<number, Use[]>();
  const add = (index: number, use: Use): void => {
    const known = uses.get(index);
    if (known === undefined) uses.set(index, [use]);
    else known.push(use);
  };
  for (const [, , , ops] of code.blocks) {
    for (const op of ops) {
      if (op[0] === "closure") add(op[2], [op[3].length, 0]);
      else if (op[0] === "group") for (const index of op[2]) add(index, [op[3].length, op[2].length]);
    }
  }
  return uses;
}

/** Refuses with `code/invalid` a nested unit that is not the one its parent was compiled with. */
export function checkNested(parent: Linked, index: number, nested: Linked, uses: readonly Use[]): void {
  const { code, hash } = parent;
  if (nested.decoded.codeHash !== code.units[index]) refuse(hash, `units[${index}] is not the code of ${nested.hash}`);
  for (const [captures, members] of uses) {
    const problem = misfit(nested, captures, members);
    if (problem !== null) refuse(hash, problem);
  }
}

function refuse(hash: string, problem: string): never {
  throw new FlowmetalError("code/invalid", `the code ${hash} does not fit what it names: ${problem}`);
}
