// Group commit: what joins what, in which order, and what each program is told.
import { expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { FlowmetalError } from "../../src/base/errors.ts";
import { BATCH_LENGTH_MAX as SIZE_MAX, BATCH_PROGRAMS_MAX as PROGRAMS_MAX } from "../../src/base/limits.ts";
import { Batcher, type TurnOutcome } from "../../src/interpreter/batcher.ts";
import type { TurnCommit } from "../../src/store/rows.ts";
import type { CommitResult } from "../../src/store/store.ts";
import { turnOf } from "../store/support.ts";

/** A store that commits when the test says so. */
class SlowStore {
  readonly batches: (readonly string[])[] = [];
  private readonly open: { settle: (result: CommitResult) => void; fail: (error: Error) => void; ids: string[] }[] = [];
  readonly batcher = new Batcher((turns) => {
    const ids = turns.map(({ program }) => program);
    this.batches.push(ids);
    return new Promise((settle, fail) => this.open.push({ settle, fail, ids }));
  }, systemClock);
  readonly told: string[] = [];

  add(id: string, size = 0): void {
    const turn: TurnCommit = turnOf(
      { id, term: 1, turn: 0, position: 1 },
      { output: [{ branch: 0, number: 0, text: "x".repeat(size) }] },
    );
    const tell = (outcome: TurnOutcome) => this.told.push(`${id} ${outcome.kind}`);
    this.batcher.commit(turn).then(tell, (error: Error) => this.told.push(`${id} ${error.message}`));
  }

  async done(change: Partial<CommitResult> = {}): Promise<void> {
    const { settle, ids } = this.open.shift()!;
    settle({ time: 1, committed: ids, lost: [], refused: [], leaseLost: false, ...change });
    await turnOfLoop();
  }

  async failed(message: string): Promise<void> {
    this.open.shift()!.fail(new FlowmetalError("store/failed", message));
    await turnOfLoop();
  }
}

const turnOfLoop = () => new Promise((resolve) => setImmediate(resolve));

test("one that is ready alone goes at once; the others join while it is under way, and go when it has ended", async () => {
  const store = new SlowStore();
  store.add("a");
  expect(store.batches).toEqual([["a"]]);
  for (const id of ["b", "c", "d"]) store.add(id);
  expect(store.batches).toHaveLength(1);
  await store.done();
  expect(store.batches).toEqual([["a"], ["b", "c", "d"]]);
  expect(store.told).toEqual(["a committed"]);
  store.add("a");
  await store.done();
  expect(store.batches).toEqual([["a"], ["b", "c", "d"], ["a"]]);
  await store.done();
  store.add("e");
  expect(store.batches).toHaveLength(4);
});

test("when a batch has ended and none is filled, the next goes when half of its programs are ready, or when no more are", async () => {
  const store = new SlowStore();
  for (const id of ["a", "b", "c", "d", "e"]) store.add(id);
  await store.done();
  await store.done();
  store.add("b");
  expect(store.batches).toHaveLength(2);
  store.add("c");
  expect(store.batches.slice(2)).toEqual([["b", "c"]]);
  store.add("d");
  await store.done();
  expect(store.batches.slice(3)).toEqual([["d"]]);
  for (const id of ["b", "c"]) store.add(id);
  await store.done();
  await store.done();
  store.add("b");
  await turnOfLoop();
  expect(store.batches.slice(4)).toEqual([["b", "c"], ["b"]]);
});

test("the next batch is under way before anybody is told how the last one ended", async () => {
  const store = new SlowStore();
  store.add("a");
  const seen: number[] = [];
  const one = turnOf({ id: "b", term: 1, turn: 0, position: 1 });
  void store.batcher.commit(one).then(() => seen.push(store.batches.length));
  await store.done();
  store.add("c");
  await store.done();
  expect(seen).toEqual([3]);
});

test("each is told its own outcome", async () => {
  const store = new SlowStore();
  store.add("x");
  for (const id of ["a", "b", "c"]) store.add(id);
  await store.done({ committed: [], leaseLost: true });
  const refused = [{ program: "b", error: new Error("no") }];
  await store.done({ committed: ["c"], lost: ["a"], refused });
  expect(store.told).toEqual(["x lease-lost", "a lost", "b refused", "c committed"]);
});

test("a failure is told to the whole batch, and to nobody else", async () => {
  const store = new SlowStore();
  for (const id of ["a", "b", "c"]) store.add(id);
  await store.failed("first");
  store.add("d");
  await store.failed("second");
  await store.done();
  expect(store.told).toEqual(["a first", "b second", "c second", "d committed"]);
});

test("a batch has 512 programs and about 4 MB at most; what is larger goes alone", async () => {
  const store = new SlowStore();
  store.add("first");
  for (let i = 0; i < PROGRAMS_MAX + 1; i++) store.add(`p${i}`);
  for (let i = 0; i < 3; i++) store.add(`half${i}`, SIZE_MAX / 2 - 1_000);
  store.add("huge", SIZE_MAX + 1);
  for (let i = 0; i < 5; i++) await store.done();
  const sizes = store.batches.map((batch) => batch.length);
  expect(sizes).toEqual([1, PROGRAMS_MAX, 3, 1, 1]);
  expect(store.batches[2]).toEqual(["p512", "half0", "half1"]);
});
