// The PostgreSQL server that the test files of one run share: started by the first that asks, or FLOWMETAL_TEST_POSTGRES=URL.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { serverUrl } from "./server.ts";

const KEEPER = fileURLToPath(new URL("./keeper.ts", import.meta.url));

/** Names the run: the process of the test runner. */
export const RUN_VARIABLE = "FLOWMETAL_TEST_RUN";
export const runFolder = (run: string): string => join(tmpdir(), `flowmetal-postgres-${run}`);

/** The URL of a database for tests. */
export async function postgresUrl(): Promise<string> {
  const given = process.env.FLOWMETAL_TEST_POSTGRES;
  if (given !== undefined && given !== "") return given;
  const run = process.env[RUN_VARIABLE] ?? String(process.ppid);
  const folder = runFolder(run);
  if (takeFolder(folder)) startKeeper(folder, run);
  for (let i = 0; i < 1500; i++) {
    if (existsSync(join(folder, "ready"))) {
      const port = readFileSync(join(folder, "ready"), "utf8");
      if (port !== "") return serverUrl(Number(port));
    }
    if (existsSync(join(folder, "failed"))) throw new Error(readFileSync(join(folder, "failed"), "utf8"));
    await sleep(20);
  }
  throw new Error("the PostgreSQL server of the tests did not start");
}

/** Whether this process is the first that asks. */
function takeFolder(folder: string): boolean {
  try {
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    return true;
  } catch {
    return false;
  }
}

function startKeeper(folder: string, run: string): void {
  const args = ["--import", "tsx", KEEPER, folder, run];
  const child = spawn(process.execPath, args, { detached: true, stdio: "ignore" });
  child.unref();
  writeFileSync(join(folder, "keeper"), String(child.pid));
}

/** Ends the server of a run, if there is one, and waits for that. */
export async function stopShared(run: string): Promise<void> {
  const folder = runFolder(run);
  if (!existsSync(join(folder, "keeper"))) return;
  const pid = Number(readFileSync(join(folder, "keeper"), "utf8"));
  for (let i = 0; i < 500; i++) {
    try {
      process.kill(pid, i === 0 ? "SIGTERM" : 0);
    } catch {
      break;
    }
    await sleep(20);
  }
  rmSync(folder, { recursive: true, force: true });
}

/** A URL with parameters of ours added to it. */
export function withQuery(url: string, query: Readonly<Record<string, string>>): string {
  const changed = new URL(url);
  for (const [name, value] of Object.entries(query)) changed.searchParams.set(name, value);
  return changed.href;
}

/** A schema name of its own. */
export const newSchema = (): string => `t_${randomBytes(8).toString("hex")}`;

/** Runs statements on a connection of their own. */
export async function sql(url: string, ...statements: readonly string[]): Promise<Record<string, unknown>[]> {
  const plain = new URL(url);
  for (const ours of ["schema", "pool", "listen_url"]) plain.searchParams.delete(ours);
  const client = new pg.Client({ connectionString: plain.href });
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) rows = (await client.query(statement)).rows as Record<string, unknown>[];
    return rows;
  } finally {
    await client.end();
  }
}
