// Snapshots written by every version of the format there ever was load for ever, or are refused by name (design.md, 6).
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeSnapshot, encodeSnapshot, packSnapshot, unpackSnapshot } from "../../src/snapshot/snapshot.ts";
import { everything, large, records, small, tasks } from "./golden-states.ts";
import { TestLinker } from "./support.ts";

const kept = [
  ["snapshot-v1-small", small, "41780dbd518fd9d4f6f19208aa31597b604be51f8f80307d7892d7eaefab240d"],
  ["snapshot-v1-complete", everything, "18d5eaff3f9a376bb2693e52ec2c6a84e8a67ca7bb61ea08b747499a967a0025"],
  ["snapshot-v1-records", records, "3348a91b8823fedfc327d1d9ba833c13aa8e80dc0a02aa161b8bf5bf3712db62"],
  ["snapshot-v1-scopes", tasks, "da90e8262470c28ebe144153c2ca36416f434c6504d8a780ab06f08bac53cd87"],
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

/** Made by hand once, with frames, markers and cells as no program leaves them. */
test.each(["snapshot-v1-everything", "snapshot-v1-tasks"])(
  "%s, of a state that no program can be in, is refused by name",
  (name) => {
    expect(() => decodeSnapshot(read(name), new TestLinker())).toThrow(
      expect.objectContaining({ code: "snapshot/invalid" }),
    );
  },
);

test("a snapshot of every state reads the same as it was written", () => {
  for (const [name] of kept) {
    expect(encodeSnapshot(decodeSnapshot(read(name), new TestLinker())).text).toBe(read(name));
  }
});

describe("snapshot-v2-large, with its chunks", () => {
  const { body, chunks } = JSON.parse(read("snapshot-v2-large")) as { body: string; chunks: Record<string, string> };

  test("loads, as the state it was", async () => {
    const { text } = await unpackSnapshot(body, async (hashes) => hashes.map((hash) => ({ hash, body: chunks[hash] })));
    const { hash } = encodeSnapshot(decodeSnapshot(text, new TestLinker()));
    expect(hash).toBe("b6c6e1b5ec343b1446e71f6941bb70f7b8a96252f8da758bc1b24505af603af1");
  });

  test("is what this version still writes", () => {
    const packed = packSnapshot(large());
    expect({ body: packed.body, chunks: Object.fromEntries(packed.chunks) }).toEqual({ body, chunks });
  });
});
