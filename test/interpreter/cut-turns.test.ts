// Turns that end at a fuel cut: nothing gathered for them is lost, and what is left of the computation is a turn of its own.
import { expect, test } from "vitest";
import { type CliOptions, flowmetal, startFlowmetal, until } from "../support/cli.ts";
import { scratchFolder } from "../support/scratch.ts";

function place(): CliOptions {
  return { cwd: scratchFolder(), env: { FLOWMETAL_STORE: "store.db" } };
}

/** Long enough to be cut, since it has printed: output is committed ten times a second. */
const LONG = "(loop [i 0] (if (< i 100000000) (recur (inc i)) i))";

async function journalKinds(options: CliOptions): Promise<string[]> {
  const { stdout } = await flowmetal(["journal", "@last"], options);
  return [...stdout.matchAll(/^ *\d+ {2}\S+ \S+ {2}(\w+)/gm)].map((match) => match[1] as string);
}

test("a computation that was cut goes on to its end without any input", async () => {
  const options = place();
  const { code, stdout } = await flowmetal(["eval", "-e", `(println "begun") ${LONG} :over`], options);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "begun\n:over\n" });
  expect((await journalKinds(options)).filter((kind) => kind === "turn").length).toBeGreaterThan(1);
  expect((await flowmetal(["replay", "@last", "--verify"], options)).code).toBe(0);
});

test("an answer that was there when a turn was cut is delivered in the next", async () => {
  const options = place();
  const work = `(perform 'flow.core/spawn (fn [] (flow.test/echo 1) (println "answered") ${LONG}))`;
  const { code, stdout } = await flowmetal(["eval", "-e", `(mapv await [${work} ${work}])`], options);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "answered\nanswered\n[100000000 100000000]\n" });
  expect((await flowmetal(["replay", "@last", "--verify"], options)).code).toBe(0);
});

test("cancel reaches an endless computation, and its clean-up runs", async () => {
  const options = place();
  const endless = '(println "begun") (try (loop [] (recur)) (finally (println "cleaned")))';
  const running = startFlowmetal(["eval", "-e", endless], options);
  await until("it has begun", () => running.stdout() === "begun\n");
  expect((await flowmetal(["cancel", "@last"], options)).code).toBe(0);
  const { code, stdout } = await running.ended;
  expect({ code, stdout }).toEqual({ code: 7, stdout: "begun\ncleaned\n" });
  expect((await flowmetal(["replay", "@last", "--verify"], options)).code).toBe(0);
});
