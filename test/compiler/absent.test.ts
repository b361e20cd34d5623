// Names of Clojure that are not here: said with the way out, and really not here.
import { describe, expect, test } from "vitest";
import { absentNames, insteadOf } from "../../src/compiler/absent.ts";
import { Runner } from "../prelude/support.ts";

const runner = await Runner.make();

test("no name of the table has a meaning", () => {
  const names = new Set(runner.image.names());
  expect(absentNames.filter((name) => names.has(name) || names.has(`flow.core/${name}`))).toEqual([]);
  expect(new Set(absentNames).size).toBe(absentNames.length);
});

describe("a name of Clojure that is not here", () => {
  test.each([
    ["(sorted-map 1 2)", "there is no sorted-map here"],
    ["(Thread/sleep 10)", "there is no Thread/sleep here"],
    ['(.length "a")', "there is no .length here"],
    ['(throw (Exception. "no"))', "there is no Exception. here"],
    ["(map unchecked-inc [1])", "there is no unchecked-inc here"],
    ["(bigdec 1.5)", "there is no bigdec here"],
    ["(Math/sin 1)", "there is no Math/sin here"],
    ["(require '[flow.math :as m]) (m/add-exact 1 2)", "there is no m/add-exact here"],
  ])("%s", (form, message) => {
    expect(runner.run(form).text).toBe(`:compile ${message}`);
  });

  test("can be a name of one's own", () => {
    expect(runner.run("(defn future [x] [x]) (future 1)").text).toBe("[1]");
    expect(runner.run("(let [ref 1] ref)").text).toBe("1");
  });

  test("comes with the way out", () => {
    expect(insteadOf("promise")).toContain("fulfil!");
    expect(insteadOf("Foo.")).toContain("ex-info");
    expect(insteadOf("Math/sin")).toContain("flow.math");
    expect(insteadOf("short")).toContain("use int");
    expect(insteadOf("map")).toBeUndefined();
    expect(insteadOf("...")).toBeUndefined();
    expect(insteadOf("some.ns/name")).toBeUndefined();
  });
});
