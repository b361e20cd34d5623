// The scripts of docs/examples that are killed in tests: their servers, and what the log of each must say beyond what is the same for all.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogLine } from "./service.ts";
import {
  after,
  chances,
  differences,
  done,
  finish,
  type Killed,
  killAt,
  type Moment,
  mostAtOnce,
  type Side,
  startSide,
} from "./side.ts";

export interface Example {
  /** The script's name in docs/examples; its server's is the same with -server. */
  readonly name: string;
  readonly flags: Readonly<Record<string, string | number | boolean>>;
  readonly args: readonly string[];
  readonly order: "in order" | "in any order";
  /** What the log must not say. */
  readonly wrong: (log: readonly LogLine[]) => readonly string[];
}

export interface Report {
  readonly kills: readonly Killed[];
  /** What must not be; empty: all is well. */
  readonly failures: readonly string[];
  readonly killed: Side;
}

/** Milliseconds from doing what is asked for to answering: long enough for a kill in between. */
export const LATENCY = 150;

/** Runs an example undisturbed and under kills, each against a server of its own, compares, and lets `look` see the killed one. */
export async function runExample(
  root: string,
  { name, flags, args, order, wrong }: Example,
  moments: Iterable<Moment>,
  look: (report: Report) => Promise<void> | void,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), `flowmetal-${name}-`));
  const sides: Side[] = [];
  const start = async (side: string): Promise<Side> => {
    const [script, server] = [`docs/examples/${name}.fm`, `docs/examples/${name}-server.mjs`];
    sides.push(
      await startSide({ root, folder, name: side, script, server, flags: { latency: LATENCY, ...flags }, args }),
    );
    return sides[sides.length - 1] as Side;
  };
  try {
    const [calm, killed] = [await start("calm"), await start("killed")];
    const undisturbed = finish(calm.program.run(), "the undisturbed run");
    const { kills, isDone } = await killAt(killed, moments);
    const rest = isDone ? [] : await finish(killed.program.run(), "the last run");
    const ends = [...rest, ...(await undisturbed)];
    const failures = [...ends, ...(ends.length > 0 ? [] : await differences(calm, killed, order))];
    await look({ kills, failures: [...failures, ...wrong(killed.service.log())], killed });
  } finally {
    for (const { service } of sides) service.stop();
    await rm(folder, { recursive: true });
  }
}

/** Moments that follow from the seed: some time after the server was asked, and has done it, has answered, or has refused for now. */
export function* randomMoments(seed: string, kills: number): Iterable<Moment> {
  const chance = chances(seed);
  for (let i = 0; i < kills; i++) {
    const event = (["arrived", "answered", "busy"] as const)[Math.floor(chance() * 3)];
    const matches = (line: LogLine) => (event === "busy" ? line.status === 503 : line.event === event);
    yield after(matches, chance() * LATENCY, event === "busy" ? 1 : 1 + Math.floor(chance() * 3));
  }
}

/** An order of so many items that cannot be shipped: what was done must be undone, the last step first. */
export function refusedOrder(items: number, flags: Example["flags"] = {}): Example {
  const names = Array.from({ length: items }, (_, i) => `item${i + 1}`);
  const wrong = (log: readonly LogLine[]) => {
    const did = done(log);
    const things = (verb: string) => did.flatMap((what) => (what.startsWith(verb) ? what.slice(verb.length) : []));
    const [made, undone] = [things("reserved"), things("released")];
    const right =
      made.length === items &&
      JSON.stringify(undone) === JSON.stringify([...made].reverse()) &&
      did[items]?.startsWith("charged") &&
      did[items + 1]?.startsWith("refunded") &&
      did.length === 2 * items + 2;
    return right ? [] : [`not undone in reverse order:\n${did.join("\n")}`];
  };
  return {
    name: "order-saga",
    flags: { "retry-after": 0, ...flags },
    args: ["1001", "Atlantis", ...names],
    order: "in order",
    wrong,
  };
}

/** A report on so many orders, due at a moment. */
export function report(start: string, orders: number, flags: Example["flags"] = {}): Example {
  const wrong = (log: readonly LogLine[]) => {
    const filed = done(log).length;
    return filed === 1 ? [] : [`${filed} reports were filed`];
  };
  const some = { orders, "retry-after": 0, "failure-rate": 0.4, ...flags };
  return { name: "nightly-report", flags: some, args: [start, "1"], order: "in order", wrong };
}

/** A notice to so many subscribers, so many at once. */
export function notices(subscribers: number, atOnce: number, flags: Example["flags"] = {}): Example {
  const wrong = (log: readonly LogLine[]) => {
    const most = mostAtOnce(log);
    return most <= atOnce ? [] : [`${most} requests at once, and not ${atOnce}`];
  };
  const args = ["Tea is ready", String(atOnce), "4s", "5m"];
  return { name: "fan-out", flags: { subscribers, "retry-after": 0, ...flags }, args, order: "in any order", wrong };
}
