// Programs of many tasks at a store: what they wait for, how they fault, go on and are cancelled, and what ten thousand cost.
import { describe, expect, test } from "vitest";
import { encodeSnapshot } from "../../src/snapshot/snapshot.ts";
import { atStore, type Bench, type Kind, until } from "./bench.ts";

const PRELUDE = `
  (defforeign ask :topic "ask")
  (require '[flow.time :as time] '[flow.task :refer [spawn join scope select race all map-concurrent cancel!]])
  (defn begin [topic] (perform 'flow.core/effect "foreign" topic [] :at-least-once))
`;

describe.each<Kind>(["memory", "sqlite"])("at a store of the kind %s", (kind) => {
  test("what a select and the end of a scope wait for is told; another process goes on with both", () =>
    atStore(kind, async (bench) => {
      const process = await bench.started(
        `${PRELUDE} (scope (spawn (fn [] (println (select {:late (time/timer 1000) :a (begin "other/a") :b (begin "other/b")})))) :body)`,
      );
      await process.waiting(2);
      const { waiting } = await bench.row(process.id);
      expect(waiting.map(({ kind, what }) => `${kind} ${what}`)).toEqual([
        expect.stringMatching(/^task \d+$/),
        "first of sleep, foreign other/a, foreign other/b",
      ]);
      expect(waiting[1]).toMatchObject({ until: bench.clock.now() + 1000 });
      await process.running.letGo();
      const again = await bench.resumed(process.id);
      const effects = await bench.store.listEffects({ program: process.id });
      await bench.answer(process.id, effects[1].key, "it");
      expect(await again.ended()).toBe("done");
      expect(again.output).toBe("[:b it]\n");
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));

  test("a task that faults leaves the others alone; it tries again and the scope ends as if nothing had happened", () =>
    atStore(kind, async (bench) => {
      const process = await bench.started(
        `${PRELUDE} (println (map-concurrent 2 (fn [x] (let [answer (ask x)] (println "got" answer) answer)) [1 2 3]))`,
      );
      (await process.call(1)).fail("test/down");
      await until("the second has failed", () => process.waits === 2 || process.outcome !== null);
      (await process.call(0)).answer("one");
      (await process.call(2)).answer("three");
      expect(await process.ended()).toBe("faulted");
      expect(process.output).toBe("got one\ngot three\n");
      expect((await bench.bodies(process.id, "fault")).length).toBe(1);
      await bench.command(process.id, "restart", '{"how":"use-value","value":"two"}');
      const again = await bench.resumed(process.id);
      expect(await again.ended()).toBe("done");
      expect(again.output).toBe("got two\n(one two three)\n");
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));

  test("a cancelled program leaves its scopes from the inside out; its tasks clean up before what is around them", () =>
    atStore(kind, async (bench) => {
      const process = await bench.started(`${PRELUDE}
        (defn cleaning [what f] (try (f) (finally (println "cleaning" what) (time/sleep 10) (println "cleaned" what))))
        (spawn (fn [] (cleaning "top" (fn [] (ask 1)))))
        (cleaning "outside" (fn [] (scope (spawn (fn [] (cleaning "task" (fn [] (ask 2))))) (cleaning "inside" (fn [] (ask 3))))))`);
      await process.waiting(3);
      await bench.command(process.id, "cancel");
      for (let i = 0; i < 4; i++) {
        await process.quiet();
        await bench.clock.advance(10);
      }
      expect(await process.ended()).toBe("cancelled");
      const order = ["inside", "task", "outside", "top"];
      expect(process.output).toBe(order.map((what) => `cleaning ${what}\ncleaned ${what}\n`).join(""));
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));

  test("a second cancel gives up a clean-up that stopped at an error", () =>
    atStore(kind, async (bench) => {
      const process = await bench.started(
        `${PRELUDE} (try (try (await (begin "other")) (finally (println "inner") (throw (error :test/no "no")) (println "never"))) (finally (println "outer")))`,
      );
      await process.waiting();
      await bench.command(process.id, "cancel");
      expect(await process.ended()).toBe("faulted");
      expect(process.output).toBe("inner\n");
      await bench.command(process.id, "cancel");
      const again = await bench.resumed(process.id);
      expect(await again.ended()).toBe("cancelled");
      expect(again.output).toBe("outer\n");
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));
});

/** Runs a program in which so many tasks wait at once; the CPU time in milliseconds, and the length of its snapshot meanwhile. */
async function crowd(count: number): Promise<{ readonly cpu: number; readonly length: number }> {
  let length = 0;
  let cpu = 0;
  await atStore("memory", async (bench: Bench) => {
    const before = process.cpuUsage();
    const running = await bench.started(`${PRELUDE}
      (def woken (atom 0))
      (def tasks (scope (mapv (fn [i] (spawn (fn [] (time/sleep (+ 10 (rem i 50))) (swap! woken inc) i))) (range ${count}))))
      [@woken (reduce + (map join tasks))]`);
    await until("they wait", () => running.waits > 0 || running.outcome !== null);
    length = encodeSnapshot((await bench.load(running.id)).machine.state).text.length;
    await bench.clock.advance(100);
    await until("they are over", () => running.outcome !== null);
    expect((await bench.row(running.id)).result).toBe(`["v",${count},${(count * (count - 1)) / 2}]`);
    const { user, system } = process.cpuUsage(before);
    cpu = (user + system) / 1000;
  });
  return { cpu, length };
}

test("ten thousand tasks at once cost ten times what a thousand do, in time and in the store", {
  timeout: 120_000,
}, async () => {
  await crowd(100);
  const few = await crowd(1_000);
  const many = await crowd(10_000);
  expect(many.length).toBeLessThan(11 * few.length);
  expect(many.length / 10_000).toBeLessThan(200);
  // What a program costs that does nothing is in both; the rest may be dearer by what garbage collection takes.
  expect(many.cpu).toBeLessThan(25 * few.cpu);
  expect(many.cpu).toBeLessThan(20_000);
});
