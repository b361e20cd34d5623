// What every store promises of forks, compaction and collecting (E-3, E-19): part of the contract.
import { expect, it } from "vitest";
import { sha256 } from "../../src/base/hash.ts";
import { newEntry } from "../../src/journal/codec.ts";
import type { ProgramRow } from "../../src/store/rows.ts";
import { type Bench, effect, program, turnEntry, turnOf } from "./support.ts";

const DAY = 86_400_000;
const answer = (key: string, body: string) => ({
  key,
  body: newEntry("answer", { key, outcome: "ok", body }).body,
});

/** A turn that ends with a base. */
function compacting(row: ProgramRow, hash = "h") {
  const position = row.position + 2;
  return turnOf(row, {
    entries: [turnEntry(row.turn + 1), newEntry("base", { hash, position })],
    snapshot: { hash: "h", body: '{"base":true}' },
  });
}

const positions = async ({ store }: Bench, id: string): Promise<number[]> =>
  (await store.readJournal({ program: id })).map(({ position }) => position);

export function describeRetention(get: () => Bench): void {
  it("creates a fork with its state, the answers it is given first, and the effects it makes anew, in one commit", async () => {
    const bench = get();
    const { store, host } = bench;
    const id = host.newId();
    const fork = {
      snapshot: { hash: "h", body: '{"state":1}' },
      answers: [answer("k2", "2"), answer("k1", "1")],
      effects: [effect("new", { due: 5 })],
    };
    const created = await store.createProgram({ program: program(id, { fork, queue: "q" }) });
    expect(created.row).toMatchObject({ position: 1, base: 1, snapshot: 1, turn: 0, status: "ready", owner: null });
    expect(await store.readSnapshot({ program: id })).toEqual({ position: 1, turn: 0, ...fork.snapshot });
    const inbox = await store.readInbox({ program: id });
    expect(inbox.map(({ key, kind, body }) => ({ key, kind, body }))).toEqual(
      fork.answers.map((one) => ({ ...one, kind: "answer" })),
    );
    expect(await store.readEffect({ key: "new" })).toMatchObject({
      ...fork.effects[0],
      program: id,
      queue: "q",
      position: 0,
      attempts: 0,
      owner: null,
    });
    expect((await store.createProgram({ program: program(id, { fork }) })).created).toBe(false);
    expect((await store.listClaimable({ queues: ["q"], limit: 9 })).map((row) => row.id)).toEqual([id]);
    // The state it began with stays, whatever else is thinned out.
    let row = await bench.claim(id);
    for (let i = 0; i < 70; i++) row = await bench.step(row, { snapshot: { hash: "s", body: "{}" } });
    expect(await store.listSnapshots({ program: id })).toEqual([1, 65, 71]);
  });

  it("lets a journal begin at a base: older snapshots go with it, older entries by and by, in slices", async () => {
    const bench = get();
    const { store } = bench;
    let row = await bench.owned();
    for (let i = 0; i < 5; i++) row = await bench.step(row, { snapshot: { hash: "s", body: "{}" } });
    expect((await bench.commit([compacting(row)])).committed).toEqual([row.id]);
    row = await bench.row(row.id);
    expect(row).toMatchObject({ base: 8, position: 8, snapshot: 8 });
    expect(await store.listSnapshots({ program: row.id })).toEqual([8]);
    expect(await store.trimJournal({ program: row.id, limit: 2 })).toBe(2);
    expect(await positions(bench, row.id)).toEqual([0, 3, 4, 5, 6, 7]);
    expect(await store.trimJournal({ program: row.id, limit: 100 })).toBe(4);
    expect(await store.trimJournal({ program: row.id, limit: 100 })).toBe(0);
    row = await bench.step(row);
    expect(row).toMatchObject({ base: 8, position: 9 });
    const journal = await store.readJournal({ program: row.id });
    expect(journal.map(({ position, kind }) => [position, kind])).toEqual([
      [0, "start"],
      [7, "base"],
      [8, "turn"],
    ]);
    expect((await store.readJournal({ program: row.id, from: 8, limit: 1 }))[0].position).toBe(8);
    expect((await store.readJournal({ program: row.id, from: 3, limit: 1 }))[0].position).toBe(7);
    for (let i = 0; i < 70; i++) row = await bench.step(row, { snapshot: { hash: "s", body: "{}" } });
    expect((await store.listSnapshots({ program: row.id }))[0]).toBe(8);
    expect(await store.readSnapshot({ program: row.id, position: 8 })).toMatchObject({ body: '{"base":true}' });
    await bench.commit([compacting(row)]);
    expect(await store.listSnapshots({ program: row.id })).toEqual([row.position + 2]);
    await store.trimJournal({ program: row.id, limit: 1000 });
    expect(await positions(bench, row.id)).toEqual([0, row.position + 1]);
    expect(await store.trimJournal({ program: bench.host.newId(), limit: 1 })).toBe(0);
  });

  it("refuses a base that is not the end of a turn with the snapshot of its state", async () => {
    const bench = get();
    const row = await bench.owned();
    const { snapshot, ...without } = compacting(row);
    const wrong = [
      without,
      compacting(row, "other"),
      { ...without, snapshot: snapshot!, entries: [...without.entries].concat(newEntry("done", { result: "1" })) },
      turnOf(row, { entries: [turnEntry(1), newEntry("base", { hash: "h", position: 9 })], snapshot: snapshot! }),
    ];
    for (const turn of wrong) {
      const { refused } = await bench.commit([turn]);
      expect(refused[0]?.error).toMatchObject({ code: "store/commit-refused" });
    }
    expect(await bench.row(row.id)).toEqual(row);
  });

  it("deletes finished programs older than a time with all that is theirs, and nothing else", async () => {
    const bench = get();
    const { store, host } = bench;
    const done = { status: "done", result: "1" } as const;
    const text = [{ branch: 0, number: 0, text: "x" }];
    const finished = async () => {
      const row = await bench.owned();
      await bench.step(row, { after: done, output: text, snapshot: { hash: "h", body: "{}" } });
      return row.id;
    };
    const first = await finished();
    host.clock.time += 5;
    const second = await finished();
    const resting = await bench.step(await bench.owned());
    const owing = await bench.owned();
    await bench.step(owing, { after: done, effects: [effect("open")] });
    host.clock.time += 1000;
    const before = host.clock.time;
    await bench.register();
    const young = await finished();
    const named = { name: "t.fm", status: "done" };
    const would = await store.collectPrograms({ before, limit: 9, dryRun: true });
    expect(would).toMatchObject([
      { id: first, ...named },
      { id: second, ...named },
    ]);
    expect(would[0].updated).toBeLessThan(before);
    expect(await store.readProgram({ program: first })).not.toBeNull();
    expect((await store.collectPrograms({ before, limit: 1 })).map(({ id }) => id)).toEqual([first]);
    expect((await store.collectPrograms({ before, limit: 9 })).map(({ id }) => id)).toEqual([second]);
    expect(await store.collectPrograms({ before, limit: 9 })).toEqual([]);
    const left = (await store.listPrograms({})).map(({ id }) => id).sort();
    expect(left).toEqual([resting.id, owing.id, young].sort());
    expect(await store.readProgram({ program: first })).toBeNull();
    expect(await store.readJournal({ program: first })).toEqual([]);
    expect(await store.listSnapshots({ program: first })).toEqual([]);
    expect(await store.readOutput({ program: first })).toEqual([]);
    // Deliveries are told that it is over, for ever (E-11).
    expect(await bench.answer({ id: first }, "k")).toEqual({ outcome: "gone", status: "done" });
    expect(await bench.command({ id: second }, "pause")).toEqual({ outcome: "gone", status: "done" });
    expect(await bench.answer({ id: host.newId() }, "k")).toEqual({ outcome: "missing" });
    expect(await store.claimProgram({ program: first, interpreter: bench.interpreter })).toEqual({
      outcome: "missing",
    });
  });

  it("deletes texts that nothing names and nobody has touched since a time", async () => {
    const bench = get();
    const { store, host } = bench;
    const hash = (name: string) => sha256(name);
    const unit = (name: string, names: readonly string[] = []) => ({
      hash: hash(name),
      code: "{}",
      debug: JSON.stringify({ units: names.map(hash), file: "f", hash: hash(`${name}.fm`) }),
    });
    const blob = (name: string) => ({ hash: hash(name), body: name });
    const names = ["a", "b", "c", "d", "e"];
    const units = [unit("a", ["b"]), unit("b"), unit("c"), unit("d", ["e"]), unit("e")];
    const images = [blob("image"), blob("other image")];
    await store.writeTexts({ units, images, blobs: names.map((name) => blob(`${name}.fm`)) });
    const row = await bench.owned({ image: hash("image") });
    const body = `{"f":["fn","${hash("a")}"]}`;
    await bench.step(row, { snapshot: { hash: "h", body }, after: { image: hash("image") } });
    host.clock.time += 8 * DAY;
    const before = host.clock.time - 7 * DAY;
    // Who writes c touches it, although it is there.
    await store.writeTexts({ units: [unit("c")] });
    const unnamed = {
      units: ["d", "e"].map(hash).sort(),
      images: [hash("other image")],
      blobs: ["c.fm", "d.fm", "e.fm"].map(hash).sort(),
    };
    const sorted = async (dryRun: boolean) => {
      const found = await store.collectTexts({ before, dryRun });
      return { units: [...found.units].sort(), images: found.images, blobs: [...found.blobs].sort() };
    };
    expect(await sorted(true)).toEqual(unnamed);
    expect(await store.readUnit({ hash: hash("d") })).not.toBeNull();
    expect(await sorted(false)).toEqual(unnamed);
    expect(await sorted(false)).toEqual({ units: [], images: [], blobs: [] });
    const there = await store.readUnits({ hashes: names.map(hash) });
    expect(there.map((one) => one.hash).sort()).toEqual(["a", "b", "c"].map(hash).sort());
    expect(await store.readImage({ hash: hash("image") })).toBe("image");
    expect(await store.readImage({ hash: hash("other image") })).toBeNull();
    expect(await store.readBlob({ hash: hash("b.fm") })).toBe("b.fm");
    expect(await store.readBlob({ hash: hash("d.fm") })).toBeNull();
  });

  it("keeps a text that is touched while it looks for those to delete", async () => {
    const bench = get();
    const { store, host } = bench;
    const blobs = Array.from({ length: 20 }, (_, i) => ({ hash: sha256(`${i}`), body: `${i}` }));
    await store.writeTexts({ blobs });
    const row = await bench.owned();
    host.clock.time += 8 * DAY;
    await bench.register();
    const claimed = await bench.claim(row.id);
    const collecting = store.collectTexts({ before: host.clock.time - 7 * DAY });
    const commit = turnOf(claimed, {
      texts: { blobs: blobs.slice(0, 10) },
      snapshot: { hash: "h", body: blobs[0].hash },
    });
    const [collected] = await Promise.all([collecting, bench.commit([commit])]);
    for (const { hash } of blobs.slice(0, 10)) expect(await store.readBlob({ hash })).not.toBeNull();
    for (const { hash } of blobs.slice(10)) expect(collected.blobs).toContain(hash);
  });
}
