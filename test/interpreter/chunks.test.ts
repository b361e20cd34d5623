// Programs with much state: what a turn writes is what it changed (E-19), and every one of their snapshots can be read.
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { unpackSnapshot } from "../../src/snapshot/snapshot.ts";
import type { TurnCommit } from "../../src/store/rows.ts";
import { openSqlite3 } from "../../src/store/sqlite/sqlite3-driver.ts";
import type { CommitBatch } from "../../src/store/store.ts";
import { atStore, type Bench, type Kind, type Process, until } from "./bench.ts";
import { CommitFaults, type Step } from "./commit-faults.ts";

const LEASE = 1_500;

/** Changes the value of one key a turn: which one is told from outside. */
const counting = (size: number): string => `
  (defforeign ask :topic "ask")
  (loop [counts (zipmap (range ${size}) (range ${size}))]
    (let [n (ask (count counts))]
      (if (= n "end")
        [(reduce + (vals counts)) (get counts 7)]
        (recur (assoc counts n -1)))))`;

/** The characters of all rows that a turn writes. */
function bytesOf({ entries, snapshot, chunks = [], effects = [], dropped = [] }: TurnCommit): number {
  const bodies = [...entries, ...chunks, ...(snapshot === undefined ? [] : [snapshot])].map(({ body }) => body.length);
  const others = [...chunks, ...dropped].map(({ hash }) => hash.length);
  return [...bodies, ...others, ...effects.map(({ payload }) => payload.length)].reduce((sum, n) => sum + n, 0);
}

/** Notes the turns that a process commits. */
function noting(process: Process): TurnCommit[] {
  const turns: TurnCommit[] = [];
  process.tap.before = (method, params) => {
    if (method === "commitTurns") turns.push(...(params as CommitBatch).turns);
    return undefined;
  };
  return turns;
}

/** Answers the next calls of a program, and waits for the one after them. */
async function answer(process: Process, values: readonly unknown[]): Promise<void> {
  for (const value of values) {
    const calls = process.calls.attempts.length;
    (await process.call(calls - 1)).answer(value);
    await process.call(calls);
  }
}

/** A process whose lease ran out, and another one that goes on. */
async function takenOver(bench: Bench, first: Process): Promise<Process> {
  first.running.lose();
  await first.ended();
  bench.clock.off += LEASE + 1;
  const next = await bench.resumed(first.id);
  await next.call(0);
  return next;
}

describe.each<Kind>(["memory", "sqlite"])("at a store of the kind %s", (kind) => {
  test("a program with a map of 100,000 entries writes at most 16 KB for a changed key, also after a take-over", () =>
    atStore(kind, async (bench) => {
      const first = await bench.started(counting(100_000));
      await first.call(0);
      const turns = noting(first);
      await answer(first, [7, 50_000, 99_999, 31_415]);
      const second = await takenOver(bench, first);
      const more = noting(second);
      await answer(second, [64_000, 7]);
      for (const turn of [...turns, ...more]) expect([turn.turn, bytesOf(turn) <= 16_000]).toEqual([turn.turn, true]);
      expect(turns.filter(({ snapshot }) => snapshot !== undefined).length).toBeGreaterThan(0);
      expect([...turns, ...more].some(({ chunks = [] }) => chunks.length > 0)).toBe(true);
      await second.running.letGo();
      const { id } = first;
      const row = await bench.row(id);
      expect(row.snapshot).toBe(row.position);
      expect((await bench.store.readSnapshot({ program: id }))?.body).toMatch(/^\{"v":2,/);
      expect((await bench.load(id)).machine.state.ticks).toBe((await bench.load(id, row.position)).machine.state.ticks);
      await bench.resumed(id).then(async (third) => {
        (await third.call(0)).answer("end");
        expect(await third.ended()).toBe("done");
      });
      const sum = (100_000 * 99_999) / 2 - (7 + 50_000 + 99_999 + 31_415 + 64_000) - 5;
      expect(await bench.row(id)).toMatchObject({ result: `["v",${sum},-1]` });
      expect(await bench.verify(id)).toMatchObject({ same: true });
    }));
});

const CRASHES: readonly [string, Step][] = [
  ["before its commit", { call: "batch", when: "before", error: "SQLITE_IOERR" }],
  ["while it inserts chunks", { call: "batch", when: { op: "INSERT", table: "chunks" }, error: "SQLITE_FULL" }],
  ["while it drops chunks", { call: "batch", when: { op: "UPDATE", table: "chunks" }, error: "SQLITE_FULL" }],
  [
    "while chunks go with their snapshot",
    { call: "batch", when: { op: "DELETE", table: "chunks" }, error: "SQLITE_FULL" },
  ],
];

/** Answers each call with its argument, 6 with "end", until the run is over. */
async function answerAll(process: Process): Promise<string> {
  for (let n = 0; ; n++) {
    const call = await process.call(n).catch(() => null);
    if (call === null) return process.ended();
    const [i] = call.args as [number];
    call.answer(i === 6 ? "end" : i);
  }
}

const NUMBERED = counting(6_000)
  .replace("(loop [", "(loop [i 0 ")
  .replace("(ask (count counts))", "(ask i)")
  .replace("(recur ", "(recur (inc i) ");

test.each(CRASHES)("a process that ends %s leaves a state that can be gone on with", async (_, step) => {
  const faults = new CommitFaults(new Map([[3, [step, step, step]]]), async () => undefined);
  await atStore(
    "sqlite",
    async (bench) => {
      let process = await bench.started(NUMBERED);
      let ends = 0;
      for (let end = await answerAll(process); end !== "done"; end = await answerAll(process)) {
        expect(end).toMatch(/^store\//);
        expect(++ends).toBeLessThanOrEqual(3);
        expect((await bench.store.readSnapshot({ program: process.id }))?.body).toMatch(/^\{"v":2,/);
        bench.clock.off += LEASE + 1;
        process = await bench.resumed(process.id);
      }
      expect([faults.left, ends > 0]).toEqual([[], true]);
      const sum = (6_000 * 5_999) / 2 - 15 - 6;
      expect(await bench.row(process.id)).toMatchObject({ result: `["v",${sum},7]` });
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    },
    faults.wrap,
  );
});

test.each(["missing", "damaged"])("a %s chunk ends the load by name", (how) =>
  atStore("memory", async (bench) => {
    const first = await bench.started(counting(6_000));
    await first.call(0);
    await first.running.letGo();
    const { readChunks } = bench.store;
    bench.store.readChunks = async (params) => {
      const rows = await readChunks(params);
      return how === "missing" ? rows.slice(1) : rows.map((row) => ({ ...row, body: `${row.body} ` }));
    };
    const code = await bench.load(first.id).then(
      () => "loaded",
      (error: unknown) => (error as { code: string }).code,
    );
    expect(code).toBe(`snapshot/${how}-chunk`);
    bench.store.readChunks = readChunks;
    expect((await bench.load(first.id)).position).toBe((await bench.row(first.id)).position);
  }),
);

test("after a rewind the store has the chunks of its snapshots and no others", () =>
  atStore("sqlite", async (bench) => {
    const process = await bench.started(NUMBERED);
    await process.call(0);
    const places = [await bench.row(process.id)];
    for (let i = 0; i < 4; i++) {
      (await process.call(i)).answer(100 * i);
      await process.call(i + 1);
      places.push(await bench.row(process.id));
    }
    const [, there, , , now] = places;
    await bench.command(process.id, "rewind", `{"to":${there.position}}`, now.turn);
    await until("it has gone back", () => process.calls.attempts.length > 5 || process.outcome !== null);
    process.calls.attempts.at(-1)?.answer(5);
    await until("it has gone on", () => process.calls.attempts.length > 6 || process.outcome !== null);
    await process.running.letGo();
    expect(await bench.kinds(process.id)).toContain("rewound");
    const { text, chunks } = await stateOf(bench, process.id);
    expect(text).toMatch(/^\{"v":1,/);
    const host = { clock: systemClock, random: systemRandom };
    const driver = await openSqlite3({ path: bench.file as string, host, patience: 5_000 });
    const rows = await driver.all("SELECT hash, until FROM chunks");
    await driver.close();
    // The snapshots before the last are gone with what only they used.
    expect(await bench.store.listSnapshots({ program: process.id })).toHaveLength(1);
    expect(rows.filter(({ until }) => until !== null)).toEqual([]);
    expect(rows.map(({ hash }) => hash as string).sort()).toEqual([...chunks].sort());
    expect(await bench.verify(process.id)).toMatchObject({ same: true });
  }));

/** The newest snapshot of a program, in one piece. */
async function stateOf({ store }: Bench, program: string) {
  const row = await store.readSnapshot({ program });
  if (row === null) throw new Error("it has no snapshot");
  return unpackSnapshot(row.body, (hashes) => store.readChunks({ program, hashes }));
}
