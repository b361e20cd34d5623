// The HTTP server that a process which serves is watched by: /metrics, /health, /health/live, /health/ready. It only reads.
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../base/clock.ts";
import { FlowmetalError } from "../base/errors.ts";
import type { StoreReport } from "../client/client.ts";
import { Meters, type Tally } from "../interpreter/meters.ts";
import type { Address } from "./address.ts";
import { METRICS_TYPE, metricsText } from "./metrics-text.ts";
import { type ProcessWatch, watchProcess } from "./process-figures.ts";

/** A store that has not answered after so long counts as silent. */
const STORE_MS = 5_000;

/** Where a process that serves stands. Only `serving` is ready. */
export type ServingState = "starting" | "serving" | "restarting" | "draining";

export interface Watched {
  readonly address: Address;
  readonly clock: Pick<Clock, "now" | "sleep">;
  /** Asks the store. */
  readonly report: () => Promise<StoreReport>;
}

/** Listens for those who watch this process. */
export class MetricsServer {
  state: ServingState = "starting";
  private readonly meters = new Meters();
  private readonly process: ProcessWatch;
  private readonly server: Server;
  private report: Promise<StoreReport | null> | null = null;

  private constructor(private readonly watched: Watched) {
    this.process = watchProcess(watched.clock);
    this.server = createServer((request, response) => {
      const path = (request.url ?? "/").split("?", 1)[0] as string;
      const isRead = request.method === "GET" || request.method === "HEAD";
      void (isRead ? this.answer(path, response) : refuse(response, 405, "only GET"));
    });
  }

  /** Begins to listen; answers when that is so. */
  static async open(watched: Watched): Promise<MetricsServer> {
    const one = new MetricsServer(watched);
    const { host, port } = watched.address;
    try {
      await new Promise<void>((resolve, reject) => {
        one.server.once("error", reject).listen(port, host, resolve);
      });
    } catch (error) {
      one.process.stop();
      const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
      throw new FlowmetalError("serve/address", `nothing can listen at ${host}:${port} (${code})`, {
        hint: "Another process may listen there already: give another port, or 0 for any that is free.",
      });
    }
    // A process that has let go of everything does not stay for those who watch it.
    one.server.unref();
    return one;
  }

  /** Where it listens: `http://127.0.0.1:9464`. */
  get url(): string {
    const { address, family, port } = this.server.address() as AddressInfo;
    return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  }

  /** Adds what was counted. */
  count(tally: Tally): void {
    this.meters.add(tally);
  }

  async close(): Promise<void> {
    this.process.stop();
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async answer(path: string, response: ServerResponse): Promise<void> {
    switch (path) {
      case "/metrics":
        return this.metrics(response);
      case "/health/live":
        return send(response, 200, "application/json", '{"status":"alive"}\n');
      case "/health":
      case "/health/ready":
        return this.ready(response);
      default:
        return refuse(response, 404, "there are /metrics, /health, /health/live and /health/ready");
    }
  }

  private async metrics(response: ServerResponse): Promise<void> {
    const store = await this.ask();
    const text = metricsText({ tally: this.meters.total(), store, process: this.process.read() });
    send(response, 200, METRICS_TYPE, text);
  }

  private async ready(response: ServerResponse): Promise<void> {
    const store = (await this.ask()) !== null;
    const isReady = store && this.state === "serving";
    send(response, isReady ? 200 : 503, "application/json", `${JSON.stringify({ status: this.state, store })}\n`);
  }

  /** What the store says; null: nothing, or not in time. Who asks meanwhile gets the same answer. */
  private ask(): Promise<StoreReport | null> {
    if (this.report !== null) return this.report;
    const given = new AbortController();
    const late = this.watched.clock.sleep(STORE_MS, given.signal).then(() => null);
    const asked = this.watched.report().catch(() => null);
    this.report = Promise.race([asked, late]).finally(() => {
      given.abort();
      this.report = null;
    });
    return this.report;
  }
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(text);
}

function refuse(response: ServerResponse, status: number, text: string): void {
  send(response, status, "text/plain; charset=utf-8", `${text}\n`);
}
