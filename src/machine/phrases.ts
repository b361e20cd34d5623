// What texts of generated JavaScript are made of: operands, ops and the primitives they call, as phrases and numbers (E-24).
import type { Op, Operand } from "../code/code.ts";
import type { Decoded, LinkedPrimitive } from "./unit.ts";

/** The phrases of one unit. Constants are k0, k1, ..., primitives p0, p1, ..., slots s0, s1, ..., vars V[0], V[1], ... */
export class Phrases {
  /** The primitives named so far, in the order of their numbers. */
  readonly calls: LinkedPrimitive["call"][] = [];
  readonly names: string[] = [];
  private readonly indices = new Map<string, number>();

  constructor(readonly decoded: Decoded) {}

  operand(x: Operand): string {
    if (typeof x === "number") return `s${x}`;
    const index = Number(x.slice(1));
    if (x[0] === "k") {
      const value = this.decoded.consts[index];
      if (value === null || value === true || value === false) return String(value);
      if (typeof value === "number" && (value | 0) === value) return value < 0 ? `(${value})` : String(value);
      return `k${index}`;
    }
    return x[0] === "c" ? `s${this.decoded.code.self}.captures[${index}]` : `V[${index}].value`;
  }

  operands(all: readonly Operand[]): string[] {
    return all.map((x) => this.operand(x));
  }

  /** The number of a primitive. */
  primitive(name: string): number {
    let index = this.indices.get(name);
    if (index === undefined) {
      index = this.calls.length;
      this.indices.set(name, index);
      this.calls.push(this.decoded.primitives.get(name)!.call);
      this.names.push(name);
    }
    return index;
  }

  /** An op as a statement, or null for the rare ones. */
  op(op: Op): string | null {
    switch (op[0]) {
      case "move":
        return `s${op[1]}=${this.operand(op[2])};`;
      case "closure":
        return `s${op[1]}=new Closure(U.unit(${op[2]}),[${this.operands(op[3]).join(",")}],null,null);`;
      case "pure": {
        const args = this.operands(op[3]);
        const inline = this.decoded.primitives.get(op[2])!.primitive.inline?.(...args);
        const call = `p${this.primitive(op[2])}(${args.join(",")})`;
        if (inline === undefined) return `s${op[1]}=${call};`;
        return `s${op[1]}=${inline.when === "true" ? inline.value : `${inline.when}?${inline.value}:${call}`};`;
      }
      default:
        return null;
    }
  }
}
