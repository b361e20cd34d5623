// The payload of an HTTP request effect: from plain JSON text to a request that can be sent, or the reason it cannot.
import type { Json } from "../base/canonical-json.ts";
import { parseJson } from "../base/json-reader.ts";
import { asciiLower, asciiUpper } from "../base/text.ts";
import { type Performed, type OutgoingEffect, failure } from "./connector.ts";
import { type Member, arrayItems, objectMembers } from "./json-text.ts";

/** A request, checked and ready to be sent. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case, in the order of the program; several of one name are several pairs. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | Buffer | null;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** What a payload may leave out, and what it may not exceed. */
export interface HttpLimits {
  readonly connectMs: number;
  /** From the last byte of the request to the end of the response's headers. */
  readonly headersMs: number;
  /** Between two pieces of a response's body. */
  readonly bodyMs: number;
  /** The whole effect, redirects included, unless the payload says `timeoutMs`. */
  readonly totalMs: number;
  /** Size of a response's body, unless the payload says `maxBytes`. */
  readonly maxBytes: number;
  /** What a payload's `maxBytes` may not exceed. */
  readonly mostBytes: number;
}

type Problem = Performed & { ok: false };

const MEMBERS = ["method", "url", "query", "headers", "json", "body", "bodyEncoding", "timeoutMs", "maxBytes"];
const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_NAME = METHOD;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What belongs to the connection and not to the program. */
const REFUSED_HEADERS = new Set([
  "connection",
  "content-length",
  "expect",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
]);
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Reads and checks the payload of `effect`. */
export function parseHttpRequest(effect: OutgoingEffect, limits: HttpLimits): HttpRequest | Problem {
  try {
    return build(membersOf(effect.payload), effect, limits);
  } catch (error) {
    if (error instanceof PayloadError) return failure(error.type, error.message, error.data, false);
    throw error;
  }
}

/** Thrown inside this file only: leaves a deep place with the reason. */
class PayloadError extends Error {
  constructor(
    readonly type: "http/bad-request" | "http/bad-url",
    message: string,
    readonly data: Record<string, Json>,
  ) {
    super(message);
  }
}

function bad(field: string, message: string): PayloadError {
  return new PayloadError("http/bad-request", message, { field });
}

function membersOf(payload: string): Map<string, string> {
  let members: Member[] | null = null;
  try {
    parseJson(payload);
    members = objectMembers(payload);
  } catch {
    // Falls through: not JSON at all is answered like JSON that is no object.
  }
  if (members === null) throw bad("", "an HTTP request must be a JSON object");
  const unknown = members.find((member) => !MEMBERS.includes(member.key));
  if (unknown !== undefined)
    throw bad(unknown.key, `an HTTP request has no member ${unknown.key}; it may have ${MEMBERS.join(", ")}`);
  return new Map(members.filter((member) => member.text !== "null").map((member) => [member.key, member.text]));
}

function build(members: Map<string, string>, { key, trace }: OutgoingEffect, limits: HttpLimits): HttpRequest {
  const method = string(members, "method") ?? "GET";
  if (!METHOD.test(method)) throw bad("method", `not an HTTP method: ${JSON.stringify(method)}`);
  if (asciiUpper(method) === "CONNECT") throw bad("method", "the method CONNECT asks for a tunnel, not for an answer");
  const url = parseUrl(string(members, "url"));
  const credentials = takeCredentials(url);
  addQuery(url, members.get("query"));
  const headers = parseHeaders(members.get("headers"));
  const body = parseBody(members);
  const setUnlessGiven = (name: string, value: string | null) => {
    if (value !== null && !headers.some(([given]) => given === name)) headers.push([name, value]);
  };
  setUnlessGiven("content-type", members.has("json") ? "application/json" : null);
  setUnlessGiven("authorization", credentials);
  setUnlessGiven("user-agent", "flowmetal");
  setUnlessGiven("idempotency-key", key);
  setUnlessGiven("traceparent", trace ?? null);
  return {
    method: asciiUpper(method),
    url,
    headers,
    body,
    timeoutMs: count(members, "timeoutMs", MAX_TIMEOUT_MS) ?? limits.totalMs,
    maxBytes: count(members, "maxBytes", limits.mostBytes) ?? limits.maxBytes,
  };
}

function string(members: Map<string, string>, name: string): string | null {
  const text = members.get(name);
  if (text === undefined) return null;
  if (!text.startsWith('"')) throw bad(name, `${name} must be a string`);
  return JSON.parse(text) as string;
}

function count(members: Map<string, string>, name: string, most: number): number | null {
  const text = members.get(name);
  if (text === undefined) return null;
  const value: unknown = JSON.parse(text);
  if (!Number.isInteger(value) || (value as number) < 1) throw bad(name, `${name} must be a positive integer`);
  if ((value as number) > most) throw bad(name, `${name} may be at most ${most}`);
  return value as number;
}

function parseUrl(text: string | null): URL {
  if (text === null) throw new PayloadError("http/bad-url", "an HTTP request needs a url", {});
  if (!URL.canParse(text)) throw new PayloadError("http/bad-url", `not an absolute URL: ${text}`, { url: text });
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new PayloadError("http/bad-url", `a URL must begin with http: or https:, not ${url.protocol}`, { url: text });
  url.hash = "";
  return url;
}

/** Name and password of a URL become the header they stand for; the URL goes on without them, into errors and logs too. */
function takeCredentials(url: URL): string | null {
  if (url.username === "" && url.password === "") return null;
  const plain = `${percentDecoded(url.username)}:${percentDecoded(url.password)}`;
  url.username = "";
  url.password = "";
  return `Basic ${Buffer.from(plain).toString("base64")}`;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Appends `query` to what the URL has: an object of scalars or arrays of scalars; null means not there. */
function addQuery(url: URL, text: string | undefined): void {
  if (text === undefined) return;
  const members = objectMembers(text);
  if (members === null) throw bad("query", "query must be an object");
  const parts = members.flatMap(({ key, text: value }) =>
    (arrayItems(value) ?? [value])
      .filter((item) => item !== "null")
      .map((item) => `${encodeURIComponent(key)}=${encodeURIComponent(scalar(item, `query.${key}`))}`),
  );
  if (parts.length > 0) url.search = [...(url.search === "" ? [] : [url.search.slice(1)]), ...parts].join("&");
}

/** A string's content; a number or boolean as it is spelled, so that wide integers stay exact. */
function scalar(text: string, field: string): string {
  if (text.startsWith('"')) return JSON.parse(text) as string;
  if (text.startsWith("{") || text.startsWith("[")) throw bad(field, `${field} must be a string, number or boolean`);
  return text;
}

function parseHeaders(text: string | undefined): [string, string][] {
  if (text === undefined) return [];
  const members = objectMembers(text);
  if (members === null) throw bad("headers", "headers must be an object");
  return members.flatMap(({ key, text: value }) =>
    (arrayItems(value) ?? [value])
      .filter((item) => item !== "null")
      .map((item) => header(key, scalar(item, `headers.${key}`))),
  );
}

function header(name: string, value: string): [string, string] {
  if (!HEADER_NAME.test(name)) throw bad(`headers.${name}`, `not a header name: ${JSON.stringify(name)}`);
  const lower = asciiLower(name);
  if (REFUSED_HEADERS.has(lower)) throw bad(`headers.${name}`, `the header ${name} belongs to the connection`);
  // The value is not quoted: it may be a secret.
  if (!HEADER_VALUE.test(value))
    throw bad(`headers.${name}`, `the value of header ${name} has characters HTTP refuses`);
  return [lower, value];
}

function parseBody(members: Map<string, string>): string | Buffer | null {
  const json = members.get("json");
  const body = string(members, "body");
  if (json !== undefined && body !== null) throw bad("body", "a request has either json or body, not both");
  const encoding = string(members, "bodyEncoding");
  if (encoding === null) return json ?? body;
  if (encoding !== "base64")
    throw bad("bodyEncoding", `bodyEncoding can only be "base64", not ${JSON.stringify(encoding)}`);
  if (body === null) throw bad("bodyEncoding", "bodyEncoding says how body is written, and there is no body");
  const bytes = Buffer.from(body, "base64");
  // Buffer skips what it does not understand; sending other bytes than meant would be worse than refusing.
  if (bytes.toString("base64") !== body) throw bad("body", "body is not base64");
  return bytes;
}
