// Claiming in PostgreSQL: what an interpreter could do, taking programs many at a time, and letting go of them (E-2, E-12, E-15).

import { newId } from "../../base/ids.ts";
import type { StoreHost, StoreTime } from "../host.ts";
import { programRow } from "../sqlite/decode.ts";
import type { ClaimedPrograms, ClaimWish, DisownParams, Work, WorkQuery } from "../store.ts";
import { free, freeSuspect, SUSPECT, unowned } from "./claimable.ts";
import type { PgDriver } from "./driver.ts";

const CLAIM = `
SELECT l.leased, c.* FROM (SELECT count(*) AS leased FROM flowmetal.interpreters WHERE id = $2) AS l
  LEFT JOIN flowmetal.claim_programs_3($1, $2, $3, $4, $5, $6, $7, $8, $9) WITH ORDINALITY AS c ON true ORDER BY c.ordinality`;
const RELEASE = "SELECT flowmetal.release_programs_1($1, $2, $3) AS released";
// Sent again it finds no program of its own, and counts nothing twice.
const DISOWN = `
WITH mine AS (SELECT p.id FROM flowmetal.programs AS p WHERE p.owner = $1 ORDER BY p.id FOR UPDATE),
  gone AS (UPDATE flowmetal.effects AS e SET owner = NULL
    WHERE e.owner = $1 AND e.state = 'sending' AND e.program IN (SELECT mine.id FROM mine WHERE mine.id <> ALL ($2)))
UPDATE flowmetal.programs AS p SET crashes = p.crashes + CASE WHEN p.id = $3 THEN 1 ELSE 0 END,
  owner = CASE WHEN p.id = ANY ($2) THEN p.owner END WHERE p.id IN (SELECT mine.id FROM mine) RETURNING p.id`;

const NOW = "now.ms";
const CLAIMABLE = [
  "flowmetal.programs AS p WHERE p.runnable = 1",
  `flowmetal.programs AS p WHERE p.wake IS NOT NULL AND p.wake <= ${NOW}`,
  "flowmetal.inbox AS x JOIN flowmetal.programs AS p ON p.id = x.program WHERE x.position IS NULL",
]
  .map((arm) => `EXISTS (SELECT 1 FROM ${arm} AND p.queue = ANY ($1) AND ${free(NOW)} AND NOT ${SUSPECT})`)
  .join(" OR ");
// The first condition is the index's own.
const EFFECT = "e.state IN ('pending', 'sending') AND e.capability = ANY ($2) AND e.queue = ANY ($1)";
const WORK = `
SELECT now.ms AS time, (${CLAIMABLE})::integer AS claimable,
  EXISTS (SELECT 1 FROM flowmetal.programs AS p WHERE p.queue = ANY ($1) AND ${freeSuspect(NOW)})::integer AS suspects,
  EXISTS (SELECT 1 FROM flowmetal.effects AS e WHERE ${EFFECT} AND (e.state = 'pending' AND e.due <= ${NOW}
    OR e.state = 'sending' AND NOT EXISTS (
      SELECT 1 FROM flowmetal.interpreters AS i WHERE i.id = e.owner AND i.expires > ${NOW})))::integer AS effects,
  (SELECT coalesce(json_agg(p.id), '[]')::text FROM flowmetal.programs AS p WHERE p.owner = $3
    AND EXISTS (SELECT 1 FROM flowmetal.inbox AS x WHERE x.program = p.id AND x.position IS NULL)) AS addressed,
  (SELECT min(w.wake) FROM unnest($1::text[]) AS q (name) CROSS JOIN LATERAL (
    SELECT p.wake FROM flowmetal.programs AS p WHERE p.queue = q.name AND p.wake IS NOT NULL AND p.wake > ${NOW}
      AND ${unowned(NOW)} AND p.status NOT IN ('done', 'cancelled', 'moved') ORDER BY p.wake LIMIT 1) AS w) AS wake,
  (SELECT min(e.due) FROM flowmetal.effects AS e WHERE ${EFFECT} AND e.state = 'pending' AND e.due > ${NOW}) AS due
FROM (SELECT flowmetal.now_ms() AS ms) AS now`;

/** Claims on the programs of one store. */
export class PostgresClaims {
  readonly #driver: PgDriver;
  readonly #host: StoreHost;
  readonly #time: StoreTime;

  constructor(driver: PgDriver, host: StoreHost, time: StoreTime) {
    this.#driver = driver;
    this.#host = host;
    this.#time = time;
  }

  async claimPrograms({ interpreter, queues, limit, suspects = false }: ClaimWish): Promise<ClaimedPrograms> {
    const id = newId(this.#host.clock, this.#host.random);
    const names = queues.map(({ name }) => name);
    const limits = queues.map((queue) => String(queue.limit));
    const labels = queues.map(({ per }) => per?.label ?? "");
    const limitsPerText = queues.map(({ per }) => String(per?.limit ?? 0));
    const values = [id, interpreter, names, limits, labels, limitsPerText, limit, suspects];
    const rows = await this.#driver.write(CLAIM, (again) => [...values, again]);
    const claimed = rows
      .filter((row) => row.id !== null)
      .map((row) => ({ row: programRow(row), takenOver: row.claim_id !== id }));
    return { leaseLost: rows[0].leased === 0, claimed };
  }

  async releasePrograms(params: {
    interpreter: string;
    programs: readonly { readonly program: string; readonly term: number }[];
  }): Promise<readonly string[]> {
    const rows = JSON.stringify(params.programs.map(({ program, term }) => ({ program, term })));
    const [row] = await this.#driver.write(RELEASE, (again) => [params.interpreter, rows, again]);
    return JSON.parse(row.released as string) as string[];
  }

  async disownPrograms({ interpreter, crashed, except }: DisownParams): Promise<void> {
    await this.#driver.write(DISOWN, () => [interpreter, except, crashed]);
  }

  async readWork({ interpreter, queues, capabilities }: WorkQuery): Promise<Work> {
    const [row] = await this.#driver.all(WORK, [queues, capabilities, interpreter]);
    const times = [row.wake, row.due].filter((time) => time !== null) as number[];
    this.#time.see(row.time as number);
    return {
      time: this.#time.seen,
      claimable: row.claimable === 1,
      suspects: row.suspects === 1,
      effects: row.effects === 1,
      addressed: JSON.parse(row.addressed as string) as string[],
      next: times.length === 0 ? null : Math.min(...times),
    };
  }
}
