// Keys that stores are sealed with: their texts, their ids, and what is derived from them (docs/sealing.md).
//
// A key is 32 random bytes, written as `fmk1-` and 43 characters of base64url. Nothing is sealed with it itself: each store, and each
// exported file, has a key of its own by HKDF-SHA256 (RFC 5869) with the store's cluster id, or the file's salt. The id of a key comes
// from the key by HKDF, too: it tells which one is meant, and nothing of it.
import { hkdfSync } from "node:crypto";
import type { Random } from "../../base/random.ts";
import { Xaes, XAES_KEY_BYTES } from "../../base/xaes.ts";
import { badKeys } from "../errors.ts";

export interface SealKey {
  /** 12 characters of lower-case hex. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Keys of a process: the first one seals what is new, all open. */
export type KeyRing = readonly SealKey[];

const PREFIX = "fmk1-";
const WRITTEN = /^fmk1-([A-Za-z0-9_-]{43})$/;

/** The text of a new key. */
export function newKeyText(random: Random): string {
  return PREFIX + Buffer.from(random.bytes(XAES_KEY_BYTES)).toString("base64url");
}

/**
 * Keys as a person keeps them: one a line, or with white space between them; what stands behind a `#` is a comment. `origin` is what
 * errors call the place. They never show what is written there.
 */
export function readKeys(text: string, origin: string): KeyRing {
  const words = text
    .split(/\r?\n/)
    .flatMap((line, i) => (line.split("#", 1)[0].match(/\S+/g) ?? []).map((word) => ({ word, line: i + 1 })));
  if (words.length === 0) throw badKeys(`there is no key in ${origin}`);
  const keys = words.map(({ word, line }) => {
    const encoded = WRITTEN.exec(word)?.[1];
    if (encoded === undefined) throw badKeys(`line ${line} of ${origin} is no key`);
    return sealKey(Buffer.from(encoded, "base64url"));
  });
  return [...new Map(keys.map((key) => [key.id, key])).values()];
}

function sealKey(bytes: Uint8Array): SealKey {
  return { id: Buffer.from(hkdfSync("sha256", bytes, "", "flowmetal key id", 6)).toString("hex"), bytes };
}

/** The key that seals in one store or file. `use`: `store` or `file`; `salt` names it. */
export function derived({ bytes }: SealKey, use: "store" | "file", salt: string): Xaes {
  return new Xaes(new Uint8Array(hkdfSync("sha256", bytes, salt, `flowmetal ${use} 1`, XAES_KEY_BYTES)));
}
