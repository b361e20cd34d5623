// Turns in PostgreSQL: the group commit (E-8, E-10), and reading back what it wrote.

import type { Entry } from "../../journal/entry.ts";
import { checkId } from "../check.ts";
import { type ProgramChange, partition, planBatch, type Refused } from "../changes.ts";
import { commitRefused, unknownOutcome } from "../errors.ts";
import type { StoreTime } from "../host.ts";
import type { OutputRow, SnapshotRow, TextRow } from "../rows.ts";
import { entryRow, outputRow, snapshotRow, toRunRow } from "../sqlite/decode.ts";
import type { CommitBatch, CommitResult, ProgramToRun } from "../store.ts";
import { batchParameters, COMMIT } from "./batch.ts";
import type { PgDriver, SqlRow } from "./driver.ts";
import { plainText } from "./escape.ts";
import { isLost, isRefusal } from "./failures.ts";

const JOURNAL = `
SELECT position, kind, body, time FROM flowmetal.journal WHERE program = $1 AND position >= $2 ORDER BY position LIMIT $3`;
const SNAPSHOT = `
SELECT position, turn, hash, body FROM flowmetal.snapshots WHERE program = $1 AND position <= $2 ORDER BY position DESC LIMIT 1`;
const TO_RUN = `
SELECT j.program, j.kind, j.body AS start, j.time, s.position, s.turn, s.hash, s.body,
  (EXISTS (SELECT 1 FROM flowmetal.inbox AS i WHERE i.program = j.program AND i.position IS NULL))::integer AS addressed,
  (EXISTS (SELECT 1 FROM flowmetal.effects AS e WHERE e.program = j.program AND e.state <> 'settled'))::integer AS open
FROM flowmetal.journal AS j LEFT JOIN LATERAL (
  SELECT * FROM flowmetal.snapshots WHERE program = j.program ORDER BY position DESC LIMIT 1) AS s ON true
WHERE j.program = ANY ($1) AND j.position = 0`;
const SNAPSHOTS = "SELECT position FROM flowmetal.snapshots WHERE program = $1 ORDER BY position";
const CHUNKS = "SELECT hash, body FROM flowmetal.chunks WHERE program = $1 AND hash = ANY ($2)";
const OUTPUT = `
SELECT serial, branch, number, text FROM flowmetal.output WHERE program = $1 AND serial > $2 ORDER BY serial LIMIT $3`;
const SHOWN = "UPDATE flowmetal.programs SET shown = $2 WHERE id = $1 AND shown < $2 AND output >= $2";

const NOW = "SELECT flowmetal.now_ms() AS ms";

/** What the sendings of a batch came to. */
interface Sent {
  /** Null until a part has passed. */
  time: number | null;
  leaseLost: boolean;
  readonly committed: string[];
  readonly refused: Refused[];
}

/** The turns of one store. */
export class PostgresTurns {
  readonly #driver: PgDriver;
  readonly #time: StoreTime;

  constructor(driver: PgDriver, time: StoreTime) {
    this.#driver = driver;
    this.#time = time;
  }

  async commitTurns(batch: CommitBatch): Promise<CommitResult> {
    checkId("commit", batch.id);
    const { changes, refused } = planBatch(batch.turns);
    const sent: Sent = { time: null, leaseLost: false, committed: [], refused };
    for (const part of partition(changes)) await this.#send(batch, part, sent);
    const settled = new Set([...sent.committed, ...sent.refused.map(({ program }) => program)]);
    const lost = [...new Set(batch.turns.map((turn) => turn.program))].filter((program) => !settled.has(program));
    return { ...sent, time: sent.time ?? (await this.readTime()), lost };
  }

  /** The server's clock (E-13), but never behind what this process has seen of it. */
  async readTime(): Promise<number> {
    const [row] = await this.#driver.all(NOW);
    this.#time.see(row.ms as number);
    return this.#time.seen;
  }

  /** Sends a part as one call; if its rows are refused, halves it until the program that is at fault is alone (E-8). */
  async #send(batch: CommitBatch, part: readonly ProgramChange[], sent: Sent): Promise<void> {
    const head = { id: batch.id, interpreter: batch.interpreter, lease: batch.lease, seen: this.#time.seen };
    try {
      const parameters = batchParameters(head, part);
      const [row] = await this.#driver.write(COMMIT, (again) => parameters(again || batch.again === true));
      sent.time = row.o_time as number;
      this.#time.see(row.o_time as number);
      sent.leaseLost ||= row.o_leased === 0;
      sent.committed.push(...(JSON.parse(row.o_committed as string) as string[]));
    } catch (error) {
      if (isLost(error)) throw unknownOutcome(error);
      if (!isRefusal(error)) throw error;
      if (part.length === 1) {
        sent.refused.push({ program: part[0].program, error: commitRefused(part[0].program, error) });
        return;
      }
      const half = part.length >> 1;
      await this.#send(batch, part.slice(0, half), sent);
      await this.#send(batch, part.slice(half), sent);
    }
  }

  async readJournal(params: { program: string; from?: number; limit?: number }): Promise<readonly Entry[]> {
    return (await this.#driver.all(JOURNAL, [params.program, params.from ?? 0, params.limit ?? null])).map(entryRow);
  }

  async readToRun({ programs }: { programs: readonly string[] }): Promise<readonly ProgramToRun[]> {
    const rows = await this.#driver.all(TO_RUN, [programs]);
    return rows.map((row) => toRunRow(row.hash === null ? row : { ...row, body: plainText(row.body as string) }));
  }

  async readSnapshot(params: { program: string; position?: number }): Promise<SnapshotRow | null> {
    const [row] = await this.#driver.all(SNAPSHOT, [params.program, params.position ?? Number.MAX_SAFE_INTEGER]);
    return row === undefined ? null : snapshotRow({ ...row, body: plainText(row.body as string) });
  }

  async listSnapshots({ program }: { program: string }): Promise<readonly number[]> {
    return (await this.#driver.all(SNAPSHOTS, [program])).map((row) => row.position as number);
  }

  async readChunks(params: { program: string; hashes: readonly string[] }): Promise<readonly TextRow[]> {
    return (await this.#driver.all(CHUNKS, [params.program, params.hashes])).map(textRow);
  }

  async readOutput(params: { program: string; after?: number; limit?: number }): Promise<readonly OutputRow[]> {
    const rows = await this.#driver.all(OUTPUT, [params.program, params.after ?? 0, params.limit ?? null]);
    return rows.map((row) => outputRow({ ...row, text: plainText(row.text as string) }));
  }

  async markShown({ program, serial }: { program: string; serial: number }): Promise<void> {
    await this.#driver.write(SHOWN, () => [program, serial]);
  }
}

function textRow(row: SqlRow): TextRow {
  return { hash: row.hash as string, body: plainText(row.body as string) };
}
