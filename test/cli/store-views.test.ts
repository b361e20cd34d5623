// The public views of a store, read by plain SQL while nothing runs: they show what `flowmetal inspect` shows, and the document
// that promises them names every view and column.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import type { SqlDriver, SqlRow } from "../../src/store/sqlite/driver.ts";
import { openSqlite3 } from "../../src/store/sqlite/sqlite3-driver.ts";
import { type CliOptions, flowmetal, startFlowmetal, until } from "../support/cli.ts";
import { needPrograms } from "../support/programs.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";
import { root } from "../support/tree.ts";

const host = { clock: systemClock, random: systemRandom };
const document = readFileSync(join(root, "docs", "store.md"), "utf8");
const blocks = [...document.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) => sql);

/** The query of the document whose text has this in it. */
function query(part: string): string {
  const found = blocks.filter((sql) => sql.includes(part));
  if (found.length !== 1) throw new Error(`docs/store.md has ${found.length} queries with ${part}`);
  return found[0];
}

// Each top-level form is a unit of its own; `map`, `sleep` and `await` are frames of the base image.
const SCRIPT = `(ns shop (:require [flow.time :as time]))
(def rate (atom 3))
(defn pause [order-id note]
  (time/sleep 600000)
  [order-id note])
(defn deliver [order-id items]
  (let [weight (* 99999999999 99999999999)
        note "it's \\"urgent\\" \\\\ é 😀 [\\"n\\",0]"
        long-note (str "a text that is too long to stand in place: " note)
        shared {:items items :note long-note 'sym 2.0 "half" 1/2}
        pair [shared shared]
        many (vec (range 1000))
        few (apply list (range 40))
        table (zipmap (range 100) (range 100 200))
        tags #{:a "b" 0.30000000000000004}
        tagged (with-meta [1 2 3] {:from shared})
        total (atom {:order order-id})
        note-of (fn [x] (str note x weight))
        inner (let [note :outer] (fn [x] (pause x [note weight])))]
    (letfn [(even [n] (if (= n 0) (pause order-id shared) (odd (dec n))))
            (odd [n] (let [answer (even (dec n))] [answer weight]))]
      (try
        (doall (map (fn [item] (let [note (inc item) both (odd note)] [item both tagged])) items))
        (catch :shop/refused e (println e few tags))
        (finally (println (deref total) (note-of 1) many table inner pair))))))
(println "ready")
(defn serve [customer]
  (let [text (let [customer :hidden-by] (prompt :order (vec (handle (deliver "A-17" [2 4]) [ask (fn [args k] (k customer))]))))]
    (str customer text)))
(def other (perform 'flow.core/spawn (fn [] (vec (map (fn [order-id] (pause order-id "second")) ["B-2"])))))
(println (time/with-timeout 900000 (serve "Ada")))
`;

// Each frame holds a list of its own, all of them one list in the snapshot.
const DEEP = `(ns shop (:require [flow.time :as time]))
(defn down [left seen]
  (if (= left 5000)
    (time/sleep 600000)
    (+ 1 (down (inc left) (rest seen)))))
(println "ready")
(down 0 (apply list (range 5000)))
`;

interface Frame {
  readonly kind: string;
  readonly function: string | null;
  readonly place: { readonly file: string; readonly line: number; readonly column: number } | null;
  readonly locals: readonly { readonly name: string; readonly value: { readonly value: unknown } }[];
}

interface Inspection {
  readonly program: {
    readonly id: string;
    readonly waits: readonly { readonly since: number; readonly kind: string }[];
  };
  readonly position: number;
  readonly tasks: readonly { readonly ref: number; readonly state: string; readonly frames: readonly Frame[] }[];
}

/** What `inspect` says of a program that was killed in its sleep, in the store of a folder. */
async function asleep(folder: string, script: string): Promise<Inspection> {
  const options: CliOptions = { cwd: folder, env: { FLOWMETAL_STORE: "store.db" } };
  writeIn(folder, "shop.fm", script);
  const process = startFlowmetal(["eval", "shop.fm"], options);
  await until("it waits", () => process.stdout() === "ready\n");
  process.child.kill("SIGKILL");
  await process.ended;
  const { stdout } = await flowmetal(["inspect", "@last", "--json", "--frames", "100"], options);
  return JSON.parse(stdout) as Inspection;
}

const withId = (sql: string): string => sql.replaceAll("'ID'", `'${inspection.program.id}'`);

/** A list in the form of snapshots as one in one piece: the items, then those of the rest. */
function inOnePiece(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const parts = value.map(inOnePiece) as unknown[];
  if (parts[0] !== "l*" || !Array.isArray(parts[1]) || parts[1][0] !== "l") return parts;
  return ["l", ...parts.slice(2), ...(parts[1].slice(1) as unknown[])];
}

/** The locals of one frame by name, all values that \`inspect\` shows under it: one may hide another. */
function localsByName(frame: Frame): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>();
  for (const { name, value } of frame.locals) found.set(name, [...(found.get(name) ?? []), value.value]);
  return found;
}

function expectFrames(rows: readonly SqlRow[]): void {
  const expected = inspection.tasks.flatMap((task) => task.frames.map((frame) => ({ task: task.ref, frame })));
  expect(rows).toHaveLength(expected.length);
  rows.forEach((row, i) => {
    const { task, frame } = expected[i];
    const place = frame.place === null ? null : `${frame.place.file}:${frame.place.line}:${frame.place.column}`;
    expect(row).toMatchObject({ task, kind: frame.kind, function: frame.function, place });
    const locals = JSON.parse(row.locals as string) as Record<string, unknown>;
    const byName = localsByName(frame);
    expect(Object.keys(locals)).toEqual([...byName.keys()]);
    for (const [name, value] of Object.entries(locals)) expect(byName.get(name)).toContainEqual(inOnePiece(value));
  });
}

const folder = mkdtempSync(join(tmpdir(), "flowmetal-views-"));
const store = join(folder, "store.db");
let inspection: Inspection;
let driver: SqlDriver | null = null;

/** The rows of a query on the store of SCRIPT. */
const all = (sql: string): Promise<readonly SqlRow[]> => (driver as SqlDriver).all(sql);

beforeEach(async () => {
  if (driver !== null) return;
  inspection = await asleep(folder, SCRIPT);
  driver = await openSqlite3({ path: store, host, patience: 1000 });
});

afterAll(async () => {
  await driver?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("the frames and locals of a program killed in its sleep are those that inspect shows", async () => {
  const rows = await all(withId(query("AS place, locals")));
  expectFrames(rows);
  const functions = inspection.tasks.flatMap(({ frames }) => frames.map((frame) => frame.function));
  expect(functions).toEqual(
    expect.arrayContaining(["flow.core/map", "flow.time/sleep", "shop/deliver", "shop/pause", "shop/serve"]),
  );
  expect(rows.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["scope", "catch", "finally", "call"]));
});

test("every query of the document answers, by the driver and by the sqlite3 program alike", async (context) => {
  expect(blocks.length).toBeGreaterThanOrEqual(7);
  const rows = await Promise.all(blocks.map((sql) => all(withId(sql))));
  rows.forEach((found, i) => {
    expect([blocks[i], found.length > 0]).toEqual([blocks[i], true]);
  });
  needPrograms(context, "sqlite3");
  blocks.forEach((sql, i) => {
    const { stdout, stderr } = spawnSync("sqlite3", ["-json", store, withId(sql)], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual(rows[i]);
  });
});

test("a program is found by the value of a local, and what it waits for is what inspect says", async () => {
  const { id, waits } = inspection.program;
  const found = await all(query("l.name = 'order-id'"));
  const frames = inspection.tasks[0].frames;
  const expected = frames.flatMap((frame, depth) =>
    frame.locals.some(({ name, value }) => name === "order-id" && value.value === "A-17")
      ? [{ id, name: "shop.fm", status: "waiting", task: inspection.tasks[0].ref, depth, function: frame.function }]
      : [],
  );
  expect(expected.length).toBeGreaterThan(1);
  expect(found).toEqual(expected);
  const since = new Date(waits[0].since).toISOString().slice(0, 19).replace("T", " ");
  const line = SCRIPT.split("\n").findIndex((text) => text.includes("time/sleep 600000")) + 1;
  const rows = await all(query("t.until"));
  expect(rows).toMatchObject(rows.map(() => ({ program: id, kind: "sleep", since, place: `shop.fm:${line}` })));
  expect(rows.map(({ task }) => task).sort()).toEqual(inspection.tasks.map(({ ref }) => ref));
  expect(rows).toHaveLength(2);
});

test("every local of a frame has a row, also one that another of its name hides", async () => {
  const rows = await all(
    withId(
      "SELECT task, depth, name, value, hidden FROM flowmetal_v1_locals WHERE program = 'ID' ORDER BY task, depth",
    ),
  );
  const frames = inspection.tasks.flatMap(({ ref, frames: all }) => all.map((frame, depth) => ({ ref, depth, frame })));
  let hidden = 0;
  for (const { ref, depth, frame } of frames) {
    const found = rows.filter((row) => row.task === ref && row.depth === depth);
    const shown = found.map(({ name, value }) => [name, inOnePiece(JSON.parse(value as string))]);
    expect(shown).toHaveLength(frame.locals.length);
    expect(shown).toEqual(expect.arrayContaining(frame.locals.map(({ name, value }) => [name, value.value])));
    for (const name of localsByName(frame).keys()) {
      const flags = found.filter((row) => row.name === name).map((row) => row.hidden);
      expect(flags.filter((flag) => flag === 0)).toHaveLength(1);
      hidden += flags.length - 1;
    }
  }
  expect(hidden).toBeGreaterThan(0);
});

test("of two locals with one name the inner one is shown; a cell's content is found by its number", async () => {
  const [inner] = await all(
    "SELECT locals FROM flowmetal_v1_frames WHERE function IS NULL AND locals ->> 'item' = 2 AND kind = 'call'",
  );
  expect(JSON.parse(inner.locals as string)).toMatchObject({ item: 2, note: 3 });
  const cells = await all(withId(query("kind = 'cell'")));
  expect(cells.map(({ value }) => value)).toEqual(expect.arrayContaining(["3", '["m",["k","order"],"A-17"]']));
  const [total] = await all("SELECT value ->> 1 AS ref FROM flowmetal_v1_locals WHERE name = 'total'");
  expect(cells).toContainEqual({ ref: total.ref, value: '["m",["k","order"],"A-17"]' });
});

test("what is not resolved is a mention of a node, and the nodes are there", async () => {
  const sql = "SELECT node, value FROM flowmetal_v1_nodes ORDER BY node";
  const nodes = new Map((await all(sql)).map(({ node, value }) => [node, JSON.parse(value as string) as unknown]));
  const [{ body }] = await all("SELECT body FROM flowmetal_v1_snapshots ORDER BY position DESC LIMIT 1");
  expect([...nodes.values()]).toEqual((JSON.parse(body as string) as { n: unknown[] }).n);
});

test("the document names every view and column, and no others; none can be written", async () => {
  const rows = await all(
    `SELECT v.name AS view, group_concat(c.name, ' ') AS columns FROM sqlite_schema AS v, pragma_table_info(v.name) AS c
     WHERE v.type = 'view' AND v.name LIKE 'flowmetal_%' GROUP BY v.name ORDER BY v.name`,
  );
  const documented = [...document.matchAll(/^\| `(flowmetal_\w+)` \|.*\| `([\w ]+)` \|$/gm)];
  const named = documented.map(([, view, columns]) => ({ view, columns }));
  expect(named.sort((a, b) => (a.view < b.view ? -1 : 1))).toEqual(rows);
  for (const { view } of rows) {
    for (const sql of [`DELETE FROM ${view as string}`, `UPDATE ${view as string} SET program = 'x'`]) {
      await expect((driver as SqlDriver).run(sql)).rejects.toThrow(/cannot modify|no such column/);
    }
  }
});

test("a deep and a faulted program", async () => {
  const place = scratchFolder();
  const deep = await asleep(place, DEEP);
  const other = await openSqlite3({ path: join(place, "store.db"), host, patience: 1000 });
  onTestFinished(() => other.close());
  // A large snapshot is packed: its nodes have keys, and stand in chunks.
  const [row] = await other.all("SELECT body ->> 'v' AS v FROM flowmetal_v1_snapshots ORDER BY position DESC LIMIT 1");
  expect(row.v).toBe(2);
  const nodes = await other.all("SELECT node FROM flowmetal_v1_nodes");
  expect(nodes.length).toBeGreaterThan(300);
  expect(nodes.every(({ node }) => /^[0-9a-f]{16}$/.test(node as string))).toBe(true);
  const frames = await other.all("SELECT depth, function, locals FROM flowmetal_v1_frames ORDER BY depth");
  expect(frames.map(({ depth }) => depth)).toEqual(frames.map((_, i) => i));
  const shown = deep.tasks[0].frames.map((frame) => frame.function);
  expect(frames.slice(0, shown.length).map((frame) => frame.function)).toEqual(shown);
  const down = frames.filter((frame) => frame.function === "shop/down");
  const seen = down.map(({ locals }) => {
    const { left, seen } = JSON.parse(locals as string) as { left: number; seen: readonly unknown[] };
    return [left, seen[0] === "l*" ? seen[2] : seen[1]];
  });
  expect(seen).toEqual(Array.from({ length: 5000 }, (_, n) => [4999 - n, 4999 - n]));
  await flowmetal(["eval", "-e", '(let [reason "no stock"] (throw (error :shop/refused reason {:a [reason]})))'], {
    env: { FLOWMETAL_STORE: join(place, "store.db") },
  });
  expect(
    await other.all("SELECT state, error ->> '$[1][1]' AS type, kind FROM flowmetal_v1_tasks WHERE state = 'faulted'"),
  ).toEqual([{ state: "faulted", type: "shop/refused", kind: null }]);
});
