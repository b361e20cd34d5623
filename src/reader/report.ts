// The problems of one reading: places them in the source, words them, and says when there are enough.
import type { Code } from "../base/codes.ts";
import { asciiUpper } from "../base/text.ts";
import type { Diagnostic, Note } from "../source/diagnostic.ts";
import type { Source } from "../source/source.ts";
import { closingAdvice, guessUnclosed } from "./brackets.ts";
import { closer } from "./frame.ts";
import type { Problem } from "./problem.ts";
import { type Token, tokenEnd } from "./tokens.ts";

/** Reading stops after so many problems: further ones are mostly consequences. */
export const PROBLEMS_MAX = 20;

type Place = readonly number[];

/** Collects diagnostics. */
export class Report {
  readonly diagnostics: Diagnostic[] = [];

  constructor(
    private readonly source: Source,
    private readonly tokens: readonly Token[],
  ) {}

  /** How many problems there are. */
  get count(): number {
    return this.diagnostics.length;
  }

  /** There are enough problems: stop reading. */
  get full(): boolean {
    return this.diagnostics.length >= PROBLEMS_MAX;
  }

  /** Forgets the problems behind an offset: reading begins there again. */
  forgetFrom(offset: number): void {
    const kept = this.diagnostics.filter(({ span }) => span === null || span.from < offset);
    this.diagnostics.splice(0, this.diagnostics.length, ...kept);
  }

  private add(code: Code, [from, to]: Place, message: string, hint: string | null, notes: Note[] = []): void {
    this.diagnostics.push({ code, message, span: { source: this.source, from, to }, hint, notes });
  }

  private note([from, to]: Place, message: string): Note {
    return { message, span: { source: this.source, from, to } };
  }

  /** A problem inside a token. */
  problem(problem: Problem, token: Token): void {
    const to = problem.to === null ? tokenEnd(token) : token.startOffset + problem.to;
    this.at(problem, [token.startOffset + problem.from, to]);
  }

  /** A problem at a place. */
  at({ code, message, hint }: Problem, place: Place): void {
    this.add(code, place, message, hint);
  }

  /** A bracket that is open at the end of the text; its top-level form begins at tokens[start]. */
  unclosed(innermost: Token, start: number): void {
    const guess = guessUnclosed(this.source.text, this.tokens, start, this.tokens.length);
    const open = guess?.open ?? innermost;
    const expected = closer(open);
    const message = `${open.image} is never closed: expected ${expected}`;
    const hint = guess === null ? `add ${expected} where the form ends` : closingAdvice(this.source, guess);
    const missing = `${expected} is probably missing after this`;
    const notes = guess === null ? [] : [this.note(placeOf(guess.after), missing)];
    this.add("read/unclosed", placeOf(open), message, hint, notes);
  }

  /** A closing bracket, tokens[index], that fits an outer bracket but not the innermost one. */
  mismatched(token: Token, innermost: Token, start: number, index: number): void {
    const guess = guessUnclosed(this.source.text, this.tokens, start, index);
    const hint = guess === null ? null : closingAdvice(this.source, guess);
    this.cannotClose(token, innermost, hint ?? `write ${closer(innermost)} here, or before`);
  }

  /** A closing bracket that fits nothing that is open. */
  unexpectedClose(token: Token, innermost: Token | null): void {
    if (innermost !== null) {
      this.cannotClose(token, innermost, `write ${closer(innermost)}`);
    } else {
      const message = `there is no open bracket for ${token.image}`;
      this.add("read/unexpected-close", placeOf(token), message, "take it out, or open a bracket before");
    }
  }

  private cannotClose(token: Token, open: Token, hint: string): void {
    const expected = closer(open);
    const { line, column } = this.source.position(open.startOffset);
    const message = `${token.image} cannot close the ${open.image} opened at ${line}:${column}: expected ${expected}`;
    const note = this.note(placeOf(open), `this is open and needs ${expected}`);
    this.add("read/mismatched", placeOf(token), message, hint, [note]);
  }

  /** A string or regex, the last token, whose closing quote is missing; its top-level form begins at tokens[start]. */
  unclosedString(token: Token, start: number): void {
    const isRegex = token.image.startsWith("#");
    const message = `this ${isRegex ? "regex" : "string"} is never closed: expected a double quote`;
    const opening = [token.startOffset, token.startOffset + (isRegex ? 2 : 1)];
    // If a quote is missing further up, strings and what stands between them have changed places since: the first string
    // that swallowed the beginning of a top-level form gives it away.
    const earlier = this.tokens.slice(start).find(({ image }) => image.startsWith('"') && image.includes("\n("));
    const isElsewhere = earlier !== undefined && earlier !== token;
    const notes = isElsewhere ? [this.note(placeOf(earlier), "or is the closing quote of this one missing?")] : [];
    this.add("read/unclosed-string", opening, message, 'add " at its end; a quote inside is written \\"', notes);
  }

  /** A prefix with nothing behind it. */
  nothingFollows(token: Token, before: Token | null): void {
    const next = before === null ? "the text ends" : `${before.image} follows`;
    const message = `${token.image} needs a form behind it, but ${next}`;
    this.add("read/nothing-follows", placeOf(token), message, "add the form, or take the prefix out");
  }

  /** `#:ns` without a map. */
  prefixWithoutMap(token: Token): void {
    const hint = "write #:name{:key value}; a keyword is written :name, without #";
    this.add("read/map", placeOf(token), `${token.image} needs a map right behind it`, hint);
  }

  /** `#( )` inside `#( )`. */
  nestedFunction(token: Token, outer: Token): void {
    const message = "a short function #( ) cannot stand inside another: whose % would it be?";
    const note = this.note(placeOf(outer), "the outer one begins here");
    this.add("read/nested-function", placeOf(token), message, "write one of them as (fn [x] ...)", [note]);
  }

  /** A map literal with an odd number of forms; `last` is the place of the last one. */
  oddMap(map: Place, count: number, last: Place): void {
    const forms = count === 1 ? "1 form" : `${count} forms`;
    const message = `a map needs keys and values in pairs, and this one has ${forms}`;
    this.add("read/odd-map", last, message, "add the value, or take the key out", [this.note(map, "in this map")]);
  }

  /** Two equal keys in a map literal, or items in a set literal. */
  duplicate(second: Place, first: Place): void {
    const [from, to] = second;
    const shown = to - from <= 40 ? this.source.text.slice(from, to) : "this";
    const note = this.note(first, "first here");
    this.add("read/duplicate-key", second, `${shown} stands in this literal twice`, "take one of them out", [note]);
  }

  /** Syntax of other Lisps, refused by name. */
  refused(token: Token): void {
    const [message, hint] = REFUSED[token.image.slice(0, 2)];
    this.add("read/refused", placeOf(token), message, hint);
  }

  /** What code may have and edn has not. */
  notEdn(token: Token): void {
    const what = token.image.startsWith('#"') ? "regexes" : token.image;
    const hint =
      "edn is data: nil, booleans, strings, characters, symbols, keywords, numbers, ( ) [ ] { } #{ } and #tag value";
    this.add("read/refused", placeOf(token), `edn has no ${what}`, hint);
  }

  /** A character that can start no form. */
  stray(token: Token): void {
    const [code, message, hint] = strayMeaning(token.image);
    this.add(code, placeOf(token), message, hint);
  }
}

function placeOf(token: Token): Place {
  return [token.startOffset, tokenEnd(token)];
}

const REFUSED: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  "#?": [
    "there are no reader conditionals (#?): the same text means the same everywhere",
    "write the one form that is meant",
  ],
  "#=": ["reading never runs code, so there is no #=", "write the expression itself, or use a macro"],
  "#<": ["this is the printed form of something that cannot be read back", "write an expression that makes it"],
  "#^": ["metadata is written with ^ alone", "write ^ instead of #^"],
  "#!": ["#! may only begin the first line of a text", "a comment begins with ;"],
};

function strayMeaning(image: string): [code: Code, message: string, hint: string] {
  const code = image.charCodeAt(0);
  if (code === 0x201c || code === 0x201d) {
    const message = `${image[0]} is a typographic quote`;
    return ["read/character", message, 'strings are written with plain double quotes: "text"'];
  }
  if (image === "#") return ["read/tag", "# stands alone", 'write #{ } #( ) #"regex" #\'var #_ or #tag'];
  if (image === "\\") {
    const hint = "for a space write \\space, for a line break \\newline";
    return ["read/character", "a character is missing after \\", hint];
  }
  const name = `U+${asciiUpper(code.toString(16)).padStart(4, "0")}`;
  const message = `the invisible character ${name} cannot stand here`;
  return ["read/character", message, "take it out; in a string it can be written as an escape"];
}
