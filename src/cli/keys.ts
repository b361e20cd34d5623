// Which keys stores are sealed with: FLOWMETAL_KEY, else the file that FLOWMETAL_KEY_FILE or the nearest flowmetal.json names.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { FlowmetalError } from "../base/errors.ts";
import { type KeyRing, readKeys } from "../store/sealed/keys.ts";
import { nearestConfig } from "./config.ts";
import type { Surroundings } from "./context.ts";

/** The keys; none where none are set. Throws `seal/bad-key`. */
export function findKeys({ env, cwd }: Pick<Surroundings, "env" | "cwd">): KeyRing {
  const { FLOWMETAL_KEY: text = "", FLOWMETAL_KEY_FILE: named = "" } = env;
  if (text !== "") return readKeys(text, "FLOWMETAL_KEY");
  if (named !== "") return keysIn(resolve(cwd, named));
  const config = nearestConfig(cwd);
  return config === null || config.encryption === null ? [] : keysIn(resolve(dirname(config.file), config.encryption));
}

/** The keys in a file. */
export function keysIn(file: string): KeyRing {
  try {
    return readKeys(readFileSync(file, "utf8"), file);
  } catch (error) {
    if (error instanceof FlowmetalError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new FlowmetalError("seal/bad-key", `the file of keys ${file} cannot be read (${code})`, {
      hint: "flowmetal store key FILE makes one; FLOWMETAL_KEY_FILE, or `encryption` in flowmetal.json, names it",
    });
  }
}
