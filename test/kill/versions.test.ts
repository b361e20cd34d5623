// Engines of two versions at one store: what one has begun the other goes on with, and both serve it at the same time (E-16).
import { expect, test } from "vitest";
import { ENGINE_VERSION } from "../../src/base/version.ts";
import { decodeBody } from "../../src/journal/codec.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { inFolder } from "../store/support.ts";
import { areOver, endOf, enqueue, FleetChild, host, makeChild, NAMES } from "./fleets.ts";

const NEXT = "9.9.9";

/** The engines that have made the turns of a program. */
async function enginesOf(store: Store, id: string): Promise<readonly string[]> {
  const journal = await store.readJournal({ program: id });
  return journal.flatMap(({ kind, body }) => (kind === "turn" ? decodeBody(kind, body).versions[0] : []));
}

test("engines of two versions share a store: each goes on with what the other has begun", () =>
  inFolder(async (folder) => {
    const path = `${folder}/s.db`;
    const [mine, next] = [await makeChild(), await makeChild(NEXT)];
    const store = await openSqliteStore({ path, host, synchronous: "NORMAL" });
    try {
      // Old, then new; and the other way round: an upgrade that is taken back.
      for (const [first, second] of [
        [mine, next],
        [next, mine],
      ] as const) {
        const id = await enqueue(store, "steps");
        // It kills itself after its second commit, in the middle of the program.
        const begun = new FleetChild(first, path, ["after", 1]);
        expect((await begun.ended).signal).toBe("SIGKILL");
        const goesOn = new FleetChild(second, path);
        while (!(await areOver(store, [id]))) await host.clock.sleep(20);
        await goesOn.drain();
        expect(await endOf(store, id)).toMatchObject({ status: "done", result: "10", wrong: [] });
        expect(new Set(await enginesOf(store, id))).toEqual(new Set([ENGINE_VERSION, NEXT]));
      }
      const ids: string[] = [];
      for (const name of [...NAMES, ...NAMES]) ids.push(await enqueue(store, name));
      const both = [new FleetChild(mine, path), new FleetChild(next, path)];
      while (!(await areOver(store, ids))) await host.clock.sleep(20);
      for (const one of both) await one.drain();
      for (const id of ids) expect(await endOf(store, id)).toMatchObject({ status: "done", wrong: [] });
    } finally {
      await store.close();
    }
  }));
