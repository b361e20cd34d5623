// Texts of any kind in a column that holds no NUL: output, sources, images, snapshots, chunks.
//
// PostgreSQL's text has every character but U+0000 (its manual, section 8.3). U+0001 stands before what it is not: `\u0001` `0`
// is a NUL, `\u0001` `1` is U+0001 itself. Nothing else changes, and hardly any text has either.

const HELD = /[\0\u0001]/g;
const ESCAPED = /\u0001([01])/g;

/** A text as it is stored. */
export function storedText(text: string): string {
  return text.includes("\0") || text.includes("\u0001")
    ? text.replace(HELD, (char) => (char === "\0" ? "\u00010" : "\u00011"))
    : text;
}

/** The text that is stored so. */
export function plainText(stored: string): string {
  return stored.includes("\u0001")
    ? stored.replace(ESCAPED, (_, which: string) => (which === "0" ? "\0" : "\u0001"))
    : stored;
}
