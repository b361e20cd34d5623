// What a checker is told about a form besides the warnings: names that are not used, forms that are never evaluated.
import { expect, test } from "vitest";
import { compile } from "./support.ts";

/** `line:column what` of each remark on a text. */
function remarks(text: string): string[] {
  return compile(text).remarks.map(({ code, message, place }) => {
    const [, , line, column] = place as readonly number[];
    return `${line}:${column} ${code.replace("compile/", "")} ${message.split(/[;: ]/, 1)[0]}`;
  });
}

test.each([
  ["(let [a 1] 2)", ["1:7 unused-binding a"]],
  ["(let [a 1 b a] b)", []],
  ["(let [a 1 a 2] a)", ["1:7 unused-binding a"]],
  ["(let [_ 1 _b 2] 3)", []],
  ["(loop [i 0 x 1] (if i (recur 1 2) nil))", ["1:12 unused-binding x"]],
  ["(let [[a b] [1 2]] a)", ["1:10 unused-binding b"]],
  ["(let [{:keys [a b] :as all} {}] b)", ["1:24 unused-binding all", "1:15 unused-binding a"]],
  ["(let [{a :x} {}] (fn [] a))", []],
  ["(let [a 1] (let [a 2] a))", ["1:7 unused-binding a"]],
  ["(fn [x] 1)", []],
  ["(let [a 1] (when a 2))", []],
  ["(let [a 1] '(a))", ["1:7 unused-binding a"]],
])("unused names in %s", (text, expected) => {
  expect(remarks(text)).toEqual(expected);
});

test.each([
  ["(do (throw 1) (f 2) (f 3))", ["1:15 unreachable this"]],
  ["(do (throw 1) 2)", []],
  ["(block b (exit b 1) (f 2))", ["1:21 unreachable this"]],
  ["(if true (f 1) (f 2))", ["1:16 unreachable this"]],
  ["(if nil (f 1) (f 2))", ["1:9 unreachable this"]],
  ["(if :else 1)", []],
  ["(when false (f 1))", ["1:13 unreachable this"]],
  ["(when true (f 1))", []],
  ["(if (f 1) (throw 2) (f 3))", []],
])("forms of %s that are never evaluated", (text, expected) => {
  expect(remarks(text)).toEqual(expected);
});
