// Chance from outside: the one place where the host's entropy is read.
import { randomFillSync } from "node:crypto";
import { sha256Bytes } from "./hash.ts";

/** A source of random bytes. Tests bring one with a seed. */
export interface Random {
  bytes(count: number): Uint8Array;
}

/** Asked for so many bytes at a time: a call costs more than a thousand bytes do. */
const POOL_BYTES = 4096;

/** The host's entropy. Every byte is given out once. */
export const systemRandom: Random = pooled((bytes) => void randomFillSync(bytes));

function pooled(fill: (bytes: Uint8Array) => void): Random {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  return {
    bytes(count) {
      const bytes = new Uint8Array(count);
      if (count > POOL_BYTES) {
        fill(bytes);
        return bytes;
      }
      if (used + count > POOL_BYTES) {
        fill(pool);
        used = 0;
      }
      bytes.set(pool.subarray(used, used + count));
      pool.fill(0, used, used + count);
      used += count;
      return bytes;
    },
  };
}

/** Bytes that one block of `seededBytes` has. */
const BLOCK_BYTES = 32;

/** How many blocks so many bytes take. */
export function blocksOf(count: number): number {
  return Math.ceil(count / BLOCK_BYTES);
}

/** The bytes of the blocks from `block` on, the same on every machine: SHA-256 over seed and number of block. */
export function seededBytes(seed: string, block: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let at = 0, next = block; at < count; at += BLOCK_BYTES, next++) {
    bytes.set(sha256Bytes(`${seed}:${next}`).subarray(0, count - at), at);
  }
  return bytes;
}

/** A source that gives the same bytes for the same seed. */
export function seededRandom(seed: string): Random {
  let block = 0;
  return {
    bytes(count) {
      const bytes = seededBytes(seed, block, count);
      block += blocksOf(count);
      return bytes;
    },
  };
}

/** A whole number from 0 up to, without, `below`, which is at most 2^32; each equally likely. */
export function randomBelow(random: Random, below: number): number {
  // Numbers in the incomplete last stretch of the 32-bit range would be drawn too often.
  const end = 2 ** 32 - (2 ** 32 % below);
  for (;;) {
    const bytes = random.bytes(4);
    const drawn = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    if (drawn < end) return drawn % below;
  }
}
