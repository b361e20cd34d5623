// docs/examples/order-saga.fm killed while it orders and while it undoes: each step is done once, and undone once, the last one first.
import { expect, test } from "vitest";
import { build } from "../support/cli.ts";
import { root } from "../support/tree.ts";
import { LATENCY, refusedOrder, runExample } from "./examples.ts";
import { Program } from "./program.ts";
import type { LogLine } from "./service.ts";
import { after, done, finish } from "./side.ts";
import { scratchFolder } from "../support/scratch.ts";

const did = (what: RegExp) => (line: LogLine) => what.test(line.what ?? "");
const busy = (line: LogLine) => line.status === 503;
const undoing = (line: LogLine) => line.event === "arrived" && line.method === "DELETE";
const answered = (line: LogLine) => line.event === "answered";
const TIMEOUT = { timeout: 120_000 };

test(
  "a refused order is undone in reverse, through kills before, in and between its compensations",
  TIMEOUT,
  async () => {
    build();
    const moments = [
      after(did(/^reserved item1 /), 30),
      after(busy, 100),
      after(did(/^charged/), 30),
      after(did(/^refunded/), 30),
      after(undoing, LATENCY / 2, 2),
      after(answered, 40, 2),
      after(did(/^released item1 /), 30),
    ];
    const example = refusedOrder(4, { "failure-rate": 0.35, seed: 3 });
    await runExample(root, example, moments, async ({ kills, failures, killed }) => {
      expect(failures).toEqual([]);
      expect(kills.length).toBe(moments.length);
      // All of the first five, unless this machine is slow to see what the log says.
      expect(kills.filter(({ inRequest }) => inRequest).length).toBeGreaterThan(1);
      expect(await killed.program.ask("output")).toMatch(
        /^Order 1001 was refused, to ship: no way to Atlantis\.\n {2}undone: charge\n {2}undone: reserve item4 \(4\)\n/,
      );
      expect(await (await fetch(`${killed.service.url}/open`)).json()).toEqual([]);
    });
  },
);

test("an order that is placed is placed once, also if the script is started anew for it", TIMEOUT, async () => {
  build();
  const wrong = () => [];
  const example = { ...refusedOrder(2, { seed: 5 }), args: ["1002", "Bern", "tea", "cup"], wrong };
  const moments = [after(did(/^reserved/), 30, 2), after(did(/^booked/), 30), after(did(/^confirmed/), 30)];
  await runExample(root, example, moments, async ({ kills, failures, killed: { service, program } }) => {
    expect(failures).toEqual([]);
    expect(kills).toHaveLength(3);
    const before = done(service.log());
    expect(before).toHaveLength(5);
    const anew = new Program(
      root,
      `${scratchFolder()}/anew.db`,
      [service.url, ...example.args],
      "docs/examples/order-saga.fm",
    );
    expect(await finish(anew.run(), "the script started anew")).toEqual([]);
    expect(done(service.log())).toEqual(before);
    expect(await anew.ask("output")).toBe(await program.ask("output"));
  });
});

test("a shop that ignores the keys charges twice, and the verdict says so", TIMEOUT, async () => {
  build();
  const example = refusedOrder(2, { "failure-rate": 0, "ignore-keys": true });
  await runExample(root, example, [after(did(/^charged/), 30)], ({ kills, failures }) => {
    expect(kills).toEqual([{ inRequest: true, waits: ["http"] }]);
    expect(failures).toContain("done 2 times: charged 2250 cents of order 1001");
    expect(failures.some((failure) => failure.startsWith("not undone in reverse order"))).toBe(true);
  });
});
