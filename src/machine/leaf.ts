// Leaf functions: an arity that makes no call, has no loop and changes nothing, as a plain function of host values.
//
// Generated JavaScript calls such a function where it would push a frame and enter the callee. What can be told apart is the
// same as ever: the caller takes the ticks of the call and of its return, and when the function answers SIGNAL (a primitive
// declined or raised, a var is dynamic or unbound) puts the fuel back and makes the call in frames. So nothing here may
// have happened that matters twice: primitives marked `once` are left to frames.
import { type Arity, Block, type End } from "../code/code.ts";
import type { Phrases } from "./phrases.ts";

/** Blocks written, one that is reached twice counted twice: more of them are no longer worth a copy. */
const BLOCKS_MAX = 24;
/** Arguments that arrive in registers. */
const PARAMS_MAX = 4;

/** The text of the arity as a function `(self, a0, ...) => value`, or null where it must run in frames. */
export function leafText(phrases: Phrases, [params, rest, entry]: Arity): string | null {
  if (rest === 1 || params > PARAMS_MAX) return null;
  const { code } = phrases.decoded;
  const writer = new LeafWriter(phrases);
  if (!writer.block(entry)) return null;
  const names = Array.from({ length: params }, (_, i) => `s${i}`);
  const locals = Array.from({ length: code.slots - params }, (_, i) => `s${params + i}=null,`);
  const self = code.self >= 0 ? `s${code.self}=self;` : "";
  return [
    `(${["self", ...names].join(",")})=>{`,
    `const U=self.unit,V=U.linked??U.vars;let ${locals.join("")}t=null,r=null;${self}`,
    ...writer.lines,
    "}",
  ].join("\n");
}

class LeafWriter {
  readonly lines: string[] = [];
  private left = BLOCKS_MAX;

  constructor(private readonly phrases: Phrases) {}

  /** Writes a block and all that follows it; false where that cannot be. */
  block(index: number): boolean {
    const [kind, , , ops, end] = this.phrases.decoded.code.blocks[index];
    if (kind === Block.HEAD || this.left-- === 0) return false;
    for (const op of ops) {
      const text = this.phrases.op(op);
      if (text === null) return false;
      this.lines.push(text);
    }
    return this.end(end);
  }

  private end(end: End): boolean {
    switch (end[0]) {
      case "return":
        this.lines.push(`return ${this.phrases.operand(end[1])};`);
        return true;
      case "jump":
        return this.block(end[1]);
      case "if":
        return this.branch(this.phrases.operand(end[1]), end[2], end[3]);
      case "prim":
        return this.primitive(end);
      case "global":
        this.lines.push(`t=V[${end[1]}];if(t.dynamic||t.value===UNBOUND)return SIGNAL;${this.result(end[2])}=t.value;`);
        return this.block(end[2]);
      default:
        return false;
    }
  }

  private branch(test: string, yes: number, no: number): boolean {
    this.lines.push(`if((t=${test})!==null&&t!==false){`);
    if (!this.block(yes)) return false;
    this.lines.push("}else{");
    if (!this.block(no)) return false;
    this.lines.push("}");
    return true;
  }

  private primitive([, name, operands, next]: Extract<End, { 0: "prim" }>): boolean {
    const { primitive } = this.phrases.decoded.primitives.get(name)!;
    if (primitive.once) return false;
    const args = this.phrases.operands(operands);
    const target = this.result(next);
    const call = `r=p${this.phrases.primitive(name)}(${args.join(",")});if(r===SIGNAL)return r;${target}=r;`;
    const inline = primitive.inline?.(...args);
    this.lines.push(inline === undefined ? call : `if(${inline.when})${target}=${inline.value};else{${call}}`);
    return this.block(next);
  }

  /** Where the result goes that a block begins with. */
  private result(block: number): string {
    const slot = this.phrases.decoded.code.blocks[block][2];
    return slot >= 0 ? `s${slot}` : "t";
  }
}
