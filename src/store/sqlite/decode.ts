// Rows of the tables as the records of the interface.

import type { Delivery, EffectState, Outcome } from "../../journal/effect.ts";
import type { Entry, EntryKind } from "../../journal/entry.ts";
import type { Status, Wait } from "../../journal/status.ts";
import type {
  EffectRow,
  InboxKind,
  InboxRow,
  InterpreterRow,
  OpenCall,
  OutputRow,
  ProgramRow,
  SnapshotRow,
  StoreMeta,
} from "../rows.ts";
import type { ProgramToRun } from "../store.ts";
import type { SqlRow } from "./driver.ts";

const text = (row: SqlRow, column: string): string => row[column] as string;
const number = (row: SqlRow, column: string): number => row[column] as number;
const textOrNull = (row: SqlRow, column: string): string | null => row[column] as string | null;
const numberOrNull = (row: SqlRow, column: string): number | null => row[column] as number | null;

export function programRow(row: SqlRow): ProgramRow {
  return {
    id: text(row, "id"),
    name: text(row, "name"),
    status: text(row, "status") as Status,
    waiting: JSON.parse(text(row, "waiting")) as Wait[],
    labels: JSON.parse(text(row, "labels")) as Record<string, string>,
    parent: textOrNull(row, "parent"),
    priority: number(row, "priority"),
    queue: text(row, "queue"),
    image: text(row, "image"),
    wake: numberOrNull(row, "wake"),
    cut: number(row, "cut") === 1,
    position: number(row, "position"),
    snapshot: numberOrNull(row, "snapshot"),
    owner: textOrNull(row, "owner"),
    term: number(row, "term"),
    turn: number(row, "turn"),
    branch: number(row, "branch"),
    commitId: textOrNull(row, "commit_id"),
    crashes: number(row, "crashes"),
    calls: JSON.parse(text(row, "calls")) as OpenCall[],
    result: textOrNull(row, "result"),
    error: textOrNull(row, "error"),
    base: number(row, "base"),
    output: number(row, "output"),
    shown: number(row, "shown"),
    created: number(row, "created"),
    updated: number(row, "updated"),
  };
}

export function entryRow(row: SqlRow): Entry {
  return {
    position: number(row, "position"),
    kind: text(row, "kind") as EntryKind,
    body: text(row, "body"),
    time: number(row, "time"),
  };
}

export function snapshotRow(row: SqlRow): SnapshotRow {
  return {
    position: number(row, "position"),
    turn: number(row, "turn"),
    hash: text(row, "hash"),
    body: text(row, "body"),
  };
}

/** A row of the first entry's columns, of the latest snapshot's, and of what else there is to do. */
export function toRunRow(row: SqlRow): ProgramToRun {
  return {
    program: text(row, "program"),
    first: { position: 0, kind: text(row, "kind") as EntryKind, body: text(row, "start"), time: number(row, "time") },
    snapshot: row.hash === null ? null : snapshotRow(row),
    addressed: number(row, "addressed") === 1,
    open: number(row, "open") === 1,
  };
}

export function inboxRow(row: SqlRow): InboxRow {
  return {
    id: number(row, "id"),
    program: text(row, "program"),
    key: text(row, "key"),
    kind: text(row, "kind") as InboxKind,
    body: textOrNull(row, "body"),
    time: number(row, "time"),
    position: numberOrNull(row, "position"),
  };
}

export function effectRow(row: SqlRow): EffectRow {
  return {
    key: text(row, "key"),
    program: text(row, "program"),
    position: number(row, "position"),
    queue: text(row, "queue"),
    kind: text(row, "kind"),
    topic: text(row, "topic"),
    capability: text(row, "capability"),
    payload: text(row, "payload"),
    delivery: text(row, "delivery") as Delivery,
    contract: text(row, "contract"),
    state: text(row, "state") as EffectState,
    attempts: number(row, "attempts"),
    due: number(row, "due"),
    owner: textOrNull(row, "owner"),
    term: number(row, "term"),
    outcome: textOrNull(row, "outcome") as Outcome | null,
    body: textOrNull(row, "body"),
    created: number(row, "created"),
    updated: number(row, "updated"),
  };
}

export function outputRow(row: SqlRow): OutputRow {
  return {
    serial: number(row, "serial"),
    branch: number(row, "branch"),
    number: number(row, "number"),
    text: text(row, "text"),
  };
}

export function interpreterRow(row: SqlRow): InterpreterRow {
  return {
    id: text(row, "id"),
    engine: text(row, "engine"),
    started: number(row, "started"),
    expires: number(row, "expires"),
  };
}

export function metaRow(row: SqlRow): StoreMeta {
  return {
    schema: number(row, "schema"),
    minReader: number(row, "min_reader"),
    minWriter: number(row, "min_writer"),
    incarnation: number(row, "incarnation"),
    clusterId: text(row, "cluster_id"),
  };
}
