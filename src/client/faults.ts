// Values, places and faults of programs as the plain data a client answers.
import { codes } from "../base/codes.ts";
import { printShort } from "../data/printer.ts";
import { encodeTagged } from "../data/tagged.ts";
import { ErrorValue, Keyword, type Value } from "../data/value.ts";
import { PMap } from "../data/map.ts";
import { Vector } from "../data/vector.ts";
import type { Unit } from "../machine/unit.ts";
import type { Diagnostic } from "../source/diagnostic.ts";
import { formAt } from "../source/place.ts";
import { isLibrary, LIBRARY_PREFIX, Source } from "../source/source.ts";
import { offeredRestarts } from "../machine/restarts.ts";
import type { TaskRef } from "../machine/state.ts";
import type { Fault, FaultNote, OfferedRestart, Place, Printed, TraceLine, Warning } from "./client.ts";

/** Parts a printed value has at most where nobody asked for another length. */
const PARTS_MAX = 1_000;

/** Finds the text of a source by its name and, where that is known, its content hash, where the store has it. */
export type FindSource = (name: string, hash?: string) => Source | null;

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
  return {
    source: unit.debug.file,
    line,
    column,
    from,
    to,
    text: findSource(unit.debug.file, unit.debug.hash)?.text ?? null,
  };
}

/** What the compiler found strange, as plain data. */
export function warningOf({ code, message, span }: Diagnostic): Warning {
  if (span === null) return { code, message, place: null };
  const { source, from, to } = span;
  return { code, message, place: { source: source.name, ...source.position(from), from, to, text: source.text } };
}

const OMITTED = Keyword.of("omitted");
const CODE = Keyword.of("code");
const HINT = Keyword.of("hint");
const FUNCTION = Keyword.of("function");
const NOTES = Keyword.of("notes");
const MESSAGE = Keyword.of("message");
const AT = Keyword.of("at");
const EXCERPT = Keyword.of("excerpt");
const FILE = Keyword.of("file");
const LINE = Keyword.of("line");
const COLUMN = Keyword.of("column");
const REGEX = Keyword.of("regex");
const TO = Keyword.of("to");

/**
 * An error value as a fault. Any value can be thrown; one that is no error has the type `thrown`, and no trace of its own:
 * `stack` is that of the task it stopped.
 */
export function faultOf(
  task: number,
  error: Value,
  stack: Value,
  findSource: FindSource,
  restarts: readonly OfferedRestart[] = [],
): Fault {
  const own = error instanceof ErrorValue ? error.trace : null;
  const entries = (own ?? stack) instanceof Vector ? ((own ?? stack) as Vector).toArray() : [];
  const trace = withoutLoader(entries.map((entry) => traceLine(entry, findSource)));
  const inner = trace.find((line) => line.place !== null && !isLibrary(line.place.source)) ?? trace[0];
  const common = {
    task,
    trace: trace.filter((line) => line.place !== null || line.function !== null),
    omitted: omittedIn(entries),
    restarts,
  };
  if (!(error instanceof ErrorValue)) {
    const message = `a value that is no error was thrown: ${printed(error).text}`;
    const nothing = { code: null, data: null, hint: null, notes: [], cause: null };
    return { ...common, ...nothing, type: "thrown", message, place: inner?.place ?? null };
  }
  return {
    ...common,
    type: error.type.text,
    code: codeOf(error),
    message: error.message,
    data: hasData(error) ? printed(error.data) : null,
    hint: textInData(error, HINT) ?? HINTS.get(error.type.text) ?? null,
    notes: notesOf(error, findSource),
    place: placeInData(error, findSource) ?? inner?.place ?? null,
    cause: error.cause === null ? null : faultOf(task, error.cause, null, findSource),
  };
}

/** The places of a trace, innermost first, without those in the engine's own libraries. */
export function placesOf(trace: Value, findSource: FindSource): Place[] {
  const entries = trace instanceof Vector ? trace.toArray() : [];
  return entries
    .flatMap((entry) => traceLine(entry, findSource).place ?? [])
    .filter((place) => !isLibrary(place.source));
}

const DOC = Keyword.of("doc");
const PARAMS = Keyword.of("params");

/** What the program offers where a task stands. */
export function restartsOf(task: TaskRef): readonly OfferedRestart[] {
  return offeredRestarts(task).map(({ name, map }) => {
    const [doc, params] = [map.get(DOC), map.get(PARAMS)];
    return {
      name,
      doc: typeof doc === "string" ? doc : null,
      params: params instanceof Vector ? params.toArray().map((param) => printShort(param)) : [],
    };
  });
}

/**
 * What loads scripts and modules stands between their frames, and tells nothing but that a frame without a name on top of it is
 * a top-level form.
 */
function withoutLoader(trace: readonly TraceLine[]): readonly TraceLine[] {
  return trace
    .map((line, i) => ({ ...line, topLevel: line.function === null && isTopLevel(line, trace.slice(i + 1)) }))
    .filter(({ place }) => place === null || !isLoader(place.source));
}

/** Whether a frame without a name is a top-level form: of a text that is loaded, or of one that was evaluated in a tail call. */
function isTopLevel({ place }: TraceLine, below: readonly TraceLine[]): boolean {
  const caller = below[0]?.place?.source;
  if (caller === undefined || isLoader(caller)) return true;
  return place?.source.startsWith("<eval ") === true && below.every((line) => line.place?.source !== place.source);
}

/** Whether a source is that of the functions which load forms and call them. */
export function isLoader(source: string): boolean {
  return source === LOADER;
}

const LOADER = `${LIBRARY_PREFIX}prelude/60-program.fm`;

function omittedIn(entries: readonly Value[]): number {
  const last = entries.at(-1);
  const omitted = last instanceof PMap ? last.get(OMITTED, null) : null;
  return typeof omitted === "number" ? omitted : 0;
}

/** The way out of faults whose error does not say one. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ["limit/depth", "a recursion without end, or one that a loop with recur does in constant space"],
]);

/** The code of an error of ours: one it carries, or its type where that is a code. */
function codeOf(error: ErrorValue): string | null {
  const type = error.type.text;
  return textInData(error, CODE) ?? (isOwn(error) && Object.hasOwn(codes, type) ? type : null);
}

/** What else matters about an error of ours, each with its place. */
function notesOf(error: ErrorValue, findSource: FindSource): FaultNote[] {
  const pattern = patternIn(error);
  if (pattern !== null) return [{ message: "in this regex", place: pattern }];
  const notes = isOwn(error) && error.data instanceof PMap ? error.data.get(NOTES, null) : null;
  const maps = notes instanceof Vector ? notes.toArray() : [];
  return maps.flatMap((note) => {
    const message = note instanceof PMap ? note.get(MESSAGE, null) : null;
    return typeof message === "string" ? [{ message, place: placeIn(note as PMap, findSource) }] : [];
  });
}

/** The place in a regex that an error is about, with the regex as its source: the data has it in code points. */
function patternIn({ type, data }: ErrorValue): Place | null {
  if (type.text !== "regex/syntax" || !(data instanceof PMap)) return null;
  const [regex, at, to] = [REGEX, AT, TO].map((key) => data.get(key, null));
  if (typeof regex !== "string" || typeof at !== "number" || typeof to !== "number") return null;
  const offset = (point: number) => [...regex].slice(0, Math.max(0, point)).join("").length;
  const [from, end] = [offset(at), offset(to)];
  return { source: "regex", ...new Source("regex", regex).position(from), from, to: end, text: regex };
}

/** A text the engine put into an error of its own: reading, compiling, a limit. */
function textInData(error: ErrorValue, key: Keyword): string | null {
  const text = isOwn(error) && error.data instanceof PMap ? error.data.get(key, null) : null;
  return typeof text === "string" ? text : null;
}

/** Data that says more than the message does: what the user put there, not what our own messages are made of. */
function hasData(error: ErrorValue): boolean {
  return error.data instanceof PMap && error.data.count > 0 && !isOwn(error);
}

function isOwn(error: ErrorValue): boolean {
  return OWN_TYPES.has(error.type.text.split("/", 1)[0]);
}

const OWN_TYPES = new Set([
  "type",
  "arity",
  "call",
  "unbound",
  "compile",
  "read",
  "regex",
  "limit",
  "index",
  "perform",
  "timeout",
  "module",
  "test",
  "dispatch",
  "hierarchy",
  "restart",
  "var",
  "continuation",
]);

/** Errors of reading, compiling and loading carry the place they are about. */
function placeInData(error: ErrorValue, findSource: FindSource): Place | null {
  const family = error.type.text.split("/", 1)[0];
  if (!(error.data instanceof PMap) || !["read", "compile", "module"].includes(family)) return null;
  return placeIn(error.data, findSource);
}

/** A place as :file, :line and :column, or written `file:line:column` under :at; :excerpt is its line where no store has the text. */
function placeIn(data: PMap, findSource: FindSource): Place | null {
  const at = data.get(AT, null);
  const match = typeof at === "string" ? /^(.*):(\d+):(\d+)$/.exec(at) : null;
  if (match !== null) return placeAt(match[1], Number(match[2]), Number(match[3]), findSource);
  const [file, line, column] = [FILE, LINE, COLUMN].map((key) => data.get(key, null));
  const excerpt = data.get(EXCERPT, null);
  if (typeof excerpt !== "string" || typeof file !== "string" || typeof line !== "number") {
    return placeAt(file, line, column, findSource);
  }
  const made = new Source(file, "\n".repeat(line - 1) + excerpt);
  return placeAt(file, line, column, (name) => findSource(name) ?? made);
}

function traceLine(entry: Value, findSource: FindSource): TraceLine {
  if (!(entry instanceof PMap)) return { function: null, topLevel: false, place: null };
  const name = entry.get(FUNCTION, null);
  const place = placeAt(entry.get(FILE, null), entry.get(LINE, null), entry.get(COLUMN, null), findSource);
  return { function: typeof name === "string" ? name : null, topLevel: false, place };
}

function placeAt(file: Value, line: Value, column: Value, findSource: FindSource): Place | null {
  if (typeof file !== "string" || typeof line !== "number" || typeof column !== "number") return null;
  const source = findSource(file);
  if (source === null) return { source: file, line, column, from: 0, to: 0, text: null };
  const { from, to } = formAt(source, line, column);
  return { source: file, line, column, from, to, text: source.text };
}
