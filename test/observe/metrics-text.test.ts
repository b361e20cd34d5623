// The text of figures is what the grammar of Prometheus allows, whatever is counted and however queues are called.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { StoreReport } from "../../src/client/client.ts";
import { type MeterName, type MeterRow, METERS, Meters } from "../../src/interpreter/meters.ts";
import { type Figures, metricsText } from "../../src/observe/metrics-text.ts";
import { parseExposition } from "./exposition.ts";

const ownProcess = { version: "0.1.0", started: 1, cpu: 2.5, resident: 3, heap: 4, delay: { p99: 0, max: 0.01 } };
const store: StoreReport = {
  time: 5_000,
  programs: [{ queue: "default", status: "waiting", count: 3 }],
  crashed: 1,
  effects: [{ capability: "http", state: "pending", count: 2, due: 0 }],
  queues: [
    { queue: "default", claimable: 4, since: 1_500 },
    { queue: "idle", claimable: 0, since: null },
  ],
  interpreters: 2,
  retries: { busy: 7, conflict: 0, lost: 0, unready: 0 },
};

/** The samples of a text, each as `name{label=text} value`. */
function samples(figures: Partial<Figures>): string[] {
  const text = metricsText({ tally: new Meters().total(), store, process: ownProcess, ...figures });
  return parseExposition(text).flatMap((family) =>
    family.samples.map(({ name, labels, value }) => {
      const shown = Object.entries(labels).map(([label, text]) => `${label}=${text}`);
      return `${name}{${shown.join()}} ${value}`;
    }),
  );
}

test("tells what was counted, histograms with cumulative buckets", () => {
  const meters = new Meters();
  meters.count("turns", 3);
  meters.count("effects", 2, "http", "ok");
  for (const size of [1, 3, 4, 5, 600]) meters.observe("batch_turns", size);
  const told = samples({ tally: meters.total() });
  expect(told).toContain("flowmetal_turns_total{} 3");
  expect(told).toContain("flowmetal_effects_total{kind=http,outcome=ok} 2");
  expect(told.filter((line) => line.startsWith("flowmetal_batch_turns"))).toEqual([
    "flowmetal_batch_turns_bucket{le=1} 1",
    "flowmetal_batch_turns_bucket{le=2} 1",
    "flowmetal_batch_turns_bucket{le=4} 3",
    "flowmetal_batch_turns_bucket{le=8} 4",
    "flowmetal_batch_turns_bucket{le=16} 4",
    "flowmetal_batch_turns_bucket{le=32} 4",
    "flowmetal_batch_turns_bucket{le=64} 4",
    "flowmetal_batch_turns_bucket{le=128} 4",
    "flowmetal_batch_turns_bucket{le=256} 4",
    "flowmetal_batch_turns_bucket{le=512} 4",
    "flowmetal_batch_turns_bucket{le=+Inf} 5",
    "flowmetal_batch_turns_sum{} 613",
    "flowmetal_batch_turns_count{} 5",
  ]);
});

test("a counter without labels is there from the beginning", () => {
  const told = samples({});
  for (const name of Object.keys(METERS) as MeterName[]) {
    const { type, labels }: MeterRow = METERS[name];
    if (type === "counter" && labels.length === 0) expect(told).toContain(`flowmetal_${name}_total{} 0`);
  }
});

test("tells what the store says, and that it is silent", () => {
  expect(samples({}).filter((line) => /^flowmetal_(queue_|programs|effects_open|store_)/.test(line))).toEqual([
    "flowmetal_programs_in_memory{} 0",
    "flowmetal_store_up{} 1",
    "flowmetal_programs{queue=default,status=waiting} 3",
    "flowmetal_programs_crashed{} 1",
    "flowmetal_effects_open{capability=http,state=pending} 2",
    "flowmetal_queue_claimable{queue=default} 4",
    "flowmetal_queue_claimable{queue=idle} 0",
    "flowmetal_queue_age_seconds{queue=default} 3.5",
    "flowmetal_queue_age_seconds{queue=idle} 0",
    "flowmetal_store_retries_total{reason=busy} 7",
    "flowmetal_store_retries_total{reason=conflict} 0",
    "flowmetal_store_retries_total{reason=lost} 0",
    "flowmetal_store_retries_total{reason=unready} 0",
  ]);
  const silent = samples({ store: null });
  expect(silent).toContain("flowmetal_store_up{} 0");
  expect(silent.some((line) => line.startsWith("flowmetal_queue"))).toBe(false);
});

test("any text may be the name of a queue", () => {
  const name = fc.oneof(fc.constantFrom("a\\", '"', "\n", "\\n", "}", ",", "é☃"), fc.string({ unit: "binary" }));
  const property = fc.property(fc.uniqueArray(name), (names) => {
    const queues = names.map((queue) => ({ queue, claimable: 1, since: 0 }));
    const meters = new Meters();
    for (const one of names) meters.count("claims", 2, one);
    const text = metricsText({ tally: meters.total(), store: { ...store, queues }, process: ownProcess });
    const families = new Map(parseExposition(text).map((family) => [family.name, family]));
    const told = (family: string) => (families.get(family)?.samples ?? []).map(({ labels }) => labels["queue"]);
    expect(told("flowmetal_queue_claimable")).toEqual(names);
    expect(told("flowmetal_claims_total")).toEqual(names);
  });
  fc.assert(property, { numRuns: 300 });
});

test("tallies add up to what was counted", () => {
  const [there, here] = [new Meters(), new Meters()];
  const counted = new Meters();
  for (let i = 0; i < 20; i++) {
    for (const meters of [there, counted]) {
      meters.count("claims", i, i % 2 === 0 ? "a" : "b");
      meters.observe("commit_seconds", i / 8);
    }
    // As data, as it would cross to another process.
    if (i % 3 === 0) here.add(JSON.parse(JSON.stringify(there.take())) as ReturnType<Meters["total"]>);
  }
  here.add(there.total());
  expect(here.total()).toEqual(counted.total());
  expect(new Meters().take()).toBeNull();
});
