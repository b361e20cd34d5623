// XAES-256-GCM: AES-256-GCM with nonces of 192 bits, so that random ones never come twice.
//
// C2SP, XAES-256-GCM (https://c2sp.org/XAES-256-GCM): half of the nonce makes a key of its own with the CMAC of NIST SP 800-108r1, the
// other half is the nonce of AES-256-GCM (NIST SP 800-38D) under that key. The limit of 2^32 messages of SP 800-38D, 8.3, is one for
// each such key; with random nonces one key of ours is good for 2^80 messages.
import { type Cipher, createCipheriv, createDecipheriv } from "node:crypto";

export const XAES_KEY_BYTES = 32;
export const XAES_NONCE_BYTES = 24;
const TAG_BYTES = 16;
const HALF = 12;

/** One key, ready for use. */
export class Xaes {
  /** AES-256 of single blocks under the key: ECB without padding keeps nothing from one call to the next. */
  readonly #blocks: Cipher;
  /** K1 of CMAC, once for each of the two blocks that make a key. */
  readonly #mask: Buffer;

  /** `key`: 32 bytes. */
  constructor(key: Uint8Array) {
    this.#blocks = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
    const k1 = doubled(this.#blocks.update(Buffer.alloc(16)));
    this.#mask = Buffer.concat([k1, k1]);
  }

  /** Nonce, ciphertext and tag, one behind the other. `nonce`: 24 random bytes, never given twice. */
  seal(nonce: Uint8Array, plain: Uint8Array, bound: Uint8Array): Buffer {
    const cipher = createCipheriv("aes-256-gcm", this.#keyOf(nonce), nonce.subarray(HALF));
    cipher.setAAD(bound);
    const text = cipher.update(plain);
    cipher.final();
    return Buffer.concat([nonce, text, cipher.getAuthTag()]);
  }

  /** The plain bytes; null: they were not sealed under this key with `bound`, or were changed since. */
  open(sealed: Uint8Array, bound: Uint8Array): Buffer | null {
    if (sealed.length < XAES_NONCE_BYTES + TAG_BYTES) return null;
    const nonce = sealed.subarray(0, XAES_NONCE_BYTES);
    const cipher = createDecipheriv("aes-256-gcm", this.#keyOf(nonce), nonce.subarray(HALF), {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(bound);
    cipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const plain = cipher.update(sealed.subarray(XAES_NONCE_BYTES, -TAG_BYTES));
    try {
      cipher.final();
      return plain;
    } catch {
      return null;
    }
  }

  #keyOf(nonce: Uint8Array): Buffer {
    const message = Buffer.from(this.#mask);
    for (const [block, at] of [
      [1, 0],
      [2, 16],
    ]) {
      message[at + 1] ^= block;
      message[at + 2] ^= 0x58;
      for (let i = 0; i < HALF; i++) message[at + 4 + i] ^= nonce[i];
    }
    return this.#blocks.update(message);
  }
}

/** A block times x in the field of CMAC (NIST SP 800-38B, 6.1). */
function doubled(block: Buffer): Buffer {
  const result = Buffer.alloc(16);
  for (let i = 0; i < 16; i++) result[i] = (block[i] << 1) | (i < 15 ? block[i + 1] >> 7 : 0);
  if (block[0] >= 0x80) result[15] ^= 0x87;
  return result;
}
