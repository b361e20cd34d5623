// The tokens of a source, made once and kept as long as the source: loading a script form by form stays linear.
import type { Diagnostic } from "../source/diagnostic.ts";
import type { Source } from "../source/source.ts";
import { loneSurrogate } from "./escapes.ts";
import { type Token, tokenize } from "./tokens.ts";

/** A source's tokens and comments, or why it cannot be read at all. */
export interface Lexed {
  readonly tokens: readonly Token[];
  readonly comments: readonly Token[];
  readonly unreadable: Diagnostic | null;
}

const cache = new WeakMap<Source, Lexed>();

/** The tokens of a source. */
export function lexed(source: Source): Lexed {
  let result = cache.get(source);
  if (result === undefined) {
    const unreadable = whyUnreadable(source);
    result = unreadable === null ? { ...tokenize(source.text), unreadable } : { tokens: [], comments: [], unreadable };
    cache.set(source, result);
  }
  return result;
}

/** Binary data and lone surrogates are refused at the door (S-14). */
function whyUnreadable(source: Source): Diagnostic | null {
  const binary = binaryAt(source.text);
  if (binary >= 0) {
    return {
      code: "read/binary",
      message: "this is not a text: it contains characters that no text has",
      span: { source, from: binary, to: binary + 1 },
      hint: "give a script in UTF-8",
      notes: [],
    };
  }
  const lone = loneSurrogate(source.text);
  if (lone < 0) return null;
  return {
    code: "read/surrogate",
    message: "this text contains half of a surrogate pair, which is not a character",
    span: { source, from: lone, to: lone + 1 },
    hint: "write the whole character, or an escape such as \\u{1F600}",
    notes: [],
  };
}

/** The first NUL; or the first control character of a text in which bytes were no UTF-8; or -1. */
function binaryAt(text: string): number {
  const nul = text.indexOf("\0");
  return nul >= 0 || !text.includes("\ufffd") ? nul : text.search(/[\x01-\x08\x0e-\x1f]/);
}

/** The index of the first token at or behind an offset. */
export function tokenIndex(tokens: readonly Token[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (tokens[middle].startOffset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
