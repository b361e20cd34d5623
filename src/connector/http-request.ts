// The connector for HTTP requests: redirects, the one repetition a broken connection is worth, the total time limit.
import type { Agent } from "undici";
import { canonicalJson } from "../base/canonical-json.ts";
import { type Connector, type Performed, type OutgoingEffect, type PerformContext, failure } from "./connector.ts";
import { bodyMembers } from "./http-body.ts";
import { type HttpAnswer, type HttpFailure, Stopped, exchange } from "./http-exchange.ts";
import { type HttpLimits, type HttpRequest, parseHttpRequest } from "./http-payload.ts";

const DEFAULT_LIMITS: HttpLimits = {
  connectMs: 10_000,
  headersMs: 300_000,
  bodyMs: 60_000,
  totalMs: 300_000,
  maxBytes: 10 * 2 ** 20,
  mostBytes: 64 * 2 ** 20,
};

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** What goes along to another origin. A list of what is harmless: secrets travel in headers of any name. */
const HARMLESS_HEADERS = new Set([
  "accept",
  "accept-charset",
  "accept-encoding",
  "accept-language",
  "cache-control",
  "if-modified-since",
  "if-none-match",
  "range",
  "user-agent",
]);

interface Agents {
  /** Keeps connections alive between requests. */
  readonly shared: Agent;
  /** A connection of its own for each request: none that the server was just closing. */
  readonly fresh: Agent;
}

/**
 * Carries out effects of the kind `http`. Payload: `{method, url, query, headers, json | body, bodyEncoding,
 * timeoutMs, maxBytes}`; answer: `{status, headers, body, bodyEncoding?, url}`. Any status is an answer.
 */
export class HttpRequestConnector implements Connector {
  readonly kind = "http";
  readonly #limits: HttpLimits;
  #agents: Promise<Agents> | null = null;

  constructor(limits: Partial<HttpLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  accepts(): boolean {
    return true;
  }

  perform(effect: OutgoingEffect, context: PerformContext): Performed | Promise<Performed> {
    const request = parseHttpRequest(effect, this.#limits);
    return "ok" in request ? request : this.#performRequest(request, effect, context);
  }

  async close(): Promise<void> {
    const agents = await this.#agents;
    if (agents !== null) await Promise.all([agents.shared.destroy(), agents.fresh.destroy()]);
  }

  async #performRequest(request: HttpRequest, effect: OutgoingEffect, context: PerformContext): Promise<Performed> {
    const stop = new AbortController();
    const giveUp = () => stop.abort(new Stopped("http/aborted", "the request was given up", {}));
    if (context.signal.aborted) giveUp();
    else context.signal.addEventListener("abort", giveUp);
    const ms = request.timeoutMs;
    const cancelAlarm = context.clock.after(ms, () =>
      stop.abort(new Stopped("http/timeout", `not done within ${ms} ms`, { phase: "total", ms })),
    );
    try {
      return await this.#follow(request, effect, { clock: context.clock, limits: this.#limits, stop: stop.signal });
    } catch (error) {
      // Not a failure of the request but of this connector; it must not end the process, and something may have been sent.
      const message = error instanceof Error ? error.message : String(error);
      return failure("http/internal", `the HTTP connector failed: ${message}`, {}, true);
    } finally {
      cancelAlarm();
      context.signal.removeEventListener("abort", giveUp);
    }
  }

  /** Sends, and follows redirects where the contract and the method allow it (E-21). */
  async #follow(
    first: HttpRequest,
    effect: OutgoingEffect,
    context: Parameters<typeof exchange>[2],
  ): Promise<Performed> {
    const follows = effect.delivery === "at-least-once" && (first.method === "GET" || first.method === "HEAD");
    let request = first;
    for (let hop = 0; ; hop++) {
      const result = await this.#send(request, effect, context);
      if (!result.ok) return failure(result.type, result.message, result.data, result.sent || hop > 0);
      const location = follows && REDIRECTS.has(result.status) ? single(result, "location") : undefined;
      if (location === undefined) return { ok: true, body: answerText(result, request.url) };
      const next = redirected(request, location, effect.key);
      if (next === null)
        return failure("http/redirect", `redirected to what is no HTTP address: ${location}`, { location }, true);
      if (hop === MAX_REDIRECTS)
        return failure("http/redirect", `more than ${MAX_REDIRECTS} redirects`, { location }, true);
      request = next;
    }
  }

  /**
   * One exchange. At-least-once: a connection that dies before the first byte of an answer is tried once more, on a new
   * one, since a kept-alive connection the server was just closing looks the same. At-most-once: never twice, and so
   * never on a kept-alive connection.
   */
  async #send(
    request: HttpRequest,
    effect: OutgoingEffect,
    context: Parameters<typeof exchange>[2],
  ): Promise<HttpAnswer | HttpFailure> {
    this.#agents ??= openAgents(this.#limits);
    const { shared, fresh } = await this.#agents;
    if (effect.delivery === "at-most-once") return exchange(fresh, request, context);
    const result = await exchange(shared, request, context);
    const worthAnother = !result.ok && result.type === "http/protocol" && !result.final;
    if (!worthAnother) return result;
    const second = await exchange(fresh, request, context);
    return second.ok ? second : { ...second, sent: true };
  }
}

/** Loads the library at the first request: a program that makes none does not pay for it. */
async function openAgents(limits: HttpLimits): Promise<Agents> {
  // Its default export is the library both for Node and inside a bundle, where a CommonJS module has no named exports.
  const { Agent } = (await import("undici")).default;
  // A little above our own alarm, so that it ends attempts nobody waits for any more and never judges.
  const connect = { timeout: limits.connectMs + 1_000 };
  return { shared: new Agent({ connect }), fresh: new Agent({ connect, pipelining: 0 }) };
}

/** The request that follows a redirect, or null when the address is none we can go to. */
function redirected(request: HttpRequest, location: string, key: string): HttpRequest | null {
  if (!URL.canParse(location, request.url.href)) return null;
  const url = new URL(location, request.url);
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  url.hash = "";
  url.username = "";
  url.password = "";
  if (url.origin === request.url.origin) return { ...request, url };
  const harmless = ([name, value]: readonly [string, string]) =>
    HARMLESS_HEADERS.has(name) || (name === "idempotency-key" && value === key);
  return { ...request, url, headers: request.headers.filter(harmless), body: null };
}

function single(answer: HttpAnswer, name: string): string | undefined {
  const value = answer.headers.find(([given]) => given === name)?.[1];
  return typeof value === "string" ? value : value?.[0];
}

/** The answer as plain JSON text. */
function answerText(answer: HttpAnswer, url: URL): string {
  return canonicalJson({
    status: answer.status,
    headers: new Map(answer.headers),
    ...bodyMembers(answer.body, single(answer, "content-type")),
    url: url.href,
  });
}
