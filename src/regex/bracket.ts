// Classes in brackets: ranges, negation; in Clojure's dialect also classes within classes and intersections with &&.
import { complement, intersection, NOTHING, type Ranges, union } from "../data/unicode/ranges.ts";
import { type Cursor, shown } from "./cursor.ts";
import { readEscape } from "./escape.ts";
import { type Dialect, type Flags, foldOf } from "./flags.ts";
import { withCases } from "./sets.ts";

/** How deep classes may stand in one another: this parser is a recursion. */
const DEPTH_MAX = 100;

/** One item of a class: a character, which may begin a range, or a set. */
type Item = { readonly point: number } | { readonly set: Ranges };

/** Reads a class whose `[` comes next. */
export function readClass(cursor: Cursor, flags: Flags, dialect: Dialect): Ranges {
  return new ClassReader(cursor, flags, dialect).read(0);
}

class ClassReader {
  /** Inside \Q..\E. */
  private quoted = false;

  constructor(
    private readonly cursor: Cursor,
    private readonly flags: Flags,
    private readonly dialect: Dialect,
  ) {}

  /** The set of a class, its `[` next. */
  read(depth: number): Ranges {
    const { cursor } = this;
    const open = cursor.at;
    cursor.next();
    if (depth > DEPTH_MAX) cursor.fail(`classes stand in one another more than ${DEPTH_MAX} deep`, open);
    const negated = cursor.takes("^");
    let result: Ranges | null = null;
    let sum: Ranges = NOTHING;
    let count = 0;
    for (;;) {
      this.skipSpace();
      if (cursor.atEnd) this.unclosed(open);
      if (!this.quoted && cursor.sees("]") && (count > 0 || result !== null)) break;
      if (this.takesAnd()) {
        if (count === 0 && result === null) {
          cursor.fail("there is nothing in front of &&", cursor.at - 2, "write a class on both sides: [a-z&&[^aeiou]]");
        }
        result = count === 0 ? result : result === null ? sum : intersection(result, sum);
        sum = NOTHING;
        count = 0;
        continue;
      }
      count++;
      const nested = this.dialect === "clojure" && !this.quoted && cursor.sees("[");
      sum = union(sum, nested ? this.read(depth + 1) : this.items(open));
    }
    cursor.next();
    if (result !== null && count > 0) sum = intersection(result, sum);
    else if (result !== null) sum = result;
    return negated ? complement(sum) : sum;
  }

  private unclosed(open: number): never {
    const hint = "add ] where it ends; for a bracket itself write \\[";
    return this.cursor.fail("this class is never closed: expected ]", open, hint, open + 1);
  }

  private takesAnd(): boolean {
    return this.dialect === "clojure" && !this.quoted && this.cursor.takes("&&");
  }

  /** White space and comments under the flag x; the marks of quoting. In Java both count inside of classes. */
  private skipSpace(): void {
    if (this.dialect === "python") return;
    const { cursor } = this;
    for (;;) {
      if (this.quoted && cursor.takes("\\E")) this.quoted = false;
      else if (!this.quoted && cursor.takes("\\Q")) this.quoted = true;
      else if (
        this.quoted ||
        !this.flags.extended ||
        cursor.takesMatch(/[ \t-\r]+|#[^\n\r\x85\u2028\u2029]*/y) === null
      )
        return;
    }
  }

  /** A character, a range or a set. */
  private items(open: number): Ranges {
    const { cursor } = this;
    const from = cursor.at;
    const first = this.item();
    if ("set" in first) return first.set;
    const before = cursor.at;
    this.skipSpace();
    if (this.quoted || !cursor.takes("-")) {
      return this.folded(first.point, first.point);
    }
    this.skipSpace();
    if (cursor.atEnd) this.unclosed(open);
    if (!this.quoted && (cursor.sees("]") || (this.dialect === "clojure" && (cursor.sees("[") || cursor.sees("&&"))))) {
      // The hyphen is a character: it is read again as the next item.
      cursor.at = before;
      return this.folded(first.point, first.point);
    }
    const last = this.item();
    const written = cursor.text.slice(from, cursor.at);
    if ("set" in last)
      return cursor.fail(`the range ${written} does not end in a character`, from, "put the hyphen last, or write \\-");
    if (last.point < first.point) {
      cursor.fail(`the range ${written} runs backwards`, from, "exchange its ends; for a hyphen itself write \\-");
    }
    return this.folded(first.point, last.point);
  }

  private folded(low: number, high: number): Ranges {
    return withCases([low, high], foldOf(this.flags));
  }

  private item(): Item {
    const { cursor } = this;
    const from = cursor.at;
    if (this.quoted || !cursor.takes("\\")) return { point: cursor.next().codePointAt(0)! };
    const found = readEscape(cursor, from, this.flags, this.dialect, true);
    if (found.kind === "char") return { point: found.point };
    if (found.kind === "set") return { set: found.set };
    const hint = "take it out of the brackets; for a backslash itself write \\\\";
    return cursor.fail(`\\${shown(found.letter)} means nothing inside a class`, from, hint);
  }
}
