// A PostgreSQL server of the demonstration's own, whose commits wait for the disk.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, serverUrl, startServer } from "../support/postgres/server.ts";

const SETTINGS = ["fsync=on", "full_page_writes=on", "synchronous_commit=on"];

/** Works with the URL of a new database, and takes the server away again. */
export async function withDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "flowmetal-demo-"));
  // The server may run as another user than this process.
  chmodSync(folder, 0o755);
  const server = await startServer({ folder, port: await freePort(), settings: SETTINGS });
  try {
    return await work(serverUrl(server.port));
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
