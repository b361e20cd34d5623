// Generated JavaScript: a function per unit, the same blocks over the same frames as the direct evaluator (S-3), and leaf functions.
//
// The text is made of fixed phrases and numbers only: constants, primitives, vars and units are passed in or reached by index,
// and no byte of a source or of stored code is ever spliced into it (E-24). Shape:
//
//   (rt, K, P, N) => [function (m, pc, U) {
//     let v = m.value, self = m.self, a0 = m.a0, ...; let s0, s1, ...;
//     for (;;) switch (pc) { case ...: ... default: m.value = v; return m.direct(U, pc); }
//   }, leaf function of no arguments, of one, ... of four (leaf.ts), or null]
//
// - ENTRY, RESUME and HEAD blocks have a `case`; PLAIN blocks only when more than one end leads to them; GUARD blocks never: they
//   follow their primitive in line, and a frame that stands at one is resumed by the direct evaluator.
// - A HEAD block h is jumped to as case h, and resumed from a frame as case h + number of blocks. A RESUME block r is resumed as
//   case r, and gone on with as case r + number of blocks where the callee was a leaf function and no frame was needed.
// - A block whose end is rare (markers, prompts, def, ...) is left to the direct evaluator with all slots in place (`bail`).
// - A call of the unit itself and a return to a frame of the unit stay inside the function.
import { Recent } from "../base/recent.ts";
import { Block, type Code, type End } from "../code/code.ts";
import { List } from "../data/list.ts";
import { meter, SIGNAL } from "../data/meter.ts";
import { Closure, Lazy, CLEARED, Tagged, UNBOUND, type Value } from "../data/value.ts";
import { leafText } from "./leaf.ts";
import { Phrases } from "./phrases.ts";
import { RETURN } from "./registers.ts";
import { Range } from "../data/range.ts";
import { Vector } from "../data/vector.ts";
import { Frame, frameSize } from "./state.ts";
import { successorsOf, type Decoded, type Evaluator, type Generated, type Leaf, type LinkedPrimitive } from "./unit.ts";

type Factory = (
  rt: object,
  consts: readonly Value[],
  prims: readonly LinkedPrimitive["call"][],
  names: readonly string[],
) => [run: Evaluator, ...leaves: (Leaf | null)[]];

const runtime = { Frame, Closure, Lazy, CLEARED, UNBOUND, SIGNAL, meter, List, Vector, Range, Tagged };

/** Units with more blocks than this stay with the direct evaluator: V8 would not optimise the function. */
const BLOCKS_MAX = 1_000;

/** What was generated lately in this process, by code hash (S-3). What a unit in memory runs stays with it anyway. */
const recent = new Recent<Generated>(2_000);

/** The functions of a unit, or null where it has none (too large, or `new Function` is forbidden). */
export function generate(decoded: Decoded): Generated | null {
  if (decoded.code.blocks.length > BLOCKS_MAX) return null;
  const known = recent.get(decoded.codeHash);
  if (known !== undefined) return known;
  const generated = make(decoded);
  if (generated !== null) recent.set(decoded.codeHash, generated);
  return generated;
}

function make(decoded: Decoded): Generated | null {
  const writer = new Writer(decoded);
  try {
    const factory = new Function("rt", "K", "P", "N", writer.text()) as Factory;
    const { calls, names } = writer.phrases;
    const [run, ...leaves] = factory(runtime, decoded.consts, calls, names);
    return { run, leaves };
  } catch (error) {
    if (error instanceof EvalError) return null;
    throw error;
  }
}

/** The text alone, for tests: that it holds no byte of the source. */
export function generatedText(decoded: Decoded): string {
  return new Writer(decoded).text();
}

class Writer {
  readonly phrases: Phrases;
  private readonly code: Code;
  private readonly predecessors: number[];
  private readonly labels = new Set<number>();
  private readonly lines: string[] = [];

  constructor(private readonly decoded: Decoded) {
    this.phrases = new Phrases(decoded);
    this.code = decoded.code;
    this.predecessors = this.code.blocks.map(() => 0);
    for (const block of this.code.blocks) for (const next of successorsOf(block[4])) this.predecessors[next]++;
    this.code.blocks.forEach(([kind], index) => {
      const labelled =
        kind === Block.ENTRY ||
        kind === Block.RESUME ||
        kind === Block.HEAD ||
        (kind === Block.PLAIN && this.predecessors[index] > 1);
      if (labelled) this.labels.add(index);
    });
  }

  text(): string {
    for (const label of this.labels) this.writeLabel(label);
    const slots = Array.from({ length: this.code.slots }, (_, i) => `s${i}=null`);
    const leaves = [0, 1, 2, 3, 4].map((count) => this.leaf(count));
    return [
      '"use strict";',
      "const {Frame,Closure,Lazy,CLEARED,UNBOUND,SIGNAL,meter,List,Vector,Range,Tagged}=rt;",
      ...this.decoded.consts.map((_, i) => `const k${i}=K[${i}];`),
      ...this.phrases.calls.map((_, i) => `const p${i}=P[${i}];`),
      "return [function(m,pc,U){",
      `const V=U.linked??U.vars;let v=m.value,self=m.self,${this.parameters()}t=null,f=null,fr=null,r=null,n=0;`,
      slots.length > 0 ? `let ${slots.join(",")};` : "",
      this.enterHeads(),
      "for(;;)switch(pc){",
      ...this.lines,
      "default:m.value=v;return m.direct(U,pc);",
      "}}",
      ...leaves.map((leaf) => `,${leaf}`),
      "]",
    ].join("\n");
  }

  private leaf(count: number): string | null {
    const arity = this.code.arities.find(([params, rest]) => params === count && rest === 0);
    return arity === undefined ? null : leafText(this.phrases, arity);
  }

  /** Locals for the arguments that arrive in registers, as far as some arity takes them. */
  private parameters(): string {
    const counts = this.code.arities.map(([params, rest]) => params + rest);
    const most = Math.max(0, ...counts.filter((count) => count <= 4));
    return Array.from({ length: most }, (_, i) => `a${i}=m.a${i},`).join("");
  }

  private add(line: string): void {
    this.lines.push(line);
  }

  private writeLabel(index: number): void {
    const [kind, live, result] = this.code.blocks[index];
    if (kind === Block.ENTRY) this.writeEntry(index);
    else if (kind === Block.RESUME) {
      this.add(`case ${index}:if(meter.fuel<=0)return m.cutResume(v);meter.fuel--;${takeSlots(live)}`);
      if (result >= 0) this.add(`s${result}=v;`);
      this.add(`case ${index + this.code.blocks.length}:`);
    } else if (kind === Block.HEAD) {
      this.add(`case ${index + this.code.blocks.length}:${takeSlots(live)}`);
      this.add(`case ${index}:if(meter.fuel<=0){${this.pushFrame(index)}return m.cutHead();}meter.fuel--;`);
    } else this.add(`case ${index}:`);
    this.add("{");
    this.writeBlock(index);
    this.add("}");
  }

  private writeEntry(index: number): void {
    const arity = this.code.arities.find(([, , block]) => block === index)!;
    const count = arity[0] + arity[1];
    const store = Array.from({ length: Math.min(count, 4) }, (_, i) => `m.a${i}=a${i};`).join("");
    const cut = `{m.self=self;${count > 4 ? "" : store}return m.cutEntry(${count},${arity[1] === 1});}`;
    const take =
      count > 4
        ? Array.from({ length: count }, (_, i) => `s${i}=m.args[${i}];`)
        : Array.from({ length: count }, (_, i) => `s${i}=a${i};`);
    this.add(`case ${index}:if(meter.fuel<=0)${cut}meter.fuel--;${take.join("")}`);
    if (this.code.self >= 0) this.add(`s${this.code.self}=self;`);
  }

  /** Writes a block's ops and end, and in line what follows it and has no label. */
  private writeBlock(index: number): void {
    const block = this.code.blocks[index];
    const ops = block[3].map((op) => this.phrases.op(op));
    if (isRare(block[4]) || ops.includes(null)) {
      this.writeBail(index);
      return;
    }
    for (const op of ops) this.add(op!);
    this.writeEnd(index, block[4]);
  }

  private writeBail(index: number): void {
    const slots = Array.from({ length: this.code.slots }, (_, i) => `s${i}`).join(",");
    this.add(`return m.bail(U,${index},[${slots}]);`);
  }

  private writeEnd(index: number, end: End): void {
    switch (end[0]) {
      case "return":
        this.add(`v=${this.phrases.operand(end[1])};${this.leave()}`);
        return;
      case "jump":
        this.go(end[1]);
        return;
      case "if":
        this.writeIf(`(t=${this.phrases.operand(end[1])})!==null&&t!==false`, end[2], end[3]);
        return;
      case "prim":
        this.writePrimitive(end);
        return;
      case "call":
        this.writeCall(end);
        return;
      case "tail":
        this.writeTail(index, end);
        return;
      case "global":
        this.add(
          `t=V[${end[1]}];if(t.dynamic||t.value===UNBOUND){${this.pushFrame(end[2])}return m.readGlobal(U,${end[1]});}`,
        );
        this.add(`s${this.code.blocks[end[2]][2]}=t.value;`);
        this.writeBlock(end[2]);
        return;
      case "perform":
        this.add(this.pushFrame(end[3]));
        this.add(`return m.perform(${this.phrases.operand(end[1])},[${this.phrases.operands(end[2]).join(",")}]);`);
        return;
      default:
        throw new Error("bug: a rare end was to be generated");
    }
  }

  /** Text that gives `v` to the frame on top. */
  private leave(): string {
    return `fr=m.stack;if(fr.unit===U){pc=fr.block;${this.enterHeads()}continue;}m.value=v;return ${RETURN};`;
  }

  /** Text that maps a loop head to its entry from a frame; heads are only ever returned to after a cut. */
  private enterHeads(): string {
    const count = this.code.blocks.length;
    const heads = this.code.blocks.flatMap(([kind], i) => (kind === Block.HEAD ? [i] : []));
    return heads.length === 0 ? "" : `if(${heads.map((h) => `pc===${h}`).join("||")})pc+=${count};`;
  }

  private go(target: number): void {
    if (this.labels.has(target)) this.add(`pc=${target};continue;`);
    else this.writeBlock(target);
  }

  private writeIf(test: string, yes: number, no: number): void {
    this.add(`if(${test}){`);
    this.go(yes);
    this.add("}else{");
    this.go(no);
    this.add("}");
  }

  private writePrimitive(end: Extract<End, { 0: "prim" }>): void {
    const args = this.phrases.operands(end[2]);
    const primitive = this.decoded.primitives.get(end[1])!.primitive;
    const next = end[3];
    const result = this.code.blocks[next][2];
    const target = result >= 0 ? `s${result}` : "t";
    const name = this.phrases.primitive(end[1]);
    // The result may share its slot with an argument, which is still wanted when the primitive does not answer.
    const signal = `if(r===SIGNAL){${this.pushFrame(next)}return m.signal(N[${name}],[${args.join(",")}]);}`;
    const slow = `r=p${name}(${args.join(",")});${signal}${target}=r;`;
    const inline = primitive.inline?.(...args);
    if (inline === undefined) this.add(slow);
    else this.add(`if(${inline.when})${target}=${inline.value};else{${slow}}`);
    const [, , , ops, after] = this.code.blocks[next];
    if (primitive.test && ops.length === 0 && after[0] === "if" && after[1] === result) {
      this.writeIf(`${target}!==false&&${target}!==null`, after[2], after[3]);
    } else this.writeBlock(next);
  }

  private writeCall(end: Extract<End, { 0: "call" }>): void {
    const args = this.phrases.operands(end[2]);
    const f = this.phrases.operand(end[1]);
    this.add(`f=${f};`);
    this.writeLeafCall(args, end[3]);
    this.add(this.pushFrame(end[3]));
    this.add(
      `if(m.stack.depth>m.depthMax||m.stack.size>m.sizeMax){${loadArguments(args)}return m.tooDeep(f,${args.length});}`,
    );
    this.writeSelfCall(args);
    this.add(`${loadArguments(args)}${enterFast(args.length)}return m.enter(f,${args.length});`);
  }

  private writeTail(index: number, end: Extract<End, { 0: "tail" }>): void {
    const args = this.phrases.operands(end[2]);
    this.add(`f=${this.phrases.operand(end[1])};`);
    this.writeSelfCall(args);
    this.writeTailLeafCall(args);
    this.add(`${loadArguments(args)}${enterFast(args.length)}return m.enterTail(f,${args.length},U,${index});`);
  }

  /** The callee as a plain function, if it is one (leaf.ts): one tick for its entry, one for the return. */
  private writeLeafCall(args: readonly string[], next: number): void {
    if (args.length > 4) return;
    const [, live, result] = this.code.blocks[next];
    const size = frameSize(live.length);
    this.add(`${askLeaf(args, `&&m.stack.depth<m.depthMax&&m.stack.size<=m.sizeMax-${size}`)}{`);
    this.add(`if(meter.fuel<=0){${this.pushFrame(next)}return m.cutResume(r);}`);
    this.add(`meter.fuel--;${result >= 0 ? `s${result}=r;` : ""}pc=${next + this.code.blocks.length};continue;`);
    this.add(LEAF_DECLINED);
  }

  private writeTailLeafCall(args: readonly string[]): void {
    if (args.length <= 4) this.add(`${askLeaf(args, "")}{v=r;${this.leave()}${LEAF_DECLINED}`);
  }

  /** A call of a closure of this very unit, with an exact arity of at most four values, is a jump. */
  private writeSelfCall(args: readonly string[]): void {
    if (args.length > 4) return;
    const arity = this.code.arities.find(([params, rest]) => params === args.length && rest === 0);
    if (arity === undefined) return;
    const temporaries = args.map((x, i) => `a${i}=${x};`).join("");
    this.add(`if(f instanceof Closure&&f.unit===U){self=f;${temporaries}pc=${arity[2]};continue;}`);
  }

  private pushFrame(block: number): string {
    const live = this.code.blocks[block][1];
    const slots = live.map((entry) =>
      entry >= 0 ? `s${entry}` : `(s${-1 - entry} instanceof Lazy?CLEARED:s${-1 - entry})`,
    );
    const held = [0, 1, 2, 3, 4, 5].map((i) => slots[i] ?? "null");
    const more = slots.length > 6 ? `[${slots.slice(6).join(",")}]` : "null";
    return `t=m.stack;m.stack=new Frame(U,${block},t,${held.join(",")},${more});`;
  }
}

/** A closure with an exact arity is entered without a call of ours. */
function enterFast(argc: number): string {
  return argc > 4 ? "" : `if(f instanceof Closure&&(t=f.unit.e${argc})>=0){m.self=f;return t;}`;
}

/** Calls the leaf function of `f`, where it has one and `more` holds; what follows is done if it answers. */
function askLeaf(args: readonly string[], more: string): string {
  const test = `f instanceof Closure&&(t=f.unit.l${args.length})!==null&&meter.fuel>0${more}`;
  return `if(${test}){n=meter.fuel;meter.fuel=n-1;r=t(${["f", ...args].join(",")});if(r!==SIGNAL)`;
}

/** Otherwise all is as it was before. */
const LEAF_DECLINED = "}meter.fuel=n;SIGNAL.error=null;}";

/** Pops the frame on top and takes what it holds. */
function takeSlots(live: readonly number[]): string {
  const names = ["fr.a", "fr.b", "fr.c", "fr.d", "fr.e", "fr.f"];
  const taken = live
    .map((entry, i) => `s${entry >= 0 ? entry : -1 - entry}=${i < 6 ? names[i] : `fr.more[${i - 6}]`};`)
    .join("");
  return `fr=m.stack;m.stack=fr.next;${taken}`;
}

function loadArguments(args: readonly string[]): string {
  if (args.length > 4) return `m.args=[${args.join(",")}];`;
  return args.map((x, i) => `m.a${i}=${x};`).join("");
}

/** Ends the direct evaluator does: they are rare, or cost far more than the switch between evaluators. */
function isRare(end: End): boolean {
  switch (end[0]) {
    case "return":
    case "jump":
    case "if":
    case "prim":
    case "call":
    case "tail":
    case "global":
    case "perform":
      return false;
    default:
      return true;
  }
}
