// What a sealed store says of itself in `meta`: which keys it is sealed with. Looked at before anything else is read or written.
//
//   {"v":1,"newest":ID,"keys":{ID:BOX,...}}
//
// A box is sealed with its key and holds [the key of addresses, newest, [ID, ...]]: so each key proves that it is the right one, and
// that nobody has changed the rest. Keys are listed as long as rows may be sealed with them; who opens the store needs all of them.
import type { Random } from "../../base/random.ts";
import type { Xaes } from "../../base/xaes.ts";
import { badSeal, missingKey } from "../errors.ts";
import { derived, type KeyRing } from "./keys.ts";
import { openText, Sealer, sealText } from "./sealer.ts";

const ADDRESS_KEY_BYTES = 32;

interface Box {
  /** base64url. */
  readonly addressKey: string;
  readonly newest: string;
  readonly ids: readonly string[];
}

/** The seal of a store, opened. */
export interface Seal {
  readonly sealer: Sealer;
  readonly newest: string;
  /** Ids of the keys that rows may be sealed with. */
  readonly ids: readonly string[];
  readonly addressKey: string;
}

export interface SealParams {
  /** The store's cluster id. */
  readonly store: string;
  /** What messages call the store. */
  readonly shown: string;
  readonly random: Random;
  readonly keys: KeyRing;
}

const bound = (store: string, id: string): string => JSON.stringify([store, "meta", "seal", "", id]);

/** The text of a new store's seal: sealed with the first key. */
export function newSeal(params: SealParams): string {
  const addressKey = Buffer.from(params.random.bytes(ADDRESS_KEY_BYTES)).toString("base64url");
  const { id } = params.keys[0];
  return sealOf(params, { addressKey, newest: id, ids: [id] });
}

/** The text of a seal. All keys it names have to be there. */
export function sealOf({ store, random, keys }: SealParams, { addressKey, newest, ids }: Box): string {
  const boxes = keys
    .filter(({ id }) => ids.includes(id))
    .map((key) => {
      const xaes = derived(key, "store", store);
      return [key.id, sealText(key.id, xaes, random, bound(store, key.id), JSON.stringify([addressKey, newest, ids]))];
    });
  return JSON.stringify({ v: 1, newest, keys: Object.fromEntries(boxes) });
}

/** Opens a store's seal. Throws `store/sealed` if a key is missing, `seal/broken` if somebody has changed it. */
export function openSeal(params: SealParams, text: string): Seal {
  const { store, shown, random, keys } = params;
  const { newest, boxes } = parsed(shown, text);
  const ids = Object.keys(boxes);
  const ring = new Map<string, Xaes>(keys.map((key) => [key.id, derived(key, "store", store)]));
  const missing = ids.filter((id) => !ring.has(id));
  if (missing.length > 0) throw missingKey(`the store ${shown}`, missing);
  let addressKey = "";
  for (const id of ids) {
    const box = openText(ring.get(id)!, bound(store, id), boxes[id]);
    if (box === null) throw badSeal(shown);
    const [address, own, all] = JSON.parse(box) as [string, string, string[]];
    const others = addressKey !== "" && address !== addressKey;
    if (others || own !== newest || JSON.stringify([...all].sort()) !== JSON.stringify([...ids].sort()))
      throw badSeal(shown);
    addressKey = address;
  }
  const sealer = new Sealer({ store, random, keys: ring, newest, addressKey: Buffer.from(addressKey, "base64url") });
  return { sealer, newest, ids, addressKey };
}

function parsed(shown: string, text: string): { newest: string; boxes: Readonly<Record<string, string>> } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badSeal(shown);
  }
  const { v, newest, keys } = (value ?? {}) as { v?: unknown; newest?: unknown; keys?: unknown };
  if (v !== 1 || typeof newest !== "string" || typeof keys !== "object" || keys === null) throw badSeal(shown);
  const boxes = keys as Readonly<Record<string, unknown>>;
  if (!Object.hasOwn(boxes, newest) || !Object.values(boxes).every((box) => typeof box === "string"))
    throw badSeal(shown);
  return { newest, boxes: boxes as Readonly<Record<string, string>> };
}
