// How much memory a program's state takes, roughly, as one walk over its objects finds it.
//
// V8 tells how large a heap is, but not whose. So everything in reach of the state is counted, but code, which programs share. The
// figures are those of V8 with compressed objects of some words each; they are no part of any program's meaning: which program is stopped
// when is written into its journal (entry `stop`).
import { Unit } from "../machine/unit.ts";

const OBJECT_BYTES = 24;
const WORD_BYTES = 8;
const ENTRY_BYTES = 32;

/** Bytes in reach of an object; counts no further than `most`. */
export function weightOf(root: object, most: number): number {
  const seen = new Set<object>([root]);
  const stack: object[] = [root];
  let bytes = 0;
  const meet = (value: unknown): void => {
    bytes += WORD_BYTES;
    if (typeof value === "object" && value !== null) {
      if (value instanceof Unit || seen.has(value)) return;
      seen.add(value);
      stack.push(value);
    } else if (typeof value === "string") bytes += value.length;
    else if (typeof value === "bigint") bytes += bytesOf(value);
  };
  for (let top = stack.pop(); top !== undefined && bytes <= most; top = stack.pop()) {
    bytes += OBJECT_BYTES;
    if (ArrayBuffer.isView(top)) bytes += top.byteLength;
    else if (Array.isArray(top)) for (const item of top) meet(item);
    else if (top instanceof Map || top instanceof Set) {
      bytes += top.size * ENTRY_BYTES;
      for (const entry of top.entries()) entry.forEach(meet);
    } else for (const name in top) meet((top as Record<string, unknown>)[name]);
  }
  return bytes;
}

/** Of an integer that is not small; found by halving, as its digits would cost more than itself. */
function bytesOf(n: bigint): number {
  let bytes = WORD_BYTES;
  while (bytes < 2 ** 20 && BigInt.asIntN(bytes * 8, n) !== n) bytes *= 2;
  return bytes;
}
