// A pattern to its tree, in either dialect. A recursion whose depth is bounded.
//
// Clojure's dialect is that of java.util.regex (JDK 25). What it has and this parser has not is refused by name.
import { includes } from "../data/unicode/ranges.ts";
import { readClass } from "./bracket.ts";
import { Cursor, shown } from "./cursor.ts";
import { readEscape } from "./escape.ts";
import { type Dialect, flagLetters, type Flags, foldOf, linesOf, noFlags, withFlag } from "./flags.ts";
import { choiceOf, isNothing, sequenceOf, setNode } from "./nodes.ts";
import { RegexProblem } from "./problem.ts";
import { COUNT_MAX, PYTHON_COUNT, readBounds, seesQuantifier } from "./quantifier.ts";
import { ASCII_WORD, dotSet, LINE_BREAKS, withCases, wordSet } from "./sets.ts";
import { type Assertion, EMPTY, type Mode, type Node, type Pattern, widthOf } from "./syntax.ts";

/** How deep groups may stand in one another. */
export const DEPTH_MAX = 200;
/** UTF-16 units of a pattern. */
export const SOURCE_MAX = 1 << 16;

/** Parses a pattern; throws RegexProblem. The flags are letters; a p among them asks for Python's dialect. */
export function parse(source: string, letters = ""): Pattern {
  const dialect: Dialect = letters.includes("p") ? "python" : "clojure";
  let flags: Flags | null = noFlags(dialect);
  for (const letter of letters) {
    if (letter !== "p") flags = withFlag(flags, letter, true, dialect);
    if (flags === null) {
      throw new RegexProblem(`there is no flag ${shown(letter)}`, 0, 0, `flags are ${flagLetters(dialect)}`);
    }
  }
  if (source.length > SOURCE_MAX) {
    throw new RegexProblem(`this regex is longer than ${SOURCE_MAX} characters`, 0, source.length, null);
  }
  return new Parser(source, dialect, flags).parse();
}

interface Reference {
  readonly from: number;
  readonly to: number;
  readonly group: number;
}

class Parser {
  private readonly cursor: Cursor;
  private groups = 0;
  private readonly names = new Map<string, number>();
  /** References by number to be judged when all groups are known. */
  private readonly references: Reference[] = [];
  /** Groups that are still open. */
  private readonly open = new Set<number>();
  private depth = 0;
  private quoted = false;

  constructor(
    source: string,
    private readonly dialect: Dialect,
    private flags: Flags,
  ) {
    this.cursor = new Cursor(source);
  }

  parse(): Pattern {
    const { cursor } = this;
    if (this.dialect === "python") this.leadingFlags();
    const node = this.choice();
    if (!cursor.atEnd) {
      const from = cursor.at;
      cursor.next();
      cursor.fail("this ) closes nothing", from, "take it out; for a parenthesis itself write \\)");
    }
    this.judgeReferences();
    return { node, groups: this.groups, names: this.names };
  }

  private judgeReferences(): void {
    for (const { group, from, to } of this.references) {
      const hint = this.groups === 0 ? "it has no groups" : `its groups are 1 to ${this.groups}`;
      if (group > this.groups) this.cursor.fail(`there is no group ${group} in this regex`, from, hint, to);
    }
  }

  /** `(?i)` at the very beginning, the only place where Python takes flags for the whole. */
  private leadingFlags(): void {
    while (this.cursor.seesMatch(/\(\?[a-zA-Z]+\)/y)) {
      const from = this.cursor.at;
      this.cursor.at += 2;
      this.flags = this.readFlags(from);
      this.cursor.next();
    }
  }

  private choice(): Node {
    return choiceOf(this.options());
  }

  /** Sequences with | between, up to a ) or the end. */
  private options(): Node[] {
    const options = [this.sequence()];
    while (this.cursor.takes("|")) options.push(this.sequence());
    return options;
  }

  private sequence(): Node {
    const items: Node[] = [];
    for (;;) {
      this.skipSpace();
      const next = this.cursor.peek();
      if (next === "" || (!this.quoted && (next === "|" || next === ")"))) return sequenceOf(items);
      const from = this.cursor.at;
      const node = this.atom();
      if (node !== null) items.push(this.quantified(node, from));
    }
  }

  /** White space and comments under the flag x, and the marks of quoting. */
  private skipSpace(): void {
    const { cursor } = this;
    for (;;) {
      if (this.dialect === "clojure") {
        if (this.quoted) {
          if (!cursor.takes("\\E")) return;
          this.quoted = false;
          continue;
        }
        if (cursor.takes("\\Q")) {
          this.quoted = true;
          continue;
        }
      }
      const comment = this.dialect === "python" ? /[ \t-\r]+|#[^\n]*/y : /[ \t-\r]+|#[^\n\r\x85\u2028\u2029]*/y;
      if (!this.flags.extended || cursor.takesMatch(comment) === null) return;
    }
  }

  /** One thing that can be quantified; null where there was only a flag or a comment. */
  private atom(): Node | null {
    const { cursor } = this;
    const from = cursor.at;
    if (this.quoted) return this.literal(cursor.next(), from);
    switch (cursor.peek()) {
      case "(":
        return this.group();
      case "[":
        return setNode(readClass(cursor, this.flags, this.dialect));
      case "\\":
        return this.escape();
      case ".":
        cursor.next();
        return setNode(dotSet(this.flags, linesOf(this.flags, this.dialect)));
      case "^":
        cursor.next();
        return this.assertion(this.flags.multiline ? "line-start" : "start");
      case "$":
        cursor.next();
        return this.assertion(this.flags.multiline ? "line-end" : "last");
      case "*":
      case "+":
      case "?":
        cursor.next();
        return this.dangling(from);
      case "{":
        return this.brace(from);
      default:
        return this.literal(cursor.next(), from);
    }
  }

  private dangling(from: number): never {
    const sign = this.cursor.text.slice(from, this.cursor.at);
    const hint = `put in front what is to be repeated; for the sign itself write \\${sign[0]}`;
    return this.cursor.fail(`${sign} has nothing to repeat`, from, hint);
  }

  private brace(from: number): Node {
    const { cursor } = this;
    if (this.dialect === "clojure") {
      cursor.takesMatch(/\{[^}]*\}?/y);
      this.dangling(from);
    }
    if (cursor.takesMatch(PYTHON_COUNT) !== null) this.dangling(from);
    return this.literal(cursor.next(), from);
  }

  /** A character that stands for itself. */
  private literal(char: string, from: number): Node {
    return this.character(char.codePointAt(0)!, from);
  }

  private character(point: number, from: number): Node {
    if (point >= 0xd800 && point <= 0xdfff) {
      this.cursor.fail("half of a surrogate pair is not a character", from, "write the whole character: \\x{1F600}");
    }
    const set = withCases([point, point], foldOf(this.flags));
    return set.length === 2 && set[0] === set[1] ? { kind: "text", text: String.fromCodePoint(point) } : setNode(set);
  }

  private assertion(what: Assertion): Node {
    const word = what === "word" || what === "not-word" ? wordSet(this.flags, this.dialect) : ASCII_WORD;
    return { kind: "assertion", what, lines: linesOf(this.flags, this.dialect), word };
  }

  private escape(): Node {
    const { cursor } = this;
    const from = cursor.at;
    cursor.next();
    const found = readEscape(cursor, from, this.flags, this.dialect, false);
    if (found.kind === "char") return this.character(found.point, from);
    if (found.kind === "set") return setNode(found.set);
    switch (found.letter) {
      case "A":
        return this.assertion("start");
      case "z":
        return this.assertion("end");
      case "Z":
        return this.assertion(this.dialect === "python" ? "end" : "last");
      case "G":
        return this.assertion("origin");
      case "b":
        if (cursor.takes("{g}")) {
          cursor.refuse("there are no boundaries of graphemes", from, "\\b alone is the boundary of a word");
        }
        return this.assertion("word");
      case "B":
        return this.assertion("not-word");
      case "R":
        return choiceOf([{ kind: "text", text: "\r\n" }, setNode(LINE_BREAKS)]);
      case "k":
        return this.namedReference(from, "<", ">");
      default:
        return this.numberedReference(from, found.letter);
    }
  }

  /** `\1`, and more digits as long as there are so many groups; in Python three octal digits are a character. */
  private numberedReference(from: number, first: string): Node {
    const { cursor } = this;
    if (this.dialect === "python") {
      cursor.at--;
      const octal = cursor.takesMatch(/[0-3][0-7]{2}/y);
      if (octal !== null) return this.character(Number.parseInt(octal, 8), from);
      const group = Number(cursor.takesMatch(/[0-9]{1,2}/y));
      return this.reference(group, from);
    }
    let group = Number(first);
    while (/[0-9]/.test(cursor.peek()) && group * 10 + Number(cursor.peek()) <= this.groups) {
      group = group * 10 + Number(cursor.next());
    }
    return this.reference(group, from);
  }

  private reference(group: number, from: number): Node {
    const to = this.cursor.at;
    this.references.push({ group, from, to });
    if (this.dialect === "python" && group > this.groups) {
      this.cursor.fail(`there is no group ${group} before this`, from, "refer to a group behind it");
    }
    if (this.dialect === "python" && this.open.has(group)) {
      this.cursor.fail(`group ${group} is still open here`, from, "refer to it behind its )");
    }
    return { kind: "reference", group, fold: foldOf(this.flags) };
  }

  private namedReference(from: number, open: string, close: string): Node {
    const { cursor } = this;
    const example = open === "<" ? "\\k<name>" : "(?P=name)";
    const name = cursor.takes(open) ? cursor.takesMatch(/[^>)]*/y) : null;
    if (name === null || !cursor.takes(close))
      return cursor.fail("this reference has no name", from, `write ${example}`);
    return this.reference(this.groupNamed(name, from), from);
  }

  private groupNamed(name: string, from: number): number {
    const group = this.names.get(name);
    if (group !== undefined) return group;
    const known = [...this.names.keys()].join(", ");
    const hint = known === "" ? "no group before it has a name" : `the named groups before it are ${known}`;
    return this.cursor.fail(`there is no group ${name}`, from, hint);
  }

  /** A parenthesis and what it opens. */
  private group(): Node | null {
    const { cursor } = this;
    const from = cursor.at;
    cursor.next();
    if (!cursor.takes("?")) return this.capture(from, null);
    if (cursor.takes(":")) return this.body(from, this.flags);
    if (cursor.takes(">")) return { kind: "atomic", body: this.body(from, this.flags) };
    if (cursor.takes("=")) return this.look(from, false, false);
    if (cursor.takes("!")) return this.look(from, false, true);
    if (cursor.takes("<=")) return this.look(from, true, false);
    if (cursor.takes("<!")) return this.look(from, true, true);
    return this.dialect === "python" ? this.pythonGroup(from) : this.javaGroup(from);
  }

  private javaGroup(from: number): Node | null {
    const { cursor } = this;
    if (cursor.takes("<")) return this.capture(from, this.groupName(from));
    if (cursor.sees("P<") || cursor.sees("P=")) {
      cursor.next();
      cursor.fail("(?P is Python's way", from, "write (?<name>...) and \\k<name>");
    }
    return this.flagGroup(from);
  }

  private pythonGroup(from: number): Node | null {
    const { cursor } = this;
    if (cursor.takes("P<")) return this.capture(from, this.groupName(from));
    if (cursor.takes("P=")) return this.namedReference(from, "", ")");
    if (cursor.takes("#")) {
      cursor.takesMatch(/[^)]*/y);
      if (!cursor.takes(")")) this.unclosed(from);
      return null;
    }
    if (cursor.takes("(")) return this.condition(from);
    return this.flagGroup(from);
  }

  private groupName(from: number): string {
    const { cursor } = this;
    const python = this.dialect === "python";
    const name = cursor.takesMatch(python ? /[^>)]*/y : /[a-zA-Z][a-zA-Z0-9]*/y) ?? "";
    const isName = python ? isPythonName(name) : name !== "";
    if (!isName || !cursor.takes(">")) {
      cursor.takesMatch(/[^>)]*/y);
      const hint = `names are made of letters${python ? ", digits and _" : " and digits"} and begin with a letter`;
      return cursor.fail("this is not the name of a group", from, hint);
    }
    if (this.names.has(name)) cursor.fail(`two groups have the name ${name}`, from, "give one of them another name");
    return name;
  }

  private capture(from: number, name: string | null): Node {
    const index = ++this.groups;
    if (name !== null) this.names.set(name, index);
    this.open.add(index);
    const body = this.body(from, this.flags);
    this.open.delete(index);
    return { kind: "group", index, body };
  }

  private body(from: number, flags: Flags): Node {
    return choiceOf(this.bodies(from, flags));
  }

  /** The options that stand in a group up to its ), which is taken; `flags` hold inside. */
  private bodies(from: number, flags: Flags): Node[] {
    const outer = this.flags;
    if (++this.depth > DEPTH_MAX) {
      throw new RegexProblem(`groups stand in one another more than ${DEPTH_MAX} deep`, from, from + 1);
    }
    this.flags = flags;
    const options = this.options();
    if (!this.cursor.takes(")")) this.unclosed(from);
    this.flags = outer;
    this.depth--;
    return options;
  }

  private unclosed(from: number): never {
    const hint = "add ) where it ends; for a parenthesis itself write \\(";
    return this.cursor.fail("this group is never closed: expected )", from, hint, from + 1);
  }

  private look(from: number, behind: boolean, negative: boolean): Node {
    const { cursor } = this;
    const body = this.body(from, this.flags);
    const [min, max] = behind ? widthOf(body) : [0, 0];
    if (max > COUNT_MAX) {
      cursor.fail(
        "what a lookbehind takes has no greatest length",
        from,
        "use {0,n} in place of * and +, and no references",
      );
    }
    if (this.dialect === "python" && min !== max) {
      cursor.fail(
        "a lookbehind takes text of one length",
        from,
        "write one lookbehind for each length, with | between",
      );
    }
    return { kind: "look", behind, negative, body, min, max };
  }

  /** Python's `(?(1)yes|no)`. */
  private condition(from: number): Node {
    const { cursor } = this;
    const id = cursor.takesMatch(/[^)]*/y) as string;
    if (!cursor.takes(")")) this.unclosed(from);
    const group = /^[0-9]+$/.test(id) ? Number(id) : this.groupNamed(id, from);
    this.references.push({ group, from, to: cursor.at });
    if (group === 0) cursor.fail("a condition asks for a group from 1 on", from);
    const [yes, no = EMPTY, ...more] = this.bodies(from, this.flags);
    if (more.length > 0)
      cursor.fail("a condition has two branches at most", from, "put a group around further options");
    return { kind: "condition", group, yes, no };
  }

  /** `(?i-s)`, which holds to the end of the group around it, or `(?i-s:...)`. */
  private flagGroup(from: number): Node | null {
    const flags = this.readFlags(from);
    if (this.cursor.takes(":")) return this.body(from, flags);
    if (!this.cursor.takes(")")) return this.strangeGroup(from);
    if (this.dialect === "python") {
      this.cursor.fail("flags for the whole stand at its beginning", from, "move them there, or write (?i:...)");
    }
    this.flags = flags;
    return null;
  }

  private readFlags(from: number): Flags {
    const { cursor } = this;
    let flags = this.flags;
    let on = true;
    for (;;) {
      if (on && cursor.takes("-")) on = false;
      const letter = cursor.takesMatch(/[a-zA-Z]/y);
      if (letter === null) return flags;
      const changed = withFlag(flags, letter, on, this.dialect);
      if (changed === null) return this.strangeGroup(from, letter);
      flags = changed;
    }
  }

  private strangeGroup(from: number, letter: string | null = null): never {
    const { cursor } = this;
    if (cursor.atEnd) this.unclosed(from);
    const ways = this.dialect === "python" ? "(?P<name> (?P=name) (?(1)..|..)" : "(?<name>";
    const hint = `there are (?: (?= (?! (?<= (?<! (?> ${ways} and the flags ${flagLetters(this.dialect)}`;
    if (letter !== null) return cursor.fail(`there is no flag ${letter}`, from, hint);
    const char = cursor.next();
    return cursor.fail(`a group cannot begin with (?${shown(char)}`, from, hint);
  }

  /** An atom with the quantifier behind it, if there is one. */
  private quantified(node: Node, from: number): Node {
    const { cursor } = this;
    this.skipSpace();
    if (this.quoted) return node;
    const bounds = readBounds(cursor, this.dialect);
    if (bounds === null) return node;
    const mode: Mode = cursor.takes("?") ? "lazy" : cursor.takes("+") ? "possessive" : "greedy";
    this.skipSpace();
    if (!this.quoted && seesQuantifier(cursor, this.dialect)) {
      const second = cursor.at;
      if (cursor.takesMatch(/\{[^}]*\}?/y) === null) cursor.next();
      cursor.fail("a quantifier stands behind another one", second, "put what is to be repeated into a group: (?:...)");
    }
    return this.repeat(node, bounds, mode, from);
  }

  private repeat(body: Node, [min, max]: readonly [number, number], mode: Mode, from: number): Node {
    if (body.kind === "assertion" && this.dialect === "python" && this.cursor.text[from] !== "(") {
      this.cursor.fail("a place in the text cannot be repeated", from, "take the quantifier out");
    }
    // Nothing, however often: repetitions are spelled out, and only what needs instructions meets the limit on them.
    if (max === 0 || isNothing(body)) return EMPTY;
    if (min === 1 && max === 1) return mode === "possessive" ? { kind: "atomic", body } : body;
    return { kind: "repeat", body, min, max, mode };
  }
}

function isPythonName(name: string): boolean {
  const word = wordSet(noFlags("python"), "python");
  return /^[^0-9]/.test(name) && Array.from(name).every((char) => includes(word, char.codePointAt(0)!));
}
