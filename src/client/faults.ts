// Values, places and faults of programs as the plain data a client answers.
import { printShort } from "../data/printer.ts";
import { encodeTagged } from "../data/tagged.ts";
import { ErrorValue, Keyword, type Value } from "../data/value.ts";
import { PMap } from "../data/map.ts";
import { Vector } from "../data/vector.ts";
import type { Unit } from "../machine/unit.ts";
import type { Source } from "../source/source.ts";
import type { Fault, Place, Printed, TraceLine } from "./client.ts";

/** Parts a printed value has at most where nobody asked for another length. */
const PARTS_MAX = 1_000;

/** Finds the text of a source by its name, where the store has it. */
export type FindSource = (name: string) => Source | null;

/** A value for people and programs. What lives only in its program (continuations) has null as JSON. */
export function printed(value: Value, length: number | null = null): Printed {
  const text = printShort(value, PARTS_MAX);
  const cut = length !== null && text.length > length ? `${text.slice(0, length)}...` : text;
  return { text: cut, json: taggedOrNull(value) };
}

function taggedOrNull(value: Value): string {
  try {
    return encodeTagged(value);
  } catch {
    return "null";
  }
}

/** The place of a block's end, with its text. */
export function placeOfBlock(unit: Unit, block: number, findSource: FindSource): Place | null {
  const place = unit.debug.blocks[block];
  if (place === undefined || place === 0) return null;
  const [from, to, line, column] = place;
  return { source: unit.debug.file, line, column, from, to, text: findSource(unit.debug.file)?.text ?? null };
}

const FUNCTION = Keyword.of("function");
const FILE = Keyword.of("file");
const LINE = Keyword.of("line");
const COLUMN = Keyword.of("column");

/** An error value as a fault. Any value can be thrown; one that is no error has the type `thrown`. */
export function faultOf(task: number, error: Value, findSource: FindSource): Fault {
  if (!(error instanceof ErrorValue)) {
    const text = printed(error);
    const message = `a value that is no error was thrown: ${text.text}`;
    return { task, type: "thrown", message, data: null, trace: [], place: null, cause: null };
  }
  const trace = error.trace instanceof Vector ? error.trace.toArray().map((entry) => traceLine(entry, findSource)) : [];
  const own = placeInData(error, findSource);
  const inner = trace.find((line) => line.place !== null && !isLibrary(line.place.source)) ?? trace[0];
  return {
    task,
    type: error.type.text,
    message: error.message,
    data: hasData(error) ? printed(error.data) : null,
    trace: trace.filter((line) => line.place !== null || line.function !== null),
    place: own ?? inner?.place ?? null,
    cause: error.cause === null ? null : faultOf(task, error.cause, findSource),
  };
}

function isLibrary(file: string): boolean {
  return file.startsWith("prelude/") || file.startsWith("lib/");
}

/** Data that says more than the message does: what the user put there, not what our own messages are made of. */
function hasData(error: ErrorValue): boolean {
  return error.data instanceof PMap && error.data.count > 0 && !OWN_TYPES.has(error.type.text.split("/", 1)[0]);
}

const OWN_TYPES = new Set([
  "type",
  "arity",
  "call",
  "unbound",
  "compile",
  "read",
  "limit",
  "index",
  "perform",
  "timeout",
]);

/** Errors of reading and compiling carry the place they are about. */
function placeInData(error: ErrorValue, findSource: FindSource): Place | null {
  if (!(error.data instanceof PMap) || !["read", "compile"].includes(error.type.text)) return null;
  return placeAt(error.data.get(FILE, null), error.data.get(LINE, null), error.data.get(COLUMN, null), findSource);
}

function traceLine(entry: Value, findSource: FindSource): TraceLine {
  if (!(entry instanceof PMap)) return { function: null, place: null };
  const name = entry.get(FUNCTION, null);
  const place = placeAt(entry.get(FILE, null), entry.get(LINE, null), entry.get(COLUMN, null), findSource);
  return { function: typeof name === "string" ? name : null, place };
}

function placeAt(file: Value, line: Value, column: Value, findSource: FindSource): Place | null {
  if (typeof file !== "string" || typeof line !== "number" || typeof column !== "number") return null;
  const source = findSource(file);
  const from = source === null ? 0 : offsetOf(source, line, column);
  return {
    source: file,
    line,
    column,
    from,
    to: source === null ? 0 : endOfForm(source.text, from),
    text: source?.text ?? null,
  };
}

/** The offset of a line and a column in code points. */
function offsetOf(source: Source, line: number, column: number): number {
  if (line > source.lineCount) return source.text.length;
  const start = source.lineStart(line);
  return start + [...source.lineText(line)].slice(0, column - 1).join("").length;
}

/** Where the form that begins at an offset ends on its line, for the carets: brackets are counted, no more. */
function endOfForm(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length && text[i] !== "\n"; i++) {
    if ("([{".includes(text[i])) depth++;
    else if (")]}".includes(text[i])) {
      depth--;
      if (depth <= 0) return depth < 0 ? i : i + 1;
    } else if (depth === 0 && /[\s,;]/.test(text[i])) return i;
  }
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}
