// Moving programs in PostgreSQL (E-20): all rows of a program out of the database, the mark that it is gone, and all rows into another.
//
// This is rare: plain statements in a transaction, which a pooler keeps on one connection. A call whose reply was lost is not sent
// again: to export again and to import again are harmless.

import { newId } from "../../base/ids.ts";
import { decodeBody } from "../../journal/codec.ts";
import { isOver } from "../../journal/status.ts";
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
import { effectRow, entryRow, inboxRow, outputRow, programRow, snapshotRow } from "../sqlite/decode.ts";
import { textParameters } from "./batch.ts";
import type { PgCalls, PgDriver, SqlRow } from "./driver.ts";
import { plainText, storedText } from "./escape.ts";

const READ = "SELECT * FROM flowmetal.programs WHERE id = $1";
const LOCK = `${READ} FOR UPDATE`;
const JOURNAL = "SELECT position, kind, body, time FROM flowmetal.journal WHERE program = $1 ORDER BY position";
const SNAPSHOTS = "SELECT position, turn, hash, body FROM flowmetal.snapshots WHERE program = $1 ORDER BY position";
const CHUNKS = "SELECT hash, since, until, body FROM flowmetal.chunks WHERE program = $1 ORDER BY hash";
const INBOX = "SELECT * FROM flowmetal.inbox WHERE program = $1 ORDER BY id";
const EFFECTS = "SELECT * FROM flowmetal.effects WHERE program = $1 ORDER BY n";
const OUTPUT = "SELECT serial, branch, number, text FROM flowmetal.output WHERE program = $1 ORDER BY serial";
const OWNED = "SELECT 1 AS alive FROM flowmetal.interpreters WHERE id = $1 AND expires > flowmetal.now_ms()";
const QUIET = "SELECT set_config('flowmetal.quiet', '1', true) AS quiet";
const NOW = "SELECT flowmetal.now_ms() AS ms";
const MOVE = `
UPDATE flowmetal.programs SET status = 'moved', owner = NULL, term = term + 1, turn = turn + 1, position = position + 2, runnable = 0,
  crashes = 0, commit_id = $2, updated = $3 WHERE id = $1`;
const ENTRY = "INSERT INTO flowmetal.journal (program, position, kind, body, time) VALUES ($1, $2, $3, $4, $5)";
const CLOSE = `
UPDATE flowmetal.effects SET state = 'settled', outcome = 'unknown', body = 'null', owner = NULL, term = term + 1, updated = $2
WHERE program = $1 AND state IN ('pending', 'sending')`;
const OWN = ["journal", "snapshots", "chunks", "inbox", "effects", "output", "callbacks"];
const REMOVE = [
  ...OWN.map((table) => `DELETE FROM flowmetal.${table} WHERE program = $1`),
  "DELETE FROM flowmetal.programs WHERE id = $1",
];
const REMEMBER_NOT = "DELETE FROM flowmetal.collected WHERE id = $1";
const WRITE_TEXTS = "SELECT 1 AS done FROM flowmetal.write_texts_1($1, $2, $3)";

export const PROGRAM = {
  id: "text",
  name: "text",
  status: "text",
  waiting: "text",
  labels: "text",
  parent: "text",
  priority: "bigint",
  queue: "text",
  image: "text",
  wake: "bigint",
  cut: "smallint",
  runnable: "smallint",
  position: "bigint",
  snapshot: "bigint",
  term: "bigint",
  turn: "bigint",
  branch: "bigint",
  crashes: "bigint",
  calls: "text",
  output: "bigint",
  shown: "bigint",
  created: "bigint",
  updated: "bigint",
  result: "text",
  error: "text",
  base: "bigint",
} as const;
export const TABLES = {
  journal: { position: "bigint", kind: "text", body: "text", time: "bigint" },
  snapshots: { position: "bigint", turn: "bigint", hash: "text", pinned: "smallint", body: "text" },
  chunks: { hash: "text", since: "bigint", until: "bigint", body: "text" },
  inbox: { key: "text", kind: "text", rank: "smallint", body: "text", time: "bigint", position: "bigint" },
  effects: {
    key: "text",
    position: "bigint",
    queue: "text",
    kind: "text",
    topic: "text",
    capability: "text",
    delivery: "text",
    state: "text",
    attempts: "bigint",
    due: "bigint",
    term: "bigint",
    outcome: "text",
    created: "bigint",
    updated: "bigint",
    contract: "text",
    payload: "text",
    body: "text",
  },
  output: { serial: "bigint", branch: "bigint", number: "bigint", text: "text" },
} as const;
type Table = keyof typeof TABLES;
type Row = Readonly<Record<string, string | number | null>>;

/** The insertion of many rows, in the order of `nth`. `own`: values that all of them have, and their parameters. */
export function insertion(
  table: string,
  columns: Readonly<Record<string, string>>,
  own: string,
  value: string,
): string {
  const names = Object.keys(columns);
  const typed = Object.entries(columns).map(([name, type]) => `"${name}" ${type}`);
  const quoted = names.map((name) => `"${name}"`);
  return `INSERT INTO flowmetal.${table} (${own}${quoted.join(", ")})
  SELECT ${value}${quoted.map((name) => `r.${name}`).join(", ")}
  FROM json_to_recordset($1::json) AS r (${typed.join(", ")}, nth bigint) ORDER BY r.nth`;
}

const INSERT_PROGRAM = insertion("programs", PROGRAM, "", "");
const INSERT = Object.fromEntries(
  Object.entries(TABLES).map(([table, columns]) => [table, insertion(table, columns, "program, ", "$2, ")]),
) as Readonly<Record<Table, string>>;

/** Programs that leave or come to one store. */
export class PostgresMoving {
  readonly #driver: PgDriver;
  readonly #host: StoreHost;
  readonly #time: StoreTime;

  constructor(driver: PgDriver, host: StoreHost, time: StoreTime) {
    this.#driver = driver;
    this.#host = host;
    this.#time = time;
  }

  /** As in SQLite: read anew while the program goes on, and at last with its row locked. */
  async readRows({ program }: { program: string }): Promise<ProgramRows | null> {
    for (let i = 0; i < READS_MAX; i++) {
      const rows = await readAll(this.#driver, program, READ);
      const [after] = await this.#driver.all(READ, [program]);
      if (rows?.row.commitId === (after?.commit_id as string | null | undefined)) return rows;
    }
    return this.#driver.transaction((tx) => readAll(tx, program, LOCK));
  }

  async moveProgram(params: MoveParams): Promise<MoveResult> {
    decodeBody("turn", params.entry);
    const { clock, random } = this.#host;
    return this.#driver.transaction(async (tx): Promise<MoveResult> => {
      const [found] = await tx.all(LOCK, [params.program]);
      if (found === undefined) return { outcome: "missing" };
      const row = programRow(found);
      if (isOver(row.status)) return { outcome: "over", status: row.status };
      if (row.owner !== null && (await tx.all(OWNED, [row.owner])).length > 0) return { outcome: "owned" };
      if (row.status !== "paused" || row.turn !== params.turn) return { outcome: "changed" };
      await tx.all(QUIET);
      const effects = (await tx.all(`${EFFECTS} FOR UPDATE`, [row.id])).map(effectRow);
      const now = await this.#now(tx);
      const [turn, moved] = leavingBodies(params, row.position, effects);
      await tx.all(ENTRY, [row.id, row.position, "turn", turn, now]);
      await tx.all(ENTRY, [row.id, row.position + 1, "moved", moved, now]);
      await tx.all(MOVE, [row.id, newId(clock, random), now]);
      await tx.all(CLOSE, [row.id, now]);
      return { outcome: "moved" };
    });
  }

  async importProgram(params: ImportParams): Promise<ImportResult> {
    checkProgramRows(params);
    const { row } = params.rows;
    return this.#driver.transaction(async (tx): Promise<ImportResult> => {
      await tx.all(QUIET);
      const [found] = await tx.all(LOCK, [row.id]);
      if (found !== undefined) {
        const there = programRow(found);
        if (!mayReplace(params, there)) return { imported: false, row: there };
        for (const sql of REMOVE) await tx.all(sql, [row.id]);
      }
      await tx.all(REMEMBER_NOT, [row.id]);
      await tx.all(INSERT_PROGRAM, [JSON.stringify([rowOf(row)])]);
      for (const [table, rows] of Object.entries(tablesOf(params))) await insert(tx, table as Table, row.id, rows);
      await tx.all(WRITE_TEXTS, textParameters(params.texts));
      return { imported: true };
    });
  }

  async #now(tx: PgCalls): Promise<number> {
    const [row] = await tx.all(NOW);
    this.#time.see(row.ms as number);
    return this.#time.seen;
  }
}

/** How often a program that goes on is read anew. */
const READS_MAX = 5;

async function readAll(calls: PgCalls, program: string, read: string): Promise<ProgramRows | null> {
  const [row] = await calls.all(read, [program]);
  if (row === undefined) return null;
  const plain = <T>(rows: readonly SqlRow[], column: string, make: (row: SqlRow) => T): T[] =>
    rows.map((one) => make({ ...one, [column]: plainText(one[column] as string) }));
  // Effects before the inbox: an answer that comes between is not missed.
  const effects = (await calls.all(EFFECTS, [program])).map(effectRow);
  return {
    row: programRow(row),
    journal: (await calls.all(JOURNAL, [program])).map(entryRow),
    snapshots: plain(await calls.all(SNAPSHOTS, [program]), "body", snapshotRow),
    chunks: plain(await calls.all(CHUNKS, [program]), "body", (one) => ({
      hash: one.hash as string,
      since: one.since as number,
      until: one.until as number | null,
      body: one.body as string,
    })),
    inbox: (await calls.all(INBOX, [program])).map(inboxRow),
    effects,
    output: plain(await calls.all(OUTPUT, [program]), "text", outputRow),
  };
}

function rowOf(row: ProgramRow): Row {
  const { owner: _, commitId: __, ...kept } = row;
  return {
    ...kept,
    waiting: JSON.stringify(row.waiting),
    labels: JSON.stringify(row.labels),
    calls: JSON.stringify(row.calls),
    cut: row.cut ? 1 : 0,
    runnable: row.turn === 0 || row.cut || row.calls.length > 0 ? 1 : 0,
    crashes: 0,
  };
}

function tablesOf({ rows, first }: ImportParams): Readonly<Record<Table, readonly Row[]>> {
  const { base } = rows.row;
  return {
    journal: rows.journal.map((one) => ({ ...one })),
    snapshots: rows.snapshots.map((one) => ({
      ...one,
      pinned: base > 0 && one.position === base ? 1 : 0,
      body: storedText(one.body),
    })),
    chunks: rows.chunks.map((one) => ({ ...one, body: storedText(one.body) })),
    inbox: rows.inbox.map(({ id: _, ...one }) => ({ ...one, rank: rankOf(one, first) })),
    effects: rows.effects.map((one) => ({ ...one })),
    output: rows.output.map((one) => ({ ...one, text: storedText(one.text) })),
  };
}

async function insert(tx: PgCalls, table: Table, program: string, rows: readonly Row[]): Promise<void> {
  for (const piece of inPieces(rows.map((row, nth) => ({ ...row, nth }))))
    await tx.all(INSERT[table], [piece, program]);
}
