// Rows for a parameter that holds many: JSON arrays, each of so many rows that it is neither long nor slow to read.

/** Rows written by one statement, and about how many characters of them. */
const ROWS_MAX = 1_000;
const LENGTH_MAX = 4 << 20;

/** The rows as texts of JSON arrays, in order; no text for no rows. */
export function* inPieces(rows: Iterable<unknown>): Iterable<string> {
  let part: string[] = [];
  let length = 0;
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (part.length > 0 && (part.length === ROWS_MAX || length + text.length > LENGTH_MAX)) {
      yield `[${part.join(",")}]`;
      part = [];
      length = 0;
    }
    part.push(text);
    length += text.length;
  }
  if (part.length > 0) yield `[${part.join(",")}]`;
}
