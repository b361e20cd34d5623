// The tables of a PostgreSQL store, as numbered migrations. Outsiders read the views `flowmetal_v1_*` (docs/store.md), never these.
//
// Everything stands in one schema, `flowmetal` unless the store's URL names another, and every name in a statement is
// qualified with it: nothing depends on a search path, which is state of a session (E-18).
//
// A migration that was released is never edited: its checksum is in the stores it made. New ones expand first and contract one
// minor version later (E-16): they raise `schema`; `min_reader` and `min_writer` only when older engines must stop. A function
// that changes gets a new number in its name, so that engines of the version before go on calling the old one.
//
// Only migrate.ts imports this, when there is something to make: the build keeps these texts out of what every start reads.

import { COMMIT_FUNCTION, SECOND_COMMIT_FUNCTION } from "./commit-function.ts";
import { FLEET_FUNCTIONS, SECOND_CLAIM_FUNCTION, THIRD_CLAIM_FUNCTION } from "./fleet-functions.ts";
import { FUNCTIONS, SECOND_DOUBT_FUNCTION } from "./functions.ts";

// Keys compare by bytes, as in the other stores. No foreign keys: every row is written under a lock on its program's row, which does
// what the check of each row would do. Room is left in pages of `programs` so that its updates stay there.
const TABLES = `
CREATE TABLE flowmetal.meta (
  one         integer PRIMARY KEY CHECK (one = 1),
  schema      bigint NOT NULL,
  min_reader  bigint NOT NULL,
  min_writer  bigint NOT NULL,
  incarnation bigint NOT NULL,
  cluster_id  text   NOT NULL
);

CREATE TABLE flowmetal.interpreters (
  id      text   COLLATE "C" PRIMARY KEY,
  engine  text   NOT NULL,
  started bigint NOT NULL,
  expires bigint NOT NULL
) WITH (fillfactor = 50);

-- n: the order of creation. base: where its journal begins (E-19). claim_id: the call that claimed it last with others, and + where
-- the owner before had died, so that a claim whose reply was lost is found. runnable: it never ran, was cut, or has a call open in its interpreter's process (E-2).
CREATE TABLE flowmetal.programs (
  id        text     COLLATE "C" PRIMARY KEY,
  n         bigint   GENERATED ALWAYS AS IDENTITY,
  name      text     NOT NULL,
  status    text     NOT NULL,
  waiting   text     NOT NULL,
  labels    text     NOT NULL,
  parent    text     COLLATE "C",
  priority  bigint   NOT NULL,
  queue     text     NOT NULL,
  image     text     NOT NULL,
  wake      bigint,
  cut       smallint NOT NULL,
  runnable  smallint NOT NULL,
  position  bigint   NOT NULL,
  snapshot  bigint,
  owner     text     COLLATE "C",
  term      bigint   NOT NULL,
  turn      bigint   NOT NULL,
  branch    bigint   NOT NULL,
  commit_id text     COLLATE "C",
  crashes   bigint   NOT NULL,
  calls     text     NOT NULL,
  output    bigint   NOT NULL,
  shown     bigint   NOT NULL,
  base      bigint   NOT NULL DEFAULT 0,
  created   bigint   NOT NULL,
  updated   bigint   NOT NULL,
  claim_id  text     COLLATE "C",
  result    text,
  error     text
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX programs_n ON flowmetal.programs (n);
CREATE INDEX programs_runnable ON flowmetal.programs (queue, priority DESC, n) WHERE runnable = 1;
CREATE INDEX programs_wake ON flowmetal.programs (queue, wake) WHERE wake IS NOT NULL;
CREATE INDEX programs_crashed ON flowmetal.programs (queue) WHERE crashes > 0;
CREATE INDEX programs_owner ON flowmetal.programs (owner) WHERE owner IS NOT NULL;
CREATE INDEX programs_parent ON flowmetal.programs (parent) WHERE parent IS NOT NULL;

CREATE TABLE flowmetal.journal (
  program  text   COLLATE "C" NOT NULL,
  position bigint NOT NULL,
  kind     text   NOT NULL,
  body     text   NOT NULL,
  time     bigint NOT NULL,
  PRIMARY KEY (program, position)
);

CREATE TABLE flowmetal.snapshots (
  program  text     COLLATE "C" NOT NULL,
  position bigint   NOT NULL,
  turn     bigint   NOT NULL,
  hash     text     NOT NULL,
  pinned   smallint NOT NULL,
  body     text     NOT NULL,
  PRIMARY KEY (program, position)
);

CREATE TABLE flowmetal.chunks (
  program text COLLATE "C" NOT NULL,
  hash    text COLLATE "C" NOT NULL,
  body    text NOT NULL,
  PRIMARY KEY (program, hash)
);

-- position: where the journal took it in. A consumed row stays without its body, so that its key stays taken (E-11).
CREATE TABLE flowmetal.inbox (
  id       bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  program  text     COLLATE "C" NOT NULL,
  key      text     COLLATE "C" NOT NULL,
  kind     text     NOT NULL,
  rank     smallint NOT NULL,
  body     text,
  time     bigint   NOT NULL,
  position bigint
);
CREATE UNIQUE INDEX inbox_key ON flowmetal.inbox (program, key);
CREATE INDEX inbox_open ON flowmetal.inbox (program, rank, id) WHERE position IS NULL;

-- n: the order in which they were made. claim_id: the call that claimed it last, so that a claim whose reply was lost is found.
CREATE TABLE flowmetal.effects (
  key        text   COLLATE "C" PRIMARY KEY,
  n          bigint GENERATED ALWAYS AS IDENTITY,
  program    text   COLLATE "C" NOT NULL,
  position   bigint NOT NULL,
  queue      text   NOT NULL,
  kind       text   NOT NULL,
  topic      text   NOT NULL,
  capability text   NOT NULL,
  delivery   text   NOT NULL,
  state      text   NOT NULL,
  attempts   bigint NOT NULL,
  due        bigint NOT NULL,
  owner      text   COLLATE "C",
  term       bigint NOT NULL,
  outcome    text,
  created    bigint NOT NULL,
  updated    bigint NOT NULL,
  claim_id   text   COLLATE "C",
  contract   text   NOT NULL,
  payload    text   NOT NULL,
  body       text
);
CREATE INDEX effects_program ON flowmetal.effects (program, n);
CREATE INDEX effects_open ON flowmetal.effects (capability, queue, due, n) WHERE state IN ('pending', 'sending');

CREATE TABLE flowmetal.output (
  program text   COLLATE "C" NOT NULL,
  serial  bigint NOT NULL,
  branch  bigint NOT NULL,
  number  bigint NOT NULL,
  text    text   NOT NULL,
  PRIMARY KEY (program, serial)
);
CREATE UNIQUE INDEX output_number ON flowmetal.output (program, branch, number);

CREATE TABLE flowmetal.code   (hash text COLLATE "C" PRIMARY KEY, used_at bigint NOT NULL, code text NOT NULL, debug text NOT NULL);
CREATE TABLE flowmetal.images (hash text COLLATE "C" PRIMARY KEY, used_at bigint NOT NULL, body text NOT NULL);
CREATE TABLE flowmetal.blobs  (hash text COLLATE "C" PRIMARY KEY, used_at bigint NOT NULL, body text NOT NULL);

-- Programs that were deleted: deliveries to them answer that they are gone (E-11).
CREATE TABLE flowmetal.collected (
  id     text   COLLATE "C" PRIMARY KEY,
  status text   NOT NULL,
  time   bigint NOT NULL
);

CREATE TABLE flowmetal.callbacks (
  token_hash text   COLLATE "C" PRIMARY KEY,
  program    text   COLLATE "C" NOT NULL,
  effect     text   NOT NULL,
  mode       text   NOT NULL,
  expires    bigint,
  settled    bigint
);

CREATE TABLE flowmetal.schedules (
  id         text   COLLATE "C" PRIMARY KEY,
  generation bigint NOT NULL,
  body       text   NOT NULL,
  due        bigint,
  updated    bigint NOT NULL
);

-- Moves on behind every change that others may wait for, so that who cannot LISTEN sees that there is something to see (E-18).
CREATE SEQUENCE flowmetal.changes;
`;

/** A text as a program wrote it: see texts.ts. */
const plain = (column: string): string =>
  `replace(replace(${column}, U&'\\0001' || '0', U&'\\2400'), U&'\\0001' || '1', U&'\\0001')`;

const readOnly = (view: string): string =>
  `CREATE TRIGGER read_only INSTEAD OF INSERT OR UPDATE OR DELETE ON flowmetal.flowmetal_v1_${view}
  FOR EACH ROW EXECUTE FUNCTION flowmetal.read_only_1();`;

const VIEWS = `
CREATE VIEW flowmetal.flowmetal_v1_programs AS
  SELECT id, name, status, waiting, labels, parent, priority, queue, image, wake, turn, position, snapshot, branch, owner, term,
         crashes, result, error, output AS output_chunks, created, updated
  FROM flowmetal.programs;
CREATE VIEW flowmetal.flowmetal_v1_journal AS SELECT program, position, kind, body, time FROM flowmetal.journal;
CREATE VIEW flowmetal.flowmetal_v1_effects AS
  SELECT key, program, position, queue, kind, topic, capability, payload, delivery, contract, state, attempts, due, owner,
         outcome, body, created, updated
  FROM flowmetal.effects;
CREATE VIEW flowmetal.flowmetal_v1_inbox AS SELECT program, id, key, kind, body, time, position FROM flowmetal.inbox;
CREATE VIEW flowmetal.flowmetal_v1_snapshots AS
  SELECT program, position, turn, hash, length(body) AS size, body FROM flowmetal.snapshots;
CREATE VIEW flowmetal.flowmetal_v1_output AS
  SELECT program, serial, branch, number, ${plain("text")} AS text FROM flowmetal.output;

CREATE FUNCTION flowmetal.read_only_1() RETURNS trigger LANGUAGE plpgsql AS $fm$
BEGIN
  RAISE EXCEPTION 'the view % cannot be written', TG_TABLE_NAME USING ERRCODE = '25006';
END
$fm$;
${["programs", "journal", "effects", "inbox", "snapshots", "output"].map(readOnly).join("\n")}
`;

// since: position of the first snapshot that uses the chunk. until: null while the latest one does, else position of the last one that
// did. What no kept snapshot uses goes with the last snapshot that did.
const CHUNKS = `
ALTER TABLE flowmetal.chunks ADD COLUMN since bigint NOT NULL DEFAULT 0, ADD COLUMN until bigint;
CREATE INDEX chunks_until ON flowmetal.chunks (program, until, since) WHERE until IS NOT NULL;
CREATE FUNCTION flowmetal.forget_chunks_1() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $fm$
BEGIN
  DELETE FROM flowmetal.chunks AS c USING gone
    WHERE c.program = gone.program AND c.until >= gone.position AND c.since <= gone.position AND NOT EXISTS (
      SELECT 1 FROM flowmetal.snapshots AS s WHERE s.program = c.program AND s.position BETWEEN c.since AND c.until);
  RETURN NULL;
END
$fm$;
CREATE TRIGGER snapshots_chunks AFTER DELETE ON flowmetal.snapshots REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION flowmetal.forget_chunks_1();
`;

// What the store says of the keys it is sealed with (src/store/sealed/seal.ts); null: its bodies are plain.
const SEAL = "ALTER TABLE flowmetal.meta ADD COLUMN seal text;";
// For `readFigures`, which counts from indices alone.
const FIGURES = `
CREATE INDEX programs_live ON flowmetal.programs (queue, status) WHERE status NOT IN ('done', 'cancelled', 'moved');
DROP INDEX flowmetal.effects_open;
CREATE INDEX effects_open ON flowmetal.effects (capability, queue, due, n, state) WHERE state IN ('pending', 'sending');
CREATE INDEX effects_unknown ON flowmetal.effects (capability) WHERE state = 'unknown';
`;

export const MIGRATIONS: readonly { readonly number: number; readonly name: string; readonly sql: string }[] = [
  {
    number: 1,
    name: "first tables, functions and views",
    sql: TABLES + FUNCTIONS + FLEET_FUNCTIONS + COMMIT_FUNCTION + VIEWS,
  },
  { number: 2, name: "chunks and how long they are used", sql: CHUNKS + SECOND_COMMIT_FUNCTION },
  { number: 3, name: "owners are asked for behind the lock", sql: SECOND_CLAIM_FUNCTION + SECOND_DOUBT_FUNCTION },
  { number: 4, name: "claims with limits by the texts of a label", sql: THIRD_CLAIM_FUNCTION },
  { number: 5, name: "the seal of a store", sql: SEAL },
  { number: 6, name: "indices for figures", sql: FIGURES },
];
