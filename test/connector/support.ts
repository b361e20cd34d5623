// What the connector tests share: effects, contexts, and servers on loopback.
import { type IncomingMessage, type RequestListener, createServer } from "node:http";
import { type Server, type Socket, createServer as createTcpServer } from "node:net";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import type { OutgoingEffect, PerformContext, Performed } from "../../src/connector/connector.ts";
import { HttpRequestConnector } from "../../src/connector/http-request.ts";
import type { HttpLimits } from "../../src/connector/http-payload.ts";

/** A context nobody aborts. */
export function calm(): PerformContext {
  return { signal: new AbortController().signal, clock: systemClock };
}

export function httpEffect(payload: object | string, more: Partial<OutgoingEffect> = {}): OutgoingEffect {
  return {
    key: "01hzy3v7k0000000000000test",
    kind: "http",
    topic: "",
    payload: typeof payload === "string" ? payload : JSON.stringify(payload),
    delivery: "at-least-once",
    attempt: 1,
    ...more,
  };
}

/** A connector that is closed when the test ends. */
export function httpConnector(limits: Partial<HttpLimits> = {}): HttpRequestConnector {
  const connector = new HttpRequestConnector(limits);
  onTestFinished(() => connector.close());
  return connector;
}

/** Performs one request with a connector of its own. */
export async function perform(
  payload: object | string,
  more: Partial<OutgoingEffect> = {},
  limits: Partial<HttpLimits> = {},
): Promise<Performed> {
  return await httpConnector(limits).perform(httpEffect(payload, more), calm());
}

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** An HTTP server that keeps what it received; closed when the test ends. */
export async function httpServer(answer: RequestListener): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("latin1");
    request.on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      received.push({ method: request.method!, url: request.url!, headers: request.headers, body });
      answer(request, response);
    });
  });
  return { url: await listen(server), received };
}

/** A TCP server that speaks whatever the test wants; closed when the test ends. */
export async function tcpServer(connected: (socket: Socket, nth: number) => void): Promise<string> {
  let nth = 0;
  return listen(
    createTcpServer((socket) => {
      socket.on("error", () => {});
      connected(socket, ++nth);
    }),
  );
}

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The answer of a successful request, parsed. */
export function answer(performed: Performed): {
  status: number;
  headers: Record<string, string | string[]>;
  body: string;
  bodyEncoding?: string;
  url: string;
} {
  if (!performed.ok) throw new Error(`failed: ${JSON.stringify(performed.error)}`);
  return JSON.parse(performed.body);
}

/** The error of a failed attempt. */
export function failed(performed: Performed): Performed & { ok: false } {
  if (performed.ok) throw new Error(`did not fail: ${performed.body}`);
  return performed;
}
