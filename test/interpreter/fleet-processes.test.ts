// Real processes that serve the queues of one SQLite file: told to end, and the commands around them (E-14). test/demo kills one.
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { flowmetal, startFlowmetal } from "../support/cli.ts";
import { inFolder } from "../store/support.ts";
import { atSite, checkJournal } from "./site.ts";
import { serving } from "./serving.ts";

const STEPS = `(ns app.steps (:require [flow.test :as test] [flow.time :refer [sleep]]))
(def n (parse-long (first *args*)))
(loop [i 0, sum 0]
  (if (< i 6)
    (do (sleep 150) (recur (inc i) (+ sum (first (test/echo (* n i))))))
    sum))`;

test("a process that is told to end leaves everything claimable within seconds, and another goes on", async () => {
  await atSite(async (site) => {
    const first = await serving(site);
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
    const second = await serving(site);
    await site.all("they are done", ({ id, status }) => id === endless || status === "done");
    expect(second.stderr()).not.toContain("taken-over");
    expect((await site.rows()).every(({ crashes }) => crashes === 0)).toBe(true);
    for (const id of ids) await checkJournal(site.store, id);
  });
});

test("a second signal ends the process at once", async () => {
  await atSite(async (site) => {
    const process = await serving(site);
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
