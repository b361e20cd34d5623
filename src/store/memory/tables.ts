// The tables of a memory store: plain maps that hold exactly what the interface promises, and nothing faster.

import type { Entry } from "../../journal/entry.ts";
import type { Status } from "../../journal/status.ts";
import type { NewChunk } from "../changes.ts";
import type {
  EffectRow,
  InboxRow,
  InterpreterRow,
  NewTexts,
  OutputRow,
  ProgramRow,
  SnapshotRow,
  UnitRow,
} from "../rows.ts";

export type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A program with everything that goes with it. */
export interface ProgramTables {
  readonly row: Writable<ProgramRow>;
  readonly journal: Entry[];
  readonly snapshots: SnapshotRow[];
  readonly chunks: Map<string, Writable<NewChunk>>;
  /** By key, in order of arrival. */
  readonly inbox: Map<string, Writable<InboxRow> & { readonly rank: number }>;
  readonly output: OutputRow[];
}

export class Tables {
  lastTime = 0;
  nextInboxId = 1;
  readonly interpreters = new Map<string, Writable<InterpreterRow>>();
  /** In order of creation. */
  readonly programs = new Map<string, ProgramTables>();
  /** By key, in the order they were made. */
  readonly effects = new Map<string, Writable<EffectRow>>();
  /** Deleted programs: the status they had. */
  readonly collected = new Map<string, Status>();
  /** When content-addressed rows were last touched, by kind and hash. */
  readonly usedAt = {
    units: new Map<string, number>(),
    images: new Map<string, number>(),
    blobs: new Map<string, number>(),
  };
  readonly units = new Map<string, UnitRow>();
  readonly images = new Map<string, string>();
  readonly blobs = new Map<string, string>();

  /** Whether an interpreter's lease is good at a time. */
  isAlive(interpreter: string | null, now: number): boolean {
    if (interpreter === null) return false;
    const row = this.interpreters.get(interpreter);
    return row !== undefined && row.expires > now;
  }

  /** What the owner of a program has sent has no sender any more when the program is no longer its own. */
  abandon(program: string, owner: string): void {
    for (const effect of this.effects.values())
      if (effect.program === program && effect.owner === owner && effect.state === "sending") effect.owner = null;
  }

  /** Content-addressed: what is there stays, its use noted. */
  addTexts(texts: NewTexts, time: number): void {
    const { usedAt } = this;
    for (const unit of texts.units ?? []) {
      if (!this.units.has(unit.hash)) this.units.set(unit.hash, { ...unit });
      touch(usedAt.units, unit.hash, time);
    }
    for (const { hash, body } of texts.images ?? []) {
      if (!this.images.has(hash)) this.images.set(hash, body);
      touch(usedAt.images, hash, time);
    }
    for (const { hash, body } of texts.blobs ?? []) {
      if (!this.blobs.has(hash)) this.blobs.set(hash, body);
      touch(usedAt.blobs, hash, time);
    }
  }

  /** Removes a finished program with all that is its own. */
  collect(id: string): void {
    const { status } = this.programs.get(id)!.row;
    this.collected.set(id, status);
    this.programs.delete(id);
    for (const [key, effect] of this.effects) if (effect.program === id) this.effects.delete(key);
  }
}

const DAY = 86_400_000;

/** Once a day is enough (E-19). */
function touch(usedAt: Map<string, number>, hash: string, time: number): void {
  const before = usedAt.get(hash);
  if (before === undefined || before < time - DAY) usedAt.set(hash, time);
}

/** What is in a program's inbox and not consumed, in order of delivery (E-6). */
export function openInbox(program: ProgramTables): (Writable<InboxRow> & { readonly rank: number })[] {
  return [...program.inbox.values()]
    .filter((row) => row.position === null)
    .sort((a, b) => a.rank - b.rank || a.id - b.id);
}
