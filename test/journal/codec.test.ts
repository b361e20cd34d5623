// Bodies of entries: every kind comes back as it was, values untouched, keys in their order; hostile texts are refused.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, quote } from "../../src/base/canonical-json.ts";
import { decodeBody, encodeBody } from "../../src/journal/codec.ts";
import type { EntryKind } from "../../src/journal/entry.ts";
import { EXAMPLES, VERSIONS } from "./examples.ts";
import { splitElements, splitMembers } from "../../src/journal/record.ts";

describe("bodies", () => {
  it.each(Object.keys(EXAMPLES) as EntryKind[])(
    "of kind %s are written in the order of their fields and read back",
    (kind) => {
      const [body, text] = EXAMPLES[kind];
      expect(encodeBody(kind, body)).toBe(text);
      expect(decodeBody(kind, text)).toEqual(body);
    },
  );

  it("leave out what is absent, and take it as absent", () => {
    const body = { turn: 1, versions: VERSIONS, status: "done", ticks: 0, observations: [], made: [] } as const;
    const text = encodeBody("turn", body);
    expect(text).not.toContain("hash");
    expect(decodeBody("turn", text)).toEqual(body);
  });

  it("written by a later engine may have more fields, never fewer", () => {
    expect(decodeBody("done", '{"later":[1,2],"result":1}')).toEqual({ result: "1" });
    expect(() => decodeBody("timer", '{"ref":1,"due":2}')).toThrow(/lacks "now"/);
  });

  it("keep any value byte for byte", () => {
    fc.assert(
      fc.property(fc.json(), fc.string({ unit: "grapheme" }), (json, key) => {
        const text = canonicalJson(JSON.parse(json));
        const body = encodeBody("answer", { key, outcome: "ok", body: text });
        expect(body).toMatch(/^[\x20-\x7e]*$/);
        expect(decodeBody("answer", body)).toEqual({ key, outcome: "ok", body: text });
      }),
    );
  });
});

describe("records", () => {
  it("are cut into the raw texts of their members", () => {
    const members = [
      ["2", "[1,{}]"],
      ["1", '"a,}\\""'],
      ["", "{}"],
    ] as const;
    const text = `{${members.map(([key, member]) => `${quote(key)}:${member}`).join(",")}}`;
    expect([...splitMembers(text)]).toEqual(members);
    expect(splitElements('[1,"]",[2,[]],{"a":","}]')).toEqual(["1", '"]"', "[2,[]]", '{"a":","}']);
    expect([splitElements("[]"), [...splitMembers("{}")]]).toEqual([[], []]);
  });

  const HOSTILE = [
    "",
    "{",
    "[]",
    '{"a"}',
    '{"a":}',
    '{"a":1',
    '{"a":1,}',
    '{"a":1}}',
    '{"a":"',
    '{"a":"\\',
    "{1:2}",
    '{"\\{":1}',
    '{"a":1}x',
    '{"a":[1}',
    "null",
  ];
  it.each(HOSTILE)("refuse %j", (text) => {
    expect(() => decodeBody("done", text)).toThrow(/journal body/);
  });

  it("refuse an array that is cut short", () => {
    for (const text of ["[", "[1", "[1,", "[1,]", "{}"]) expect(() => splitElements(text)).toThrow(/journal body/);
  });

  it("never fail in another way on any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\a1') }), (text) => {
        try {
          splitMembers(text);
        } catch (error) {
          expect(error).toMatchObject({ code: "journal/malformed" });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
