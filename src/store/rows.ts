// What the store keeps, as plain records: the rows that reads answer and the changes that commits carry.

import type { Effect, EffectState, Outcome } from "../journal/effect.ts";
import type { NewEntry } from "../journal/entry.ts";
import type { JsonText } from "../journal/record.ts";
import type { Status, Wait } from "../journal/status.ts";

/** A program as the store knows it. Times are milliseconds of the store's clock (E-13). */
export interface ProgramRow {
  /** 26 characters of lower-case Crockford base32 (E-17). */
  readonly id: string;
  readonly name: string;
  readonly status: Status;
  /** What it waits for: summary for people. */
  readonly waiting: readonly Wait[];
  /** Label to text. */
  readonly labels: Readonly<Record<string, string>>;
  readonly parent: string | null;
  readonly priority: number;
  readonly queue: string;
  readonly image: string;
  /** When it wants to run by itself; null: not before something arrives. */
  readonly wake: number | null;
  /** Whether the last turn ended at a fuel cut. */
  readonly cut: boolean;
  /** Entries in its journal: the position of the next one. */
  readonly position: number;
  /** Position its latest snapshot stands at (entries applied); null: none yet. */
  readonly snapshot: number | null;
  readonly owner: string | null;
  readonly term: number;
  /** Raised by every commit (E-1). */
  readonly turn: number;
  /** Journal position that began the branch (E-3). */
  readonly branch: number;
  /** Random id of the last commit (E-10). */
  readonly commitId: string | null;
  /** Take-overs from an expired owner since the last commit (E-15). */
  readonly crashes: number;
  /** Calls open in the process of the interpreter (E-4). */
  readonly calls: readonly OpenCall[];
  /** Tagged JSON. */
  readonly result: JsonText | null;
  readonly error: JsonText | null;
  /**
   * Where its journal begins (E-19): a snapshot at this position stays, and of the entries before it only `start` and the `base`
   * entry itself; 0: the journal is whole.
   */
  readonly base: number;
  /** Output chunks written so far: the serial of the last one (S-24). */
  readonly output: number;
  /** Serial of the last chunk that a terminal was given. */
  readonly shown: number;
  readonly created: number;
  readonly updated: number;
}

/** A foreign call without an effects row (E-4). Its payload stands in the `turn` entry at `position`. */
export interface OpenCall {
  readonly key: string;
  readonly topic: string;
  readonly position: number;
}

/** A new program. Its row, its `start` entry and the texts it names are written in one commit. */
export interface NewProgram {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly image: string;
  /** Body of the `start` entry. */
  readonly start: JsonText;
  readonly labels?: Readonly<Record<string, string>>;
  readonly parent?: string;
  readonly priority?: number;
  /** It begins with a state instead of nothing: a fork (E-3). Only for `createProgram`. */
  readonly fork?: ForkRows;
}

/** What a fork is created with, in the same transaction: its row then has base 1 and a snapshot at position 1 that stays. */
export interface ForkRows {
  readonly snapshot: { readonly hash: string; readonly body: string };
  /** Answers it is given first, in order: inbox rows. */
  readonly answers: readonly { readonly key: string; readonly body: JsonText }[];
  /** Effects that it makes anew. Their `position` is 0, the start entry. */
  readonly effects: readonly NewEffect[];
}

/** Compiled code under its unit hash: two JSON texts (src/code/code.ts). */
export interface UnitRow {
  readonly hash: string;
  readonly code: JsonText;
  readonly debug: JsonText;
}

/** A content-addressed text: a base image, a source, a large value. */
export interface TextRow {
  readonly hash: string;
  readonly body: string;
}

/** Content-addressed rows that come along with what names them, in the same commit (S-10). Rows already there stay. */
export interface NewTexts {
  readonly units?: readonly UnitRow[];
  readonly images?: readonly TextRow[];
  readonly blobs?: readonly TextRow[];
}

export interface SnapshotRow {
  /** Entries applied: the state after entries 0 .. position-1. */
  readonly position: number;
  readonly turn: number;
  /** State hash (S-11). */
  readonly hash: string;
  readonly body: string;
}

/** One of a program's deliveries. `position`: where the journal took it in; null: not yet (E-11). */
export interface InboxRow {
  readonly id: number;
  readonly program: string;
  readonly key: string;
  readonly kind: InboxKind;
  /** Null once it is consumed: the journal has it. */
  readonly body: JsonText | null;
  readonly time: number;
  readonly position: number | null;
}

/** Inbox rows become entries of the same kind; their bodies are those of the entries (src/journal/entry.ts). */
export type InboxKind = "answer" | "message" | "command";

/** An effect as the store knows it; (owner, term) names one claim on it (E-21). */
export interface EffectRow extends Effect {
  readonly program: string;
  readonly queue: string;
  /** Position of the `turn` entry that made it. */
  readonly position: number;
  readonly state: EffectState;
  /** Times it was claimed. */
  readonly attempts: number;
  /** Not to be claimed before. */
  readonly due: number;
  readonly owner: string | null;
  readonly term: number;
  readonly outcome: Outcome | null;
  /** What came back: plain JSON or, for a late answer to `unknown`, what arrived later. */
  readonly body: JsonText | null;
  readonly created: number;
  readonly updated: number;
}

/** An effect as a turn makes it. `sending`: born claimed by the committing interpreter (E-4). */
export interface NewEffect extends Effect {
  readonly state: "pending" | "sending";
  readonly due?: number;
}

/** An effect whose answer a turn took in from memory. `unknown` stays open for a person (E-21). */
export interface SettledEffect {
  readonly key: string;
  readonly state: "settled" | "unknown";
  readonly outcome: Outcome;
  readonly body: JsonText;
}

/** A piece of output as a turn prints it: keyed (program, branch, number) (S-24). */
export interface NewOutput {
  readonly branch: number;
  readonly number: number;
  readonly text: string;
}

export interface OutputRow extends NewOutput {
  /** 1, 2, 3 ... in commit order. */
  readonly serial: number;
}

/** A finished program that was deleted, or would be. */
export interface CollectedProgram {
  readonly id: string;
  readonly name: string;
  readonly status: Status;
  readonly updated: number;
}

/** Content-addressed rows that were deleted, or would be, by their hashes. */
export interface CollectedTexts {
  readonly units: readonly string[];
  readonly images: readonly string[];
  readonly blobs: readonly string[];
}

export interface InterpreterRow {
  readonly id: string;
  readonly engine: string;
  readonly expires: number;
  readonly started: number;
}

export interface StoreMeta {
  readonly schema: number;
  readonly minReader: number;
  readonly minWriter: number;
  readonly incarnation: number;
  readonly clusterId: string;
}

/** A chunk that snapshots use no more. `until`: position of the last one that used it. */
export interface DroppedChunk {
  readonly hash: string;
  readonly until: number;
}

/** What a turn does to its program, all of it or nothing (E-8). */
export interface TurnCommit {
  readonly program: string;
  /** The guard: the claim's term, and the turn the program is at. */
  readonly term: number;
  readonly turn: number;
  /** This commit also creates the program, owned by the committing interpreter: term 1, turn 0, position 1 (after `start`). */
  readonly birth?: NewProgram;
  /** Nobody owns the program: this commit also claims it. `term` is the one before; afterwards it is one more (E-12). */
  readonly claim?: boolean;
  /** The program's journal position before these entries. */
  readonly position: number;
  /**
   * With `base` as the last of them, beside a snapshot, the journal begins here from now on: older snapshots go in this commit, older
   * entries by `trimJournal` (E-19).
   */
  readonly entries: readonly NewEntry[];
  /** Inbox rows these entries came from, with their positions: exactly those become tombstones. */
  readonly consumed?: readonly { readonly id: number; readonly position: number }[];
  /**
   * Keys answered from memory (E-4). If the inbox holds a row under one of them that is not consumed yet, somebody was first (E-6):
   * the program is not committed. So a turn does not take both.
   */
  readonly answered?: readonly string[];
  readonly effects?: readonly NewEffect[];
  readonly settled?: readonly SettledEffect[];
  readonly output?: readonly NewOutput[];
  readonly texts?: NewTexts;
  readonly snapshot?: { readonly hash: string; readonly body: string };
  /** Chunks of the snapshot that the latest one before it does not use. Their bodies are any text of printable characters. */
  readonly chunks?: readonly TextRow[];
  /** Chunks of the latest snapshot before this turn's that this turn's does not use. */
  readonly dropped?: readonly DroppedChunk[];
  /** What the row says afterwards. */
  readonly after: ProgramAfter;
}

export interface ProgramAfter {
  readonly status: Status;
  readonly waiting: readonly Wait[];
  readonly wake: number | null;
  readonly cut: boolean;
  readonly branch: number;
  readonly calls: readonly OpenCall[];
  readonly image: string;
  readonly result?: JsonText;
  readonly error?: JsonText;
  /** Give up ownership in the same commit, also of effects that are `sending`. Implied when the status is over. */
  readonly release?: boolean;
}
