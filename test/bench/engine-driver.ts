// What an engine with many programs does: one line asks for one measurement, one line answers it.
//
//   stdin   {"way": "many", "programs": n, "steps": m}     a fleet in this process runs n programs of m steps each; answers also its batches
//           {"way": "rows"}     the rows of the batches of the last "many", each batch in a transaction of one plain statement a table
//           {"way": "raw"}      rows of the journal in batches of a thousand; "steps" counts rows
//   stdout  {"ms", "commits", "steps", "cpu"}     ms of time and of CPU from the first claim to the last end
//
// Arguments: the file of the base image, the script. SQLite at `synchronous=FULL`, each measurement on a new store.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { systemClock } from "../../src/base/clock.ts";
import { newId } from "../../src/base/ids.ts";
import { systemRandom } from "../../src/base/random.ts";
import { Connectors } from "../../src/connector/connector.ts";
import { ForeignConnector } from "../../src/connector/foreign.ts";
import { newProgram, textsOfRun } from "../../src/interpreter/birth.ts";
import { Fleet } from "../../src/interpreter/fleet.ts";
import { type Image, imageOfText } from "../../src/module/image.ts";
import { Source } from "../../src/source/source.ts";
import { batchColumns } from "../../src/store/sqlite/batch.ts";
import type { Bind, SqlDriver } from "../../src/store/sqlite/driver.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { NewProgram } from "../../src/store/rows.ts";
import type { Store } from "../../src/store/store.ts";

const host = { clock: systemClock, random: systemRandom };
const image: Image = imageOfText(readFileSync(process.argv[2] as string, "utf8"));
const source = new Source("some-steps.fm", readFileSync(process.argv[3] as string, "utf8"));

interface Asked {
  readonly way: "many" | "rows" | "raw";
  readonly programs?: number;
  readonly steps?: number;
}

interface Measured {
  readonly ms: number;
  readonly cpu: number;
  readonly commits: number;
  readonly steps: number;
}

/** The batches of the last run, as they were given to the driver. */
let batches: { readonly sql: string; readonly params: readonly Bind[] }[] = [];
/** Its programs. */
let made: NewProgram[] = [];

async function onNewStore<T>(
  wrapDriver: (driver: SqlDriver) => SqlDriver,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "flowmetal-bench-"));
  const store = await openSqliteStore({ path: join(folder, "store.db"), host, synchronous: "FULL", wrapDriver });
  try {
    return await work(store);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

/** Time and CPU of this process that some work takes. */
async function timed(work: () => Promise<void>): Promise<{ readonly ms: number; readonly cpu: number }> {
  const [begin, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { ms: performance.now() - begin, cpu: (user + system) / 1000 };
}

async function many(programs: number, steps: number): Promise<Measured> {
  batches = [];
  made = [];
  const noting = (driver: SqlDriver): SqlDriver => ({
    exec: (sql) => driver.exec(sql),
    run: (sql, params) => driver.run(sql, params),
    get: (sql, params) => driver.get(sql, params),
    all: (sql, params = []) => {
      if (batchColumns(sql) !== null) batches.push({ sql, params });
      return driver.all(sql, params);
    },
    transaction: (statements, work) => driver.transaction(statements, work),
    close: () => driver.close(),
  });
  return onNewStore(noting, async (store) => {
    for (let i = 0; i < programs; i++) {
      const run = { name: source.name, source, args: `["v","${steps}"]`, stepsMax: null };
      const { program } = newProgram(run, image, newId(host.clock, host.random), { queue: "default" });
      const images = i === 0 ? { images: [{ hash: image.hash, body: image.text }] } : {};
      made.push(program);
      await store.createProgram({ program, texts: { blobs: textsOfRun(run), ...images } });
    }
    let left = programs;
    const failures: string[] = [];
    const fleet: Fleet = new Fleet({
      store,
      image,
      findImage: async () => image,
      connectors: new Connectors([new ForeignConnector()]),
      ...host,
      queues: [{ name: "default" }],
      concurrency: 512,
      capabilities: ["foreign:flow.test/echo"],
      tell: (event) => {
        if (event.kind === "ended" && event.status !== "done") failures.push(event.status);
        if (event.kind === "ended" && --left === 0) fleet.drain();
      },
    });
    const spent = await timed(() => fleet.serve());
    if (failures.length > 0) throw new Error(`programs ended as ${failures.join(", ")}`);
    return { ...spent, commits: batches.length, steps: programs * steps };
  });
}

/** A statement of the control: it takes the rows of a table as one JSON array. */
const at = (index: number): string => `value ->> ${index}`;
const columns = (count: number): string => Array.from({ length: count }, (_, i) => at(i)).join(", ");
const PLAIN = {
  meta: "UPDATE meta SET last_time = ?",
  programs: `UPDATE programs SET commit_id = ?2, updated = ?3, turn = turn + (${at(4)}), position = ${at(5)}, status = ${at(6)},
    waiting = ${at(7)}, wake = ${at(8)}, cut = ${at(9)}, branch = ${at(10)}, calls = ${at(11)}, image = ${at(12)}, result = ${at(13)},
    error = ${at(14)} FROM json_each(?1) WHERE programs.id = ${at(0)}`,
  journal: `INSERT INTO journal (program, position, kind, body, time) SELECT ${columns(4)}, ?2 FROM json_each(?1)`,
  snapshots: `INSERT INTO snapshots (program, position, turn, hash, body, pinned) SELECT ${columns(5)}, 0 FROM json_each(?1)`,
};

/** A batch's rows by table, with their texts in place. */
function rowsOf({ sql, params }: (typeof batches)[number]): Map<string, Bind> {
  const named = new Map(batchColumns(sql)?.map((name, i) => [name, params[i]]));
  const array = JSON.parse((named.get("bodies") as string | null) ?? "[]") as string[];
  const alone = [...named.keys()].filter((name) => name.startsWith("text"));
  const text = (cell: Bind): Bind => {
    if (typeof cell !== "number") return cell;
    return cell < alone.length ? (named.get(`text${cell}`) as Bind) : (array[cell - alone.length] as Bind);
  };
  // Where a row has texts (see src/store/sqlite/batch.ts).
  for (const [table, places] of [
    ["programs", [7, 13, 14]],
    ["journal", [3]],
    ["snapshots", [4]],
  ] as const) {
    const rows = JSON.parse((named.get(table) as string | null) ?? "[]") as Bind[][];
    for (const row of rows) for (const place of places) row[place] = text(row[place]);
    named.set(table, rows.length === 0 ? null : JSON.stringify(rows));
  }
  return named as Map<string, Bind>;
}

/** The same rows by hand: for each batch a transaction with one prepared statement a table, without guards, leases, effects and thinning. */
async function rows(): Promise<Measured> {
  const committed = batches.map(rowsOf);
  let driver: SqlDriver | null = null;
  return onNewStore(
    (one) => (driver = one),
    async (store) => {
      for (const program of made) await store.createProgram({ program });
      const spent = await timed(async () => {
        for (const named of committed) await commitPlainly(driver!, named);
      });
      return { ...spent, commits: committed.length, steps: 0 };
    },
  );
}

function commitPlainly(driver: SqlDriver, named: ReadonlyMap<string, Bind>): Promise<void> {
  return driver.transaction(Object.values(PLAIN), async (calls) => {
    const now = named.get("now")!;
    await calls.run(PLAIN.meta, [now]);
    await calls.run(PLAIN.programs, [named.get("programs")!, named.get("commit_id")!, now]);
    await calls.run(PLAIN.journal, [named.get("journal")!, now]);
    const snapshots = named.get("snapshots") ?? null;
    if (snapshots !== null) await calls.run(PLAIN.snapshots, [snapshots]);
  });
}

/** Rows of one kind in batches of a thousand: what the database does when nothing else is asked of it. */
async function raw(): Promise<Measured> {
  let driver: SqlDriver | null = null;
  return onNewStore(
    (one) => (driver = one),
    async (store) => {
      await store.createProgram({ program: made[0] });
      const body = `{"turn":1,"padding":"${"x".repeat(400)}"}`;
      const commits = 20;
      const all = Array.from({ length: commits }, (_, i) =>
        JSON.stringify(Array.from({ length: 1000 }, (_, j) => [made[0].id, 1 + i * 1000 + j, "turn", body])),
      );
      const spent = await timed(async () => {
        for (const text of all) await driver!.run(PLAIN.journal, [text, 1]);
      });
      return { ...spent, commits, steps: commits * 1000 };
    },
  );
}

for await (const line of createInterface({ input: process.stdin })) {
  const { way, programs = 0, steps = 0 } = JSON.parse(line) as Asked;
  const measured = way === "many" ? await many(programs, steps) : way === "rows" ? await rows() : await raw();
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}
