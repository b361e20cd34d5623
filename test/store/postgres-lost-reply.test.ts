// A network that is cut at any moment of a call: what was done counts once, what was not is done (E-10). For every call that writes.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Store } from "../../src/store/store.ts";
import { type Cut, Pooler } from "../support/postgres/pooler.ts";
import { postgresUrl } from "../support/postgres/shared.ts";
import { openTestPostgres } from "./postgres-support.ts";
import { Bench, effect, LEASE, program, TestHost, turnOf } from "./support.ts";

let pooler: Pooler;
let via = "";

beforeAll(async () => {
  pooler = await Pooler.start(await postgresUrl());
  via = pooler.through(await postgresUrl());
});

afterAll(() => pooler.stop());

async function withBench(work: (bench: Bench, store: Store) => Promise<void>): Promise<void> {
  const host = new TestHost();
  const { store, remove } = await openTestPostgres(host, { via });
  const bench = new Bench(store, host);
  await bench.register();
  await work(bench, store);
  expect(pooler.cutsLeft).toBe(0);
  await remove();
}

const CUTS: readonly Cut[] = ["before", "after", "during"];

it.each(CUTS)("commits a batch once: cut %s", (how) =>
  withBench(async (bench, store) => {
    const row = await bench.owned();
    const born = bench.host.newId();
    pooler.cut("commit_2", how);
    const first = turnOf(row, { output: [{ branch: 0, number: 0, text: "once" }], effects: [effect("k")] });
    const birth = turnOf({ id: born, term: 1, turn: 0, position: 1 }, { birth: program(born) });
    const result = await bench.commit([first, birth]);
    expect([...result.committed].sort()).toEqual([row.id, born].sort());
    expect(result).toMatchObject({ lost: [], refused: [], leaseLost: false });
    expect(await bench.row(row.id)).toMatchObject({ turn: 1, position: 2, output: 1 });
    expect(await bench.row(born)).toMatchObject({ turn: 1, position: 2 });
    expect(await store.readOutput({ program: row.id })).toHaveLength(1);
    expect(await store.listEffects({ program: row.id })).toHaveLength(1);
  }),
);

it.each(CUTS)("still loses and refuses what is lost and refused, cut %s", (how) =>
  withBench(async (bench) => {
    const [a, b, c] = [await bench.owned(), await bench.owned(), await bench.owned()];
    await bench.step(a);
    pooler.cut("commit_2", how);
    const wrong = turnOf(c, { consumed: [{ id: 77, position: c.position }] });
    const result = await bench.commit([turnOf(a), turnOf(b), wrong]);
    expect(result).toMatchObject({ committed: [b.id], lost: [a.id] });
    expect(result.refused.map((one) => one.program)).toEqual([c.id]);
  }),
);

/** Each call, what its text is known by, and what it must answer as if nothing had been cut. */
const CALLS: readonly [name: string, text: string, call: (bench: Bench, store: Store) => Promise<void>][] = [
  [
    "createProgram",
    "create_1",
    async (bench, store) => {
      const id = bench.host.newId();
      const texts = { blobs: [{ hash: "b", body: "x" }] };
      expect(await store.createProgram({ program: program(id), texts })).toMatchObject({ created: true, row: { id } });
      const other = program(id, { start: "[1]" });
      expect(await store.createProgram({ program: other })).toMatchObject({ created: false });
    },
  ],
  [
    "registerInterpreter",
    "register_1",
    async (bench, store) => {
      const id = bench.host.newId();
      expect(await store.registerInterpreter({ id, engine: "e", lease: LEASE })).toMatchObject({ id, engine: "e" });
      await expect(store.registerInterpreter({ id, engine: "e", lease: LEASE })).rejects.toThrow("exists already");
    },
  ],
  [
    "claimProgram",
    "claim_1",
    async (bench) => {
      const id = bench.host.newId();
      await bench.store.createProgram({ program: program(id) });
      const row = await bench.claim(id);
      expect(row.owner).toBe(bench.interpreter);
      await bench.step(row);
    },
  ],
  [
    "releaseProgram",
    "release_1",
    async (bench, store) => {
      const row = await bench.owned();
      const release = { program: row.id, interpreter: bench.interpreter, term: row.term };
      expect(await store.releaseProgram(release)).toBe(true);
      expect(await store.releaseProgram(release)).toBe(false);
    },
  ],
  [
    "deliver",
    "deliver_1",
    async (bench, store) => {
      const row = await bench.step(await bench.owned(), { effects: [effect("k")] });
      expect(await bench.answer(row, "k")).toMatchObject({ outcome: "delivered" });
      expect(await bench.answer(row, "k", "2")).toEqual({ outcome: "already-settled" });
      expect(await store.readInbox({ program: row.id })).toHaveLength(1);
    },
  ],
  [
    "putCommand",
    "deliver_1",
    async (bench) => {
      const row = await bench.owned();
      expect(await bench.command(row, "pause", "c")).toMatchObject({ outcome: "delivered" });
      expect(await bench.command(row, "pause", "c")).toEqual({ outcome: "duplicate" });
    },
  ],
  [
    "claimEffects",
    "claim_effects_1",
    async (bench, store) => {
      await bench.step(await bench.owned(), { effects: [effect("k"), effect("k2", { state: "sending" })] });
      const claim = { owner: bench.interpreter, limit: 9, queues: ["default"], capabilities: ["http"] };
      expect(await store.claimEffects(claim)).toMatchObject([{ key: "k", term: 1, attempts: 1 }]);
      expect(await store.claimEffects(claim)).toEqual([]);
    },
  ],
  [
    "settleEffect",
    "settle_1",
    async (bench, store) => {
      const row = await bench.step(await bench.owned(), { effects: [effect("k", { state: "sending" })] });
      const settle = { key: "k", owner: bench.interpreter, term: 1, outcome: "ok", body: "7" } as const;
      expect(await store.settleEffect(settle)).toEqual({ outcome: "settled" });
      expect(await store.settleEffect(settle)).toEqual({ outcome: "already-settled" });
      expect(await store.readInbox({ program: row.id })).toHaveLength(1);
    },
  ],
  [
    "postponeEffect",
    "postpone_1",
    async (bench, store) => {
      await bench.step(await bench.owned(), { effects: [effect("k", { state: "sending" })] });
      const postpone = { key: "k", owner: bench.interpreter, term: 1, due: 5 };
      expect(await store.postponeEffect(postpone)).toBe(true);
      expect(await store.postponeEffect(postpone)).toBe(false);
    },
  ],
  [
    "claimPrograms",
    "claim_programs_3",
    async (bench, store) => {
      const owner = await bench.owned();
      bench.host.clock.time += LEASE + 1;
      await bench.register();
      const id = bench.host.newId();
      await store.createProgram({ program: program(id) });
      const wish = { interpreter: bench.interpreter, limit: 9, queues: [{ name: "default", limit: 9 }] };
      const { claimed } = await store.claimPrograms(wish);
      expect(claimed.map(({ row, takenOver }) => [row.id, row.term, takenOver])).toEqual([
        [owner.id, 2, true],
        [id, 1, false],
      ]);
      expect((await store.claimPrograms(wish)).claimed).toEqual([]);
    },
  ],
  [
    "releasePrograms",
    "release_programs_1",
    async (bench, store) => {
      const { id, term } = await bench.owned();
      const release = { interpreter: bench.interpreter, programs: [{ program: id, term }] };
      expect(await store.releasePrograms(release)).toEqual([id]);
      expect(await store.releasePrograms(release)).toEqual([]);
    },
  ],
  [
    "collectPrograms",
    "collect_1",
    async (bench, store) => {
      const row = await bench.step(await bench.owned(), { after: { status: "done" } });
      bench.host.clock.time += 10;
      const before = bench.host.clock.time;
      expect(await store.collectPrograms({ before, limit: 9 })).toMatchObject([{ id: row.id }]);
      expect(await store.collectPrograms({ before, limit: 9 })).toEqual([]);
      expect(await bench.answer(row, "k")).toEqual({ outcome: "gone", status: "done" });
    },
  ],
  [
    "retireInterpreter",
    "retire_1",
    async (bench, store) => {
      const row = await bench.owned();
      await store.retireInterpreter({ interpreter: bench.interpreter });
      expect((await bench.row(row.id)).owner).toBeNull();
    },
  ],
];

it.each(CALLS.flatMap(([name, text, call]) => CUTS.map((how) => [name, how, text, call] as const)))(
  "%s answers as if nothing had happened: cut %s",
  (_, how, text, call) =>
    withBench((bench, store) => {
      pooler.cut(text, how);
      return call(bench, store);
    }),
);

it("says that it does not know when no server is left to ask, and can be asked again", async () => {
  const own = await Pooler.start(await postgresUrl(), 2);
  const host = new TestHost();
  const { store } = await openTestPostgres(host, { via: own.through(await postgresUrl()), patience: 200 });
  const bench = new Bench(store, host);
  const interpreter = await bench.register();
  const row = await bench.owned();
  const batch = { id: host.newId() };
  const beside = await openTestPostgres(host, { beside: store.url });
  own.cut("commit_2", "after");
  own.refuse();
  await expect(bench.commit([turnOf(row)], batch)).rejects.toMatchObject({ code: "store/unknown-outcome" });
  await own.stop();
  const again = new Bench(beside.store, host);
  again.interpreter = interpreter;
  expect((await again.commit([turnOf(row)], { ...batch, again: true })).committed).toEqual([row.id]);
  expect(await again.row(row.id)).toMatchObject({ turn: 1, position: 2 });
  await store.close();
  await beside.remove();
});
