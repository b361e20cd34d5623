// The matcher: runs a program over a text, a bounded number of steps at a time.
//
// It is a backtracking matcher, because the order in which ways are tried is what a regex means, with memoisation, because
// some patterns have exponentially many ways: once more steps were made than the text accounts for, it marks each place of
// the program and the text as it comes by, and fails where it has been before (Davis, Servant, Lee: "Using Selective
// Memoization to Defeat Regular Expression Denial of Service", 2021; marking on entry is RE2's BitState). That is sound
// because whoever comes by a second time comes back from a failure; but not in a body of its own (lookaround, atomic
// group), which may have matched there before: its marks are taken back when it matches. So the time is polynomial for
// every pattern.
//
// All that it knows is in numbers, so a match that is not finished can be stored (state.ts).
import { Memo, pagesFor } from "./memo.ts";
import { after, before, holds, isAt, sameText } from "./places.ts";
import { Body, Lazy, Op, Possessive, type Program } from "./program.ts";

/** Ways to go back to that are kept at most, 16 bytes each. */
export const STACK_MAX = 1 << 20;
/** Steps beyond which marks are made: so many for each unit of text that was reached, and these anyway. */
const STEPS_PER_UNIT = 8;
const STEPS_FREE = 4096;
/** Units of text that are looked through at once for a place to begin. */
const STRETCH = 1 << 14;
/** Numbers of a stack that is kept for the next match. */
const STACK_KEPT = 1 << 16;

/** What `run` answers. */
export const Unfinished = 0;
export const Matched = 1;
export const Failed = 2;
/** More than STACK_MAX ways to go back to. */
export const StackFull = 3;
/** More marks than Memo holds. */
export const MemoFull = 4;

/** What is on the stack: four numbers each, the last of which says what it is. */
export const Entry = {
  /** place of the program, place: go on there. */
  Choice: 0,
  /** register, value: what it was before. */
  Restore: 1,
  /** star, least place, place: a greedy repetition that could end at the place, or before. */
  Shorter: 2,
  /** star, place, count: a lazy repetition that could take more. */
  Longer: 3,
  /** The body that began here has failed. */
  Barrier: 4,
} as const;

/**
 * Numbers that describe an open body: where its Begin stands, the place, stack and log when it began, where it was tried
 * last, how often it can be tried elsewhere.
 */
export const BODY_WIDTH = 6;

/** What the matcher does next: looks for a place to begin, follows the program, or goes back. */
export const Phase = { Seek: 0, Run: 1, Back: 2 } as const;

/** The stack of the match that ended last, for the next one. */
let spareStack: Int32Array | null = null;

function takeStack(): Int32Array {
  const stack = spareStack !== null && spareStack.length <= STACK_KEPT ? spareStack : new Int32Array(256);
  spareStack = null;
  return stack;
}

/** One search, or one match of a whole text. */
export class Matcher {
  phase: number = Phase.Seek;
  pc = 0;
  pos: number;
  /** Where the present attempt began, or is to begin. */
  start: number;
  /** Where a repetition that was interrupted began, or -1; and how many it has taken. */
  scanFrom = -1;
  scanCount = 0;
  /** Steps made so far, up to 2^31; they decide when marks are made. */
  steps = 0;
  /** Steps that the last `run` made. */
  made = 0;
  /** The furthest place at which something failed. */
  reached: number;
  marking = false;
  readonly registers: number[];
  stack = takeStack();
  /** Numbers on the stack. */
  top = 0;
  bodies: number[] = [];
  /** Made when the first mark is. */
  memo: Memo | null = null;
  /** Steps that are left of this run's. */
  private left = 0;
  /** What stands in the registers that count (Program.depends), as a number for the memo; -1: to be computed, 0: none counts. */
  private context: number;

  constructor(
    readonly program: Program,
    readonly text: string,
    /** Where the search begins, in UTF-16 units. */
    readonly from: number,
    /** The match must be all that is left of the text. */
    readonly whole: boolean,
    /** Where the match before ended, for \G. */
    readonly origin: number = from,
  ) {
    this.pos = from;
    this.start = from;
    this.reached = from;
    this.registers = new Array<number>(program.registers).fill(-1);
    this.context = program.depends.length === 0 ? 0 : -1;
  }

  /** Goes on for about `budget` steps, at least one; answers Unfinished, or how it ended. */
  run(budget: number): number {
    this.left = budget;
    this.made = 0;
    let result = Unfinished;
    while (this.left > 0 && result === Unfinished) {
      if (this.phase === Phase.Run) result = this.follow();
      else if (this.phase === Phase.Back) result = this.back();
      else result = this.seek();
      this.account(budget);
    }
    if (result !== Unfinished) spareStack = this.stack;
    return result;
  }

  /** Adds up the steps made since last, and begins to make marks once there were more than the text that was reached accounts for. */
  private account(budget: number): void {
    const made = budget - this.left;
    this.steps = Math.min(this.steps + made - this.made, 0x7fffffff);
    this.made = made;
    if (this.marking) return;
    if (this.pos > this.reached) this.reached = this.pos;
    this.marking = this.steps > STEPS_PER_UNIT * (this.reached - this.from) + STEPS_FREE;
  }

  /** Moves `start` on towards where a match can begin, over a bounded stretch of text; there, begins an attempt. */
  private seek(): number {
    const { text, registers } = this;
    const { prefix, first, groups, depends } = this.program;
    this.left--;
    if (!this.whole && (prefix !== "" || first !== null)) {
      const from = this.start;
      const stop = Math.min(text.length, from + STRETCH);
      let found: boolean;
      if (prefix === "") {
        while (this.start < stop && !isAt(first!, text, this.start)) this.start = after(text, this.start);
        found = this.start < stop;
      } else {
        const at = text.slice(from, stop + prefix.length - 1).indexOf(prefix);
        found = at >= 0;
        this.start = found ? from + at : stop;
      }
      this.left -= (this.start - from) >> (prefix === "" ? 2 : 5);
      // Every match takes something here: there is none at the end.
      if (!found) return this.start < text.length ? Unfinished : Failed;
    }
    for (let i = 2 * groups + 1; i > 1; i--) registers[i] = -1;
    for (const register of depends) registers[register] = -1;
    if (this.context > 0) this.context = -1;
    this.pos = this.start;
    this.pc = 0;
    this.phase = Phase.Run;
    return Unfinished;
  }

  /** Follows the program until something fails, a body begins or ends, or there are no steps left. */
  private follow(): number {
    const { program, text, registers } = this;
    const { code, sets } = program;
    const end = text.length;
    let { pc, pos } = this;
    for (;;) {
      if (--this.left < 0) {
        this.left = 0;
        break;
      }
      let failed = false;
      switch (code[pc]) {
        case Op.Char:
          if (pos < end && text.charCodeAt(pos) === code[pc + 1]) {
            pos++;
            pc += 2;
          } else failed = true;
          break;
        case Op.Set:
          if (isAt(sets[code[pc + 1]], text, pos)) {
            pos = after(text, pos);
            pc += 2;
          } else failed = true;
          break;
        case Op.Text: {
          const piece = program.texts[code[pc + 1]];
          this.left -= piece.length >> 4;
          if (text.startsWith(piece, pos)) {
            pos += piece.length;
            pc += 2;
          } else failed = true;
          break;
        }
        case Op.Times: {
          const set = sets[code[pc + 1]];
          const times = code[pc + 2];
          let count = 0;
          for (; count < times && isAt(set, text, pos); count++) pos = after(text, pos);
          this.left -= count;
          if (count === times) pc += 3;
          else failed = true;
          break;
        }
        case Op.Star:
          this.pc = pc;
          this.pos = pos;
          failed = !this.star();
          pc = this.pc;
          pos = this.pos;
          break;
        case Op.Split: {
          const [first, second] = [code[pc + 3], code[pc + 4]];
          if (first < 0 || isAt(sets[first], text, pos)) {
            if (second < 0 || isAt(sets[second], text, pos)) this.push(code[pc + 2], pos, 0, Entry.Choice);
            pc = code[pc + 1];
          } else if (second < 0 || isAt(sets[second], text, pos)) pc = code[pc + 2];
          else failed = true;
          break;
        }
        case Op.Jump:
          pc = code[pc + 1];
          break;
        case Op.Memo:
          if (this.marking && this.visited(code[pc + 1], pos)) failed = true;
          else pc += 2;
          break;
        case Op.Keep:
          this.set(code[pc + 1], pos);
          pc += 2;
          break;
        case Op.Close:
          this.set(2 * code[pc + 1], registers[code[pc + 2]]);
          this.set(2 * code[pc + 1] + 1, pos);
          pc += 3;
          break;
        case Op.Progress:
          pc = registers[code[pc + 1]] === pos ? code[pc + 2] : pc + 3;
          break;
        case Op.Assert:
          if (holds(code[pc + 1], code[pc + 2], sets[code[pc + 3]], text, pos, this.origin)) pc += 4;
          else failed = true;
          break;
        case Op.Reference: {
          const [from, to] = [registers[2 * code[pc + 1]], registers[2 * code[pc + 1] + 1]];
          const next = from < 0 || to < from ? -1 : sameText(text, from, to, pos, code[pc + 2]);
          this.left -= Math.max(to - from, 0) >> 3;
          if (next >= 0) {
            pos = next;
            pc += 3;
          } else failed = true;
          break;
        }
        case Op.Condition:
          pc = registers[2 * code[pc + 1] + 1] >= 0 ? pc + 3 : code[pc + 2];
          break;
        case Op.Begin:
        case Op.End: {
          this.pos = pos;
          const next = code[pc] === Op.Begin ? this.beginBody(pc) : this.endBody();
          if (next < 0) this.phase = Phase.Back;
          else this.pc = next;
          return this.limits();
        }
        default:
          if (!this.whole || pos === end) {
            registers[0] = this.start;
            registers[1] = pos;
            return Matched;
          }
          failed = true;
      }
      if (failed) {
        this.phase = Phase.Back;
        break;
      }
      if (this.scanFrom >= 0) break;
    }
    this.pc = pc;
    this.pos = pos;
    return this.limits();
  }

  /** How the match ends where it needs more than there is. */
  private limits(): number {
    if (this.top > 4 * STACK_MAX) return StackFull;
    return this.memo !== null && !this.memo.hasRoom ? MemoFull : Unfinished;
  }

  /** The repetition of a set at `pc`: takes what it can at `pos`, and goes on behind it. False if it fails, or leaves it to `back`. */
  private star(): boolean {
    const { text, pc } = this;
    const { code, sets } = this.program;
    const [set, most, how, memo, follow] = [sets[code[pc + 1]], code[pc + 2], code[pc + 3], code[pc + 4], code[pc + 5]];
    const marks = memo >= 0 && this.marking;
    const resumed = this.scanFrom >= 0;
    if (!resumed && marks && this.visited(memo, this.pos)) return false;
    if (how === Lazy) {
      this.push(pc, this.pos, 0, Entry.Longer);
      if (follow >= 0 && !isAt(sets[follow], text, this.pos)) return false;
      this.pc += 6;
      return true;
    }
    const from = resumed ? this.scanFrom : this.pos;
    let count = resumed ? this.scanCount : 0;
    this.scanFrom = -1;
    const { latin } = set;
    const end = text.length;
    let { pos, left } = this;
    let been = false;
    for (; pos < end && count !== most; count++) {
      const unit = text.charCodeAt(pos);
      let next = pos + 1;
      if (unit < 256) {
        if (latin[unit] === 0) break;
      } else {
        const point = text.codePointAt(pos)!;
        if (!set.has(point)) break;
        if (point > 0xffff) next++;
      }
      if (left < 0) {
        this.scanFrom = from;
        this.scanCount = count;
        break;
      }
      been = marks && this.visited(memo, next);
      if (been) break;
      pos = next;
      left--;
    }
    this.pos = pos;
    this.left = left;
    if (this.scanFrom >= 0) return true;
    if (how === Possessive) {
      this.pc += 6;
      return !been;
    }
    if (follow >= 0) {
      this.push(pc, from, pos, Entry.Shorter);
      return false;
    }
    if (pos > from) this.push(pc, from, before(text, pos), Entry.Shorter);
    this.pc += 6;
    return true;
  }

  /** Goes back to what is on top of the stack; where there is nothing, to the next attempt. */
  private back(): number {
    while (--this.left >= 0) {
      if (this.top === 0) return this.nextAttempt();
      this.top -= 4;
      const { stack, top } = this;
      const [a, b, c] = [stack[top], stack[top + 1], stack[top + 2]];
      switch (stack[top + 3]) {
        case Entry.Choice:
          return this.goOn(a, b);
        case Entry.Restore:
          this.registers[a] = b;
          if (this.context > 0) this.context = -1;
          break;
        case Entry.Shorter:
          if (this.shorter(a, b, c)) return Unfinished;
          break;
        case Entry.Longer:
          if (this.longer(a, b, c)) return Unfinished;
          break;
        default: {
          const next = this.bodyFailed();
          if (next >= 0) return this.goOn(next, this.pos);
        }
      }
    }
    this.left = 0;
    return Unfinished;
  }

  private nextAttempt(): number {
    if (this.start >= this.text.length || this.whole || this.program.anchored) return Failed;
    this.start = after(this.text, this.start);
    this.phase = Phase.Seek;
    return Unfinished;
  }

  private goOn(pc: number, pos: number): number {
    this.pc = pc;
    this.pos = pos;
    this.phase = Phase.Run;
    return Unfinished;
  }

  /** A greedy repetition ends at a place, or before it, down to `least`: where what follows can begin. True if it goes on. */
  private shorter(star: number, least: number, from: number): boolean {
    const { text } = this;
    const follow = this.program.code[star + 5];
    let at = from;
    if (follow >= 0) {
      const set = this.program.sets[follow];
      for (; !isAt(set, text, at); at = before(text, at)) {
        if (at <= least) return false;
        if (--this.left < 0) {
          this.push(star, least, before(text, at), Entry.Shorter);
          return false;
        }
      }
    }
    if (at < least) return false;
    if (at > least) this.push(star, least, before(text, at), Entry.Shorter);
    this.goOn(star + 6, at);
    return true;
  }

  /** A lazy repetition takes more than it has up to a place: until what follows can begin. True if it goes on. */
  private longer(star: number, from: number, taken: number): boolean {
    const { text } = this;
    const { code, sets } = this.program;
    const [set, most, memo, follow] = [sets[code[star + 1]], code[star + 2], code[star + 4], code[star + 5]];
    let at = from;
    let count = taken;
    while (count !== most && isAt(set, text, at)) {
      at = after(text, at);
      count++;
      if (memo >= 0 && this.marking && this.visited(memo, at)) return false;
      const fits = follow < 0 || isAt(sets[follow], text, at);
      if (fits || --this.left < 0) this.push(star, at, count, Entry.Longer);
      if (fits) this.goOn(star + 6, at);
      if (fits || this.left < 0) return fits;
    }
    return false;
  }

  private push(a: number, b: number, c: number, kind: number): void {
    if (this.top + 4 > this.stack.length) {
      const grown = new Int32Array(2 * this.stack.length);
      grown.set(this.stack);
      this.stack = grown;
    }
    const { stack, top } = this;
    stack[top] = a;
    stack[top + 1] = b;
    stack[top + 2] = c;
    stack[top + 3] = kind;
    this.top = top + 4;
  }

  /** Gives a register a value. What it was is needed only where there is a way to go back to. */
  private set(register: number, value: number): void {
    if (this.top > 0) this.push(register, this.registers[register], 0, Entry.Restore);
    this.registers[register] = value;
    if (this.context > 0) this.context = -1;
  }

  private get marks(): Memo {
    this.memo ??= new Memo(pagesFor(this.text.length));
    return this.memo;
  }

  /** Marks this place of the program and the text; true if it was marked before. */
  private visited(memo: number, at: number): boolean {
    return this.marks.visit(this.numberOf(memo, at), at, this.bodies.length > 0);
  }

  private numberOf(memo: number, at: number): number {
    const { base, registers } = this.program.memos[memo];
    let number = base;
    // A loop's next round depends on whether the present one has taken something: a state of its own (see Op.Progress).
    for (const register of registers) if (this.registers[register] < at) number++;
    if (this.context < 0) {
      this.context = this.marks.context(this.program.depends.map((register) => this.registers[register]).join(" "));
    }
    return this.context * this.program.memoCount + number;
  }

  /** Begins a body of its own at `pos`; answers where to go on, or -1 to go back. */
  private beginBody(pc: number): number {
    const { code } = this.program;
    const [kind, least, most, memo] = [code[pc + 1], code[pc + 3], code[pc + 4], code[pc + 5]];
    const behind = kind === Body.Behind || kind === Body.NotBehind;
    let at = this.pos;
    if (memo >= 0 && this.marking && this.marks.has(this.numberOf(memo, at), at)) return this.lookMatched(pc);
    if (behind) {
      for (let i = least; i > 0; i--) {
        if (at === 0) return kind === Body.NotBehind ? code[pc + 2] : -1;
        at = before(this.text, at);
      }
    }
    this.bodies.push(pc, this.pos, this.top, this.memo?.log.length ?? 0, at, behind ? most - least : 0);
    this.push(0, 0, 0, Entry.Barrier);
    this.pos = at;
    return pc + 6;
  }

  /** The innermost body is matched at `pos`; answers where to go on, or -1 to go back. There are no ways back into it. */
  private endBody(): number {
    const { code } = this.program;
    const { bodies } = this;
    const base = bodies.length - BODY_WIDTH;
    // In a match whose bytes somebody has changed there may be no body open here.
    if (base < 0) return -1;
    const [pc, pos, top, log] = bodies.slice(base);
    const kind = code[pc + 1];
    if ((kind === Body.Behind || kind === Body.NotBehind) && this.pos !== pos) return -1;
    this.memo?.forget(log);
    bodies.length = base;
    this.left -= (this.top - top) >> 4;
    if (kind === Body.NotAhead || kind === Body.NotBehind) this.undo(top);
    else this.keepRestores(top);
    if (kind === Body.Atomic) return code[pc + 2];
    this.pos = pos;
    const memo = code[pc + 5];
    if (memo >= 0 && this.marking) this.marks.visit(this.numberOf(memo, pos), pos, false);
    return this.lookMatched(pc);
  }

  /** Where to go on when the body of a lookaround matches, or -1. */
  private lookMatched(pc: number): number {
    const { code } = this.program;
    const negative = code[pc + 1] === Body.NotAhead || code[pc + 1] === Body.NotBehind;
    return negative ? -1 : code[pc + 2];
  }

  /** Takes the stack back to a height, and with it what was done to the registers. */
  private undo(top: number): void {
    const { stack } = this;
    for (let at = this.top - 4; at >= top; at -= 4) {
      if (stack[at + 3] === Entry.Restore) this.registers[stack[at]] = stack[at + 1];
    }
    if (this.context > 0) this.context = -1;
    this.top = top;
  }

  /** Of what is on the stack above a height, keeps only how to take back what was done to the registers. */
  private keepRestores(top: number): void {
    const { stack } = this;
    let kept = top;
    for (let at = top; top > 0 && at < this.top; at += 4) {
      if (stack[at + 3] !== Entry.Restore) continue;
      stack.copyWithin(kept, at, at + 4);
      kept += 4;
    }
    this.top = kept;
  }

  /** The innermost body has failed where it was tried last; answers where to go on at `pos`, or -1 to go back further. */
  private bodyFailed(): number {
    const { code } = this.program;
    const { bodies } = this;
    const base = bodies.length - BODY_WIDTH;
    const [pc, pos, , log, at, left] = bodies.slice(base);
    const kind = code[pc + 1];
    if (kind === Body.Behind || kind === Body.NotBehind) {
      if (left > 0 && at > 0) {
        this.pos = bodies[base + 4] = before(this.text, at);
        bodies[base + 5]--;
        this.push(0, 0, 0, Entry.Barrier);
        return pc + 6;
      }
      // Whether the body matches depends on where it must end: elsewhere it may.
      this.memo?.forget(log);
    } else {
      this.memo?.keep(log);
    }
    bodies.length = base;
    this.pos = pos;
    return kind === Body.NotAhead || kind === Body.NotBehind ? code[pc + 2] : -1;
  }
}
