// Validation, first part: is this JSON a unit's code at all? Every name through a Map, every index in its range (E-24).
import { SPACES } from "../base/text.ts";
import { BlockChecker, LIMITS, type Sizes } from "./block-shape.ts";
import {
  asCount,
  asIndex,
  asList,
  asNameOrNull,
  asRecord,
  asString,
  checkNumbers,
  exactKeys,
  fail,
  matching,
  shown,
  sized,
} from "./checks.ts";
import { CODE_VERSION, Block, type Code, type CodeBlock, type Debug } from "./code.ts";
import { ENDS, type Field } from "./grammar.ts";

const CODE_KEYS = ["v", "arities", "captures", "slots", "self", "consts", "globals", "units", "blocks"];
const DEBUG_KEYS = ["name", "params", "file", "hash", "span", "slots", "captures", "blocks", "units"];
const HASH = /^[0-9a-f]{64}$/;
/** No name of a global has white space or control characters. */
const UNFIT = `${SPACES}\\x00-\\x1f\\x7f-\\x9f`;
const GLOBAL = new RegExp(`^[^/${UNFIT}]+/[^${UNFIT}]+$`);

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
  if (code.v !== CODE_VERSION) fail("code.v", `is ${shown(code.v)}; this engine knows version ${CODE_VERSION}`);
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
  for (const name of asList(code.globals, "globals")) matching(name, GLOBAL, "globals");
  for (const hash of asList(code.units, "units")) matching(hash, HASH, "units");
  const checker = new BlockChecker(sizes);
  asList(code.blocks, "blocks").forEach((block, i) => {
    checker.check(block, i);
  });
  const typed = input as Code;
  checkArities(code.arities, sizes, typed.blocks);
  checkEntrances(typed.blocks);
  return typed;
}

/** Checks a debug table against its code; throws Malformed. */
export function checkDebug(input: unknown, code: Code): Debug {
  const debug = asRecord(input, "debug");
  const optional = ["doc", "macro"].filter((key) => key in debug);
  exactKeys(debug, [...DEBUG_KEYS, ...optional], "debug");
  asNameOrNull(debug.name, "debug.name");
  asString(debug.file, "debug.file");
  asString(debug.hash, "debug.hash");
  checkNumbers(debug.span, 2, "debug.span");
  sized(debug.params, code.arities.length, "debug.params").forEach((names, i) => {
    const [fixed, rest] = code.arities[i];
    for (const name of sized(names, fixed + rest, "debug.params")) asString(name, "debug.params");
  });
  for (const name of sized(debug.slots, code.slots, "debug.slots")) asNameOrNull(name, "debug.slots");
  for (const name of sized(debug.captures, code.captures, "debug.captures")) asNameOrNull(name, "debug.captures");
  for (const place of sized(debug.blocks, code.blocks.length, "debug.blocks")) {
    if (place !== 0) checkNumbers(place, 4, "debug.blocks");
  }
  for (const hash of sized(debug.units, code.units.length, "debug.units")) matching(hash, HASH, "debug.units");
  if ("doc" in debug) asString(debug.doc, "debug.doc");
  if ("macro" in debug && debug.macro !== true) fail("debug.macro", "is not true");
  return input as Debug;
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
  const owners = new Map<number, number>();
  blocks.forEach(([, , , , end], i) => {
    ENDS.get(end[0])!.forEach((field, at) => {
      const kinds = ENTERED[field];
      const target = end[at + 1] as number;
      if (kinds === undefined || target === -1) return;
      const path = (): string => `blocks[${i}].end[${at + 1}]`;
      const kind = blocks[target][0];
      if (!kinds.includes(kind)) fail(path(), `leads to block ${target}, which is of kind ${kind}`);
      if (kind === Block.PLAIN || kind === Block.HEAD) return;
      const owner = owners.get(target);
      if (owner !== undefined) fail(path(), `leads to block ${target}, which continues block ${owner}`);
      owners.set(target, i);
    });
  });
}
