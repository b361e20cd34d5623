// Keeps the one PostgreSQL server of a test run: `keeper.ts FOLDER PID`. It ends with the process PID, or when told to.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, startServer } from "./server.ts";

const [folder, run] = process.argv.slice(2) as [string, string];

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function keep(): Promise<void> {
  const server = await startServer({ folder, port: await freePort() });
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  };
  process.on("SIGTERM", () => void stop());
  setInterval(() => {
    if (!isThere(Number(run))) void stop();
  }, 300);
  writeFileSync(join(folder, "ready"), String(server.port));
}

keep().catch((error: unknown) => {
  writeFileSync(join(folder, "failed"), String(error));
  process.exit(1);
});
