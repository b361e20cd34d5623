#!/usr/bin/env node
// A service directory to try status-report.fm against: paginated JSON that is slow and fails as often as you ask for.
//
//   node docs/examples/status-report-server.mjs [--port N] [--seed TEXT] [--services N] [--page-size N]
//        [--failure-rate 0..1] [--latency MS] [--retry-after SECONDS] [--log FILE]
//
//   GET  /services?page=N      {"page", "items": [{"id", "team"}], "next": "/services?page=N+1" or null}
//   GET  /services/ID/status   {"id", "state": "up" | "degraded" | "down", "requests", "latency-ms"}
//   POST /reports              {"id"}
//
// Everything it answers follows from the seed and from the requests it has seen, never from the time. A request is known by
// its Idempotency-Key: sent again under the same key it gets the same answer, so a client that was killed in between sees
// what it would have seen. What fails, with a 503, is the first try of a path, or the second, or the third, but never more
// than three in a row. A server is meant for one run of the script: a second run goes on where the first stopped failing.
//
// Each request is logged as two lines of JSON: when it arrived, and when it was answered or its client was gone.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { chance as seededChance, log, read } from "./example-server.mjs";

const MOST_FAILURES_IN_A_ROW = 3;
const TEAMS = ["storage", "network", "identity", "billing"];
const KINDS = ["db", "cache", "queue", "api", "proxy"];

const { values: flags } = parseArgs({
  options: {
    port: { type: "string", default: "8080" },
    seed: { type: "string", default: "1" },
    services: { type: "string", default: "10" },
    "page-size": { type: "string", default: "4" },
    "failure-rate": { type: "string", default: "0.3" },
    latency: { type: "string", default: "20" },
    "retry-after": { type: "string", default: "1" },
    log: { type: "string" },
  },
});
const services = Number(flags.services);
const pageSize = Number(flags["page-size"]);

/** A number in [0, 1) that follows from the seed and `what`. */
const chance = (...what) => seededChance(flags, ...what);

function pick(list, ...what) {
  return list[Math.floor(chance(...what) * list.length)];
}

const directory = Array.from({ length: services }, (_, i) => ({
  id: `${pick(KINDS, "kind", i)}-${String(i + 1).padStart(2, "0")}`,
  team: pick(TEAMS, "team", i),
}));

function page(number) {
  const from = (number - 1) * pageSize;
  if (!Number.isInteger(number) || number < 1 || (from >= services && number > 1)) return null;
  const next = from + pageSize < services ? `/services?page=${number + 1}` : null;
  return { page: number, items: directory.slice(from, from + pageSize), next };
}

function status(id) {
  if (!directory.some((service) => service.id === id)) return null;
  const luck = chance("state", id);
  return {
    id,
    state: luck < 0.65 ? "up" : luck < 0.85 ? "degraded" : "down",
    // Beyond what a double holds exactly: a client that rounds shows it.
    requests: BigInt(2 ** 53) + BigInt(Math.floor(chance("requests", id) * 1000) * 2 + 1),
    "latency-ms": Math.floor(chance("latency", id) * 1000) / 10,
  };
}

/** What a request gets when nothing fails: [status, JSON value]. */
function serve(method, url, body) {
  const route = `${method} ${url.pathname}`;
  const [, id] = /^GET \/services\/([^/]+)\/status$/.exec(route) ?? [];
  let found = null;
  if (route === "GET /services") found = page(Number(url.searchParams.get("page") ?? 1));
  else if (id !== undefined) found = status(decodeURIComponent(id));
  else if (route === "POST /reports") return [201, { id: createHash("sha256").update(body).digest("hex").slice(0, 8) }];
  return found === null ? [404, { error: "no such thing here" }] : [200, found];
}

/** Path to what was decided about it: the answers by key, how many tries there were, how many failed in a row. */
const paths = new Map();

/** The answer to a request, decided once for each key. */
function answer(method, url, key, body) {
  const path = `${method} ${url.pathname}${url.search}`;
  const seen = paths.get(path) ?? { byKey: new Map(), tries: 0, failures: 0 };
  paths.set(path, seen);
  const before = seen.byKey.get(key);
  if (before !== undefined) return { ...before, repeated: true };
  seen.tries++;
  const fails =
    seen.failures < MOST_FAILURES_IN_A_ROW && chance("failure", path, seen.tries) < Number(flags["failure-rate"]);
  seen.failures = fails ? seen.failures + 1 : 0;
  const [code, value] = fails ? [503, { error: "try again" }] : serve(method, url, body);
  const decided = { code, text: json(value) };
  if (key !== undefined) seen.byKey.set(key, decided);
  return { ...decided, repeated: false };
}

function json(value) {
  const wide = /"(\d+)n"/g;
  return JSON.stringify(value, (_, x) => (typeof x === "bigint" ? `${x}n` : x)).replace(wide, "$1");
}

let requests = 0;

async function handle(request, response) {
  const n = ++requests;
  const key = request.headers["idempotency-key"];
  log(flags, { n, event: "arrived", method: request.method, path: request.url, key });
  const body = await read(request);
  const { code, text, repeated } = answer(request.method, new URL(request.url, "http://localhost"), key, body);
  await sleep(Number(flags.latency));
  log(flags, { n, event: response.destroyed ? "gone" : "answered", status: code, repeated });
  response.writeHead(code, {
    "content-type": "application/json",
    ...(code === 503 ? { "retry-after": flags["retry-after"] } : {}),
  });
  response.end(text);
}

const server = createServer((request, response) => {
  // A client that goes away in the middle of its request is nothing to fall over.
  handle(request, response).catch(() => response.destroy());
});
server.listen(Number(flags.port), "127.0.0.1", () => {
  process.stdout.write(`listening on http://127.0.0.1:${server.address().port}\n`);
});
