// Unclosed and mismatched brackets: which one is meant, and where the indentation says it should have been closed.
import type { Source } from "../source/source.ts";
import { trimStart } from "../base/text.ts";
import { closer } from "./frame.ts";
import { nameOf, type Token, tokenEnd } from "./tokens.ts";

/** An opening bracket that the layout of the text shows as unclosed, and the last token that still looks inside it. */
export interface Guess {
  readonly open: Token;
  readonly after: Token;
}

/**
 * Walks over tokens[start..end) of one top-level form. A line that begins at or left of an open bracket shows that its
 * author took that bracket for closed. Null if no line does, or if closing brackets go wrong before one does.
 */
export function guessUnclosed(text: string, tokens: readonly Token[], start: number, end: number): Guess | null {
  const open: { token: Token; column: number }[] = [];
  let lineStart = text.lastIndexOf("\n", tokens[start].startOffset) + 1;
  let nextLine = followingLine(text, lineStart);
  for (let i = start; i < end; i++) {
    const token = tokens[i];
    const onLaterLine = token.startOffset >= nextLine;
    while (token.startOffset >= nextLine) {
      lineStart = nextLine;
      nextLine = followingLine(text, lineStart);
    }
    // The line may begin inside a string that spans lines: then its layout says nothing.
    const startsLine = onLaterLine && trimStart(text.slice(lineStart, token.startOffset)) === "";
    const column = token.startOffset - lineStart;
    const top = open.at(-1);
    if (nameOf(token) === "Close") {
      if (top === undefined || closer(top.token) !== token.image) return null;
      open.pop();
    } else if (top !== undefined && startsLine && column <= top.column) {
      return { open: top.token, after: tokens[i - 1] };
    }
    if (nameOf(token) === "Open") open.push({ token, column });
  }
  return null;
}

/** Where the next line begins; beyond the text if there is none. */
function followingLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length + 1 : end + 1;
}

/** The advice that follows from a guess. */
export function closingAdvice(source: Source, guess: Guess): string {
  const bracket = closer(guess.open);
  const { line, column } = source.position(tokenEnd(guess.after));
  return `going by the indentation, ${bracket} is missing at ${line}:${column}, after ${excerpt(guess.after.image)}`;
}

function excerpt(image: string): string {
  const line = image.split("\n", 1)[0];
  return line.length <= 30 ? line : `${line.slice(0, 27)}...`;
}

/**
 * Where reading can go on after an unclosed form that starts at tokens[start]: the next token that opens a list at the
 * very beginning of a line, as top-level forms do; the end if there is none.
 */
export function nextTopLevel(text: string, tokens: readonly Token[], start: number): number {
  for (let i = start + 1; i < tokens.length; i++) {
    const before = text[tokens[i].startOffset - 1];
    if (nameOf(tokens[i]) === "Open" && (before === "\n" || before === "\r")) return i;
  }
  return tokens.length;
}
