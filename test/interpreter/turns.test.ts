// What one turn is: deliver, run until every task waits, commit in one go; then print and send, never before (E-1 to E-6).
import { describe, expect, test } from "vitest";
import { restartsOf } from "../../src/client/faults.ts";
import type { Attempt } from "./bench.ts";
import { atStore, type Kind, until } from "./bench.ts";

const PRELUDE = `
  (defforeign ask :topic "ask")
  (defforeign once :topic "once" :contract :at-most-once)
  (defforeign elsewhere :topic "other")
  (require '[flow.time :as time])
  (defn spawn [f] (perform 'flow.core/spawn f))
  (defn request [url] (await (perform 'flow.core/effect "http" "" {:method "GET" :url url} :at-least-once)))
`;

describe.each<Kind>(["memory", "sqlite"])("at a store of the kind %s", (kind) => {
  test("a sequential step is one commit: the answer, what it led to, and the next call (E-4)", () =>
    atStore(kind, async (bench) => {
      const process = await bench.started(`${PRELUDE} (println "a" (ask 1)) (println "b" (ask 2)) :end`);
      (await process.call(0)).answer("one");
      (await process.call(1)).answer("two");
      expect(await process.ended()).toBe("done");
      expect(process.output).toBe("a one\nb two\n");
      expect(process.tap.count("commitTurns")).toBe(3);
      expect(await bench.kinds(process.id)).toBe("start turn answer turn answer turn done");
      expect(await bench.row(process.id)).toMatchObject({
        status: "done",
        result: '["k","end"]',
        turn: 3,
        calls: [],
        owner: null,
      });
      expect(await bench.verify(process.id)).toMatchObject({ same: true, why: null });
    }));

  test("nothing is printed or sent before its turn is committed", () =>
    atStore(kind, async (bench) => {
      const process = await bench.process();
      let open = () => {};
      const gate = new Promise<void>((resolve) => {
        open = resolve;
      });
      process.tap.before = (method) => (method === "commitTurns" ? gate : undefined);
      process.start(`${PRELUDE} (println "before") (spawn (fn [] (request "http://x"))) (ask 1)`);
      await process.quiet();
      expect([process.output, process.calls.attempts, process.requests.attempts]).toEqual(["", [], []]);
      expect(await bench.store.readProgram({ program: process.id })).toBe(null);
      open();
      await until("both are sent", () => process.calls.attempts.length === 1 && process.requests.attempts.length === 1);
      expect(process.output).toBe("before\n");
    }));

  test("effects of a connector here are born claimed; a call has no row; what others do is pending (E-4)", () =>
    atStore(kind, async (bench) => {
      const process = await bench.started(
        `${PRELUDE} (mapv await [(spawn (fn [] (request "http://x"))) (spawn (fn [] (ask 1))) (spawn (fn [] (elsewhere 2)))])`,
      );
      await process.call(0);
      await process.waiting(4);
      const effects = await bench.store.listEffects({ program: process.id });
      expect(effects.map(({ kind, state, owner }) => [kind, state, owner])).toEqual([
        ["http", "sending", process.interpreter.id],
        ["foreign", "pending", null],
      ]);
      const row = await bench.row(process.id);
      expect(row.calls.map(({ topic }) => topic)).toEqual(["ask"]);
      expect(row.waiting.map(({ kind, what }) => [kind, what])).toEqual([
        ["task", expect.any(String)],
        ["http", "GET http://x"],
        ["foreign", "ask"],
        ["foreign", "other"],
      ]);
      process.calls.attempts[0].answer(1);
      process.requests.attempts[0].answer({ status: 200 });
      const worker = await bench.process();
      const [claimed] = await bench.store.claimEffects({
        owner: worker.interpreter.id,
        limit: 9,
        queues: [row.queue],
        capabilities: ["foreign:other"],
      });
      expect(claimed).toMatchObject({ topic: "other", payload: "[2]" });
      await bench.store.settleEffect({
        key: claimed.key,
        owner: worker.interpreter.id,
        term: claimed.term,
        outcome: "ok",
        body: "7",
      });
      expect(await process.ended()).toBe("done");
      expect((await bench.row(process.id)).result).toBe('["v",["m","status",200],1,7]');
      const settled = await bench.store.listEffects({ program: process.id });
      expect(settled.map(({ state, outcome }) => [state, outcome])).toEqual([
        ["settled", "ok"],
        ["settled", "ok"],
      ]);
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));

  test("answers are delivered one after the other, in the order they came, also within one turn (E-1)", () =>
    atStore(kind, async (bench) => {
      const process = await bench.started(
        `${PRELUDE} (mapv await (mapv (fn [i] (spawn (fn [] (println "got" (ask i)) i))) [0 1 2]))`,
      );
      await process.call(2);
      for (const i of [2, 0, 1]) process.calls.attempts[i].answer(`answer ${i}`);
      expect(await process.ended()).toBe("done");
      expect(process.output).toBe("got answer 2\ngot answer 0\ngot answer 1\n");
      const answers = await bench.bodies(process.id, "answer");
      expect(answers.map(({ body }) => body)).toEqual(["answer 2", "answer 0", "answer 1"]);
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));

  test("many tasks at once, each waiting for its own", () =>
    atStore(kind, async (bench) => {
      const process = await bench.started(
        `${PRELUDE} (reduce + (mapv await (mapv (fn [i] (spawn (fn [] (+ (ask i) (ask (* 2 i)))))) (range 200))))`,
      );
      await process.call(199);
      const double = (attempt: Attempt) => attempt.answer((attempt.args as number[])[0] * 2);
      for (const attempt of process.calls.attempts) double(attempt);
      await process.call(399);
      expect((await bench.row(process.id)).calls).toHaveLength(200);
      for (const attempt of process.calls.attempts.slice(200)) double(attempt);
      expect(await process.ended()).toBe("done");
      expect((await bench.row(process.id)).result).toBe(String(199 * 200 * 3));
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));
});

test("a failed call is an error value in the program, with its type", () =>
  atStore("memory", async (bench) => {
    const process = await bench.started(`${PRELUDE} (try (ask 1) (catch :app/full e [(ex-type e) (ex-message e)]))`);
    (await process.call(0)).fail("app/full");
    expect(await process.ended()).toBe("done");
    expect((await bench.row(process.id)).result).toBe('["v",["k","app/full"],"it failed"]');
  }));

test("the limit of steps is a fault of the program, and replay meets it at the same tick (S-18)", () =>
  atStore("memory", async (bench) => {
    const process = await bench.started("(println :begun) (loop [] (recur))", 5_000);
    expect(await process.ended()).toBe("faulted");
    const row = await bench.row(process.id);
    expect(row).toMatchObject({ status: "faulted", owner: null });
    expect((JSON.parse(row.error as string) as unknown[]).slice(0, 3)).toEqual([
      "e",
      ["k", "limit/steps"],
      "the program has run the 5000 steps it was given",
    ]);
    expect(await bench.kinds(process.id)).toBe("start turn fault");
    expect(await bench.verify(process.id)).toMatchObject({ same: true });
  }));

describe("results and faults are recorded", () => {
  test.each<[string, RegExp]>([
    ["(vector 1 nil :a)", /^\["v",1,null,\["k","a"\]\]$/],
    ["nil", /^null$/],
    ["(take 2 (range))", /^\["l",0,1\]$/],
    [
      "{:a (take 2 (range)), :b [(map inc (take 1 (range)))]}",
      /^\["m",\["k","a"\],\["l",0,1\],\["k","b"\],\["v",\["l",1\]\]\]$/,
    ],
    ["(cons 1 (take 1 (range)))", /^\["l",1,0\]$/],
    ["(atom 1)", /^"#<atom \d+>"$/],
    ["[(fn [] 1) (let [a (atom 1)] (fn f [] a))]", /^\["v",\["fn","[0-9a-f]{64}"\],"#<fn f>"\]$/],
    ["(range)", /^"\(0 1 2 .*\.\.\.\)"$/],
    ["(let [k (call-with-continuation (fn [k] k))] k)", /^"#<continuation>"$/],
  ])("%s", (text, result) =>
    atStore("memory", async (bench) => {
      const process = await bench.started(text);
      expect(await process.ended()).toBe("done");
      const row = await bench.row(process.id);
      expect(row).toMatchObject({ status: "done", error: null, waiting: [], wake: null });
      expect(row.result).toMatch(result);
      expect(await bench.bodies(process.id, "done")).toEqual([{ result: JSON.parse(row.result as string) as unknown }]);
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }),
  );

  test("every task that stops at an error has its entry, also one that stops later, or again", () =>
    atStore("memory", async (bench) => {
      const process = await bench.started(
        `${PRELUDE} (mapv await (mapv (fn [i] (spawn (fn [] (throw (error (keyword (str "app/e" i)) (str "m" (ask i))))))) [0 1]))`,
      );
      (await process.call(0)).answer(5);
      await until("the first has stopped", () => process.tap.count("commitTurns") === 2);
      (await process.call(1)).answer(6);
      expect(await process.ended()).toBe("faulted");
      const faults = await bench.bodies(process.id, "fault");
      expect(faults.map(({ error }) => (error as unknown[]).slice(1, 3))).toEqual([
        [["k", "app/e0"], "m5"],
        [["k", "app/e1"], "m6"],
      ]);
      await bench.command(process.id, "restart", '{"how":"retry"}', (await bench.row(process.id)).turn);
      const again = await bench.resumed(process.id);
      expect(await again.ended()).toBe("faulted");
      expect(await bench.bodies(process.id, "fault")).toHaveLength(4);
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));

  test("a fault keeps its place; the restart use-value goes on from there", () =>
    atStore("memory", async (bench) => {
      const process = await bench.started(`(println "before") (println "got" (+ 1 (throw (error :app/no "no"))))`);
      expect(await process.ended()).toBe("faulted");
      await bench.command(process.id, "restart", '{"how":"use-value","value":41}', (await bench.row(process.id)).turn);
      const again = await bench.resumed(process.id);
      expect(await again.ended()).toBe("done");
      expect([process.output, again.output]).toEqual(["before\n", "got 42\n"]);
      expect(await bench.output(process.id)).toBe("before\ngot 42\n");
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));

  test("a restart that the program offers is invoked where it stopped, and leaves what is around", () =>
    atStore("memory", async (bench) => {
      const process = await bench.started(
        `(println "got"
           (with-restarts
             (try (+ 1 (with-restarts (throw (error :app/no "no")) (restart :inner "Inside." [] 1)))
               (finally (println "clean-up")))
             (restart :use-pair "Two values instead." [a {:keys [b]}] [a b])
             (restart :inner [] :outer)))`,
      );
      expect(await process.ended()).toBe("faulted");
      const { state } = (await bench.load(process.id)).machine;
      expect(restartsOf(state.main)).toEqual([
        { name: "inner", doc: "Inside.", params: [] },
        { name: "use-pair", doc: "Two values instead.", params: ["a", "{:keys [b]}"] },
        { name: "inner", doc: null, params: [] },
      ]);
      const turn = (await bench.row(process.id)).turn;
      const command = { how: "invoke", name: "use-pair", args: [5, ["m", ["k", "b"], ["S", 1]]] };
      await bench.command(process.id, "restart", JSON.stringify(command), turn);
      const again = await bench.resumed(process.id);
      expect(await again.ended()).toBe("done");
      expect(again.output).toBe("clean-up\ngot [5 #{1}]\n");
      expect(await bench.verify(process.id)).toMatchObject({ same: true });
    }));

  test("a restart that nobody offers is refused, and the program stays where it is", () =>
    atStore("memory", async (bench) => {
      const process = await bench.started(`(with-restarts (throw (error :app/no "no")) (restart :skip [] 1))`);
      expect(await process.ended()).toBe("faulted");
      const turn = (await bench.row(process.id)).turn;
      await bench.command(process.id, "restart", '{"how":"invoke","name":"leap"}', turn);
      const again = await bench.resumed(process.id);
      expect(await again.ended()).toBe("faulted");
      expect(await bench.bodies(process.id, "refused")).toMatchObject([
        { why: "the program offers no restart :leap here; it offers :skip" },
      ]);
    }));
});
