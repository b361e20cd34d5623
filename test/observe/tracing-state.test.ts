// A trace context influences neither state nor journal: the same program with one and without is the same, bit for bit.
import { expect, test } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { parseTraceparent, traceparentOf } from "../../src/base/traceparent.ts";
import { contractWith, traceOfContract, traceOfLabels } from "../../src/interpreter/tracing.ts";
import { Connectors } from "../../src/connector/connector.ts";
import { ForeignConnector } from "../../src/connector/foreign.ts";
import { findImage } from "../../src/client/find-image.ts";
import { Interpreter } from "../../src/interpreter/interpreter.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { Source } from "../../src/source/source.ts";
import { openMemoryStore } from "../../src/store/memory/memory-store.ts";
import { TestClock } from "../store/support.ts";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class StillClock extends TestClock {
  override monotonic = (): number => 0;
}

async function journalOf(trace?: string) {
  const host = { clock: new StillClock(), random: seededRandom("trace") };
  const store = openMemoryStore(host);
  const connectors = new Connectors([new ForeignConnector()]);
  const interpreter = new Interpreter({ store, image: await shippedImage(), findImage, connectors, ...host });
  await interpreter.open();
  const text = `(def a (atom {}))
(swap! a assoc :now (flow.time/now) :some (rand))
(perform 'flow.core/effect "http" "" {"url" "http://x"} :at-least-once)
(println @a)
(await (perform 'flow.core/effect "http" "" {"url" "http://y"} :at-most-once))`;
  const source = new Source("a.fm", text);
  const run = interpreter.start(
    { name: "a.fm", source, args: '["v"]', stepsMax: null, ...(trace === undefined ? {} : { trace }) },
    { onOutput: () => undefined, onWaiting: () => undefined, letGoWhenWaiting: true },
  );
  await run.ended;
  const { id } = run;
  const snapshot = await store.readSnapshot({ program: id });
  const effects = await store.listEffects({ program: id });
  const row = await store.readProgram({ program: id });
  await interpreter.close();
  return { id, labels: row!.labels, journal: await store.readJournal({ program: id }), snapshot, effects };
}

test("the same journal and the same snapshot, with a trace context and without", async () => {
  const [with_, without] = [await journalOf(TRACEPARENT), await journalOf()];
  expect(with_.journal.length).toBeGreaterThan(1);
  expect({ id: with_.id, journal: with_.journal, snapshot: with_.snapshot }).toEqual({
    id: without.id,
    journal: without.journal,
    snapshot: without.snapshot,
  });
  expect(with_.effects.length).toBe(2);
  expect([with_.labels, without.labels]).toEqual([{ traceparent: TRACEPARENT }, {}]);
  expect(with_.effects.map(({ contract }) => traceOfContract(contract))).toEqual(with_.effects.map(() => TRACEPARENT));
  expect(with_.effects.map((one) => ({ ...one, contract: "{}" }))).toEqual(without.effects);
});

test.each([
  "",
  "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
  "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  "00-00000000000000000000000000000000-b7ad6b7169203331-01",
  "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
  "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
  "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n",
])("%j is no context", (text) => {
  expect(parseTraceparent(text)).toBeNull();
  expect(traceOfLabels({ traceparent: text })).toBeNull();
  expect(traceOfContract(JSON.stringify({ traceparent: text }))).toBeNull();
});

test("a context is read as it is written", () => {
  expect(traceparentOf(parseTraceparent(TRACEPARENT)!)).toBe(TRACEPARENT);
  expect(traceOfContract(contractWith(TRACEPARENT))).toBe(TRACEPARENT);
  expect(traceOfContract(contractWith(null))).toBeNull();
});
