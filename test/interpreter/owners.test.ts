// Who owns a program: leases lost in the middle, take-overs, releases, commands that meet live and dead owners (E-7, E-12, E-14).
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { newId } from "../../src/base/ids.ts";
import { seededRandom } from "../../src/base/random.ts";
import { findImage } from "../../src/client/find-image.ts";
import { StoreClient } from "../../src/client/store-client.ts";
import { Connectors } from "../../src/connector/connector.ts";
import { Interpreter } from "../../src/interpreter/interpreter.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { openMemoryStore } from "../../src/store/memory/memory-store.ts";
import type { Store } from "../../src/store/store.ts";
import { type Attempt, atStore, type Bench, HandConnector, type Kind, type Process, until } from "./bench.ts";

const PRELUDE = `
  (defforeign ask :topic "ask")
  (defforeign once :topic "once" :contract :at-most-once)
  (require '[flow.time :as time])
  (defn request [url contract] (await (perform 'flow.core/effect "http" "" {:url url} contract)))
`;

const LEASE = 1_500;

/** Effects that are made again by who goes on with the program, or must not be: how they are made, and what they come to. */
const calls = (process: Process): readonly Attempt[] => process.calls.attempts;
const requests = (process: Process): readonly Attempt[] => process.requests.attempts;
const MADE = [
  ["foreign", "at-least-once", "(ask 1)", calls, 7, "7"],
  ["foreign", "at-most-once", "(once 1)", calls, 7, "7"],
  ["http", "at-least-once", '(request "http://x" :at-least-once)', requests, { status: 204 }, '["m","status",204]'],
  ["http", "at-most-once", '(request "http://x" :at-most-once)', requests, { status: 204 }, '["m","status",204]'],
] as const;

/** How an owner that lives on ceases to be one. */
const LOSSES: readonly [string, (bench: Bench, owner: Process) => Promise<unknown>][] = [
  [
    "the lease of its owner ran out",
    async ({ clock }) => {
      clock.off += LEASE + 1;
    },
  ],
  ["its owner let go of it", (_, owner) => owner.running.letGo()],
];

describe.each<Kind>(["memory", "sqlite"])("at a store of the kind %s", (storeKind) => {
  test("who lost the program to another owner writes, prints and sends nothing more", () =>
    atStore(storeKind, async (bench) => {
      const first = await bench.started(`${PRELUDE} (println "got" (ask 1)) (println "then" (ask 2)) :end`);
      const call = await first.call(0);
      await first.waiting();
      bench.clock.off += LEASE + 1;
      const second = await bench.resumed(first.id);
      const again = await second.call(0);
      expect([again.key, again.attempt]).toEqual([call.key, 2]);
      call.answer("late");
      expect(await first.ended()).toBe("program/lost");
      expect([first.output, first.calls.attempts.length]).toEqual(["", 1]);
      again.answer("mine");
      (await second.call(1)).answer("more");
      expect(await second.ended()).toBe("done");
      expect([second.output, await bench.output(first.id)]).toEqual(["got mine\nthen more\n", "got mine\nthen more\n"]);
      expect(await bench.kinds(first.id)).toBe("start turn answer turn answer turn done");
      expect(await bench.verify(first.id)).toMatchObject({ same: true });
    }));

  test("a heartbeat that finds the lease gone ends the run (E-12)", () =>
    atStore(storeKind, async (bench) => {
      const first = await bench.started(`${PRELUDE} (println (ask 1))`);
      await first.waiting();
      await bench.store.retireInterpreter({ interpreter: first.interpreter.id });
      await bench.clock.advance(300);
      expect(await first.ended()).toBe("program/lost");
      expect((await first.call(0)).aborted()).toBe(true);
      const second = await bench.resumed(first.id);
      (await second.call(0)).answer("x");
      expect(await second.ended()).toBe("done");
      expect([first.output, second.output]).toEqual(["", "x\n"]);
    }));

  test("a heartbeat keeps the lease while a program only waits", () =>
    atStore(storeKind, async (bench) => {
      const first = await bench.started(`${PRELUDE} (ask 1)`);
      await first.waiting();
      for (let i = 0; i < 12; i++) {
        const beats = first.tap.count("renewLease");
        await bench.clock.advance(300);
        await until("it has beaten", () => first.tap.count("renewLease") > beats);
        await first.quiet();
      }
      const other = await bench.process();
      const claim = await bench.store.claimProgram({ program: first.id, interpreter: other.interpreter.id });
      expect(claim).toMatchObject({ outcome: "owned", owner: first.interpreter.id });
    }));

  describe.each(LOSSES)("what was under way when %s (E-21)", (_, lose) => {
    test.each(MADE)("%s, %s", (kind, contract, text, attempts, answer, result) =>
      atStore(storeKind, async (bench) => {
        const first = await bench.started(`${PRELUDE} (println "making") ${text}`);
        await until("it was made", () => attempts(first).length === 1);
        await lose(bench, first);
        const second = await bench.resumed(first.id);
        if (contract === "at-least-once") {
          await until("it was made again", () => attempts(second).length === 1);
          const [[once], [again]] = [attempts(first), attempts(second)];
          expect([again.kind, again.key, again.attempt]).toEqual([kind, once.key, 2]);
          again.answer(answer);
          expect(await second.ended()).toBe("done");
          expect((await bench.row(first.id)).result).toBe(result);
        } else {
          expect(await second.ended()).toBe("faulted");
          expect(attempts(second)).toEqual([]);
          expect((await bench.row(first.id)).error).toContain('["k","effect/unknown"]');
          expect(await bench.bodies(first.id, "answer")).toMatchObject([{ outcome: "unknown" }]);
        }
        expect(await bench.verify(first.id)).toMatchObject({ same: true });
      }),
    );
  });

  test("what a program let go of had not sent yet is sent by the next owner, also if it may be sent once only", () =>
    atStore(storeKind, async (bench) => {
      const first = await bench.process();
      first.start(`${PRELUDE} [(once 1) (request "http://x" :at-most-once)]`);
      await first.running.letGo();
      expect([await first.ended(), first.calls.attempts.length]).toEqual(["waiting", 0]);
      const second = await bench.resumed(first.id);
      (await second.call(0)).answer("answered");
      await until("it was sent", () => second.requests.attempts.length === 1);
      await second.interpreter.close();
      expect(await second.ended()).toBe("waiting");
      const third = await bench.resumed(first.id);
      expect(await third.ended()).toBe("faulted");
      expect((await bench.row(first.id)).error).toContain('["k","effect/unknown"]');
    }));

  test("answers that came while a program was let go are not lost: they are there for the next owner", () =>
    atStore(storeKind, async (bench) => {
      const first = await bench.started(`${PRELUDE} (println (once 1)) (println (ask 2))`);
      await first.call(0);
      await first.waiting();
      const let_go = first.running.letGo();
      first.calls.attempts[0].answer("just in time");
      await let_go;
      const second = await bench.resumed(first.id);
      (await second.call(second.calls.attempts[0]?.topic === "once" ? 1 : 0)).answer("second");
      await second.ended();
      expect([second.outcome, await bench.output(first.id)]).toEqual(["done", "just in time\nsecond\n"]);
    }));

  test("a call of the last owner that nobody here can make becomes an effect for others (E-4)", () =>
    atStore(storeKind, async (bench) => {
      const first = await bench.started(`${PRELUDE} (+ 1 (ask 41))`);
      await first.call(0);
      await first.waiting();
      bench.clock.off += LEASE + 1;
      const { clock, random, store } = bench;
      const interpreter = new Interpreter({
        store,
        image: await shippedImage(),
        findImage,
        connectors: new Connectors([]),
        clock,
        random,
      });
      await interpreter.open();
      const claim = await store.claimProgram({ program: first.id, interpreter: interpreter.id });
      if (claim.outcome !== "claimed") throw new Error(claim.outcome);
      const run = interpreter.resume(claim.row, { onOutput: () => {}, onWaiting: () => {} });
      await run.letGo();
      const [effect] = await store.listEffects({ program: first.id });
      expect(effect).toMatchObject({ state: "pending", topic: "ask", payload: "[41]", key: (await first.call(0)).key });
      expect((await bench.row(first.id)).calls).toEqual([]);
      const last = await bench.resumed(first.id);
      (await last.call(0)).answer(41);
      expect(await last.ended()).toBe("done");
      expect((await bench.row(first.id)).result).toBe("42");
      await interpreter.close();
      expect(await bench.verify(first.id)).toMatchObject({ same: true });
    }));

  test("output that its owner committed and did not show is shown by the next one, once (S-24)", () =>
    atStore(storeKind, async (bench) => {
      const first = await bench.process();
      const original = first.tap;
      first.start(`${PRELUDE} (println "a") (ask 1) (println "b")`);
      await first.call(0);
      await first.waiting();
      expect(first.output).toBe("a\n");
      original.before = (method) => {
        if (method === "markShown") throw new Error("the terminal is gone");
      };
      await first.running.letGo();
      const second = await bench.resumed(first.id);
      (await second.call(0)).answer(1);
      expect(await second.ended()).toBe("done");
      expect(await bench.output(first.id)).toBe("a\nb\n");
      expect(second.output.endsWith("b\n")).toBe(true);
    }));
});

/** A client and an interpreter beside it, at one store with the host's own time. */
async function beside(
  work: (store: Store, client: StoreClient, other: Interpreter, calls: HandConnector) => Promise<void>,
): Promise<void> {
  const random = seededRandom("owners");
  const store = openMemoryStore({ clock: systemClock, random });
  const image = await shippedImage();
  const made = async (calls: HandConnector): Promise<Interpreter> => {
    const connectors = new Connectors([calls]);
    const interpreter = new Interpreter({ store, image, findImage, connectors, clock: systemClock, random });
    await interpreter.open();
    return interpreter;
  };
  const client = new StoreClient({
    store,
    image: async () => image,
    findImage,
    startInterpreter: () => made(new HandConnector("foreign")),
  });
  const calls = new HandConnector("foreign");
  const other = await made(calls);
  try {
    await work(store, client, other, calls);
  } finally {
    await other.close();
    await client.close();
  }
}

const quiet = { onOutput: () => {}, onWaiting: () => {}, maxSteps: null };

describe("commands meet owners (E-7, E-14)", () => {
  const script = { name: "t.fm", text: `${PRELUDE} (try (ask 1) (finally (println "cleaned")))` };

  test("a live owner: resume is refused, cancel is carried out by the owner", () =>
    beside(async (store, client, other, calls) => {
      const owner = new StoreClient({ store, image: shippedImage, findImage, startInterpreter: async () => other });
      let output = "";
      const onOutput = (text: string): void => {
        output += text;
      };
      const run = await owner.start(script, { ...quiet, args: [], onOutput });
      await until("it waits", () => calls.attempts.length === 1);
      await expect(client.resume(run.id, { ...quiet, onOwner: () => {} })).rejects.toMatchObject({
        code: "program/owned",
      });
      expect(await client.cancel(run.id, "enough")).toEqual({ outcome: "cancelled" });
      expect(await run.ended).toEqual({ status: "cancelled", reason: "enough" });
      expect(output).toBe("cleaned\n");
      expect(calls.attempts[0].aborted()).toBe(true);
      expect(await client.cancel(run.id, "again")).toEqual({ outcome: "already-over", status: "cancelled" });
      await expect(client.resume(run.id, { ...quiet, onOwner: () => {} })).rejects.toMatchObject({
        code: "program/cancelled",
      });
      expect(await client.replay(run.id)).toMatchObject({ same: true });
    }));

  test("a dead owner: resume waits for its lease to run out and says so, then goes on", () =>
    beside(async (store, client, other, calls) => {
      const owner = new StoreClient({ store, image: shippedImage, findImage, startInterpreter: async () => other });
      const run = await owner.start(script, { ...quiet, args: [] });
      await until("it waits", () => calls.attempts.length === 1);
      await run.letGo();
      const dead = newId(systemClock, seededRandom("dead"));
      await store.registerInterpreter({ id: dead, engine: "0.1.0", lease: 400 });
      await store.claimProgram({ program: run.id, interpreter: dead });
      const told: number[] = [];
      const resumed = await client.resume(run.id, { ...quiet, onOwner: (ms) => void told.push(ms) });
      expect(told).toHaveLength(1);
      expect(told[0]).toBeGreaterThan(0);
      expect(told[0]).toBeLessThanOrEqual(400);
      await resumed.letGo();
      expect(await client.cancel(run.id, "")).toEqual({ outcome: "cancelled" });
    }));

  test("nobody owns it: cancel carries it out itself, clean-up included", () =>
    beside(async (store, client, other, calls) => {
      const owner = new StoreClient({ store, image: shippedImage, findImage, startInterpreter: async () => other });
      const run = await owner.start(script, { ...quiet, args: [] });
      await until("it waits", () => calls.attempts.length === 1);
      await run.letGo();
      expect(await client.cancel(run.id, "why not")).toEqual({ outcome: "cancelled" });
      const output: string[] = [];
      for await (const text of client.output(run.id)) output.push(text);
      expect(output.join("")).toBe("cleaned\n");
      expect((await store.readProgram({ program: run.id }))?.owner).toBe(null);
    }));
});
