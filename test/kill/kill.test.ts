// A real script killed five times with SIGKILL ends as if nothing had happened. Fifty times: npm run test:long.
import { expect, test } from "vitest";
import { build } from "../support/cli.ts";
import { root } from "../support/tree.ts";
import { reportLine, runKills } from "./harness.ts";

test("the status report survives five kills", { timeout: 240_000 }, async () => {
  build();
  const report = await runKills({ root, seed: 1, kills: 5, services: 10 });
  process.stdout.write(`${reportLine(report, 1)}\n`);
  expect(report.failures).toEqual([]);
  expect(report.fell.request).toBeGreaterThan(0);
  expect(report.fell.sleep).toBeGreaterThan(0);
});
