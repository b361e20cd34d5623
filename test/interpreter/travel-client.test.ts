// The client's operations on the past: looking at it, going back, forking, collecting; at a store that other processes use too.
import { expect, test } from "vitest";
import { StoreClient } from "../../src/client/store-client.ts";
import { findImage } from "../../src/client/find-image.ts";
import { runCommandLine } from "../../src/cli/main.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { surroundings } from "../support/surroundings.ts";
import { atStore, type Bench, type Process } from "./bench.ts";

const TEXT = `
  (defforeign ask :topic "ask")
  (defn note [x] (println x) x)
  (defn sum [n]
    (if (= n 3) n (+ (note (ask n)) (sum (inc n)))))
  (sum 0)`;

/** A client whose own interpreter is one of the bench's processes. */
function clientOf(bench: Bench, process: Process): StoreClient {
  return new StoreClient({
    store: bench.store,
    image: shippedImage,
    findImage,
    startInterpreter: async () => process.interpreter,
  });
}

/** A program at rest that nobody runs: 10 and 20 were answered, the third is asked for. */
async function atRest(bench: Bench): Promise<{ readonly id: string; readonly keys: readonly string[] }> {
  const process = await bench.started(TEXT);
  (await process.call(0)).answer(10);
  (await process.call(1)).answer(20);
  await process.call(2);
  await process.interpreter.close();
  return { id: process.id, keys: process.calls.attempts.map(({ key }) => key) };
}

const all = { frames: null, valueLength: null };

test("a program can be looked at as it was, with its frames and what it waited for", () =>
  atStore("sqlite", async (bench) => {
    const { id, keys } = await atRest(bench);
    const client = clientOf(bench, await bench.process());
    const answers = (await bench.journal(id)).filter(({ kind }) => kind === "answer");
    const now = await client.inspect(id, all);
    const then = await client.inspect(id, { ...all, at: answers[0].position });
    const sums = ({ tasks }: typeof now) => tasks[0].frames.filter((frame) => frame.function?.endsWith("/sum"));
    expect([sums(now).length, sums(then).length]).toEqual([3, 1]);
    expect(then).toMatchObject({
      position: answers[0].position,
      turn: null,
      stateHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(then.tasks[0].wait).toMatchObject({ key: keys[0] });
    const { position } = await bench.row(id);
    expect((await client.inspect(id, { ...all, at: position })).stateHash).toBe(now.stateHash);
    await expect(client.inspect(id, { ...all, at: position + 1 })).rejects.toMatchObject({
      code: "journal/no-position",
      hint: expect.stringContaining(`from 1 to ${position}`),
    });
    const world = surroundings({
      client: { resolve: async () => id, inspect: (program, how) => client.inspect(program, how) },
    });
    expect(await runCommandLine(["inspect", id, "--at", String(answers[0].position)], world)).toBe(0);
    expect(world.stdout.text).toContain(`as it was behind ${answers[0].position} entries`);
  }));

test("a client takes a program back that nobody runs, and lets go of it where it waits", () =>
  atStore("sqlite", async (bench) => {
    const { id, keys } = await atRest(bench);
    const mine = await bench.process();
    const client = clientOf(bench, mine);
    const answers = (await bench.journal(id)).filter(({ kind }) => kind === "answer");
    const { turn } = await bench.row(id);
    const back = { to: answers[1].position, answers: {}, reason: "wrong answer" };
    expect(await client.rewind(id, { ...back, baseTurn: turn - 1 })).toEqual({
      outcome: "refused",
      why: "moved on",
      baseTurn: turn - 1,
      turn,
    });
    await expect(client.rewind(id, { ...back, answers: { [keys[2]]: "1" } })).rejects.toMatchObject({
      code: "program/not-waiting",
    });
    await expect(client.rewind(id, { ...back, answers: { [keys[1]]: "{" } })).rejects.toMatchObject({
      code: "program/bad-answer",
    });
    const answer = await client.rewind(id, { ...back, answers: { [keys[1]]: "2000" } });
    const rewound = (await bench.journal(id)).find(({ kind }) => kind === "rewound");
    expect(answer).toEqual({ outcome: "rewound", branch: rewound?.position });
    const row = await bench.row(id);
    expect(row).toMatchObject({ owner: null, status: "waiting", branch: rewound?.position });
    expect(await bench.output(id)).toBe("10\n20\n2000\n");
    // The new question is there for whoever comes next.
    expect(mine.calls.attempts).toEqual([]);
    const next = await bench.resumed(id);
    await next.waiting();
    const third = next.calls.attempts.find(({ key }) => key !== keys[2]);
    third?.answer(3);
    expect(await next.ended()).toBe("done");
    expect(await bench.row(id)).toMatchObject({ result: "2016" });
    expect(await client.replay(id)).toMatchObject({ same: true });
    await expect(client.rewind(id, back)).rejects.toMatchObject({
      code: "program/over",
      hint: "a fork can go on from a state of its past",
    });
    const fork = await client.fork(id, { at: answers[1].position, answers: { [keys[1]]: "5" }, pending: "leave" });
    const forked = await bench.resumed(fork);
    (await forked.call(0)).answer(1);
    expect(await forked.ended()).toBe("done");
    expect(await bench.row(fork)).toMatchObject({ result: "19" });
  }));

test("a program that another process runs goes back there", () =>
  atStore("sqlite", async (bench) => {
    const process = await bench.started(TEXT);
    (await process.call(0)).answer(10);
    await process.call(1);
    await process.quiet();
    const client = clientOf(bench, process);
    const [first] = (await bench.journal(process.id)).filter(({ kind }) => kind === "answer");
    expect(await client.rewind(process.id, { to: first.position, answers: {}, reason: "" })).toMatchObject({
      outcome: "rewound",
    });
    expect(process.outcome).toBeNull();
    expect(await bench.verify(process.id)).toMatchObject({ same: true });
  }));

test("gc deletes finished programs of an age and what only they named, never without an age", () =>
  atStore("sqlite", async (bench) => {
    const process = await bench.process();
    process.start(`(defn f [x] (* 2 x)) (f 4)`);
    expect(await process.ended()).toBe("done");
    const waiting = await atRest(bench);
    const client = clientOf(bench, await bench.process());
    const { clock, store } = bench;
    const gc = async (...flags: readonly string[]) => {
      const world = surroundings({ client: { gc: (options) => client.gc(options) } });
      expect(await runCommandLine(["gc", "--json", ...flags], world)).toBe(0);
      return JSON.parse(world.stdout.text) as { programs: { id: string }[]; units: number; blobs: number };
    };
    expect(await gc()).toMatchObject({ programs: [], units: 0, blobs: 0 });
    await clock.advance(31 * 86_400_000);
    const source = (await bench.bodies(process.id, "start"))[0].source as string;
    expect(await gc("--dry-run")).toMatchObject({ dryRun: true, programs: [], units: 0, images: 0, blobs: 0 });
    expect((await gc("--older-than", "30d", "--dry-run")).programs.map(({ id }) => id)).toEqual([process.id]);
    expect(await bench.row(process.id)).toMatchObject({ status: "done" });
    const report = await gc("--older-than", "30d");
    expect(report.programs).toMatchObject([{ id: process.id, name: "test.fm", status: "done" }]);
    expect(report.units).toBeGreaterThan(1);
    expect(await store.readProgram({ program: process.id })).toBeNull();
    expect(await store.readBlob({ hash: source })).toBeNull();
    expect(await bench.answer(process.id, "k", 1)).toEqual({ outcome: "gone", status: "done" });
    // What sleeps is whole: it is gone on with.
    expect(await bench.verify(waiting.id)).toMatchObject({ same: true });
    const next = await bench.resumed(waiting.id);
    (await next.call(0)).answer(30);
    expect(await next.ended()).toBe("done");
    expect(await gc("--older-than", "30d")).toMatchObject({ programs: [] });
    const world = surroundings({ client: { gc: (options) => client.gc(options) } });
    expect(await runCommandLine(["gc", "--older-than", "soon"], world)).toBe(2);
    expect(world.stderr.text).toContain('"soon" is no length of time');
    expect(await runCommandLine(["gc", "--older-than", "1s"], world)).toBe(0);
    expect(world.stdout.text).toMatch(/deleted 0 finished programs; \d+ units of code, \d+ base images, \d+ texts/);
  }));
