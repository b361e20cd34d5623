// Makes the commits of an SQLite store fail: before, after, or in the middle, at any of the statements that one batch runs.
import { systemClock } from "../../src/base/clock.ts";
import { seededRandom } from "../../src/base/random.ts";
import { batchColumns } from "../../src/store/sqlite/batch.ts";
import { type Bind, type SqlDriver, SqlError } from "../../src/store/sqlite/driver.ts";
import { openSqlite3 } from "../../src/store/sqlite/sqlite3-driver.ts";

/** A driver call that a commit makes. "look": asks whether a commit whose reply was lost has happened (E-10). */
export type Call = "image" | "view" | "batch" | "look";

/** A statement that one batch runs on a table. */
export interface Inner {
  readonly op: "INSERT" | "UPDATE" | "DELETE";
  readonly table: string;
}

/** One driver call of a commit that fails, or what happens just before it. */
export interface Step {
  readonly call: Call;
  /**
   * The call is made to fail before it runs, after it ran and was durable, or at a statement within the batch. Or the database
   * fails by itself: another connection holds its lock; its file may not grow. Or the interpreter has lost the program.
   */
  readonly when: "before" | "after" | Inner | "locked" | "no room" | Loss;
  /** SQLite's name of a failure that is made; null: the one SQLite has itself, that of rows it refuses. */
  readonly error?: string | null;
}

/** Another process has taken the program over; or the interpreter's own row is gone. */
export type Loss = "taken" | "retired";

/** The steps of the commits by the turn they stand on: one after the other, each at the next call of its kind. */
export type Plan = ReadonlyMap<number, readonly Step[]>;

const TABLES = "meta interpreters programs journal inbox effects output code images blobs chunks snapshots".split(" ");
const OPS = ["INSERT", "UPDATE", "DELETE"] as const;
const PLANNED = "a planned failure";
/** What SQLite takes for no limit. */
const PAGES_MAX = 1_073_741_823;

function callOf(sql: string): Call | null {
  if (batchColumns(sql) !== null) return "batch";
  if (/^\s*CREATE TEMP VIEW IF NOT EXISTS batch_/.test(sql)) return "view";
  if (/FROM images WHERE hash = \?1 AND used_at/.test(sql)) return "image";
  return /SELECT id FROM programs WHERE commit_id/.test(sql) ? "look" : null;
}

/** The turn that a batch of one program stands on. */
function turnOf(sql: string, params: readonly Bind[]): number {
  const programs = params[(batchColumns(sql) as readonly string[]).indexOf("programs")];
  const [[, , turn]] = JSON.parse(programs as string) as [[string, number, number]];
  return turn;
}

/** Sits between stores and their drivers, and tells the calls of commits. */
abstract class CommitWatch {
  /** The turn whose commit is the next: a commit's calls before its batch do not say it. */
  private next = 0;

  protected abstract call<T>(driver: SqlDriver, call: Call, turn: number, run: () => Promise<T>): Promise<T>;

  wrap = (driver: SqlDriver): SqlDriver => ({
    exec: (sql) => this.seen(driver, sql, [], () => driver.exec(sql)),
    run: (sql, params) => driver.run(sql, params),
    get: (sql, params = []) => this.seen(driver, sql, params, () => driver.get(sql, params)),
    all: (sql, params = []) => this.seen(driver, sql, params, () => driver.all(sql, params)),
    transaction: (statements, work) => driver.transaction(statements, work),
    close: () => driver.close(),
  });

  private async seen<T>(driver: SqlDriver, sql: string, params: readonly Bind[], run: () => Promise<T>): Promise<T> {
    const call = callOf(sql);
    if (call === null) return run();
    if (call === "batch") this.next = turnOf(sql, params);
    const answer = await this.call(driver, call, this.next, run);
    if (call === "batch") this.next++;
    return answer;
  }
}

/** Fails commits as planned. */
export class CommitFaults extends CommitWatch {
  private readonly plan: ReadonlyMap<number, Step[]>;

  constructor(
    plan: Plan,
    private readonly lose: (loss: Loss) => Promise<void>,
  ) {
    super();
    this.plan = new Map([...plan].map(([turn, steps]) => [turn, [...steps]]));
  }

  /** The turns with steps that never happened. */
  get left(): readonly number[] {
    return [...this.plan].filter(([, steps]) => steps.length > 0).map(([turn]) => turn);
  }

  protected override call<T>(driver: SqlDriver, call: Call, turn: number, run: () => Promise<T>): Promise<T> {
    const steps = this.plan.get(turn) ?? [];
    if (steps.length === 0 || steps[0].call !== call) return run();
    return this.fail(driver, steps.shift() as Step, run);
  }

  private async fail<T>(driver: SqlDriver, { when, error = null }: Step, run: () => Promise<T>): Promise<T> {
    if (typeof when === "object") return failInside(driver, when, error, run);
    switch (when) {
      case "taken":
      case "retired":
        await this.lose(when);
        return run();
      case "locked":
        return whileLocked(driver, run);
      case "no room":
        return withoutRoom(driver, run);
      case "after":
        await run();
        break;
      case "before":
    }
    throw new SqlError(error ?? "SQLITE_CONSTRAINT", PLANNED);
  }
}

/** SQLite itself gives up at the first row of a statement, and undoes what the ones before it did. */
async function failInside<T>(driver: SqlDriver, at: Inner, error: string | null, run: () => Promise<T>): Promise<T> {
  const trigger = `BEFORE ${at.op} ON main.${at.table} BEGIN SELECT RAISE(ABORT, '${PLANNED}'); END`;
  await driver.exec(`CREATE TEMP TRIGGER planned ${trigger}`);
  try {
    await run();
  } catch (thrown) {
    if (error === null || !(thrown instanceof SqlError) || !thrown.message.includes(PLANNED)) throw thrown;
    throw new SqlError(error, PLANNED);
  } finally {
    await driver.exec("DROP TRIGGER temp.planned");
  }
  throw new Error(`the batch never came to ${at.op} ${at.table}`);
}

async function whileLocked<T>(driver: SqlDriver, run: () => Promise<T>): Promise<T> {
  const { file } = (await driver.get("SELECT file FROM pragma_database_list WHERE name = 'main'")) as { file: string };
  const host = { clock: systemClock, random: seededRandom("holder") };
  const holder = await openSqlite3({ path: file, host, patience: 2_000 });
  await holder.exec("BEGIN IMMEDIATE");
  try {
    return await run();
  } finally {
    await holder.exec("ROLLBACK");
    await holder.close();
  }
}

async function withoutRoom<T>(driver: SqlDriver, run: () => Promise<T>): Promise<T> {
  await driver.exec("PRAGMA max_page_count = 1");
  try {
    return await run();
  } finally {
    await driver.exec(`PRAGMA max_page_count = ${PAGES_MAX}`);
  }
}

/** What the commit of one turn consists of. */
export interface Noted {
  readonly calls: Call[];
  /** The statements of its batch that touched a row, in order. */
  readonly inner: Inner[];
}

/** Notes where the commits of an undisturbed run could fail. */
export class CommitNotes extends CommitWatch {
  readonly turns: Noted[] = [];

  protected override async call<T>(driver: SqlDriver, call: Call, turn: number, run: () => Promise<T>): Promise<T> {
    this.turns[turn] ??= { calls: [], inner: [] };
    this.turns[turn].calls.push(call);
    return call === "batch" ? noting(driver, this.turns[turn].inner, run) : run();
  }
}

async function noting<T>(driver: SqlDriver, inner: Inner[], run: () => Promise<T>): Promise<T> {
  const pairs = TABLES.flatMap((table) => OPS.map((op) => ({ op, table })));
  const triggers = pairs.map(
    ({ op, table }) => `CREATE TEMP TRIGGER note_${op}_${table} BEFORE ${op} ON main.${table} BEGIN
      INSERT INTO reached SELECT '${op}', '${table}'
        WHERE NOT EXISTS (SELECT 1 FROM reached WHERE op = '${op}' AND place = '${table}'); END;`,
  );
  await driver.exec(`CREATE TEMP TABLE reached (op TEXT, place TEXT); ${triggers.join("\n")}`);
  const answer = await run();
  for (const row of await driver.all("SELECT op, place FROM reached ORDER BY rowid"))
    inner.push({ op: row.op as Inner["op"], table: row.place as string });
  const drops = pairs.map(({ op, table }) => `DROP TRIGGER temp.note_${op}_${table};`);
  await driver.exec(`${drops.join(" ")} DROP TABLE temp.reached;`);
  return answer;
}
