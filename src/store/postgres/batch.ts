// One batch of turns as the call of one function (commit-function.ts): its rows by table, each a JSON array of objects.

import { isOver } from "../../journal/status.ts";
import type { ProgramChange } from "../changes.ts";
import type { NewProgram, NewTexts, SettledEffect, TextRow } from "../rows.ts";
import type { Bind } from "./driver.ts";
import { storedText } from "./escape.ts";

type Row = Readonly<Record<string, string | number | null | readonly string[]>>;

/** The parameters that hold rows, in the order of the function. */
const TABLES = [
  "births",
  "programs",
  "journal",
  "consumed",
  "effects",
  "settled",
  "released",
  "output",
  "code",
  "images",
  "blobs",
  "chunks",
  "dropped",
  "snapshots",
] as const;

const HEAD = 6;
export const COMMIT = `SELECT o_time, o_leased, o_committed FROM flowmetal.commit_2(${Array.from(
  { length: HEAD + TABLES.length },
  (_, i) => `$${i + 1}`,
).join(", ")})`;

export interface BatchHead {
  readonly id: string;
  readonly interpreter: string;
  readonly lease: number;
  /** The latest time this process has seen of the store: the commit's is not before it. */
  readonly seen: number;
}

/** The parameters of a batch but for `again`, which each sending has of its own. */
export function batchParameters(head: BatchHead, changes: readonly ProgramChange[]): (again: boolean) => Bind[] {
  const tables = new Map<string, Row[]>();
  for (const change of changes) addChange(tables, change);
  const ids = changes.map((change) => change.program).sort();
  const rows = TABLES.map((table) => {
    const found = tables.get(table);
    return found === undefined ? null : JSON.stringify(found);
  });
  return (again) => [head.id, head.interpreter, head.lease, head.seen, again, ids, ...rows];
}

/** The rows of a batch by table, each a JSON array, from the parameters of its call; null for any other statement. For benchmarks. */
export function batchTables(sql: string, parameters: readonly Bind[]): ReadonlyMap<string, string> | null {
  if (sql !== COMMIT) return null;
  const rows = TABLES.map((table, i) => [table, parameters[HEAD + i]] as const);
  return new Map(rows.filter((row): row is [Table, string] => row[1] !== null));
}

type Table = (typeof TABLES)[number];

/** `row` is given the index of the item, and that of the row among all of its table. */
function add<T>(
  tables: Map<string, Row[]>,
  table: Table,
  items: readonly T[],
  row: (item: T, index: number, nth: number) => Row,
): void {
  if (items.length === 0) return;
  const rows = tables.get(table) ?? [];
  items.forEach((item, i) => rows.push(row(item, i, rows.length)));
  tables.set(table, rows);
}

function addChange(tables: Map<string, Row[]>, change: ProgramChange): void {
  const { program, birth, output } = change;
  if (birth !== null) add(tables, "births", [birth], (one, _, nth) => ({ ...birthRow(one), nth }));
  add(tables, "programs", [change], programRow);
  add(tables, "journal", change.entries, ({ position, kind, body }) => ({ program, position, kind, body }));
  add(tables, "consumed", change.consumed, ({ id, position }) => ({ program, id, position }));
  add(tables, "effects", change.effects, (effect, _, nth) => ({ ...effectRow(program, effect), nth }));
  add(tables, "settled", lastOfEach(change.settled), (effect) => ({ program, ...effect }));
  if (change.release && !isOver(change.after.status)) add(tables, "released", [program], () => ({ program }));
  add(tables, "output", output, ({ branch, number, text }, i) => {
    return { program, back: output.length - 1 - i, branch, number, text: storedText(text) };
  });
  for (const texts of change.texts) addTexts(tables, program, texts);
  add(tables, "snapshots", change.snapshots, ({ position, turn, hash, body }) => {
    return { program, position, turn, hash, body: storedText(body) };
  });
  add(tables, "chunks", change.chunks, (row) => ({ program, ...textRow(row), since: row.since, until: row.until }));
  add(tables, "dropped", change.dropped, ({ hash, until }) => ({ program, hash, until }));
}

/** Several turns of one batch may settle the same effect: the last of them stands. */
function lastOfEach(settled: readonly SettledEffect[]): readonly SettledEffect[] {
  return settled.length < 2 ? settled : [...new Map(settled.map((effect) => [effect.key, effect])).values()];
}

function addTexts(
  tables: Map<string, Row[]>,
  program: string,
  { units = [], images = [], blobs = [] }: NewTexts,
): void {
  add(tables, "code", units, ({ hash, code, debug }) => ({ program, hash, code, debug }));
  add(tables, "images", images, (row) => ({ program, ...textRow(row) }));
  add(tables, "blobs", blobs, (row) => ({ program, ...textRow(row) }));
}

function textRow({ hash, body }: TextRow): Row {
  return { hash, body: storedText(body) };
}

/** Content-addressed texts as the three parameters of the functions that write them. */
export function textParameters({ units = [], images = [], blobs = [] }: NewTexts): Bind[] {
  const json = (rows: readonly Row[]): string | null => (rows.length === 0 ? null : JSON.stringify(rows));
  const code = units.map(({ hash, code, debug }) => ({ hash, code, debug }));
  return [json(code), json(images.map(textRow)), json(blobs.map(textRow))];
}

/** What a fork is created with, as the last parameters of the function that creates programs. */
export function forkParameters({ fork }: NewProgram): Bind[] {
  if (fork === undefined) return [null, null, null, null];
  const answers = fork.answers.map(({ key, body }, nth) => ({ key, body, nth }));
  const effects = fork.effects.map(({ state: _, due = 0, ...effect }, nth) => ({ ...effect, due, nth }));
  const { hash, body } = fork.snapshot;
  return [hash, storedText(body), JSON.stringify(answers), JSON.stringify(effects)];
}

function birthRow(birth: NewProgram): Row {
  const { id, name, parent = null, priority = 0, queue, image } = birth;
  return { program: id, id, name, labels: JSON.stringify(birth.labels ?? {}), parent, priority, queue, image };
}

function programRow(change: ProgramChange): Row {
  const { after } = change;
  return {
    program: change.program,
    term: change.term,
    turn: change.turn,
    position: change.position,
    turns: change.turns,
    until: change.end,
    status: after.status,
    waiting: JSON.stringify(after.waiting),
    wake: after.wake,
    cut: after.cut ? 1 : 0,
    branch: after.branch,
    calls: JSON.stringify(after.calls),
    image: after.image,
    result: after.result ?? null,
    error: after.error ?? null,
    output: change.output.length,
    snapshot: change.snapshots.at(-1)?.position ?? null,
    runnable: change.runnable ? 1 : 0,
    release: change.release ? 1 : 0,
    keys: change.keys.length === 0 ? null : change.keys,
    claim: change.claim ? 1 : 0,
    base: change.base,
  };
}

function effectRow(program: string, effect: ProgramChange["effects"][number]): Row {
  const { key, position, kind, topic, capability, payload, delivery, contract, state, due = 0 } = effect;
  return { program, key, position, kind, topic, capability, payload, delivery, contract, state, due };
}
