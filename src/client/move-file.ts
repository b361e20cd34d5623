// The file of an export (E-20), format 1: lines of JSON that say all that programs need to go on somewhere else.
//
//   {"flowmetal":"export","format":1,"engine":"0.1.0","copy":false,"programs":1}     the first line
//   ["unit",hash,code,debug]  ["image",hash,body]  ["blob",hash,body]                 what the programs name, once each
//   ["program",{...}]                                                                the row; what follows is this program's:
//   ["entry",position,kind,body,time]       ["snapshot",position,turn,hash,body]      ["chunk",hash,since,until,body]
//   ["delivery",{...}]                      ["effect",{...}]                          ["output",serial,branch,number,text]
//   {"lines":N,"sha256":"..."}                                                       the last line: of all bytes before it
//
// Bodies are strings, as the store has them (E-9). What is read here has the right shape and is whole; what it means is looked at
// by arrive.ts (E-24).
import { createHash } from "node:crypto";
import { sha256 } from "../base/hash.ts";
import type { EntryKind } from "../journal/entry.ts";
import type { ProgramRows } from "../store/moving.ts";
import type { EffectRow, InboxRow, NewTexts, ProgramRow, TextRow, UnitRow } from "../store/rows.ts";
import { badFile, newerFile, tooLarge } from "./move-errors.ts";

export const FORMAT = 1;
/** Bytes of a file and of one of its lines, at most (E-27): it is read as a whole, and a line becomes one string. */
export const MOVE_LIMITS = { file: 1 << 30, line: 256 << 20 } as const;
type Limits = { readonly [K in keyof typeof MOVE_LIMITS]: number };

export interface MoveHeader {
  readonly engine: string;
  /** The programs live on where they came from: those made of this file get ids of their own. */
  readonly copy: boolean;
  readonly programs: number;
}

export interface MoveFile {
  readonly header: MoveHeader;
  readonly texts: NewTexts;
  readonly programs: readonly ProgramRows[];
}

/** How a field is written. `?`: may be null. */
type Kind = "text" | "text?" | "whole" | "whole?" | "flag" | "plain";
type Fields<Row> = { readonly [K in keyof Required<Row>]: Kind };

// The types demand every field; owners and commits belong to a store and do not travel.
const PROGRAM: Fields<Omit<ProgramRow, "owner" | "commitId" | "crashes">> = {
  id: "text",
  name: "text",
  status: "text",
  waiting: "plain",
  labels: "plain",
  parent: "text?",
  priority: "whole",
  queue: "text",
  image: "text",
  wake: "whole?",
  cut: "flag",
  position: "whole",
  snapshot: "whole?",
  term: "whole",
  turn: "whole",
  branch: "whole",
  calls: "plain",
  result: "text?",
  error: "text?",
  base: "whole",
  output: "whole",
  shown: "whole",
  created: "whole",
  updated: "whole",
};
const DELIVERY: Fields<Omit<InboxRow, "id" | "program">> = {
  key: "text",
  kind: "text",
  body: "text?",
  time: "whole",
  position: "whole?",
};
const EFFECT: Fields<Omit<EffectRow, "program" | "owner">> = {
  key: "text",
  queue: "text",
  position: "whole",
  kind: "text",
  topic: "text",
  capability: "text",
  payload: "text",
  delivery: "text",
  contract: "text",
  state: "text",
  attempts: "whole",
  due: "whole",
  term: "whole",
  outcome: "text?",
  body: "text?",
  created: "whole",
  updated: "whole",
};
const LINES = {
  unit: ["text", "text", "text"],
  image: ["text", "text"],
  blob: ["text", "text"],
  program: [PROGRAM],
  entry: ["whole", "text", "text", "whole"],
  snapshot: ["whole", "whole", "text", "text"],
  chunk: ["text", "whole", "whole?", "text"],
  delivery: [DELIVERY],
  effect: [EFFECT],
  output: ["whole", "whole", "whole", "text"],
} as const satisfies Readonly<Record<string, readonly (Kind | Readonly<Record<string, Kind>>)[]>>;

/** The lines of a file, each with its end. */
export function* moveLines(file: MoveFile): Iterable<string> {
  const hash = createHash("sha256");
  let lines = 0;
  for (const value of valuesOf(file)) {
    const line = `${JSON.stringify(value)}\n`;
    hash.update(line);
    lines++;
    yield line;
  }
  yield `${JSON.stringify({ lines, sha256: hash.digest("hex") })}\n`;
}

function* valuesOf({ header, texts, programs }: MoveFile): Iterable<unknown> {
  yield { flowmetal: "export", format: FORMAT, ...header };
  for (const { hash, code, debug } of texts.units ?? []) yield ["unit", hash, code, debug];
  for (const { hash, body } of texts.images ?? []) yield ["image", hash, body];
  for (const { hash, body } of texts.blobs ?? []) yield ["blob", hash, body];
  for (const { row, journal, snapshots, chunks, inbox, effects, output } of programs) {
    yield ["program", pick(PROGRAM, row)];
    for (const { position, kind, body, time } of journal) yield ["entry", position, kind, body, time];
    for (const { position, turn, hash, body } of snapshots) yield ["snapshot", position, turn, hash, body];
    for (const { hash, since, until, body } of chunks) yield ["chunk", hash, since, until, body];
    for (const one of inbox) yield ["delivery", pick(DELIVERY, one)];
    for (const one of effects) yield ["effect", pick(EFFECT, one)];
    for (const { serial, branch, number, text } of output) yield ["output", serial, branch, number, text];
  }
}

function pick(fields: Readonly<Record<string, Kind>>, row: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(fields).map((name) => [name, (row as Readonly<Record<string, unknown>>)[name]]),
  );
}

/** Reads a file; `name` is what errors call it. Throws `move/...` for what is none, or not whole. */
export function readMoveFile(bytes: Uint8Array, name: string, limits: Limits = MOVE_LIMITS): MoveFile {
  if (bytes.length > limits.file) throw tooLarge(name, bytes.length, limits.file);
  const header = headerOf(bytes, name);
  const end = checkWhole(bytes, name);
  const reading = new Reading(name);
  let number = 0;
  for (let from = 0; from < end; ) {
    const to = bytes.indexOf(10, from);
    if (number++ > 0) reading.line(parseLine(bytes.subarray(from, to), name, number, limits), number);
    from = to + 1;
  }
  if (reading.programs.length !== header.programs) {
    throw badFile(name, `it says that it has ${header.programs} programs, and has ${reading.programs.length}`);
  }
  return { header, texts: reading.texts, programs: reading.programs };
}

function headerOf(bytes: Uint8Array, name: string): MoveHeader {
  const end = bytes.indexOf(10);
  const head = end < 0 || end > 4096 ? null : record(tryParse(bytes.subarray(0, end)));
  if (head === null || head.flowmetal !== "export") throw badFile(name, "it is no export of Flowmetal");
  const { format, engine, copy, programs } = head;
  if (typeof format === "number" && format > FORMAT) throw newerFile(name, format, FORMAT);
  if (format !== FORMAT) throw badFile(name, "its first line names no format");
  if (typeof engine !== "string" || typeof copy !== "boolean" || !isWhole(programs)) {
    throw badFile(name, "its first line does not say what it holds");
  }
  return { engine, copy, programs };
}

/** Checks the last line; answers where it begins. */
function checkWhole(bytes: Uint8Array, name: string): number {
  const begin = bytes.lastIndexOf(10, bytes.length - 2) + 1;
  const last = bytes.at(-1) === 10 && bytes.length - begin < 256 ? record(tryParse(bytes.subarray(begin, -1))) : null;
  if (last === null || typeof last.sha256 !== "string") throw badFile(name, "its end is missing: it was cut short");
  if (sha256(bytes.subarray(0, begin)) !== last.sha256) {
    throw badFile(name, "it was changed: its content is not what its last line says");
  }
  return begin;
}

function tryParse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

function parseLine(bytes: Uint8Array, name: string, number: number, limits: Limits): readonly unknown[] {
  if (bytes.length > limits.line) throw tooLarge(`line ${number} of ${name}`, bytes.length, limits.line);
  const value = tryParse(bytes);
  if (!Array.isArray(value)) throw badFile(name, `its line ${number} is no line of an export`);
  return value as readonly unknown[];
}

/** A file as it is read, line by line. */
class Reading {
  readonly texts = { units: [] as UnitRow[], images: [] as TextRow[], blobs: [] as TextRow[] };
  readonly programs: Filling[] = [];

  constructor(private readonly name: string) {}

  line([kind, ...values]: readonly unknown[], number: number): void {
    const fields = typeof kind === "string" && Object.hasOwn(LINES, kind) ? LINES[kind as keyof typeof LINES] : null;
    const fits = fields?.length === values.length && fields.every((field, i) => isOf(field, values[i]));
    if (!fits) throw badFile(this.name, `its line ${number} is no line of an export`);
    if (!this.textLine(kind as string, values as string[]) && !this.programLine(kind as string, values)) {
      throw badFile(this.name, `its line ${number} belongs to no program`);
    }
  }

  private textLine(kind: string, [hash, body, debug]: readonly string[]): boolean {
    const { units, images, blobs } = this.texts;
    if (kind === "unit") units.push({ hash, code: body, debug });
    else if (kind === "image") images.push({ hash, body });
    else if (kind === "blob") blobs.push({ hash, body });
    else return false;
    return true;
  }

  private programLine(kind: string, values: readonly unknown[]): boolean {
    // Each value has been looked at by the table above.
    if (kind === "program") {
      const row = { ...(values[0] as ProgramRow), owner: null, commitId: null, crashes: 0 };
      this.programs.push({ row, journal: [], snapshots: [], chunks: [], inbox: [], effects: [], output: [] });
      return true;
    }
    const program = this.programs.at(-1);
    if (program === undefined) return false;
    addRow(program, kind, values);
    return true;
  }
}

type Filling = {
  readonly [K in keyof ProgramRows]: ProgramRows[K] extends readonly (infer T)[] ? T[] : ProgramRows[K];
};

function addRow(program: Filling, kind: string, values: readonly unknown[]): void {
  const { id } = program.row;
  const [a, b, c, d] = values as [number, number & EntryKind & string, number & string, number & string];
  if (kind === "entry") program.journal.push({ position: a, kind: b, body: c, time: d });
  else if (kind === "snapshot") program.snapshots.push({ position: a, turn: b, hash: c, body: d });
  else if (kind === "chunk") {
    const [hash, since, until, body] = values as [string, number, number | null, string];
    program.chunks.push({ hash, since, until, body });
  } else if (kind === "output") program.output.push({ serial: a, branch: b, number: c, text: d });
  else if (kind === "delivery") {
    program.inbox.push({ ...(values[0] as InboxRow), id: program.inbox.length + 1, program: id });
  } else program.effects.push({ ...(values[0] as EffectRow), program: id, owner: null });
}

function isOf(field: Kind | Readonly<Record<string, Kind>>, value: unknown): boolean {
  if (typeof field !== "string") {
    const found = record(value);
    const names = Object.keys(field);
    return (
      found !== null &&
      Object.keys(found).length === names.length &&
      names.every((name) => Object.hasOwn(found, name) && isOf(field[name], found[name]))
    );
  }
  if (field.endsWith("?") && value === null) return true;
  if (field.startsWith("text")) return typeof value === "string";
  if (field.startsWith("whole")) return isWhole(value);
  return field === "flag" ? typeof value === "boolean" : typeof value === "object" && value !== null;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function record(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}
