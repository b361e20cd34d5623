// The functions with which a fleet claims and releases many programs at a time, and with which finished programs are deleted.

import { LOOKED_PAST } from "../store.ts";
import { free, freeSuspect, SUSPECT } from "./claimable.ts";

/** Of those due by time or with deliveries, so many are looked at for one claim. */
const LOOKED_AT = 1_000;

const CANDIDATE = "SELECT p.id, p.owner, p.priority, p.n FROM";
const FIT = `p.queue = q.name AND p.id <> ALL (v_tried) AND ${free("v_now")} AND NOT ${SUSPECT}`;
// Each arm has an index of its own and ends where there are enough, so that a backlog costs no more than a claim of its size.
const CANDIDATES = `SELECT DISTINCT a.id, a.owner, a.priority, a.n FROM (
    (${CANDIDATE} flowmetal.programs AS p WHERE p.runnable = 1 AND ${FIT} ORDER BY p.priority DESC, p.n LIMIT q.most)
    UNION ALL (${CANDIDATE} flowmetal.programs AS p WHERE p.wake IS NOT NULL AND p.wake <= v_now AND ${FIT}
      ORDER BY p.wake LIMIT ${LOOKED_AT})
    UNION ALL (${CANDIDATE} flowmetal.inbox AS x JOIN flowmetal.programs AS p ON p.id = x.program
      WHERE x.position IS NULL AND ${FIT} ORDER BY x.id LIMIT ${LOOKED_AT})) AS a
  WHERE NOT p_suspects
  UNION ALL (${CANDIDATE} flowmetal.programs AS p
    WHERE p_suspects AND p.queue = q.name AND p.id <> ALL (v_tried) AND ${freeSuspect("v_now")})`;

/** A version of the function that claims: its name, what it declares, how it locks what it has chosen. */
interface ClaimVersion {
  readonly name: string;
  readonly declares: string;
  readonly lock: string;
}

const FIRST_CLAIM: ClaimVersion = {
  name: "claim_programs_1",
  declares: "",
  lock: `
    SELECT array_agg(l.id), array_agg(l.owner) INTO v_ids, v_owners FROM (
      SELECT p.id, p.owner FROM flowmetal.programs AS p WHERE p.id = ANY (v_chosen) AND ${free("v_now")}
      ORDER BY p.id FOR UPDATE OF p SKIP LOCKED) AS l;`,
};

// A row that changed before it was locked is judged again, but with what was found beside it before: that nobody who lives owns it. So
// who does is asked by another statement, which sees all that was committed before the lock.
const SECOND_CLAIM: ClaimVersion = {
  name: "claim_programs_2",
  declares: `
  v_locked text[];`,
  lock: `
    v_locked := ARRAY(SELECT p.id FROM flowmetal.programs AS p WHERE p.id = ANY (v_chosen) ORDER BY p.id FOR UPDATE SKIP LOCKED);
    SELECT array_agg(p.id), array_agg(p.owner) INTO v_ids, v_owners FROM flowmetal.programs AS p
      WHERE p.id = ANY (v_locked) AND ${free("v_now")};`,
};

// Others may choose the same at the same moment. Who comes second leaves out what is locked, and what has an owner by then; if
// nothing is left of its choice, it chooses again from the rest.
const claimFunction = ({ name, declares, lock }: ClaimVersion): string => `
CREATE FUNCTION flowmetal.${name}(p_claim text, p_interpreter text, p_queues text[], p_limits bigint[], p_limit bigint,
  p_suspects boolean, p_again boolean) RETURNS SETOF flowmetal.programs LANGUAGE plpgsql AS $fm$
DECLARE
  v_now bigint := flowmetal.now_ms();
  v_tried text[] := '{}';
  v_chosen text[];
  v_ids text[];
  v_owners text[];${declares}
BEGIN
  IF p_again THEN
    RETURN QUERY SELECT p.* FROM flowmetal.programs AS p WHERE p.owner = p_interpreter AND p.claim_id IN (p_claim, p_claim || '+')
      ORDER BY p.priority DESC, p.n;
    IF FOUND THEN
      RETURN;
    END IF;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM flowmetal.interpreters WHERE id = p_interpreter) THEN
    RETURN;
  END IF;
  FOR v_round IN 1..3 LOOP
    v_chosen := ARRAY(
      SELECT c.id FROM (
        SELECT q.name, least(q.most, p_limit) AS most, q.at
        FROM unnest(p_queues, p_limits) WITH ORDINALITY AS q (name, most, at)) AS q
      CROSS JOIN LATERAL (
        SELECT b.id, row_number() OVER (ORDER BY b.priority DESC, b.n) AS nth FROM (${CANDIDATES}) AS b
        ORDER BY b.priority DESC, b.n LIMIT q.most) AS c
      ORDER BY c.nth, q.at LIMIT p_limit);
    EXIT WHEN cardinality(v_chosen) = 0;${lock}
    EXIT WHEN v_ids IS NOT NULL;
    v_tried := v_tried || v_chosen;
  END LOOP;
  IF v_ids IS NULL THEN
    RETURN;
  END IF;
  UPDATE flowmetal.programs AS p SET owner = p_interpreter, term = p.term + 1, crashes = p.crashes + (p.owner IS NOT NULL)::integer,
    claim_id = CASE WHEN p.owner IS NULL THEN p_claim ELSE p_claim || '+' END WHERE p.id = ANY (v_ids);
  -- What the owner before has sent has no sender any more; what other connectors send goes on.
  PERFORM set_config('flowmetal.quiet', '1', true);
  UPDATE flowmetal.effects AS e SET owner = NULL FROM unnest(v_ids, v_owners) AS t (id, owner)
    WHERE t.owner IS NOT NULL AND e.program = t.id AND e.owner = t.owner AND e.state = 'sending';
  RETURN QUERY SELECT p.* FROM unnest(v_chosen) WITH ORDINALITY AS c (id, at) JOIN flowmetal.programs AS p ON p.id = c.id
    WHERE p.id = ANY (v_ids) ORDER BY c.at;
END
$fm$;
`;

const LABELLED = CANDIDATES.replaceAll("LIMIT q.most)", "LIMIT q.look)");
// Of each queue those that may be claimed by the texts of its label: they stand behind one another by text, behind what is owned.
const WITHIN_LIMITS = `SELECT k.id, k.priority, k.n FROM (
    SELECT b.id, b.priority, b.n, b.text,
      row_number() OVER (PARTITION BY b.text ORDER BY b.priority DESC, b.n) + coalesce(o.owned, 0) AS nth
    FROM (SELECT a.*, l.labels::json ->> q.label AS text FROM (${LABELLED}) AS a
      JOIN flowmetal.programs AS l ON l.id = a.id) AS b
    LEFT JOIN (SELECT p.labels::json ->> q.label AS text, count(*) AS owned FROM flowmetal.programs AS p
      JOIN flowmetal.interpreters AS i ON i.id = p.owner AND i.expires > v_now WHERE q.label IS NOT NULL AND p.queue = q.name
      GROUP BY 1) AS o ON o.text = b.text) AS k
  WHERE k.text IS NULL OR k.nth <= q.per_text`;

// As the second one; with limits by the texts of a label. Who claims from such a queue waits for others who do: else two would count the same
// programs as owned, and both claim.
export const THIRD_CLAIM_FUNCTION = claimFunction({ ...SECOND_CLAIM, name: "claim_programs_3" })
  .replace(
    "p_limits bigint[], p_limit bigint",
    "p_limits bigint[], p_labels text[], p_per_text bigint[], p_limit bigint",
  )
  .replace(
    "  FOR v_round IN 1..3 LOOP\n",
    `  PERFORM pg_advisory_xact_lock(hashtextextended('flowmetal.programs ' || q.name, 0))
    FROM (SELECT u.name FROM unnest(p_queues, p_labels) AS u (name, label) WHERE u.label <> '' ORDER BY u.name) AS q;
  FOR v_round IN 1..4 LOOP
`,
  )
  .replace(
    `        SELECT q.name, least(q.most, p_limit) AS most, q.at
        FROM unnest(p_queues, p_limits) WITH ORDINALITY AS q (name, most, at)) AS q`,
    `        SELECT q.name, least(q.most, p_limit) AS most, nullif(q.label, '') AS label, q.per_text, q.at,
          CASE WHEN q.label = '' THEN least(q.most, p_limit) ELSE v_look END AS look
        FROM unnest(p_queues, p_limits, p_labels, p_per_text) WITH ORDINALITY AS q (name, most, label, per_text, at)) AS q`,
  )
  .replace(CANDIDATES, WITHIN_LIMITS)
  .replace(
    "    EXIT WHEN cardinality(v_chosen) = 0;\n",
    `    -- Few are looked at first: mostly none has reached its limit.
    IF cardinality(v_chosen) < p_limit AND v_look < ${LOOKED_PAST} AND EXISTS (SELECT 1 FROM unnest(p_labels) AS l (label) WHERE l.label <> '') THEN
      v_look := ${LOOKED_PAST};
      CONTINUE;
    END IF;
    EXIT WHEN cardinality(v_chosen) = 0;
`,
  )
  .replace(
    "  v_tried text[] := '{}';\n",
    `  v_tried text[] := '{}';\n  v_look bigint := CASE WHEN cardinality(p_queues) = 1 THEN 4 * p_limit ELSE ${LOOKED_PAST} END;\n`,
  );

const RELEASE = `
CREATE FUNCTION flowmetal.release_programs_1(p_interpreter text, p_rows json, p_again boolean) RETURNS text
LANGUAGE plpgsql AS $fm$
DECLARE
  v_ids text[];
BEGIN
  PERFORM 1 FROM flowmetal.programs AS p WHERE p.id IN (SELECT r.program FROM json_to_recordset(p_rows) AS r (program text))
    ORDER BY p.id FOR UPDATE;
  WITH released AS (
    UPDATE flowmetal.programs AS p SET owner = NULL FROM json_to_recordset(p_rows) AS r (program text, term bigint)
      WHERE p.id = r.program AND p.owner = p_interpreter AND p.term = r.term RETURNING p.id)
  SELECT coalesce(array_agg(released.id), '{}') INTO v_ids FROM released;
  PERFORM set_config('flowmetal.quiet', '1', true);
  UPDATE flowmetal.effects AS e SET owner = NULL
    WHERE e.program = ANY (v_ids) AND e.owner = p_interpreter AND e.state = 'sending';
  IF p_again THEN
    v_ids := v_ids || ARRAY(SELECT p.id FROM json_to_recordset(p_rows) AS r (program text, term bigint)
      JOIN flowmetal.programs AS p ON p.id = r.program WHERE p.owner IS NULL AND p.term = r.term AND p.id <> ALL (v_ids));
  END IF;
  RETURN to_json(v_ids)::text;
END
$fm$;
`;

/** Every table whose rows belong to one program. */
const OWN = ["journal", "snapshots", "chunks", "inbox", "effects", "output", "callbacks"];

const COLLECT = `
-- Deletes one finished program with all that is its own, if nothing has touched it meanwhile and it owes no effect.
CREATE FUNCTION flowmetal.collect_1(p_id text, p_before bigint, p_again boolean) RETURNS smallint LANGUAGE plpgsql AS $fm$
DECLARE
  v_status text;
BEGIN
  SELECT p.status INTO v_status FROM flowmetal.programs AS p
    WHERE p.id = p_id AND p.status IN ('done', 'cancelled', 'moved') AND p.updated < p_before
    FOR UPDATE;
  IF NOT FOUND THEN
    RETURN (p_again AND EXISTS (SELECT 1 FROM flowmetal.collected WHERE id = p_id)
      AND NOT EXISTS (SELECT 1 FROM flowmetal.programs WHERE id = p_id))::integer;
  ELSIF EXISTS (SELECT 1 FROM flowmetal.effects AS e WHERE e.program = p_id AND e.state IN ('pending', 'sending')) THEN
    RETURN 0;
  END IF;
  INSERT INTO flowmetal.collected AS c (id, status, time) VALUES (p_id, v_status, flowmetal.now_ms())
    ON CONFLICT (id) DO UPDATE SET status = excluded.status, time = excluded.time;
${OWN.map((table) => `  DELETE FROM flowmetal.${table} WHERE program = p_id;`).join("\n")}
  DELETE FROM flowmetal.programs WHERE id = p_id;
  RETURN 1;
END
$fm$;
`;

export const FLEET_FUNCTIONS = claimFunction(FIRST_CLAIM) + RELEASE + COLLECT;
/** That of schema 3. */
export const SECOND_CLAIM_FUNCTION = claimFunction(SECOND_CLAIM);
