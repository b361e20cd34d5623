// Traces: a program's context is kept through waits and processes, sent along with requests, told to an SDK, and no part of its state.
import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { type CliOptions, flowmetal, startFlowmetal, until } from "../support/cli.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const TRACEPARENT = `00-${TRACE}-${PARENT}-01`;
const SETUP = pathToFileURL(fileURLToPath(new URL("otel-setup.mjs", import.meta.url))).href;

interface Span {
  readonly name: string;
  readonly trace: string;
  readonly span: string;
  readonly parent: string | null;
  readonly links: readonly string[];
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly status: { readonly code: number; readonly message?: string };
}

/** A server that keeps the headers of what it is asked. */
async function listening() {
  const asked: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    if (request.url === "/moved") response.writeHead(302, { location: `http://localhost:${port()}/` });
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const port = () => (server.address() as AddressInfo).port;
  onTestFinished(() => void server.close());
  return { asked, url: `http://127.0.0.1:${port()}` };
}

const script = (url: string, more = "") => `(ns a (:require [flow.http.request :as request] [flow.time :as time]))
(request/send {:url "${url}/first"})
(time/sleep 200)
(request/send {:url "${url}/second"${more}})
(println "done")`;

const json = async (args: readonly string[], options?: CliOptions) =>
  JSON.parse((await flowmetal([args[0] as string, "--json", ...args.slice(1)], options)).stdout) as Record<
    string,
    unknown
  >;

test("without an SDK a program's context goes along as it came", { timeout: 120_000 }, async () => {
  const { asked, url } = await listening();
  const folder = scratchFolder();
  const store = `${folder}/store.db`;
  const own = ` :headers {"traceparent" "00-${"1".repeat(32)}-${"2".repeat(16)}-00"}`;
  const file = writeIn(folder, "a.fm", script(url, own));
  const env = { TRACEPARENT };
  expect(await flowmetal(["eval", "--store", store, file], { env })).toMatchObject({ code: 0, stdout: "done\n" });
  expect(asked.map((headers) => headers["traceparent"])).toEqual([
    TRACEPARENT,
    `00-${"1".repeat(32)}-${"2".repeat(16)}-00`,
  ]);
  expect((await flowmetal(["replay", "--store", store, "@last", "--verify"])).code).toBe(0);
  const moved = writeIn(folder, "b.fm", script(`${url}/moved?`).replace('/first"', '"').replace('/second"', '"'));
  await flowmetal(["eval", "--store", store, moved], { env });
  // To the other origin of a redirect it is not sent.
  expect(asked.slice(2).map(({ host, traceparent }) => [host?.split(":")[0], traceparent])).toEqual([
    ["127.0.0.1", TRACEPARENT],
    ["localhost", undefined],
    ["127.0.0.1", TRACEPARENT],
    ["localhost", undefined],
  ]);
  const wrong = await flowmetal(["eval", "--store", store, file], { env: { TRACEPARENT: "00-0-0-00" } });
  expect(wrong).toMatchObject({ code: 0 });
  expect(asked[6]?.["traceparent"]).toBeUndefined();
});

test("an SDK that is registered gets spans, also those of another process behind a wait", {
  timeout: 120_000,
}, async () => {
  const { asked, url } = await listening();
  const folder = scratchFolder();
  const store = `${folder}/store.db`;
  const spansFile = writeIn(folder, "spans.jsonl", "");
  const spans = (): Span[] =>
    readFileSync(spansFile, "utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Span);
  const env = { NODE_OPTIONS: `--import=${SETUP}`, SPANS_FILE: spansFile };
  const file = writeIn(folder, "a.fm", script(url).replace("200", "1500"));
  const { id } = await json(["start", "--store", store, file], { env: { TRACEPARENT } });
  const first = startFlowmetal(["serve", "--store", store], { env });
  await until("the first request was made", () => asked.length === 1);
  await until("its turn was told", () => spans().filter(({ name }) => name === "flowmetal.turn").length === 2);
  first.child.kill("SIGTERM");
  expect((await first.ended).code).toBe(0);
  const second = startFlowmetal(["serve", "--store", store], { env });
  expect((await flowmetal(["wait", "--store", store, String(id)])).code).toBe(0);
  second.child.kill("SIGTERM");
  expect((await second.ended).code).toBe(0);

  const all = spans();
  const named = (name: string): Span[] => all.filter((span) => span.name === `flowmetal.${name}`);
  const turns = named("turn");
  expect(turns.length).toBeGreaterThanOrEqual(4);
  for (const turn of turns) {
    expect(turn).toMatchObject({ trace: TRACE, parent: PARENT, status: { code: 0 } });
    expect(turn.attributes).toMatchObject({ "flowmetal.program": id, "flowmetal.script": file });
    const isFirst = turn.attributes["flowmetal.turn"] === 1;
    expect(turn.links).toEqual(isFirst ? [] : [`${TRACE}-${PARENT}`]);
  }
  expect(new Set(turns.map(({ attributes }) => attributes["flowmetal.interpreter"])).size).toBe(2);
  const effects = named("effect http");
  expect(effects.length).toBe(2);
  for (const effect of effects) {
    expect(effect.trace).toBe(TRACE);
    expect(turns.map(({ span }) => span)).toContain(effect.parent);
    const facts = { "flowmetal.outcome": "ok", "http.request.method": "GET", "server.address": "127.0.0.1" };
    expect(effect.attributes).toMatchObject(facts);
    expect(JSON.stringify(effect)).not.toContain("/first");
  }
  // What was asked knows the span of its effect as its parent.
  expect(asked.map((headers) => headers["traceparent"])).toEqual(effects.map(({ span }) => `00-${TRACE}-${span}-01`));
  for (const commit of named("commit")) {
    expect(commit.trace).toBe(TRACE);
    expect(turns.map(({ span }) => span)).toContain(commit.parent);
  }
  expect((await flowmetal(["replay", "--store", store, String(id), "--verify"])).code).toBe(0);
});

test("a context is a label: start takes another, or none, and it moves with the program", {
  timeout: 120_000,
}, async () => {
  const folder = scratchFolder();
  const store = `${folder}/store.db`;
  const file = writeIn(folder, "a.fm", "(println 1)");
  const env = { TRACEPARENT };
  const given = await json(["start", "--store", store, file], { env });
  const none = await json(["start", "--store", store, "--label", "traceparent=none", file], { env });
  const found = await flowmetal(["export", "--copy", "--store", store, "--label", `traceparent=${TRACEPARENT}`]);
  expect(found.stdout).toContain(String(given["id"]));
  expect(found.stdout).not.toContain(String(none["id"]));
  writeIn(folder, "moved.jsonl", found.stdout);
  const other = `${folder}/other.db`;
  expect((await flowmetal(["start", "--store", other, file])).code).toBe(0);
  expect((await flowmetal(["import", "--store", other, `${folder}/moved.jsonl`])).code).toBe(0);
  const again = await flowmetal(["export", "--copy", "--store", other, "--label", `traceparent=${TRACEPARENT}`]);
  expect(again.stdout).toContain(TRACEPARENT);
});
