// Ids as people type them: any case, with the letters that look like digits, shortened to a prefix.

import { isIdPrefix } from "../base/ids.ts";
import { asciiLower } from "../base/text.ts";

/** The prefix a text means, or null if no id could begin so. Crockford's alphabet reads i and l as 1, o as 0. */
export function idPrefix(text: string): string | null {
  const folded = asciiLower(text).replace(/[il]/g, "1").replace(/o/g, "0");
  return isIdPrefix(folded) ? folded : null;
}
