// A turn whose rows the store refuses, and would refuse again: the program faults where it was before that turn (E-8).
import { describe, expect, test } from "vitest";
import { atStore, type Kind, until } from "./bench.ts";

const LONG = `"${"x".repeat(300)}"`;
/** A topic of more bytes than a name may have. */
const BAD = `(await (perform 'flow.core/effect "foreign" ${LONG} [] :at-least-once))`;
const PRELUDE = '(defforeign ask :topic "ask")';

describe.each<Kind>(["memory", "sqlite"])("at a store of the kind %s", (kind) => {
  test("a program that waited faults there, and what it did behind that has not happened", () =>
    atStore(kind, async (bench) => {
      const first = await bench.started(`${PRELUDE} (println "begun") (let [x (ask 1)] (println "got" x) ${BAD})`);
      (await first.call(0)).answer(7);
      expect(await first.ended()).toBe("faulted");
      expect(first.output).toBe("begun\n");
      const row = await bench.row(first.id);
      expect(row).toMatchObject({ status: "faulted", owner: null });
      expect(row.error).toContain('["k","commit-refused"]');
      expect(row.error).toContain("cannot be committed");
      expect(await bench.kinds(first.id)).toBe("start turn stop turn fault");
      expect(await bench.verify(first.id)).toMatchObject({ same: true });

      // Tried again it does the same, and stands there again. The command and the answer may come to one turn, which is refused.
      await bench.command(first.id, "restart", '{"how":"retry"}', row.turn);
      const second = await bench.resumed(first.id);
      (await second.call(0)).answer(8);
      expect(await second.ended()).toBe("faulted");
      expect(await bench.kinds(first.id)).toMatch(/^start turn stop turn fault (command turn )?stop turn fault$/);
      expect(await bench.verify(first.id)).toMatchObject({ same: true });

      await bench.command(first.id, "cancel");
      const third = await bench.resumed(first.id);
      expect(await third.ended()).toBe("cancelled");
      expect(await bench.output(first.id)).toBe("begun\n");
      expect(await bench.verify(first.id)).toMatchObject({ same: true });
    }));

  test("one whose first turn is refused is there, at its beginning", () =>
    atStore(kind, async (bench) => {
      const first = await bench.started(`(println "begun") ${BAD}`);
      expect(await first.ended()).toBe("faulted");
      expect(first.output).toBe("");
      expect(await bench.kinds(first.id)).toBe("start stop turn fault");
      expect((await bench.row(first.id)).error).toContain('["k","commit-refused"]');
      expect(await bench.verify(first.id)).toMatchObject({ same: true });
      const loaded = await bench.load(first.id);
      expect(loaded.machine.state.main.control).toMatchObject({ kind: "fault", retry: { kind: "call" } });
    }));

  test("one that was cut in a computation faults at that tick", () =>
    atStore(kind, async (bench) => {
      const first = await bench.process();
      let commits = 0;
      first.tap.before = (method) => {
        if (method === "commitTurns") commits++;
      };
      first.start(`(loop [i 0] (when (< i 3000000) (recur (inc i)))) ${BAD}`);
      // The clock of the bench stands still: it is moved so that a long computation is due for a commit.
      await until("it has committed", () => {
        bench.clock.advance(5_001).catch(() => undefined);
        return commits > 0 || first.outcome !== null;
      });
      expect(await first.ended()).toBe("faulted");
      expect(await bench.kinds(first.id)).toMatch(/^start (turn )+stop turn fault$/);
      expect(await bench.verify(first.id)).toMatchObject({ same: true });
    }));
});
