// Validation, first part: is this JSON a unit's code at all? Every name through a Map, every index in its range (E-24).
import { Block, type Code, type CodeBlock, type Debug } from "./code.ts";
import { ENDS, type Field, MARKERS, OPS, PROMPTS, slotOf } from "./grammar.ts";

/** What is wrong with code, and where: `blocks[3].end[1]`. */
export class Malformed {
  constructor(
    readonly path: string,
    readonly message: string,
  ) {}
}

/** More than a person or a program would write in one function; bounds what validation can cost. */
export const LIMITS = { slots: 20_000, blocks: 200_000, parameters: 1_000 } as const;

const CODE_KEYS = ["v", "arities", "captures", "slots", "self", "consts", "globals", "units", "blocks"];
const HASH = /^[0-9a-f]{64}$/;
const PRIMITIVE = /^[^@\s\p{C}]{1,100}@[1-9]\d{0,3}$/u;
const GLOBAL = /^[^/\s\p{C}]+\/[^\s\p{C}]+$/u;

type Sizes = { readonly [key in "captures" | "slots" | "self" | "consts" | "globals" | "units" | "blocks"]: number };

/** The kinds of blocks each block field may lead to. */
const ENTERED: { readonly [key in Field]?: readonly number[] } = {
  "jump-block": [Block.PLAIN, Block.HEAD],
  "plain-block": [Block.PLAIN],
  "resume-block": [Block.RESUME],
  "guard-block": [Block.GUARD],
  "clause-block": [Block.CLAUSE],
};

/** Checks the schema, the indices and how blocks are entered; throws Malformed. */
export function checkShape(input: unknown): Code {
  const code = asRecord(input, "code");
  exactKeys(code, CODE_KEYS, "code");
  if (code.v !== 1) fail("code.v", `is ${shown(code.v)}; this engine knows version 1`);
  const sizes: Sizes = {
    captures: asCount(code.captures, "captures", LIMITS.slots),
    slots: asCount(code.slots, "slots", LIMITS.slots),
    self: code.self === -1 ? -1 : asCount(code.self, "self", LIMITS.slots),
    consts: asList(code.consts, "consts").length,
    globals: asList(code.globals, "globals").length,
    units: asList(code.units, "units").length,
    blocks: asList(code.blocks, "blocks").length,
  };
  if (sizes.self >= sizes.slots) fail("self", "is no slot");
  if (sizes.captures > 0 && sizes.self < 0) fail("self", "is missing, but there are captures");
  if (sizes.blocks > LIMITS.blocks) fail("blocks", `are more than ${LIMITS.blocks}`);
  asList(code.globals, "globals").forEach((name, i) => {
    matching(name, GLOBAL, `globals[${i}]`);
  });
  asList(code.units, "units").forEach((hash, i) => {
    matching(hash, HASH, `units[${i}]`);
  });
  const blocks = asList(code.blocks, "blocks");
  blocks.forEach((block, i) => {
    checkBlock(block, sizes, `blocks[${i}]`);
  });
  const typed = input as Code;
  checkArities(code.arities, sizes, typed.blocks);
  checkEntrances(typed.blocks);
  return typed;
}

/** Checks a debug table against its code; throws Malformed. */
export function checkDebug(input: unknown, code: Code): Debug {
  const debug = asRecord(input, "debug");
  const keys = ["name", "params", "file", "hash", "span", "slots", "captures", "blocks", "units"];
  exactKeys(debug, [...keys, ...("doc" in debug ? ["doc"] : []), ...("macro" in debug ? ["macro"] : [])], "debug");
  asNameOrNull(debug.name, "debug.name");
  asString(debug.file, "debug.file");
  asString(debug.hash, "debug.hash");
  checkNumbers(debug.span, 2, "debug.span");
  const params = sized(debug.params, code.arities.length, "debug.params");
  params.forEach((names, i) => {
    const [fixed, rest] = code.arities[i];
    sized(names, fixed + rest, `debug.params[${i}]`).forEach((name) => {
      asString(name, `debug.params[${i}]`);
    });
  });
  sized(debug.slots, code.slots, "debug.slots").forEach((name, i) => {
    asNameOrNull(name, `debug.slots[${i}]`);
  });
  sized(debug.captures, code.captures, "debug.captures").forEach((name) => {
    asNameOrNull(name, "debug.captures");
  });
  sized(debug.blocks, code.blocks.length, "debug.blocks").forEach((place, i) => {
    if (place !== 0) checkNumbers(place, 4, `debug.blocks[${i}]`);
  });
  sized(debug.units, code.units.length, "debug.units").forEach((hash, i) => {
    matching(hash, HASH, `debug.units[${i}]`);
  });
  if ("doc" in debug) asString(debug.doc, "debug.doc");
  if ("macro" in debug && debug.macro !== true) fail("debug.macro", "is not true");
  return input as Debug;
}

function checkBlock(input: unknown, sizes: Sizes, path: string): void {
  const block = sized(input, 5, path);
  const kind = asIndex(block[0], 6, `${path}.kind`);
  const live = asList(block[1], `${path}.live`);
  const result = block[2] === -1 ? -1 : asIndex(block[2], sizes.slots, `${path}.result`);
  checkLive(live, result, sizes, `${path}.live`);
  const bare = kind === Block.PLAIN || kind === Block.ENTRY;
  if (bare && live.length > 0) fail(`${path}.live`, "is not empty, but nothing is restored here");
  if ((bare || kind === Block.HEAD) && result !== -1) fail(`${path}.result`, "is set, but nothing is received here");
  asList(block[3], `${path}.ops`).forEach((op, i) => {
    checkFields(op, OPS, sizes, `${path}.ops[${i}]`);
  });
  checkFields(block[4], ENDS, sizes, `${path}.end`);
}

function checkLive(live: readonly unknown[], result: number, sizes: Sizes, path: string): void {
  const seen = new Set<number>();
  for (const element of live) {
    if (typeof element !== "number" || !Number.isSafeInteger(element)) fail(path, "holds something that is no slot");
    const slot = asIndex(slotOf(element), sizes.slots, path);
    if (slot === result) fail(path, `holds the result, slot ${slot}`);
    if (seen.has(slot)) fail(path, `holds slot ${slot} twice`);
    seen.add(slot);
  }
}

/** Checks one op or end against its row of the table. */
function checkFields(input: unknown, table: ReadonlyMap<string, readonly Field[]>, sizes: Sizes, path: string): void {
  const part = asList(input, path);
  const fields = typeof part[0] === "string" ? table.get(part[0]) : undefined;
  if (fields === undefined) fail(path, `has the unknown operation ${shown(part[0])}`);
  if (part.length !== fields.length + 1) fail(path, `has ${part.length - 1} parts instead of ${fields.length}`);
  fields.forEach((field, i) => {
    checkField(field, part[i + 1], sizes, `${path}[${i + 1}]`);
  });
  if (part[0] === "push") checkMarker(part, path);
  if (part[0] === "prompt") checkCount(part[2], PROMPTS.get(part[1] as string)!, `${path}[2]`);
  if (part[0] === "group") checkGroup(part, path);
}

function checkField(field: Field, value: unknown, sizes: Sizes, path: string): void {
  switch (field) {
    case "x":
      checkOperand(value, sizes, false, path);
      return;
    case "head":
      checkOperand(value, sizes, true, path);
      return;
    case "option":
      value === -1 ? undefined : checkOperand(value, sizes, false, path);
      return;
    case "xs":
      asList(value, path).forEach((operand, i) => {
        checkOperand(operand, sizes, false, `${path}[${i}]`);
      });
      return;
    case "dst":
      return void asIndex(value, sizes.slots, path);
    case "id":
      value === -1 ? undefined : void asIndex(value, sizes.slots, path);
      return;
    case "dsts":
      asList(value, path).forEach((slot) => {
        asIndex(slot, sizes.slots, path);
      });
      return;
    case "unit":
      return void asIndex(value, sizes.units, path);
    case "units":
      asList(value, path).forEach((unit) => {
        asIndex(unit, sizes.units, path);
      });
      return;
    case "global":
      return void asIndex(value, sizes.globals, path);
    case "member":
      if (sizes.self < 0) fail(path, "names a sibling, but there is no self");
      return void asIndex(value, LIMITS.slots, path);
    case "prim":
      matching(value, PRIMITIVE, path);
      return;
    case "marker":
      known(value, MARKERS, path);
      return;
    case "prompt":
      known(value, PROMPTS, path);
      return;
    case "clause-block":
      value === -1 ? undefined : void asIndex(value, sizes.blocks, path);
      return;
    default:
      return void asIndex(value, sizes.blocks, path);
  }
}

function checkOperand(operand: unknown, sizes: Sizes, head: boolean, path: string): void {
  if (typeof operand === "number") return void asIndex(operand, sizes.slots, path);
  const match = typeof operand === "string" ? /^([kcg])(0|[1-9]\d{0,8})$/.exec(operand) : null;
  if (match === null) fail(path, `is no operand: ${shown(operand)}`);
  const index = Number(match[2]);
  if (match[1] === "k") asIndex(index, sizes.consts, path);
  else if (match[1] === "c") asIndex(index, sizes.captures, path);
  else if (head) asIndex(index, sizes.globals, path);
  else fail(path, "is a global, which only the head of a call may be");
}

function checkMarker(part: readonly unknown[], path: string): void {
  const marker = MARKERS.get(part[1] as string)!;
  checkCount(part[3], marker.data, `${path}[3]`);
  if ((part[4] !== -1) !== marker.clause) fail(`${path}[4]`, marker.clause ? "is missing a clause" : "has a clause");
}

function checkGroup(part: readonly unknown[], path: string): void {
  const slots = part[1] as readonly number[];
  if (slots.length === 0) fail(path, "is an empty group");
  if (slots.length !== (part[2] as readonly unknown[]).length) fail(path, "has not as many units as slots");
  if (new Set(slots).size !== slots.length) fail(path, "writes a slot twice");
}

function checkArities(input: unknown, sizes: Sizes, blocks: readonly CodeBlock[]): void {
  const arities = asList(input, "arities");
  if (arities.length === 0) fail("arities", "are empty");
  const counts = new Set<number>();
  const entries = new Set<number>();
  let variadic = -1;
  arities.forEach((arity, i) => {
    const path = `arities[${i}]`;
    const [params, rest, entry] = sized(arity, 3, path);
    const count = asIndex(params, LIMITS.parameters, path);
    const gathers = asIndex(rest, 2, path);
    const block = asIndex(entry, sizes.blocks, path);
    if (blocks[block][0] !== Block.ENTRY) fail(path, `enters block ${block}, which is no ENTRY`);
    if (entries.has(block)) fail(path, `shares block ${block} with another arity`);
    entries.add(block);
    if (count + gathers > sizes.slots) fail(path, "has more parameters than there are slots");
    if (sizes.self >= 0 && sizes.self < count + gathers) fail("self", "is the slot of a parameter");
    if (gathers === 1 && variadic >= 0) fail(path, "is a second arity that gathers the rest");
    if (gathers === 1) variadic = count;
    else if (counts.has(count)) fail(path, `is a second arity of ${count} parameters`);
    else counts.add(count);
  });
  if (variadic >= 0 && [...counts].some((count) => count > variadic)) {
    fail("arities", "one has more parameters than the one that gathers the rest");
  }
  blocks.forEach((block, i) => {
    if (block[0] === Block.ENTRY && !entries.has(i)) fail(`blocks[${i}]`, "is an ENTRY of no arity");
  });
}

/** Blocks are entered as their kind says; what a frame resumes at is reached from one place only. */
function checkEntrances(blocks: readonly CodeBlock[]): void {
  const owner = new Map<number, number>();
  blocks.forEach((block, i) => {
    const end = block[4];
    ENDS.get(end[0])!.forEach((field, at) => {
      const kinds = ENTERED[field];
      const target = end[at + 1];
      if (kinds === undefined || typeof target !== "number" || target === -1) return;
      const path = `blocks[${i}].end[${at + 1}]`;
      const kind = blocks[target][0];
      if (!kinds.includes(kind)) fail(path, `leads to block ${target}, which is of kind ${kind}`);
      if (kind === Block.PLAIN || kind === Block.HEAD) return;
      if (owner.has(target)) fail(path, `leads to block ${target}, which continues block ${owner.get(target)}`);
      owner.set(target, i);
    });
  });
}

/** A part of the input in a message: never a long or deep one. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  return typeof value === "object" && value !== null ? "something composite" : String(value);
}

export function fail(path: string, message: string): never {
  throw new Malformed(path, message);
}

function asList(value: unknown, path: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(path, "is not a list");
}

function sized(value: unknown, count: number, path: string): readonly unknown[] {
  const list = asList(value, path);
  checkCount(list, count, path);
  return list;
}

function checkCount(value: unknown, count: number, path: string): void {
  const length = asList(value, path).length;
  if (length !== count) fail(path, `has ${length} elements instead of ${count}`);
}

function checkNumbers(value: unknown, count: number, path: string): void {
  for (const number of sized(value, count, path)) asCount(number, path, Number.MAX_SAFE_INTEGER);
}

function asIndex(value: unknown, below: number, path: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < below) return value;
  return fail(path, `is ${shown(value)}, not a whole number below ${below}`);
}

function asCount(value: unknown, path: string, max: number): number {
  return asIndex(value, max + 1, path);
}

function asString(value: unknown, path: string): string {
  return typeof value === "string" ? value : fail(path, "is not a text");
}

function asNameOrNull(value: unknown, path: string): void {
  if (value !== null) asString(value, path);
}

function matching(value: unknown, pattern: RegExp, path: string): void {
  if (!pattern.test(asString(value, path))) fail(path, `is malformed: ${shown(value)}`);
}

function known(value: unknown, table: ReadonlyMap<string, unknown>, path: string): void {
  if (!table.has(asString(value, path))) fail(path, `is unknown: ${shown(value)}`);
}

function asRecord(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(path, "is not an object");
  return value as Readonly<Record<string, unknown>>;
}

function exactKeys(record: Readonly<Record<string, unknown>>, keys: readonly string[], path: string): void {
  for (const key of keys) if (!Object.hasOwn(record, key)) fail(path, `lacks ${key}`);
  for (const key of Object.keys(record)) if (!keys.includes(key)) fail(path, `has the unknown key ${shown(key)}`);
}
