// The values of E-9: bodies that come back byte for byte, and ids, keys and texts that must be refused.

import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../src/base/canonical-json.ts";
import { decodeBody, newEntry } from "../../src/journal/codec.ts";
import { type Bench, effect, program, turnEntry, turnOf } from "./support.ts";

const DEPTH = 20_000;

/** Canonical texts that databases and JSON libraries like to change. */
const BODIES: readonly (readonly [what: string, text: string])[] = [
  ["a NUL in a string", canonicalJson("a\0b\u0001")],
  ["keys that look like integers, not in their order", '{"10":1,"9":2,"a":3,"1":4}'],
  ["the same key order the other way", '{"1":4,"a":3,"9":2,"10":1}'],
  ["wide integers", "[9007199254740993,123456789012345678901234567890,-9223372036854775809]"],
  ["integral and odd floats", "[2.0,-0.0,1e+300,5e-324,0.1]"],
  ["text beyond ASCII", canonicalJson("é 中 😀 \u2028 \u{10ffff} \ufffe")],
  ["quotes and backslashes", canonicalJson(`"' \\ \\u0041 \\ud800 ; -- ' OR 1=1`)],
  ["an escaped backslash before what looks like half a pair", '"\\\\ud800"'],
  ["deep arrays", `${"[".repeat(DEPTH)}${"]".repeat(DEPTH)}`],
  ["deep objects", `${'{"a":'.repeat(DEPTH)}1${"}".repeat(DEPTH)}`],
  ["half a megabyte", canonicalJson("x".repeat(1 << 19))],
  ["what looks like another type", '["null","true","1","1.0","NaN"]'],
  ["the empty string, list and map", '["",[],{}]'],
];

const CONTROLS = ["\0", "\n", "\u001f", "\u007f", "\u0085"].map((c) => `a${c}b`);
const BAD_NAMES = ["", "x".repeat(256), "é".repeat(128), "a\ud800", ...CONTROLS];
const BAD_IDS = ["", "short", "0".repeat(25), "0".repeat(27), `${"0".repeat(25)}U`, "8".repeat(26)];
const BAD_BODIES = ["", "é", '"\n"', "\0", '"\ud800"', '"\\ud800"', '"\\udc00\\ud800"', '"a\\udfff"', '"\\ud800\\n"'];

export function describeValues(get: () => Bench): void {
  describe("values", () => {
    it.each(BODIES)("keeps %s through journal, inbox, effects, results, snapshots and code", async (_, text) => {
      const bench = get();
      const row = await bench.owned();
      await bench.answer(row, "k", text);
      const answer = newEntry("answer", { key: "k", outcome: "ok", body: text });
      expect((await bench.store.readInbox({ program: row.id }))[0].body).toBe(answer.body);
      const after = await bench.step(row, {
        entries: [answer, turnEntry(1)],
        effects: [effect("e", { payload: text, contract: text })],
        snapshot: { hash: "h", body: text },
        chunks: [{ hash: "c", body: text }],
        texts: { units: [{ hash: "u", code: text, debug: text }], images: [{ hash: "i", body: text }] },
        after: { result: text, error: text },
      });
      expect([after.result, after.error]).toEqual([text, text]);
      const [entry] = await bench.store.readJournal({ program: row.id, from: 1 });
      expect(entry.body).toBe(answer.body);
      expect(decodeBody("answer", entry.body).body).toBe(text);
      expect(await bench.store.readEffect({ key: "e" })).toMatchObject({ payload: text, contract: text });
      expect((await bench.store.readSnapshot({ program: row.id }))?.body).toBe(text);
      expect(await bench.store.readUnit({ hash: "u" })).toEqual({ hash: "u", code: text, debug: text });
      expect(await bench.store.readImage({ hash: "i" })).toBe(text);
      expect(await bench.store.readChunks({ program: row.id, hashes: ["c"] })).toEqual([{ hash: "c", body: text }]);
    });

    it("keeps any well-formed text as output and as a source", async () => {
      const bench = get();
      const texts = ["a\0b", "é中😀\u2028", "\u0001\u001b[31m\u007f\u0085", "\r\n", "", "\ufeff(print 1)"];
      const output = texts.map((text, number) => ({ branch: 0, number, text }));
      const blobs = texts.map((body, i) => ({ hash: `b${i}`, body }));
      const row = await bench.step(await bench.owned(), { output, texts: { blobs } });
      expect((await bench.store.readOutput({ program: row.id })).map(({ text }) => text)).toEqual(texts);
      for (const { hash, body } of blobs) expect(await bench.store.readBlob({ hash })).toBe(body);
    });

    it("keeps summaries, names and labels with any letter", async () => {
      const bench = get();
      const labels = { "grün 😀": "'; DROP TABLE programs; --" };
      const waiting = [{ task: 1, kind: "http", what: "a\0b \ud800 é", since: 1, key: "k", until: 2, at: "f:1:2" }];
      const row = await bench.step(await bench.owned({ name: "naïve 'x'.fm", labels }), { after: { waiting } });
      expect(row).toMatchObject({ name: "naïve 'x'.fm", labels, waiting });
    });

    it.each(BAD_NAMES)("refuses the name %j wherever a name stands", async (name) => {
      const bench = get();
      const row = await bench.owned();
      const refused = { code: "store/bad-value" };
      await expect(bench.answer(row, name)).rejects.toMatchObject(refused);
      for (const change of [{ name }, { queue: name }, { labels: { a: name } }, { labels: { [name]: "a" } }]) {
        const id = bench.host.newId();
        await expect(bench.store.createProgram({ program: program(id, change) })).rejects.toMatchObject(refused);
        expect(await bench.store.readProgram({ program: id })).toBeNull();
      }
      await expectRefused(bench, row, { effects: [effect(name)] });
      await expectRefused(bench, row, { effects: [effect("k", { capability: name })] });
      await expectRefused(bench, row, { answered: [name] });
      await expectRefused(bench, row, { snapshot: { hash: name, body: "{}" } });
    });

    it.each(BAD_IDS)("refuses the id %j", async (id) => {
      const bench = get();
      const refused = { code: "store/bad-value" };
      await expect(bench.store.createProgram({ program: program(id) })).rejects.toMatchObject(refused);
      await expect(bench.store.registerInterpreter({ id, engine: "e", lease: 1 })).rejects.toMatchObject(refused);
      await expect(bench.commit([], { id })).rejects.toMatchObject(refused);
    });

    it.each(BAD_BODIES)("refuses the body %j", async (body) => {
      const bench = get();
      const row = await bench.owned();
      const refused = { code: "store/bad-value" };
      const delivery = { program: row.id, key: "k", kind: "message", body } as const;
      await expect(bench.store.deliver(delivery)).rejects.toMatchObject(refused);
      await expect(
        bench.store.createProgram({ program: program(bench.host.newId(), { start: body }) }),
      ).rejects.toMatchObject(refused);
      await expectRefused(bench, row, { entries: [{ kind: "turn", body }] });
      await expectRefused(bench, row, { effects: [effect("k", { payload: body })] });
      await expectRefused(bench, row, { after: { result: body } });
      expect(await bench.store.readInbox({ program: row.id })).toEqual([]);
    });

    it.each(["\ud800", "a\udc00b"])("refuses half of a surrogate pair in output and sources: %j", async (text) => {
      const bench = get();
      const row = await bench.owned();
      await expectRefused(bench, row, { output: [{ branch: 0, number: 0, text }] });
      await expectRefused(bench, row, { texts: { blobs: [{ hash: "b", body: text }] } });
    });

    it.each([Number.NaN, Number.POSITIVE_INFINITY, 1.5, 2 ** 53])(
      "refuses the number %d where a whole number stands",
      async (n) => {
        const bench = get();
        const row = await bench.owned();
        await expectRefused(bench, row, { after: { wake: n } });
        await expectRefused(bench, row, { output: [{ branch: 0, number: n, text: "x" }] });
        await expectRefused(bench, row, { effects: [effect("k", { due: n })] });
      },
    );
  });
}

async function expectRefused(bench: Bench, row: Parameters<typeof turnOf>[0], extras: Parameters<typeof turnOf>[1]) {
  const result = await bench.commit([turnOf(row, extras)]);
  expect(result).toMatchObject({ committed: [], lost: [] });
  expect(result.refused[0].error).toMatchObject({ code: "store/commit-refused", cause: { code: "store/bad-value" } });
  expect(await bench.row(row.id)).toEqual(row);
}
