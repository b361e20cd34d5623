// The outside of a store that others serve, in a process of its own: one line asks, one line answers. Arguments: the file of the base
// image, the script, the store.
//
//   stdin   {"way": "make", "programs": n}             puts programs into the queue "default": one by the store's call, the others as its copies (SQLite)
//           {"way": "more", "programs": n}             puts so many more there, as copies of a program that never ran (SQLite)
//           {"way": "copy", "programs": n}             copies the first of them as it stands now (SQLite)
//           {"way": "pending"}                         what the one program waits for
//           {"way": "event"}                           waits a little, then delivers the event that the one program waits for
//           {"way": "wake", "programs": n}             delivers the events of so many programs, one call after another (SQLite)
//           {"way": "raw"}                             waits a little, then commits one row
//           {"way": "bytes"}                           the size of the file when all is folded into it (SQLite)
//           {"way": "list", "limit": n}                what flowmetal ps asks for; null: all
//   stdout  make, copy: {"program"}; pending: {"key"}; bytes: {"bytes"}; more, event, wake: {"from", "to"}, moments of the clock that
//           processes share; raw, list: {"ms"}
import { readFileSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { newId } from "../../../src/base/ids.ts";
import { openClient } from "../../../src/client/open.ts";
import { newProgram, textsOfRun } from "../../../src/interpreter/birth.ts";
import { imageOfText } from "../../../src/module/image.ts";
import { Source } from "../../../src/source/source.ts";
import { deliver, pauseBetween } from "./events.ts";
import { connect, copyProgram, host, openAt, RawCommits, sharedNow } from "./stores.ts";

const [, , imageFile, script, url] = process.argv as [string, string, string, string, string];
const image = imageOfText(readFileSync(imageFile, "utf8"));
const store = await openAt(url);
const path = url.slice("sqlite:".length);
let first = "";
let raw: RawCommits | null = null;

interface Asked {
  readonly way: "make" | "more" | "copy" | "pending" | "event" | "wake" | "raw" | "bytes" | "list";
  readonly programs?: number;
  readonly limit?: number | null;
}

async function onFile<T>(work: (driver: Awaited<ReturnType<typeof connect>>) => Promise<T>): Promise<T> {
  const driver = await connect(path);
  return work(driver).finally(() => driver.close());
}

/** Puts one program into the queue, by the store's call. */
async function start(queue: string): Promise<string> {
  const source = new Source("waits.fm", readFileSync(script, "utf8"));
  const run = { name: source.name, source, args: '["v"]', stepsMax: null };
  const { program } = newProgram(run, image, newId(host.clock, host.random), { queue });
  const images = [{ hash: image.hash, body: image.text }];
  await store.createProgram({ program, texts: { blobs: textsOfRun(run), images } });
  return program.id;
}

async function make(programs: number): Promise<{ program: string }> {
  first = await start("default");
  if (programs > 1) await onFile((driver) => copyProgram(driver, first, ["programs", "journal"], programs - 1));
  return { program: first };
}

async function more(programs: number): Promise<{ from: number; to: number }> {
  // In a queue that nobody serves, so that it never runs.
  const unserved = await start("unserved");
  const from = sharedNow();
  await onFile((driver) => copyProgram(driver, unserved, ["programs", "journal"], programs, { queue: "default" }));
  return { from, to: sharedNow() };
}

async function pending(): Promise<{ key: string }> {
  const [{ key }] = await store.listEffects({ program: first, states: ["pending"] });
  return { key };
}

async function event(): Promise<{ from: number; to: number }> {
  const { key } = await pending();
  await pauseBetween();
  const from = sharedNow();
  await deliver(store, first, key);
  return { from, to: sharedNow() };
}

async function wake(programs: number): Promise<{ from: number; to: number }> {
  const waiting = "SELECT program, key FROM effects WHERE state = 'pending' ORDER BY random() LIMIT ?1";
  const rows = await onFile((driver) => driver.all(waiting, [programs]));
  const from = sharedNow();
  for (const { program, key } of rows) await deliver(store, program as string, key as string);
  return { from, to: sharedNow() };
}

async function rawCommit(): Promise<{ ms: number }> {
  raw ??= await RawCommits.open(url);
  await pauseBetween();
  const begun = sharedNow();
  await raw.commit();
  return { ms: sharedNow() - begun };
}

async function bytes(): Promise<{ bytes: number }> {
  const [row] = await onFile((driver) => driver.all("PRAGMA wal_checkpoint(TRUNCATE)"));
  if (row.busy !== 0) throw new Error("the -wal file could not be folded: somebody reads");
  return { bytes: statSync(path).size };
}

async function list(limit: number | null): Promise<{ ms: number }> {
  const client = await openClient(url, { create: false });
  const begun = sharedNow();
  await client.list({ statuses: null, limit });
  const ms = sharedNow() - begun;
  await client.close();
  return { ms };
}

async function answer({ way, programs = 0, limit = null }: Asked): Promise<unknown> {
  switch (way) {
    case "make":
      return make(programs);
    case "more":
      return more(programs);
    case "pending":
      return pending();
    case "copy":
      await onFile((driver) => copyProgram(driver, first, ["programs", "journal", "snapshots"], programs));
      return { program: first };
    case "event":
      return event();
    case "wake":
      return wake(programs);
    case "raw":
      return rawCommit();
    case "bytes":
      return bytes();
    case "list":
      return list(limit);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as Asked))}\n`);
}
