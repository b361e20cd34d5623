// What every store promises about claiming many programs at a time, and about saying what there is to do (E-2, E-12, E-15).

import { expect, it } from "vitest";
import type { NewProgram } from "../../src/store/rows.ts";
import { type Bench, effect, LEASE, program, turnOf } from "./support.ts";

export function describeClaims(get: () => Bench): void {
  const create = async (change: Partial<NewProgram> = {}): Promise<string> => {
    const id = get().host.newId();
    await get().store.createProgram({ program: program(id, change) });
    return id;
  };
  const claim = async (queues: Record<string, number>, limit: number, suspects = false) => {
    const { store, interpreter } = get();
    const wish = { interpreter, limit, queues: Object.entries(queues).map(([name, most]) => ({ name, limit: most })) };
    return store.claimPrograms({ ...wish, suspects });
  };
  const ids = ({ claimed }: Awaited<ReturnType<typeof claim>>) => claimed.map(({ row }) => row.id);
  const work = (capabilities = ["http"]) =>
    get().store.readWork({ interpreter: get().interpreter, queues: ["default", "mail"], capabilities });

  it("claims the best of each queue in turns, by priority, then age, within the limits", async () => {
    const [a, b] = [await create(), await create({ priority: 2 })];
    const [c, d] = [await create({ priority: 2 }), await create()];
    const [e, f] = [await create({ queue: "mail" }), await create({ queue: "mail", priority: -1 })];
    await create({ queue: "other" });
    const first = await claim({ default: 9, mail: 9 }, 3);
    expect(ids(first)).toEqual([b, e, c]);
    expect(first.claimed[0]).toMatchObject({
      takenOver: false,
      row: { owner: get().interpreter, term: 1, crashes: 0 },
    });
    expect(await get().row(b)).toEqual(first.claimed[0].row);
    expect(ids(await claim({ default: 1, mail: 0 }, 9))).toEqual([a]);
    expect(ids(await claim({ mail: 9, default: 9 }, 9))).toEqual([f, d]);
    expect(await claim({ mail: 9, default: 9 }, 9)).toEqual({ leaseLost: false, claimed: [] });
  });

  it("claims exactly what is listed as claimable, once, and nothing of an interpreter that lives", async () => {
    const bench = get();
    const rest = async (after: object) => {
      const row = await bench.owned();
      await bench.step(row, { after: { release: true, ...after } });
      return row.id;
    };
    const now = bench.host.clock.time;
    await rest({});
    const cut = await rest({ cut: true, status: "ready" });
    const due = await rest({ wake: now + 10 });
    const told = await rest({});
    await bench.answer({ id: told }, "k");
    await bench.answer({ id: told }, "k2");
    const paused = await rest({ status: "paused" });
    await bench.answer({ id: paused }, "k");
    const owned = await bench.owned();
    await bench.answer(owned, "k");
    bench.host.clock.time = now + 10;
    await bench.register();
    expect(ids(await claim({ default: 9 }, 9))).toEqual([cut, due, told]);
    expect(await work()).toMatchObject({ claimable: false, addressed: [told] });
    await bench.command({ id: paused }, "resume");
    expect(ids(await claim({ default: 9 }, 9))).toEqual([paused]);
  });

  it("takes over from an expired owner, and what that one was sending can be claimed", async () => {
    const bench = get();
    const row = await bench.owned();
    await bench.step(row, { effects: [effect("sent", { state: "sending" })] });
    await bench.answer(row, "k");
    bench.host.clock.time += LEASE + 1;
    await bench.register();
    const taken = await claim({ default: 9 }, 9);
    expect(taken.claimed).toMatchObject([{ takenOver: true, row: { id: row.id, term: 2, crashes: 1 } }]);
    expect(await bench.store.readEffect({ key: "sent" })).toMatchObject({ owner: null, state: "sending" });
  });

  it("keeps suspects apart: what two owners in a row have died on", async () => {
    const bench = get();
    const { id } = await bench.owned();
    const die = async () => {
      bench.host.clock.time += LEASE + 1;
      await bench.register();
    };
    await die();
    expect(ids(await claim({ default: 9 }, 9))).toEqual([id]);
    await die();
    expect(await work()).toMatchObject({ claimable: false, suspects: true });
    expect(ids(await claim({ default: 9 }, 9))).toEqual([]);
    const suspects = await claim({ default: 9 }, 9, true);
    expect(suspects.claimed).toMatchObject([{ takenOver: true, row: { id, crashes: 2 } }]);
    await bench.store.releasePrograms({ interpreter: bench.interpreter, programs: [{ program: id, term: 3 }] });
    expect(ids(await claim({ default: 9 }, 9))).toEqual([]);
    const again = await claim({ default: 9 }, 9, true);
    expect(again.claimed).toMatchObject([{ takenOver: false, row: { id, crashes: 2, term: 4 } }]);
    await bench.commit([turnOf(again.claimed[0].row, { after: { cut: true, release: true } })]);
    expect(ids(await claim({ default: 9 }, 9))).toEqual([id]);
  });

  it("takes nothing for an interpreter whose row is gone", async () => {
    const bench = get();
    const id = await create();
    await bench.store.retireInterpreter({ interpreter: bench.interpreter });
    expect(await claim({ default: 9 }, 9)).toEqual({ leaseLost: true, claimed: [] });
    expect(await bench.row(id)).toMatchObject({ owner: null, term: 0 });
  });

  it("releases many programs, those that are its own, with what it was sending for them", async () => {
    const bench = get();
    const [a, b, c] = [await bench.owned(), await bench.owned(), await bench.owned()];
    await bench.step(a, { effects: [effect("a", { state: "sending" })] });
    await bench.step(b, { effects: [effect("b", { state: "sending" })] });
    const other = bench.interpreter;
    await bench.register();
    const mine = await bench.owned();
    const programs = [a, { ...b, term: 7 }, mine].map(({ id, term }) => ({ program: id, term }));
    expect(await bench.store.releasePrograms({ interpreter: other, programs })).toEqual([a.id]);
    const owners = async () => Promise.all([a, b, c, mine].map(async ({ id }) => (await bench.row(id)).owner));
    expect(await owners()).toEqual([null, other, other, bench.interpreter]);
    expect(await bench.store.readEffect({ key: "a" })).toMatchObject({ owner: null, state: "sending" });
    expect(await bench.store.readEffect({ key: "b" })).toMatchObject({ owner: other });
  });

  it("claims of the programs with the same text of a label so many as are free, whoever owns the others, and the next behind", async () => {
    const bench = get();
    const of = (customer: string, change: Partial<NewProgram> = {}) => create({ labels: { customer }, ...change });
    const [a1, a2, a3] = [await of("a"), await of("a"), await of("a")];
    const [b1, plain, other] = [await of("b"), await create({ labels: { a: "a" } }), await of("a", { queue: "mail" })];
    const wish = (limit: number, most = 9) => ({
      interpreter: bench.interpreter,
      limit: most,
      queues: [{ name: "default", limit: 9, per: { label: "customer", limit } }],
    });
    const first = bench.interpreter;
    expect(ids(await bench.store.claimPrograms(wish(1, 2)))).toEqual([a1, b1]);
    await bench.register();
    // Another interpreter counts what the first one owns; programs without the label are not limited.
    expect(ids(await bench.store.claimPrograms(wish(1)))).toEqual([plain]);
    expect(ids(await bench.store.claimPrograms(wish(2)))).toEqual([a2]);
    expect(ids(await bench.store.claimPrograms(wish(2)))).toEqual([]);
    const row = await bench.row(a1);
    await bench.store.releasePrograms({ interpreter: first, programs: [{ program: a1, term: row.term }] });
    expect(ids(await bench.store.claimPrograms(wish(2)))).toEqual([a1]);
    // The limit is of one queue.
    const mail = { ...wish(1), queues: [{ name: "mail", limit: 9, per: { label: "customer", limit: 1 } }] };
    expect(ids(await bench.store.claimPrograms(mail))).toEqual([other]);
    // What a dead one owns is not counted, and can be claimed as far as the limit goes.
    bench.host.clock.time += LEASE + 1;
    await bench.register();
    expect(ids(await bench.store.claimPrograms(wish(2, 3)))).toEqual([a1, a2, b1]);
    expect(ids(await bench.store.claimPrograms(wish(9)))).toEqual([a3, plain]);
  });

  it("looks past many programs whose text has reached its limit", async () => {
    const bench = get();
    for (let i = 0; i < 300; i++) await create({ labels: { "the customer's": "a" }, priority: 1 });
    const [b, c] = [await create({ labels: { "the customer's": "b" } }), await create()];
    const queues = [
      { name: "mail", limit: 9 },
      { name: "default", limit: 9, per: { label: "the customer's", limit: 2 } },
    ];
    const wish = { interpreter: bench.interpreter, limit: 2, queues };
    expect((await bench.store.claimPrograms(wish)).claimed.map(({ row }) => row.labels)).toMatchObject([{}, {}]);
    expect(ids(await bench.store.claimPrograms(wish))).toEqual([b, c]);
    expect(ids(await bench.store.claimPrograms(wish))).toEqual([]);
  });

  it("disowns what an interpreter had in memory, and counts a crash for the program that was evaluated", async () => {
    const bench = get();
    const [a, b, c] = [await bench.owned(), await bench.owned(), await bench.owned()];
    for (const [row, key] of [
      [a, "a"],
      [b, "b"],
    ] as const)
      await bench.step(row, { effects: [effect(key, { state: "sending" })] });
    const first = bench.interpreter;
    await bench.register();
    const other = await bench.owned();
    await bench.store.disownPrograms({ interpreter: first, crashed: c.id, except: [b.id] });
    const states = async () =>
      (await Promise.all([a, b, c, other].map(({ id }) => bench.row(id)))).map(({ owner, crashes }) => [
        owner,
        crashes,
      ]);
    expect(await states()).toEqual([
      [null, 0],
      [first, 0],
      [null, 1],
      [bench.interpreter, 0],
    ]);
    expect(await bench.store.readEffect({ key: "a" })).toMatchObject({ owner: null, state: "sending" });
    expect(await bench.store.readEffect({ key: "b" })).toMatchObject({ owner: first, state: "sending" });
    // The lease goes on, what was not released can be committed, and who is not its own any more has no crash.
    const kept = await bench.row(b.id);
    await bench.store.disownPrograms({ interpreter: first, crashed: c.id, except: [b.id] });
    await bench.store.disownPrograms({ interpreter: first, crashed: b.id, except: [b.id] });
    expect(await states()).toMatchObject([[null, 0], [first, 1], [null, 1], {}]);
    const settled = { key: "b", owner: first, term: (await bench.store.readEffect({ key: "b" }))!.term };
    expect(await bench.store.settleEffect({ ...settled, outcome: "ok", body: "1" })).toEqual({ outcome: "settled" });
    expect(kept.term).toBe(b.term);
    await bench.store.disownPrograms({ interpreter: first, crashed: null, except: [] });
    expect(await states()).toMatchObject([[null, 0], [null, 1], [null, 1], {}]);
    expect(ids(await claim({ default: 9 }, 9)).sort()).toEqual([b.id, c.id].sort());
  });

  it("says what there is to do, and when there will be something, without taking it", async () => {
    const bench = get();
    const now = bench.host.clock.time;
    const nothing = { time: now, claimable: false, suspects: false, effects: false, addressed: [], next: null };
    expect(await work()).toEqual(nothing);
    const row = await bench.owned();
    const effects = [effect("k", { due: now + 90 }), effect("other", { capability: "foreign:x" })];
    await bench.step(row, { effects, after: { wake: now + 50, release: true } });
    const owned = await bench.owned();
    await bench.step(owned, { after: { wake: now + 20 } });
    expect(await work()).toEqual({ ...nothing, next: now + 50 });
    expect(await work(["foreign:x"])).toMatchObject({ effects: true });
    bench.host.clock.time = now + 50;
    expect(await work()).toEqual({ ...nothing, time: now + 50, claimable: true, next: now + 90 });
    bench.host.clock.time = now + 90;
    expect(await work()).toMatchObject({ effects: true, next: null });
    await bench.answer(owned, "k9");
    expect((await work()).addressed).toEqual([owned.id]);
    const taking = { owner: bench.interpreter, limit: 9, queues: ["default"], capabilities: ["http"] };
    expect((await bench.store.claimEffects(taking)).map(({ key }) => key)).toEqual(["k"]);
    expect(await work()).toMatchObject({ effects: false });
    bench.host.clock.time += LEASE + 91;
    expect(await work()).toMatchObject({ effects: true });
  });
}
