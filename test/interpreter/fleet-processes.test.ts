// Real processes that serve the queues of one SQLite file: told to end, and the commands around them (E-14). test/demo kills one.
import { join } from "node:path";
import { onTestFinished, expect, test } from "vitest";
import { openClient } from "../../src/client/open.ts";
import type { Client } from "../../src/client/client.ts";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import type { ProgramRow } from "../../src/store/rows.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { type CliProcess, flowmetal, startFlowmetal, until } from "../support/cli.ts";
import { inFolder } from "../store/support.ts";

const STEPS = `(ns app.steps (:require [flow.test :as test] [flow.time :refer [sleep]]))
(def n (parse-long (first *args*)))
(loop [i 0, sum 0]
  (if (< i 6)
    (do (sleep 150) (recur (inc i) (+ sum (first (test/echo (* n i))))))
    sum))`;

/** A store in a file, looked at by the test and served by processes. */
class Site {
  constructor(
    readonly file: string,
    readonly store: Store,
    private readonly client: Client,
  ) {}

  async enqueue(text: string, args: readonly string[] = [], change: { queue?: string; priority?: number } = {}) {
    const options = { args, maxSteps: null, queue: "default", priority: 0, labels: {}, ...change };
    return this.client.enqueue({ name: "t.fm", text }, options);
  }

  interpreter(...options: string[]): CliProcess {
    return startFlowmetal(["interpreter", "--store", this.file, "--json", ...options]);
  }

  async serving(...options: string[]): Promise<CliProcess> {
    const process = this.interpreter(...options);
    await until("it serves", () => process.stderr().includes('"serving"'));
    return process;
  }

  async row(id: string): Promise<ProgramRow> {
    return (await this.store.readProgram({ program: id }))!;
  }

  rows(): Promise<readonly ProgramRow[]> {
    return this.store.listPrograms({});
  }

  /** Waits until a condition holds for all rows. */
  async all(what: string, holds: (row: ProgramRow) => boolean, ms = 10_000): Promise<void> {
    const deadline = Date.now() + ms;
    for (;;) {
      const others = (await this.rows()).filter((row) => !holds(row));
      if (others.length === 0) return;
      if (Date.now() > deadline) throw new Error(`in vain until ${what}: ${JSON.stringify(others[0])}`);
      await systemClock.sleep(20);
    }
  }
}

async function atSite(work: (site: Site) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const file = join(folder, "s.db");
    const client = await openClient(`sqlite:${file}`, { create: true });
    const store = await openSqliteStore({ path: file, host: { clock: systemClock, random: systemRandom } });
    try {
      await work(new Site(file, store, client));
    } finally {
      await store.close();
      await client.close();
    }
  });
}

/** No gap in the journal, each turn once, in order. */
async function checkJournal(store: Store, id: string): Promise<number> {
  const entries = await store.readJournal({ program: id });
  expect(entries.map(({ position }) => position)).toEqual(entries.map((_, i) => i));
  const turns = entries
    .filter(({ kind }) => kind === "turn")
    .map(({ body }) => (JSON.parse(body) as { turn: number }).turn);
  expect(turns).toEqual(turns.map((_, i) => i + 1));
  return turns.length;
}

test("a process that is told to end leaves everything claimable within seconds, and another goes on", async () => {
  await atSite(async (site) => {
    const first = await site.serving();
    const ids: string[] = [];
    for (let n = 0; n < 10; n++) ids.push(await site.enqueue(STEPS, [String(n)]));
    const endless = await site.enqueue("(loop [i 0] (recur (inc i)))");
    await site.all("each has begun", ({ turn, owner }) => turn > 0 || owner !== null);
    const asked = Date.now();
    first.child.kill("SIGTERM");
    expect(await first.ended).toMatchObject({ code: 0 });
    expect(Date.now() - asked).toBeLessThan(5_000);
    expect((await site.rows()).filter(({ owner }) => owner !== null)).toEqual([]);
    expect((await site.row(endless)).cut).toBe(true);
    const second = await site.serving();
    await site.all("they are done", ({ id, status }) => id === endless || status === "done");
    expect(second.stderr()).not.toContain("taken-over");
    expect((await site.rows()).every(({ crashes }) => crashes === 0)).toBe(true);
    for (const id of ids) await checkJournal(site.store, id);
  });
});

test("a second signal ends the process at once", async () => {
  await atSite(async (site) => {
    const process = await site.serving();
    process.child.kill("SIGTERM");
    process.child.kill("SIGINT");
    // Either it had drained before the second one came, or that one ended it.
    expect([0, 130]).toContain((await process.ended).code);
  });
});

test("start, serve and wait, with the exit code of the program; modules travel with it", async () => {
  await inFolder(async (folder) => {
    const { mkdirSync, rmSync, writeFileSync } = await import("node:fs");
    const store = join(folder, "s.db");
    mkdirSync(join(folder, "util"));
    writeFileSync(
      join(folder, "util", "greet.fm"),
      '(ns util.greet (:require [util.name :as n]))\n(defn hello [] (str "hello " n/whom))',
    );
    writeFileSync(join(folder, "util", "name.fm"), '(ns util.name)\n(def whom "you")');
    writeFileSync(join(folder, "a.fm"), "(ns a (:require [util.greet :as g]))\n(println *args*)\n(g/hello)");
    writeFileSync(join(folder, "b.fm"), '(throw (error :mine "on purpose"))');
    const at = { cwd: folder };
    const start = async (...args: string[]) =>
      (await flowmetal(["start", "--store", store, ...args], at)).stdout.trim();
    const a = await start("--label", "team=x", "--priority", "-2", "a.fm", "1", "--flag");
    const b = await start("b.fm");
    rmSync(join(folder, "util"), { recursive: true });
    const serving = startFlowmetal(["serve", "--store", store], at);
    onTestFinished(() => void serving.child.kill("SIGKILL"));
    expect(await flowmetal(["wait", "--store", store, a], at)).toMatchObject({ code: 0, stdout: '"hello you"\n' });
    expect(await flowmetal(["wait", "--store", store, b], at)).toMatchObject({ code: 1 });
    expect((await flowmetal(["output", "--store", store, a], at)).stdout).toBe("[1 --flag]\n");
    serving.child.kill("SIGTERM");
    expect(await serving.ended).toMatchObject({ code: 0 });
    const bad = await flowmetal(["start", "--store", store, "--label", "x", "a.fm"], at);
    expect(bad).toMatchObject({ code: 2 });
  });
});
