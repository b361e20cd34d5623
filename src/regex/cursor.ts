// A place in a pattern: what is read next, and how problems are told from there.
import { asciiUpper } from "../base/text.ts";
import { RegexProblem } from "./problem.ts";

/** Reads a pattern from left to right, by code points. */
export class Cursor {
  at = 0;

  constructor(readonly text: string) {}

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The next character, or "" at the end. */
  peek(): string {
    return this.atEnd ? "" : String.fromCodePoint(this.text.codePointAt(this.at)!);
  }

  /** Takes the next character. */
  next(): string {
    const char = this.peek();
    this.at += char.length;
    return char;
  }

  /** True if these characters come next. */
  sees(piece: string): boolean {
    return this.text.startsWith(piece, this.at);
  }

  /** Takes these characters if they come next. */
  takes(piece: string): boolean {
    const there = this.sees(piece);
    if (there) this.at += piece.length;
    return there;
  }

  /** Takes what a sticky pattern finds here, or nothing. */
  takesMatch(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return null;
    this.at += found[0].length;
    return found[0];
  }

  /** True if a sticky pattern finds something here. */
  seesMatch(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }

  /** A problem from an offset up to here, or up to `to`. */
  fail(message: string, from: number, hint: string | null = null, to = this.at): never {
    throw new RegexProblem(message, from, Math.max(to, from), hint);
  }

  /** A problem with what another matcher has and this one does not. */
  refuse(message: string, from: number, hint: string): never {
    throw new RegexProblem(message, from, this.at, hint);
  }
}

/** A character as it is shown in a message. */
export function shown(char: string): string {
  return /^[\x00-\x20\x7f-\x9f\u2028\u2029]$/.test(char)
    ? `U+${asciiUpper(char.charCodeAt(0).toString(16)).padStart(4, "0")}`
    : char;
}
