// The bodies of a memory store as its tables hold them: the oracle of the others.
import { BODY_TABLES, type BodyChange, type BodyPage, type BodyRow } from "../bodies.ts";
import type { Tables } from "./tables.ts";

type Cell = { get: () => string | null; set: (text: string) => void };
type Found = Omit<BodyRow, "texts"> & { readonly cells: Readonly<Record<string, Cell>> };

/** A cell over a property of an object whose type says it cannot be written. */
const cell = (object: object, name: string): Cell => {
  const row = object as Record<string, string | null>;
  return {
    get: () => row[name],
    set: (text) => {
      row[name] = text;
    },
  };
};

/** A page of a table, in order. */
export function readBodies(tables: Tables, { table, after, limit }: BodyPage): BodyRow[] {
  return found(tables, table)
    .sort((a, b) => compare(a.at, b.at))
    .filter(({ at }) => after === null || compare(at, after) > 0)
    .slice(0, limit)
    .map(({ cells, ...row }) => ({ ...row, texts: textsOf(cells) }));
}

/** Writes other texts into rows that still have those they had; answers how many. */
export function replaceBodies(tables: Tables, table: BodyPage["table"], changes: readonly BodyChange[]): number {
  const rows = new Map(found(tables, table).map((row) => [JSON.stringify(row.at), row]));
  let count = 0;
  for (const { at, was, now } of changes) {
    const cells = rows.get(JSON.stringify(at))?.cells;
    if (cells === undefined || BODY_TABLES[table].columns.some((column) => cells[column].get() !== was[column]))
      continue;
    for (const [column, text] of Object.entries(now)) if (text !== null) cells[column].set(text);
    count++;
  }
  return count;
}

function textsOf(cells: Found["cells"]): BodyRow["texts"] {
  return Object.fromEntries(Object.entries(cells).map(([column, { get }]) => [column, get()]));
}

function compare(a: BodyRow["at"], b: BodyRow["at"]): number {
  const i = a.findIndex((one, n) => one !== b[n]);
  if (i < 0) return 0;
  return a[i] < b[i] ? -1 : 1;
}

function found(tables: Tables, table: BodyPage["table"]): Found[] {
  switch (table) {
    case "effects":
      return [...tables.effects.values()].map((row) => ({
        at: [row.key],
        program: row.program,
        key: row.key,
        names: null,
        cells: { payload: cell(row, "payload"), contract: cell(row, "contract"), body: cell(row, "body") },
      }));
    case "code":
      return [...tables.units].map(([hash, unit]) => ({
        at: [hash],
        program: "",
        key: hash,
        names: null,
        cells: { code: cell(unit, "code"), debug: cell(unit, "debug") },
      }));
    case "images":
    case "blobs":
      return [...tables[table]].map(([hash, body]) => ({
        at: [hash],
        program: "",
        key: hash,
        names: null,
        cells: { body: { get: () => body, set: (text) => void tables[table].set(hash, text) } },
      }));
    default:
      return [...tables.programs.values()].flatMap((program) => ofProgram(program, table));
  }
}

function ofProgram(
  { row, journal, snapshots, chunks, inbox, output }: Parameters<Tables["programs"]["set"]>[1],
  table: Exclude<BodyPage["table"], "effects" | "code" | "images" | "blobs">,
): Found[] {
  const program = row.id;
  const of = (at: string | number, key: string, object: object, column = "body"): Found => ({
    at: [program, at],
    program,
    key,
    names: null,
    cells: { [column]: cell(object, column) },
  });
  switch (table) {
    case "journal":
      return journal.map((one) => of(one.position, `${one.position} ${one.kind}`, one));
    case "snapshots":
      return snapshots.map((one) => of(one.position, String(one.position), one));
    case "chunks":
      return [...chunks.values()].map((one) => of(one.hash, one.hash, one));
    case "inbox":
      return [...inbox.values()].map((one) => of(one.key, `${one.key} ${one.kind}`, one));
    case "output":
      return output.map((one) => of(one.serial, `${one.branch}/${one.number}`, one, "text"));
    case "programs": {
      const waiting: Cell = {
        get: () => JSON.stringify(row.waiting),
        set: (text) => {
          row.waiting = JSON.parse(text) as typeof row.waiting;
        },
      };
      const cells = { waiting, result: cell(row, "result"), error: cell(row, "error") };
      return [{ at: [program], program, key: "", names: row.image, cells }];
    }
  }
}
