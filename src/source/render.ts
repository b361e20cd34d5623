// Diagnostics as text for people: file:line:column, the line, a caret under the right characters, what to do.
import type { Diagnostic } from "./diagnostic.ts";
import type { SourceSpan } from "./span.ts";

export interface RenderOptions {
  /** The word in front; "error" if nothing is said. */
  readonly severity?: "error" | "warning";
  /** Use the escape sequences of terminals. */
  readonly colour?: boolean;
}

/** The most columns of a line that are shown. */
const WIDTH_MAX = 100;
const TAB = 4;

type Paint = (style: keyof typeof STYLES, text: string) => string;

const STYLES = { bold: "1", red: "1;31", yellow: "1;33", blue: "34", dim: "2" } as const;

const plain: Paint = (_, text) => text;
const coloured: Paint = (style, text) => `\u001b[${STYLES[style]}m${text}\u001b[0m`;

/** A diagnostic in several lines, without a line break at the end. */
export function render(diagnostic: Diagnostic, options: RenderOptions = {}): string {
  const paint = options.colour === true ? coloured : plain;
  const { code, message, span, notes, hint } = diagnostic;
  const severity = options.severity ?? "error";
  const style = severity === "error" ? "red" : "yellow";
  const head = `${paint(style, severity)} ${paint("bold", message)} ${paint("dim", `[${code}]`)}`;
  const lines = span === null ? [head] : [`${locate(span)}: ${head}`, ...excerpt(span, paint, style)];
  for (const note of notes) {
    const text = `${paint("blue", "note")} ${note.message}`;
    if (note.span === null) lines.push(text);
    else lines.push(`${locate(note.span)}: ${text}`, ...excerpt(note.span, paint, "blue"));
  }
  if (hint !== null) lines.push(`${paint("blue", "hint:")} ${hint}`);
  return lines.join("\n");
}

/** Several diagnostics, an empty line between them. */
export function renderAll(diagnostics: readonly Diagnostic[], options: RenderOptions = {}): string {
  return diagnostics.map((diagnostic) => render(diagnostic, options)).join("\n\n");
}

function locate({ source, from }: SourceSpan): string {
  const { line, column } = source.position(from);
  return `${source.name}:${line}:${column}`;
}

/** The line on which a span begins, and carets under the part of it that is the span. */
function excerpt({ source, from, to }: SourceSpan, paint: Paint, style: keyof typeof STYLES): string[] {
  const { line } = source.position(from);
  const text = source.lineText(line);
  const start = Math.min(from - source.lineStart(line), text.length);
  const end = Math.min(Math.max(to - source.lineStart(line), start), text.length);
  const before = cells(text.slice(0, start), 0);
  const marked = cells(text.slice(start, end), before.width);
  const after = cells(text.slice(end), before.width + marked.width);
  const shown = clip(before.text, marked.text, after.text);
  const number = String(line);
  const margin = " ".repeat(number.length);
  const carets = "^".repeat(Math.max(1, columns(shown.marked)));
  return [
    `${paint("dim", ` ${number} |`)} ${shown.before}${shown.marked}${shown.after}`,
    `${paint("dim", ` ${margin} |`)} ${" ".repeat(columns(shown.before))}${paint(style, carets)}`,
  ];
}

/** A piece of a line as it is shown from a column on: tabs as spaces, what cannot be seen as a visible sign. */
function cells(piece: string, from: number): { text: string; width: number } {
  let text = "";
  let width = 0;
  for (const char of piece) {
    const shown = char === "\t" ? " ".repeat(TAB - ((from + width) % TAB)) : isInvisible(char) ? "\ufffd" : char;
    text += shown;
    width += columns(shown);
  }
  return { text, width };
}

/** Control characters, those that change the direction of writing, and halves of surrogate pairs. */
function isInvisible(char: string): boolean {
  return /^[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]$/.test(char);
}

/** Cuts a long line around what is marked. */
function clip(before: string, marked: string, after: string): { before: string; marked: string; after: string } {
  if (columns(before) + columns(marked) + columns(after) <= WIDTH_MAX) return { before, marked, after };
  const mark = Array.from(marked);
  const body = mark.length > WIDTH_MAX ? `${mark.slice(0, WIDTH_MAX - 1).join("")}…` : marked;
  const room = Math.max(10, WIDTH_MAX - columns(body));
  const left = Array.from(before);
  const head = left.length > room / 2 ? `…${left.slice(-Math.floor(room / 2)).join("")}` : before;
  const right = Array.from(after);
  const tail = right.length > room / 2 ? `${right.slice(0, Math.floor(room / 2)).join("")}…` : after;
  return { before: head, marked: body, after: tail };
}

/** How many columns of a terminal a text takes. */
function columns(text: string): number {
  let width = 0;
  for (const char of text) width += charWidth(char.codePointAt(0) as number, char);
  return width;
}

function charWidth(code: number, char: string): number {
  if (code < 0x300) return 1;
  if (code === 0x200d || (code >= 0xfe00 && code <= 0xfe0f) || /^\p{M}$/u.test(char)) return 0;
  return isWide(code) ? 2 : 1;
}

/** The blocks whose characters take two columns (East Asian Width W and F, and emoji). */
const WIDE: readonly (readonly [from: number, to: number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x23e9, 0x23ec],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x1fa70, 0x1faff],
  [0x20000, 0x3fffd],
];

function isWide(code: number): boolean {
  return WIDE.some(([from, to]) => code >= from && code <= to);
}
