// A process that owns programs with long histories until it is killed: one line asks, one line answers. Arguments: the file of the base
// image, the script, the SQLite store.
//
//   stdin   {"way": "build", "lengths": [n, ...]}    runs a program, and builds others from it with so many entries; owns all of them
//           {"way": "resume", "programs": [id, ...]}    takes them from an owner that died, one after another, and goes on with each for a turn
//   stdout  build: {"programs": [id, ...]}; resume: a list of {"ms", "rows"}: from the claim to the commit of the next turn, and the rows
//           that the store was answered meanwhile
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { newId } from "../../../src/base/ids.ts";
import { Connectors } from "../../../src/connector/connector.ts";
import { ForeignConnector } from "../../../src/connector/foreign.ts";
import { Interpreter } from "../../../src/interpreter/interpreter.ts";
import { loadProgram } from "../../../src/interpreter/loading.ts";
import { imageOfText } from "../../../src/module/image.ts";
import { Source } from "../../../src/source/source.ts";
import type { TurnCommit } from "../../../src/store/rows.ts";
import type { SqlDriver, SqlRow } from "../../../src/store/sqlite/driver.ts";
import { openSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { HistoryPattern, TOPIC } from "./history.ts";
import { connect, host, sharedNow, tapped } from "./stores.ts";

/** The turns of the program that is really run: with two entries each, a history of a hundred entries. */
const REAL_TURNS = 50;

const [, , imageFile, script, url] = process.argv as [string, string, string, string, string];
const path = url.slice("sqlite:".length);
const image = imageOfText(readFileSync(imageFile, "utf8"));
const source = new Source("history.fm", readFileSync(script, "utf8"));

/** Rows answered so far, but for the question whether the file has changed. */
let rows = 0;

function counting(driver: SqlDriver): SqlDriver {
  const counted = (sql: string, found: readonly SqlRow[]): void => {
    if (!sql.includes("data_version")) rows += found.length;
  };
  return {
    exec: (sql) => driver.exec(sql),
    run: (sql, params) => driver.run(sql, params),
    get: async (sql, params) => {
      const row = await driver.get(sql, params);
      counted(sql, row === null ? [] : [row]);
      return row;
    },
    all: async (sql, params) => {
      const found = await driver.all(sql, params);
      counted(sql, found);
      return found;
    },
    transaction: (statements, work) =>
      driver.transaction(statements, (calls) =>
        work({
          ...calls,
          get: async (sql, params) => {
            const row = await calls.get(sql, params);
            counted(sql, row === null ? [] : [row]);
            return row;
          },
          all: async (sql, params) => {
            const found = await calls.all(sql, params);
            counted(sql, found);
            return found;
          },
        }),
      ),
    close: () => driver.close(),
  };
}

/** Whether a call is answered; the others stay open. */
let isAnswered: (n: number, key: string) => boolean = () => false;
let committed: (turn: TurnCommit) => void = () => undefined;

const store = tapped(await openSqliteStore({ path, host, synchronous: "FULL", wrapDriver: counting }), ({ turns }) =>
  turns.forEach((turn) => committed(turn)),
);
const foreign = new ForeignConnector();
foreign.register(TOPIC, ([n], { key }) => (isAnswered(n as number, key) ? n : new Promise(() => undefined)));
const interpreter = new Interpreter({
  store,
  image,
  findImage: async () => image,
  connectors: new Connectors([foreign]),
  ...host,
});
await interpreter.open();
const hooks = { onOutput: () => undefined, onWaiting: () => undefined };

async function build(lengths: readonly number[]): Promise<{ programs: string[] }> {
  const commits: TurnCommit[] = [];
  isAnswered = (n) => n < REAL_TURNS - 1;
  const reached = new Promise<void>((resolve) => {
    committed = (turn) => {
      if (commits.push(turn) === REAL_TURNS) resolve();
    };
  });
  const run = interpreter.start({ name: source.name, source, args: '["v"]', stepsMax: null }, hooks);
  await Promise.race([reached, run.ended.then(({ status }) => Promise.reject(new Error(`the program is ${status}`)))]);
  const { machine } = await loadProgram({ store, image: async () => image }, run.id);
  const pattern = new HistoryPattern(run.id, commits, machine);
  const driver = await connect(path);
  const programs: string[] = [];
  for (const length of lengths) {
    const program = newId(host.clock, host.random);
    await pattern.build(driver, program, length / 2);
    programs.push(program);
  }
  await driver.all("PRAGMA wal_checkpoint(TRUNCATE)");
  await driver.close();
  return { programs };
}

async function resume(program: string): Promise<{ ms: number; rows: number }> {
  let at = 0;
  const next = new Promise<TurnCommit>((resolve) => {
    committed = (turn) => {
      at = sharedNow();
      resolve(turn);
    };
  });
  const before = rows;
  const from = sharedNow();
  const claim = await store.claimProgram({ program, interpreter: interpreter.id });
  if (claim.outcome !== "claimed" || !claim.takenOver)
    throw new Error(`${program} was not taken over: ${claim.outcome}`);
  isAnswered = (_, key) => key === claim.row.calls[0].key;
  const run = interpreter.resume(claim.row, hooks);
  const turn = await Promise.race([next, run.ended.then(({ status }) => Promise.reject(new Error(`it is ${status}`)))]);
  const read = rows - before;
  // It asks for the number that follows the one it had asked for before it was taken over.
  const { made } = JSON.parse(turn.entries[1].body) as { made: { payload: [number] }[] };
  if (made[0].payload[0] !== claim.row.turn) throw new Error(`${program} did not go on where it was`);
  return { ms: at - from, rows: read };
}

interface Asked {
  readonly way: "build" | "resume";
  readonly lengths?: readonly number[];
  readonly programs?: readonly string[];
}

async function answer({ way, lengths = [], programs = [] }: Asked): Promise<unknown> {
  if (way === "build") return build(lengths);
  const measured = [];
  for (const program of programs) measured.push(await resume(program));
  return measured;
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as Asked))}\n`);
}
