// Which content-addressed rows nothing names any more (E-19), by reading what there is: bodies name rows by their hashes.
//
// A hash is found wherever it stands, so that a value of the user's that happens to read like one keeps a row at worst.

import { type BodyPage, type BodyRow, namingRows } from "./bodies.ts";
import type { CollectedTexts, UnitRow } from "./rows.ts";
import type { Lens } from "./store.ts";

/** What a store must be able to read for it. */
export interface NamingRows {
  /** The hashes of rows that nobody has touched for long enough. */
  readonly candidates: CollectedTexts;
  /** Rows of programs, whose texts can name a row. */
  read(page: BodyPage): Promise<readonly BodyRow[]>;
  /** Where texts are sealed: what opens them, and says where what they name stands. */
  readonly lens?: Lens | undefined;
  readUnits(hashes: readonly string[]): Promise<readonly UnitRow[]>;
  readImage(hash: string): Promise<string | null>;
}

/** Units one read asks for, and rows: no read transaction may be long (E-17). */
const UNITS_PER_READ = 500;
const ROWS_PER_READ = 200;

const PLAIN: Lens = {
  *open({ texts }) {
    for (const text of Object.values(texts)) if (text !== null) yield text;
  },
  unit: ({ code, debug }) => [code, debug],
  image: (_, body) => body,
  address: (hash) => hash,
  unnamed: async () => undefined,
};

/** The candidates that nothing names, neither a program nor, by way of others, a unit or image that one names. */
export async function unreachable(rows: NamingRows): Promise<CollectedTexts> {
  const { lens = PLAIN } = rows;
  const { units, images, blobs } = rows.candidates;
  if (units.length + images.length + blobs.length === 0) return rows.candidates;
  const named = new Set<string>();
  const fresh: string[] = [];
  const known = new Set<string>();
  const note = (text: string): void => {
    for (const [hash] of text.matchAll(/[0-9a-f]{64}/g)) {
      if (known.has(hash)) continue;
      known.add(hash);
      const address = lens.address(hash);
      named.add(address);
      fresh.push(address);
    }
  };
  for await (const row of namingRows((page) => rows.read(page), ROWS_PER_READ)) {
    for (const text of lens.open(row)) note(text);
    note(row.names ?? "");
  }
  while (fresh.length > 0) {
    const hashes = fresh.splice(0, UNITS_PER_READ);
    for (const unit of await rows.readUnits(hashes)) for (const text of lens.unit(unit)) note(text);
    for (const hash of hashes) {
      const body = await rows.readImage(hash);
      if (body !== null) note(lens.image(hash, body));
    }
  }
  const unnamed = (hashes: readonly string[]) => hashes.filter((hash) => !named.has(hash));
  const found = { units: unnamed(units), images: unnamed(images), blobs: unnamed(blobs) };
  await lens.unnamed(found);
  return found;
}
