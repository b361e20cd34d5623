// Sealing of single texts: each is bound to its place, so that it opens nowhere else.
//
// What is bound (the associated data) is the JSON array [store, table, column, program, key within the program].
import { createHmac } from "node:crypto";
import type { Random } from "../../base/random.ts";
import { type Xaes, XAES_NONCE_BYTES } from "../../base/xaes.ts";
import { brokenSeal, missingKey } from "../errors.ts";
import { sealedBytes, sealedText, sealedWith } from "./form.ts";

/** Where a text stands. `program`: empty for what belongs to none. `key` is unique in the table and program, and never changes. */
export interface Place {
  readonly table: string;
  readonly column: string;
  readonly program: string;
  readonly key: string;
}

export interface SealerParams {
  /** What binds the texts of one store together: its cluster id. */
  readonly store: string;
  readonly random: Random;
  /** By key id. */
  readonly keys: ReadonlyMap<string, Xaes>;
  /** The key that seals. */
  readonly newest: string;
  /** For addresses; the same as long as the store lives. */
  readonly addressKey: Uint8Array;
}

export class Sealer {
  readonly #params: SealerParams;

  constructor(params: SealerParams) {
    this.#params = params;
  }

  get newest(): string {
    return this.#params.newest;
  }

  /** The same with another newest key. */
  under(newest: string): Sealer {
    return newest === this.newest ? this : new Sealer({ ...this.#params, newest });
  }

  seal(place: Place, text: string): string {
    const { keys, newest, random } = this.#params;
    return sealText(newest, keys.get(newest)!, random, this.#bound(place), text);
  }

  /** Throws `seal/broken` for what was changed, or stood somewhere else; `store/sealed` for what another key has sealed. */
  open(place: Place, text: string): string {
    const key = sealedWith(text);
    if (key === null) throw brokenSeal(place, "it is not sealed");
    const xaes = this.#params.keys.get(key);
    if (xaes === undefined) throw missingKey(`${place.table} of this store`, [key]);
    const plain = openText(xaes, this.#bound(place), text);
    if (plain === null) throw brokenSeal(place, "it was changed, or stood somewhere else");
    return plain;
  }

  /** An address that tells nobody without the keys what it is of: 64 characters of hex (HMAC-SHA256, RFC 2104). */
  address(parts: readonly string[]): string {
    return createHmac("sha256", this.#params.addressKey).update(JSON.stringify(parts)).digest("hex");
  }

  #bound({ table, column, program, key }: Place): string {
    return JSON.stringify([this.#params.store, table, column, program, key]);
  }
}

/** A text sealed with one key. */
export function sealText(id: string, xaes: Xaes, random: Random, bound: string, text: string): string {
  const sealed = xaes.seal(random.bytes(XAES_NONCE_BYTES), Buffer.from(text), Buffer.from(bound));
  return sealedText(id, sealed);
}

/** The text; null: it does not open. */
export function openText(xaes: Xaes, bound: string, text: string): string | null {
  const bytes = sealedBytes(text);
  return bytes === null ? null : (xaes.open(bytes, Buffer.from(bound))?.toString() ?? null);
}
