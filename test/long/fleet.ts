// The demonstration of the fleet in full, again and again: each time three processes, 1,000 programs, one process killed.
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { LongOptions } from "./tier.ts";

const PROGRAMS = 1_000;

/** Runs the demonstration until the minutes are over, once at least; answers what failed. */
export async function runFleet({ root, minutes, say }: LongOptions): Promise<readonly string[]> {
  const until = Date.now() + minutes * 60_000;
  for (;;) {
    const { code, lines } = await demonstrate(root);
    say(lines.at(-1) ?? "it said nothing");
    if (code !== 0) return lines;
    if (Date.now() >= until) return [];
  }
}

function demonstrate(root: string): Promise<{ readonly code: number | null; readonly lines: readonly string[] }> {
  const script = join(root, "test/demo/cluster.mjs");
  const child = spawn(process.execPath, [script, "--programs", String(PROGRAMS)], { cwd: root });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, lines: said.trim().split("\n") })));
}
