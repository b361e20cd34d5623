// Rewinds: what is given again, what is stray, what is refused, and that the journal still leads to the state (E-3, E-7).
import { expect, test } from "vitest";
import { rewindBody } from "../../src/interpreter/rewind.ts";
import { stateHash } from "../../src/snapshot/snapshot.ts";
import { atStore, type Bench, type Process, until } from "./bench.ts";

const TEXT = `
  (defforeign ask :topic "ask")
  (require '[flow.time :as time])
  (def log (atom []))
  (defn note [x] (swap! log conj x) (println x) x)
  (note (ask "a"))
  (note (ask "b"))
  (note (ask "c"))
  @log`;

/** Goes back as a person would, who has looked at the program as it stands. */
async function rewind(bench: Bench, id: string, to: number, answers: Readonly<Record<string, string>> = {}) {
  const { turn } = await bench.row(id);
  await bench.command(id, "rewind", rewindBody({ to, answers: new Map(Object.entries(answers)) }), turn);
}

/** The position of the first entry of a kind, from a position on. */
async function find(bench: Bench, id: string, kind: string, from = 0): Promise<number> {
  const entry = (await bench.journal(id)).find((one) => one.position >= from && one.kind === kind);
  if (entry === undefined) throw new Error(`no ${kind} from ${from} on`);
  return entry.position;
}

async function answered(process: Process, from: number, ...values: readonly unknown[]): Promise<void> {
  for (const [i, value] of values.entries()) (await process.call(from + i)).answer(value);
}

/** The whole journal leads to the state, and so does each snapshot that is kept. */
async function holds(bench: Bench, id: string): Promise<void> {
  expect(await bench.verify(id)).toMatchObject({ same: true, why: null });
  const { position } = await bench.row(id);
  const hash = stateHash((await bench.load(id, position)).machine.state);
  expect(stateHash((await bench.load(id)).machine.state)).toBe(hash);
}

test.each(["memory", "sqlite"] as const)("gives again what was answered, and asks anew for the rest, in %s", (kind) =>
  atStore(kind, async (bench) => {
    const process = await bench.started(TEXT);
    await answered(process, 0, 1, 2);
    const third = await process.call(2);
    const second = await find(bench, process.id, "answer", (await find(bench, process.id, "answer")) + 1);
    // Where it waited for b: the answer of b is given again, c is asked again under another key.
    await rewind(bench, process.id, second);
    const again = await process.call(3);
    expect([third.args, again.args]).toEqual([["c"], ["c"]]);
    expect(again.key).not.toBe(third.key);
    await holds(bench, process.id);
    expect((await bench.row(process.id)).branch).toBe(await find(bench, process.id, "rewound"));
    // What the branch before had asked is of no use to this one.
    third.answer("late");
    await until("it was taken in", () => process.tap.count("commitTurns") >= 5);
    again.answer(3);
    expect(await process.ended()).toBe("done");
    expect(await bench.kinds(process.id)).toMatch(/command rewound answer turn answer turn stray answer turn done$/);
    expect(await bench.row(process.id)).toMatchObject({ result: '["v",1,2,3]' });
    expect(await bench.output(process.id)).toBe("1\n2\n2\n3\n");
    await holds(bench, process.id);
  }),
);

test("gives another answer where its author says so, and the other comes as a stray", () =>
  atStore("sqlite", async (bench) => {
    const process = await bench.started(TEXT);
    const first = await process.call(0);
    await answered(process, 0, 1, 2);
    const open = await process.call(2);
    const to = await find(bench, process.id, "answer");
    await rewind(bench, process.id, to, { [first.key]: '{"9":1,"1":2.0}' });
    expect((await process.call(3)).args).toEqual(["b"]);
    await holds(bench, process.id);
    const there = await find(bench, process.id, "rewound");
    // On the branch that was left c was open: it is given an answer, which nobody else has given.
    await rewind(bench, process.id, there, { [open.key]: '"mine"' });
    expect(await process.ended()).toBe("done");
    expect(await bench.row(process.id)).toMatchObject({ result: '["v",1,2,"mine"]' });
    expect(await bench.output(process.id)).toBe("1\n2\n{9 1, 1 2.0}\nmine\n");
    const bodies = await bench.bodies(process.id, "rewound");
    expect(bodies).toMatchObject([
      { to, again: [[there - 1, first.key]] },
      { to: there, again: [[expect.any(Number), open.key]] },
    ]);
    await holds(bench, process.id);
  }));

test("is refused when the program has moved on, or there is no such entry, and says so", () =>
  atStore("sqlite", async (bench) => {
    const process = await bench.started(TEXT);
    await process.call(0);
    const { turn, position } = await bench.row(process.id);
    await bench.command(process.id, "rewind", '{"to":1}', turn - 1);
    await until("it was refused", () => process.tap.count("commitTurns") === 2);
    await bench.command(process.id, "rewind", `{"to":${position + 100}}`, turn + 1);
    await until("it was refused", () => process.tap.count("commitTurns") === 3);
    await bench.command(process.id, "rewind", '{"to":0}', turn + 2);
    await until("it was refused", () => process.tap.count("commitTurns") === 4);
    const refused = await bench.bodies(process.id, "refused");
    expect(refused[0]).toMatchObject({ why: "moved on", baseTurn: turn - 1, turn });
    expect(refused[1].why).toContain(`there is no state after ${position + 100} entries`);
    expect(refused[2].why).toContain("there is no state after 0 entries");
    await holds(bench, process.id);
  }));

test("goes back to any entry, to the beginning too, from any branch, again and again", () =>
  atStore("sqlite", async (bench) => {
    const process = await bench.started(TEXT);
    await answered(process, 0, 1, 2);
    await process.call(2);
    let calls = 3;
    for (const pick of [1, 2, 5, 4, 9, 3, 12, 7, 15, 1, 20]) {
      const { position } = await bench.row(process.id);
      const before = process.tap.count("commitTurns");
      await rewind(bench, process.id, Math.min(pick, position));
      await until("it has gone back", () => process.tap.count("commitTurns") > before || process.outcome !== null);
      await process.quiet();
      calls = process.calls.attempts.length;
      await holds(bench, process.id);
    }
    expect(calls).toBeGreaterThan(5);
    expect(process.outcome).toBeNull();
  }));

test("keeps a paused program paused, and gives the answers again when it goes on, also in another process", () =>
  atStore("sqlite", async (bench) => {
    const process = await bench.started(TEXT);
    await answered(process, 0, 1, 2);
    await process.call(2);
    await bench.command(process.id, "pause");
    expect(await process.ended()).toBe("paused");
    await rewind(bench, process.id, await find(bench, process.id, "answer"));
    const second = await bench.resumed(process.id);
    expect(await second.ended()).toBe("paused");
    expect(await bench.kinds(process.id)).toMatch(/command rewound turn$/);
    await holds(bench, process.id);
    await bench.command(process.id, "resume");
    const third = await bench.resumed(process.id);
    await until("it asks again", () => third.calls.attempts.some(({ args }) => JSON.stringify(args) === '["b"]'));
    expect(await bench.kinds(process.id)).toMatch(/command rewound turn command answer turn/);
    await holds(bench, process.id);
  }));

test("arms timers again, and lets those that rang ring in their place between the answers", () =>
  atStore("sqlite", async (bench) => {
    const process = await bench.started(`
      (defforeign ask :topic "ask")
      (require '[flow.time :as time])
      (def answer (try (time/with-timeout 50 (ask "slow")) (catch :timeout _ :timeout)))
      (println answer (ask "then"))
      (time/sleep 1000)
      (ask "end")`);
    const slow = await process.call(0);
    await process.waiting();
    await bench.clock.advance(60);
    const then = await process.call(1);
    slow.answer("too late");
    await until("that was taken in", () => process.tap.count("commitTurns") === 3);
    then.answer("now");
    await process.waiting();
    const start = await find(bench, process.id, "timer");
    await rewind(bench, process.id, start);
    const again = await process.call(2);
    expect(again.args).toEqual(["then"]);
    expect(await bench.kinds(process.id)).toMatch(/rewound timer answer turn stray$|rewound timer answer turn$/);
    await rewind(bench, process.id, (await bench.row(process.id)).position);
    again.answer("again");
    await process.quiet();
    expect((await bench.row(process.id)).waiting).toMatchObject([{ kind: "sleep" }]);
    await bench.clock.advance(1_001);
    expect((await process.call(3)).args).toEqual(["end"]);
    expect(await bench.output(process.id)).toBe(":timeout now\n:timeout again\n");
    await holds(bench, process.id);
  }));
