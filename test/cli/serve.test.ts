// The commands of the fleet: which queues are served, what is put into them, signals, what is told.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCommandLine } from "../../src/cli/main.ts";
import type { Client, EnqueueOptions, ServeOptions } from "../../src/client/client.ts";
import { surroundings } from "../support/surroundings.ts";

const folder = mkdtempSync(join(tmpdir(), "flowmetal-serve-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "a.fm"), "(+ 1 2)");

const configure = (text: string) => writeFileSync(join(folder, "flowmetal.json"), text);

/** Runs a command that serves, and ends it by signals. */
async function serve(args: readonly string[], signals = 1) {
  let options: ServeOptions | null = null;
  let drained = 0;
  let end: () => void = () => undefined;
  const client: Partial<Client> = {
    async serve(given) {
      options = given;
      given.onEvent({
        kind: "ended",
        level: "info",
        program: "p",
        text: "p is done\x1b[2J",
        facts: { status: "done" },
      });
      given.onEvent({ kind: "lost", level: "warn", program: "p", text: "lost cb_0123456789abcdef", facts: {} });
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      return { ended, drain: () => void drained++ };
    },
  };
  const around = surroundings({ client, cwd: folder });
  const code = runCommandLine([...args, "--store", "s.db"], around);
  for (const deadline = Date.now() + 2_000; options === null && around.stderr.text === ""; ) {
    if (Date.now() > deadline) break;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
  for (let i = 0; i < signals; i++) around.send("SIGTERM");
  end();
  return { code: await code, options: options as ServeOptions | null, drained, around };
}

test("serves what --queue names, else what flowmetal.json names, else default", async () => {
  configure("{}");
  const plain = await serve(["serve"]);
  expect(plain).toMatchObject({ code: 0, drained: 1, options: { connectors: true, concurrency: 256, memory: 64 } });
  expect(plain.options!.queues).toEqual([{ name: "default" }]);
  expect(plain.around.opened).toEqual([`sqlite:${join(folder, "s.db")} (made if missing)`]);
  configure('{ "queues": { "default": {}, "mail": { "concurrency": 5 } } }');
  const configured = await serve(["interpreter", "--concurrency", "7"]);
  expect(configured.options).toMatchObject({ connectors: false, concurrency: 7 });
  expect(configured.options!.queues).toEqual([{ name: "default" }, { name: "mail", concurrency: 5 }]);
  const named = await serve(["serve", "--queue", "mail", "--queue", "x", "--queue", "x"]);
  expect(named.options!.queues).toEqual([{ name: "mail", concurrency: 5 }, { name: "x" }]);
});

test("limits by the text of a label, and of memory", async () => {
  configure('{ "queues": { "mail": { "per": { "customer": 2 } } } }');
  const { options } = await serve(["serve", "--memory", "9"]);
  expect(options).toMatchObject({
    memory: 9,
    queues: [{ name: "mail", per: { label: "customer", limit: 2 } }],
  });
  const none = await serve(["serve", "--memory", "0"]);
  expect(none.code).toBe(2);
  expect(none.around.stderr.text).toContain("--memory 0 would run nothing");
});

test("tells one line for each event, harmless for a terminal, or an object", async () => {
  configure("{}");
  const lines = "2026-11-24 12:00:00Z p is done\\x1b[2J\n2026-11-24 12:00:00Z lost cb_...cdef\n";
  expect((await serve(["serve"])).around.stderr.text).toBe(lines);
  const { around } = await serve(["serve", "--json"]);
  const objects = around.stderr.text.trim().split("\n");
  const common = { time: Date.UTC(2026, 10, 24, 12), pid: process.pid, program: "p" };
  expect(objects.map((line) => JSON.parse(line) as unknown)).toEqual([
    { ...common, level: "info", kind: "ended", status: "done", text: "p is done\\x1b[2J" },
    { ...common, level: "warn", kind: "lost", text: "lost cb_...cdef" },
  ]);
});

test("tells only what is important enough, as the option or flowmetal.json says", async () => {
  configure("{}");
  const told = async (...args: string[]) => (await serve(["serve", ...args])).around.stderr.text.split("\n").length - 1;
  expect(await told("--log-level", "warn")).toBe(1);
  expect(await told("--log-level", "silent")).toBe(0);
  configure('{ "log": { "level": "error", "format": "json" } }');
  expect(await told()).toBe(0);
  expect((await serve(["serve", "--log-level", "info"])).around.stderr.text).toMatch(/^\{"level":"info"/);
  const wrong = await serve(["serve", "--log-level", "loud"]);
  expect(wrong.code).toBe(2);
  expect(wrong.around.stderr.text).toContain("It is one of debug, info, warn, error, silent.");
});

test("the first signal drains, the second ends the process", async () => {
  configure("{}");
  const { drained, around } = await serve(["serve"], 2);
  expect(drained).toBe(1);
  expect(around.exits).toEqual([130]);
});

test.each([
  ['{ "queues": [] }', '"queues" is no object of queues by name'],
  [
    '{ "queues": { "a": { "concurrency": 0 } } }',
    'the queue "a" may say { "concurrency": N, "per": { "LABEL": N } }, one label, each N from 1 on',
  ],
  ['{ "queues": { "a": { "speed": 1 } } }', 'the queue "a" may say'],
  ['{ "queues": { "a": { "per": {} } } }', 'the queue "a" may say'],
  ['{ "queues": { "a": { "per": { "x": 1, "y": 1 } } } }', 'the queue "a" may say'],
  ['{ "queues": { "a": { "per": { "x": 0 } } } }', 'the queue "a" may say'],
  ['{ "queues": { "a": { "per": "x" } } }', 'the queue "a" may say'],
  ['{ "queues": { "a": 3 } }', 'the queue "a" may say'],
  ['{ "queue": {} }', 'there is no setting "queue"'],
  ['{ "metrics": 9464 }', '"metrics" is no address'],
  ['{ "metrics": "here" }', '"metrics" of flowmetal.json is no address to listen at: "here"'],
  ['{ "log": { "level": "loud" } }', '"log" may say'],
  ['{ "log": { "colour": true } }', '"log" may say'],
])("refuses the configuration %s", async (text, message) => {
  configure(text);
  const { code, options, around } = await serve(["serve"]);
  expect({ code, options }).toEqual({ code: 2, options: null });
  expect(around.stderr.text).toContain(message);
});

async function start(...args: string[]) {
  configure("{}");
  let given: EnqueueOptions | null = null;
  const client: Partial<Client> = {
    async enqueue(script, options) {
      given = options;
      return `id-of-${script.name}`;
    },
  };
  const around = surroundings({ client, cwd: folder });
  const code = await runCommandLine(["start", ...args], around);
  return { code, given: given as EnqueueOptions | null, out: around.stdout.text, err: around.stderr.text };
}

test("start puts a program into a queue and prints its id", async () => {
  const plain = await start("a.fm", "--x", "1");
  expect(plain).toMatchObject({ code: 0, out: "id-of-a.fm\n" });
  expect(plain.given).toMatchObject({ args: ["--x", "1"], queue: "default", priority: 0, labels: {}, maxSteps: null });
  const full = await start("--queue", "q", "--priority", "-3", "--label", "a=b=c", "--label", "d=", "--json", "a.fm");
  expect(full.given).toMatchObject({ args: [], queue: "q", priority: -3, labels: { a: "b=c", d: "" } });
  expect(JSON.parse(full.out)).toMatchObject({ schema: 1, id: "id-of-a.fm" });
});

test.each([[["--label", "ab"]], [["--label", "=x"]], [["--priority", "1.5"]], [["--priority", "high"]]])(
  "start refuses %j",
  async (args) => {
    const { code, given, err } = await start(...args, "a.fm");
    expect({ code, given }).toEqual({ code: 2, given: null });
    expect(err).toMatch(/--label takes NAME=TEXT|Give a whole number/);
  },
);
