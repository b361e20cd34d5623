// A million of everything: nothing recurses on the host's stack, and it takes seconds.
import { expect, test } from "vitest";
import { Cons, List } from "../../src/data/list.ts";
import { Cell, Lazy, type Value } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { BOTTOM } from "../../src/machine/builtin.ts";
import { type ProgramState, Prompt, Segment } from "../../src/machine/state.ts";
import { decodeSnapshot, encodeSnapshot } from "../../src/snapshot/snapshot.ts";
import { frame, TestLinker, through, waiting } from "./support.ts";

/** The state read back from a snapshot; fails unless it has the same snapshot again. Texts of this size are not printed. */
function again(state: ProgramState): ProgramState {
  const { text, hash } = encodeSnapshot(state);
  const read = decodeSnapshot(text, new TestLinker());
  const second = encodeSnapshot(read);
  expect(second.hash).toBe(hash);
  expect(second.text === text).toBe(true);
  return read;
}

test("a stack of a million frames", () => {
  let stack = BOTTOM;
  for (let i = 0; i < 1_000_000; i++) stack = frame(stack, [i, "x"]);
  expect(again(waiting(stack)).main.stack.depth).toBe(1_000_000);
});

test("a vector and a list of a million elements", () => {
  const items = Array.from({ length: 1_000_000 }, (_, i) => i);
  const both = through(Vector.of(Vector.from(items), List.from(items))) as Vector;
  expect((both.get(0) as Vector).get(999_999)).toBe(999_999);
  expect((both.get(1) as List).count).toBe(1_000_000);
});

test("values nested fifty thousand deep, of every kind that nests", () => {
  let value: Value = null;
  for (let i = 0; i < 25_000; i++) value = Vector.of(List.of(value));
  let lazy = new Lazy(10, null);
  for (let i = 0; i < 50_000; i++) {
    const outer = new Lazy(11 + i, null);
    outer.seq = new Cons(i, lazy);
    lazy = outer;
  }
  let cell = new Cell(100_000, null);
  for (let i = 0; i < 50_000; i++) cell = new Cell(100_001 + i, cell);
  const state = again(waiting(frame(BOTTOM, [value, lazy, cell]), { nextRef: 1_000_000 }));
  expect((state.main.stack.c as Cell).id).toBe(150_000);
});

test("a hundred thousand prompts inside each other", () => {
  const state = waiting();
  const stack = frame(BOTTOM, [1]);
  for (let i = 0; i < 100_000; i++) {
    state.main.segment = new Segment(new Prompt("join", i, []), stack, null, state.main.segment);
  }
  expect(again(state).main.segment?.depth).toBe(100_000);
});
