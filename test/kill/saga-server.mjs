// A box office for saga.fm: POST /seats/N takes a seat, DELETE /seats/N gives it back, POST /payment is always refused (402).
//
//   node saga-server.mjs --latency MS --log FILE
//
// Giving a seat back fails with a 503 the first time that it is asked for. A request is known by its Idempotency-Key: sent again
// under the same key it gets the same answer. GET /seats lists what is taken. Each request is logged as two lines of JSON, as by
// docs/examples/status-report-server.mjs.
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

const { values: flags } = parseArgs({
  options: { latency: { type: "string", default: "20" }, log: { type: "string" } },
});
const taken = new Set();
const asked = new Map();
const answers = new Map();
let requests = 0;

function log(line) {
  appendFileSync(flags.log, `${JSON.stringify(line)}\n`);
}

/** What is answered to a request that was not seen before: a status and JSON. */
function answer(method, path) {
  if (path === "/payment") return [402, { refused: "no money" }];
  const id = Number(path.slice("/seats/".length));
  const times = (asked.get(method + path) ?? 0) + 1;
  asked.set(method + path, times);
  if (method === "DELETE" && times === 1) return [503, {}];
  if (method === "DELETE") taken.delete(id);
  else taken.add(id);
  return [200, { id }];
}

const server = createServer(async (request, response) => {
  const { method, url: path } = request;
  if (method === "GET") {
    response.end(JSON.stringify([...taken]));
    return;
  }
  const key = request.headers["idempotency-key"];
  const n = ++requests;
  log({ n, event: "arrived", method, path, key });
  request.resume();
  if (!answers.has(key)) answers.set(key, answer(method, path));
  const [status, body] = answers.get(key);
  await sleep(Number(flags.latency));
  log({ n, event: response.destroyed ? "gone" : "answered", status });
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
});
server.listen(0, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
