// Journal bodies as text: records with a fixed key order whose language values stay canonical JSON texts, never parsed here.
//
// A record is written as a JSON object with its keys in the order of its fields; where a field holds a `JsonText`, that text
// stands in place, not as a string. So a body reads naturally in the `sqlite3` shell and in `jq`, and depth, key order and
// numbers of values pass through untouched: reading cuts the object into the raw texts of its members.

import { FlowmetalError } from "../base/errors.ts";

/** Canonical JSON text (E-9): no white space, only printable ASCII. */
export type JsonText = string;

/** The members of an object text, each as its raw text, in order. */
export function splitMembers(text: JsonText): Map<string, JsonText> {
  const members = new Map<string, JsonText>();
  if (text === "{}") return members;
  let i = expect(text, 0, "{");
  for (;;) {
    const keyEnd = stringEnd(text, i);
    const key = keyOf(text, i, keyEnd);
    const start = expect(text, keyEnd, ":");
    const end = valueEnd(text, start);
    members.set(key, text.slice(start, end));
    if (text[end] === "}" && end === text.length - 1) return members;
    i = expect(text, end, ",");
  }
}

/** The elements of an array text, each as its raw text. */
export function splitElements(text: JsonText): JsonText[] {
  const elements: JsonText[] = [];
  if (text === "[]") return elements;
  let i = expect(text, 0, "[");
  for (;;) {
    const end = valueEnd(text, i);
    elements.push(text.slice(i, end));
    if (text[end] === "]" && end === text.length - 1) return elements;
    i = expect(text, end, ",");
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Where the value beginning at `i` ends: at the `,` or the closing bracket of what it is in. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  let i = start;
  while (i < text.length) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) {
      i = stringEnd(text, i);
      continue;
    }
    if (c === 0x7b || c === 0x5b) depth++;
    else if (c === 0x7d || c === 0x5d) {
      if (depth === 0) break;
      depth--;
    } else if (c === 0x2c && depth === 0) break;
    i++;
  }
  if (i === start || i >= text.length) throw malformed(text, i);
  return i;
}

function stringEnd(text: string, start: number): number {
  if (text.charCodeAt(start) !== QUOTE) throw malformed(text, start);
  for (let i = start + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) return i + 1;
    if (c === BACKSLASH) i++;
  }
  throw malformed(text, text.length);
}

function keyOf(text: string, start: number, end: number): string {
  try {
    return JSON.parse(text.slice(start, end)) as string;
  } catch {
    throw malformed(text, start);
  }
}

function expect(text: string, i: number, char: string): number {
  if (text[i] !== char) throw malformed(text, i);
  return i + 1;
}

function malformed(text: string, at: number): FlowmetalError {
  return new FlowmetalError(
    "journal/malformed",
    `a journal body is not what this engine writes, at offset ${at} of ${text.length}`,
  );
}
