// Gets the text of a script from a file, standard input or the command line, or refuses with what is wrong with it.
import { isUtf8 } from "node:buffer";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { Script } from "../client/client.ts";
import type { Surroundings } from "./context.ts";
import { FlowmetalError } from "../base/errors.ts";
import { closest } from "../base/suggest.ts";

const BYTES_MAX = 64 * 1024 * 1024;

/** The forms given on the command line. */
export function scriptOfForms(text: string): Script {
  return { name: "<forms>", text };
}

/** The script a FILE argument means. `commands`: what it could have been meant for instead. */
export async function readScript(
  file: string,
  surroundings: Pick<Surroundings, "cwd" | "readInput">,
  commands: readonly string[],
): Promise<Script> {
  if (file === "-") return { name: "<stdin>", text: decode(await surroundings.readInput(), "<stdin>") };
  return { name: file, text: decode(readFile(file, surroundings.cwd, commands), file) };
}

function readFile(file: string, cwd: string, commands: readonly string[]): Uint8Array {
  const path = resolve(cwd, file);
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) {
      throw new FlowmetalError("cli/not-a-file", `${file} is a directory`, { hint: "Name a script inside it." });
    }
    if (stat.size > BYTES_MAX) throw tooLarge(file);
    return readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") throw missing(file, path, commands);
    if (code === "EACCES" || code === "EPERM") {
      throw new FlowmetalError("cli/no-access", `${file} may not be read by this user`, {
        hint: "Look at its permissions.",
      });
    }
    throw error;
  }
}

function missing(file: string, path: string, commands: readonly string[]): Error {
  const command = /[./]/.test(file) ? null : closest(file, commands);
  const neighbour = closest(basename(path), namesIn(dirname(path)));
  const help =
    command !== null
      ? `Did you mean the command ${command}? See flowmetal --help.`
      : neighbour !== null
        ? `Did you mean ${file.slice(0, file.length - basename(file).length)}${neighbour}?`
        : "Check the path; it counts from the current directory.";
  return new FlowmetalError("cli/no-such-file", `there is no file ${file}`, { hint: help });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function tooLarge(file: string): Error {
  return new FlowmetalError("cli/not-text", `${file} is larger than 64 MB, the most a script may have`, {
    hint: "Keep data in files of its own.",
  });
}

/** The text in the bytes, without a byte order mark. */
function decode(bytes: Uint8Array, name: string): string {
  if (bytes.length > BYTES_MAX) throw tooLarge(name);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) throw notText(name, 0, bytes, "this is UTF-16");
  if (bytes[0] === 0xfe && bytes[1] === 0xff) throw notText(name, 0, bytes, "this is UTF-16");
  const nul = bytes.indexOf(0);
  if (nul >= 0) throw notText(name, nul, bytes, "this is no text: there is a NUL byte");
  if (!isUtf8(bytes)) throw notText(name, firstBadByte(bytes), bytes, "this is not UTF-8");
  return new TextDecoder().decode(bytes);
}

function notText(name: string, offset: number, bytes: Uint8Array, what: string): Error {
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
