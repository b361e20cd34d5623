// A turn that cannot be persisted has no outside effect: commits fail at every statement, and in every way the store knows.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CommitNotes, type Inner, type Plan, type Step } from "./commit-faults.ts";
import { Disturbed, type Disturbance, emptyStore, type Place, type Ran, type Successor } from "./disturbed.ts";
import { Server } from "./outside.ts";

const server = new Server();
const folder = mkdtempSync(join(tmpdir(), "flowmetal-persist-"));
const place: Place = { template: join(folder, "empty.db"), server };
let url = "";
const notes = new CommitNotes();
let calm: Ran;

beforeAll(async () => {
  url = await server.listen();
  await emptyStore(place.template);
  calm = await Disturbed.run(place, program(), { notes });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** Effects of every kind, side by side and one after the other; each turn prints. `wide`: so much that the file has to grow. */
function program(wide = 0): string {
  return `
    (ns persist (:require [flow.http.request :as http] [flow.time :as time]))
    (defforeign ask :topic "ask")
    (defforeign elsewhere :topic "other")
    (defn spawn [f] (perform 'flow.core/spawn f))
    (def seen (atom []))
    (defn note [& words]
      (swap! seen conj (vec words))
      (apply println words)
      (println (apply str (repeat ${wide} "x")) (count @seen)))
    (note "begun")
    (def tasks
      [(spawn (fn [] (note "requested" (:json (http/post "${url}/first" {:json {:n 1}})))))
       (spawn (fn [] (note "asked" (ask 1))))
       (spawn (fn [] (note "elsewhere" (elsewhere 2))))
       (spawn (fn [] (time/sleep 100) (note "slept")))])
    (note "four are under way")
    (run! await tasks)
    (note "then asked" (ask 3))
    (note "then requested" (:body (http/get "${url}/second")))
    (time/sleep 50)
    (note "end")
    @seen`;
}

/** A plan for every turn that the undisturbed run had. */
function everyTurn(steps: (turn: number) => readonly Step[]): Plan {
  return new Map(notes.turns.map((_, turn) => [turn, steps(turn)]));
}

/** Runs the program, which must end as if nothing had happened; `ended`: by what runs of it were ended on the way. */
async function expectUndisturbed(disturbance: Disturbance, ended: readonly string[]): Promise<void> {
  const ran = await Disturbed.run(place, program(), disturbance);
  expect(ran).toMatchObject({ told: calm.told, ended, left: [], wrong: [] });
}

test("undisturbed, the program makes effects of every kind, and its commits write every table", () => {
  expect(calm).toMatchObject({ ended: [], left: [], wrong: [] });
  expect(calm.told.status).toBe("done");
  expect(calm.told.read).toBe(calm.told.output);
  expect(calm.told.made.map((made) => made.slice(27))).toEqual([
    "http ",
    "foreign ask",
    "foreign other",
    "foreign ask",
    "http ",
  ]);
  expect(calm.told.reached.map((reached) => reached.slice(0, 26)).sort()).toEqual(
    calm.told.made.map((made) => made.slice(0, 26)).sort(),
  );
  expect(notes.turns).toHaveLength(8);
  const written = new Set(notes.turns.flatMap(({ inner }) => inner.map(({ op, table }) => `${op} ${table}`)));
  expect([...written].sort()).toEqual([
    "DELETE snapshots",
    "INSERT blobs",
    "INSERT code",
    "INSERT effects",
    "INSERT journal",
    "INSERT output",
    "INSERT programs",
    "INSERT snapshots",
    "UPDATE effects",
    "UPDATE inbox",
    "UPDATE meta",
    "UPDATE programs",
  ]);
});

const batch = (when: Step["when"], error: string | null = null): Step => ({ call: "batch", when, error });
const look: Step = { call: "look", when: "before", error: "SQLITE_IOERR" };
const successors: readonly Successor[] = ["same", "new"];
const IOERR = "SQLITE_IOERR";

describe("every commit fails, and the program goes on to the same end", () => {
  const WAYS: readonly [what: string, steps: readonly Step[], ended: readonly string[]][] = [
    ["the file is busy for longer than anybody waits", [batch("before", "SQLITE_BUSY")], ["store/locked"]],
    ["another connection holds the lock", [batch("locked")], ["store/locked"]],
    ["the disk is full", [batch("before", "SQLITE_FULL")], ["store/full"]],
    ["the disk cannot be read or written before the commit", [batch("before", IOERR)], []],
    ["the reply of the commit is lost", [batch("after", IOERR)], []],
    [
      "the disk fails twice before the commit",
      [batch("before", IOERR), batch("before", IOERR)],
      ["store/unknown-outcome"],
    ],
    ["the second reply is lost", [batch("before", IOERR), batch("after", IOERR)], ["store/unknown-outcome"]],
    ["the reply is lost and the store cannot be asked", [batch("after", IOERR), look], ["store/unknown-outcome"]],
    ["the rows are refused", [batch({ op: "INSERT", table: "journal" }, null)], ["commit-refused"]],
  ];
  // Where no run ends, nobody has to go on.
  const cases = WAYS.flatMap((way) =>
    successors.slice(way[2].length === 0 ? 1 : 0).map((one) => [one, ...way] as const),
  );
  test.each(cases)("(%s interpreter) %s", (successor, _, steps, ended) =>
    expectUndisturbed({ plan: everyTurn(() => steps), successor }, ended),
  );

  test("another process has taken the program over", async () => {
    const plan = everyTurn((turn) => (turn === 0 ? [] : [batch("taken")]));
    await expectUndisturbed({ plan }, ["program/lost"]);
  });

  test("the interpreter's lease is gone", () =>
    expectUndisturbed({ plan: everyTurn(() => [batch("retired")]) }, ["program/lost"]));

  test("there is no room for the file to grow", async () => {
    const text = program(20_000);
    const undisturbed = await Disturbed.run(place, text);
    const ran = await Disturbed.run(place, text, { plan: everyTurn(() => [batch("no room")]) });
    expect(ran).toMatchObject({ told: undisturbed.told, ended: ["store/full"], left: [], wrong: [] });
  });

  test.each<[call: "view" | "image", error: string, ended: readonly string[]]>([
    ["view", IOERR, []],
    ["view", "SQLITE_FULL", ["store/full"]],
    ["image", IOERR, ["store/unreachable"]],
    ["image", "SQLITE_BUSY", ["store/locked"]],
  ])("at the call before the batch: %s, %s", async (call, error, ended) => {
    for (const successor of successors) {
      const plan = everyTurn((turn) =>
        notes.turns[turn].calls.includes(call) ? [{ call, when: "before", error }] : [],
      );
      await expectUndisturbed({ plan, successor }, ended);
    }
  });

  test("at each of the statements within a batch", async () => {
    const most = Math.max(...notes.turns.map(({ inner }) => inner.length));
    const failing = (inner: Inner, odd: boolean): Step[] =>
      odd ? [batch(inner, IOERR), batch(inner, IOERR)] : [batch(inner, "SQLITE_FULL")];
    for (let n = 0; n < most; n++) {
      const plan = everyTurn((turn) =>
        notes.turns[turn].inner.slice(n, n + 1).flatMap((inner) => failing(inner, (n + turn) % 2 === 1)),
      );
      const ended = new Set([...plan.values()].flatMap(({ length }) => ENDS[length]));
      await expectUndisturbed({ plan, successor: successors[n % 2] }, [...ended].sort());
    }
  });
});

describe("what is to be sent at most once is sent once or not at all, and a doubt is told (E-21)", () => {
  const FULL = batch("before", "SQLITE_FULL");
  const WAYS: readonly [what: string, plan: Plan, status: string, arrivals: number][] = [
    ["the turn that makes it is not committed", new Map([[0, [FULL]]]), "done", 1],
    ["that turn is committed, its reply lost", new Map([[0, [batch("after", IOERR), look]]]), "faulted", 0],
    ["the turn that takes its answer is not committed", new Map([[1, [FULL]]]), "faulted", 1],
    ["that turn is committed, its reply lost", new Map([[1, [batch("after", IOERR), look]]]), "done", 1],
  ];
  const effects = (): readonly string[] => [
    "(ask 1)",
    `(:status (flow.http.request/get "${url}/once" {:contract :at-most-once}))`,
  ];
  test.each(WAYS.flatMap((way) => successors.map((successor) => [successor, ...way] as const)))(
    "(%s interpreter) %s",
    async (successor, _, plan, status, arrivals) => {
      for (const effect of effects()) {
        const text = `(require 'flow.http.request) (defforeign ask :topic "ask" :contract :at-most-once) (println "got" ${effect})`;
        const ran = await Disturbed.run(place, text, { plan, successor });
        expect(ran).toMatchObject({ told: { status }, left: [], arrivals, wrong: [] });
        expect(/"effect\/unknown"/.test(ran.told.error ?? "")).toBe(status === "faulted");
        expect(ran.told.output !== "").toBe(status === "done");
      }
    },
  );
});

/** How a run ends by the number of steps within its batch that fail. */
const ENDS: readonly (readonly string[])[] = [[], ["store/full"], ["store/unknown-outcome"]];
