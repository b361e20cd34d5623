// The tables of an SQLite store, as numbered migrations. Outsiders read the views `flowmetal_v1_*` (docs/store.md), never these.
//
// A migration that was released is never edited: its checksum is in the stores it made. New ones expand first and contract one
// minor version later (E-16): they raise `schema`; `min_reader` and `min_writer` only when older engines must stop.

import { FIRST_FRAME_VIEWS } from "./first-frame-views.ts";
import { FRAME_VIEWS } from "./frame-views.ts";
import { SECOND_FRAME_VIEWS } from "./second-frame-views.ts";

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/** The schema this engine reads and writes. */
export const SCHEMA = 8;

/** In the file's header: `FLOW`, so that a database of something else is never taken for a store. */
export const APPLICATION_ID = 0x464c4f57;

// What may be long stands last in its row, so that reading the rest does not walk through it.
const TABLES = `
CREATE TABLE meta (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  schema      INTEGER NOT NULL,
  min_reader  INTEGER NOT NULL,
  min_writer  INTEGER NOT NULL,
  incarnation INTEGER NOT NULL,
  last_time   INTEGER NOT NULL,
  cluster_id  TEXT    NOT NULL
) STRICT;

CREATE TABLE interpreters (
  id      TEXT    PRIMARY KEY,
  engine  TEXT    NOT NULL,
  started INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- runnable: it never ran, was cut, or has a call open in its interpreter's process (E-2). The rowid is the order of creation.
CREATE TABLE programs (
  id        TEXT    PRIMARY KEY,
  name      TEXT    NOT NULL,
  status    TEXT    NOT NULL,
  waiting   TEXT    NOT NULL,
  labels    TEXT    NOT NULL,
  parent    TEXT,
  priority  INTEGER NOT NULL,
  queue     TEXT    NOT NULL,
  image     TEXT    NOT NULL,
  wake      INTEGER,
  cut       INTEGER NOT NULL,
  runnable  INTEGER NOT NULL,
  position  INTEGER NOT NULL,
  snapshot  INTEGER,
  owner     TEXT,
  term      INTEGER NOT NULL,
  turn      INTEGER NOT NULL,
  branch    INTEGER NOT NULL,
  commit_id TEXT,
  crashes   INTEGER NOT NULL,
  calls     TEXT    NOT NULL,
  output    INTEGER NOT NULL,
  shown     INTEGER NOT NULL,
  created   INTEGER NOT NULL,
  updated   INTEGER NOT NULL,
  result    TEXT,
  error     TEXT
) STRICT;
CREATE INDEX programs_runnable ON programs (queue) WHERE runnable = 1;
CREATE INDEX programs_wake ON programs (wake) WHERE wake IS NOT NULL;
CREATE INDEX programs_owner ON programs (owner) WHERE owner IS NOT NULL;
CREATE INDEX programs_parent ON programs (parent) WHERE parent IS NOT NULL;

CREATE TABLE journal (
  program  TEXT    NOT NULL REFERENCES programs (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  kind     TEXT    NOT NULL,
  body     TEXT    NOT NULL,
  time     INTEGER NOT NULL,
  PRIMARY KEY (program, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshots (
  program  TEXT    NOT NULL REFERENCES programs (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  turn     INTEGER NOT NULL,
  hash     TEXT    NOT NULL,
  pinned   INTEGER NOT NULL,
  body     TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX snapshots_place ON snapshots (program, position);

CREATE TABLE chunks (
  program TEXT NOT NULL REFERENCES programs (id) ON DELETE CASCADE,
  hash    TEXT NOT NULL,
  body    TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX chunks_hash ON chunks (program, hash);

-- position: where the journal took it in. A consumed row stays without its body, so that its key stays taken (E-11).
CREATE TABLE inbox (
  id       INTEGER PRIMARY KEY,
  program  TEXT    NOT NULL REFERENCES programs (id) ON DELETE CASCADE,
  key      TEXT    NOT NULL,
  kind     TEXT    NOT NULL,
  rank     INTEGER NOT NULL,
  body     TEXT,
  time     INTEGER NOT NULL,
  position INTEGER
) STRICT;
CREATE UNIQUE INDEX inbox_key ON inbox (program, key);
CREATE INDEX inbox_open ON inbox (program, rank, id) WHERE position IS NULL;

CREATE TABLE effects (
  key        TEXT    PRIMARY KEY,
  program    TEXT    NOT NULL REFERENCES programs (id) ON DELETE CASCADE,
  position   INTEGER NOT NULL,
  queue      TEXT    NOT NULL,
  kind       TEXT    NOT NULL,
  topic      TEXT    NOT NULL,
  capability TEXT    NOT NULL,
  delivery   TEXT    NOT NULL,
  state      TEXT    NOT NULL,
  attempts   INTEGER NOT NULL,
  due        INTEGER NOT NULL,
  owner      TEXT,
  term       INTEGER NOT NULL,
  outcome    TEXT,
  created    INTEGER NOT NULL,
  updated    INTEGER NOT NULL,
  contract   TEXT    NOT NULL,
  payload    TEXT    NOT NULL,
  body       TEXT
) STRICT;
CREATE INDEX effects_program ON effects (program);
CREATE INDEX effects_open ON effects (due) WHERE state IN ('pending', 'sending');

CREATE TABLE output (
  program TEXT    NOT NULL REFERENCES programs (id) ON DELETE CASCADE,
  serial  INTEGER NOT NULL,
  branch  INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  text    TEXT    NOT NULL,
  PRIMARY KEY (program, serial)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX output_number ON output (program, branch, number);

CREATE TABLE code   (hash TEXT PRIMARY KEY, code TEXT NOT NULL, debug TEXT NOT NULL, used_at INTEGER NOT NULL) STRICT;
CREATE TABLE images (hash TEXT PRIMARY KEY, body TEXT NOT NULL, used_at INTEGER NOT NULL) STRICT;
CREATE TABLE blobs  (hash TEXT PRIMARY KEY, body TEXT NOT NULL, used_at INTEGER NOT NULL) STRICT;

CREATE TABLE callbacks (
  token_hash TEXT    PRIMARY KEY,
  program    TEXT    NOT NULL REFERENCES programs (id) ON DELETE CASCADE,
  effect     TEXT    NOT NULL,
  mode       TEXT    NOT NULL,
  expires    INTEGER,
  settled    INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE schedules (
  id         TEXT    PRIMARY KEY,
  generation INTEGER NOT NULL,
  body       TEXT    NOT NULL,
  due        INTEGER,
  updated    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

const VIEWS = `
CREATE VIEW flowmetal_v1_programs AS
  SELECT id, name, status, waiting, labels, parent, priority, queue, image, wake, turn, position, snapshot, branch, owner, term,
         crashes, result, error, output AS output_chunks, created, updated
  FROM programs;
CREATE VIEW flowmetal_v1_journal AS SELECT program, position, kind, body, time FROM journal;
CREATE VIEW flowmetal_v1_effects AS
  SELECT key, program, position, queue, kind, topic, capability, payload, delivery, contract, state, attempts, due, owner,
         outcome, body, created, updated
  FROM effects;
CREATE VIEW flowmetal_v1_inbox AS SELECT program, id, key, kind, body, time, position FROM inbox;
CREATE VIEW flowmetal_v1_snapshots AS SELECT program, position, turn, hash, length(body) AS size, body FROM snapshots;
CREATE VIEW flowmetal_v1_output AS SELECT program, serial, branch, number, text FROM output;
`;

/** A content-addressed table anew, `used_at` before its long texts: what stands behind one is found by reading all its pages. */
function usedFirst(table: string, texts: readonly string[]): string {
  return `
CREATE TABLE ${table}_2 (
  hash TEXT PRIMARY KEY, used_at INTEGER NOT NULL, ${texts.map((text) => `${text} TEXT NOT NULL`).join(", ")}) STRICT;
INSERT INTO ${table}_2 SELECT hash, used_at, ${texts.join(", ")} FROM ${table};
DROP TABLE ${table};
ALTER TABLE ${table}_2 RENAME TO ${table};`;
}

const USED_FIRST = usedFirst("code", ["code", "debug"]) + usedFirst("images", ["body"]) + usedFirst("blobs", ["body"]);

// By what a claim looks for: the best of a queue; what a connector may do in a queue.
const CLAIM_INDICES = `
DROP INDEX programs_runnable;
CREATE INDEX programs_runnable ON programs (queue, priority DESC) WHERE runnable = 1;
DROP INDEX programs_wake;
CREATE INDEX programs_wake ON programs (queue, wake) WHERE wake IS NOT NULL;
CREATE INDEX programs_crashed ON programs (queue) WHERE crashes > 0;
DROP INDEX effects_open;
CREATE INDEX effects_open ON effects (capability, queue, due) WHERE state IN ('pending', 'sending');
`;

const NO_FRAME_VIEWS = ["locals", "frames", "tasks", "refs", "nodes"]
  .map((view) => `DROP VIEW flowmetal_v1_${view};\n`)
  .join("");

const RETENTION = `
ALTER TABLE programs ADD COLUMN base INTEGER NOT NULL DEFAULT 0;
-- Programs that were deleted: deliveries to them answer that they are gone (E-11).
CREATE TABLE collected (
  id     TEXT    PRIMARY KEY,
  status TEXT    NOT NULL,
  time   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

const NO_FRAMES_AND_LOCALS = "DROP VIEW frames_and_locals;\n";

// since: position of the first snapshot that uses the chunk. until: null while the latest one does, else position of the last one that
// did. Engines of earlier schemas never wrote one. What no kept snapshot uses goes with the last snapshot that did.
const CHUNKS = `
DROP TABLE chunks;
CREATE TABLE chunks (
  program TEXT    NOT NULL REFERENCES programs (id) ON DELETE CASCADE,
  hash    TEXT    NOT NULL,
  since   INTEGER NOT NULL,
  until   INTEGER,
  body    TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX chunks_hash ON chunks (program, hash);
CREATE INDEX chunks_until ON chunks (program, until, since) WHERE until IS NOT NULL;
CREATE TRIGGER snapshots_chunks AFTER DELETE ON snapshots BEGIN
  DELETE FROM chunks WHERE program = OLD.program AND until >= OLD.position AND since <= OLD.position
    AND NOT EXISTS (SELECT 1 FROM snapshots AS s WHERE s.program = OLD.program AND s.position BETWEEN chunks.since AND chunks.until);
END;
`;

// What the store says of the keys it is sealed with (src/store/sealed/seal.ts); null: its bodies are plain.
const SEAL = "ALTER TABLE meta ADD COLUMN seal TEXT;";
// For `readFigures`, which counts from indices alone. Of effects, `state` changes only where their entry is written anew in any case.
const FIGURES = `
CREATE INDEX programs_live ON programs (queue, status) WHERE status NOT IN ('done', 'cancelled', 'moved');
DROP INDEX effects_open;
CREATE INDEX effects_open ON effects (capability, queue, due, state) WHERE state IN ('pending', 'sending');
CREATE INDEX effects_unknown ON effects (capability) WHERE state = 'unknown';
`;

export const MIGRATIONS: readonly Migration[] = [
  { number: 1, name: "first tables and views", sql: TABLES + VIEWS },
  { number: 2, name: "used_at before texts; views of tasks, frames and locals", sql: USED_FIRST + FIRST_FRAME_VIEWS },
  { number: 3, name: "views of damaged snapshots; every local of a frame", sql: NO_FRAME_VIEWS + SECOND_FRAME_VIEWS },
  { number: 4, name: "indices for claims", sql: CLAIM_INDICES },
  { number: 5, name: "where a journal begins; deleted programs", sql: RETENTION },
  {
    number: 6,
    name: "chunks and how long they are used; views of packed snapshots",
    sql: CHUNKS + NO_FRAME_VIEWS + NO_FRAMES_AND_LOCALS + FRAME_VIEWS,
  },
  { number: 7, name: "the seal of a store", sql: SEAL },
  { number: 8, name: "indices for figures", sql: FIGURES },
];
