// What an SQLite store no longer keeps (E-19): entries before a base, finished programs, texts that nothing names.

import type { StoreTime } from "../host.ts";
import { unreachable } from "../reachable.ts";
import type { CollectedProgram, CollectedTexts } from "../rows.ts";
import type { Lens } from "../store.ts";
import type { Status } from "../../journal/status.ts";
import type { SqlCalls, SqlDriver, SqlRow } from "./driver.ts";
import type { SqliteBodies } from "./bodies.ts";
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

/** The retention of one store. */
export class SqliteRetention {
  readonly #driver: SqlDriver;
  readonly #time: StoreTime;
  readonly #texts: SqliteTexts;
  readonly #bodies: SqliteBodies;

  constructor(driver: SqlDriver, time: StoreTime, texts: SqliteTexts, bodies: SqliteBodies) {
    this.#driver = driver;
    this.#time = time;
    this.#texts = texts;
    this.#bodies = bodies;
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

  async collectTexts(params: { before: number; dryRun?: boolean; lens?: Lens }): Promise<CollectedTexts> {
    const { before, dryRun = false, lens } = params;
    const rows = await this.#driver.all(CANDIDATES, [before]);
    const ofKind = (kind: string) => rows.flatMap((row) => (row.kind === kind ? [row.hash as string] : []));
    const candidates = { units: ofKind("units"), images: ofKind("images"), blobs: ofKind("blobs") };
    const unnamed = await unreachable({
      candidates,
      read: (page) => this.#bodies.readBodies(page),
      lens,
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
