// The text in the bytes of a file, or what is wrong with them and where.
import { isUtf8 } from "node:buffer";
import { FlowmetalError } from "../base/errors.ts";

/** The most bytes a text may have. */
export const TEXT_BYTES_MAX = 64 * 1024 * 1024;

/** The text in the bytes, without a byte order mark. Throws `cli/not-text` with the place of the first byte that does not fit. */
export function decodeText(bytes: Uint8Array, name: string): string {
  if (bytes.length > TEXT_BYTES_MAX) throw tooLarge(name);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) throw notText(name, 0, bytes, "this is UTF-16");
  if (bytes[0] === 0xfe && bytes[1] === 0xff) throw notText(name, 0, bytes, "this is UTF-16");
  const nul = bytes.indexOf(0);
  if (nul >= 0) throw notText(name, nul, bytes, "this is no text: there is a NUL byte");
  if (!isUtf8(bytes)) throw notText(name, firstBadByte(bytes), bytes, "this is not UTF-8");
  return new TextDecoder().decode(bytes);
}

/** The refusal of a file that is too large to be a script. */
export function tooLarge(name: string): FlowmetalError {
  return new FlowmetalError("cli/not-text", `${name} is larger than 64 MB, the most a script may have`, {
    hint: "Keep data in files of its own.",
  });
}

function notText(name: string, offset: number, bytes: Uint8Array, what: string): FlowmetalError {
  const before = new TextDecoder().decode(bytes.subarray(0, offset)).split("\n");
  const column = [...(before.at(-1) as string)].length + 1;
  return new FlowmetalError("cli/not-text", what, {
    place: { file: name, line: before.length, column },
    hint: "A script is text in UTF-8. Save it so, or name another file.",
  });
}

/** Where the first byte stands that is no part of well-formed UTF-8. */
function firstBadByte(bytes: Uint8Array): number {
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(0x0a, start);
    const line = bytes.subarray(start, end < 0 ? bytes.length : end);
    if (!isUtf8(line)) return start + firstBadInLine(line);
    if (end < 0) return bytes.length;
    start = end + 1;
  }
}

function firstBadInLine(line: Uint8Array): number {
  let at = 0;
  for (const char of new TextDecoder("utf-8", { ignoreBOM: true }).decode(line)) {
    const isReplaced = char === "\ufffd" && !(line[at] === 0xef && line[at + 1] === 0xbf && line[at + 2] === 0xbd);
    if (isReplaced) return at;
    at += Buffer.byteLength(char);
  }
  return at;
}
