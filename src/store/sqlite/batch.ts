// One batch of turns as one statement (E-8): an INSERT into a temporary view whose trigger does everything, rows as JSON.
//
// docs/decisions/0003-sqlite-batch.md says why. The statement is its own transaction. Every table has one parameter, a JSON
// array of rows; bodies in it are JSON strings (E-9), or numbers of parameters that hold nothing else. Each row begins with its program, and every statement but the guarded
// UPDATE touches only programs whose row carries this commit's id. RETURNING runs after the trigger and tells what was committed.
// Even a statement over no rows costs a little, so there is one view for each set of tables that batches really write.

import { isOver } from "../../journal/status.ts";
import type { ProgramChange } from "../changes.ts";
import type { NewProgram, NewTexts, TextRow } from "../rows.ts";
import { keepsSnapshotSql } from "../thinning.ts";
import type { Bind } from "./driver.ts";

const DAY = 86_400_000;

/** The value at an index of a row. */
const at = (index: number): string => `(j.value ->> ${index})`;
/** Texts that are parameters of their own: what a turn of one program has. */
const ALONE = ["text0", "text1", "text2", "text3", "text4", "text5"];
/** A text at an index of a row: the text itself or, for one that travels apart, its number. */
const textAt = (index: number): string => {
  const alone = ALONE.map((name, i) => `WHEN ${i} THEN NEW.${name}`).join(" ");
  return `iif(typeof(${at(index)}) = 'integer', CASE ${at(index)} ${alone} ELSE NEW.bodies ->> (${at(index)} - ${ALONE.length}) END, ${at(index)})`;
};
const rows = (table: string): string => `jsonb_each(NEW.${table}) AS j`;
const COMMITTED = `(SELECT commit_id FROM programs WHERE id = ${at(0)}) = NEW.commit_id`;
const TIME = "(SELECT last_time FROM meta)";
const LEASED = "EXISTS (SELECT 1 FROM interpreters WHERE id = NEW.interpreter)";

function contentAddressed(table: string, columns: string, values: string): string {
  return `
  INSERT INTO ${table} (hash, ${columns}, used_at) SELECT ${at(1)}, ${values}, ${TIME} FROM ${rows(table)} WHERE ${COMMITTED}
    ON CONFLICT (hash) DO UPDATE SET used_at = excluded.used_at WHERE used_at < excluded.used_at - ${DAY};`;
}

/** Some statements of the trigger, and the parameters whose rows they write. */
interface Piece {
  readonly columns: readonly string[];
  readonly sql: string;
}

const CLOCK_AND_LEASE: Piece = {
  columns: ["commit_id", "interpreter", "now", "lease", ...ALONE, "bodies"],
  sql: `
  UPDATE meta SET last_time = max(last_time, NEW.now);
  UPDATE interpreters SET expires = ${TIME} + NEW.lease
    WHERE id = NEW.interpreter AND expires < ${TIME} + NEW.lease - NEW.lease / 8;`,
};

const BIRTHS: Piece = {
  columns: ["births"],
  sql: `
  INSERT INTO programs (id, name, status, waiting, labels, parent, priority, queue, image, cut, runnable, position, owner, term,
      turn, branch, crashes, calls, output, shown, created, updated)
    SELECT ${at(0)}, ${at(1)}, 'ready', '[]', ${at(2)}, ${at(3)}, ${at(4)}, ${at(5)}, ${at(6)}, 0, 1, 1, NEW.interpreter, 1,
      0, 0, 0, '[]', 0, 0, ${TIME}, ${TIME}
    FROM ${rows("births")} WHERE ${LEASED}
    ON CONFLICT (id) DO NOTHING;`,
};

// The second UPDATE keeps `status`, `runnable`, `owner` and `crashes`, which have indices, out of the first: they seldom change.
const PROGRAMS_AND_JOURNAL: Piece = {
  columns: ["programs", "journal"],
  sql: `
  UPDATE programs SET commit_id = NEW.commit_id, updated = ${TIME}, term = term + ${at(20)}, turn = turn + ${at(4)},
      position = ${at(5)}, waiting = ${textAt(7)}, wake = ${at(8)}, cut = ${at(9)}, branch = ${at(10)},
      calls = ${at(11)}, image = ${at(12)}, result = ${textAt(13)}, error = ${textAt(14)}, output = output + ${at(15)},
      snapshot = coalesce(${at(16)}, snapshot), base = coalesce(${at(21)}, base)
    FROM ${rows("programs")}
    WHERE programs.id = ${at(0)} AND iif(${at(20)}, owner IS NULL, owner = NEW.interpreter) AND term = ${at(1)}
      AND turn = ${at(2)} AND position = ${at(3)} AND status NOT IN ('done', 'cancelled', 'moved')
      AND ${LEASED}
      AND NOT EXISTS (SELECT 1 FROM json_each(j.value ->> 19) AS k JOIN inbox ON inbox.program = programs.id
        AND inbox.key = k.value WHERE inbox.position IS NULL);
  UPDATE programs SET status = ${at(6)}, runnable = ${at(17)}, owner = iif(${at(18)}, NULL, NEW.interpreter), crashes = 0 FROM ${rows("programs")}
    WHERE programs.id = ${at(0)} AND commit_id = NEW.commit_id AND (status <> ${at(6)} OR runnable <> ${at(17)} OR ${at(18)} <> ${at(20)} OR crashes <> 0);
  INSERT INTO journal (program, position, kind, body, time)
    SELECT ${at(0)}, ${at(1)}, ${at(2)}, ${textAt(3)}, ${TIME} FROM ${rows("journal")} WHERE ${COMMITTED};`,
};

const CONSUMED: Piece = {
  columns: ["consumed"],
  sql: `
  SELECT RAISE(ABORT, 'an inbox row was consumed that is not open') FROM ${rows("consumed")}
    LEFT JOIN inbox ON inbox.id = ${at(1)} AND inbox.program = ${at(0)} AND inbox.position IS NULL
    WHERE inbox.id IS NULL AND ${COMMITTED};
  UPDATE inbox SET position = ${at(2)}, body = NULL FROM ${rows("consumed")} WHERE inbox.id = ${at(1)} AND ${COMMITTED};`,
};

const EFFECTS: Piece = {
  columns: ["effects", "settled"],
  sql: `
  INSERT INTO effects (key, program, position, queue, kind, topic, capability, payload, delivery, contract, state, attempts,
      due, owner, term, created, updated)
    SELECT ${at(1)}, ${at(0)}, ${at(2)}, (SELECT queue FROM programs WHERE id = ${at(0)}), ${at(3)}, ${at(4)}, ${at(5)},
      ${textAt(6)}, ${at(7)}, ${textAt(8)}, ${at(9)}, ${at(9)} = 'sending', ${at(10)},
      iif(${at(9)} = 'sending', NEW.interpreter, NULL), ${at(9)} = 'sending', ${TIME}, ${TIME}
    FROM ${rows("effects")} WHERE ${COMMITTED};
  SELECT RAISE(ABORT, 'an effect was settled that is not open') FROM ${rows("settled")}
    LEFT JOIN effects ON effects.key = ${at(1)} AND effects.program = ${at(0)} AND effects.state <> 'settled'
    WHERE effects.key IS NULL AND ${COMMITTED};
  UPDATE effects SET state = ${at(2)}, outcome = ${at(3)}, body = ${textAt(4)}, owner = NULL, updated = ${TIME}
    FROM ${rows("settled")} WHERE effects.key = ${at(1)} AND ${COMMITTED};`,
};

// Of a program that is let go of, nobody here sends anything any more; its next owner has to be able to claim it.
const RELEASED: Piece = {
  columns: ["released"],
  sql: `
  UPDATE effects SET owner = NULL FROM ${rows("released")}
    WHERE effects.program = ${at(0)} AND effects.owner = NEW.interpreter AND effects.state = 'sending' AND ${COMMITTED};`,
};

const OUTPUT: Piece = {
  columns: ["output"],
  sql: `
  INSERT INTO output (program, serial, branch, number, text)
    SELECT ${at(0)}, (SELECT output FROM programs WHERE id = ${at(0)}) - ${at(1)}, ${at(2)}, ${at(3)}, ${textAt(4)}
    FROM ${rows("output")} WHERE ${COMMITTED};`,
};

const TEXTS: Piece = {
  columns: ["code", "images", "blobs"],
  sql: `
${contentAddressed("code", "code, debug", `${textAt(2)}, ${textAt(3)}`)}
${contentAddressed("images", "body", textAt(2))}
${contentAddressed("blobs", "body", textAt(2))}`,
};

// Before the snapshots: with each of those that go, the trigger `snapshots_chunks` takes the chunks that only it used.
const CHUNKS: Piece = {
  columns: ["chunks", "dropped"],
  sql: `
  INSERT INTO chunks (program, hash, since, until, body)
    SELECT ${at(0)}, ${at(1)}, ${at(2)}, ${at(3)}, ${textAt(4)} FROM ${rows("chunks")} WHERE ${COMMITTED}
    ON CONFLICT (program, hash) DO UPDATE SET until = excluded.until;
  UPDATE chunks SET until = ${at(2)} FROM ${rows("dropped")}
    WHERE chunks.program = ${at(0)} AND chunks.hash = ${at(1)} AND ${COMMITTED};`,
};

// A snapshot where the journal begins stays, and those before it go (E-19). LIMIT keeps SQLite from taking the row apart again for each of the old snapshots.
const SNAPSHOTS: Piece = {
  columns: ["snapshots"],
  sql: `
  INSERT INTO snapshots (program, position, turn, hash, pinned, body)
    SELECT ${at(0)}, ${at(1)}, ${at(2)}, ${at(3)}, ${at(1)} = (SELECT base FROM programs WHERE id = ${at(0)}), ${textAt(4)}
    FROM ${rows("snapshots")} WHERE ${COMMITTED};
  DELETE FROM snapshots WHERE rowid IN (SELECT old.rowid
    FROM (SELECT ${at(0)} AS program, ${at(1)} AS position, ${at(2)} AS turn,
        (SELECT base FROM programs WHERE id = ${at(0)}) AS base FROM ${rows("snapshots")} WHERE ${COMMITTED} LIMIT -1)
      AS new JOIN snapshots AS old ON old.program = new.program
    WHERE old.position < new.base
      OR old.position < new.position AND old.pinned = 0 AND NOT ${keepsSnapshotSql("old.turn", "new.turn")});`,
};

/** In the order they run. */
const PIECES = [
  CLOCK_AND_LEASE,
  BIRTHS,
  PROGRAMS_AND_JOURNAL,
  CONSUMED,
  EFFECTS,
  RELEASED,
  OUTPUT,
  TEXTS,
  CHUNKS,
  SNAPSHOTS,
];
const ALWAYS = [CLOCK_AND_LEASE, PROGRAMS_AND_JOURNAL];

/** A batch ready to be sent. */
export interface BatchStatement {
  /** Names the set of tables: the view of this name must be there. */
  readonly view: string;
  /** Makes the view, once on each connection. */
  readonly setup: string;
  /** Answers one row: time, leased, others, and the ids committed as a JSON array. */
  readonly sql: string;
  readonly params: readonly Bind[];
}

/** The statement that commits these changes. */
export function batchStatement(head: BatchHead, changes: readonly ProgramChange[]): BatchStatement {
  const tables = tablesOf(changes);
  let set = 0;
  PIECES.forEach((piece, i) => {
    if (ALWAYS.includes(piece) || piece.columns.some((column) => tables.has(column))) set |= 1 << i;
  });
  const { columns, ...texts } = known.get(set) ?? textsFor(set);
  return { ...texts, params: columns.map((column) => parameter(head, tables, column)) };
}

function parameter(head: BatchHead, tables: Tables, column: string): Bind {
  switch (column) {
    case "commit_id":
      return head.id;
    case "interpreter":
      return head.interpreter;
    case "now":
      return head.now;
    case "lease":
      return head.lease;
    default:
      return tables.parameter(column);
  }
}

/** The columns that the statement of a batch names, in the order of its parameters; null for any other statement. */
export function batchColumns(sql: string): readonly string[] | null {
  return /^INSERT INTO batch_\d+ \(([^)]*)\)/.exec(sql)?.[1]?.split(", ") ?? null;
}

interface Texts {
  readonly view: string;
  readonly setup: string;
  readonly sql: string;
  readonly columns: readonly string[];
}

/** The texts made so far, by set of pieces: bit i for piece i. There are at most 256. */
const known = new Map<number, Texts>();

function textsFor(set: number): Texts {
  const pieces = PIECES.filter((_, i) => (set & (1 << i)) !== 0);
  const columns = pieces.flatMap((piece) => piece.columns);
  const view = `batch_${PIECES.map((_, i) => (set >> i) & 1).join("")}`;
  const texts = { view, setup: setupText(view, pieces, columns), sql: insertText(view, columns), columns };
  known.set(set, texts);
  return texts;
}

function setupText(view: string, pieces: readonly Piece[], columns: readonly string[]): string {
  return `
CREATE TEMP VIEW IF NOT EXISTS ${view} AS SELECT ${columns.map((column) => `NULL AS ${column}`).join(", ")};
CREATE TEMP TRIGGER IF NOT EXISTS ${view}_commit INSTEAD OF INSERT ON ${view} BEGIN${pieces.map((piece) => piece.sql).join("")}
END;`;
}

function insertText(view: string, columns: readonly string[]): string {
  return `INSERT INTO ${view} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})
RETURNING (SELECT last_time FROM meta) AS time,
  EXISTS (SELECT 1 FROM interpreters WHERE id = interpreter) AS leased,
  EXISTS (SELECT 1 FROM interpreters WHERE id <> interpreter AND expires > now) AS others,
  (SELECT json_group_array(id) FROM programs WHERE id IN (SELECT j.value ->> 0 FROM json_each(programs) AS j)
    AND programs.commit_id = ${view}.commit_id) AS committed`;
}

export interface BatchHead {
  readonly id: string;
  readonly interpreter: string;
  readonly lease: number;
  readonly now: number;
}

type Cell = string | number | null;

/** Texts longer than this travel apart from their rows, which SQLite copies once for each column it reads. */
const LONG = 4096;
/** Texts shorter than this stay in their rows always. */
const SHORT = 64;

/**
 * The texts of a batch that travel apart from their rows, by number: the first ones each as a parameter, which saves writing and
 * reading them as strings within JSON, then the long ones in an array.
 */
class Bodies {
  readonly #alone: string[] = [];
  readonly #array: string[] = [];

  /** What stands in a row for a text. */
  cell(text: string): Cell {
    if (text.length < SHORT) return text;
    if (this.#alone.length < ALONE.length) return this.#alone.push(text) - 1;
    return text.length <= LONG ? text : ALONE.length + this.#array.push(text) - 1;
  }

  parameter(column: string): string | null {
    if (column === "bodies") return this.#array.length === 0 ? null : JSON.stringify(this.#array);
    return this.#alone[ALONE.indexOf(column)] ?? null;
  }
}

/** The rows of a batch by table; tables without rows are not there. */
class Tables {
  readonly #rows = new Map<string, Cell[][]>();
  readonly #bodies = new Bodies();

  /** What stands in a row for a text. */
  readonly body = (text: string): Cell => this.#bodies.cell(text);

  add(table: string, row: Cell[]): void {
    const rows = this.#rows.get(table);
    if (rows === undefined) this.#rows.set(table, [row]);
    else rows.push(row);
  }

  addAll<T>(table: string, items: readonly T[], row: (item: T, index: number) => Cell[]): void {
    for (let i = 0; i < items.length; i++) this.add(table, row(items[i], i));
  }

  parameter(table: string): string | null {
    if (table === "bodies" || ALONE.includes(table)) return this.#bodies.parameter(table);
    const rows = this.#rows.get(table);
    return rows === undefined ? null : JSON.stringify(rows);
  }

  has(table: string): boolean {
    return this.#rows.has(table);
  }
}

function tablesOf(changes: readonly ProgramChange[]): Tables {
  const tables = new Tables();
  for (const change of changes) addChange(tables, change);
  return tables;
}

function addChange(tables: Tables, change: ProgramChange): void {
  const { body } = tables;
  const { program, birth, output } = change;
  if (birth !== null) tables.add("births", birthRow(birth));
  tables.add("programs", programRow(change, body));
  tables.addAll("journal", change.entries, (entry) => [program, entry.position, entry.kind, body(entry.body)]);
  tables.addAll("consumed", change.consumed, (row) => [program, row.id, row.position]);
  tables.addAll("effects", change.effects, (effect) => effectRow(program, effect, body));
  tables.addAll("settled", change.settled, (effect) => [
    program,
    effect.key,
    effect.state,
    effect.outcome,
    body(effect.body),
  ]);
  if (change.release && !isOver(change.after.status)) tables.add("released", [program]);
  tables.addAll("output", output, (chunk, i) => [
    program,
    output.length - 1 - i,
    chunk.branch,
    chunk.number,
    body(chunk.text),
  ]);
  for (const texts of change.texts) addTexts(tables, program, texts);
  tables.addAll("snapshots", change.snapshots, (row) => [program, row.position, row.turn, row.hash, body(row.body)]);
  tables.addAll("chunks", change.chunks, (row) => [program, row.hash, row.since, row.until, body(row.body)]);
  tables.addAll("dropped", change.dropped, (row) => [program, row.hash, row.until]);
}

function addTexts(tables: Tables, program: string, { units = [], images = [], blobs = [] }: NewTexts): void {
  const { body } = tables;
  const row = (text: TextRow): Cell[] => [program, text.hash, body(text.body)];
  tables.addAll("code", units, (unit) => [program, unit.hash, body(unit.code), body(unit.debug)]);
  tables.addAll("images", images, row);
  tables.addAll("blobs", blobs, row);
}

function birthRow(birth: NewProgram): Cell[] {
  const labels = JSON.stringify(birth.labels ?? {});
  return [birth.id, birth.name, labels, birth.parent ?? null, birth.priority ?? 0, birth.queue, birth.image];
}

function programRow(change: ProgramChange, body: (text: string) => Cell): Cell[] {
  const { after } = change;
  return [
    change.program,
    change.term,
    change.turn,
    change.position,
    change.turns,
    change.end,
    after.status,
    body(JSON.stringify(after.waiting)),
    after.wake,
    after.cut ? 1 : 0,
    after.branch,
    JSON.stringify(after.calls),
    after.image,
    after.result === undefined ? null : body(after.result),
    after.error === undefined ? null : body(after.error),
    change.output.length,
    change.snapshots.at(-1)?.position ?? null,
    change.runnable ? 1 : 0,
    change.release ? 1 : 0,
    change.keys.length === 0 ? null : JSON.stringify(change.keys),
    change.claim ? 1 : 0,
    change.base,
  ];
}

function effectRow(program: string, effect: ProgramChange["effects"][number], body: (text: string) => Cell): Cell[] {
  return [
    program,
    effect.key,
    effect.position,
    effect.kind,
    effect.topic,
    effect.capability,
    body(effect.payload),
    effect.delivery,
    body(effect.contract),
    effect.state,
    effect.due ?? 0,
  ];
}
