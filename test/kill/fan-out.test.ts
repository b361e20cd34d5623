// docs/examples/fan-out.fm killed with several requests in flight: everybody is told once, never more than so many at once, and the result
// says of everybody what came of it.
import { expect, test } from "vitest";
import { build } from "../support/cli.ts";
import { root } from "../support/tree.ts";
import { LATENCY, notices, runExample } from "./examples.ts";
import type { LogLine } from "./service.ts";
import { after, mostAtOnce } from "./side.ts";

const arrived = (line: LogLine) => line.event === "arrived" && line.method === "POST";
const told = (line: LogLine) => line.event === "did";
const busy = (line: LogLine) => line.status === 503;
const TIMEOUT = { timeout: 120_000 };

test("a fan-out survives kills with several requests in flight", TIMEOUT, async () => {
  build();
  const moments = [
    after(told, 30, 3),
    after(busy, 50),
    after(arrived, LATENCY / 2, 6),
    after(told, 80, 5),
    after(told, 0, 2),
  ];
  await runExample(root, notices(36, 4, { "failure-rate": 0.3 }), moments, async ({ kills, failures, killed }) => {
    expect(failures).toEqual([]);
    expect(kills).toHaveLength(moments.length);
    expect(kills.filter(({ inRequest }) => inRequest).length).toBeGreaterThan(2);
    expect(Math.max(...kills.map(({ waits }) => waits.filter((kind) => kind === "http").length))).toBeGreaterThan(1);
    expect(mostAtOnce(killed.service.log())).toBe(4);
    const output = await killed.program.ask("output");
    expect(output).toMatch(/^36 subscribers: \d+ told, [1-9] refused, [1-9] silent, 0 failed, 0 late\n/);
    expect(output).toContain("  no answer within 4s\n");
    expect(output).toContain("  gone away\n");
  });
});

test("at the deadline what was done counts, and the rest is late", TIMEOUT, async () => {
  build();
  const example = notices(12, 4, { silent: 0.2, gone: 0, "failure-rate": 0, seed: 2 });
  const args = ["Tea is ready", "4", "1m", "8s"];
  await runExample(root, { ...example, args }, [after(told, 0, 1)], async ({ failures, killed }) => {
    expect(failures).toEqual([]);
    const output = await killed.program.ask("output");
    const [, all, , late] = /: (\d+) told, (\d+) refused, 0 silent, 0 failed, (\d+) late\n/.exec(output) ?? [];
    expect(Number(late)).toBeGreaterThan(0);
    expect(Number(all) + Number(late)).toBe(12);
    expect(output.match(/the deadline came first/g)).toHaveLength(Number(late));
  });
});

test("a verdict on fewer at once than there were fails", TIMEOUT, async () => {
  build();
  const { wrong } = notices(12, 2);
  await runExample(root, { ...notices(12, 4, { silent: 0 }), wrong }, [], ({ failures }) => {
    expect(failures).toEqual(["4 requests at once, and not 2"]);
  });
});
