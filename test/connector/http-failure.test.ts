// HTTP requests that go wrong, on real sockets: refused, silent, slow, huge, cut off, given up, sent round in circles.
import { expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { answer, calm, failed, httpConnector, httpEffect, httpServer, perform, tcpServer } from "./support.ts";

/** The port of a server that is no more. */
async function deadPort(): Promise<string> {
  const { createServer } = await import("node:net");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

test("connection refused: nothing was sent", async () => {
  const { error, sent } = failed(await perform({ url: `${await deadPort()}/x?token=secret` }));
  expect({ type: error.type, data: error.data, sent }).toEqual({
    type: "http/connect",
    data: { code: "ECONNREFUSED" },
    sent: false,
  });
  expect(error.message).not.toContain("secret");
});

test("a name that does not resolve: nothing was sent", async () => {
  const { error, sent } = failed(await perform({ url: "http://no-such-host.invalid/" }, {}, { connectMs: 5_000 }));
  expect(["http/connect", "http/timeout"]).toContain(error.type);
  expect(sent).toBe(false);
});

test("slow headers", async () => {
  const server = await httpServer(() => {});
  const { error, sent } = failed(await perform({ url: server.url }, {}, { headersMs: 50 }));
  expect({ type: error.type, data: error.data, sent }).toEqual({
    type: "http/timeout",
    data: { phase: "headers", ms: 50 },
    sent: true,
  });
});

test("a body that stands still, and one that is slow but moves", async () => {
  const server = await httpServer((request, response) => {
    response.write("a");
    if (request.url === "/still") return;
    let left = 5;
    const timer = setInterval(() => {
      response.write("b");
      if (--left === 0) response.end(() => clearInterval(timer));
    }, 40);
  });
  const { error } = failed(await perform({ url: `${server.url}/still` }, {}, { bodyMs: 150 }));
  expect([error.type, error.data]).toEqual(["http/timeout", { phase: "body", ms: 150 }]);
  expect(answer(await perform({ url: `${server.url}/slow` }, {}, { bodyMs: 150 })).body).toBe("abbbbb");
});

test("the total time limit holds however busy the exchange is", async () => {
  const server = await httpServer((_request, response) => {
    const timer = setInterval(() => response.write("x"), 10);
    response.on("close", () => clearInterval(timer));
  });
  const { error, sent } = failed(await perform({ url: server.url, timeoutMs: 120 }));
  expect([error.type, error.data, sent]).toEqual(["http/timeout", { phase: "total", ms: 120 }, true]);
});

test("a body too large is refused by its announced length, and while it is read", async () => {
  let written = 0;
  const chunk = Buffer.alloc(65_536, "x");
  const server = await httpServer((request, response) => {
    if (request.url === "/announced") response.setHeader("content-length", 10 ** 12);
    const pump = () => {
      written += chunk.length;
      if (!response.destroyed) response.write(chunk, pump);
    };
    pump();
  });
  const announced = failed(await perform({ url: `${server.url}/announced`, maxBytes: 1000 }));
  expect([announced.error.type, announced.error.data]).toEqual([
    "http/too-large",
    { maxBytes: 1000, announced: 10 ** 12 },
  ]);
  const endless = failed(await perform({ url: `${server.url}/endless`, maxBytes: 1_000_000 }));
  expect([endless.error.type, endless.error.data]).toEqual([
    "http/too-large",
    { maxBytes: 1_000_000, announced: null },
  ]);
  expect(written).toBeLessThan(64 * 2 ** 20);
});

test("exactly maxBytes is not too large", async () => {
  const server = await httpServer((_request, response) => response.end("x".repeat(1000)));
  expect(answer(await perform({ url: server.url, maxBytes: 1000 })).body).toHaveLength(1000);
});

test("a reset in the middle of the body fails, and is not tried again", async () => {
  let connections = 0;
  const url = await tcpServer((socket, nth) => {
    connections = nth;
    socket.once("data", () =>
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", () => socket.resetAndDestroy()),
    );
  });
  const { error, sent } = failed(await perform({ url }));
  expect([error.type, sent, connections]).toEqual(["http/protocol", true, 1]);
});

test("an end in the middle of the body fails", async () => {
  const url = await tcpServer((socket) =>
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")),
  );
  expect(failed(await perform({ url })).error.type).toBe("http/protocol");
});

test("what is not HTTP fails", async () => {
  const url = await tcpServer((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
  const { error, sent } = failed(await perform({ url }));
  expect([error.type, sent]).toEqual(["http/protocol", true]);
});

test("a connection that dies before any answer is worth one more try at least once, none at most once", async () => {
  const requests: string[] = [];
  const url = await tcpServer((socket, nth) =>
    socket.once("data", (data) => {
      requests.push(/idempotency-key: (.*)\r/i.exec(data.toString())![1]!);
      if (nth === 1 || nth === 3) socket.destroy();
      else socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    }),
  );
  expect(answer(await perform({ method: "POST", url })).body).toBe("ok");
  expect(requests).toEqual(Array(2).fill(httpEffect({}).key));
  const { error, sent } = failed(await perform({ method: "POST", url }, { delivery: "at-most-once" }));
  expect([error.type, sent, requests.length]).toEqual(["http/protocol", true, 3]);
});

test("giving up ends the exchange at once, before the connection, before the answer and in the body", async () => {
  const closed: Promise<void>[] = [];
  const server = await httpServer((request, response) => {
    closed.push(new Promise((resolve) => response.on("close", resolve)));
    if (request.url === "/body") response.write("a");
  });
  for (const [path, sent] of [
    ["/headers", true],
    ["/body", true],
  ] as const) {
    const stop = new AbortController();
    const pending = httpConnector().perform(httpEffect({ url: server.url + path }), {
      signal: stop.signal,
      clock: systemClock,
    });
    const before = closed.length;
    while (closed.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    const performed = failed(await pending);
    expect([performed.error.type, performed.sent]).toEqual(["http/aborted", sent]);
    await closed.at(-1);
  }
  const performed = await httpConnector().perform(httpEffect({ url: server.url }), {
    signal: AbortSignal.abort(),
    clock: systemClock,
  });
  expect([failed(performed).error.type, failed(performed).sent]).toEqual(["http/aborted", false]);
  expect(closed).toHaveLength(2);
});

test("an attempt given up while connecting never sends its request", async () => {
  const server = await httpServer((_request, response) => response.end());
  const stop = new AbortController();
  const pending = httpConnector().perform(httpEffect({ url: server.url }), { signal: stop.signal, clock: systemClock });
  // The library is loaded and the socket opened in later turns of the event loop.
  stop.abort();
  expect(failed(await pending)).toMatchObject({ sent: false, error: { type: "http/aborted" } });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(server.received).toEqual([]);
});

test("a connection that never comes about times out, and nothing was sent", async () => {
  // An alarm clock whose alarms ring before any connection can be made.
  const connector = httpConnector({ connectMs: 1 });
  const server = await httpServer((_request, response) => response.end());
  const impatient = {
    after: (ms: number, callback: () => void) => {
      if (ms === 1) queueMicrotask(callback);
      return () => {};
    },
  };
  const context = { signal: new AbortController().signal, clock: impatient };
  const { error, sent } = failed(await connector.perform(httpEffect({ url: server.url }), context));
  expect([error.type, error.data, sent]).toEqual(["http/timeout", { phase: "connect", ms: 1 }, false]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(server.received).toEqual([]);
});

test("redirects are followed for GET and HEAD at least once, and for nothing else", async () => {
  const server = await httpServer((request, response) => {
    if (request.url === "/end") return void response.end("end");
    response.writeHead(302, { location: "end" }).end("moved");
  });
  const follow = async (method: string, delivery: "at-least-once" | "at-most-once") =>
    answer(await perform({ method, url: `${server.url}/begin` }, { delivery }));
  expect(await follow("GET", "at-least-once")).toMatchObject({ status: 200, body: "end", url: `${server.url}/end` });
  expect(await follow("HEAD", "at-least-once")).toMatchObject({ status: 200, url: `${server.url}/end` });
  expect(await follow("POST", "at-least-once")).toMatchObject({ status: 302, body: "moved" });
  expect(await follow("GET", "at-most-once")).toMatchObject({ status: 302, headers: { location: "end" } });
});

test("five redirects are followed, a sixth is an error", async () => {
  const server = await httpServer((request, response) => {
    const left = Number(request.url!.slice(1));
    if (left === 0) response.end("there");
    else response.writeHead(307, { location: `/${left - 1}` }).end();
  });
  expect(answer(await perform({ url: `${server.url}/5` })).body).toBe("there");
  const { error, sent } = failed(await perform({ url: `${server.url}/6` }));
  expect([error.type, error.data, sent]).toEqual(["http/redirect", { location: "/0" }, true]);
});

test("a redirect to what is no HTTP address is an error; one without an address is an answer", async () => {
  const server = await httpServer((request, response) => {
    if (request.url === "/file") response.setHeader("location", "file:///etc/passwd");
    response.writeHead(302).end();
  });
  const { error, sent } = failed(await perform({ url: `${server.url}/file` }));
  expect([error.type, sent]).toEqual(["http/redirect", true]);
  expect(answer(await perform({ url: `${server.url}/nowhere` })).status).toBe(302);
});

test("secrets do not follow a redirect to another origin", async () => {
  const other = await httpServer((_request, response) => response.end());
  const server = await httpServer((request, response) => {
    response.writeHead(302, { location: request.url === "/there" ? `${other.url}/x` : "/there" }).end();
  });
  const headers = { Authorization: "Bearer s", Cookie: "s=1", "X-Api-Key": "s", Accept: "text/html" };
  answer(await perform({ url: server.url, headers }));
  expect(server.received.map((request) => request.headers["x-api-key"])).toEqual(["s", "s"]);
  const names = Object.keys(other.received[0]!.headers).sort();
  expect(names).toEqual(["accept", "connection", "host", "idempotency-key", "user-agent"]);
});

test("a redirect that leads to a dead server counts as sent", async () => {
  const dead = await deadPort();
  const server = await httpServer((_request, response) => void response.writeHead(302, { location: dead }).end());
  const { error, sent } = failed(await perform({ url: server.url }));
  expect([error.type, sent]).toEqual(["http/connect", true]);
});

test("closing the connector ends what is in flight", async () => {
  const server = await httpServer(() => {});
  const connector = httpConnector();
  const pending = connector.perform(httpEffect({ url: server.url }), calm());
  while (server.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await connector.close();
  expect(failed(await pending)).toMatchObject({ sent: true, error: { type: "http/aborted" } });
});
