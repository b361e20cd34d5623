// From an event to the next recorded step: how long after a delivery was begun the turn that took it in is durable.
import { bundled } from "../bundle.mjs";
import { Driver, here } from "../child.mjs";
import { figure } from "../figures.mjs";

const EVENTS = 500;
/** The first events warm the code of all. */
const WARM_UP = 30;
const MOST_IN_PROCESS = 3;
const MOST_ACROSS = 5;

export async function latency({ image, small, databases }) {
  const count = small ? 20 : EVENTS;
  const drivers = {
    outside: await bundled("engine/outside-driver.ts"),
    serving: await bundled("engine/serving-driver.ts"),
    image,
    count,
  };
  const figures = [];
  for (const [database, urlOf] of [
    ["SQLite", () => databases.sqlite()],
    ["PostgreSQL", () => databases.postgresStore()],
  ]) {
    const inOne = await withBoth(drivers, await urlOf(), null, inOneProcess);
    figures.push(...pair(`${database}, one process`, inOne, MOST_IN_PROCESS));
    const across = await withBoth(drivers, await urlOf(), null, acrossProcesses);
    const how = database === "SQLite" ? "watch" : "LISTEN";
    figures.push(...pair(`${database}, two processes (${how})`, across, MOST_ACROSS));
  }
  const direct = await databases.postgresStore();
  const pooled = await withBoth(drivers, direct, await databases.throughPooler(direct), acrossProcesses);
  figures.push(...pair("PostgreSQL, two processes behind a pooler", pooled, null));
  return { title: `from an event to the next recorded step, over ${count} events`, figures };
}

function pair(name, { ms, raw }, most) {
  const p99 = (samples) => [...samples].sort((a, b) => a - b)[Math.ceil(samples.length * 0.99) - 1];
  return [
    figure({
      name: `${name}: p50`,
      unit: "ms",
      samples: ms,
      control: raw,
      bar: most === null ? null : { most },
    }),
    figure({ name: `${name}: p99`, unit: "ms", samples: [p99(ms)], control: [p99(raw)] }),
  ];
}

/** A program that waits for events at a store, served by one process (through `via`, if that is given), with another beside it. */
async function withBoth({ outside, serving, image, count }, url, via, measure) {
  const used = via ?? url;
  const other = new Driver(process.execPath, [outside, image, here("programs/events.fm"), used]);
  try {
    const { program } = await other.ask({ way: "make", programs: 1 });
    const server = new Driver(process.execPath, ["--expose-gc", serving, image, used]);
    try {
      const first = server.ask({ way: "serve" });
      await first;
      await server.ask({ way: "until", waiting: 1 });
      return await measure({ other, server, program, count });
    } finally {
      server.close();
    }
  } finally {
    other.close();
  }
}

const counted = ({ ms, raw }) => ({ ms: ms.slice(WARM_UP), raw: raw.slice(WARM_UP) });

async function inOneProcess({ other, server, program, count }) {
  const { key } = await other.ask({ way: "pending" });
  return counted(await server.ask({ way: "events", count: count + WARM_UP, program, key }));
}

async function acrossProcesses({ other, server, count }) {
  const measured = { ms: [], raw: [] };
  for (let i = 0; i < count + WARM_UP; i++) {
    const next = server.ask({ way: "next" });
    const { from } = await other.ask({ way: "event" });
    measured.ms.push((await next).at - from);
    measured.raw.push((await other.ask({ way: "raw" })).ms);
  }
  return counted(measured);
}
