// One batch of turns as one call of a function (E-8): lock, guard, everything else for what passed the guard.
//
// docs/decisions/0016-postgres.md says why. Every table has one parameter, a JSON array of rows, or null; bodies in it are JSON
// strings (E-9). Each statement of a function sees what was committed before it, not before the call: so the guard sees
// what was delivered up to the moment the program's row was locked, and deliveries lock that row too (functions.ts).
// For what does not hold, it raises FM001: the batch is then halved until the program at fault is alone. Its plans are kept by each
// connection, maybe from when the tables were small: so they are made as if the tables were large.

import { keepsSnapshotSql } from "../thinning.ts";

const DAY = 86_400_000;
const OVER = "('done', 'cancelled', 'moved')";

/** `what`, of the programs that passed the guard. */
const passed = (alias: string): string => `(v_all OR ${alias}.program = ANY (v_ids))`;

/**
 * Content-addressed rows. What is there stays, and is touched when older than a day (E-19): by an UPDATE of its own, since ON
 * CONFLICT DO UPDATE would lock rows that it does not change, and programs share them.
 */
function contentAddressed(table: string, columns: string): string {
  const typed = columns
    .split(", ")
    .map((column) => `${column} text`)
    .join(", ");
  return `
  IF p_${table} IS NOT NULL THEN
    UPDATE flowmetal.${table} AS t SET used_at = v_time
      FROM json_to_recordset(p_${table}) AS r (program text, hash text)
      WHERE ${passed("r")} AND t.hash = r.hash AND t.used_at < v_time - ${DAY};
    INSERT INTO flowmetal.${table} (hash, used_at, ${columns})
      SELECT r.hash, v_time, ${columns} FROM json_to_recordset(p_${table}) AS r (program text, hash text, ${typed})
      WHERE ${passed("r")} ORDER BY r.hash ON CONFLICT DO NOTHING;
  END IF;`;
}

/** What a version of the function does with chunks: its name, the parameters, the statements. */
interface Version {
  readonly name: string;
  readonly parameters: string;
  readonly chunks: string;
}

const FIRST: Version = {
  name: "commit_1",
  parameters: "p_chunks json, p_snapshots json",
  chunks: `
  IF p_chunks IS NOT NULL THEN
    INSERT INTO flowmetal.chunks (program, hash, body)
      SELECT r.program, r.hash, r.body FROM json_to_recordset(p_chunks) AS r (program text, hash text, body text)
      WHERE ${passed("r")} ON CONFLICT DO NOTHING;
  END IF;
`,
};

// Before the snapshots: with each of those that go, the trigger `snapshots_chunks` takes the chunks that only it used.
const SECOND: Version = {
  name: "commit_2",
  parameters: "p_chunks json, p_dropped json, p_snapshots json",
  chunks: `
  IF p_chunks IS NOT NULL THEN
    INSERT INTO flowmetal.chunks (program, hash, since, until, body)
      SELECT r.program, r.hash, r.since, r.until, r.body
      FROM json_to_recordset(p_chunks) AS r (program text, hash text, since bigint, until bigint, body text)
      WHERE ${passed("r")} ON CONFLICT (program, hash) DO UPDATE SET until = excluded.until;
  END IF;
  IF p_dropped IS NOT NULL THEN
    UPDATE flowmetal.chunks AS c SET until = r.until
      FROM json_to_recordset(p_dropped) AS r (program text, hash text, until bigint)
      WHERE ${passed("r")} AND c.program = r.program AND c.hash = r.hash;
  END IF;
`,
};

const commitFunction = ({ name, parameters, chunks }: Version): string => `
CREATE FUNCTION flowmetal.${name}(
  p_commit text, p_interpreter text, p_lease bigint, p_seen bigint, p_again boolean, p_ids text[],
  p_births json, p_programs json, p_journal json, p_consumed json, p_effects json, p_settled json, p_released json, p_output json,
  p_code json, p_images json, p_blobs json, ${parameters},
  OUT o_time bigint, OUT o_leased smallint, OUT o_committed text)
LANGUAGE plpgsql SET enable_seqscan = off AS $fm$
DECLARE
  v_now bigint;
  v_time bigint;
  v_leased boolean;
  v_all boolean;
  v_ids text[];
  v_before text[];
  v_count bigint;
BEGIN
  PERFORM set_config('flowmetal.quiet', '1', true);
  v_leased := EXISTS (SELECT 1 FROM flowmetal.interpreters WHERE id = p_interpreter);
  IF p_births IS NOT NULL AND v_leased THEN
    v_time := greatest(flowmetal.now_ms(), p_seen);
    INSERT INTO flowmetal.programs (id, name, status, waiting, labels, parent, priority, queue, image, cut, runnable, position,
        owner, term, turn, branch, crashes, calls, output, shown, created, updated)
      SELECT r.id, r.name, 'ready', '[]', r.labels, r.parent, r.priority, r.queue, r.image, 0, 1, 1, p_interpreter, 1,
        0, 0, 0, '[]', 0, 0, v_time, v_time
      FROM json_to_recordset(p_births) AS r (program text, id text, name text, labels text, parent text, priority bigint,
        queue text, image text, nth bigint)
      ORDER BY r.nth ON CONFLICT (id) DO NOTHING;
  END IF;

  PERFORM 1 FROM flowmetal.programs WHERE id = ANY (p_ids) ORDER BY id FOR UPDATE;
  v_now := flowmetal.now_ms();
  v_time := greatest(v_now, p_seen);
  IF p_again THEN
    v_before := ARRAY(SELECT id FROM flowmetal.programs WHERE id = ANY (p_ids) AND commit_id = p_commit);
  END IF;

  IF v_leased THEN
    UPDATE flowmetal.interpreters SET expires = v_now + p_lease
      WHERE id = p_interpreter AND expires < v_now + p_lease - p_lease / 8;
    WITH changed AS (
      UPDATE flowmetal.programs AS p SET commit_id = p_commit, updated = v_time, term = p.term + r.claim, turn = p.turn + r.turns,
          position = r.until, status = r.status, waiting = r.waiting, wake = r.wake, cut = r.cut, branch = r.branch,
          calls = r.calls, image = r.image, result = r.result, error = r.error, output = p.output + r.output,
          snapshot = coalesce(r.snapshot, p.snapshot), base = coalesce(r.base, p.base), crashes = 0, runnable = r.runnable,
          owner = CASE WHEN r.release = 1 THEN NULL ELSE p_interpreter END
        FROM json_to_recordset(p_programs) AS r (program text, term bigint, turn bigint, position bigint, turns bigint,
          until bigint, status text, waiting text, wake bigint, cut smallint, branch bigint, calls text, image text, result text,
          error text, output bigint, snapshot bigint, runnable smallint, release smallint, keys json, claim smallint, base bigint)
        WHERE p.id = r.program AND CASE WHEN r.claim = 1 THEN p.owner IS NULL ELSE p.owner = p_interpreter END
          AND p.term = r.term AND p.turn = r.turn AND p.position = r.position AND p.status NOT IN ${OVER}
          AND (NOT p_again OR p.commit_id IS DISTINCT FROM p_commit)
          AND (r.keys IS NULL OR NOT EXISTS (SELECT 1 FROM json_array_elements_text(r.keys) AS k (key)
            JOIN flowmetal.inbox AS i ON i.program = p.id AND i.key = k.key WHERE i.position IS NULL))
        RETURNING p.id)
    SELECT coalesce(array_agg(changed.id), '{}') INTO v_ids FROM changed;
  ELSE
    v_ids := '{}';
  END IF;
  o_time := v_time;
  o_leased := (v_leased OR coalesce(cardinality(v_before), 0) = cardinality(p_ids))::integer;
  o_committed := to_json(v_ids || coalesce(v_before, '{}'))::text;
  IF cardinality(v_ids) = 0 THEN
    RETURN;
  END IF;
  v_all := cardinality(v_ids) = cardinality(p_ids);

  INSERT INTO flowmetal.journal (program, position, kind, body, time)
    SELECT r.program, r.position, r.kind, r.body, v_time
    FROM json_to_recordset(p_journal) AS r (program text, position bigint, kind text, body text) WHERE ${passed("r")};

  IF p_consumed IS NOT NULL THEN
    UPDATE flowmetal.inbox AS i SET position = r.position, body = NULL
      FROM json_to_recordset(p_consumed) AS r (program text, id bigint, position bigint)
      WHERE ${passed("r")} AND i.id = r.id AND i.program = r.program AND i.position IS NULL;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count <> (SELECT count(*) FROM json_to_recordset(p_consumed) AS r (program text) WHERE ${passed("r")}) THEN
      RAISE EXCEPTION 'an inbox row was consumed that is not open' USING ERRCODE = 'FM001';
    END IF;
  END IF;

  IF p_effects IS NOT NULL THEN
    INSERT INTO flowmetal.effects (key, program, position, queue, kind, topic, capability, payload, delivery, contract, state,
        attempts, due, owner, term, created, updated)
      SELECT r.key, r.program, r.position, p.queue, r.kind, r.topic, r.capability, r.payload, r.delivery, r.contract, r.state,
        born.claimed, r.due, CASE WHEN born.claimed = 1 THEN p_interpreter END, born.claimed, v_time, v_time
      FROM json_to_recordset(p_effects) AS r (program text, key text, position bigint, kind text, topic text, capability text,
          payload text, delivery text, contract text, state text, due bigint, nth bigint)
        JOIN flowmetal.programs AS p ON p.id = r.program
        CROSS JOIN LATERAL (SELECT (r.state = 'sending')::integer AS claimed) AS born
      WHERE ${passed("r")} ORDER BY r.nth;
  END IF;

  IF p_settled IS NOT NULL THEN
    UPDATE flowmetal.effects AS e SET state = r.state, outcome = r.outcome, body = r.body, owner = NULL, updated = v_time
      FROM json_to_recordset(p_settled) AS r (program text, key text, state text, outcome text, body text)
      WHERE ${passed("r")} AND e.key = r.key AND e.program = r.program AND e.state <> 'settled';
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count <> (SELECT count(*) FROM json_to_recordset(p_settled) AS r (program text) WHERE ${passed("r")}) THEN
      RAISE EXCEPTION 'an effect was settled that is not open' USING ERRCODE = 'FM001';
    END IF;
  END IF;

  -- Of a program that is let go of, nobody here sends anything any more; its next owner has to be able to claim it.
  IF p_released IS NOT NULL THEN
    UPDATE flowmetal.effects AS e SET owner = NULL FROM json_to_recordset(p_released) AS r (program text)
      WHERE ${passed("r")} AND e.program = r.program AND e.owner = p_interpreter AND e.state = 'sending';
  END IF;

  IF p_output IS NOT NULL THEN
    INSERT INTO flowmetal.output (program, serial, branch, number, text)
      SELECT r.program, p.output - r.back, r.branch, r.number, r.text
      FROM json_to_recordset(p_output) AS r (program text, back bigint, branch bigint, number bigint, text text)
        JOIN flowmetal.programs AS p ON p.id = r.program
      WHERE ${passed("r")};
  END IF;
${contentAddressed("code", "code, debug")}
${contentAddressed("images", "body")}
${contentAddressed("blobs", "body")}${chunks}
  -- A snapshot where the journal begins stays, and those before it go (E-19).
  IF p_snapshots IS NOT NULL THEN
    INSERT INTO flowmetal.snapshots (program, position, turn, hash, pinned, body)
      SELECT r.program, r.position, r.turn, r.hash, (r.position = p.base)::integer, r.body
      FROM json_to_recordset(p_snapshots) AS r (program text, position bigint, turn bigint, hash text, body text)
        JOIN flowmetal.programs AS p ON p.id = r.program
      WHERE ${passed("r")};
    DELETE FROM flowmetal.snapshots AS old
      USING json_to_recordset(p_snapshots) AS r (program text, position bigint, turn bigint)
        JOIN flowmetal.programs AS p ON p.id = r.program
      WHERE ${passed("r")} AND old.program = r.program
        AND (old.position < p.base
          OR old.position < r.position AND old.pinned = 0 AND NOT ${keepsSnapshotSql("old.turn", "r.turn")});
  END IF;
END
$fm$;
`;

export const COMMIT_FUNCTION = commitFunction(FIRST);
/** That of schema 2. */
export const SECOND_COMMIT_FUNCTION = commitFunction(SECOND);
