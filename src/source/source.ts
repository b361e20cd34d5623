// A named text, and positions in it.
import { sha256 } from "../base/hash.ts";

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in code points. */
  readonly column: number;
}

/** A text with the name under which messages speak of it. Offsets are in UTF-16 code units; a line ends with \n. */
export class Source {
  private starts: readonly number[] | null = null;
  private digest: string | null = null;

  constructor(
    readonly name: string,
    readonly text: string,
  ) {}

  /** The SHA-256 of the text. */
  get hash(): string {
    this.digest ??= sha256(this.text);
    return this.digest;
  }

  /** The offset at which each line begins. */
  private get lineStarts(): readonly number[] {
    if (this.starts === null) {
      const starts = [0];
      for (let at = this.text.indexOf("\n"); at >= 0; at = this.text.indexOf("\n", at + 1)) starts.push(at + 1);
      this.starts = starts;
    }
    return this.starts;
  }

  get lineCount(): number {
    return this.lineStarts.length;
  }

  /** Line and column of an offset; one behind the end of the text counts as its end. */
  position(offset: number): Position {
    const at = Math.max(0, Math.min(offset, this.text.length));
    const starts = this.lineStarts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (starts[middle] <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: codePoints(this.text, starts[low], at) + 1 };
  }

  /** The offset at which a line begins. */
  lineStart(line: number): number {
    return this.lineStarts[line - 1];
  }

  /** The text of a line, without its end. */
  lineText(line: number): string {
    const starts = this.lineStarts;
    const end = line < starts.length ? starts[line] - 1 : this.text.length;
    const text = this.text.slice(starts[line - 1], end);
    return text.endsWith("\r") ? text.slice(0, -1) : text;
  }
}

function codePoints(text: string, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) {
    const unit = text.charCodeAt(i);
    const isSecondHalf = unit >= 0xdc00 && unit <= 0xdfff && i > from && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800;
    if (!isSecondHalf) count++;
  }
  return count;
}

/** What the names of the language's own sources begin with, which no file of a user is called. */
export const LIBRARY_PREFIX = "flowmetal:";

/** Whether a source of this name belongs to the base image. */
export function isLibrary(name: string): boolean {
  return name.startsWith(LIBRARY_PREFIX);
}
