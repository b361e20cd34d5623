// Runs programs/chunks.fm at an SQLite store with `synchronous=FULL`, and prints what its turns wrote: {"bytes", "disk", "rows", "ms"}, a
// list of each, one number a turn. Arguments: the file of the base image, the program.
//
// bytes: the characters of all texts of the commit (entries, snapshot, chunks with their hashes, effects, summary). disk: what the
// process gave to the operating system in write calls, if that can be asked (SQLite writes pages of 4 KB). rows: chunks
// written and dropped.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { Connectors } from "../../src/connector/connector.ts";
import { ForeignConnector } from "../../src/connector/foreign.ts";
import { Interpreter } from "../../src/interpreter/interpreter.ts";
import { imageOfText } from "../../src/module/image.ts";
import { Source } from "../../src/source/source.ts";
import type { TurnCommit } from "../../src/store/rows.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { CommitBatch, Store } from "../../src/store/store.ts";

const host = { clock: systemClock, random: systemRandom };
const [, , imageFile, file] = process.argv as [string, string, string, string];
const image = imageOfText(readFileSync(imageFile, "utf8"));
const source = new Source("chunks.fm", readFileSync(file, "utf8"));

const bytes: number[] = [];
const rows: number[] = [];
const disk: number[] = [];
const ms: number[] = [];
let gone = false;

function bytesOf({ entries, snapshot, chunks = [], dropped = [], effects = [], after }: TurnCommit): number {
  const bodies = [...entries, ...chunks, ...(snapshot === undefined ? [] : [snapshot])].map(({ body }) => body);
  const hashes = [...chunks, ...dropped].map(({ hash }) => hash);
  const texts = [...bodies, ...hashes, ...effects.map(({ payload }) => payload), JSON.stringify(after)];
  return texts.reduce((sum, text) => sum + text.length, 0);
}

/** What this process has given to write calls so far; null where the system does not say. */
function givenToDisk(): number | null {
  try {
    const [, given] = /^wchar: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8")) as RegExpExecArray;
    return Number(given);
  } catch {
    return null;
  }
}

/** The store, each commit after `go` measured. */
function measured(store: Store): Store {
  let last = performance.now();
  const commitTurns = async (batch: CommitBatch) => {
    const before = givenToDisk();
    const result = await store.commitTurns(batch);
    const now = performance.now();
    if (gone) {
      bytes.push(batch.turns.reduce((sum, turn) => sum + bytesOf(turn), 0));
      rows.push(batch.turns.reduce((sum, { chunks = [], dropped = [] }) => sum + chunks.length + dropped.length, 0));
      ms.push(now - last);
      if (before !== null) disk.push(givenToDisk()! - before);
    }
    last = now;
    return result;
  };
  return new Proxy(store, {
    get: (target, name) => {
      if (name === "commitTurns") return commitTurns;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

const folder = mkdtempSync(join(tmpdir(), "flowmetal-bench-"));
try {
  const store = await openSqliteStore({ path: join(folder, "store.db"), host, synchronous: "FULL" });
  const connectors = new Connectors([new ForeignConnector()]);
  const interpreter = new Interpreter({
    store: measured(store),
    image,
    findImage: async () => image,
    connectors,
    ...host,
  });
  await interpreter.open();
  const onOutput = () => {
    gone = true;
  };
  const run = interpreter.start(
    { name: source.name, source, args: '["v"]', stepsMax: null },
    { onOutput, onWaiting: () => {} },
  );
  const { status } = await run.ended;
  if (status !== "done") throw new Error(`the program is ${status}`);
  await interpreter.close();
  await store.close();
  // The last turn ends the program, and has no snapshot.
  console.log(JSON.stringify({ bytes: bytes.slice(0, -1), rows: rows.slice(0, -1), disk, ms: ms.slice(0, -1) }));
} finally {
  rmSync(folder, { recursive: true });
}
