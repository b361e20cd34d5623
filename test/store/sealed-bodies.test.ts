// What a sealed store hides, what it refuses, and how its keys are changed: on memory, a file and PostgreSQL.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/hash.ts";
import { seededRandom } from "../../src/base/random.ts";
import { encodeBody, newEntry } from "../../src/journal/codec.ts";
import { BODY_TABLE_NAMES, type BodyRow, type BodyTableName } from "../../src/store/bodies.ts";
import { openMemoryStore } from "../../src/store/memory/memory-store.ts";
import { openStore } from "../../src/store/open.ts";
import { sealedWith } from "../../src/store/sealed/form.ts";
import { newKeyText, readKeys } from "../../src/store/sealed/keys.ts";
import { rotate } from "../../src/store/sealed/rotate.ts";
import { SealState } from "../../src/store/sealed/seal-state.ts";
import { sealedStore } from "../../src/store/sealed/sealed-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { backupDatabase, restoreDatabase } from "../../src/store/postgres/upkeep.ts";
import { newSchema, postgresUrl, sql, withQuery } from "../support/postgres/shared.ts";
import { openTestPostgres } from "./postgres-support.ts";
import { Bench, effect, inFolder, TestHost, turnEntry } from "./support.ts";

const random = seededRandom("sealed bodies");
const [old, fresh, other] = [1, 2, 3].map(() => newKeyText(random));
const ring = (...texts: string[]) => readKeys(texts.join("\n"), "the test");
const SECRET = "kaffeesatz-7719";
const body = JSON.stringify(SECRET);

interface Under {
  readonly inner: Store;
  readonly host: TestHost;
  /** Everything the database has written down. */
  readonly bytes: () => Promise<string>;
}

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0)) await one();
});

const KINDS: Readonly<Record<string, () => Promise<Under>>> = {
  memory: async () => {
    const host = new TestHost();
    const inner = openMemoryStore(host);
    const bytes = async () => {
      const rows = await Promise.all(BODY_TABLE_NAMES.map((table) => all(inner, table)));
      return JSON.stringify([rows, await inner.listPrograms({}), await inner.readSeal()]);
    };
    return { inner, host, bytes };
  },
  SQLite: async () => {
    const host = new TestHost();
    const folder = mkdtempSync(join(tmpdir(), "flowmetal-sealed-"));
    const inner = await openSqliteStore({ path: join(folder, "s.db"), host, synchronous: "NORMAL" });
    undo.push(async () => {
      await inner.close();
      rmSync(folder, { recursive: true });
    });
    const bytes = async () => {
      const files = readdirSync(folder);
      expect(files.sort()).toEqual(["s.db", "s.db-shm", "s.db-wal"]);
      return files.map((file) => readFileSync(join(folder, file), "latin1")).join("\n");
    };
    return { inner, host, bytes };
  },
  PostgreSQL: async () => {
    const host = new TestHost();
    const { store, url, remove } = await openTestPostgres(host);
    undo.push(remove);
    const schema = new URL(url).searchParams.get("schema")!;
    const bytes = async () => {
      const tables = await sql(
        url,
        `SELECT table_name FROM information_schema.tables WHERE table_schema = '${schema}'`,
      );
      const rows = tables.map(({ table_name }) => sql(url, `SELECT t::text FROM ${schema}.${String(table_name)} AS t`));
      return JSON.stringify(await Promise.all(rows));
    };
    return { inner: store, host, bytes };
  },
};

const all = (inner: Store, table: BodyTableName) => inner.readBodies({ table, after: null, limit: 10_000 });

async function open({ inner, host }: Under, ...keys: string[]) {
  const state = await SealState.open(inner, host, ring(...keys));
  const store = sealedStore(inner, state);
  const bench = new Bench(store, host);
  await bench.register();
  return { bench, store, state };
}

/** A program that has the secret wherever a program can have one, in each table. */
async function filled(bench: Bench) {
  const { store, host } = bench;
  const start = newEntry("start", {
    source: sha256(SECRET),
    name: "t.fm",
    args: `["v",${body}]`,
    image: "img",
    versions: ["0.1.0", "p1", "u15"],
  }).body;
  let row = await bench.owned({ start, labels: { label: "plain-label" } });
  const { id } = row;
  const message = encodeBody("message", { key: "m", name: "n", from: null, body });
  await store.deliver({ program: id, key: "m", kind: "message", body: message });
  const [taken] = await store.readInbox({ program: id });
  row = await bench.step(row, {
    entries: [newEntry("message", { key: "m", name: "n", from: null, body }), turnEntry(row.turn + 1)],
    consumed: [{ id: taken.id, position: row.position }],
    effects: [
      effect("open", { payload: body, contract: `{"retries":${body}}` }),
      effect("answered", { payload: body }),
      effect("mine", { payload: body, state: "sending" }),
    ],
    output: [{ branch: 0, number: 0, text: `${SECRET} é\u0000` }],
    texts: {
      units: [{ hash: sha256("unit"), code: `{"c":${body}}`, debug: `{"d":${body}}` }],
      images: [{ hash: sha256("image"), body: `{"i":${body}}` }],
      blobs: [{ hash: sha256(SECRET), body: SECRET }],
    },
    snapshot: { hash: sha256("state"), body: `{"s":${body}}` },
    chunks: [{ hash: sha256("chunk").slice(0, 32), body: `{"k":${body}}` }],
    after: {
      waiting: [{ task: 1, kind: "http", what: `${SECRET}.example`, since: 1, at: `${SECRET}.fm:1:1` }],
      error: `["e",${body}]`,
      result: body,
    },
  });
  row = await bench.step(row, {
    settled: [{ key: "mine", state: "settled", outcome: "ok", body }],
    after: { ...row, result: body, error: body },
  });
  await bench.answer(row, "answered", body);
  const [claimed] = await store.claimEffects({
    owner: bench.interpreter,
    limit: 1,
    queues: ["default"],
    capabilities: ["http"],
  });
  const { key, term } = claimed;
  await store.settleEffect({ key, owner: bench.interpreter, term, outcome: "error", body });
  const command = { id: host.newId(), command: "pause", baseTurn: null, author: SECRET, reason: SECRET, body } as const;
  await store.putCommand({ program: id, command });
  return row;
}

/** Everything a store answers about a program. */
async function told(store: Store, id: string) {
  return {
    rows: await store.readRows({ program: id }),
    row: { ...(await store.readProgram({ program: id })) },
    journal: await store.readJournal({ program: id }),
    snapshot: await store.readSnapshot({ program: id }),
    chunks: await store.readChunks({ program: id, hashes: [sha256("chunk").slice(0, 32)] }),
    inbox: await store.readInbox({ program: id }),
    effects: (await store.listEffects({ program: id })).map((one) => ({ ...one })),
    output: await store.readOutput({ program: id }),
    texts: [
      await store.readUnit({ hash: sha256("unit") }),
      await store.readImage({ hash: sha256("image") }),
      await store.readBlob({ hash: sha256(SECRET) }),
    ],
  };
}

describe.each(Object.entries(KINDS))("a sealed %s store", (_, make) => {
  test("has no text of a program, and no hash of one, where others can read it", async () => {
    const under = await make();
    const { bench, store } = await open(under, old);
    const row = await filled(bench);
    // The secret is there for who has the key: in each table.
    const known = JSON.stringify(await told(store, row.id));
    expect(known.split(SECRET).length).toBeGreaterThan(25);
    for (const table of BODY_TABLE_NAMES) expect((await all(under.inner, table)).length, table).toBeGreaterThan(0);
    await store.releaseProgram({ program: row.id, interpreter: bench.interpreter, term: row.term });
    const paused = await bench.step(await bench.claim(row.id), { after: { status: "paused", release: true } });
    const turn = newEntry("turn", {
      turn: paused.turn + 1,
      versions: ["0.1.0", "p1", "u15"],
      status: "moved",
      ticks: 0,
      observations: [],
      made: [],
    });
    await store.moveProgram({ program: row.id, turn: paused.turn, entry: turn.body, to: SECRET });
    const [{ body: moved }] = (await store.readJournal({ program: row.id })).slice(-1);
    expect(moved).toContain(SECRET);
    const bytes = await under.bytes();
    expect(bytes).toContain("plain-label");
    const hashes = ["unit", "image", "state", SECRET].map(sha256);
    for (const text of [SECRET, Buffer.from(SECRET).toString("base64url"), ...hashes, sha256("chunk").slice(0, 32)])
      expect(bytes.includes(text), text).toBe(false);
  });

  test("opens with all its keys and no others", async () => {
    const under = await make();
    await open(under, old);
    for (const keys of [[], [fresh], [other, fresh]]) {
      const opened = SealState.open(under.inner, under.host, keys.length === 0 ? [] : ring(...keys));
      await expect(opened).rejects.toMatchObject({
        code: "store/sealed",
        hint: expect.stringContaining("FLOWMETAL_KEY_FILE"),
      });
    }
    const { bench } = await open(under, fresh, old);
    // A key that the seal does not name seals nothing.
    await filled(bench);
    expect(await idsUsed(under.inner)).toEqual([ring(old)[0].id]);
  });

  test("a store with plain bodies is not opened with a key", async () => {
    const under = await make();
    const bench = new Bench(under.inner, under.host);
    await bench.register();
    await bench.owned();
    await expect(SealState.open(under.inner, under.host, ring(old))).rejects.toMatchObject({
      code: "store/not-sealed",
    });
    expect(await under.inner.readSeal()).toBeNull();
  });

  test("refuses by name whatever was changed, put elsewhere, cut short or put in plain", {
    timeout: 60_000,
  }, async () => {
    const under = await make();
    const { bench, store } = await open(under, old);
    const row = await filled(bench);
    // One text of each kind that is to change places with one of the same column elsewhere.
    const second = await filled(await twin(bench));
    const before = JSON.stringify(await told(store, row.id));
    let tried = 0;
    for (const table of BODY_TABLE_NAMES) {
      const rows = await all(under.inner, table);
      for (const one of rows) {
        if (one.program === second.id) continue;
        for (const [column, text] of Object.entries(one.texts)) {
          const sealed = text === null ? null : sealedIn(column, text);
          if (sealed === null) continue;
          for (const wrong of damages(sealed, elsewhere(rows, one, column))) {
            const changed = { ...one.texts, [column]: withText(column, text!, wrong) };
            const change = { at: one.at, program: one.program, was: one.texts, now: changed };
            expect(await under.inner.replaceBodies({ table, rows: [change] })).toBe(1);
            const refusal = (await told(store, row.id).then(
              () => null,
              (error: unknown) => error,
            )) as Error & { code: string; data: object };
            expect(refusal, `${table}.${column} ${wrong.slice(0, 30)}`).toMatchObject({
              code: "seal/broken",
              data: { table },
            });
            if (one.program !== "") expect(refusal.message).toContain(one.program);
            if (table === "journal") expect(refusal.data).toMatchObject({ position: Number(one.key.split(" ")[0]) });
            const back = { at: one.at, program: one.program, was: changed, now: one.texts };
            expect(await under.inner.replaceBodies({ table, rows: [back] })).toBe(1);
            tried++;
          }
        }
      }
    }
    expect(tried).toBeGreaterThan(100);
    expect(JSON.stringify(await told(store, row.id))).toBe(before);
  });

  test("a seal that somebody changed is refused, and so are rows of another store", async () => {
    const under = await make();
    const { store } = await open(under, old);
    const was = (await store.readSeal())!;
    const seal = JSON.parse(was) as { v: number; newest: string; keys: Record<string, string> };
    const id = ring(other)[0].id;
    const wrong = [
      "{",
      "null",
      JSON.stringify({ ...seal, v: 2 }),
      JSON.stringify({ ...seal, newest: id }),
      JSON.stringify({ ...seal, keys: {} }),
      JSON.stringify({
        ...seal,
        newest: id,
        keys: { [id]: seal.keys[seal.newest], [seal.newest]: seal.keys[seal.newest] },
      }),
      was.replace(/.("}})$/, "$1"),
    ];
    for (const text of wrong) {
      expect(await under.inner.writeSeal({ was: await under.inner.readSeal(), now: text })).toBe(true);
      await expect(SealState.open(under.inner, under.host, ring(old, other)), text).rejects.toMatchObject({
        code: "seal/broken",
      });
    }
  });

  test("keys rotate beside who uses the store; afterwards the old one is not needed", { timeout: 30_000 }, async () => {
    const under = await make();
    const { bench, store } = await open(under, old);
    const row = await filled(bench);
    const before = JSON.stringify(await told(store, row.id));
    const both = await open(under, fresh, old);
    const asleep = { ...under.host.clock, sleep: () => Promise.resolve() };
    const report = await rotate(under.inner, both.state, { clock: asleep });
    expect(report).toMatchObject({ key: ring(fresh)[0].id, retired: [ring(old)[0].id] });
    expect(report.texts).toBeGreaterThan(20);
    expect(await idsUsed(under.inner)).toEqual([ring(fresh)[0].id]);
    expect(JSON.stringify(await told((await open(under, fresh)).store, row.id))).toBe(before);
    await expect(SealState.open(under.inner, under.host, ring(old))).rejects.toMatchObject({ code: "store/sealed" });
    // Who has the old key only is told so, and seals nothing with it any more.
    await expect(stale(store, row.id)).rejects.toMatchObject({ code: "store/sealed" });
    expect(await rotate(under.inner, both.state, { clock: asleep })).toMatchObject({ texts: 0, retired: [] });
  });

  test("a text that does not open keeps the old key, and the rest is sealed anew", async () => {
    const under = await make();
    const { bench } = await open(under, old);
    await filled(bench);
    const [one] = await all(under.inner, "journal");
    const wrong = { ...one.texts, body: one.texts.body!.replace(/.{4}"$/, 'AAAA"') };
    await under.inner.replaceBodies({
      table: "journal",
      rows: [{ at: one.at, program: one.program, was: one.texts, now: wrong }],
    });
    const { state } = await open(under, fresh, old);
    const asleep = { ...under.host.clock, sleep: () => Promise.resolve() };
    await expect(rotate(under.inner, state, { clock: asleep })).rejects.toMatchObject({
      code: "seal/broken",
      data: { table: "journal" },
    });
    expect([...state.seal.ids].sort()).toEqual(
      ring(fresh, old)
        .map(({ id }) => id)
        .sort(),
    );
    expect(
      (await all(under.inner, "journal")).filter(({ texts }) => sealedWith(texts.body!) === ring(old)[0].id),
    ).toHaveLength(1);
  });

  test("code and texts that programs name stay, whatever else is collected", async () => {
    const under = await make();
    const { bench, store } = await open(under, old);
    await filled(bench);
    await store.writeTexts({ blobs: [{ hash: sha256("unnamed"), body: "unnamed" }] });
    under.host.clock.time += 30 * 86_400_000;
    const found = await store.collectTexts({ before: under.host.clock.time, dryRun: true });
    expect(found.blobs).toEqual([sha256("unnamed")]);
    await store.collectTexts({ before: under.host.clock.time });
    expect(await store.readBlob({ hash: sha256(SECRET) })).toBe(SECRET);
    expect(await store.readBlob({ hash: sha256("unnamed") })).toBeNull();
  });
});

test("a file is opened by openStore with its keys, and never without", () =>
  inFolder(async (folder) => {
    const host = new TestHost();
    const params = { url: "sqlite:s.db", host, folder };
    const store = await openStore({ ...params, keys: ring(old) });
    const row = await filled(await registered(new Bench(store, host)));
    const before = JSON.stringify(await told(store, row.id));
    await store.close();
    await expect(openStore(params)).rejects.toMatchObject({ code: "store/sealed" });
    await expect(openStore({ ...params, keys: ring(other) })).rejects.toMatchObject({ code: "store/sealed" });
    const again = await openStore({ ...params, keys: ring(old), readOnly: true });
    expect(JSON.stringify(await told(again, row.id))).toBe(before);
    await again.close();
    await (await openStore({ url: "sqlite:plain.db", host, folder })).close();
    const looking = openStore({ url: "sqlite:plain.db", host, folder, keys: ring(old), readOnly: true });
    await expect(looking).rejects.toMatchObject({ code: "store/not-sealed" });
  }));

test("keys are read from lines, with comments; what is none is refused and never shown", () => {
  const keys = readKeys(`# new\n${fresh}\n\n  ${old}   # of 2025\r\n${fresh}\n`, "the test");
  expect(keys.map(({ id }) => id)).toEqual([ring(fresh)[0].id, ring(old)[0].id]);
  expect(keys[0].id).toMatch(/^[0-9a-f]{12}$/);
  for (const text of ["", "# none\n", "fmk1-short", `${old}x`, old.slice(5), `${old}\nhunter2`]) {
    const refused = (() => {
      try {
        return readKeys(text, "the test");
      } catch (error) {
        return error as Error & { code: string };
      }
    })() as Error & { code: string };
    expect(refused).toMatchObject({ code: "seal/bad-key" });
    expect(refused.message).not.toContain(old.slice(6, 20));
    expect(refused.message).not.toContain("hunter2");
  }
});

async function registered(bench: Bench): Promise<Bench> {
  await bench.register();
  return bench;
}

/** Another interpreter of the same store, whose effects have other keys: a program of its own with the same content. */
async function twin(bench: Bench): Promise<Bench> {
  const renamed = new Proxy(bench.store, {
    get: (store, name) => {
      const value = store[name as keyof Store] as unknown;
      if (name !== "commitTurns") return typeof value === "function" ? value.bind(store) : value;
      const commit: Store["commitTurns"] = (batch) => {
        const turns = batch.turns.map((turn) => ({
          ...turn,
          ...(turn.effects && { effects: turn.effects.map((one) => ({ ...one, key: `${one.key}2` })) }),
          ...(turn.settled && { settled: turn.settled.map((one) => ({ ...one, key: `${one.key}2` })) }),
        }));
        return store.commitTurns({ ...batch, turns });
      };
      return commit;
    },
  });
  const other = new Bench(renamed, bench.host);
  await other.register();
  return other;
}

/** The sealed text in a column. */
function sealedIn(column: string, text: string): string | null {
  if (column !== "waiting") return sealedWith(text) === null ? null : text;
  const waits = text.startsWith("[{") ? (JSON.parse(text) as { what: string }[]) : [];
  return waits[0]?.what ?? null;
}

/** The column with another text in place of the sealed one. */
function withText(column: string, text: string, other: string): string {
  if (column !== "waiting") return other;
  const [wait] = JSON.parse(text) as object[];
  return JSON.stringify([{ ...wait, what: other }]);
}

/** A sealed text of the same column of another row, or of another column. */
function elsewhere(rows: readonly BodyRow[], one: BodyRow, column: string): string | null {
  const others = rows.filter((row) => row !== one).flatMap(({ texts }) => texts[column] ?? []);
  const columns = Object.entries(one.texts).flatMap(([name, text]) =>
    name === column || text === null ? [] : (sealedIn(name, text) ?? []),
  );
  const found = [...others.flatMap((text) => sealedIn(column, text) ?? []), ...columns];
  return found[0] ?? null;
}

function damages(sealed: string, other: string | null): string[] {
  const [first, key, data] = sealed.slice(1, -1).split(".");
  const text = (bytes: string) => `"${first}.${key}.${bytes}"`;
  const middle = data.length >> 1;
  const flipped = data.slice(0, middle) + (data[middle] === "A" ? "B" : "A") + data.slice(middle + 1);
  const wrong = [
    text(flipped),
    text(data.slice(0, -4)),
    text(data.slice(4)),
    text("AAAA"),
    `"${first}.${key}."`,
    '"plain"',
    "{}",
  ];
  return other === null ? wrong : [...wrong, other];
}

/** Ids of the keys that anything in a store is sealed with. */
async function idsUsed(inner: Store): Promise<string[]> {
  const ids = new Set<string>();
  for (const table of BODY_TABLE_NAMES) {
    for (const { texts } of await all(inner, table)) {
      for (const [column, text] of Object.entries(texts)) {
        const sealed = text === null ? null : sealedIn(column, text);
        if (sealed !== null) ids.add(sealedWith(sealed)!);
      }
    }
  }
  return [...ids].sort();
}

/** Uses a store whose seal was read more than a second ago. */
async function stale(store: Store, id: string): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  const answer = newEntry("answer", { key: "late", outcome: "ok", body: "1" }).body;
  await store.deliver({ program: id, key: "late", kind: "answer", body: answer });
}

test("a backup of a sealed database is a sealed file, and is restored as one", { timeout: 30_000 }, () =>
  inFolder(async (folder) => {
    const host = new TestHost();
    const { store: inner, url, remove } = await openTestPostgres(host);
    undo.push(remove);
    const { store, bench } = await open({ inner, host, bytes: async () => "" }, old);
    const row = await filled(bench);
    const file = join(folder, "backup.db");
    await backupDatabase({ url, host }, file);
    expect(readFileSync(file, "latin1")).not.toContain(SECRET);
    const params = { url: `sqlite:${file}`, host, folder };
    await expect(openStore(params)).rejects.toMatchObject({ code: "store/sealed" });
    const copy = await openStore({ ...params, keys: ring(old) });
    expect((await copy.readRows({ program: row.id }))!.journal).toEqual(
      (await store.readRows({ program: row.id }))!.journal,
    );
    expect(await copy.readBlob({ hash: sha256(SECRET) })).toBe(SECRET);
    await copy.close();
    const [server, schema] = [await postgresUrl(), newSchema()];
    const target = withQuery(server, { schema });
    undo.push(async () => void (await sql(server, `DROP SCHEMA ${schema} CASCADE`)));
    await restoreDatabase({ url: target, host }, file);
    await expect(openStore({ ...params, url: target })).rejects.toMatchObject({ code: "store/sealed" });
    const restored = await openStore({ ...params, url: target, keys: ring(old) });
    expect(JSON.stringify(await restored.readOutput({ program: row.id }))).toContain(SECRET);
    await restored.close();
    // A store that is sealed already has a seal of its own.
    await expect(restoreDatabase({ url, host }, file)).rejects.toMatchObject({ code: "store/not-empty" });
  }),
);
