// Moving programs in SQLite (E-20): all rows of a program out of the file, the mark that it is gone, and all rows into another.

import { decodeBody } from "../../journal/codec.ts";
import { isOver } from "../../journal/status.ts";
import { newId } from "../../base/ids.ts";
import type { StoreHost, StoreTime } from "../host.ts";
import {
  checkProgramRows,
  type ImportParams,
  type ImportResult,
  leavingBodies,
  mayReplace,
  type MoveParams,
  type MoveResult,
  type ProgramRows,
  rankOf,
} from "../moving.ts";
import { inPieces } from "../pieces.ts";
import type { ProgramRow } from "../rows.ts";
import { effectRow, entryRow, inboxRow, outputRow, programRow, snapshotRow } from "./decode.ts";
import type { SqlCalls, SqlDriver } from "./driver.ts";
import { writeTexts } from "./texts.ts";

const NOW = "max(?1, (SELECT last_time FROM meta))";
const READ = "SELECT * FROM programs WHERE id = ?1";
const JOURNAL = "SELECT position, kind, body, time FROM journal WHERE program = ?1 ORDER BY position";
const SNAPSHOTS = "SELECT position, turn, hash, body FROM snapshots WHERE program = ?1 ORDER BY position";
const CHUNKS = "SELECT hash, since, until, body FROM chunks WHERE program = ?1 ORDER BY hash";
const INBOX = "SELECT * FROM inbox WHERE program = ?1 ORDER BY id";
const EFFECTS = "SELECT * FROM effects WHERE program = ?1 ORDER BY rowid";
const OUTPUT = "SELECT serial, branch, number, text FROM output WHERE program = ?1 ORDER BY serial";
const OWNED = `SELECT count(*) AS alive FROM interpreters WHERE id = ?2 AND expires > ${NOW}`;
const MOVE = `
UPDATE programs SET status = 'moved', owner = NULL, term = term + 1, turn = turn + 1, position = position + 2, runnable = 0,
  crashes = 0, commit_id = ?3, updated = ${NOW} WHERE id = ?2`;
const ENTRY = `INSERT INTO journal (program, position, kind, body, time) VALUES (?2, ?3, ?4, ?5, ${NOW})`;
const CLOSE = `
UPDATE effects SET state = 'settled', outcome = 'unknown', body = 'null', owner = NULL, term = term + 1, updated = ${NOW}
WHERE program = ?2 AND state IN ('pending', 'sending')`;
const REMOVE = "DELETE FROM programs WHERE id = ?1";
const REMEMBER_NOT = "DELETE FROM collected WHERE id = ?1";

/** An insertion of many rows, each an array of its columns; `program` is added to each. */
function many(table: string, columns: readonly string[]): string {
  const values = columns.map((_, i) => `j.value ->> ${i}`).join(", ");
  return `INSERT INTO ${table} (program, ${columns.join(", ")}) SELECT ?1, ${values} FROM json_each(?2) AS j`;
}

const PROGRAM_COLUMNS = [
  "id",
  "name",
  "status",
  "waiting",
  "labels",
  "parent",
  "priority",
  "queue",
  "image",
  "wake",
  "cut",
  "runnable",
  "position",
  "snapshot",
  "term",
  "turn",
  "branch",
  "calls",
  "output",
  "shown",
  "created",
  "updated",
  "result",
  "error",
  "base",
] as const;
const PROGRAM = `INSERT INTO programs (${PROGRAM_COLUMNS.join(", ")}, crashes)
  SELECT ${PROGRAM_COLUMNS.map((_, i) => `?1 ->> ${i}`).join(", ")}, 0`;
const MANY = {
  journal: many("journal", ["position", "kind", "body", "time"]),
  snapshots: many("snapshots", ["position", "turn", "hash", "pinned", "body"]),
  chunks: many("chunks", ["hash", "since", "until", "body"]),
  inbox: many("inbox", ["key", "kind", "rank", "body", "time", "position"]),
  effects: many("effects", [
    "key",
    "position",
    "queue",
    "kind",
    "topic",
    "capability",
    "delivery",
    "state",
    "attempts",
    "due",
    "term",
    "outcome",
    "created",
    "updated",
    "contract",
    "payload",
    "body",
  ]),
  output: many("output", ["serial", "branch", "number", "text"]),
} as const;
type Table = keyof typeof MANY;
type Column = string | number | null;

/** How often a program that goes on is read anew. */
const READS_MAX = 5;
/** Programs that leave or come to one store. */
export class SqliteMoving {
  readonly #driver: SqlDriver;
  readonly #host: StoreHost;
  readonly #time: StoreTime;

  constructor(driver: SqlDriver, host: StoreHost, time: StoreTime) {
    this.#driver = driver;
    this.#host = host;
    this.#time = time;
  }

  /**
   * Without a transaction, which all writers would wait for: if the program has not moved on meanwhile, all is of one moment. Of one
   * that never rests for so long, in a transaction.
   */
  async readRows({ program }: { program: string }): Promise<ProgramRows | null> {
    for (let i = 0; i < READS_MAX; i++) {
      const rows = await readAll(this.#driver, program);
      const after = await this.#driver.get(READ, [program]);
      if (rows?.row.commitId === (after?.commit_id as string | null | undefined)) return rows;
    }
    return this.#driver.transaction([READ], (tx) => readAll(tx, program));
  }

  async moveProgram(params: MoveParams): Promise<MoveResult> {
    decodeBody("turn", params.entry);
    const { clock, random } = this.#host;
    return this.#driver.transaction([READ, OWNED, EFFECTS, ENTRY, MOVE, CLOSE], async (tx): Promise<MoveResult> => {
      const now = this.#time.now();
      const found = await tx.get(READ, [params.program]);
      if (found === null) return { outcome: "missing" };
      const row = programRow(found);
      if (isOver(row.status)) return { outcome: "over", status: row.status };
      if (row.owner !== null && (await tx.get(OWNED, [now, row.owner]))!.alive !== 0) return { outcome: "owned" };
      if (row.status !== "paused" || row.turn !== params.turn) return { outcome: "changed" };
      const effects = (await tx.all(EFFECTS, [row.id])).map(effectRow);
      const [turn, moved] = leavingBodies(params, row.position, effects);
      await tx.run(ENTRY, [now, row.id, row.position, "turn", turn]);
      await tx.run(ENTRY, [now, row.id, row.position + 1, "moved", moved]);
      await tx.run(MOVE, [now, row.id, newId(clock, random)]);
      await tx.run(CLOSE, [now, row.id]);
      return { outcome: "moved" };
    });
  }

  async importProgram(params: ImportParams): Promise<ImportResult> {
    checkProgramRows(params);
    const { row } = params.rows;
    return this.#driver.transaction([READ, PROGRAM, ...Object.values(MANY)], async (tx): Promise<ImportResult> => {
      const found = await tx.get(READ, [row.id]);
      if (found !== null) {
        const there = programRow(found);
        if (!mayReplace(params, there)) return { imported: false, row: there };
        await tx.run(REMOVE, [row.id]);
      }
      await tx.run(REMEMBER_NOT, [row.id]);
      await tx.run(PROGRAM, [JSON.stringify(columnsOf(row))]);
      for (const [table, rows] of Object.entries(tablesOf(params))) {
        await insert(tx, table as Table, row.id, rows);
      }
      await writeTexts(tx, this.#time.now(), params.texts);
      return { imported: true };
    });
  }
}

async function readAll(calls: SqlCalls, program: string): Promise<ProgramRows | null> {
  const row = await calls.get(READ, [program]);
  if (row === null) return null;
  // Effects before the inbox: an answer that comes between is not missed.
  const effects = (await calls.all(EFFECTS, [program])).map(effectRow);
  return {
    row: programRow(row),
    journal: (await calls.all(JOURNAL, [program])).map(entryRow),
    snapshots: (await calls.all(SNAPSHOTS, [program])).map(snapshotRow),
    chunks: (await calls.all(CHUNKS, [program])).map((one) => ({
      hash: one.hash as string,
      since: one.since as number,
      until: one.until as number | null,
      body: one.body as string,
    })),
    inbox: (await calls.all(INBOX, [program])).map(inboxRow),
    effects,
    output: (await calls.all(OUTPUT, [program])).map(outputRow),
  };
}

function columnsOf(row: ProgramRow): Column[] {
  const columns: Readonly<Record<(typeof PROGRAM_COLUMNS)[number], Column>> = {
    ...row,
    waiting: JSON.stringify(row.waiting),
    labels: JSON.stringify(row.labels),
    calls: JSON.stringify(row.calls),
    cut: row.cut ? 1 : 0,
    runnable: row.turn === 0 || row.cut || row.calls.length > 0 ? 1 : 0,
  };
  return PROGRAM_COLUMNS.map((name) => columns[name]);
}

function tablesOf({ rows, first }: ImportParams): Readonly<Record<Table, readonly Column[][]>> {
  const { base } = rows.row;
  return {
    journal: rows.journal.map(({ position, kind, body, time }) => [position, kind, body, time]),
    snapshots: rows.snapshots.map(({ position, turn, hash, body }) => [
      position,
      turn,
      hash,
      base > 0 && position === base ? 1 : 0,
      body,
    ]),
    chunks: rows.chunks.map(({ hash, since, until, body }) => [hash, since, until, body]),
    inbox: rows.inbox.map((one) => [one.key, one.kind, rankOf(one, first), one.body, one.time, one.position]),
    effects: rows.effects.map((one) => [
      one.key,
      one.position,
      one.queue,
      one.kind,
      one.topic,
      one.capability,
      one.delivery,
      one.state,
      one.attempts,
      one.due,
      one.term,
      one.outcome,
      one.created,
      one.updated,
      one.contract,
      one.payload,
      one.body,
    ]),
    output: rows.output.map(({ serial, branch, number, text }) => [serial, branch, number, text]),
  };
}

async function insert(tx: SqlCalls, table: Table, program: string, rows: readonly Column[][]): Promise<void> {
  for (const piece of inPieces(rows)) await tx.run(MANY[table], [program, piece]);
}
