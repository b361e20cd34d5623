// The group commit in memory: for each program the guard, then every reason to refuse, then the change (E-8).

import type { ProgramChange } from "../changes.ts";
import { isOver } from "../../journal/status.ts";
import type { ForkRows, NewProgram, ProgramRow } from "../rows.ts";
import { keepsSnapshot } from "../thinning.ts";
import { openInbox, type ProgramTables, type Tables } from "./tables.ts";

export interface Committing {
  readonly tables: Tables;
  readonly interpreter: string;
  readonly commitId: string;
  readonly time: number;
}

/** Commits one program's change; false: the guard does not hold. Throws, changing nothing, if its rows are refused. */
export function commitChange(context: Committing, change: ProgramChange): boolean {
  const { tables } = context;
  const existing = tables.programs.get(change.program);
  const program = existing ?? (change.birth === null ? null : bornProgram(context, change.birth));
  if (program === null) return false;
  if (!guardHolds(context, program, change)) return false;
  refuseConflicts(tables, program, change);
  if (existing === undefined) tables.programs.set(change.program, program);
  applyRow(context, program.row, change);
  applyRows(context, program, change);
  return true;
}

/** A new program as its creation writes it, without its `start` entry. */
export function newProgramTables(program: NewProgram, time: number): ProgramTables {
  const row: ProgramRow = {
    id: program.id,
    name: program.name,
    status: "ready",
    waiting: [],
    labels: { ...program.labels },
    parent: program.parent ?? null,
    priority: program.priority ?? 0,
    queue: program.queue,
    image: program.image,
    wake: null,
    cut: false,
    position: 1,
    snapshot: null,
    owner: null,
    term: 0,
    turn: 0,
    branch: 0,
    commitId: null,
    crashes: 0,
    calls: [],
    result: null,
    error: null,
    base: 0,
    output: 0,
    shown: 0,
    created: time,
    updated: time,
  };
  return { row, journal: [], snapshots: [], chunks: new Map(), inbox: new Map(), output: [] };
}

/** What a fork is created with. */
export function writeFork(tables: Tables, program: ProgramTables, fork: ForkRows, time: number): void {
  const { row, inbox, snapshots } = program;
  row.base = 1;
  row.snapshot = 1;
  snapshots.push({ position: 1, turn: 0, ...fork.snapshot });
  for (const { key, body } of fork.answers) {
    const id = tables.nextInboxId++;
    inbox.set(key, { id, program: row.id, key, kind: "answer", body, time, position: null, rank: 1 });
  }
  const context = { tables, interpreter: "", commitId: "", time };
  for (const effect of fork.effects) addEffect(context, program, { ...effect, state: "pending", position: 0 });
}

function bornProgram(context: Committing, birth: NewProgram): ProgramTables {
  const program = newProgramTables(birth, context.time);
  program.row.owner = context.interpreter;
  program.row.term = 1;
  return program;
}

function guardHolds({ interpreter }: Committing, { row, inbox }: ProgramTables, change: ProgramChange): boolean {
  const owned = change.claim ? row.owner === null : row.owner === interpreter;
  if (!owned || row.term !== change.term || row.turn !== change.turn || row.position !== change.position) return false;
  if (isOver(row.status)) return false;
  return change.keys.every((key) => inbox.get(key)?.position !== null);
}

function refuseConflicts(tables: Tables, program: ProgramTables, change: ProgramChange): void {
  const open = new Set(openInbox(program).map((row) => row.id));
  for (const { id } of change.consumed) {
    if (!open.delete(id)) throw new Error("an inbox row was consumed that is not open");
  }
  const made = new Set<string>();
  for (const { key } of change.effects) {
    if (tables.effects.has(key) || made.has(key)) throw new Error(`the effect ${key} exists already`);
    made.add(key);
  }
  for (const { key } of change.settled) {
    const effect = tables.effects.get(key);
    const known = effect !== undefined && effect.program === change.program && effect.state !== "settled";
    if (!known && !made.has(key)) throw new Error("an effect was settled that is not open");
  }
  const printed = new Set(program.output.map((row) => `${row.branch}/${row.number}`));
  for (const { branch, number } of change.output) {
    const place = `${branch}/${number}`;
    if (printed.has(place)) throw new Error(`the output chunk ${place} exists already`);
    printed.add(place);
  }
}

function applyRow(context: Committing, row: ProgramTables["row"], change: ProgramChange): void {
  const { after } = change;
  Object.assign(row, {
    commitId: context.commitId,
    updated: context.time,
    term: row.term + (change.claim ? 1 : 0),
    turn: row.turn + change.turns,
    position: change.end,
    status: after.status,
    waiting: after.waiting,
    wake: after.wake,
    cut: after.cut,
    branch: after.branch,
    calls: after.calls,
    image: after.image,
    result: after.result ?? null,
    error: after.error ?? null,
    snapshot: change.snapshots.at(-1)?.position ?? row.snapshot,
    base: change.base ?? row.base,
    crashes: 0,
    owner: change.release ? null : context.interpreter,
  });
}

function applyRows(context: Committing, program: ProgramTables, change: ProgramChange): void {
  const { tables, time } = context;
  for (const entry of change.entries) program.journal.push({ ...entry, time });
  for (const { id, position } of change.consumed) {
    const row = [...program.inbox.values()].find((row) => row.id === id)!;
    row.position = position;
    row.body = null;
  }
  for (const effect of change.effects) addEffect(context, program, effect);
  for (const { key, ...outcome } of change.settled) {
    Object.assign(tables.effects.get(key)!, outcome, { owner: null, updated: time });
  }
  if (change.release && !isOver(change.after.status)) tables.abandon(change.program, context.interpreter);
  for (const chunk of change.output) program.output.push({ serial: ++program.row.output, ...chunk });
  for (const texts of change.texts) tables.addTexts(texts, time);
  for (const chunk of change.chunks) {
    const known = program.chunks.get(chunk.hash);
    if (known === undefined) program.chunks.set(chunk.hash, { ...chunk });
    else known.until = chunk.until;
  }
  for (const { hash, until } of change.dropped) {
    const known = program.chunks.get(hash);
    if (known !== undefined) known.until = until;
  }
  for (const snapshot of change.snapshots) program.snapshots.push(snapshot);
  thin(program, change);
}

function addEffect(
  { tables, time, interpreter }: Committing,
  program: ProgramTables,
  { state, due = 0, ...effect }: ProgramChange["effects"][number],
): void {
  const claimed = state === "sending";
  tables.effects.set(effect.key, {
    ...effect,
    program: program.row.id,
    queue: program.row.queue,
    state,
    due,
    attempts: claimed ? 1 : 0,
    owner: claimed ? interpreter : null,
    term: claimed ? 1 : 0,
    outcome: null,
    body: null,
    created: time,
    updated: time,
  });
}

function thin(program: ProgramTables, change: ProgramChange): void {
  const latest = change.snapshots.at(-1);
  if (latest === undefined) return;
  const { base } = program.row;
  const kept = program.snapshots.filter(
    (old) => old.position >= base && (old.position === base || keepsSnapshot(old.turn, latest.turn)),
  );
  program.snapshots.splice(0, program.snapshots.length, ...kept);
  forgetChunks(program);
}

/** Takes away the chunks that no snapshot uses any more: to be called when snapshots have gone. */
export function forgetChunks({ snapshots, chunks }: ProgramTables): void {
  for (const { hash, since, until } of [...chunks.values()]) {
    const isUsed = until === null || snapshots.some(({ position }) => since <= position && position <= until);
    if (!isUsed) chunks.delete(hash);
  }
}
