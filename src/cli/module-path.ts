// The search path of a script's modules: its own folder, then --path, then the nearest flowmetal.json.
import { dirname, isAbsolute, normalize, relative, resolve } from "node:path";
import type { PathEntry } from "../client/client.ts";
import { FlowmetalError } from "../base/errors.ts";
import { nearestConfig } from "./config.ts";

/**
 * The folders in the order they are looked in, each once. `file` is the script as it was named, or null for one that is in no
 * file, whose modules are beside the current directory.
 */
export function modulePath(file: string | null, named: readonly string[], cwd: string): PathEntry[] {
  const own = file === null ? "" : dirname(file);
  const scriptFolder = resolve(cwd, own);
  const config = nearestConfig(scriptFolder);
  const base = config === null ? scriptFolder : dirname(config.file);
  const entries = [
    { label: tidy(own), folder: scriptFolder },
    ...named.map((folder) => ({ label: tidy(checked(folder)), folder: resolve(cwd, folder) })),
    ...(config?.path ?? []).map((folder) => ({
      label: labelOf(resolve(base, folder), folder, cwd),
      folder: resolve(base, folder),
    })),
  ];
  return entries.filter((entry, i) => entries.findIndex(({ folder }) => folder === entry.folder) === i);
}

function checked(folder: string): string {
  if (folder !== "" && !folder.includes("\0")) return folder;
  throw new FlowmetalError("cli/usage", "--path names no folder", { hint: "Give the folder that modules are in." });
}

/** A folder as messages show it: as it was written, without what says nothing. */
function tidy(folder: string): string {
  const plain = normalize(folder).replace(/(.)[/\\]+$/, "$1");
  return plain === "." ? "" : plain;
}

/** A folder of a configuration as seen from the current directory, unless it is written as an absolute path. */
function labelOf(folder: string, written: string, cwd: string): string {
  return isAbsolute(written) ? tidy(folder) : relative(cwd, folder);
}
