// A process that serves the queue "default" of a store: one line asks, one line answers. Arguments: the file of the base image, the store.
//
//   stdin   {"way": "serve"}                       begins to serve
//           {"way": "until", "waiting": n}         when so many programs have come to rest since the start, waiting for something
//           {"way": "until", "done": n}            when so many have ended
//           {"way": "next"}                        at the next commit
//           {"way": "memory"}                      after a collection of garbage; start node with --expose-gc
//           {"way": "events", "count": n, "program": id, "key": key}     delivers so many events itself, and commits a raw row after each
//   stdout  {"at"}     the moment of the commit, in ms of the clock that processes share
//           next: also {"program", "key"}, the effect that the turn made
//           memory: {"rss", "heap"}, bytes; events: {"ms", "raw"}, lists
//
// What the programs call is not carried out here: it is left to the outside.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Connectors } from "../../../src/connector/connector.ts";
import { ForeignConnector } from "../../../src/connector/foreign.ts";
import { Fleet } from "../../../src/interpreter/fleet.ts";
import { imageOfText } from "../../../src/module/image.ts";
import type { CommitBatch } from "../../../src/store/store.ts";
import { deliver, pauseBetween } from "./events.ts";
import { host, openAt, RawCommits, sharedNow, tapped } from "./stores.ts";

/** As much as `flowmetal serve` has in memory unless told otherwise. */
const CONCURRENCY = 256;

const [, , imageFile, url] = process.argv as [string, string, string, string];
const image = imageOfText(readFileSync(imageFile, "utf8"));

interface Asked {
  readonly way: "serve" | "until" | "next" | "memory" | "events";
  readonly waiting?: number;
  readonly done?: number;
  readonly count?: number;
  readonly program?: string;
  readonly key?: string;
}

interface Next {
  readonly at: number;
  readonly program: string;
  readonly key: string | null;
}

/** Commits as they are answered, counted. */
class Commits {
  private waiting = 0;
  private done = 0;
  private readonly listeners = new Set<(next: Next) => void>();

  note({ turns }: CommitBatch): void {
    const at = sharedNow();
    for (const { after } of turns) {
      if (after.status === "waiting") this.waiting++;
      if (after.status === "done") this.done++;
    }
    const { program, effects = [] } = turns[turns.length - 1];
    const next = { at, program, key: effects[0]?.key ?? null };
    for (const listener of this.listeners) listener(next);
  }

  next(): Promise<Next> {
    return new Promise((resolve) => {
      const listener = (next: Next): void => {
        this.listeners.delete(listener);
        resolve(next);
      };
      this.listeners.add(listener);
    });
  }

  /** When the counts are reached. */
  async until({ waiting = 0, done = 0 }: { waiting?: number; done?: number }): Promise<{ at: number }> {
    for (;;) {
      if (this.waiting >= waiting && this.done >= done) return { at: sharedNow() };
      const { at } = await this.next();
      if (this.waiting >= waiting && this.done >= done) return { at };
    }
  }
}

const commits = new Commits();
const store = tapped(await openAt(url), (batch) => commits.note(batch));

function serve(): Promise<void> {
  return new Promise((resolve) => {
    const fleet = new Fleet({
      store,
      image,
      findImage: async () => image,
      connectors: new Connectors([new ForeignConnector()]),
      ...host,
      queues: [{ name: "default" }],
      concurrency: CONCURRENCY,
      capabilities: ["foreign:flow.test/echo"],
      tell: (event) => {
        if (event.kind === "serving") resolve();
        else if (event.kind !== "ended" || event.status !== "done") process.stderr.write(`${JSON.stringify(event)}\n`);
      },
    });
    void fleet.serve();
  });
}

async function events(count: number, program: string, key: string): Promise<{ ms: number[]; raw: number[] }> {
  const raw = await RawCommits.open(url);
  const measured = { ms: [] as number[], raw: [] as number[] };
  let event: string | null = key;
  for (let i = 0; i < count && event !== null; i++) {
    await pauseBetween();
    const next = commits.next();
    const from = sharedNow();
    await deliver(store, program, event);
    const committed = await next;
    measured.ms.push(committed.at - from);
    event = committed.key;
    await pauseBetween();
    const begun = sharedNow();
    await raw.commit();
    measured.raw.push(sharedNow() - begun);
  }
  await raw.close();
  return measured;
}

function memory(): { rss: number; heap: number } {
  for (let i = 0; i < 3; i++) globalThis.gc!();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}

async function answer({ way, count = 0, program = "", key = "", ...counts }: Asked): Promise<unknown> {
  switch (way) {
    case "serve":
      await serve();
      return { at: sharedNow() };
    case "until":
      return commits.until(counts);
    case "next":
      return commits.next();
    case "memory":
      return memory();
    case "events":
      return events(count, program, key);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as Asked))}\n`);
}
