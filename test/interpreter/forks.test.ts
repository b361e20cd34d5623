// Forks, and journals that begin at a base: both begin with a state instead of with nothing (E-3, E-19).
import { expect, test } from "vitest";
import { systemFiles } from "../../src/base/files.ts";
import { newId } from "../../src/base/ids.ts";
import { findImage } from "../../src/client/find-image.ts";
import { newProgram, textsOfRun } from "../../src/interpreter/birth.ts";
import { forkProgram, type Pending } from "../../src/interpreter/fork.ts";
import { rewindBody } from "../../src/interpreter/rewind.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { stateHash } from "../../src/snapshot/snapshot.ts";
import { Source } from "../../src/source/source.ts";
import { atStore, type Bench, type Process, until } from "./bench.ts";

const TEXT = `
  (defforeign ask :topic "ask")
  (def log (atom []))
  (defn note [x] (swap! log conj x) (println x) x)
  (note (ask "a"))
  (note (ask "b"))
  (note (ask "c"))
  @log`;

interface How {
  readonly at?: number;
  readonly answers?: Readonly<Record<string, string>>;
  readonly pending?: Pending;
}

async function fork(bench: Bench, id: string, { at, answers = {}, pending = "leave" }: How = {}): Promise<string> {
  const row = await bench.row(id);
  const { store, clock, random } = bench;
  const given = new Map(Object.entries(answers));
  return forkProgram(
    { store, image: findImage, clock, random },
    { row, at: at ?? row.position, answers: given, pending },
  );
}

async function answerPosition(bench: Bench, id: string, n: number): Promise<number> {
  return (await bench.journal(id)).filter(({ kind }) => kind === "answer")[n].position;
}

/** A program that has answers for a and b, and waits for c. */
async function waitingForC(bench: Bench): Promise<Process> {
  const process = await bench.started(TEXT);
  (await process.call(0)).answer(1);
  (await process.call(1)).answer(2);
  await process.call(2);
  await process.quiet();
  return process;
}

test.each(["memory", "sqlite"] as const)(
  "a fork goes on from a state of the past with the same answers, in %s",
  (kind) =>
    atStore(kind, async (bench) => {
      const original = await waitingForC(bench);
      const at = await answerPosition(bench, original.id, 0);
      const before = await bench.row(original.id);
      const id = await fork(bench, original.id, { at });
      expect(await bench.row(id)).toMatchObject({ base: 1, turn: 0, status: "ready", name: "test.fm" });
      expect(await bench.verify(id)).toMatchObject({ same: true, from: 1, to: 1 });
      const process = await bench.resumed(id);
      const [c] = [await process.call(0)];
      expect(c.args).toEqual(["b"]);
      c.answer(20);
      (await process.call(1)).answer(30);
      expect(await process.ended()).toBe("done");
      expect(await bench.row(id)).toMatchObject({ result: '["v",1,20,30]' });
      expect(await bench.output(id)).toBe("1\n20\n30\n");
      expect(await bench.verify(id)).toMatchObject({ same: true, from: 1 });
      // The original has noticed nothing, and its keys are its own.
      expect(await bench.row(original.id)).toMatchObject({ ...before, updated: expect.any(Number) });
      expect(process.calls.attempts.map(({ key }) => key)).not.toContain(original.calls.attempts[1].key);
      original.calls.attempts[2].answer(3);
      expect(await original.ended()).toBe("done");
      expect(await bench.row(original.id)).toMatchObject({ result: '["v",1,2,3]' });
    }),
);

test("the state a fork begins with is that of the original, but for its id and branch", () =>
  atStore("sqlite", async (bench) => {
    const original = await waitingForC(bench);
    for (let at = 1; at <= (await bench.row(original.id)).position; at++) {
      const id = await fork(bench, original.id, { at });
      const mine = (await bench.load(id)).machine.state;
      const theirs = (await bench.load(original.id, at)).machine.state;
      theirs.id = id;
      expect(stateHash(mine)).toBe(stateHash(theirs));
    }
  }));

test("a fork is given other answers, and what is not answered stays with the original, is denied or made anew", () =>
  atStore("sqlite", async (bench) => {
    const original = await waitingForC(bench);
    const [a, , c] = original.calls.attempts;
    const at = await answerPosition(bench, original.id, 0);
    const changed = await bench.resumed(await fork(bench, original.id, { at, answers: { [a.key]: '"other"' } }));
    expect((await changed.call(0)).args).toEqual(["b"]);
    expect(await bench.output(changed.id)).toBe("other\n");
    await expect(fork(bench, original.id, { at, answers: { [c.key]: "1" } })).rejects.toMatchObject({
      code: "program/not-waiting",
      message: `after entry ${at} program ${original.id} waits for no answer ${c.key}`,
    });
    const left = await bench.resumed(await fork(bench, original.id));
    await left.waiting();
    expect(left.calls.attempts).toEqual([]);
    await bench.answer(left.id, c.key, "by hand");
    expect(await left.ended()).toBe("done");
    const denied = await bench.resumed(await fork(bench, original.id, { pending: "deny" }));
    expect(await denied.ended()).toBe("faulted");
    expect((await bench.row(denied.id)).error).toContain('"effect/denied"');
    const anew = await bench.resumed(await fork(bench, original.id, { pending: "resend" }));
    const again = await anew.call(0);
    expect([again.args, again.key === c.key]).toEqual([["c"], false]);
    again.answer(4);
    expect(await anew.ended()).toBe("done");
    expect(await bench.row(anew.id)).toMatchObject({ result: '["v",1,2,4]' });
    for (const { id } of [changed, left, denied, anew]) {
      expect(await bench.verify(id)).toMatchObject({ same: true, from: 1 });
    }
    // The original goes on.
    c.answer(3);
    expect(await original.ended()).toBe("done");
  }));

test("what was before a fork is refused by name, and forks of forks and of finished programs go on", () =>
  atStore("sqlite", async (bench) => {
    const original = await waitingForC(bench);
    original.calls.attempts[2].answer(3);
    expect(await original.ended()).toBe("done");
    const at = await answerPosition(bench, original.id, 2);
    const first = await bench.resumed(await fork(bench, original.id, { at }));
    expect(await first.ended()).toBe("done");
    expect(await bench.kinds(first.id)).toBe("start answer turn done");
    const second = await fork(bench, first.id, { at: 1 });
    expect((await bench.bodies(second, "start"))[0]).toMatchObject({ forked: { from: first.id, position: 1 } });
    const process = await bench.resumed(second);
    expect(await process.ended()).toBe("done");
    expect(await bench.row(second)).toMatchObject({ result: '["v",1,2,3]' });
    await expect(bench.load(second, 0)).rejects.toMatchObject({ code: "journal/no-position" });
    await expect(bench.load(second, 99)).rejects.toMatchObject({ code: "journal/no-position" });
    // In the middle of a turn: the answer is there, and what it leads to is done anew.
    const middle = await bench.resumed(await fork(bench, original.id, { at: at - 1 }));
    (await middle.call(0)).answer(33);
    expect(await middle.ended()).toBe("done");
    expect(await bench.row(middle.id)).toMatchObject({ result: '["v",1,2,33]' });
  }));

test("a program is not forked at its end, where nothing is left to go on", () =>
  atStore("memory", async (bench) => {
    const original = await bench.started("(+ 1 2)");
    await original.ended();
    const count = (await bench.store.listPrograms({})).length;
    await expect(fork(bench, original.id)).rejects.toMatchObject({ code: "program/over" });
    expect(await bench.store.listPrograms({})).toHaveLength(count);
  }));

test("a fork from before the first turn has the modules that travel with its original", () =>
  atStore("sqlite", async (bench) => {
    const { store, clock, random } = bench;
    const source = new Source("m.fm", "(ns m (:require [side]))\n(println (side/f))");
    const modules = [{ name: "side", source: new Source("side.fm", "(ns side)\n(defn f [] 7)") }];
    const run = { name: "m.fm", source, args: '["v"]', stepsMax: null, modules };
    const image = await shippedImage();
    const { program } = newProgram(run, image, newId(clock, random), {});
    const texts = { blobs: textsOfRun(run), images: [{ hash: image.hash, body: image.text }] };
    const { row } = await store.createProgram({ program, texts });
    const process = await bench.process();
    Object.assign(process.interpreter.options, { files: systemFiles });
    await process.resume(await fork(bench, row.id, { at: 1 }));
    expect(await process.ended()).toBe("done");
    expect(await bench.output(process.id)).toBe("7\n");
    expect(await bench.verify(process.id)).toMatchObject({ same: true, from: 1 });
  }));

// ---- compaction

const LOOP = `
  (defforeign ask :topic "ask")
  (loop [n 0]
    (println n)
    (recur (+ n (ask n))))`;

test("a program that loops for ever keeps a journal of a length, and can be looked at, gone back in and forked within it", () =>
  atStore("sqlite", async (bench) => {
    const process = await bench.process(undefined, 20);
    process.start(LOOP);
    for (let n = 0; n < 60; n++) (await process.call(n)).answer(1);
    await process.call(60);
    await process.quiet();
    const { id } = process;
    const row = await bench.row(id);
    expect(row.position).toBeGreaterThan(120);
    expect(row.base).toBeGreaterThan(100);
    const journal = await bench.journal(id);
    expect(journal.length).toBeLessThan(25);
    expect(journal.slice(0, 2).map(({ kind, position }) => [kind, position])).toEqual([
      ["start", 0],
      ["base", row.base - 1],
    ]);
    expect(await bench.verify(id)).toMatchObject({ same: true, from: row.base, to: row.position });
    expect(stateHash((await bench.load(id, row.base)).machine.state)).toBe(JSON.parse(journal[1].body).hash);
    const gone = { code: "journal/compacted", message: expect.stringContaining(`begins at entry ${row.base}`) };
    await expect(bench.load(id, row.base - 1)).rejects.toMatchObject(gone);
    await expect(fork(bench, id, { at: 7 })).rejects.toMatchObject(gone);
    await bench.command(id, "rewind", rewindBody({ to: row.base - 1, answers: new Map() }), row.turn);
    await until("it was refused", () => process.tap.count("commitTurns") > row.turn);
    await process.quiet();
    expect((await bench.bodies(id, "refused"))[0].why).toContain(`what was before entry ${row.base} is gone`);
    const { turn } = await bench.row(id);
    await bench.command(id, "rewind", rewindBody({ to: row.base, answers: new Map() }), turn);
    await until("it has gone back", () => process.calls.attempts.length > 61);
    await process.quiet();
    expect(await bench.verify(id)).toMatchObject({ same: true, from: row.base });
    const twin = await bench.resumed(await fork(bench, id, { pending: "resend" }));
    await twin.call(0);
    expect(await bench.verify(twin.id)).toMatchObject({ same: true, from: 1 });
  }));

test("a program that has faulted is compacted with its fault, and goes on from there in another process", () =>
  atStore("sqlite", async (bench) => {
    const process = await bench.process(undefined, 4);
    process.start(`
      (defforeign ask :topic "ask")
      (perform 'flow.core/spawn (fn [] (throw (error :app/side "aside"))))
      [(ask 1) (ask 2) (ask 3)]`);
    for (let n = 0; n < 3; n++) (await process.call(n)).answer(n);
    await until("it has stopped", () => process.outcome !== null);
    const { id } = process;
    expect((await bench.row(id)).base).toBeGreaterThan(0);
    expect(await bench.verify(id)).toMatchObject({ same: true });
    await bench.command(id, "restart", '{"how":"retry"}');
    const second = await bench.resumed(id);
    await until("it has stopped", () => second.outcome !== null);
    expect(await bench.verify(id)).toMatchObject({ same: true });
  }));
