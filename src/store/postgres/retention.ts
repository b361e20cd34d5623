// What a PostgreSQL store no longer keeps (E-19): entries before a base, finished programs, texts that nothing names.

import type { Status } from "../../journal/status.ts";
import { unreachable } from "../reachable.ts";
import type { CollectedProgram, CollectedTexts } from "../rows.ts";
import type { Lens } from "../store.ts";
import type { PgDriver, SqlRow } from "./driver.ts";
import type { PostgresBodies } from "./bodies.ts";
import type { PostgresTexts } from "./texts.ts";

const TRIM = `
WITH trimmed AS (DELETE FROM flowmetal.journal WHERE program = $1 AND position IN (SELECT j.position FROM flowmetal.journal AS j
  WHERE j.program = $1 AND j.position > 0 AND j.position < (SELECT base FROM flowmetal.programs WHERE id = $1) - 1
  ORDER BY j.position LIMIT $2) RETURNING 1)
SELECT count(*) AS trimmed FROM trimmed`;
const FINISHED = `
SELECT p.id, p.name, p.status, p.updated FROM flowmetal.programs AS p
WHERE p.status IN ('done', 'cancelled', 'moved') AND p.updated < $1
  AND NOT EXISTS (SELECT 1 FROM flowmetal.effects AS e WHERE e.program = p.id AND e.state IN ('pending', 'sending'))
ORDER BY p.updated, p.id LIMIT $2`;
const COLLECT = "SELECT flowmetal.collect_1($1, $2, $3) AS collected";
const CANDIDATES = `
SELECT 'units' AS kind, hash FROM flowmetal.code WHERE used_at < $1
UNION ALL SELECT 'images', hash FROM flowmetal.images WHERE used_at < $1
UNION ALL SELECT 'blobs', hash FROM flowmetal.blobs WHERE used_at < $1`;
// Whether a row was touched meanwhile is asked again of the row as it is once it is locked.
const deleteTexts = (table: string, parameter: string): string =>
  `DELETE FROM flowmetal.${table} WHERE used_at < $1 AND hash = ANY (${parameter}) RETURNING hash`;
const DELETE = `
WITH units AS (${deleteTexts("code", "$2")}), images AS (${deleteTexts("images", "$3")}), blobs AS (${deleteTexts("blobs", "$4")})
SELECT 'units' AS kind, hash FROM units UNION ALL SELECT 'images', hash FROM images UNION ALL SELECT 'blobs', hash FROM blobs`;

/** The retention of one store. */
export class PostgresRetention {
  readonly #driver: PgDriver;
  readonly #texts: PostgresTexts;
  readonly #bodies: PostgresBodies;

  constructor(driver: PgDriver, texts: PostgresTexts, bodies: PostgresBodies) {
    this.#driver = driver;
    this.#texts = texts;
    this.#bodies = bodies;
  }

  async trimJournal({ program, limit }: { program: string; limit: number }): Promise<number> {
    const [row] = await this.#driver.write(TRIM, () => [program, limit]);
    return row.trimmed as number;
  }

  async collectPrograms(params: {
    before: number;
    limit: number;
    dryRun?: boolean;
  }): Promise<readonly CollectedProgram[]> {
    const found = (await this.#driver.all(FINISHED, [params.before, params.limit])).map(collectedRow);
    if (params.dryRun === true) return found;
    const collected: CollectedProgram[] = [];
    for (const one of found) {
      const [row] = await this.#driver.write(COLLECT, (again) => [one.id, params.before, again]);
      if (row.collected === 1) collected.push(one);
    }
    return collected;
  }

  async collectTexts(params: { before: number; dryRun?: boolean; lens?: Lens }): Promise<CollectedTexts> {
    const { before, dryRun = false, lens } = params;
    const unnamed = await unreachable({
      candidates: byKind(await this.#driver.all(CANDIDATES, [before])),
      read: (page) => this.#bodies.readBodies(page),
      lens,
      readUnits: (hashes) => this.#texts.readUnits({ hashes }),
      readImage: (hash) => this.#texts.readImage({ hash }),
    });
    if (dryRun) return unnamed;
    const { units, images, blobs } = unnamed;
    return byKind(await this.#driver.write(DELETE, () => [before, units, images, blobs]));
  }
}

function byKind(rows: readonly SqlRow[]): CollectedTexts {
  const ofKind = (kind: string) => rows.flatMap((row) => (row.kind === kind ? [row.hash as string] : []));
  return { units: ofKind("units"), images: ofKind("images"), blobs: ofKind("blobs") };
}

function collectedRow(row: SqlRow): CollectedProgram {
  return {
    id: row.id as string,
    name: row.name as string,
    status: row.status as Status,
    updated: row.updated as number,
  };
}
