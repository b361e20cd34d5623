// Moving programs between stores (E-20): all rows of a program together, and what the stores share about them.

import { decodeBody, encodeBody } from "../journal/codec.ts";
import type { Entry } from "../journal/entry.ts";
import type { Status } from "../journal/status.ts";
import { checkEffect, checkTexts, type NewChunk } from "./changes.ts";
import { checkBody, checkId, checkInteger, checkName, checkText } from "./check.ts";
import type { EffectRow, InboxKind, InboxRow, NewTexts, OutputRow, ProgramRow, SnapshotRow } from "./rows.ts";

/** Everything that is a program's own, as it stands at one moment. */
export interface ProgramRows {
  readonly row: ProgramRow;
  /** In order; where the journal was compacted it has a gap behind `start`. */
  readonly journal: readonly Entry[];
  readonly snapshots: readonly SnapshotRow[];
  readonly chunks: readonly NewChunk[];
  /** In order of arrival, with those that are consumed: their keys stay taken (E-11). */
  readonly inbox: readonly InboxRow[];
  /** In the order in which they were made. */
  readonly effects: readonly EffectRow[];
  readonly output: readonly OutputRow[];
}

export interface MoveParams {
  readonly program: string;
  /** The guard: the turn it is at. */
  readonly turn: number;
  /** Body of the `turn` entry that stands before `moved`. */
  readonly entry: string;
  /** Where it goes, for those who ask. */
  readonly to: string;
  /** What is written for the body of an entry, where bodies are sealed. */
  readonly seal?: (position: number, kind: "turn" | "moved", body: string) => string;
}

export type MoveResult =
  | { readonly outcome: "moved" }
  /** A living interpreter owns it. */
  | { readonly outcome: "owned" }
  /** It is at another turn, or not paused. */
  | { readonly outcome: "changed" }
  | { readonly outcome: "over"; readonly status: Status }
  | { readonly outcome: "missing" };

export interface ImportParams {
  readonly rows: ProgramRows;
  readonly texts: NewTexts;
  /** A row of this id may be replaced that was moved from here before it came to the turn the rows are at. */
  readonly cameBack?: boolean;
  /** Keys of the deliveries that come before others, where bodies are sealed. */
  readonly first?: ReadonlySet<string>;
}

export type ImportResult = { readonly imported: true } | { readonly imported: false; readonly row: ProgramRow };

/** Whether the rows may take the place of a row that is there: it left this store, and went on elsewhere meanwhile. */
export function mayReplace({ rows, cameBack }: ImportParams, there: ProgramRow): boolean {
  // The turn that `moved` stands in is nobody's: the first one elsewhere has its number.
  return cameBack === true && there.status === "moved" && rows.row.turn >= there.turn - 1;
}

/** The order of delivery of an inbox row: a cancel comes before others (E-6). `first`: those that do, where bodies are sealed. */
export function rankOf(
  { key, kind, body }: { readonly key: string; readonly kind: InboxKind; readonly body: string | null },
  first?: ReadonlySet<string>,
): number {
  if (first !== undefined) return first.has(key) ? 0 : 1;
  return kind === "command" && body !== null && decodeBody("command", body).command === "cancel" ? 0 : 1;
}

/** The bodies of the two entries with which a program leaves. */
export function leavingBodies({ entry, to, seal }: MoveParams, position: number, effects: readonly EffectRow[]) {
  const moved = movedBody(to, effects);
  return seal === undefined ? [entry, moved] : [seal(position, "turn", entry), seal(position + 1, "moved", moved)];
}

/** Body of the `moved` entry: it keeps what was open, since the effects' rows are closed. */
function movedBody(to: string, effects: readonly EffectRow[]): string {
  const open = effects.filter(({ state }) => state === "pending" || state === "sending");
  return encodeBody("moved", {
    to,
    ...(open.length === 0 ? {} : { open: open.map(({ key, state }) => [key, state] as const) }),
  });
}

/** A moved program's rows as they were before it was marked. */
export function beforeMove(rows: ProgramRows): ProgramRows {
  const { row, journal } = rows;
  const last = journal.at(-1);
  if (row.status !== "moved" || last?.kind !== "moved") return rows;
  const states = new Map(decodeBody("moved", last.body).open ?? []);
  const effects = rows.effects.map((effect) => {
    const state = states.get(effect.key);
    return state === undefined ? effect : { ...effect, state, outcome: null, body: null };
  });
  return {
    ...rows,
    row: { ...row, status: "paused", position: row.position - 2, turn: row.turn - 1 },
    journal: journal.slice(0, -2),
    effects,
  };
}

/** Refuses rows that no store keeps, or that do not fit together. Bodies are not looked into. */
export function checkProgramRows({ rows, texts }: ImportParams): void {
  const { row } = rows;
  checkRow(row);
  for (const entry of rows.journal) {
    checkInteger("position", entry.position);
    checkName("kind", entry.kind);
    checkBody(entry.kind, entry.body);
  }
  for (const { hash, body, position } of rows.snapshots) {
    checkInteger("position", position);
    checkName("hash", hash);
    checkText("snapshot", body);
  }
  for (const { hash, since, until, body } of rows.chunks) {
    checkName("hash", hash);
    checkInteger("position", since);
    if (until !== null) checkInteger("position", until);
    checkText("chunk", body);
  }
  for (const { key, kind, body } of rows.inbox) {
    checkName("key", key);
    if (body !== null) checkBody(kind, body);
  }
  for (const effect of rows.effects) {
    checkEffect({ ...effect, state: "pending" });
    if (effect.body !== null) checkBody("answer", effect.body);
  }
  for (const { text } of rows.output) checkText("output", text);
  checkTexts(texts);
}

function checkRow(row: ProgramRow): void {
  checkId("program", row.id);
  checkName("name", row.name);
  checkName("queue", row.queue);
  checkName("image", row.image);
  if (row.parent !== null) checkId("parent", row.parent);
  for (const [label, text] of Object.entries(row.labels)) {
    checkName("label", label);
    checkName("label", text);
  }
  for (const body of [row.result, row.error]) if (body !== null) checkBody("result", body);
}
