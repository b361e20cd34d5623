// What an SQLite store no longer keeps (E-19): entries before a base, finished programs, texts that nothing names.

import type { StoreTime } from "../host.ts";
import { unreachable } from "../reachable.ts";
import type { CollectedProgram, CollectedTexts } from "../rows.ts";
import type { Status } from "../../journal/status.ts";
import type { SqlCalls, SqlDriver, SqlRow } from "./driver.ts";
import type { SqliteTexts } from "./texts.ts";

const NOW = "max(?1, (SELECT last_time FROM meta))";
const TRIM = `
DELETE FROM journal WHERE program = ?1 AND position IN (SELECT position FROM journal
  WHERE program = ?1 AND position > 0 AND position < (SELECT base FROM programs WHERE id = ?1) - 1 ORDER BY position LIMIT ?2)`;
const OVER = "status IN ('done', 'cancelled', 'moved')";
const IDLE = "NOT EXISTS (SELECT 1 FROM effects WHERE program = programs.id AND state IN ('pending', 'sending'))";
const FINISHED = `
SELECT id, name, status, updated FROM programs WHERE ${OVER} AND updated < ?1 AND ${IDLE} ORDER BY updated, id LIMIT ?2`;
const REMEMBER = `
INSERT INTO collected (id, status, time) SELECT id, status, ${NOW} FROM programs
  WHERE id = ?2 AND ${OVER} AND updated < ?3 AND ${IDLE} ON CONFLICT (id) DO UPDATE SET status = excluded.status, time = excluded.time`;
const DELETE = "DELETE FROM programs WHERE id = ?1";
const CANDIDATES = `
SELECT 'units' AS kind, hash FROM code WHERE used_at < ?1 UNION ALL SELECT 'images', hash FROM images WHERE used_at < ?1
UNION ALL SELECT 'blobs', hash FROM blobs WHERE used_at < ?1`;
const deleteTexts = (table: string): string =>
  `DELETE FROM ${table} WHERE used_at < ?1 AND hash IN (SELECT value FROM json_each(?2)) RETURNING hash`;
const DELETES = { units: deleteTexts("code"), images: deleteTexts("images"), blobs: deleteTexts("blobs") } as const;

/** Rows one read of bodies asks for: no read transaction may be long (E-17). */
const BODIES_PER_READ = 200;
/** The texts that can name a content-addressed row. Each page: [last row's key as JSON, texts]. */
const BODIES: readonly string[] = [
  `SELECT json_array(program, position) AS at, body FROM journal
    WHERE ?1 IS NULL OR (program, position) > (?1 ->> 0, ?1 ->> 1) ORDER BY program, position LIMIT ?2`,
  "SELECT json_array(rowid) AS at, body FROM snapshots WHERE ?1 IS NULL OR rowid > ?1 ->> 0 ORDER BY rowid LIMIT ?2",
  "SELECT json_array(rowid) AS at, body FROM chunks WHERE ?1 IS NULL OR rowid > ?1 ->> 0 ORDER BY rowid LIMIT ?2",
  "SELECT json_array(id) AS at, coalesce(body, '') AS body FROM inbox WHERE ?1 IS NULL OR id > ?1 ->> 0 ORDER BY id LIMIT ?2",
  `SELECT json_array(rowid) AS at, image || coalesce(result, '') || ' ' || coalesce(error, '') AS body FROM programs
    WHERE ?1 IS NULL OR rowid > ?1 ->> 0 ORDER BY rowid LIMIT ?2`,
];

/** The retention of one store. */
export class SqliteRetention {
  readonly #driver: SqlDriver;
  readonly #time: StoreTime;
  readonly #texts: SqliteTexts;

  constructor(driver: SqlDriver, time: StoreTime, texts: SqliteTexts) {
    this.#driver = driver;
    this.#time = time;
    this.#texts = texts;
  }

  trimJournal({ program, limit }: { program: string; limit: number }): Promise<number> {
    return this.#driver.run(TRIM, [program, limit]);
  }

  async collectPrograms(params: {
    before: number;
    limit: number;
    dryRun?: boolean;
  }): Promise<readonly CollectedProgram[]> {
    const found = (await this.#driver.all(FINISHED, [params.before, params.limit])).map(collectedRow);
    if (params.dryRun === true) return found;
    const deleted: CollectedProgram[] = [];
    for (const one of found) {
      const gone = await this.#driver.transaction([REMEMBER, DELETE], async (tx) => {
        if ((await tx.run(REMEMBER, [this.#time.now(), one.id, params.before])) === 0) return false;
        return (await tx.run(DELETE, [one.id])) === 1;
      });
      if (gone) deleted.push(one);
    }
    return deleted;
  }

  async collectTexts({ before, dryRun = false }: { before: number; dryRun?: boolean }): Promise<CollectedTexts> {
    const rows = await this.#driver.all(CANDIDATES, [before]);
    const ofKind = (kind: string) => rows.flatMap((row) => (row.kind === kind ? [row.hash as string] : []));
    const candidates = { units: ofKind("units"), images: ofKind("images"), blobs: ofKind("blobs") };
    const unnamed = await unreachable({
      candidates,
      bodies: () => this.#bodies(),
      readUnits: (hashes) => this.#texts.readUnits({ hashes }),
      readImage: (hash) => this.#texts.readImage({ hash }),
    });
    if (dryRun) return unnamed;
    return this.#driver.transaction(Object.values(DELETES), async (tx) => ({
      units: await deleted(tx, DELETES.units, before, unnamed.units),
      images: await deleted(tx, DELETES.images, before, unnamed.images),
      blobs: await deleted(tx, DELETES.blobs, before, unnamed.blobs),
    }));
  }

  async *#bodies(): AsyncIterable<string> {
    for (const sql of BODIES) {
      let at: string | null = null;
      for (;;) {
        const rows: readonly SqlRow[] = await this.#driver.all(sql, [at, BODIES_PER_READ]);
        for (const row of rows) yield row.body as string;
        if (rows.length < BODIES_PER_READ) break;
        at = rows[rows.length - 1].at as string;
      }
    }
  }
}

async function deleted(tx: SqlCalls, sql: string, before: number, hashes: readonly string[]): Promise<string[]> {
  if (hashes.length === 0) return [];
  return (await tx.all(sql, [before, JSON.stringify(hashes)])).map((row) => row.hash as string);
}

function collectedRow(row: SqlRow): CollectedProgram {
  return {
    id: row.id as string,
    name: row.name as string,
    status: row.status as Status,
    updated: row.updated as number,
  };
}
