// From the turns of a batch to one change for each program: checked, joined, positions given. Both stores apply these.

import { BATCH_LENGTH_MAX, BATCH_PROGRAMS_MAX, TURN_LENGTH_MAX } from "../base/limits.ts";
import type { Entry } from "../journal/entry.ts";
import { decodeBody } from "../journal/codec.ts";
import { checkSequence } from "../journal/entry.ts";
import { isOver } from "../journal/status.ts";
import { checkBody, checkId, checkInteger, checkName, checkText } from "./check.ts";
import { badValue, commitRefused } from "./errors.ts";
import { sealedWith } from "./sealed/form.ts";
import type {
  DroppedChunk,
  NewEffect,
  NewOutput,
  NewProgram,
  NewTexts,
  OpenCall,
  ProgramAfter,
  SettledEffect,
  SnapshotRow,
  TextRow,
  TurnCommit,
} from "./rows.ts";

/** What a batch does to one program. */
export interface ProgramChange {
  readonly program: string;
  /** Guard: the row must say so before. */
  readonly term: number;
  readonly turn: number;
  readonly position: number;
  readonly birth: NewProgram | null;
  /** Nobody owns it: this change claims it. */
  readonly claim: boolean;
  /** Keys under which the inbox must hold nothing open (E-6). */
  readonly keys: readonly string[];
  /** How many turns, and the position after them. */
  readonly turns: number;
  readonly end: number;
  readonly entries: readonly Omit<Entry, "time">[];
  readonly consumed: readonly { readonly id: number; readonly position: number }[];
  readonly effects: readonly (NewEffect & { readonly position: number })[];
  readonly settled: readonly SettledEffect[];
  readonly output: readonly NewOutput[];
  readonly texts: readonly NewTexts[];
  readonly snapshots: readonly SnapshotRow[];
  /** Where the journal begins from now on; null: where it did. */
  readonly base: number | null;
  readonly chunks: readonly NewChunk[];
  readonly dropped: readonly DroppedChunk[];
  readonly after: ProgramAfter;
  readonly runnable: boolean;
  readonly release: boolean;
  /** Roughly how many bytes it writes. */
  readonly size: number;
}

/** A chunk as a batch writes it: `since` is the position of its snapshot; `until` is not null if a later turn of the batch drops it. */
export interface NewChunk extends TextRow {
  readonly since: number;
  readonly until: number | null;
}

export interface Refused {
  readonly program: string;
  readonly error: Error;
}

/** Joins the turns of each program, in order; programs whose rows could never be stored are set apart. */
export function planBatch(turns: readonly TurnCommit[]): { changes: ProgramChange[]; refused: Refused[] } {
  const byProgram = new Map<string, TurnCommit[]>();
  for (const turn of turns) {
    const list = byProgram.get(turn.program);
    if (list === undefined) byProgram.set(turn.program, [turn]);
    else list.push(turn);
  }
  const changes: ProgramChange[] = [];
  const refused: Refused[] = [];
  for (const [program, list] of byProgram) {
    try {
      changes.push(joinTurns(list));
    } catch (cause) {
      refused.push({ program, error: commitRefused(program, cause) });
    }
  }
  return { changes, refused };
}

/** Cuts a batch into parts of at most 512 programs and about 4 MB (E-8). */
export function partition(changes: readonly ProgramChange[]): ProgramChange[][] {
  const parts: ProgramChange[][] = [];
  let part: ProgramChange[] = [];
  let size = 0;
  for (const change of changes) {
    if (part.length > 0 && (part.length >= BATCH_PROGRAMS_MAX || size + change.size > BATCH_LENGTH_MAX)) {
      parts.push(part);
      part = [];
      size = 0;
    }
    part.push(change);
    size += change.size;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

function joinTurns(turns: readonly TurnCommit[]): ProgramChange {
  const first = turns[0];
  const last = turns[turns.length - 1];
  const birth = first.birth ?? null;
  const entries: Omit<Entry, "time">[] = [];
  if (birth !== null) {
    checkNewProgram(birth);
    entries.push({ position: 0, kind: "start", body: birth.start });
  }
  const effects: (NewEffect & { position: number })[] = [];
  const snapshots: SnapshotRow[] = [];
  let position = first.position;
  turns.forEach((turn, i) => {
    checkTurn(turn, first, i, position);
    for (const entry of turn.entries) entries.push({ position: position++, kind: entry.kind, body: entry.body });
    const at = turn.position + turn.entries.findIndex((entry) => entry.kind === "turn");
    for (const effect of turn.effects ?? []) effects.push({ ...effect, position: at });
    if (turn.snapshot) snapshots.push({ position, turn: turn.turn + 1, ...turn.snapshot });
  });
  const all = <T>(pick: (turn: TurnCommit) => readonly T[] | undefined): readonly T[] =>
    turns.length === 1 ? (pick(first) ?? []) : turns.flatMap((turn) => pick(turn) ?? []);
  const settled = all((turn) => turn.settled);
  const change = {
    program: first.program,
    term: first.term,
    turn: first.turn,
    position: first.position,
    birth,
    claim: first.claim === true,
    keys: [...all((turn) => turn.answered), ...settled.map((effect) => effect.key)],
    turns: turns.length,
    end: position,
    entries,
    consumed: all((turn) => turn.consumed),
    effects,
    settled,
    output: all((turn) => turn.output),
    texts: turns.flatMap((turn) => (turn.texts ? [turn.texts] : [])),
    snapshots,
    base: baseOf(turns, position),
    ...joinChunks(turns),
    after: last.after,
    runnable: last.after.cut || last.after.calls.length > 0,
    release: last.after.release === true || isOver(last.after.status),
  };
  checkRows(change);
  const size = sizeOf(change);
  if (size > TURN_LENGTH_MAX) {
    throw badValue("turn", `it writes ${size} characters, and one turn writes ${TURN_LENGTH_MAX} at most`);
  }
  return { ...change, size };
}

/** The position of the `base` entry's state, which is that of the snapshot beside it: of one that is sealed, who sealed it has looked. */
function baseOf(turns: readonly TurnCommit[], end: number): number | null {
  if (!turns.some(({ entries }) => entries.some(({ kind }) => kind === "base"))) return null;
  const last = turns[turns.length - 1];
  const entry = last.entries[last.entries.length - 1];
  const sealed = sealedWith(entry.body) !== null;
  const { position, hash } = sealed ? { position: end, hash: last.snapshot?.hash } : decodeBody("base", entry.body);
  const only = turns.flatMap(({ entries }) => entries.filter(({ kind }) => kind === "base")).length === 1;
  if (entry.kind === "base" && only && position === end && hash === last.snapshot?.hash) return end;
  throw new RangeError("a base entry stands at the end, beside the snapshot of its state");
}

const NO_CHUNKS: Pick<ProgramChange, "chunks" | "dropped"> = { chunks: [], dropped: [] };

/** What the turns come to: a chunk that one of them brings may be dropped by the next, and brought again by the one after. */
function joinChunks(turns: readonly TurnCommit[]): Pick<ProgramChange, "chunks" | "dropped"> {
  if (turns.every(({ chunks = [], dropped = [] }) => chunks.length + dropped.length === 0)) return NO_CHUNKS;
  const brought = new Map<string, NewChunk>();
  const gone = new Map<string, DroppedChunk>();
  for (const { snapshot, position, entries, chunks = [], dropped = [] } of turns) {
    if (snapshot === undefined && chunks.length + dropped.length > 0) throw new RangeError("chunks without a snapshot");
    const since = position + entries.length;
    for (const chunk of dropped) {
      const mine = brought.get(chunk.hash);
      if (mine === undefined) gone.set(chunk.hash, chunk);
      else brought.set(chunk.hash, { ...mine, until: chunk.until });
    }
    for (const chunk of chunks) {
      gone.delete(chunk.hash);
      brought.set(chunk.hash, { ...chunk, since: brought.get(chunk.hash)?.since ?? since, until: null });
    }
  }
  return { chunks: [...brought.values()], dropped: [...gone.values()] };
}

function checkTurn(turn: TurnCommit, first: TurnCommit, index: number, position: number): void {
  checkId("program", turn.program);
  checkInteger("term", turn.term);
  checkInteger("turn", turn.turn);
  checkInteger("position", turn.position);
  if (index > 0 && (turn.birth || turn.claim))
    throw new RangeError("only the first turn may create or claim a program");
  if (turn.birth && turn.claim) throw new RangeError("a program is created owned");
  if (turn.birth && (turn.birth.id !== turn.program || turn.position !== 1 || turn.turn !== 0 || turn.term !== 1)) {
    throw new RangeError("a program is created with its own id, at term 1, turn 0, position 1");
  }
  if (turn.birth?.fork !== undefined) throw new RangeError("a fork is created before its first turn");
  const term = first.term + (first.claim && index > 0 ? 1 : 0);
  if (turn.term !== term || turn.turn !== first.turn + index || turn.position !== position) {
    throw new RangeError(`turn ${turn.turn} at position ${turn.position} does not follow the one before it`);
  }
  const wrong = checkSequence(
    turn.entries.map((entry) => entry.kind),
    turn.position,
  );
  if (wrong !== null) throw new RangeError(wrong);
}

/** Checks what creates a program (E-9). */
export function checkNewProgram(program: NewProgram): void {
  checkId("program", program.id);
  checkName("name", program.name);
  checkName("queue", program.queue);
  checkName("image", program.image);
  checkInteger("priority", program.priority ?? 0);
  if (program.parent !== undefined) checkId("parent", program.parent);
  for (const [label, text] of Object.entries(program.labels ?? {})) {
    checkName("label", label);
    checkName("label", text);
  }
  checkBody("start", program.start);
  if (program.fork === undefined) return;
  checkName("hash", program.fork.snapshot.hash);
  checkText("snapshot", program.fork.snapshot.body);
  for (const { key, body } of program.fork.answers) {
    checkName("key", key);
    checkBody("answer", body);
  }
  for (const effect of program.fork.effects) checkEffect({ ...effect, position: 0 });
}

/** Checks content-addressed rows. Sources are any well-formed text; the rest is canonical JSON. */
export function checkTexts(texts: NewTexts): void {
  for (const unit of texts.units ?? []) {
    checkName("unit", unit.hash);
    checkBody("code", unit.code);
    checkBody("debug", unit.debug);
  }
  for (const row of [...(texts.images ?? []), ...(texts.blobs ?? [])]) {
    checkName("hash", row.hash);
    checkText("text", row.body);
  }
}

function checkRows(change: Omit<ProgramChange, "size">): void {
  for (const entry of change.entries) checkBody(entry.kind, entry.body);
  for (const row of change.consumed) {
    checkInteger("inbox id", row.id);
    checkInteger("position", row.position);
    if (row.position < change.position || row.position >= change.end) throw new RangeError("consumed outside the turn");
  }
  for (const key of change.keys) checkName("key", key);
  for (const effect of change.effects) checkEffect(effect);
  for (const effect of change.settled) checkBody("answer", effect.body);
  for (const chunk of change.output) {
    checkInteger("branch", chunk.branch);
    checkInteger("number", chunk.number);
    checkText("output", chunk.text);
  }
  for (const texts of change.texts) checkTexts(texts);
  for (const snapshot of change.snapshots) {
    checkName("hash", snapshot.hash);
    checkText("snapshot", snapshot.body);
  }
  for (const chunk of change.chunks) {
    checkName("hash", chunk.hash);
    checkBody("chunk", chunk.body);
  }
  for (const chunk of change.dropped) {
    checkName("hash", chunk.hash);
    checkInteger("position", chunk.until);
  }
  checkAfter(change.after);
}

/** Refuses an effect that cannot be stored. */
export function checkEffect(effect: NewEffect & { readonly position: number }): void {
  checkName("key", effect.key);
  checkName("kind", effect.kind);
  checkName("capability", effect.capability);
  if (effect.topic !== "") checkName("topic", effect.topic);
  checkBody("payload", effect.payload);
  checkBody("contract", effect.contract);
  checkInteger("due", effect.due ?? 0);
}

function checkAfter(after: ProgramAfter): void {
  checkInteger("branch", after.branch);
  checkName("image", after.image);
  if (after.wake !== null) checkInteger("wake", after.wake);
  if (after.result !== undefined) checkBody("result", after.result);
  if (after.error !== undefined) checkBody("error", after.error);
  after.calls.forEach(checkCall);
}

function checkCall(call: OpenCall): void {
  checkName("key", call.key);
  checkName("topic", call.topic);
  checkInteger("position", call.position);
}

/** What a row writes beside its texts. */
const ROW = 128;

function sizeOf(change: Omit<ProgramChange, "size">): number {
  const { result = "", error = "", waiting } = change.after;
  let size = 2 * ROW + result.length + error.length + ROW * (waiting.length + change.after.calls.length);
  for (const entry of change.entries) size += ROW + entry.body.length;
  for (const effect of change.effects) size += 2 * ROW + effect.payload.length;
  for (const effect of change.settled) size += ROW + effect.body.length;
  for (const chunk of change.output) size += ROW + chunk.text.length;
  for (const row of [...change.snapshots, ...change.chunks]) size += ROW + row.body.length;
  for (const texts of change.texts) {
    for (const unit of texts.units ?? []) size += unit.code.length + unit.debug.length;
    for (const row of [...(texts.images ?? []), ...(texts.blobs ?? [])]) size += row.body.length;
  }
  return size;
}
