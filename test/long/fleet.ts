// The demonstration of the fleet in full, again and again: each time three processes, 1,000 programs, one process killed.
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { LongOptions } from "./tier.ts";

const PROGRAMS = 1_000;

/** Runs the demonstration until the minutes are over, once at least; answers what failed. */
export async function runFleet({ root, minutes, say }: LongOptions): Promise<readonly string[]> {
  const until = Date.now() + minutes * 60_000;
  for (;;) {
    const { code, lines } = await runScript(root, "test/demo/cluster.mjs", ["--programs", String(PROGRAMS)]);
    say(lines.at(-1) ?? "it said nothing");
    if (code !== 0) return lines;
    if (Date.now() >= until) return [];
  }
}

/** A thousand programs beside some that end the process which evaluates them (bombs.ts). */
export async function runBombs({ root, say }: LongOptions): Promise<readonly string[]> {
  const { code, lines } = await runScript(root, "test/long/bombs.mjs", []);
  say(lines[0] ?? "it said nothing");
  return code === 0 ? [] : lines;
}

async function runScript(root: string, script: string, args: readonly string[]) {
  const child = spawn(process.execPath, [join(root, script), ...args], { cwd: root });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, lines: said.trim().split("\n") };
}
