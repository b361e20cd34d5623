// Snapshots written by every version of the format there ever was load for ever, or are refused by name (design.md, 6).
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeSnapshot, encodeSnapshot } from "../../src/snapshot/snapshot.ts";
import { everything, records, small, tasks } from "./golden-states.ts";
import { TestLinker } from "./support.ts";

const kept = [
  ["snapshot-v1-small", small, "41780dbd518fd9d4f6f19208aa31597b604be51f8f80307d7892d7eaefab240d"],
  ["snapshot-v1-everything", everything, "2eebd81c2c6a45b66b895eeda58a38777c8893d1e738fb8e5276435c54fdf7af"],
  ["snapshot-v1-records", records, "3348a91b8823fedfc327d1d9ba833c13aa8e80dc0a02aa161b8bf5bf3712db62"],
  ["snapshot-v1-tasks", tasks, "36177805727a68fd56dbb97a1e506b482f173379923e371d193ce72444da5c41"],
] as const;

function read(name: string): string {
  return readFileSync(new URL(`../golden/${name}.json`, import.meta.url), "utf8").trimEnd();
}

describe.each(kept)("%s", (name, make, hash) => {
  test("loads, as the state it was", () => {
    const state = decodeSnapshot(read(name), new TestLinker());
    expect(encodeSnapshot(state).hash).toBe(hash);
  });

  test("is what this version still writes", () => {
    const { text, hash: now } = encodeSnapshot(make());
    expect(text).toBe(read(name));
    expect(now).toBe(hash);
  });
});

test("a snapshot of every state reads the same as it was written", () => {
  for (const [name] of kept) {
    expect(encodeSnapshot(decodeSnapshot(read(name), new TestLinker())).text).toBe(read(name));
  }
});
