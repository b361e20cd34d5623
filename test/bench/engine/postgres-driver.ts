// What the engine does on PostgreSQL, and the same rows by hand: one line asks, one line answers. Arguments: the file of the base image,
// programs/steps.fm, programs/some-steps.fm, the server.
//
//   stdin   {"way": "engine"}       an interpreter runs steps.fm; timed from the first commit to the last
//           {"way": "control"}      the rows of the commits of a run like that, byte for byte, each commit a transaction of plain statements
//           {"way": "floor"}        the same rows, each commit one statement
//           {"way": "single"}       as many commits of one row in the journal
//           {"way": "many", "programs": n, "steps": m}     a fleet in this process runs n programs of m steps each
//           {"way": "rows"}         the rows of the batches of the last "many", each batch a transaction of one plain statement a table
//           {"way": "raw"}          rows of the journal in batches of a thousand; "steps" counts rows
//   stdout  {"ms", "cpu", "commits", "steps"}     ms of time and of this process's CPU
//
// Everything goes through the driver of the store, over one connection, each measurement in a schema of its own. The controls go without
// guards, deliveries, effects, lease and thinning, and are planned as the engine's function is: by the indices, however small a table is.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { newId } from "../../../src/base/ids.ts";
import { Connectors } from "../../../src/connector/connector.ts";
import { ForeignConnector } from "../../../src/connector/foreign.ts";
import { newProgram, textsOfRun } from "../../../src/interpreter/birth.ts";
import { Fleet } from "../../../src/interpreter/fleet.ts";
import { Interpreter } from "../../../src/interpreter/interpreter.ts";
import { type Image, imageOfText } from "../../../src/module/image.ts";
import { Source } from "../../../src/source/source.ts";
import { batchTables } from "../../../src/store/postgres/batch.ts";
import type { Bind, PgCalls, PgDriver } from "../../../src/store/postgres/driver.ts";
import { openPgDriver } from "../../../src/store/postgres/pg-driver.ts";
import { openPostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import { parseUrl } from "../../../src/store/postgres/url.ts";
import type { NewProgram } from "../../../src/store/rows.ts";
import type { Store } from "../../../src/store/store.ts";
import { host } from "./stores.ts";

const [, , imageFile, stepsFile, someStepsFile, server] = process.argv as unknown as string[];
const image: Image = imageOfText(readFileSync(imageFile, "utf8"));
const sourceOf = (name: string, path: string): Source => new Source(name, readFileSync(path, "utf8"));
const steps = sourceOf("steps.fm", stepsFile);
const someSteps = sourceOf("some-steps.fm", someStepsFile);

interface Measured {
  readonly ms: number;
  readonly cpu: number;
  readonly commits: number;
  readonly steps: number;
}

/** The rows of a commit by table, as JSON arrays. */
type Batch = ReadonlyMap<string, string>;
type Row = Readonly<Record<string, Bind>>;

let schemas = 0;

/** Runs `work` at a store in a new schema. `note` is told the rows of each batch. */
async function onNewStore<T>(note: (batch: Batch) => void, work: (store: Store, driver: PgDriver) => Promise<T>) {
  const url = new URL(server);
  const schema = `bench_${process.pid}_${++schemas}`;
  url.searchParams.set("schema", schema);
  const store = await openPostgresStore({ url: url.href, host, wrapDriver: (driver) => noting(driver, note) });
  const byIndices = new URL(url);
  byIndices.searchParams.set("options", "-c enable_seqscan=off");
  const driver = await openPgDriver({ url: parseUrl(byIndices.href), host, patience: 10_000 });
  try {
    return await work(store, driver);
  } finally {
    await store.close();
    await driver.all(`DROP SCHEMA ${schema} CASCADE`);
    await driver.close();
  }
}

function noting(driver: PgDriver, note: (batch: Batch) => void): PgDriver {
  return {
    all: (sql, params) => driver.all(sql, params),
    write: (sql, params) => {
      const rows = batchTables(sql, params(false));
      if (rows !== null) note(rows);
      return driver.write(sql, params);
    },
    transaction: (work) => driver.transaction(work),
    close: () => driver.close(),
  };
}

async function timed(work: () => Promise<unknown>): Promise<{ readonly ms: number; readonly cpu: number }> {
  const [begin, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { ms: performance.now() - begin, cpu: (user + system) / 1000 };
}

// ---- one program, a thousand steps

/** The batches of the steps of the last run: the last one of all ends the program and has an entry more. */
let stepBatches: Batch[] = [];

async function engine(): Promise<Measured> {
  const batches: Batch[] = [];
  let begun: { readonly at: number; readonly cpu: NodeJS.CpuUsage } | null = null;
  const note = (batch: Batch): void => {
    if (begun !== null) batches.push(batch);
  };
  return onNewStore(note, async (store) => {
    const connectors = new Connectors([new ForeignConnector()]);
    const interpreter = new Interpreter({ store, image, findImage: async () => image, connectors, ...host });
    await interpreter.open();
    const onOutput = (): void => {
      begun ??= { at: performance.now(), cpu: process.cpuUsage() };
    };
    const run = interpreter.start(
      { name: steps.name, source: steps, args: '["v"]', stepsMax: null },
      { onOutput, onWaiting: () => undefined },
    );
    const { status } = await run.ended;
    const ms = performance.now() - begun!.at;
    const { user, system } = process.cpuUsage(begun!.cpu);
    if (status !== "done") throw new Error(`the program is ${status}`);
    await interpreter.close();
    stepBatches = batches.slice(0, -1);
    return { ms, cpu: (user + system) / 1000, commits: batches.length, steps: batches.length };
  });
}

const PROGRAM_COLUMNS = ["status", "waiting", "wake", "cut", "branch", "calls", "image", "result", "error"];
const ENTRY_COLUMNS = ["position", "kind", "body"];
const SNAPSHOT_COLUMNS = ["position", "turn", "hash", "body"];

/** Parameters of a statement as they are needed: `bound(value)` answers `$n`. */
function binding(): { readonly params: Bind[]; readonly bound: (value: Bind) => string } {
  const params: Bind[] = [];
  return { params, bound: (value) => `$${params.push(value)}` };
}

interface Statement {
  readonly sql: string;
  readonly params: Bind[];
}

/** What a commit of one step writes, as plain statements with their values. `own`: their parameters, shared where they become one. */
function stepStatements(batch: Batch, own: () => ReturnType<typeof binding>): Statement[] {
  const rows = (table: string): Row[] => JSON.parse(batch.get(table) ?? "[]") as Row[];
  const [program] = rows("programs");
  const now = Date.now();
  const update = own();
  const sets = [
    `updated = ${update.bound(now)}`,
    `turn = ${update.bound((program.turn as number) + (program.turns as number))}`,
    `position = ${update.bound(program.until)}`,
    ...PROGRAM_COLUMNS.map((name) => `${name} = ${update.bound(program[name])}`),
  ];
  const written: Statement[] = [
    {
      sql: `UPDATE flowmetal.programs SET ${sets.join(", ")} WHERE id = ${update.bound(program.program)}`,
      params: update.params,
    },
  ];
  const insert = (table: string, columns: readonly string[], more: Readonly<Record<string, Bind>>): void => {
    if (rows(table).length === 0) return;
    const { params, bound } = own();
    const values = rows(table).map(
      (row) => `(${[row.program, ...columns.map((name) => row[name]), ...Object.values(more)].map(bound).join(", ")})`,
    );
    const names = ["program", ...columns, ...Object.keys(more)].join(", ");
    written.push({ sql: `INSERT INTO flowmetal.${table} (${names}) VALUES ${values.join(", ")}`, params });
  };
  insert("journal", ENTRY_COLUMNS, { time: now });
  insert("snapshots", SNAPSHOT_COLUMNS, { pinned: 0 });
  return written;
}

/** Makes the program whose commits are said again. */
function createAgain(store: Store, batches: readonly Batch[], source: Source): Promise<unknown> {
  const [{ program }] = JSON.parse(batches[0].get("programs")!) as { program: string }[];
  return store.createProgram({ program: fresh(source, "0", program) });
}

function fresh(source: Source, argument: string, id = newId(host.clock, host.random)): NewProgram {
  const run = { name: source.name, source, args: `["v","${argument}"]`, stepsMax: null };
  return newProgram(run, image, id, { queue: "default" }).program;
}

async function sayAgain(say: (driver: PgDriver, batch: Batch) => () => Promise<unknown>): Promise<Measured> {
  return onNewStore(
    () => undefined,
    async (store, driver) => {
      await createAgain(store, stepBatches, steps);
      const calls = stepBatches.map((batch) => say(driver, batch));
      const spent = await timed(async () => {
        for (const call of calls) await call();
      });
      return { ...spent, commits: calls.length, steps: calls.length };
    },
  );
}

function control(driver: PgDriver, batch: Batch): () => Promise<unknown> {
  const statements = stepStatements(batch, binding);
  return () => driver.transaction((calls) => sayAll(calls, statements));
}

async function sayAll(calls: PgCalls, statements: readonly Statement[]): Promise<void> {
  for (const { sql, params } of statements) await calls.all(sql, params);
}

/** All of a commit in one statement: the least that these rows can cost. */
function floor(driver: PgDriver, batch: Batch): () => Promise<unknown> {
  const shared = binding();
  const texts = stepStatements(batch, () => shared).map(({ sql }) => sql);
  const last = texts.pop()!;
  const sql = `WITH ${texts.map((text, i) => `w${i} AS (${text})`).join(", ")} ${last}`;
  return () => driver.all(sql, shared.params);
}

const ONE_ROW = "INSERT INTO flowmetal.journal (program, position, kind, body, time) VALUES ($1, $2, $3, $4, $5)";

function single(driver: PgDriver, batch: Batch): () => Promise<unknown> {
  const [{ program, position, kind, body }] = JSON.parse(batch.get("journal")!) as Row[];
  return () => driver.all(ONE_ROW, [program, position, kind, body, Date.now()]);
}

// ---- many programs

let manyBatches: Batch[] = [];
let made: NewProgram[] = [];

async function many(programs: number, count: number): Promise<Measured> {
  const batches: Batch[] = [];
  made = [];
  return onNewStore(
    (batch) => void batches.push(batch),
    async (store) => {
      const texts = {
        images: [{ hash: image.hash, body: image.text }],
        blobs: textsOfRun({ name: someSteps.name, source: someSteps, args: "", stepsMax: null }),
      };
      for (let i = 0; i < programs; i++) {
        const program = fresh(someSteps, String(count));
        made.push(program);
        await store.createProgram({ program, ...(i === 0 ? { texts } : {}) });
      }
      const spent = await timed(() => serveAll(store, programs));
      manyBatches = batches;
      return { ...spent, commits: batches.length, steps: programs * count };
    },
  );
}

/** Serves until so many programs have ended. */
async function serveAll(store: Store, programs: number): Promise<void> {
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
  await fleet.serve();
  if (failures.length > 0) throw new Error(`programs ended as ${failures.join(", ")}`);
}

const PLAIN = {
  programs: `UPDATE flowmetal.programs AS p SET updated = $2, turn = p.turn + r.turns, position = r.until,
    ${PROGRAM_COLUMNS.map((name) => `${name} = r.${name}`).join(", ")}
    FROM json_to_recordset($1) AS r (program text, turns bigint, until bigint, status text, waiting text, wake bigint, cut smallint,
      branch bigint, calls text, image text, result text, error text)
    WHERE p.id = r.program`,
  journal: `INSERT INTO flowmetal.journal (program, position, kind, body, time) SELECT program, position, kind, body, $2
    FROM json_to_recordset($1) AS r (program text, position bigint, kind text, body text)`,
  snapshots: `INSERT INTO flowmetal.snapshots (program, position, turn, hash, body, pinned) SELECT program, position, turn, hash, body, 0
    FROM json_to_recordset($1) AS r (program text, position bigint, turn bigint, hash text, body text)`,
};

function commitPlainly(driver: PgDriver, batch: Batch): Promise<void> {
  const now = Date.now();
  return driver.transaction(async (calls) => {
    await calls.all(PLAIN.programs, [batch.get("programs")!, now]);
    await calls.all(PLAIN.journal, [batch.get("journal")!, now]);
    const snapshots = batch.get("snapshots");
    if (snapshots !== undefined) await calls.all(PLAIN.snapshots, [snapshots]);
  });
}

async function rows(): Promise<Measured> {
  return onNewStore(
    () => undefined,
    async (store, driver) => {
      for (const program of made) await store.createProgram({ program });
      const spent = await timed(async () => {
        for (const batch of manyBatches) await commitPlainly(driver, batch);
      });
      return { ...spent, commits: manyBatches.length, steps: 0 };
    },
  );
}

const RAW_COMMITS = 20;
const RAW_ROWS = 1_000;

async function raw(): Promise<Measured> {
  return onNewStore(
    () => undefined,
    async (store, driver) => {
      const program = fresh(someSteps, "0");
      await store.createProgram({ program });
      const body = `{"turn":1,"padding":"${"x".repeat(400)}"}`;
      const all = Array.from({ length: RAW_COMMITS }, (_, i) =>
        JSON.stringify(
          Array.from({ length: RAW_ROWS }, (_, j) => {
            return { program: program.id, position: 1 + i * RAW_ROWS + j, kind: "turn", body };
          }),
        ),
      );
      const spent = await timed(async () => {
        for (const text of all) await driver.all(PLAIN.journal, [text, 1]);
      });
      return { ...spent, commits: RAW_COMMITS, steps: RAW_COMMITS * RAW_ROWS };
    },
  );
}

interface Asked {
  readonly way: "engine" | "control" | "floor" | "single" | "many" | "rows" | "raw";
  readonly programs?: number;
  readonly steps?: number;
}

function answer({ way, programs = 0, steps: count = 0 }: Asked): Promise<Measured> {
  switch (way) {
    case "engine":
      return engine();
    case "control":
      return sayAgain(control);
    case "floor":
      return sayAgain(floor);
    case "single":
      return sayAgain(single);
    case "many":
      return many(programs, count);
    case "rows":
      return rows();
    case "raw":
      return raw();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as Asked))}\n`);
}
