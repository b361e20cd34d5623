// Stores and exports as every version of their formats wrote them load for ever, or are refused by name (design.md, 6); a new version of a
// format needs a golden file of its own.
//
// `FLOWMETAL_GOLDEN=rewrite npx vitest run test/store/golden-formats.test.ts` makes those that are missing: it never writes one that is
// there. A store of an older schema is made by the migrations up to it; its base image is the one in the export.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { CODE_VERSION } from "../../src/code/code.ts";
import { FORMAT } from "../../src/client/move-file.ts";
import { openClient } from "../../src/client/open.ts";
import { decodeBody, encodeBody } from "../../src/journal/codec.ts";
import type { EntryKind } from "../../src/journal/entry.ts";
import { IMAGE_VERSION } from "../../src/module/image.ts";
import { SNAPSHOT_VERSIONS } from "../../src/snapshot/snapshot.ts";
import { migrate } from "../../src/store/sqlite/migrate.ts";
import { defaultDriver, openDriver } from "../../src/store/sqlite/open-driver.ts";
import { MIGRATIONS, SCHEMA } from "../../src/store/sqlite/schema.ts";
import { scratchFolder } from "../support/scratch.ts";
import { root } from "../support/tree.ts";
import { EXAMPLES } from "../journal/examples.ts";

const folder = join(root, "test", "golden");
const rewriting = process.env["FLOWMETAL_GOLDEN"] === "rewrite";
const host = { clock: systemClock, random: systemRandom };
const kept = (name: string): string => join(folder, name);
const unzip = (name: string): Buffer => gunzipSync(readFileSync(kept(name)));

const SCRIPT = `(ns golden (:require [flow.time :as time]))
(defrecord Stop [place minutes])
(def ^:dynamic *who* :nobody)
(def seen (atom {:stops [(->Stop "Ö" 1/3)] :n 12345678901234567890}))
(defn wander [n] (if (zero? n) (time/sleep 1000) (let [k (wander (dec n))] [n k])))
(println "leaving" (:stops @seen))
(binding [*who* :bound] (try (wander 3) (finally (swap! seen assoc :slept *who*))))
(println "arrived" (:slept @seen))
[(:n @seen) (:slept @seen)]
`;
const quiet = { maxSteps: null, onOutput: () => undefined, onWaiting: () => undefined };

async function madeExport(): Promise<Buffer> {
  const client = await openClient("memory:", { create: true });
  const run = await client.start(
    { name: "golden.fm", text: SCRIPT },
    { args: ["a"], ...quiet, onWaiting: (waits) => void (waits.length > 0 && run.letGo()) },
  );
  await run.ended;
  let all = "";
  for await (const line of client.export([run.id], { to: "golden" })) all += line;
  await client.close();
  return Buffer.from(all);
}

/** The lines of the export of this format, by their kinds. */
function linesOf(kind: string): unknown[][] {
  const lines = unzip(`export-v${FORMAT}.jsonl.gz`).toString("utf8").trim().split("\n").slice(1, -1);
  return lines.map((line) => JSON.parse(line) as unknown[]).filter((line) => line[0] === kind);
}

type Row = Readonly<Record<string, unknown>>;

/** Puts rows into a table as far as it has the columns in this schema. */
async function put(driver: Awaited<ReturnType<typeof openDriver>>, table: string, rows: readonly Row[]): Promise<void> {
  const known = (await driver.all(`SELECT name FROM pragma_table_info('${table}')`)).map(({ name }) => name as string);
  for (const row of rows) {
    const names = Object.keys(row).filter((name) => known.includes(name));
    const marks = names.map((_, i) => `?${i + 1}`).join(", ");
    const values = names.map((name) => row[name] as string);
    await driver.run(`INSERT INTO ${table} (${names.map((name) => `"${name}"`).join(", ")}) VALUES (${marks})`, values);
  }
}

async function makeStore(path: string, schema: number): Promise<void> {
  const driver = await openDriver(defaultDriver(), { path, host, patience: 1000 });
  await migrate({ driver, path, host, readOnly: false, migrations: MIGRATIONS.slice(0, schema) });
  const [[, sent]] = linesOf("program") as [string, Row][];
  const program = sent.id;
  const json = (value: unknown): string => JSON.stringify(value);
  const row = {
    ...sent,
    waiting: json(sent.waiting),
    labels: json(sent.labels),
    calls: json(sent.calls),
    cut: 0,
    runnable: 0,
  };
  await put(driver, "programs", [{ ...row, owner: null, commit_id: null, crashes: 0 }]);
  const all = (kind: string, names: readonly string[]): Row[] =>
    linesOf(kind).map(([, ...values]) => ({
      program,
      ...Object.fromEntries(names.map((name, i) => [name, values[i]])),
    }));
  await put(driver, "journal", all("entry", ["position", "kind", "body", "time"]));
  const snapshots = all("snapshot", ["position", "turn", "hash", "body"]);
  await put(
    driver,
    "snapshots",
    snapshots.map((one) => ({ ...one, pinned: 0 })),
  );
  await put(driver, "output", all("output", ["serial", "branch", "number", "text"]));
  const deliveries = linesOf("delivery") as [string, Row][];
  await put(
    driver,
    "inbox",
    deliveries.map(([, one]) => ({ ...one, program, rank: 1 })),
  );
  await put(
    driver,
    "code",
    all("unit", ["hash", "code", "debug"]).map((one) => ({ ...one, used_at: 1 })),
  );
  await put(
    driver,
    "blobs",
    all("blob", ["hash", "body"]).map((one) => ({ ...one, used_at: 1 })),
  );
  await driver.exec("VACUUM");
  await driver.close();
}

test("every version of every format has its golden file", async () => {
  if (rewriting) {
    const file = kept(`export-v${FORMAT}.jsonl.gz`);
    if (!existsSync(file)) writeFileSync(file, gzipSync(await madeExport(), { level: 9 }));
    for (let schema = 1; schema <= SCHEMA; schema++) {
      const golden = kept(`store-sqlite-${schema}.db.gz`);
      if (existsSync(golden)) continue;
      const path = join(scratchFolder(), "store.db");
      await makeStore(path, schema);
      writeFileSync(golden, gzipSync(readFileSync(path), { level: 9 }));
    }
    const journal = kept("journal-v1.json.gz");
    if (!existsSync(journal)) {
      const lines = Object.entries(EXAMPLES).map(([kind, [, text]]) => JSON.stringify([kind, text]));
      writeFileSync(journal, gzipSync(`[\n${lines.join(",\n")}\n]\n`));
    }
    throw new Error("golden files were written; run again without FLOWMETAL_GOLDEN to compare");
  }
  const there = readdirSync(folder);
  for (let version = 1; version <= FORMAT; version++) expect(there).toContain(`export-v${version}.jsonl.gz`);
  for (let schema = 1; schema <= SCHEMA; schema++) expect(there).toContain(`store-sqlite-${schema}.db.gz`);
  for (const version of SNAPSHOT_VERSIONS)
    expect(there.some((name) => name.startsWith(`snapshot-v${version}-`))).toBe(true);
  // Code and images are in the exports: those of this version in the newest.
  const [[, , image]] = linesOf("image") as [string, string, string][];
  expect((JSON.parse(image) as { v: number }).v).toBe(IMAGE_VERSION);
  for (const [, , code] of linesOf("unit")) expect((JSON.parse(code as string) as { v: number }).v).toBe(CODE_VERSION);
});

/** What became of the program of a golden file: it goes on to the end it would have had. */
async function endOf(url: string, id: string): Promise<unknown> {
  const client = await openClient(url, { create: false });
  onTestFinished(() => client.close());
  expect((await client.inspect(id, { frames: 50, valueLength: 200 })).faults).toEqual([]);
  expect(await client.replay(id)).toMatchObject({ same: true });
  const run = await client.resume(id, { ...quiet, onOwner: () => undefined });
  return run.ended;
}

const END = { status: "done", result: { text: "[12345678901234567890 :bound]" } };

for (let schema = 1; schema <= SCHEMA; schema++) {
  test.skipIf(rewriting)(`a store of schema ${schema} is migrated, and its program goes on`, async () => {
    const path = join(scratchFolder(), "store.db");
    writeFileSync(path, unzip(`store-sqlite-${schema}.db.gz`));
    const driver = await openDriver(defaultDriver(), { path, host, patience: 1000 });
    expect(await driver.get("SELECT schema FROM meta")).toEqual({ schema });
    const [[, hash, body]] = linesOf("image") as [string, string, string][];
    await put(driver, "images", [{ hash, body, used_at: 1 }]);
    const { id } = (await driver.get("SELECT id FROM programs"))!;
    await driver.close();
    expect(await endOf(`sqlite:${path}`, id as string)).toMatchObject(END);
  });
}

for (let version = 1; version <= FORMAT; version++) {
  test.skipIf(rewriting)(`an export of format ${version} is imported, and its program goes on`, async () => {
    const url = `sqlite:${join(scratchFolder(), "store.db")}`;
    const client = await openClient(url, { create: true });
    const bytes = unzip(`export-v${version}.jsonl.gz`);
    const [{ id }] = await client.import(() => [bytes], { name: "golden", back: false, pending: "leave" });
    await client.close();
    expect(await endOf(url, id)).toMatchObject(END);
  });
}

test.skipIf(rewriting)("entries of every kind, with every field, read as they did, and are written the same", () => {
  const journal = JSON.parse(unzip("journal-v1.json.gz").toString("utf8")) as [EntryKind, string][];
  expect(journal.map(([kind]) => kind)).toEqual(Object.keys(EXAMPLES));
  for (const [kind, text] of journal) {
    const body = decodeBody(kind, text);
    expect(body).toEqual(EXAMPLES[kind][0]);
    expect(encodeBody(kind, body as never)).toBe(text);
  }
});
