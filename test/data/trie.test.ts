// The hash trie: its shape is a function of what is in it, not of how it came there (S-13).
import fc from "fast-check";
import { expect, test } from "vitest";
import { candidates, EMPTY_TRIE, enter, remove, TrieNode, writable } from "../../src/data/trie.ts";

const hashes = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.integer(),
  fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 2 })).map(([a, b]) => (a << 30) | b),
);

/** The shape as plain data; the order inside a bucket says nothing. */
function shape(node: TrieNode, depth = 0): unknown {
  const slots = node.slots.map((slot) => (slot instanceof TrieNode ? shape(slot, depth + 1) : slot));
  return depth === 7 ? { bucket: slots.sort() } : { bitmap: node.bitmap, slots };
}

/** The trie with a key's number; the keys are the numbers themselves. */
function added(trie: TrieNode, all: readonly number[], i: number, owner?: object): TrieNode {
  const top = writable(trie, owner);
  const keys = { hashAt: (other: number) => all[other], isSame: (other: number, key: unknown) => other === key };
  expect(enter(top, all[i], i, i, keys, owner)).toBe(-1);
  expect(enter(writable(top, owner), all[i], i, 12345, keys, owner)).toBe(i);
  return top;
}

function build(all: readonly number[], order: readonly number[], owner?: object): TrieNode {
  return order.reduce((trie, i) => added(trie, all, i, owner), EMPTY_TRIE);
}

test("any order of insertions, and deletions in between, give one shape", () => {
  fc.assert(
    fc.property(
      fc.array(hashes, { maxLength: 60 }),
      fc.infiniteStream(fc.nat()),
      fc.boolean(),
      (all, stream, inPlace) => {
        const order = all.map((_, i) => i);
        const direct = build(all, order);
        const shuffled = order.map((i) => [stream.next().value, i]).sort(([a], [b]) => a - b);
        const owner = inPlace ? {} : undefined;
        let trie = build(
          all,
          shuffled.map(([, i]) => i),
          owner,
        );
        expect(shape(trie)).toEqual(shape(direct));
        const kept = order.filter((i) => i % 3 === 0);
        for (const i of order) if (i % 3 !== 0) trie = remove(trie, all[i], i, owner);
        expect(shape(trie)).toEqual(shape(build(all, kept)));
        for (const i of kept) {
          const found = candidates(trie, all[i]);
          expect(typeof found === "number" ? [found] : found).toContain(i);
        }
      },
    ),
    { numRuns: 300 },
  );
}, 30_000);

test("a persistent change leaves the old trie as it was", () => {
  const all = Array.from({ length: 200 }, (_, i) => Math.imul(i, 0x9e3779b1));
  const trie = build(
    all,
    all.map((_, i) => i),
  );
  const before = JSON.stringify(shape(trie));
  all.forEach((hash, i) => void remove(trie, hash, i, undefined));
  added(trie, [...all, 12345], 200, {});
  expect(JSON.stringify(shape(trie))).toBe(before);
});
