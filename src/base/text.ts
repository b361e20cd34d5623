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
