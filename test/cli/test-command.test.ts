// flowmetal test: isolation, virtual time, answered effects; what failed is said with place and values.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommandLine } from "../../src/cli/main.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";
import { surroundings } from "../support/surroundings.ts";

const HEAD = `(ns a-test
  (:require [flow.test :refer [are deftest is testing use-fixtures with-foreign with-http]]
            [flow.http.request :as http]
            [flow.time :as time]))
(defforeign charge :topic "billing/charge")
(def counter (atom 0))
`;

async function flowmetal(cwd: string, ...argv: string[]) {
  const world = surroundings({ cwd });
  const code = await runCommandLine(["test", ...argv], world);
  return { code, stdout: world.stdout.text, stderr: world.stderr.text };
}

/** Runs the tests of one file and answers them as data, by name. */
async function outcome(body: string, ...argv: string[]) {
  const cwd = scratchFolder();
  writeIn(cwd, "a-test.fm", HEAD + body);
  const { code, stdout, stderr } = await flowmetal(cwd, "--json", ...argv);
  expect(stderr).toBe("");
  const [file] = stdout.split("\n").map((line) => (line === "" ? null : JSON.parse(line)));
  // biome-ignore lint/suspicious/noExplicitAny: JSON as a user gets it.
  const tests = Object.fromEntries(file.tests.map((one: any) => [one.name, one]));
  return { code, file, tests };
}

test("each test begins with the state the file left", async () => {
  const { code, tests } = await outcome(`
(deftest first-one (is (= 1 (swap! counter inc))))
(deftest second-one (is (= 1 (swap! counter inc))))`);
  expect(code).toBe(0);
  expect(Object.keys(tests)).toEqual(["a-test/first-one", "a-test/second-one"]);
});

test("time is virtual, and the same in every run", async () => {
  const { code, tests } = await outcome(`
(deftest sleeps (time/sleep #duration "30d") (is (= (time/now) #inst "2000-01-31T00:00:00Z")))
(deftest is-in-time (is (thrown? :timeout (time/with-timeout 100 (time/sleep 200)))))`);
  expect(code).toBe(0);
  expect(tests["a-test/sleeps"].elapsed).toBe(30 * 86_400_000);
});

test("the same entropy comes in every run, another in every test", async () => {
  const body = "(deftest one (println (rand))) (deftest two (println (rand)))";
  const [a, b] = [await outcome(body), await outcome(body)];
  expect(b.tests).toEqual(a.tests);
  expect(a.tests["a-test/one"].output).not.toBe(a.tests["a-test/two"].output);
});

test("effects are answered by the test, also those of tasks, or fail", async () => {
  const { tests } = await outcome(`
(deftest requests
  (with-http (fn [{:keys [method url json]}] {:status 201, :json {:got [method url json]}})
    (is (= ["POST" "http://x.test/" {:a 1}] (:got (:json (http/post "http://x.test/" {:json {:a 1}})))))
    (is (= 201 (await (perform 'flow.core/spawn (fn [] (:status (http/get "http://x.test/")))))))))
(deftest failures
  (with-http (fn [_] (throw (error :http/timeout "slow" {})))
    (is (thrown-with-msg? :http/timeout "slow" (http/get "http://x.test/")))))
(deftest both
  (with-foreign {"billing/charge" (fn [n] (* 2 n))}
    (with-http (fn [_] {:body "ok"})
      (is (= ["ok" 10] [(:body (http/get "http://x.test/")) (charge 5)])))))
(deftest unknown-topic (with-foreign {} (charge 5)))
(deftest nobody (http/get "http://x.test/y"))`);
  expect(Object.values(tests).map(({ passed }) => passed)).toEqual([true, true, true, false, false]);
  expect(tests["a-test/unknown-topic"].faults[0]).toMatchObject({ type: "test/unanswered" });
  expect(tests["a-test/nobody"].faults[0]).toMatchObject({
    type: "test/unanswered",
    message: expect.stringContaining("GET http://x.test/y"),
    place: { file: "a-test.fm", line: 20, column: 17 },
  });
});

test("fixtures go around each test, the first outermost", async () => {
  const { tests } = await outcome(`
(use-fixtures :each (fn [run] (println "a") (run) (println "b")) (fn [run] (println "c") (run)))
(deftest one (println "one"))`);
  expect(tests["a-test/one"].output).toBe("a\nc\none\nb\n");
});

test("what stops a test is told, and the others go on", async () => {
  const { code, tests } = await outcome(
    `
(deftest throws (is (= 1 1)) (nth [1] 5))
(deftest waits (await (event)))
(deftest loops (loop [] (recur)))
(deftest holds (is true))`,
    "--max-steps",
    "10000",
  );
  expect(code).toBe(1);
  const stopped = Object.values(tests).map(({ faults }) => faults[0]?.type ?? null);
  expect(stopped).toEqual(["index", "test/stuck", "limit/steps", null]);
  expect(tests["a-test/throws"].findings).toHaveLength(1);
});

test("a failed check shows what it is about, its place, and its arguments", async () => {
  const cwd = scratchFolder();
  writeIn(
    cwd,
    "a-test.fm",
    `${HEAD}(deftest sums
  (println "adding")
  (testing "small" (is (= 3 (+ 1 1)) "numbers"))
  (are [x y] (= x (inc y)) 2 1, 4 2)
  (is (empty? [1])))`,
  );
  const { code, stdout } = await flowmetal(cwd);
  expect(code).toBe(1);
  expect(stdout.replace(/in \d+ ms/, "in 1 ms")).toBe(`FAIL a-test/sums
  a-test.fm:9:20: small > numbers
    expected: (= 3 (+ 1 1))
      actual: (not (= 3 2))
  a-test.fm:10:3
    expected: (= 4 (inc 2))
      actual: (not (= 4 3))
  a-test.fm:11:3
    expected: (empty? [1])
      actual: (not (empty? [1]))
  it printed
  | adding

tests: 1, 1 failed; checks: 4, 3 failed in 1 ms
`);
});

test("folders mean the files named as tests; --filter chooses among tests", async () => {
  const cwd = scratchFolder();
  mkdirSync(join(cwd, "sub"));
  const file = (ns: string) =>
    `(ns ${ns} (:require [flow.test :refer [deftest is]])) (deftest one (is true)) (deftest two (is false))`;
  writeIn(cwd, "a-test.fm", file("a-test"));
  writeIn(cwd, "sub/b_test.fm", file("b-test"));
  writeIn(cwd, "sub/other.fm", file("other"));
  expect((await flowmetal(cwd, "--filter", "/one")).stdout).toMatch(/^tests: 2, 0 failed; checks: 2, 0 failed in/);
  expect((await flowmetal(cwd, "sub")).stdout).toMatch(
    /^FAIL b-test\/two\n[\s\S]*tests: 2, 1 failed; checks: 2, 1 failed in/,
  );
  expect((await flowmetal(cwd, "sub/other.fm")).stdout).toContain("FAIL other/two");
});

test("a file that cannot be loaded fails by itself; one that does not read, and no file at all, are refused", async () => {
  const cwd = scratchFolder();
  writeIn(cwd, "a-test.fm", "(println 1)\n(nope)");
  const { code, stdout } = await flowmetal(cwd);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^FAIL a-test\.fm: its tests could not be loaded\n {2}it printed\n {2}\| 1\na-test\.fm:2:2: error/,
  );
  writeIn(cwd, "b-test.fm", "(");
  expect((await flowmetal(cwd, "b-test.fm")).code).toBe(1);
  const none = await flowmetal(scratchFolder());
  expect(none.code).toBe(2);
  expect(none.stderr).toContain("[cli/no-tests]");
});
