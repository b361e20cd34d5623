// The format of compiled code, version 1: what a unit is made of, as plain JSON that is stored, hashed and validated.
//
// A *unit* is one function body (all its arities) or one top-level form. It is stored as two JSON texts, `code` and `debug`:
//
//   code  = { v: 1, arities, captures, slots, self, consts, globals, units, blocks }
//     arities   [[params, rest, block], ...]   fixed parameter count, 1 if more arguments are gathered into a list, entry block.
//               Arguments arrive in slots 0..params-1, the rest list (or nil) in slot `params`. A top-level form is [[0, 0, 0]].
//     captures  how many values the closure carries
//     slots     how many slots an activation has
//     self      the slot that receives the closure itself at entry, or -1. Present whenever there are captures; then every
//               live list holds it, so that an inspector can show them.
//     consts    values in tagged JSON (S-12); operand "k3" is consts[3]
//     globals   qualified names; operand "g3" is the var globals[3]
//     units     code hashes of nested functions (in `debug.units`: their unit hashes, same order)
//     blocks    [kind, live, result, ops, end], entered as `kind` says:
//
//   kind    0 PLAIN   only by a jump from the same activation; all slots are in place
//           1 RESUME  by a value returned to a frame; the value goes to slot `result`
//           2 HEAD    a loop head: by a jump, or by a frame (a fuel cut); a tick (S-18)
//           3 ENTRY   an arity's first block; a tick. Not jumped to.
//           4 GUARD   the rest after a guarded primitive: falls in with the answer in `result`, or as RESUME if the guard was called
//           5 CLAUSE  a marker's clause (catch, finally): by the machine, with what was thrown or the completion in `result`
//   live    the slots a frame for this block holds, in this order, without `result`: every named local in scope, and the
//           temporaries read later. A slot that is dead (in scope, never read again) is written ~slot (-1-slot): a lazy
//           sequence in it is stored as `cleared` (S-16). ENTRY and PLAIN: [].
//   result  slot, or -1
//
//   operand      12 slot · "k0" constant · "c0" capture · "g0" the value of a global (head of a call only)
//   ops          ["move", dst, x]                     dst := x. Moves of one jump are already in a safe order.
//                ["closure", dst, unit, [x...]]       a closure of units[unit] over captures
//                ["group", [dst...], [unit...], [x...]]  letfn: closures of one group, one list of captures
//                ["sibling", dst, i]                  member i of the group that `self` belongs to
//                ["pure", dst, prim, [x...]]          a primitive that always answers
//   end          ["return", x]                        to the frame on top of the stack
//                ["jump", b]                          to PLAIN or HEAD of this unit
//                ["if", x, b, b]                      nil and false go to the second; both PLAIN
//                ["prim", prim, [x...], next]         a guarded primitive (S-4); next is GUARD
//                ["call", f, [x...], next]            push a frame for next (RESUME), call f
//                ["tail", f, [x...]]                  call f in tail position
//                ["apply", f, x, next] ["tailapply", f, x]   the same with the arguments in a vector
//                ["global", g, next]                  read a var: dynamic bindings first, unbound raises; next is GUARD
//                ["var", g, next]                     the var itself
//                ["def", g, x, meta, next]            give a var its value; x may be -1 (declare); answers the var
//                ["perform", op, [x...], next]        RESUME
//                ["throw", x, next]                   RESUME: the restart `use-value` answers here
//                ["push", kind, id, [x...], clause, next]   push a marker frame holding the clause block's live slots; slot `id`
//                                                     (-1: nobody reads it) receives its id first; next PLAIN
//                ["pop", next]                        pop that marker (normal exit); next PLAIN
//                ["prompt", kind, [x...], body, next] push a frame for next (RESUME), begin a segment, go to body (PLAIN),
//                                                     which ends in return
//                ["exit", id, x]                      unwind to the nearest marker with this id, give x to its clause
//                ["endfinally", x, next]              x is a completion: go on unwinding, or to next (PLAIN) if it is nil
//
//   marker kinds "catch" [filter]   clause gets [index error]; filter nil takes everything, else a function error -> index or nil;
//                                 a clause behind a nil filter never looks at the index
//                "finally" []       clause gets the completion
//                "block" []         clause gets the value of exit
//                "binding" [vars vals]   (vectors) no clause: block -1
//                "scope" [data]     timeouts and scopes of tasks; no clause: -1; `data` is a vector: see src/machine/scopes.ts
//                "cleanup" []       around the body of a finally: nothing from outside interrupts it; no clause: -1
//   prompt kinds "prompt" [tag]     for control
//                "handle" [ops fns] (vectors: symbols, functions) for perform
//
//   debug = { name, params, file, span, slots, captures, blocks, units, doc?, macro? }
//     name      qualified name or null;  params [[names...]...] one per arity;  file  the source's name;  hash  the source's hash
//     span      [from, to] of the whole function in the source, in UTF-16 offsets
//     slots     a name or null for each slot;  captures  a name or null for each capture
//     blocks    for each block: [from, to, line, column] of the expression whose end it is, or 0
//     units     unit hashes of the nested units
//
// code hash = sha256(canonical text of code); unit hash = sha256(canonical ["unit", code hash, debug]). Both 64 hex (S-1).
// Stored code is an input (E-24): `decodeUnit` re-hashes and validates before an evaluator sees it. Whether nested units fit is
// checked where they are linked (src/machine/nesting.ts).

/** Kinds of blocks, see above. */
export const Block = { PLAIN: 0, RESUME: 1, HEAD: 2, ENTRY: 3, GUARD: 4, CLAUSE: 5 } as const;

export type Operand = number | string;
export type Op =
  | readonly ["move", number, Operand]
  | readonly ["closure", number, number, readonly Operand[]]
  | readonly ["group", readonly number[], readonly number[], readonly Operand[]]
  | readonly ["sibling", number, number]
  | readonly ["pure", number, string, readonly Operand[]];
export type End =
  | readonly ["return", Operand]
  | readonly ["jump", number]
  | readonly ["if", Operand, number, number]
  | readonly ["prim", string, readonly Operand[], number]
  | readonly ["call", Operand, readonly Operand[], number]
  | readonly ["tail", Operand, readonly Operand[]]
  | readonly ["apply", Operand, Operand, number]
  | readonly ["tailapply", Operand, Operand]
  | readonly ["global", number, number]
  | readonly ["var", number, number]
  | readonly ["def", number, Operand, Operand, number]
  | readonly ["perform", Operand, readonly Operand[], number]
  | readonly ["throw", Operand, number]
  | readonly ["push", MarkerKind, number, readonly Operand[], number, number]
  | readonly ["pop", number]
  | readonly ["prompt", PromptKind, readonly Operand[], number, number]
  | readonly ["exit", Operand, Operand]
  | readonly ["endfinally", Operand, number];
export type MarkerKind = "catch" | "finally" | "block" | "binding" | "scope" | "cleanup";
export type PromptKind = "prompt" | "handle";
export type CodeBlock = readonly [kind: number, live: readonly number[], result: number, ops: readonly Op[], end: End];
export type Arity = readonly [params: number, rest: 0 | 1, block: number];

/** The version of the format that is written, and read. */
export const CODE_VERSION = 1;

export interface Code {
  readonly v: typeof CODE_VERSION;
  readonly arities: readonly Arity[];
  readonly captures: number;
  readonly slots: number;
  readonly self: number;
  /** Tagged JSON of each constant. */
  readonly consts: readonly unknown[];
  readonly globals: readonly string[];
  readonly units: readonly string[];
  readonly blocks: readonly CodeBlock[];
}

export type Place = readonly [from: number, to: number, line: number, column: number] | 0;

export interface Debug {
  readonly name: string | null;
  readonly params: readonly (readonly string[])[];
  readonly file: string;
  readonly hash: string;
  readonly span: readonly [number, number];
  readonly slots: readonly (string | null)[];
  readonly captures: readonly (string | null)[];
  readonly blocks: readonly Place[];
  readonly units: readonly string[];
  readonly doc?: string;
  readonly macro?: true;
}
