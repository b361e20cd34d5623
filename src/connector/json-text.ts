// Splitting JSON text into its members without parsing them: order, wide integers and the spelling of numbers survive.

/** One member of a JSON object: its key, and the text of its value as it stands in the source. */
export interface Member {
  readonly key: string;
  readonly text: string;
}

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** The members of a JSON object in the order of the text, or null when `text` is valid JSON but no object. */
export function objectMembers(text: string): Member[] | null {
  const parts = split(text, OPEN_BRACE);
  if (parts === null) return null;
  return parts.map(([from, colon, to]) => ({
    key: JSON.parse(text.slice(from, colon)) as string,
    text: text.slice(colon + 1, to).trim(),
  }));
}

/** The texts of the items of a JSON array, or null when `text` is valid JSON but no array. */
export function arrayItems(text: string): string[] | null {
  const parts = split(text, OPEN_BRACKET);
  return parts === null ? null : parts.map(([from, , to]) => text.slice(from, to).trim());
}

/**
 * The top-level parts of a JSON object or array as offsets (from, colon, to); the colon means nothing in an array. The
 * text must be valid JSON. Counts brackets instead of recursing, so depth costs nothing.
 */
function split(text: string, opening: number): [number, number, number][] | null {
  const begin = text.search(/\S/);
  if (text.charCodeAt(begin) !== opening) return null;
  const parts: [number, number, number][] = [];
  let depth = 0;
  let from = begin + 1;
  let colon = -1;
  for (let i = begin; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        i = endOfString(text, i);
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        depth++;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        if (--depth === 0) {
          if (text.slice(from, i).trim() !== "") parts.push([from, colon, i]);
          return parts;
        }
        break;
      case COLON:
        if (depth === 1) colon = i;
        break;
      case COMMA:
        if (depth === 1) {
          parts.push([from, colon, i]);
          from = i + 1;
        }
        break;
    }
  }
  return parts;
}

/** The offset of the quote that closes the string opened at `from`. */
function endOfString(text: string, from: number): number {
  let i = from + 1;
  while (i < text.length && text.charCodeAt(i) !== QUOTE) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1;
  return i;
}
