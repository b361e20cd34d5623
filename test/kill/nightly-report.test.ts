// docs/examples/nightly-report.fm killed while it waits for the night, between pages and while it files: the report is filed once.
import { expect, test } from "vitest";
import { build } from "../support/cli.ts";
import { root } from "../support/tree.ts";
import { LATENCY, report, runExample } from "./examples.ts";
import type { LogLine } from "./service.ts";
import { after, asleep } from "./side.ts";

const page = (line: LogLine) => line.event === "arrived" && line.path?.startsWith("/orders") === true;
const busy = (line: LogLine) => line.status === 503;
const filed = (line: LogLine) => line.event === "did";
const TIMEOUT = { timeout: 120_000 };

/** The moment so many milliseconds from now, as text. */
function fromNow(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}

test("the report survives kills in the night, in pages, in pauses and while it is filed", TIMEOUT, async () => {
  build();
  const moments = [
    asleep(0),
    after(page, LATENCY / 2, 2),
    after(busy, 60),
    after(page, LATENCY + 20, 2),
    after(filed, 30),
  ];
  await runExample(root, report(fromNow(5000), 30), moments, async ({ kills, failures, killed }) => {
    expect(failures).toEqual([]);
    expect(kills).toHaveLength(moments.length);
    expect(kills[0]).toEqual({ inRequest: false, waits: ["sleep"] });
    expect(kills[4]?.inRequest).toBe(true);
    const output = await killed.program.ask("output");
    expect(output).toMatch(
      /^Orders of \d{4}-\d\d-\d\d: \d+, and \d+ cancelled\n\ncountry {8}orders {8}sales {4}average\n/,
    );
    expect(output).toMatch(/\nSold most: \w+ \(\d+\), \w+ \(\d+\), \w+ \(\d+\)\n\nFiled as [0-9a-f]{8}\n$/);
  });
});

test("nights that were missed are reported one after the other", TIMEOUT, async () => {
  build();
  const start = fromNow(-2 * 86_400_000);
  const example = { ...report(start, 5, { latency: 5, "failure-rate": 0 }), wrong: () => [] };
  await runExample(root, { ...example, args: [start, "3"] }, [after(filed, 0, 2)], ({ failures, killed }) => {
    expect(failures).toEqual([]);
    const filedOf = killed.service
      .log()
      .flatMap(({ what }) => what?.slice(0, "filed report of 2026-11-24".length) ?? []);
    expect(new Set(filedOf).size).toBe(3);
    expect(filedOf).toEqual([...filedOf].sort());
  });
});

test("a server that ignores the keys files the report twice, and the verdict says so", TIMEOUT, async () => {
  build();
  const example = report("1s", 5, { "failure-rate": 0, "ignore-keys": true });
  await runExample(root, example, [after(filed, 30)], ({ kills, failures }) => {
    expect(kills).toHaveLength(1);
    expect(failures).toContain("2 reports were filed");
  });
});
