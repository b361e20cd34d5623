// Figures of a PostgreSQL store, for those who watch over it: counted from indices, so that they cost what is open, not what is there.
import type { EffectState } from "../../journal/effect.ts";
import type { Status } from "../../journal/status.ts";
import type { StoreTime } from "../host.ts";
import { FIGURES_DEPTH_MAX, type FiguresQuery, type StoreFigures } from "../store.ts";
import { free } from "./claimable.ts";
import type { PgDriver } from "./driver.ts";

const NOW = "now.ms";
// The conditions are those of the indices themselves.
const LIVE = "p.status NOT IN ('done', 'cancelled', 'moved')";
const PROGRAMS = `
SELECT CASE WHEN p.queue LIKE 'local:%' THEN 'local' ELSE p.queue END COLLATE "C" AS queue, p.status COLLATE "C" AS status, count(*) AS count
FROM flowmetal.programs AS p WHERE ${LIVE} GROUP BY 1, 2 ORDER BY 1, 2`;
const EFFECTS = `
SELECT capability COLLATE "C" AS capability, state COLLATE "C" AS state, count(*) AS count, min(due) AS due FROM (
  SELECT e.capability, e.state, e.due FROM flowmetal.effects AS e WHERE e.state IN ('pending', 'sending')
  UNION ALL SELECT e.capability, e.state, NULL FROM flowmetal.effects AS e WHERE e.state = 'unknown') AS open GROUP BY 1, 2 ORDER BY 1, 2`;
const OTHERS = `
SELECT now.ms AS time, (SELECT count(*) FROM flowmetal.interpreters AS i WHERE i.expires > now.ms) AS interpreters,
  (SELECT count(*) FROM flowmetal.programs AS p WHERE p.crashes > 0 AND ${LIVE}) AS crashed
FROM (SELECT flowmetal.now_ms() AS ms) AS now`;
const FIT = `p.queue = q.name AND ${free(NOW)}`;
/** Each arm as a claim looks at it (fleet-functions.ts), and no further than the figure goes. */
const QUEUES = `
SELECT q.nth, f.claimable, f.since FROM (SELECT flowmetal.now_ms() AS ms) AS now,
  unnest($1::text[]) WITH ORDINALITY AS q (name, nth) CROSS JOIN LATERAL (
  SELECT count(*) AS claimable, min(one.since) AS since FROM (SELECT arm.id, min(arm.since) AS since FROM (
    (SELECT p.id, p.updated AS since FROM flowmetal.programs AS p WHERE p.runnable = 1 AND ${FIT}
      ORDER BY p.priority DESC, p.n LIMIT ${FIGURES_DEPTH_MAX})
    UNION ALL (SELECT p.id, p.wake FROM flowmetal.programs AS p WHERE p.wake IS NOT NULL AND p.wake <= ${NOW} AND ${FIT}
      ORDER BY p.wake LIMIT ${FIGURES_DEPTH_MAX})
    UNION ALL (SELECT p.id, x.time FROM flowmetal.inbox AS x JOIN flowmetal.programs AS p ON p.id = x.program
      WHERE x.position IS NULL AND ${FIT} LIMIT ${FIGURES_DEPTH_MAX})) AS arm GROUP BY arm.id) AS one) AS f ORDER BY q.nth`;

/** Every statement, for the test that asks the server which indices it uses. */
export const FIGURE_STATEMENTS = [PROGRAMS, EFFECTS, OTHERS, QUEUES] as const;

/** Reads the figures of one store. */
export async function readFigures(driver: PgDriver, time: StoreTime, query: FiguresQuery): Promise<StoreFigures> {
  // One after the other: who watches should not take connections from those who work.
  const programs = await driver.all(PROGRAMS);
  const effects = await driver.all(EFFECTS);
  const [others] = await driver.all(OTHERS);
  const queues = await driver.all(QUEUES, [query.queues]);
  time.see(others.time as number);
  return {
    time: time.seen,
    programs: programs.map((row) => ({
      queue: row.queue as string,
      status: row.status as Status,
      count: row.count as number,
    })),
    crashed: others.crashed as number,
    effects: effects.map((row) => ({
      capability: row.capability as string,
      state: row.state as EffectState,
      count: row.count as number,
      due: row.due as number | null,
    })),
    queues: queues.map((row, i) => ({
      queue: query.queues[i] as string,
      claimable: Math.min(row.claimable as number, FIGURES_DEPTH_MAX),
      since: row.since as number | null,
    })),
    interpreters: others.interpreters as number,
  };
}
