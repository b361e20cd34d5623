// eval and resume around a program: output, progress, Ctrl-C, how it ended; with a client made by hand.
import { expect, test } from "vitest";
import type { Client, Run, RunEnd, RunOptions } from "../../src/client/client.ts";
import { runCommandLine } from "../../src/cli/main.ts";
import { Errors } from "../../src/cli/streams.ts";
import type { Wait } from "../../src/journal/status.ts";
import { type Given, surroundings, type TestSurroundings } from "../support/surroundings.ts";

const id = "01k9zzzzzzzzzzzzzzzzzzzzzz";

/** A program whose course the test decides. */
class Course {
  hooks!: RunOptions;
  args: readonly string[] = [];
  letGoes = 0;
  end!: (end: RunEnd) => void;
  private readonly ended = new Promise<RunEnd>((resolve) => {
    this.end = resolve;
  });
  private began!: () => void;
  readonly begun = new Promise<void>((resolve) => {
    this.began = resolve;
  });
  /** What it is at rest with when it is let go of. */
  constructor(private readonly rest: RunEnd = { status: "waiting", waits: [] }) {}

  get client(): Partial<Client> {
    const begin = (hooks: RunOptions): Run => {
      this.hooks = hooks;
      queueMicrotask(this.began);
      return {
        id,
        ended: this.ended,
        letGo: async () => {
          this.letGoes++;
          this.end(this.rest);
        },
      };
    };
    return {
      start: async (_script, options) => {
        this.args = options.args;
        return begin(options);
      },
      resume: async (_id, options) => {
        options.onOwner(1200);
        return begin(options);
      },
    };
  }
}

async function begin(argv: string[], course: Course, given: Given = {}) {
  const world = surroundings({ ...given, client: course.client });
  const code = runCommandLine(argv, world);
  await course.begun;
  return { world, code };
}

const printed = (text: string) => ({ text, json: JSON.stringify(text) });
const done: RunEnd = { status: "done", result: printed("3") };

const sleeping = (world: TestSurroundings): Wait => ({
  task: 1,
  kind: "sleep",
  what: "",
  since: world.clock.now(),
  until: world.clock.now() + 10_000,
});

test("a script prints what it prints, and nothing else", async () => {
  const course = new Course();
  const { world, code } = await begin(["eval", "-"], course);
  await course.hooks.onOutput("a\n");
  course.hooks.onWaiting([sleeping(world)]);
  world.clock.move(5000);
  await course.hooks.onOutput("b\n");
  course.end(done);
  expect(await code).toBe(0);
  expect(world.stdout.text).toBe("a\nb\n");
  expect(world.stderr.text).toBe("");
});

test("-e prints the value of the last form", async () => {
  const course = new Course();
  const { world, code } = await begin(["eval", "-e", "(+ 1 2)"], course);
  course.end(done);
  expect(await code).toBe(0);
  expect(world.stdout.text).toBe("3\n");
});

test("standard error is not opened by a program that neither waits nor fails", async () => {
  const course = new Course();
  const world = surroundings({ client: course.client });
  const unopened = new Errors(() => expect.fail("standard error was opened"), {});
  const code = runCommandLine(["eval", "-e", "(+ 1 2)"], { ...world, err: unopened });
  await course.begun;
  await course.hooks.onOutput("a\n");
  course.end(done);
  expect(await code).toBe(0);
});

test("what stands behind FILE or -e FORMS belongs to the script", async () => {
  const course = new Course();
  const { code } = await begin(["eval", "-e", "1", "x", "--json", "-e"], course);
  course.end(done);
  await code;
  expect(course.args).toEqual(["x", "--json", "-e"]);
});

test("on a terminal the wait is shown on standard error and cleared before output", async () => {
  const course = new Course();
  const { world, code } = await begin(["eval", "-"], course, { terminal: true, env: { NO_COLOR: "1" } });
  course.hooks.onWaiting([sleeping(world)]);
  world.clock.move(399);
  expect(world.stderr.text).toBe("");
  world.clock.move(1);
  world.clock.move(1000);
  expect(world.stderr.text).toBe(
    "\r\x1b[Kwaiting for sleep (since 0 s, 9 s to go)\r\x1b[Kwaiting for sleep (since 1 s, 8 s to go)",
  );
  await course.hooks.onOutput("x\n");
  expect(world.stderr.text.endsWith("\r\x1b[K")).toBe(true);
  course.end(done);
  await code;
  expect(world.clock.pending).toBe(0);
  expect(world.stdout.text).toBe("x\n");
});

test("a line the program has begun is not overwritten by progress", async () => {
  const course = new Course();
  const { world, code } = await begin(["eval", "-"], course, { terminal: true });
  await course.hooks.onOutput("answer: ");
  course.hooks.onWaiting([sleeping(world)]);
  world.clock.move(5000);
  expect(world.stderr.text).toBe("");
  course.end(done);
  await code;
});

test("Ctrl-C lets go of the program and says how to go on", async () => {
  const wait: Wait = { task: 1, kind: "sleep", what: "", since: Date.UTC(2026, 10, 24, 12) };
  const course = new Course({ status: "waiting", waits: [wait] });
  const { world, code } = await begin(["eval", "--store", "/tmp/a b.db", "-"], course);
  world.send("SIGINT");
  expect(await code).toBe(130);
  expect(course.letGoes).toBe(1);
  expect(world.stderr.text).toBe(
    `at rest: ${id} (waiting for sleep (since 0 s))\ngo on with: flowmetal resume --store '/tmp/a b.db' ${id}\n`,
  );
});

test("a second Ctrl-C ends the process at once", async () => {
  const course = new Course();
  const { world } = await begin(["eval", "-"], course);
  let settle!: () => void;
  const stuck: Run = { id, ended: new Promise(() => {}), letGo: () => new Promise((resolve) => (settle = resolve)) };
  const other = surroundings({ client: { start: async () => stuck } });
  void runCommandLine(["eval", "-"], other);
  await new Promise((resolve) => setTimeout(resolve, 20));
  other.send("SIGINT");
  expect(other.exits).toEqual([]);
  other.send("SIGINT");
  expect(other.exits).toEqual([130]);
  settle();
  world.send("SIGTERM");
});

test.each([
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s leaves the program at rest too", async (signal, expected) => {
  const { world, code } = await begin(["eval", "-"], new Course());
  world.send(signal);
  expect(await code).toBe(expected);
});

test("a signal while the program is being started is not lost", async () => {
  const course = new Course();
  const world = surroundings({
    client: {
      start: async (script, options) => {
        world.send("SIGINT");
        return (course.client.start as Client["start"])(script, options);
      },
    },
  });
  expect(await runCommandLine(["eval", "-"], world)).toBe(130);
  expect(course.letGoes).toBe(1);
});

test("when nobody reads the output any more, the program is left at rest without a word", async () => {
  const course = new Course();
  const { world, code } = await begin(["eval", "-"], course);
  world.stdout.closed = true;
  await course.hooks.onOutput("x\n");
  expect(await code).toBe(141);
  expect(course.letGoes).toBe(1);
  expect(world.stderr.text).toBe("");
});

test.each([
  [{ status: "cancelled", reason: "wrong month" }, 7, "cancelled: wrong month\n"],
  [{ status: "paused", waits: [] }, 4, `at rest: ${id} (paused)\ngo on with: flowmetal resume ${id}\n`],
  [{ status: "moved", waits: [] }, 4, `at rest: ${id} (moved to another store)\n`],
] satisfies [RunEnd, number, string][])("a program that ends as %o", async (end, expected, message) => {
  const course = new Course();
  const { world, code } = await begin(["eval", "-"], course);
  course.end(end);
  expect(await code).toBe(expected);
  expect(world.stderr.text).toBe(message);
});

test("a fault is rendered with its place, and says where to look", async () => {
  const course = new Course();
  const { world, code } = await begin(["eval", "-"], course);
  const text = "(defn f [x]\n  (+ x :a))\n(f 1)\n";
  const place = { source: "a.fm", line: 2, column: 3, from: 14, to: 22, text };
  course.end({
    status: "faulted",
    faults: [
      {
        task: 1,
        type: "type",
        code: null,
        hint: null,
        omitted: 0,
        message: "+ takes numbers, not :a",
        data: null,
        place,
        notes: [],
        trace: [
          { function: "user/f", topLevel: false, place },
          { function: null, topLevel: true, place: { ...place, line: 3, column: 1, from: 25, to: 30 } },
        ],
        cause: null,
        restarts: [],
      },
    ],
  });
  expect(await code).toBe(1);
  expect(world.stderr.text).toContain("+ takes numbers, not :a");
  expect(world.stderr.text).toContain("a.fm:2:3");
  expect(world.stderr.text).toContain("(+ x :a))");
  expect(world.stderr.text).toContain("user/f");
  expect(world.stderr.text).toContain(`flowmetal inspect ${id}`);
  expect(world.stdout.text).toBe("");
});

test("--json tells the course as lines of JSON", async () => {
  const course = new Course();
  const { world, code } = await begin(["eval", "--json", "-e", "1"], course);
  await course.hooks.onOutput("a\n");
  course.end(done);
  expect(await code).toBe(0);
  expect(
    world.stdout.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { schema: 1, event: "started", id },
    { schema: 1, event: "output", text: "a\n" },
    { schema: 1, event: "ended", id, status: "done", result: { text: "3", value: "3" } },
  ]);
});

test("resume says that it waits for a dead owner's lease", async () => {
  const course = new Course();
  const { world, code } = await begin(["resume", id], course);
  course.end(done);
  expect(await code).toBe(0);
  expect(world.stderr.text).toBe("waiting for the lease of the process that ran it last to run out (1.2 s at most)\n");
});
