// The functions of a PostgreSQL store, but for the commit: what must be one statement for a pooler and is more than one in itself.
//
// Locks are taken in one order everywhere: rows of programs by id, then what belongs to them. A delivery locks its
// program's row FOR SHARE, so that it comes wholly before or wholly after a commit of that program, while deliveries do not
// wait for each other. `p_again`: an earlier sending of the same call may have been done (E-10); what it did is the answer.

const OVER = "('done', 'cancelled', 'moved')";
/** An interpreter's row is kept so long after its lease, for people to see; then its owner's programs are as unowned anyway. */
const KEPT_MS = 600_000;
const DAY = 86_400_000;
/** Of an effect: who was sending it is no more. */
const FREE = "NOT EXISTS (SELECT 1 FROM flowmetal.interpreters AS i WHERE i.id = e.owner AND i.expires > v_now)";

/** A notice inside the transaction, for those who write without this engine. It says nothing of what it was. */
const NOTICES = `
CREATE FUNCTION flowmetal.notice_1() RETURNS trigger LANGUAGE plpgsql AS $fm$
BEGIN
  PERFORM nextval('flowmetal.changes');
  PERFORM pg_notify('flowmetal', 'flowmetal. outside');
  RETURN NULL;
END
$fm$;
CREATE TRIGGER inbox_notice AFTER INSERT ON flowmetal.inbox FOR EACH STATEMENT
  WHEN (current_setting('flowmetal.quiet', true) IS DISTINCT FROM '1') EXECUTE FUNCTION flowmetal.notice_1();
CREATE TRIGGER effects_notice AFTER INSERT OR UPDATE ON flowmetal.effects FOR EACH STATEMENT
  WHEN (current_setting('flowmetal.quiet', true) IS DISTINCT FROM '1') EXECUTE FUNCTION flowmetal.notice_1();
`;

const TIME = `
CREATE FUNCTION flowmetal.now_ms() RETURNS bigint LANGUAGE sql VOLATILE AS
  'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';
`;

const INTERPRETERS = `
CREATE FUNCTION flowmetal.register_1(p_id text, p_engine text, p_lease bigint, p_again boolean)
RETURNS SETOF flowmetal.interpreters LANGUAGE plpgsql AS $fm$
DECLARE
  v_now bigint := flowmetal.now_ms();
BEGIN
  DELETE FROM flowmetal.interpreters WHERE id IN (
    SELECT id FROM flowmetal.interpreters WHERE expires < v_now - ${KEPT_MS} ORDER BY id FOR UPDATE SKIP LOCKED);
  RETURN QUERY INSERT INTO flowmetal.interpreters AS i (id, engine, started, expires)
    VALUES (p_id, p_engine, v_now, v_now + p_lease)
    ON CONFLICT (id) DO UPDATE SET expires = excluded.expires WHERE p_again RETURNING i.*;
END
$fm$;

CREATE FUNCTION flowmetal.retire_1(p_interpreter text) RETURNS void LANGUAGE plpgsql AS $fm$
BEGIN
  PERFORM 1 FROM flowmetal.programs WHERE owner = p_interpreter ORDER BY id FOR UPDATE;
  UPDATE flowmetal.programs SET owner = NULL WHERE owner = p_interpreter;
  DELETE FROM flowmetal.interpreters WHERE id = p_interpreter;
END
$fm$;
`;

function writeTexts(table: string, columns: string): string {
  const typed = columns
    .split(", ")
    .map((column) => `${column} text`)
    .join(", ");
  return `
  IF p_${table} IS NOT NULL THEN
    UPDATE flowmetal.${table} AS t SET used_at = v_now FROM json_to_recordset(p_${table}) AS r (hash text)
      WHERE t.hash = r.hash AND t.used_at < v_now - ${DAY};
    INSERT INTO flowmetal.${table} (hash, used_at, ${columns})
      SELECT r.hash, v_now, ${columns} FROM json_to_recordset(p_${table}) AS r (hash text, ${typed})
      ORDER BY r.hash ON CONFLICT DO NOTHING;
  END IF;`;
}

const TEXTS = `
CREATE FUNCTION flowmetal.write_texts_1(p_code json, p_images json, p_blobs json) RETURNS void LANGUAGE plpgsql AS $fm$
DECLARE
  v_now bigint := flowmetal.now_ms();
BEGIN${writeTexts("code", "code, debug")}${writeTexts("images", "body")}${writeTexts("blobs", "body")}
END
$fm$;
`;

const PROGRAMS = `
-- What a fork is created with (E-3).
CREATE FUNCTION flowmetal.fork_1(p_id text, p_queue text, p_time bigint, p_hash text, p_body text, p_answers json, p_effects json)
RETURNS void LANGUAGE plpgsql AS $fm$
BEGIN
  PERFORM set_config('flowmetal.quiet', '1', true);
  INSERT INTO flowmetal.snapshots (program, position, turn, hash, pinned, body) VALUES (p_id, 1, 0, p_hash, 1, p_body);
  INSERT INTO flowmetal.inbox (program, key, kind, rank, body, time)
    SELECT p_id, r.key, 'answer', 1, r.body, p_time
    FROM json_to_recordset(p_answers) AS r (key text, body text, nth bigint) ORDER BY r.nth;
  INSERT INTO flowmetal.effects (key, program, position, queue, kind, topic, capability, payload, delivery, contract, state,
      attempts, due, term, created, updated)
    SELECT r.key, p_id, 0, p_queue, r.kind, r.topic, r.capability, r.payload, r.delivery, r.contract, 'pending',
      0, r.due, 0, p_time, p_time
    FROM json_to_recordset(p_effects) AS r (key text, kind text, topic text, capability text, payload text, delivery text,
      contract text, due bigint, nth bigint) ORDER BY r.nth;
END
$fm$;

CREATE FUNCTION flowmetal.create_1(p_id text, p_name text, p_labels text, p_parent text, p_priority bigint, p_queue text,
  p_image text, p_start text, p_seen bigint, p_again boolean, p_code json, p_images json, p_blobs json,
  p_fork_hash text, p_fork_body text, p_fork_answers json, p_fork_effects json,
  OUT created smallint, OUT program flowmetal.programs)
LANGUAGE plpgsql AS $fm$
DECLARE
  v_time bigint := greatest(flowmetal.now_ms(), p_seen);
BEGIN
  created := 0;
  -- Looked for first, so that a start that is there already uses up no number.
  SELECT p.* INTO program FROM flowmetal.programs AS p WHERE p.id = p_id;
  IF NOT FOUND THEN
    INSERT INTO flowmetal.programs AS p (id, name, status, waiting, labels, parent, priority, queue, image, cut, runnable, position,
        term, turn, branch, crashes, calls, output, shown, created, updated, base, snapshot)
      VALUES (p_id, p_name, 'ready', '[]', p_labels, p_parent, p_priority, p_queue, p_image, 0, 1, 1,
        0, 0, 0, 0, '[]', 0, 0, v_time, v_time, (p_fork_body IS NOT NULL)::integer, CASE WHEN p_fork_body IS NOT NULL THEN 1 END)
      ON CONFLICT (id) DO NOTHING RETURNING p.* INTO program;
    IF FOUND THEN
      created := 1;
      INSERT INTO flowmetal.journal (program, position, kind, body, time) VALUES (p_id, 0, 'start', p_start, v_time);
      PERFORM flowmetal.write_texts_1(p_code, p_images, p_blobs);
      IF p_fork_body IS NOT NULL THEN
        PERFORM flowmetal.fork_1(p_id, p_queue, v_time, p_fork_hash, p_fork_body, p_fork_answers, p_fork_effects);
      END IF;
      RETURN;
    END IF;
    SELECT p.* INTO program FROM flowmetal.programs AS p WHERE p.id = p_id;
  END IF;
  IF p_again AND EXISTS (SELECT 1 FROM flowmetal.journal AS j WHERE j.program = p_id AND j.position = 0 AND j.body = p_start) THEN
    created := 1;
  END IF;
END
$fm$;

-- What the owner of a program has sent has no sender any more when the program is no longer its own: also where its lease goes on.
CREATE FUNCTION flowmetal.claim_1(p_program text, p_interpreter text,
  OUT outcome text, OUT taken_over smallint, OUT lease_expires bigint, OUT program flowmetal.programs)
LANGUAGE plpgsql AS $fm$
DECLARE
  v_owner text;
  v_foreign boolean;
BEGIN
  taken_over := 0;
  SELECT p.* INTO program FROM flowmetal.programs AS p WHERE p.id = p_program FOR UPDATE;
  IF NOT FOUND THEN
    outcome := 'missing';
    RETURN;
  ELSIF program.status IN ${OVER} THEN
    outcome := 'over';
    RETURN;
  ELSIF NOT EXISTS (SELECT 1 FROM flowmetal.interpreters WHERE id = p_interpreter) THEN
    outcome := 'lease-lost';
    RETURN;
  END IF;
  v_owner := program.owner;
  v_foreign := v_owner IS NOT NULL AND v_owner <> p_interpreter;
  IF v_foreign THEN
    SELECT expires INTO lease_expires FROM flowmetal.interpreters WHERE id = v_owner AND expires > flowmetal.now_ms();
    IF FOUND THEN
      outcome := 'owned';
      RETURN;
    END IF;
  END IF;
  UPDATE flowmetal.programs AS p SET owner = p_interpreter, term = p.term + 1, crashes = p.crashes + v_foreign::integer
    WHERE p.id = p_program RETURNING p.* INTO program;
  IF v_owner IS NOT NULL THEN
    PERFORM set_config('flowmetal.quiet', '1', true);
    UPDATE flowmetal.effects AS e SET owner = NULL WHERE e.program = p_program AND e.owner = v_owner AND e.state = 'sending';
  END IF;
  outcome := 'claimed';
  taken_over := v_foreign::integer;
END
$fm$;

CREATE FUNCTION flowmetal.release_1(p_program text, p_interpreter text, p_term bigint, p_again boolean) RETURNS smallint
LANGUAGE plpgsql AS $fm$
BEGIN
  UPDATE flowmetal.programs SET owner = NULL WHERE id = p_program AND owner = p_interpreter AND term = p_term;
  IF FOUND THEN
    PERFORM set_config('flowmetal.quiet', '1', true);
    UPDATE flowmetal.effects SET owner = NULL WHERE program = p_program AND owner = p_interpreter AND state = 'sending';
    RETURN 1;
  END IF;
  RETURN (p_again AND EXISTS (
    SELECT 1 FROM flowmetal.programs WHERE id = p_program AND owner IS NULL AND term = p_term))::integer;
END
$fm$;
`;

const DELIVERIES = `
-- The id of the row, or null if one is there under its key. Looked for first, so that a repetition uses up no number.
CREATE FUNCTION flowmetal.put_1(p_program text, p_key text, p_kind text, p_rank smallint, p_body text, p_seen bigint) RETURNS bigint
LANGUAGE plpgsql AS $fm$
DECLARE
  v_id bigint;
BEGIN
  PERFORM set_config('flowmetal.quiet', '1', true);
  IF EXISTS (SELECT 1 FROM flowmetal.inbox WHERE program = p_program AND key = p_key) THEN
    RETURN NULL;
  END IF;
  INSERT INTO flowmetal.inbox (program, key, kind, rank, body, time)
    VALUES (p_program, p_key, p_kind, p_rank, p_body, greatest(flowmetal.now_ms(), p_seen))
    ON CONFLICT (program, key) DO NOTHING RETURNING id INTO v_id;
  RETURN v_id;
END
$fm$;

-- p_outcome, p_answer: of an answer, which settles the effect it is for.
CREATE FUNCTION flowmetal.deliver_1(p_program text, p_key text, p_kind text, p_rank smallint, p_body text, p_outcome text,
  p_answer text, p_seen bigint, p_again boolean, OUT outcome text, OUT id bigint, OUT status text)
LANGUAGE plpgsql AS $fm$
DECLARE
  v_state text;
BEGIN
  SELECT p.status INTO status FROM flowmetal.programs AS p WHERE p.id = p_program FOR SHARE;
  IF NOT FOUND THEN
    SELECT c.status INTO status FROM flowmetal.collected AS c WHERE c.id = p_program;
    outcome := CASE WHEN FOUND THEN 'gone' ELSE 'missing' END;
    RETURN;
  END IF;
  IF p_again THEN
    SELECT i.id INTO id FROM flowmetal.inbox AS i WHERE i.program = p_program AND i.key = p_key AND (i.body = p_body
      OR EXISTS (SELECT 1 FROM flowmetal.journal AS j WHERE j.program = p_program AND j.position = i.position AND j.body = p_body));
    IF FOUND THEN
      outcome := 'delivered';
      RETURN;
    END IF;
  END IF;
  IF status IN ${OVER} THEN
    outcome := 'gone';
    RETURN;
  END IF;
  IF p_outcome IS NOT NULL THEN
    SELECT e.state INTO v_state FROM flowmetal.effects AS e WHERE e.key = p_key AND e.program = p_program FOR UPDATE;
    IF v_state = 'settled' THEN
      outcome := 'already-settled';
      RETURN;
    ELSIF FOUND THEN
      PERFORM set_config('flowmetal.quiet', '1', true);
      UPDATE flowmetal.effects AS e SET state = 'settled', outcome = p_outcome, body = p_answer, owner = NULL,
        updated = greatest(flowmetal.now_ms(), p_seen) WHERE e.key = p_key;
    END IF;
  END IF;
  id := flowmetal.put_1(p_program, p_key, p_kind, p_rank, p_body, p_seen);
  outcome := CASE WHEN id IS NULL THEN 'duplicate' ELSE 'delivered' END;
END
$fm$;
`;

/** A version of the function that gives up effects: its name, and what it locks before it asks for their owners. */
const doubtFunction = (
  name: string,
  lock: string,
): string => `-- Sent at most once, and their senders are gone: nobody knows, and their programs are told so (E-21), under the key told.
CREATE FUNCTION flowmetal.${name}(p_rows json, p_seen bigint) RETURNS void LANGUAGE plpgsql AS $fm$
DECLARE
  v_now bigint := flowmetal.now_ms();
  v_row record;
BEGIN
  PERFORM set_config('flowmetal.quiet', '1', true);
  PERFORM 1 FROM flowmetal.programs AS p WHERE p.id IN (SELECT e.program FROM flowmetal.effects AS e
    WHERE e.key IN (SELECT r.key FROM json_to_recordset(p_rows) AS r (key text))) ORDER BY p.id FOR SHARE;${lock}
  FOR v_row IN
    SELECT e.key, e.program, r.told, r.answer FROM json_to_recordset(p_rows) AS r (key text, told text, answer text)
      JOIN flowmetal.effects AS e ON e.key = r.key
    WHERE e.state = 'sending' AND ${FREE} ORDER BY e.n FOR UPDATE OF e
  LOOP
    UPDATE flowmetal.effects AS e SET state = 'unknown', outcome = 'unknown', body = 'null', updated = greatest(v_now, p_seen)
      WHERE e.key = v_row.key;
    PERFORM flowmetal.put_1(v_row.program, v_row.told, 'answer', 1::smallint, v_row.answer, p_seen)
      FROM flowmetal.programs AS p WHERE p.id = v_row.program AND p.status NOT IN ${OVER};
  END LOOP;
END
$fm$;
`;

const EFFECTS = `
-- Takes what is due. What may be sent only once and has no sender any more is answered with them: the caller then calls doubt_1.
CREATE FUNCTION flowmetal.claim_effects_1(p_claim text, p_owner text, p_limit bigint, p_queues text[], p_capabilities text[],
  p_program text, p_seen bigint, p_again boolean) RETURNS SETOF flowmetal.effects
LANGUAGE plpgsql AS $fm$
DECLARE
  v_now bigint := flowmetal.now_ms();
BEGIN
  PERFORM set_config('flowmetal.quiet', '1', true);
  RETURN QUERY SELECT e.* FROM flowmetal.effects AS e
    WHERE e.state IN ('pending', 'sending') AND e.state = 'sending' AND e.delivery = 'at-most-once' AND e.queue = ANY (p_queues) AND e.capability = ANY (p_capabilities)
      AND (p_program IS NULL OR e.program = p_program) AND ${FREE};
  IF p_again THEN
    RETURN QUERY SELECT e.* FROM flowmetal.effects AS e
      WHERE e.state = 'sending' AND e.claim_id = p_claim AND e.owner = p_owner;
    IF FOUND THEN
      RETURN;
    END IF;
  END IF;
  RETURN QUERY WITH due AS (
      SELECT e.key FROM flowmetal.effects AS e
      WHERE e.state IN ('pending', 'sending') AND e.queue = ANY (p_queues) AND e.capability = ANY (p_capabilities)
        AND (p_program IS NULL OR e.program = p_program)
        AND (e.state = 'pending' AND e.due <= v_now
          OR e.state = 'sending' AND e.delivery = 'at-least-once' AND ${FREE})
      ORDER BY e.due, e.n LIMIT p_limit FOR UPDATE SKIP LOCKED)
    UPDATE flowmetal.effects AS e SET state = 'sending', owner = p_owner, term = e.term + 1, attempts = e.attempts + 1,
      claim_id = p_claim, updated = greatest(v_now, p_seen)
    FROM due WHERE e.key = due.key RETURNING e.*;
END
$fm$;

${doubtFunction("doubt_1", "")}
CREATE FUNCTION flowmetal.settle_1(p_key text, p_owner text, p_term bigint, p_outcome text, p_body text, p_answer text,
  p_seen bigint, p_again boolean) RETURNS text
LANGUAGE plpgsql AS $fm$
DECLARE
  v_program text;
  v_status text;
  v_effect flowmetal.effects;
BEGIN
  SELECT e.program INTO v_program FROM flowmetal.effects AS e WHERE e.key = p_key;
  IF NOT FOUND THEN
    RETURN 'missing';
  END IF;
  SELECT p.status INTO v_status FROM flowmetal.programs AS p WHERE p.id = v_program FOR SHARE;
  SELECT e.* INTO v_effect FROM flowmetal.effects AS e WHERE e.key = p_key FOR UPDATE;
  IF v_effect.state = 'settled' THEN
    RETURN CASE WHEN p_again AND v_effect.term = p_term AND v_effect.outcome = p_outcome AND v_effect.body = p_body
      THEN 'settled' ELSE 'already-settled' END;
  ELSIF v_effect.owner IS DISTINCT FROM p_owner OR v_effect.term <> p_term THEN
    RETURN 'lost';
  END IF;
  PERFORM set_config('flowmetal.quiet', '1', true);
  UPDATE flowmetal.effects AS e SET outcome = p_outcome, body = p_body, updated = greatest(flowmetal.now_ms(), p_seen),
    state = CASE WHEN e.state = 'unknown' THEN 'unknown' ELSE 'settled' END,
    owner = CASE WHEN e.state = 'unknown' THEN e.owner END
    WHERE e.key = p_key;
  IF v_effect.state = 'unknown' THEN
    RETURN 'kept';
  END IF;
  IF v_status NOT IN ${OVER} THEN
    PERFORM flowmetal.put_1(v_program, p_key, 'answer', 1::smallint, p_answer, p_seen);
  END IF;
  RETURN 'settled';
END
$fm$;

CREATE FUNCTION flowmetal.postpone_1(p_key text, p_owner text, p_term bigint, p_due bigint, p_seen bigint, p_again boolean)
RETURNS smallint LANGUAGE plpgsql AS $fm$
BEGIN
  PERFORM set_config('flowmetal.quiet', '1', true);
  UPDATE flowmetal.effects AS e SET state = 'pending', owner = NULL, due = p_due, updated = greatest(flowmetal.now_ms(), p_seen)
    WHERE e.key = p_key AND e.state = 'sending' AND e.owner = p_owner AND e.term = p_term;
  IF FOUND THEN
    RETURN 1;
  END IF;
  RETURN (p_again AND EXISTS (SELECT 1 FROM flowmetal.effects AS e
    WHERE e.key = p_key AND e.state = 'pending' AND e.term = p_term AND e.due = p_due))::integer;
END
$fm$;
`;

export const FUNCTIONS = TIME + NOTICES + INTERPRETERS + TEXTS + PROGRAMS + DELIVERIES + EFFECTS;
/** That of schema 3: whether their senders live is asked behind the lock (fleet-functions.ts says why). */
export const SECOND_DOUBT_FUNCTION = doubtFunction(
  "doubt_2",
  `
  PERFORM 1 FROM flowmetal.effects AS e WHERE e.key IN (SELECT r.key FROM json_to_recordset(p_rows) AS r (key text))
    ORDER BY e.n FOR UPDATE;`,
);
