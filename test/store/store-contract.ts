// What every store promises, as one suite that runs against each of them.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newEntry } from "../../src/journal/codec.ts";
import type { Store } from "../../src/store/store.ts";
import { Bench, effect, LEASE, program, TestHost, turnEntry, turnOf } from "./support.ts";
import { describeClaims } from "./claims-contract.ts";
import { describeLimits } from "./limits-contract.ts";
import { describeFigures } from "./figures-contract.ts";
import { describeMoving } from "./moving-contract.ts";
import { describeRetention } from "./retention-contract.ts";
import { describeChunks } from "./chunks-contract.ts";
import { describeValues } from "./values-contract.ts";

export interface StoreUnderTest {
  readonly name: string;
  /** The schema it writes; default that of the file. */
  readonly schema?: number;
  /** Opens a fresh store; the answered function removes it. */
  open(host: TestHost): Promise<{ store: Store; remove: () => Promise<void> }>;
}

export function describeStore(under: StoreUnderTest): void {
  describe(`${under.name} store`, () => {
    let bench: Bench;
    let remove: () => Promise<void>;
    beforeEach(async () => {
      const host = new TestHost();
      const opened = await under.open(host);
      bench = new Bench(opened.store, host);
      remove = opened.remove;
      await bench.register();
    });
    afterEach(() => remove());
    const get = (): Bench => bench;
    describePrograms(get);
    describeClaims(get);
    describeCommits(get);
    describeDeliveries(get);
    describeEffects(get);
    describeReading(get, under.schema ?? 8);
    describeFigures(get);
    describeValues(get);
    describeRetention(get);
    describeChunks(get);
    describeMoving(get);
    describeLimits(get);
  });
}

function describePrograms(get: () => Bench): void {
  it("creates a program with its start entry and texts, once for each id", async () => {
    const { store, host } = get();
    const id = host.newId();
    const texts = { blobs: [{ hash: "b1", body: "(print 1)" }], images: [{ hash: "img", body: "{}" }] };
    const first = await store.createProgram({ program: program(id, { labels: { team: "a" } }), texts });
    const again = await store.createProgram({ program: program(id, { name: "other" }) });
    expect(first.created).toBe(true);
    expect(first.row).toMatchObject({ status: "ready", position: 1, turn: 0, term: 0, owner: null, name: "t.fm" });
    expect(again).toEqual({ created: false, row: first.row });
    const journal = await store.readJournal({ program: id });
    expect(journal.map(({ position, kind }) => [position, kind])).toEqual([[0, "start"]]);
    expect(await store.readBlob({ hash: "b1" })).toBe("(print 1)");
    expect(await store.hasImage({ hash: "img" })).toBe(true);
    expect(await store.hasImage({ hash: "other" })).toBe(false);
  });

  it("lets one interpreter claim a program and raises its term each time", async () => {
    const bench = get();
    const row = await bench.owned();
    expect(row).toMatchObject({ term: 1, owner: bench.interpreter });
    const first = bench.interpreter;
    await bench.register();
    const refused = await bench.store.claimProgram({ program: row.id, interpreter: bench.interpreter });
    expect(refused).toEqual({ outcome: "owned", owner: first, expires: bench.host.clock.time + LEASE });
    expect(await bench.store.releaseProgram({ program: row.id, interpreter: first, term: 9 })).toBe(false);
    expect(await bench.store.releaseProgram({ program: row.id, interpreter: first, term: 1 })).toBe(true);
    expect(await bench.claim(row.id)).toMatchObject({ term: 2, owner: bench.interpreter, crashes: 0 });
  });

  it("lets a program be taken over when the lease of its owner has expired, and counts the crash", async () => {
    const bench = get();
    const row = await bench.owned();
    bench.host.clock.time += LEASE + 1;
    await bench.register();
    const claim = await bench.store.claimProgram({ program: row.id, interpreter: bench.interpreter });
    expect(claim).toMatchObject({ outcome: "claimed", takenOver: true, row: { term: 2, crashes: 1 } });
    expect(await bench.step(await bench.row(row.id))).toMatchObject({ crashes: 0, turn: 1 });
  });

  it("keeps a program with its owner while the lease is renewed", async () => {
    const bench = get();
    const row = await bench.owned();
    const owner = bench.interpreter;
    bench.host.clock.time += LEASE - 1;
    expect(await bench.store.renewLease({ interpreter: owner, lease: LEASE })).toBe(true);
    bench.host.clock.time += LEASE - 1;
    await bench.register();
    const claim = await bench.store.claimProgram({ program: row.id, interpreter: bench.interpreter });
    expect(claim).toMatchObject({ outcome: "owned", owner });
  });

  it("releases everything an interpreter owns when it retires", async () => {
    const bench = get();
    const row = await bench.owned();
    await bench.store.retireInterpreter({ interpreter: bench.interpreter });
    expect((await bench.row(row.id)).owner).toBeNull();
    expect(await bench.store.renewLease({ interpreter: bench.interpreter, lease: LEASE })).toBe(false);
    expect(await bench.store.claimProgram({ program: row.id, interpreter: bench.interpreter })).toEqual({
      outcome: "lease-lost",
    });
  });

  it("does not let a finished or missing program be claimed", async () => {
    const bench = get();
    const row = await bench.step(await bench.owned(), { after: { status: "done", result: "42" } });
    expect(row).toMatchObject({ owner: null, result: "42", status: "done" });
    const claim = (id: string) => bench.store.claimProgram({ program: id, interpreter: bench.interpreter });
    expect(await claim(row.id)).toEqual({ outcome: "over", status: "done" });
    expect(await claim(bench.host.newId())).toEqual({ outcome: "missing" });
  });

  it("lists as claimable what never ran, was cut, is due, has deliveries or an open call, and nobody owns", async () => {
    const bench = get();
    const claimable = async () =>
      (await bench.store.listClaimable({ queues: ["default"], limit: 100 })).map((row) => row.id);
    const rest = async (after: Parameters<Bench["step"]>[1]) =>
      (await bench.step(await bench.owned(), { ...after, after: { release: true, ...after?.after } })).id;
    const now = bench.host.clock.time;
    const idle = await rest({});
    const cut = await rest({ after: { cut: true, status: "ready" } });
    const later = await rest({ after: { wake: now + 1000 } });
    const call = await rest({ after: { calls: [{ key: "k", topic: "t", position: 1 }] } });
    const done = await rest({ after: { status: "done" } });
    const delivered = await rest({});
    await bench.answer({ id: delivered }, "k1");
    const paused = await rest({ after: { status: "paused", cut: true } });
    await bench.answer({ id: paused }, "k1");
    const owned = await bench.owned();
    const fresh = bench.host.newId();
    await bench.store.createProgram({ program: program(fresh, { priority: 5 }) });
    const elsewhere = bench.host.newId();
    await bench.store.createProgram({ program: program(elsewhere, { queue: `local:${elsewhere}` }) });

    expect(await claimable()).toEqual([fresh, cut, call, delivered]);
    bench.host.clock.time = now + 1000;
    expect(await claimable()).toEqual([fresh, cut, later, call, delivered]);
    await bench.command({ id: paused }, "resume");
    await bench.command({ id: done }, "resume");
    bench.host.clock.time = now + LEASE + 1000;
    expect(await claimable()).toEqual([fresh, cut, later, call, delivered, paused, owned.id]);
    expect(await claimable()).not.toContain(idle);
    expect((await bench.store.listClaimable({ queues: [`local:${elsewhere}`], limit: 1 }))[0].id).toBe(elsewhere);
  });

  it("finds a program by a unique prefix, in any case and with look-alike letters, or as @last", async () => {
    const bench = get();
    const resolve = (text: string) => bench.store.resolveProgramId({ text });
    expect(await resolve("@last")).toEqual({ outcome: "missing" });
    const ids = ["01234567890000000000000000", "01234567880000000000000000", "7zzzzzzzzz0000000000000000"];
    for (const id of ids) await bench.store.createProgram({ program: program(id) });
    expect(await resolve("7ZZ")).toEqual({ outcome: "found", id: ids[2] });
    expect(await resolve("OL23456788")).toEqual({ outcome: "found", id: ids[1] });
    expect(await resolve("012")).toEqual({ outcome: "ambiguous", ids: [ids[1], ids[0]] });
    expect(await resolve("@last")).toEqual({ outcome: "found", id: ids[2] });
    for (const wrong of ["", "5", "%", "7zz%", "u", "'"]) expect(await resolve(wrong)).toEqual({ outcome: "missing" });
  });

  it("lists programs newest first, by status, queue, name, parent and labels", async () => {
    const bench = get();
    const a = await bench.owned({ name: "a.fm", labels: { team: "x", tier: "1" } });
    const b = await bench.owned({ queue: "other", labels: { team: "x" } });
    const c = await bench.owned({ parent: a.id });
    await bench.step(c, { after: { status: "done" } });
    const list = async (filter: Parameters<typeof bench.store.listPrograms>[0]) =>
      (await bench.store.listPrograms(filter)).map((row) => row.id);
    expect(await list({})).toEqual([c.id, b.id, a.id]);
    expect(await list({ limit: 2 })).toEqual([c.id, b.id]);
    expect(await list({ statuses: ["done", "faulted"] })).toEqual([c.id]);
    expect(await list({ statuses: [] })).toEqual([]);
    expect(await list({ queue: "other" })).toEqual([b.id]);
    expect(await list({ name: "a.fm" })).toEqual([a.id]);
    expect(await list({ parent: a.id })).toEqual([c.id]);
    expect(await list({ labels: { team: "x" } })).toEqual([b.id, a.id]);
    expect(await list({ labels: { team: "x", tier: "1" } })).toEqual([a.id]);
  });
}

function describeCommits(get: () => Bench): void {
  it("commits a turn: entries, counters, summary, and says so", async () => {
    const bench = get();
    const row = await bench.owned();
    const waiting = [{ task: 1, kind: "sleep", what: "5 s", since: 3 }];
    const entries = [newEntry("timer", { ref: 1, due: 2, now: 3 }), turnEntry(1)];
    const batch = { id: bench.host.newId() };
    const turn = turnOf(row, { entries, after: { waiting, wake: 99, branch: 2, error: '["e"]' } });
    const result = await bench.commit([turn], batch);
    const time = bench.host.clock.time;
    expect(result).toEqual({ time, committed: [row.id], lost: [], refused: [], leaseLost: false });
    const after = { turn: 1, position: 3, waiting, wake: 99, branch: 2, error: '["e"]', commitId: batch.id };
    expect(await bench.row(row.id)).toMatchObject(after);
    const journal = await bench.store.readJournal({ program: row.id, from: 1 });
    expect(journal).toEqual(entries.map((entry, i) => ({ ...entry, position: i + 1, time })));
    expect(await bench.store.readJournal({ program: row.id, from: 1, limit: 1 })).toEqual([journal[0]]);
  });

  it("refuses a commit under an older term", async () => {
    const bench = get();
    const row = await bench.owned();
    await bench.claim(row.id);
    await expectLost(bench, turnOf(row));
  });

  it("refuses a commit of a stale turn or position", async () => {
    const bench = get();
    const row = await bench.owned();
    const next = await bench.step(row);
    await expectLost(bench, turnOf(row));
    await expectLost(bench, turnOf({ ...next, position: next.position - 1 }));
    await expectLost(bench, turnOf({ ...next, turn: next.turn + 1 }));
  });

  it("refuses a commit by another owner, or of a program it released or that is over", async () => {
    const bench = get();
    const row = await bench.owned();
    const first = bench.interpreter;
    await bench.register();
    await expectLost(bench, turnOf(row));
    await bench.store.releaseProgram({ program: row.id, interpreter: first, term: 1 });
    bench.interpreter = first;
    await expectLost(bench, turnOf(row));
    const done = await bench.step(await bench.claim(row.id), { after: { status: "cancelled" } });
    await expectLost(bench, turnOf(done));
    await expectLost(bench, turnOf({ ...row, id: bench.host.newId() }));
  });

  it("commits nothing for an interpreter whose row is gone, and tells it", async () => {
    const bench = get();
    const row = await bench.owned();
    bench.host.clock.time += 3_600_000;
    const gone = bench.interpreter;
    await bench.register();
    bench.interpreter = gone;
    const born = { ...turnOf({ id: bench.host.newId(), term: 1, turn: 0, position: 1 }) };
    const result = await bench.commit([turnOf(row), { ...born, birth: program(born.program) }]);
    expect(result).toMatchObject({ committed: [], lost: [row.id, born.program], leaseLost: true });
    expect(await bench.store.readProgram({ program: born.program })).toBeNull();
  });

  it("renews the lease of the writer", async () => {
    const bench = get();
    const row = await bench.owned();
    bench.host.clock.time += LEASE - 1;
    await bench.step(row);
    bench.host.clock.time += LEASE - 1;
    const owner = bench.interpreter;
    await bench.register();
    const claim = await bench.store.claimProgram({ program: row.id, interpreter: bench.interpreter });
    expect(claim).toMatchObject({ outcome: "owned", owner });
  });

  it("lets the other programs of a batch stand when one is lost or refused", async () => {
    const bench = get();
    const [a, b, c, d] = [await bench.owned(), await bench.owned(), await bench.owned(), await bench.owned()];
    await bench.step(a, { effects: [effect("taken")] });
    const refused = turnOf(c, { effects: [effect("taken")], output: [{ branch: 0, number: 0, text: "never" }] });
    const result = await bench.commit([turnOf(a), turnOf(b), refused, turnOf(d)]);
    expect([...result.committed].sort()).toEqual([b.id, d.id].sort());
    expect(result.lost).toEqual([a.id]);
    expect(result.refused.map(({ program }) => program)).toEqual([c.id]);
    expect(result.refused[0].error).toMatchObject({ code: "store/commit-refused" });
    expect(await bench.row(c.id)).toEqual(c);
    expect(await bench.store.readOutput({ program: c.id })).toEqual([]);
    expect((await bench.store.readEffect({ key: "taken" }))?.program).toBe(a.id);
  });

  it("joins several turns of one program, all of them or none", async () => {
    const bench = get();
    const row = await bench.owned();
    const second = { ...row, turn: 1, position: 2 };
    const output = (number: number) => [{ branch: 0, number, text: `${number}` }];
    const turns = [turnOf(row, { output: output(0) }), turnOf(second, { output: output(1), after: { wake: 5 } })];
    expect((await bench.commit(turns)).committed).toEqual([row.id]);
    const after = await bench.row(row.id);
    expect(after).toMatchObject({ turn: 2, position: 3, wake: 5, output: 2 });
    const gap = [turnOf(after), turnOf({ ...after, turn: after.turn + 2, position: after.position + 1 })];
    expect((await bench.commit(gap)).refused[0].error).toMatchObject({ code: "store/commit-refused" });
    const repeated = [
      turnOf(after),
      turnOf({ ...after, turn: after.turn + 1, position: after.position + 1 }, { output: output(1) }),
    ];
    expect((await bench.commit(repeated)).refused).toHaveLength(1);
    expect(await bench.row(row.id)).toEqual(after);
  });

  it("refuses entries out of their order", async () => {
    const bench = get();
    const row = await bench.owned();
    const done = newEntry("done", { result: "1" });
    const start = newEntry("start", { source: null, name: "x", args: "1", image: "i", versions: VERSIONS_TEXT });
    const answer = newEntry("answer", { key: "k", outcome: "ok", body: "1" });
    for (const entries of [[start, turnEntry(1)], [turnEntry(1), answer], [turnEntry(1), done, done], [answer], []]) {
      expect((await bench.commit([turnOf(row, { entries })])).refused).toHaveLength(1);
    }
    expect(await bench.row(row.id)).toEqual(row);
  });

  it("creates a program in the commit of its first turn", async () => {
    const bench = get();
    const id = bench.host.newId();
    const first = turnOf({ id, term: 1, turn: 0, position: 1 }, { birth: program(id) });
    const second = turnOf({ id, term: 1, turn: 1, position: 2 }, { after: { status: "done", result: "1" } });
    expect((await bench.commit([first, second])).committed).toEqual([id]);
    expect(await bench.row(id)).toMatchObject({ status: "done", owner: null, turn: 2, position: 3, term: 1 });
    const kinds = (await bench.store.readJournal({ program: id })).map((entry) => entry.kind);
    expect(kinds).toEqual(["start", "turn", "turn"]);
    expect((await bench.commit([first])).lost).toEqual([id]);
  });

  it("claims an unowned program in the commit of its turn", async () => {
    const bench = get();
    const row = await bench.step(await bench.owned(), { after: { release: true } });
    expect(row.owner).toBeNull();
    const claimed = await bench.step(row, { claim: true });
    expect(claimed).toMatchObject({ owner: bench.interpreter, term: 2, turn: 2 });
    await expectLost(bench, turnOf(claimed, { claim: true }));
    await bench.store.releaseProgram({ program: row.id, interpreter: bench.interpreter, term: 2 });
    const rest = await bench.step(await bench.row(row.id), { claim: true, after: { release: true } });
    expect(rest).toMatchObject({ owner: null, term: 3, turn: 3 });
  });

  it("counts as committed what an earlier sending of the same batch has committed", async () => {
    const bench = get();
    const [a, b] = [await bench.owned(), await bench.owned()];
    const id = bench.host.newId();
    await bench.commit([turnOf(a)], { id });
    const again = await bench.commit([turnOf(a), turnOf(b)], { id, again: true });
    expect([...again.committed].sort()).toEqual([a.id, b.id].sort());
    expect(await bench.row(a.id)).toMatchObject({ turn: 1, position: 2 });
    expect(await bench.row(b.id)).toMatchObject({ turn: 1, position: 2 });
    await bench.step(await bench.row(a.id));
    expect((await bench.commit([turnOf(a)], { id, again: true })).lost).toEqual([a.id]);
  });

  it("takes more programs in one batch than fit in one statement", async () => {
    const bench = get();
    const births = Array.from({ length: 600 }, () => bench.host.newId());
    const turns = births.map((id) => turnOf({ id, term: 1, turn: 0, position: 1 }, { birth: program(id) }));
    expect((await bench.commit(turns)).committed).toHaveLength(600);
  });

  it("never lets time go back", async () => {
    const bench = get();
    const row = await bench.owned();
    const before = (await bench.commit([turnOf(row)])).time;
    bench.host.clock.time -= 60_000;
    expect(await bench.store.readTime()).toBe(before);
    expect((await bench.step(await bench.row(row.id))).updated).toBe(before);
  });
}

const VERSIONS_TEXT = ["e", "p", "u"] as const;

async function expectLost(bench: Bench, turn: ReturnType<typeof turnOf>): Promise<void> {
  const before = await bench.store.readProgram({ program: turn.program });
  const journal = await bench.store.readJournal({ program: turn.program });
  const chunk = { branch: 0, number: 77, text: "never" };
  const lost = { ...turn, output: [chunk], effects: [effect("never")], snapshot: { hash: "never", body: "{}" } };
  const result = await bench.commit([{ ...lost, texts: { blobs: [{ hash: "never", body: "never" }] } }]);
  expect(result).toMatchObject({ committed: [], lost: [turn.program], refused: [] });
  expect(await bench.store.readProgram({ program: turn.program })).toEqual(before);
  expect(await bench.store.readJournal({ program: turn.program })).toEqual(journal);
  expect(await bench.store.readEffect({ key: "never" })).toBeNull();
  expect(await bench.store.readBlob({ hash: "never" })).toBeNull();
  const output = await bench.store.readOutput({ program: turn.program });
  expect(output.some((row) => row.text === "never")).toBe(false);
}

function describeDeliveries(get: () => Bench): void {
  it("delivers once under one key, and keeps what arrives before anybody waits", async () => {
    const bench = get();
    const id = bench.host.newId();
    await bench.store.createProgram({ program: program(id) });
    expect(await bench.answer({ id }, "early", '["v",1]')).toMatchObject({ outcome: "delivered" });
    expect(await bench.answer({ id }, "early", "2")).toEqual({ outcome: "duplicate" });
    const [row] = await bench.store.readInbox({ program: id });
    expect(row).toMatchObject({ key: "early", kind: "answer", position: null, program: id });
    expect(row.body).toBe('{"key":"early","outcome":"ok","body":["v",1]}');
  });

  it("consumes exactly the inbox rows a turn names", async () => {
    const bench = get();
    const row = await bench.owned();
    for (const key of ["a", "b", "c"]) await bench.answer(row, key);
    const [a, b, c] = await bench.store.readInbox({ program: row.id });
    const entries = [
      newEntry("answer", { key: "c", outcome: "ok", body: "1" }),
      newEntry("answer", { key: "a", outcome: "ok", body: "1" }),
    ];
    const consumed = [
      { id: c.id, position: 1 },
      { id: a.id, position: 2 },
    ];
    const next = await bench.step(row, { entries: [...entries, turnEntry(1)], consumed });
    expect(await bench.store.readInbox({ program: row.id })).toEqual([b]);
    expect(await bench.answer(row, "a")).toEqual({ outcome: "duplicate" });
    const twice = await bench.commit([turnOf(next, { consumed: [{ id: a.id, position: next.position }] })]);
    expect(twice.refused).toHaveLength(1);
    const other = await bench.owned();
    const foreign = await bench.commit([turnOf(other, { consumed: [{ id: b.id, position: other.position }] })]);
    expect(foreign.refused).toHaveLength(1);
    expect(await bench.store.readInbox({ program: row.id })).toEqual([b]);
  });

  it("gives a cancel before what came earlier, at most a thousand rows at once", async () => {
    const bench = get();
    const row = await bench.owned();
    await bench.answer(row, "a");
    await bench.command(row, "pause", "p1");
    await bench.command(row, "cancel", "c1");
    expect(await bench.command(row, "cancel", "c1")).toEqual({ outcome: "duplicate" });
    const keys = (await bench.store.readInbox({ program: row.id })).map(({ key }) => key);
    expect(keys).toEqual(["c1", "a", "p1"]);
    expect(await bench.store.readInbox({ program: row.id, limit: 1 })).toHaveLength(1);
  });

  it("answers `gone` for a finished program and `missing` for none", async () => {
    const bench = get();
    const row = await bench.step(await bench.owned(), { after: { status: "cancelled" } });
    expect(await bench.answer(row, "k")).toEqual({ outcome: "gone", status: "cancelled" });
    expect(await bench.command(row, "cancel")).toEqual({ outcome: "gone", status: "cancelled" });
    expect(await bench.answer({ id: bench.host.newId() }, "k")).toEqual({ outcome: "missing" });
  });

  it("does not commit an answer from memory when one for the same key lies in the inbox", async () => {
    const bench = get();
    const row = await bench.owned();
    await bench.answer(row, "k");
    await expectLost(bench, turnOf(row, { answered: ["other", "k"] }));
    const next = await bench.step(row, { answered: ["other"] });
    const [{ id }] = await bench.store.readInbox({ program: row.id });
    const entries = [newEntry("answer", { key: "k", outcome: "ok", body: "1" }), turnEntry(2)];
    const after = await bench.step(next, { entries, consumed: [{ id, position: next.position }] });
    await bench.step(after, { answered: ["k"] });
  });

  it("wakes a watcher after a delivery, not after turns committed here", async () => {
    const bench = get();
    const row = await bench.owned();
    let calls = 0;
    let wake: (programs?: readonly string[]) => void = () => undefined;
    const woken = new Promise<readonly string[] | undefined>((resolve) => {
      wake = resolve;
    });
    const stop = await bench.store.watch((programs) => {
      calls++;
      wake(programs);
    });
    const next = await bench.step(row);
    await new Promise((resolve) => bench.host.clock.after(60, () => resolve(undefined)));
    expect(calls).toBe(0);
    await bench.answer(next, "k");
    expect(await woken).toEqual([row.id]);
    await stop();
    const before = calls;
    await bench.answer(row, "k2");
    await new Promise((resolve) => bench.host.clock.after(60, () => resolve(undefined)));
    expect(calls).toBe(before);
  });
}

function describeEffects(get: () => Bench): void {
  const everything = { queues: ["default"], capabilities: ["http"], limit: 10 };

  it("writes effects with their turn: pending, or born claimed by the interpreter", async () => {
    const bench = get();
    const row = await bench.owned();
    await bench.step(row, { effects: [effect("k1"), effect("k2", { state: "sending" })] });
    const first = await bench.store.readEffect({ key: "k1" });
    expect(first).toMatchObject({ state: "pending", owner: null, term: 0, attempts: 0, position: 1, queue: "default" });
    expect(await bench.store.readEffect({ key: "k2" })).toMatchObject({
      state: "sending",
      owner: bench.interpreter,
      term: 1,
      attempts: 1,
      payload: '{"url":"http://x"}',
    });
    const pending = await bench.store.listEffects({ program: row.id, states: ["pending"] });
    expect(pending).toEqual([first]);
    expect(await bench.store.listEffects({ program: row.id })).toHaveLength(2);
  });

  it("gives a connector what is due and granted, once", async () => {
    const bench = get();
    const row = await bench.owned();
    const now = bench.host.clock.time;
    await bench.step(row, {
      effects: [effect("now"), effect("later", { due: now + 50 }), effect("other", { capability: "process" })],
    });
    const owner = await bench.register();
    const claim = () => bench.store.claimEffects({ ...everything, owner });
    expect(await claim()).toMatchObject([{ key: "now", state: "sending", owner, term: 1, attempts: 1 }]);
    expect(await claim()).toEqual([]);
    bench.host.clock.time += 50;
    expect(await bench.store.claimEffects({ ...everything, owner, queues: ["x"] })).toEqual([]);
    expect(await bench.store.claimEffects({ ...everything, owner, program: bench.host.newId() })).toEqual([]);
    expect(await claim()).toMatchObject([{ key: "later" }]);
  });

  it("settles under owner and term only, and delivers the answer with it", async () => {
    const bench = get();
    const row = await bench.owned();
    await bench.step(row, { effects: [effect("k")] });
    const [{ owner, term }] = await bench.store.claimEffects({ ...everything, owner: bench.interpreter });
    const settle = (change: object) =>
      bench.store.settleEffect({ key: "k", owner: owner!, term, outcome: "ok", body: '{"a":1}', ...change });
    expect(await settle({ term: term + 1 })).toEqual({ outcome: "lost" });
    expect(await settle({ owner: bench.host.newId() })).toEqual({ outcome: "lost" });
    expect(await settle({ key: "none" })).toEqual({ outcome: "missing" });
    expect(await bench.store.readInbox({ program: row.id })).toEqual([]);
    expect(await settle({})).toEqual({ outcome: "settled" });
    expect(await settle({})).toEqual({ outcome: "already-settled" });
    expect(await bench.answer(row, "k")).toEqual({ outcome: "already-settled" });
    const inbox = await bench.store.readInbox({ program: row.id });
    expect(inbox.map(({ body }) => body)).toEqual(['{"key":"k","outcome":"ok","body":{"a":1}}']);
  });

  describe("what the owner of a program was sending can be claimed when the program is no longer its own", () => {
    type Row = Awaited<ReturnType<Bench["owned"]>>;
    const WAYS: readonly [what: string, lose: (bench: Bench, row: Row) => Promise<unknown>][] = [
      ["a run of the same interpreter takes it", (bench, row) => bench.claim(row.id)],
      ["a commit lets go of it", (bench, row) => bench.step(row, { after: { release: true } })],
      [
        "it is released",
        ({ store, interpreter }, { id, term }) => store.releaseProgram({ program: id, interpreter, term }),
      ],
      [
        "another takes it over, and the lease of its owner comes back",
        async (bench, row) => {
          const first = bench.interpreter;
          bench.host.clock.time += LEASE;
          await bench.register();
          await bench.claim(row.id);
          await bench.store.renewLease({ interpreter: first, lease: LEASE });
        },
      ],
    ];
    it.each(WAYS)("%s", async (_, lose) => {
      const bench = get();
      const [row, other] = [await bench.owned(), await bench.owned()];
      const sending = (key: string) => effect(key, { state: "sending" });
      const after = await bench.step(row, { effects: [sending("k1"), { ...sending("k2"), delivery: "at-most-once" }] });
      await bench.step(other, { effects: [sending("k3")] });
      const first = bench.interpreter;
      expect(await bench.store.claimEffects({ ...everything, owner: first })).toEqual([]);
      await lose(bench, after);
      const claimed = await bench.store.claimEffects({ ...everything, owner: bench.interpreter });
      expect(claimed).toMatchObject([{ key: "k1", state: "sending", owner: bench.interpreter, attempts: 2 }]);
      expect(await bench.store.readEffect({ key: "k2" })).toMatchObject({ state: "unknown" });
      expect(await bench.store.readEffect({ key: "k3" })).toMatchObject({ owner: first, attempts: 1 });
    });
  });

  it("lets the first answer win: a delivery settles an effect under way", async () => {
    const bench = get();
    const row = await bench.owned();
    await bench.step(row, { effects: [effect("k", { state: "sending" })] });
    expect(await bench.answer(row, "k", "7")).toMatchObject({ outcome: "delivered" });
    expect(await bench.store.readEffect({ key: "k" })).toMatchObject({ state: "settled", outcome: "ok", body: "7" });
    const late = { key: "k", owner: bench.interpreter, term: 1, outcome: "ok", body: "8" } as const;
    expect(await bench.store.settleEffect(late)).toEqual({ outcome: "already-settled" });
    await expectLost(bench, turnOf(await bench.row(row.id), { settled: [{ ...late, state: "settled" }] }));
  });

  it("settles from memory in the turn's commit, once", async () => {
    const bench = get();
    const row = await bench.owned();
    const next = await bench.step(row, { effects: [effect("k", { state: "sending" })] });
    const settled = [{ key: "k", state: "settled", outcome: "error", body: '["e"]' }] as const;
    const after = await bench.step(next, { settled });
    const now = { state: "settled", outcome: "error", body: '["e"]', owner: null };
    expect(await bench.store.readEffect({ key: "k" })).toMatchObject(now);
    expect((await bench.commit([turnOf(after, { settled })])).refused).toHaveLength(1);
    const unheard = [{ ...settled[0], key: "none" }];
    expect((await bench.commit([turnOf(after, { settled: unheard })])).refused).toHaveLength(1);
  });

  it("makes and settles an effect in one batch", async () => {
    const bench = get();
    const row = await bench.owned();
    const settled = [{ key: "k", state: "settled", outcome: "ok", body: "1" }] as const;
    const turns = [
      turnOf(row, { effects: [effect("k", { state: "sending" })] }),
      turnOf({ ...row, turn: 1, position: 2 }, { settled }),
    ];
    expect((await bench.commit(turns)).committed).toEqual([row.id]);
    expect(await bench.store.readEffect({ key: "k" })).toMatchObject({ state: "settled", owner: null, position: 1 });
  });

  it("gives a postponed effect again when it is due, to whoever asks", async () => {
    const bench = get();
    const row = await bench.owned();
    await bench.step(row, { effects: [effect("k", { state: "sending" })] });
    const due = bench.host.clock.time + 100;
    const postpone = { key: "k", owner: bench.interpreter, term: 1, due };
    expect(await bench.store.postponeEffect({ ...postpone, term: 2 })).toBe(false);
    expect(await bench.store.postponeEffect(postpone)).toBe(true);
    expect(await bench.store.postponeEffect(postpone)).toBe(false);
    const owner = await bench.register();
    expect(await bench.store.claimEffects({ ...everything, owner })).toEqual([]);
    bench.host.clock.time = due;
    expect(await bench.store.claimEffects({ ...everything, owner })).toMatchObject([
      { key: "k", term: 2, attempts: 2 },
    ]);
  });

  it("sends again what may be sent again when its sender's lease expires", async () => {
    const bench = get();
    const row = await bench.owned();
    await bench.step(row, { effects: [effect("k", { state: "sending" })] });
    bench.host.clock.time += LEASE + 1;
    const owner = await bench.register();
    const claimed = await bench.store.claimEffects({ ...everything, owner, program: row.id });
    expect(claimed).toMatchObject([{ key: "k", state: "sending", owner, term: 2, attempts: 2 }]);
  });

  it("calls unknown what may be sent only once, tells its program, and keeps a late answer", async () => {
    const bench = get();
    const row = await bench.owned();
    await bench.step(row, { effects: [effect("k", { state: "sending", delivery: "at-most-once" })] });
    const sender = bench.interpreter;
    bench.host.clock.time += LEASE + 1;
    const owner = await bench.register();
    expect(await bench.store.claimEffects({ ...everything, owner })).toEqual([]);
    expect(await bench.store.readEffect({ key: "k" })).toMatchObject({ state: "unknown", outcome: "unknown" });
    const told = await bench.store.readInbox({ program: row.id });
    expect(told.map(({ body }) => body)).toEqual(['{"key":"k","outcome":"unknown","body":null}']);
    const late = { key: "k", owner: sender, term: 1, outcome: "ok", body: "5" } as const;
    expect(await bench.store.settleEffect(late)).toEqual({ outcome: "kept" });
    expect(await bench.store.readEffect({ key: "k" })).toMatchObject({ state: "unknown", outcome: "ok", body: "5" });
    expect(await bench.store.readInbox({ program: row.id })).toHaveLength(1);
    expect(await bench.answer(row, "k", "5")).toMatchObject({ outcome: "delivered" });
    expect(await bench.store.readEffect({ key: "k" })).toMatchObject({ state: "settled" });
  });
}

function describeReading(get: () => Bench, schema: number): void {
  it("gives output in commit order, from a serial on, and remembers what a terminal was given", async () => {
    const bench = get();
    const row = await bench.owned();
    const chunk = (branch: number, number: number, text: string) => ({ branch, number, text });
    const next = await bench.step(row, { output: [chunk(0, 0, "a"), chunk(0, 1, "b")] });
    await bench.step(next, { output: [chunk(5, 0, "c")], after: { branch: 5 } });
    const output = await bench.store.readOutput({ program: row.id });
    expect(output.map(({ serial, text }) => [serial, text])).toEqual([
      [1, "a"],
      [2, "b"],
      [3, "c"],
    ]);
    expect(await bench.store.readOutput({ program: row.id, after: 1, limit: 1 })).toEqual([output[1]]);
    const shown = async (serial: number) => {
      await bench.store.markShown({ program: row.id, serial });
      return (await bench.row(row.id)).shown;
    };
    expect(await shown(2)).toBe(2);
    expect(await shown(1)).toBe(2);
    expect(await shown(9)).toBe(2);
    expect(await bench.row(row.id)).toMatchObject({ output: 3 });
  });

  it("gives the latest snapshot at or before a position, and thins old ones", async () => {
    const bench = get();
    let row = await bench.owned();
    expect(await bench.store.readSnapshot({ program: row.id })).toBeNull();
    for (let i = 0; i < 140; i++) row = await bench.step(row, { snapshot: { hash: `h${i}`, body: `{"n":${i}}` } });
    const kept = await bench.store.listSnapshots({ program: row.id });
    expect(kept).toEqual([65, 129, 141]);
    expect(row.snapshot).toBe(141);
    expect(await bench.store.readSnapshot({ program: row.id })).toEqual({
      position: 141,
      turn: 140,
      hash: "h139",
      body: '{"n":139}',
    });
    expect(await bench.store.readSnapshot({ program: row.id, position: 140 })).toMatchObject({ position: 129 });
    expect(await bench.store.readSnapshot({ program: row.id, position: 64 })).toBeNull();
    row = await bench.step(row);
    expect(row).toMatchObject({ snapshot: 141, position: 142 });
  });

  it("answers for many programs at once what their owner needs to go on", async () => {
    const bench = get();
    const [fresh, waiting, busy] = [await bench.owned(), await bench.owned(), await bench.owned()];
    for (let i = 0; i < 3; i++)
      await bench.step(await bench.row(waiting.id), { snapshot: { hash: `h${i}`, body: `{"n":${i}}` } });
    await bench.step(busy, { effects: [effect("e1"), effect("e2")] });
    await bench.answer(busy, "e1");
    const ids = [fresh.id, bench.host.newId(), waiting.id, busy.id];
    const found = new Map((await bench.store.readToRun({ programs: ids })).map((one) => [one.program, one]));
    expect([...found.keys()].sort()).toEqual([fresh.id, waiting.id, busy.id].sort());
    for (const [id, one] of found) {
      expect(one.first).toEqual((await bench.store.readJournal({ program: id, limit: 1 }))[0]);
      expect(one.snapshot).toEqual(await bench.store.readSnapshot({ program: id }));
    }
    const does = (id: string) => [found.get(id)?.addressed, found.get(id)?.open];
    expect([does(fresh.id), does(waiting.id), does(busy.id)]).toEqual([
      [false, false],
      [false, false],
      [true, true],
    ]);
    expect(found.get(waiting.id)?.snapshot).toMatchObject({ turn: 3, body: '{"n":2}' });
    expect(await bench.store.readToRun({ programs: [] })).toEqual([]);
  });

  it("keeps units, images, blobs and chunks from the commit that brought them; what is there stays", async () => {
    const bench = get();
    const row = await bench.owned();
    const units = [{ hash: "u1", code: '{"v":1}', debug: '{"name":"f"}' }];
    const texts = { units, images: [{ hash: "i1", body: "{}" }], blobs: [{ hash: "b1", body: "src" }] };
    const chunks = [{ hash: "c1", body: "[]" }];
    await bench.step(row, { texts, chunks, snapshot: { hash: "h", body: "{}" } });
    const changed = { units: [{ hash: "u1", code: "0", debug: "0" }], blobs: [{ hash: "b1", body: "0" }] };
    await bench.step(await bench.row(row.id), {
      texts: changed,
      chunks: [{ hash: "c1", body: "0" }],
      snapshot: { hash: "h2", body: "{}" },
    });
    await bench.store.writeTexts({ units: [{ hash: "u2", code: "2", debug: "2" }, ...changed.units] });
    expect(await bench.store.readUnit({ hash: "u1" })).toEqual(units[0]);
    expect(await bench.store.readUnit({ hash: "none" })).toBeNull();
    const found = await bench.store.readUnits({ hashes: ["u2", "u1", "none"] });
    expect(found.map(({ hash }) => hash).sort()).toEqual(["u1", "u2"]);
    expect(await bench.store.readImage({ hash: "i1" })).toBe("{}");
    expect(await bench.store.readImage({ hash: "none" })).toBeNull();
    expect(await bench.store.readBlob({ hash: "b1" })).toBe("src");
    expect(await bench.store.readChunks({ program: row.id, hashes: ["c1", "c2"] })).toEqual(chunks);
    expect(await bench.store.readChunks({ program: bench.host.newId(), hashes: ["c1"] })).toEqual([]);
  });

  it("says what it is", async () => {
    const { store } = get();
    const meta = await store.readMeta();
    expect(meta).toMatchObject({ schema, minReader: 1, minWriter: 1, incarnation: 1 });
    expect(meta.clusterId).toMatch(/^[0-9a-z]{26}$/);
  });
}
