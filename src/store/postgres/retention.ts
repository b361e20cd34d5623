// What a PostgreSQL store no longer keeps (E-19): entries before a base, finished programs, texts that nothing names.

import type { Status } from "../../journal/status.ts";
import { unreachable } from "../reachable.ts";
import type { CollectedProgram, CollectedTexts } from "../rows.ts";
import type { PgDriver, SqlRow } from "./driver.ts";
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

/** Rows one read of bodies asks for. */
const BODIES_PER_READ = 500;
/** The texts that can name a content-addressed row. Each page: the last row's key as JSON, and its text. */
const BODIES: readonly string[] = [
  ...["journal", "snapshots"].map(
    (table) => `
SELECT json_build_array(program, position)::text AS at, body FROM flowmetal.${table}
  WHERE $1::json IS NULL OR (program, position) > ($1::json ->> 0, ($1::json ->> 1)::bigint) ORDER BY program, position LIMIT $2`,
  ),
  `SELECT json_build_array(program, hash)::text AS at, body FROM flowmetal.chunks
    WHERE $1::json IS NULL OR (program, hash) > ($1::json ->> 0, $1::json ->> 1) ORDER BY program, hash LIMIT $2`,
  `SELECT json_build_array(id)::text AS at, coalesce(body, '') AS body FROM flowmetal.inbox
    WHERE $1::json IS NULL OR id > ($1::json ->> 0)::bigint ORDER BY id LIMIT $2`,
  `SELECT json_build_array(n)::text AS at, image || coalesce(result, '') || ' ' || coalesce(error, '') AS body
    FROM flowmetal.programs WHERE $1::json IS NULL OR n > ($1::json ->> 0)::bigint ORDER BY n LIMIT $2`,
];

/** The retention of one store. */
export class PostgresRetention {
  readonly #driver: PgDriver;
  readonly #texts: PostgresTexts;

  constructor(driver: PgDriver, texts: PostgresTexts) {
    this.#driver = driver;
    this.#texts = texts;
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

  async collectTexts({ before, dryRun = false }: { before: number; dryRun?: boolean }): Promise<CollectedTexts> {
    const unnamed = await unreachable({
      candidates: byKind(await this.#driver.all(CANDIDATES, [before])),
      bodies: () => this.#bodies(),
      readUnits: (hashes) => this.#texts.readUnits({ hashes }),
      readImage: (hash) => this.#texts.readImage({ hash }),
    });
    if (dryRun) return unnamed;
    const { units, images, blobs } = unnamed;
    return byKind(await this.#driver.write(DELETE, () => [before, units, images, blobs]));
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
