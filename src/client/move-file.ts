// The file of an export (E-20), format 1: lines of JSON that say all that programs need to go on somewhere else.
//
//   {"flowmetal":"export","format":1,"engine":"0.1.0","copy":false,"programs":1}     the first line
//   ["unit",hash,code,debug]  ["image",hash,body]  ["blob",hash,body]                 what the next program names and none before it
//   ["program",{...}]                                                                the row; what follows is this program's:
//   ["entry",position,kind,body,time]       ["snapshot",position,turn,hash,body]      ["chunk",hash,since,until,body]
//   ["delivery",{...}]                      ["effect",{...}]                          ["output",serial,branch,number,text]
//   {"lines":N,"sha256":"..."}                                                       the last line: of all bytes before it
//
// Written and read one line and one program at a time, so that its size does not matter. Bodies are strings, as the store has them
// (E-9). What is read here has the right shape and is whole; what it means is looked at
// by arrive.ts (E-24).
import { constants } from "node:buffer";
import { createHash } from "node:crypto";
import type { EntryKind } from "../journal/entry.ts";
import type { ProgramRows } from "../store/moving.ts";
import type { EffectRow, InboxRow, NewTexts, ProgramRow, TextRow, UnitRow } from "../store/rows.ts";
import type { MoveBytes } from "./client.ts";
import { badFile, newerFile, tooLarge, tooLargeToLeave } from "./move-errors.ts";

export const FORMAT = 1;
/** Bytes of a line, and of the lines of one program, at most (E-27): a line becomes one string, and one program is held in memory. */
export const MOVE_LIMITS = { line: 256 << 20, program: 1 << 30 } as const;
/** What leaves has an eighth less: deliveries may come, and characters may be longer than a byte. */
export const LEAVE_LIMITS = { line: 224 << 20, program: 896 << 20 } as const;
export type Limits = { readonly [K in keyof typeof MOVE_LIMITS]: number };

export interface MoveHeader {
  readonly engine: string;
  /** The programs live on where they came from: those made of this file get ids of their own. */
  readonly copy: boolean;
  readonly programs: number;
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

/** Writes the lines of a file; refuses those that would be refused where the file is read, unless `limits` is left out. */
export class MoveWriter {
  readonly #hash = createHash("sha256");
  readonly #limits: Limits | null;
  #lines = 0;
  #size = 0;

  constructor(limits: Limits | null) {
    this.#limits = limits;
  }

  /** The first line. */
  head(header: MoveHeader): string {
    return this.#line({ flowmetal: "export", format: FORMAT, ...header });
  }

  /** The lines of one program, behind those of texts it needs that no other has brought. Its id is what errors name. */
  *program(rows: ProgramRows, texts: NewTexts): Iterable<string> {
    this.#size = 0;
    for (const value of valuesOf(rows, texts)) {
      const line = this.#lineOf(rows.row.id, value);
      this.#size += line.length;
      this.#check(rows.row.id, this.#size, "program");
      yield line;
    }
  }

  /** The last line. */
  end(): string {
    return `${JSON.stringify({ lines: this.#lines, sha256: this.#hash.digest("hex") })}\n`;
  }

  #lineOf(id: string, value: unknown): string {
    try {
      const line = this.#line(value);
      this.#check(id, line.length, "line");
      return line;
    } catch (error) {
      // A text as long as V8 allows becomes longer here.
      if (error instanceof RangeError) throw tooLargeToLeave(id, constants.MAX_STRING_LENGTH, MOVE_LIMITS.line, "line");
      throw error;
    }
  }

  #line(value: unknown): string {
    const line = `${JSON.stringify(value)}\n`;
    this.#hash.update(line);
    this.#lines++;
    return line;
  }

  /** Characters, not bytes: bodies are ASCII, and where sources and output are not, room is left. */
  #check(id: string, size: number, what: keyof Limits): void {
    if (this.#limits !== null && size > this.#limits[what]) throw tooLargeToLeave(id, size, this.#limits[what], what);
  }
}

function* valuesOf(rows: ProgramRows, texts: NewTexts): Iterable<unknown> {
  for (const { hash, code, debug } of texts.units ?? []) yield ["unit", hash, code, debug];
  for (const { hash, body } of texts.images ?? []) yield ["image", hash, body];
  for (const { hash, body } of texts.blobs ?? []) yield ["blob", hash, body];
  const { row, journal, snapshots, chunks, inbox, effects, output } = rows;
  yield ["program", pick(PROGRAM, row)];
  for (const { position, kind, body, time } of journal) yield ["entry", position, kind, body, time];
  for (const { position, turn, hash, body } of snapshots) yield ["snapshot", position, turn, hash, body];
  for (const { hash, since, until, body } of chunks) yield ["chunk", hash, since, until, body];
  for (const one of inbox) yield ["delivery", pick(DELIVERY, one)];
  for (const one of effects) yield ["effect", pick(EFFECT, one)];
  for (const { serial, branch, number, text } of output) yield ["output", serial, branch, number, text];
}

function pick(fields: Readonly<Record<string, Kind>>, row: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(fields).map((name) => [name, (row as Readonly<Record<string, unknown>>)[name]]),
  );
}

/** A program of a file, and the texts that stand before it: those it needs stand there or before another. */
export interface MovedProgram {
  readonly rows: ProgramRows;
  readonly texts: NewTexts;
}

/**
 * Looks at a file as a whole: its first line, its last line, and that it is what its last line says. `name` is what errors call
 * it. Throws `move/...` for what is none, or not whole. The file is read once from beginning to end, and never held as a whole.
 */
export async function checkMoveFile(bytes: MoveBytes, name: string, limits: Limits = MOVE_LIMITS): Promise<MoveHeader> {
  const hash = createHash("sha256");
  let header: MoveHeader | null = null;
  let last: MoveLine | null = null;
  for await (const line of linesOf(bytes, name, limits)) {
    if (last !== null) hash.update(last.bytes).update("\n");
    header ??= headerOf(line.bytes, name);
    last = line;
  }
  if (header === null || last === null) throw badFile(name, "it is no export of Flowmetal");
  const says = last.ended && last.bytes.length < 256 ? record(tryParse(last.bytes)) : null;
  if (typeof says?.sha256 !== "string") throw badFile(name, "its end is missing: it was cut short");
  if (hash.digest("hex") !== says.sha256) {
    throw badFile(name, "it was changed: its content is not what its last line says");
  }
  return header;
}

/** The programs of a file that has been looked at, one at a time. */
export async function* programsIn(
  bytes: MoveBytes,
  name: string,
  { programs }: MoveHeader,
  limits: Limits = MOVE_LIMITS,
): AsyncIterable<MovedProgram> {
  const reading = new Reading(name, limits);
  let number = 0;
  let found = 0;
  let before: Buffer | null = null;
  // One line behind: the last one is none of a program.
  for await (const line of linesOf(bytes, name, limits)) {
    if (before !== null && number++ > 0) {
      const done = reading.line(before, number);
      if (done !== null && ++found <= programs) yield done;
    }
    before = line.bytes;
  }
  const done = reading.end();
  if (done !== null && ++found <= programs) yield done;
  if (found !== programs) throw badFile(name, `it says that it has ${programs} programs, and has ${found}`);
}

interface MoveLine {
  /** Without its end. */
  readonly bytes: Buffer;
  /** It has one. */
  readonly ended: boolean;
}

/** The lines of a file, one after the other. */
export async function* linesOf(source: MoveBytes, name: string, limits: Limits): AsyncIterable<MoveLine> {
  let parts: Uint8Array[] = [];
  let size = 0;
  let number = 1;
  for await (const chunk of source()) {
    let from = 0;
    for (;;) {
      const to = chunk.indexOf(10, from);
      const part = chunk.subarray(from, to < 0 ? chunk.length : to);
      size += part.length;
      if (size > limits.line) throw tooLarge(`line ${number} of ${name}`, size, limits.line);
      parts.push(part);
      if (to < 0) break;
      yield { bytes: Buffer.concat(parts), ended: true };
      parts = [];
      size = 0;
      number++;
      from = to + 1;
    }
  }
  if (size > 0) yield { bytes: Buffer.concat(parts), ended: false };
}

function headerOf(line: Uint8Array, name: string): MoveHeader {
  const head = line.length > 4096 ? null : record(tryParse(line));
  if (head === null || head.flowmetal !== "export") throw badFile(name, "it is no export of Flowmetal");
  const { format, engine, copy, programs } = head;
  if (typeof format === "number" && format > FORMAT) throw newerFile(name, format, FORMAT);
  if (format !== FORMAT) throw badFile(name, "its first line names no format");
  if (typeof engine !== "string" || typeof copy !== "boolean" || !isWhole(programs)) {
    throw badFile(name, "its first line does not say what it holds");
  }
  return { engine, copy, programs };
}

function tryParse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

/** A file as it is read, line by line. */
class Reading {
  private texts = { units: [] as UnitRow[], images: [] as TextRow[], blobs: [] as TextRow[] };
  private before: typeof this.texts = this.texts;
  private program: Filling | null = null;
  /** Bytes of the present program, and of all texts: these are held as long as the file is read. */
  private size = 0;
  private textSize = 0;

  constructor(
    private readonly name: string,
    private readonly limits: Limits,
  ) {}

  /** Takes a line in; answers the program before it, if it begins another. */
  line(bytes: Uint8Array, number: number): MovedProgram | null {
    const values = tryParse(bytes);
    const [kind, ...fields] = Array.isArray(values) ? (values as readonly unknown[]) : [];
    const shape = typeof kind === "string" && Object.hasOwn(LINES, kind) ? LINES[kind as keyof typeof LINES] : null;
    const fits = shape?.length === fields.length && shape.every((field, i) => isOf(field, fields[i]));
    if (!fits) throw badFile(this.name, `its line ${number} is no line of an export`);
    const done = kind === "program" ? this.begin(fields[0] as ProgramRow) : null;
    if (this.textLine(kind as string, fields as string[])) this.textSize += bytes.length;
    else if (this.program !== null) this.size += bytes.length;
    else throw badFile(this.name, `its line ${number} belongs to no program`);
    const { program } = this.limits;
    if (this.textSize > program) throw tooLarge(`texts of ${this.name}`, this.textSize, program);
    if (this.size > program) throw tooLarge(`a program of ${this.name}`, this.size, program);
    if (kind !== "program" && this.program !== null) addRow(this.program, kind as string, fields);
    return done;
  }

  /** The program that ends with the file. */
  end(): MovedProgram | null {
    return this.program === null ? null : { rows: this.program, texts: this.before };
  }

  /** Texts that stand behind a program belong to the next one. */
  private begin(sent: ProgramRow): MovedProgram | null {
    const done = this.end();
    this.before = this.texts;
    this.texts = { units: [], images: [], blobs: [] };
    this.size = 0;
    const row = { ...sent, owner: null, commitId: null, crashes: 0 };
    this.program = { row, journal: [], snapshots: [], chunks: [], inbox: [], effects: [], output: [] };
    return done;
  }

  private textLine(kind: string, [hash, body, debug]: readonly string[]): boolean {
    const { units, images, blobs } = this.texts;
    if (kind === "unit") units.push({ hash, code: body, debug });
    else if (kind === "image") images.push({ hash, body });
    else if (kind === "blob") blobs.push({ hash, body });
    else return false;
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
  } else if (kind === "effect") program.effects.push({ ...(values[0] as EffectRow), program: id, owner: null });
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
