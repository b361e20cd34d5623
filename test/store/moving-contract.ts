// What every store promises of programs that move (E-20): part of the contract.
import { expect, it } from "vitest";
import { newEntry } from "../../src/journal/codec.ts";
import { beforeMove } from "../../src/store/moving.ts";
import type { ProgramRow } from "../../src/store/rows.ts";
import { type Bench, effect, LEASE, program, turnEntry, turnOf, VERSIONS } from "./support.ts";

const movedTurn = (turn: number) =>
  newEntry("turn", { turn, versions: VERSIONS, status: "moved", ticks: 0, observations: [], made: [] }).body;

/** A paused program with something in each of its tables, at rest. */
async function travelled(bench: Bench): Promise<ProgramRow> {
  const { store } = bench;
  let row = await bench.owned({ labels: { größe: "1" }, priority: 3 });
  await store.deliver({
    program: row.id,
    key: "taken",
    kind: "message",
    body: '{"key":"taken","name":"n","from":null,"body":1}',
  });
  const [{ id }] = await store.readInbox({ program: row.id });
  const entries = [newEntry("message", { key: "taken", name: "n", from: null, body: "1" }), turnEntry(row.turn + 1)];
  row = await bench.step(row, {
    entries,
    consumed: [{ id, position: row.position }],
    effects: [effect("later"), effect("once", { delivery: "at-most-once", state: "sending" })],
    output: [{ branch: 0, number: 0, text: "é\n\u0000" }],
    snapshot: { hash: "h", body: '{"s":1}' },
    chunks: [{ hash: "c", body: "[1]" }],
    after: { status: "paused", wake: 77, calls: [{ key: "call", topic: "t", position: 2 }], release: true },
  });
  await store.deliver({
    program: row.id,
    key: "open",
    kind: "message",
    body: '{"key":"open","name":"n","from":null,"body":2}',
  });
  return row;
}

export function describeMoving(get: () => Bench): void {
  it("marks a paused program as moved: nobody claims it, its effects or deliveries to it any more", async () => {
    const bench = get();
    const { store } = bench;
    const row = await travelled(bench);
    const before = (await store.readRows({ program: row.id }))!;
    const params = { program: row.id, turn: row.turn, entry: movedTurn(row.turn + 1), to: "elsewhere" };
    expect(await store.moveProgram({ ...params, turn: row.turn + 1 })).toEqual({ outcome: "changed" });
    expect(await store.readRows({ program: row.id })).toEqual(before);
    expect(await store.moveProgram(params)).toEqual({ outcome: "moved" });
    const moved = await bench.row(row.id);
    expect(moved).toMatchObject({
      status: "moved",
      owner: null,
      turn: row.turn + 1,
      position: row.position + 2,
      term: row.term + 1,
    });
    const body = '{"to":"elsewhere","open":[["later","pending"],["once","sending"]]}';
    expect((await store.readJournal({ program: row.id, from: row.position + 1 })).map((entry) => entry.body)).toEqual([
      body,
    ]);
    expect(await store.moveProgram(params)).toEqual({ outcome: "over", status: "moved" });
    const wish = { owner: bench.interpreter, limit: 9, queues: ["default"], capabilities: ["http"] };
    expect(await store.claimEffects(wish)).toEqual([]);
    expect(await store.claimProgram({ program: row.id, interpreter: bench.interpreter })).toMatchObject({
      outcome: "over",
    });
    expect(await store.listClaimable({ queues: ["default"], limit: 9 })).toEqual([]);
    const late = { key: "later", outcome: "ok", body: "1" } as const;
    const answer = { program: row.id, key: "later", kind: "answer", body: newEntry("answer", late).body } as const;
    expect(await store.deliver(answer)).toEqual({ outcome: "gone", status: "moved" });
    const sent = { key: "once", owner: bench.interpreter, term: 1, outcome: "ok", body: "1" } as const;
    expect(await store.settleEffect(sent)).toEqual({ outcome: "already-settled" });
    // What stood in the rows before it was marked can be had again.
    const again = beforeMove((await store.readRows({ program: row.id }))!);
    expect(again.journal).toEqual(before.journal);
    expect(again.effects.map(({ key, state, outcome }) => [key, state, outcome])).toEqual([
      ["later", "pending", null],
      ["once", "sending", null],
    ]);
    expect(again.row).toMatchObject({
      status: "paused",
      position: row.position,
      turn: row.turn,
      wake: 77,
      calls: row.calls,
    });
  });

  it("does not mark what a living interpreter owns, what is not paused, or what is not there", async () => {
    const bench = get();
    const { store, host } = bench;
    const row = await bench.owned();
    const params = { program: row.id, turn: 0, entry: movedTurn(1), to: "x" };
    expect(await store.moveProgram(params)).toEqual({ outcome: "owned" });
    const paused = await bench.step(row, { after: { status: "paused" } });
    expect(await store.moveProgram({ ...params, turn: 1 })).toEqual({ outcome: "owned" });
    host.clock.time += 2 * LEASE;
    expect(await store.moveProgram({ ...params, turn: 1 })).toEqual({ outcome: "moved" });
    // Who had it before commits no more.
    expect((await bench.commit([turnOf(paused)])).committed).toEqual([]);
    expect(await store.moveProgram({ ...params, program: host.newId() })).toEqual({ outcome: "missing" });
    const other = await bench.owned();
    await store.releaseProgram({ program: other.id, interpreter: bench.interpreter, term: other.term });
    expect(await store.moveProgram({ ...params, program: other.id })).toEqual({ outcome: "changed" });
  });

  it("imports all rows of a program, once", async () => {
    const bench = get();
    const { store } = bench;
    const row = await travelled(bench);
    const rows = (await store.readRows({ program: row.id }))!;
    const texts = { units: [{ hash: "u", code: "{}", debug: "{}" }], blobs: [{ hash: "b", body: "text" }] };
    expect(await store.importProgram({ rows, texts })).toMatchObject({ imported: false, row: { id: row.id } });
    expect(await store.importProgram({ rows, texts, cameBack: true })).toMatchObject({ imported: false });
    expect(await store.readBlob({ hash: "b" })).toBe(null);
    await store.moveProgram({ program: row.id, turn: row.turn, entry: movedTurn(row.turn + 1), to: "x" });
    expect(await store.importProgram({ rows, texts })).toMatchObject({ imported: false, row: { status: "moved" } });
    expect(await store.importProgram({ rows, texts, cameBack: true })).toEqual({ imported: true });
    expect(await store.readBlob({ hash: "b" })).toBe("text");
    const back = (await store.readRows({ program: row.id }))!;
    const plain = (all: typeof rows) => ({
      ...all,
      row: { ...all.row, commitId: null },
      inbox: all.inbox.map((one) => ({ ...one, id: 0 })),
      effects: all.effects.map((one) => ({ ...one, owner: null })),
    });
    expect(plain(back)).toEqual(plain(rows));
    // Its keys are taken still, and what was open is open.
    const taken = { program: row.id, kind: "message", body: '{"key":"k","name":"n","from":null,"body":1}' } as const;
    expect(await store.deliver({ ...taken, key: "taken" })).toEqual({ outcome: "duplicate" });
    expect((await store.readInbox({ program: row.id })).map(({ key }) => key)).toEqual(["open"]);
    expect(await store.readSnapshot({ program: row.id })).toMatchObject({ hash: "h", turn: 1 });
  });

  it("imports nothing of a program whose rows cannot be stored", async () => {
    const bench = get();
    const { store, host } = bench;
    const row = await travelled(bench);
    const rows = (await store.readRows({ program: row.id }))!;
    const id = host.newId();
    // Its effects have keys that the other program's have.
    const stolen = { rows: { ...rows, row: { ...rows.row, id } }, texts: { blobs: [{ hash: "b", body: "text" }] } };
    await expect(store.importProgram(stolen)).rejects.toThrow();
    const broken = { ...rows, effects: [], journal: [{ ...rows.journal[0], body: "é" }], row: { ...rows.row, id } };
    await expect(store.importProgram({ rows: broken, texts: {} })).rejects.toMatchObject({ code: "store/bad-value" });
    expect(await store.readProgram({ program: id })).toBe(null);
    expect(await store.readBlob({ hash: "b" })).toBe(null);
    expect(await store.readRows({ program: id })).toBe(null);
    expect((await store.createProgram({ program: program(id) })).created).toBe(true);
  });
}
