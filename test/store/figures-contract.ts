// What every store promises about the figures of those who watch over it.
import { expect, it } from "vitest";
import type { NewProgram } from "../../src/store/rows.ts";
import { type Bench, effect, LEASE, program } from "./support.ts";

export function describeFigures(get: () => Bench): void {
  const create = async (change: Partial<NewProgram> = {}): Promise<string> => {
    const id = get().host.newId();
    await get().store.createProgram({ program: program(id, change) });
    return id;
  };
  const figures = (...queues: string[]) => get().store.readFigures({ queues });

  it("answers zeros for an empty store", async () => {
    const time = get().host.clock.time;
    const queues = [{ queue: "default", claimable: 0, since: null }];
    const empty = { programs: [], crashed: 0, effects: [], interpreters: 1 };
    expect(await figures("default")).toEqual({ time, ...empty, queues });
  });

  it("counts programs that are not over by queue and status, those of local queues together", async () => {
    const bench = get();
    await create();
    await create({ queue: "mail" });
    await create({ queue: "local:a" });
    await create({ queue: "local:b" });
    await create({ queue: "locals" });
    await bench.step(await bench.owned(), { after: { release: true } });
    await bench.step(await bench.owned({ queue: "mail" }), { after: { status: "faulted", release: true } });
    const twice = await bench.step(await bench.owned({ queue: "mail" }), {});
    await bench.step(twice, { after: { status: "paused" } });
    await bench.step(await bench.owned(), { after: { status: "done", result: "1" } });
    await bench.step(await bench.owned(), { after: { status: "cancelled" } });
    expect((await figures()).programs).toEqual([
      { queue: "default", status: "ready", count: 1 },
      { queue: "default", status: "waiting", count: 1 },
      { queue: "local", status: "ready", count: 2 },
      { queue: "locals", status: "ready", count: 1 },
      { queue: "mail", status: "faulted", count: 1 },
      { queue: "mail", status: "paused", count: 1 },
      { queue: "mail", status: "ready", count: 1 },
    ]);
  });

  it("counts effects that are not settled by capability and state, and interpreters whose leases are good", async () => {
    const bench = get();
    const once = effect("d", { state: "sending", delivery: "at-most-once" });
    const effects = [effect("a"), effect("b"), effect("c", { capability: "foreign:x" }), once];
    await bench.step(await bench.owned(), { effects });
    const settled = [{ key: "a", state: "settled", outcome: "ok", body: "1" }] as const;
    const row = await bench.owned();
    await bench.step(await bench.step(row, { effects: [effect("e")] }), { settled: [{ ...settled[0], key: "e" }] });
    expect((await figures()).effects).toEqual([
      { capability: "foreign:x", state: "pending", count: 1, due: 0 },
      { capability: "http", state: "pending", count: 2, due: 0 },
      { capability: "http", state: "sending", count: 1, due: 0 },
    ]);
    bench.host.clock.time += LEASE + 1;
    await bench.register();
    const claim = { owner: bench.interpreter, limit: 1, queues: ["default"], capabilities: ["http"] };
    await bench.store.claimEffects(claim);
    const { effects: after, interpreters } = await figures();
    expect(interpreters).toBe(1);
    expect(after).toEqual([
      { capability: "foreign:x", state: "pending", count: 1, due: 0 },
      { capability: "http", state: "pending", count: 1, due: 0 },
      { capability: "http", state: "sending", count: 1, due: 0 },
      { capability: "http", state: "unknown", count: 1, due: null },
    ]);
  });

  it("tells how many programs of a queue could be claimed, and since when the oldest has had something to do", async () => {
    const bench = get();
    const begun = bench.host.clock.time;
    const tick = (ms: number): void => {
      bench.host.clock.time += ms;
    };
    const queue = async (name = "default") => (await figures(name)).queues[0];
    const due = await bench.step(await bench.owned(), { after: { wake: begun + 40, release: true } });
    expect(await queue()).toEqual({ queue: "default", claimable: 0, since: null });
    tick(50);
    expect(await queue()).toEqual({ queue: "default", claimable: 1, since: begun + 40 });
    await create({ queue: "mail" });
    await create({ queue: "mail" });
    const told = await bench.step(await bench.owned({ queue: "told" }), { after: { release: true } });
    tick(10);
    await bench.answer(told, "k");
    tick(10);
    await bench.answer(told, "k2");
    await bench.answer(due, "k3");
    expect((await figures("told", "mail", "none")).queues).toEqual([
      { queue: "told", claimable: 1, since: begun + 60 },
      { queue: "mail", claimable: 2, since: begun + 50 },
      { queue: "none", claimable: 0, since: null },
    ]);
    // Woken and told: counted once.
    expect(await queue()).toEqual({ queue: "default", claimable: 1, since: begun + 40 });
    await bench.claim(due.id);
    expect(await queue()).toEqual({ queue: "default", claimable: 0, since: null });
    tick(LEASE + 1);
    expect(await queue()).toMatchObject({ claimable: 1 });
    await bench.register();
    await bench.claim(due.id);
    expect(await figures("default")).toMatchObject({ crashed: 1, queues: [{ claimable: 0 }] });
  });

  it("lists interpreters, the oldest first, also those whose leases ran out", async () => {
    const bench = get();
    const first = bench.interpreter;
    bench.host.clock.time += LEASE + 1;
    const second = await bench.register();
    const listed = await bench.store.listInterpreters();
    expect(listed.map(({ id }) => id)).toEqual([first, second]);
    expect(listed.map(({ expires }) => expires > bench.host.clock.time)).toEqual([false, true]);
    await bench.store.retireInterpreter({ interpreter: first });
    expect(await bench.store.listInterpreters()).toEqual(listed.slice(1));
  });
}
