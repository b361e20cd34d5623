// Moving programs in memory (E-20): the oracle of the other stores.

import { decodeBody } from "../../journal/codec.ts";
import { isOver } from "../../journal/status.ts";
import {
  checkProgramRows,
  type ImportParams,
  type ImportResult,
  leavingBodies,
  mayReplace,
  type MoveParams,
  type MoveResult,
  type ProgramRows,
  rankOf,
} from "../moving.ts";
import type { ProgramTables, Tables } from "./tables.ts";

/** All rows of a program. */
export function readRows(tables: Tables, id: string): ProgramRows | null {
  const program = tables.programs.get(id);
  if (program === undefined) return null;
  return {
    row: { ...program.row },
    journal: [...program.journal],
    snapshots: [...program.snapshots],
    chunks: [...program.chunks.values()].map((chunk) => ({ ...chunk })),
    inbox: [...program.inbox.values()].map(({ rank: _, ...row }) => row),
    effects: [...tables.effects.values()].filter(({ program }) => program === id).map((effect) => ({ ...effect })),
    output: [...program.output],
  };
}

/** Marks a program as moved. */
export function moveProgram(tables: Tables, params: MoveParams, time: number, commitId: string): MoveResult {
  decodeBody("turn", params.entry);
  const program = tables.programs.get(params.program);
  if (program === undefined) return { outcome: "missing" };
  const { row, journal } = program;
  if (isOver(row.status)) return { outcome: "over", status: row.status };
  if (tables.isAlive(row.owner, time)) return { outcome: "owned" };
  if (row.status !== "paused" || row.turn !== params.turn) return { outcome: "changed" };
  const effects = [...tables.effects.values()].filter((effect) => effect.program === row.id);
  const { position } = row;
  const [turn, moved] = leavingBodies(params, position, effects);
  journal.push({ position, kind: "turn", body: turn, time });
  journal.push({ position: position + 1, kind: "moved", body: moved, time });
  for (const effect of effects) {
    if (effect.state !== "pending" && effect.state !== "sending") continue;
    Object.assign(effect, { state: "settled", outcome: "unknown", body: "null", owner: null, updated: time });
    effect.term++;
  }
  Object.assign(row, { status: "moved", owner: null, term: row.term + 1, turn: row.turn + 1, crashes: 0, commitId });
  Object.assign(row, { position: position + 2, updated: time });
  return { outcome: "moved" };
}

/** Creates a program with all its rows. */
export function importProgram(tables: Tables, params: ImportParams, time: number): ImportResult {
  checkProgramRows(params);
  const { rows, texts } = params;
  const { id } = rows.row;
  const there = tables.programs.get(id);
  if (there !== undefined && !mayReplace(params, there.row)) return { imported: false, row: { ...there.row } };
  const foreign = rows.effects.find(({ key }) => (tables.effects.get(key)?.program ?? id) !== id);
  if (foreign !== undefined) throw new Error(`the effect ${foreign.key} exists already`);
  if (there !== undefined) tables.collect(id);
  tables.collected.delete(id);
  const program: ProgramTables = {
    row: { ...rows.row, owner: null, crashes: 0, commitId: null },
    journal: [...rows.journal],
    snapshots: [...rows.snapshots],
    chunks: new Map(rows.chunks.map((chunk) => [chunk.hash, { ...chunk }])),
    inbox: new Map(
      rows.inbox.map((row) => [
        row.key,
        { ...row, program: id, id: tables.nextInboxId++, rank: rankOf(row, params.first) },
      ]),
    ),
    output: [...rows.output],
  };
  tables.programs.set(id, program);
  for (const effect of rows.effects) tables.effects.set(effect.key, { ...effect, program: id, owner: null });
  tables.addTexts(texts, time);
  return { imported: true };
}
