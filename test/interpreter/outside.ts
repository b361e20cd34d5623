// The outside of a program under test: a real server on loopback, a foreign handler, a worker. Each notes what reached it, and
// asks the store at that moment whether the turn that made it is committed. Answers leave when the test lets them.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Connectors } from "../../src/connector/connector.ts";
import { type ForeignCall, ForeignConnector } from "../../src/connector/foreign.ts";
import { HttpRequestConnector } from "../../src/connector/http-request.ts";

/** What reached the outside. */
export interface Arrival {
  readonly what: string;
  readonly key: string;
}

export class Outside {
  /** Everything that came, again and again if it was sent again. */
  readonly arrivals: Arrival[] = [];
  /** What came although no committed turn made it. */
  readonly early: Arrival[] = [];
  readonly #allowed = new Set<string>();
  readonly #held = new Map<string, (() => void)[]>();
  readonly #checks: Promise<void>[] = [];

  constructor(
    /** Whether a committed turn made the effect with this key. */
    private readonly isCommitted: (key: string) => Promise<boolean>,
  ) {}

  /** Notes an arrival; fulfilled when the answer may leave. */
  arrive(what: string, key: string): Promise<void> {
    const arrival = { what, key };
    this.arrivals.push(arrival);
    const check = async (): Promise<void> => {
      if (!(await this.isCommitted(key))) this.early.push(arrival);
    };
    this.#checks.push(check());
    if (this.#allowed.has(key)) return Promise.resolve();
    return new Promise((resolve) => this.#held.set(key, [...(this.#held.get(key) ?? []), resolve]));
  }

  /** Lets the answer to an effect leave, now or when it is asked for. */
  allow(key: string): void {
    this.#allowed.add(key);
    for (const leave of this.#held.get(key) ?? []) leave();
    this.#held.delete(key);
  }

  /** Until all that came was looked at. */
  async checked(): Promise<void> {
    await Promise.all(this.#checks);
  }

  /** What came, each effect once, in the order of the first arrivals. */
  get firsts(): readonly string[] {
    return [...new Map(this.arrivals.map(({ what, key }) => [key, `${key} ${what}`])).values()];
  }

  /** Connectors of a process: real requests, and a handler of the topic "ask". */
  connectors(): Connectors {
    const foreign = new ForeignConnector();
    foreign.register("ask", async (args, { key }: ForeignCall) => {
      await this.arrive(`ask ${JSON.stringify(args)}`, key);
      return [...args, "answered"];
    });
    return new Connectors([foreign, new HttpRequestConnector()]);
  }

  request(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const what = `${request.method} ${request.url} ${Buffer.concat(chunks).toString("utf8")}`;
      void this.arrive(what, String(request.headers["idempotency-key"])).then(() => {
        // A date would make each run another one.
        response.sendDate = false;
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ heard: what }));
      });
    });
  }
}

/** A server on loopback that hands its requests to whatever outside is there at the time. */
export class Server {
  outside: Outside | null = null;
  readonly #server = createServer((request, response) => this.outside?.request(request, response));

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
