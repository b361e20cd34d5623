// The store's interface: the only place where programs, interpreters and connectors meet. Memory is the oracle, SQLite the file.
//
// Invariants every implementation holds (test/store/store-contract.ts):
//
// - A change to a program is guarded by (owner, term, turn); a stale writer changes nothing (E-1, E-8).
// - A commit is all or nothing for each program. Positions are without a gap; `turn` grows by one for each TurnCommit.
// - A delivery under a key that exists already is the same delivery. What arrives early is kept (design.md section 7).
// - A turn consumes exactly the inbox rows it names (E-2).
// - The store's time never goes back (E-13); leases are judged by it.
// - Ids, keys and names hold no control character and at most 255 bytes; bodies are canonical JSON texts (E-9) and come back
//   byte for byte; a lone surrogate is refused.
// - What was answered is durable (except in memory). Failures are FlowmetalErrors with a `store/...` code.

import type { EffectState, Outcome } from "../journal/effect.ts";
import type { CommandBody, Entry } from "../journal/entry.ts";
import type { JsonText } from "../journal/record.ts";
import type { Status } from "../journal/status.ts";
import type { BodyChange, BodyPage, BodyRow, BodyTableName } from "./bodies.ts";
import type { ImportParams, ImportResult, MoveParams, MoveResult, ProgramRows } from "./moving.ts";
import type {
  CollectedProgram,
  CollectedTexts,
  EffectRow,
  InboxKind,
  InboxRow,
  InterpreterRow,
  NewProgram,
  NewTexts,
  OutputRow,
  ProgramRow,
  SnapshotRow,
  StoreMeta,
  TextRow,
  TurnCommit,
  UnitRow,
} from "./rows.ts";

export interface Store {
  /** What `openStore` was given, normalised: `sqlite:/path/store.db`, `memory:`. */
  readonly url: string;
  /** Ends everything under way, then closes the file. */
  close(): Promise<void>;

  readMeta(): Promise<StoreMeta>;
  /** The store's clock (E-13). */
  readTime(): Promise<number>;

  // Interpreters and their leases (E-12).
  registerInterpreter(params: { id: string; engine: string; lease: number }): Promise<InterpreterRow>;
  /** Those that are registered, the oldest first; one whose lease ran out stays for ten minutes. */
  listInterpreters(): Promise<readonly InterpreterRow[]>;
  /** Renews the lease; false: it is gone, so throw away all memory state and register under a new id. */
  renewLease(params: { interpreter: string; lease: number }): Promise<boolean>;
  /** An orderly end: releases every program and effect it owns, and removes its row. */
  retireInterpreter(params: { interpreter: string }): Promise<void>;
  /**
   * What an interpreter had in memory is gone, but its lease goes on: releases its programs, but those of `except`, with their effects
   * that are `sending`. `crashed`: the program that was being evaluated, whose crashes grow by 1 if it is still its own (E-15).
   */
  disownPrograms(params: DisownParams): Promise<void>;

  // Programs.
  /** Creates a program that nobody owns. `created` is false if the id exists already (E-23): the row answered is that one. */
  createProgram(params: {
    program: NewProgram;
    texts?: NewTexts;
  }): Promise<{ readonly created: boolean; readonly row: ProgramRow }>;
  /**
   * Takes a program that nobody owns, that the claimer owns already (from a run of its own that ended without a commit), or whose
   * owner's lease expired; raises its term. What the owner before had under way as `sending` can be claimed from then on,
   * even if that interpreter lives on (E-21).
   */
  claimProgram(params: { program: string; interpreter: string }): Promise<ClaimResult>;
  /**
   * Takes programs that are claimable (E-2), each as `claimProgram` does: at most `limit` in all, and of each queue its own limit. In
   * a queue those of the highest priority come first, then the oldest; queues take turns, so that none waits for the backlog
   * of another. (Where more than 1,000 of a queue are due by time, or have deliveries, those due first, or the oldest, are looked at.)
   * Programs that would be suspects by this claim (SUSPECT_CRASHES, E-15) are left out or, with `suspects`, are the only
   * ones taken. Takes none if the interpreter's own lease is gone.
   */
  claimPrograms(params: ClaimWish): Promise<ClaimedPrograms>;
  /** As `releaseProgram`, for many in one transaction. Answers the ids of those that were its own. */
  releasePrograms(params: {
    interpreter: string;
    programs: readonly { readonly program: string; readonly term: number }[];
  }): Promise<readonly string[]>;
  /** What an interpreter and its connectors could do now. Takes and writes nothing. */
  readWork(params: WorkQuery): Promise<Work>;
  /**
   * Figures for those who watch over a store, each read by an index (docs/decisions/0020-observing.md). Not of one moment: what changes meanwhile
   * may be seen in one figure and not in another. Takes and writes nothing.
   */
  readFigures(params: FiguresQuery): Promise<StoreFigures>;
  /** Gives up ownership, also of effects that are `sending`; false if it was lost already. The status stays (E-14). */
  releaseProgram(params: { program: string; interpreter: string; term: number }): Promise<boolean>;
  /** Programs that could be claimed and have something to do (E-2), by priority, then by age. */
  listClaimable(params: { queues: readonly string[]; limit: number }): Promise<readonly ProgramRow[]>;
  readProgram(params: { program: string }): Promise<ProgramRow | null>;
  /** An id from a whole id, a unique prefix of one, or `@last`. */
  resolveProgramId(params: { text: string }): Promise<IdResult>;
  /** Newest first. */
  listPrograms(params: ProgramFilter): Promise<readonly ProgramRow[]>;

  // Turns.
  /** Commits turns of many programs at once (E-8). Turns of one program are given in order and stand or fall together. */
  commitTurns(batch: CommitBatch): Promise<CommitResult>;
  readJournal(params: { program: string; from?: number; limit?: number }): Promise<readonly Entry[]>;
  /** What it takes to go on with programs that the caller owns, for many at once, in any order; those that are missing are left out. */
  readToRun(params: { programs: readonly string[] }): Promise<readonly ProgramToRun[]>;
  /** The latest snapshot at or before a position (default: the latest of all). */
  readSnapshot(params: { program: string; position?: number }): Promise<SnapshotRow | null>;
  /**
   * Deletes entries that a `base` entry has made superfluous, the oldest first, at most `limit`; `start` and the `base` entry
   * stay. Answers how many there were: fewer than `limit` means that none are left.
   */
  trimJournal(params: { program: string; limit: number }): Promise<number>;
  /** Positions of the snapshots kept (E-19), in order. */
  listSnapshots(params: { program: string }): Promise<readonly number[]>;
  readChunks(params: { program: string; hashes: readonly string[] }): Promise<readonly TextRow[]>;

  // Retention (E-19).
  /**
   * Deletes programs that are over and were not touched since `before`, the longest finished first, at most `limit`, each with all
   * that is its own and in one transaction that looks again. One that still has effects to be carried out stays. A deleted program
   * leaves its id and status: deliveries to it answer `gone`. `dryRun`: says what it would delete.
   */
  collectPrograms(params: { before: number; limit: number; dryRun?: boolean }): Promise<readonly CollectedProgram[]>;
  /**
   * Deletes content-addressed rows that nothing in the store names and nobody has touched since `before`; whether one was touched
   * meanwhile is asked again in the deleting transaction: who writes something that names a row touches it, if it was not touched
   * for a day.
   */
  collectTexts(params: { before: number; dryRun?: boolean; lens?: Lens }): Promise<CollectedTexts>;

  // Moving between stores (E-20, docs/decisions/0018).
  /** All that is a program's own, as it stands at one moment; null: there is none of this id. */
  readRows(params: { program: string }): Promise<ProgramRows | null>;
  /**
   * Marks a paused program that nobody living owns as `moved`, in one transaction: raises its term and turn, writes the `turn` entry
   * given and `moved`, and closes its open effects (settled, outcome `unknown`), which `moved` names with their states. So nobody
   * carries them out from here any more, and answers to them are `already-settled`.
   */
  moveProgram(params: MoveParams): Promise<MoveResult>;
  /**
   * Creates a program with all its rows and the texts it needs, or nothing. Nobody owns it, whatever the row says; ids of its
   * inbox are given anew. A row of its id that is there stays and is answered, unless it may be replaced (`mayReplace`).
   */
  importProgram(params: ImportParams): Promise<ImportResult>;

  // Deliveries.
  /** Puts an answer or a message into a program's inbox, once for each key. */
  deliver(params: {
    program: string;
    key: string;
    kind: Exclude<InboxKind, "command">;
    body: JsonText;
    /** What the body of an answer says, where it is sealed. */
    answer?: { readonly outcome: Outcome; readonly body: JsonText };
  }): Promise<DeliverResult>;
  /** Puts a command into a program's inbox, under its id (E-7). `body`: its text, where that is sealed. */
  putCommand(params: { program: string; command: CommandBody; body?: JsonText }): Promise<DeliverResult>;
  /** Rows not consumed yet, in order of arrival, commands `cancel` first (E-6). At most 1,000, and of long ones the first 16 MB (E-27). */
  readInbox(params: { program: string; limit?: number }): Promise<readonly InboxRow[]>;

  // Effects carried out by connectors, in this process or others (E-21).
  /**
   * Takes effects that are due: `pending` ones, and `sending` ones whose owner's lease expired if they may be sent again. Those
   * that may not become `unknown`, and their programs are told.
   */
  claimEffects(params: EffectClaim): Promise<readonly EffectRow[]>;
  /** Writes the outcome and delivers the answer, in one transaction, under the claim's owner and term. `answer`: its text, where that is sealed. */
  settleEffect(params: {
    key: string;
    owner: string;
    term: number;
    outcome: Outcome;
    body: JsonText;
    answer?: JsonText;
  }): Promise<SettleResult>;
  /** Back to `pending`, to be claimed again when due: it was not sent, or may be sent again. False: the claim was lost. */
  postponeEffect(params: { key: string; owner: string; term: number; due: number }): Promise<boolean>;
  readEffect(params: { key: string }): Promise<EffectRow | null>;
  listEffects(params: { program: string; states?: readonly EffectState[] }): Promise<readonly EffectRow[]>;

  // Output (S-24).
  /** Chunks after a serial, in commit order. */
  readOutput(params: { program: string; after?: number; limit?: number }): Promise<readonly OutputRow[]>;
  /** Records that a terminal was given the chunks up to a serial. Never goes back. */
  markShown(params: { program: string; serial: number }): Promise<void>;

  // Content-addressed texts.
  writeTexts(params: NewTexts): Promise<void>;
  readUnit(params: { hash: string }): Promise<UnitRow | null>;
  /** Units in any order; missing ones are left out. */
  readUnits(params: { hashes: readonly string[] }): Promise<readonly UnitRow[]>;
  readImage(params: { hash: string }): Promise<string | null>;
  /** Whether the image is there, its use noted within a day (E-19): else it is to be sent with the next program that needs it. */
  hasImage(params: { hash: string }): Promise<boolean>;
  readBlob(params: { hash: string }): Promise<string | null>;

  // Bodies as rows hold them, and the seal (docs/decisions/0021): for src/store/sealed alone.
  /** What the store says of the keys it is sealed with; null: it is not sealed. */
  readSeal(): Promise<string | null>;
  /** Seals a store that is empty (`was` is null), or changes its seal if it is still `was`; false: neither. */
  writeSeal(params: { was: string | null; now: string }): Promise<boolean>;
  readBodies(page: BodyPage): Promise<readonly BodyRow[]>;
  /** In one transaction. Rows that have other texts by now stay as they are; answers how many did not. */
  replaceBodies(params: { table: BodyTableName; rows: readonly BodyChange[] }): Promise<number>;

  /**
   * Calls back soon after anything may have changed (E-18): by another process, or by this one's deliveries, starts, releases and
   * settled effects. Not for turns committed here: who committed them knows. Answers a function that ends it.
   */
  watch(callback: WatchCallback): Promise<() => Promise<void>>;
}

/** `programs`: nothing has changed but that these were delivered something; left out: anything may have. */
export type WatchCallback = (programs?: readonly string[]) => void;

/** How a store whose rows are sealed finds what they name. */
export interface Lens {
  /** The texts of a row. */
  open(row: BodyRow & { readonly table: BodyTableName }): Iterable<string>;
  /** The texts of a unit, or of an image, that stands at this address. */
  unit(row: UnitRow): Iterable<string>;
  image(address: string, body: string): string;
  /** Where the text with this hash stands. */
  address(hash: string): string;
  /** Told which addresses nothing names, before they are deleted. */
  unnamed(texts: CollectedTexts): Promise<void>;
}

export type ClaimResult =
  | {
      readonly outcome: "claimed";
      readonly row: ProgramRow /** The lease of an owner had expired. */;
      readonly takenOver: boolean;
    }
  | { readonly outcome: "owned"; readonly owner: string; readonly expires: number }
  | { readonly outcome: "over"; readonly status: Status }
  /** The interpreter's own lease is gone. */
  | { readonly outcome: "lease-lost" }
  | { readonly outcome: "missing" };

/** A program whose owners died on it so often in a row is a suspect: it is evaluated alone (E-15). */
export const SUSPECT_CRASHES = 2;

export interface ClaimWish {
  readonly interpreter: string;
  readonly queues: readonly ClaimQueue[];
  readonly limit: number;
  readonly suspects?: boolean;
}

export interface ClaimQueue {
  readonly name: string;
  readonly limit: number;
  /**
   * Of its programs that have the same text as this label, so many are owned by living interpreters after the claim at most, counted in the
   * whole store. Programs without the label have no such limit.
   */
  readonly per?: { readonly label: string; readonly limit: number };
}

/** Where programs of texts that have reached their limit stand before others in a queue, so many are looked past for one claim. */
export const LOOKED_PAST = 20_000;

export interface ClaimedPrograms {
  /** The interpreter's own lease is gone (E-12). */
  readonly leaseLost: boolean;
  /** In the order in which they were chosen. */
  readonly claimed: readonly {
    readonly row: ProgramRow /** From an owner whose lease had expired. */;
    readonly takenOver: boolean;
  }[];
}

/** A program as its owner needs it to go on, besides its row. */
export interface ProgramToRun {
  readonly program: string;
  /** The entry at position 0. */
  readonly first: Entry;
  /** The latest. */
  readonly snapshot: SnapshotRow | null;
  /** It has deliveries that it has not taken in. */
  readonly addressed: boolean;
  /** It has effects that are not settled. */
  readonly open: boolean;
}

export interface DisownParams {
  readonly interpreter: string;
  readonly crashed: string | null;
  readonly except: readonly string[];
}

export interface WorkQuery {
  readonly interpreter: string;
  readonly queues: readonly string[];
  /** Of the connectors. */
  readonly capabilities: readonly string[];
}

export interface Work {
  /** The store's time. */
  readonly time: number;
  /** `claimPrograms` would find something, without suspects; and with. */
  readonly claimable: boolean;
  readonly suspects: boolean;
  /** `claimEffects` would find something. */
  readonly effects: boolean;
  /** Programs the interpreter owns with deliveries they have not taken in. */
  readonly addressed: readonly string[];
  /** The next time, after `time`, at which a program that nobody owns wakes, or an effect is due; null: none is set. */
  readonly next: number | null;
}

/** So many claimable programs of a queue are looked at for its figures: a longer queue is told as this long. */
export const FIGURES_DEPTH_MAX = 10_000;

export interface FiguresQuery {
  /** Those whose depth and age are wanted. */
  readonly queues: readonly string[];
}

export interface StoreFigures {
  /** The store's time, in milliseconds. */
  readonly time: number;
  /** Programs that are not over. All queues `local:...`, each of which has one program, are told as `local`. */
  readonly programs: readonly { readonly queue: string; readonly status: Status; readonly count: number }[];
  /** Those of them whose owners have died since their last commit (E-15). */
  readonly crashed: number;
  /** Effects that are not settled. `due`: since when the first of them may be carried out; null: they may not. */
  readonly effects: readonly {
    readonly capability: string;
    readonly state: EffectState;
    readonly count: number;
    readonly due: number | null;
  }[];
  /** In the order of the query. */
  readonly queues: readonly QueueFigures[];
  /** Interpreters whose leases are good. */
  readonly interpreters: number;
}

export interface QueueFigures {
  readonly queue: string;
  /** Programs that could be claimed (E-2), suspects too; FIGURES_DEPTH_MAX: so many, or more. */
  readonly claimable: number;
  /** Since when the one of them that waits longest has had something to do, in milliseconds; null: there is none. */
  readonly since: number | null;
}

export interface ProgramFilter {
  readonly statuses?: readonly Status[];
  readonly queue?: string;
  readonly parent?: string;
  readonly name?: string;
  /** Every one of these labels with this text. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly limit?: number;
}

export type IdResult =
  | { readonly outcome: "found"; readonly id: string }
  | { readonly outcome: "missing" }
  /** Some of the ids it could mean. */
  | { readonly outcome: "ambiguous"; readonly ids: readonly string[] };

export interface CommitBatch {
  /** Random id of this commit (E-10): 26 characters, new for each batch. */
  readonly id: string;
  readonly interpreter: string;
  /** Renewed by the commit once an eighth of it has passed (E-12): so that not every commit writes one more page. */
  readonly lease: number;
  readonly turns: readonly TurnCommit[];
  /** The outcome of an earlier sending is unknown (E-10): what it committed counts as committed and is not written twice. */
  readonly again?: boolean;
}

export interface CommitResult {
  /** Store time of the commit. */
  readonly time: number;
  readonly committed: readonly string[];
  /** Not committed: owner, term or turn is another, or somebody answered first. Drop their memory state and reload. */
  readonly lost: readonly string[];
  /** Their rows cannot be committed, and would not be next time: they are to fault `commit-refused` (E-8). */
  readonly refused: readonly { readonly program: string; readonly error: Error }[];
  /** The interpreter's row is gone: nothing was committed, throw away all memory state (E-12). */
  readonly leaseLost: boolean;
}

export type DeliverResult =
  | { readonly outcome: "delivered"; readonly id: number }
  /** A delivery under this key is there already, consumed or not. */
  | { readonly outcome: "duplicate" }
  /** An answer to an effect that is settled (E-6). */
  | { readonly outcome: "already-settled" }
  /** The program is over, or was and is deleted (E-11). */
  | { readonly outcome: "gone"; readonly status: Status }
  | { readonly outcome: "missing" };

export interface EffectClaim {
  /** The claiming interpreter or connector: a registered interpreter row with a lease. */
  readonly owner: string;
  readonly limit: number;
  readonly queues: readonly string[];
  readonly capabilities: readonly string[];
  /** Only effects of this program. */
  readonly program?: string;
}

export type SettleResult =
  | { readonly outcome: "settled" }
  | { readonly outcome: "already-settled" }
  /** It was sent at most once and had been given up as `unknown`: the answer is kept beside it, for a person to decide (E-21). */
  | { readonly outcome: "kept" }
  /** Another owner or term has it now. */
  | { readonly outcome: "lost" }
  | { readonly outcome: "missing" };
