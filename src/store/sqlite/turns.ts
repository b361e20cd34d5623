// Turns in SQLite: the group commit (E-8, E-10), and reading back what it wrote.

import type { Entry } from "../../journal/entry.ts";
import { checkId } from "../check.ts";
import { type ProgramChange, partition, planBatch, type Refused } from "../changes.ts";
import { commitRefused, unknownOutcome } from "../errors.ts";
import type { StoreHost, StoreTime } from "../host.ts";
import type { OutputRow, SnapshotRow, TextRow } from "../rows.ts";
import type { CommitBatch, CommitResult, ProgramToRun } from "../store.ts";
import { type BatchStatement, batchStatement } from "./batch.ts";
import { entryRow, outputRow, snapshotRow, toRunRow } from "./decode.ts";
import { type SqlDriver, SqlError } from "./driver.ts";

const COMMITTED = `
SELECT id FROM programs WHERE commit_id = ?1 AND id IN (SELECT value FROM json_each(?2))`;
const JOURNAL = `
SELECT position, kind, body, time FROM journal WHERE program = ?1 AND position >= ?2 ORDER BY position LIMIT ?3`;
const SNAPSHOT = `
SELECT position, turn, hash, body FROM snapshots WHERE program = ?1 AND position <= ?2 ORDER BY position DESC LIMIT 1`;
const TO_RUN = `
SELECT j.program, j.kind, j.body AS start, j.time, s.position, s.turn, s.hash, s.body,
  EXISTS (SELECT 1 FROM inbox AS i WHERE i.program = j.program AND i.position IS NULL) AS addressed,
  EXISTS (SELECT 1 FROM effects AS e WHERE e.program = j.program AND e.state <> 'settled') AS open
FROM json_each(?1) AS q JOIN journal AS j ON j.program = q.value AND j.position = 0
  LEFT JOIN snapshots AS s ON s.program = j.program
    AND s.position = (SELECT max(position) FROM snapshots WHERE program = j.program)`;
const SNAPSHOTS = "SELECT position FROM snapshots WHERE program = ?1 ORDER BY position";
const CHUNKS = "SELECT hash, body FROM chunks WHERE program = ?1 AND hash IN (SELECT value FROM json_each(?2))";
const OUTPUT = `
SELECT serial, branch, number, text FROM output WHERE program = ?1 AND serial > ?2 ORDER BY serial LIMIT ?3`;
const SHOWN = "UPDATE programs SET shown = ?2 WHERE id = ?1 AND shown < ?2 AND output >= ?2";

/** How long a batch waits when another process writes to the same file, so that its turn comes too (E-17). */
const COURTESY_MS = 2;

/** A batch follows the one before at once if no more than this lies between that one's answer and its sending. */
const AT_ONCE_MS = 2;
/** How long the event loop is kept awake for an answer at most: what takes longer does so for other reasons than a sleeping thread. */
const AWAKE_MS = 1;

/** What a sending of one part of a batch came to. */
interface Sent {
  time: number;
  leaseLost: boolean;
  readonly committed: string[];
  readonly refused: Refused[];
}

/** The turns of one store. */
export class SqliteTurns {
  readonly #driver: SqlDriver;
  readonly #host: StoreHost;
  readonly #time: StoreTime;
  /** The views of batches that this connection has. */
  readonly #views = new Set<string>();
  /** Elapsed time before which the next batch should not begin. */
  #courtesy = 0;
  /** Elapsed time when the last batch was answered, if this process had the file to itself. */
  #answered = -Infinity;

  constructor(driver: SqlDriver, host: StoreHost, time: StoreTime) {
    this.#driver = driver;
    this.#host = host;
    this.#time = time;
  }

  async commitTurns(batch: CommitBatch): Promise<CommitResult> {
    checkId("commit", batch.id);
    const { changes, refused } = planBatch(batch.turns);
    const sent: Sent = { time: this.#time.now(), leaseLost: false, committed: [], refused };
    const wait = this.#courtesy - this.#host.clock.monotonic();
    if (wait > 0) await this.#host.clock.sleep(wait);
    const open = batch.again ? await this.#withoutCommitted(batch, changes, sent) : changes;
    for (const part of partition(open)) await this.#sendCertainly(batch, part, sent);
    const settled = new Set([...sent.committed, ...sent.refused.map(({ program }) => program)]);
    const lost = [...new Set(batch.turns.map((turn) => turn.program))].filter((program) => !settled.has(program));
    return { ...sent, lost };
  }

  /** Sends a part; if it cannot be told what became of it, looks, and sends the rest once more (E-10). */
  async #sendCertainly(batch: CommitBatch, part: readonly ProgramChange[], sent: Sent): Promise<void> {
    try {
      await this.#send(batch, part, sent);
    } catch (error) {
      if (!(error instanceof Error && sqliteName(error) === "SQLITE_IOERR")) throw error;
      try {
        await this.#send(batch, await this.#withoutCommitted(batch, part, sent), sent);
      } catch (cause) {
        throw unknownOutcome(cause);
      }
    }
  }

  /** Sends a part in one statement; if its rows are refused, halves it until the program that is at fault is alone (E-8). */
  async #send(batch: CommitBatch, part: readonly ProgramChange[], sent: Sent): Promise<void> {
    if (part.length === 0) return;
    const head = { id: batch.id, interpreter: batch.interpreter, lease: batch.lease, now: this.#time.now() };
    try {
      const statement = batchStatement(head, part);
      if (!this.#views.has(statement.view)) await this.#makeView(statement);
      const answer = this.#driver.all(statement.sql, statement.params);
      void this.#stayAwake(answer);
      const [row] = await answer;
      this.#answered = row.others === 0 ? this.#host.clock.monotonic() : -Infinity;
      sent.time = row.time as number;
      this.#time.see(sent.time);
      sent.leaseLost ||= row.leased === 0;
      sent.committed.push(...(JSON.parse(row.committed as string) as string[]));
      if (row.others !== 0) this.#courtesy = this.#host.clock.monotonic() + COURTESY_MS;
    } catch (error) {
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

  /**
   * Keeps the event loop from falling asleep until the answer is there, in a row of batches that follow each other at once: to be
   * woken, and to run with what sleep has left of the caches, costs as much as a turn (docs/decisions/0013).
   */
  async #stayAwake(answer: Promise<unknown>): Promise<void> {
    const { clock } = this.#host;
    const begun = clock.monotonic();
    if (begun - this.#answered > AT_ONCE_MS) return;
    let there = false;
    const arrived = (): void => {
      there = true;
    };
    answer.then(arrived, arrived);
    while (!there && clock.monotonic() - begun < AWAKE_MS) await clock.giveWay();
  }

  /** Known only once it is there: a failure in the middle leaves it to the next batch, which makes what is missing. */
  async #makeView({ view, setup }: BatchStatement): Promise<void> {
    await this.#driver.exec(setup);
    this.#views.add(view);
  }

  /** Notes what an earlier sending of this batch has committed, and answers the rest. */
  async #withoutCommitted(batch: CommitBatch, part: readonly ProgramChange[], sent: Sent): Promise<ProgramChange[]> {
    const ids = JSON.stringify(part.map((change) => change.program));
    const there = new Set((await this.#driver.all(COMMITTED, [batch.id, ids])).map((row) => row.id as string));
    for (const id of there) if (!sent.committed.includes(id)) sent.committed.push(id);
    return part.filter((change) => !there.has(change.program));
  }

  async readJournal(params: { program: string; from?: number; limit?: number }): Promise<readonly Entry[]> {
    return (await this.#driver.all(JOURNAL, [params.program, params.from ?? 0, params.limit ?? -1])).map(entryRow);
  }

  async readToRun({ programs }: { programs: readonly string[] }): Promise<readonly ProgramToRun[]> {
    return (await this.#driver.all(TO_RUN, [JSON.stringify(programs)])).map(toRunRow);
  }

  async readSnapshot(params: { program: string; position?: number }): Promise<SnapshotRow | null> {
    const row = await this.#driver.get(SNAPSHOT, [params.program, params.position ?? Number.MAX_SAFE_INTEGER]);
    return row === null ? null : snapshotRow(row);
  }

  async listSnapshots({ program }: { program: string }): Promise<readonly number[]> {
    return (await this.#driver.all(SNAPSHOTS, [program])).map((row) => row.position as number);
  }

  async readChunks(params: { program: string; hashes: readonly string[] }): Promise<readonly TextRow[]> {
    const rows = await this.#driver.all(CHUNKS, [params.program, JSON.stringify(params.hashes)]);
    return rows.map((row) => ({ hash: row.hash as string, body: row.body as string }));
  }

  async readOutput(params: { program: string; after?: number; limit?: number }): Promise<readonly OutputRow[]> {
    return (await this.#driver.all(OUTPUT, [params.program, params.after ?? 0, params.limit ?? -1])).map(outputRow);
  }

  async markShown({ program, serial }: { program: string; serial: number }): Promise<void> {
    await this.#driver.run(SHOWN, [program, serial]);
  }
}

/** SQLite's name of the failure beneath an error. */
function sqliteName(error: unknown): string | null {
  const inner = error instanceof SqlError ? error : error instanceof Error ? error.cause : null;
  return inner instanceof SqlError ? inner.sqlite : null;
}

const REFUSALS: readonly (string | null)[] = ["SQLITE_CONSTRAINT", "SQLITE_MISMATCH", "SQLITE_TOOBIG", "SQLITE_RANGE"];

/** Whether the database refused the rows themselves: the same rows would be refused again. */
function isRefusal(error: unknown): boolean {
  return error instanceof TypeError || REFUSALS.includes(sqliteName(error));
}
