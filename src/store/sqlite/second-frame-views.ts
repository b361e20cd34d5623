// The views over tasks, frames and locals as migration 3 made them: kept to the letter, since stores hold its checksum. A
// later one puts those of frame-views.ts in their place.
export const SECOND_FRAME_VIEWS = `
CREATE VIEW frames_and_locals AS
  WITH long AS MATERIALIZED (
  SELECT s.program, n.key AS node, CASE n.type WHEN 'text' THEN json_quote(n.value) ELSE n.value END AS value
  FROM programs AS p CROSS JOIN snapshots AS s ON s.program = p.id AND s.position = p.snapshot CROSS JOIN json_each(s.body, '$.n') AS n WHERE p.status NOT IN ('done', 'cancelled', 'moved') AND json_valid(s.body) AND length(s.body) > 65536), image_units AS MATERIALIZED (
  SELECT i.hash AS image, u.key AS hash, u.value ->> 0 AS code, u.value ->> 1 AS debug
  FROM images AS i CROSS JOIN json_each(i.body, '$.units') AS u)
  SELECT p.id AS program, s.position AS position, f.value ->> 0 AS task, f.value ->> 1 AS depth,
    CASE WHEN coalesce(f.value ->> '$[2][2][0]' = 'M', 0) THEN f.value ->> '$[2][2][1]' ELSE 'call' END AS kind,
    b.value ->> 'function' AS function,
    CASE WHEN json_type(b.value, '$.place') = 'array' THEN b.value ->> 'file' END AS file,
    b.value ->> '$.place[2]' AS line, b.value ->> '$.place[3]' AS "column",
    (
    WITH RECURSIVE raw(id, text) AS (
        SELECT l.key, f.value -> ('$[2][' || ((l.value ->> 0) + 2 + coalesce(f.value ->> '$[2][2][0]' = 'M', 0)) || ']')
        FROM json_each(b.value, '$.locals') AS l),
      nodes(id, node, done, rest, steps) AS (
        SELECT id, NULL, '', text, 0 FROM raw
        UNION ALL
        SELECT id,
          CASE WHEN node IS NULL THEN coalesce(CASE h.value ->> 'long' WHEN 0 THEN s.body -> ('$.n[' || max(0, CAST((substr(rest, instr(rest, '["n",') + 5)) AS INTEGER)) || ']')
    ELSE (SELECT long.value FROM long WHERE long.program = s.program AND long.node = max(0, CAST((substr(rest, instr(rest, '["n",') + 5)) AS INTEGER))) END, '["F",') END,
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
        FROM nodes WHERE node IS NOT NULL OR (instr(rest, '["n",') > 0 AND length(done) + length(rest) < iif(h.value ->> 'long', 500, 16384) AND steps < 20000)),
      functions(id, done, rest) AS (
        SELECT id, '', done || rest FROM nodes WHERE node IS NULL AND NOT (instr(rest, '["n",') > 0 AND length(done) + length(rest) < iif(h.value ->> 'long', 500, 16384) AND steps < 20000)
        UNION ALL
        SELECT id, done || substr(rest, 1, instr(rest, '["fn",') + 5) || (h.value -> ('$.units[' || max(0, CAST((substr(rest, instr(rest, '["fn",') + 6)) AS INTEGER)) || ']')),
          substr(substr(rest, instr(rest, '["fn",') + 6), 1 + length(CAST(substr(rest, instr(rest, '["fn",') + 6) AS INTEGER)))
        FROM functions WHERE instr(rest, '["fn",') > 0),
      members(id, done, rest) AS (
        SELECT id, '', done || rest FROM functions WHERE instr(rest, '["fn",') = 0
        UNION ALL
        SELECT id, done || substr(rest, 1, instr(rest, '["fg",') + 5) || (iif(json_valid('[' || substr(substr(rest, instr(rest, '["fg",') + 6), 1, instr(substr(rest, instr(rest, '["fg",') + 6), ']')) || ']'), '[' || substr(substr(rest, instr(rest, '["fg",') + 6), 1, instr(substr(rest, instr(rest, '["fg",') + 6), ']')) || ']', '[]') ->> 0) || ',' || (
            SELECT json_group_array(json(h.value -> ('$.units[' || max(0, CAST((m.value) AS INTEGER)) || ']'))) FROM json_each(iif(json_valid('[' || substr(substr(rest, instr(rest, '["fg",') + 6), 1, instr(substr(rest, instr(rest, '["fg",') + 6), ']')) || ']'), '[' || substr(substr(rest, instr(rest, '["fg",') + 6), 1, instr(substr(rest, instr(rest, '["fg",') + 6), ']')) || ']', '[]'), '$[1]') AS m),
          substr(substr(rest, instr(rest, '["fg",') + 6), instr(substr(rest, instr(rest, '["fg",') + 6), ']') + 1)
        FROM members WHERE instr(rest, '["fg",') > 0),
      shown(id, text) AS (
        SELECT id, iif(json_valid(done || rest), done || rest, (SELECT raw.text FROM raw WHERE raw.id = members.id))
        FROM members WHERE instr(rest, '["fg",') = 0),
      named(name, value, place, nearness) AS (
        SELECT c.value,
          CASE WHEN b.value ->> ('$.locals[' || v.id || '][1]') IS NULL THEN v.text -> (CASE v.text ->> 0 WHEN '^' THEN '$[2][' ELSE '$[' END
          || (c.key + iif('fg' = iif(v.text ->> 0 = '^', v.text ->> '$[2][0]', v.text ->> 0), 3, 2)) || ']') ELSE v.text END,
          CASE WHEN b.value ->> ('$.locals[' || v.id || '][1]') IS NULL THEN 1000000 + c.key ELSE v.id END,
          CASE WHEN b.value ->> ('$.locals[' || v.id || '][1]') IS NULL THEN -1 - c.key ELSE v.id END
        FROM shown AS v CROSS JOIN json_each(
          CASE WHEN b.value ->> ('$.locals[' || v.id || '][1]') IS NULL THEN b.value -> 'captures'
            ELSE json_array(b.value ->> ('$.locals[' || v.id || '][1]')) END) AS c
        WHERE c.value IS NOT NULL)
    SELECT json_group_object(name, json(value))
      FROM (SELECT name, value, place, max(nearness) FROM named GROUP BY name ORDER BY place)) AS locals, (
    WITH RECURSIVE raw(id, text) AS (
        SELECT l.key, f.value -> ('$[2][' || ((l.value ->> 0) + 2 + coalesce(f.value ->> '$[2][2][0]' = 'M', 0)) || ']')
        FROM json_each(b.value, '$.locals') AS l),
      nodes(id, node, done, rest, steps) AS (
        SELECT id, NULL, '', text, 0 FROM raw
        UNION ALL
        SELECT id,
          CASE WHEN node IS NULL THEN coalesce(CASE h.value ->> 'long' WHEN 0 THEN s.body -> ('$.n[' || max(0, CAST((substr(rest, instr(rest, '["n",') + 5)) AS INTEGER)) || ']')
    ELSE (SELECT long.value FROM long WHERE long.program = s.program AND long.node = max(0, CAST((substr(rest, instr(rest, '["n",') + 5)) AS INTEGER))) END, '["F",') END,
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
        FROM nodes WHERE node IS NOT NULL OR (instr(rest, '["n",') > 0 AND length(done) + length(rest) < iif(h.value ->> 'long', 500, 16384) AND steps < 20000)),
      functions(id, done, rest) AS (
        SELECT id, '', done || rest FROM nodes WHERE node IS NULL AND NOT (instr(rest, '["n",') > 0 AND length(done) + length(rest) < iif(h.value ->> 'long', 500, 16384) AND steps < 20000)
        UNION ALL
        SELECT id, done || substr(rest, 1, instr(rest, '["fn",') + 5) || (h.value -> ('$.units[' || max(0, CAST((substr(rest, instr(rest, '["fn",') + 6)) AS INTEGER)) || ']')),
          substr(substr(rest, instr(rest, '["fn",') + 6), 1 + length(CAST(substr(rest, instr(rest, '["fn",') + 6) AS INTEGER)))
        FROM functions WHERE instr(rest, '["fn",') > 0),
      members(id, done, rest) AS (
        SELECT id, '', done || rest FROM functions WHERE instr(rest, '["fn",') = 0
        UNION ALL
        SELECT id, done || substr(rest, 1, instr(rest, '["fg",') + 5) || (iif(json_valid('[' || substr(substr(rest, instr(rest, '["fg",') + 6), 1, instr(substr(rest, instr(rest, '["fg",') + 6), ']')) || ']'), '[' || substr(substr(rest, instr(rest, '["fg",') + 6), 1, instr(substr(rest, instr(rest, '["fg",') + 6), ']')) || ']', '[]') ->> 0) || ',' || (
            SELECT json_group_array(json(h.value -> ('$.units[' || max(0, CAST((m.value) AS INTEGER)) || ']'))) FROM json_each(iif(json_valid('[' || substr(substr(rest, instr(rest, '["fg",') + 6), 1, instr(substr(rest, instr(rest, '["fg",') + 6), ']')) || ']'), '[' || substr(substr(rest, instr(rest, '["fg",') + 6), 1, instr(substr(rest, instr(rest, '["fg",') + 6), ']')) || ']', '[]'), '$[1]') AS m),
          substr(substr(rest, instr(rest, '["fg",') + 6), instr(substr(rest, instr(rest, '["fg",') + 6), ']') + 1)
        FROM members WHERE instr(rest, '["fg",') > 0),
      shown(id, text) AS (
        SELECT id, iif(json_valid(done || rest), done || rest, (SELECT raw.text FROM raw WHERE raw.id = members.id))
        FROM members WHERE instr(rest, '["fg",') = 0),
      named(name, value, place, nearness) AS (
        SELECT c.value,
          CASE WHEN b.value ->> ('$.locals[' || v.id || '][1]') IS NULL THEN v.text -> (CASE v.text ->> 0 WHEN '^' THEN '$[2][' ELSE '$[' END
          || (c.key + iif('fg' = iif(v.text ->> 0 = '^', v.text ->> '$[2][0]', v.text ->> 0), 3, 2)) || ']') ELSE v.text END,
          CASE WHEN b.value ->> ('$.locals[' || v.id || '][1]') IS NULL THEN 1000000 + c.key ELSE v.id END,
          CASE WHEN b.value ->> ('$.locals[' || v.id || '][1]') IS NULL THEN -1 - c.key ELSE v.id END
        FROM shown AS v CROSS JOIN json_each(
          CASE WHEN b.value ->> ('$.locals[' || v.id || '][1]') IS NULL THEN b.value -> 'captures'
            ELSE json_array(b.value ->> ('$.locals[' || v.id || '][1]')) END) AS c
        WHERE c.value IS NOT NULL)
    SELECT json_group_array(json_array(name, json(value), hidden))
      FROM (SELECT name, value, nearness < max(nearness) OVER (PARTITION BY name) AS hidden FROM named ORDER BY place)) AS every_local
  FROM programs AS p CROSS JOIN snapshots AS s ON s.program = p.id AND s.position = p.snapshot CROSS JOIN json_each(json_array(json_object('long', length(s.body) > 65536,
    'nodes', json_array_length(s.body, '$.n'), 'units', json(coalesce(s.body -> '$.u', '[]'))))) AS h
    CROSS JOIN json_each((
    WITH RECURSIVE walk(task, step, behind, text) AS (
      SELECT iif(c.type = 'array', c.value, '[]') ->> 0, 0, iif(c.type = 'array', c.value, '[]') ->> '$[5][1]', CASE h.value ->> 'long' WHEN 0 THEN s.body -> ('$.n[' || max(0, CAST((coalesce(iif(c.type = 'array', c.value, '[]') ->> '$[4][1]', iif(c.type = 'array', c.value, '[]') ->> '$[5][1]')) AS INTEGER)) || ']')
    ELSE (SELECT long.value FROM long WHERE long.program = s.program AND long.node = max(0, CAST((coalesce(iif(c.type = 'array', c.value, '[]') ->> '$[4][1]', iif(c.type = 'array', c.value, '[]') ->> '$[5][1]')) AS INTEGER))) END
      FROM json_each(s.body, '$.c') AS c WHERE iif(c.type = 'array', c.value, '[]') ->> 1 = 't'
      UNION ALL
      SELECT task, step + 1, CASE substr(text, 1, 4) WHEN '["F"' THEN behind ELSE text ->> '$[1][1]' END,
        CASE h.value ->> 'long' WHEN 0 THEN s.body -> ('$.n[' || max(0, CAST((CASE substr(text, 1, 4) WHEN '["F"' THEN coalesce(text ->> '$[1][1]', behind)
          ELSE coalesce(text ->> '$[2][1]', text ->> '$[1][1]') END) AS INTEGER)) || ']')
    ELSE (SELECT long.value FROM long WHERE long.program = s.program AND long.node = max(0, CAST((CASE substr(text, 1, 4) WHEN '["F"' THEN coalesce(text ->> '$[1][1]', behind)
          ELSE coalesce(text ->> '$[2][1]', text ->> '$[1][1]') END) AS INTEGER))) END
      FROM walk WHERE text IS NOT NULL AND step < 1000 + 20 * (h.value ->> 'nodes')),
    found(task, unit, block, step, place, frame) AS (
      SELECT w.task, h.value ->> ('$.units[' || max(0, CAST((iif(f.type = 'array', f.value, '[]') ->> 0) AS INTEGER)) || ']'), coalesce(CAST(iif(f.type = 'array', f.value, '[]') ->> 1 AS INTEGER), -1),
        w.step, f.key, iif(f.type = 'array', f.value, '[]')
      FROM walk AS w CROSS JOIN json_each(w.text) AS f WHERE substr(w.text, 1, 4) = '["F"' AND f.key > 1),
    numbered AS (
      SELECT *, row_number() OVER (PARTITION BY task ORDER BY step, place DESC) - 1 AS depth
      FROM found WHERE unit NOT LIKE 'machine/%'),
    grouped AS (
      SELECT json_array(unit, block, json_group_array(json_array(task, depth, json(frame)))) AS row
      FROM numbered GROUP BY unit, block)
    SELECT json_group_array(json(row)) FROM grouped)) AS g
    CROSS JOIN json_each(coalesce((
    SELECT json_array(json_object(
      'function', u.debug ->> 'name', 'file', u.debug ->> 'file', 'captures', u.debug -> 'captures',
      'place', CASE WHEN u.block >= 0 THEN u.debug -> ('$.blocks[' || coalesce((
        SELECT max(b.key) FROM json_each(u.code, '$.blocks') AS b
        WHERE u.code ->> ('$.blocks[' || u.block || '][0]') IN (1, 4) AND CASE
          WHEN b.value ->> '$[4][0]' IN ('prim', 'call', 'apply', 'perform') THEN b.value ->> '$[4][3]'
          WHEN b.value ->> '$[4][0]' IN ('global', 'var', 'throw') THEN b.value ->> '$[4][2]'
          WHEN b.value ->> '$[4][0]' IN ('def', 'prompt') THEN b.value ->> '$[4][4]' END = u.block), u.block) || ']') END,
      'locals', (
        SELECT json_group_array(json_array(l.key, iif(l.value IS u.self, NULL, u.debug ->> ('$.slots[' || max(l.value, -1 - l.value) || ']'))))
        FROM json_each(u.code, u.live) AS l
        WHERE l.value IS u.self OR (max(l.value, -1 - l.value) IS NOT u.self AND u.debug ->> ('$.slots[' || max(l.value, -1 - l.value) || ']') IS NOT NULL))))
    FROM (
      SELECT code, debug, g.value ->> 1 AS block, nullif(code ->> 'self', -1) AS self,
        CASE WHEN g.value ->> 1 < 0 THEN '$.none' ELSE '$.blocks[' || (g.value ->> 1) || '][1]' END AS live
      FROM (
        SELECT code, debug FROM code WHERE hash = g.value ->> 0
        UNION ALL
        SELECT code, debug FROM image_units WHERE image = p.image AND hash = g.value ->> 0
        LIMIT 1)) AS u), '[{"locals":[]}]')) AS b
    CROSS JOIN json_each(g.value, '$[2]') AS f
  WHERE p.status NOT IN ('done', 'cancelled', 'moved') AND json_valid(s.body);
CREATE VIEW flowmetal_v1_frames AS
  SELECT program, position, task, depth, kind, function, file, line, "column", locals FROM frames_and_locals;

CREATE VIEW flowmetal_v1_locals AS
  SELECT f.program, f.position, f.task, f.depth, f.function, l.value ->> 0 AS name,
    l.value -> 1 AS value, CASE WHEN json_type(l.value, '$[1]') <> 'array' THEN l.value ->> 1 END AS plain, l.value ->> 2 AS hidden
  FROM frames_and_locals AS f CROSS JOIN json_each(f.every_local) AS l;

CREATE VIEW flowmetal_v1_tasks AS
  WITH long AS MATERIALIZED (
  SELECT s.program, n.key AS node, CASE n.type WHEN 'text' THEN json_quote(n.value) ELSE n.value END AS value
  FROM programs AS p CROSS JOIN snapshots AS s ON s.program = p.id AND s.position = p.snapshot CROSS JOIN json_each(s.body, '$.n') AS n WHERE p.status NOT IN ('done', 'cancelled', 'moved') AND json_valid(s.body) AND length(s.body) > 65536)
  SELECT p.id AS program, s.position AS position, iif(c.type = 'array', c.value, '[]') ->> 0 AS task,
    CASE WHEN iif(c.type = 'array', c.value, '[]') ->> '$[3][0]' = 'f' THEN 'faulted'
      WHEN EXISTS (SELECT 1 FROM json_each(h.value, '$.ready') AS r WHERE r.value = iif(c.type = 'array', c.value, '[]') ->> 0) THEN 'ready'
      ELSE 'waiting' END AS state,
    w.value ->> 'kind' AS kind, w.value ->> 'what' AS what, w.value ->> 'since' AS since, w.value ->> 'until' AS until,
    CASE WHEN iif(c.type = 'array', c.value, '[]') ->> '$[3][0]' = 'f' THEN (
      WITH RECURSIVE raw(id, text) AS (SELECT 0, iif(c.type = 'array', c.value, '[]') -> '$[3][1]'),
      nodes(id, node, done, rest, steps) AS (
        SELECT id, NULL, '', text, 0 FROM raw
        UNION ALL
        SELECT id,
          CASE WHEN node IS NULL THEN coalesce(CASE h.value ->> 'long' WHEN 0 THEN s.body -> ('$.n[' || max(0, CAST((substr(rest, instr(rest, '["n",') + 5)) AS INTEGER)) || ']')
    ELSE (SELECT long.value FROM long WHERE long.program = s.program AND long.node = max(0, CAST((substr(rest, instr(rest, '["n",') + 5)) AS INTEGER))) END, '["F",') END,
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
        FROM nodes WHERE node IS NOT NULL OR (instr(rest, '["n",') > 0 AND length(done) + length(rest) < iif(h.value ->> 'long', 500, 16384) AND steps < 20000)),
      functions(id, done, rest) AS (
        SELECT id, '', done || rest FROM nodes WHERE node IS NULL AND NOT (instr(rest, '["n",') > 0 AND length(done) + length(rest) < iif(h.value ->> 'long', 500, 16384) AND steps < 20000)
        UNION ALL
        SELECT id, done || substr(rest, 1, instr(rest, '["fn",') + 5) || (h.value -> ('$.units[' || max(0, CAST((substr(rest, instr(rest, '["fn",') + 6)) AS INTEGER)) || ']')),
          substr(substr(rest, instr(rest, '["fn",') + 6), 1 + length(CAST(substr(rest, instr(rest, '["fn",') + 6) AS INTEGER)))
        FROM functions WHERE instr(rest, '["fn",') > 0),
      members(id, done, rest) AS (
        SELECT id, '', done || rest FROM functions WHERE instr(rest, '["fn",') = 0
        UNION ALL
        SELECT id, done || substr(rest, 1, instr(rest, '["fg",') + 5) || (iif(json_valid('[' || substr(substr(rest, instr(rest, '["fg",') + 6), 1, instr(substr(rest, instr(rest, '["fg",') + 6), ']')) || ']'), '[' || substr(substr(rest, instr(rest, '["fg",') + 6), 1, instr(substr(rest, instr(rest, '["fg",') + 6), ']')) || ']', '[]') ->> 0) || ',' || (
            SELECT json_group_array(json(h.value -> ('$.units[' || max(0, CAST((m.value) AS INTEGER)) || ']'))) FROM json_each(iif(json_valid('[' || substr(substr(rest, instr(rest, '["fg",') + 6), 1, instr(substr(rest, instr(rest, '["fg",') + 6), ']')) || ']'), '[' || substr(substr(rest, instr(rest, '["fg",') + 6), 1, instr(substr(rest, instr(rest, '["fg",') + 6), ']')) || ']', '[]'), '$[1]') AS m),
          substr(substr(rest, instr(rest, '["fg",') + 6), instr(substr(rest, instr(rest, '["fg",') + 6), ']') + 1)
        FROM members WHERE instr(rest, '["fg",') > 0),
      shown(id, text) AS (
        SELECT id, iif(json_valid(done || rest), done || rest, (SELECT raw.text FROM raw WHERE raw.id = members.id))
        FROM members WHERE instr(rest, '["fg",') = 0) SELECT text FROM shown) END AS error
  FROM programs AS p CROSS JOIN snapshots AS s ON s.program = p.id AND s.position = p.snapshot CROSS JOIN json_each(json_array(json_object('long', length(s.body) > 65536,
    'nodes', json_array_length(s.body, '$.n'), 'ready', json(coalesce(s.body -> '$.r', '[]')), 'units', json(coalesce(s.body -> '$.u', '[]'))))) AS h
    CROSS JOIN json_each(s.body, '$.c') AS c
    LEFT JOIN json_each(p.waiting) AS w ON w.value ->> 'task' = iif(c.type = 'array', c.value, '[]') ->> 0
  WHERE p.status NOT IN ('done', 'cancelled', 'moved') AND json_valid(s.body) AND iif(c.type = 'array', c.value, '[]') ->> 1 = 't' AND iif(c.type = 'array', c.value, '[]') ->> '$[3][0]' <> 'd';

CREATE VIEW flowmetal_v1_refs AS
  WITH long AS MATERIALIZED (
  SELECT s.program, n.key AS node, CASE n.type WHEN 'text' THEN json_quote(n.value) ELSE n.value END AS value
  FROM programs AS p CROSS JOIN snapshots AS s ON s.program = p.id AND s.position = p.snapshot CROSS JOIN json_each(s.body, '$.n') AS n WHERE p.status NOT IN ('done', 'cancelled', 'moved') AND json_valid(s.body) AND length(s.body) > 65536)
  SELECT p.id AS program, s.position AS position, iif(c.type = 'array', c.value, '[]') ->> 0 AS ref,
    CASE iif(c.type = 'array', c.value, '[]') ->> 1 WHEN 'c' THEN 'cell' WHEN 'z' THEN 'lazy' WHEN 'Z' THEN 'realised' WHEN 'e' THEN 'pending'
      WHEN 'f' THEN 'fulfilled' WHEN 'x' THEN 'failed' ELSE 'task' END AS kind,
    CASE WHEN iif(c.type = 'array', c.value, '[]') ->> 1 NOT IN ('e', 't') THEN (
      WITH RECURSIVE raw(id, text) AS (SELECT 0, iif(c.type = 'array', c.value, '[]') -> 2),
      nodes(id, node, done, rest, steps) AS (
        SELECT id, NULL, '', text, 0 FROM raw
        UNION ALL
        SELECT id,
          CASE WHEN node IS NULL THEN coalesce(CASE h.value ->> 'long' WHEN 0 THEN s.body -> ('$.n[' || max(0, CAST((substr(rest, instr(rest, '["n",') + 5)) AS INTEGER)) || ']')
    ELSE (SELECT long.value FROM long WHERE long.program = s.program AND long.node = max(0, CAST((substr(rest, instr(rest, '["n",') + 5)) AS INTEGER))) END, '["F",') END,
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
        FROM nodes WHERE node IS NOT NULL OR (instr(rest, '["n",') > 0 AND length(done) + length(rest) < iif(h.value ->> 'long', 500, 16384) AND steps < 20000)),
      functions(id, done, rest) AS (
        SELECT id, '', done || rest FROM nodes WHERE node IS NULL AND NOT (instr(rest, '["n",') > 0 AND length(done) + length(rest) < iif(h.value ->> 'long', 500, 16384) AND steps < 20000)
        UNION ALL
        SELECT id, done || substr(rest, 1, instr(rest, '["fn",') + 5) || (h.value -> ('$.units[' || max(0, CAST((substr(rest, instr(rest, '["fn",') + 6)) AS INTEGER)) || ']')),
          substr(substr(rest, instr(rest, '["fn",') + 6), 1 + length(CAST(substr(rest, instr(rest, '["fn",') + 6) AS INTEGER)))
        FROM functions WHERE instr(rest, '["fn",') > 0),
      members(id, done, rest) AS (
        SELECT id, '', done || rest FROM functions WHERE instr(rest, '["fn",') = 0
        UNION ALL
        SELECT id, done || substr(rest, 1, instr(rest, '["fg",') + 5) || (iif(json_valid('[' || substr(substr(rest, instr(rest, '["fg",') + 6), 1, instr(substr(rest, instr(rest, '["fg",') + 6), ']')) || ']'), '[' || substr(substr(rest, instr(rest, '["fg",') + 6), 1, instr(substr(rest, instr(rest, '["fg",') + 6), ']')) || ']', '[]') ->> 0) || ',' || (
            SELECT json_group_array(json(h.value -> ('$.units[' || max(0, CAST((m.value) AS INTEGER)) || ']'))) FROM json_each(iif(json_valid('[' || substr(substr(rest, instr(rest, '["fg",') + 6), 1, instr(substr(rest, instr(rest, '["fg",') + 6), ']')) || ']'), '[' || substr(substr(rest, instr(rest, '["fg",') + 6), 1, instr(substr(rest, instr(rest, '["fg",') + 6), ']')) || ']', '[]'), '$[1]') AS m),
          substr(substr(rest, instr(rest, '["fg",') + 6), instr(substr(rest, instr(rest, '["fg",') + 6), ']') + 1)
        FROM members WHERE instr(rest, '["fg",') > 0),
      shown(id, text) AS (
        SELECT id, iif(json_valid(done || rest), done || rest, (SELECT raw.text FROM raw WHERE raw.id = members.id))
        FROM members WHERE instr(rest, '["fg",') = 0) SELECT text FROM shown) END AS value
  FROM programs AS p CROSS JOIN snapshots AS s ON s.program = p.id AND s.position = p.snapshot CROSS JOIN json_each(json_array(json_object('long', length(s.body) > 65536,
    'nodes', json_array_length(s.body, '$.n'), 'units', json(coalesce(s.body -> '$.u', '[]'))))) AS h CROSS JOIN json_each(s.body, '$.c') AS c
  WHERE p.status NOT IN ('done', 'cancelled', 'moved') AND json_valid(s.body);

CREATE VIEW flowmetal_v1_nodes AS
  SELECT p.id AS program, s.position AS position, n.key AS node, CASE n.type WHEN 'text' THEN json_quote(n.value) ELSE n.value END AS value
  FROM programs AS p CROSS JOIN snapshots AS s ON s.program = p.id AND s.position = p.snapshot CROSS JOIN json_each(s.body, '$.n') AS n WHERE p.status NOT IN ('done', 'cancelled', 'moved') AND json_valid(s.body);`;
