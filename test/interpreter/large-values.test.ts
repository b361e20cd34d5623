// Values at the limits (docs/limits.md): one below passes, one above is refused by name, and the program stays one that can be looked
// after.
import { expect, onTestFinished, test } from "vitest";
import { canonicalJson, quote } from "../../src/base/canonical-json.ts";
import { seededRandom } from "../../src/base/random.ts";
import { parseJson } from "../../src/base/json-reader.ts";
import {
  BODY_LENGTH_MAX,
  EFFECTS_MAX,
  STATE_LENGTH_MAX,
  STRING_UNITS_MAX,
  TASKS_MAX,
  TURN_LENGTH_MAX,
  VALUE_LENGTH_MAX,
} from "../../src/base/limits.ts";
import { openClient } from "../../src/client/open.ts";
import { valueToJson } from "../../src/data/json.ts";
import { List } from "../../src/data/list.ts";
import { EventRef } from "../../src/data/value.ts";
import { begin } from "../../src/interpreter/delivery.ts";
import { outcomeOf } from "../../src/interpreter/effects.ts";
import { LiveHost } from "../../src/interpreter/host.ts";
import { resultText } from "../../src/interpreter/turn.ts";
import { Machine } from "../../src/machine/machine.ts";
import { TaskRef } from "../../src/machine/state.ts";
import { ProgramLibrary } from "../../src/module/library.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { planBatch } from "../../src/store/changes.ts";
import { turnOf } from "../store/support.ts";
import { NodeTable, Writer } from "../../src/snapshot/nodes.ts";
import { Source } from "../../src/source/source.ts";

const tooLarge = expect.objectContaining({ code: "value/too-large" });
const x = (count: number): string => "x".repeat(count);

test("the limits fit into each other: what is below one of them does not meet the next", () => {
  expect(STRING_UNITS_MAX).toBeGreaterThanOrEqual(VALUE_LENGTH_MAX);
  // In a body a value may be a string, in which each quote becomes two characters.
  expect(BODY_LENGTH_MAX).toBeGreaterThanOrEqual(2 * VALUE_LENGTH_MAX);
  expect(TURN_LENGTH_MAX).toBeGreaterThan(STATE_LENGTH_MAX + VALUE_LENGTH_MAX);
  // In the parameter of a statement a text may double; the longest string of V8 has 2^29 - 24 units.
  expect(2 * TURN_LENGTH_MAX).toBeLessThan(2 ** 29 - 24);
});

test("a payload has at most so many characters of JSON", () => {
  expect(valueToJson(x(VALUE_LENGTH_MAX - 2))).toHaveLength(VALUE_LENGTH_MAX);
  expect(() => valueToJson(x(VALUE_LENGTH_MAX - 1))).toThrow(tooLarge);
  // Judged as it grows, and by what is written: an é is six characters.
  expect(() => valueToJson("é".repeat(VALUE_LENGTH_MAX / 4))).toThrow(tooLarge);
  expect(() => valueToJson(List.from(Array<string>(80).fill(x(1 << 20))))).toThrow(tooLarge);
});

test("an answer that is too large is a failure that says so, and is not sent again", () => {
  const answer = (length: number) =>
    outcomeOf("at-most-once", { ok: true, body: quote(x(length - 2)) } as Parameters<typeof outcomeOf>[1]);
  expect(answer(VALUE_LENGTH_MAX).outcome).toBe("ok");
  const refused = answer(VALUE_LENGTH_MAX + 1);
  expect(refused.outcome).toBe("error");
  expect(JSON.parse(refused.body)).toMatchObject({ type: "limit", data: { size: VALUE_LENGTH_MAX + 1 } });
});

test("a result that is too large is told by how it prints", () => {
  expect(resultText(x(VALUE_LENGTH_MAX - 2))).toHaveLength(VALUE_LENGTH_MAX);
  expect(resultText(x(VALUE_LENGTH_MAX - 1)).length).toBeLessThan(1_000_000);
});

test("a turn that is just small enough is planned, one that is larger is set apart", () => {
  const turn = (length: number) =>
    turnOf(
      { id: "0".repeat(26), term: 1, turn: 1, position: 1 },
      { output: [{ branch: 0, number: 0, text: x(length) }] },
    );
  const [{ size }] = planBatch([turn(0)]).changes;
  expect(planBatch([turn(TURN_LENGTH_MAX - size)]).refused).toEqual([]);
  expect(planBatch([turn(TURN_LENGTH_MAX - size + 1)])).toMatchObject({ changes: [], refused: [{}] });
});

test("a state has at most so many characters", () => {
  const half = STATE_LENGTH_MAX / 2;
  const table = new NodeTable();
  table.add(new Writer(x(half)));
  table.add(new Writer(`y${x(half - 1)}`));
  expect(() => table.add(new Writer(x(49)))).toThrow(expect.objectContaining({ code: "snapshot/too-large" }));
});

test("long texts of any script are written and read in pieces", () => {
  const random = seededRandom("pieces");
  for (const unit of ["é", "\u0000", "😀", '"', "\\", "a\n", "\ud83d", "𝄞x"]) {
    const text = x((random.bytes(1)[0] ?? 0) % 7) + unit.repeat(100_000);
    const written = quote(text);
    expect(written === JSON.stringify(text).replace(/[\x7f-\uffff]/g, hex)).toBe(true);
    if (unit !== "\ud83d") expect(parseJson(written) === text).toBe(true);
  }
  // As long as a body may be: neither a stack nor a table of the host ends first.
  const all = quote("é".repeat((BODY_LENGTH_MAX - 2) / 6));
  expect(parseJson(all)).toHaveLength(Math.floor((BODY_LENGTH_MAX - 2) / 6));
  expect(() => quote("é".repeat(BODY_LENGTH_MAX / 6 + 1))).toThrow(tooLarge);
  expect(() => canonicalJson(Array<string>(3).fill(x(BODY_LENGTH_MAX / 2)))).toThrow(tooLarge);
});

const hex = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Runs a text after `prepare` had the machine; answers what it printed. */
async function printed(text: string, prepare: (machine: Machine) => void): Promise<string> {
  const image = await shippedImage();
  const source = new Source("limits.fm", text);
  const library = new ProgramLibrary(image);
  const world = { now: () => 1, random: seededRandom("limits") };
  const machine = new Machine(library, new LiveHost(world, library, new Map([[source.hash, source]])));
  const start = { source: source.hash, name: "limits.fm", args: '["v"]', image: image.hash };
  begin(machine, "p".repeat(26), { ...start, versions: ["0", "0", "0"] });
  prepare(machine);
  machine.run(10_000_000);
  return machine.printed.map((chunk) => chunk.text).join("");
}

const TRIED = (what: string) => `
(defn tried [] (try ${what} "made" (catch :limit e (ex-message e))))
(println (tried))
(println (tried))
`;

test("a program has at most so many effects that are not answered, and unfinished tasks", async () => {
  const effects = await printed(TRIED('(perform \'flow.core/effect "foreign" "a/b" [] nil)'), ({ state }) => {
    for (let i = 1; i < EFFECTS_MAX; i++) state.open.set(`k${i}`, new EventRef(-i, `k${i}`));
  });
  expect(effects).toBe(`made\na program has ${EFFECTS_MAX} effects that are not answered at most\n`);
  const tasks = await printed(
    TRIED('(flow.task/spawn (fn [] (perform \'flow.core/effect "foreign" "a/b" [] nil)))'),
    ({ state }) => {
      const { main } = state;
      for (let i = state.tasks.size + 1; i < TASKS_MAX; i++)
        state.tasks.set(-i, new TaskRef(-i, main.stack, { kind: "done", value: null }, new EventRef(-i)));
    },
  );
  expect(tasks).toBe(`made\na program has ${TASKS_MAX} unfinished tasks at most\n`);
});

test("a program whose state is too large faults where it was, can be looked at and cancelled, and others go on", {
  timeout: 60_000,
}, async () => {
  const client = await openClient("memory:", { create: true });
  onTestFinished(() => client.close());
  const quiet = { args: [], maxSteps: null, onOutput: () => undefined, onWaiting: () => undefined };
  const text = `(ns f (:require [flow.time :as time]))
(time/sleep 1)
(def big (reduce (fn [s _] (str s s)) "x" (range 25)))
(def all (mapv (fn [i] (str i big)) (range 5)))
(time/sleep 600000)
`;
  // Over a short sleep the time that the turn takes could carry it.
  const run = await client.start({ name: "f.fm", text }, quiet);
  const ended = await run.ended;
  expect(ended).toMatchObject({ status: "faulted" });
  const [{ type }] = (ended as unknown as { faults: { type: string }[] }).faults;
  expect(type).toBe("commit-refused");
  expect((await client.inspect(run.id, { frames: 9, valueLength: 99 })).faults).toHaveLength(1);
  expect(await client.replay(run.id)).toMatchObject({ same: true });
  const other = await client.start({ name: "g.fm", text: "(+ 1 2)\n" }, quiet);
  expect(await other.ended).toMatchObject({ status: "done" });
  expect(await client.cancel(run.id, "too much")).toEqual({ outcome: "cancelled" });
});
