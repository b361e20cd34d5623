// What may follow what in a journal, which kinds are inputs, which statuses are final.

import { describe, expect, it } from "vitest";
import { checkSequence, type EntryKind, isInput } from "../../src/journal/entry.ts";
import { isOver, isStatus, STATUSES } from "../../src/journal/status.ts";

describe("the entries of a turn", () => {
  const right: readonly (readonly EntryKind[])[] = [
    ["turn"],
    ["answer", "turn"],
    ["timer", "message", "command", "stop", "rewound", "upgraded", "turn"],
    ["turn", "refused", "stray", "fault", "base"],
    ["answer", "turn", "fault", "done"],
    ["command", "turn", "cancelled"],
    ["turn", "moved"],
  ];
  it.each(right.map((kinds) => [kinds.join(" "), kinds] as const))("may be: %s", (_, kinds) => {
    expect(checkSequence(kinds, 1)).toBeNull();
  });

  const wrong: readonly (readonly [readonly EntryKind[], string])[] = [
    [[], "a turn without a turn entry"],
    [["answer"], "a turn without a turn entry"],
    [["turn", "answer"], '"answer" follows its turn'],
    [["turn", "turn"], '"turn" follows its turn'],
    [["fault", "turn"], '"fault" stands before its turn'],
    [["done", "turn"], '"done" stands before its turn'],
    [["turn", "done", "fault"], '"fault" follows "done"'],
    [["turn", "cancelled", "done"], '"done" follows "cancelled"'],
    [["start", "turn"], "a second start entry"],
  ];
  it.each(wrong.map(([kinds, why]) => [kinds.join(" "), kinds, why] as const))("may not be: %s", (_, kinds, why) => {
    expect(checkSequence(kinds, 1)).toBe(why);
  });

  it("never begin at position 0, where the start entry stands", () => {
    expect(checkSequence(["turn"], 0)).toBe("a turn begins after the start entry");
  });
});

it("records are never delivered to the machine", () => {
  const records = ["turn", "refused", "stray", "fault", "done", "cancelled", "moved", "base"] as const;
  expect(records.filter((kind) => isInput(kind))).toEqual([]);
  expect(isInput("start") && isInput("answer")).toBe(true);
});

it("three statuses are final", () => {
  expect(STATUSES.filter(isOver)).toEqual(["done", "cancelled", "moved"]);
  expect([isStatus("waiting"), isStatus("running"), isStatus("suspended")]).toEqual([true, false, false]);
});
