// What makes a program claimable, as conditions on a row `p` of programs (E-2): for the functions that claim and the query that asks.

import { SUSPECT_CRASHES } from "../store.ts";

/** Nobody who lives owns the program `p`. */
export const unowned = (now: string): string =>
  `NOT EXISTS (SELECT 1 FROM flowmetal.interpreters AS i WHERE i.id = p.owner AND i.expires > ${now})`;

/** What every claimable program `p` is, whatever makes it one. */
export const free = (now: string): string => `(${unowned(now)} AND p.status NOT IN ('done', 'cancelled', 'moved')
  AND (p.status <> 'paused' OR EXISTS (SELECT 1 FROM flowmetal.inbox AS c
    WHERE c.program = p.id AND c.position IS NULL AND c.kind = 'command')))`;

/** By this claim more than one owner in a row has died on it (E-15). */
export const SUSPECT = `(p.crashes + (p.owner IS NOT NULL)::integer >= ${SUSPECT_CRASHES})`;

/** What a suspect is; few programs have crashes, and those have an index of their own. */
export const freeSuspect = (now: string): string => `(p.crashes > 0 AND ${SUSPECT} AND ${free(now)}
  AND (p.runnable = 1 OR p.wake <= ${now}
    OR EXISTS (SELECT 1 FROM flowmetal.inbox AS x WHERE x.program = p.id AND x.position IS NULL)))`;
