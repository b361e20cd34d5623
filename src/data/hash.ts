// The hash function of the language: fixed, documented, the same on every machine (S-13).
//
// A hash is a signed 32-bit integer. Integers that fit in 32 bits are their own hash; strings are FNV-1a over their UTF-16
// code units with a final mix; compound values fold the hashes of their parts with the step of MurmurHash3. What is equal
// (`=`) has equal hashes; equality.ts says how each type is folded.

/** MurmurHash3's final avalanche. */
export function mix(h: number): number {
  let x = h;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** Folds the hash of a part into that of a whole, in order. */
export function fold(h: number, part: number): number {
  let k = Math.imul(part, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const x = h ^ k;
  return (Math.imul((x << 13) | (x >>> 19), 5) + 0xe6546b64) | 0;
}

/** The hash of a string's code units. */
export function hashString(text: string): number {
  let h = 0x811c9dc5 | 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h ^ (h >>> 15);
}

const scratch = new DataView(new ArrayBuffer(8));

/** The hash of a double: of its bits, with both zeros alike and all NaN alike. */
export function hashDouble(x: number): number {
  if (Number.isNaN(x)) return 0x7ff80000;
  scratch.setFloat64(0, x === 0 ? 0 : x);
  return fold(fold(0x2f, scratch.getInt32(0)), scratch.getInt32(4));
}

/** The hash of an integer. */
export function hashInteger(n: number | bigint): number {
  if (typeof n === "number" && (n | 0) === n) return n;
  if (typeof n === "number") return fold(fold(0x11, n | 0), Math.floor(n / 0x1_0000_0000) | 0);
  return mix(hashString(n.toString(32)));
}

/** The hash of bytes. */
export function hashBytes(bytes: Uint8Array): number {
  let h = 0x811c9dc5 | 0;
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ bytes[i], 0x01000193);
  return mix(h);
}
