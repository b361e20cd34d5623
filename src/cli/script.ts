// Gets the text of a script from a file, standard input or the command line, or refuses with what is wrong with it.
import { accessSync, constants, createReadStream, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { MoveBytes, Script } from "../client/client.ts";
import type { Surroundings } from "./context.ts";
import { FlowmetalError } from "../base/errors.ts";
import { closest } from "../base/suggest.ts";
import { decodeText, TEXT_BYTES_MAX, tooLarge } from "../source/decode-text.ts";

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
  if (file === "-") return { name: "<stdin>", text: decodeText(await surroundings.readInput(), "<stdin>") };
  return { name: file, text: decodeText(readFile(file, surroundings.cwd, commands), file) };
}

/** The bytes of a FILE argument that is no script, from the beginning each time; - is standard input, which is held in memory. */
export async function bytesOf(
  file: string,
  { cwd, readInput }: Pick<Surroundings, "cwd" | "readInput">,
): Promise<MoveBytes> {
  if (file === "-") {
    const bytes = await readInput();
    return () => [bytes];
  }
  const path = found(file, cwd, []);
  return () => createReadStream(path, { highWaterMark: READ_BYTES }) as AsyncIterable<Uint8Array>;
}

const READ_BYTES = 1 << 20;

function readFile(file: string, cwd: string, commands: readonly string[]): Uint8Array {
  return readFileSync(found(file, cwd, commands, TEXT_BYTES_MAX));
}

/** The path of a file that can be read. */
function found(file: string, cwd: string, commands: readonly string[], bytesMax = Infinity): string {
  const path = resolve(cwd, file);
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) {
      throw new FlowmetalError("cli/not-a-file", `${file} is a directory`, { hint: "Name a script inside it." });
    }
    if (stat.size > bytesMax) throw tooLarge(file);
    accessSync(path, constants.R_OK);
    return path;
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
