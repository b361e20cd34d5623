// A thousand healthy programs beside those that take all memory, do not come back, or grow, served by one process.
import { spawn } from "node:child_process";
import { join } from "node:path";
import {
  DOES_NOT_COME_BACK,
  eventsOf,
  faultType,
  GROWS,
  OUT_OF_MEMORY,
  startHealthy,
  unwell,
} from "../interpreter/bombs.ts";
import { atSite } from "../interpreter/site.ts";

const PROGRAMS = 1_000;
const PATIENCE_MS = 400_000;

/** Answers what failed. */
export async function runBombs(root: string, say: (line: string) => void): Promise<readonly string[]> {
  const failures: string[] = [];
  await atSite(async (site) => {
    const healthy = await startHealthy(site, PROGRAMS);
    const bombs: string[] = [];
    for (const text of [OUT_OF_MEMORY, DOES_NOT_COME_BACK, GROWS])
      bombs.push(await site.enqueue(text, [], { priority: 1 }));
    const began = Date.now();
    const child = spawn(process.execPath, [join(root, "bin", "flowmetal"), "serve", "--store", site.file, "--json"]);
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    try {
      await site.all("all are over", ({ status }) => status === "done" || status === "faulted", PATIENCE_MS);
      const seconds = Math.round((Date.now() - began) / 1000);
      const deaths = eventsOf(said, "evaluation-ended");
      say(`${PROGRAMS} programs beside 3 bombs: ${seconds} s, ${deaths.length} evaluation processes died`);
      const types = await Promise.all(bombs.map(async (id) => faultType(await site.row(id))));
      if (types.join() !== "crashed-interpreter,crashed-interpreter,limit/memory")
        failures.push(`the bombs: ${types.join()}`);
      failures.push(...(await unwell(site, healthy)));
      child.kill("SIGTERM");
      const code = await ended;
      if (code !== 0) failures.push(`it ended with ${code}`);
    } finally {
      child.kill("SIGKILL");
    }
  });
  return failures;
}
