// Figures of an SQLite store, for those who watch over it: counted from indices alone, so that they cost what is open, not what is there.
import type { EffectState } from "../../journal/effect.ts";
import type { Status } from "../../journal/status.ts";
import type { StoreTime } from "../host.ts";
import { FIGURES_DEPTH_MAX, type FiguresQuery, type StoreFigures } from "../store.ts";
import { DELIVERIES, DUE, FREE, NOW } from "./claims.ts";
import type { SqlDriver, SqlRow } from "./driver.ts";

// The conditions are those of the indices themselves, else SQLite does not use them. What is grouped first is grouped in the order of its index.
const PROGRAMS = `
SELECT iif(queue >= 'local:' AND queue < 'local;', 'local', queue) AS queue, status, sum(count) AS count FROM (
  SELECT queue, status, count(*) AS count FROM programs INDEXED BY programs_live
  WHERE status NOT IN ('done', 'cancelled', 'moved') GROUP BY queue, status) GROUP BY 1, 2 ORDER BY 1, 2`;
const OPEN_EFFECTS = `
SELECT capability, state, count(*) AS count, min(due) AS due FROM effects INDEXED BY effects_open
WHERE state IN ('pending', 'sending') GROUP BY capability, state ORDER BY capability, state`;
const UNKNOWN_EFFECTS = `
SELECT capability, 'unknown' AS state, count(*) AS count, NULL AS due FROM effects INDEXED BY effects_unknown
WHERE state = 'unknown' GROUP BY capability`;
const OTHERS = `
SELECT ${NOW} AS time, (SELECT count(*) FROM interpreters WHERE expires > ${NOW}) AS interpreters,
  (SELECT count(*) FROM programs INDEXED BY programs_crashed
    WHERE crashes > 0 AND status NOT IN ('done', 'cancelled', 'moved')) AS crashed`;
/** Each arm as a claim looks at it (claims.ts), and no further than the figure goes. */
const QUEUE = `
SELECT count(*) AS claimable, min(since) AS since FROM (SELECT id, min(since) AS since FROM (
  SELECT * FROM (SELECT p.id, p.updated AS since FROM programs AS p WHERE p.runnable = 1 AND p.queue = ?2 AND ${FREE}
    ORDER BY p.priority DESC, p.rowid LIMIT ${FIGURES_DEPTH_MAX})
  UNION ALL SELECT * FROM (SELECT p.id, p.wake FROM programs AS p WHERE ${DUE} AND p.queue = ?2 AND ${FREE}
    ORDER BY p.wake LIMIT ${FIGURES_DEPTH_MAX})
  UNION ALL SELECT * FROM (SELECT p.id, x.time FROM ${DELIVERIES} WHERE x.position IS NULL AND p.queue = ?2 AND ${FREE}
    LIMIT ${FIGURES_DEPTH_MAX})) GROUP BY id)`;

/** Every statement, for the test that asks SQLite which indices it uses. */
export const FIGURE_STATEMENTS = [PROGRAMS, OPEN_EFFECTS, UNKNOWN_EFFECTS, OTHERS, QUEUE] as const;

/** Reads the figures of one store. */
export async function readFigures(driver: SqlDriver, time: StoreTime, query: FiguresQuery): Promise<StoreFigures> {
  const now = time.now();
  const programs = await driver.all(PROGRAMS);
  const effects = [...(await driver.all(OPEN_EFFECTS)), ...(await driver.all(UNKNOWN_EFFECTS))];
  const others = (await driver.get(OTHERS, [now]))!;
  const queues: StoreFigures["queues"][number][] = [];
  for (const queue of query.queues) {
    const row = (await driver.get(QUEUE, [now, queue]))!;
    const claimable = Math.min(row.claimable as number, FIGURES_DEPTH_MAX);
    queues.push({ queue, claimable, since: row.since as number | null });
  }
  return {
    time: others.time as number,
    programs: programs.map((row) => ({
      queue: row.queue as string,
      status: row.status as Status,
      count: row.count as number,
    })),
    crashed: others.crashed as number,
    effects: effects
      .map(effectFigures)
      .sort((a, b) => compare(a.capability, b.capability) || compare(a.state, b.state)),
    queues,
    interpreters: others.interpreters as number,
  };
}

function effectFigures(row: SqlRow): StoreFigures["effects"][number] {
  const { capability, state, count, due } = row;
  return {
    capability: capability as string,
    state: state as EffectState,
    count: count as number,
    due: due as number | null,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
