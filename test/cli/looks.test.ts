// The commands that look at programs or end them: ps, inspect, output, journal, replay, cancel; with a client made by hand.
import { expect, test } from "vitest";
import type { Client, Inspection, JournalLine, ProgramSummary, ReplayReport } from "../../src/client/client.ts";
import { runCommandLine } from "../../src/cli/main.ts";
import { type Given, surroundings } from "../support/surroundings.ts";

const noon = Date.UTC(2026, 10, 24, 12);
const id = "01k9zzzzzzzzzzzzzzzzzzzzzz";

async function run(argv: string[], client: Partial<Client>, given: Given = {}) {
  const world = surroundings({ ...given, client });
  const code = await runCommandLine(argv, world);
  return { code, stdout: world.stdout.text, stderr: world.stderr.text, opened: world.opened };
}

const waiting: ProgramSummary = {
  id,
  name: "watch.fm",
  status: "waiting",
  created: noon - 300_000,
  updated: noon - 4000,
  waits: [{ task: 1, kind: "http", what: "GET 127.0.0.1", since: noon - 4000 }],
  running: true,
};
const over: ProgramSummary = {
  ...waiting,
  id: `02${id.slice(2)}`,
  name: "a\x1b[31m",
  status: "done",
  waits: [],
  running: false,
};

test("ps is aligned on a terminal and separated by tabs in a pipe", async () => {
  const client: Partial<Client> = { list: async () => [waiting, over] };
  expect((await run(["ps"], client)).stdout).toBe(
    [
      "ID\tSTATUS\tAGE\tNAME\tWAITS FOR",
      `${waiting.id}\twaiting*\t5 min\twatch.fm\thttp GET 127.0.0.1 (since 4 s)`,
      `${over.id}\tdone\t5 min\ta\\x1b[31m\t\n`,
    ].join("\n"),
  );
  const lines = (await run(["ps"], client, { terminal: true })).stdout.split("\n");
  expect(new Set(lines.slice(0, 2).map((line) => line.search(/STATUS|waiting/))).size).toBe(1);
});

test("ps asks for statuses and a limit, and opens the store without making it", async () => {
  const asked: unknown[] = [];
  const list: Client["list"] = async (options) => {
    asked.push(options);
    return [];
  };
  const { stdout, opened } = await run(["ps", "--status", "waiting", "faulted", "--limit", "3", "--json"], { list });
  expect(asked).toEqual([{ statuses: ["waiting", "faulted"], limit: 4 }]);
  expect(JSON.parse(stdout)).toEqual({ schema: 1, programs: [], more: false });
  expect(opened[0]).not.toContain("made if missing");
});

test("ps shows the newest hundred unless it is told otherwise, and says if there are more", async () => {
  const asked: unknown[] = [];
  const list: Client["list"] = async (options) => {
    asked.push(options);
    return Array.from({ length: options.limit ?? 0 }, () => waiting);
  };
  const { stdout, stderr } = await run(["ps"], { list });
  expect(asked).toEqual([{ statuses: null, limit: 101 }]);
  expect(stdout.trimEnd().split("\n")).toHaveLength(101);
  expect(stderr).toBe("these are the newest 100; for more: --limit N\n");
  const json = await run(["ps", "--limit", "2", "--json"], { list });
  expect([JSON.parse(json.stdout).programs.length, JSON.parse(json.stdout).more, json.stderr]).toEqual([2, true, ""]);
});

const inspection: Inspection = {
  program: waiting,
  position: 12,
  turn: 8,
  stateHash: "ab".repeat(32),
  result: null,
  faults: [],
  tasks: [
    {
      ref: 1,
      state: "waiting",
      wait: waiting.waits[0] ?? null,
      depth: 7,
      frames: [
        {
          kind: "call",
          function: "watch/status",
          topLevel: false,
          place: { source: "watch.fm", line: 6, column: 12, from: 80, to: 120, text: null },
          locals: [{ name: "url", value: { text: '"http://127.0.0.1"', json: '"http://127.0.0.1"' } }],
        },
        { kind: "try", function: null, topLevel: false, place: null, locals: [] },
      ],
    },
  ],
};

test("inspect shows waits, frames with their places, locals, and how many frames it left out", async () => {
  const { code, stdout } = await run(["inspect", "@last"], { inspect: async () => inspection });
  expect(code).toBe(0);
  expect(stdout).toContain(`${id}  watch.fm  waiting, running`);
  expect(stdout).toContain("waits for http GET 127.0.0.1 (since 4 s)");
  expect(stdout).toContain("  watch/status  watch.fm:6:12\n");
  expect(stdout).toContain('      url  "http://127.0.0.1"\n');
  expect(stdout).toContain("  ... 5 more frames (--frames 7 shows all)\n");
});

test("inspect --json carries values as tagged JSON", async () => {
  const { stdout } = await run(["inspect", "--json", "@last"], { inspect: async () => inspection });
  const data = JSON.parse(stdout);
  expect(data).toMatchObject({ schema: 1, program: { id }, tasks: [{ ref: 1, depth: 7 }] });
  expect(data.tasks[0].frames[0].locals).toEqual([
    { name: "url", value: { text: '"http://127.0.0.1"', value: "http://127.0.0.1" } },
  ]);
});

async function* stream<T>(...items: T[]): AsyncIterable<T> {
  yield* items;
}

test("output is what was printed, byte for byte", async () => {
  const client: Partial<Client> = { output: () => stream("a", "é\x1b[0m\n") };
  expect((await run(["output", "@last"], client)).stdout).toBe("aé\x1b[0m\n");
  expect(JSON.parse((await run(["output", "--json", "x"], client)).stdout)).toEqual({
    schema: 1,
    id: "x",
    output: "aé\x1b[0m\n",
  });
});

test("journal --json passes bodies through untouched", async () => {
  const entry: JournalLine = { position: 3, kind: "answer", time: noon, body: '{"2":9007199254740993,"1":1.0}' };
  const asked: number[] = [];
  const client: Partial<Client> = {
    journal: (_, from) => {
      asked.push(from);
      return stream(entry);
    },
  };
  expect((await run(["journal", "x", "--json", "--from", "3"], client)).stdout).toBe(
    `{"schema":1,"position":3,"kind":"answer","time":${noon},"body":{"2":9007199254740993,"1":1.0}}\n`,
  );
  expect((await run(["journal", "x"], client)).stdout).toBe(`     3  2026-11-24 12:00:00Z  answer     ${entry.body}\n`);
  expect(asked).toEqual([3, 0]);
});

test("journal into a closed pipe ends quietly", async () => {
  const world = surroundings({
    client: { journal: () => stream({ position: 0, kind: "start", time: 0, body: "{}" }) },
  });
  world.stdout.closed = true;
  expect(await runCommandLine(["journal", "x"], world)).toBe(141);
  expect(world.stderr.text).toBe("");
});

const same: ReplayReport = { from: 0, to: 9, recorded: "aa", replayed: "aa", same: true, divergedAt: null, why: null };
const different: ReplayReport = { ...same, replayed: "bb", same: false, divergedAt: 4, why: "another effect" };

test("replay fails on a difference only when it is to verify", async () => {
  expect(await run(["replay", "x", "--verify"], { replay: async () => same })).toMatchObject({
    code: 0,
    stdout: "same: entries 0 to 9 replay to the recorded state\n  aa\n",
  });
  const verified = await run(["replay", "x", "--verify"], { replay: async () => different });
  expect(verified.code).toBe(1);
  expect(verified.stdout).toContain("first difference at entry 4");
  expect((await run(["replay", "x"], { replay: async () => different })).code).toBe(0);
});

test("cancel says what became of it", async () => {
  const reasons: string[] = [];
  const cancel: Client["cancel"] = async (_, reason) => {
    reasons.push(reason);
    return { outcome: "cancelled" };
  };
  expect(await run(["cancel", "x", "--reason", "wrong month"], { cancel })).toMatchObject({
    code: 0,
    stdout: "cancelled x\n",
  });
  expect(reasons).toEqual(["wrong month"]);
  const tooLate = await run(["cancel", "x"], { cancel: async () => ({ outcome: "already-over", status: "done" }) });
  expect(tooLate).toMatchObject({ code: 6, stdout: "", stderr: "x is over already: done\n" });
});

test("a store in memory cannot be looked at", async () => {
  const { code, stderr, opened } = await run(["ps", "--store", "memory:"], {});
  expect(code).toBe(2);
  expect(stderr).toContain("ends with its process");
  expect(opened).toEqual([]);
});
