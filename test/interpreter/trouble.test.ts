// Trouble on the way: a store that fails while a program is loaded or let go of, a clock that is put right, a client that cancels
// what it runs itself.
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { seededRandom } from "../../src/base/random.ts";
import { findImage } from "../../src/client/find-image.ts";
import { StoreClient } from "../../src/client/store-client.ts";
import { Connectors } from "../../src/connector/connector.ts";
import { Interpreter } from "../../src/interpreter/interpreter.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { openMemoryStore } from "../../src/store/memory/memory-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { inFolder } from "../store/support.ts";
import { atStore, HandConnector, type Kind, until } from "./bench.ts";

const PRELUDE = `
  (defforeign ask :topic "ask")
  (require '[flow.time :as time])
  (defn request [url] (await (perform 'flow.core/effect "http" "" {:url url} :at-least-once)))
`;

class ClosedTold extends HandConnector {
  closed = 0;
  override async close(): Promise<void> {
    this.closed++;
  }
}

describe.each<Kind>(["memory", "sqlite"])("at a store of the kind %s", (kind) => {
  test("an interpreter that cannot take its lease back closes its connectors all the same", () =>
    atStore(kind, async ({ store, clock, random }) => {
      const connector = new ClosedTold("foreign");
      const failing = new Proxy(store, {
        get: (target, name) =>
          name === "retireInterpreter"
            ? () => Promise.reject(new Error("the disk is gone"))
            : (Reflect.get(target, name) as unknown),
      });
      const interpreter = new Interpreter({
        store: failing,
        image: await shippedImage(),
        findImage,
        connectors: new Connectors([connector]),
        clock,
        random,
      });
      await interpreter.open();
      await expect(interpreter.close()).rejects.toThrow("the disk is gone");
      expect(connector.closed).toBe(1);
    }));

  test("effects taken over do not go on when the program cannot be loaded", () =>
    atStore(kind, async (bench) => {
      const first = await bench.started(`${PRELUDE} (println "asking") (request "http://x")`);
      await until("it was sent", () => first.requests.attempts.length === 1);
      await first.running.letGo();
      const second = await bench.process();
      second.tap.before = (method) => {
        if (method === "readOutput") throw new Error("the disk is gone");
      };
      await second.resume(first.id);
      expect(await second.ended()).toContain("the disk is gone");
      expect(second.requests.attempts.map((attempt) => attempt.aborted())).toEqual([true]);
      second.requests.attempts[0].answer({ status: 200 });
      await second.interpreter.close();
      const third = await bench.resumed(first.id);
      await until("it was sent again", () => third.requests.attempts.length === 1);
      third.requests.attempts[0].answer({ status: 204 });
      expect(await third.ended()).toBe("done");
    }));

  test("a clock that was behind the store's and is put right has not passed the time it lacked (E-13)", () =>
    atStore(kind, async (bench) => {
      const LACKED = 600_000;
      bench.clock.off = LACKED;
      const before = await bench.started("1");
      expect(await before.ended()).toBe("done");
      bench.clock.off = 0;
      const sleeper = await bench.started(`${PRELUDE} (time/sleep ${LACKED}) :slept`);
      await sleeper.waiting();
      bench.clock.off = LACKED;
      await bench.command(sleeper.id, "resume");
      await until("it has looked", () => sleeper.tap.count("commitTurns") > 1);
      await sleeper.quiet();
      expect(sleeper.outcome).toBe(null);
      await bench.clock.advance(LACKED);
      expect(await sleeper.ended()).toBe("done");
      const { created, updated } = await bench.row(sleeper.id);
      expect(updated - created).toBeGreaterThanOrEqual(LACKED);
    }));
});

/** A client with an interpreter of its own at a store with the host's own time. */
async function withClient(
  kind: Kind,
  work: (client: StoreClient, calls: HandConnector) => Promise<void>,
): Promise<void> {
  const random = seededRandom("trouble");
  const host = { clock: systemClock, random };
  const image = await shippedImage();
  const calls = new HandConnector("foreign");
  const run = async (store: Store): Promise<void> => {
    const startInterpreter = async (): Promise<Interpreter> => {
      const connectors = new Connectors([calls]);
      const interpreter = new Interpreter({ store, image, findImage, connectors, clock: systemClock, random });
      await interpreter.open();
      return interpreter;
    };
    const client = new StoreClient({ store, image: async () => image, findImage, startInterpreter });
    try {
      await work(client, calls);
    } finally {
      await client.close();
    }
  };
  if (kind === "memory") return run(openMemoryStore(host));
  return inFolder(async (folder) =>
    run(await openSqliteStore({ path: `${folder}/s.db`, host, synchronous: "NORMAL" })),
  );
}

describe.each<Kind>(["memory", "sqlite"])("a client at a store of the kind %s", (kind) => {
  const options = { onOutput: () => {}, onWaiting: () => {}, maxSteps: null };

  test("cancels what it runs itself, by its own run", () =>
    withClient(kind, async (client, calls) => {
      const text = `${PRELUDE} (try (ask 1) (finally (println "cleaned")))`;
      let output = "";
      const onOutput = (printed: string): void => {
        output += printed;
      };
      const run = await client.start({ name: "t.fm", text }, { ...options, args: [], onOutput });
      await until("it waits", () => calls.attempts.length === 1);
      await expect(client.resume(run.id, { ...options, onOwner: () => {} })).rejects.toMatchObject({
        code: "program/owned",
        message: expect.stringContaining("this process"),
      });
      expect(await client.cancel(run.id, "enough")).toEqual({ outcome: "cancelled" });
      expect(await run.ended).toEqual({ status: "cancelled", reason: "enough" });
      expect(output).toBe("cleaned\n");
      expect(await client.replay(run.id)).toMatchObject({ same: true });
    }));

  test("cancels a computation of its own that does not end", () =>
    withClient(kind, async (client) => {
      let begun = false;
      const onOutput = (): void => {
        begun = true;
      };
      const text = '(println "begun") (loop [] (recur))';
      const run = await client.start({ name: "t.fm", text }, { ...options, args: [], onOutput });
      await until("it runs", () => begun);
      expect(await client.cancel(run.id, "enough")).toEqual({ outcome: "cancelled" });
      expect((await run.ended).status).toBe("cancelled");
    }));
});
