// Verifies that the journal of a program leads to the state the store has (the master property, S-26).
import { FlowmetalError } from "../base/errors.ts";
import { isOver } from "../journal/status.ts";
import { decodeBody } from "../journal/codec.ts";
import { stateHash } from "../snapshot/snapshot.ts";
import type { ProgramRow } from "../store/rows.ts";
import { type LoadContext, loadProgram } from "./loading.ts";

/** What a verification found. */
export interface Verification {
  readonly from: number;
  readonly to: number;
  /** State hash of the newest snapshot (null: there is none), and of the replayed program at its position. */
  readonly recorded: string | null;
  readonly replayed: string;
  readonly same: boolean;
  readonly divergedAt: number | null;
  readonly why: string | null;
}

/** Replays a program from the beginning of its journal, comparing the state hash of every turn that recorded one. */
export async function verifyReplay(context: LoadContext, row: ProgramRow): Promise<Verification> {
  const snapshot = await context.store.readSnapshot({ program: row.id });
  const recorded = snapshot?.hash ?? null;
  let seen = "";
  let divergedAt: number | null = null;
  let why: string | null = null;
  const check = (expected: string, actual: string, position: number) => {
    seen = actual;
    if (expected === actual || divergedAt !== null) return;
    divergedAt = position;
    why = "the state after this turn is another one than the journal says";
  };
  try {
    const loaded = await loadProgram(context, row.id, { fromStart: true, check });
    if (isOver(row.status))
      return await verifyEnd(context, row, loaded.machine.status(), { recorded, seen, divergedAt, why });
    const replayed = stateHash(loaded.machine.state);
    const same =
      divergedAt === null && (recorded === null || snapshot?.position !== loaded.position || recorded === replayed);
    return { from: 0, to: loaded.position, recorded, replayed, same, divergedAt, why };
  } catch (error) {
    if (!(error instanceof FlowmetalError) || error.code !== "replay/diverged") throw error;
    return { from: 0, to: row.position, recorded, replayed: seen, same: false, divergedAt, why: error.message };
  }
}

interface Found {
  readonly recorded: string | null;
  readonly seen: string;
  readonly divergedAt: number | null;
  readonly why: string | null;
}

/** A program that is over has no snapshot of its last state: it must have come to its end, with the same result. */
async function verifyEnd(context: LoadContext, row: ProgramRow, status: string, found: Found): Promise<Verification> {
  const over = status === "done" || row.status === "moved";
  const [last] = await context.store.readJournal({ program: row.id, from: row.position - 1, limit: 1 });
  const result = last?.kind === "done" ? decodeBody("done", last.body).result : null;
  const sameResult = row.status !== "done" || result === row.result;
  const same = found.divergedAt === null && over && sameResult;
  const why =
    found.why ?? (over ? (sameResult ? null : "the result is another one") : "the replay does not come to an end");
  return {
    from: 0,
    to: row.position,
    recorded: found.recorded,
    replayed: found.seen,
    same,
    divergedAt: found.divergedAt,
    why,
  };
}
