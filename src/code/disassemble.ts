// Code as a listing for people: names beside slots, constants in place, one line an operation. For tests and debuggers.
import type { Code, CodeBlock, Debug, End, Op, Operand } from "./code.ts";
import { fieldsOf, slotOf } from "./grammar.ts";

const KINDS = ["plain", "resume", "head", "entry", "guard", "clause"];

/**
 * The listing of one unit:
 *
 *     fn user/fib  [n]  4 slots
 *     0 entry
 *       prim lt@1 n 2 -> 1
 *     1 guard t1 | n
 *       if t1 2 3
 *
 * Behind a block's kind stands the slot that receives a value, behind `|` what a frame restores (`~x`: dead).
 */
export function disassemble(code: Code, debug: Debug | null = null): string {
  const names = slotNames(code, debug);
  const lines = [header(code, debug)];
  code.blocks.forEach((block, index) => {
    lines.push(blockLine(block, index, names));
    for (const op of block[3]) lines.push(`  ${opText(op, code, names)}`);
    lines.push(`  ${endText(block[4], code, names)}`);
  });
  return `${lines.join("\n")}\n`;
}

function header(code: Code, debug: Debug | null): string {
  const arities = code.arities.map(([params, rest, block], i) => {
    const names = debug?.params[i] ?? Array.from({ length: params + rest }, (_, k) => `s${k}`);
    const shown = rest === 1 ? [...names.slice(0, params), "&", names[params]] : names;
    return `[${shown.join(" ")}]${code.arities.length > 1 ? `@${block}` : ""}`;
  });
  const captures =
    code.captures > 0 ? `  captures ${debug?.captures.map((n) => n ?? "_").join(" ") ?? code.captures}` : "";
  return `fn ${debug?.name ?? "_"}  ${arities.join(" ")}  ${code.slots} slots${captures}`;
}

function blockLine(block: CodeBlock, index: number, names: readonly string[]): string {
  const [kind, live, result] = block;
  const received = result >= 0 ? ` ${names[result]}` : "";
  const restored = live.map((slot) => (slot < 0 ? "~" : "") + names[slotOf(slot)]).join(" ");
  return `${index} ${KINDS[kind]}${received}${restored === "" ? "" : ` | ${restored}`}`;
}

/** A name for each slot, made unique with its number where two slots share one. */
function slotNames(code: Code, debug: Debug | null): string[] {
  const seen = new Set<string>();
  return Array.from({ length: code.slots }, (_, slot) => {
    const name = debug?.slots[slot] ?? null;
    const shown = name === null ? `t${slot}` : seen.has(name) ? `${name}.${slot}` : name;
    seen.add(shown);
    return slot === code.self ? `${shown}*` : shown;
  });
}

function opText(op: Op, code: Code, names: readonly string[]): string {
  const dst = op[0] === "group" ? op[1].map((slot) => names[slot]).join(" ") : names[op[1]];
  const rest = parts(op, code, names)
    .slice(1)
    .filter((text) => text !== "");
  switch (op[0]) {
    case "move":
      return `${dst} = ${rest.join(" ")}`;
    case "pure":
      return `${dst} = ${rest.join(" ")}`;
    default:
      return `${dst} = ${op[0]} ${rest.join(" ")}`;
  }
}

function endText(end: End, code: Code, names: readonly string[]): string {
  return [end[0], ...parts(end, code, names)].filter((text) => text !== "").join(" ");
}

/** The fields of an op or end as texts. */
function parts(part: Op | End, code: Code, names: readonly string[]): string[] {
  return fieldsOf(part).map((field, i) => {
    const value = part[i + 1];
    switch (field) {
      case "x":
      case "head":
        return operandText(value as Operand, code, names);
      case "option":
        return value === -1 ? "unbound" : operandText(value as Operand, code, names);
      case "xs":
        return (value as readonly Operand[]).map((operand) => operandText(operand, code, names)).join(" ");
      case "dst":
        return names[value as number];
      case "dsts":
        return (value as readonly number[]).map((slot) => names[slot]).join(" ");
      case "id":
        return value === -1 ? "" : names[value as number];
      case "unit":
        return `unit${value as number}`;
      case "units":
        return (value as readonly number[]).map((unit) => `unit${unit}`).join(" ");
      case "global":
        return code.globals[value as number];
      case "clause-block":
        return value === -1 ? "" : `clause ${value as number}`;
      case "guard-block":
      case "resume-block":
      case "plain-block":
      case "jump-block":
        return part[0] === "if" || part[0] === "jump" ? String(value) : `-> ${value as number}`;
      default:
        return String(value);
    }
  });
}

function operandText(operand: Operand, code: Code, names: readonly string[]): string {
  if (typeof operand === "number") return names[operand];
  const index = Number(operand.slice(1));
  switch (operand.charAt(0)) {
    case "k":
      return JSON.stringify(code.consts[index]);
    case "g":
      return code.globals[index];
    default:
      return operand;
  }
}
