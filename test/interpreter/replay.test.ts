// A journal leads to one state from wherever it is replayed; and one that somebody has changed is found out, with the entry named.
import { expect, test } from "vitest";
import { findImage } from "../../src/client/find-image.ts";
import { loadProgram } from "../../src/interpreter/loading.ts";
import { decodeBody } from "../../src/journal/codec.ts";
import { type Entry, isInput } from "../../src/journal/entry.ts";
import { stateHash } from "../../src/snapshot/snapshot.ts";
import type { SnapshotRow } from "../../src/store/rows.ts";
import type { Store } from "../../src/store/store.ts";
import { atStore } from "./bench.ts";
import { ENDINGS, type Kept, tampered, verify, withJournal } from "./journals.ts";

// ---- from every snapshot

/** The state hash of a program that is loaded from a snapshot (null: from its start) and the entries behind it. */
async function hashFrom(store: Store, id: string, snapshot: SnapshotRow | null): Promise<string> {
  const readSnapshot: Store["readSnapshot"] = async () => snapshot;
  const only = new Proxy(store, {
    get: (target, name) => {
      const value: unknown = name === "readSnapshot" ? readSnapshot : Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const loaded = await loadProgram({ store: only, image: findImage }, id);
  return stateHash(loaded.machine.state);
}

test.each(ENDINGS)("a program that is %s has the same state from every snapshot that was ever written", (ending) =>
  withJournal(ending, async ({ bench, id, snapshots }) => {
    const hash = await hashFrom(bench.store, id, null);
    expect(snapshots.length).toBeGreaterThan(5);
    for (const snapshot of snapshots) expect(await hashFrom(bench.store, id, snapshot)).toBe(hash);
    const { status } = await bench.row(id);
    if (status !== "done" && status !== "cancelled") expect(snapshots.at(-1)?.hash).toBe(hash);
    expect(await bench.verify(id)).toMatchObject({ same: true, recorded: snapshots.at(-1)?.hash });
  }),
);

test("a long journal has the same state from every snapshot that is kept", () =>
  atStore("sqlite", async (bench) => {
    const process = await bench.process((attempt) => attempt.answer(attempt.args));
    process.start(`
      (defforeign ask :topic "ask")
      (def log (atom []))
      (def squares (map (fn [x] (* x x)) (iterate inc 0)))
      (loop [n 0]
        (swap! log conj [(nth squares n) (ask n)])
        (println n)
        (if (< n 140) (recur (inc n)) (throw (error :app/full "enough" {:n n}))))`);
    expect(await process.ended()).toBe("faulted");
    const kept = await bench.store.listSnapshots({ program: process.id });
    const rows = await Promise.all(kept.map((position) => bench.store.readSnapshot({ program: process.id, position })));
    expect(rows.map((row) => row?.turn)).toEqual([64, 128, 142]);
    for (const row of [null, ...rows]) expect(await hashFrom(bench.store, process.id, row)).toBe(rows[2]?.hash);
  }));

// ---- changed journals

/** A change of the store, and between which entries a verification must find the first difference. */
interface Change {
  readonly what: string;
  readonly sql: string;
  readonly first: number;
  readonly last: number;
}

/** Changes that a verification does not find, or not as it should: nothing but the name of an entry and a sentence. */
async function missed(kept: Kept, changes: readonly Change[]): Promise<string[]> {
  const bad: string[] = [];
  for (const { what, sql, first, last } of changes) {
    const { code, stdout, stderr } = await tampered(kept, sql, () => verify(kept));
    const named = Number(/\n {2}first difference at entry (\d+)\n/.exec(stdout)?.[1] ?? Number.NaN);
    const why = stdout.trimEnd().split("\n").at(-1) as string;
    const clear =
      named >= first && named <= last && why.includes(`entry ${named}`) && !/\bbug\b|Error|\.ts\b/.test(why);
    if (code !== 1 || stderr !== "" || !clear) bad.push(`${what}: ${code} ${stdout}${stderr}`);
  }
  expect(await verify(kept)).toMatchObject({ code: 0 });
  return bad;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The last entry of the turn that took in the entry at `position`. */
function endOf(journal: readonly Entry[], position: number): number {
  const turn = journal.find((entry) => entry.kind === "turn" && entry.position >= position) ?? journal[position];
  const next = journal.find(
    (entry) => entry.position > turn.position && (isInput(entry.kind) || entry.kind === "turn"),
  );
  return (next?.position ?? journal.length) - 1;
}

/** Every body in which `find` is found, with what it is replaced by. */
function replaced(
  journal: readonly Entry[],
  kind: string,
  find: RegExp,
  by: string | ((all: string, ...groups: string[]) => string),
): Change[] {
  return journal.flatMap((entry) => {
    const body = entry.body.replace(find, by as string);
    if (entry.kind !== kind || body === entry.body) return [];
    const what = `${kind} ${entry.position}: ${find} -> ${String(by)}`;
    const sql = `UPDATE journal SET body = ${quoted(body)} WHERE position = ${entry.position}`;
    return [{ what, sql, first: entry.position, last: endOf(journal, entry.position) }];
  });
}

const more = (_: string, before: string, n: string): string => `${before}${Number(n) + 1}`;
const ZEROS = "0".repeat(64);

/** Fields of entries changed, each to something that could stand there. */
function changedFields(journal: readonly Entry[]): Change[] {
  const change = (kind: string, find: RegExp, by: Parameters<typeof replaced>[3]) => replaced(journal, kind, find, by);
  return [
    ...change("start", /"args":\["v"\]/, '"args":["v",1]'),
    ...change("start", /("source":")[0-9a-f]{64}/, `$1${ZEROS}`),
    // Nothing depends on the answer that came too late: below.
    ...change("answer", /"body":"(first|second|third)"/, '"body":"another"'),
    ...change(
      "answer",
      /"ok","body":"(first|second|third)"/,
      '"error","body":{"type":"app/no","message":"no","data":null}',
    ),
    ...change("answer", /"key":"./, '"key":"0'),
    ...change("timer", /("ref":)(\d+)/, more),
    ...change("timer", /("due":)(\d+)/, more),
    ...change("command", /"command":"(pause|cancel)"/, '"command":"resume"'),
    ...change("command", /"command":"resume"/, '"command":"pause"'),
    ...change("command", /("command":"cancel","baseTurn":null,"author":"test","reason":)"because"/, '$1"whim"'),
    ...change("turn", /("turn":)(\d+)/, more),
    ...change("turn", /("ticks":)(\d+)/, more),
    ...change("turn", /"status":"waiting"/, '"status":"faulted"'),
    ...change("turn", /"status":"(done|paused|faulted|cancelled)"/, '"status":"waiting"'),
    ...change("turn", /"hash":"./, (all) => (all.endsWith("0") ? '"hash":"1' : '"hash":"0')),
    ...change("turn", /"made":\[\{"key":"./, '"made":[{"key":"0'),
    ...change("turn", /("payload":\[)(\d)/, more),
    ...change("turn", /"made":\[\{.*?\}\]/, '"made":[]'),
    ...change("turn", /"made":\[\]/, '"made":[{"key":"k","kind":"http","topic":""}]'),
    ...change("turn", /"observations":\[\[.*?\]\],"made"/, '"observations":[],"made"'),
    ...change("turn", /\],"made"/, ',["now",1]],"made"'),
    ...change("turn", /(\["now",)(\d+)/, more),
    ...change("turn", /\["now",/, '["entropy",'),
    ...change("turn", /\["fn","[0-9a-f]{64}/, `["fn","${ZEROS}`),
    ...change("fault", /"no"/, '"yes"'),
    ...change("fault", /("task":)(\d+)/, more),
    ...change("done", /"begun"/, '"ended"'),
    ...change("cancelled", /"because"/, '"whim"'),
  ];
}

/** Entries taken out, with the gap they leave, or so that only what the others say can tell. */
function removed(journal: readonly Entry[]): Change[] {
  const last = journal.length - 1;
  return journal.flatMap(({ position: p }) => {
    const gap = { what: `without ${p}`, sql: `DELETE FROM journal WHERE position = ${p}`, first: p, last: p };
    const up = `UPDATE journal SET position = -position WHERE position > ${p};
      UPDATE journal SET position = -position - 1 WHERE position < 0; UPDATE programs SET position = position - 1`;
    // The one before may have lost its turn, or what was told behind it.
    const closed = { what: `${gap.what}, closed up`, sql: `${gap.sql}; ${up}`, first: p - 1, last };
    return p === 0 ? [gap] : [gap, closed];
  });
}

/** Each entry in the place of the next one, and of the next of its kind. Two commands of one name are alike to a program. */
function swapped(journal: readonly Entry[]): Change[] {
  const name = (entry: Entry): string => (entry.kind === "command" ? decodeBody("command", entry.body).command : "");
  return journal.flatMap((one, index) => {
    const next = journal.slice(index + 1, index + 2);
    const alike = journal.slice(index + 2).find((other) => other.kind === one.kind);
    const others = alike === undefined || (name(one) !== "" && name(one) === name(alike)) ? next : [...next, alike];
    return others.map((other) => ({
      what: `${one.position} and ${other.position} swapped`,
      sql: `UPDATE journal SET position = -1 WHERE position = ${one.position};
        UPDATE journal SET position = ${one.position} WHERE position = ${other.position};
        UPDATE journal SET position = ${other.position} WHERE position = -1`,
      first: one.position,
      last: endOf(journal, other.position),
    }));
  });
}

/** What is no entry at all. */
function broken(journal: readonly Entry[]): Change[] {
  return journal.flatMap(({ position: p }) => {
    const change = { first: p, last: endOf(journal, p) };
    return ["body = '{'", "body = '{}'", "kind = 'riddle'"].map((set) => ({
      ...change,
      what: `${p}: ${set}`,
      sql: `UPDATE journal SET ${set} WHERE position = ${p}`,
    }));
  });
}

/** What the rest of the store has of the program. */
function besides(journal: readonly Entry[], outputs: number): Change[] {
  const last = journal.length - 1;
  const anywhere = { first: 0, last };
  return [
    { what: "output changed", sql: `UPDATE output SET text = 'x' WHERE serial = ${outputs}`, ...anywhere },
    { what: "output removed", sql: `DELETE FROM output WHERE serial = ${outputs}`, ...anywhere },
    { what: "output in the middle removed", sql: "DELETE FROM output WHERE serial = 2", ...anywhere },
    { what: "another snapshot", sql: `UPDATE snapshots SET hash = '${ZEROS}'`, ...anywhere },
    { what: "a longer row", sql: "UPDATE programs SET position = position + 1", first: last + 1, last: last + 1 },
    { what: "a shorter row", sql: "UPDATE programs SET position = position - 1", first: last - 1, last },
  ];
}

/** Entries up to here are the same for all endings. */
const COMMON = 12;

test.each(ENDINGS)("a changed journal of a program that is %s is found out", { timeout: 120_000 }, (ending) =>
  withJournal(ending, async (kept) => {
    const journal = await kept.bench.journal(kept.id);
    const { output } = await kept.bench.row(kept.id);
    const changes = [changedFields, removed, swapped, broken].flatMap((changed) => changed(journal));
    const own = changes.filter(({ first }) => ending === "done" || first >= COMMON);
    expect(own.length).toBeGreaterThan(20);
    expect(await missed(kept, [...own, ...besides(journal, output)])).toEqual([]);
  }),
);

test("a change that nothing in the program depends on cannot be found out", () =>
  withJournal("waiting", async (kept) => {
    const ignored = `UPDATE journal SET body = replace(body, '"too late"', '"even later"')`;
    expect(await tampered(kept, ignored, () => verify(kept))).toEqual(await verify(kept));
  }));

test("--json says the same", () =>
  withJournal("done", async (kept) => {
    const { code, stdout, stderr } = await tampered(kept, "DELETE FROM journal WHERE position = 5", () =>
      verify(kept, "--json"),
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      id: kept.id,
      same: false,
      divergedAt: 5,
      why: "entry 5 of the journal is missing",
    });
  }));
