// The views over what sleeping programs hold: tasks, frames, locals, nodes. They read the newest snapshot (format: src/snapshot/
// snapshot.ts) and the debug tables of code (src/code/code.ts) by SQL alone, so that any SQLite from 3.40 on can show them.
//
// How they stay quick, on many small programs and on a deep one:
//  1. What belongs to one program is a chain of `json_each` over expressions, joined in this order, so that a condition on
//     `program` narrows everything behind it. A view over a recursive table would work through the whole store each time.
//  2. A node is found by its path in a small snapshot. A path in a long one is a walk through it, so the nodes of all long
//     ones are gathered once in a statement, in a table that SQLite indexes by itself: "long" below. So are those of packed
//     snapshots, which stand in chunks and have keys for numbers (src/snapshot/pack.ts): "packed".
//  3. Frames are grouped by block, so that what the debug table says is looked up once for each block and not for each frame.
//  4. What no one asks for costs nothing: values are put together in the column that shows them.
//
// A snapshot that is no JSON has no rows here, and one that somebody changed shows what there is of it: neither makes a query fail
// that asks for other programs too. So nothing that stands in a snapshot is taken for JSON or for a number before it was looked at,
// and no walk goes on for ever.

/** A snapshot of more characters is a long one (2). */
const LONG = 65_536;

/**
 * A value of a short and of a long snapshot is not resolved further once its text has so many characters: sharing can make it
 * larger than any memory (E-27), and each step copies the text. The first step is always made.
 */
const RESOLVED_MAX = [16_384, 500] as const;

const NEWEST = `programs AS p CROSS JOIN snapshots AS s ON s.program = p.id AND s.position = p.snapshot`;

/** Programs that are over have no tasks, whatever their last snapshot holds. What is no JSON has nothing to be read. */
const ALIVE = `p.status NOT IN ('done', 'cancelled', 'moved') AND json_valid(s.body)`;

/** The nodes of a packed snapshot stand in the chunks that are in use. */
const IS_PACKED = `substr(s.body, 1, 7) = '{"v":2,'`;

/** Steps through stacks: more than any have, though segments may share their parts. Parts that lead back to themselves have no end. */
const STEPS_MAX = "1000 + 20 * (h.value ->> 'nodes')";

/** More mentions than a value of RESOLVED_MAX characters has. */
const MENTIONS_MAX = 20_000;

/** A row of a table-valued function as JSON: json_each gives what is no array or object as SQL has it. */
const array = (row: string): string => `iif(${row}.type = 'array', ${row}.value, '[]')`;

/** An index in a path, whatever stands there. */
const index = (number: string): string => `max(0, CAST((${number}) AS INTEGER))`;

/** A node as JSON text. json_each gives a string as it is, without its quotes. */
const NODE_TEXT = `CASE n.type WHEN 'text' THEN json_quote(n.value) ELSE n.value END`;

/** The nodes of packed snapshots. Lists of chunks are arrays. */
const CHUNKS = `${NEWEST} CROSS JOIN chunks AS k ON k.program = s.program AND k.until IS NULL
    CROSS JOIN json_each(iif(substr(k.body, 1, 1) = '{' AND json_valid(k.body), k.body, '{}')) AS n`;

/** Tables a view begins with: the nodes of long and of packed snapshots, and the units of base images. */
const LONG_TABLE = `long AS MATERIALIZED (
  SELECT s.program, n.key AS node, ${NODE_TEXT} AS value
  FROM ${NEWEST} CROSS JOIN json_each(s.body, '$.n') AS n
  WHERE ${ALIVE} AND length(s.body) > ${LONG} AND NOT ${IS_PACKED}),
packed AS MATERIALIZED (
  SELECT s.program, n.key AS node, ${NODE_TEXT} AS value
  FROM ${CHUNKS}
  WHERE ${IS_PACKED} AND ${ALIVE})`;
const IMAGE_TABLE = `image_units AS MATERIALIZED (
  SELECT i.hash AS image, u.key AS hash, u.value ->> 0 AS code, u.value ->> 1 AS debug
  FROM images AS i CROSS JOIN json_each(i.body, '$.units') AS u)`;

/** What is asked of the whole snapshot once: its units, and whether it is long (1) or packed (2). One row, `h.value`. */
const HEAD = `json_each(json_array(json_object('long', iif(${IS_PACKED}, 2, length(s.body) > ${LONG}),
    'nodes', iif(${IS_PACKED}, (SELECT count(*) FROM packed WHERE packed.program = s.program), json_array_length(s.body, '$.n')),
    'units', json(coalesce(s.body -> '$.u', '[]'))))) AS h`;

/** The text of node `number` of the snapshot at hand, in a packed one of the node with the key `key`. */
function node(number: string, key = number): string {
  return `CASE h.value ->> 'long' WHEN 0 THEN s.body -> ('$.n[' || ${index(number)} || ']')
    WHEN 1 THEN (SELECT long.value FROM long WHERE long.program = s.program AND long.node = ${index(number)})
    ELSE (SELECT packed.value FROM packed WHERE packed.program = s.program AND packed.node = ${key}) END`;
}

/** The key in a text that begins with one, in its quotes. */
const keyIn = (text: string): string => `substr(${text}, 2, instr(substr(${text}, 2), '"') - 1)`;

// ---- frames

/** A ref at hand, and a frame. */
const ROW = array("c");
const FRAME = array("f");

/**
 * The parts of all stacks of one program, newest first: a step goes from a part of a stack (F) to the one below, at the bottom
 * to the segment behind (G), and from a segment to the stack on it. `behind` is the node of that segment.
 */
const WALK = `walk(task, step, behind, text) AS (
      SELECT ${ROW} ->> 0, 0, ${ROW} ->> '$[5][1]', ${node(`coalesce(${ROW} ->> '$[4][1]', ${ROW} ->> '$[5][1]')`)}
      FROM json_each(s.body, '$.c') AS c WHERE ${ROW} ->> 1 = 't'
      UNION ALL
      SELECT task, step + 1, CASE substr(text, 1, 4) WHEN '["F"' THEN behind ELSE text ->> '$[1][1]' END,
        ${node(`CASE substr(text, 1, 4) WHEN '["F"' THEN coalesce(text ->> '$[1][1]', behind)
          ELSE coalesce(text ->> '$[2][1]', text ->> '$[1][1]') END`)}
      FROM walk WHERE text IS NOT NULL AND step < ${STEPS_MAX})`;

/** All frames of one program: [[unit, block, [[task, depth, frame], ...]], ...]. The machine's own frames are left out. */
const BLOCKS = `(
    WITH RECURSIVE ${WALK},
    found(task, unit, block, step, place, frame) AS (
      SELECT w.task, h.value ->> ('$.units[' || ${index(`${FRAME} ->> 0`)} || ']'), coalesce(CAST(${FRAME} ->> 1 AS INTEGER), -1),
        w.step, f.key, ${FRAME}
      FROM walk AS w CROSS JOIN json_each(w.text) AS f WHERE substr(w.text, 1, 4) = '["F"' AND f.key > 1),
    numbered AS (
      SELECT *, row_number() OVER (PARTITION BY task ORDER BY step, place DESC) - 1 AS depth
      FROM found WHERE unit NOT LIKE 'machine/%'),
    grouped AS (
      SELECT json_array(unit, block, json_group_array(json_array(task, depth, json(frame)))) AS row
      FROM numbered GROUP BY unit, block)
    SELECT json_group_array(json(row)) FROM grouped)`;

/** The block an end goes on at: src/machine/unit.ts, `continuationOf`. */
const NEXT = `CASE
          WHEN b.value ->> '$[4][0]' IN ('prim', 'call', 'apply', 'perform') THEN b.value ->> '$[4][3]'
          WHEN b.value ->> '$[4][0]' IN ('global', 'var', 'throw') THEN b.value ->> '$[4][2]'
          WHEN b.value ->> '$[4][0]' IN ('def', 'prompt') THEN b.value ->> '$[4][4]' END`;

/** The slot an entry of a live list means, dead or not, and its name. */
const SLOT = "max(l.value, -1 - l.value)";
const SLOT_NAME = `u.debug ->> ('$.slots[' || ${SLOT} || ']')`;

/**
 * What the debug table says of block `g.value ->> 1` of unit `g.value ->> 0`; one row, `b.value`. A frame stands where the
 * block ends that led to its own. `locals`: [[index among the slots of the frame, name], ...]; the closure itself has no name.
 * A unit that is not there leaves a frame without function, place and locals.
 */
const BLOCK = `json_each(coalesce((
    SELECT json_array(json_object(
      'function', u.debug ->> 'name', 'file', u.debug ->> 'file', 'captures', u.debug -> 'captures',
      'place', CASE WHEN u.block >= 0 THEN u.debug -> ('$.blocks[' || coalesce((
        SELECT max(b.key) FROM json_each(u.code, '$.blocks') AS b
        WHERE u.code ->> ('$.blocks[' || u.block || '][0]') IN (1, 4) AND ${NEXT} = u.block), u.block) || ']') END,
      'locals', (
        SELECT json_group_array(json_array(l.key, iif(l.value IS u.self, NULL, ${SLOT_NAME})))
        FROM json_each(u.code, u.live) AS l
        WHERE l.value IS u.self OR (${SLOT} IS NOT u.self AND ${SLOT_NAME} IS NOT NULL))))
    FROM (
      SELECT code, debug, g.value ->> 1 AS block, nullif(code ->> 'self', -1) AS self,
        CASE WHEN g.value ->> 1 < 0 THEN '$.none' ELSE '$.blocks[' || (g.value ->> 1) || '][1]' END AS live
      FROM (
        SELECT code, debug FROM code WHERE hash = g.value ->> 0
        UNION ALL
        SELECT code, debug FROM image_units WHERE image = p.image AND hash = g.value ->> 0
        LIMIT 1)) AS u), '[{"locals":[]}]')) AS b`;

// ---- values

/** Whether a frame is a marker frame: then a marker stands before its slots. */
const IS_MARKER = `coalesce(f.value ->> '$[2][2][0]' = 'M', 0)`;

/** A text after the first occurrence of a mark of so many characters. */
const behind = (mark: string): string => `substr(rest, instr(rest, '${mark}') + ${mark.length})`;

/**
 * Tables that begin with `raw(id, text)`, values as the snapshot has them, and end with `shown(id, text)`, the same as a
 * reader wants them. Each text is worked through from left to right: `done` is ready, `rest` is not.
 *
 * Nodes are put in their places as long as the text is short enough. Two steps take turns: one looks a mention up, one puts what
 * it found in its place. Parts of a stack stay mentions: their units and slots mean nothing without the snapshot. Runs lose
 * their brackets, since they are parts of the collection around them. That `["n",` is always a mention and never inside of
 * a string follows from the quote, which would be escaped there. Then the numbers of units become hashes, in functions
 * `["fn",unit,...]` and in members of groups `["fg",index,[unit,...],...]`. What is nested deeper than SQLite reads stays as
 * it was.
 */
function shown(raw: string): string {
  const more = `instr(rest, '["n",') > 0 AND length(done) + length(rest) < iif(h.value ->> 'long', ${RESOLVED_MAX[1]}, ${RESOLVED_MAX[0]})`;
  const cut = `'[' || substr(${behind('["fg",')}, 1, instr(${behind('["fg",')}, ']')) || ']'`;
  const group = `iif(json_valid(${cut}), ${cut}, '[]')`;
  const hash = (unit: string) => `h.value -> ('$.units[' || ${index(unit)} || ']')`;
  return `raw(id, text) AS (${raw}),
      nodes(id, node, done, rest, steps) AS (
        SELECT id, NULL, '', text, 0 FROM raw
        UNION ALL
        SELECT id,
          CASE WHEN node IS NULL THEN coalesce(${node(behind('["n",'), keyIn(behind('["n",')))}, '["F",') END,
          CASE WHEN node IS NULL THEN done || substr(rest, 1, instr(rest, '["n",') - 1)
            WHEN substr(node, 1, 4) IN ('["F"', '["G"') THEN done || substr(rest, 1, instr(rest, ']')) ELSE done END,
          CASE WHEN node IS NULL THEN substr(rest, instr(rest, '["n",'))
            ELSE CASE substr(node, 1, 4)
              WHEN '["F"' THEN '' WHEN '["G"' THEN ''
              WHEN '["+"' THEN substr(node, 6, length(node) - 6) WHEN '["++' THEN substr(node, 7, length(node) - 7)
              WHEN '["v*' THEN '["v"' || substr(node, 6) WHEN '["m*' THEN '["m"' || substr(node, 6)
              WHEN '["S*' THEN '["S"' || substr(node, 6)
              ELSE node END || substr(rest, instr(rest, ']') + 1) END,
          steps + 1
        FROM nodes WHERE node IS NOT NULL OR (${more} AND steps < ${MENTIONS_MAX})),
      functions(id, done, rest) AS (
        SELECT id, '', done || rest FROM nodes WHERE node IS NULL AND NOT (${more} AND steps < ${MENTIONS_MAX})
        UNION ALL
        SELECT id, done || substr(rest, 1, instr(rest, '["fn",') + 5) || (${hash(behind('["fn",'))}),
          substr(${behind('["fn",')}, 1 + length(CAST(${behind('["fn",')} AS INTEGER)))
        FROM functions WHERE instr(rest, '["fn",') > 0),
      members(id, done, rest) AS (
        SELECT id, '', done || rest FROM functions WHERE instr(rest, '["fn",') = 0
        UNION ALL
        SELECT id, done || substr(rest, 1, instr(rest, '["fg",') + 5) || (${group} ->> 0) || ',' || (
            SELECT json_group_array(json(${hash("m.value")})) FROM json_each(${group}, '$[1]') AS m),
          substr(${behind('["fg",')}, instr(${behind('["fg",')}, ']') + 1)
        FROM members WHERE instr(rest, '["fg",') > 0),
      shown(id, text) AS (
        SELECT id, iif(json_valid(done || rest), done || rest, (SELECT raw.text FROM raw WHERE raw.id = members.id))
        FROM members WHERE instr(rest, '["fg",') = 0)`;
}

/** Where capture `c.key` stands in the text of a closure, which may have metadata. */
const CAPTURE = `CASE v.text ->> 0 WHEN '^' THEN '$[2][' ELSE '$[' END
          || (c.key + iif('fg' = iif(v.text ->> 0 = '^', v.text ->> '$[2][0]', v.text ->> 0), 3, 2)) || ']'`;

/**
 * The locals of the frame at hand: those in its slots, then what its function captured. Where one hides another of its name, the
 * inner one is nearer; captures are outside of all. `answer` makes one value of the table `named`.
 */
const locals = (answer: string): string => `(
    WITH RECURSIVE ${shown(`
        SELECT l.key, f.value -> ('$[2][' || ((l.value ->> 0) + 2 + ${IS_MARKER}) || ']')
        FROM json_each(b.value, '$.locals') AS l`)},
      named(name, value, place, nearness) AS (
        SELECT c.value,
          CASE WHEN b.value ->> ('$.locals[' || v.id || '][1]') IS NULL THEN v.text -> (${CAPTURE}) ELSE v.text END,
          CASE WHEN b.value ->> ('$.locals[' || v.id || '][1]') IS NULL THEN 1000000 + c.key ELSE v.id END,
          CASE WHEN b.value ->> ('$.locals[' || v.id || '][1]') IS NULL THEN -1 - c.key ELSE v.id END
        FROM shown AS v CROSS JOIN json_each(
          CASE WHEN b.value ->> ('$.locals[' || v.id || '][1]') IS NULL THEN b.value -> 'captures'
            ELSE json_array(b.value ->> ('$.locals[' || v.id || '][1]')) END) AS c
        WHERE c.value IS NOT NULL)
    ${answer})`;

/** A JSON object of the innermost of each name. */
const LOCALS = locals(`SELECT json_group_object(name, json(value))
      FROM (SELECT name, value, place, max(nearness) FROM named GROUP BY name ORDER BY place)`);

/** All of them: [[name, value, whether another one hides it], ...]. */
const EVERY_LOCAL = locals(`SELECT json_group_array(json_array(name, json(value), hidden))
      FROM (SELECT name, value, nearness < max(nearness) OVER (PARTITION BY name) AS hidden FROM named ORDER BY place)`);

/** The frames with what both public views show: what is not asked for is not put together (4). */
const FRAMES = `
CREATE VIEW frames_and_locals AS
  WITH ${LONG_TABLE}, ${IMAGE_TABLE}
  SELECT p.id AS program, s.position AS position, f.value ->> 0 AS task, f.value ->> 1 AS depth,
    CASE WHEN ${IS_MARKER} THEN f.value ->> '$[2][2][1]' ELSE 'call' END AS kind,
    b.value ->> 'function' AS function,
    CASE WHEN json_type(b.value, '$.place') = 'array' THEN b.value ->> 'file' END AS file,
    b.value ->> '$.place[2]' AS line, b.value ->> '$.place[3]' AS "column",
    ${LOCALS} AS locals, ${EVERY_LOCAL} AS every_local
  FROM ${NEWEST} CROSS JOIN ${HEAD}
    CROSS JOIN json_each(${BLOCKS}) AS g
    CROSS JOIN ${BLOCK}
    CROSS JOIN json_each(g.value, '$[2]') AS f
  WHERE ${ALIVE};`;

const OTHERS = `
CREATE VIEW flowmetal_v1_frames AS
  SELECT program, position, task, depth, kind, function, file, line, "column", locals FROM frames_and_locals;

CREATE VIEW flowmetal_v1_locals AS
  SELECT f.program, f.position, f.task, f.depth, f.function, l.value ->> 0 AS name,
    l.value -> 1 AS value, CASE WHEN json_type(l.value, '$[1]') <> 'array' THEN l.value ->> 1 END AS plain, l.value ->> 2 AS hidden
  FROM frames_and_locals AS f CROSS JOIN json_each(f.every_local) AS l;

CREATE VIEW flowmetal_v1_tasks AS
  WITH ${LONG_TABLE}
  SELECT p.id AS program, s.position AS position, ${ROW} ->> 0 AS task,
    CASE WHEN ${ROW} ->> '$[3][0]' = 'f' THEN 'faulted'
      WHEN EXISTS (SELECT 1 FROM json_each(h.value, '$.ready') AS r WHERE r.value = ${ROW} ->> 0) THEN 'ready'
      ELSE 'waiting' END AS state,
    w.value ->> 'kind' AS kind, w.value ->> 'what' AS what, w.value ->> 'since' AS since, w.value ->> 'until' AS until,
    CASE WHEN ${ROW} ->> '$[3][0]' = 'f' THEN (
      WITH RECURSIVE ${shown(`SELECT 0, ${ROW} -> '$[3][1]'`)} SELECT text FROM shown) END AS error
  FROM ${NEWEST} CROSS JOIN ${HEAD.replace("'units'", "'ready', json(coalesce(s.body -> '$.r', '[]')), 'units'")}
    CROSS JOIN json_each(s.body, '$.c') AS c
    LEFT JOIN json_each(p.waiting) AS w ON w.value ->> 'task' = ${ROW} ->> 0
  WHERE ${ALIVE} AND ${ROW} ->> 1 = 't' AND ${ROW} ->> '$[3][0]' <> 'd';

CREATE VIEW flowmetal_v1_refs AS
  WITH ${LONG_TABLE}
  SELECT p.id AS program, s.position AS position, ${ROW} ->> 0 AS ref,
    CASE ${ROW} ->> 1 WHEN 'c' THEN 'cell' WHEN 'z' THEN 'lazy' WHEN 'Z' THEN 'realised' WHEN 'e' THEN 'pending'
      WHEN 'f' THEN 'fulfilled' WHEN 'x' THEN 'failed' ELSE 'task' END AS kind,
    CASE WHEN ${ROW} ->> 1 NOT IN ('e', 't') THEN (
      WITH RECURSIVE ${shown(`SELECT 0, ${ROW} -> 2`)} SELECT text FROM shown) END AS value
  FROM ${NEWEST} CROSS JOIN ${HEAD} CROSS JOIN json_each(s.body, '$.c') AS c
  WHERE ${ALIVE};

CREATE VIEW flowmetal_v1_nodes AS
  SELECT p.id AS program, s.position AS position, n.key AS node, ${NODE_TEXT} AS value
  FROM ${NEWEST} CROSS JOIN json_each(s.body, '$.n') AS n WHERE ${ALIVE} AND NOT ${IS_PACKED}
  UNION ALL
  SELECT p.id, s.position, n.key, ${NODE_TEXT}
  FROM ${CHUNKS}
  WHERE ${IS_PACKED} AND ${ALIVE};`;

export const FRAME_VIEWS = FRAMES + OTHERS;
