// The primitives of regexes: what they answer, charge and refuse, and how an unfinished match goes on.
import { describe, expect, test } from "vitest";
import { Raise } from "../../src/data/meter.ts";
import { Bytes, type ErrorValue, Regex, type Value } from "../../src/data/value.ts";
import { call, charged, limited, named, v } from "./support.ts";

/** A reference to the group x, which is no template. */
const NAMED = ["$", "{x}"].join("");

const re = (source: string, flags = "") => new Regex(source, flags);
const find = (regex: Value, text: Value, from: Value = 0, whole: Value = false) =>
  named("regex-find").call("f", regex, text, from, from, whole);

/** The parts of a search: each unfinished state, and how it ended. */
function pieces(regex: Regex, text: string): { readonly states: Bytes[]; readonly end: Value } {
  const states: Bytes[] = [];
  let found = find(regex, text);
  while (found instanceof Bytes) {
    states.push(found);
    found = named("regex-go-on").call("f", regex, text, found);
  }
  return { states, end: found };
}

test.each<[string, Value[], string]>([
  ["regex-new", ["a+"], '#"a+"'],
  ["regex-new", ["(?im)a"], '#"(?im)a"'],
  ["regex-new", ["(?i:a)"], '#"(?i:a)"'],
  ["regex-new", [re("a", "i")], '#"(?i)a"'],
  ["regex-find", ["f", re("b(c)?"), "abd", 0, 0, false], "[1 2 nil nil]"],
  ["regex-find", ["f", re("b"), "\u{1f600}b", 0, 0, false], "[2 3]"],
  ["regex-find", ["f", re("b"), "abb", 2, 2, false], "[2 3]"],
  ["regex-find", ["f", re("b"), "abb", 0, 0, true], "nil"],
  ["regex-groups", ["f", "abd", v(1, 2)], '"b"'],
  ["regex-groups", ["f", "abd", v(1, 2, null, null)], '["b" nil]'],
  ["regex-named", ["f", re("(?<x>a)(b)(?<y>c)?"), "ab", v(0, 2, 0, 1, 1, 2, null, null)], '{:x "a", :y nil}'],
  ["regex-named", ["f", re("a"), "a", v(0, 1)], "{}"],
  ["regex-span", ["f", re("b"), "\u{1f600}b", v(2, 3), 0], "[1 2]"],
  ["regex-span", ["f", re("(?<x>b)"), "b", v(0, 1, 0, 1), "x"], "[0 1]"],
  ["regex-span", ["f", re("(b)?"), "", v(0, 0, null, null), 1], "nil"],
  ["regex-next", ["aba", v(0, 1)], "1"],
  ["regex-next", ["a\u{1f600}", v(1, 1)], "3"],
  ["regex-next", ["ab", v(2, 2)], "nil"],
  ["regex-slice", ["abc", 1, null], '"bc"'],
  ["regex-slice", ["abc", 0, 1], '"a"'],
  ["regex-expand", ["f", "$1-$0", re("(a)b"), "ab", v(0, 2, 0, 1)], '"a-ab"'],
  ["regex-expand", ["f", "$12", re("(a)"), "a", v(0, 1, 0, 1)], '"a2"'],
  ["regex-expand", ["f", `${NAMED}\\$1\\\\`, re("(?<x>a)"), "a", v(0, 1, 0, 1)], '"a$1\\\\"'],
  ["regex-expand", ["f", "<$1>", re("(a)?"), "", v(0, 0, null, null)], '"<>"'],
  ["regex-quote", ["a.b[c]-#"], '"a\\\\.b\\\\[c\\\\]\\\\-\\\\#"'],
  ["regex-quote-replacement", ["$1\\"], '"\\\\$1\\\\\\\\"'],
])("%s %j", (name, args, expected) => {
  expect(call(name, ...args)).toBe(expected);
});

test.each<[string, Value[], string]>([
  ["regex-new", [5], ":type re-pattern takes a string, but argument 1 is 5, an integer"],
  [
    "regex-new",
    ["a("],
    ":regex/syntax re-pattern: this group is never closed: expected ) (at character 2 of the regex)",
  ],
  [
    "regex-new",
    ["\u{1f600}("],
    ":regex/syntax re-pattern: this group is never closed: expected ) (at character 2 of the regex)",
  ],
  [
    "regex-find",
    ["re-find", "a", "a", 0, 0, false],
    ':type re-find takes a regex such as #"a+" (re-pattern makes one of a string), but argument 1 is "a", a string',
  ],
  ["regex-find", ["re-find", null, "a", 0, 0, false], ":type re-find takes a regex, but argument 1 is nil"],
  [
    "regex-find",
    ["re-find", re("a"), null, 0, 0, false],
    ":type re-find takes a string to search, but argument 2 is nil",
  ],
  [
    "regex-find",
    ["f", re("a("), "a", 0, 0, false],
    ":regex/syntax f: this group is never closed: expected ) (at character 2 of the regex)",
  ],
  [
    "regex-find",
    ["f", re("a", "q"), "a", 0, 0, false],
    ":regex/syntax f: there is no flag q (at character 1 of the regex)",
  ],
  ["regex-find", ["f", re("a"), "a", 2, 0, false], ":range f: there is no such place in the text"],
  ["regex-groups", ["re-groups", "a", null], ":regex/no-match re-groups: there is no match: nothing was found last"],
  ["regex-span", ["re-span", re("(a)"), "a", v(0, 1, 0, 1), 2], ":index re-span: the regex has no group 2"],
  ["regex-span", ["re-span", re("(a)"), "a", v(0, 1, 0, 1), "x"], ":index re-span: the regex has no group x"],
  [
    "regex-expand",
    ["replace", "$2", re("(a)"), "a", v(0, 1, 0, 1)],
    ":regex/replacement replace: the replacement names group 2, but the regex has 1 group",
  ],
  [
    "regex-expand",
    ["replace", NAMED, re("a"), "a", v(0, 1)],
    ":regex/replacement replace: the replacement names a group x, which the regex does not have",
  ],
  [
    "regex-expand",
    ["replace", "$", re("a"), "a", v(0, 1)],
    ":regex/replacement replace: behind $ in a replacement stands the number of a group or {name}; write \\$ for the sign itself",
  ],
  [
    "regex-expand",
    ["replace", NAMED.slice(0, -1), re("a"), "a", v(0, 1)],
    ":regex/replacement replace: behind $ and a brace in a replacement stand the name of a group and a closing brace",
  ],
  [
    "regex-expand",
    ["replace", "\\", re("a"), "a", v(0, 1)],
    ":regex/replacement replace: a backslash stands at the end of the replacement; write \\\\ for itself",
  ],
  [
    "regex-expand",
    ["replace", 5, re("a"), "a", v(0, 1)],
    ":type replace takes strings, but argument 3 is 5, an integer",
  ],
])("%s refuses %j", (name, args, expected) => {
  expect(call(name, ...args)).toBe(expected);
});

describe("an unfinished match", () => {
  const regex = re("(?:(?=(a+)+)a)*b");
  const text = "a".repeat(800);
  const { states, end } = pieces(regex, text);

  test("comes in pieces, and ends", () => {
    expect(states.length).toBeGreaterThan(4);
    expect(end).toBeNull();
  });

  test("goes on from its bytes, in whatever order they are asked, to the same bytes", () => {
    // Not the one answered last: so they are read from what is stored.
    for (const i of [2, 0, 3, 1]) {
      const copy = new Bytes(Uint8Array.from(states[i].data));
      const next = named("regex-go-on").call("f", regex, text, copy) as Bytes;
      expect(Buffer.from(next.data).equals(Buffer.from(states[i + 1].data)), `state ${i}`).toBe(true);
      // Twice the same: nothing was changed in it.
      const again = named("regex-go-on").call("f", regex, text, copy) as Bytes;
      expect(Buffer.from(again.data).equals(Buffer.from(next.data))).toBe(true);
    }
  });

  test("charges for its steps and its bytes, and the same from bytes and from memory", () => {
    const first = charged("regex-find", "f", regex, text, 0, 0, false);
    expect(first).toBeGreaterThanOrEqual((1 << 16) / 4);
    expect(first).toBeLessThan((1 << 16) / 4 + 2000);
    const live = find(regex, text) as Bytes;
    const fromMemory = charged("regex-go-on", "f", regex, text, live);
    const fromBytes = charged("regex-go-on", "f", regex, text, new Bytes(Uint8Array.from(live.data)));
    expect(fromBytes).toBe(fromMemory);
  });

  test("never takes long: each piece charges a bounded number of ticks", () => {
    const ticks = states.map((state) => charged("regex-go-on", "f", regex, text, state));
    expect(Math.max(...ticks)).toBeLessThan(20_000);
  });

  test("is refused where it does not belong", () => {
    const message = /^:type regex-go-on takes an unfinished match/;
    expect(call("regex-go-on", "f", regex, `${text}a`, states[1])).toMatch(message);
    expect(call("regex-go-on", "f", re("(?:(?=(a+)+)a)*(b)"), text, states[1])).toMatch(message);
    expect(call("regex-go-on", "f", regex, text, new Bytes(states[1].data.subarray(4)))).toMatch(message);
    expect(call("regex-go-on", "f", regex, text, new Bytes(new Uint8Array(400)))).toMatch(message);
    expect(call("regex-go-on", "f", regex, text, "x")).toMatch(message);
  });
});

test("a short match is charged by its steps, whatever stands behind it in the text", () => {
  expect(charged("regex-find", "f", re("b"), `ab${"x".repeat(1_000_000)}`, 0, 0, false)).toBeLessThan(3);
  const scanned = charged("regex-find", "f", re("\\w+"), "x".repeat(4000), 0, 0, false);
  expect(scanned).toBeGreaterThanOrEqual(1000);
  expect(scanned).toBeLessThan(1010);
});

test("a pattern is charged by its length and its program", () => {
  expect(charged("regex-new", "a")).toBe(0);
  expect(charged("regex-new", "(?:ab){1000}")).toBeGreaterThan(100);
  expect(charged("regex-new", `[${"ab".repeat(10_000)}]`)).toBeGreaterThanOrEqual(Math.floor(20_000 / 256));
});

test("what would keep too much is refused by name", () => {
  const run = () => pieces(re("(?:a|ab|b)*c"), "ab".repeat(1_500_000));
  expect(run).toThrow(Raise);
  try {
    run();
  } catch (thrown) {
    const { type, message } = (thrown as Raise).error as ErrorValue;
    expect(type.text).toBe("limit");
    expect(message).toMatch(/^f: the matcher has too many ways open at once for this regex and text/);
  }
});

test("a replacement that would be too long is refused before it is made", () => {
  limited({ stringLengthMax: 1000 }, () => {
    const text = "a".repeat(400);
    expect(call("regex-expand", "replace", "$0$0", re("a+"), text, v(0, 400))).toContain("aaaa");
    expect(call("regex-expand", "replace", "$0$0$0", re("a+"), text, v(0, 400))).toMatch(
      /^:limit replace would make a string/,
    );
    expect(call("regex-quote", "-".repeat(501))).toMatch(/^:limit re-quote would make a string/);
  });
});
