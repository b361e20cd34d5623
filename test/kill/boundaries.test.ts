// A process that kills itself with SIGKILL right before or after a commit, at a real file; another one goes on with its program.
import { expect, test } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { inFolder } from "../store/support.ts";
import { areOver, endOf, enqueue, FleetChild, host, makeChild, type Name, NAMES } from "./fleets.ts";

/** In the long tier each commit of each program, else a few. */
const IS_LONG = Number(process.env["FLOWMETAL_TEST_MINUTES"] ?? 0) > 0;
const child = await makeChild();
const WHENS = ["before", "after"] as const;
type Kill = readonly [when: string, at: number];

/** Runs a program with one process that kills itself there, then with another; `isKilled`: it came so far. */
async function run(name: Name, kill: Kill | null) {
  return inFolder(async (folder) => {
    const path = `${folder}/s.db`;
    const store = await openSqliteStore({ path, host, synchronous: "NORMAL" });
    try {
      const id = await enqueue(store, name);
      const first = new FleetChild(child, path, kill);
      while (!first.isOver && !(await areOver(store, [id]))) await host.clock.sleep(20);
      const isKilled = await first.drain();
      const second = isKilled ? new FleetChild(child, path) : null;
      while (!(await areOver(store, [id]))) await host.clock.sleep(20);
      await second?.drain();
      return { end: await endOf(store, id), isKilled };
    } finally {
      await store.close();
    }
  });
}

async function runAll(kills: readonly (readonly [Name, Kill])[]): Promise<number> {
  let killed = 0;
  for (let i = 0; i < kills.length; i += 3) {
    const some = kills.slice(i, i + 3);
    const ran = await Promise.all(some.map(([name, kill]) => run(name, kill)));
    for (const [n, { end, isKilled }] of ran.entries()) {
      const [name, kill] = some[n];
      expect({ name, kill, end }).toEqual({ name, kill, end: calm.get(name) });
      if (isKilled) killed++;
    }
  }
  return killed;
}

const calm = new Map<Name, Awaited<ReturnType<typeof run>>["end"]>();

test("killed before and after commits, a program comes to the same end", async () => {
  for (const name of IS_LONG ? NAMES : (["steps"] as const)) {
    const { end } = await run(name, null);
    expect(end).toMatchObject({ status: "done", wrong: [] });
    calm.set(name, end);
  }
  if (!IS_LONG) {
    const few = [
      ["steps", ["before", 0]],
      ["steps", ["after", 2]],
      ["steps", ["before", 4]],
    ] as const;
    expect(await runAll(few)).toBe(3);
    return;
  }
  let all = 0;
  for (const name of calm.keys()) {
    // Until a commit is not reached any more.
    for (let at = 0; ; at++) {
      const killed = await runAll(WHENS.map((when) => [name, [when, at]] as const));
      all += killed;
      if (killed === 0) break;
    }
  }
  expect(all).toBeGreaterThan(2 * 3 * 4);
  process.stdout.write(`killed at ${all} boundaries of commits of ${calm.size} programs\n`);
}, 600_000);
