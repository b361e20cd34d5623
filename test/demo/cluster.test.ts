// The demonstration of the fleet passes, in small; without the protection that it demonstrates it fails.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { build } from "../support/cli.ts";
import { root } from "../support/tree.ts";
import { runCluster } from "./cluster.ts";
import { withDatabase } from "./database.ts";

function demo(...args: string[]): Promise<{ readonly code: number | null; readonly lines: readonly string[] }> {
  build();
  const child = spawn(process.execPath, [join(root, "test/demo/cluster.mjs"), ...args], { cwd: root });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, lines: said.trim().split("\n") })));
}

const inSmall = (store: string | null) => async () => {
  build();
  // Other tests run at the same time: what is promised is measured by the demonstration itself.
  const { failures, figures } = await runCluster({ programs: 40, store, without: null, within: 4_000, say: () => {} });
  expect(failures).toEqual([]);
  expect(figures).toMatchObject({ programs: 40, processes: 3, failures: 0 });
  expect(figures["takenOver"]).toBeGreaterThan(0);
};

test.concurrent("three processes, one killed: all programs come to their right ends, none stands still", inSmall(null));

test.concurrent("the same on PostgreSQL", () => withDatabase((url) => inSmall(url)()));

test.concurrent("without take-over it fails, and says so", async () => {
  const { code, lines } = await demo("--programs", "40", "--without", "takeover");
  expect({ code, lines }).toMatchObject({ code: 1 });
  expect(lines.join("\n")).toContain("FAILED: a program of the killed process was still its own");
});
