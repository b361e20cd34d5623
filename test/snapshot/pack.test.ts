// Packed snapshots: they come back as they were, equal states give equal bytes, a small change changes few chunks, and what is wrong with
// one is refused by name.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FlowmetalError } from "../../src/base/errors.ts";
import { PMap } from "../../src/data/map.ts";
import { Keyword, Var } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { BOTTOM } from "../../src/machine/builtin.ts";
import type { ProgramState } from "../../src/machine/state.ts";
import { encodeState } from "../../src/snapshot/encode-state.ts";
import { Written } from "../../src/snapshot/nodes.ts";
import { addressOf, pack, type PackedSnapshot } from "../../src/snapshot/pack.ts";
import { decodeSnapshot, encodeSnapshot, packSnapshot } from "../../src/snapshot/snapshot.ts";
import { isPacked, unpackSnapshot } from "../../src/snapshot/unpack.ts";
import { anyState } from "./arbitrary.ts";
import { frame, holding, TestLinker, waiting } from "./support.ts";

const property = <T>(all: fc.Arbitrary<T>, holds: (one: T) => Promise<void>): Promise<void> =>
  fc.assert(fc.asyncProperty(all, holds), { numRuns: 60 });

/** However small it is. */
const packed = (state: ProgramState): PackedSnapshot => pack(encodeState(state), 0);

function unpacked(body: string, chunks: ReadonlyMap<string, string>) {
  return unpackSnapshot(body, async (hashes) =>
    hashes.flatMap((hash) => (chunks.has(hash) ? [{ hash, body: chunks.get(hash)! }] : [])),
  );
}

/** What is written of a snapshot when the one before is in the store: bytes, and rows of chunks. */
function written(before: PackedSnapshot, after: PackedSnapshot): { readonly bytes: number; readonly rows: number } {
  const brought = [...after.chunks].filter(([address]) => !before.chunks.has(address));
  return { bytes: brought.reduce((sum, [, text]) => sum + text.length, after.body.length), rows: brought.length };
}

const N = 100_000;
const words = (n: number): PMap => PMap.from(Array.from({ length: n }, (_, i) => [Keyword.of(`key-${i}`), i] as const));

test("any state comes back as it was, with the chunks it names", () =>
  property(anyState, async (state) => {
    const { text, hash } = encodeSnapshot(state);
    const all = packed(state);
    expect(all.hash).toBe(hash);
    const back = await unpacked(all.body, all.chunks);
    expect(back.text).toBe(text);
    expect([...back.chunks].sort()).toEqual([...all.chunks.keys()].sort());
  }));

test("the same state, read back and packed again, has the same bytes", () =>
  property(anyState, async (state) => {
    const again = decodeSnapshot(encodeSnapshot(state).text, new TestLinker());
    expect(packed(again)).toEqual(packed(state));
  }));

test("a map is packed the same however it was made", () => {
  const [forth, back] = [words(2_000), words(2_000)];
  let made = PMap.EMPTY;
  for (let i = 0; i < 2_000; i++) made = made.set(Keyword.of(`key-${i}`), -1);
  for (let i = 1_999; i >= 0; i--) made = made.set(Keyword.of(`key-${i}`), i);
  expect(packSnapshot(holding(made))).toEqual(packSnapshot(holding(forth)));
  expect(packSnapshot(holding(back)).chunks.size).toBeGreaterThan(30);
});

test("a small snapshot stays as it is", () => {
  const state = holding(words(500));
  expect(packSnapshot(state)).toMatchObject({ body: encodeSnapshot(state).text, chunks: new Map() });
  expect(isPacked(packSnapshot(holding(words(5_000))).body)).toBe(true);
});

describe("of a hundred thousand entries", () => {
  const map = words(N);
  const first = packSnapshot(holding(map));

  test("one changed key writes at most 16 KB, whichever it is, and so does one that comes or goes", () => {
    for (let i = 0; i < 3; i++) {
      const key = Keyword.of(`key-${(i * 42_347) % N}`);
      for (const changed of [map.set(key, -1), map.delete(key), map.set(Keyword.of(`new-${i}`), i)]) {
        const { bytes, rows } = written(first, packSnapshot(holding(changed)));
        expect(bytes).toBeLessThanOrEqual(16_000);
        expect(rows).toBeLessThanOrEqual(20);
      }
    }
  });

  test("all chunks together are little more than the snapshot in one piece", () => {
    const sum = [...first.chunks.values()].reduce((total, text) => total + text.length, first.body.length);
    expect(sum).toBeLessThan(1.2 * encodeSnapshot(holding(map)).text.length);
    expect(first.body.length).toBeLessThan(2_500);
  });

  test("an element appended to a vector or changed in it", () => {
    const vector = Vector.from(Array.from({ length: N }, (_, i) => i));
    const before = packSnapshot(holding(vector));
    expect(written(before, packSnapshot(holding(vector.push(1)))).bytes).toBeLessThan(8_000);
    expect(written(before, packSnapshot(holding(vector.set(54_321, "x")))).bytes).toBeLessThan(12_000);
  });

  test("a frame pushed on a stack, or taken from it", () => {
    let stack = BOTTOM;
    for (let i = 0; i < N; i++) stack = frame(stack, [i, `x${i % 9}`]);
    const before = packSnapshot(waiting(stack));
    for (const changed of [frame(stack, ["top"]), stack.next])
      expect(written(before, packSnapshot(waiting(changed))).bytes).toBeLessThan(5_000);
  });
});

test("nodes whose keys begin alike get longer keys; if they cannot be told apart, the snapshot stays as it is", async () => {
  const of = (digests: readonly string[]) => {
    const nodes = digests.map((_, i) => `["+",${i === 0 ? "0" : `["n",${i - 1}]`},"${"x".repeat(40)}"]`);
    const head = `"i":"${"0".repeat(64)}","p":"p","k":[0,0,0,0,0,0]`;
    return new Written(head, [], nodes, digests, `,"g":[["user/a",["n",1]]]`, "h", false);
  };
  const [a, b] = ["a".repeat(64), `${"a".repeat(40)}${"b".repeat(24)}`];
  const close = pack(of([`#${a}`, `#${b}`]), 0);
  expect(close.body).toContain(`["n","${b}"]`);
  expect((await unpacked(close.body, close.chunks)).text).toBe(of([`#${a}`, `#${b}`]).text);
  const apart = pack(of([`#${a}`, `#b${b.slice(1)}`]), 0);
  expect(apart.body).toContain(`["n","b${b.slice(1, 16)}"]`);
  expect(pack(of([`#${a}`, `#${a}`]), 0).body).toBe(of([`#${a}`, `#${a}`]).text);
});

test("texts that look like mentions and keys are left alone", async () => {
  const texts = ['["n",0]', '["n","0123456789abcdef"]', ',"0123456789abcdef":', '{"0123456789abcdef":1}', '\\"n",0]'];
  const state = holding(Vector.from(texts.flatMap((text) => [text, text.repeat(20), `é${text}`])));
  const all = packed(state);
  expect((await unpacked(all.body, all.chunks)).text).toBe(encodeSnapshot(state).text);
});

test("a var named n, whose row looks like a mention, keeps a snapshot as it is", () => {
  const state = holding(words(5_000));
  state.vars.set("n", Object.assign(new Var("n"), { value: 0 }));
  expect(packSnapshot(state).body).toBe(encodeSnapshot(state).text);
});

describe("what is wrong is refused by name", () => {
  const whole = packed(holding(words(3_000)));
  const [chunk] = [...whole.chunks].find(([, text]) => text.startsWith("{"))!;
  const lists = [...whole.chunks].filter(([, text]) => text.startsWith("["));

  /** The code of the error that reading it ends with, if it does. */
  const refusal = async (body: string, chunks = whole.chunks): Promise<string> => {
    try {
      decodeSnapshot((await unpacked(body, chunks)).text, new TestLinker());
      return "none";
    } catch (error) {
      return (error as FlowmetalError).code;
    }
  };

  test("chunks that are missing or changed", async () => {
    expect(lists.length).toBeGreaterThan(0);
    for (const [address] of [[chunk], ...lists.slice(0, 2)]) {
      const less = new Map([...whole.chunks].filter(([one]) => one !== address));
      await expect(unpacked(whole.body, less)).rejects.toMatchObject({
        code: "snapshot/missing-chunk",
        message: expect.stringContaining(address) as string,
      });
      expect(await refusal(whole.body, new Map([...whole.chunks, [address, "{}"]]))).toBe("snapshot/damaged-chunk");
    }
  });

  const with1 = (text: string): [string, Map<string, string>] => {
    const chunks = new Map([[addressOf(text), text]]);
    return [whole.body.replace(/"n":\[.*?\]/, `"n":[1,0,"${addressOf(text)}"]`), chunks];
  };

  test.each<[string, () => [string, ReadonlyMap<string, string>]]>([
    [
      "a list without end",
      () => {
        const list = `["${chunk}","${chunk}"]`;
        const root = addressOf(list);
        return [whole.body.replace(/"n":\[.*?\]/, `"n":[9,1,"${root}"]`), new Map([...whole.chunks, [root, list]])];
      },
    ],
    ["more levels than there are", () => [whole.body.replace(/"n":\[(\d+),\d+/, '"n":[$1,99'), whole.chunks]],
    ["a chunk for a list", () => [whole.body.replace(/"n":\[.*?\]/, `"n":[9,1,"${chunk}"]`), whole.chunks]],
    ["a list for a chunk", () => [whole.body.replace(/"n":\[(\d+),\d+/, '"n":[$1,0'), whole.chunks]],
    ["another number of nodes", () => [whole.body.replace(/"n":\[\d+/, '"n":[7'), whole.chunks]],
    ["a mention of nothing", () => [whole.body.replace(/\["n","\w+"\]/, '["n","0000000000000000"]'), whole.chunks]],
    ["no list at all", () => [whole.body.replace(/"n":\[.*?\]/, '"n":[]'), whole.chunks]],
    ["nothing but the version", () => ['{"v":2,', whole.chunks]],
    ["two nodes with one key", () => with1('{"0123456789abcdef":1,"0123456789abcdef":2}')],
    ["nodes that are no JSON", () => with1('{"0123456789abcdef":]}')],
    ["no node", () => with1("{}")],
  ])("%s", async (_, make) => {
    const [body, chunks] = make();
    expect(await refusal(body, chunks)).toBe("snapshot/invalid");
  });

  test("a packed text that was not unpacked has a version the decoder does not know", () => {
    expect(() => decodeSnapshot(whole.body, new TestLinker())).toThrow(
      expect.objectContaining({ code: "snapshot/version" }),
    );
  });

  test("whatever is changed in body or chunk, it is read or refused, and nothing else happens", () =>
    property(
      fc.tuple(fc.nat(), fc.nat(), fc.string({ maxLength: 8 }), fc.boolean()),
      async ([at, cut, put, inBody]) => {
        const damage = (text: string) => {
          const place = at % text.length;
          return text.slice(0, place) + put + text.slice(place + (cut % 20));
        };
        // The list is given the address of what the chunk has become, so that this is looked into.
        const one = packed(holding(words(60)));
        const only = [...one.chunks].map(([address, text], i) =>
          i === 0 && !inBody ? [address, damage(text)] : [address, text],
        );
        const chunks = new Map(only.map(([, text]) => [addressOf(text), text]));
        const body = only.reduce((text, [address, chunk]) => text.replace(address, addressOf(chunk)), one.body);
        expect(["none", "snapshot/invalid", "snapshot/missing-chunk", "snapshot/version"]).toContain(
          await refusal(inBody ? damage(body) : body, chunks),
        );
      },
    ));
});
