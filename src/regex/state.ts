// A match that is not finished as bytes, and back: what lets a program be stored in the middle of one (S-18).
//
// The bytes are 32-bit numbers, low byte first, and a function of the program, the text and the steps made: neither the
// capacity of arrays nor caches show. Whoever reads them holds them for hostile: every number is judged before it is used.
import { BODY_WIDTH, Entry, Matcher, Phase } from "./match.ts";
import { Memo, PAGE_WORDS, pagesFor } from "./memo.ts";
import { LENGTHS, Op, type Program } from "./program.ts";

const FORMAT = 1;
const HEAD = 20;
const isBigEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 0;

/** The bytes of an unfinished match. */
export function saveMatch(match: Matcher): Uint8Array {
  const { bodies, registers, top, program } = match;
  const memo = match.memo ?? new Memo(1);
  const contexts = [...memo.contexts.keys()].flatMap((text) => text.split(" ").map(Number));
  const words = memo.used();
  const head = [
    FORMAT,
    match.text.length,
    match.from,
    Number(match.whole),
    match.phase,
    match.pc,
    match.pos,
    match.start,
    match.scanFrom,
    match.scanCount,
    match.steps,
    match.reached,
    Number(match.marking),
    match.origin,
    registers.length,
    top,
    bodies.length,
    memo.keys.length,
    memo.contexts.size,
    memo.log.length,
  ];
  const keys = memo.keys.flatMap((key) => [key % 2 ** 31, Math.floor(key / 2 ** 31)]);
  const size = HEAD + registers.length + top + bodies.length + keys.length + contexts.length + memo.log.length;
  const all = new Int32Array(size + words.length);
  let at = 0;
  for (const part of [head, registers, match.stack.subarray(0, top), bodies, keys, contexts, memo.log, words]) {
    all.set(part, at);
    at += part.length;
  }
  if (program.depends.length === 0 && contexts.length > 0) throw new Error("bug: contexts of no groups");
  const bytes = new Uint8Array(all.buffer);
  return isBigEndian ? swapped(bytes) : bytes;
}

function swapped(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.from(bytes).swap32());
}

/** How many numbers a stored match has: what it costs to store it. */
export function sizeOfMatch(match: Matcher): number {
  const { memo, top } = match;
  return memo === null ? top : top + memo.keys.length * (PAGE_WORDS + 2) + memo.log.length;
}

/** The match stored in these bytes, or null if they are not those of a match of this program in this text. */
export function loadMatch(program: Program, text: string, bytes: Uint8Array): Matcher | null {
  if (bytes.length % 4 !== 0 || bytes.length < 4 * HEAD) return null;
  const copy = isBigEndian ? swapped(bytes) : Uint8Array.from(bytes);
  const all = new Int32Array(copy.buffer);
  const [format, length, from, whole, phase, pc, pos, start, scanFrom, scanCount, steps, reached, marking, origin] =
    all;
  const [registers, top, bodies, pages, contexts, log] = all.subarray(14, HEAD);
  if (format !== FORMAT || length !== text.length || registers !== program.registers) return null;
  const place = (n: number) => n >= 0 && n <= length;
  const flag = (n: number) => n === 0 || n === 1;
  if (![from, pos, reached, origin].every(place) || start < 0 || start > length + 1) return null;
  if (![whole, marking].every(flag) || phase < 0 || phase > Phase.Back) return null;
  if (scanFrom < -1 || scanFrom > length || scanCount < 0 || steps < 0) return null;
  const width = program.depends.length;
  const sizes = [registers, top, bodies, 2 * pages, width * contexts, log, PAGE_WORDS * pages];
  if (sizes.some((size) => size < 0) || sizes.reduce((a, b) => a + b, HEAD) !== all.length) return null;
  let at = HEAD;
  const [storedRegisters, stack, storedBodies, keys, contextNumbers, logged, words] = sizes.map((size) => {
    at += size;
    return all.subarray(at - size, at);
  });
  const starts = instructionStarts(program);
  if (!starts.has(pc)) return null;
  if (scanFrom >= 0 && (program.code[pc] !== Op.Star || phase !== Phase.Run)) return null;
  if (!storedRegisters.every((n) => n === -1 || place(n))) return null;
  if (!isStack(program, starts, stack, length) || !areBodies(program, starts, storedBodies, stack, length, log))
    return null;
  if (!logged.every((bit) => bit >= 0 && bit < 32 * words.length) || !keys.every((n) => n >= 0)) return null;
  const match = new Matcher(program, text, from, whole === 1, origin);
  Object.assign(match, { phase, pc, pos, start, scanFrom, scanCount, steps, reached, marking: marking === 1, top });
  match.registers.splice(0, registers, ...storedRegisters);
  match.stack = new Int32Array(Math.max(256, top));
  match.stack.set(stack);
  match.bodies.push(...storedBodies);
  if (pages > 0 || contexts > 0) {
    match.memo = new Memo(pagesFor(length));
    match.memo.restore(pageKeys(keys), words, contextTexts(contextNumbers, width), logged);
  }
  return match;
}

function pageKeys(numbers: Int32Array): number[] {
  return Array.from({ length: numbers.length / 2 }, (_, i) => numbers[2 * i] + numbers[2 * i + 1] * 2 ** 31);
}

function contextTexts(numbers: Int32Array, width: number): string[] {
  return Array.from({ length: width === 0 ? 0 : numbers.length / width }, (_, i) =>
    numbers.subarray(i * width, (i + 1) * width).join(" "),
  );
}

function instructionStarts({ code }: Program): ReadonlySet<number> {
  const starts = new Set<number>();
  for (let at = 0; at < code.length; at += LENGTHS[code[at]]) starts.add(at);
  return starts;
}

function isStack(program: Program, starts: ReadonlySet<number>, stack: Int32Array, length: number): boolean {
  if (stack.length % 4 !== 0) return false;
  const place = (n: number) => n >= 0 && n <= length;
  const isStar = (pc: number) => starts.has(pc) && program.code[pc] === Op.Star;
  for (let at = 0; at < stack.length; at += 4) {
    const [a, b, c, kind] = stack.subarray(at, at + 4);
    if (kind === Entry.Choice) {
      if (!starts.has(a) || !place(b)) return false;
    } else if (kind === Entry.Restore) {
      if (a < 0 || a >= program.registers || !(b === -1 || place(b))) return false;
    } else if (kind === Entry.Shorter) {
      if (!isStar(a) || !place(b) || !place(c) || b > c) return false;
    } else if (kind === Entry.Longer) {
      if (!isStar(a) || !place(b) || c < 0) return false;
    } else if (kind !== Entry.Barrier) return false;
  }
  return true;
}

/** Each open body has its barrier on the stack, where it says; and there are no others. */
function areBodies(
  program: Program,
  starts: ReadonlySet<number>,
  bodies: Int32Array,
  stack: Int32Array,
  length: number,
  log: number,
): boolean {
  if (bodies.length % BODY_WIDTH !== 0) return false;
  let barriers = 0;
  for (let at = 3; at < stack.length; at += 4) if (stack[at] === Entry.Barrier) barriers++;
  if (barriers !== bodies.length / BODY_WIDTH) return false;
  let before = -4;
  for (let at = 0; at < bodies.length; at += BODY_WIDTH) {
    const [pc, pos, top, logLength, tried, left] = bodies.subarray(at, at + BODY_WIDTH);
    if (!starts.has(pc) || program.code[pc] !== Op.Begin || top % 4 !== 0 || top <= before) return false;
    if (stack[top + 3] !== Entry.Barrier || logLength < 0 || logLength > log || left < 0) return false;
    if (pos < 0 || pos > length || tried < 0 || tried > length) return false;
    before = top;
  }
  return true;
}
