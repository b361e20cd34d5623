// Which content-addressed rows nothing names any more (E-19), by reading what there is: bodies name rows by their hashes.
//
// A hash is found wherever it stands, so that a value of the user's that happens to read like one keeps a row at worst.

import type { CollectedTexts, UnitRow } from "./rows.ts";

/** What a store must be able to read for it. */
export interface NamingRows {
  /** The hashes of rows that nobody has touched for long enough. */
  readonly candidates: CollectedTexts;
  /** Every text of programs that can name a row: journals, snapshots, chunks, inboxes, results, starts. */
  bodies(): AsyncIterable<string>;
  readUnits(hashes: readonly string[]): Promise<readonly UnitRow[]>;
  readImage(hash: string): Promise<string | null>;
}

/** Units one read asks for. */
const UNITS_PER_READ = 500;

/** The candidates that nothing names, neither a program nor, by way of others, a unit or image that one names. */
export async function unreachable(rows: NamingRows): Promise<CollectedTexts> {
  const { units, images, blobs } = rows.candidates;
  if (units.length + images.length + blobs.length === 0) return rows.candidates;
  const named = new Set<string>();
  const fresh: string[] = [];
  const note = (text: string): void => {
    for (const [hash] of text.matchAll(/[0-9a-f]{64}/g)) {
      if (named.has(hash)) continue;
      named.add(hash);
      fresh.push(hash);
    }
  };
  for await (const body of rows.bodies()) note(body);
  while (fresh.length > 0) {
    const hashes = fresh.splice(0, UNITS_PER_READ);
    for (const { code, debug } of await rows.readUnits(hashes)) {
      note(code);
      note(debug);
    }
    for (const hash of hashes) note((await rows.readImage(hash)) ?? "");
  }
  const unnamed = (hashes: readonly string[]) => hashes.filter((hash) => !named.has(hash));
  return { units: unnamed(units), images: unnamed(images), blobs: unnamed(blobs) };
}
