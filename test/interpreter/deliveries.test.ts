// What arrives early, twice, late, or for nobody; pause, cancel and timers in all their orders (E-1, E-2, E-6, E-7).
import { describe, expect, test } from "vitest";
import { atStore, type Kind, until } from "./bench.ts";

const PRELUDE = `
  (defforeign ask :topic "ask")
  (require '[flow.time :as time])
  (defn spawn [f] (perform 'flow.core/spawn f))
  (defn begin [topic] (perform 'flow.core/effect "foreign" topic [] :at-least-once))
`;

describe.each<Kind>(["memory", "sqlite"])("at a store of the kind %s", (kind) => {
  test("an answer that comes before anybody awaits is kept; a second one is not taken", () =>
    atStore(kind, async (bench) => {
      const process = await bench.started(
        `${PRELUDE} (let [e (begin "other")] (time/sleep 1000) [(await e) (await e)])`,
      );
      await process.waiting();
      const [effect] = await bench.store.listEffects({ program: process.id });
      expect(await bench.answer(process.id, effect.key, "early")).toMatchObject({ outcome: "delivered" });
      expect(await bench.answer(process.id, effect.key, "twice")).toMatchObject({ outcome: "already-settled" });
      await until("it was taken", () => process.tap.count("commitTurns") === 2);
      expect(await bench.answer(process.id, effect.key, "later")).toMatchObject({ outcome: "already-settled" });
      await bench.clock.advance(1000);
      expect(await process.ended()).toBe("done");
      expect((await bench.row(process.id)).result).toBe('["v","early","early"]');
      expect(await bench.kinds(process.id)).toBe("start turn answer turn timer turn done");
      expect(await bench.answer(process.id, effect.key, "after")).toMatchObject({ outcome: "gone" });
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));

  test("an answer to nothing is written down as stray and changes nothing (E-3)", () =>
    atStore(kind, async (bench) => {
      const process = await bench.started(`${PRELUDE} (ask 1)`);
      await process.waiting();
      const before = (await bench.load(process.id)).machine.state.ticks;
      await bench.answer(process.id, "f".repeat(32), "for whom?");
      await until("it was taken", () => process.tap.count("commitTurns") === 2);
      await process.quiet();
      expect(await bench.kinds(process.id)).toBe("start turn answer turn stray");
      expect((await bench.load(process.id)).machine.state.ticks).toBe(before);
      (await process.call(0)).answer(1);
      expect(await process.ended()).toBe("done");
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));

  test("answers wait in the store while nobody runs the program", () =>
    atStore(kind, async (bench) => {
      const process = await bench.started(`${PRELUDE} (mapv await [(begin "other/a") (begin "other/b")])`);
      await process.waiting();
      await process.running.letGo();
      const effects = await bench.store.listEffects({ program: process.id });
      for (const effect of [...effects].reverse()) await bench.answer(process.id, effect.key, effect.topic);
      const again = await bench.resumed(process.id);
      expect(await again.ended()).toBe("done");
      expect((await bench.row(process.id)).result).toBe('["v","other/a","other/b"]');
      expect(again.tap.count("commitTurns")).toBe(1);
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));

  test("a cancelled program runs its clean-up, which may wait, print and send", () =>
    atStore(kind, async (bench) => {
      const process = await bench.started(
        `${PRELUDE} (try (ask 1) (catch :default e (println "never")) (finally (println "cleaning") (time/sleep 1000) (println "told" (ask 2))))`,
      );
      await process.waiting();
      await bench.command(process.id, "cancel");
      await until("it cleans up", () => process.output === "cleaning\n");
      await process.quiet();
      await process.running.letGo();
      await bench.clock.advance(1000);
      const again = await bench.resumed(process.id);
      // The call that was open when it was cancelled is made again too: nobody can tell what became of it.
      (await again.call(1)).answer("them");
      expect(await again.ended()).toBe("cancelled");
      expect(process.output + again.output).toBe("cleaning\ntold them\n");
      expect(await bench.row(process.id)).toMatchObject({ status: "cancelled", owner: null, wake: null, waiting: [] });
      expect((await bench.bodies(process.id, "cancelled"))[0]).toMatchObject({ reason: "because" });
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));

  test("cancel goes ahead of answers that arrived before it (E-6); a second one changes nothing", () =>
    atStore(kind, async (bench) => {
      const process = await bench.started(
        `${PRELUDE} (try (println "got" (await (begin "other"))) (finally (println "cleaned")))`,
      );
      await process.waiting();
      await process.running.letGo();
      const [effect] = await bench.store.listEffects({ program: process.id });
      await bench.answer(process.id, effect.key, "too late");
      await bench.command(process.id, "cancel");
      await bench.command(process.id, "cancel");
      const again = await bench.resumed(process.id);
      expect(await again.ended()).toBe("cancelled");
      expect(again.output).toBe("cleaned\n");
      expect(await bench.command(process.id, "cancel")).toMatchObject({ outcome: "gone", status: "cancelled" });
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));

  test("a paused program takes commands only; what came meanwhile is delivered when it goes on (E-2)", () =>
    atStore(kind, async (bench) => {
      const process = await bench.started(
        `${PRELUDE} (let [t (spawn (fn [] (time/sleep 1000) (println "slept")))] (println "got" (await (begin "other"))) (await t) :end)`,
      );
      await process.waiting(2);
      await bench.command(process.id, "pause");
      expect(await process.ended()).toBe("paused");
      expect(await bench.row(process.id)).toMatchObject({ status: "paused", owner: null, wake: null });
      const [effect] = await bench.store.listEffects({ program: process.id });
      await bench.answer(process.id, effect.key, "it");
      await bench.clock.advance(5_000);
      const second = await bench.resumed(process.id);
      expect([await second.ended(), second.output]).toEqual(["paused", ""]);
      await bench.command(process.id, "resume");
      const third = await bench.resumed(process.id);
      expect(await third.ended()).toBe("done");
      expect(third.output).toBe("got it\nslept\n");
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));
});

test("pause reaches an endless computation, and cancel too", () =>
  atStore("memory", async (bench) => {
    const process = await bench.started('(println :begun) (try (loop [] (recur)) (finally (println "cleaned")))');
    await process.quiet();
    // It has printed, so its output is due for a commit.
    await bench.clock.advance(200);
    await until("it has begun", () => process.output !== "");
    await bench.command(process.id, "pause");
    expect(await process.ended()).toBe("paused");
    expect(await bench.row(process.id)).toMatchObject({ status: "paused", cut: true, owner: null });
    await bench.command(process.id, "resume");
    await bench.command(process.id, "cancel");
    const again = await bench.resumed(process.id);
    expect(await again.ended()).toBe("cancelled");
    expect(again.output).toBe("cleaned\n");
    expect(await bench.verify(process.id)).toMatchObject({ same: true });
  }));

describe("timers", () => {
  const SLEEPERS = `${PRELUDE}
    (def t (mapv (fn [ms] (spawn (fn [] (time/sleep ms) (println ms)))) [300 100 200 100]))
    (run! await t) :end`;

  test("ring in the order of their times", () =>
    atStore("memory", async (bench) => {
      const process = await bench.started(SLEEPERS);
      await process.waiting(5);
      expect((await bench.row(process.id)).wake).toBe(bench.clock.now() + 100);
      for (const shown of ["100\n100\n", "100\n100\n200\n", "100\n100\n200\n300\n"]) {
        await bench.clock.advance(100);
        await until(`it shows ${shown}`, () => process.output === shown);
      }
      expect(await process.ended()).toBe("done");
    }));

  test("all that were due while nobody ran the program ring in one turn, by due time and age", () =>
    atStore("sqlite", async (bench) => {
      const process = await bench.started(SLEEPERS);
      await process.waiting(5);
      await process.running.letGo();
      bench.clock.off += 400 * 86_400_000;
      const again = await bench.resumed(process.id);
      expect(await again.ended()).toBe("done");
      expect(again.output).toBe("100\n100\n200\n300\n");
      expect(await bench.kinds(process.id)).toBe("start turn turn timer timer timer timer turn done");
      const timers = await bench.bodies(process.id, "timer");
      expect(timers.map(({ due, now }) => (due as number) < (now as number))).toEqual([true, true, true, true]);
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));

  test("a clock that is set back neither rings early nor turns time back (E-13)", () =>
    atStore("sqlite", async (bench) => {
      const process = await bench.started(
        `${PRELUDE} (def a (time/now)) (ask 1) (def b (time/now)) (time/sleep 1000) (def c (time/now)) [(time/minus b a) (time/minus c b)]`,
      );
      const call = await process.call(0);
      await process.waiting();
      bench.clock.off -= 3_600_000;
      call.answer(1);
      await until("it sleeps", () => process.tap.count("commitTurns") === 2);
      await process.waiting();
      await bench.clock.advance(999);
      await process.quiet();
      expect(process.outcome).toBe(null);
      await bench.clock.advance(1);
      await process.quiet();
      await bench.clock.advance(3_600_000);
      expect(await process.ended()).toBe("done");
      const [, backwards, slept] = JSON.parse((await bench.row(process.id)).result as string) as [
        string,
        [string, number],
        [string, number],
      ];
      expect(backwards).toEqual(["d", 0]);
      expect(slept[1]).toBeGreaterThanOrEqual(1000);
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));

  test("a deadline that passed during a long stop is raised when the program goes on", () =>
    atStore("memory", async (bench) => {
      const process = await bench.started(
        `${PRELUDE} (try (time/with-timeout 1000 (ask 1)) (catch :timeout _ :too-late))`,
      );
      await process.waiting();
      await process.running.letGo();
      bench.clock.off += 86_400_000;
      const again = await bench.resumed(process.id);
      expect(await again.ended()).toBe("done");
      expect((await bench.row(process.id)).result).toBe('["k","too-late"]');
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));
});
