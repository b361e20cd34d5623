// What may be stored (E-9): ids and names without control characters, bodies that are canonical JSON texts, whole numbers.

import { isId } from "../base/ids.ts";
import { BODY_LENGTH_MAX, NAME_BYTES_MAX } from "../base/limits.ts";
import { isWellFormed } from "../base/text.ts";
import { badValue } from "./errors.ts";

const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const PRINTABLE = /^[\x20-\x7e]+$/;

/** An id, key, name, label or topic. */
export function checkName(what: string, text: string): void {
  if (typeof text !== "string" || text === "") throw badValue(what, "it is empty");
  if (CONTROL.test(text)) throw badValue(what, "it holds a control character");
  if (!isWellFormed(text)) throw badValue(what, "it holds a lone surrogate");
  if (text.length > NAME_BYTES_MAX || Buffer.byteLength(text) > NAME_BYTES_MAX) {
    throw badValue(what, `it is longer than ${NAME_BYTES_MAX} bytes`);
  }
}

/** A program, effect, interpreter or commit id: 26 characters of lower-case Crockford base32 (E-17). */
export function checkId(what: string, text: string): void {
  if (typeof text !== "string" || !isId(text))
    throw badValue(what, "it is not an id: 26 characters of 0-9 and a-z without i, l, o, u");
}

/** A canonical JSON text: only printable ASCII, everything else escaped, no half of a surrogate pair. */
export function checkBody(what: string, text: string): void {
  if (typeof text === "string" && text.length > BODY_LENGTH_MAX) {
    throw badValue(what, `it has ${text.length} characters, and ${BODY_LENGTH_MAX} are kept at most`);
  }
  if (typeof text !== "string" || !PRINTABLE.test(text)) {
    throw badValue(what, "it is not canonical JSON: it is empty or holds characters that must be escaped");
  }
  if (text.includes("\\ud") && hasLoneEscape(text)) throw badValue(what, "it holds a lone surrogate");
}

/** Whether an escape stands for half of a surrogate pair. */
function hasLoneEscape(text: string): boolean {
  let wanted = -1;
  for (const { 1: hex, index } of text.matchAll(/\\(?:u([0-9a-f]{4})|.)/g)) {
    const unit = hex === undefined ? 0 : Number.parseInt(hex, 16) & 0xfc00;
    if (wanted >= 0 && (unit !== 0xdc00 || index !== wanted)) return true;
    if (unit === 0xdc00 && wanted < 0) return true;
    wanted = unit === 0xd800 ? index + 6 : -1;
  }
  return wanted >= 0;
}

/** Any well-formed text: output, sources. */
export function checkText(what: string, text: string): void {
  if (typeof text !== "string" || !isWellFormed(text)) throw badValue(what, "it holds a lone surrogate");
}

/** A whole number that every database keeps exactly. */
export function checkInteger(what: string, value: number): void {
  if (!Number.isSafeInteger(value)) throw badValue(what, `${String(value)} is not a whole number within 2^53`);
}
