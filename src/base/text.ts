// Checks on JavaScript strings that every floor needs.

const SURROGATE = /[\ud800-\udfff]/;
const LONE_SURROGATE = /[\ud800-\udfff]/u;

/** True if code units and code points may differ in number. Constant time on one-byte strings (S-14). */
export function hasSurrogates(text: string): boolean {
  return SURROGATE.test(text);
}

/** True unless half of a surrogate pair stands alone (S-14). */
export function isWellFormed(text: string): boolean {
  return !SURROGATE.test(text) || !LONE_SURROGATE.test(text);
}

/**
 * White space as ECMAScript's `\\s` and `trim` have it, for the inside of a character class. Spelled out, as the host takes it from
 * its own tables of Unicode.
 */
export const SPACES = "\\t-\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff";

const SPACE = new RegExp(`[${SPACES}]`);

/** The text without white space at its beginning. */
export function trimStart(text: string): string {
  let from = 0;
  while (from < text.length && SPACE.test(text[from])) from++;
  return text.slice(from);
}

/** The text without white space at its end. */
export function trimEnd(text: string): string {
  let to = text.length;
  while (to > 0 && SPACE.test(text[to - 1])) to--;
  return text.slice(0, to);
}

/** The letters A to Z as small ones, and nothing else changed. */
export function asciiLower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The letters a to z as capitals, and nothing else changed. */
export function asciiUpper(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}
