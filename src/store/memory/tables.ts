// The tables of a memory store: plain maps that hold exactly what the interface promises, and nothing faster.

import type { Entry } from "../../journal/entry.ts";
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
  readonly chunks: Map<string, string>;
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

  /** Content-addressed: what is there stays. */
  addTexts(texts: NewTexts): void {
    for (const unit of texts.units ?? []) if (!this.units.has(unit.hash)) this.units.set(unit.hash, { ...unit });
    for (const { hash, body } of texts.images ?? []) if (!this.images.has(hash)) this.images.set(hash, body);
    for (const { hash, body } of texts.blobs ?? []) if (!this.blobs.has(hash)) this.blobs.set(hash, body);
  }
}

/** What is in a program's inbox and not consumed, in order of delivery (E-6). */
export function openInbox(program: ProgramTables): (Writable<InboxRow> & { readonly rank: number })[] {
  return [...program.inbox.values()]
    .filter((row) => row.position === null)
    .sort((a, b) => a.rank - b.rank || a.id - b.id);
}
