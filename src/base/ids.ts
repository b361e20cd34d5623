// Identifiers: 128 bits in 26 lower-case characters of Crockford's base 32, so that they sort, and can be read out loud.
import { createHash } from "node:crypto";
import { quote } from "./canonical-json.ts";
import type { Clock } from "./clock.ts";
import { assert } from "./errors.ts";
import { sha256Bytes } from "./hash.ts";
import type { Random } from "./random.ts";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const ID = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;
const PREFIX = /^[0-7][0-9a-hjkmnp-tv-z]{0,25}$/;

/** 16 bytes in 26 characters. */
export function idOfBytes(bytes: Uint8Array): string {
  assert(bytes.length === 16, "an id has 16 bytes");
  let text = "";
  // 130 bits, two zeros in front: a buffer of bits not yet written out, at most 12 of them.
  let buffer = 0;
  let held = 2;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    held += 8;
    while (held >= 5) {
      held -= 5;
      text += ALPHABET[(buffer >>> held) & 31];
    }
  }
  return text;
}

/** The 16 bytes of an id. */
export function bytesOfId(id: string): Uint8Array {
  assert(isId(id), "not an id");
  const bytes = new Uint8Array(16);
  let buffer = 0;
  let held = -2;
  let at = 0;
  for (const char of id) {
    buffer = ((buffer << 5) | ALPHABET.indexOf(char)) & 0x1fff;
    held += 5;
    if (held >= 8) {
      held -= 8;
      bytes[at++] = (buffer >>> held) & 255;
    }
  }
  return bytes;
}

/** True for the 26 characters of an id. */
export function isId(text: string): boolean {
  return ID.test(text);
}

/** True for what an id can begin with. */
export function isIdPrefix(text: string): boolean {
  return PREFIX.test(text);
}

function stamp(bytes: Uint8Array, version: number): Uint8Array {
  bytes[6] = (bytes[6] & 0x0f) | (version << 4);
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes;
}

/** A new id: a UUID of version 7, whose first 48 bits are the time. */
export function newId(clock: Pick<Clock, "now">, random: Random): string {
  const bytes = new Uint8Array(16);
  const now = clock.now();
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(now / 2 ** 32));
  view.setUint32(2, now % 2 ** 32);
  bytes.set(random.bytes(10), 6);
  return idOfBytes(stamp(bytes, 7));
}

/** The id that belongs to a name under another id: a UUID of version 5. */
export function nameId(namespace: string, name: string): string {
  const digest = createHash("sha1").update(bytesOfId(namespace)).update(name).digest();
  return idOfBytes(stamp(new Uint8Array(digest.subarray(0, 16)), 5));
}

/** The key of a task's n-th effect (E-3). */
export function effectKey(program: string, branch: number, task: number, n: number): string {
  return idOfBytes(sha256Bytes(`[${quote(program)},${branch},${task},${n}]`).subarray(0, 16));
}

/** The id as a UUID with hyphens. */
export function uuidOfId(id: string): string {
  const hex = Buffer.from(bytesOfId(id)).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
