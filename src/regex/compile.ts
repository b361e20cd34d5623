// A tree to a program. Counted repetitions are spelled out, so a program has a greatest size.
import { intersection, type Ranges } from "../data/unicode/ranges.ts";
import { anyOf, type First, firstOf, mayBeEmpty } from "./first.ts";
import { singleSet } from "./nodes.ts";
import { parse } from "./parse.ts";
import { RegexProblem } from "./problem.ts";
import {
  ASSERTIONS,
  Body,
  Greedy,
  Lazy,
  LINES,
  type MemoPlace,
  Op,
  PointSet,
  Possessive,
  type Program,
} from "./program.ts";
import type { Mode, Node, Pattern } from "./syntax.ts";

/** Numbers in a program. */
export const CODE_MAX = 1 << 16;

const MODES: Readonly<Record<Mode, number>> = { greedy: Greedy, lazy: Lazy, possessive: Possessive };
const FOLDS = ["none", "ascii", "unicode"] as const;

type Repeat = Extract<Node, { kind: "repeat" }>;

/**
 * Compiles a pattern: its source, and the letters of its flags (`i`, `m`, ...; with a p first it is Python's dialect).
 * Throws RegexProblem.
 */
export function compileRegex(source: string, flags = ""): Program {
  const pattern = parse(source, flags);
  return new Emitter(pattern, source.length).program();
}

class Emitter {
  private readonly code: number[] = [];
  private readonly texts: string[] = [];
  private readonly sets: PointSet[] = [];
  /** The number of each set, by the object and by what is in it. */
  private readonly setNumbers = new Map<Ranges | string, number>();
  private readonly memos: MemoPlace[] = [];
  private memoCount = 0;
  /** The register in which each group keeps where it began. */
  private readonly keeps = new Map<number, number>();
  /** The registers of the loops by how deep they stand in one another. */
  private readonly loopRegisters: number[] = [];
  private registers: number;
  /** The registers of the loops around what is emitted, up to the body it belongs to. */
  private loops: number[] = [];
  private loopDepth = 0;
  private readonly depends = new Set<number>();

  constructor(
    private readonly pattern: Pattern,
    private readonly length: number,
  ) {
    this.registers = 2 * (pattern.groups + 1);
  }

  program(): Program {
    const { node, groups, names } = this.pattern;
    this.emit(node, null);
    this.put(Op.Match);
    const first = firstOf(node, null);
    return {
      code: Int32Array.from(this.code),
      texts: this.texts,
      sets: this.sets,
      groups,
      names,
      registers: this.registers,
      memos: this.memos,
      memoCount: this.memoCount,
      depends: [...this.depends].sort((a, b) => a - b).flatMap((group) => this.registersOf(group)),
      anchored: isAnchored(node),
      prefix: prefixOf(node),
      first: first === null ? null : new PointSet(first),
    };
  }

  private registersOf(group: number): number[] {
    const keep = this.keeps.get(group);
    return [2 * group, 2 * group + 1, ...(keep === undefined ? [] : [keep])];
  }

  /** Appends an instruction; answers where it stands. */
  private put(...numbers: number[]): number {
    const at = this.code.length;
    if (at > CODE_MAX) {
      const hint = "repetitions are spelled out: ask for fewer of them";
      throw new RegexProblem("this regex is too large", 0, this.length, hint);
    }
    this.code.push(...numbers);
    return at;
  }

  private set(ranges: Ranges): number {
    const known = this.setNumbers.get(ranges);
    if (known !== undefined) return known;
    const content = ranges.join();
    const number = this.setNumbers.get(content) ?? this.sets.push(new PointSet(ranges)) - 1;
    this.setNumbers.set(content, number).set(ranges, number);
    return number;
  }

  private firstSet(first: First): number {
    return first === null ? -1 : this.set(first);
  }

  private memo(): number {
    this.memos.push({ base: this.memoCount, registers: [...this.loops] });
    this.memoCount += this.loops.length + 1;
    return this.memos.length - 1;
  }

  /** Emits what matches a node; `follow` can come first behind it. */
  private emit(node: Node, follow: First): void {
    switch (node.kind) {
      case "text":
        this.text(node.text);
        break;
      case "set":
        this.put(Op.Set, this.set(node.set));
        break;
      case "sequence":
        this.sequence(node.items, follow);
        break;
      case "choice":
        this.choice(node.options, follow);
        break;
      case "group":
        this.group(node.index, node.body, follow);
        break;
      case "repeat":
        this.repeat(node, follow);
        break;
      case "atomic":
        this.body(Body.Atomic, node.body, 0, 0);
        break;
      case "look": {
        const kind = node.behind ? Body.Behind : Body.Ahead;
        this.body(node.negative ? kind + 1 : kind, node.body, node.min, node.max);
        break;
      }
      case "assertion":
        this.put(Op.Assert, ASSERTIONS.indexOf(node.what), LINES.indexOf(node.lines), this.set(node.word));
        break;
      case "reference":
        this.depends.add(node.group);
        this.put(Op.Reference, node.group, FOLDS.indexOf(node.fold));
        break;
      case "condition":
        this.condition(node.group, node.yes, node.no, follow);
        break;
    }
  }

  private text(text: string): void {
    if (text.length === 1) {
      this.put(Op.Char, text.charCodeAt(0));
    } else {
      this.put(Op.Text, this.texts.push(text) - 1);
    }
  }

  private sequence(items: readonly Node[], follow: First): void {
    const follows: First[] = [];
    items.reduceRight<First>((next, item, i) => {
      follows[i] = next;
      return firstOf(item, next);
    }, follow);
    items.forEach((item, i) => this.emit(item, follows[i]));
  }

  private choice(options: readonly Node[], follow: First): void {
    const firsts = options.map((option) => firstOf(option, follow));
    const rests: First[] = [];
    firsts.reduceRight<First>((rest, first, i) => {
      rests[i] = rest;
      return anyOf([first, rest]);
    }, []);
    const jumps: number[] = [];
    options.forEach((option, i) => {
      const isLast = i === options.length - 1;
      const split = isLast ? 0 : this.put(Op.Split, 0, 0, this.firstSet(firsts[i]), this.firstSet(rests[i]));
      if (!isLast) this.code[split + 1] = this.code.length;
      this.emit(option, follow);
      if (!isLast) {
        jumps.push(this.put(Op.Jump, 0));
        this.code[split + 2] = this.code.length;
      }
    });
    this.meet(jumps.map((jump) => jump + 1));
  }

  /** Several ways meet here: their targets are set, and who has come by once need not come again. */
  private meet(targets: readonly number[]): void {
    for (const target of targets) this.code[target] = this.code.length;
    if (targets.length > 0) this.put(Op.Memo, this.memo());
  }

  private group(index: number, body: Node, follow: First): void {
    let keep = this.keeps.get(index);
    if (keep === undefined) {
      keep = this.registers++;
      this.keeps.set(index, keep);
    }
    this.put(Op.Keep, keep);
    this.emit(body, follow);
    this.put(Op.Close, index, keep);
  }

  private condition(group: number, yes: Node, no: Node, follow: First): void {
    this.depends.add(group);
    const test = this.put(Op.Condition, group, 0);
    this.emit(yes, follow);
    const jump = this.put(Op.Jump, 0);
    this.code[test + 2] = this.code.length;
    this.emit(no, follow);
    this.meet([jump + 1]);
  }

  /** A body of its own: nothing in it is chosen by what follows, as its first match is its only one. */
  private body(kind: number, node: Node, min: number, max: number): void {
    const outer = this.loops;
    this.loops = [];
    // Whether a lookaround matches can be remembered, unless groups in it tell how.
    const memo = kind === Body.Atomic || hasGroups(node) ? -1 : this.memo();
    const begin = this.put(Op.Begin, kind, 0, min, max, memo);
    this.emit(node, null);
    this.put(Op.End);
    this.code[begin + 2] = this.code.length;
    this.loops = outer;
  }

  private repeat(node: Repeat, follow: First): void {
    const { body, min, max, mode } = node;
    const set = singleSet(body);
    if (set !== null) return this.star(set, node, follow);
    if (mode === "possessive") return this.body(Body.Atomic, { ...node, mode: "greedy" }, 0, 0);
    for (let i = 0; i < min; i++) {
      const rest: Repeat = { ...node, min: min - i - 1, max: max - i - 1 };
      this.emit(body, firstOf(rest, follow));
    }
    if (max === Infinity) this.loop(body, mode, follow);
    else if (max > min) this.options(body, max - min, mode, follow);
  }

  /** One code point of a set, repeated. */
  private star(set: Ranges, { min, max, mode }: Repeat, follow: First): void {
    const number = this.set(set);
    if (min === 1) this.put(Op.Set, number);
    else if (min > 1) this.put(Op.Times, number, min);
    if (max === min) return;
    const most = max === Infinity ? -1 : max - min;
    // Where what follows cannot begin with what is repeated, there is one way to go only.
    const decided = most < 0 && follow !== null && intersection(set, follow).length === 0;
    const how = decided ? Possessive : MODES[mode];
    this.put(Op.Star, number, most, how, most < 0 ? this.memo() : -1, how === Possessive ? -1 : this.firstSet(follow));
    if (most >= 0 && how !== Possessive) this.put(Op.Memo, this.memo());
  }

  private loop(body: Node, mode: Mode, follow: First): void {
    const head = this.put(Op.Memo, this.memo());
    const bodyFirst = firstOf(body, follow);
    const again = anyOf([bodyFirst, follow]);
    const split = this.split(mode, bodyFirst, follow);
    const empty = mayBeEmpty(body);
    const register = empty ? this.enterLoop() : -1;
    this.emit(body, again);
    const progress = empty ? this.put(Op.Progress, register, 0) : -1;
    this.put(Op.Jump, head);
    if (empty) {
      this.leaveLoop();
      this.meet([split, progress + 2]);
    } else {
      this.code[split] = this.code.length;
    }
  }

  /** Begins a loop whose body may take nothing: where each round begins is kept. */
  private enterLoop(): number {
    if (this.loopDepth === this.loopRegisters.length) this.loopRegisters.push(this.registers++);
    const register = this.loopRegisters[this.loopDepth++];
    this.put(Op.Keep, register);
    this.loops.push(register);
    return register;
  }

  private leaveLoop(): void {
    this.loops.pop();
    this.loopDepth--;
  }

  /** `count` bodies, each only behind the one before. */
  private options(body: Node, count: number, mode: Mode, follow: First): void {
    const bodyFirst = firstOf(body, follow);
    const again = anyOf([bodyFirst, follow]);
    const exits: number[] = [];
    for (let i = 0; i < count; i++) {
      exits.push(this.split(mode, bodyFirst, follow));
      this.emit(body, i === count - 1 ? follow : again);
    }
    this.meet(exits);
  }

  /** A choice between what comes next and leaving; answers where the target for leaving is to be written. */
  private split(mode: Mode, inside: First, outside: First): number {
    const [a, b] = [this.firstSet(inside), this.firstSet(outside)];
    const at = mode === "lazy" ? this.put(Op.Split, 0, 0, b, a) : this.put(Op.Split, 0, 0, a, b);
    const [stay, leave] = mode === "lazy" ? [at + 2, at + 1] : [at + 1, at + 2];
    this.code[stay] = this.code.length;
    return leave;
  }
}

function hasGroups(node: Node): boolean {
  switch (node.kind) {
    case "group":
      return true;
    case "sequence":
      return node.items.some(hasGroups);
    case "choice":
      return node.options.some(hasGroups);
    case "condition":
      return hasGroups(node.yes) || hasGroups(node.no);
    case "atomic":
    case "repeat":
    case "look":
      return hasGroups(node.body);
    case "text":
    case "set":
    case "assertion":
    case "reference":
      return false;
  }
}

/** True if a match can begin at the start of the text only. */
function isAnchored(node: Node): boolean {
  switch (node.kind) {
    case "assertion":
      return node.what === "start";
    case "sequence":
      return node.items.length > 0 && isAnchored(node.items[0]);
    case "choice":
      return node.options.every(isAnchored);
    case "group":
    case "atomic":
      return isAnchored(node.body);
    case "repeat":
      return node.min > 0 && isAnchored(node.body);
    case "text":
    case "set":
    case "look":
    case "reference":
    case "condition":
      return false;
  }
}

/** The text every match begins with, or "". */
function prefixOf(node: Node): string {
  switch (node.kind) {
    case "text":
      return node.text;
    case "sequence":
      return node.items.length === 0 ? "" : prefixOf(node.items[0]);
    case "group":
    case "atomic":
      return prefixOf(node.body);
    case "repeat":
      return node.min > 0 ? prefixOf(node.body) : "";
    case "choice":
    case "set":
    case "assertion":
    case "look":
    case "reference":
    case "condition":
      return "";
  }
}
