// The tokens of the Lisp surface: a chevrotain lexer that accepts every text, so that the reader alone reports problems.
//
// Whatever cannot start a token is a `Stray` of one character; a string without an end is an `UnclosedString` up to the
// end of the text. The lexer is built on first use, without chevrotain's validations (a test runs them), because every
// process pays for it.
import { SPACES } from "../base/text.ts";
import { createToken, type ITokenConfig, Lexer, type TokenType } from "chevrotain";

/** What a token can be; the reader switches on it. */
export type TokenName =
  | "Open"
  | "Close"
  | "String"
  | "Regex"
  | "UnclosedString"
  | "Character"
  | "Keyword"
  | "Number"
  | "Symbol"
  | "Prefix"
  | "Meta"
  | "Discard"
  | "MapPrefix"
  | "Symbolic"
  | "Tag"
  | "Shebang"
  | "Refused"
  | "Stray";

/** What the reader uses of chevrotain's tokens: a piece of text and its place in UTF-16 offsets. */
export interface Token {
  readonly image: string;
  readonly startOffset: number;
  readonly tokenType: { readonly name: string };
}

/** What a token is. */
export function nameOf(token: Token): TokenName {
  return token.tokenType.name as TokenName;
}

/** The offset behind a token. */
export function tokenEnd(token: Token): number {
  return token.startOffset + token.image.length;
}

// What may stand inside a symbol, keyword or number: everything but white space, brackets, reader macros, control
// characters, and characters that are not what they look like (bidirectional overrides, zero-width space, curly quotes).
const DELIMITERS = `\\x00-\\x20\\x7f-\\x9f${SPACES},()[\\]{}";\`~@^\\\\\\u200b\\u202a-\\u202e\\u2066-\\u2069\\u201c\\u201d`;
const WORD = `[^${DELIMITERS}]`;
const PAIR = "[\\ud800-\\udbff][\\udc00-\\udfff]";

// chevrotain picks the candidates for a token by its first character: exact below 256, by buckets of 255 above.
const ascii = (matches: (char: string) => boolean): string[] =>
  Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter(matches);
const BEYOND: number[] = [];
for (let code = 0x100; code <= 0xffff; code += 0xff) BEYOND.push(code);
BEYOND.push(0xffff);
const blanks = new RegExp(`[${SPACES},]+`);
const SPACE_HINT = [...ascii((char) => blanks.test(char)), ...BEYOND];
const wordStart = new RegExp(`[^${DELIMITERS}#':]`);
const WORD_HINT = [...ascii((char) => wordStart.test(char)), ...BEYOND];
const ANY_HINT = [...ascii(() => true), ...BEYOND];
const NUMBER_HINT = [..."+-0123456789"];

/** The end of a string whose opening quote stands at `open`, or -1. A loop, since a pattern could exhaust its stack. */
function stringEnd(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code === 0x5c) at++;
  }
  return -1;
}

function matchString(text: string, offset: number): [string] | null {
  if (text.charCodeAt(offset) !== 0x22) return null;
  const end = stringEnd(text, offset);
  return end < 0 ? null : [text.slice(offset, end)];
}

function matchRegex(text: string, offset: number): [string] | null {
  if (!text.startsWith('#"', offset)) return null;
  const end = stringEnd(text, offset + 1);
  return end < 0 ? null : [text.slice(offset, end)];
}

type Definition = readonly [name: string, pattern: ITokenConfig["pattern"], hint: (string | number)[], lines?: boolean];

const VOCABULARY: readonly Definition[] = [
  ["Open", /#?[({]|\[/, ["(", "[", "{", "#"]],
  ["Close", /[)\]}]/, [")", "]", "}"]],
  ["String", matchString, ['"'], true],
  ["Regex", matchRegex, ["#"], true],
  ["UnclosedString", /#?"[\s\S]*/, ['"', "#"], true],
  ["Character", new RegExp(`\\\\(?:u\\{[0-9a-fA-F]+\\}|${PAIR}|[^${SPACES}])${WORD}*`), ["\\"]],
  ["Keyword", new RegExp(`:${WORD}*`), [":"]],
  ["Number", new RegExp(`[+-]?\\d${WORD}*`), NUMBER_HINT],
  ["Symbol", new RegExp(`[^${DELIMITERS}#':]${WORD}*`), WORD_HINT],
  ["Prefix", /~@|['`~@]|#'/, ["~", "'", "`", "@", "#"]],
  ["Meta", /\^/, ["^"]],
  ["Discard", /#_/, ["#"]],
  ["MapPrefix", new RegExp(`#:${WORD}*`), ["#"]],
  ["Symbolic", new RegExp(`##${WORD}*`), ["#"]],
  ["Shebang", /#![^\n\r]*/, ["#"]],
  ["Refused", /#(?:\?@?|[=^]|<[^>\n\r]*>?)/, ["#"]],
  ["Tag", new RegExp(`#${WORD}+`), ["#"]],
  ["Stray", /\u201c[^\u201d\n\r]*\u201d|[\s\S]/, ANY_HINT, true],
];

/** The token types in order of precedence. */
export function tokenTypes(): TokenType[] {
  const spaces = createToken({
    name: "Space",
    pattern: blanks,
    group: Lexer.SKIPPED,
    line_breaks: true,
    start_chars_hint: SPACE_HINT,
  });
  const comments = createToken({
    name: "Comment",
    pattern: /;[^\n\r]*/,
    group: "comments",
    line_breaks: false,
    start_chars_hint: [";"],
  });
  const types = VOCABULARY.map(([name, pattern, hint, lines = false]) =>
    createToken({ name, pattern: pattern!, start_chars_hint: hint, line_breaks: lines }),
  );
  return [spaces, comments, ...types];
}

let lexer: Lexer | null = null;

function theLexer(): Lexer {
  lexer ??= new Lexer(tokenTypes(), {
    positionTracking: "onlyOffset",
    ensureOptimizations: true,
    skipValidations: true,
  });
  return lexer;
}

/** All tokens of a text, and its comments, in order. */
export function tokenize(text: string): { tokens: Token[]; comments: Token[] } {
  const { tokens, groups } = theLexer().tokenize(text);
  return { tokens, comments: groups.comments };
}
