// Commits a thousand steps in one of four ways, each on a new store, and says how long it took: one line asks, one line answers.
//
//   stdin   {"way": "engine"}      an interpreter runs programs/steps.fm; timed from the first commit to the last
//           {"way": "control"}     the rows of those commits, byte for byte, each commit a transaction of plain statements
//           {"way": "floor"}       the same rows, each commit one bare statement
//           {"way": "single"}      as many commits of one row in the journal
//   stdout  {"commits", "ms"}
//
// Arguments: the file of the base image, the program. Everything goes through the driver of the SQLite store, at
// `synchronous=FULL`. The control is what one writes by hand: BEGIN, one prepared statement for each table, COMMIT. The floor is
// the least a commit of these rows can cost there: a trigger that writes the program's row, two entries and the snapshot it is
// given. Both go without guards, deliveries, effects, lease and thinning.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { Connectors } from "../../src/connector/connector.ts";
import { ForeignConnector } from "../../src/connector/foreign.ts";
import { Interpreter } from "../../src/interpreter/interpreter.ts";
import { type Image, imageOfText } from "../../src/module/image.ts";
import { Source } from "../../src/source/source.ts";
import { batchColumns } from "../../src/store/sqlite/batch.ts";
import type { Bind, SqlCalls, SqlDriver } from "../../src/store/sqlite/driver.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";

const host = { clock: systemClock, random: systemRandom };

/** A call of the driver, as it was made. */
interface Call {
  readonly method: "run" | "get" | "all" | "exec";
  readonly sql: string;
  readonly params: readonly Bind[];
}

interface Timed {
  readonly commits: number;
  readonly ms: number;
}

/** What an engine run said to the driver: until the program printed `go`, and from there to its end. */
interface Recording {
  readonly before: readonly Call[];
  readonly after: readonly Call[];
}

/** Runs `work` on a store of its own in a folder that is removed afterwards. */
async function onNewStore<T>(
  record: ((call: Call) => void) | null,
  work: (store: Store, driver: SqlDriver) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "flowmetal-bench-"));
  let bare: SqlDriver | null = null;
  const wrapDriver = (driver: SqlDriver): SqlDriver => {
    bare = driver;
    return record === null ? driver : recording(driver, record);
  };
  const store = await openSqliteStore({ path: join(folder, "store.db"), host, synchronous: "FULL", wrapDriver });
  try {
    return await work(store, bare!);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

function recording(driver: SqlDriver, record: (call: Call) => void): SqlDriver {
  return {
    ...recordingCalls(driver, record),
    // Each call of a transaction is noted by itself: said again they do the same, in more commits.
    transaction: (statements, work) => driver.transaction(statements, (calls) => work(recordingCalls(calls, record))),
    close: () => driver.close(),
  };
}

function recordingCalls(calls: SqlCalls, record: (call: Call) => void): SqlCalls {
  const noted =
    <T>(method: Call["method"], run: (sql: string, params?: readonly Bind[]) => Promise<T>) =>
    (sql: string, params: readonly Bind[] = []): Promise<T> => {
      record({ method, sql, params });
      return run(sql, params);
    };
  return {
    exec: noted("exec", (sql) => calls.exec(sql)),
    run: noted("run", (sql, params) => calls.run(sql, params)),
    get: noted("get", (sql, params) => calls.get(sql, params)),
    all: noted("all", (sql, params) => calls.all(sql, params)),
  };
}

/** Says again, on a store that was made meanwhile, what was said before the first step. */
async function sayAgain(driver: SqlDriver, calls: readonly Call[]): Promise<void> {
  for (const { method, sql, params } of calls) if (!MAKES_STORE.test(sql)) await say(driver, { method, sql, params });
}

function say(driver: SqlDriver, { method, sql, params }: Call): Promise<unknown> {
  return method === "exec" ? driver.exec(sql) : driver[method](sql, params);
}

const MAKES_STORE = /migrations|INTO meta|^UPDATE meta SET schema|^ALTER TABLE|^PRAGMA|CREATE (?:TABLE|VIEW|INDEX)/;

/** Runs the program. `record` is told every call of the driver, and whether it came after `go`. */
async function engine(
  image: Image,
  source: Source,
  record: ((call: Call, gone: boolean) => void) | null,
): Promise<Timed> {
  let begin: number | null = null;
  const noted = record === null ? null : (call: Call) => record(call, begin !== null);
  return onNewStore(noted, async (store) => {
    const connectors = new Connectors([new ForeignConnector()]);
    const interpreter = new Interpreter({ store, image, findImage: async () => image, connectors, ...host });
    await interpreter.open();
    const onOutput = () => {
      begin ??= performance.now();
    };
    const run = interpreter.start(
      { name: source.name, source, args: '["v"]', stepsMax: null },
      { onOutput, onWaiting: () => {} },
    );
    const { status } = await run.ended;
    const ms = performance.now() - begin!;
    if (status !== "done") throw new Error(`the program is ${status}`);
    const turns = (await store.readJournal({ program: run.id, limit: 10_000 })).filter(
      (entry) => entry.kind === "turn",
    );
    await interpreter.close();
    return { commits: turns.length - 1, ms };
  });
}

const PROGRAM_COLUMNS = ["status", "waiting", "wake", "cut", "branch", "calls", "image", "result", "error"];
const FLOOR_SETUP = `
CREATE TEMP VIEW floor AS SELECT NULL AS program, NULL AS time, NULL AS commit_id, NULL AS turn, NULL AS position,
  ${PROGRAM_COLUMNS.map((name) => `NULL AS ${name}`).join(", ")},
  NULL AS position1, NULL AS kind1, NULL AS body1, NULL AS position2, NULL AS kind2, NULL AS body2,
  NULL AS snapshot_position, NULL AS snapshot_turn, NULL AS snapshot_hash, NULL AS snapshot_body;
CREATE TEMP TRIGGER floor_commit INSTEAD OF INSERT ON floor BEGIN
  UPDATE meta SET last_time = NEW.time;
  UPDATE programs SET commit_id = NEW.commit_id, updated = NEW.time, turn = NEW.turn, position = NEW.position,
    ${PROGRAM_COLUMNS.map((name) => `${name} = NEW.${name}`).join(", ")} WHERE id = NEW.program;
  INSERT INTO journal (program, position, kind, body, time)
    VALUES (NEW.program, NEW.position1, NEW.kind1, NEW.body1, NEW.time),
           (NEW.program, NEW.position2, NEW.kind2, NEW.body2, NEW.time);
  INSERT INTO snapshots (program, position, turn, hash, pinned, body)
    SELECT NEW.program, NEW.snapshot_position, NEW.snapshot_turn, NEW.snapshot_hash, 0, NEW.snapshot_body
    WHERE NEW.snapshot_body IS NOT NULL;
END;`;
const FLOOR = `INSERT INTO floor VALUES (${Array(5 + PROGRAM_COLUMNS.length + 10)
  .fill("?")
  .join(", ")})`;

/** What a commit of one step writes, in the order of the floor's parameters. */
function rowsWritten({ sql, params }: Call): Bind[] {
  const named = new Map(batchColumns(sql)?.map((name, i) => [name, params[i]]));
  const rows = (name: string) => JSON.parse((named.get(name) as string | null) ?? "[]") as Bind[][];
  const [program] = rows("programs") as [Bind[]];
  const journal = rows("journal");
  if (journal.length !== 2) throw new Error(`a step's commit has ${journal.length} entries, not an answer and a turn`);
  const text = (cell: Bind): Bind => (typeof cell === "number" ? (named.get(`text${cell}`) as Bind) : cell);
  const entries = journal.flatMap(([, position, kind, body]) => [position, kind, text(body)]);
  const [snapshot] = rows("snapshots");
  const counters = [named.get("commit_id"), (program[2] as number) + (program[4] as number), program[5]];
  // Status to error stand at 6 to 14 of a program's row, its texts at 7, 13 and 14 (see src/store/sqlite/batch.ts).
  const own = program.slice(6, 15).map((cell, i) => ([7, 13, 14].includes(i + 6) ? text(cell) : cell));
  const kept = snapshot === undefined ? [null, null, null, null] : [...snapshot.slice(1, 4), text(snapshot[4])];
  return [program[0], named.get("now"), ...counters, ...own, ...entries, ...kept] as Bind[];
}

/** The commits of the steps themselves: the last one ends the program and has an entry more. */
function stepCommits({ after }: Recording): Call[] {
  return after.filter(({ sql }) => batchColumns(sql) !== null).slice(0, -1);
}

async function floor(recorded: Recording): Promise<Timed> {
  const commits = stepCommits(recorded).map(rowsWritten);
  return onNewStore(null, async (_store, driver) => {
    await sayAgain(driver, recorded.before);
    await driver.exec(FLOOR_SETUP);
    const begin = performance.now();
    for (const parameters of commits) await driver.run(FLOOR, parameters);
    return { commits: commits.length, ms: performance.now() - begin };
  });
}

const PLAIN = {
  meta: "UPDATE meta SET last_time = ?",
  program: `UPDATE programs SET commit_id = ?, updated = ?, turn = ?, position = ?,
    ${PROGRAM_COLUMNS.map((name) => `${name} = ?`).join(", ")} WHERE id = ?`,
  journal: "INSERT INTO journal (program, position, kind, body, time) VALUES (?, ?, ?, ?, ?), (?, ?, ?, ?, ?)",
  snapshot: "INSERT INTO snapshots (program, position, turn, hash, pinned, body) VALUES (?, ?, ?, ?, 0, ?)",
};

async function control(recorded: Recording): Promise<Timed> {
  const commits = stepCommits(recorded).map(rowsWritten);
  return onNewStore(null, async (_store, driver) => {
    await sayAgain(driver, recorded.before);
    const begin = performance.now();
    for (const written of commits) await commitPlainly(driver, written);
    return { commits: commits.length, ms: performance.now() - begin };
  });
}

function commitPlainly(driver: SqlDriver, written: readonly Bind[]): Promise<void> {
  const [program, now, id, turn, position] = written as [Bind, Bind, Bind, Bind, Bind];
  const own = written.slice(5, 5 + PROGRAM_COLUMNS.length);
  const entries = written.slice(5 + PROGRAM_COLUMNS.length);
  const snapshot = entries.splice(6);
  return driver.transaction(Object.values(PLAIN), async (calls) => {
    await calls.run(PLAIN.meta, [now]);
    await calls.run(PLAIN.program, [id, now, turn, position, ...own, program]);
    await calls.run(PLAIN.journal, [program, ...entries.slice(0, 3), now, program, ...entries.slice(3), now]);
    if (snapshot[0] !== null) await calls.run(PLAIN.snapshot, [program, ...snapshot]);
  });
}

async function single(recorded: Recording): Promise<Timed> {
  const commits = stepCommits(recorded).map(rowsWritten);
  const insert = "INSERT INTO journal (program, position, kind, body, time) VALUES (?, ?, ?, ?, ?)";
  const first = 5 + PROGRAM_COLUMNS.length;
  const rows = commits.map((row) => [row[0], row[first], row[first + 1], row[first + 2], row[1]]);
  return onNewStore(null, async (_store, driver) => {
    await sayAgain(driver, recorded.before);
    const begin = performance.now();
    for (const row of rows) await driver.run(insert, row);
    return { commits: rows.length, ms: performance.now() - begin };
  });
}

const imageText = readFileSync(process.argv[2] as string, "utf8");
const image = imageOfText(imageText);
const source = new Source("steps.fm", readFileSync(process.argv[3] as string, "utf8"));
const before: Call[] = [];
const after: Call[] = [];
await engine(image, source, (call, gone) => void (gone ? after : before).push(call));
const ways: Record<string, () => Promise<Timed>> = {
  engine: () => engine(image, source, null),
  control: () => control({ before, after }),
  floor: () => floor({ before, after }),
  single: () => single({ before, after }),
};
for await (const line of createInterface({ input: process.stdin })) {
  const { way } = JSON.parse(line) as { way: string };
  process.stdout.write(`${JSON.stringify(await ways[way]!())}\n`);
}
