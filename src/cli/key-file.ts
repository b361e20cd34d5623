// Writes a new key into a file of keys, before those that are there.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { FlowmetalError } from "../base/errors.ts";
import { systemRandom } from "../base/random.ts";
import { newKeyText, readKeys } from "../store/sealed/keys.ts";

/** Adds a key to a file, for its user alone; the file is there as a whole or as it was. Answers the key's id, and how many there are. */
export function addKey(file: string): { readonly id: string; readonly keys: number } {
  const key = newKeyText(systemRandom);
  const before = existsSync(file) ? read(file) : "";
  if (before !== "") readKeys(before, file);
  const text = `${key}\n${before}`;
  const part = `${file}.part`;
  try {
    const opened = openSync(part, "wx", 0o600);
    try {
      writeSync(opened, text);
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    renameSync(part, file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    if (code !== "EEXIST") rmSync(part, { force: true });
    throw new FlowmetalError("cli/cannot-write", `${file} cannot be written (${code})`, {
      hint: code === "EEXIST" ? `remove ${part} if nobody is writing it` : "name another file",
    });
  }
  const ring = readKeys(text, file);
  return { id: ring[0].id, keys: ring.length };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new FlowmetalError("cli/cannot-write", `${file} cannot be read (${code})`, { hint: "name another file" });
  }
}
