// What reads texts and bytes that others may have written, each with valid samples; and the search for an input that one of them does
// not refuse by name.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { FlowmetalError } from "../../src/base/errors.ts";
import { parseJson } from "../../src/base/json-reader.ts";
import { checkMoveFile, programsIn } from "../../src/client/move-file.ts";
import { nearestConfig } from "../../src/cli/config.ts";
import { findStore } from "../../src/cli/store-place.ts";
import { decodeUnit } from "../../src/code/decode.ts";
import { jsonToValue } from "../../src/data/json.ts";
import { fromTagged } from "../../src/data/tagged.ts";
import { Flaw } from "../../src/data/tagged-leaf.ts";
import { decodeBody } from "../../src/journal/codec.ts";
import type { EntryKind } from "../../src/journal/entry.ts";
import { imageOfText } from "../../src/module/image.ts";
import { decodeSnapshot, unpackSnapshot } from "../../src/snapshot/snapshot.ts";
import { parseUrl } from "../../src/store/postgres/url.ts";
import { sha256 } from "../../src/base/hash.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";
import { root } from "../support/tree.ts";
import { EXAMPLES } from "../journal/examples.ts";
import { TestLinker } from "../snapshot/support.ts";

interface Decoder {
  readonly name: string;
  readonly samples: readonly string[];
  readonly decode: (text: string) => unknown;
}

const golden = (name: string): string => readFileSync(join(root, "test", "golden", name), "utf8").trimEnd();
const zipped = (name: string): string => gunzipSync(readFileSync(join(root, "test", "golden", name))).toString("utf8");

/** All decoders. `folder`: for the configuration file. */
export function decoders(folder: string): readonly Decoder[] {
  const packed = JSON.parse(golden("snapshot-v2-large.json")) as { body: string; chunks: Record<string, string> };
  const exported = zipped("export-v1.jsonl.gz").trimEnd().split("\n").slice(0, -1);
  const lines = exported.slice(1).map((line) => JSON.parse(line) as unknown[]);
  const units = lines.filter(([kind]) => kind === "unit") as [string, string, string, string][];
  const [, , image] = lines.find(([kind]) => kind === "image") as [string, string, string];
  // Without its image, which is most of it.
  const small = exported.filter((line) => !line.startsWith('["image"')).join("\n");
  const [first] = Object.keys(packed.chunks);
  const snapshots = ["complete", "everything", "records", "scopes", "small"].map((name) =>
    golden(`snapshot-v1-${name}.json`),
  );
  const bodies = Object.entries(EXAMPLES).filter(([kind]) => kind !== "done");
  return [
    { name: "snapshot", samples: snapshots, decode: (text) => decodeSnapshot(text, new TestLinker()) },
    {
      name: "packed snapshot",
      samples: [packed.body],
      decode: (text) =>
        unpackSnapshot(text, async (hashes) => hashes.map((hash) => ({ hash, body: packed.chunks[hash] ?? "[]" }))),
    },
    {
      name: "chunk of a snapshot",
      samples: [packed.chunks[first]],
      decode: (text) =>
        unpackSnapshot(packed.body, async (hashes) =>
          hashes.map((hash) => ({ hash, body: hash === first ? text : packed.chunks[hash] })),
        ),
    },
    {
      name: "code",
      samples: units.map(([, , code, debug]) => `${code}\n${debug}`),
      // As if its hash were right: what is behind that must hold as well.
      decode: (text) => {
        const [code, debug = "{}"] = text.split("\n");
        return decodeUnit(sha256(code + debug), code, debug);
      },
    },
    {
      name: "image",
      samples: [image.slice(0, 2_000), '{"v":1,"units":{},"vars":{"a/b":["1","null"]}}'],
      decode: imageOfText,
    },
    {
      name: "tagged JSON",
      samples: [
        '["m",["k","a"],["v",1,["f","2.0"],["q","1","3"]],["S","x"],["t",5]]',
        '["e",["k","a"],"m",null,null,null]',
      ],
      decode: (text) => {
        let json: unknown;
        try {
          json = JSON.parse(text);
        } catch {
          return undefined;
        }
        return fromTagged(json as Parameters<typeof fromTagged>[0]);
      },
    },
    ...bodies.map(([kind, [, text]]) => ({
      name: `body of ${kind}`,
      samples: [text],
      decode: (body: string) => decodeBody(kind as EntryKind, body),
    })),
    { name: "plain JSON", samples: ['{"a":[1,2.5,"\\u00e9\\n",null,true],"1":{}}'], decode: jsonToValue },
    { name: "JSON", samples: ['{"a":[1,2.5,"\\u00e9\\n",null,true],"1":{}}'], decode: parseJson },
    {
      name: "export",
      samples: [small],
      decode: async (text) => {
        const content = `${text}\n`;
        const end = `${JSON.stringify({ lines: content.split("\n").length - 1, sha256: sha256(content) })}\n`;
        const bytes = () => [Buffer.from(content), Buffer.from(end)];
        const header = await checkMoveFile(bytes, "f");
        let found = 0;
        for await (const _ of programsIn(bytes, "f", header)) found++;
        return found;
      },
    },
    {
      name: "URL of a store",
      samples: ["postgres://me:secret@host:5432/db?schema=x&pool=3", "sqlite:/a/b.db", "memory:", "a/b"],
      decode: (text) => findStore(text, { env: {}, cwd: "/" }),
    },
    { name: "URL of a database", samples: ["postgres://me:secret@host:5432/db?schema=x&pool=3"], decode: parseUrl },
    {
      name: "configuration",
      samples: ['{"store":"a.db","path":["lib"]}'],
      decode: (text) => {
        writeIn(folder, "flowmetal.json", text);
        return nearestConfig(folder);
      },
    },
  ];
}

/** What may stand in the place of something else in any of these texts. */
const STRANGE = [
  ...'"\\[]{},:0-9eE.\n\u0000é😀\ud83d',
  "null",
  "1e400",
  "-0",
  "99999999999999999999",
  "9007199254740993",
  '["n",0]',
  '["ref",1]',
  '"__proto__"',
  '{"__proto__":1}',
  "[".repeat(3_000),
  '["v",'.repeat(3_000),
  "\\u0000",
  "\\ud83d",
  '["r",0,9007199254740991,1]',
  '["++",["++"]]',
  "x".repeat(10_000),
];

/** A text with some places changed: cut, doubled, or something else put in. */
function changed(sample: string): fc.Arbitrary<string> {
  const place = fc.nat({ max: sample.length });
  const change = fc.record({
    from: place,
    length: fc.oneof(fc.constant(0), fc.constant(1), fc.nat({ max: 40 }), place),
    to: fc.oneof(fc.constantFrom(...STRANGE), fc.constant(""), fc.string({ maxLength: 6 })),
    twice: fc.boolean(),
  });
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) =>
    changes.reduce((text, { from, length, to, twice }) => {
      const cut = text.slice(from, from + length);
      return text.slice(0, from) + (twice && cut.length < 1_000 ? cut + cut : to) + text.slice(from + length);
    }, sample),
  );
}

/** Bytes a decoder may take beside a multiple of its input. */
const HEAP_FLOOR = 256 * 2 ** 20;
/** Far more than any input here takes, on a slow machine. */
const SLOW_MS = 20_000;

/** Tries inputs on all decoders until a moment; answers how many there were, and what failed. */
export async function fuzz(
  seed: number,
  until: number,
): Promise<{ readonly tried: number; readonly failure: string | null }> {
  const all = decoders(scratchFolder());
  let tried = 0;
  for (let round = 0; Date.now() < until || round === 0; round++) {
    for (const decoder of all) {
      const sample = decoder.samples[round % decoder.samples.length];
      const inputs = fc.oneof(
        { arbitrary: changed(sample), weight: 8 },
        { arbitrary: fc.string({ unit: "binary", maxLength: 200 }), weight: 1 },
        { arbitrary: fc.json(), weight: 1 },
      );
      for (const text of fc.sample(inputs, { seed: seed + round, numRuns: 12 })) {
        const failure = await problemOf(decoder, text);
        if (failure !== null) {
          const shown = text.length > 2_000 ? `${text.slice(0, 2_000)}... (${text.length})` : text;
          return { tried, failure: `${decoder.name} (seed ${seed}, round ${round}): ${failure}\n${shown}` };
        }
        tried++;
      }
    }
  }
  return { tried, failure: null };
}

async function problemOf({ decode }: Decoder, text: string): Promise<string | null> {
  const heap = process.memoryUsage().heapUsed;
  const began = performance.now();
  try {
    await decode(text);
  } catch (error) {
    // A flaw in tagged JSON is named by who reads it.
    if (!(error instanceof FlowmetalError || error instanceof Flaw)) return String((error as Error).stack ?? error);
  }
  if (performance.now() - began > SLOW_MS) return "it took too long";
  const grown = process.memoryUsage().heapUsed - heap;
  return grown > HEAP_FLOOR + 100 * text.length ? `it took ${grown} bytes for ${text.length}` : null;
}
