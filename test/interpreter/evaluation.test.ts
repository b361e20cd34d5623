// Programs that take all memory, or do not come back, beside healthy ones, in real processes (E-15, decision 19).
import { spawnSync } from "node:child_process";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { needPrograms } from "../support/programs.ts";
import { until } from "../support/cli.ts";
import { DOES_NOT_COME_BACK, eventsOf, faultType, GROWS, OUT_OF_MEMORY, startHealthy, unwell } from "./bombs.ts";
import { atSite, type Site } from "./site.ts";
import { serving } from "./serving.ts";

/** The processes that a process has started. */
function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync("pgrep", ["-P", String(pid)], { encoding: "utf8" });
  return stdout.split("\n").filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const isOver = ({ status }: { readonly status: string }): boolean => status === "done" || status === "faulted";

test.each([
  ["takes all memory", OUT_OF_MEMORY],
  ["does not come back", DOES_NOT_COME_BACK],
])(
  "a program that %s is found out, everything else goes on, and so does the process",
  async (_, bomb) => {
    await atSite(async (site) => {
      const healthy = await startHealthy(site, 60);
      const id = await site.enqueue(bomb);
      const served = await serving(site, "serve");
      await site.all("all are over", isOver, 200_000);
      expect(faultType(await site.row(id))).toBe("crashed-interpreter");
      expect(await unwell(site, healthy)).toEqual([]);
      expect(isAlive(served.child.pid!)).toBe(true);
      const deaths = eventsOf(served.stderr(), "evaluation-ended");
      expect(deaths.map(({ program }) => program)).toEqual([id, id, id, id]);
      // Nothing has waited for a lease to run out.
      expect(eventsOf(served.stderr(), "taken-over")).toEqual([]);
      served.child.kill("SIGTERM");
      expect(await served.ended).toMatchObject({ code: 0 });
    });
  },
  240_000,
);

test("a program that takes more memory than one may is stopped by name, where it is, and takes none from others", async () => {
  await atSite(async (site) => {
    const healthy = await startHealthy(site, 20);
    const list = await site.enqueue('(loop [xs (list)] (recur (cons (str (count xs) "th") xs)))');
    const map = await site.enqueue(GROWS);
    const frames = await site.enqueue("(defn f [n] (+ 1 (f (inc n)))) (f 0)");
    const served = await serving(site, "serve", "--memory", "12");
    await site.all("all are over", isOver, 50_000);
    for (const id of [list, map, frames]) {
      expect(faultType(await site.row(id))).toBe("limit/memory");
      const kinds = (await site.store.readJournal({ program: id })).map(({ kind }) => kind);
      expect(kinds).toContain("stop");
    }
    expect(await unwell(site, healthy)).toEqual([]);
    expect(eventsOf(served.stderr(), "evaluation-ended")).toEqual([]);
  });
});

test("a process that is told to end does so though a program does not come back, and counts no crash", async () => {
  await atSite(async (site) => {
    const id = await site.enqueue(DOES_NOT_COME_BACK);
    const served = await serving(site, "serve");
    await site.all("it is evaluated", ({ owner }) => owner !== null);
    served.child.kill("SIGTERM");
    expect(await served.ended).toMatchObject({ code: 0 });
    expect(await site.row(id)).toMatchObject({ owner: null, crashes: 0, status: "ready" });
  });
});

test("the evaluation process does not outlive a process that is killed, whatever it does", async (context) => {
  needPrograms(context, "pgrep");
  await atSite(async (site) => {
    await site.enqueue(DOES_NOT_COME_BACK);
    const served = await serving(site, "serve");
    await site.all("it is evaluated", ({ owner }) => owner !== null);
    const [child] = childrenOf(served.child.pid!);
    expect(isAlive(child)).toBe(true);
    served.child.kill("SIGKILL");
    await until("it is gone", () => !isAlive(child));
  });
});

/** A server that answers when the test likes. */
async function slowServer() {
  const requests: ServerResponse[] = [];
  const server = createServer((_, response) => void requests.push(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

async function killEvaluation(site: Site, url: string, contract: string) {
  const text = `(:status (flow.http.request/get "${url}" {:contract ${contract}}))`;
  const id = await site.enqueue(`(require 'flow.http.request) ${text}`);
  const served = await serving(site, "serve");
  await site.all("it waits for the answer", ({ status }) => status === "waiting");
  return { id, served };
}

test("what was sent and can be sent once only is carried on when the evaluation process dies, and is no doubt", async (context) => {
  needPrograms(context, "pgrep");
  const { requests, url } = await slowServer();
  await atSite(async (site) => {
    const { id, served } = await killEvaluation(site, url, ":at-most-once");
    await until("it is sent", () => requests.length === 1);
    for (const child of childrenOf(served.child.pid!)) process.kill(child, "SIGKILL");
    await until("another begins", () => eventsOf(served.stderr(), "serving").length === 2);
    requests[0].end("late");
    await site.all("it is done", ({ status }) => status === "done");
    expect((await site.row(id)).result).toBe("200");
    expect(requests).toHaveLength(1);
  });
});

test("what may be sent again is sent again", async (context) => {
  needPrograms(context, "pgrep");
  const { requests, url } = await slowServer();
  await atSite(async (site) => {
    const { id, served } = await killEvaluation(site, url, ":at-least-once");
    await until("it is sent", () => requests.length === 1);
    for (const child of childrenOf(served.child.pid!)) process.kill(child, "SIGKILL");
    await until("it is sent again", () => requests.length === 2);
    requests[1].end("second");
    await site.all("it is done", ({ status }) => status === "done");
    expect((await site.row(id)).result).toBe("200");
  });
});
