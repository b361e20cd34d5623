// The formatter: sets the white space of a script anew, and touches nothing else.
//
//  - Lines stay where their author broke them; they are indented as styles.ts says, by the style guide of Clojure.
//  - Brackets stand close to what they hold, also those that close; between forms there is white space.
//  - At most one empty line in a row, none at the beginning; no white space at line ends; a line feed at the end.
//  - Comments stay, in their order: one of its own line is indented like the form that would stand there.
// Its output is a fixed point, and reads to the same forms (test/format holds both, on random texts too).
import { recordTypeName } from "../data/record-tag.ts";
import { lexed } from "../reader/lexed.ts";
import { readAll, UNLOADED } from "../reader/sexp.ts";
import { nameOf, type Token, tokenEnd } from "../reader/tokens.ts";
import { SourceError } from "../source/diagnostic.ts";
import type { Source } from "../source/source.ts";
import { isMethod, type Style, styleOf } from "./styles.ts";

/** The formatted text of a source. Throws a `SourceError` where it does not read. */
export function format(source: Source): string {
  // Which namespaces a text may name is nothing to its white space.
  const { errors, comments } = readAll(source, UNLOADED);
  if (errors.length > 0) throw new SourceError(errors);
  const items = [...lexed(source).tokens, ...comments].sort((a, b) => a.startOffset - b.startOffset);
  const layout = new Layout(source.text);
  for (const item of items) layout.add(item);
  return layout.finish();
}

/** An open bracket, or the top level. */
interface Open {
  /** Null at the top level. */
  readonly bracket: "list" | "other" | null;
  /** The column of the round bracket itself, and the one behind the opening. */
  readonly column: number;
  readonly inside: number;
  /** A list's first element if that is a symbol or keyword. */
  head: string | null;
  style: Style | null;
  /** How many elements have begun. */
  begun: number;
  /** Forms that the current element still needs: `'` needs one, `^` two. */
  wanted: number;
  /** Where the first argument stands, if on the line of the head. */
  argument: number | null;
  /** The argument from which a block is indented stands first on its line. */
  blockBegins: boolean;
}

class Layout {
  private readonly out: string[] = [];
  private column = 0;
  private readonly open: Open[] = [opened(null, 0, 0)];
  private last: Token | null = null;

  constructor(private readonly text: string) {}

  add(token: Token): void {
    const isComment = isLine(token);
    const closes = isClose(token);
    const begins = !isComment && !closes && this.top.wanted === 0 && nameOf(token) !== "Discard";
    const fresh = this.separate(token);
    if (begins) this.begin(token, fresh);
    if (closes) this.open.pop();
    this.write(isComment ? token.image.trimEnd() : token.image);
    if (!isComment) this.count(token);
    if (isOpen(token)) this.enter(token);
    this.last = token;
  }

  finish(): string {
    return this.out.length === 0 ? "" : `${this.out.join("")}\n`;
  }

  private get top(): Open {
    return this.open[this.open.length - 1];
  }

  private write(text: string): void {
    this.out.push(text);
    const line = text.lastIndexOf("\n");
    this.column = line < 0 ? this.column + [...text].length : [...text.slice(line + 1)].length;
  }

  /** Puts what belongs between the last item and this one; answers whether this one begins a line. */
  private separate(token: Token): boolean {
    const { last } = this;
    if (last === null) return true;
    const gap = this.text.slice(tokenEnd(last), token.startOffset);
    const lines = isLine(last) ? Math.max(1, count(gap, "\n")) : count(gap, "\n");
    const closes = isClose(token);
    if (!isLine(last)) {
      const tight = isTight(last) || isOpen(last) || (isRecordTag(last) && isOpen(token));
      if (closes || (tight && !isLine(token))) return false;
      if (gap.includes(",") && !tight) this.write(",");
      if (lines === 0 || (isTag(last) && !isLine(token))) {
        this.write(" ".repeat(isTag(last) ? 1 : Math.max(1, count(gap.slice(gap.lastIndexOf(",") + 1), " "))));
        return false;
      }
    }
    this.write("\n".repeat(Math.min(closes ? 1 : 2, lines)));
    this.write(" ".repeat(this.indentation()));
    return true;
  }

  /** The column of a line whose next element, or a comment on it, begins it. */
  private indentation(): number {
    const { bracket, column, inside, head, style, argument, begun, blockBegins } = this.top;
    if (bracket !== "list") return inside;
    if (head === null || begun === 0) return column + 1;
    if (style?.kind === "inner") return column + 2;
    const index = begun - 1;
    if (style !== null && (index === style.from || (index > style.from && blockBegins))) return column + 2;
    return argument ?? column + 1;
  }

  /** An element of the innermost bracket begins. */
  private begin(token: Token, fresh: boolean): void {
    const { top } = this;
    if (top.begun === 0 && top.bracket === "list") this.setHead(token);
    const index = top.begun - 1;
    if (index === 0 && !fresh) top.argument = this.column;
    if (fresh && top.style?.kind === "block" && index === top.style.from) top.blockBegins = true;
    top.begun++;
  }

  private setHead(token: Token): void {
    const { top } = this;
    const name = nameOf(token);
    if (name !== "Symbol" && name !== "Keyword") return;
    top.head = token.image;
    const outer = this.open.slice(-3, -1).map(({ bracket, head }) => (bracket === "list" ? (head ?? "") : null));
    top.style = name === "Keyword" ? null : isMethod(outer) ? { kind: "inner" } : styleOf(token.image);
  }

  /** Counts what the current element still needs. */
  private count(token: Token): void {
    const { top } = this;
    switch (nameOf(token)) {
      case "Prefix":
      case "Tag":
      case "MapPrefix":
        top.wanted = Math.max(1, top.wanted);
        return;
      case "Meta":
        top.wanted = Math.max(1, top.wanted) + 1;
        return;
      case "Discard":
        top.wanted += 1;
        return;
      case "Open":
        return;
      default:
        top.wanted = Math.max(0, top.wanted - 1);
    }
  }

  private enter(token: Token): void {
    const round = token.image.endsWith("(");
    this.open.push(opened(round ? "list" : "other", this.column - 1, this.column));
  }
}

function opened(bracket: Open["bracket"], column: number, inside: number): Open {
  return {
    bracket,
    column,
    inside,
    head: null,
    style: null,
    begun: 0,
    wanted: 0,
    argument: null,
    blockBegins: false,
  };
}

/** What takes the rest of its line: comments and a script's first line. */
function isLine(token: Token): boolean {
  return token.image.startsWith(";") || token.image.startsWith("#!");
}

function isOpen(token: Token): boolean {
  return nameOf(token) === "Open";
}

function isClose(token: Token): boolean {
  return nameOf(token) === "Close";
}

/** What stands close to the form behind it. */
function isTight(token: Token): boolean {
  return ["Prefix", "Meta", "Discard", "MapPrefix"].includes(nameOf(token));
}

/** What is followed by a space on its line. */
function isTag(token: Token): boolean {
  return nameOf(token) === "Tag";
}

/** The tag of a record, close to the brackets of its entries: `#geo.Point{:x 1}`. */
function isRecordTag(token: Token): boolean {
  return isTag(token) && recordTypeName(token.image.slice(1)) !== null;
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}
