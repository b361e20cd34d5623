// What the servers beside the examples have in common: flags, a log, answers remembered by key, and trouble on request.
//
//   --port N (8080)         where it listens, on 127.0.0.1
//   --latency MS (20)       from doing what a request asks for to answering it
//   --failure-rate 0..1     how many tries fail (0.2): half of them with a 503 before anything is done; of the other half the
//                           connection breaks afterwards, and the client cannot know whether it was done
//   --retry-after SECONDS   what a 503 says (1)
//   --seed TEXT (1)         which tries fail; never more than two in a row of one method and path
//   --log FILE              instead of stdout
//   --ignore-keys           do what is asked for as often as it is asked for: what a server must not do
//
// A request is known by its Idempotency-Key. What was done under a key is not done again: it gets the answer it got.
//
// The log has lines of JSON, {"n": number of the request, "event": ...}: "arrived", with method, path and key; "did", with what was done,
// as it is done; and in the end "answered", with a status, "broken" where the connection was broken on purpose, or "gone" where
// the client was gone.
import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

const MOST_FAILURES_IN_A_ROW = 2;
const MOST_BODY_BYTES = 1_000_000;

const FLAGS = {
  port: { type: "string", default: "8080" },
  latency: { type: "string", default: "20" },
  "failure-rate": { type: "string", default: "0.2" },
  "retry-after": { type: "string", default: "1" },
  seed: { type: "string", default: "1" },
  log: { type: "string" },
  "ignore-keys": { type: "boolean", default: false },
};

/** The flags, those above and a server's own (as parseArgs takes them), by name. */
export function flagsWith(own) {
  return parseArgs({ options: { ...FLAGS, ...own } }).values;
}

/** A number in [0, 1) that follows from the seed and `what`. */
export function chance(flags, ...what) {
  const hash = createHash("sha256").update(JSON.stringify([flags.seed, ...what]));
  return hash.digest().readUInt32BE() / 2 ** 32;
}

/**
 * Serves `route({method, url, body})`, which answers {status, json, did}: `did` says in words what was done, if anything was. NEVER
 * in place of an answer is none.
 */
export function serve(flags, route) {
  const exchanges = new Exchanges(flags, route);
  const server = createServer((request, response) => {
    // A client that goes away in the middle of its request is nothing to fall over.
    exchanges.handle(request, response).catch(() => response.destroy());
  });
  server.listen(Number(flags.port), "127.0.0.1", () => {
    process.stdout.write(`listening on http://127.0.0.1:${server.address().port}\n`);
  });
}

export const NEVER = Symbol("never");

class Exchanges {
  #flags;
  #route;
  #requests = 0;
  /** Key to the answer to what was done under it. */
  #answers = new Map();
  /** Method and path to how many tries there were, and how many failed in a row. */
  #tries = new Map();

  constructor(flags, route) {
    this.#flags = flags;
    this.#route = route;
  }

  async handle(request, response) {
    const n = ++this.#requests;
    const key = request.headers["idempotency-key"];
    log(this.#flags, { n, event: "arrived", method: request.method, path: request.url, key });
    let over = false;
    const end = (event) => {
      if (!over) log(this.#flags, { n, ...event });
      over = true;
    };
    response.on("close", () => end({ event: "gone" }));
    const body = await read(request);
    const failure = this.#failure(`${request.method} ${request.url}`);
    const answer = failure === "busy" ? this.#busy() : this.#answer(n, request, key, body);
    if (answer === NEVER) return;
    await sleep(Number(this.#flags.latency));
    if (failure === "broken") {
      end({ event: "broken" });
      response.destroy();
      return;
    }
    end({ event: "answered", status: answer.status });
    response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
    response.end(JSON.stringify(answer.json ?? null));
  }

  #busy() {
    return { status: 503, json: { error: "try again" }, headers: { "retry-after": this.#flags["retry-after"] } };
  }

  /** Whether a try fails: "busy" before anything is done, "broken" after it, or null. */
  #failure(path) {
    const seen = this.#tries.get(path) ?? { tries: 0, failures: 0 };
    this.#tries.set(path, seen);
    seen.tries++;
    const luck = chance(this.#flags, "failure", path, seen.tries) / Number(this.#flags["failure-rate"]);
    const fails = luck < 1 && seen.failures < MOST_FAILURES_IN_A_ROW;
    seen.failures = fails ? seen.failures + 1 : 0;
    if (!fails) return null;
    return luck < 0.5 ? "busy" : "broken";
  }

  #answer(n, { method, url: path }, key, body) {
    const before = this.#flags["ignore-keys"] ? undefined : this.#answers.get(key);
    if (before !== undefined) return before;
    const url = new URL(path, "http://localhost");
    const answer = this.#route({ method, url, body: body === "" ? null : JSON.parse(body) }) ?? {
      status: 404,
      json: { error: "no such thing here" },
    };
    if (answer.did !== undefined) log(this.#flags, { n, event: "did", what: answer.did, key });
    if (key !== undefined && answer !== NEVER) this.#answers.set(key, answer);
    return answer;
  }
}

/** Writes a line of the log. */
export function log(flags, line) {
  const text = `${JSON.stringify(line)}\n`;
  if (flags.log === undefined) process.stdout.write(text);
  else appendFileSync(flags.log, text);
}

/** The body of a request. */
export async function read(request) {
  let body = "";
  for await (const chunk of request) {
    body += chunk;
    if (body.length > MOST_BODY_BYTES) throw new Error("too large");
  }
  return body;
}
