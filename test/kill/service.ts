// A server as a process of its own (that of docs/examples, if nothing else is said), and what its log says about requests.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A line of the server's log. */
export interface LogLine {
  /** Number of the request. */
  readonly n: number;
  readonly event: "arrived" | "did" | "answered" | "broken" | "gone";
  /** Of "arrived". */
  readonly method?: string;
  readonly path?: string;
  readonly key?: string;
  /** Of "did": what was done, in words. */
  readonly what?: string;
  /** Of "answered". */
  readonly status?: number;
}

export interface ServiceOptions {
  readonly root: string;
  readonly folder: string;
  readonly name: string;
  readonly seed: number;
  readonly services: number;
  readonly latency: number;
}

/** Half of the tries fail, so that there are as many back-off sleeps as there can be. */
const FAILURE_RATE = "0.5";

/** A running server. */
export class Service {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly logPath: string,
  ) {}

  static async start({ root, folder, name, seed, services, latency }: ServiceOptions): Promise<Service> {
    const logPath = join(folder, `${name}.log`);
    const flags = { port: 0, seed, services, latency, "page-size": 5, "retry-after": 0, "failure-rate": FAILURE_RATE };
    return Service.run(join(root, "docs/examples/status-report-server.mjs"), flags, logPath);
  }

  /** A server of its own: a script that takes these flags and `--log`, says where it listens, and writes lines of this shape. */
  static async run(
    script: string,
    flags: Readonly<Record<string, string | number | boolean>>,
    logPath: string,
  ): Promise<Service> {
    const args = Object.entries(flags).flatMap(([flag, value]) =>
      typeof value === "boolean" ? (value ? `--${flag}` : []) : [`--${flag}`, String(value)],
    );
    const child = spawn(process.execPath, [script, ...args, "--log", logPath], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
    return new Service(line.replace("listening on ", ""), child, logPath);
  }

  stop(): void {
    this.child.kill("SIGKILL");
  }

  /** All lines so far; a line being written is not among them. */
  log(): LogLine[] {
    if (!existsSync(this.logPath)) return [];
    const lines = readFileSync(this.logPath, "utf8").split("\n");
    return lines.slice(0, -1).map((line) => JSON.parse(line) as LogLine);
  }
}

/** The numbers of the requests that had arrived and were not over at the end of the log. */
export function standing(log: readonly LogLine[]): number[] {
  const open = new Set<number>();
  for (const { n, event } of log) {
    if (event === "arrived") open.add(n);
    else if (event !== "did") open.delete(n);
  }
  return [...open];
}

/** Whether a request with this key had arrived and was not over at the end of the log. */
export function inFlight(log: readonly LogLine[], key: string): boolean {
  const open = new Set(standing(log));
  return log.some((line) => line.event === "arrived" && line.key === key && open.has(line.n));
}

/** The requests in the order in which they arrived first, each once, by key. A key with two requests is an error. */
export function requestsByKey(log: readonly LogLine[]): Map<string, string> {
  const requests = new Map<string, string>();
  for (const { event, key, method, path } of log) {
    if (event !== "arrived") continue;
    if (key === undefined) throw new Error(`a request without a key: ${method} ${path}`);
    const request = `${method} ${path}`;
    const before = requests.get(key);
    if (before !== undefined && before !== request)
      throw new Error(`key ${key} is that of ${before} and of ${request}`);
    requests.set(key, request);
  }
  return requests;
}
