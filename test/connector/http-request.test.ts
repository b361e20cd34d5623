// HTTP requests against real servers on loopback: what is sent, and how every kind of answer comes back.
import { expect, test } from "vitest";
import { answer, calm, failed, httpConnector, httpEffect, httpServer, perform } from "./support.ts";

test("a request carries method, query, headers and the effect's key", async () => {
  const server = await httpServer((_request, response) => response.end("fine"));
  const performed = await perform({
    method: "PUT",
    url: `${server.url}/a%20b?x=1`,
    query: { q: "a b&c", list: [1, true, null, "z"], none: null },
    headers: { "X-One": "1", "X-Many": ["a", "b"], Accept: "text/plain" },
    body: "héllo",
  });
  expect(answer(performed)).toMatchObject({ status: 200, body: "fine" });
  const [request] = server.received;
  expect(request).toMatchObject({ method: "PUT", url: "/a%20b?x=1&q=a%20b%26c&list=1&list=true&list=z" });
  expect(request!.headers).toMatchObject({
    "idempotency-key": httpEffect({}).key,
    "user-agent": "flowmetal",
    "x-one": "1",
    "x-many": "a, b",
    accept: "text/plain",
  });
  expect(Buffer.from(request!.body, "latin1").toString()).toBe("héllo");
});

test("json is sent as it stands: key order, wide integers and depth survive", async () => {
  const server = await httpServer((_request, response) => response.end());
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  const json = `{"2":9007199254740993,"1":[1.0,"a\\"}b"],"deep":${deep}}`;
  expect(answer(await perform(`{"url":"${server.url}/","method":"POST","json":${json}}`)).status).toBe(200);
  expect(server.received[0]!.body).toBe(json);
  expect(server.received[0]!.headers["content-type"]).toBe("application/json");
});

test("query keeps its order and the spelling of its numbers", async () => {
  const server = await httpServer((_request, response) => response.end());
  await perform(`{"url":"${server.url}/p","query":{"b":1,"7":9007199254740993,"3":0.50}}`);
  expect(server.received[0]!.url).toBe("/p?b=1&7=9007199254740993&3=0.50");
});

test("what the program says about headers wins over ours", async () => {
  const server = await httpServer((_request, response) => response.end());
  const headers = { "Idempotency-Key": "mine", "USER-AGENT": "me", "Content-Type": "application/vnd.x+json" };
  await perform({ method: "POST", url: server.url, headers, json: 1 });
  expect(server.received[0]!.headers).toMatchObject({
    "idempotency-key": "mine",
    "user-agent": "me",
    "content-type": "application/vnd.x+json",
  });
});

test("credentials of a URL are sent as a header and kept out of the answer", async () => {
  const server = await httpServer((_request, response) => response.end());
  const performed = await perform({ url: server.url.replace("//", "//ann:p%40ss@") });
  expect(server.received[0]!.headers.authorization).toBe(`Basic ${Buffer.from("ann:p@ss").toString("base64")}`);
  expect(answer(performed).url).toBe(`${server.url}/`);
});

test("bytes go out and come back as base64", async () => {
  const bytes = Buffer.from([0, 255, 128, 10]);
  const server = await httpServer((_request, response) => response.end(bytes));
  const performed = await perform({
    method: "POST",
    url: server.url,
    body: bytes.toString("base64"),
    bodyEncoding: "base64",
  });
  expect(Buffer.from(server.received[0]!.body, "latin1")).toEqual(bytes);
  expect(answer(performed)).toMatchObject({ body: bytes.toString("base64"), bodyEncoding: "base64" });
});

test("a body is text by its charset, or because it is UTF-8", async () => {
  const types: Record<string, [string | null, Buffer]> = {
    "/latin": ["text/plain; charset=ISO-8859-1", Buffer.from([0xe9])],
    "/quoted": ['text/plain; charset="utf-16le"', Buffer.from("é", "utf16le")],
    "/none": [null, Buffer.from("é")],
    "/unknown": ["text/plain; charset=klingon", Buffer.from("é")],
    "/lie": ["text/plain; charset=utf-8", Buffer.from([0xe9])],
  };
  const server = await httpServer((request, response) => {
    const [type, body] = types[request.url!]!;
    if (type !== null) response.setHeader("content-type", type);
    response.end(body);
  });
  for (const path of ["/latin", "/quoted", "/none", "/unknown"]) {
    const { body, bodyEncoding } = answer(await perform({ url: server.url + path }));
    expect([path, body, bodyEncoding]).toEqual([path, "é", undefined]);
  }
  expect(answer(await perform({ url: `${server.url}/lie` }))).toMatchObject({ body: "6Q==", bodyEncoding: "base64" });
});

test("an answer is canonical JSON: plain ASCII, members in a fixed order, headers in the server's", async () => {
  const server = await httpServer((_request, response) => {
    response.sendDate = false;
    response.writeHead(418, { "X-B": "1", "X-A": "2", "Set-Cookie": ["a=1", "b=2"], Connection: "close" });
    response.end("é\u007f\u2028");
  });
  const performed = await perform({ url: server.url });
  expect(performed.ok && performed.body).toBe(
    '{"status":418,"headers":{"x-b":"1","x-a":"2","set-cookie":["a=1","b=2"],"connection":"close",' +
      `"transfer-encoding":"chunked"},"body":"\\u00e9\\u007f\\u2028","url":"${server.url}/"}`,
  );
});

test("every status is an answer", async () => {
  const server = await httpServer((request, response) => {
    response.statusCode = Number(request.url!.slice(1));
    response.end();
  });
  for (const status of [204, 304, 404, 500, 503])
    expect(answer(await perform({ url: `${server.url}/${status}` })).status).toBe(status);
});

test("HEAD has no body, whatever length it announces", async () => {
  const server = await httpServer((_request, response) => {
    response.setHeader("content-length", 1_000_000);
    response.end();
  });
  const performed = await perform({ method: "HEAD", url: server.url, maxBytes: 10 });
  expect(answer(performed)).toMatchObject({ status: 200, body: "", headers: { "content-length": "1000000" } });
});

test("several requests share a connection; at-most-once ones have one each", async () => {
  const ports: number[] = [];
  const server = await httpServer((request, response) => {
    ports.push(request.socket.remotePort!);
    response.end();
  });
  const connector = httpConnector();
  for (const delivery of ["at-least-once", "at-least-once", "at-most-once", "at-most-once"] as const) {
    answer(await connector.perform(httpEffect({ url: server.url }, { delivery }), calm()));
    // A connection is free again a moment after its answer; between two requests of a program lies a commit.
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(ports[0]).toBe(ports[1]);
  expect(new Set(ports).size).toBe(3);
});

test.each<[string, object | string, string, string]>([
  ["not JSON", "{", "http/bad-request", "must be a JSON object"],
  ["no object", "[1]", "http/bad-request", "must be a JSON object"],
  ["unknown member", { url: "http://h/", timeout: 1 }, "http/bad-request", "no member timeout"],
  ["no url", { method: "GET" }, "http/bad-url", "needs a url"],
  ["relative url", { url: "/services" }, "http/bad-url", "not an absolute URL"],
  ["other scheme", { url: "file:///etc/passwd" }, "http/bad-url", "http: or https:"],
  ["method", { url: "http://h/", method: "GET /" }, "http/bad-request", "not an HTTP method"],
  ["tunnel", { url: "http://h/", method: "connect" }, "http/bad-request", "CONNECT"],
  ["header name", { url: "http://h/", headers: { "a b": "1" } }, "http/bad-request", "not a header name"],
  ["header value", { url: "http://h/", headers: { a: "1\r\nb: 2" } }, "http/bad-request", "header a has characters"],
  [
    "framing",
    { url: "http://h/", headers: { "Content-Length": "9" } },
    "http/bad-request",
    "belongs to the connection",
  ],
  ["two bodies", { url: "http://h/", json: 1, body: "1" }, "http/bad-request", "either json or body"],
  ["not base64", { url: "http://h/", body: "%", bodyEncoding: "base64" }, "http/bad-request", "not base64"],
  ["timeout", { url: "http://h/", timeoutMs: 0 }, "http/bad-request", "timeoutMs must be a positive integer"],
  ["too much", { url: "http://h/", maxBytes: 1e12 }, "http/bad-request", "maxBytes may be at most"],
  ["query", { url: "http://h/", query: { a: {} } }, "http/bad-request", "query.a must be a string"],
])("a payload that cannot be sent is refused without a try: %s", async (_name, payload, type, message) => {
  const { error, sent } = failed(await perform(payload));
  expect({ type: error.type, sent }).toEqual({ type, sent: false });
  expect(error.message).toContain(message);
});
