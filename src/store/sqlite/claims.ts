// Claiming in SQLite: what an interpreter could do, taking programs many at a time, and letting go of them (E-2, E-12, E-15).

import type { StoreTime } from "../host.ts";
import { inTurns } from "../in-turns.ts";
import { withinLimits } from "../per-label.ts";
import {
  type ClaimedPrograms,
  type ClaimWish,
  type DisownParams,
  LOOKED_PAST,
  SUSPECT_CRASHES,
  type Work,
  type WorkQuery,
} from "../store.ts";
import { programRow } from "./decode.ts";
import type { SqlCalls, SqlDriver, SqlRow } from "./driver.ts";

export const NOW = "max(?1, (SELECT last_time FROM meta))";
const UNOWNED = `(p.owner IS NULL OR p.owner NOT IN (SELECT id FROM interpreters WHERE expires > ${NOW}))`;
/** What every claimable program is, whatever makes it one. */
export const FREE = `${UNOWNED} AND p.status NOT IN ('done', 'cancelled', 'moved') AND (p.status <> 'paused'
    OR EXISTS (SELECT 1 FROM inbox WHERE program = p.id AND position IS NULL AND kind = 'command'))`;
const SUSPECT = `(p.crashes + (p.owner IS NOT NULL) >= ${SUSPECT_CRASHES})`;
export const DUE = `p.wake IS NOT NULL AND p.wake <= ${NOW}`;
export const DELIVERIES = "inbox AS x CROSS JOIN programs AS p ON p.id = x.program";

/** Of those due by time or with deliveries, so many are looked at for one claim. */
const LOOKED_AT = 1_000;

const CANDIDATE = "SELECT p.id, p.owner, p.priority, p.rowid AS age FROM";
const FIT = `p.queue = ?2 AND ${FREE} AND NOT ${SUSPECT}`;
// Each arm has an index of its own and ends where there are enough, so that a backlog costs no more than a claim of its size.
const CANDIDATES = `
SELECT DISTINCT id, owner, priority, age FROM (
  SELECT * FROM (${CANDIDATE} programs AS p WHERE p.runnable = 1 AND ${FIT} ORDER BY p.priority DESC, p.rowid LIMIT ?3)
  UNION ALL SELECT * FROM (${CANDIDATE} programs AS p WHERE ${DUE} AND ${FIT} ORDER BY p.wake LIMIT ${LOOKED_AT})
  UNION ALL SELECT * FROM (${CANDIDATE} ${DELIVERIES} WHERE x.position IS NULL AND ${FIT} LIMIT ${LOOKED_AT}))
ORDER BY priority DESC, age LIMIT ?3`;
/** What a suspect is beside its number of crashes; few programs have any, and they have an index of their own. */
const FREE_SUSPECT = `p.crashes > 0 AND ${SUSPECT} AND ${FREE}
  AND (p.runnable = 1 OR ${DUE} OR EXISTS (SELECT 1 FROM inbox WHERE program = p.id AND position IS NULL))`;
const SUSPECTS = `
${CANDIDATE} programs AS p WHERE p.queue = ?2 AND ${FREE_SUSPECT} ORDER BY p.priority DESC, p.rowid LIMIT ?3`;
/** The same with the text of a label. */
const labelled = (candidates: string): string => `
SELECT c.id, c.owner, (SELECT l.value FROM json_each(p.labels) AS l WHERE l.key = ?4) AS text
FROM (${candidates}) AS c CROSS JOIN programs AS p ON p.id = c.id ORDER BY c.priority DESC, c.age`;
const LABELLED = labelled(CANDIDATES);
const LABELLED_SUSPECTS = labelled(SUSPECTS);
const OWNED = `
SELECT (SELECT l.value FROM json_each(p.labels) AS l WHERE l.key = ?3) AS text, count(*) AS count FROM programs AS p
WHERE p.owner IN (SELECT id FROM interpreters WHERE expires > ${NOW}) AND p.queue = ?2 GROUP BY 1`;
const IS_LEASED = "SELECT count(*) AS mine FROM interpreters WHERE id = ?1";
const CLAIM = `
UPDATE programs SET owner = ?1, term = term + 1, crashes = crashes + (owner IS NOT NULL)
WHERE id IN (SELECT value FROM json_each(?2)) RETURNING *`;
// What the owner before has sent has no sender any more; what other connectors send goes on.
const ABANDON = `
UPDATE effects SET owner = NULL FROM json_each(?1) AS j
WHERE effects.program = j.value ->> 0 AND effects.owner = j.value ->> 1 AND effects.state = 'sending'`;
const RELEASE = `
UPDATE programs SET owner = NULL FROM json_each(?2) AS j
WHERE programs.id = j.value ->> 0 AND owner = ?1 AND term = j.value ->> 1 RETURNING id`;
const DISOWN_EFFECTS = `
UPDATE effects SET owner = NULL WHERE owner = ?1 AND state = 'sending'
  AND program IN (SELECT id FROM programs WHERE owner = ?1 AND id NOT IN (SELECT value FROM json_each(?2)))`;
const DISOWN = `
UPDATE programs SET crashes = crashes + (id IS ?3), owner = iif(id IN (SELECT value FROM json_each(?2)), owner, NULL) WHERE owner = ?1`;

const IN_QUEUES = "p.queue IN (SELECT value FROM json_each(?2))";
const CLAIMABLE = [
  "programs AS p WHERE p.runnable = 1",
  `programs AS p WHERE ${DUE}`,
  `${DELIVERIES} WHERE x.position IS NULL`,
]
  .map((arm) => `EXISTS (SELECT 1 FROM ${arm} AND ${IN_QUEUES} AND ${FREE} AND NOT ${SUSPECT})`)
  .join(" OR ");
const NEXT_WAKE = `
SELECT p.wake FROM programs AS p WHERE p.queue = q.value AND p.wake IS NOT NULL AND p.wake > ${NOW} AND ${UNOWNED}
  AND p.status NOT IN ('done', 'cancelled', 'moved') ORDER BY p.wake LIMIT 1`;
// The first condition is the index's own.
const EFFECT = `e.state IN ('pending', 'sending') AND e.capability IN (SELECT value FROM json_each(?3))
  AND e.queue IN (SELECT value FROM json_each(?2))`;
const WORK = `
SELECT ${NOW} AS time, (${CLAIMABLE}) AS claimable,
  EXISTS (SELECT 1 FROM programs AS p WHERE ${IN_QUEUES} AND ${FREE_SUSPECT}) AS suspects,
  EXISTS (SELECT 1 FROM effects AS e WHERE ${EFFECT} AND (e.state = 'pending' AND e.due <= ${NOW}
    OR e.state = 'sending' AND (e.owner IS NULL OR e.owner NOT IN (SELECT id FROM interpreters WHERE expires > ${NOW})))) AS effects,
  (SELECT json_group_array(p.id) FROM programs AS p WHERE p.owner = ?4
    AND EXISTS (SELECT 1 FROM inbox WHERE program = p.id AND position IS NULL)) AS addressed,
  (SELECT min((${NEXT_WAKE})) FROM json_each(?2) AS q) AS wake,
  (SELECT min(e.due) FROM effects AS e WHERE ${EFFECT} AND e.state = 'pending' AND e.due > ${NOW}) AS due`;

interface LimitedQueue {
  readonly name: string;
  readonly most: number;
  readonly per: { readonly label: string; readonly limit: number };
  readonly suspects: boolean;
}

interface Candidate {
  readonly id: string;
  readonly owner: string | null;
}

/** Claims on the programs of one store. */
export class SqliteClaims {
  readonly #driver: SqlDriver;
  readonly #time: StoreTime;

  constructor(driver: SqlDriver, time: StoreTime) {
    this.#driver = driver;
    this.#time = time;
  }

  claimPrograms(wish: ClaimWish): Promise<ClaimedPrograms> {
    const limited = wish.queues.some(({ per }) => per !== undefined) ? [LABELLED, LABELLED_SUSPECTS, OWNED] : [];
    return this.#driver.transaction([IS_LEASED, CANDIDATES, SUSPECTS, CLAIM, ABANDON, ...limited], async (tx) => {
      const leaseLost = (await tx.get(IS_LEASED, [wish.interpreter]))!.mine === 0;
      const chosen = leaseLost ? [] : await this.#choose(tx, wish);
      if (chosen.length === 0) return { leaseLost, claimed: [] };
      const rows = (await tx.all(CLAIM, [wish.interpreter, JSON.stringify(chosen.map(({ id }) => id))])).map(
        programRow,
      );
      const taken = chosen.filter(({ owner }) => owner !== null);
      if (taken.length > 0) await tx.run(ABANDON, [JSON.stringify(taken.map(({ id, owner }) => [id, owner]))]);
      const byId = new Map(rows.map((row) => [row.id, row]));
      const claimed = chosen.map(({ id, owner }) => ({ row: byId.get(id)!, takenOver: owner !== null }));
      return { leaseLost, claimed };
    });
  }

  async #choose(tx: SqlCalls, { queues, limit, suspects = false }: ClaimWish): Promise<Candidate[]> {
    const now = this.#time.now();
    const lists: Candidate[][] = [];
    for (const queue of queues) {
      const most = Math.min(queue.limit, limit);
      const rows =
        queue.per === undefined
          ? await tx.all(suspects ? SUSPECTS : CANDIDATES, [now, queue.name, most])
          : await this.#withinLimits(tx, { name: queue.name, most, per: queue.per, suspects });
      lists.push(rows.map(({ id, owner }: SqlRow) => ({ id: id as string, owner: owner as string | null })));
    }
    return inTurns(lists, limit);
  }

  /** Looks past those whose texts have reached the limit: at few first, as there are mostly none. */
  async #withinLimits(tx: SqlCalls, { name, most, per, suspects }: LimitedQueue): Promise<readonly SqlRow[]> {
    if (most <= 0) return [];
    const now = this.#time.now();
    const owned = await tx.all(OWNED, [now, name, per.label]);
    for (let look = Math.min(4 * most, LOOKED_PAST); ; look = Math.min(8 * look, LOOKED_PAST)) {
      const rows = await tx.all(suspects ? LABELLED_SUSPECTS : LABELLED, [now, name, look, per.label]);
      const counts = new Map(
        owned.flatMap(({ text, count }) => (text === null ? [] : [[text as string, count as number]])),
      );
      const labelled = rows.map((row) => ({ row, text: row.text as string | null }));
      const taken = withinLimits(labelled, counts, { most, limit: per.limit });
      if (taken.length === most || rows.length < look || look === LOOKED_PAST) return taken.map(({ row }) => row);
    }
  }

  releasePrograms(params: {
    interpreter: string;
    programs: readonly { readonly program: string; readonly term: number }[];
  }): Promise<readonly string[]> {
    const { interpreter, programs } = params;
    return this.#driver.transaction([RELEASE, ABANDON], async (tx) => {
      const mine = JSON.stringify(programs.map(({ program, term }) => [program, term]));
      const released = (await tx.all(RELEASE, [interpreter, mine])).map((row) => row.id as string);
      await tx.run(ABANDON, [JSON.stringify(released.map((id) => [id, interpreter]))]);
      return released;
    });
  }

  async disownPrograms({ interpreter, crashed, except }: DisownParams): Promise<void> {
    const kept = JSON.stringify(except);
    await this.#driver.transaction([DISOWN_EFFECTS, DISOWN], async (tx) => {
      await tx.run(DISOWN_EFFECTS, [interpreter, kept]);
      await tx.run(DISOWN, [interpreter, kept, crashed]);
    });
  }

  async readWork({ interpreter, queues, capabilities }: WorkQuery): Promise<Work> {
    const params = [this.#time.now(), JSON.stringify(queues), JSON.stringify(capabilities), interpreter];
    const row = (await this.#driver.get(WORK, params))!;
    const times = [row.wake, row.due].filter((time) => time !== null) as number[];
    return {
      time: row.time as number,
      claimable: row.claimable === 1,
      suspects: row.suspects === 1,
      effects: row.effects === 1,
      addressed: JSON.parse(row.addressed as string) as string[],
      next: times.length === 0 ? null : Math.min(...times),
    };
  }
}
