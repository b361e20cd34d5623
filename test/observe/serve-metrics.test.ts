// A process that serves is watched by HTTP: figures that a scraper can read, health, and a log in JSON.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { startFlowmetal, flowmetal, until } from "../support/cli.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";
import { parseExposition } from "./exposition.ts";

interface Line {
  readonly level: string;
  readonly kind: string;
  readonly url?: string;
  readonly program: string | null;
  readonly text: string;
}

async function serving(store: string, ...more: string[]) {
  const args = ["serve", "--store", store, "--metrics", "127.0.0.1:0", "--json", ...more];
  const process = startFlowmetal(args);
  const lines = (): Line[] =>
    process
      .stderr()
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  await until("it serves", () => lines().some(({ kind }) => kind === "serving"));
  const { url } = lines().find(({ kind }) => kind === "listening") as { url: string };
  const figures = async (): Promise<Map<string, number>> => {
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const samples = parseExposition(await response.text()).flatMap((family) => family.samples);
    return new Map(samples.map(({ name, labels, value }) => [[name, ...Object.values(labels)].join(" "), value]));
  };
  return { ...process, lines, url, figures };
}

test("figures, health and log of a process that serves", { timeout: 120_000 }, async () => {
  const server = createServer((_, response) => response.end("{}"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const folder = scratchFolder();
  const store = `${folder}/store.db`;
  const { port } = server.address() as AddressInfo;
  const asking = `(ns a (:require [flow.http.request :as request]))\n(:status (request/send {:url "http://127.0.0.1:${port}/"}))`;
  const asks = writeIn(folder, "asks.fm", asking);
  const waits = writeIn(folder, "waits.fm", "(ns b (:require [flow.time :as time]))\n(time/sleep 3600000)");
  const fails = writeIn(folder, "fails.fm", '(throw (error :app/wrong "no" {}))');
  const served = await serving(store, "--queue", "default", "--queue", "other");
  for (const script of [asks, waits, fails]) {
    expect((await flowmetal(["start", "--store", store, script])).code).toBe(0);
  }
  await flowmetal(["start", "--store", store, "--queue", "nobody", waits]);
  const done = (await flowmetal(["ps", "--store", store, "--json"])).stdout;
  expect(done).toContain("asks.fm");
  await until("two have ended", () => served.lines().filter(({ kind }) => kind === "ended").length === 2);
  let now = new Map<string, number>();
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    now = await served.figures();
    if (now.get("flowmetal_ended_total faulted") === 1 && now.get("flowmetal_programs default waiting") === 1) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const expected = {
    flowmetal_store_up: 1,
    "flowmetal_programs default waiting": 1,
    "flowmetal_programs default faulted": 1,
    "flowmetal_programs nobody ready": 1,
    "flowmetal_claims_total default": 3,
    "flowmetal_ended_total done": 1,
    "flowmetal_ended_total faulted": 1,
    "flowmetal_effects_total http ok": 1,
    "flowmetal_effect_seconds_count http": 1,
    "flowmetal_queue_claimable default": 0,
    "flowmetal_queue_age_seconds other": 0,
    flowmetal_interpreters: 1,
    "flowmetal_commits_total lease-lost": undefined,
    flowmetal_lease_losses_total: 0,
  };
  expect(Object.fromEntries(Object.keys(expected).map((name) => [name, now.get(name)]))).toEqual(expected);
  const turns = now.get("flowmetal_turns_total") as number;
  expect(turns).toBeGreaterThanOrEqual(4);
  expect(now.get("flowmetal_batch_turns_sum")).toBe(turns);
  expect(now.get("flowmetal_commit_seconds_count")).toBe(now.get("flowmetal_commits_total done"));
  expect(now.get("flowmetal_snapshot_bytes_total")).toBeGreaterThan(100);
  expect(now.get("flowmetal_process_resident_memory_bytes")).toBeGreaterThan(1e7);

  const ready = await fetch(`${served.url}/health`);
  expect([ready.status, await ready.json()]).toEqual([200, { status: "serving", store: true }]);
  expect((await fetch(`${served.url}/health/live`)).status).toBe(200);
  expect((await fetch(`${served.url}/other`)).status).toBe(404);
  expect((await fetch(`${served.url}/metrics`, { method: "POST" })).status).toBe(405);

  served.child.kill("SIGTERM");
  expect((await served.ended).code).toBe(0);
  const kinds = served.lines().map(({ level, kind }) => `${level} ${kind}`);
  expect(kinds.slice(0, 2)).toEqual(["info listening", "info serving"]);
  expect([...kinds].sort()).toEqual(
    ["info drained", "info ended", "info listening", "info serving", "warn ended"].sort(),
  );
});

test("an address that is taken is refused by name", { timeout: 30_000 }, async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const store = `${scratchFolder()}/store.db`;
  const { code, stderr } = await flowmetal(["serve", "--store", store, "--metrics", String(port)]);
  expect(code).toBe(2);
  expect(stderr).toContain(`nothing can listen at 127.0.0.1:${port} (EADDRINUSE)`);
  expect(stderr).toContain("serve/address");
});
